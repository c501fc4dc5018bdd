"""Dates with unspecified digits: which days `15XX-12-25` or `2024-02-2X` can mean.

A mask is a date's part as EDTF writes it, digits with an X for each one that is not said. Its members are
the years, months or days of the month that fit; a date's days are those of its members that the calendar
has. Two-digit masks are looked up in tables; years are walked from the end that is asked for, and the walk
is short, because a day that some year has is missing in others only when it is 29 February.
"""

from collections.abc import Iterator
from itertools import islice, product
from typing import Final

from events.days import day_of, month_last_day

_LEAP_YEAR: Final = 2000


def _fits(mask: str, number: int) -> bool:
    return all(digit in ("X", given) for digit, given in zip(mask, f"{number:02}", strict=True))


def _table(last: int) -> dict[str, tuple[int, ...]]:
    masks = map("".join, product("0123456789X", repeat=2))
    members = {mask: tuple(n for n in range(1, last + 1) if _fits(mask, n)) for mask in masks}
    return {mask: numbers for mask, numbers in members.items() if numbers}


MONTHS: Final = _table(12)
"""The months a two-character mask can mean, ascending; no key where it can mean none."""

DAYS: Final = _table(31)
"""The days of a month a two-character mask can mean, ascending; no key where it can mean none."""


def years(mask: str, *, backwards: bool = False) -> Iterator[int]:
    """Yield the years a mask can mean, a minus before it or not; ascending, or descending if `backwards`.

    >>> list(years("-000X"))[-2:]
    [-2, -1]
    """
    negative = mask.startswith("-")
    digits = "0123456789" if negative == backwards else "9876543210"
    if (year := int(mask.replace("X", digits[0]))) or not negative:  # EDTF writes year 0 without a sign.
        yield year
    choices = product(*(digits if digit == "X" else digit for digit in mask.removeprefix("-")))
    for chosen in islice(choices, 1, None):
        year = int("".join(chosen))
        if year or not negative:
            yield -year if negative else year


def first_day(year: str, months: tuple[int, ...], days: tuple[int, ...]) -> int | None:
    """Return the earliest day with one of these years, months and days of the month; None if there is none."""
    if not _ever(year, months, days):
        return None
    for number in years(year):
        for month in months:
            if days[0] <= month_last_day(number, month):
                return day_of(number, month, days[0])
    return None


def last_day(year: str, months: tuple[int, ...], days: tuple[int, ...]) -> int | None:
    """Return the latest day with one of these years, months and days of the month; None if there is none."""
    if not _ever(year, months, days):
        return None
    for number in years(year, backwards=True):
        for month in reversed(months):
            length = month_last_day(number, month)
            if days[0] <= length:
                return day_of(number, month, max(day for day in days if day <= length))
    return None


def _ever(year: str, months: tuple[int, ...], days: tuple[int, ...]) -> bool:
    if days[0] <= 28:
        return True
    if months == (2,) and days == (29,) and year[-1] in "13579":
        return False  # Found out here, or by walking a thousand odd years.
    return any(days[0] <= month_last_day(_LEAP_YEAR, month) for month in months)
