"""Reading, and what readers see while others write (cases 31 to 39)."""

import asyncio
import threading
import time
from itertools import product

import pytest

from events.instants import NotAnInstant
from events.log.port import PAGE_EVENTS_MAX, AppendConditionFailed, Event, Log, Query, ReadInvalid
from tests.contract.conftest import Served
from tests.contract.given import (
    Clock,
    append_each,
    commit,
    made,
    next_of,
    outcomes,
    positions,
    query,
    tagged,
    typed,
    unless,
)

HELD_S = 0.4


async def test_after_the_head_there_is_nothing_and_the_head_is_told(log: Log) -> None:
    """Case 31."""
    await append_each(log, made(), made())

    for after in (2, 3, 10**9):
        page = await log.read(Query.all(), after=after)
        assert (page.events, page.head) == ((), 2)


@pytest.mark.parametrize("asked", [Query.all(), query(tagged("a:1")), query(tagged("a:1"), tagged("b:1"))])
async def test_the_head_comes_from_the_same_snapshot_as_the_events(log: Log, asked: Query) -> None:
    """Case 32."""
    heads = set()

    async def reader() -> None:
        head = 0
        while head < 200:
            page = await log.read(asked)
            head = page.head
            heads.add(head)
            assert [event.position for event in page.events] == list(range(1, head + 1))

    async def writer() -> None:
        for _ in range(20):
            await asyncio.gather(*(log.append(commit(made("a:1", "b:1"))) for _ in range(10)))

    await asyncio.gather(writer(), reader(), reader())

    assert len(heads) > 5


@pytest.mark.parametrize(
    "asked", [Query.all(), query(tagged("a:0")), query(typed("announcement.made")), query(tagged("a:0"), tagged("a:1"))]
)
async def test_backwards_is_the_reverse_of_forwards_page_by_page(log: Log, asked: Query) -> None:
    """Case 33."""
    await append_each(log, *(made(f"a:{number % 3}") for number in range(30)))

    forwards: list[Event] = []
    after = 0
    while page := (await log.read(asked, after=after, limit=4)).events:
        forwards += page
        after = page[-1].position
    backwards: list[Event] = []
    upto = None
    while page := (await log.read(asked, upto=upto, limit=4, backwards=True)).events:
        backwards += page
        upto = page[-1].position - 1

    assert [event.position for event in forwards] == await positions(log, asked)
    assert forwards == backwards[::-1]


@pytest.mark.parametrize(
    "asked", [Query.all(), query(tagged("a:0")), query(typed("announcement.made"), tagged("a:1")), query(tagged("x:1"))]
)
async def test_every_window_gives_what_lies_in_it(log: Log, asked: Query) -> None:
    """Cases 33, 34 and 35, for every `after`, `upto`, `limit` and direction over a short log."""
    await append_each(log, *(made(f"a:{number % 2}") for number in range(5)))
    everything = [event for event in (await log.read(Query.all())).events if asked.matches(event.type, event.tags)]

    for after, upto, limit, backwards in product(range(7), (None, *range(7)), range(4), (False, True)):
        page = await log.read(asked, after=after, upto=upto, limit=limit, backwards=backwards)
        within = [event for event in everything if after < event.position <= (5 if upto is None else upto)]
        assert page.head == 5
        assert list(page.events) == (within[::-1] if backwards else within)[:limit]


async def test_limit_0_gives_the_head_only(log: Log) -> None:
    """Case 34."""
    await append_each(log, made(), made())

    page = await log.read(Query.all(), limit=0)

    assert (page.events, page.head) == ((), 2)


async def test_a_limit_above_the_maximum_is_refused(log: Log) -> None:
    """Case 34."""
    for limit in (PAGE_EVENTS_MAX + 1, -1):
        with pytest.raises(ReadInvalid):
            await log.read(Query.all(), limit=limit)
    with pytest.raises(ReadInvalid):
        await log.read(Query.all(), after=-1)


async def test_a_page_holds_as_many_as_were_asked_for(log: Log) -> None:
    """Case 34."""
    for _ in range(3):
        await log.append(commit(*(made("a:1") for _ in range(400))))

    assert len((await log.read(Query.all())).events) == PAGE_EVENTS_MAX
    assert await positions(log, query(tagged("a:1")), after=1000) == list(range(1001, 1201))


async def test_upto_is_inclusive(log: Log) -> None:
    """Case 35."""
    await append_each(log, *(made("a:1") for _ in range(4)))

    for asked in (Query.all(), query(tagged("a:1"))):
        page = await log.read(asked, after=1, upto=3)
        assert [event.position for event in page.events] == [2, 3]
        assert page.head == 4
        assert (await log.read(asked, upto=0)).events == ()


