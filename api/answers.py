"""What every answer has: its position, its tag, and the headers that keep browsers out of harm's way."""

import re
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from typing import Any, Final

import msgspec
from litestar import Response
from litestar.enums import MediaType, ScopeType
from litestar.types import ASGIApp, HTTPResponseStartEvent, Message, Receive, Send

from api.cache import FROM_VIEWS, QUESTION, Cache, has_already, kept_of, without_body
from api.observing import ROUTE
from api.principals import Principal

TAG_DIGITS: Final = 32
STREAMS: Final = re.compile("/v1/(feed|timelines/[^/]*/stream)")
"""Paths whose bodies have no end; they answer HEAD themselves."""
POSITION: Final = "dateline-position"
NOTHING: Final[Message] = {"type": "http.response.body", "body": b"", "more_body": False}

ALWAYS: Final[Mapping[str, str]] = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cache-control": "no-cache",
}
"""Headers of every answer that does not set them itself. `no-cache` asks first: there is an ETag to ask with."""

CROSS_ORIGIN: Final[Mapping[str, str]] = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "Dateline-Position, ETag, Location, RateLimit, RateLimit-Policy, Retry-After",
}
"""The same: anybody's pages may read what is public. They are the same whoever asks, hence no `Vary`.

Nothing that a browser adds by itself counts as a credential. A token is one that a page's own script has to have and to
send: who has it may use it from any page, as from any program.
"""
PREFLIGHT: Final[Mapping[str, str]] = {
    "access-control-allow-methods": "GET, HEAD, POST, PATCH, DELETE",
    "access-control-allow-headers": (
        "Authorization, Cache-Control, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, "
        "traceparent"
    ),
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

    What others may ask as well goes into `cache`. An answer holds at least what was recorded up to its
    `Dateline-Position`: the position before it was asked for, or the one in `scope["state"]` that it waited for. Who
    may not read, because reads are not public, is not told how far the record goes.
    """

    def __init__(self, app: ASGIApp, cache: Cache, *, base_path: str, public_read: bool) -> None:
        self._app = app
        self._cache = cache
        self._base_path = base_path
        self._public_read = public_read

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        moment = self._cache.moment()
        state = scope.setdefault("state", {})
        state["position"] = moment[0]
        path = scope["path"]
        if self._base_path and f"{path}/".startswith(f"{self._base_path}/"):
            path = path.removeprefix(self._base_path) or "/"
        without_body = scope["method"] == "HEAD" and not STREAMS.fullmatch(path)
        method = "GET" if without_body else scope["method"]
        # A copy: the server looks at its own to see that this is HEAD and no body has to come.
        inner: Any = {**scope, "path": path, "method": method}
        sending = _Sending(inner, send, without_body=without_body, public_read=self._public_read)
        if method == "OPTIONS" and any(name == b"access-control-request-method" for name, _ in scope["headers"]):
            await sending({"type": "http.response.start", "status": 204, "headers": _PREFLIGHT})
            await sending(NOTHING)
            return
        try:
            await self._app(inner, receive, sending)
        finally:
            state[ROUTE] = _named(inner.get("path_template"))
        if QUESTION in state and FROM_VIEWS in state and sending.body is not None and state["position"] == moment[0]:
            kept = kept_of(sending.headers, sending.body, route=state[ROUTE])
            if kept is not None:
                self._cache.keep(state[QUESTION], kept, moment)


class _Sending:
    """Sends an answer on, completed; as 304 without a body where the client has it already.

    Afterwards `headers` and `body` are those of the answer itself, `body` None if it was no 200 or came in pieces.
    """

    def __init__(self, scope: Any, send: Send, *, without_body: bool, public_read: bool) -> None:
        self.headers: list[tuple[bytes, bytes]] = []
        self.body: bytes | None = None
        self._scope = scope
        self._send = send
        self._without_body = without_body
        self._public_read = public_read
        self._ok = False
        self._begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._send(self._start(message))
        elif message["type"] == "http.response.body":
            last = not message.get("more_body", False)
            if last and self._ok and not self._begun:
                self.body = message["body"]
            self._begun = True
            if not self._without_body:
                await self._send(message)
            elif last:
                await self._send(NOTHING)

    def _start(self, message: Any) -> HTTPResponseStartEvent:
        headers = [(name.lower(), value) for name, value in message["headers"]]
        present = dict(headers)
        headers += [header for header in _ALWAYS if header[0] not in present]
        if _POSITION not in present and self._may_read():
            headers.append((_POSITION, b"%d" % self._scope["state"]["position"]))
        self.headers = headers
        self._ok = message["status"] == 200
        status, tag = message["status"], present.get(b"etag")
        if self._ok and tag is not None and self._scope["method"] == "GET" and self._has(tag):
            status, self._without_body = 304, True
            headers = list(without_body(headers))
        return {"type": "http.response.start", "status": status, "headers": headers}

    def _may_read(self) -> bool:
        principal: Principal | None = self._scope["state"].get("principal")
        return self._public_read or (principal is not None and principal.may("read"))

    def _has(self, tag: bytes) -> bool:
        return has_already(b",".join(v for name, v in self._scope["headers"] if name == b"if-none-match"), tag)


@cache
def _named(template: str | None) -> str | None:
    """Return a route's template with the names of its parts alone: `{id}` for `{id:str}`."""
    return None if template is None else re.sub(r":[a-z]+}", "}", template)


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]


_ALWAYS: Final = _encoded({**ALWAYS, **CROSS_ORIGIN})
_PREFLIGHT: Final = _encoded(PREFLIGHT)
_POSITION: Final = POSITION.encode()
