"""What is written along the axis: days, months or years, whatever a section has room for."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Final

from msgspec import Struct

from api.pages.scale import Section
from events.days import civil, day_of, weekday

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
TICKS_MAX: Final = 80
YEAR_STEPS: Final = (1, 2, 5)
YEAR_PX: Final = 48


class Tick(Struct, frozen=True, kw_only=True):
    """A place on the axis: `label` for the unit that begins here, `above` where a larger one begins too.

    `begins` is false for a unit that had begun before the section.
    """

    x: float
    label: str
    above: str = ""
    begins: bool = True


def ticks(section: Section) -> list[Tick]:
    """Return the ticks of a section in order, none closer to another than their labels are wide."""
    if section.kind == "gap":
        return []
    if section.day_px >= 17:
        return _with_above(section, _days(section))
    if section.day_px * 7 >= 44:
        return _with_above(section, _mondays(section))
    month_px = section.day_px * 30.4
    for step, px in ((1, 38), (3, 38)):
        if month_px * step >= px:
            return _with_above(section, _months(section, step))
    years = [Tick(x=_x(section, day), label=_year_text(year)) for day, year in _years(section)]
    if section.day_px * 365.25 >= YEAR_PX and (not years or years[0].x - section.left >= YEAR_PX):
        years.insert(0, Tick(x=section.left, label=_year_text(civil(section.first)[0]), begins=False))
    return years


def gap_text(section: Section) -> str:
    """Say how long a stretch is that was cut short."""
    days = section.end - section.first
    if days >= 548:
        return f"{round(days / 365.25)} years"
    return f"{max(2, round(days / 30.4))} months"


def _x(section: Section, day: int) -> float:
    return section.left + (day - section.first) * section.day_px


def _days(section: Section) -> Iterator[tuple[int, str, str]]:
    for day in range(section.first, section.end):
        year, month, of_month = civil(day)
        yield day, str(of_month), f"{MONTHS[month - 1]} {_year_text(year)}"


def _mondays(section: Section) -> Iterator[tuple[int, str, str]]:
    for day in range(section.first + (-weekday(section.first)) % 7, section.end, 7):
        year, month, of_month = civil(day)
        yield day, f"{of_month} {MONTHS[month - 1]}", _year_text(year)


def _months(section: Section, step: int) -> Iterator[tuple[int, str, str]]:
    year, month, of_month = civil(section.first)
    count = year * 12 + month - 1 + (of_month > 1)
    count += -count % step
    while (day := day_of(count // 12, count % 12 + 1, 1)) < section.end:
        yield day, MONTHS[count % 12], _year_text(count // 12)
        count += step


def _with_above(section: Section, found: Iterator[tuple[int, str, str]]) -> list[Tick]:
    """Name the larger unit where it begins, unless the next one begins before its name has ended."""
    listed = list(found)[:TICKS_MAX]
    starts = [index for index, (_, _, above) in enumerate(listed) if index == 0 or listed[index - 1][2] != above]
    named = {
        start
        for start, following in zip_longest(starts, starts[1:])
        if _x(section, listed[following][0] if following is not None else section.end) - _x(section, listed[start][0])
        >= 8 * len(listed[start][2])
    }
    return [
        Tick(x=_x(section, day), label=label, above=above if index in named else "")
        for index, (day, label, above) in enumerate(listed)
    ]


def _years(section: Section) -> Iterator[tuple[int, int]]:
    year_px = section.day_px * 365.25
    step = next(unit * 10**power for power in range(16) for unit in YEAR_STEPS if year_px * unit * 10**power >= YEAR_PX)
    year, month, of_month = civil(section.first)
    year += (month, of_month) != (1, 1)
    year += -year % step
    for _ in range(TICKS_MAX):
        day = day_of(year, 1, 1)
        if day >= section.end:
            return
        yield day, year
        year += step


def _year_text(year: int) -> str:
    return str(year) if year > 0 else f"{1 - year} BCE"
