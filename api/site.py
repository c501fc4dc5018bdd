"""The routes of pages, and of the files that pages need. What a page says is put together in `api.pages`.

That takes a while, so it is done beside the event loop.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final, Literal, TypeAlias

import msgspec
from litestar import Request, Response, Router
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from api import browsing, oembed
from api.pages.render import (
    Asked,
    announcement_page,
    drawing_fragment,
    embed_page,
    home_page,
    timeline_fragment,
    timeline_page,
)
from api.reading import At, Position, R, Reader, found
from api.serving import P, asked_of, get, part_of, sources_of, today
from events.record import Timeline
from events.views.clocks import Clocks
from events.views.definition import TimelineDefinition
from events.views.filters import Filter
from events.views.listing import LIMIT_MAX

TIMELINES_LOOKED_AT_MAX: Final = 20
"""So many timelines are asked whether an announcement is on them, and counted on the front page."""
Part: TypeAlias = FromQuery[Literal["page", "timeline", "drawing"]]


@get("/")
async def home(reader: R, pages: P, clocks: At) -> Response[bytes]:
    """Return the front page."""
    listed = await reader.views.read.timelines(clocks, limit=LIMIT_MAX)
    shown = [await _counted(reader, one, clocks) for one in listed.items[:TIMELINES_LOOKED_AT_MAX]]
    shown += [_without_items(one) for one in listed.items[TIMELINES_LOOKED_AT_MAX:]]
    changes = await browsing.changes(reader, clocks, pages.site.base_path)
    html = await asyncio.to_thread(home_page, shown, pages.site, changes)
    return pages.page(html, listed.position)


@get("/timelines/{slug:str}")
async def timeline(
    slug: FromPath[str],
    reader: R,
    pages: P,
    clocks: At,
    asked: NamedDependency[Asked],
    cursor: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Return a timeline's page."""
    around = await part_of(reader, slug, clocks, cursor)
    shown, asked = around.timeline, msgspec.structs.replace(asked, previous=around.previous)
    sources = await sources_of(reader, shown.items, clocks)
    html = await asyncio.to_thread(timeline_page, shown, sources=sources, site=pages.site, today=today(), asked=asked)
    return pages.page(html, shown.position)


@get("/embed/{slug:str}")
async def embed(
    slug: FromPath[str],
    reader: R,
    pages: P,
    clocks: At,
    asked: NamedDependency[Asked],
    cursor: FromQuery[str | None] = None,
    part: Part = "page",
) -> Response[bytes]:
    """Return a timeline for a frame, or the part of it that the widget asks for."""
    around = await part_of(reader, slug, clocks, cursor)
    shown, asked = around.timeline, msgspec.structs.replace(asked, previous=around.previous)
    if part == "drawing":
        drawn = await asyncio.to_thread(drawing_fragment, shown, site=pages.site, today=today(), asked=asked)
        return pages.page(drawn, shown.position)
    sources = await sources_of(reader, shown.items, clocks)
    made = embed_page if part == "page" else timeline_fragment
    html = await asyncio.to_thread(made, shown, sources=sources, site=pages.site, today=today(), asked=asked)
    return pages.page(html, shown.position, embedded=True)


@get("/announcements/{id:str}")
async def announcement(
    request: Request[Any, Any, Any],
    id: FromPath[str],
    reader: R,
    pages: P,
    clocks: At,
    asked: NamedDependency[Asked],
) -> Response[bytes] | Redirect:
    """Return the page of an announcement's whole life; that of a merged one leads to what it was merged into."""
    read = reader.views.read
    shown = found(await read.announcement(id, clocks), "announcement", id)
    if isinstance(shown.merged_into, str):
        home = f"{pages.site.base_path}/announcements/{shown.merged_into}"
        return Redirect(f"{home}?{request.url.query}" if request.url.query else home)
    html = await asyncio.to_thread(
        announcement_page,
        shown,
        history=await read.history(id, clocks),
        sources=await sources_of(reader, [shown], clocks),
        timelines=await _timelines_with(reader, id, clocks),
        site=pages.site,
        today=today(),
        asked=asked,
        titles=await _titles(reader, [link.to for link in shown.links], clocks),
    )
    return pages.page(html, shown.position)


@get("/static/{name:str}", opt={"scope": None})
async def static(name: FromPath[str], pages: P) -> Response[bytes]:
    """Return a file that pages need."""
    return pages.file(f"static/{name}")


@get("/widget/{name:str}", opt={"scope": None})
async def widget(name: FromPath[str], pages: P) -> Response[bytes]:
    """Return the widget."""
    return pages.file(f"widget/{name}")


async def _clocks(
    request: Request[Any, Any, Any],
    reader: R,
    as_of: FromQuery[str | None] = None,
    said_by: FromQuery[str | None] = None,
    min_position: Position = None,
) -> Clocks:
    """Return the clocks that a form asks for; a field left empty asks for nothing."""
    return await reader.clocks(request, as_of or None, said_by or None, min_position)


ROUTES: Final = Router(
    "/",
    route_handlers=(home, timeline, embed, announcement, static, widget, *browsing.HANDLERS, oembed.oembed),
    dependencies={"clocks": Provide(_clocks), "asked": Provide(asked_of), **browsing.DEPENDENCIES},
)


async def _timelines_with(reader: Reader, id: str, clocks: Clocks) -> list[Timeline]:
    """Return the first timelines that an announcement is on."""
    read, only = reader.views.read, Filter(id=(id,))
    listed = await read.timelines(clocks, limit=TIMELINES_LOOKED_AT_MAX)
    asked = await asyncio.gather(*(read.timeline(one.slug, clocks, limit=1, wanted=only) for one in listed.items))
    return [timeline for timeline in asked if timeline is not None and timeline.total]


async def _titles(reader: Reader, ids: Sequence[str], clocks: Clocks) -> dict[str, str]:
    listed = await reader.views.read.announcements(Filter(id=tuple(ids)), clocks, limit=LIMIT_MAX) if ids else None
    return {one.id: one.title for one in listed.items} if listed else {}


async def _counted(reader: Reader, one: TimelineDefinition, clocks: Clocks) -> Timeline:
    return await reader.views.read.timeline(one.slug, clocks, limit=1) or _without_items(one)


def _without_items(one: TimelineDefinition) -> Timeline:
    return Timeline(
        slug=one.slug, title=one.title, description=one.description, query=one.query, items=(), next=None, total=0,
        position=one.position, as_of=None, said_by=None,
    )  # fmt: skip
