"""The application in the test's own process: its routes, and answers without a network."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar
from litestar.routes import HTTPRoute
from msgspec import Struct

from api.app import Service, build
from api.settings import Settings
from tests.api.served import ADMIN


class Route(Struct, frozen=True):
    """What can be asked: `path` has the names of its parts in braces."""

    method: str
    path: str


class Answer(Struct, frozen=True):
    """An answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return msgspec.json.decode(self.body)


@asynccontextmanager
async def inside(data: Path, **settings: Any) -> AsyncIterator[Service]:
    """Yield a service over a data directory, which limits nobody unless it is told to."""
    unlimited = {"rate_reads": 0.0, "rate_writes": 0.0, **settings}
    async with build(Settings(data=data, admin_token=ADMIN, **unlimited)) as service:
        await service.start()
        yield service


def routes_of(service: Service) -> set[Route]:
    """Return all routes of the application, however much stands around it."""
    return {
        Route(method, route.path_format)
        for route in _litestar(service.app).routes
        for method in (set(route.route_handler_map) if isinstance(route, HTTPRoute) else {"GET"}) - {"OPTIONS"}
    }


async def ask(
    service: Service,
    method: str,
    target: str,
    body: object = None,
    headers: Mapping[str, str] | None = None,
    *,
    until: bytes = b"",
) -> Answer:
    """Return the answer to a request; of a stream, what it says up to the message that holds `until`."""
    content = b"" if body is None else msgspec.json.encode(body)
    sent = {"host": "localhost", **({"content-type": "application/json"} if content else {}), **(headers or {})}
    path, _, query = target.partition("?")
    scope: Any = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in sent.items()],
        "client": ("127.0.0.1", 1), "server": ("localhost", 80), "state": {}, "extensions": {},
    }  # fmt: skip
    arriving: Iterator[dict[str, Any]] = iter([{"type": "http.request", "body": content, "more_body": False}])
    messages: list[Any] = []
    heard = asyncio.Event()

    async def receive() -> Any:
        for message in arriving:
            return message
        await heard.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        messages.append(message)
        if until in message.get("body", b""):
            heard.set()

    await service.app(scope, receive, send)
    start, *rest = messages
    return Answer(
        status=start["status"],
        headers={name.decode().lower(): value.decode("latin-1") for name, value in start["headers"]},
        body=b"".join(message.get("body", b"") for message in rest),
    )


def _litestar(app: Any) -> Litestar:
    """Return the innermost application."""
    while not isinstance(app, Litestar):
        (app,) = [inner for name, inner in vars(app).items() if name.lstrip("_") in ("app", "inner")]
    return app
