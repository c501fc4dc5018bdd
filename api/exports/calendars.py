"""iCalendar (RFC 5545, RFC 7986): an event for each announcement that has a date.

`UID` and `DTSTAMP` stay the same until the announcement itself changes, `SEQUENCE` counts the dates it was given after
the first. Days are all-day events, an imprecise date all the days it can mean, a deadline its last day; only an exact
day with a time of day has a time, in UTC, so no zone has to be described. What was put off stays where it was,
cancelled; what has no date or one beyond the years 1 to 9999 is left out, and counted.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal, TypeAlias

from icalendar import Calendar, Event
from icalendar.prop import vDuration, vText, vUri
from msgspec import UNSET

from api.exports.export import (
    Export,
    Span,
    image_of,
    is_exact,
    is_put_off,
    one_by_one,
    one_line,
    plain,
    shown_date,
    span_of,
)
from api.exports.telling import text
from events.errors import ZoneUnknown
from events.instants import moment
from events.record import Announcement
from events.times import zone

PRODUCT: Final = "-//Dateline//Dateline//EN"
END: Final = b"END:VCALENDAR\r\n"
REFRESHED_EVERY: Final = timedelta(hours=1)
CANCELLED: Final = frozenset({"cancelled", "did_not_happen", "withdrawn", "retracted", "merged"})
TENTATIVE: Final = frozenset({"announced", "due", "overdue", "cannot_be_judged"})
"""States in which a date that is not exact, or only expected, is not yet certain."""

Status: TypeAlias = Literal["CONFIRMED", "TENTATIVE", "CANCELLED"]
When: TypeAlias = tuple[date | datetime, date | None]


def calendar(export: Export) -> bytes:
    """Return the calendar."""
    shown = [(item, when) for item in export.items if (when := _when(item)) is not None]
    left_out = len(export.items) - len(shown)
    title, told = vText(one_line(export.title)), vText(plain(_told(export, left_out)))
    made = Calendar()
    made.add("version", "2.0")
    made.add("prodid", PRODUCT)
    made.add("calscale", "GREGORIAN")
    made.add("uid", str(export.id_of(export.address)))
    made.add("name", title)
    made.add("x-wr-calname", title)
    made.add("description", told)
    made.add("x-wr-caldesc", told)
    made.add("last-modified", moment(export.recorded_at))
    made.add("url", vUri(export.page))
    made.add("source", vUri(export.address), parameters={"VALUE": "URI"})
    made.add("refresh-interval", vDuration(REFRESHED_EVERY), parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", vDuration(REFRESHED_EVERY))
    # Event by event: as objects of the library they take twenty times the room of the text.
    events = b"".join(_event(item, *when, export).to_ical(sorted=False) for item, when in one_by_one(shown))
    head: bytes = made.to_ical(sorted=False)
    return head.removesuffix(END) + events + END


def _told(export: Export, left_out: int) -> str:
    parts = [
        export.description or "",
        f"{export.counted}, {export.as_of}: {export.permalink}",
        f"{left_out} without a date that a calendar has are left out." if left_out else "",
        f"Data: {export.license}" if export.license else "",
    ]
    return "\n".join(part for part in parts if part)


def _event(item: Announcement, starts: date | datetime, ends: date | None, export: Export) -> Event:
    made = Event()
    made.add("uid", f"{item.id}@{export.log_id}")
    made.add("dtstamp", moment(item.updated_at))
    made.add("created", moment(item.made_at))
    made.add("last-modified", moment(item.updated_at))
    made.add("sequence", max(0, export.count(item).dates - 1))
    made.add("status", _status(item))
    made.add("transp", "TRANSPARENT")
    made.add("dtstart", starts)
    if ends is not None:
        made.add("dtend", ends)
    made.add("summary", _summary(item))
    made.add("description", plain(text(item, export.sources)))
    made.add("url", vUri(export.page_of(item)))
    if item.places:
        made.add("location", vText(one_line(", ".join(item.places))))
    made.add("categories", [one_line(one) for one in (item.kind.replace("_", " "), *item.topics)])
    if (image := image_of(item)) is not None:
        made.add("image", vUri(image.url), parameters={"VALUE": "URI", "DISPLAY": "BADGE"})
    return made


def _when(item: Announcement) -> When | None:
    """Return when an event begins, and the day after its last one; None where a calendar cannot show it."""
    span = span_of(item)
    if span is None or not _in_calendars(span):
        return None
    first, last = date(*span.first), date(*span.last)
    if is_exact(item) and item.time is not UNSET:
        try:
            hour, minute = map(int, item.time.split(":")[:2])
            at = datetime(*span.first, hour, minute, tzinfo=zone(item.timezone)).astimezone(UTC)
        except (ValueError, OverflowError, ZoneUnknown):
            return first, first + timedelta(days=1)
        return at, None
    return first, last + timedelta(days=1)


def _in_calendars(span: Span) -> bool:
    """Say whether a span lies within the years 1 to 9999, the day after it included."""
    return span.first >= (1, 1, 2) and span.last <= (9999, 12, 30)


def _status(item: Announcement) -> Status:
    if item.state in CANCELLED or is_put_off(item):
        return "CANCELLED"
    if item.state in TENTATIVE and (not is_exact(item) or item.modality == "expected"):
        return "TENTATIVE"
    return "CONFIRMED"


def _summary(item: Announcement) -> str:
    """Return the title, with the date in words where the days of the event do not say it."""
    if is_put_off(item):
        return one_line(f"{item.title} (postponed)")
    if is_exact(item) or shown_date(item) is None:
        return one_line(item.title)
    return one_line(f"{item.title} ({item.when.text})")
