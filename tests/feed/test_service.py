"""The feed of the real service, in a process of its own, over raw sockets."""

import asyncio
import json
import re
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands import Serving
from tests.feed.streams import Frame, Readers

FACTS = 150
READERS = 100
GRACE_S = 10
"""A server that waited for its streams would take this long."""
KEYS = count(1)

CITED = {"citations": [{"source": "bulletin-2024-04-08", "quote": "Washington"}]}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with Serving("--seed", "--data", tmp_path_factory.mktemp("feed") / "data") as served:
        yield served


@pytest.fixture
async def feed(served: Serving) -> AsyncIterator[Readers]:
    readers = Readers(served.port)
    yield readers
    readers.leave()


def append(served: Serving, *ids: str) -> None:
    """Record an actor for each id, each in a commit of its own."""
    carry_out(served, *({"command": "record_actor", "id": id, "names": {"en": id}, "kind": "state"} for id in ids))


def carry_out(served: Serving, *commands: dict[str, Any]) -> None:
    """Carry out commands, each in a commit of its own."""
    connection = HTTPConnection("127.0.0.1", served.port)
    for command in commands:
        headers = {
            "Authorization": f"Bearer {served.token}",
            "Idempotency-Key": f"test:{next(KEYS)}",
            "Content-Type": "application/json",
        }
        connection.request("POST", "/v1/batch", json.dumps({"commands": [command]}), headers)
        with connection.getresponse() as answer:
            assert answer.status == 201, answer.read()
            answer.read()
    connection.close()


def head(served: Serving) -> int:
    return int(json.loads(served.get("/v1/log"))["head"])


async def test_the_feed_holds_what_the_events_hold(served: Serving, feed: Readers) -> None:
    stream = await feed.open("?from=start")
    facts = await stream.facts(head(served))

    events: list[Any] = []
    cursor: str | None = "start"
    while cursor is not None:
        page = json.loads(served.get(f"/v1/events?from={cursor}&limit=1000"))
        events += page["events"]
        cursor = page["next"]
    assert [fact.data for fact in facts] == events
    assert all(re.fullmatch(r"[0-9a-f]{8}-[1-9][0-9]*", fact["id"]) for fact in facts)


async def test_a_reader_that_comes_and_goes_misses_nothing_and_gets_nothing_twice(
    served: Serving, feed: Readers
) -> None:
    after = head(served)
    writing = asyncio.create_task(asyncio.to_thread(append, served, *(f"a{number}" for number in range(FACTS))))
    cursor: str | None = None
    found: list[int] = []
    while len(found) < FACTS:
        stream = await feed.open(f"?from={after}", cursor=cursor)
        facts: list[Frame] = await stream.facts(min(7, FACTS - len(found)))
        found += [fact.position for fact in facts]
        cursor = facts[-1]["id"]
        stream.close()
    await writing

    assert found == list(range(after + 1, after + 1 + FACTS))


async def test_many_readers_all_see_what_is_recorded(served: Serving, feed: Readers) -> None:
    streams = [await feed.open() for _ in range(READERS)]
    for stream in streams:
        await stream.control("caught-up")

    await asyncio.to_thread(append, served, "b1", "b2", "b3")

    for stream in streams:
        assert [fact.data["data"]["actor"] for fact in await stream.facts(3)] == ["b1", "b2", "b3"]


async def test_a_filter_tells_of_its_own_and_how_far_the_log_has_gone(served: Serving, feed: Readers) -> None:
    stream = await feed.open("?actor=c2")
    await stream.control("caught-up")

    await asyncio.to_thread(append, served, "c1", "c2", "c3")

    assert (await stream.facts(1))[0].data["subject"] == "actor:c2"
    assert await stream.control("caught-up") == {"position": head(served)}


async def test_the_feed_of_an_announcement_is_its_history(served: Serving, feed: Readers) -> None:
    history = json.loads(served.get("/v1/announcements/artemis-ii/history"))

    stream = await feed.open("?announcement=artemis-ii&from=start")

    about = [entry["position"] for entry in history["items"] if entry["type"].startswith("announcement.")]
    assert [fact.position for fact in await stream.facts(len(about))] == about


async def test_the_feed_of_a_timeline_tells_of_what_comes_onto_it_and_goes_off_it(
    served: Serving, feed: Readers
) -> None:
    made = {"command": "make_announcement", "title": "A fair", **CITED}
    stream = await feed.open("?timeline=us-japan-2024")
    await stream.control("caught-up")

    await asyncio.to_thread(
        carry_out,
        served,
        {**made, "id": "fair-on", "topics": ["us-japan-2024"]},
        {**made, "id": "fair-off", "topics": ["gardening"]},
        {
            "command": "amend",
            "id": "fair-on",
            "origin": "editor",
            "set": {"topics": ["gardening"]},
            "reason": "It is one of plants.",
        },
        {"command": "cancel", "id": "fair-on", **CITED},
        {"command": "pin", "slug": "us-japan-2024", "announcement": "fair-off"},
        {"command": "cancel", "id": "fair-off", **CITED},
    )

    facts = [fact.data for fact in await stream.facts(4)]
    assert [(fact["type"], fact["subject"]) for fact in facts] == [
        ("announcement.made", "announcement:fair-on"),
        ("announcement.amended", "announcement:fair-on"),
        ("timeline.item_pinned", "timeline:us-japan-2024"),
        ("announcement.cancelled", "announcement:fair-off"),
    ]


async def test_a_fact_can_come_with_what_it_changed(served: Serving, feed: Readers) -> None:
    stream = await feed.open(
        "?announcement=artemis-ii&types=announcement.made&types=announcement.rescheduled&from=start&include=state"
    )

    made, moved = [fact.data for fact in await stream.facts(2)]

    assert made["previous"] is None
    assert made["announcement"]["when"]["edtf"] == moved["previous"]["when"]["edtf"] == "2025-09"
    assert moved["announcement"]["when"]["edtf"] == "2026-04"
    assert moved["announcement"]["slip_days"] == 212


async def test_a_timeline_that_is_not_there_has_no_feed(served: Serving, feed: Readers) -> None:
    assert (await feed.open("?timeline=nothing")).status == 404


async def test_anybody_s_page_may_read_it(served: Serving) -> None:
    connection = HTTPConnection("127.0.0.1", served.port)
    connection.request("GET", "/v1/feed", headers={"Origin": "https://news.example", "Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    connection.close()

    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert answer.headers["content-encoding"] is None


async def test_a_problem_of_the_feed_looks_like_any_other(served: Serving, feed: Readers) -> None:
    stream = await feed.open("?colour=red")

    problem: dict[str, Any] = json.loads(await stream.body())
    assert (stream.status, problem["status"], problem["code"]) == (400, 400, "parameter-invalid")
    assert problem["errors"][0]["pointer"] == "?colour"


@asynccontextmanager
async def reading(served: Serving, count: int) -> AsyncIterator[Readers]:
    """Have readers who have caught up."""
    readers = Readers(served.port)
    for _ in range(count):
        await (await readers.open()).control("caught-up")
    yield readers
    readers.leave()


async def test_a_server_with_open_streams_does_not_wait_for_them(tmp_path: Path) -> None:
    with Serving("--data", tmp_path / "data") as served:
        async with reading(served, READERS) as readers:
            began = time.monotonic()
            code = await asyncio.to_thread(served.end, signal.SIGTERM)
            took_s = time.monotonic() - began

            assert code == 0
            assert took_s < GRACE_S / 2
            assert served.complained == ""
            for stream in readers.streams:
                assert await stream.control("bye") == {"reason": "shutdown"}
                assert await stream.ends()
