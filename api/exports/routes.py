"""The routes of exports: a list or a timeline in each format, and how to cite a thing.

The end of an address names the format. Litestar takes a whole part of a path or none of it, so the end of a timeline's
address is made a part of its own on the way (`Suffixes`): `/v1/timelines/spring.ics` is routed as
`/v1/timelines/spring/.ics`, and described as it is asked for (`public_path`).
"""

import asyncio
import re
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Final, TypeAlias
from urllib.parse import quote

from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.enums import ScopeType
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.types import ASGIApp, Receive, Scope, Send

from api.answers import tag_of
from api.exports.addresses import IN_ADDRESSES, asked_of, following, home_of, in_words, permanent, present
from api.exports.atom import ENTRIES_MAX
from api.exports.citing import WAYS, Work
from api.exports.export import Export, one_line
from api.exports.formats import FORMATS, Format
from api.pages.render import Site
from api.pages.urls import path, web_address
from api.reading import STATES, At, Paging, Part, R, found
from events.views.clocks import Clocks
from events.views.exported import EXPORTED_MAX, Exported
from events.views.filters import Filter
from events.views.turns import Turns

AT_ONCE_MAX: Final = 2
"""So many exports are written at once, each of them in memory; others wait."""
_SUFFIXED: Final = re.compile(r"(/v1/timelines/[^/.]+)(\.[a-z.]+)")
_ROUTED: Final = re.compile(r"(/timelines/\{[a-z]+\})/\.")

Limit: TypeAlias = Annotated[int, QueryParameter(ge=1, le=EXPORTED_MAX)]


class Suffixes:
    """Stands before the router: parts what an address ends with from the timeline's name."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] == ScopeType.HTTP and (match := _SUFFIXED.fullmatch(scope["path"])):
            scope["path"] = f"{match[1]}/{match[2]}"
        await self._app(scope, receive, send)


def public_path(template: str) -> str:
    """Return the template of a path as it is asked for.

    >>> public_path("/v1/timelines/{slug}/.ics")
    '/v1/timelines/{slug}.ics'
    """
    return _ROUTED.sub(r"\1.", template)


class Exporter:
    """What the routes of exports share: whose exports they are, and how many are written at once."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._turns = Turns(AT_ONCE_MAX)

    def dependencies(self) -> dict[str, Provide]:
        """Return what the routes are given, by name."""
        return {"exporter": Provide(self._exporter)}

    def export(
        self, request: Request[Any, Any, Any], read: Exported, clocks: Clocks, log_id: str, *, under: str
    ) -> Export:
        """Return what to write of what was read, which is served under a path."""
        asked, home, timeline = asked_of(request), home_of(request, self._site), read.timeline
        address, more = home + under, read.listed.next
        return Export(
            title="Announcements" if timeline is None else timeline.title,
            description=in_words(asked) if timeline is None else timeline.description,
            items=read.listed.items,
            sources=read.sources,
            total=read.listed.total,
            position=read.position,
            recorded_at=read.recorded_at,
            log_id=log_id,
            name=self._site.name,
            license=self._site.data_license,
            home=home,
            page=f"{home}/" if timeline is None else path(home, "timelines", timeline.slug),
            address=present(address, asked),
            permalink=permanent(address, asked, read.position),
            following=following(address, asked, more) if more else None,
            next=more,
            timeline=timeline,
            clocks=clocks,
        )

    async def written(self, export: Export, format: Format, name: str) -> Response[bytes]:
        """Return an export in a format, as a file of that name. Raises `ReadsFull`."""
        async with self._turns.turn():
            body = await asyncio.to_thread(format.body, export)
        kind = "attachment" if format.is_file else "inline"
        headers = {
            "ETag": tag_of(export.position, body),
            "Content-Disposition": f'{kind}; filename="{name}.{format.suffix}"',
            "Link": _links(export, is_feed=format.is_feed),
        }
        return Response(body, media_type=format.media_type, headers=headers)

    def cited(
        self, request: Request[Any, Any, Any], read: Exported, way: str, page: str, title: str
    ) -> Response[bytes]:
        """Return how to cite what has a page, in one of the ways that there are."""
        home = home_of(request, self._site)
        work = Work(
            id=f"{page.strip('/').replace('/', ':')}:{read.position}",
            title=one_line(title),
            collection=one_line(self._site.name),
            position=read.position,
            recorded_at=read.recorded_at,
            permalink=permanent(home + page, asked_of(request), read.position),
            license=one_line(self._site.data_license),
        )
        media_type, write = WAYS[way]
        body = write(work).encode()
        return Response(body, media_type=media_type, headers={"ETag": tag_of(read.position, body)})

    async def _exporter(self) -> "Exporter":
        return self


