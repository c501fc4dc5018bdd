"""Writes, the direct way: past the router's machinery, which costs more than all that is done for a write.

A write has one shape: a path, a body, and a `Writing`. It goes through the same guard, the same door, the same handler
and the same errors as by the router, in the same order. What is asked in any other way is left to the router.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec
from litestar import Litestar, Request, Response
from litestar.enums import ScopeType
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, Receive, Scope, Send

from api.auth import Auth, scope_of
from api.commands import Told, Writer, Writing
from api.door import BODY_BYTES_SEARCHED_MAX, read_body, require_names
from api.principals import Scope as Needed
from api.problems import GONE, Fault

Key: TypeAlias = tuple[str, str, bool, str]
"""The method of a write, what things it is about, whether it names one, and what it does with it."""
TAKES: Final = frozenset({b"*/*", b"application/json"})
"""What a client says that takes the answer, where it says anything."""
JSON: Final = b"application/json"


class _Known(NamedTuple):
    """A route that writes: its handler, the template of its path, the part that names a thing, its scope, its body."""

    handler: HTTPRouteHandler
    template: str
    name: str
    needed: Needed | None
    body: type[Any]


class Direct:
    """Stands before the router. `learn` it the routes, `writes` being those that it may take."""

    def __init__(
        self,
        app: ASGIApp,
        auth: Auth,
        writer: Writer,
        error: Callable[[Request[Any, Any, Any], Exception], Response[Any]],
    ) -> None:
        self._app = app
        self._auth = auth
        self._writer = writer
        self._error = error
        self._routes: dict[Key, _Known] = {}

    def learn(self, app: Litestar, writes: Iterable[HTTPRouteHandler]) -> None:
        """Take the routes of the handlers of writes."""
        functions = {handler.fn for handler in writes}
        for route in app.routes:
            for method, (handler, _) in route.route_handler_map.items() if isinstance(route, HTTPRoute) else ():
                key = None if handler.fn not in functions else _key(method, route.path_format)
                if key is not None and handler.parsed_data_field is not None:
                    name, kind = next(iter(route.path_parameters), ""), handler.parsed_data_field.annotation
                    self._routes[key] = _Known(handler, route.path, name, scope_of(handler), kind)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        route = self._find(scope)
        if route is None:
            await self._app(scope, receive, send)
            return
        scope["path_template"] = route.template
        try:
            told = await self._carry_out(scope, receive, route)
        except Exception as error:  # noqa: BLE001 - it is told as the router's errors are.
            scope["route_handler"] = route.handler
            request: Request[Any, Any, Any] = Request(scope, receive, send)
            refusal = self._error(request, error).to_asgi_response(None, request)
            await refusal(scope, receive, send)
            return
        body = msgspec.json.encode(told.receipt)
        headers = [(name.lower().encode(), value.encode()) for name, value in told.headers.items()]
        headers += [(b"content-type", JSON), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": told.status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    def _find(self, scope: Any) -> _Known | None:
        if scope["type"] != ScopeType.HTTP or scope["method"] not in ("POST", "PATCH") or scope["query_string"]:
            return None
        key = _key(scope["method"], scope["path"])
        return self._routes.get(key) if key is not None and _is_plain(scope["headers"]) else None

    async def _carry_out(self, scope: Any, receive: Receive, route: _Known) -> Told:
        self._auth.let_in(scope, route.needed)
        parts: dict[str, Any] = {route.name: scope["path"].split("/")[3]} if route.name else {}
        require_names(parts)
        state = scope["state"]
        state["body"], state["canonical"] = read_body(await _received(receive), route.body)
        if "position" in parts:
            parts["position"] = int(parts["position"])
        writing = _Direct(self._writer, scope, dry_run=False)
        told: Told = await route.handler.fn(data=state["body"], writing=writing, **parts)
        return told


class _Direct(Writing):
    """A `Writing` whose answers the router does not see."""

    def _answer(self, told: Told) -> Any:
        return told


def _is_plain(given: list[tuple[bytes, bytes]]) -> bool:
    """Say whether headers announce a small body of JSON, and leave nothing to be weighed."""
    headers = dict(given)
    length = headers.get(b"content-length", b"")
    return (
        len(headers) == len(given)
        and headers.get(b"content-type") == JSON
        and b"content-encoding" not in headers
        and headers.get(b"accept", JSON) in TAKES
        and 0 < len(length) <= len(str(BODY_BYTES_SEARCHED_MAX))
        and length.isdigit()
        and 0 < int(length) <= BODY_BYTES_SEARCHED_MAX
    )


async def _received(receive: Receive) -> bytes:
    """Return a body. Raises `Fault` where the client goes away."""
    body, more = b"", True
    while more:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            raise Fault("request-invalid", GONE)
        body += message["body"]
        more = message["more_body"]
    return body


def _key(method: str, path: str) -> Key | None:
    """Return the key of a path, or of a path's template: `/v1/things`, `/v1/things/id`, `/v1/things/id/verb`."""
    parts = path.split("/")
    if not 3 <= len(parts) <= 5 or parts[0] or parts[1] != "v1" or not all(parts[2:]):
        return None
    return method, parts[2], len(parts) > 3, parts[4] if len(parts) == 5 else ""
