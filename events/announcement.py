"""Announcements: what a source may say of one, judged against what had been said by then.

A statement is judged at its own `said_at`, so one recorded late is judged by what was known when it was made; what
editors do (`events.editing`) is judged against now. What was left out is filled in here, so that the recorded fact
always carries it.
"""

from typing import assert_never

import msgspec

from events import editing
from events import facts as f
from events.commands import (
    Amend,
    AnnouncementCommand,
    Cancel,
    Corroborate,
    LinkTo,
    MakeAnnouncement,
    Merge,
    Postpone,
    ReportOutcome,
    ReportProgress,
    Reschedule,
    Retract,
)
from events.days import parse_day
from events.edtf import EdtfError, command_when
from events.errors import DateInvalid, NotAllowed, UnknownReference
from events.history import amended, course_at
from events.instants import Instant
from events.judging import (
    Before,
    CopyCorroboratesNothing,
    before,
    citations_of,
    cited,
    corroborated,
    fields_of,
    opened,
    supported,
    when_of,
)
from events.source import FUTURE_HOURS_MAX
from events.terms import When
from events.times import later
from events.world import World


def decide(command: AnnouncementCommand, world: World) -> tuple[f.AnyFact, ...]:
    """Return the facts that a command about an announcement makes; none where it changes nothing.

    Raises `Refused`, whose `pointer` names the place in the command's body.
    """
    match command:
        case MakeAnnouncement():
            return _make(command, world)
        case Reschedule():
            return _reschedule(command, world)
        case Postpone():
            return _put_off(command, f.Postponed, world)
        case Cancel():
            return _put_off(command, f.Cancelled, world)
        case Corroborate():
            return _corroborate(command, world)
        case ReportProgress():
            return _progress(command, world)
        case ReportOutcome():
            return _outcome(command, world)
        case Amend() | LinkTo() | Merge() | Retract():
            return editing.decide(command, world)
        case _:
            assert_never(command)


def _make(command: MakeAnnouncement, world: World) -> tuple[f.AnyFact, ...]:
    assert command.id is not None
    citations = cited(command.citations, world)
    history = world.history(command.id)
    if history is not None:
        opened(command.id, world)
        standing = history.standing()
        said_at = min(citation.said_at for citation in citations)
        course = course_at(standing, said_at)
        if course.made is not None:
            said = Before(standing=standing, course=course, said_at=said_at, citations=citations)
            return _restate(command, course.made, said, world)
    source = world.cited_source(command.citations[0].source, pointer="/citations/0/source")
    blank = f.Made(
        announcement=command.id, title=command.title, citations=citations, timezone=source.described.timezone
    )
    return (_described(command, blank, world),)


def _restate(command: MakeAnnouncement, made: f.Made, said: Before, world: World) -> tuple[f.AnyFact, ...]:
    """It had been announced by then: with nothing else to say, another source corroborates it."""
    course = said.course
    fact = _described(command, msgspec.structs.replace(made, when=None, citations=said.citations), world)
    same_date = fact.when is None or (course.off is None and _same(fact.when, course.when))
    if same_date and msgspec.structs.replace(fact, when=made.when, citations=made.citations) == made:
        supports = course.made_by if fact.when is None else course.when_by
        return corroborated(fact.announcement, supports, said.standing, said.citations, world)
    return () if _known(fact, said) else (fact,)


def _described(command: MakeAnnouncement, blank: f.Made, world: World) -> f.Made:
    """Return the statement with what the command gives, and `blank`'s for what it leaves out."""
    return amended(blank, fields_of(command, world, pointer=""))


def _same(one: When, other: When | None) -> bool:
    return other is not None and (one.edtf, one.kind) == (other.edtf, other.kind)


def _reschedule(command: Reschedule, world: World) -> tuple[f.AnyFact, ...]:
    said = before(command.id, command.citations, world)
    when = when_of(command.when, pointer="/when")
    if said.course.off is None and _same(when, said.course.when):
        return corroborated(command.id, said.course.when_by, said.standing, said.citations, world)
    fact = f.Rescheduled(announcement=command.id, when=when, reason=command.reason, citations=said.citations)
    return () if _known(fact, said) else (fact,)


