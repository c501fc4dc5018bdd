"""What every answer has: its position, its tag, and the headers that keep browsers out of harm's way."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, Final

import msgspec
from litestar import Response
from litestar.enums import MediaType, ScopeType
from litestar.types import ASGIApp, HTTPResponseStartEvent, Message, Receive, Scope, Send

TAG_DIGITS: Final = 32
STREAMS: Final = frozenset({"/v1/feed"})
"""Paths whose bodies have no end; they answer HEAD themselves."""
POSITION: Final = "dateline-position"

ALWAYS: Final[Mapping[str, str]] = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cache-control": "no-cache",
}
"""Headers of every answer that does not set them itself. `no-cache` asks first: there is an ETag to ask with."""

CROSS_ORIGIN: Final[Mapping[str, str]] = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "ETag, Dateline-Position, Retry-After",
}
"""Headers of what is read: anybody's pages may read what is public. They are the same whoever asks, hence no `Vary`.

Nothing that a browser adds by itself counts as a credential, and a token is not taken from another origin.
"""
PREFLIGHT: Final[Mapping[str, str]] = {
    "access-control-allow-methods": "GET, HEAD",
    "access-control-allow-headers": "Cache-Control, If-None-Match, Last-Event-ID",
    "access-control-max-age": "86400",
}
"""What a browser is told that asks what it may ask for; it refuses the rest by itself."""


def tag_of(position: int, body: bytes) -> str:
    """Return the strong ETag of a body that speaks of a position of the log.

    It is made of the bytes themselves, so whatever they depend on is in it.
    """
    return f'"{position}-{sha256(body).hexdigest()[:TAG_DIGITS]}"'


async def tagged(response: Response[Any]) -> Response[Any]:
    """Encode an answer's struct, once, and tag it: for `after_request` of routes that read."""
    if not isinstance(response.content, msgspec.Struct):
        return response
    body = msgspec.json.encode(response.content)
    position: int = getattr(response.content, "position", 0) or getattr(response.content, "head", 0)
    headers = {**dict(response.headers), "ETag": tag_of(position, body)}
    return Response(body, media_type=MediaType.JSON, status_code=response.status_code or 200, headers=headers)


class Answers:
    """Stands around the application: base path, HEAD, conditional requests, other origins, headers of every answer.

    `position` tells how far the views are. An answer holds at least what was recorded up to its `Dateline-Position`:
    the position before it was asked for, or the one in `scope["state"]` that it waited for.
    """

    def __init__(self, app: ASGIApp, position: Callable[[], int], *, base_path: str) -> None:
        self._app = app
        self._position = position
        self._base_path = base_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        if self._base_path and path.startswith(f"{self._base_path}/"):
            path = path.removeprefix(self._base_path)
        without_body = scope["method"] == "HEAD" and path not in STREAMS
        method = "GET" if without_body else scope["method"]
        # A copy: the server looks at its own to see that this is HEAD and no body has to come.
        scope = {**scope, "path": path, "method": method, "state": {"position": self._position()}}
        sending = _Sending(scope, send, without_body=without_body)
        if method == "OPTIONS" and any(name == b"access-control-request-method" for name, _ in scope["headers"]):
            headers = [(name.encode(), value.encode()) for name, value in PREFLIGHT.items()]
            await sending({"type": "http.response.start", "status": 204, "headers": headers})
            await sending({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            await self._app(scope, receive, sending)


class _Sending:
    """Sends an answer on, completed; as 304 without a body where the client has it already."""

    def __init__(self, scope: Any, send: Send, *, without_body: bool) -> None:
        self._scope = scope
        self._send = send
        self._without_body = without_body

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._start(message)
        elif message["type"] == "http.response.body" and self._without_body:
            if not message.get("more_body", False):
                await self._send({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            await self._send(message)

    async def _start(self, message: Any) -> None:
        headers = [(bytes(name).lower(), bytes(value)) for name, value in message["headers"]]
        present = {name for name, _ in headers}
        reads = self._scope["method"] in ("GET", "OPTIONS")
        added = {POSITION: str(self._scope["state"]["position"]), **ALWAYS, **(CROSS_ORIGIN if reads else {})}
        headers += [(name.encode(), added[name].encode()) for name in added if name.encode() not in present]
        tag = dict(headers).get(b"etag")
        status = message["status"]
        if status == 200 and tag is not None and self._scope["method"] == "GET" and self._has(tag):
            status, self._without_body = 304, True
            headers = [header for header in headers if header[0] not in (b"content-length", b"content-type")]
        start: HTTPResponseStartEvent = {"type": "http.response.start", "status": status, "headers": headers}
        await self._send(start)

    def _has(self, tag: bytes) -> bool:
        """Say whether the client has this representation; tags are compared weakly, as RFC 9110 has it for GET."""
        given = b",".join(value for name, value in self._scope["headers"] if name == b"if-none-match")
        return given.strip() == b"*" or tag in (one.strip().removeprefix(b"W/") for one in given.split(b","))
