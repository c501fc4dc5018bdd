"""The routes of the description, which is made when it is first asked for: `/openapi.json` and `/docs`."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from litestar import Response, Router, get
from litestar.enums import MediaType

from api.answers import tag_of
from api.openapi.introduction import SECTIONS
from api.openapi.page import docs_page
from api.pages.render import Site
from api.serving import P


class Description:
    """The document, made once. `make` makes it."""

    def __init__(self, make: Callable[[], Mapping[str, Any]]) -> None:
        self._make = make
        self._lock = asyncio.Lock()
        self._document: Mapping[str, Any] = {}
        self._body = b""
        self._page = ""

    async def document(self) -> Mapping[str, Any]:
        """Return the document."""
        async with self._lock:
            if not self._body:
                self._document = await asyncio.to_thread(self._make)
                self._body = msgspec.json.encode(self._document)
        return self._document

    async def body(self) -> bytes:
        """Return the document's bytes."""
        await self.document()
        return self._body

    async def page(self, site: Site) -> str:
        """Return the document as a page of a site, which is made once too."""
        document = await self.document()
        async with self._lock:
            if not self._page:
                self._page = await asyncio.to_thread(docs_page, document, SECTIONS, site)
        return self._page


def openapi_routes(description: Description) -> Router:
    """Return the routes of a description."""

    @get("/openapi.json", include_in_schema=False, opt={"scope": None})
    async def openapi() -> Response[bytes]:
        """Return the description of the API."""
        body = await description.body()
        return Response(body, media_type=MediaType.JSON, headers={"ETag": tag_of(0, body)})

    @get("/docs", include_in_schema=False, opt={"scope": None})
    async def docs(pages: P) -> Response[bytes]:
        """Return the description as a page."""
        return pages.page(await description.page(pages.site), 0)

    return Router("/", route_handlers=[openapi, docs], opt={"scope": None})
