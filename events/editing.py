"""What editors do to announcements: amend, link, merge, retract. Judged against now."""

from typing import assert_never

import msgspec
from msgspec import Struct

from events import facts as f
from events.commands import Amend, LinkTo, Merge, Retract
from events.errors import BodyInvalid, NotAllowed, UnknownReference
from events.history import course_at
from events.instants import FOREVER, Instant
from events.judging import cited, corroborated, fields_of, given_in, opened, supported
from events.standing import Standing
from events.tags import TAGS_MAX, tags_of
from events.terms import AnnouncementFields
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


def _amend(command: Amend, world: World) -> tuple[f.AnyFact, ...]:
    """Each field is corrected where its value came from; a second source that corrects it alike supports the first."""
    history, _ = opened(command.id, world)
    citations = cited(command.citations, world)
    _require_origin(command)
    fields = fields_of(command.set, world, pointer="/set")
    if fields == AnnouncementFields():
        raise BodyInvalid("nothing is to be changed; give at least one field", pointer="/set")
    standing = history.standing()
    if command.corrects is None:
        at = min(citation.said_at for citation in citations) if command.origin == "source" else FOREVER
        given = _given_at(at, fields, standing)
    else:
        root = _amendable(command.corrects, fields, command.id, world)
        given = {name: _given_by(name, root, standing, FOREVER) for name in given_in(fields)}
    changed: dict[int, dict[str, object]] = {}
    for name, value in given_in(fields).items():
        if value != given[name].value:
            changed.setdefault(command.corrects or given[name].position, {})[name] = value
    if not changed and command.origin == "source":
        supports = max(part.position for part in given.values())
        return corroborated(command.id, supports, standing, citations, world)
    amendments = tuple(
        f.Amended(
            announcement=command.id,
            corrects=corrects,
            set=msgspec.structs.replace(AnnouncementFields(), **part),
            origin=command.origin,
            reason=command.reason,
            citations=citations,
        )
        for corrects, part in changed.items()
    )
    known = [amendment.fact for stated in standing.stated for amendment in stated.amendments]
    new = tuple(amendment for amendment in amendments if amendment not in known)
    for amendment in new:
        _require_few_tags(amendment, world)
    return new


def _require_origin(command: Amend) -> None:
    if command.origin == "source" and not command.citations:
        raise BodyInvalid("a source's own correction needs its citations", pointer="/citations")
    if command.origin == "source" and command.set.when is not None and command.corrects is None:
        raise BodyInvalid(
            "say which entry's date the source corrects; if it gives another date, it is a reschedule",
            pointer="/corrects",
        )


class _Given(Struct, frozen=True):
    """A field's value, and the position of the statement, or of the source's own amendment, that gave it."""

    value: object
    position: int


def _given_at(at: Instant, fields: AnnouncementFields, standing: Standing) -> dict[str, _Given]:
    """Return what the fields were at an instant, and which entry an amendment of each corrects."""
    course = course_at(standing, at)
    if course.made is None:
        raise NotAllowed(f"no statement that announced {standing.id!r} stands; say which entry it corrects")
    if fields.when is not None and course.when is None and course.dates:
        raise NotAllowed("it is off its date; record the new date, or withdraw the postponement", pointer="/set/when")
    dated = course.made_by if course.when is None else course.when_by
    return {
        name: _given_by(name, dated if name == "when" else course.made_by, standing, at) for name in given_in(fields)
    }


def _given_by(name: str, statement: int, standing: Standing, at: Instant) -> _Given:
    """Return what a statement, as amended at an instant, gives for a field."""
    stated = next(stated for stated in standing.stated if stated.record.position == statement)
    value, position = getattr(stated.fact, name, None), statement
    for amendment in stated.amendments:
        amended = getattr(amendment.fact.set, name)
        if amended is not None and amendment.holds(standing.gone, at):
            value = amended
            position = amendment.record.position if amendment.fact.origin == "source" else position
    return _Given(value, position)


def _amendable(position: int, fields: AnnouncementFields, announcement: str, world: World) -> int:
    """Return the statement that an amendment of this entry is about; raises `NotAllowed`.

    The entry must be a standing statement of the announcement, or an amendment of one, that has the fields.
    """
    end, below = position, max(world.recorded, default=0) + 1
    withdrawn = world.withdrawn()
    while True:
        record = world.recorded.get(end)
        fact = None if record is None else record.fact
        if getattr(fact, "announcement", None) != announcement or end in withdrawn or end >= below:
            raise NotAllowed(f"entry {end} is no standing statement about {announcement!r}", pointer="/corrects")
        if not isinstance(fact, f.Amended):
            break
        end, below = fact.corrects, end
    beyond = sorted(set(given_in(fields)) - {"when"})
    if isinstance(fact, f.Made) or (isinstance(fact, f.Rescheduled) and not beyond):
        return end
    what = f"no {beyond[0]}" if beyond else "nothing that can be amended; withdraw it and record it anew"
    raise NotAllowed(f"entry {end} has {what}", pointer=f"/set/{beyond[0]}" if beyond else "/corrects")


def _require_few_tags(amendment: f.Amended, world: World) -> None:
    """It is found by what it corrects too, and so on down a chain of corrections, which cannot grow for ever."""
    if len(tags_of(amendment, named=world.recorded[amendment.corrects].tags)) > TAGS_MAX:
        raise NotAllowed(
            f"with those of entry {amendment.corrects} it names too many actors and sources; correct the statement "
            "itself, or name fewer",
            pointer="/corrects",
        )


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
    standing = history.standing()
    citations = [
        citation
        for stated in standing.stated
        if isinstance(stated.fact, f.Made) and not stated.withdrawn
        for citation in stated.citations
    ]
    supports = supported(survivor, citations, date=False)
    if not supports:
        raise NotAllowed(f"nothing that announced {command.into!r} stands", pointer="/into")
    return (merged, *corroborated(command.into, supports, survivor.standing(), citations, world))
