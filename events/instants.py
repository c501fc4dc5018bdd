"""Points in time as Dateline stores and compares them: one canonical text, microseconds, UTC.

An `Instant` is `YYYY-MM-DDTHH:MM:SS.ffffffZ`, always 27 characters, so instants order as text in Python,
SQL and JSON alike. Years run from 0001 to 9999.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from events.errors import DatelineError

Instant = str

FOREVER: Final[Instant] = "9999-12-31T23:59:59.999999Z"
"""The open end of a half-open range of instants: no instant of use lies at or after it."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_MICROSECONDS_PER_SECOND: Final = 1_000_000


class NotAnInstant(DatelineError, ValueError):
    """A text is not `YYYY-MM-DDTHH:MM:SS.ffffffZ`, or a time lies outside the years 0001 to 9999."""

    code = "not-an-instant"

    def __init__(self, value: object) -> None:
        super().__init__(f"{value!r} is not an instant; write it as YYYY-MM-DDTHH:MM:SS.ffffffZ, in UTC")
        self.value = value


def instant(time: datetime) -> Instant:
    """Return the instant of an aware `time`; a naive one raises `NotAnInstant`.

    >>> instant(datetime(2024, 4, 10, 14, 30, tzinfo=UTC))
    '2024-04-10T14:30:00.000000Z'
    """
    if time.tzinfo is None:
        raise NotAnInstant(time)
    try:
        in_utc = time.astimezone(UTC)
    except OverflowError:
        raise NotAnInstant(time) from None
    return in_utc.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def moment(text: Instant) -> datetime:
    """Return the aware UTC datetime of a canonical instant; anything else raises `NotAnInstant`.

    >>> moment("2024-04-10T14:30:00.000000Z")
    datetime.datetime(2024, 4, 10, 14, 30, tzinfo=datetime.timezone.utc)
    """
    try:
        time = datetime.fromisoformat(text)
        canonical = instant(time)
    except (TypeError, ValueError):
        raise NotAnInstant(text) from None
    if canonical != text:
        raise NotAnInstant(text)
    return time


def from_microseconds(microseconds: int) -> Instant:
    """Return the instant that lies `microseconds` after 1970-01-01T00:00Z.

    >>> from_microseconds(1)
    '1970-01-01T00:00:00.000001Z'
    """
    seconds, fraction = divmod(microseconds, _MICROSECONDS_PER_SECOND)
    return f"{_second(seconds)}.{fraction:06}Z"


def to_microseconds(text: Instant) -> int:
    """Return the microseconds from 1970-01-01T00:00Z to the instant; the inverse of `from_microseconds`.

    >>> to_microseconds("1970-01-01T00:00:00.000001Z")
    1
    """
    return (moment(text) - _EPOCH) // _MICROSECOND


@lru_cache(maxsize=64)  # Entries are recorded many a second.
def _second(seconds: int) -> str:
    try:
        return instant(_EPOCH + timedelta(seconds=seconds))[:19]
    except OverflowError:
        raise NotAnInstant(seconds * _MICROSECONDS_PER_SECOND) from None