async def test_position_at_is_the_last_position_recorded_by_then(log: Log, clock: Clock) -> None:
    """Case 36."""
    assert await log.position_at("2024-04-10T12:00:00.000000Z") == 0

    await append_each(log, made(), made())
    clock.move(10)
    await append_each(log, made())

    assert await log.position_at("2024-04-10T11:59:59.999999Z") == 0
    assert await log.position_at("2024-04-10T12:00:00.000000Z") == 2
    assert await log.position_at("2024-04-10T12:00:09.999999Z") == 2
    assert await log.position_at("2024-04-10T12:00:10.000000Z") == 3
    assert await log.position_at("2099-01-01T00:00:00.000000Z") == 3
    with pytest.raises(NotAnInstant):
        await log.position_at("2024-04-10")


async def test_after_a_refused_append_the_next_position_is_the_next(log: Log) -> None:
    """Case 37."""
    await append_each(log, made("a:1"))
    with pytest.raises(AppendConditionFailed):
        await log.append(commit(made(), made(), condition=unless(tagged("a:1"))))
    await outcomes(log, [commit(made("not a tag")), commit(made("a:2"))])

    assert (await log.append(commit(made()))).position == 3
    assert await positions(log) == [1, 2, 3]


async def test_every_reader_sees_a_contiguous_prefix_always(log: Log) -> None:
    """Case 38: of commits of two events there is never half, and of one tag never less than the head promises."""
    done = asyncio.Event()

    async def writer(number: int) -> None:
        for _ in range(100):
            await log.append(commit(made(f"a:{number}", "c:1"), made(f"b:{number}")))

    async def reader() -> None:
        cursor, head = 0, 0
        while not (done.is_set() and cursor == head):
            page = await log.read(Query.all(), after=cursor, limit=200)
            assert page.head >= head
            assert page.head % 2 == 0
            head = page.head
            expected = range(cursor + 1, min(cursor + 200, head) + 1)
            assert [event.position for event in page.events] == list(expected)
            cursor += len(expected)

    async def reader_backwards() -> None:
        while not done.is_set():
            page = await log.read(query(tagged("c:1")), limit=10, backwards=True)
            assert [event.position for event in page.events] == list(range(page.head - 1, 0, -2))[:10]

    async def subscriber() -> None:
        subscription = log.subscribe(Query.all(), after=0)
        heard = [word.position for word in await next_of(subscription, 2001) if isinstance(word, Event)]
        assert heard == list(range(1, 2001))
        await subscription.aclose()

    readers = [asyncio.create_task(each) for each in (reader(), reader(), reader_backwards(), subscriber())]
    await asyncio.gather(*(writer(number) for number in range(10)))
    done.set()
    await asyncio.gather(*readers)

    assert (await log.head()).position == 2000


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)  # Of the others no commit can be held open from outside.
async def test_a_reader_at_the_tail_never_later_sees_a_position_at_or_below_its_cursor(served: Served) -> None:
    """Case 39: one commit is held open for 400 ms, others are sent meanwhile."""
    armed, held, released = threading.Event(), threading.Event(), threading.Event()

    def hold() -> None:
        if armed.is_set():
            held.set()
            assert released.wait(timeout=10)

    log = (await served.open(before_commit=hold)).log
    await append_each(log, made(), made())
    seen: list[int] = []

    async def reader() -> None:
        cursor = 2
        while cursor < 8:
            page = await log.read(Query.all(), after=cursor)
            seen.extend(event.position for event in page.events)
            cursor = max([cursor, *seen])
            await asyncio.sleep(0.001)

    armed.set()
    reading = asyncio.create_task(reader())
    first = asyncio.create_task(log.append(commit(made(), made())))
    await asyncio.to_thread(held.wait)
    others = [asyncio.create_task(log.append(commit(made(), made()))) for _ in range(2)]
    end = time.monotonic() + HELD_S
    while time.monotonic() < end:
        assert (await log.read(Query.all(), limit=0)).head == 2
        await asyncio.sleep(0.01)
    assert not any(task.done() for task in (first, *others))
    released.set()
    await asyncio.gather(first, *others, reading)

    assert seen == [3, 4, 5, 6, 7, 8]


async def test_an_event_reads_as_it_was_recorded(log: Log) -> None:
    """Section 4, the stored form."""
    await append_each(log, made())
    event = made("b:2", "a:1", data='{"title":"Staatsbesuch – 訪米"}'.encode())
    full = commit(event, by="system/import", recorded_at="2024-04-10T12:00:00.000000Z")

    await log.append(full)

    (read,) = (await log.read(Query.all(), after=1)).events
    assert (read.position, read.type, read.v, read.by, read.commit) == (2, event.type, 1, "system/import", (2, 1))
    assert (read.tags, read.data, read.recorded_at) == (("a:1", "b:2"), event.data, full.recorded_at)
    assert (read.said_at, read.causation, read.correlation) == (None, None, None)
