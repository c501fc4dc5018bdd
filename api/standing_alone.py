"""The routes of timelines as files that stand alone: `{slug}.html` and `{slug}.svg`.

Their addresses reach the router as `{slug}/.html` and `{slug}/.svg`: see `api.exports.routes`.
"""

import asyncio
from typing import Annotated, Any, Final, TypeAlias

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, QueryParameter

from api.answers import tag_of
from api.exports.addresses import home_of
from api.pages.render import Asked
from api.pages.standalone import STYLE_HASH, timeline_html, timeline_svg
from api.reading import At, R, found
from api.serving import P, asked_of, part_of, sources_of, today
from events.views.around import Part

HTML: Final = "text/html"
SVG: Final = "image/svg+xml"
WITHIN: Final = f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; base-uri 'none'; frame-ancestors "
DRAWN: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors *"
"""A drawing is shown in pages of others; nothing but its own style is loaded into it, and no script runs."""

ASKED: Final = {"asked": Provide(asked_of)}

All: TypeAlias = Annotated[int, QueryParameter(ge=0, le=1)]
AnyRequest: TypeAlias = Request[Any, Any, Any]
A: TypeAlias = NamedDependency[Asked]


@get("/timelines/{slug:str}/.html", media_type=HTML, dependencies=ASKED)
async def timeline_as_html(
    request: AnyRequest, slug: FromPath[str], reader: R, pages: P, clocks: At, asked: A, all: All = 0
) -> Response[bytes]:
    """Return a timeline as a page that needs no other file: what is around today, with `all=1` up to 5,000."""
    part = await part_of(reader, slug, clocks, None)
    shown, sources = part.timeline, await sources_of(reader, part.timeline.items, clocks)
    if all:
        read = found(await reader.views.read.exported(clocks=clocks, timeline=slug), "timeline", slug)
        shown = msgspec.structs.replace(shown, items=read.listed.items, total=read.listed.total)
        sources = dict(read.sources)
    html = await asyncio.to_thread(
        timeline_html, shown, part, sources=sources, site=pages.site, home=home_of(request, pages.site), today=today(),
        asked=asked,
    )  # fmt: skip
    return _answer(html, part, HTML, f"{WITHIN}{pages.frame_ancestors}")


@get("/timelines/{slug:str}/.svg", media_type=SVG, dependencies=ASKED)
async def timeline_as_svg(
    request: AnyRequest, slug: FromPath[str], reader: R, pages: P, clocks: At, asked: A
) -> Response[bytes]:
    """Return a timeline as a drawing, `px` wide: what is around today, or from one day to another."""
    part = await part_of(reader, slug, clocks, None)
    drawn = await asyncio.to_thread(
        timeline_svg, part, site=pages.site, home=home_of(request, pages.site), today=today(), asked=asked
    )
    return _answer(drawn, part, SVG, DRAWN)


HANDLERS: Final = (timeline_as_html, timeline_as_svg)


def _answer(text: str, part: Part, media_type: str, policy: str) -> Response[bytes]:
    body = text.encode()
    headers = {"ETag": tag_of(part.timeline.position, body), "Content-Security-Policy": policy}
    return Response(body, media_type=media_type, headers=headers)
