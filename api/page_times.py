"""Times as pages write them. What could be read in two ways, or names no day, is not read at all."""

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from msgspec import Struct

from events.times import zone

CHARACTERS_MAX: Final = 64
_COMPACT: Final = re.compile(r"[0-9]{8}")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]\s*([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?)"
    r"\s*([Zz]|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_MAIL: Final = re.compile(
    r"(?:[A-Za-z]{3}, )?[0-9]{1,2} [A-Za-z]{3} [0-9]{4} [0-9]{2}:[0-9]{2}(?::[0-9]{2})? (?:[+-][0-9]{4}|GMT|UTC|Z)"
)


class Published(Struct, frozen=True, kw_only=True):
    """When something appeared: `at` is RFC 3339 or a day, `day` the day in the zone that it was read with.

    `offset_assumed`: the words had a time without an offset, and it was taken to be that zone's. `own_day` is the day
    by the offset that the words have, where that is another.
    """

    at: str
    day: str
    offset_assumed: bool = False
    own_day: str | None = None


def published(text: str, timezone: str) -> Published | None:
    """Return what a text means that gives a day or a time; None where it gives none. Raises `ZoneUnknown`.

    >>> published("2026-03-01 23:30:00 -0500", "UTC").day, published("20260301", "UTC").at
    ('2026-03-02', '2026-03-01')
    """
    there, written = zone(timezone), text.strip()
    if len(written) > CHARACTERS_MAX:
        return None
    try:
        if _COMPACT.fullmatch(written) or _DAY.fullmatch(written):
            day = date.fromisoformat(written).isoformat()
            return Published(at=day, day=day)
        time = _time(written)
        if time is None:
            return None
        assumed = time.tzinfo is None
        time = time.replace(tzinfo=there) if assumed else time
        day, own = time.astimezone(there).date().isoformat(), time.date().isoformat()
        return Published(at=_rfc3339(time), day=day, offset_assumed=assumed, own_day=None if own == day else own)
    except (ValueError, OverflowError):
        return None


def _time(text: str) -> datetime | None:
    found = _TIME.fullmatch(text)
    if found is None:
        return parsedate_to_datetime(text.replace(" Z", " GMT")) if _MAIL.fullmatch(text) else None
    offset = (found[3] or "").upper()
    offset = "Z" if offset in ("UTC", "GMT") else offset
    return datetime.fromisoformat(f"{found[1]}T{found[2].replace(',', '.')}{offset}")


def _rfc3339(time: datetime) -> str:
    """Return a time with its own offset, or in UTC where that has seconds, as those of old times do."""
    offset = time.utcoffset()
    if offset is None or offset.total_seconds() % 60:
        time = time.astimezone(UTC)
    return time.isoformat().replace("+00:00", "Z")
