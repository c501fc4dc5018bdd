"""Conditions: what counts as a conflict, and that they hold at the moment of the commit (cases 19 to 30)."""

import asyncio
import json
import random
from typing import cast

import pytest

from events.log.entry import canonical
from events.log.port import (
    AppendCondition,
    AppendConditionFailed,
    CommitInvalid,
    Log,
    NewCommit,
    PositionAhead,
    Query,
    QueryInvalid,
    QueryItem,
    Receipt,
)
from tests.contract.given import append_each, commit, made, outcomes, positions, query, tagged, typed, unless


async def test_types_are_alternatives_tags_add_up_and_items_are_alternatives(log: Log) -> None:
    """Case 19."""
    await append_each(
        log,
        made("announcement:a", "source:s", type="announcement.made"),
        made("announcement:a", type="announcement.cancelled"),
        made("announcement:b", "source:s", type="announcement.made"),
        made("source:s", type="source.recorded"),
        made(type="log.restored"),
    )

    async def found(*items: QueryItem) -> list[int]:
        return await positions(log, query(*items))

    assert await found(typed("announcement.made", "source.recorded")) == [1, 3, 4]
    assert await found(tagged("announcement:a", "source:s")) == [1]
    assert await found(QueryItem(types=("announcement.made",), tags=("source:s",))) == [1, 3]
    assert await found(QueryItem(types=("announcement.made",), tags=("announcement:a", "source:s"))) == [1]
    assert await found(tagged("announcement:b"), tagged("announcement:a")) == [1, 2, 3]
    assert await found(tagged("source:s"), typed("log.restored"), tagged("source:s", "announcement:a")) == [1, 3, 4, 5]
    assert await found(typed("nothing.like_it"), tagged("actor:none")) == []
    assert await positions(log) == [1, 2, 3, 4, 5]


async def test_what_is_found_is_what_the_query_matches(log: Log) -> None:
    """Case 19: `Query.matches`, by which live filters go, and the engine agree on random queries."""
    dice = random.Random(19)
    types, tags = ("a.a", "a.b", "b.c"), ("k:1", "k:2", "k:3", "l:1")
    stored = [made(*dice.sample(tags, dice.randint(0, 3)), type=dice.choice(types)) for _ in range(60)]
    await append_each(log, *stored)

    for _ in range(200):
        items = []
        for _ in range(dice.randint(1, 4)):
            some_types = tuple(dice.sample(types, dice.randint(0, 2)))
            some_tags = tuple(dice.sample(tags, dice.randint(0 if some_types else 1, 3)))
            items.append(QueryItem(types=some_types, tags=some_tags))
        asked = query(*items)
        expected = [position for position, event in enumerate(stored, 1) if asked.matches(event.type, event.tags)]
        assert await positions(log, asked) == expected


async def test_the_largest_query_is_answered_and_a_larger_one_refused(log: Log) -> None:
    """Case 19."""
    tags = [f"a:{number}" for number in range(9)]
    await append_each(log, *(made(f"b:{number}", *tags) for number in range(5)))
    largest = [tagged(f"b:{number}", *tags) for number in range(1000)]

    assert await positions(log, query(*largest)) == [1, 2, 3, 4, 5]
    with pytest.raises(AppendConditionFailed):
        await log.append(commit(made(), condition=unless(*largest, after=4)))
    for larger in ([*largest, tagged("a:1")], [*largest[1:], tagged("b:1", "b:2", *tags)]):
        with pytest.raises(QueryInvalid):
            query(*larger)
    with pytest.raises(QueryInvalid):
        tagged(*(f"a:{number}" for number in range(65)))


def test_an_item_with_neither_types_nor_tags_is_refused() -> None:
    """Case 20."""
    with pytest.raises(QueryInvalid):
        QueryItem()
    with pytest.raises(QueryInvalid):
        Query()
    with pytest.raises(QueryInvalid):
        Query(items=(typed("a.b"),), everything=True)
    assert Query.all().matches("a.b", ())


async def test_after_is_exclusive(log: Log) -> None:
    """Case 21."""
    await append_each(log, made("a:1"), made("a:1"), made("b:1"))

    for after in (3, 2):
        condition = unless(tagged("a:1"), after=after)
        assert isinstance(await log.append(commit(made("c:1"), condition=condition)), Receipt)
    with pytest.raises(AppendConditionFailed) as refusal:
        await log.append(commit(made("c:1"), condition=unless(tagged("a:1"), after=1)))
    assert refusal.value.conflict == 2


