"""`GET /v1/feed`: every fact as it is recorded, as server-sent events, straight from the log's subscription.

`GET /v1/timelines/{slug}/stream` is the same for one timeline. A plain ASGI application. A reader is a cursor:
nothing is queued for it, and one that takes nothing is let go of.
"""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar.enums import ScopeType
from litestar.types import Receive, Scope, Send

from api.cloudevents import CloudEvent
from api.connections import cut_off
from api.feed_views import Onlooker
from api.principals import Principal
from api.problems import CODE, MEDIA_TYPE, Fault, headers_of, problem_of
from api.selection import Selection, Start, position_of, read_selection
from events.errors import DatelineError, NotFound
from events.log.entry import entry_of
from events.log.merkle import leaf_hash
from events.log.port import CaughtUp, Event, Log, LogClosed, Progress, Query
from events.views.runner import ViewBehind, Views
from events.views.turns import ReadTooLong

RETRY_MS: Final = 2000
HEARTBEAT_S: Final = 15.0
PROGRESS_S: Final = 1.0
"""How often a reader whose filter matches nothing is told how far the log has gone."""
SEND_S: Final = 20.0
"""How long a reader may take nothing before its connection is closed."""
LAST_S: Final = 0.3
"""The same, once the service is closing."""
FORK_DIGITS: Final = 8
DEFAULT_START: Final[Start] = "head"

OPENING: Final = b"retry: %d\n: every fact is one event; to go on after it, send its id as Last-Event-ID\n\n" % RETRY_MS
_POSITION: Final = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
HEARTBEAT: Final = b": still here\n\n"
HEADERS: Final = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
)


class Feed:
    """The feed of a log, until `closing` is set: then every stream says goodbye and ends.

    `ended` returns once a token has ended, and with it end the streams that it was shown for. What cannot be answered
    is a problem (RFC 9457), told before the headers of a stream.
    """

    def __init__(
        self,
        log: Log,
        views: Views,
        closing: asyncio.Event,
        *,
        ended: Callable[[str], Coroutine[Any, Any, None]],
        heartbeat_s: float = HEARTBEAT_S,
        send_s: float = SEND_S,
    ) -> None:
        self._log = log
        self._views = views
        self._closing = closing
        self._ended = ended
        self._heartbeat_s = heartbeat_s
        self._send_s = send_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        assert scope["type"] == ScopeType.HTTP
        try:
            if scope["method"] not in ("GET", "HEAD"):
                raise Fault("method-not-allowed", "the feed is read with GET")
            selection = _asked(scope)
            await self._require_timelines(selection)
            head = await self._log.head()
            resumed = dict(scope["headers"]).get(b"last-event-id", b"").decode("latin-1")
            if resumed:
                after = await self._cursor(resumed, head.position)
            else:
                after = await position_of(selection.start, self._log, head=head.position)
        except DatelineError as error:
            await _refuse(scope, send, error)
            return
        reader = _Reader(send, self._send_s)
        try:
            await reader.begin(head.position)
            if scope["method"] == "GET":
                onlooker = Onlooker(self._views, selection, head.log_id)
                await self._answer(reader, receive, onlooker, selection.query, after, token=_token(scope))
            await reader.end()
        except TimeoutError:  # It takes nothing.
            cut_off(scope)
            with suppress(TimeoutError):
                await asyncio.wait_for(_until_gone(receive), LAST_S)

    async def _require_timelines(self, selection: Selection) -> None:
        for slug in sorted(selection.timelines):
            if await self._views.read.definition(slug) is None:
                raise NotFound(f"there is no timeline {slug[:100]!r}")

    async def _cursor(self, resumed: str, head: int) -> int | None:
        """Return the position of a `Last-Event-ID`; None when it is not one of this history."""
        fork, _, digits = resumed.partition("-")
        if not _POSITION.fullmatch(digits) or (position := int(digits)) > head:
            return None
        page = await self._log.read(Query.all(), after=position - 1, upto=position, limit=1)
        return position if fork == fork_of(page.events[0]) else None

    async def _answer(
        self, reader: "_Reader", receive: Receive, onlooker: Onlooker, query: Query, after: int | None, *, token: str
    ) -> None:
        await reader.write(OPENING)
        if after is None:
            await reader.write(control_frame("reset"))
            return
        gone = asyncio.ensure_future(_until_gone(receive))
        closing = asyncio.ensure_future(_until_set(self._closing))
        closing.add_done_callback(lambda _: reader.hurry())
        ended = asyncio.ensure_future(self._ended(token) if token else _until_set(asyncio.Event()))
        steps = _Steps(self._log.subscribe(query, after=after), over=(gone, closing, ended))
        reason = "shutdown"
        try:
            try:
                await self._follow(reader, steps, onlooker)
                reason = "token-ended" if ended.done() else reason
            except LogClosed:
                pass
            except (ViewBehind, ReadTooLong) as error:
                reason = error.code
            if not gone.done():
                await reader.write(control_frame("bye", reason=reason))
        finally:  # Nothing here waits: when the request is cancelled, so would be what it waits for.
            steps.drop()
            for future in (gone, closing, ended):
                future.cancel()

    async def _follow(self, reader: "_Reader", steps: "_Steps", onlooker: Onlooker) -> None:
        """Write what the subscription yields until the reader goes or the service closes."""
        progress: int | None = None
        caught_up = False
        while not steps.over():
            wait_s = PROGRESS_S if progress is not None else self._heartbeat_s
            left_s = reader.idle_since + wait_s - time.monotonic()
            match await steps.next(left_s) if left_s > 0 else None:
                case Event() as event:
                    told = await onlooker.told(event)
                    progress = event.position if caught_up and told is None else None
                    if told is not None:
                        await reader.write(fact_frame(event, told))
                case CaughtUp(position=position):
                    caught_up = True
                    await reader.write(control_frame("caught-up", position=position))
                case Progress(position=position):
                    progress = position if caught_up else None  # While catching up, the end of it is said anyway.
                case None if steps.over():
                    return
                case None if progress is not None:
                    await reader.write(control_frame("caught-up", position=progress))
                    progress = None
                case None:
                    await reader.write(HEARTBEAT)


