"""From what was said of a date to the days it means: counted from the publication, or from what the text named."""

from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from events.days import civil, day_of, iso, weekday
from events.extract.context import Context
from events.extract.cores import Core
from events.extract.direction import Direction
from events.extract.points import (
    Point,
    century_point,
    date_point,
    day_point,
    decade_point,
    month_point,
    neighbour,
    part_point,
    season_point,
    shifted_day,
    unit_point,
    year_point,
)

Told: TypeAlias = Callable[[], Direction | None]
_PAST_HOW: Final = frozenset(
    ("last", "past", "previous", "preceding", "prior", "the last", "the past", "the previous", "the preceding",
     "the prior", "this past")
)  # fmt: skip
_NEXT_HOW: Final = frozenset(
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
_TEXT_HOW: Final = frozenset(
    ("the", "that", "same", "following", "previous", "preceding", "prior", "that same", "this same", "the following",
     "the next", "the previous", "the preceding", "the prior")
)  # fmt: skip
YEARS_SPAN: Final = (1, 9000)
NEAR_MONTHS: Final = 6
"""A month further than this from the last one named is of the year before or after: January after December."""


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


class Resolver:
    """Resolves what was said in a text's order; `told` gives the direction of the clause when it is asked."""

    def __init__(self, context: Context, *, timeml: bool) -> None:
        self._context = context
        self._timeml = timeml
        self._rules: dict[str, Callable[[Core, Told], Resolved | None]] = {
            "date": self._date,
            "short year": self._short_year,
            "slashes": self._slashes,
            "season": self._season,
            "part": self._part,
            "months of year": self._months_of_year,
            "decade": self._decade,
            "century": self._century,
            "numbered weekday": self._numbered_weekday,
            "day of month": self._day_of_month,
            "movable": self._movable,
            "near": self._near,
            "weekday": self._weekday,
            "unit": self._unit,
            "part of month": self._part_of_month,
            "count": self._count,
            "span": self._span,
        }

    def resolve(self, core: Core, told: Told) -> Resolved | None:
        """Return the days a date means; None where it means none."""
        rule = self._rules.get(core.kind)
        return rule(core, told) if rule is not None else None

    def after(self, core: Core, start: Point) -> Resolved | None:
        """Return the first such date that does not end before another begins: the second of "May 30 to June 2"."""
        if core.kind == "date" and core.year is None and core.month is not None:
            year = start.year
            for candidate in (year, year + 1):
                point = _month_day(candidate, core)
                if point is not None and point.last >= start.first:
                    return Resolved(point, mod=core.mod)
        if core.kind == "weekday" and core.weekday is not None:
            return Resolved(day_point(start.first + (core.weekday - weekday(start.first)) % 7))
        return None

    def _date(self, core: Core, told: Told) -> Resolved | None:
        if core.month is None:
            return None if core.year is None else Resolved(year_point(core.year), mod=core.mod, confidence=0.95)
        if core.year is not None:
            point = _month_day(core.year, core)
            return None if point is None else self._with_weekday(core, point, 0.98, None)
        year = self._related_year(core.how) if core.how else None
        if core.how and not core.how.endswith("year"):
            return self._related_month(core)
        if year is None:
            return self._nearest(core, told)
        point = _month_day(year, core)
        return None if point is None else self._with_weekday(core, point, 0.9, None)

    def _with_weekday(self, core: Core, point: Point, confidence: float, anchor: int | None) -> Resolved:
        note = ""
        if core.weekday is not None and point.grain == "D" and weekday(point.first) != core.weekday:
            note, confidence = "the weekday is not the date's", confidence - 0.3
        return Resolved(point, mod=core.mod, daypart=core.daypart, confidence=confidence, anchor=anchor, note=note)

    def _nearest(self, core: Core, told: Told) -> Resolved | None:
        """A day or month without a year: in the text's year where it tells of the past, else the nearest one."""
        if self._context.narrative and self._context.year is not None:
            point = self._carried(core, self._context.year)
            return None if point is None else self._with_weekday(core, point, 0.7, None)
        today = self._context.published
        year = civil(today)[0]
        candidates = [p for y in range(year - 8, year + 9) if (p := _month_day(y, core)) is not None]
        near = [point for point in candidates if abs(point.first - today) < 400] or candidates
        if core.weekday is not None:
            near = [point for point in near if weekday(point.first) == core.weekday] or near
        said = told() if core.value != "attributive" else None  # "The May figures" says nothing of its clause.
        if said == "past":
            near = [point for point in near if point.first <= today] or near
        elif said == "future":
            near = [point for point in near if point.last >= today] or near
        if not near:
            return None
        best = min(near, key=lambda point: (_distance(point, today), -point.first))
        return self._with_weekday(core, best, 0.85 if said else 0.6, today)

    def _carried(self, core: Core, year: int) -> Point | None:
        """Return a day or month of the year a narrative has reached, nearest to the last month it named there."""
        assert core.month is not None
        if self._context.month is not None:
            named, month, _ = civil(self._context.month.first)
            if named == year:
                year += (month - core.month > NEAR_MONTHS) - (core.month - month > NEAR_MONTHS)
        return _month_day(year, core)

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
        if "previous" in words:
            return named - 1
        if "following" in words or "next" in words:
            return named + 1
        return named

    def _related_month(self, core: Core) -> Resolved | None:
        """Resolve "last May", "next May", "the following May"."""
        assert core.month is not None
        start = self._context.published
        if self._context.last is not None and (core.how in _TEXT_HOW or self._context.narrative):
            start = self._context.last.first
        year, month, _ = civil(start)
        if core.how in _PAST_HOW:
            year -= core.month >= month
        elif core.how in ("next", "following", "the following", "coming", "upcoming"):
            year += (core.month <= month and core.how == "next") or core.month < month
        point = _month_day(year, core)
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
        near = [season_point(year, season) for year in (here - 1, here, here + 1)]
        if core.how in _PAST_HOW:
            chosen = max((point for point in near if point.last < today), key=lambda point: point.first)
        elif core.how == "next":
            chosen = season_point(here + 1, season)
        else:
            chosen = _in_direction(near, today, "future" if core.how else told())
        return Resolved(chosen, mod=core.mod, anchor=today, confidence=0.8)

    def _part(self, core: Core, told: Told) -> Resolved | None:
        assert core.number is not None
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
        near = [part_point(year, months, number) for year in (here - 1, here, here + 1)]
        said = told()
        if said == "past":
            # What is told of a quarter as past is the last one that has ended, or at least begun.
            chosen = max((point for point in near if point.first <= today), key=lambda point: point.first)
        else:
            chosen = _in_direction(near, today, said)
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
        months = (month_point(year, month + shift) for shift in range(-2, 3))
        near = [p for there in months if (p := date_point(*civil(there.first)[:2], core.day)) is not None]
        if core.weekday is not None:
            near = [point for point in near if weekday(point.first) == core.weekday] or near
        return self._with_weekday(core, _in_direction(near, today, told()), 0.7, today)

    def _movable(self, core: Core, told: Told) -> Resolved | None:
        assert core.number is not None
        if core.year is not None:
            return Resolved(day_point(feast(core.year, int(core.number))))
        today = self._context.published
        if self._context.narrative and self._context.year is not None:
            return Resolved(day_point(feast(self._context.year, int(core.number))), confidence=0.6)
        here = civil(today)[0]
        near = [day_point(feast(year, int(core.number))) for year in (here - 1, here, here + 1)]
        said: Direction | None = "past" if core.how in _PAST_HOW else "future" if core.how else told()
        if said is None and not self._timeml:
            return None
        return Resolved(_in_direction(near, today, said), anchor=today, confidence=0.7)

    def _near(self, core: Core, _: Told) -> Resolved | None:
        assert core.number is not None
        day = day_point(self._context.published + int(core.number))
        if self._timeml and self._context.narrative and core.number == 0 and not core.daypart:
            return Resolved(day, value="PRESENT_REF")
        return Resolved(day, anchor=self._context.published, daypart=core.daypart, confidence=0.9)

    def _weekday(self, core: Core, told: Told) -> Resolved | None:
        assert core.weekday is not None
        today = self._context.published
        named = self._context.day
        ahead = (core.weekday - weekday(today)) % 7
        behind = (weekday(today) - core.weekday) % 7
        monday = today - weekday(today)
        how, confidence = core.how, 0.9
        if self._context.narrative and named is not None and how in ("", "following", "that", "the following"):
            day = named + ((core.weekday - weekday(named) - 1) % 7 + 1 if how != "that" else 0)
            return Resolved(day_point(day), daypart=core.daypart, anchor=named, confidence=0.6)
        if how in ("following", "the following") and named is not None:
            day = named + (core.weekday - weekday(named) - 1) % 7 + 1
            return Resolved(day_point(day), daypart=core.daypart, anchor=named, confidence=0.85)
        if how == "week on":
            day = today + (ahead or 7) + 7 * int(core.number or 1)
        elif how == "next":
            day = today + (ahead or 7) if self._timeml else monday + 7 + core.weekday
        elif how in ("last", "previous"):
            day = today - (behind or 7) if self._timeml else monday - 7 + core.weekday
        elif how in ("past", "this past"):
            day = today - (behind or 7)
        elif how in ("coming", "upcoming", "this coming"):
            day = today + (ahead or 7)
        elif how in ("this", "current"):
            day = monday + core.weekday
        else:
            said = told()
            if said is None:  # Reporters leave out the verb of what happened; announcements speak of what is to come.
                said, confidence = "past" if self._timeml else "future", 0.6
            day = today + ahead if said == "future" else today - behind
        return Resolved(day_point(day), daypart=core.daypart, anchor=today, confidence=confidence)

    def _unit(self, core: Core, told: Told) -> Resolved | None:
        anchor = self._context.published
        how = core.how
        from_text = (how in _TEXT_HOW and (how != "the" or self._context.narrative)) or (
            how in ("next", "this", "last") and self._narrated(core)
        )
        if from_text:
            there = self._named(core.unit)
            if there is None and (how in ("that", "same", "that same", "this same") or self._context.narrative):
                return None
            anchor = there if there is not None else anchor
        point = unit_point(core.unit, anchor)
        if how == "nearest":  # "The weekend" of somebody who speaks of it on a weekday.
            point = _next_unit(core.unit, anchor, -1) if told() == "past" and weekday(anchor) < 5 else point
        elif how in ("after next", "before last"):
            step = 1 if how == "after next" else -1
            point = neighbour(_next_unit(core.unit, anchor, step), step) if core.unit != "K" else point
        elif how in _NEXT_HOW:
            point = _next_unit(core.unit, anchor, 1)
        elif how in _PAST_HOW:
            point = _next_unit(core.unit, anchor, -1)
        if core.mod in ("later", "earlier") and not self._timeml:
            return self._rest(core, point)
        return Resolved(point, mod=core.mod, anchor=anchor, daypart=core.daypart, confidence=0.9)

    def _narrated(self, core: Core) -> bool:
        return self._context.narrative and core.unit == "D"

    def _named(self, unit: str) -> int | None:
        """Return the last day named that words like "the next day" can count from."""
        last = self._context.last
        if last is None:
            return None
        if unit in "D" and last.grain != "D":
            return self._context.day
        return last.first if last.grain != "I" else last.last

    def _rest(self, core: Core, point: Point) -> Resolved | None:
        """Resolve "later this month", from the publication on, and "earlier this month", up to it."""
        today = self._context.published
        if point.grain == "D":
            return Resolved(point, anchor=today)
        first, last = (today, point.last) if core.mod == "later" else (point.first, today)
        if not point.first <= today <= point.last:
            return Resolved(point, anchor=today, confidence=0.7)
        edtf = f"{day_point(first).edtf}/{day_point(last).edtf}"
        kept = Point("I", first, last, edtf, point.timex)
        return Resolved(kept, kind="between", anchor=today)

    def _count(self, core: Core, told: Told) -> Resolved | None:
        if core.unit in "hmsKXL":
            return None
        today = self._context.published
        if core.how == "within":
            last = _counted_day(today, core.unit, core.number or 1)
            edtf = f"{day_point(today).edtf}/{day_point(last).edtf}"
            return Resolved(Point("I", today, last, edtf, ""), kind="deadline", anchor=today)
        if core.how == "in" and (self._timeml or told() != "future" or core.number is None):
            return None
        anchor = today
        if core.how in ("later", "earlier"):
            named = self._named(core.unit)
            if named is None and (self._context.narrative or core.number is None):
                return None
            anchor = named if named is not None else today
        sign = -1 if core.how in ("ago", "earlier", "ago today") else 1
        if core.number is None:
            return self._vague(core, today, sign)
        day = _counted_day(anchor, core.unit, sign * core.number)
        if not YEARS_SPAN[0] <= civil(day)[0] <= YEARS_SPAN[1]:
            return None
        unit = core.unit if core.unit in "MYQ" else "Y" if core.unit in "EC" else "D"
        if core.number != int(core.number):
            unit = "M" if core.unit == "Y" else "D"
        point = unit_point(unit if core.how != "ago today" else "D", day)
        value = ""
        if self._timeml and core.unit in "WEC" and core.number == int(core.number):
            value = unit_point("W" if core.unit == "W" else "Y", day).timex
        return Resolved(point, anchor=anchor, value=value, confidence=0.9)

    def _vague(self, core: Core, today: int, sign: int) -> Resolved | None:
        """Resolve "years ago", "weeks from now": before or after the month, or the day, of the publication."""
        if core.how in ("later", "earlier"):
            return None
        here = unit_point("D" if core.unit in "DWN" and sign > 0 else "M", today)
        edtf = f"../{here.edtf}" if sign < 0 else f"{here.edtf}/.."
        kept = Point("I", here.first, here.last, here.edtf, "")
        return Resolved(kept, edtf=edtf, kind="between", anchor=today, confidence=0.6)

    def _span(self, core: Core, _: Told) -> Resolved | None:
        if core.unit in "hmsKXLN" or (self._context.narrative and core.value not in ("recent", "recently")):
            return None
        today = self._context.published
        month = "M" if core.unit in "MYECQ" else "D"
        here = unit_point(month, today)
        if core.value in ("recently", "recent"):
            here = unit_point("D" if core.unit in "DW" else "M", today)
        if core.number is None:
            edtf = f"../{here.edtf}" if core.how == "past" else f"{here.edtf}/.."
            kept = Point("I", here.first, here.last, here.edtf, "")
            return Resolved(kept, edtf=edtf, kind="between", anchor=today, confidence=0.8)
        there = unit_point(month, _counted_day(today, core.unit, core.number if core.how == "coming" else -core.number))
        first, last = (there, here) if core.how == "past" else (here, there)
        mark = "" if month == "D" and core.how == "coming" else "~"
        edtf = f"{first.edtf}{mark}/{last.edtf}{mark}"
        return Resolved(Point("I", first.first, last.last, edtf, ""), edtf=edtf, kind="between", anchor=today)


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


def feast(year: int, offset: int) -> int:
    """Return the day of a movable feast: days from Easter, or by a number from 1000 on one of the United States."""
    if offset < 1000:
        return easter(year) + offset
    month, wanted, ordinal = {1000: (11, 3, 4), 1001: (9, 0, 1), 1002: (5, 0, -1), 1003: (1, 0, 3)}[offset]
    there = month_point(year, month)
    if ordinal < 0:
        return there.last - (weekday(there.last) - wanted) % 7
    return there.first + (wanted - weekday(there.first)) % 7 + 7 * (ordinal - 1)


def anchor_text(day: int | None) -> str | None:
    """Return the day something was counted from as ISO 8601."""
    return None if day is None else iso(day)


def _month_day(year: int, core: Core) -> Point | None:
    assert core.month is not None
    return month_point(year, core.month) if core.day is None else date_point(year, core.month, core.day)


def _distance(point: Point, day: int) -> int:
    return max(point.first - day, day - point.last, 0)


def _in_direction(points: list[Point], today: int, said: Direction | None) -> Point:
    if said == "past":
        points = [point for point in points if point.first <= today] or points
    elif said == "future":
        points = [point for point in points if point.last >= today] or points
    return min(points, key=lambda point: (_distance(point, today), -point.first))


def _next_unit(unit: str, anchor: int, count: int) -> Point:
    if unit == "F":
        return neighbour(unit_point("W", anchor), count)
    if unit == "K":
        return unit_point("K", anchor + 7 * count)
    return neighbour(unit_point(unit, anchor), count)


def _counted_day(day: int, unit: str, count: float) -> int:
    whole = int(count)
    if whole == count:
        return shifted_day(day, unit, whole)
    smaller, parts = {"Y": ("M", 12), "E": ("Y", 10), "C": ("Y", 100), "M": ("D", 30), "W": ("D", 7)}.get(
        unit, ("D", 1)
    )
    return shifted_day(day, smaller, int(count * parts))
