"""From what was said of a date to the days it means, in a text's order."""

from events.days import weekday
from events.extract.dates.calendar_resolving import CalendarResolver
from events.extract.dates.context import Context
from events.extract.dates.cores import Core
from events.extract.dates.points import Point, day_point
from events.extract.dates.relative_resolving import RelativeResolver
from events.extract.dates.resolved import Resolved, Told, month_day


class Resolver:
    """Resolves what was said in a text's order; `told` gives the direction of the clause when it is asked."""

    def __init__(self, context: Context, *, timeml: bool) -> None:
        self._rules = {
            **CalendarResolver(context, timeml=timeml).rules(),
            **RelativeResolver(context, timeml=timeml).rules(),
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
                point = month_day(candidate, core)
                if point is not None and point.last >= start.first:
                    return Resolved(point, mod=core.mod)
        if core.kind == "weekday" and core.weekday is not None:
            return Resolved(day_point(start.first + (core.weekday - weekday(start.first)) % 7))
        return None
