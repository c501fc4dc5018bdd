"""Buckets that fill by themselves: who empties which, what is told, and what it costs to ask."""

import asyncio
import time
from collections.abc import Awaitable, Sequence
from typing import Any, TypeVar

import msgspec
import pytest

from api.limiting import (
    BATCH_COST_MAX,
    BATCH_UNIT_BYTES,
    FAILED_COST,
    HEAVY_SHARE,
    READS_AT_ONCE,
    READS_WAITING_MAX,
    REFUSAL_S,
    REFUSED_AT_ONCE_MAX,
    WINDOW_S,
    Buckets,
    Limiting,
    kind_of,
)
from api.principals import Principal
from events.views.turns import HEAVY

T = TypeVar("T")

RATE = 10.0
QUOTA = int(RATE * WINDOW_S)
ASKED_US_MAX = 5.0


class Clock:
    """A clock that somebody winds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Asked:
    """A limited application, and what it answers. Tokens that begin with `good` are good."""

    def __init__(self, *, rate: float = RATE, feeds_max: int = 5, feeds_per_address_max: int = 3) -> None:
        self.clock = Clock()
        self.answered = 0
        self.heavy = False
        self.waits: list[float] = []
        self.limiting = Limiting(
            self._app,
            self._known,
            rate_reads=rate,
            rate_writes=rate,
            feeds_max=feeds_max,
            feeds_per_address_max=feeds_per_address_max,
            base_path="/dl",
            clock=self.clock,
            sleep=self._sleep,
        )

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        self.answered += 1
        self.heavy = HEAVY.get()
        await send({"type": "http.response.start", "status": 200, "headers": ((b"x", b"y"),)})
        await send({"type": "http.response.body", "body": b""})

    def _known(self, scope: Any) -> Principal | None:
        token = dict(scope["headers"])[b"authorization"].decode()
        return Principal(id="p", scopes=frozenset(), token=token) if token.startswith("good") else None

    async def ask(
        self,
        path: str = "/v1/timelines/x",
        *,
        method: str = "GET",
        query: bytes = b"",
        address: str = "192.0.2.1",
        token: str = "",
        headers: Sequence[tuple[bytes, bytes]] = (),
    ) -> tuple[int, dict[str, str]]:
        """Return status and headers of an answer; the body must not be asked for."""
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            raise AssertionError("the body is read")

        shown = [(b"authorization", token.encode())] if token else []
        scope: Any = {
            "type": "http", "method": method, "path": path, "query_string": query, "client": (address, 1),
            "headers": [*shown, *headers],
        }  # fmt: skip
        HEAVY.set(False)
        await self.limiting(scope, receive, send)
        told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        if sent[0]["status"] == 429:
            assert msgspec.json.decode(sent[1]["body"])["code"] == "rate-limited"
        return sent[0]["status"], told

    async def statuses(self, count: int, path: str = "/v1/timelines/x", **how: Any) -> dict[int, int]:
        """Return how often which status was answered."""
        found = [(await self.ask(path, **how))[0] for _ in range(count)]
        return {status: found.count(status) for status in found}


async def test_a_bucket_gives_what_is_in_it_and_fills_by_itself() -> None:
    asked = Asked()

    assert await asked.statuses(QUOTA + 7) == {200: QUOTA, 429: 7}
    asked.clock.now += 0.5
    assert await asked.statuses(10) == {200: 5, 429: 5}
    asked.clock.now += 1000
    assert await asked.statuses(QUOTA + 7) == {200: QUOTA, 429: 7}


async def test_every_answer_says_how_much_is_left_and_a_refusal_when_to_come_again() -> None:
    asked = Asked()

    _, first = await asked.ask()
    await asked.statuses(QUOTA - 1)
    status, refused = await asked.ask()

    assert first["x"] == "y"
    assert first["ratelimit-policy"] == refused["ratelimit-policy"] == f'"reads";q={QUOTA};w={WINDOW_S}'
    assert first["ratelimit"] == f'"reads";r={QUOTA - 1};t=1'
    assert (status, refused["ratelimit"], refused["retry-after"]) == (429, f'"reads";r=0;t={WINDOW_S}', "1")
    assert refused["content-type"] == "application/problem+json"
    assert refused["access-control-allow-origin"] == "*"
    assert refused["cache-control"] == "no-store"


async def test_who_waits_as_long_as_told_is_answered() -> None:
    asked = Asked(rate=0.3)

    for _ in range(20):
        status, told = await asked.ask()
        if status == 429:
            asked.clock.now += int(told["retry-after"])
            assert (await asked.ask())[0] == 200


async def test_a_refusal_costs_nothing() -> None:
    asked = Asked()

    await asked.statuses(QUOTA + 1000)
    asked.clock.now += 0.1

    assert (await asked.ask())[0] == 200


async def test_reads_writes_and_what_takes_long_have_buckets_of_their_own() -> None:
    asked = Asked()

    assert await asked.statuses(QUOTA, "/v1/search") == {200: QUOTA // HEAVY_SHARE, 429: QUOTA - QUOTA // HEAVY_SHARE}
    assert await asked.statuses(QUOTA) == {200: QUOTA}
    assert await asked.statuses(QUOTA, method="POST") == {200: QUOTA}
    assert (await asked.ask(method="POST"))[1]["ratelimit-policy"].startswith('"writes"')
    assert (await asked.ask("/v1/search"))[1]["ratelimit-policy"] == f'"heavy";q={QUOTA // HEAVY_SHARE};w={WINDOW_S}'


async def test_a_good_token_has_buckets_of_its_own_wherever_it_is_used() -> None:
    asked = Asked()

    assert await asked.statuses(QUOTA + 1, token="good one") == {200: QUOTA, 429: 1}
    assert await asked.statuses(1, token="good one", address="192.0.2.2") == {429: 1}
    assert await asked.statuses(QUOTA, token="good two") == {200: QUOTA}
    assert await asked.statuses(QUOTA) == {200: QUOTA}


async def test_invented_tokens_are_paid_for_at_the_address_and_dearly() -> None:
    asked = Asked()

    refused = [(await asked.ask(token=f"invented {number}"))[0] for number in range(20)]

    assert refused.count(200) == QUOTA // FAILED_COST
    assert (await asked.statuses(QUOTA))[200] == QUOTA % FAILED_COST
    assert await asked.statuses(1, token="good one") == {200: 1}


async def test_the_addresses_of_one_line_of_ipv6_share_a_bucket() -> None:
    asked = Asked()

    told = [(await asked.ask(address=f"2001:db8::{number:x}"))[0] for number in range(QUOTA + 5)]

    assert told.count(429) == 5
    assert (await asked.ask(address="2001:db8:0:1::1"))[0] == 200
    assert (await asked.ask(address="::ffff:192.0.2.1"))[1]["ratelimit"] == f'"reads";r={QUOTA - 1};t=1'
    assert (await asked.ask(address="192.0.2.1"))[1]["ratelimit"] == f'"reads";r={QUOTA - 2};t=1'


@pytest.mark.parametrize(
    ("length", "cost"),
    [
        (None, BATCH_COST_MAX),
        (600, 1),
        (3 * BATCH_UNIT_BYTES, 4),
        (2_000_000, BATCH_COST_MAX),
        (10**40, BATCH_COST_MAX),
    ],
)
async def test_a_batch_costs_as_much_as_it_is_long(length: int | None, cost: int) -> None:
    asked = Asked()
    headers = [] if length is None else [(b"content-length", str(length).encode())]

    _, told = await asked.ask("/dl/v1/batch", method="POST", headers=headers)

    assert told["ratelimit"].startswith(f'"writes";r={QUOTA - cost};')


async def test_one_costly_request_is_answered_however_small_the_bucket() -> None:
    asked = Asked(rate=0.5)

    assert (await asked.ask("/v1/batch", method="POST"))[0] == 200
    status, told = await asked.ask("/v1/batch", method="POST")
    assert (status, told["retry-after"]) == (429, str(2 * 2 * BATCH_COST_MAX - WINDOW_S))


async def test_who_watches_the_service_is_never_told_that_it_is_busy() -> None:
    asked = Asked()

    for path in ("/healthz", "/readyz", "/dl/healthz"):
        assert await asked.statuses(QUOTA * 3, path) == {200: QUOTA * 3}
        assert "ratelimit" not in (await asked.ask(path))[1]


async def test_a_rate_of_nothing_is_no_limit() -> None:
    asked = Asked(rate=0.0)

    assert await asked.statuses(QUOTA * 10) == {200: QUOTA * 10}
    assert "ratelimit" not in (await asked.ask())[1]
    await asked.ask("/v1/search")
    assert asked.heavy


@pytest.mark.parametrize(
    ("method", "path", "query", "kind"),
    [
        ("GET", "/v1/announcements", b"", "reads"),
        ("HEAD", "/v1/announcements", b"as_of=5", "reads"),
        ("GET", "/v1/announcements", b"said_by=2024-01-01", "reads"),
        ("GET", "/v1/announcements", b"as_of=5&said_by=2024-01-01", "heavy"),
        ("GET", "/announcements/x", b"said%5Fby=2024-01-01&%61s_of=5", "heavy"),
        ("GET", "/v1/announcements", b"limit=5&q=x", "heavy"),
        ("GET", "/v1/announcements", b"%71=x", "heavy"),
        ("GET", "/v1/announcements", b"topic=q", "reads"),
        ("GET", "/v1/search", b"", "heavy"),
        ("GET", "/search", b"", "heavy"),
        ("GET", "/v1/scoreboard", b"", "heavy"),
        ("GET", "/v1/timelines/x.ics", b"", "heavy"),
        ("GET", "/timelines/x", b"all=1", "heavy"),
        ("GET", "/static/page.css", b"", "reads"),
        ("GET", "/widget/dateline.js", b"", "reads"),
        ("OPTIONS", "/v1/search", b"q=x", "reads"),
        ("POST", "/v1/sources", b"", "writes"),
        ("PATCH", "/v1/timelines/x", b"", "writes"),
        ("NONSENSE", "/v1/search", b"q=x", "writes"),
    ],
)
def test_every_request_has_its_kind(method: str, path: str, query: bytes, kind: str) -> None:
    assert kind_of(method, path, query) == kind


async def test_what_takes_long_is_known_as_such_further_in() -> None:
    asked = Asked()

    heavy = []
    for query in (b"", b"as_of=5&said_by=2024-01-01", b"limit=1"):
        await asked.ask("/v1/announcements", query=query)
        heavy.append(asked.heavy)

    assert heavy == [False, True, False]


def test_so_many_are_remembered_and_no_more_and_who_asks_all_the_time_is() -> None:
    buckets = Buckets("reads", RATE, buckets_max=100)
    granted = 0

    for number in range(1000):
        now = 1.0 + number / 1000
        assert buckets.take(f"asker {number}", 1, now)[0] == 0.0
        granted += buckets.take("busy", 1, now)[0] == 0.0

    assert len(buckets) == 100
    assert granted == QUOTA + int(RATE) - 1


async def soon(answer: Awaitable[T]) -> T:
    return await asyncio.wait_for(answer, 5)


async def test_feeds_are_counted_for_each_and_for_all(caplog: pytest.LogCaptureFixture) -> None:
    asked = Asked(rate=0.0, feeds_max=5, feeds_per_address_max=3)
    closing = asyncio.Event()

    async def feed(scope: Any, receive: Any, send: Any) -> None:
        await closing.wait()
        await send({"type": "http.response.start", "status": 200, "headers": ()})

    asked.limiting._app = feed
    paths = ["/v1/feed", "/v1/timelines/x/stream", "/dl/v1/feed"]
    opened = [asyncio.create_task(asked.ask(path)) for path in paths]
    await asyncio.sleep(0)

    refused = await soon(asked.ask("/v1/feed", headers=[(b"x-forwarded-for", b"192.0.2.9")]))
    opened += [asyncio.create_task(asked.ask("/v1/feed", address=f"192.0.2.{last}")) for last in (2, 3)]
    await asyncio.sleep(0)
    full = await soon(asked.ask("/v1/feed", address="192.0.2.4"))
    closing.set()

    assert refused[0] == 429
    assert (full[0], "retry-after" in full[1]) == (503, True)
    assert [status for status, _ in await asyncio.gather(*opened)] == [200] * 5
    assert (await asked.ask("/v1/feed"))[0] == 200
    assert not asked.limiting._feeds
    assert "set DATELINE_TRUSTED_PROXIES" in caplog.text


async def test_to_be_limited_costs_next_to_nothing() -> None:
    """A request through the limiter, less one without it: at best of several, since a busy machine adds to it."""
    asked = Asked(rate=1_000_000.0)
    count = 2_000
    scope: Any = {
        "type": "http", "method": "GET", "path": "/v1/timelines/x", "query_string": b"limit=1000",
        "client": ("192.0.2.1", 1),
        "headers": [(b"host", b"x"), (b"accept", b"*/*"), (b"accept-encoding", b"gzip"), (b"user-agent", b"x")],
    }  # fmt: skip

    async def send(message: Any) -> None:
        pass

    async def best_us(app: Any) -> float:
        took = []
        for _ in range(15):
            began = time.thread_time()
            for _ in range(count):
                await app(scope, None, send)
            took.append((time.thread_time() - began) / count * 1e6)
        return min(took)

    bare = await best_us(asked._app)
    limited = await best_us(asked.limiting)
    print(f"limiting: {limited - bare:.2f} us a request; {limited:.2f} with what is limited")

    assert limited - bare < ASKED_US_MAX * 3


async def test_who_goes_on_after_being_refused_waits_for_each_refusal() -> None:
    asked = Asked()

    assert await asked.statuses(QUOTA + REFUSED_AT_ONCE_MAX + 3) == {200: QUOTA, 429: REFUSED_AT_ONCE_MAX + 3}
    assert await asked.statuses(1, address="192.0.2.2") == {200: 1}

    assert len(asked.waits) == 3
    assert all(REFUSAL_S <= seconds <= 2 * REFUSAL_S for seconds in asked.waits)


@pytest.mark.parametrize("path", ["/v1/scoreboard/", "/v1//scoreboard", "//v1/scoreboard", "/dl//v1/scoreboard/"])
async def test_what_takes_long_takes_long_by_whatever_slashes_it_is_asked_for(path: str) -> None:
    _, told = await Asked().ask(path)

    assert told["ratelimit-policy"].startswith('"heavy"')


async def test_who_waits_for_texts_to_be_read_reads_on_beside_them() -> None:
    asked = Asked(rate=1000)
    done = asyncio.Event()
    inside: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        inside.append(scope["method"])
        if scope["method"] == "POST":
            await done.wait()
        await send({"type": "http.response.start", "status": 200, "headers": ()})
        await send({"type": "http.response.body", "body": b""})

    asked.limiting._app = app
    texts = [asyncio.create_task(asked.ask("/dl/v1/extract", method="POST")) for _ in range(READS_AT_ONCE + 2)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert inside == ["POST"] * READS_AT_ONCE
    assert (await asked.ask())[0] == 200

    done.set()
    assert {status for status, _ in await asyncio.gather(*texts)} == {200}
    assert not asked.limiting._reads


async def test_who_asks_for_much_at_once_waits_alone_until_the_answers_begin() -> None:
    asked = Asked(rate=1000)
    begin, taken = asyncio.Event(), asyncio.Event()
    inside = 0

    async def app(scope: Any, receive: Any, send: Any) -> None:
        nonlocal inside
        inside += 1
        if scope["client"][0] == "192.0.2.1":
            await begin.wait()
        await send({"type": "http.response.start", "status": 200, "headers": ()})
        await taken.wait()
        await send({"type": "http.response.body", "body": b""})

    asked.limiting._app = app
    much = [asyncio.create_task(asked.ask()) for _ in range(READS_AT_ONCE + READS_WAITING_MAX)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert inside == READS_AT_ONCE
    status, refused = await asked.ask()
    assert (status, refused["retry-after"]) == (503, "1")
    other = asyncio.create_task(asked.ask(address="192.0.2.2"))
    await asyncio.sleep(0)
    assert inside == READS_AT_ONCE + 1

    begin.set()
    for _ in range(3 * len(much)):  # Nobody has taken an answer yet.
        await asyncio.sleep(0)
    assert inside == len(much) + 1
    taken.set()
    assert {status for status, _ in await asyncio.gather(other, *much)} == {200}
    assert not asked.limiting._reads
