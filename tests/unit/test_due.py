"""When dates come up and fall due: over clock changes, leap days, fuzzy and open dates."""

from typing import Literal

import pytest

from events.days import parse_day
from events.due import Due, came_up_at, day_begins, due_of, fell_due_at, overdue_at, state_on
from events.record import UNDATED, Announcement, when_of
from events.terms import Modality, When

MAY = "2024-05-01T00:00:00.000000Z"
JUNE = "2024-06-01T00:00:00.000000Z"
Kind = Literal["on", "deadline", "until", "from", "between"]


def when(edtf: str, kind: Kind = "on") -> When:
    return When(edtf=edtf, kind=kind)


def begins(day: str, timezone: str) -> str | None:
    return day_begins(parse_day(day), timezone)


def test_a_date_comes_up_when_its_day_begins_and_falls_due_when_the_next_one_does() -> None:
    date = when("2024-04-10")

    assert came_up_at(date, "America/New_York") == "2024-04-10T04:00:00.000000Z"
    assert fell_due_at(date, "America/New_York") == "2024-04-11T04:00:00.000000Z"


def test_a_day_begins_earlier_in_the_east() -> None:
    assert begins("2024-04-10", "Asia/Tokyo") == "2024-04-09T15:00:00.000000Z"
    assert begins("2024-04-10", "UTC") == "2024-04-10T00:00:00.000000Z"


@pytest.mark.parametrize(
    ("day", "timezone", "expected"),
    [
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00.000000Z"),  # 00:00 becomes 01:00.
        ("2024-03-31", "Asia/Beirut", "2024-03-30T22:00:00.000000Z"),  # 00:00 becomes 01:00.
        ("1919-03-31", "America/Toronto", "1919-03-31T04:30:00.000000Z"),  # 23:30 becomes 00:30.
    ],
)
def test_a_day_whose_midnight_the_clocks_skip_begins_when_they_do(day: str, timezone: str, expected: str) -> None:
    assert begins(day, timezone) == expected


def test_a_day_whose_midnight_comes_twice_begins_at_the_first() -> None:
    # In Havana 01:00 summer time becomes 00:00.
    assert begins("2024-11-03", "America/Havana") == "2024-11-03T04:00:00.000000Z"


def test_a_day_that_ends_by_going_back_an_hour_lasts_25_hours() -> None:
    # In São Paulo midnight became 23:00 of the day before.
    assert begins("2018-02-17", "America/Sao_Paulo") == "2018-02-17T02:00:00.000000Z"
    assert begins("2018-02-18", "America/Sao_Paulo") == "2018-02-18T03:00:00.000000Z"


def test_a_day_that_the_zone_left_out_begins_with_the_next() -> None:
    # Samoa crossed the date line.
    assert begins("2011-12-30", "Pacific/Apia") == begins("2011-12-31", "Pacific/Apia")


def test_the_clock_change_of_the_day_itself_does_not_move_its_beginning() -> None:
    assert begins("2024-03-31", "Europe/Berlin") == "2024-03-30T23:00:00.000000Z"
    assert begins("2024-04-01", "Europe/Berlin") == "2024-03-31T22:00:00.000000Z"


def test_february_of_a_leap_year_is_over_after_the_29th() -> None:
    assert fell_due_at(when("2024-02"), "UTC") == "2024-03-01T00:00:00.000000Z"
    assert fell_due_at(when("2024-02-28"), "UTC") == "2024-02-29T00:00:00.000000Z"
    assert fell_due_at(when("2023-02-28"), "UTC") == "2023-03-01T00:00:00.000000Z"


@pytest.mark.parametrize(
    ("edtf", "comes_up", "falls_due"),
    [
        ("2024-04", "2024-04-01", "2024-05-01"),
        ("2024-04~", "2024-04-01", "2024-06-01"),  # About April: not due before May is over.
        ("2024-05-20~", "2024-05-20", "2024-05-22"),
        ("2024~", "2024-01-01", "2026-01-01"),
        ("2024-04?", "2024-04-01", "2024-05-01"),  # Uncertain is not approximate.
        ("2025-24", "2025-12-01", "2026-03-01"),
        ("199X", "1990-01-01", "2000-01-01"),
        ("[2024,2025]", "2024-01-01", "2026-01-01"),
        ("2024-04-09/2024-04-14", "2024-04-09", "2024-04-15"),
        ("../2025", None, "2026-01-01"),
        ("2024-07-01/..", "2024-07-01", None),
        ("2024-07/", "2024-07-01", None),
    ],
)
def test_fuzzy_and_open_dates_come_up_at_their_first_day_and_fall_due_after_their_last(
    edtf: str, comes_up: str | None, falls_due: str | None
) -> None:
    assert came_up_at(when(edtf), "UTC") == (None if comes_up is None else f"{comes_up}T00:00:00.000000Z")
    assert fell_due_at(when(edtf), "UTC") == (None if falls_due is None else f"{falls_due}T00:00:00.000000Z")


