"""What the scheduler has to record, and when: from an index, for each date that was given."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from events import facts as f
from events.terms import When
from events.views.dues import DueFact
from tests.given import FEBRUARY, JANUARY, MARCH, MAY, amended, cited, happened, made, rescheduled
from tests.recording import Recorder, recorder

APRIL_10 = "2024-04-10T00:00:00.000000Z"
APRIL_11 = "2024-04-11T00:00:00.000000Z"
MAY_10 = "2024-05-10T00:00:00.000000Z"
MAY_11 = "2024-05-11T00:00:00.000000Z"
JUNE = "2024-06-01T00:00:00.000000Z"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Recorder]:
    async with recorder(tmp_path, now=lambda: JUNE) as recording:
        yield recording


def came_up(date: int, at: str, announcement: str = "visit") -> DueFact:
    return DueFact(announcement=announcement, date=date, type="announcement.came_up", at=at)


def fell_due(date: int, at: str, announcement: str = "visit") -> DueFact:
    return DueFact(announcement=announcement, date=date, type="announcement.fell_due", at=at)


async def test_a_date_comes_up_and_falls_due_each_at_its_instant(world: Recorder) -> None:
    given = await world.record(made("visit", "2024-04-10"), recorded_at=FEBRUARY)

    assert await world.read.next_due() == APRIL_10
    assert await world.read.due_facts("2024-04-09T23:59:59.999999Z") == ()
    assert await world.read.due_facts(APRIL_10) == (came_up(given, APRIL_10),)
    assert await world.read.due_facts(JUNE) == (came_up(given, APRIL_10), fell_due(given, APRIL_11))


async def test_what_is_recorded_is_not_asked_for_again(world: Recorder) -> None:
    given = await world.record(made("visit", "2024-04-10"), recorded_at=FEBRUARY)

    await world.record(f.CameUp(announcement="visit", date=given), recorded_at=APRIL_10)
    assert await world.read.next_due() == APRIL_11
    assert await world.read.due_facts(JUNE) == (fell_due(given, APRIL_11),)

    await world.record(f.FellDue(announcement="visit", date=given), recorded_at=APRIL_11)
    assert await world.read.next_due() is None
    assert await world.read.due_facts(JUNE) == ()


async def test_a_date_that_was_past_when_it_was_recorded_asks_for_nothing(world: Recorder) -> None:
    await world.record(made("visit", "2024-04-10"), recorded_at=MAY)

    assert await world.read.next_due() is None


async def test_a_date_recorded_on_its_day_only_falls_due(world: Recorder) -> None:
    given = await world.record(made("visit", "2024-04-10"), recorded_at="2024-04-10T12:00:00.000000Z")

    assert await world.read.due_facts(JUNE) == (fell_due(given, APRIL_11),)


async def test_a_date_that_was_moved_in_time_asks_for_nothing_and_the_new_one_does(world: Recorder) -> None:
    await world.record(made("visit", "2024-04-10"), recorded_at=FEBRUARY)
    moved = await world.record(rescheduled("visit", "2024-05-10", said_at=MARCH), recorded_at=MARCH)

    assert await world.read.due_facts(JUNE) == (came_up(moved, MAY_10), fell_due(moved, MAY_11))


async def test_what_was_missed_while_down_is_caught_up_for_the_date_in_force_then(world: Recorder) -> None:
    given = await world.record(made("visit", "2024-04-10"), recorded_at=FEBRUARY)
    late = "2024-04-10T12:00:00.000000Z"
    moved = await world.record(rescheduled("visit", "2024-05-10", said_at=late), recorded_at=late)

    assert await world.read.due_facts(JUNE) == (
        came_up(given, APRIL_10),
        came_up(moved, MAY_10),
        fell_due(moved, MAY_11),
    )


async def test_what_was_settled_before_asks_for_nothing(world: Recorder) -> None:
    await world.record(made("visit", "2024-04-10"), made("off", "2024-04-10"), recorded_at=FEBRUARY)
    cancelled = f.Cancelled(announcement="off", citations=cited(MARCH))
    await world.record(happened("visit", said_at=MARCH), cancelled, recorded_at=MARCH)

    assert await world.read.next_due() is None


async def test_taking_the_outcome_back_opens_the_date_again(world: Recorder) -> None:
    given = await world.record(made("visit", "2024-04-10"), recorded_at=FEBRUARY)
    outcome = await world.record(happened("visit", said_at=FEBRUARY), recorded_at=FEBRUARY)
    assert await world.read.next_due() is None

    await world.withdraw(outcome, recorded_at=MARCH)

    assert await world.read.due_facts(APRIL_10) == (came_up(given, APRIL_10),)


async def test_a_correction_gives_a_date_of_its_own(world: Recorder) -> None:
    given = await world.record(made("visit", "2024-04-10"), recorded_at=FEBRUARY)
    corrected = await world.record(amended("visit", given, when=When(edtf="2024-05-10", kind="on")), recorded_at=MARCH)

    assert await world.read.due_facts(MAY_10) == (came_up(corrected, MAY_10),)


async def test_another_zone_moves_the_instants_of_a_date(world: Recorder) -> None:
    given = await world.record(made("visit", "2024-04-10"), recorded_at=FEBRUARY)
    await world.record(amended("visit", given, timezone="Asia/Tokyo"), recorded_at=MARCH)

    assert await world.read.next_due() == "2024-04-09T15:00:00.000000Z"


async def test_retracted_merged_and_undated_announcements_ask_for_nothing(world: Recorder) -> None:
    await world.record(made("a", "2024-04-10"), made("b", "2024-04-10"), made("c"), recorded_at=FEBRUARY)
    retracted = f.Retracted(announcement="a", reason="None.")
    await world.record(retracted, f.Merged(announcement="b", into="c"), recorded_at=MARCH)

    assert await world.read.next_due() is None


async def test_open_dates_ask_for_what_they_have(world: Recorder) -> None:
    by = await world.record(made("by", "../2024-05-10"), recorded_at=JANUARY)
    since = await world.record(made("from", "2024-05-10/.."), recorded_at=FEBRUARY)

    assert await world.read.due_facts(JUNE) == (
        came_up(since, MAY_10, "from"),
        fell_due(by, MAY_11, "by"),
    )


async def test_what_has_to_be_recorded_comes_earliest_first(world: Recorder) -> None:
    later = await world.record(made("a", "2024-04-11"), recorded_at=FEBRUARY)
    earlier = await world.record(made("b", "2024-04-10"), recorded_at=FEBRUARY)

    assert await world.read.due_facts(APRIL_11) == (
        came_up(earlier, APRIL_10, "b"),
        came_up(later, APRIL_11, "a"),
        fell_due(earlier, APRIL_11, "b"),
    )
