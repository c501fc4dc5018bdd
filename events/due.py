"""When a date comes up, falls due and is overdue. Pure: the reference instant is given, never read from a clock.

Days are days in the announcement's zone, by the rules of the `tzdata` package alone, so that every machine that has
the same version of it gives the same instants.
"""

from datetime import date, datetime
from functools import lru_cache
from typing import Final

from msgspec import Struct

from events import record, terms
from events.errors import ZoneUnknown
from events.instants import Instant, NotAnInstant
from events.record import State, reading
from events.times import first_instant, zone

GRACE_DAYS: Final = 14
"""So long after it fell due a commitment with a deadline is not yet overdue."""
INSTANTS_CACHED_MAX: Final = 8192
_FIRST_DAY: Final = 2
"""The first day that begins within the year 1 in every zone; what ended before fell due by then."""


class Due(Struct, frozen=True, kw_only=True):
    """The instants at which a date changes its standing by itself; None is never."""

    came_up_at: Instant | None = None
    fell_due_at: Instant | None = None
    overdue_at: Instant | None = None


def due_of(announcement: record.Announcement) -> Due:
    """Return the instants of an announcement's date in force, whatever its state."""
    when, timezone = announcement.when, announcement.timezone
    return Due(
        came_up_at=came_up_at(when, timezone),
        fell_due_at=fell_due_at(when, timezone),
        overdue_at=overdue_at(when, timezone, announcement.modality),
    )


def came_up_at(when: terms.When | record.When | None, timezone: str) -> Instant | None:
    """Return when the first day the date can mean begins; None where that is open or beyond the years 1 to 9999."""
    if when is None or when.edtf is None:
        return None
    return day_begins(reading(when.edtf).earliest, timezone)


def fell_due_at(when: terms.When | record.When | None, timezone: str) -> Instant | None:
    """Return when the last day the date can mean is over; None where that is open or beyond the year 9999.

    An approximate date is given one more unit of its precision.
    """
    return _days_after_latest(1, when, timezone)


def overdue_at(when: terms.When | record.When | None, timezone: str, modality: terms.Modality) -> Instant | None:
    """Return when the days of grace are over too; None for all but commitments with a deadline."""
    if when is None or when.kind != "deadline" or modality != "committed":
        return None
    return _days_after_latest(1 + GRACE_DAYS, when, timezone)


def state_on(state: State, due_at: Instant | None, overdue: Instant | None, reference: Instant) -> State:
    """Return the state at a reference instant, given the state of the record alone.

    >>> state_on("announced", "2024-05-01T00:00:00.000000Z", None, "2024-05-01T00:00:00.000000Z")
    'due'
    """
    if state != "announced":
        return state
    if overdue is not None and overdue <= reference:
        return "overdue"
    return "due" if due_at is not None and due_at <= reference else "announced"


@lru_cache(maxsize=INSTANTS_CACHED_MAX)
def day_in(timezone: str, at: Instant) -> int:
    """Return the day that an instant falls on in a zone; one that `tzdata` does not know is read as UTC.

    >>> day_in("Asia/Tokyo", "2024-04-09T15:00:00.000000Z") - day_in("UTC", "2024-04-09T15:00:00.000000Z")
    1
    """
    moment = datetime.fromisoformat(at)
    try:
        return moment.astimezone(zone(timezone)).toordinal()
    except (ZoneUnknown, OverflowError):  # The years end at 1 and 9999, in every zone.
        return moment.toordinal()


@lru_cache(maxsize=INSTANTS_CACHED_MAX)
def day_begins(day: int | None, timezone: str) -> Instant | None:
    """Return the first instant of a day in a zone; None for no day and for one beyond the years 1 to 9999.

    A zone that `tzdata` does not know is read as UTC: facts are never refused.
    """
    if day is None or not 1 <= day <= date.max.toordinal():
        return None
    try:
        return first_instant(date.fromordinal(day), timezone)
    except ZoneUnknown:
        return first_instant(date.fromordinal(day), "UTC")
    except NotAnInstant:
        return None


def _days_after_latest(days: int, when: terms.When | record.When | None, timezone: str) -> Instant | None:
    if when is None or when.edtf is None:
        return None
    latest = reading(when.edtf).due_latest
    return None if latest is None else day_begins(max(latest + days, _FIRST_DAY), timezone)