class _Steps:
    """The steps of a subscription, one at a time, until one of `over` is done."""

    def __init__(
        self, steps: AsyncGenerator[Event | CaughtUp | Progress, None], *, over: Sequence[asyncio.Future[None]]
    ) -> None:
        self._steps = steps
        self._over = over
        self._step: asyncio.Future[Event | CaughtUp | Progress] | None = None

    def over(self) -> bool:
        return any(future.done() for future in self._over)

    async def next(self, wait_s: float) -> Event | CaughtUp | Progress | None:
        """Return the next step; None when there is none within `wait_s` seconds, or it is over."""
        step = self._step = self._step or asyncio.ensure_future(anext(self._steps))
        awaited: list[asyncio.Future[Any]] = [step, *self._over]
        await asyncio.wait(awaited, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
        if self.over() or not step.done():
            return None
        self._step = None
        return step.result()

    def drop(self) -> None:
        """Let go of the subscription, without waiting for it."""
        if self._step is not None and not self._step.cancel():
            self._step.exception()  # It is looked at, so that nothing complains of it.


class _Reader:
    """A connection: what is written to it is taken within `send_s`, or `TimeoutError` is raised."""

    def __init__(self, send: Send, send_s: float) -> None:
        self._send = send
        self._send_s = send_s
        self._limit: asyncio.Timeout | None = None
        self.idle_since = time.monotonic()

    async def begin(self, head: int) -> None:
        headers = (*HEADERS, (b"dateline-position", str(head).encode()))
        await self._within({"type": "http.response.start", "status": 200, "headers": headers})

    async def write(self, frame: bytes) -> None:
        await self._within({"type": "http.response.body", "body": frame, "more_body": True})
        self.idle_since = time.monotonic()

    async def end(self) -> None:
        await self._within({"type": "http.response.body", "body": b"", "more_body": False})

    def hurry(self) -> None:
        """Leave little time to take what is being written, and what is written after it."""
        self._send_s = min(self._send_s, LAST_S)
        if self._limit is not None:
            self._limit.reschedule(asyncio.get_running_loop().time() + self._send_s)

    async def _within(self, message: Any) -> None:
        try:
            async with asyncio.timeout(self._send_s) as self._limit:
                await self._send(message)
        finally:
            self._limit = None


def fork_of(event: Event) -> str:
    """Return the first digits of the leaf hash at an event's position: another history has others there."""
    return leaf_hash(entry_of(event)).hex()[:FORK_DIGITS]


def fact_frame(event: Event, told: CloudEvent) -> bytes:
    """Return what is told of a fact as one server-sent event; JSON never holds a bare line break."""
    return b"id: %s-%d\ndata: %s\n\n" % (fork_of(event).encode(), event.position, msgspec.json.encode(told))


def control_frame(name: str, **data: int | str | None) -> bytes:
    """Return a control frame: a named event without an id, so that it moves no cursor."""
    return b"event: %s\ndata: %s\n\n" % (name.encode(), msgspec.json.encode(data))


def _token(scope: Scope) -> str:
    """Return the id of the token that a request was let in by; empty where none was needed, or has no end."""
    principal: Principal | None = scope["state"].get("principal")
    return "" if principal is None else principal.token


def _asked(scope: Scope) -> Selection:
    """Return what a request asks for: at a timeline's own address that timeline, and no other. Raises `Fault`."""
    selection = read_selection(scope["query_string"].decode("latin-1"), start=DEFAULT_START)
    slug = scope.get("path_params", {}).get("slug")
    if slug is None:
        return selection
    if selection.timelines:
        raise Fault(
            "parameter-invalid", "this is the stream of one timeline; the feed takes several", pointer="?timeline"
        )
    return msgspec.structs.replace(selection, timelines=frozenset({slug}))


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _until_set(event: asyncio.Event) -> None:
    await event.wait()


async def _refuse(scope: Scope, send: Send, error: DatelineError) -> None:
    told = problem_of(error)
    scope["state"][CODE] = told.code
    body = msgspec.json.encode(told)
    headers = {**headers_of(told, error), "Content-Type": MEDIA_TYPE, "Content-Length": str(len(body))}
    if told.status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = "GET, HEAD"
    encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": told.status, "headers": encoded})
    await send({"type": "http.response.body", "body": body, "more_body": False})