E: TypeAlias = NamedDependency[Exporter]
AnyRequest: TypeAlias = Request[Any, Any, Any]
Exports: TypeAlias = Callable[..., Coroutine[Any, Any, Response[bytes]]]


def _list_route(format: Format) -> HTTPRouteHandler:
    async def exported(
        request: AnyRequest, reader: R, exporter: E, clocks: At, paging: Part, wanted: NamedDependency[Filter]
    ) -> Response[bytes]:
        read = found(await reader.views.read.exported(wanted, clocks, limit=paging.limit, cursor=paging.cursor), "", "")
        under = f"/v1/announcements.{format.suffix}"
        export = exporter.export(request, read, clocks, (await reader.log.head()).log_id, under=under)
        return await exporter.written(export, format, "announcements")

    exported.__doc__ = f"Return announcements as `{format.suffix}`, {_order(format)}."
    return _route(f"/announcements.{format.suffix}", exported, format, "announcements")


def _timeline_route(format: Format) -> HTTPRouteHandler:
    async def exported(
        slug: FromPath[str],
        request: AnyRequest,
        reader: R,
        exporter: E,
        clocks: At,
        paging: Part,
        wanted: NamedDependency[Filter],
    ) -> Response[bytes]:
        asked = reader.views.read.exported(wanted, clocks, limit=paging.limit, cursor=paging.cursor, timeline=slug)
        read, under = found(await asked, "timeline", slug), f"/v1/timelines/{slug}.{format.suffix}"
        export = exporter.export(request, read, clocks, (await reader.log.head()).log_id, under=under)
        return await exporter.written(export, format, slug)

    exported.__doc__ = f"Return a timeline as `{format.suffix}`, {_order(format)}."
    return _route(f"/timelines/{{slug:str}}/.{format.suffix}", exported, format, "timeline")


def _cite_announcement_route(way: str) -> HTTPRouteHandler:
    async def cited(id: FromPath[str], request: AnyRequest, reader: R, exporter: E, clocks: At) -> Response[bytes]:
        only = Filter(id=(id,), state=tuple(sorted(STATES)))
        read = found(await reader.views.read.exported(only, clocks, limit=1), "announcement", id)
        item = found(next(iter(read.listed.items), None), "announcement", id)
        return exporter.cited(request, read, way, path("", "announcements", id), item.title)

    cited.__doc__ = f"Return how to cite an announcement as it was recorded, as `{way}`."
    return _cite_route(f"/announcements/{{id:str}}/cite.{way}", cited, way, "announcement")


def _cite_timeline_route(way: str) -> HTTPRouteHandler:
    async def cited(slug: FromPath[str], request: AnyRequest, reader: R, exporter: E, clocks: At) -> Response[bytes]:
        read = found(await reader.views.read.exported(Filter(), clocks, limit=1, timeline=slug), "timeline", slug)
        title = read.timeline.title if read.timeline else slug
        return exporter.cited(request, read, way, path("", "timelines", slug), title)

    cited.__doc__ = f"Return how to cite a timeline as it was recorded, as `{way}`."
    return _cite_route(f"/timelines/{{slug:str}}/cite.{way}", cited, way, "timeline")


def _route(at: str, exported: Exports, format: Format, name: str) -> HTTPRouteHandler:
    exported.__name__ = f"{name}_{format.suffix.replace('.', '_')}"
    paging = {"paging": Provide(_all if format.is_feed else _paging)}
    return get(at, media_type=format.media_type, dependencies=paging)(exported)


def _cite_route(at: str, cited: Exports, way: str, name: str) -> HTTPRouteHandler:
    cited.__name__ = f"cite_{name}_{way}"
    return get(at, media_type=WAYS[way][0])(cited)


async def _paging(limit: Limit = EXPORTED_MAX, cursor: FromQuery[str | None] = None) -> Paging:
    return Paging(limit=limit, cursor=cursor)


async def _all() -> Paging:
    return Paging(limit=EXPORTED_MAX, cursor=None)


def _order(format: Format) -> str:
    return f"the {ENTRIES_MAX} that changed last" if format.is_feed else f"by date, up to {EXPORTED_MAX} at once"


def _links(export: Export, *, is_feed: bool) -> str:
    """Return the `Link` header: where it stays as it is, its page, its licence, and where it goes on."""
    links = {"memento": export.permalink, "alternate": export.page}
    if web_address(export.license):
        links["license"] = quote(export.license, safe=IN_ADDRESSES)
    if export.following and not is_feed:
        links["next"] = export.following
    return ", ".join(f'<{address}>; rel="{relation}"' for relation, address in links.items())


HANDLERS: Final = (
    *(_list_route(format) for format in FORMATS),
    *(_timeline_route(format) for format in FORMATS),
    *(_cite_announcement_route(way) for way in WAYS),
    *(_cite_timeline_route(way) for way in WAYS),
)
