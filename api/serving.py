"""What the routes of pages stand on: whose pages they are, who may frame them, and the files that go with them."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final, TypeAlias

from litestar import Request, Response
from litestar import get as route
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery, QueryParameter

from api.answers import tag_of
from api.assets import asset
from api.pages.render import PX_MAX, PX_MIN, Asked, Site, error_page
from api.problems import CODE, Fault, headers_of, problem_of, respond
from api.reading import At, From, Reader, day_of, found
from events.days import parse_day
from events.record import Announcement, Source, citations_of
from events.views.around import Part
from events.views.clocks import Clocks

HTML: Final = "text/html"
WITHIN: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors "
)
MEDIA_TYPES: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
_HERE: Final = Path(__file__).parent
FOLDERS: Final = {"static": _HERE / "pages" / "static", "widget": asset("widget")}

PAGE_ITEMS_MAX: Final = 200
"""So many announcements of a timeline are on a page."""

Width: TypeAlias = Annotated[int | None, QueryParameter(ge=PX_MIN, le=PX_MAX)]
get: Final = partial(route, include_in_schema=False)


class Pages:
    """What all pages share: whose they are, who may frame them, and the files that go with them."""

    def __init__(self, site: Site, *, frame_ancestors: str) -> None:
        self.site = site
        self.frame_ancestors = frame_ancestors
        self._files = {
            f"{folder}/{path.name}": path.read_bytes()
            for folder, place in FOLDERS.items()
            for path in sorted(place.glob("*"))
            if path.suffix in MEDIA_TYPES
        }

    def dependencies(self) -> dict[str, Provide]:
        """Return what the routes are given, by name."""
        return {"pages": Provide(self._pages)}

    def page(self, html: str, position: int, *, embedded: bool = False) -> Response[bytes]:
        """Return a page, or a part of one."""
        body = html.encode()
        policy = WITHIN + (self.frame_ancestors if embedded else "'none'")
        headers = {"ETag": tag_of(position, body), "Content-Security-Policy": policy}
        return Response(body, media_type=HTML, headers=headers)

    def error(self, request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        """Answer an error: a page for browsers that asked for one, a problem for everybody else."""
        if request.scope["path"].startswith("/v1/") or "text/html" not in request.headers.get("accept", ""):
            return respond(request, error)
        told = problem_of(error)
        request.scope["state"][CODE] = told.code
        headers = {**headers_of(told, error), "Content-Security-Policy": f"{WITHIN}'none'"}
        body = error_page(told.status, "", told.detail, self.site).encode()
        return Response(body, status_code=told.status, media_type=HTML, headers=headers)

    def file(self, name: str) -> Response[bytes]:
        """Return a file of ours; raises `NotFound`."""
        body = found(self._files.get(name), "file", name)
        tag = f'"{sha256(body).hexdigest()[:32]}"'
        return Response(body, media_type=MEDIA_TYPES[Path(name).suffix], headers={"ETag": tag})

    async def _pages(self) -> "Pages":
        return self


P: TypeAlias = NamedDependency[Pages]


async def asked_of(
    clocks: At,
    from_: From = None,
    to: FromQuery[str | None] = None,
    px: Width = None,
) -> Asked:
    """Return what is asked of a timeline's pages; a field left empty asks for nothing. Raises `Fault`."""
    first, last = day_of("from", from_ or None), day_of("to", to or None)
    if (first is None) != (last is None) or (first is not None and last is not None and first > last):
        raise Fault("parameter-invalid", "`from` and `to` go together, the earlier one first", pointer="?from")
    return Asked(
        said_by=clocks.said_by,
        as_of=clocks.as_of,
        as_of_at=clocks.as_of_at,
        first=from_ if first is not None else None,
        last=to if last is not None else None,
        px=px,
    )


async def part_of(reader: Reader, slug: str, clocks: Clocks, cursor: str | None) -> Part:
    """Return a page of a timeline, without a cursor that around today, or around the day it is asked to be."""
    day = today() if clocks.said_by is None else min(today(), parse_day(clocks.said_by[:10]))
    part = await reader.views.read.part(slug, clocks, day=day, limit=PAGE_ITEMS_MAX, cursor=cursor)
    return found(part, "timeline", slug)


async def sources_of(reader: Reader, announcements: Iterable[Announcement], clocks: Clocks) -> dict[str, Source]:
    """Return the sources that announcements cite, by id."""
    ids = sorted({citation.source for one in announcements for citation in citations_of(one)})
    read = await asyncio.gather(*(reader.views.read.source(id, clocks) for id in ids))
    return {source.id: source for source in read if source is not None}


def today() -> int:
    """Return the day it is, in UTC."""
    return datetime.now(UTC).toordinal()
