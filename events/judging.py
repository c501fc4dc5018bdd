"""What every decision about an announcement begins with: reading what was asked, and what had been said by then."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from events import bodies
from events import facts as f
from events.days import DayError, parse_day
from events.edtf import EdtfError, command_when, kind_of
from events.errors import BodyInvalid, DateInvalid, NotAllowed, NotFound, UnknownReference
from events.history import Course, History, course_at
from events.instants import Instant
from events.record import Announcement
from events.source import cite
from events.standing import Standing
from events.terms import ActorRef, Citation, When
from events.world import World


class CopyCorroboratesNothing(NotAllowed):
    """The source is a copy of one that says it already, or that one again."""

    code = "copy-corroborates-nothing"


class Before(Struct, frozen=True, kw_only=True):
    """An announcement as it was when a new statement about it was made, and the statement's citations."""

    standing: Standing
    course: Course
    said_at: Instant
    citations: tuple[Citation, ...]


def cited(citations: Sequence[bodies.CitationIn], world: World) -> tuple[Citation, ...]:
    """Return a body's citations, found in their sources; raises `Refused`."""
    return tuple(cite(citation, world, pointer=f"/citations/{index}") for index, citation in enumerate(citations))


def opened(id: str, world: World) -> tuple[History, Announcement]:
    """Return an announcement that can still be spoken of; raises `NotFound`, or `NotAllowed` where it cannot."""
    history = world.history(id)
    now = None if history is None else history.now
    if history is None or now is None:
        raise NotFound(f"there is no announcement {id!r}")
    if now.merged_into:
        raise NotAllowed(f"announcement {id!r} was merged into {now.merged_into!r}; speak of that one")
    if now.state == "retracted":
        raise NotAllowed(f"announcement {id!r} was retracted: there was no such announcement")
    return history, now


def before(id: str, citations: Sequence[bodies.CitationIn], world: World) -> Before:
    """Return what had been said of an announcement when the citations were; raises `Refused`."""
    history, _ = opened(id, world)
    found = cited(citations, world)
    said_at = min(citation.said_at for citation in found)
    standing = history.standing()
    if said_at < standing.exists_from:
        raise NotAllowed(
            f"announcement {id!r} had not been announced by {said_at}; first record the source that announced it",
            pointer="/citations",
        )
    course = course_at(standing, said_at)
    if course.made is None:
        raise NotAllowed(
            f"no statement that announced {id!r} stands at {said_at}; record a source that announces it",
            pointer="/citations",
        )
    return Before(standing=standing, course=course, said_at=said_at, citations=found)


def corroborated(
    id: str, supports: int, standing: Standing, citations: Sequence[Citation], world: World
) -> tuple[f.AnyFact, ...]:
    """Return the corroboration of the statement at `supports`; nothing where no citation comes from another source.

    Another source is news; the same one again is not, and neither is a copy of it.
    """
    known = {world.original(citation.source) for citation in citations_of(supports, standing)}
    new: list[Citation] = []
    for citation in citations:
        original = world.original(citation.source)
        if original not in known:
            known.add(original)
            new.append(citation)
    return (f.Corroborated(announcement=id, supports=supports, citations=tuple(new)),) if new else ()


def citations_of(position: int, standing: Standing) -> tuple[Citation, ...]:
    """Return the citations of the statement or source's amendment at a position, with those that support it."""
    for stated in standing.stated:
        if stated.record.position == position:
            return stated.citations
        for amendment in stated.amendments:
            if amendment.record.position == position:
                return amendment.citations
    return ()


def when_of(date: bodies.Date, *, pointer: str) -> When:
    """Return a date as it is recorded: in canonical form, its kind filled in. Raises `DateInvalid`."""
    given = bodies.WhenIn(edtf=date) if isinstance(date, str) else date
    place = pointer if isinstance(date, str) else f"{pointer}/edtf"
    try:
        edtf = command_when(given.edtf)
    except EdtfError as error:
        raise DateInvalid(str(error), pointer=place) from None
    kind = given.kind or kind_of(edtf)
    if kind in ("deadline", "until") and edtf.latest is None:
        raise DateInvalid(f"{edtf.text!r} has no last day, so it cannot be a {kind!r}", pointer=f"{pointer}/kind")
    if kind == "from" and edtf.earliest is None:
        raise DateInvalid(f"{edtf.text!r} has no first day, so it cannot be a 'from'", pointer=f"{pointer}/kind")
    if given.anchor is not None:
        try:
            parse_day(given.anchor)
        except DayError as error:
            raise DateInvalid(str(error), pointer=f"{pointer}/anchor") from None
    assert kind != "undated"
    return When(edtf=edtf.text, kind=kind, phrase=given.phrase, anchor=given.anchor)


def actors_of(actors: Iterable[bodies.ActorIn], world: World, *, pointer: str) -> tuple[ActorRef, ...]:
    """Return actors' parts as they are recorded; raises `UnknownReference` and `BodyInvalid`."""
    parts = []
    for index, actor in enumerate(actors):
        if (actor.id is None) == (actor.name is None):
            raise BodyInvalid("an actor has either an id or a name", pointer=f"{pointer}/{index}")
        if actor.id is not None and world.actor(actor.id) is None:
            raise UnknownReference("actor", actor.id, pointer=f"{pointer}/{index}/id")
        parts.append(ActorRef(id=actor.id, name=actor.name, role=actor.role))
    return tuple(parts)
