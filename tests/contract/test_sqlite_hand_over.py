"""Subscriptions of the SQLite engine, step by step, with a poll so long that a lost wake-up is noticed."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from events.log.port import CaughtUp, Event, Log, Query
from events.log.sqlite import SqliteEngine, open_sqlite
from tests.contract.given import Clock, Heard, append_each, commit, made, next_of, query, tagged
from tests.contract.steps import Step, SteppedDisk

NEVER_S = 3600.0
SLOW_S = 0.1


class Between:
    """Appends at chosen steps of the readers: the step is taken only once the append is answered."""

    def __init__(self) -> None:
        self.log: Log | None = None
        self.taken = 0
        self.commits_take_s = 0.0
        self._loop = asyncio.get_running_loop()
        self._at: deque[int] = deque()

    def append_at(self, *steps: int) -> None:
        self.taken, self._at = 0, deque(steps)

    def on_step(self, step: Step) -> None:
        if step == Step("log.db", "COMMIT", read_only=False, done=False):
            time.sleep(self.commits_take_s)
        if self.log is None or not (step.read_only and step.file == "log.db"):
            return
        number, self.taken = self.taken, self.taken + 1
        if self._at and self._at[0] == number:
            self._at.popleft()
            asyncio.run_coroutine_threadsafe(self.log.append(commit(made("a:1"))), self._loop).result(timeout=10)


@pytest.fixture
async def between() -> Between:
    return Between()


@pytest.fixture
async def engine(between: Between, tmp_path: Path) -> AsyncGenerator[SqliteEngine, None]:
    files = SteppedDisk(between.on_step)
    engine = await open_sqlite(tmp_path / "data", files=files, clock=Clock(), poll_s=NEVER_S)
    between.log = engine.log
    yield engine
    await engine.close()


async def test_what_is_appended_at_any_two_steps_of_the_hand_over_is_not_slept_through(
    between: Between, engine: SqliteEngine
) -> None:
    """Case 46: at each pair of steps a reader takes, from the beginning of its first read to its waiting."""
    await append_each(engine.log, made())
    steps_of_a_read = await undisturbed(between, engine.log)
    assert steps_of_a_read >= 8  # Begin, head, events, roll back: before and after each.
    head = 1

    for first in range(steps_of_a_read):
        for second in range(first + 1, 2 * steps_of_a_read):  # What was appended first made it read once more.
            between.append_at(first, second)
            subscription = engine.log.subscribe(Query.all(), after=head - 1)
            heard: list[Heard] = []
            while sum(isinstance(word, Event) for word in heard) < 3:
                heard += await next_of(subscription, 1)
            await subscription.aclose()

            assert [word.position for word in heard if isinstance(word, Event)] == [head, head + 1, head + 2]
            assert sum(isinstance(word, CaughtUp) for word in heard) <= 1
            head += 2


async def test_a_subscriber_that_waits_is_woken_once_there_is_something_to_read(
    between: Between, engine: SqliteEngine
) -> None:
    """Case 49, with a COMMIT so slow that a hint before it would find nothing."""
    subscription = engine.log.subscribe(Query.all(), after="head")
    await next_of(subscription, 1)
    waiting = asyncio.create_task(next_of(subscription, 1))
    between.commits_take_s = SLOW_S

    await append_each(engine.log, made())

    assert [word.position for word in await waiting] == [1]
    await subscription.aclose()


async def test_what_is_appended_between_the_steps_of_a_read_is_in_its_head_and_its_events_or_in_neither(
    between: Between, engine: SqliteEngine
) -> None:
    """Case 32."""
    await append_each(engine.log, made("a:1"))
    heads = []

    for step in range(8):
        for asked in (Query.all(), query(tagged("a:1")), query(tagged("a:1"), tagged("b:1"))):
            between.append_at(step)
            page = await engine.log.read(asked)
            assert [event.position for event in page.events] == list(range(1, page.head + 1))
            heads.append(page.head)

    assert heads[-1] > 20


async def undisturbed(between: Between, log: Log) -> int:
    """Return how many steps a subscription takes until it waits, when nothing is appended meanwhile."""
    between.append_at()
    subscription = log.subscribe(Query.all(), after=0)
    await next_of(subscription, 2)
    await subscription.aclose()
    return between.taken


async def test_an_ended_subscription_is_no_longer_woken(engine: SqliteEngine) -> None:
    """Case 50."""
    subscriptions = [engine.log.subscribe(Query.all(), after="head") for _ in range(5)]
    for subscription in subscriptions:
        await next_of(subscription, 1)
    waiting = [asyncio.create_task(anext(subscription)) for subscription in subscriptions]
    await asyncio.sleep(0)
    assert len(engine.log._hints._waiting) == 5

    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)

    assert engine.log._hints._waiting == set()
