"""Resolves dates that name a part of the calendar: days, months, years, seasons, quarters, decades, feasts."""

from collections.abc import Callable
from typing import Final

from events.days import civil, weekday
from events.extract.dates.context import Context
from events.extract.dates.cores import Core
from events.extract.dates.customs import AMERICAN, feast, month_first
from events.extract.dates.direction import Direction
from events.extract.dates.points import (
    Point,
    century_point,
    date_point,
    day_point,
    decade_point,
    month_point,
    part_point,
    season_point,
    week_point,
    year_point,
)
from events.extract.dates.resolved import PAST_HOW, TEXT_HOW, Resolved, Told, distance, in_direction, month_day

NEAR_MONTHS: Final = 6
"""A month further than this from the last one named is of the year before or after: January after December."""


WEEKDAY_FITS_DAYS: Final = 183
"""A date whose weekday fits is meant up to so far away, even where the clause points the other way."""


class CalendarResolver:
    """Resolves them from the publication, or from the year a narrative has reached."""

    def __init__(self, context: Context, *, timeml: bool) -> None:
        self._context = context
        self._timeml = timeml

    def rules(self) -> dict[str, Callable[[Core, Told], Resolved | None]]:
        """Return how each kind of date is resolved."""
        return {
            "date": self._date,
            "short year": self._short_year,
            "slashes": self._slashes,
            "season": self._season,
            "part": self._part,
            "months of year": self._months_of_year,
            "decade": self._decade,
            "century": self._century,
            "numbered weekday": self._numbered_weekday,
            "part of month": self._part_of_month,
            "day of month": self._day_of_month,
            "movable": self._movable,
        }

    def _date(self, core: Core, told: Told) -> Resolved | None:
        if core.value == "fiscal" and not self._timeml:
            return None  # It begins in another month in every country and company.
        if core.month is None:
            return None if core.year is None else Resolved(year_point(core.year), mod=core.mod, confidence=0.95)
        if core.year is not None:
            point = month_day(core.year, core)
            return None if point is None else self._with_weekday(core, point, 0.98, None)
        year = self._related_year(core.how) if core.how else None
        if core.how and not core.how.endswith("year"):
            return self._related_month(core)
        if year is None:
            return self._nearest(core, told)
        point = month_day(year, core)
        return None if point is None else self._with_weekday(core, point, 0.9, None)

    def _with_weekday(self, core: Core, point: Point, confidence: float, anchor: int | None) -> Resolved:
        note = ""
        if core.weekday is not None and point.grain == "D" and weekday(point.first) != core.weekday:
            note, confidence = "the weekday is not the date's", confidence - 0.3
        if core.unit == "W":
            return Resolved(week_point(point.first), anchor=anchor, confidence=confidence)
        return Resolved(point, mod=core.mod, daypart=core.daypart, confidence=confidence, anchor=anchor, note=note)

    def _nearest(self, core: Core, told: Told) -> Resolved | None:
        """A day or month without a year: in the text's year where it tells of the past, else the nearest one."""
        if self._context.narrative and self._context.year is not None:
            point = self._carried(core, self._context.year)
            return None if point is None else self._with_weekday(core, point, 0.7, None)
        today = self._context.published
        year = civil(today)[0]
        near = _existing(range(year - 1, year + 2), core) or _existing(range(year - 8, year + 9), core)
        said = told() if core.value != "attributive" else None  # "The May figures" says nothing of its clause.
        fits = [] if core.weekday is None else [point for point in near if weekday(point.first) == core.weekday]
        if said == "past":
            near = [point for point in near if point.first <= today] or near
        elif said == "future":
            near = [point for point in near if point.last >= today] or near
        close = [point for point in fits if point in near or distance(point, today) <= WEEKDAY_FITS_DAYS]
        near = [point for point in close if point in near] or close or near
        if not near:
            return None
        best = min(near, key=lambda point: (distance(point, today), -point.first))
        return self._with_weekday(core, best, 0.85 if said else 0.6, today)

    def _carried(self, core: Core, year: int) -> Point | None:
        """Return a day or month of the year a narrative has reached, nearest to the last month it named there."""
        assert core.month is not None
        if self._context.month is not None:
            named, month, _ = civil(self._context.month.first)
            if named == year:
                year += (month - core.month > NEAR_MONTHS) - (core.month - month > NEAR_MONTHS)
        return month_day(year, core)

    def _related_year(self, how: str) -> int | None:
        """Return the year of "of that year", "next year", …; None for words that relate to none."""
        here = civil(self._context.published)[0]
        named = self._context.year if self._context.year is not None else here
        words = how.split()
        if "year" not in words:
            return None
        if words[0] in ("this", "last", "next") and "same" not in words:
            base = named if self._context.narrative and words[0] == "this" else here
            return base + {"this": 0, "last": -1, "next": 1}[words[0]]
        if words == ["the", "year"] and not self._context.narrative:
            return here
        if "previous" in words:
            return named - 1
        if "following" in words or "next" in words:
            return named + 1
        return named

    def _related_month(self, core: Core) -> Resolved | None:
        """Resolve "last May", "next May", "the following May"."""
        assert core.month is not None
        start = self._context.published
        if self._context.last is not None and (core.how in TEXT_HOW or self._context.narrative):
            start = self._context.last.first
        year, month, _ = civil(start)
        if core.how in PAST_HOW:
            year -= core.month >= month
        elif core.how in ("next", "following", "the following", "coming", "upcoming"):
            year += (core.month <= month and core.how == "next") or core.month < month
        point = month_day(year, core)
        return None if point is None else self._with_weekday(core, point, 0.85, start)

    def _short_year(self, core: Core, _: Told) -> Resolved | None:
        if not self._context.before_christ or core.year is None:
            return None
        return Resolved(year_point(1 - core.year), mod=core.mod, confidence=0.7)

    def _slashes(self, core: Core, _: Told) -> Resolved | None:
        parts = [int(part) for part in core.value.replace(".", "/").split("/")]
        digits = core.value.replace(".", "/").split("/")
        if len(digits[0]) == 4:
            point = date_point(parts[0], parts[1], parts[2]) if len(digits[2]) < 3 else None
            return Resolved(point, confidence=0.95) if point is not None else None
        if len(digits[0]) > 2 or len(digits[2]) not in (2, 4):
            return None
        first, second, year = parts
        if len(digits[2]) == 2:
            century = civil(self._context.published)[0] // 100 * 100
            year += century if year <= civil(self._context.published)[0] % 100 + 20 else century - 100
        if first > 12:
            month, day = second, first
        elif second > 12:
            month, day = first, second
        elif "." in core.value:
            month, day = second, first
        else:
            order = month_first(self._context.publication.language, self._context.publication.country)
            if order is None and first != second:
                return None
            month, day = (first, second) if order else (second, first)
        point = date_point(year, month, day) if month <= 12 else None
        return None if point is None else Resolved(point, confidence=0.9)

    def _season(self, core: Core, told: Told) -> Resolved | None:
        assert core.number is not None
        season = int(core.number)
        if core.year is not None:
            return Resolved(season_point(core.year, season), mod=core.mod, confidence=0.95)
        today = self._context.published
        here = civil(today)[0]
        if core.how and core.how.endswith("year"):
            year = self._related_year(core.how)
            return Resolved(season_point(year if year is not None else here, season), mod=core.mod)
        if self._context.narrative and self._context.year is not None and core.how not in ("this", "last"):
            after = core.how in ("next", "following", "the following", "the next", "coming")
            return Resolved(season_point(self._context.year + after, season), mod=core.mod, confidence=0.7)
        near = [season_point(year, season) for year in (here - 2, here - 1, here, here + 1)]
        if core.how in PAST_HOW:
            chosen = max((point for point in near if point.last < today), key=lambda point: point.first)
        elif core.how == "next":
            chosen = season_point(here + 1, season)
        else:
            chosen = in_direction(near, today, "future" if core.how not in ("", "this") else told())
        return Resolved(chosen, mod=core.mod, anchor=today, confidence=0.8)

    def _part(self, core: Core, told: Told) -> Resolved | None:
        assert core.number is not None
        if core.value == "fiscal" and not self._timeml:
            return None
        months, number = int(core.unit), int(core.number)
        today = self._context.published
        if core.year is not None:
            return Resolved(part_point(core.year, months, number), confidence=0.95)
        here = civil(today)[0]
        if core.how:
            year = self._related_year(core.how)
            return Resolved(part_point(here if year is None else year, months, number), anchor=today)
        if self._context.narrative and self._context.year is not None:
            return Resolved(part_point(self._context.year, months, number), confidence=0.6)
        near = [part_point(year, months, number) for year in (here - 2, here - 1, here, here + 1)]
        said = told()
        if core.value == "reported":
            chosen = max((point for point in near if point.last < today), key=lambda point: point.first)
        elif said == "past":
            # What is told of a quarter as past is the last one that has ended, or at least begun.
            chosen = max((point for point in near if point.first <= today), key=lambda point: point.first)
        else:
            chosen = in_direction(near, today, said)
        return Resolved(chosen, anchor=today, confidence=0.7)

    def _months_of_year(self, core: Core, _: Told) -> Resolved | None:
        year = core.year if core.year is not None else self._related_year(core.how)
        if year is None or core.month is None or core.number is None:
            return None
        length = core.month
        value = f"P{length}M" if self._timeml else ""
        if 12 % length == 0 and length in (3, 4, 6):
            return Resolved(part_point(year, length, 1 if core.number > 0 else 12 // length), value=value)
        first, last = (1, length) if core.number > 0 else (13 - length, 12)
        start, end = month_point(year, first), month_point(year, last)
        edtf = f"{start.edtf}/{end.edtf}"
        return Resolved(Point("I", start.first, end.last, edtf, start.timex), value=value)

    def _decade(self, core: Core, _: Told) -> Resolved | None:
        if core.year is None:
            return None
        if core.value:
            return Resolved(decade_point(-core.year), mod=core.mod)
        year = core.year
        if year < 100:
            here = civil(self._context.published)[0]
            year += (here // 100 - (year > here % 100 + 5)) * 100
        return Resolved(decade_point(year), mod=core.mod)

    def _century(self, core: Core, _: Told) -> Resolved | None:
        assert core.number is not None
        return Resolved(century_point(int(core.number), before_christ=bool(core.value)), mod=core.mod)

    def _numbered_weekday(self, core: Core, told: Told) -> Resolved | None:
        assert core.number is not None
        assert core.weekday is not None
        here = civil(self._context.published)
        if core.month is None:
            month = month_point(here[0], here[1] + {"this": 0, "next": 1, "last": -1}.get(core.how, 0))
        else:
            found = self._date(Core("date", year=core.year, month=core.month), told)
            if found is None:
                return None
            month = found.point
        if core.number < 0:
            day = month.last - (weekday(month.last) - core.weekday) % 7
        else:
            day = month.first + (core.weekday - weekday(month.first)) % 7 + 7 * (int(core.number) - 1)
        if day > month.last:
            return None
        return Resolved(day_point(day), anchor=None if core.year is not None else self._context.published)

    def _part_of_month(self, core: Core, told: Told) -> Resolved | None:
        """The first week of a month is its days 1 to 7, the last one its last seven."""
        assert core.number is not None
        assert core.day is not None
        found = self._date(Core("date", year=core.year, month=core.month), told)
        if found is None or not core.day:
            return found
        month = found.point
        if core.unit == "K":
            saturday = month.first + (5 - weekday(month.first)) % 7 + 7 * (int(core.number) - 1)
            first, last = (saturday, saturday + 1) if core.number > 0 else (month.last - 7, month.last)
        elif core.unit == "H":
            first, last = (month.first, month.first + 14) if core.number == 1 else (month.first + 15, month.last)
        else:
            days = core.day * (7 if core.unit == "W" else 1)
            first = month.last - days + 1 if core.number < 0 else month.first + days * (int(core.number) - 1)
            last = min(first + days - 1, month.last)
        if first > month.last:
            return None
        edtf = f"{day_point(first).edtf}/{day_point(last).edtf}"
        value = f"P{core.day}{core.unit}" if core.unit in "WD" else month.timex
        return found._replace(point=Point("I", first, last, edtf, month.timex), value=value if self._timeml else "")

    def _day_of_month(self, core: Core, told: Told) -> Resolved | None:
        if core.day is None:
            return None
        named = self._context.month
        if named is not None and self._context.narrative:
            year, month, _ = civil(named.first)
            point = date_point(year, month, core.day)
            return None if point is None else self._with_weekday(core, point, 0.7, None)
        today = self._context.published
        year, month, _ = civil(today)
        if core.how:
            there = civil(month_point(year, month + {"next": 1, "last": -1}.get(core.how, 0)).first)
            point = date_point(there[0], there[1], core.day)
            return None if point is None else Resolved(point, anchor=today)
        months = (month_point(year, month + shift) for shift in range(-2, 3))
        near = [p for there in months if (p := date_point(*civil(there.first)[:2], core.day)) is not None]
        if core.weekday is not None:
            near = [point for point in near if weekday(point.first) == core.weekday] or near
        return self._with_weekday(core, in_direction(near, today, told()), 0.7, today)

    def _movable(self, core: Core, told: Told) -> Resolved | None:
        assert core.number is not None
        if core.number >= AMERICAN and not self._timeml and self._context.publication.country != "US":
            return None
        if core.year is not None:
            return Resolved(day_point(feast(core.year, int(core.number))))
        today = self._context.published
        if self._context.narrative and self._context.year is not None:
            return Resolved(day_point(feast(self._context.year, int(core.number))), confidence=0.6)
        here = civil(today)[0]
        near = [day_point(feast(year, int(core.number))) for year in (here - 1, here, here + 1)]
        said: Direction | None = "past" if core.how in PAST_HOW else "future" if core.how else told()
        if said is None and not self._timeml:
            return None
        return Resolved(in_direction(near, today, said), anchor=today, confidence=0.7)


def _existing(years: range, core: Core) -> list[Point]:
    """Return a date in each of some years; 29 February is not in all of them."""
    return [point for year in years if (point := month_day(year, core)) is not None]
