"""Counting by the calendar as one would by hand, from answers as they are."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from events.days import civil, day_of, iso, parse_day, weekday

Answer = dict[str, Any]


def begin_of(day: int, unit: str) -> int:
    """Where a unit begins, by another way than the views go."""
    year, month, _ = civil(day)
    match unit:
        case "week":
            return next(other for other in range(day, day - 7, -1) if weekday(other) == 0)
        case "month":
            return day_of(year, month, 1)
        case "quarter":
            return day_of(year, (1, 1, 1, 4, 4, 4, 7, 7, 7, 10, 10, 10)[month - 1], 1)
        case "year" | "decade" | "century":
            years = {"year": 1, "decade": 10, "century": 100}[unit]
            return day_of(year - year % years, 1, 1)
    assert unit == "day"
    return day


def overlapping(answers: Iterable[Answer], first: int, last: int) -> list[Answer]:
    """What can mean a day of a window."""
    return [
        answer
        for answer in answers
        if answer["when"]["edtf"] is not None
        and (answer["when"]["latest"] is None or parse_day(answer["when"]["latest"]) >= first)
        and (answer["when"]["earliest"] is None or parse_day(answer["when"]["earliest"]) <= last)
    ]


def counted(answers: Iterable[Answer], first: int, last: int, unit: str) -> Counter[tuple[str, str]]:
    """What overlaps with a window, by where it stands in a list, or the end of the window nearest to that; by state."""
    counts: Counter[tuple[str, str]] = Counter()
    for answer in overlapping(answers, first, last):
        when = answer["when"]
        ends = when["earliest"] is None or (when["kind"] == "deadline" and when["latest"] is not None)
        stands = parse_day(when["latest"] if ends else when["earliest"])
        counts[iso(begin_of(min(max(stands, first), last), unit)), answer["state"]] += 1
    return counts
