"""Corrections: what was wrong, what it is now, and why, from a thing's facts. Pure.

Listed is every entry by which we, or a source itself, say that something before it was wrong: amendments, corrections
of sources and their withdrawal, retractions, merges (one thing was recorded twice), and every undoing of an entry. A
rename is none: the world changed. What changed is told as of the entry itself, so it stays as it is.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal, TypeAlias, cast, get_args

import msgspec
from msgspec import Struct

from events import facts as f
from events.facts import AnyFact, Recorded
from events.history import announcement_at
from events.instants import FOREVER, Instant
from events.record import Actor, when_of
from events.standing import ALWAYS, NEVER, Standing, Stated, standing
from events.terms import AnnouncementFields, When
from events.views import actors, sources, timelines
from events.views.bearing import CORRECTING
from events.views.recordings import Kind

Type: TypeAlias = Literal[
    "announcement.amended",
    "announcement.retracted",
    "announcement.merged",
    "source.corrected",
    "source.withdrawn",
    "actor.merged",
    "fact.withdrawn",
]
SubjectKind: TypeAlias = Literal["announcement", "source", "actor", "timeline"]
TYPES: Final = CORRECTING
assert frozenset(get_args(Type)) == TYPES, "every type that corrects is told by its name"
FIELDS: Final = (
    *("title", "state", "when", "kind", "actors", "places", "topics", "modality", "amount", "timezone", "time"),
    *("lang", "translations", "image", "refs", "links", "merged_into"),
)
"""What is compared of an announcement before and after."""

_KINDS: Final[dict[str, Kind]] = {kind.name: kind for kind in (sources.KIND, actors.KIND, timelines.KIND)}
_NOT_COMPARED: Final = frozenset({"id", "slug", "position", "recorded_at", "announcements"})
_EMPTY: Final[tuple[Any, ...]] = (None, (), [], {})


class Change(Struct, frozen=True, kw_only=True):
    """A field that changed; null is what was not there. Values are as in the answer for the thing itself."""

    field: str
    before: Any
    after: Any


class Subject(Struct, frozen=True, kw_only=True):
    """What was corrected. `title` is its title or name where one reads; null where there is none."""

    kind: SubjectKind
    id: str
    title: str | None = None


class Correction(Struct, frozen=True, kw_only=True):
    """An entry that corrects. `corrects` is the entry that was wrong, null where it is the thing as a whole.

    `origin`: who says so, we or the source. `said_at` is when the source did. `withdrawn_by` is the first entry that
    undid this one and stands.
    """

    position: int
    type: Type
    recorded_at: Instant
    said_at: Instant | None
    by: str
    origin: Literal["editor", "source"]
    subject: Subject
    changes: tuple[Change, ...]
    reason: str | None
    corrects: int | None
    withdrawn_by: int | None = None


class Listed(Struct, frozen=True, kw_only=True):
    """A correction with the instant of saying from which it is listed, and what it is found by."""

    correction: Correction
    said_from: Instant
    tags: tuple[str, ...]


def corrections_of(subject: str, recorded: Sequence[Recorded], positions: frozenset[int]) -> Iterator[Listed]:
    """Yield those entries at some positions that correct a thing (a tag), given all that bear on it."""
    kind, _, id = subject.partition(":")
    by_position = {record.position: record for record in recorded}
    for index, record in enumerate(recorded):
        if record.position not in positions or record.type not in TYPES or record.fact is None:
            continue
        about = _about(record, by_position)
        if about is None or getattr(about.fact, kind, None) != id or not about.type.startswith(f"{kind}."):
            continue
        before, after = recorded[:index], recorded[: index + 1]
        if kind == "announcement":
            told = _of_announcement(id, record, about, before, after)
        else:
            told = _of_recording(_KINDS[kind], id, about, before, after)
        if told is not None:
            said_from, changes = told
            correction = Correction(
                position=record.position,
                type=cast(Type, record.type),
                recorded_at=record.recorded_at,
                said_at=record.said_at or getattr(record.fact, "said_at", None),
                by=record.by,
                origin=_origin(record.fact),
                subject=Subject(kind=cast(SubjectKind, kind), id=id),
                changes=changes,
                reason=getattr(record.fact, "reason", None),
                corrects=_corrects(record.fact),
            )
            yield Listed(correction=correction, said_from=said_from, tags=record.tags)


Told: TypeAlias = tuple[Instant, tuple[Change, ...]]
"""From when on, by what had been said, it is listed; and what changed."""


def _about(record: Recorded, by_position: dict[int, Recorded]) -> Recorded | None:
    """Return what an entry is about: for an undoing, what it undoes in the end."""
    while isinstance(record.fact, f.FactWithdrawn):
        named = by_position.get(record.fact.position)
        if named is None or named.position >= record.position:
            return None
        record = named
    return record


def _of_announcement(
    id: str, record: Recorded, about: Recorded, before: Sequence[Recorded], after: Sequence[Recorded]
) -> Told | None:
    """None where the announcement is not there, or the entry does not count."""
    was, now = standing(id, before), standing(id, after)
    counts_from = next((since for since, one in now.counting if one.position == record.position), NEVER)
    said_from = max(counts_from, now.exists_from)
    if said_from == NEVER:
        return None
    if isinstance(about.fact, f.Amended):
        names = [name for name in about.fact.set.__struct_fields__ if getattr(about.fact.set, name) is not None]
        root = _root(about, after)
        return said_from, _changes(_stated(was, root, names), _stated(now, root, names))
    return said_from, _changes(_shown(was), _shown(now))


def _root(about: Recorded, recorded: Sequence[Recorded]) -> int:
    """Return the statement at the end of an amendment's chain."""
    by_position = {record.position: record for record in recorded}
    while isinstance(about.fact, f.Amended):
        about = by_position[about.fact.corrects]
    return about.position


