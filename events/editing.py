"""What editors do to announcements: amend, link, merge, retract, and take any one fact back. Judged against now."""

from typing import assert_never

import msgspec

from events import bodies
from events import facts as f
from events.commands import Amend, LinkTo, Merge, Retract, WithdrawFact
from events.errors import BodyInvalid, NotAllowed, NotFound, UnknownReference
from events.history import Course, course_at
from events.instants import FOREVER, Instant
from events.judging import actors_of, cited, corroborated, opened, when_of
from events.standing import Standing
from events.terms import AnnouncementFields
from events.times import zone
from events.world import World


def decide(command: Amend | LinkTo | Merge | Retract, world: World) -> tuple[f.AnyFact, ...]:
    """Return the facts that an editor's act makes; none where it changes nothing. Raises `Refused`."""
    match command:
        case Amend():
            return _amend(command, world)
        case LinkTo():
            return _link(command, world)
        case Merge():
            return _merge(command, world)
        case Retract():
            _, now = opened(command.id, world)
            return (f.Retracted(announcement=now.id, reason=command.reason),)
        case _:
            assert_never(command)


def withdraw(command: WithdrawFact, world: World) -> tuple[f.AnyFact, ...]:
    """Return the withdrawal of exactly one fact; none where it is withdrawn already. Raises `Refused`."""
    record = world.recorded.get(command.position)
    if record is None:
        raise NotFound(f"there is no entry {command.position}")
    if record.type.startswith("log."):
        raise NotAllowed(f"entry {command.position} is the log's own ({record.type}) and stays")
    if record.position in world.withdrawn():
        return ()
    _require_unused(record, world)
    return (f.FactWithdrawn(position=record.position, reason=command.reason),)


def _require_unused(record: f.Recorded, world: World) -> None:
    """A source or an actor that others rest on cannot go."""
    match record.fact:
        case f.SourceRecorded(source=id):
            tag = f"source:{id}"
        case f.ActorRecorded(actor=id):
            tag = f"actor:{id}"
        case _:
            return
    withdrawn = world.withdrawn()
    resting = [
        other.position
        for other in world.tagged(tag)
        if other.position not in withdrawn and other is not record and not isinstance(other.fact, f.FactWithdrawn)
    ]
    if resting:
        raise NotAllowed(f"entries {', '.join(map(str, resting[:20]))} rest on it; withdraw them first")


def _amend(command: Amend, world: World) -> tuple[f.AnyFact, ...]:
    history, _ = opened(command.id, world)
    citations = cited(command.citations, world)
    if command.origin == "source" and not citations:
        raise BodyInvalid("a source's own correction needs its citations", pointer="/citations")
    if command.origin == "source" and command.set.when is not None and command.corrects is None:
        raise BodyInvalid(
            "say which entry's date the source corrects; if it gives another date, it is a reschedule",
            pointer="/corrects",
        )
    fields = _fields(command.set, world)
    at = min((citation.said_at for citation in citations), default=FOREVER) if command.origin == "source" else FOREVER
    standing = history.standing()
    if command.corrects is not None:
        _require_amendable(command.corrects, fields, command.id, world)
        targets = {command.corrects: fields}
    else:
        targets = _targets(fields, standing, at)
    return tuple(
        f.Amended(
            announcement=command.id,
            corrects=corrects,
            set=part,
            origin=command.origin,
            reason=command.reason,
            citations=citations,
        )
        for corrects, part in targets.items()
    )


def _fields(changes: bodies.Changes, world: World) -> AnnouncementFields:
    fields = AnnouncementFields(
        title=changes.title,
        when=None if changes.when is None else when_of(changes.when, pointer="/set/when"),
        kind=changes.kind,
        actors=None if changes.actors is None else actors_of(changes.actors, world, pointer="/set/actors"),
        places=changes.places,
        topics=changes.topics,
        modality=changes.modality,
        amount=changes.amount,
        timezone=changes.timezone and zone(changes.timezone).key,
        time=changes.time,
        lang=changes.lang,
        translations=changes.translations,
        image=changes.image,
        refs=changes.refs,
    )
    if fields == AnnouncementFields():
        raise BodyInvalid("nothing is to be changed; give at least one field", pointer="/set")
    return fields


