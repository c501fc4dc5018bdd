"""The one undo: any one fact is taken back, and taking that back restores it. What others rest on has to stay."""

from collections.abc import Iterable

from events import facts as f
from events.commands import WithdrawFact
from events.errors import NotAllowed, NotFound
from events.source import require_unused_date
from events.terms import SourceFields
from events.world import World

NAMED_MAX = 20
_REST_ON_NOTHING = (f.FactWithdrawn, f.LogErased)


def withdraw(command: WithdrawFact, world: World) -> tuple[f.AnyFact, ...]:
    """Return the withdrawal of exactly one fact; none where it is withdrawn already.

    Raises `NotFound`, and `NotAllowed` where something else would be left without what it rests on.
    """
    record = world.recorded.get(command.position)
    if record is None:
        raise NotFound(f"there is no entry {command.position}")
    if record.type.startswith("log."):
        raise NotAllowed(f"entry {command.position} is the log's own ({record.type}) and stays")
    if not f.knows(record.type, record.v):
        raise NotAllowed(
            f"entry {command.position} is of a later kind than this version knows ({record.type}, version {record.v}),"
            " which cannot tell what rests on it; withdraw it after the upgrade"
        )
    if _is_erased(record):
        raise NotAllowed(f"the data of entry {command.position} was erased, so there is nothing to take back")
    if isinstance(record.fact, f.RubricPublished):
        raise NotAllowed("a published rubric stays, for what was rated under it; publish another version")
    before = world.withdrawn()
    if record.position in before:
        return ()
    after = world.withdrawn(besides=record.position)
    for position in sorted(after - before):
        _require_unused(world.recorded.get(position), after, world)
    for position in sorted(before - after):
        _require_rested(world.recorded.get(position), world)
    return (f.FactWithdrawn(position=record.position, reason=command.reason),)


def _require_unused(record: f.Recorded | None, withdrawn: set[int], world: World) -> None:
    """A source or an actor that others rest on cannot go, nor can the publication that statements are dated by."""
    match None if record is None else record.fact:
        case f.SourceCorrected(source=id, set=SourceFields(published_at=str())):
            require_unused_date(id, world)
            return
        case f.SourceRecorded(source=id):
            tag = f"source:{id}"
        case f.ActorRecorded(actor=id):
            tag = f"actor:{id}"
        case _:
            return
    resting = [
        other.position
        for other in world.tagged(tag)
        if other.position not in withdrawn and not _is_erased(other) and not isinstance(other.fact, _REST_ON_NOTHING)
    ]
    if resting:
        raise NotAllowed(f"entries {_listed(resting)} rest on it; withdraw them first")


def _require_rested(record: f.Recorded | None, world: World) -> None:
    """What comes back needs its id to be free, the sources it cites as they were dated, and the actors it names."""
    fact = None if record is None else record.fact
    assert record is not None
    if _is_taken(fact, world):
        raise NotAllowed(f"what entry {record.position} recorded was recorded anew since; withdraw that first")
    if isinstance(fact, f.SourceCorrected) and fact.set.published_at is not None:
        require_unused_date(fact.source, world)
    for citation in getattr(fact, "citations", ()):
        source = world.source(citation.source)
        if source is None:
            raise NotAllowed(f"entry {record.position} would rest on source {citation.source!r}, which was withdrawn")
        if citation.said_at_assumed and citation.said_at != source.described.published_at:
            raise NotAllowed(
                f"entry {record.position} was dated by the publication of source {citation.source!r}, "
                "which was corrected since; record it anew"
            )
    for tag in record.tags:
        kind, _, id = tag.partition(":")
        if kind == "actor" and isinstance(fact, f.Made | f.Amended) and world.actor(id) is None:
            raise NotAllowed(f"entry {record.position} would name actor {id!r}, which was withdrawn")


def _is_taken(fact: f.AnyFact | None, world: World) -> bool:
    match fact:
        case f.SourceRecorded(source=id):
            return world.source(id) is not None
        case f.ActorRecorded(actor=id):
            return world.actor(id) is not None
        case f.TimelineCreated(timeline=slug):
            return world.timeline(slug) is not None
        case _:
            return False


def _is_erased(record: f.Recorded) -> bool:
    return record.fact is None and f.knows(record.type, record.v)


def _listed(positions: Iterable[int]) -> str:
    return ", ".join(str(position) for position in list(positions)[:NAMED_MAX])
