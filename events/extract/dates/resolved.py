"""What resolving gives, and what its two halves share."""

from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from events.extract.dates.cores import Core
from events.extract.dates.direction import Direction
from events.extract.dates.points import Point, date_point, month_point

Told: TypeAlias = Callable[[], Direction | None]
"""Gives the direction of a date's clause when it is asked."""

PAST_HOW: Final = frozenset(
    ("last", "past", "previous", "preceding", "prior", "the last", "the past", "the previous", "the preceding",
     "the prior", "this past")
)  # fmt: skip
NEXT_HOW: Final = frozenset(
    (
        "next",
        "coming",
        "upcoming",
        "following",
        "the next",
        "the coming",
        "the upcoming",
        "the following",
        "this coming",
    )
)
TEXT_HOW: Final = frozenset(
    ("the", "that", "same", "following", "previous", "preceding", "prior", "that same", "this same", "the following",
     "the next", "the previous", "the preceding", "the prior")
)  # fmt: skip


class Resolved(NamedTuple):
    """A date that is known. `anchor` is the day it was counted from, None where it needed none."""

    point: Point
    mod: str = ""
    anchor: int | None = None
    daypart: str = ""
    note: str = ""
    confidence: float = 0.9
    edtf: str = ""
    kind: str = ""
    type: str = "DATE"
    value: str = ""


def month_day(year: int, core: Core) -> Point | None:
    """Return the day or month of a year that a date without one names; None where there is no such day."""
    assert core.month is not None
    return month_point(year, core.month) if core.day is None else date_point(year, core.month, core.day)


def distance(point: Point, day: int) -> int:
    """Return how many days lie between a day and a part of the calendar; 0 within it."""
    return max(point.first - day, day - point.last, 0)


def in_direction(points: list[Point], today: int, said: Direction | None) -> Point:
    """Return the nearest of dates in a direction; of equals the later one."""
    if said == "past":
        points = [point for point in points if point.first <= today] or points
    elif said == "future":
        points = [point for point in points if point.last >= today] or points
    return min(points, key=lambda point: (distance(point, today), -point.first))