async def test_a_condition_on_everything_holds_only_at_the_head(log: Log) -> None:
    """Case 21."""
    await append_each(log, made(), made())

    with pytest.raises(AppendConditionFailed) as refusal:
        await log.append(commit(made(), condition=AppendCondition(fail_if_match=Query.all(), after=1)))
    assert refusal.value.conflict == 2
    await log.append(commit(made(), condition=AppendCondition(fail_if_match=Query.all(), after=2)))


async def test_tags_that_are_never_on_the_same_event_match_nothing_together(log: Log) -> None:
    """Case 22."""
    await append_each(log, made("a:1"), made("b:1"))

    assert await positions(log, query(tagged("a:1", "b:1"))) == []
    await log.append(commit(made(), condition=unless(tagged("a:1", "b:1"))))


async def test_a_condition_after_the_head_is_refused(log: Log) -> None:
    """Case 23."""
    await append_each(log, made())

    with pytest.raises(PositionAhead) as refusal:
        await log.append(commit(made(), condition=unless(tagged("a:1"), after=2)))
    with pytest.raises(CommitInvalid):
        await log.append(commit(made(), condition=unless(tagged("a:1"), after=-1)))

    assert (refusal.value.after, refusal.value.head) == (2, 1)
    assert await positions(log) == [1]


async def test_a_condition_without_after_looks_at_everything(log: Log) -> None:
    """Case 24."""
    await append_each(log, made("a:1"), made("b:1"))

    with pytest.raises(AppendConditionFailed):
        await log.append(commit(made(), condition=AppendCondition(fail_if_match=query(tagged("a:1")))))


@pytest.mark.parametrize(
    "watched",
    [
        tagged("a:1"),
        tagged("a:1", "b:1"),
        typed("announcement.made"),
        QueryItem(types=("announcement.made",), tags=("b:1",)),
    ],
)
async def test_of_requests_sent_together_those_that_match_an_earlier_one_fail_alone(
    log: Log, watched: QueryItem
) -> None:
    """Case 25."""
    await append_each(log, made("a:1", "b:1"))

    def request(*tags: str, type: str = "announcement.made") -> NewCommit:
        return commit(made(*tags, type=type), condition=unless(watched, after=1))

    answers = await outcomes(
        log, [request("c:1", type="other.kind"), request("a:1", "b:1"), request("d:1"), request("e:1")]
    )

    assert [type(answer) for answer in answers] == [
        Receipt,
        Receipt,
        AppendConditionFailed,
        AppendConditionFailed,
    ]
    assert await positions(log) == [1, 2, 3]


async def test_of_requests_sent_together_that_watch_everything_the_first_wins_and_the_others_fail_alone(
    log: Log,
) -> None:
    """Case 25."""
    await append_each(log, made())

    for after in range(1, 20, 2):
        nothing_since = AppendCondition(fail_if_match=Query.all(), after=after)
        watching = [commit(made(f"a:{number}"), condition=nothing_since) for number in range(6)]
        answers = await outcomes(log, [*watching, commit(made("b:1"))])

        assert [type(answer) for answer in answers] == [Receipt, *[AppendConditionFailed] * 5, Receipt]
        assert await positions(log, after=after) == [after + 1, after + 2]


@pytest.mark.parametrize("watched", [Query.all(), query(tagged("a:1")), query(typed("announcement.made"))])
async def test_after_is_exclusive_of_an_event_that_is_sent_together_with_the_condition(
    log: Log, watched: Query
) -> None:
    """Cases 21 and 25."""
    await append_each(log, made("a:1"))

    def request(after: int) -> NewCommit:
        return commit(made("a:1"), condition=AppendCondition(fail_if_match=watched, after=after))

    answers = await outcomes(log, [request(1), request(2), request(2), request(3), request(9)])

    assert [type(answer) for answer in answers] == [Receipt, Receipt, AppendConditionFailed, Receipt, PositionAhead]
    assert await positions(log) == [1, 2, 3, 4]


async def test_one_poisoned_request_among_50_sent_together_fails_alone(log: Log) -> None:
    """Case 25."""
    requests = [commit(made(f"a:{number}")) for number in range(50)]
    requests[20] = commit(made("a:20", data=cast("bytes", "not bytes")))
    requests[30] = commit(made("not a tag"))

    answers = await outcomes(log, requests)

    assert [number for number, answer in enumerate(answers) if not isinstance(answer, Receipt)] == [20, 30]
    stored = [answer.position for answer in answers if isinstance(answer, Receipt)]
    assert stored == list(range(1, 49))


