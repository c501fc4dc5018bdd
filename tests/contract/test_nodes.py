"""Many nodes of one log: what each of them promises holds for all of them together."""

import asyncio
import itertools
import random
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path

import pytest

from events.log.port import (
    AppendCondition,
    AppendConditionFailed,
    CaughtUp,
    Event,
    Log,
    LogUnavailable,
    OutcomeUnknown,
    PositionAhead,
    Query,
    Receipt,
)
from events.log.sqlite import POLL_S
from tests.contract.engines import ENGINES, Engine, Kind, Shared
from tests.contract.given import Clock, append_each, commit, made, next_of, outcomes, positions, query, tagged, unless
from tests.contract.test_erasure import SECRET, erasing

pytestmark = pytest.mark.parametrize("kind", ENGINES[1:], indirect=True)


class Nodes:
    """Engines of one log, as many as are asked for; those that are open at the end are closed."""

    def __init__(self, kind: Shared, directory: Path) -> None:
        self.kind = kind
        self.directory = directory
        self.clock = Clock()
        self._engines: list[Engine] = []

    async def join(self, poll_s: float = POLL_S) -> Log:
        if not self._engines:
            engine = await self.kind.open(self.directory, self.clock)
        else:
            node = self.directory.with_name(f"node-{len(self._engines)}")
            engine = await self.kind.join(self.directory, node, self.clock, poll_s)
        self._engines.append(engine)
        return engine.log

    async def close(self) -> None:
        for engine in self._engines:
            await engine.close()


@pytest.fixture
async def nodes(kind: Kind, tmp_path: Path) -> AsyncGenerator[Nodes, None]:
    assert isinstance(kind, Shared)
    nodes = Nodes(kind, tmp_path / "data")
    yield nodes
    await nodes.close()


async def up_to(log: Log, position: int) -> None:
    """Wait until a node has all up to a position."""
    subscription = log.subscribe(Query.all(), after=0)
    async with asyncio.timeout(10):
        while (word := await anext(subscription)).position < position or isinstance(word, CaughtUp):
            pass
    await subscription.aclose()


async def test_positions_have_no_gaps_and_conditions_hold_whoever_appends(nodes: Nodes) -> None:
    """Cases 3, 30 and 38."""
    logs = [await nodes.join(), await nodes.join(), await nodes.join()]
    dice = random.Random(30)
    conditions: dict[int, AppendCondition] = {}

    async def writer(log: Log) -> None:
        for _ in range(12):
            asked = query(tagged(f"a:{dice.randint(1, 4)}"))
            condition = AppendCondition(fail_if_match=asked, after=(await log.read(asked)).head)
            (answer,) = await outcomes(log, [commit(made(f"a:{dice.randint(1, 4)}"), condition=condition)])
            assert isinstance(answer, Receipt | AppendConditionFailed)
            if isinstance(answer, Receipt):
                conditions[answer.first] = condition

    await asyncio.gather(*(writer(log) for log in logs for _ in range(3)))

    for log in logs:  # Each may be behind until it has heard of what another one recorded.
        await up_to(log, len(conditions))
    events = (await logs[0].read(Query.all())).events
    for log in logs[1:]:
        assert (await log.read(Query.all())).events == events
    assert [event.position for event in events] == sorted(conditions) == list(range(1, len(conditions) + 1))
    for first, condition in conditions.items():
        between = events[condition.after : first - 1]
        assert not any(condition.fail_if_match.matches(event.type, event.tags) for event in between)
    assert {(await log.verify()).root for log in logs} == {(await logs[0].head()).root}


async def test_of_racers_on_all_nodes_exactly_one_wins(nodes: Nodes) -> None:
    """Case 26."""
    logs = [await nodes.join(), await nodes.join()]
    await append_each(logs[0], made("a:1"))

    for after in range(1, 8):
        request = [commit(made("a:1"), condition=unless(tagged("a:1"), after=after)) for _ in range(8)]
        answers = await asyncio.gather(outcomes(logs[0], request[:4]), outcomes(logs[1], request[4:]))
        assert [type(answer) for half in answers for answer in half].count(Receipt) == 1


