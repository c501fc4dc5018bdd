"""Stretches of the calendar: they join without a hole, in every unit, for any year."""

from itertools import pairwise

import pytest

from events.days import civil, day_of, iso, parse_day, weekday
from events.views.units import UNITS, stretch, unit_for

DAYS = [
    parse_day(day)
    for day in (
        "2024-04-10", "2024-02-29", "2023-12-31", "2024-01-01", "0000-01-01", "-1-12-31", "-44-03-15",
        "+12000-07-01", "9999-12-31", "+10000-01-01", "-999999999999999-01-01", "+999999999999999-12-31",
    )
]  # fmt: skip


@pytest.mark.parametrize("unit", UNITS)
def test_stretches_join_and_hold_their_days(unit: str) -> None:
    for day in DAYS:
        first, last = stretch(day, unit)

        assert first <= day <= last
        assert {stretch(other, unit) for other in (first, last)} == {(first, last)}
        if "999999" not in iso(day) and unit != UNITS[-1]:  # Beyond those there is no day to write.
            assert stretch(first - 1, unit)[1] == first - 1
            assert stretch(last + 1, unit)[0] == last + 1


def test_stretches_are_those_of_the_calendar() -> None:
    day = parse_day("2024-04-10")

    shown = {unit: tuple(map(iso, stretch(day, unit))) for unit in UNITS[:9]}

    assert shown == {
        "day": ("2024-04-10", "2024-04-10"),
        "week": ("2024-04-08", "2024-04-14"),
        "month": ("2024-04-01", "2024-04-30"),
        "quarter": ("2024-04-01", "2024-06-30"),
        "year": ("2024-01-01", "2024-12-31"),
        "decade": ("2020-01-01", "2029-12-31"),
        "century": ("2000-01-01", "2099-12-31"),
        "millennium": ("2000-01-01", "2999-12-31"),
        "10000-years": ("0000-01-01", "9999-12-31"),
    }
    assert tuple(map(iso, stretch(parse_day("-44-03-15"), "decade"))) == ("-50-01-01", "-41-12-31")


def test_a_week_is_an_iso_week_also_before_the_first_year() -> None:
    first, last = stretch(day_of(-100, 6, 5), "week")

    assert (weekday(first), weekday(last)) == (0, 6)


@pytest.mark.parametrize("count_max", [26, 93, 200])
def test_the_unit_is_the_shortest_of_which_few_enough_fill_a_window(count_max: int) -> None:
    for first, last in pairwise(sorted(DAYS)):
        unit = unit_for(first, last, count_max)

        assert count(first, last, unit) <= count_max
        shorter = UNITS[max(0, UNITS.index(unit) - 1)]
        assert shorter == unit or count(first, last, shorter) > count_max


def count(first: int, last: int, unit: str) -> int:
    """Count by going on from stretch to stretch, which ends soon: no unit here is much too short."""
    stretches = 0
    while first <= last and stretches <= 3000:
        first, stretches = stretch(first, unit)[1] + 1, stretches + 1
        if abs(civil(first)[0]) > 999_999_999_999_999:
            break
    return stretches
