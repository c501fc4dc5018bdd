"""Corrections, written as they are recorded, and read: the latest first, at any place of the two clocks."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from events import facts as f
from events.facts import read
from events.instants import FOREVER
from events.views import actors
from events.views.bearing import UNDO, bearing_on
from events.views.clocks import Clocks, Condition, Parameters, Place, Snapshot
from events.views.correcting import Correction, Subject, corrections_of
from events.views.cursor import cursor_of, key_of, mark_of
from events.views.filters import all_of, one_of
from events.views.listing import Listing
from events.views.schema import HEADLESS, Connection

_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(Correction)
_CORRECTING: Final = "SELECT position, commit_end FROM correcting WHERE subject = ?"
_INSERT: Final = "INSERT INTO correction VALUES (?, ?, ?, ?)"
_INSERT_TAG: Final = "INSERT INTO correction_tag VALUES (?, ?)"
_PAGE: Final = "SELECT json FROM correction WHERE {where} AND position < ? ORDER BY position DESC LIMIT ?"
_COUNT: Final = "SELECT count(*) FROM correction INDEXED BY correction_listed WHERE {where}"
_TAGGED: Final = "position IN (SELECT position FROM correction_tag WHERE tag IN (SELECT value FROM json_each(?)))"
_LAST_COMMIT: Final = (
    "SELECT position FROM fact WHERE position <= ? AND position = commit_end ORDER BY position DESC LIMIT 1"
)
_UNDOING: Final = (
    "SELECT position, v, data FROM bearing CROSS JOIN fact USING (position)"
    f" WHERE bearing.subject = ? AND type = '{UNDO}' AND position <= ? ORDER BY position DESC"
)
_TITLE: Final = "SELECT CAST(json AS TEXT) ->> '$.title' FROM {version} WHERE {named} = ? AND {at}"
_OF_ANNOUNCEMENT: Final = "announcement_version AS v CROSS JOIN announcement_content AS c ON c.id = v.content"


class CorrectionFilter(Struct, frozen=True, kw_only=True):
    """Which corrections: of these types, and that concern one of these announcements, sources, and actors.

    What concerns an actor also concerns whoever it was merged into.
    """

    type: tuple[str, ...] = ()
    announcement: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    actor: tuple[str, ...] = ()


def replay(connection: Connection, subject: str, commit_ends: Sequence[int] | None) -> None:
    """Store what corrects a thing (a tag) in the commits that end at these positions; None is all of them."""
    found = connection.execute(_CORRECTING, (subject,)).fetchall()
    ends = frozenset(end for _, end in found) if commit_ends is None else frozenset(commit_ends)
    positions = frozenset(position for position, end in found if end in ends)
    if not positions:
        return
    for listed in corrections_of(subject, bearing_on(connection, subject), positions):
        one = listed.correction
        connection.execute(_INSERT, (one.position, listed.said_from, one.type, _ENCODER.encode(one)))
        connection.executemany(_INSERT_TAG, [(tag, one.position) for tag in listed.tags])


def corrections(
    snapshot: Snapshot, wanted: CorrectionFilter, clocks: Clocks, *, limit: int, cursor: str | None = None
) -> Listing[Correction]:
    """Return the corrections that were recorded, the latest first. Raises `BadCursor`.

    With `said_by`, those of what had been said by then, by sources that had corrected themselves by then.
    """
    where = _where(snapshot, wanted, clocks)
    mark = mark_of(f"corrections:{_ENCODER.encode(wanted).decode()}", clocks)
    (before,) = (HEADLESS,) if cursor is None else key_of(mark, cursor, tuple[int])
    rows = snapshot.connection.execute(_PAGE.format(where=where.sql), (*where.parameters, before, limit + 1)).fetchall()
    items = [_DECODER.decode(json) for (json,) in rows[:limit]]
    (total,) = snapshot.connection.execute(_COUNT.format(where=where.sql), where.parameters).fetchone()
    return Listing(
        items=tuple(_as_known(snapshot, items, clocks)),
        next=cursor_of(mark, (items[-1].position,)) if items and len(rows) > limit else None,
        total=total,
        position=snapshot.position,
    )


def _where(snapshot: Snapshot, wanted: CorrectionFilter, clocks: Clocks) -> Condition:
    conditions = [
        Condition("position <= ?", (_last_commit(snapshot, clocks),)),
        Condition("said_from <= ?", (clocks.said_by or FOREVER,)),
    ]
    if wanted.type:
        conditions.append(one_of("type", wanted.type))
    merged = actors.stands_for(snapshot, snapshot.place(clocks), wanted.actor)
    everybody = tuple(dict.fromkeys(id for several in merged.values() for id in several))
    for kind, ids in (("announcement", wanted.announcement), ("source", wanted.source), ("actor", everybody)):
        if ids:
            tags: Parameters = (_ENCODER.encode([f"{kind}:{id}" for id in ids]).decode(),)
            conditions.append(Condition(_TAGGED, tags))
    return all_of(conditions)


def _last_commit(snapshot: Snapshot, clocks: Clocks) -> int:
    """Return the end of the last commit that was recorded as a whole by then."""
    as_of = HEADLESS if clocks.as_of is None else min(clocks.as_of, HEADLESS)
    row = snapshot.connection.execute(_LAST_COMMIT, (as_of,)).fetchone()
    return 0 if row is None else int(row[0])


def _as_known(snapshot: Snapshot, items: Sequence[Correction], clocks: Clocks) -> Iterator[Correction]:
    """Yield corrections with what depends on the place: titles, and what undid them by then."""
    place, as_of = snapshot.place(clocks), _last_commit(snapshot, clocks)
    titles: dict[str, str | None] = {}
    undone: dict[str, dict[int, int]] = {}
    for one in items:
        kind, id = one.subject.kind, one.subject.id
        subject = f"{kind}:{id}"
        if subject not in titles:
            titles[subject] = _title(snapshot, place, kind, id)
            undone[subject] = _undone(snapshot.connection, subject, as_of)
        titled = Subject(kind=kind, id=id, title=titles[subject])
        yield msgspec.structs.replace(one, subject=titled, withdrawn_by=undone[subject].get(one.position))


def _title(snapshot: Snapshot, place: Place, kind: str, id: str) -> str | None:
    """Return what a thing is called there; None where there is no such thing."""
    if kind == "actor":
        return actors.names(snapshot, place, (id,)).get(id)
    at = place.holds() if kind == "announcement" else place.recorded
    version = _OF_ANNOUNCEMENT if kind == "announcement" else f"{kind}_version AS v"
    sql = _TITLE.format(version=version, named=f"v.{kind}", at=at.sql)
    row = snapshot.connection.execute(sql, (id, *at.parameters)).fetchone()
    return None if row is None else str(row[0])


def _undone(connection: Connection, subject: str, as_of: int) -> dict[int, int]:
    """Return what was undone about a thing, each with the first undoing of it that stands."""
    withdrawn: dict[int, int] = {}
    for position, v, data in connection.execute(_UNDOING, (subject, as_of)):
        fact = read(UNDO, v, data)
        if isinstance(fact, f.FactWithdrawn) and position not in withdrawn and fact.position < position:
            withdrawn[fact.position] = position
    return withdrawn
