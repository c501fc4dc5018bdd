"""Actors and rubrics: who acts, and what the ratings mean."""

from typing import assert_never

from events import facts as f
from events.commands import ActorCommand, MergeActor, PublishRubric, RecordActor, RenameActor
from events.edtf import EdtfError, parse
from events.errors import DateInvalid, NotAllowed, NotFound, Taken, UnknownReference
from events.world import Actor, World


def decide(command: ActorCommand | PublishRubric, world: World) -> tuple[f.AnyFact, ...]:
    """Return the facts that a command about an actor makes; none where it changes nothing. Raises `Refused`."""
    match command:
        case RecordActor():
            return _record(command, world)
        case RenameActor():
            return _rename(command, world)
        case MergeActor():
            return _merge(command, world)
        case PublishRubric():
            return _publish(command, world)
        case _:
            assert_never(command)


def _record(command: RecordActor, world: World) -> tuple[f.AnyFact, ...]:
    for field, text in (("from", command.from_), ("to", command.to)):
        if text is not None:
            _require_date(text, pointer=f"/{field}")
    if command.part_of is not None and world.actor(command.part_of) is None:
        raise UnknownReference("actor", command.part_of, pointer="/part_of")
    fact = f.ActorRecorded(
        actor=command.id,
        names=command.names,
        kind=command.kind,
        aliases=command.aliases,
        part_of=command.part_of,
        from_=command.from_,
        to=command.to,
        wikidata=command.wikidata,
    )
    known = world.actor(command.id)
    if known is None:
        return (fact,)
    if known.described == fact:
        return ()
    raise Taken(f"actor {command.id!r} is recorded already; rename it, or choose another id", pointer="/id")


def _require_date(text: str, *, pointer: str) -> None:
    try:
        parse(text)
    except EdtfError as error:
        raise DateInvalid(str(error), pointer=pointer) from None


def _rename(command: RenameActor, world: World) -> tuple[f.AnyFact, ...]:
    actor = _open(command.id, world)
    fact = f.ActorRenamed(actor=actor.id, names=command.names, aliases=command.aliases, reason=command.reason)
    same_names = {**actor.described.names, **command.names} == actor.described.names
    same_aliases = command.aliases is None or command.aliases == actor.described.aliases
    return () if same_names and same_aliases else (fact,)


def _merge(command: MergeActor, world: World) -> tuple[f.AnyFact, ...]:
    actor = _open(command.id, world)
    if world.actor(command.into) is None:
        raise UnknownReference("actor", command.into, pointer="/into")
    end: str | None = command.into
    passed: set[str] = set()
    while end is not None and end not in passed:  # Undoing undoings can leave a circle.
        if end == actor.id:
            raise NotAllowed(f"actor {command.into!r} is {actor.id!r} itself, or points on to it", pointer="/into")
        passed.add(end)
        known = world.actor(end)
        end = None if known is None else known.merged_into
    return (f.ActorMerged(actor=actor.id, into=command.into, reason=command.reason),)


def _open(id: str, world: World) -> Actor:
    actor = world.actor(id)
    if actor is None:
        raise NotFound(f"there is no actor {id!r}")
    if actor.merged_into is not None:
        raise NotAllowed(f"actor {id!r} was merged into {actor.merged_into!r}")
    return actor


def _publish(command: PublishRubric, world: World) -> tuple[f.AnyFact, ...]:
    known = world.rubric(command.version)
    fact = f.RubricPublished(version=command.version, text=command.text)
    if known is None:
        return (fact,)
    if known == fact:
        return ()
    raise Taken(f"rubric {command.version!r} is published, and stays as it is; publish another version")