def _stated(stands: Standing, root: int, names: Sequence[str]) -> dict[str, Any]:
    """Return what a statement says in some fields, corrected as far as it was, and by nothing that was taken back."""
    stated = next((one for one in stands.stated if one.record.position == root), None)
    if stated is None:
        return {}
    holding = [one.fact.set for one in stated.amendments if one.holds(stands.gone, FOREVER)]
    return {name: _value(stated, holding, name) for name in names}


def _value(stated: Stated, amended: Sequence[AnnouncementFields], name: str) -> Any:
    """Return a field as the answer for an announcement has it; what a statement cannot have is null."""
    if not isinstance(stated.fact, f.Made) and (name != "when" or not isinstance(stated.fact, f.Rescheduled)):
        return None
    value = getattr(stated.fact, name)
    for fields in amended:
        given = getattr(fields, name)
        value = value if given is None else given
    if name == "actors":
        value = [Actor(id=one.id, name=one.name, role=one.role) for one in value]
    return msgspec.to_builtins(when_of(value) if isinstance(value, When) else value)


def _shown(stands: Standing) -> dict[str, Any]:
    """Return what is compared of an announcement, by all that was said."""
    announcement = announcement_at(stands, FOREVER)
    if announcement is None:
        return {}
    shown = msgspec.to_builtins(announcement)
    shown["links"] = [{"relation": link["relation"], "to": link["to"]} for link in shown["links"]]
    return {name: shown.get(name) for name in FIELDS}


def _of_recording(
    kind: Kind, id: str, about: Recorded, before: Sequence[Recorded], after: Sequence[Recorded]
) -> Told | None:
    """None where there neither was nor is such a thing."""
    was, now = _recording(kind, id, before), _recording(kind, id, after)
    if not was and not now:
        return None
    said_from = about.fact.said_at if isinstance(about.fact, f.SourceWithdrawn) else ALWAYS
    return said_from or ALWAYS, _changes(was, now)


def _recording(kind: Kind, id: str, recorded: Sequence[Recorded]) -> dict[str, Any]:
    row = kind.fold(id, recorded)
    if row is None:
        return {}
    assert isinstance(row[-1], bytes)
    fields: dict[str, Any] = msgspec.json.decode(row[-1])
    if kind is sources.KIND:
        fields["state"] = "recorded" if row[1] == NEVER else "withdrawn"
    return {name: value for name, value in fields.items() if name not in _NOT_COMPARED}


def _changes(before: dict[str, Any], after: dict[str, Any]) -> tuple[Change, ...]:
    """Return the fields that differ, in order; what is empty is as what is not there."""
    return tuple(
        Change(field=name, before=was, after=now)
        for name in dict.fromkeys((*before, *after))
        if (was := _told(before.get(name))) != (now := _told(after.get(name)))
    )


def _told(value: Any) -> Any:
    return None if value in _EMPTY else value


def _origin(fact: AnyFact) -> Literal["editor", "source"]:
    by_source = isinstance(fact, f.SourceWithdrawn) or (isinstance(fact, f.Amended) and fact.origin == "source")
    return "source" if by_source else "editor"


def _corrects(fact: AnyFact) -> int | None:
    match fact:
        case f.Amended(corrects=position) | f.FactWithdrawn(position=position):
            return position
        case _:
            return None
