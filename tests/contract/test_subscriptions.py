"""Subscriptions: one loop from history into what is new, nothing lost, nothing twice (cases 40 to 50)."""

import asyncio
import random
from pathlib import Path

import pytest

from events.log.port import PAGE_EVENTS_MAX, CaughtUp, Event, Log, LogClosed, PositionAhead, Progress, Query
from tests.contract.conftest import Served
from tests.contract.given import Heard, append_each, commit, made, next_of, query, tagged, typed
from tests.torture import tries


def told(heard: list[Heard]) -> list[int | CaughtUp | Progress]:
    return [word.position if isinstance(word, Event) else word for word in heard]


async def test_a_cursor_ahead_of_the_log_is_an_explicit_error(log: Log) -> None:
    """Case 40."""
    await append_each(log, made())

    with pytest.raises(PositionAhead):
        await anext(log.subscribe(Query.all(), after=2))


async def test_a_subscriber_ahead_of_a_log_that_was_restored_is_told_so(served: Served, tmp_path: Path) -> None:
    """Case 40."""
    await append_each((await served.open()).log, made(), made())
    await served.back_up(tmp_path / "backup")
    log = (await served.open()).log
    await append_each(log, made(), made())
    subscription = log.subscribe(Query.all(), after=2)
    cursor = (await next_of(subscription, 2))[-1].position
    await subscription.aclose()
    await served.restore(tmp_path / "backup")

    log = (await served.open()).log

    for asked in (Query.all(), query(tagged("never:recorded"))):
        with pytest.raises(PositionAhead) as refusal:
            await anext(log.subscribe(asked, after=cursor))
        assert (refusal.value.after, refusal.value.head) == (4, 2)
    assert (await log.read(Query.all(), after=cursor)).head == 2


async def test_from_0_come_history_caught_up_once_and_then_new_events(log: Log) -> None:
    """Case 41."""
    await append_each(log, made(), made())
    subscription = log.subscribe(Query.all(), after=0)

    history = await next_of(subscription, 3)
    await append_each(log, made(), made())
    new = await next_of(subscription, 2)
    await append_each(log, made())
    new += await next_of(subscription, 1)

    assert told(history + new) == [1, 2, CaughtUp(position=2), 3, 4, 5]
    await subscription.aclose()


async def test_from_the_head_caught_up_comes_at_once(log: Log) -> None:
    """Case 42."""
    await append_each(log, made(), made())
    subscription = log.subscribe(Query.all(), after="head")

    caught_up = await next_of(subscription, 1)
    await append_each(log, made())

    assert told(caught_up + await next_of(subscription, 1)) == [CaughtUp(position=2), 3]
    await subscription.aclose()


async def test_a_position_to_begin_after_is_itself_excluded(log: Log) -> None:
    """Case 43."""
    await append_each(log, made(), made(), made())
    subscription = log.subscribe(Query.all(), after=2)

    assert told(await next_of(subscription, 2)) == [3, CaughtUp(position=3)]
    await subscription.aclose()


async def test_an_empty_log_is_caught_up_at_0(log: Log) -> None:
    """Case 44."""
    for after in (0, "head"):
        subscription = log.subscribe(Query.all(), after=after)
        assert told(await next_of(subscription, 1)) == [CaughtUp(position=0)]
        await subscription.aclose()


async def test_without_a_match_progress_advances(log: Log) -> None:
    """Case 45."""
    await append_each(log, made("a:1"), made("b:1"), made("b:1"))
    subscription = log.subscribe(query(tagged("a:1")), after=0)

    history = await next_of(subscription, 3)
    await append_each(log, made("b:1"))
    news = await next_of(subscription, 1)
    await append_each(log, made("a:1"))
    news += await next_of(subscription, 1)

    assert told(history) == [1, Progress(position=3), CaughtUp(position=3)]
    assert told(news) == [Progress(position=4), 5]
    await subscription.aclose()


async def test_a_filter_that_never_matches_still_progresses_over_a_long_history(log: Log) -> None:
    """Case 45."""
    for _ in range(3):
        await log.append(commit(*(made("b:1") for _ in range(500))))
    subscription = log.subscribe(query(typed("never.recorded")), after=0)

    assert told(await next_of(subscription, 2)) == [Progress(position=1500), CaughtUp(position=1500)]
    await subscription.aclose()


