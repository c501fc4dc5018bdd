"""What was answered already is answered again, before anything else sees the request."""

import time
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from api.cache import QUESTION, Cache, Headers, Kept, has_already, question_of
from api.observing import ROUTE, Observing

Granted: TypeAlias = Callable[[Scope], Headers | None]

_KNOWN: Final = b"if-none-match"


class Again:
    """Stands around everything: gives what the cache has, and leaves the rest to the application.

    It is limited and counted like the rest. `granted` takes what a read costs its sender, and returns the headers that
    say what is left; None where that is too little, and the application is to refuse.
    """

    def __init__(
        self,
        app: ASGIApp,
        cache: Cache,
        granted: Granted,
        observing: Observing,
        *,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._app = app
        self._cache = cache
        self._granted = granted
        self._observing = observing
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != ScopeType.HTTP or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        began = self._clock()
        headers = dict(scope["headers"])
        question = question_of(scope, headers)
        if question is not None:
            kept = self._cache.find(question)
            limits = None if kept is None else self._granted(scope)
            if kept is not None and limits is not None:
                await self._again(scope, kept, headers.get(_KNOWN), limits, send, began)
                return
            scope.setdefault("state", {})[QUESTION] = question
        await self._app(scope, receive, send)

    async def _again(
        self, scope: Any, kept: Kept, known: bytes | None, limits: Headers, send: Send, began: float
    ) -> None:
        if known is not None and has_already(known, kept.tag):
            status, headers, body = 304, kept.headers_304, b""
        else:
            status, headers, body = 200, kept.headers, kept.body
        await send({"type": "http.response.start", "status": status, "headers": (*headers, *limits)})
        await send(
            {"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body, "more_body": False}
        )
        scope["state"][ROUTE] = kept.route
        self._observing.saw(scope, status, len(body), headers, self._clock() - began)
