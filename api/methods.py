"""OPTIONS: which methods a path takes.

Litestar would name those of the handler that came first. It names them all where it refuses a method, so that is what
it is asked.
"""

from typing import Final

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

REFUSED: Final = "TRACE"
"""A method that no path takes."""


class Options:
    """Stands before the router and answers OPTIONS."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] == ScopeType.HTTP and scope["method"] == "OPTIONS":
            scope["method"] = REFUSED
            await self._app(scope, receive, _Allowing(send))
        else:
            await self._app(scope, receive, send)


class _Allowing:
    """Turns the refusal of a method into an answer without a body; anything else is sent as it is."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._refused = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 405:
            self._refused = True
            allow = [(name, value) for name, value in message["headers"] if name.lower() == b"allow"]
            await self._send({"type": "http.response.start", "status": 204, "headers": allow})
        elif message["type"] == "http.response.body" and self._refused:
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            await self._send(message)
