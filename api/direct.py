"""Writes, the direct way: past the router's machinery, which costs more than all that is done for a write.

A write has one shape: a path, a body, and a `Writing`. It goes through the same guard, the same door, the same handler
and the same errors as by the router, in the same order. What is asked in any other way is left to the router.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeAlias

import msgspec
from litestar import Litestar, Request, Response
from litestar.enums import ScopeType
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, Receive, Scope, Send

from api.auth import Auth
from api.commands import Told, Writer, Writing
from api.door import Door

AnyRequest: TypeAlias = Request[Any, Any, Any]
Key: TypeAlias = tuple[str, str, bool, str]
"""The method of a write, what things it is about, whether it names one, and what it does with it."""


class _Known(NamedTuple):
    """A route that writes: its handler, the template of its path, and the part of it that names a thing."""

    handler: HTTPRouteHandler
    template: str
    name: str


class Direct:
    """Stands before the router. `learn` it the routes, `writes` being those that it may take."""

    def __init__(
        self,
        app: ASGIApp,
        auth: Auth,
        door: Door,
        writer: Writer,
        error: Callable[[AnyRequest, Exception], Response[Any]],
    ) -> None:
        self._app = app
        self._auth = auth
        self._door = door
        self._writer = writer
        self._error = error
        self._routes: dict[Key, _Known] = {}

    def learn(self, app: Litestar, writes: Iterable[HTTPRouteHandler]) -> None:
        """Take the routes of the handlers of writes."""
        functions = {handler.fn for handler in writes}
        for route in app.routes:
            for method, (handler, _) in route.route_handler_map.items() if isinstance(route, HTTPRoute) else ():
                key = None if handler.fn not in functions else _key(method, route.path_format)
                if key is not None:
                    name = next(iter(route.path_parameters), "")
                    self._routes[key] = _Known(handler, route.path, name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        known = self._find(scope)
        if known is None:
            await self._app(scope, receive, send)
            return
        route, parameters = known
        scope["route_handler"] = route.handler
        scope["path_template"] = route.template
        scope["path_params"] = parameters
        request: AnyRequest = Request(scope, receive, send)
        try:
            told = await self._carry_out(request, route, parameters)
        except Exception as error:  # noqa: BLE001 - it is told as the router's errors are.
            refusal = self._error(request, error).to_asgi_response(None, request)
            await refusal(scope, receive, send)
            return
        body = msgspec.json.encode(told.receipt)
        headers = [(name.lower().encode(), value.encode()) for name, value in told.headers.items()]
        headers += [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": told.status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    def _find(self, scope: Any) -> tuple[_Known, dict[str, Any]] | None:
        if scope["type"] != ScopeType.HTTP or scope["method"] not in ("POST", "PATCH") or scope["query_string"]:
            return None
        path: str = scope["path"]
        key = _key(scope["method"], path)
        route = None if key is None else self._routes.get(key)
        return None if route is None else (route, {route.name: path.split("/")[3]} if route.name else {})

    async def _carry_out(self, request: AnyRequest, route: _Known, parameters: dict[str, Any]) -> Told:
        await self._auth.guard(request, route.handler)
        await self._door.before(request)
        if "position" in parameters:
            parameters = {"position": int(parameters["position"])}
        writing = _Direct(self._writer, request, dry_run=False)
        told: Told = await route.handler.fn(data=request.scope["state"]["body"], writing=writing, **parameters)
        return told


class _Direct(Writing):
    """A `Writing` whose answers the router does not see."""

    def _answer(self, told: Told) -> Any:
        return told


def _key(method: str, path: str) -> Key | None:
    """Return the key of a path, or of a path's template: `/v1/things`, `/v1/things/id`, `/v1/things/id/verb`."""
    parts = path.split("/")
    if not 3 <= len(parts) <= 5 or parts[0] or parts[1] != "v1" or not all(parts[2:]):
        return None
    return method, parts[2], len(parts) > 3, parts[4] if len(parts) == 5 else ""
