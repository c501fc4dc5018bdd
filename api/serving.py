"""What the routes of pages stand on: whose pages they are, who may frame them, and the files that go with them."""

from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeAlias

from litestar import Request, Response
from litestar import get as route
from litestar.di import NamedDependency, Provide

from api.answers import tag_of
from api.assets import asset
from api.pages.render import Site, error_page
from api.problems import CODE, headers_of, problem_of, respond
from api.reading import found

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

get: Final = partial(route, include_in_schema=False)


class Pages:
    """What all pages share: whose they are, who may frame them, and the files that go with them."""

    def __init__(self, site: Site, *, frame_ancestors: str) -> None:
        self.site = site
        self._frame_ancestors = frame_ancestors
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
        policy = WITHIN + (self._frame_ancestors if embedded else "'none'")
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
