"""Days on the proleptic Gregorian axis, against the standard library where it reaches."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.days import YEAR_DIGITS_MAX, DayError, civil, day_of, iso, month_last_day, parse_day, weekday

FAR = 10**YEAR_DIGITS_MAX
DAYS = st.one_of(st.integers(-800_000, 4_000_000), st.integers(-365 * FAR, 365 * FAR))


@given(st.dates())
def test_a_day_is_numbered_as_the_standard_library_does(day: date) -> None:
    number = day_of(day.year, day.month, day.day)

    assert number == day.toordinal()
    assert civil(number) == (day.year, day.month, day.day)
    assert iso(number) == day.isoformat()
    assert weekday(number) == day.weekday()


@given(DAYS)
def test_a_day_of_any_year_survives_its_calendar_date_and_its_text(day: int) -> None:
    assert day_of(*civil(day)) == day
    assert parse_day(iso(day)) == day


@given(DAYS)
def test_the_next_day_is_the_next_weekday_and_the_next_of_the_month_or_the_first(day: int) -> None:
    year, month, of_month = civil(day)
    last = of_month == month_last_day(year, month)

    assert weekday(day + 1) == (weekday(day) + 1) % 7
    assert civil(day + 1)[2] == (1 if last else of_month + 1)


@pytest.mark.parametrize(
    ("day", "text"),
    [
        ((2024, 2, 29), "2024-02-29"),
        ((0, 12, 31), "0000-12-31"),
        ((9999, 12, 31), "9999-12-31"),
        ((10000, 1, 1), "+10000-01-01"),
        ((-1, 1, 1), "-1-01-01"),
        ((-44, 3, 15), "-44-03-15"),
        ((-170000000, 12, 31), "-170000000-12-31"),
    ],
)
def test_years_beyond_four_digits_or_before_zero_are_signed_and_not_padded(
    day: tuple[int, int, int], text: str
) -> None:
    assert iso(day_of(*day)) == text
    assert parse_day(text) == day_of(*day)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2024",
        "2024-4-10",
        "2024-04-10 ",
        "20240410",
        "2024-13-01",
        "2024-00-01",
        "2023-02-29",
        "2024-04-31",
        "2024-04-00",
        "+2024-04-10",
        "-0044-03-15",
        "-0-01-01",
        "+0012000-01-01",
        "12000-01-01",
        "2024-04-10T00:00:00Z",
        "٢٠٢٤-٠٤-١٠",
        "+" + "9" * 16 + "-01-01",
    ],
)
def test_a_text_that_is_not_written_as_a_day_is_refused(text: str) -> None:
    with pytest.raises(DayError) as refused:
        parse_day(text)

    assert refused.value.given == text


@pytest.mark.parametrize("day", [(2024, 13, 1), (2023, 2, 29), (12001, 2, 29), (-1, 2, 29), (2024, 1, 10**20)])
def test_a_day_the_calendar_does_not_have_is_refused(day: tuple[int, int, int]) -> None:
    with pytest.raises(DayError, match="no such day"):
        day_of(*day)


def test_centuries_are_leap_years_only_every_fourth_time() -> None:
    assert [month_last_day(year, 2) for year in (1900, 2000, 2100, 2400, 0, -4, -100, -400)] == [
        28,
        29,
        28,
        29,
        29,
        29,
        28,
        29,
    ]
