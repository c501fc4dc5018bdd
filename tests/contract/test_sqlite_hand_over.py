"""Subscriptions of the SQLite engine, step by step, with a poll so long that a lost wake-up is noticed."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from events.log.port import CaughtUp, Event, Log, Query
from events.log.sqlite import SqliteEngine, open_sqlite
from tests.contract.given import Clock, Heard, append_each, commit, made, next_of
from tests.contract.steps import Step, SteppedDisk

NEVER_S = 3600.0


class Between:
    """Appends at chosen steps of the readers: the step is taken only once the append is answered."""

    def __init__(self) -> None:
        self.log: Log | None = None
        self.taken = 0
        self._loop = asyncio.get_running_loop()
        self._at: deque[int] = deque()

    def append_at(self, *steps: int) -> None:
        self.taken, self._at = 0, deque(steps)

    def on_step(self, step: Step) -> None:
        if self.log is None or not (step.read_only and step.file == "log.db"):
            return
        number, self.taken = self.taken, self.taken + 1
        if self._at and self._at[0] == number:
            self._at.popleft()
            asyncio.run_coroutine_threadsafe(self.log.append(commit(made())), self._loop).result(timeout=10)


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
    assert len(engine.log._waiting) == 5

    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)

    assert engine.log._waiting == set()
