"""The routes of exports: a list or a timeline in each format, and how to cite a thing.

The end of an address names the format. Litestar takes a whole part of a path or none of it, so the end of a timeline's
address is made a part of its own on the way (`Suffixes`): `/v1/timelines/spring.ics` is routed as
`/v1/timelines/spring/.ics`, and described as it is asked for (`public_path`).
"""

import re
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Final, TypeAlias

from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.enums import ScopeType
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.types import ASGIApp, Receive, Scope, Send

from api.exports.atom import ENTRIES_MAX
from api.exports.citing import WAYS
from api.exports.exporter import Exporter
from api.exports.formats import FORMATS, Format
from api.listings import AGENDA_DAYS, Days, require_due
from api.pages.urls import path
from api.reading import STATES, At, Paging, Part, R, found
from events.views.exported import EXPORTED_MAX
from events.views.filters import Filter

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


E: TypeAlias = NamedDependency[Exporter]
W: TypeAlias = NamedDependency[Filter]
AnyRequest: TypeAlias = Request[Any, Any, Any]
Exports: TypeAlias = Callable[..., Coroutine[Any, Any, Response[bytes]]]


def _announcements(format: Format) -> HTTPRouteHandler:
    async def exported(
        request: AnyRequest, reader: R, exporter: E, clocks: At, paging: Part, wanted: W
    ) -> Response[bytes]:
        read = await reader.views.read.exported(wanted, clocks, limit=paging.limit, cursor=paging.cursor)
        assert read is not None
        return await exporter.exported(request, read, clocks, format, under="/v1/announcements")

    exported.__doc__ = f"Return announcements as `{format.suffix}`, {_order(format)}."
    return _route("announcements", "/announcements", exported, format)


def _agenda(format: Format) -> HTTPRouteHandler:
    async def exported(
        request: AnyRequest, reader: R, exporter: E, clocks: At, paging: Part, wanted: W, days: Days = AGENDA_DAYS
    ) -> Response[bytes]:
        read = await reader.views.read.exported_agenda(days, wanted, clocks, limit=paging.limit, cursor=paging.cursor)
        return await exporter.exported(request, read, clocks, format, under="/v1/agenda")

    exported.__doc__ = f"Return what is to come within `days` days as `{format.suffix}`, {_order(format)}."
    return _route("agenda", "/agenda", exported, format)


def _due(format: Format) -> HTTPRouteHandler:
    async def exported(
        request: AnyRequest, reader: R, exporter: E, clocks: At, paging: Part, wanted: W
    ) -> Response[bytes]:
        require_due(wanted)
        read = await reader.views.read.exported_due(wanted, clocks, limit=paging.limit, cursor=paging.cursor)
        return await exporter.exported(request, read, clocks, format, under="/v1/due")

    exported.__doc__ = f"Return what is due or overdue as `{format.suffix}`, {_order(format)}."
    return _route("due", "/due", exported, format)


def _timeline(format: Format) -> HTTPRouteHandler:
    async def exported(
        slug: FromPath[str], request: AnyRequest, reader: R, exporter: E, clocks: At, paging: Part, wanted: W
    ) -> Response[bytes]:
        asked = reader.views.read.exported(wanted, clocks, limit=paging.limit, cursor=paging.cursor, timeline=slug)
        read = found(await asked, "timeline", slug)
        return await exporter.exported(request, read, clocks, format, under=f"/v1/timelines/{slug}")

    exported.__doc__ = f"Return a timeline as `{format.suffix}`, {_order(format)}."
    return _route("timeline", "/timelines/{slug:str}/", exported, format)


def _cited_announcement(way: str) -> HTTPRouteHandler:
    async def cited(id: FromPath[str], request: AnyRequest, reader: R, exporter: E, clocks: At) -> Response[bytes]:
        only = Filter(id=(id,), state=tuple(sorted(STATES)))
        read = found(await reader.views.read.exported(only, clocks, limit=1), "announcement", id)
        item = found(next(iter(read.listed.items), None), "announcement", id)
        return exporter.cited(request, read, way, path("", "announcements", id), item.title)

    cited.__doc__ = f"Return how to cite an announcement as it was recorded, as `{way}`."
    return _cite_route(f"/announcements/{{id:str}}/cite.{way}", cited, way, "announcement")


def _cited_timeline(way: str) -> HTTPRouteHandler:
    async def cited(slug: FromPath[str], request: AnyRequest, reader: R, exporter: E, clocks: At) -> Response[bytes]:
        read = found(await reader.views.read.exported(Filter(), clocks, limit=1, timeline=slug), "timeline", slug)
        title = read.timeline.title if read.timeline else slug
        return exporter.cited(request, read, way, path("", "timelines", slug), title)

    cited.__doc__ = f"Return how to cite a timeline as it was recorded, as `{way}`."
    return _cite_route(f"/timelines/{{slug:str}}/cite.{way}", cited, way, "timeline")


def _route(name: str, at: str, exported: Exports, format: Format) -> HTTPRouteHandler:
    exported.__name__ = f"{name}_{format.suffix.replace('.', '_')}"
    paging = {"paging": Provide(_all if format.is_feed else _paging)}
    return get(f"{at}.{format.suffix}", media_type=format.media_type, dependencies=paging)(exported)


def _cite_route(at: str, cited: Exports, way: str, name: str) -> HTTPRouteHandler:
    cited.__name__ = f"cite_{name}_{way}"
    return get(at, media_type=WAYS[way][0])(cited)


async def _paging(limit: Limit = EXPORTED_MAX, cursor: FromQuery[str | None] = None) -> Paging:
    return Paging(limit=limit, cursor=cursor)


async def _all() -> Paging:
    return Paging(limit=EXPORTED_MAX, cursor=None)


def _order(format: Format) -> str:
    return f"the {ENTRIES_MAX} that changed last" if format.is_feed else f"in order, up to {EXPORTED_MAX} at once"


HANDLERS: Final = (
    *(route(format) for route in (_announcements, _timeline, _agenda, _due) for format in FORMATS),
    *(route(way) for route in (_cited_announcement, _cited_timeline) for way in WAYS),
)
