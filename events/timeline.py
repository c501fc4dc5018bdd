"""Timelines: named selections of announcements."""

from typing import assert_never, get_args

from events import facts as f
from events.bodies import QueryIn
from events.commands import (
    ArchiveTimeline,
    ChangeTimeline,
    CreateTimeline,
    HideItem,
    PinItem,
    ReleaseItem,
    TimelineCommand,
)
from events.days import DayError, parse_day
from events.errors import BodyInvalid, DateInvalid, NotAllowed, NotFound, Taken, UnknownReference
from events.record import State
from events.terms import TimelineFields, TimelineQuery
from events.world import Timeline, World, evolve_timeline

STATES: frozenset[str] = frozenset(get_args(State))


def decide(command: TimelineCommand, world: World) -> tuple[f.AnyFact, ...]:
    """Return the facts that a command about a timeline makes; none where it changes nothing. Raises `Refused`."""
    match command:
        case CreateTimeline():
            return _create(command, world)
        case ChangeTimeline():
            return _change(command, world)
        case PinItem(slug=slug, announcement=id, reason=reason):
            return _item(f.ItemPinned(timeline=slug, announcement=id, reason=reason), world)
        case HideItem(slug=slug, announcement=id, reason=reason):
            return _item(f.ItemHidden(timeline=slug, announcement=id, reason=reason), world)
        case ReleaseItem(slug=slug, announcement=id, reason=reason):
            return _item(f.ItemReleased(timeline=slug, announcement=id, reason=reason), world)
        case ArchiveTimeline():
            archived = f.TimelineArchived(timeline=command.slug, reason=command.reason)
            return _unless_the_same(archived, _known(command.slug, world))
        case _:
            assert_never(command)


def query_of(query: QueryIn, *, pointer: str) -> TimelineQuery:
    """Return a query as it is recorded; raises `BodyInvalid` for an empty one and `DateInvalid` for a bad day."""
    first = _day(query.from_, pointer=f"{pointer}/from")
    last = _day(query.to, pointer=f"{pointer}/to")
    if first is not None and last is not None and first > last:
        raise BodyInvalid("it ends before it begins", pointer=f"{pointer}/to")
    states = _several(query.state)
    if unknown := sorted(set(states) - STATES):
        raise BodyInvalid(f"{unknown[0]!r} is no state of an announcement", pointer=f"{pointer}/state")
    recorded = TimelineQuery(
        q=query.q,
        actor=_several(query.actor),
        topic=_several(query.topic),
        place=_several(query.place),
        kind=_several(query.kind),
        state=states,
        source=_several(query.source),
        id=_several(query.id),
        from_=query.from_,
        to=query.to,
    )
    if recorded == TimelineQuery():
        raise BodyInvalid("a timeline's query says what fills it; give at least one field", pointer=pointer)
    return recorded


def _day(text: str | None, *, pointer: str) -> int | None:
    try:
        return None if text is None else parse_day(text)
    except DayError as error:
        raise DateInvalid(str(error), pointer=pointer) from None


def _several(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _create(command: CreateTimeline, world: World) -> tuple[f.AnyFact, ...]:
    fact = f.TimelineCreated(
        timeline=command.slug,
        title=command.title,
        description=command.description,
        query=query_of(command.query, pointer="/query"),
    )
    known = world.timeline(command.slug)
    if known is None:
        return (fact,)
    if (known.title, known.description, known.query) == (fact.title, fact.description, fact.query):
        return ()
    raise Taken(f"there is a timeline {command.slug!r} already; change it, or choose another slug", pointer="/slug")


def _change(command: ChangeTimeline, world: World) -> tuple[f.AnyFact, ...]:
    timeline = _open(command.slug, world)
    query = None if command.query is None else query_of(command.query, pointer="/query")
    fields = TimelineFields(title=command.title, description=command.description, query=query)
    return _unless_the_same(f.TimelineChanged(timeline=timeline.slug, set=fields), timeline)


def _item(fact: f.ItemPinned | f.ItemHidden | f.ItemReleased, world: World) -> tuple[f.AnyFact, ...]:
    timeline = _open(fact.timeline, world)
    if world.history(fact.announcement) is None:
        raise UnknownReference("announcement", fact.announcement, pointer="/announcement")
    return _unless_the_same(fact, timeline)


def _unless_the_same(fact: f.AnyFact, timeline: Timeline) -> tuple[f.AnyFact, ...]:
    return () if evolve_timeline(timeline, fact) == timeline else (fact,)


def _known(slug: str, world: World) -> Timeline:
    timeline = world.timeline(slug)
    if timeline is None:
        raise NotFound(f"there is no timeline {slug!r}")
    return timeline


def _open(slug: str, world: World) -> Timeline:
    timeline = _known(slug, world)
    if timeline.archived:
        raise NotAllowed(f"timeline {slug!r} is archived")
    return timeline
