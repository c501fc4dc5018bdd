"""`GET /oembed`: what other people's pages need to show a timeline of ours (https://oembed.com), given its address."""

import re
from typing import Annotated, Any, Final, Literal, TypeAlias
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import msgspec
from litestar import Request, Response
from litestar.enums import MediaType
from litestar.params import FromQuery, QueryParameter
from markupsafe import Markup
from msgspec import Struct

from api.answers import tag_of
from api.exports.addresses import home_of
from api.problems import Fault
from api.reading import At, R, found
from api.serving import P, get

WIDTH_PX: Final = 800
HEIGHT_PX: Final = 600
CACHE_AGE_S: Final = 3600
KEPT: Final = frozenset({"said_by", "as_of", "from", "to", "cursor"})
"""What of a page's question its frame asks too."""
_ADDRESS: Final = re.compile(r"/(?:timelines|embed)/([a-z0-9-]{1,80})")
_FRAME: Final = Markup(
    '<iframe src="{src}" width="{width}" height="{height}" title="{title}" frameborder="0" loading="lazy"></iframe>'
)

Px: TypeAlias = Annotated[int | None, QueryParameter(ge=1, le=100_000)]


class Embedding(Struct, frozen=True, kw_only=True):
    """An oEmbed answer of type `rich`. `width` and `height` are those of the frame in `html`."""

    version: Literal["1.0"] = "1.0"
    type: Literal["rich"] = "rich"
    title: str
    provider_name: str
    provider_url: str
    cache_age: int
    html: str
    width: int
    height: int


@get("/oembed", include_in_schema=True, opt={"answer": Embedding})
async def oembed(
    request: Request[Any, Any, Any],
    reader: R,
    pages: P,
    clocks: At,
    url: FromQuery[str],
    format: FromQuery[str] = "json",
    maxwidth: Px = None,
    maxheight: Px = None,
) -> Response[bytes]:
    """Return how to show the timeline at an address of ours in another page. JSON is the only format."""
    if format != "json":
        raise Fault("format-unknown", f"the format is json; there is no {format[:40]!r}", pointer="?format")
    home = home_of(request, pages.site)
    slug = found(_slug(url, home), "timeline at", url)
    timeline = found(await reader.views.read.definition(slug, clocks), "timeline at", url)
    width, height = min(WIDTH_PX, maxwidth or WIDTH_PX), min(HEIGHT_PX, maxheight or HEIGHT_PX)
    src = f"{home}/embed/{slug}{_question(url)}"
    embedding = Embedding(
        title=timeline.title,
        provider_name=pages.site.name,
        provider_url=f"{home}/",
        cache_age=CACHE_AGE_S,
        html=str(_FRAME.format(src=src, width=width, height=height, title=timeline.title)),
        width=width,
        height=height,
    )
    body = msgspec.json.encode(embedding)
    return Response(body, media_type=MediaType.JSON, headers={"ETag": tag_of(reader.views.position, body)})


def _slug(url: str, home: str) -> str | None:
    """Return the slug of a timeline at an address under `home`, whether by http or https; None for any other."""
    try:
        asked, ours = urlsplit(url), urlsplit(home)
        same_place = (asked.hostname, asked.port) == (ours.hostname, ours.port)
    except ValueError:
        return None
    path = unquote(asked.path)
    if asked.scheme not in ("http", "https") or not same_place or not path.startswith(ours.path):
        return None
    match = _ADDRESS.fullmatch(path.removeprefix(ours.path).removesuffix("/"))
    return match and match.group(1)


def _question(url: str) -> str:
    kept = [(name, value) for name, value in parse_qsl(urlsplit(url).query) if name in KEPT]
    return f"?{urlencode(kept)}" if kept else ""