async def test_of_racers_behind_a_barrier_on_one_condition_exactly_one_wins(log: Log) -> None:
    """Case 26: each reads, all wait for each other, and then all append at once."""
    racers, rounds = 12, 20
    barrier = asyncio.Barrier(racers)
    asked = query(tagged("a:1"))

    async def racer(number: int) -> int | None:
        condition = unless(tagged("a:1"), after=(await log.read(asked)).head)
        await barrier.wait()
        for _ in range(number % 3):
            await asyncio.sleep(0)  # Not all of them in one transaction.
        (answer,) = await outcomes(log, [commit(made("a:1"), condition=condition)])
        if isinstance(answer, Receipt):
            return answer.position
        assert isinstance(answer, AppendConditionFailed)
        assert answer.conflict == condition.after + 1
        return None

    for won in range(1, rounds + 1):
        positions_won = await asyncio.gather(*(racer(number) for number in range(racers)))
        assert [position for position in positions_won if position is not None] == [won]
        assert await positions(log) == list(range(1, won + 1))


async def test_a_commit_that_lands_during_anothers_slow_read_makes_it_stale(log: Log) -> None:
    """Case 27: the boundary is the head of the first page; what lands between the pages is beyond it."""
    asked = query(tagged("a:1"))
    await append_each(log, *(made("a:1") for _ in range(4)))

    first = await log.read(asked, limit=2)
    await append_each(log, made("a:1"))
    second = await log.read(asked, after=2, upto=first.head)

    assert [event.position for event in second.events] == [3, 4]
    with pytest.raises(AppendConditionFailed) as refusal:
        await log.append(commit(made("a:1"), condition=unless(tagged("a:1"), after=first.head)))
    assert refusal.value.conflict == 5


async def test_of_two_who_read_before_either_wrote_the_second_is_stale(log: Log) -> None:
    """Case 27."""
    await append_each(log, made("a:1"), made("b:1"))
    ada, eve = await asyncio.gather(log.read(query(tagged("a:1"))), log.read(query(tagged("a:1"))))

    await log.append(commit(made("a:1"), condition=unless(tagged("a:1"), after=ada.head)))

    with pytest.raises(AppendConditionFailed):
        await log.append(commit(made("a:1"), condition=unless(tagged("a:1"), after=eve.head), by="eve"))
    assert await positions(log) == [1, 2, 3]


async def test_the_same_boundary_read_twice_gives_no_spurious_conflict(log: Log) -> None:
    """Case 28."""
    await append_each(log, made("a:1"))
    first = await log.read(query(tagged("a:1")))
    second = await log.read(query(tagged("a:1")))

    assert first == second
    await log.append(commit(made("a:1"), condition=unless(tagged("a:1"), after=second.head)))


async def test_disjoint_writers_have_no_conflicts_at_all(log: Log) -> None:
    """Case 29."""

    async def writer(number: int) -> None:
        after = 0
        for _ in range(25):
            own = unless(tagged(f"a:{number}"), after=after)
            after = (await log.append(commit(made(f"a:{number}"), condition=own))).position

    await asyncio.gather(*(writer(number) for number in range(8)))

    assert await positions(log) == list(range(1, 201))


async def test_every_stored_commits_condition_held_at_its_position(log: Log) -> None:
    """Case 30: each event's data says its commit's condition, so that the log alone is asked afterwards."""
    dice = random.Random(30)
    refused = 0

    async def writer() -> None:
        nonlocal refused
        for _ in range(15):
            watched = [f"a:{dice.randint(1, 4)}", *dice.choice([(), ("b:1",)])]
            head = (await log.read(Query.all(), limit=0)).head
            after = dice.choice((head, head, max(0, head - 3)))
            tags = (f"a:{dice.randint(1, 4)}", *dice.choice([(), ("b:1",)]))
            said = made(*tags, data=canonical({"after": after, "watched": watched}))
            events = [said] * dice.randint(1, 2)
            (answer,) = await outcomes(log, [commit(*events, condition=unless(tagged(*watched), after=after))])
            refused += isinstance(answer, AppendConditionFailed)

    await asyncio.gather(*(writer() for _ in range(20)))

    events = (await log.read(Query.all())).events
    assert refused > 20
    assert len(events) > 20
    for event in events:
        condition = json.loads(event.data or b"")
        between = events[condition["after"] : event.commit[0] - 1]
        assert not any(set(condition["watched"]) <= set(other.tags) for other in between)


async def test_a_condition_tells_tags_apart_as_a_read_does(log: Log) -> None:
    """Case 6."""
    await append_each(log, made("a:B"), made("a:b,c"))

    for look_alike in ("a:b", "a:c", "a:_", "a:%"):
        assert isinstance(await log.append(commit(made("c:1"), condition=unless(tagged(look_alike)))), Receipt)
    together = [commit(made("d:E")), commit(made("c:1"), condition=unless(tagged("d:e")))]
    assert [type(answer) for answer in await outcomes(log, together)] == [Receipt, Receipt]
