"""What is seen of every request from outside: counted, and told in one line, without a word of what was in it.

A line names the method, the template of the route, the status, how long it took, the bytes of the answer, the
principal, the position answered for, and the trace. Never a path, a query, a body, a header's value or an address:
any of those can be, or hold, somebody's secret.
"""

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final, Literal, TypeAlias

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from api import traces
from api.metrics import METHODS, NO_ROUTE, OTHER, Metrics
from api.problems import CODE

SLOW_S: Final = 1.0
REFUSED_FROM: Final = 400
FAILED_FROM: Final = 500
"""The statuses from which on a request was refused, or failed."""
LINES_PER_S_MAX: Final = 100
"""So many requests are told of within a second; of the others only how many they were."""
READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
STREAM: Final = b"text/event-stream"
ROUTE: Final = "route"
"""In the state of a request: the template of the route that answered it, None where there is none."""

Told: TypeAlias = Literal["some", "all", "none"]
"""Which requests are told of: writes, refused and slow ones; all; or none."""
PROBES: Final = frozenset({"/healthz", "/readyz"})
"""Routes that are asked all the time by what watches the service; told of only among all."""

_LOGGER: Final = logging.getLogger(__name__)
_INTERNAL: Final = b'{"title":"Internal","status":500,"code":"internal"}'


class Observing:
    """Stands around the application; whoever answers leaves route, problem's code and principal in the state."""

    def __init__(
        self,
        app: ASGIApp,
        metrics: Metrics,
        *,
        told: Told = "some",
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._told = told
        self._clock = clock
        self._second = 0
        self._lines = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have a request answered, and look on."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        metrics = self._metrics
        began = self._clock()
        state: dict[str, Any] = scope.setdefault("state", {})
        traces.enter(state, scope["headers"])
        seen = _Seen(send, metrics)
        metrics.in_flight += 1
        try:
            await self._app(scope, receive, seen)
        except Exception:  # Beyond this is only the server: what nobody else answered is logged and answered here.
            _LOGGER.exception("a request failed")
            await _say_so(seen)
        finally:
            metrics.in_flight -= 1
            metrics.streams -= seen.streams
            took_s = None if seen.streams else self._clock() - began
            self.saw(scope, seen.status, seen.bytes, seen.headers, took_s)

    def saw(self, scope: Any, status: int, size: int, headers: Any, took_s: float | None) -> None:
        """Take note of an answered request; a stream has no duration."""
        state = scope["state"]
        self._metrics.answered(scope["method"], state.get(ROUTE), status, took_s)
        if CODE in state:
            self._metrics.refusals[state[CODE]] += 1
        if self._told == "all":
            self._tell(scope, status, size, headers, took_s)
            return
        slow = took_s is not None and took_s > SLOW_S
        remarkable = status >= REFUSED_FROM or slow or scope["method"] not in READS
        if remarkable and self._told == "some" and state.get(ROUTE) not in PROBES:
            self._tell(scope, status, size, headers, took_s)

    def _tell(self, scope: Any, status: int, size: int, headers: Any, took_s: float | None) -> None:
        second = int(self._clock())
        if second != self._second:
            if self._lines > LINES_PER_S_MAX:
                _LOGGER.warning("%d more requests are not told of", self._lines - LINES_PER_S_MAX)
            self._second, self._lines = second, 0
        self._lines += 1
        if self._lines > LINES_PER_S_MAX:
            return
        state = scope["state"]
        traces.enter(state, scope["headers"])
        principal = state.get("principal")
        line: dict[str, Any] = {
            "method": scope["method"] if scope["method"] in METHODS else OTHER,
            "route": state.get(ROUTE) or NO_ROUTE,
            "status": status,
            "ms": "" if took_s is None else round(took_s * 1000, 1),
            "bytes": size,
            "by": getattr(principal, "id", ""),
            "position": next((value.decode() for name, value in headers if name == b"dateline-position"), ""),
            "code": state.get(CODE, ""),
        }
        told = {name: value for name, value in line.items() if value != ""}
        words = " ".join(f"{name}={value}" for name, value in told.items())
        level = logging.WARNING if status >= FAILED_FROM else logging.INFO
        _LOGGER.log(level, "%s", words, extra={"request": told})


class _Seen:
    """Sends on, and looks at what is sent. `status` is 0 before anything is; `streams` is 1 for a stream."""

    __slots__ = ("_metrics", "_send", "bytes", "headers", "status", "streams")

    def __init__(self, send: Send, metrics: Metrics) -> None:
        self.status = 0
        self.bytes = 0
        self.streams = 0
        self.headers: Any = ()
        self._send = send
        self._metrics = metrics

    def __call__(self, message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = message["headers"]
        elif message["type"] == "http.response.body":
            self.bytes += len(message["body"])
            if message.get("more_body", False):
                self._look_for_frames()
        return self._send(message)

    def _look_for_frames(self) -> None:
        if not self.streams and any(
            name == b"content-type" and value.startswith(STREAM) for name, value in self.headers
        ):
            self.streams = 1
            self._metrics.streams += 1
        if self.streams:
            self._metrics.frames += 1


async def _say_so(seen: _Seen) -> None:
    """Answer what nobody answered; what was begun the server cuts off."""
    if seen.status == 0:
        headers = ((b"content-type", b"application/problem+json"), (b"content-length", b"%d" % len(_INTERNAL)))
        await seen({"type": "http.response.start", "status": 500, "headers": headers})
        await seen({"type": "http.response.body", "body": _INTERNAL, "more_body": False})
