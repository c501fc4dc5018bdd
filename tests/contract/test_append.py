"""Append: what is refused, what is stored, and at which positions and times (cases 1 to 8a)."""

import unicodedata

import msgspec
import pytest

from events.log.port import (
    AppendConditionFailed,
    ClockBehindLog,
    CommitInvalid,
    EventIdTaken,
    Log,
    NewCommit,
    NewEvent,
    Query,
    QueryItem,
)
from tests.contract.conftest import Served
from tests.contract.given import (
    NOON,
    Clock,
    append_each,
    commit,
    made,
    outcomes,
    positions,
    query,
    tagged,
    unless,
)

UUID = "018ec86a-6640-7000-8000-00000000000{}"


async def test_a_commit_without_events_is_refused(log: Log) -> None:
    """Case 1."""
    with pytest.raises(CommitInvalid, match="unchanged"):
        await log.append(commit())

    assert await positions(log) == []


async def test_a_commit_that_is_unchanged_and_has_events_is_refused(log: Log) -> None:
    """Case 1."""
    with pytest.raises(CommitInvalid, match="unchanged"):
        await log.append(commit(made(), unchanged=True))


async def test_a_command_that_changed_nothing_uses_no_position_and_keeps_key_and_head(log: Log) -> None:
    """Case 1."""
    await append_each(log, made(), made())

    receipt = await log.append(commit(unchanged=True, key="nothing", note=b"made: visit"))

    assert (receipt.position, receipt.first, receipt.size, receipt.duplicate) == (2, 3, 0, False)
    kept = await log.outcome("ada/nothing")
    assert kept == msgspec.structs.replace(receipt, duplicate=True)
    assert (await log.append(commit(made()))).position == 3


async def test_a_command_that_changed_nothing_is_refused_by_its_condition(log: Log) -> None:
    """Case 1."""
    await append_each(log, made("announcement:visit"))

    with pytest.raises(AppendConditionFailed):
        await log.append(commit(unchanged=True, key="nothing", condition=unless(tagged("announcement:visit"))))

    assert await log.outcome("ada/nothing") is None


def _with(**changes: object) -> NewCommit:
    return msgspec.structs.replace(commit(made("announcement:visit"), key="bad"), **changes)


def _with_event(**changes: object) -> NewCommit:
    good = made("announcement:visit")
    return _with(events=(good, msgspec.structs.replace(good, **changes)))


REFUSED = {
    "data over 1 MiB": (_with_event(data=b"1" * (1024 * 1024 + 1)), "/events/1/data"),
    "501 events": (_with(events=(made(),) * 501), "/events"),
    "65 tags": (_with_event(tags=tuple(f"actor:{number}" for number in range(65))), "/events/1/tags"),
    "a tag over 200 bytes": (_with_event(tags=("actor:" + "é" * 98,)), "/events/1/tags/0"),
    "a tag without a kind": (_with_event(tags=("visit",)), "/events/1/tags/0"),
    "a tag without a value": (_with_event(tags=("actor:",)), "/events/1/tags/0"),
    "a tag with a blank": (_with_event(tags=("actor:a b",)), "/events/1/tags/0"),
    "a tag with a no-break space": (_with_event(tags=("actor:a\u00a0b",)), "/events/1/tags/0"),
    "a tag with NUL": (_with_event(tags=("actor:a\x00",)), "/events/1/tags/0"),
    "a tag with a control": (_with_event(tags=("actor:a\x9f",)), "/events/1/tags/0"),
    "a tag with half a character": (_with_event(tags=("actor:\ud800",)), "/events/1/tags/0"),
    "a tag with a line feed at its end": (_with_event(tags=("actor:a\n",)), "/events/1/tags/0"),
    "an empty type": (_with_event(type=""), "/events/1/type"),
    "version 0": (_with_event(v=0), "/events/1/v"),
    "an id that is no UUIDv7": (_with_event(id="visit"), "/events/1/id"),
    "said_at that is no instant": (_with_event(said_at="2024-04-10"), "/events/1/said_at"),
    "causation by a later event": (_with_event(causation=2), "/events/1/causation"),
    "the same id twice": (
        _with(events=(made(id=UUID.format(1)), made(id=UUID.format(1)))),
        "/events",
    ),
    "no principal": (_with(by=""), "/by"),
    "a key of somebody else": (_with(key="eve/bad"), "/key"),
    "an endless key": (_with(key="ada/" + "k" * 600), "/key"),
    "no fingerprint": (_with(fingerprint=b""), "/fingerprint"),
    "a note over 64 KiB": (_with(note=b"n" * (64 * 1024 + 1)), "/note"),
    "a correlation that is no trace id": (_with(correlation="0" * 32), "/correlation"),
    "a recorded_at that is no instant": (_with(recorded_at="yesterday"), "/recorded_at"),
}


