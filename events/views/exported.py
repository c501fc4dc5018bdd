"""Announcements with everything that somebody else's program needs to tell of them, as one state of the views."""

import json
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from events.instants import Instant
from events.record import Announcement, Source, citations_of
from events.views.announcements import announcements
from events.views.clocks import Clocks, Snapshot
from events.views.definition import TimelineDefinition
from events.views.described import DATES_KEPT_MAX
from events.views.filters import Filter
from events.views.listing import Listing
from events.views.sources import cited
from events.views.timelines import definition

EXPORTED_MAX: Final = 5000
"""So many announcements are exported at once."""
EPOCH: Final[Instant] = "1970-01-01T00:00:00.000000Z"
_RECORDED_AT: Final = "SELECT recorded_at FROM fact WHERE position <= ? ORDER BY position DESC LIMIT 1"
_COUNTED: Final = (
    "SELECT v.announcement, c.dates, c.moves FROM announcement_version AS v CROSS JOIN announcement_content AS c"
    " ON c.id = v.content WHERE v.announcement IN (SELECT value FROM json_each(?)) AND {holds}"
)


class Counted(Struct, frozen=True, kw_only=True):
    """How many dates an announcement was given, and how often it was moved, whatever of that is kept to be shown."""

    dates: int
    moves: int


class Exported(Struct, frozen=True, kw_only=True):
    """A list with the sources it cites, by id, and the timeline it is of.

    `counted` has those announcements of whose dates not all are shown.
    `position` is what it was recorded up to, `recorded_at` when the last entry up to there was: 1970 for an empty log.
    """

    listed: Listing[Announcement]
    sources: Mapping[str, Source]
    counted: Mapping[str, Counted]
    timeline: TimelineDefinition | None
    position: int
    recorded_at: Instant


def exported(
    snapshot: Snapshot, wanted: Filter, clocks: Clocks, *, limit: int, cursor: str | None, timeline: str | None
) -> Exported | None:
    """Return announcements, of a timeline those on it; None: there was no such timeline. Raises `BadCursor`."""
    found = None if timeline is None else definition(snapshot, timeline, clocks)
    if timeline is not None and found is None:
        return None
    listed = announcements(snapshot, wanted, clocks, limit=limit, cursor=cursor, timeline=found)
    return with_sources(snapshot, listed, clocks, found)


def with_sources(
    snapshot: Snapshot, listed: Listing[Announcement], clocks: Clocks, timeline: TimelineDefinition | None = None
) -> Exported:
    """Return a list of announcements with the sources it cites, which do not count what cites them."""
    ids = {citation.source for item in listed.items for citation in citations_of(item)}
    position = snapshot.position if clocks.as_of is None else min(clocks.as_of, snapshot.position)
    row = snapshot.connection.execute(_RECORDED_AT, (position,)).fetchone()
    return Exported(
        listed=listed,
        sources=cited(snapshot, sorted(ids), clocks),
        counted=_counted(snapshot, [item.id for item in listed.items if len(item.dates) > DATES_KEPT_MAX], clocks),
        timeline=timeline,
        position=position,
        recorded_at=EPOCH if row is None else str(row[0]),
    )


def _counted(snapshot: Snapshot, ids: list[str], clocks: Clocks) -> Mapping[str, Counted]:
    if not ids:
        return {}
    holds = snapshot.place(clocks).holds()
    rows = snapshot.connection.execute(_COUNTED.format(holds=holds.sql), (json.dumps(ids), *holds.parameters))
    return {id: Counted(dates=dates, moves=moves) for id, dates, moves in rows}
