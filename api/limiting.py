"""How much one may ask for: buckets that fill by themselves, and are emptied by what is asked.

Who shows a token that is good has buckets of its own, everybody else those of the address. A token that is none is paid
for at the address, and dearly. One bucket is for reads, one for the few that take long, one for writes; and so many
feeds may be open. What is refused is refused before its body is read, and costs nothing. Of one asker a few reads are
answered at once, the others in turn: who asks for a thousand pages waits for them alone.

The headers are those of draft-ietf-httpapi-ratelimit-headers-10.
"""

import asyncio
import logging
import math
import random
import re
import time
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import unquote_to_bytes

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from litestar.utils.path import normalize_path

from api.answers import ALWAYS, CROSS_ORIGIN
from api.peers import NOBODY, site
from api.principals import Principal
from api.problems import CODE, MEDIA_TYPE, Fault, headers_of, problem
from events.views.turns import HEAVY, ReadsFull

WINDOW_S: Final = 5
"""A bucket holds what flows into it in so many seconds."""
HEAVY_SHARE: Final = 10
"""Of reads that take long, one may ask for a tenth as many."""
BATCH_COST_MAX: Final = 10
"""What a batch costs that does not say how long it is."""
BATCH_UNIT_BYTES: Final = 8 * 1024
"""A batch costs one for every so many bytes, up to `BATCH_COST_MAX`."""
FAILED_COST: Final = 20
"""What a request costs whose token is none."""
BUCKETS_MAX: Final = 50_000
"""So many askers are remembered for each kind of request; the one silent for longest is forgotten first."""
ROUNDING_S: Final = 1e-6
REFUSED_AT_ONCE_MAX: Final = 50
"""So many refusals one asker gets at once in a window; each after that waits `REFUSAL_S`, or up to twice as long."""
REFUSAL_S: Final = 0.5
READS_AT_ONCE: Final = 3
"""Of one asker, so many reads that are not answered from memory; the others wait until these are found."""
READS_WAITING_MAX: Final = 200
LEAVE: Final = "leave"
"""In the state of a read: what ends its turn before the answer begins, for who waits and does nothing."""
FEED_WAIT_S: Final = 60
"""When to ask again for a feed where there are too many."""

FREE: Final = frozenset({"/healthz", "/readyz"})
"""Never limited: what watches the service asks here, and must not be told that the service is busy."""
HEAVY_PATHS: Final = frozenset({"/v1/search", "/search", "/v1/scoreboard", "/v1/slippage"})
BATCH: Final = "/v1/batch"
FEED: Final = "/v1/feed"
_LENGTH_DIGITS: Final = 15
_EXTRACT: Final = re.compile(r"/v1/(sources/[^/]+/)?extract")
"""What reads a text is a read: it records nothing. Of one asker, texts have their turns and other reads theirs."""
_MUCH: Final = re.compile(rb"(?:^|&)(?:q|all)=")
_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_PROXIED: Final = frozenset({b"x-forwarded-for", b"forwarded"})
_LOGGER: Final = logging.getLogger(__name__)

Header: TypeAlias = tuple[bytes, bytes]
Kind: TypeAlias = Literal["reads", "heavy", "writes"]


class Buckets:
    """The buckets of all askers of one kind, each with room for `rate` times `WINDOW_S`.

    A bucket is one number: the time at which it will be full. So one that is full need not be remembered.
    """

    def __init__(self, kind: Kind, rate: float, *, buckets_max: int = BUCKETS_MAX) -> None:
        self.kind = kind
        self.rate = rate
        self.quota = max(1, int(rate * WINDOW_S))
        self.policy = b"ratelimit-policy", f'"{kind}";q={self.quota};w={WINDOW_S}'.encode()
        self.says = f'"{kind}";r=%d;t=%d'.encode()
        self._buckets_max = buckets_max
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        """Return how many buckets are remembered."""
        return len(self._full_at)

    def take(self, asker: str, cost: float, now: float) -> tuple[float, int, int]:
        """Take what a request costs out of an asker's bucket, if there is as much in it; `now` never goes back.

        Return for how many seconds the asker has to wait, 0 where there was enough; how much is left; and in how many
        seconds the bucket will be full.
        """
        full_at = self._full_at.get(asker, now)
        if full_at < now:
            full_at = now
        after = full_at + cost / self.rate
        wait_s = after - now - WINDOW_S
        if wait_s < ROUNDING_S or full_at == now:  # A full bucket gives whatever is asked of it.
            full_at, wait_s = after, 0.0
        self._full_at[asker] = full_at
        self._full_at.move_to_end(asker)
        if len(self._full_at) > self._buckets_max:
            self._full_at.popitem(last=False)
        full_in_s = full_at - now
        left = int(self.quota - (full_in_s - ROUNDING_S) * self.rate)
        return wait_s, left if left > 0 else 0, math.ceil(full_in_s - ROUNDING_S)


