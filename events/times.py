"""Times as people give them: RFC 3339, or a day in a zone. Zones are those of the `tzdata` package alone."""

import re
import zoneinfo
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from events.errors import TimeInvalid, ZoneUnknown
from events.instants import FOREVER, Instant, NotAnInstant, instant

zoneinfo.reset_tzpath(to=())  # The same zones on every machine, whatever its own database says.

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_RFC3339: Final = re.compile(
    _DAY.pattern + r"[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
ZONES_CACHED_MAX: Final = 1024


def zone(name: str, *, pointer: str = "/timezone") -> zoneinfo.ZoneInfo:
    """Return the IANA zone of that name; raises `ZoneUnknown`, which names the place."""
    found = _zone(name)
    if found is None:
        raise ZoneUnknown(
            f"{name!r} is no time zone of the IANA database; write it like 'America/New_York'", pointer=pointer
        )
    return found


def read_time(text: str, zone_name: str, *, pointer: str) -> Instant:
    """Return the instant of an RFC 3339 time, or the first instant of a day (YYYY-MM-DD) in the zone.

    What is finer than a microsecond is cut off. Raises `TimeInvalid`, which names the place.
    """
    try:
        if _RFC3339.fullmatch(text):
            return instant(datetime.fromisoformat(text.upper()))
        if _DAY.fullmatch(text):
            return first_instant(date.fromisoformat(text), zone_name)
    except (ValueError, OverflowError):
        pass
    raise TimeInvalid(f"{text!r} is neither an RFC 3339 time nor a day (YYYY-MM-DD)", pointer=pointer)


def first_instant(day: date, zone_name: str) -> Instant:
    """Return the instant at which a day begins in a zone; raises `ZoneUnknown`, and `NotAnInstant` beyond all years.

    Where the clocks skip midnight, the day begins when they do; where midnight comes twice, at the first. A day that
    the zone left out begins with the next.
    """
    midnight = datetime.combine(day, time(), zone(zone_name))
    try:
        begins = midnight.astimezone(UTC)
        if begins.astimezone(midnight.tzinfo).replace(tzinfo=None) != midnight.replace(tzinfo=None):
            begins = _end_of_gap(midnight)
    except OverflowError:
        raise NotAnInstant(midnight) from None
    return instant(begins)


def last_instant(day_text: str, *, pointer: str) -> Instant:
    """Return the last microsecond of a day (YYYY-MM-DD) in UTC; raises `TimeInvalid`."""
    if not _DAY.fullmatch(day_text):
        raise TimeInvalid(f"{day_text!r} is not a day (YYYY-MM-DD)", pointer=pointer)
    start = read_time(day_text, "UTC", pointer=pointer)
    return start[:11] + FOREVER[11:]


def later(at: Instant, **by: int) -> Instant:
    """Return the instant that lies `by` (as for `timedelta`) later, FOREVER beyond the year 9999."""
    try:
        return instant(datetime.fromisoformat(at) + timedelta(**by))
    except OverflowError:
        return FOREVER


def _end_of_gap(midnight: datetime) -> datetime:
    """Return the instant at which the clocks jump over a midnight that does not exist."""
    before = midnight.replace(fold=1).astimezone(UTC)  # By the offset after the jump: a time before it.
    after = midnight.astimezone(UTC)
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(midnight.tzinfo).replace(tzinfo=None) < midnight.replace(tzinfo=None):
            before = middle
        else:
            after = middle
    return after


@lru_cache(maxsize=ZONES_CACHED_MAX)
def _zone(name: str) -> zoneinfo.ZoneInfo | None:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):  # Malformed names raise the last two.
        return None