@pytest.mark.parametrize(("bad", "pointer"), REFUSED.values(), ids=REFUSED)
async def test_an_unknown_or_oversized_part_is_refused_whole(log: Log, bad: NewCommit, pointer: str) -> None:
    """Case 2."""
    with pytest.raises(CommitInvalid) as refusal:
        await log.append(bad)

    assert refusal.value.pointer == pointer
    assert (await log.read(Query.all())).head == 0
    assert await log.outcome(bad.key) is None
    assert (await log.append(commit(made(), key="bad"))).position == 1


async def test_the_largest_parts_are_taken_and_make_an_entry_within_32_kib(log: Log) -> None:
    """Case 2: within the other limits no entry can be larger, even with every character escaped."""
    tags = tuple(f"actor:{number:02}".ljust(200, '"') for number in range(64))
    largest = NewEvent(type="a." + "b" * 98, data=b"1" * 1024 * 1024, tags=tags)

    receipt = await log.append(
        commit(largest, *(made() for _ in range(499)), by="b" * 200, key="k" * 300, note=b"n" * 64 * 1024)
    )

    assert receipt.size == 500
    (event,) = (await log.read(Query.all(), limit=1)).events
    assert event.data == largest.data
    assert event.tags == tags


async def test_events_get_the_positions_after_the_head_in_their_order(log: Log) -> None:
    """Case 3."""
    await append_each(log, made("announcement:a"))

    receipt = await log.append(
        commit(
            made("announcement:b", data=b'{"n":1}'),
            made("announcement:c", data=b'{"n":2}'),
            condition=unless(tagged("announcement:a"), after=1),
        )
    )

    assert (receipt.first, receipt.position, receipt.size) == (2, 3, 2)
    events = (await log.read(Query.all(), after=1)).events
    assert [(event.position, event.data) for event in events] == [(2, b'{"n":1}'), (3, b'{"n":2}')]


async def test_a_violated_condition_names_the_conflict_and_stores_nothing(log: Log) -> None:
    """Case 4."""
    await append_each(log, made("announcement:a"), made("announcement:b"), made("announcement:a"))

    with pytest.raises(AppendConditionFailed) as refusal:
        await log.append(
            commit(made("announcement:a"), key="late", condition=unless(tagged("announcement:a"), after=1))
        )

    assert (refusal.value.after, refusal.value.conflict) == (1, 3)
    assert await log.outcome("ada/late") is None
    assert (await log.append(commit(made()))).position == 4


async def test_a_conflict_of_the_last_event_keeps_the_whole_commit_out(log: Log) -> None:
    """Case 5."""
    await append_each(log, made(id=UUID.format(9)))
    events = [made(f"announcement:{number}", id=UUID.format(number)) for number in range(9)]

    (refused,) = await outcomes(log, [commit(*events, made(id=UUID.format(9)))])

    assert isinstance(refused, EventIdTaken)
    assert await positions(log) == [1]
    assert await positions(log, query(tagged("announcement:0"))) == []
    assert (await log.append(commit(*events))).first == 2


async def test_duplicate_tags_are_folded_and_sorted_by_their_bytes(log: Log) -> None:
    """Case 6."""
    await log.append(commit(made("b:x", "a:\U0001f600", "b:x", "a:\uffee")))

    (event,) = (await log.read(Query.all())).events
    assert event.tags == ("a:\uffee", "a:\U0001f600", "b:x")
    assert await positions(log, query(tagged("b:x"))) == [1]