class _Reads:
    """The reads of one asker that are not answered to the end: how many, and whose turn it is."""

    __slots__ = ("count", "free")

    def __init__(self) -> None:
        self.count = 0
        self.free = asyncio.Semaphore(READS_AT_ONCE)


class Limiting:
    """Stands around the application: refuses what is too much, and says on every answer how much is left.

    `known` tells whose token a request shows: None where it is no good. A rate of 0 is no limit.
    """

    def __init__(
        self,
        app: ASGIApp,
        known: Callable[[Scope], Principal | None],
        *,
        rate_reads: float,
        rate_writes: float,
        feeds_max: int,
        feeds_per_address_max: int,
        base_path: str = "",
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._app = app
        self._sleep = sleep
        self._known = known
        self._base_path = base_path
        self._clock = clock
        rates: dict[Kind, float] = {"reads": rate_reads, "heavy": rate_reads / HEAVY_SHARE, "writes": rate_writes}
        self._buckets = {kind: Buckets(kind, rate) for kind, rate in rates.items() if rate}
        self._feeds_max = feeds_max
        self._feeds_per_address_max = feeds_per_address_max
        self._feeds: Counter[str] = Counter()
        self._reads: dict[str, _Reads] = {}
        self._has_warned = False
        self._window = 0
        self._refused: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        path = scope["path"] = normalize_path(scope["path"])  # As the router reads it: `/v1/feed/` is the feed.
        if self._base_path:
            path = path.removeprefix(self._base_path)
        if path in FREE:
            await self._app(scope, receive, send)
            return
        kind = kind_of(scope["method"], path, scope["query_string"])
        if kind == "heavy":
            HEAVY.set(True)
        asker, is_good = self._asker(scope)
        buckets = self._buckets.get(kind)
        if buckets is not None:
            cost = FAILED_COST if not is_good else _batch_cost(scope) if path == BATCH else 1
            wait_s, left, full_in_s = buckets.take(asker, cost, self._clock())
            send = _saying(send, buckets.policy, (b"ratelimit", buckets.says % (left, full_in_s)))
            if wait_s:
                self._warn(scope)
                await self._slow_down(asker)
                await _refuse(scope, send, _too_much(kind), math.ceil(wait_s))
                return
        if path == FEED or path.endswith("/stream"):
            await self._feed(asker, scope, receive, send)
        elif kind == "writes":
            await self._app(scope, receive, send)
        else:
            texts = scope["method"] == "POST"  # To read a text takes long: who waits for one may read on beside it.
            await self._read(f"{asker} texts" if texts else asker, scope, receive, send)

    def granted(self, scope: Any) -> tuple[tuple[bytes, bytes], ...] | None:
        """Take what a read without a token costs; return the headers that say what is left, None: it is too little.

        For what is answered without the application.
        """
        path = normalize_path(scope["path"]).removeprefix(self._base_path)
        buckets = self._buckets.get(kind_of(scope["method"], path, scope["query_string"]))
        if buckets is None:
            return ()
        client = scope.get("client")
        wait_s, left, full_in_s = buckets.take(site(client[0]) if client else NOBODY, 1, self._clock())
        return None if wait_s else (buckets.policy, (b"ratelimit", buckets.says % (left, full_in_s)))

    def _asker(self, scope: Scope) -> tuple[str, bool]:
        """Return whose bucket pays, and whether the token is good that was shown."""
        client = scope.get("client")
        address = site(client[0]) if client else NOBODY
        for name, _ in scope["headers"]:
            if name == b"authorization":
                break
        else:
            return address, True
        principal = self._known(scope)
        if principal is None:
            return address, False
        return f"token {principal.token or principal.id}" if principal.id else address, True

    async def _slow_down(self, asker: str) -> None:
        """Let who goes on and on after being refused wait for it: to refuse at once would be work without end."""
        window = int(self._clock() / WINDOW_S)
        if window != self._window:
            self._window = window
            self._refused.clear()
        self._refused[asker] += 1
        if self._refused[asker] > REFUSED_AT_ONCE_MAX:
            await self._sleep(random.uniform(REFUSAL_S, 2 * REFUSAL_S))  # Not all of them at once.

    async def _read(self, asker: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a read in its asker's turn, which ends when the answer begins: to take it may last."""
        reads = self._reads.get(asker)
        if reads is None:
            reads = self._reads[asker] = _Reads()
        if reads.count >= READS_AT_ONCE + READS_WAITING_MAX:
            full = ReadsFull(reads.count)
            await _refuse(scope, send, Fault(full.code, str(full)), 1)
            return
        reads.count += 1
        is_turn = False

        def leave() -> None:
            nonlocal is_turn
            if is_turn:
                is_turn = False
                reads.free.release()

        async def sending(message: Message) -> None:
            leave()
            await send(message)

        scope.setdefault("state", {})[LEAVE] = leave
        try:
            is_turn = await reads.free.acquire()
            await self._app(scope, receive, sending)
        finally:
            leave()
            reads.count -= 1
            if not reads.count:
                del self._reads[asker]

    async def _feed(self, asker: str, scope: Scope, receive: Receive, send: Send) -> None:
        if self._feeds[asker] >= self._feeds_per_address_max:
            self._warn(scope)
            why = f"{self._feeds_per_address_max} feeds are open already for this address or token; close one"
            await _refuse(scope, send, Fault("rate-limited", why), FEED_WAIT_S)
            return
        if self._feeds.total() >= self._feeds_max:
            full = Fault("feeds-full", "no more feeds can be opened now; try again later")
            await _refuse(scope, send, full, FEED_WAIT_S)
            return
        self._feeds[asker] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._feeds[asker] -= 1
            if not self._feeds[asker]:
                del self._feeds[asker]

    def _warn(self, scope: Scope) -> None:
        """Say once that a proxy is not trusted: then all who come through it are one."""
        if not self._has_warned and any(name in _PROXIED for name, _ in scope["headers"]):
            self._has_warned = True
            _LOGGER.warning("what came through a proxy was limited as one client; set DATELINE_TRUSTED_PROXIES")


def kind_of(method: str, path: str, query: bytes) -> Kind:
    """Return which bucket pays for a request.

    >>> kind_of("GET", "/v1/timelines/x", b""), kind_of("GET", "/v1/announcements", b"as_of=1&said_by=2024-01-01")
    ('reads', 'heavy')
    """
    if method not in _READS:
        return "reads" if method == "POST" and _EXTRACT.fullmatch(path) else "writes"
    if method != "OPTIONS" and (path in HEAVY_PATHS or _is_export(path) or (query and _asks_much(query))):
        return "heavy"
    return "reads"


def _is_export(path: str) -> bool:
    """Say whether a path ends like a file's name; no id and no slug has a dot."""
    return "." in path and path.startswith("/v1/")


def _asks_much(query: bytes) -> bool:
    """Say whether words are searched for, both clocks are asked for, or all of a page."""
    if b"%" in query:
        query = unquote_to_bytes(query)
    return (b"as_of=" in query and b"said_by=" in query) or _MUCH.search(query) is not None


def _batch_cost(scope: Scope) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"")
    if not length.isdigit():
        return BATCH_COST_MAX
    return min(BATCH_COST_MAX, 1 + int(length[:_LENGTH_DIGITS]) // BATCH_UNIT_BYTES)


def _too_much(kind: Kind) -> Fault:
    what = {"reads": "reads", "heavy": "searches, exports and questions to both clocks", "writes": "writes"}[kind]
    return Fault("rate-limited", f"too many {what} from this address or with this token; wait, then go on more slowly")


def _saying(send: Send, policy: Header, left: Header) -> Send:
    def saying(message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], policy, left]
        return send(message)

    return saying


async def _refuse(scope: Scope, send: Send, fault: Fault, wait_s: int) -> None:
    """Answer without having read anything."""
    told = problem(fault.code, str(fault))
    scope.setdefault("state", {})[CODE] = told.code
    body = msgspec.json.encode(told)
    headers: dict[str, Any] = {
        **ALWAYS,
        **CROSS_ORIGIN,
        **{name.lower(): value for name, value in headers_of(told, fault).items()},
        "retry-after": wait_s,
        "content-type": MEDIA_TYPE,
        "content-length": len(body),
    }
    encoded = [(name.encode(), str(value).encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": told.status, "headers": encoded})
    await send({"type": "http.response.body", "body": body, "more_body": False})