@pytest.mark.parametrize("changes", [True, False])
async def test_one_key_on_two_nodes_at_once_is_written_once(nodes: Nodes, changes: bool) -> None:
    """Cases 14a and 15: whether it changes something or nothing."""
    logs = [await nodes.join(), await nodes.join()]

    for number in range(6):
        requests = [commit(made(), key=f"{number}"), commit(key=f"{number}", unchanged=True)]
        sent = [requests[0], requests[0] if changes else requests[1]]
        receipts = await asyncio.gather(*(log.append(each) for log, each in zip(logs, sent, strict=True)))
        assert [receipt.duplicate for receipt in receipts].count(False) == 1
        assert len({(receipt.position, receipt.size) for receipt in receipts}) == 1


async def test_a_subscriber_of_another_node_hears_of_an_append_within_a_second(nodes: Nodes) -> None:
    """Case 49: by a hint, since it polls as good as never."""
    ours, theirs = await nodes.join(), await nodes.join(poll_s=60)
    subscription = theirs.subscribe(Query.all(), after="head")
    await next_of(subscription, 1)
    waiting = asyncio.create_task(anext(subscription))
    await asyncio.sleep(0.05)

    await append_each(ours, made())

    async with asyncio.timeout(1):
        word = await waiting
    assert isinstance(word, Event)
    await subscription.aclose()


async def test_a_position_of_another_node_is_never_ahead(nodes: Nodes) -> None:
    """Cases 23 and 40."""
    ours, theirs = await nodes.join(), await nodes.join()

    for _ in range(5):
        head = (await ours.append(commit(made("a:1")))).position
        subscription = theirs.subscribe(Query.all(), after=head)
        assert await next_of(subscription, 1) == [CaughtUp(position=head)]
        await subscription.aclose()
        head = (await ours.append(commit(made("a:1")))).position
        await theirs.append(commit(made("b:1"), condition=unless(tagged("a:1"), after=head)))

    with pytest.raises(PositionAhead):
        await theirs.append(commit(made("b:1"), condition=unless(tagged("a:1"), after=99)))


async def test_what_one_node_erases_is_gone_from_all(nodes: Nodes) -> None:
    """Case 56."""
    ours, theirs = await nodes.join(), await nodes.join()
    await append_each(ours, made("a:1", data=SECRET))
    await up_to(theirs, 1)

    erased = await ours.erase(erasing(1))
    await up_to(theirs, 2)

    assert (erased.pending, await theirs.purge()) == (0, 0)
    for log in (ours, theirs, await nodes.join()):
        assert (await log.read(Query.all())).events[0].data is None
        assert (await log.verify()).last == 2


async def test_a_server_that_is_killed_loses_nothing_it_acknowledged(nodes: Nodes) -> None:
    """Case 16, promises 1 to 3."""
    log = await nodes.join()
    acknowledged: dict[str, int] = {}
    killed = asyncio.Event()

    async def writer(number: int) -> None:
        for count in itertools.count():
            key = f"{number}-{count}"
            with suppress(LogUnavailable, OutcomeUnknown):
                acknowledged[key] = (await log.append(commit(made(f"k:{key}"), key=key))).position
            if killed.is_set():
                return

    writers = [asyncio.create_task(writer(number)) for number in range(4)]
    await up_to(log, 40)
    killed.set()
    await nodes.kind.kill()
    await asyncio.gather(*writers)
    log = await nodes.join()

    assert len(await positions(log)) == (await log.head()).position >= len(acknowledged)
    for key, position in acknowledged.items():
        assert await positions(log, query(tagged(f"k:{key}"))) == [position]
    again = await log.append(commit(made(), key=next(iter(acknowledged))))
    assert (again.position, again.duplicate) == (next(iter(acknowledged.values())), True)
    assert (await log.append(commit(made()))).position == (await log.verify()).last
