"""Concurrent runs of every engine, seen from outside, keep the contract."""

import asyncio
import random

import pytest

from events.log.entry import uuid7
from events.log.port import (
    AppendCondition,
    AppendConditionFailed,
    CaughtUp,
    Event,
    Log,
    NewCommit,
    NewEvent,
    Progress,
    Query,
    QueryItem,
    Receipt,
)
from tests.contract.checker import first_anomaly
from tests.contract.conftest import Served
from tests.contract.given import commit
from tests.contract.history import History, Witness
from tests.torture import tries

WRITERS, READERS, SUBSCRIBERS = 8, 3, 3
APPENDS = 25
TAGS = ("a:1", "a:2", "a:3", "b:1")
TYPES = ("a.a", "b.b")
END = b"end"


class Run:
    """Writers, readers and subscribers at one engine, who draw what they do from a seed."""

    def __init__(self, seed: int) -> None:
        self.history = History()
        self._seed = seed
        self._sent = 0

    async def phase(self, log: Log, number: int) -> None:
        """Have them all work until each writer has sent its appends and each subscriber has heard of all."""
        witness = Witness(log, self.history)
        done = asyncio.Event()
        async with asyncio.timeout(60), asyncio.TaskGroup() as together:
            for each in range(READERS):
                together.create_task(self._reads(witness, self._dice(number, "r", each), done))
            for each in range(SUBSCRIBERS):
                together.create_task(self._listens(witness, self._dice(number, "s", each)))
            async with asyncio.TaskGroup() as writing:
                for each in range(WRITERS):
                    writing.create_task(self._writes(witness, self._dice(number, "w", each)))
            done.set()
            await witness.append(self._end())

    async def finish(self, log: Log) -> None:
        """Read the whole log."""
        events: tuple[Event, ...] = ()
        while page := (await log.read(Query.all(), after=len(events))).events:
            events += page
        self.history.log = events

    def _dice(self, *who: object) -> random.Random:
        return random.Random(f"{self._seed} {who}")

    def _commit(self, dice: random.Random, head: int) -> NewCommit:
        self._sent += 1
        events = [
            NewEvent(
                type=dice.choice(TYPES),
                data=b"%d" % self._sent,
                tags=tuple(dice.sample(TAGS, dice.randint(0, 2))),
                id=uuid7(self._sent, number.to_bytes(10)),
            )
            for number in range(dice.choice((0, 1, 1, 1, 2, 3)))
        ]
        condition = AppendCondition(fail_if_match=_query(dice), after=head) if dice.random() < 0.7 else None
        return commit(*events, key=f"{self._sent}", condition=condition, unchanged=not events, note=b"%d" % self._sent)

    async def _writes(self, log: Witness, dice: random.Random) -> None:
        sent: list[NewCommit] = []
        for _ in range(APPENDS):
            head = (await log.read(Query.all(), limit=0)).head
            request = self._commit(dice, head)
            sent.append(request)
            match dice.randint(0, 9):
                case 0:
                    await asyncio.gather(log.append(request), log.append(request))
                case 1:
                    appending = asyncio.create_task(log.append(request))
                    await asyncio.sleep(0)
                    appending.cancel()
                    await asyncio.gather(appending, return_exceptions=True)
                    await log.append(request)
                case 2:
                    await asyncio.gather(*(log.append(self._commit(dice, head)) for _ in range(5)))
                case 3:
                    await log.append(dice.choice(sent))
                case _:
                    await log.append(request)
            await log.outcome(dice.choice(sent).key)

    async def _reads(self, log: Witness, dice: random.Random, done: asyncio.Event) -> None:
        head = 0
        while not done.is_set():
            after = max(0, head - dice.randint(0, 40))
            upto = dice.choice((None, None, head, head + 3))
            limit = dice.choice((0, 1, 7, 1000))
            page = await log.read(_query(dice), after=after, upto=upto, backwards=dice.random() < 0.3, limit=limit)
            head = page.head
            await asyncio.sleep(0)

    async def _listens(self, log: Witness, dice: random.Random) -> None:
        head = (await log.read(Query.all(), limit=0)).head
        subscription = log.subscribe(_query(dice), after=dice.choice((0, head // 2, head)))
        async for word in subscription:
            if isinstance(word, Event) and word.data == END and word.position > head:
                break
            if isinstance(word, Progress | CaughtUp):
                await asyncio.sleep(0)
        await subscription.aclose()

    def _end(self) -> NewCommit:
        """Return a request with something for whatever was subscribed to."""
        self._sent += 1
        events = [
            NewEvent(type=type, data=END, tags=TAGS, id=uuid7(self._sent, number.to_bytes(10)))
            for number, type in enumerate(TYPES)
        ]
        return commit(*events, key=f"{self._sent}")


def _query(dice: random.Random) -> Query:
    if dice.random() < 0.2:
        return Query.all()
    items = [
        QueryItem(
            types=tuple(dice.sample(TYPES, dice.randint(0, 1))), tags=tuple(dice.sample(TAGS, dice.randint(1, 2)))
        )
        for _ in range(dice.randint(1, 2))
    ]
    return Query(items=tuple(items))


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(tries(3, 300)))
async def test_a_concurrent_run_with_a_restart_keeps_the_contract(served: Served, seed: int) -> None:
    """Cases 3, 4, 8 to 11, 15, 18, 25, 30 to 33, 37 to 39 and 45, as callers see them."""
    run = Run(seed)
    await run.phase((await served.open()).log, 1)
    await served.close()
    log = (await served.open()).log
    await run.phase(log, 2)

    await run.finish(log)

    assert first_anomaly(run.history) is None
    answers = [call.answer for call in run.history.appends]
    assert sum(isinstance(answer, Receipt) and not answer.duplicate for answer in answers) > 100
    assert sum(isinstance(answer, Receipt) and answer.duplicate for answer in answers) > 20
    assert sum(isinstance(answer, AppendConditionFailed) for answer in answers) > 20
    assert any(isinstance(answer, asyncio.CancelledError) for answer in answers)
    assert len(run.history.reads) > 200
