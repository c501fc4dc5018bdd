"""What every decision about an announcement begins with: reading what was asked, and what had been said by then."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from events import bodies
from events import facts as f
from events.days import DayError, parse_day
from events.edtf import EdtfError, command_when, kind_of
from events.errors import BodyInvalid, DateInvalid, NotAllowed, NotFound, UnknownReference
from events.history import Course, History, course_at
from events.instants import FOREVER, Instant
from events.record import Announcement
from events.source import cite
from events.standing import Standing, said_at
from events.terms import ActorRef, Amount, AnnouncementFields, Citation, Image, When
from events.times import zone
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
    """Return a body's citations, found in their sources, each once; raises `Refused`."""
    found = (cite(citation, world, pointer=f"/citations/{index}") for index, citation in enumerate(citations))
    return tuple(dict.fromkeys(found))


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

    Another source is news; the same one again is not, and neither is a copy of it. It is one fact, unless a merge
    brings along more citations than one can hold.
    """
    known = {world.original(citation.source) for citation in citations_of(supports, standing)}
    speaks: dict[str, str] = {}
    new = []
    for citation in citations:
        original = world.original(citation.source)
        if original not in known and speaks.setdefault(original, citation.source) == citation.source:
            new.append(citation)
    parts = (tuple(new[start : start + bodies.CITATIONS_MAX]) for start in range(0, len(new), bodies.CITATIONS_MAX))
    return tuple(f.Corroborated(announcement=id, supports=supports, citations=part) for part in parts)


def supported(history: History, citations: Iterable[Citation], *, date: bool) -> int:
    """Return the statement that citations agree with: the one that described it, or gave its `date`, when they spoke.

    From before it was announced they agree with the first that did. 0 where no statement that announces it stands.
    """
    standing, now = history.standing(), history.course()
    if now.made is None:
        return 0
    spoken_at = min((citation.said_at for citation in citations), default=FOREVER)
    if spoken_at < now.made_at:
        made = (stated for stated in standing.stated if isinstance(stated.fact, f.Made) and not stated.withdrawn)
        return min((said_at(m.citations, standing.gone, FOREVER), m.record.position) for m in made)[1]
    course = course_at(standing, spoken_at)
    return course.made_by if course.when is None or not date else course.when_by


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


def fields_of(given: bodies.NewAnnouncement | bodies.Changes, world: World, *, pointer: str) -> AnnouncementFields:
    """Return the fields that a body gives of an announcement, as they are recorded; raises `Refused`."""
    amount, image = given.amount, given.image
    return AnnouncementFields(
        title=given.title,
        when=None if given.when is None else when_of(given.when, pointer=f"{pointer}/when"),
        kind=given.kind,
        actors=None if given.actors is None else actors_of(given.actors, world, pointer=f"{pointer}/actors"),
        places=given.places,
        topics=given.topics,
        modality=given.modality,
        amount=None if amount is None else Amount(value=amount.value, currency=amount.currency, text=amount.text),
        timezone=None if given.timezone is None else zone(given.timezone, pointer=f"{pointer}/timezone").key,
        time=given.time,
        lang=given.lang,
        translations=given.translations,
        image=None if image is None else Image(url=image.url, alt=image.alt, credit=image.credit),
        refs=given.refs,
    )


def given_in(fields: AnnouncementFields) -> dict[str, object]:
    """Return the fields that are given, by name."""
    return {name: value for name in fields.__struct_fields__ if (value := getattr(fields, name)) is not None}


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