async def test_tags_that_look_alike_never_collide(log: Log) -> None:
    """Case 6."""
    composed, decomposed = (unicodedata.normalize(form, "actor:é") for form in ("NFC", "NFD"))
    alike = ["actor:a", "actor:A", composed, decomposed, "actor:a,b", "actor:a%", "actor:_", "actor:a'b"]

    await append_each(log, *(made(tag) for tag in alike))

    for position, tag in enumerate(alike, start=1):
        assert await positions(log, query(tagged(tag))) == [position]
        for other in (tagged("actor:none"), QueryItem(types=("b.b",), tags=("actor:none",))):
            assert await positions(log, query(tagged(tag), other)) == [position]
    assert await positions(log, query(tagged("actor:b"))) == []


async def test_recorded_at_never_decreases_when_the_clock_steps_back(log: Log, clock: Clock) -> None:
    """Case 7."""
    await append_each(log, made())
    clock.move(-30)
    await append_each(log, made())
    clock.move(+31)
    await append_each(log, made())

    times = [event.recorded_at for event in (await log.read(Query.all())).events]
    assert times == [NOON, NOON, "2024-04-10T12:00:01.000000Z"]


async def test_recorded_at_does_not_decrease_over_a_restart_or_among_appends_sent_together(served: Served) -> None:
    """Case 7."""
    await append_each((await served.open()).log, made())
    await served.close()
    served.clock.move(-45)

    log = (await served.open()).log
    await outcomes(log, [commit(made(), made()), commit(unchanged=True), commit(made())])
    served.clock.move(+45.000001)
    await outcomes(log, [commit(made()), commit(made())])

    times = [event.recorded_at for event in (await log.read(Query.all())).events]
    assert times == [NOON] * 4 + ["2024-04-10T12:00:00.000001Z"] * 2


async def test_two_commits_of_500_events_never_interleave_and_a_page_may_end_inside_one(log: Log) -> None:
    """Case 8."""
    mine = commit(*(made("writer:ada") for _ in range(500)))
    theirs = commit(*(made("writer:eve") for _ in range(500)), by="eve")

    await outcomes(log, [mine, theirs])

    events = (await log.read(Query.all())).events
    assert len({event.by for event in events[:500]}) == 1
    assert {event.commit for event in events} == {(1, 500), (501, 500)}
    inside = (await log.read(Query.all(), limit=3)).events[-1]
    first, size = inside.commit
    assert inside.position < first + size - 1


async def test_a_clock_over_60_seconds_behind_the_log_is_refused(log: Log, clock: Clock) -> None:
    """Case 8a."""
    await append_each(log, made())
    clock.move(-60)
    await append_each(log, made())
    clock.move(-0.000001)

    for request in (commit(made()), commit(unchanged=True)):
        with pytest.raises(ClockBehindLog):
            await log.append(request)

    assert await positions(log) == [1, 2]
    clock.move(+0.000001)
    assert (await log.append(commit(made()))).position == 3


async def test_a_retry_is_answered_although_the_clock_is_far_behind_the_log(log: Log, clock: Clock) -> None:
    """Cases 8a and 9."""
    request = commit(made(), key="k")
    first = await log.append(request)
    clock.move(-3600)

    assert await log.append(request) == msgspec.structs.replace(first, duplicate=True)


async def test_an_import_keeps_its_times_between_the_last_entry_and_now(log: Log, clock: Clock) -> None:
    """Section 4, step 4 of the serial part."""
    past = "2024-03-01T00:00:00.000000Z"
    await log.append(commit(made(), by="system/import", recorded_at=past))

    receipt = await log.append(commit(made(), by="system/import", recorded_at=NOON))

    assert receipt.recorded_at == NOON
    for wrong in (past, from_now(clock, 1)):
        with pytest.raises(CommitInvalid) as refusal:
            await log.append(commit(made(), by="system/import", recorded_at=wrong))
        assert refusal.value.pointer == "/recorded_at"


async def test_a_made_up_id_is_a_uuidv7_of_the_time_it_was_recorded(log: Log) -> None:
    """Section 4, the stored form."""
    await log.append(commit(made(), made()))

    first, second = (event.id for event in (await log.read(Query.all())).events)
    assert first[:13] == second[:13] == "018ec7e1-1200"
    assert first[14] == "7"
    assert first != second


def from_now(clock: Clock, seconds: float) -> str:
    later = Clock()
    later.microseconds = clock.microseconds
    return later.move(seconds)
