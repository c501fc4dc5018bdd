"""The limits of a real service: who asks too much is told so, everybody else is not disturbed; proxies are believed."""

import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx2
import pytest

from api.limiting import READS_AT_ONCE
from api.reading import VIEW_WAIT_S
from tests.api.raw import Answer, Raw, get, request
from tests.api.served import ADMIN, Served, keys

READS = 20
WRITES = 4
FEEDS = 3
TOKEN = f"Authorization: Bearer {ADMIN}"


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service with small buckets behind a proxy, whose clients are told apart by `client`."""
    with Served(
        tmp_path_factory.mktemp("data"),
        rate_reads=str(READS / 5),
        rate_writes=str(WRITES / 5),
        feeds_max=str(FEEDS + 1),
        feeds_per_address_max=str(FEEDS),
        trusted_proxies="127.0.0.1",
    ) as running:
        yield running


def client(number: int) -> str:
    return f"X-Forwarded-For: 203.0.113.{number}"


def ask(served: Served, *sent: bytes) -> list[Answer]:
    with Raw(served.port) as raw:
        return [raw.send(one).answer() for one in sent]


def test_who_reads_too_much_waits_while_everybody_else_reads(limited: Served) -> None:
    told = ask(limited, *[get("/v1/log", client(1))] * (READS + 5))
    others = ask(limited, get("/v1/log", client(2)), get("/v1/log", client(1), TOKEN), get("/healthz", client(1)))

    statuses = [answer.status for answer in told]
    assert statuses[:READS] == [200] * READS
    assert 429 in statuses
    assert [answer.status for answer in others] == [200, 200, 200]
    refused = told[statuses.index(429)]
    assert refused.code == "rate-limited"
    assert refused.headers["ratelimit"].startswith('"reads";r=0;t=')
    assert refused.headers["ratelimit-policy"] == f'"reads";q={READS};w=5'
    assert 1 <= int(refused.headers["retry-after"]) <= 5
    time.sleep(int(refused.headers["retry-after"]))
    assert ask(limited, get("/v1/log", client(1)))[0].status == 200


def test_answers_from_memory_and_without_a_body_say_what_is_left_too(limited: Served) -> None:
    with Raw(limited.port) as raw:
        tag = raw.send(get("/v1/timelines", client(3))).answer().headers["etag"]
        same = raw.send(get("/v1/timelines", client(3), f"If-None-Match: {tag}")).answer()
        head = raw.send(request("HEAD", "/v1/timelines", client(3))).answer(method="HEAD")

    assert (same.status, same.headers["ratelimit"]) == (304, f'"reads";r={READS - 2};t=1')
    assert (head.status, head.headers["ratelimit"]) == (200, f'"reads";r={READS - 3};t=1')


def test_what_is_too_much_is_refused_before_its_body_is_read(limited: Served) -> None:
    post = request("POST", "/v1/sources", client(4), f"Idempotency-Key: {next(keys)}", "Content-Length: 2000000")

    for _ in range(WRITES + 1):
        with Raw(limited.port) as raw:
            answer = raw.send(post).answer()

    assert (answer.status, answer.headers["ratelimit-policy"]) == (429, f'"writes";q={WRITES};w=5')


def test_guessing_tokens_is_over_soon(limited: Served) -> None:
    guesses = [get("/v1/log", client(5), f"Authorization: Bearer guess-{number}") for number in range(10)]

    statuses = [answer.status for answer in ask(limited, *guesses)]

    assert statuses[0] == 401
    assert statuses[2:] == [429] * 8


def test_who_is_no_proxy_is_not_believed_and_cannot_choose_an_address(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Served(tmp_path_factory.mktemp("data"), rate_reads="2", trusted_proxies="192.0.2.1") as served:
        told = ask(served, *[get("/v1/log", client(number)) for number in range(20)])

    assert 429 in [answer.status for answer in told]


def test_so_many_feeds_are_open_for_each_and_in_all(limited: Served) -> None:
    with ExitStack() as open_until:
        for _ in range(FEEDS):
            feed = open_until.enter_context(Raw(limited.port))
            assert b" 200 " in feed.send(get("/v1/feed", client(6)))._until(b"\r\n\r\n")
        of_one, *_ = ask(limited, get("/v1/feed", client(6)))
        others = ("/v1/feed/", "/v1//feed", "/v1/timelines/x/stream/")
        by_other_slashes = [ask(limited, get(path, client(6)))[0].status for path in others]
        other = open_until.enter_context(Raw(limited.port))
        assert b" 200 " in other.send(get("/v1/feed", client(7)))._until(b"\r\n\r\n")
        in_all, *_ = ask(limited, get("/v1/feed", client(8)))

    assert (of_one.status, of_one.code) == (429, "rate-limited")
    assert by_other_slashes == [429] * len(others)
    assert (in_all.status, in_all.code) == (503, "feeds-full")
    assert of_one.headers["retry-after"] == in_all.headers["retry-after"] == "60"
    deadline = time.monotonic() + 10
    while True:  # Their places are free once the service has seen them go.
        with Raw(limited.port) as again:
            if b" 200 " in again.send(get("/v1/feed", client(9)))._until(b"\r\n\r\n"):
                break
        assert time.monotonic() < deadline
        time.sleep(0.3)


def test_who_waits_for_what_is_not_recorded_yet_keeps_nobody_of_the_same_address_waiting(limited: Served) -> None:
    with ExitStack() as open_until:
        for _ in range(READS_AT_ONCE + 1):
            waiting = open_until.enter_context(Raw(limited.port))
            waiting.send(get("/v1/timelines?min_position=1000000", client(10)))
        began = time.monotonic()
        told, *_ = ask(limited, get("/v1/timelines", client(10)))

    assert told.status == 200
    assert time.monotonic() - began < VIEW_WAIT_S / 2


def test_nobody_is_limited_by_default_who_does_what_people_do(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = tmp_path_factory.mktemp("data")
    with Served(data, rate_reads="", rate_writes="") as served:  # Empty is not set.
        writing = {"Authorization": f"Bearer {ADMIN}"}
        with httpx2.Client(base_url=served.url, headers=writing) as desk:
            began, count = time.monotonic(), 300
            for number in range(count):
                body = {"slug": f"t-{number}", "title": "T", "query": {"topic": "x"}}
                answer = desk.post("/v1/timelines", json=body, headers={"Idempotency-Key": next(keys)})
                assert answer.status_code == 201
            assert answer.headers["RateLimit-Policy"] == '"writes";q=1250;w=5'
            assert served.public.get("/v1/log").headers["RateLimit-Policy"] == '"reads";q=1000;w=5'
            assert served.public.get("/v1/announcements?q=t").headers["RateLimit-Policy"] == '"heavy";q=100;w=5'
            print(f"{count / (time.monotonic() - began):.0f} writes/s")
