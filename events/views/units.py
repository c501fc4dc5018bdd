"""Stretches of the calendar to count by: days, ISO weeks, months, and so on up to powers of ten of years. Pure.

The calendar is the proleptic Gregorian one, for every year. A decade begins with the year that ends in 0, as `199X`
says it, also before the year 0.
"""

from typing import Final, TypeAlias

from events.days import YEAR_DIGITS_MAX, civil, day_of, weekday

Unit: TypeAlias = str
"""One of `UNITS`: `day` to `millennium`, then `10000-years`, `100000-years` and so on."""

UNITS: Final[tuple[Unit, ...]] = (
    "day", "week", "month", "quarter", "year", "decade", "century", "millennium",
    *(f"{10**digits}-years" for digits in range(4, YEAR_DIGITS_MAX + 1)),
)  # fmt: skip
"""From the shortest to the longest."""
YEAR_MAX: Final = 10**YEAR_DIGITS_MAX - 1
_MONTHS: Final = {"month": 1, "quarter": 3}
_YEARS: Final[dict[Unit, int]] = {unit: 10**digits for digits, unit in enumerate(UNITS[UNITS.index("year") :])}


def stretch(day: int, unit: Unit) -> tuple[int, int]:
    """Return the first and the last day of the unit that a day lies in.

    >>> from events.days import iso, parse_day
    >>> [[iso(day) for day in stretch(parse_day("2024-04-10"), unit)] for unit in ("week", "quarter")]
    [['2024-04-08', '2024-04-14'], ['2024-04-01', '2024-06-30']]
    """
    if unit == "day":
        return day, day
    if unit == "week":
        monday = day - weekday(day)
        return monday, monday + 6
    year, month, _ = civil(day)
    if unit in _MONTHS:
        months = _MONTHS[unit]
        first = (month - 1) // months * months
        following = year * 12 + first + months
        return day_of(year, first + 1, 1), day_of(following // 12, following % 12 + 1, 1) - 1
    years = _YEARS[unit]
    first_year = year // years * years
    # Beyond the years that a day can be written in, there is nothing.
    return day_of(max(first_year, -YEAR_MAX), 1, 1), day_of(min(first_year + years - 1, YEAR_MAX), 12, 31)


def unit_for(first: int, last: int, count_max: int) -> Unit:
    """Return the shortest unit of which at most so many, at least 12, reach from one day to another."""
    return next(unit for unit in UNITS if _count(first, last, unit) <= count_max)


def _count(first: int, last: int, unit: Unit) -> int:
    if unit == "day":
        return last - first + 1
    if unit == "week":
        return (last - weekday(last) - first + weekday(first)) // 7 + 1
    (from_year, from_month, _), (to_year, to_month, _) = civil(first), civil(last)
    if unit in _MONTHS:
        months = _MONTHS[unit]
        return (to_year * 12 + to_month - 1) // months - (from_year * 12 + from_month - 1) // months + 1
    return to_year // _YEARS[unit] - from_year // _YEARS[unit] + 1
