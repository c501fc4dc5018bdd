"""Timelines: a fold of their facts, and how they are read."""

from collections.abc import Sequence
from typing import Final

import msgspec

from events import facts as f
from events import world
from events.facts import Recorded
from events.record import Timeline
from events.views.announcements import announcements
from events.views.clocks import Clocks, Snapshot
from events.views.cursor import cursor_of, key_of, mark_of
from events.views.definition import TimelineDefinition
from events.views.filters import Filter
from events.views.listing import Listing
from events.views.recordings import Kind, Row, standing_and_last

_ENCODER: Final = msgspec.json.Encoder()


_DECODER: Final = msgspec.json.Decoder(TimelineDefinition)
_ONE: Final = "SELECT v.json FROM timeline_version AS v WHERE v.timeline = ? AND {recorded}"
_PAGE: Final = (
    "SELECT v.json FROM timeline_version AS v WHERE {recorded} AND v.archived = 0 AND v.timeline > ?"
    " ORDER BY v.timeline LIMIT ?"
)
_COUNT: Final = "SELECT count(*) FROM timeline_version AS v WHERE {recorded} AND v.archived = 0"


def fold(id: str, recorded: Sequence[Recorded]) -> Row | None:
    """Return a timeline's row: whether it is archived, and its definition."""
    standing, last = standing_and_last(recorded, "timeline", id)
    found: world.Timeline | None = None
    for record in standing:
        if isinstance(record.fact, f.TimelineCreated):
            found = world.timeline_of(record.fact)
        elif found is not None and record.fact is not None:
            found = world.evolve_timeline(found, record.fact)
    if found is None or last is None:
        return None
    definition = TimelineDefinition(
        slug=id,
        title=found.title,
        description=found.description,
        query=found.query,
        pinned=tuple(sorted(found.pinned)),
        hidden=tuple(sorted(found.hidden)),
        archived=found.archived,
        position=last.position,
    )
    return (int(found.archived), _ENCODER.encode(definition))


KIND: Final = Kind(name="timeline", columns=("archived", "json"), fold=fold)


def definition_of(json: bytes) -> TimelineDefinition:
    """Return a stored definition."""
    return _DECODER.decode(json)


def timeline(
    snapshot: Snapshot,
    slug: str,
    clocks: Clocks,
    *,
    limit: int,
    cursor: str | None = None,
    wanted: Filter | None = None,
) -> Timeline | None:
    """Return a timeline as it was defined there, with a page of its announcements as they were; None: there was none.

    `wanted` narrows it down further. Raises `BadCursor`.
    """
    found = definition(snapshot, slug, clocks)
    if found is None:
        return None
    page = announcements(snapshot, wanted or Filter(), clocks, limit=limit, cursor=cursor, timeline=found)
    return Timeline(
        slug=slug,
        title=found.title,
        description=found.description,
        query=found.query,
        items=page.items,
        next=page.next,
        total=page.total,
        position=snapshot.position,
        as_of=clocks.as_of,
        said_by=clocks.said_by,
    )


def definition(snapshot: Snapshot, slug: str, clocks: Clocks) -> TimelineDefinition | None:
    """Return how a timeline was defined; None: there was none."""
    recorded = snapshot.place(clocks).recorded
    sql = _ONE.format(recorded=recorded.sql)
    row = snapshot.connection.execute(sql, (slug, *recorded.parameters)).fetchone()
    return None if row is None else definition_of(row[0])


def timelines(
    snapshot: Snapshot, clocks: Clocks, *, limit: int, cursor: str | None = None
) -> Listing[TimelineDefinition]:
    """Return the timelines there were, by slug, without those archived. Raises `BadCursor`."""
    recorded = snapshot.place(clocks).recorded
    mark = mark_of("timelines", clocks)
    (after,) = ("",) if cursor is None else key_of(mark, cursor, tuple[str])
    sql = _PAGE.format(recorded=recorded.sql)
    rows = snapshot.connection.execute(sql, (*recorded.parameters, after, limit + 1)).fetchall()
    items = tuple(definition_of(row[0]) for row in rows[:limit])
    sql = _COUNT.format(recorded=recorded.sql)
    (total,) = snapshot.connection.execute(sql, recorded.parameters).fetchone()
    return Listing(
        items=items,
        next=cursor_of(mark, (items[-1].slug,)) if items and len(rows) > limit else None,
        total=total,
        position=snapshot.position,
    )
