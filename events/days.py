"""Days as integers on one axis: the proleptic Gregorian calendar, any year.

A day is the number `datetime.date.toordinal` gives it, where that exists: 0001-01-01 is 1. Years are
astronomical: 0 is 1 BCE, -43 is 44 BCE. Python's own dates end at the years 1 and 9999; the calendar
repeats every 400 years, so every other year is one of those plus whole cycles.
"""

import re
from datetime import date
from typing import Final

from events.errors import DatelineError

YEAR_DIGITS_MAX: Final = 15
"""Years have at most so many digits: their days then fit into 64 bits, so every engine can store them."""

_CYCLE_YEARS: Final = 400
_CYCLE_DAYS: Final = 146_097
_MONTH_DAYS: Final = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAY: Final = re.compile(rf"([0-9]{{4}}|[+-][0-9]{{1,{YEAR_DIGITS_MAX}}})-([0-9]{{2}})-([0-9]{{2}})")


class DayError(DatelineError):
    """A text or three numbers that name no day; `given` is what was given."""

    code = "day-invalid"

    def __init__(self, given: str, reason: str) -> None:
        super().__init__(f"{given!r} is no day: {reason}; write it as YYYY-MM-DD")
        self.given = given
        self.reason = reason


def day_of(year: int, month: int, day: int) -> int:
    """Return the number of a day; raise `DayError` where the calendar has no such day.

    >>> day_of(1, 1, 1), day_of(0, 12, 31), day_of(12000, 1, 1)
    (1, 0, 4382545)
    """
    cycles, rest = divmod(year - 1, _CYCLE_YEARS)
    try:
        return date(rest + 1, month, day).toordinal() + cycles * _CYCLE_DAYS
    except (ValueError, OverflowError):
        raise DayError(f"{year}-{month}-{day}", "the calendar has no such day") from None


def civil(day: int) -> tuple[int, int, int]:
    """Return the year, month and day of the month of a day.

    >>> civil(0)
    (0, 12, 31)
    """
    cycles, rest = divmod(day - 1, _CYCLE_DAYS)
    found = date.fromordinal(rest + 1)
    return found.year + cycles * _CYCLE_YEARS, found.month, found.day


def iso(day: int) -> str:
    """Return a day as ISO 8601; years beyond 0000 to 9999 are signed and not padded.

    >>> iso(day_of(2024, 4, 10)), iso(day_of(-44, 3, 15)), iso(day_of(12000, 1, 1))
    ('2024-04-10', '-44-03-15', '+12000-01-01')
    """
    year, month, of_month = civil(day)
    years = f"{year:04}" if 0 <= year <= 9999 else f"{year:+}"
    return f"{years}-{month:02}-{of_month:02}"


def parse_day(text: str) -> int:
    """Return the day that `text` names in the one way `iso` writes it; raise `DayError` otherwise.

    >>> iso(parse_day("-44-03-15"))
    '-44-03-15'
    """
    match = _DAY.fullmatch(text)
    if match is None:
        raise DayError(text, "it is not written as a day")
    year, month, of_month = map(int, match.groups())
    try:
        day = day_of(year, month, of_month)
    except DayError as error:
        raise DayError(text, error.reason) from None
    if iso(day) != text:
        raise DayError(text, "years beyond 0000 to 9999 have a sign and no leading zeros, others have neither")
    return day


def month_last_day(year: int, month: int) -> int:
    """Return the number of days of a month, 28 to 31; `month` is 1 to 12.

    >>> month_last_day(2024, 2), month_last_day(1900, 2)
    (29, 28)
    """
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return _MONTH_DAYS[month] + leap


def weekday(day: int) -> int:
    """Return the day of the week, Monday = 0 to Sunday = 6, as `datetime.date.weekday` counts."""
    return (day - 1) % 7
