"""The feed's frames, byte for byte, over a real socket."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn

from api.connections import Connection
from api.feed import Feed
from events.log.entry import entry_of
from events.log.merkle import leaf_hash
from events.log.port import Log, Query
from events.log.sqlite import SqliteEngine, open_sqlite
from events.views.runner import Views
from tests.feed.streams import Readers, append


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[SqliteEngine]:
    engine = await open_sqlite(tmp_path)
    yield engine
    await engine.close()


@pytest.fixture
async def log(engine: SqliteEngine) -> Log:
    return engine.log


async def never(token: str) -> None:
    await asyncio.Event().wait()


@asynccontextmanager
async def serving(
    log: Log, directory: Path, *, heartbeat_s: float = 15.0, send_s: float = 20.0
) -> AsyncGenerator[Readers, None]:
    closing = asyncio.Event()
    views = await Views.open(directory / "views", log, now=lambda: "2024-05-01T00:00:00.000000Z")
    views.follow()
    app = Feed(log, views, closing, ended=never, heartbeat_s=heartbeat_s, send_s=send_s)
    server = uvicorn.Server(uvicorn.Config(app, http=Connection, port=0, lifespan="off", log_level="critical"))
    task = asyncio.ensure_future(server.serve())
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    readers = Readers(server.servers[0].sockets[0].getsockname()[1])
    try:
        yield readers
    finally:
        closing.set()
        server.should_exit = True
        await task
        readers.leave()
        await views.close()


@pytest.fixture
async def feed(log: Log, tmp_path: Path) -> AsyncIterator[Readers]:
    async with serving(log, tmp_path) as readers:
        yield readers


async def fork(log: Log, position: int) -> str:
    page = await log.read(Query.all(), after=position - 1, upto=position)
    return leaf_hash(entry_of(page.events[0])).hex()[:8]


async def test_a_stream_opens_with_its_headers_a_retry_and_a_comment(log: Log, feed: Readers) -> None:
    await append(log, "japan")

    stream = await feed.open()

    assert stream.status == 200
    assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert stream.headers["cache-control"] == "no-cache"
    assert stream.headers["x-accel-buffering"] == "no"
    assert stream.headers["dateline-position"] == "1"
    assert "content-encoding" not in stream.headers
    opening = await stream.frame()
    assert opening is not None
    assert opening.names == ["retry", ":"]
    assert int(opening["retry"]) > 0


async def test_a_fact_is_its_id_and_a_cloud_event_and_nothing_else(log: Log, feed: Readers) -> None:
    await append(log, "japan")

    stream = await feed.open("?from=start")
    (fact,) = await stream.facts(1)

    assert fact.names == ["id", "data"]
    assert fact["id"] == f"{await fork(log, 1)}-1"
    event = fact.data
    recorded = (await log.read(Query.all())).events[0]
    assert event == {
        "specversion": "1.0",
        "id": recorded.id,
        "source": f"urn:uuid:{(await log.head()).log_id}",
        "type": "actor.recorded",
        "time": recorded.recorded_at,
        "subject": "actor:japan",
        "datacontenttype": "application/json",
        "data": {"actor": "japan", "kind": "state", "names": {"en": ""}},
        "position": 1,
        "tags": "actor:japan",
        "by": "ada",
        "commit": "1-1",
    }


async def test_control_frames_are_named_hold_json_and_move_no_cursor(log: Log, feed: Readers) -> None:
    await append(log, "japan")

    stream = await feed.open()
    await stream.frame()
    caught_up = await stream.frame()

    assert caught_up is not None
    assert caught_up.fields == (("event", "caught-up"), ("data", '{"position":1}'))


async def test_the_leaf_hashes_of_the_ids_make_the_root_of_the_log(log: Log) -> None:
    await append(log, "japan")

    (event,) = (await log.read(Query.all())).events

    assert leaf_hash(entry_of(event)) == (await log.head()).root


async def test_without_from_only_what_is_recorded_from_now_on_is_told(log: Log, feed: Readers) -> None:
    await append(log, "japan", "france")

    stream = await feed.open()
    await stream.control("caught-up")
    await append(log, "chile")

    (fact,) = await stream.facts(1)
    assert fact.position == 3


@pytest.mark.parametrize(("start", "first"), [("start", 1), ("0", 1), ("2", 3)])
async def test_from_begins_after_a_position(log: Log, feed: Readers, start: str, first: int) -> None:
    await append(log, "japan", "france", "chile")

    stream = await feed.open(f"?from={start}")

    assert (await stream.facts(1))[0].position == first


async def test_from_begins_after_what_was_recorded_by_a_time(log: Log, feed: Readers) -> None:
    first = await append(log, "japan")
    await append(log, "france")

    stream = await feed.open(f"?from={first.recorded_at}")

    assert (await stream.facts(1))[0].position == 2


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("?from=9", "lies beyond the head 1"),
        ("?from=yesterday", "'yesterday' is none of"),
        ("?from=1&from=0", "more than once"),
        ("?types=actor.dreamed", "no facts of type 'actor.dreamed'"),
        ("?tags=Actor", "'Actor' is not a tag"),
        ("?announcement=No!", "'No!' is not an id"),
        ("?colour=red", "no parameter 'colour'"),
        ("?tags=%ff", "not UTF-8"),
        ("?" + "&".join(f"announcement=a{n}" for n in range(30)) + "".join(f"&actor=b{n}" for n in range(30)), "900"),
        ("?" + "&".join(["from=1"] * 300), "over 200 fields"),
    ],
)
async def test_what_makes_no_sense_is_a_problem_before_any_frame(
    log: Log, feed: Readers, query: str, detail: str
) -> None:
    await append(log, "japan")

    stream = await feed.open(query)

    assert stream.status == 400
    assert stream.headers["content-type"] == "application/problem+json"
    problem = json.loads(await stream.body())
    assert problem["status"] == 400
    assert problem["code"] == "parameter-invalid"
    assert detail in problem["detail"]


async def test_filters_repeat_as_or_and_differ_as_and(log: Log, feed: Readers) -> None:
    await append(log, "japan", "france", "chile")
    await append(log, "peru", type="actor.renamed")

    stream = await feed.open("?from=start&actor=japan&actor=peru&actor=chile&types=actor.recorded")

    assert [fact.position for fact in await stream.facts(2)] == [1, 3]
    assert await stream.control("caught-up") == {"position": 4}


async def test_a_filter_that_matches_nothing_still_tells_how_far_the_log_has_gone(log: Log, feed: Readers) -> None:
    stream = await feed.open("?actor=japan")
    assert await stream.control("caught-up") == {"position": 0}

    await append(log, "france", "chile")

    assert await stream.control("caught-up") == {"position": 2}


async def test_a_quiet_stream_has_a_heartbeat(log: Log, tmp_path: Path) -> None:
    async with serving(log, tmp_path, heartbeat_s=0.05) as feed:
        stream = await feed.open()
        await stream.control("caught-up")

        beats = [await stream.frame(), await stream.frame()]

        assert [beat.names for beat in beats if beat] == [[":"], [":"]]


@pytest.mark.parametrize("cursor", ["00000000-1", "{fork}-2", "{fork}-0", "1", "", "{fork}-" + "9" * 4000])
async def test_a_cursor_of_another_history_is_told_to_begin_again(log: Log, feed: Readers, cursor: str) -> None:
    await append(log, "japan")

    stream = await feed.open("?from=start", cursor=cursor.format(fork=await fork(log, 1)))

    if not cursor:
        assert (await stream.facts(1))[0].position == 1
        return
    assert stream.status == 200
    await stream.frame()
    reset = await stream.frame()
    assert reset is not None
    assert reset.fields == (("event", "reset"), ("data", "{}"))
    assert await stream.ends()


async def test_the_last_event_id_goes_before_the_query(log: Log, feed: Readers) -> None:
    await append(log, "japan", "france", "chile")

    stream = await feed.open("?from=start", cursor=f"{await fork(log, 2)}-2")

    assert (await stream.facts(1))[0].position == 3


async def test_a_reader_that_takes_nothing_is_cut_off(log: Log, tmp_path: Path) -> None:
    for number in range(40):
        await append(log, f"a{number}", padding=500_000)
    async with serving(log, tmp_path, send_s=0.3) as feed:
        stuck = await feed.open("?from=start", buffer=1024)
        await asyncio.sleep(1.0)

        with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
            await stuck.facts(40)


async def test_a_reader_that_takes_nothing_keeps_nobody_from_closing(log: Log, tmp_path: Path) -> None:
    for number in range(40):
        await append(log, f"a{number}", padding=500_000)
    async with serving(log, tmp_path) as feed:
        await feed.open("?from=start", buffer=1024)
        await asyncio.sleep(0.3)
        began = time.monotonic()

    assert time.monotonic() - began < 10.0


async def test_only_reading_is_allowed(feed: Readers) -> None:
    stream = await feed.open(method="POST")

    assert stream.status == 405
    assert stream.headers["allow"] == "get, head"


async def test_the_head_of_the_answer_can_be_had_alone(feed: Readers) -> None:
    stream = await feed.open(method="HEAD")

    assert stream.status == 200
    assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"


async def test_closing_says_goodbye_and_ends_every_stream(log: Log, tmp_path: Path) -> None:
    async with serving(log, tmp_path) as feed:
        streams = [await feed.open() for _ in range(20)]
        for stream in streams:
            await stream.control("caught-up")

    for stream in streams:
        assert await stream.control("bye") == {"reason": "shutdown"}
        assert await stream.ends()