def _put_off(
    command: Postpone | Cancel, kind: type[f.Postponed] | type[f.Cancelled], world: World
) -> tuple[f.AnyFact, ...]:
    said = before(command.id, command.citations, world)
    off = "postponed" if kind is f.Postponed else "cancelled"
    if said.course.off == off:
        return corroborated(command.id, said.course.decided_by, said.standing, said.citations, world)
    fact = kind(announcement=command.id, reason=command.reason, citations=said.citations)
    return () if _known(fact, said) else (fact,)


def _corroborate(command: Corroborate, world: World) -> tuple[f.AnyFact, ...]:
    """Another source says the same as what had been said by then, perhaps before the one we had."""
    history, _ = opened(command.id, world)
    citations = cited(command.citations, world)
    standing = history.standing()
    supports = command.supports
    if supports is None:
        supports = supported(history, citations, date=True)
        if not supports:
            raise NotAllowed(f"nothing that announced {command.id!r} stands, so nothing can be supported")
    else:
        supports = _statement(supports, command.id, world)
    facts = corroborated(command.id, supports, standing, citations, world)
    if not facts and not set(citations) <= set(citations_of(supports, standing)):
        raise CopyCorroboratesNothing(
            f"entry {supports} rests on that source, or on the one it is a copy of, already", pointer="/citations"
        )
    return facts


def _statement(position: int, announcement: str, world: World) -> int:
    """Return the statement that a corroboration of this entry supports in the end; raises `NotAllowed`."""
    record = world.recorded.get(position)
    fact = None if record is None else record.fact
    if getattr(fact, "announcement", None) != announcement or position in world.withdrawn():
        raise NotAllowed(f"entry {position} is no standing statement about {announcement!r}", pointer="/supports")
    if isinstance(fact, f.Corroborated):
        return _statement(fact.supports, announcement, world)
    if isinstance(fact, f.Statement) or (isinstance(fact, f.Amended) and fact.origin == "source"):
        return position
    raise NotAllowed(f"entry {position} is our own doing, which no source can support", pointer="/supports")


def _progress(command: ReportProgress, world: World) -> tuple[f.AnyFact, ...]:
    said = before(command.id, command.citations, world)
    fact = f.ProgressReported(announcement=command.id, text=command.text, citations=said.citations)
    return () if _known(fact, said) else (fact,)


def _outcome(command: ReportOutcome, world: World) -> tuple[f.AnyFact, ...]:
    said = before(command.id, command.citations, world)
    if command.rubric is not None and world.rubric(command.rubric) is None:
        raise UnknownReference("rubric", command.rubric, pointer="/rubric")
    on = None if command.on is None else _past(command.on, world.now)
    last = said.course.outcomes[-1] if said.course.verdict is not None else None
    if last is not None and (last.result, last.on) == (command.result, on):
        return corroborated(command.id, said.course.decided_by, said.standing, said.citations, world)
    fact = f.OutcomeReported(
        announcement=command.id,
        result=command.result,
        on=on,
        reason=command.reason,
        rubric=command.rubric or world.newest_rubric(),
        citations=said.citations,
    )
    return () if _known(fact, said) else (fact,)


def _past(on: str, now: Instant) -> str:
    """Return when something came of it, in canonical form; what lies ahead is no outcome yet."""
    try:
        edtf = command_when(on)
    except EdtfError as error:
        raise DateInvalid(str(error), pointer="/on") from None
    tomorrow = parse_day(later(now, hours=FUTURE_HOURS_MAX)[:10])  # It may be tomorrow already where it came about.
    if edtf.earliest is not None and edtf.earliest > tomorrow:
        raise DateInvalid(f"{on!r} lies ahead; an outcome is what came of it", pointer="/on")
    return edtf.text


def _known(fact: f.AnyStatement, said: Before) -> bool:
    """Say whether the very same was recorded already."""
    return any(stated.fact == fact for stated in said.standing.stated if not stated.withdrawn)
