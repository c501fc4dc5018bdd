"""Parts of the calendar: what a resolved date covers, and how EDTF and TIMEX3 write it."""

from functools import lru_cache
from typing import Final, NamedTuple

from events.days import DayError, civil, day_of, iso, month_last_day, weekday

SEASON_NAMES: Final = ("", "SP", "SU", "FA", "WI")
_SEASON_MONTHS: Final = (0, 3, 6, 9, 12)
CACHED_MAX: Final = 512
"""A text names the same days and months again and again."""


class Point(NamedTuple):
    """A part of the calendar, by its first and last day. `grain` is its unit; `edtf` and `timex` name it."""

    grain: str
    first: int
    last: int
    edtf: str
    timex: str

    @property
    def year(self) -> int:
        """The year it begins in."""
        return civil(self.first)[0]

    @property
    def is_interval(self) -> bool:
        """Whether EDTF writes it as an interval."""
        return "/" in self.edtf


def year_text(year: int) -> str:
    """Return a year as EDTF writes it."""
    return f"{year:04}" if year >= 0 else f"-{-year:04}"


def _timex_year(year: int) -> str:
    return f"{year:04}" if year > 0 else f"BC{1 - year:04}"


@lru_cache(maxsize=CACHED_MAX)
def day_point(day: int) -> Point:
    """Return a day."""
    year, month, of_month = civil(day)
    rest = f"-{month:02}-{of_month:02}"
    return Point("D", day, day, year_text(year) + rest, _timex_year(year) + rest)


def date_point(year: int, month: int, day: int) -> Point | None:
    """Return a day by its parts; None where the calendar has no such day."""
    try:
        return day_point(day_of(year, month, day))
    except DayError:
        return None


@lru_cache(maxsize=CACHED_MAX)
def month_point(year: int, month: int) -> Point:
    """Return a month; `month` may lie beyond 1 to 12 and counts on into other years."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    first = day_of(year, month, 1)
    last = first + month_last_day(year, month) - 1
    return Point("M", first, last, f"{year_text(year)}-{month:02}", f"{_timex_year(year)}-{month:02}")


def year_point(year: int) -> Point:
    """Return a year."""
    return Point("Y", day_of(year, 1, 1), day_of(year, 12, 31), year_text(year), _timex_year(year))


def week_point(day: int) -> Point:
    """Return the ISO week that a day lies in."""
    monday = day - weekday(day)
    return Point("W", monday, monday + 6, f"{iso(monday)}/{iso(monday + 6)}", week_value(monday))


def weekend_point(day: int) -> Point:
    """Return the Saturday and Sunday of the ISO week that a day lies in."""
    monday = day - weekday(day)
    return Point("K", monday + 5, monday + 6, f"{iso(monday + 5)}/{iso(monday + 6)}", f"{week_value(monday)}-WE")


def week_value(day: int) -> str:
    """Return the ISO week of a day as TIMEX3 writes it, such as 2013-W12."""
    thursday = day - weekday(day) + 3
    year = civil(thursday)[0]
    return f"{_timex_year(year)}-W{(thursday - day_of(year, 1, 1)) // 7 + 1:02}"


def season_point(year: int, season: int) -> Point:
    """Return a season, 1 for spring to 4 for winter, by the year it begins in."""
    first = month_point(year, _SEASON_MONTHS[season])
    last = month_point(year, _SEASON_MONTHS[season] + 2)
    timex = f"{_timex_year(year)}-{SEASON_NAMES[season]}"
    return Point("S", first.first, last.last, f"{year_text(year)}-{20 + season}", timex)


def part_point(year: int, months: int, number: int) -> Point:
    """Return a part of a year that has 3, 4 or 6 months: the second quarter is `(year, 3, 2)`."""
    code = {3: 32, 4: 36, 6: 39}[months] + number
    name = {3: f"-Q{number}", 4: "", 6: f"-H{number}"}[months]
    first = month_point(year, (number - 1) * months + 1)
    last = month_point(year, number * months)
    grain = {3: "Q", 4: "T", 6: "H"}[months]
    return Point(grain, first.first, last.last, f"{year_text(year)}-{code}", _timex_year(year) + name)


def decade_point(year: int) -> Point:
    """Return the decade that a year lies in."""
    first = year // 10 * 10
    edtf = f"{first // 10:03}X" if first >= 0 else f"{year_text(first)}/{year_text(first + 9)}"
    # A decade before our era is named by its years there: the 470s BC are 479 to 470.
    timex = f"{first // 10:03}" if year > 0 else f"BC{(1 - year) // 10:03}"
    return Point("E", day_of(first, 1, 1), day_of(first + 9, 12, 31), edtf, timex)


def century_point(number: int, *, before_christ: bool = False) -> Point:
    """Return a century by its number: the 19th is 1800 to 1899, as everybody says."""
    if before_christ:
        first = -100 * number + 1
        edtf = f"{year_text(first)}/{year_text(first + 99)}"
        return Point("C", day_of(first, 1, 1), day_of(first + 99, 12, 31), edtf, f"BC{number - 1:02}")
    first = (number - 1) * 100
    return Point("C", day_of(first, 1, 1), day_of(first + 99, 12, 31), f"{number - 1:02}XX", f"{number - 1:02}")


def interval_point(first: int, last: int) -> Point:
    """Return the days from one to another."""
    return Point("I", first, last, f"{day_point(first).edtf}/{day_point(last).edtf}", day_point(first).timex)


def shifted_day(day: int, unit: str, count: int) -> int:
    """Return the day `count` units on; the day of the month is clamped to the month's end."""
    if unit in "DWFN":
        return day + count * {"D": 1, "W": 7, "F": 14, "N": 1}[unit]
    year, month, of_month = civil(day)
    months = count * {"M": 1, "Q": 3, "Y": 12, "E": 120, "C": 1200, "L": 12000}[unit]
    there = month_point(year, month + months)
    return min(there.first + of_month - 1, there.last)


def unit_point(unit: str, day: int) -> Point:
    """Return the day, week, month, … of a unit's letter that a day lies in."""
    year, month, _ = civil(day)
    match unit:
        case "W" | "F":
            return week_point(day)
        case "K":
            return weekend_point(day)
        case "M":
            return month_point(year, month)
        case "Q":
            return part_point(year, 3, (month - 1) // 3 + 1)
        case "H":
            return part_point(year, 6, (month - 1) // 6 + 1)
        case "Y":
            return year_point(year)
        case "E":
            return decade_point(year)
        case "C":
            return century_point(year // 100 + 1) if year > 0 else century_point(-year // 100 + 1, before_christ=True)
        case _:
            return day_point(day)


def neighbour(point: Point, count: int) -> Point:
    """Return the part of the calendar of the same unit, `count` on."""
    if point.grain == "S":
        year, month, _ = civil(point.first)
        months = month // 3 + 4 * year - 1 + count
        return season_point(months // 4, months % 4 + 1)
    edge = point.first - 1 if count < 0 else point.last + 1
    if point.grain in "IKT":
        return day_point(edge)
    return unit_point(point.grain, edge)