def test_what_has_no_date_never_comes_up() -> None:
    assert came_up_at(None, "UTC") is None
    assert came_up_at(UNDATED, "UTC") is None
    assert fell_due_at(UNDATED, "UTC") is None
    assert overdue_at(UNDATED, "UTC", "committed") is None


def test_a_year_that_no_clock_reaches_never_falls_due() -> None:
    assert came_up_at(when("Y12000"), "UTC") is None
    assert fell_due_at(when("Y12000"), "Asia/Tokyo") is None


@pytest.mark.parametrize("edtf", ["-0044-03-15", "0000", "Y-20000", "../-0044"])
def test_what_ended_before_the_year_1_is_past_on_every_day_there_is(edtf: str) -> None:
    due = fell_due_at(when(edtf), "Asia/Tokyo")

    assert due is not None
    assert state_on("announced", due, None, "1900-01-01T00:00:00.000000Z") == "due"


def test_the_ends_of_the_calendar_are_no_error() -> None:
    assert fell_due_at(when("9999-12-31"), "UTC") is None
    assert came_up_at(when("0001-01-01"), "Asia/Tokyo") is None
    assert came_up_at(when("9999-12-31"), "Etc/GMT+12") == "9999-12-31T12:00:00.000000Z"
    assert day_begins(2**60, "UTC") is None


@pytest.mark.parametrize("timezone", ["Mars/Olympus", "", "../etc/passwd", "America", "/UTC"])
def test_a_zone_nobody_knows_is_read_as_utc(timezone: str) -> None:
    assert begins("2024-04-10", timezone) == "2024-04-10T00:00:00.000000Z"


def test_only_a_commitment_with_a_deadline_is_ever_overdue() -> None:
    deadline = when("../2024-04-10", "deadline")

    assert overdue_at(deadline, "UTC", "committed") == "2024-04-25T00:00:00.000000Z"
    assert overdue_at(deadline, "UTC", "scheduled") is None
    assert overdue_at(when("2024-04-10"), "UTC", "committed") is None


def test_days_of_grace_are_days_of_the_zone() -> None:
    # The clocks change within them.
    assert overdue_at(when("../2024-03-20", "deadline"), "Europe/Berlin", "committed") == "2024-04-03T22:00:00.000000Z"


def test_an_announced_date_becomes_due_and_then_overdue_with_the_reference() -> None:
    assert state_on("announced", MAY, JUNE, "2024-04-30T23:59:59.999999Z") == "announced"
    assert state_on("announced", MAY, JUNE, MAY) == "due"
    assert state_on("announced", MAY, JUNE, JUNE) == "overdue"
    assert state_on("announced", MAY, None, JUNE) == "due"
    assert state_on("announced", None, None, JUNE) == "announced"


@pytest.mark.parametrize("state", ["happened", "cancelled", "postponed", "retracted", "withdrawn", "merged"])
def test_what_is_settled_never_falls_due(state: Literal["happened", "cancelled"]) -> None:
    assert state_on(state, MAY, MAY, JUNE) == state


def test_an_announcement_has_the_instants_of_its_date_in_its_zone() -> None:
    assert due_of(announcement("../2025", "deadline", "committed")) == Due(
        came_up_at=None, fell_due_at="2025-12-31T15:00:00.000000Z", overdue_at="2026-01-14T15:00:00.000000Z"
    )


def announcement(edtf: str, kind: Kind, modality: Modality) -> Announcement:
    return Announcement(
        id="command",
        title="A Joint Operations Command",
        kind="other",
        state="announced",
        when=when_of(when(edtf, kind)),
        dates=(),
        slip_days=None,
        actors=(),
        places=(),
        topics=(),
        modality=modality,
        citations=(),
        outcomes=(),
        progress=(),
        links=(),
        refs=(),
        timezone="Asia/Tokyo",
        position=1,
        made_at=MAY,
        updated_at=MAY,
    )