async def test_appends_at_every_step_of_the_hand_over_arrive_once_and_in_order(log: Log) -> None:
    """Case 46."""
    dice = random.Random(46)

    async def subscriber(steps: int) -> None:
        heard: list[Heard] = []
        subscription = log.subscribe(Query.all(), after=0)
        while sum(isinstance(word, Event) for word in heard) < 200:
            heard += await next_of(subscription, 1)
            for _ in range(steps):
                await asyncio.sleep(0)
        await subscription.aclose()
        assert [word.position for word in heard if isinstance(word, Event)] == list(range(1, 201))
        assert sum(isinstance(word, CaughtUp) for word in heard) == 1

    async def writer() -> None:
        for _ in range(200):
            await log.append(commit(made()))
            for _ in range(dice.randint(0, 5)):
                await asyncio.sleep(0)

    await asyncio.gather(writer(), *(subscriber(steps) for steps in range(8)))


async def test_of_1000_hand_overs_with_an_append_at_each_step_none_loses_or_repeats_an_event(log: Log) -> None:
    """Case 46: each time a new subscription comes from its history into what is appended some steps after it began."""
    await append_each(log, made(), made())

    async def append_after(steps: int) -> None:
        for _ in range(steps):
            await asyncio.sleep(0)
        await log.append(commit(made()))

    for interleaving in range(tries(1000, 10_000)):
        head = interleaving + 2
        subscription = log.subscribe(Query.all(), after=head - 2)
        appending = asyncio.create_task(append_after(interleaving % 50))
        heard = await next_of(subscription, 4)
        await appending
        await subscription.aclose()

        assert [word.position for word in heard if isinstance(word, Event)] == [head - 1, head, head + 1]
        assert [word.position for word in heard if isinstance(word, CaughtUp)] in ([head], [head + 1])


async def test_without_a_match_nothing_is_said_beyond_the_head_and_each_word_goes_on(log: Log) -> None:
    """Case 45."""
    heard: list[Heard] = []

    async def subscriber() -> None:
        cursor = 0
        async for word in log.subscribe(query(tagged("a:1")), after=0):
            heard.append(word)
            assert word.position <= (await log.read(Query.all(), limit=0)).head
            assert word.position > cursor or isinstance(word, CaughtUp)
            cursor = word.position
            if cursor == 300:
                return

    async def writer() -> None:
        for number in range(100):
            await log.append(commit(made("b:1"), made("a:1" if number % 3 == 0 else "b:1"), made("b:1")))

    async with asyncio.timeout(10):
        await asyncio.gather(subscriber(), writer())

    found = [word.position for word in heard if isinstance(word, Event)]
    assert found == list(range(2, 301, 9))
    assert any(isinstance(word, Progress) for word in heard)


async def test_a_burst_larger_than_a_page_is_delivered_whole(log: Log) -> None:
    """Case 47."""
    subscription = log.subscribe(Query.all(), after=0)
    assert told(await next_of(subscription, 1)) == [CaughtUp(position=0)]
    for _ in range(5):
        await log.append(commit(*(made() for _ in range(500))))

    heard = await next_of(subscription, 2500)

    assert len(heard) > 2 * PAGE_EVENTS_MAX
    assert told(heard) == list(range(1, 2501))
    await subscription.aclose()


async def test_a_waiting_subscriber_wakes_within_a_second_of_the_append(log: Log) -> None:
    """Case 49."""
    subscription = log.subscribe(Query.all(), after="head")
    await next_of(subscription, 1)
    waiting = asyncio.create_task(anext(subscription))
    await asyncio.sleep(0.05)

    await append_each(log, made())

    async with asyncio.timeout(1):
        word = await waiting
    assert word.position == 1
    await subscription.aclose()


async def test_a_subscription_cancelled_while_waiting_ends_at_once_and_leaks_nothing(log: Log) -> None:
    """Case 50."""
    before = asyncio.all_tasks()

    async def listen() -> None:
        async for _ in log.subscribe(Query.all(), after=0):
            pass

    listening = [asyncio.create_task(listen()) for _ in range(20)]
    await asyncio.sleep(0.05)
    for task in listening:
        task.cancel()
    async with asyncio.timeout(1):
        answers = await asyncio.gather(*listening, return_exceptions=True)

    assert all(isinstance(answer, asyncio.CancelledError) for answer in answers)
    assert asyncio.all_tasks() == before
    assert (await log.append(commit(made()))).position == 1


async def test_a_subscription_ends_when_the_engine_closes(served: Served) -> None:
    """Case 50."""
    subscription = (await served.open()).log.subscribe(Query.all(), after=0)
    await next_of(subscription, 1)
    waiting = asyncio.create_task(anext(subscription))
    await asyncio.sleep(0.05)

    await served.close()

    with pytest.raises(LogClosed):
        await waiting
