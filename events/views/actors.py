"""Actors: a fold of their facts, and how they are read."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec
from msgspec import UNSET

from events import facts as f
from events.facts import Recorded
from events.record import ActorRecord
from events.views.clocks import Clocks, Place, Snapshot
from events.views.cursor import cursor_of, key_of, mark_of
from events.views.listing import Listing
from events.views.recordings import Kind, Row, standing_and_last
from events.world import renamed

NAME_LANGUAGE: Final = "en"
"""The language that names are shown in, where an actor has one in it."""
HOPS_MAX: Final = 32
"""So many merges one after another are followed."""

_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(ActorRecord)
_ONE: Final = "SELECT v.json FROM actor_version AS v WHERE v.actor = ? AND {recorded}"
_SEVERAL: Final = (
    "SELECT v.json FROM json_each(?) AS wanted CROSS JOIN actor_version AS v ON v.actor = wanted.value WHERE {recorded}"
)
_PAGE: Final = "SELECT v.json FROM actor_version AS v WHERE {recorded} AND v.actor > ? ORDER BY v.actor LIMIT ?"
_COUNT: Final = "SELECT count(*) FROM actor_version AS v WHERE {recorded}"
_STANDS_FOR: Final = (
    "WITH RECURSIVE merged(actor) AS (SELECT ? UNION SELECT v.actor FROM merged CROSS JOIN actor_version AS v"
    " ON v.merged_into = merged.actor WHERE v.merged_into IS NOT NULL AND {recorded}) SELECT actor FROM merged"
)


def fold(id: str, recorded: Sequence[Recorded]) -> Row | None:
    """Return an actor's row: whom it was merged into, and its answer."""
    standing, last = standing_and_last(recorded, "actor", id)
    found: f.ActorRecorded | None = None
    into: str | None = None
    for record in standing:
        match record.fact:
            case f.ActorRecorded() as found:
                pass
            case f.ActorRenamed() as fact if found is not None:
                found = renamed(found, fact)
            case f.ActorMerged(into=other):
                into = into or other
            case _:
                pass
    if found is None or last is None:
        return None
    actor = ActorRecord(
        id=id,
        names=dict(sorted(found.names.items())),
        kind=found.kind,
        aliases=found.aliases,
        position=last.position,
        part_of=found.part_of or UNSET,
        from_=found.from_ or UNSET,
        to=found.to or UNSET,
        wikidata=found.wikidata or UNSET,
        merged_into=into or UNSET,
    )
    return (into, _ENCODER.encode(actor))


KIND: Final = Kind(name="actor", columns=("merged_into", "json"), fold=fold)


def actor_of(json: bytes) -> ActorRecord:
    """Return the answer for a stored actor."""
    return _DECODER.decode(json)


def shown_name(actor: ActorRecord) -> str | None:
    """Return the name an actor goes by: in English, else in the first language there is."""
    return actor.names.get(NAME_LANGUAGE) or next(iter(actor.names.values()), None)


def actor(snapshot: Snapshot, id: str, clocks: Clocks) -> ActorRecord | None:
    """Return an actor as it was recorded; None where it was not."""
    recorded = snapshot.place(clocks).recorded
    sql = _ONE.format(recorded=recorded.sql)
    row = snapshot.connection.execute(sql, (id, *recorded.parameters)).fetchone()
    return None if row is None else actor_of(row[0])


def actors(snapshot: Snapshot, clocks: Clocks, *, limit: int, cursor: str | None = None) -> Listing[ActorRecord]:
    """Return the actors that were recorded, by id. Raises `BadCursor`."""
    recorded = snapshot.place(clocks).recorded
    mark = mark_of("actors", clocks)
    (after,) = ("",) if cursor is None else key_of(mark, cursor, tuple[str])
    sql = _PAGE.format(recorded=recorded.sql)
    rows = snapshot.connection.execute(sql, (*recorded.parameters, after, limit + 1)).fetchall()
    items = tuple(actor_of(row[0]) for row in rows[:limit])
    sql = _COUNT.format(recorded=recorded.sql)
    (total,) = snapshot.connection.execute(sql, recorded.parameters).fetchone()
    return Listing(
        items=items,
        next=cursor_of(mark, (items[-1].id,)) if items and len(rows) > limit else None,
        total=total,
        position=snapshot.position,
    )


def names(snapshot: Snapshot, place: Place, ids: Sequence[str]) -> dict[str, str | None]:
    """Return the names of those actors that are recorded there; a merged one has that of whom it points on to."""
    known = _known(snapshot, place, ids)
    return {id: shown_name(_survivor(known, id)) for id in ids if id in known}


def survivors(snapshot: Snapshot, place: Place, ids: Sequence[str]) -> dict[str, str]:
    """Return for each actor whom it points on to in the end; itself, where it was not merged or is not recorded."""
    known = _known(snapshot, place, ids)
    return {id: _survivor(known, id).id if id in known else id for id in ids}


def wholes(snapshot: Snapshot, place: Place, ids: Sequence[str]) -> dict[str, str]:
    """Return for each actor that is part of another what it is part of in the end."""
    parts: dict[str, str] = {}
    wanted = set(ids)
    for _ in range(HOPS_MAX):
        found = _several(snapshot, place, sorted(wanted))
        new = {actor.id: actor.part_of for actor in found if isinstance(actor.part_of, str)}
        parts.update(new)
        wanted = set(new.values()) - parts.keys()
        if not wanted:
            break
    return {id: _end(id, parts) for id in ids if id in parts}


def stands_for(snapshot: Snapshot, place: Place, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return for each actor all that are the same by now: whom it points on to in the end, and all merged into that."""
    sql, parameters = _STANDS_FOR.format(recorded=place.recorded.sql), place.recorded.parameters
    return {
        id: tuple(row[0] for row in snapshot.connection.execute(sql, (survivor, *parameters)))
        for id, survivor in survivors(snapshot, place, ids).items()
    }


def _known(snapshot: Snapshot, place: Place, ids: Sequence[str]) -> dict[str, ActorRecord]:
    """Return the actors that are recorded there, with all whom they point on to."""
    known: dict[str, ActorRecord] = {}
    wanted = set(ids)
    for _ in range(HOPS_MAX):
        known.update((actor.id, actor) for actor in _several(snapshot, place, sorted(wanted)))
        wanted = {actor.merged_into for actor in known.values() if isinstance(actor.merged_into, str)} - known.keys()
        if not wanted:
            break
    return known


def _several(snapshot: Snapshot, place: Place, ids: Sequence[str]) -> Iterator[ActorRecord]:
    sql = _SEVERAL.format(recorded=place.recorded.sql)
    for (stored,) in snapshot.connection.execute(sql, (json.dumps(ids), *place.recorded.parameters)):
        yield actor_of(stored)


def _survivor(known: Mapping[str, ActorRecord], id: str) -> ActorRecord:
    actor = known[id]
    for _ in range(HOPS_MAX):
        into = known.get(actor.merged_into) if isinstance(actor.merged_into, str) else None
        if into is None:
            break
        actor = into
    return actor


def _end(id: str, parts: Mapping[str, str]) -> str:
    """Return the last of a chain; of one that goes in a circle, the one before it would begin again."""
    seen = {id}
    while id in parts and parts[id] not in seen:
        id = parts[id]
        seen.add(id)
    return id
