"""What depends on a country or on the moon: the order of numeric dates, the feasts that move."""

from typing import Final

from events.days import day_of, weekday
from events.extract.dates.points import month_point


def month_first(language: str, country: str | None) -> bool | None:
    """Return whether 4/5/2024 begins with its month where a text comes from; None where that is unknown.

    >>> month_first("en", "US"), month_first("en", "GB"), month_first("de", None), month_first("en", None)
    (True, False, False, None)
    """
    parts = language.lower().split("-")
    region = (country or (parts[-1] if len(parts) > 1 and len(parts[-1]) == 2 else "")).upper()
    if parts[0] != "en":
        return False
    if not region:
        return None
    if region in ("US", "PH", "PR", "GU", "AS", "VI", "FM", "MH", "PW"):
        return True
    return None if region == "CA" else False


def easter(year: int) -> int:
    """Return the day of Easter Sunday in the Gregorian calendar (the anonymous computus)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, day = divmod(h + k - 7 * m + 114, 31)
    return day_of(year, month, day + 1)


AMERICAN: Final = 1000
"""From this number on a movable feast is one of the United States; other countries have others of the same name."""


def feast(year: int, offset: int) -> int:
    """Return the day of a movable feast: days from Easter, or by a number from 1000 on one of the United States."""
    if offset < AMERICAN:
        return easter(year) + offset
    month, wanted, ordinal = {1000: (11, 3, 4), 1001: (9, 0, 1), 1002: (5, 0, -1), 1003: (1, 0, 3)}[offset]
    there = month_point(year, month)
    if ordinal < 0:
        return there.last - (weekday(there.last) - wanted) % 7
    return there.first + (wanted - weekday(there.first)) % 7 + 7 * (ordinal - 1)
