"""The answers of the API, whole, with what an export says besides: its licence, its permalink, when it was recorded."""

import msgspec
from msgspec import Struct

from api.exports.export import Export
from events import record
from events.instants import Instant
from events.record import Announcement


class WholeList(Struct, frozen=True, kw_only=True):
    """A list as `GET /v1/announcements` gives it, with up to 5,000 items at once."""

    title: str
    license: str
    permalink: str
    recorded_at: Instant
    items: tuple[Announcement, ...]
    next: str | None
    total: int
    position: int


class WholeTimeline(record.Timeline, frozen=True, kw_only=True):
    """A timeline as `GET /v1/timelines/{slug}` gives it, with up to 5,000 items at once."""

    license: str
    permalink: str
    recorded_at: Instant


def records(export: Export) -> bytes:
    """Return the answer."""
    return msgspec.json.encode(_of_list(export) if export.timeline is None else _of_timeline(export))


def _of_list(export: Export) -> WholeList:
    return WholeList(
        title=export.title,
        license=export.license,
        permalink=export.permalink,
        recorded_at=export.recorded_at,
        items=export.items,
        next=export.next,
        total=export.total,
        position=export.position,
    )


def _of_timeline(export: Export) -> WholeTimeline:
    assert export.timeline is not None
    return WholeTimeline(
        slug=export.timeline.slug,
        title=export.title,
        description=export.description,
        query=export.timeline.query,
        items=export.items,
        next=export.next,
        total=export.total,
        position=export.position,
        as_of=export.clocks.as_of,
        said_by=export.clocks.said_by,
        license=export.license,
        permalink=export.permalink,
        recorded_at=export.recorded_at,
    )
