"""What a text has named so far, which later words count from."""

from collections.abc import Sequence
from typing import Final

from events.days import civil
from events.extract.dates.cores import Both, Core, Reading
from events.extract.dates.points import Point
from events.extract.reading import Publication

STEP_YEARS: Final = 2
_YEARS_MIN: Final = 4
"""A text is a narrative only if it names at least so many years."""


class Context:
    """The publication day, and the last day, month and year that the text has named."""

    __slots__ = ("before_christ", "day", "last", "month", "narrative", "publication", "published", "year")

    def __init__(self, publication: Publication, readings: Sequence[Reading]) -> None:
        self.publication = publication
        self.published = publication.day
        self.narrative, self.before_christ = _manner(publication, readings)
        self.day: int | None = None
        self.month: Point | None = None
        self.year: int | None = None
        self.last: Point | None = None

    def name(self, point: Point, *, aside: bool = False) -> None:
        """Take note of a date that the text names; `aside`: in the middle of a sentence.

        A narrative moves on by small steps: a bare year there that lies behind or far ahead is a remark ("the crisis
        of 1908"), where it begins a sentence the narrative goes there.
        """
        self.last = point
        year = civil(point.first)[0]
        if point.grain == "D":
            self.day = point.first
        bare = point.grain == "Y" and (not aside or self.year is None or 0 <= year - self.year <= STEP_YEARS)
        if bare or point.grain in "MDSQHT":
            self.year = year
        if point.grain in "DM":
            self.month = point


def _manner(publication: Publication, readings: Sequence[Reading]) -> tuple[bool, bool]:
    """Return whether a text tells of the past, and whether mostly of the time before our era."""
    this_year = civil(publication.day)[0]
    years: list[int] = []
    current = 0
    for reading in readings:
        for core in (reading.left, reading.right) if isinstance(reading, Both) else (reading,):
            if core.kind == "date" and core.year is not None:
                years.append(core.year)
            elif core.kind in ("near", "weekday") or (core.kind in ("unit", "count") and _counts_from_today(core)):
                current += 1
    past = sum(year < this_year - 1 for year in years)
    return past >= _YEARS_MIN and past > 2 * current, sum(year <= 0 for year in years) >= _YEARS_MIN


def _counts_from_today(core: Core) -> bool:
    return core.how in ("ago", "this", "last", "next", "hence", "within")
