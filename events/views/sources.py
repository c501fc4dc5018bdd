"""Sources: a fold of their facts, and how they are read."""

import json
from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import UNSET

from events import facts as f
from events.facts import Recorded
from events.instants import Instant
from events.record import Source
from events.standing import ALWAYS, NEVER
from events.views.announcements import count_citing
from events.views.bearing import bearing_on
from events.views.clocks import Clocks, Place, Snapshot
from events.views.cursor import cursor_of, key_of, mark_of
from events.views.listing import Listing
from events.views.recordings import Kind, Row, standing_and_last
from events.world import corrected

_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(Source)
_FIRST: Final = ("~", "")
"""Sorts before every source in the list."""
_ONE: Final = "SELECT v.source, v.json, v.withdrawn_from FROM source_version AS v WHERE v.source = ? AND {recorded}"
_PAGE: Final = (
    "SELECT v.source, v.json, v.withdrawn_from FROM source_version AS v INDEXED BY source_published WHERE {recorded}"
    " AND v.published_at <= ? AND (v.published_at < ? OR v.source > ?)"
    " ORDER BY v.published_at DESC, v.source LIMIT ?"
)
_COUNT: Final = "SELECT count(*) FROM source_version AS v WHERE {recorded}"
_THESE: Final = (
    "SELECT v.source, v.json, v.withdrawn_from FROM json_each(?) AS wanted CROSS JOIN source_version AS v"
    " WHERE v.source = wanted.value AND {recorded}"
)


def fold(id: str, recorded: Sequence[Recorded]) -> Row | None:
    """Return a source's row: its publication, since when it is withdrawn (NEVER: it is not), and its answer."""
    described = [record for record in recorded if not isinstance(record.fact, f.CandidateRejected)]
    standing, last = standing_and_last(described, "source", id)
    found: f.SourceRecorded | None = None
    recorded_at: Instant = ""
    withdrawn_from = NEVER
    for record in standing:
        match record.fact:
            case f.SourceRecorded() as found:
                recorded_at = record.recorded_at
            case f.SourceCorrected(set=fields) if found is not None:
                found = corrected(found, fields)
            case f.SourceWithdrawn(said_at=said_at):
                withdrawn_from = min(withdrawn_from, said_at or ALWAYS)
            case _:
                pass
    if found is None or last is None:
        return None
    text = f"text:{found.sha256}"
    erased = next((r for r in recorded if isinstance(r.fact, f.LogErased) and text in r.tags), None)
    source = Source(
        id=id,
        title=found.title,
        publisher=found.publisher,
        published_at=found.published_at,
        timezone=found.timezone,
        language=found.language,
        has_text=found.sha256 is not None and erased is None,
        state="recorded",
        announcements=0,
        recorded_at=recorded_at,
        position=max(last.position, 0 if erased is None else erased.position),
        author=found.author or UNSET,
        url=found.url or UNSET,
        archived_url=found.archived_url or UNSET,
        copy_of=found.copy_of or UNSET,
        sha256=found.sha256 or UNSET,
    )
    return (found.published_at, withdrawn_from, _ENCODER.encode(source))


KIND: Final = Kind(name="source", columns=("published_at", "withdrawn_from", "json"), fold=fold)


def source_of(stored: bytes, withdrawn_from: Instant, said_by: Instant, announcements: int) -> Source:
    """Return the answer for a stored source as of an instant of saying."""
    return msgspec.structs.replace(
        _DECODER.decode(stored),
        state="withdrawn" if withdrawn_from <= said_by else "recorded",
        announcements=announcements,
    )


def source(snapshot: Snapshot, id: str, clocks: Clocks) -> Source | None:
    """Return a source as it was recorded, withdrawn if its publisher had taken it back by `said_by`; None: it was not.

    It counts the announcements that a list by this source shows there.
    """
    place = snapshot.place(clocks)
    sql = _ONE.format(recorded=place.recorded.sql)
    rows = snapshot.connection.execute(sql, (id, *place.recorded.parameters)).fetchall()
    return next(iter(_shown(snapshot, place, rows)), None)


def sources(snapshot: Snapshot, clocks: Clocks, *, limit: int, cursor: str | None = None) -> Listing[Source]:
    """Return the sources that were recorded, those published last first, then by id. Raises `BadCursor`."""
    place = snapshot.place(clocks)
    recorded = place.recorded
    mark = mark_of("sources", clocks)
    published_at, after = _FIRST if cursor is None else key_of(mark, cursor, tuple[str, str])
    sql = _PAGE.format(recorded=recorded.sql)
    parameters = (*recorded.parameters, published_at, published_at, after, limit + 1)
    rows = snapshot.connection.execute(sql, parameters).fetchall()
    items = _shown(snapshot, place, rows[:limit])
    sql = _COUNT.format(recorded=recorded.sql)
    (total,) = snapshot.connection.execute(sql, recorded.parameters).fetchone()
    more = cursor_of(mark, (items[-1].published_at, items[-1].id)) if items and len(rows) > limit else None
    return Listing(items=items, next=more, total=total, position=snapshot.position)


def rejections(snapshot: Snapshot, id: str) -> tuple[f.CandidateRejected, ...]:
    """Return the readings of a source's text that were turned down, and stand so."""
    standing, _ = standing_and_last(bearing_on(snapshot.connection, f"source:{id}"), "source", id)
    return tuple(record.fact for record in standing if isinstance(record.fact, f.CandidateRejected))


def cited(snapshot: Snapshot, ids: Sequence[str], clocks: Clocks) -> dict[str, Source]:
    """Return those of some sources that were recorded, by id, without counting what cites them."""
    place = snapshot.place(clocks)
    sql = _THESE.format(recorded=place.recorded.sql)
    rows = snapshot.connection.execute(sql, (json.dumps(ids), *place.recorded.parameters)).fetchall()
    return {id: source_of(stored, withdrawn_from, place.said_by, 0) for id, stored, withdrawn_from in rows}


def _shown(snapshot: Snapshot, place: Place, rows: Sequence[tuple[str, bytes, Instant]]) -> tuple[Source, ...]:
    citing = count_citing(snapshot, place, [id for id, _, _ in rows])
    return tuple(source_of(stored, withdrawn_from, place.said_by, citing[id]) for id, stored, withdrawn_from in rows)
