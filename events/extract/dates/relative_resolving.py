"""Resolves dates that are counted from another: from the publication, or from the last one the text named."""

from collections.abc import Callable
from typing import Final

from events.days import civil, weekday
from events.extract.dates.context import Context
from events.extract.dates.cores import Core
from events.extract.dates.points import Point, day_point, neighbour, shifted_day, unit_point
from events.extract.dates.resolved import NEXT_HOW, PAST_HOW, TEXT_HOW, Resolved, Told

YEARS_SPAN: Final = (1, 9000)
"""Years that counting may reach."""


class RelativeResolver:
    """Resolves them; `timeml` as the annotators of TimeML do where they differ from us."""

    def __init__(self, context: Context, *, timeml: bool) -> None:
        self._context = context
        self._timeml = timeml

    def rules(self) -> dict[str, Callable[[Core, Told], Resolved | None]]:
        """Return how each kind of date is resolved."""
        return {
            "near": self._near,
            "weekday": self._weekday,
            "unit": self._unit,
            "count": self._count,
            "span": self._span,
        }

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
        elif how in ("coming", "upcoming", "this coming", "following", "the following"):
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
        from_text = (how in TEXT_HOW and (how != "the" or self._context.narrative)) or (
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
        elif how in NEXT_HOW:
            point = _next_unit(core.unit, anchor, 1)
        elif how in PAST_HOW:
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
        if core.unit in "hmsKL":
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
            if self._timeml and core.unit == "Y" and not self._context.narrative:
                anchor = today  # What news compares with a year earlier is what it reports now.
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
        if core.unit in "hmsKLN" or (self._context.narrative and core.value not in ("recent", "recently")):
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