def _given(fields: AnnouncementFields) -> dict[str, object]:
    return {name: value for name in fields.__struct_fields__ if (value := getattr(fields, name)) is not None}


def _targets(fields: AnnouncementFields, standing: Standing, at: Instant) -> dict[int, AnnouncementFields]:
    """Return which statement each changed field corrects: the one that gave its present value."""
    course = course_at(standing, at)
    if course.made is None:
        raise NotAllowed(f"no statement that announced {standing.id!r} stands; say which entry it corrects")
    targets: dict[int, dict[str, object]] = {}
    for name, value in _given(fields).items():
        present = course.when if name == "when" else getattr(course.made, name)
        if value == present:
            continue
        if name == "when" and course.when is None and course.off == "postponed":
            raise NotAllowed(
                "it is off its date; record the new date, or withdraw the postponement", pointer="/set/when"
            )
        targets.setdefault(_giver(name, course, standing, at), {})[name] = value
    blank = AnnouncementFields()
    return {corrects: msgspec.structs.replace(blank, **part) for corrects, part in targets.items()}


def _giver(name: str, course: Course, standing: Standing, at: Instant) -> int:
    """Return the position of the statement, or of the source's own amendment, that gave a field its value."""
    giver = course.when_by if name == "when" and course.when is not None else course.made_by
    for stated in standing.stated:
        if stated.record.position == giver:
            for amendment in stated.amendments:
                by_source = amendment.fact.origin == "source" and amendment.holds(standing.gone, at)
                if by_source and getattr(amendment.fact.set, name) is not None:
                    giver = amendment.record.position
    return giver


def _require_amendable(position: int, fields: AnnouncementFields, announcement: str, world: World) -> None:
    """The entry must be a standing statement of this announcement, or an amendment of one, that has the fields."""
    end = position
    withdrawn = world.withdrawn()
    while True:
        record = world.recorded.get(end)
        fact = None if record is None else record.fact
        if getattr(fact, "announcement", None) != announcement or end in withdrawn:
            raise NotAllowed(f"entry {end} is no standing statement about {announcement!r}", pointer="/corrects")
        if not isinstance(fact, f.Amended):
            break
        end = fact.corrects
    if isinstance(fact, f.Made):
        return
    beyond = sorted(set(_given(fields)) - {"when"})
    if not isinstance(fact, f.Rescheduled) or beyond:
        what = f"no {beyond[0]}" if beyond else "nothing that can be amended; withdraw it and record it anew"
        raise NotAllowed(f"entry {end} has {what}", pointer=f"/set/{beyond[0]}" if beyond else "/corrects")


def _link(command: LinkTo, world: World) -> tuple[f.AnyFact, ...]:
    _, now = opened(command.id, world)
    if command.to == now.id:
        raise BodyInvalid("an announcement cannot be linked to itself", pointer="/to")
    _require_target(command.to, world, pointer="/to")
    known = {(link.relation, link.to) for link in now.links}
    if (command.relation, command.to) in known:
        return ()
    citations = cited(command.citations, world)
    return (f.Linked(announcement=now.id, relation=command.relation, to=command.to, citations=citations),)


def _require_target(id: str, world: World, *, pointer: str) -> None:
    if world.history(id) is None:
        raise UnknownReference("announcement", id, pointer=pointer)
    try:
        opened(id, world)
    except NotAllowed as refusal:
        raise NotAllowed(str(refusal), pointer=pointer) from None


def _merge(command: Merge, world: World) -> tuple[f.AnyFact, ...]:
    """It points on, and what it rests on supports the one it is merged into."""
    history, now = opened(command.id, world)
    if command.into == now.id:
        raise BodyInvalid("an announcement cannot be merged into itself", pointer="/into")
    _require_target(command.into, world, pointer="/into")
    merged = f.Merged(announcement=now.id, into=command.into, reason=command.reason)
    survivor = world.history(command.into)
    assert survivor is not None
    supports = survivor.course().made_by
    if not supports:
        raise NotAllowed(f"nothing that announced {command.into!r} stands", pointer="/into")
    standing = history.standing()
    citations = [
        citation
        for stated in standing.stated
        if isinstance(stated.fact, f.Made) and not stated.withdrawn
        for citation in stated.citations
    ]
    return (merged, *corroborated(command.into, supports, survivor.standing(), citations, world))
