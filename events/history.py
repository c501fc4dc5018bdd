"""Fold: what an announcement is at (as_of, said_by), from its facts (DESIGN section 2).

`events.standing` resolves what stands at a position; here the statements said by an instant are folded in the order
they were said. `evolve` never refuses, in whatever order facts come: the past is not up for debate.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Literal, assert_never

import msgspec
from msgspec import UNSET, Struct

from events import facts as f
from events import record as r
from events import terms
from events.edtf import inside
from events.facts import Recorded
from events.instants import FOREVER, Instant
from events.standing import NEVER, Amendment, Gone, Standing, Stated, is_gone, said_at, standing
from events.terms import AnnouncementFields, When


class Given(Struct, frozen=True, kw_only=True):
    """A value a statement gives for the date, and what gave it: itself, or an amendment of it."""

    when: When
    record: Recorded
    said_at: Instant
    citation: r.Citation
    reason: str | None


class Said(Struct, frozen=True, kw_only=True):
    """A statement as it counts at an instant: amended, with the citations said by then, earliest first.

    Those whose sources were taken back are marked; `resting_on` is the first that stands.
    """

    record: Recorded
    fact: f.AnyStatement
    said_at: Instant
    dates: tuple[Given, ...]
    resting_on: r.Citation
    citations: tuple[r.Citation, ...]


class Course(Struct, frozen=True, kw_only=True):
    """How things went so far.

    `when` is the date in force, `moved`: it moved since it was last announced. `made_by`, `when_by` and `decided_by`
    are the positions of the statements that gave the description, the date in force, and the verdict or the end.
    """

    made: f.Made | None = None
    made_by: int = 0
    when_by: int = 0
    decided_by: int = 0
    made_at: Instant = NEVER
    when: When | None = None
    dates: tuple[r.GivenDate, ...] = ()
    verdict: terms.Result | None = None
    off: Literal["cancelled", "postponed"] | None = None
    moved: bool = False
    outcomes: tuple[r.Outcome, ...] = ()
    progress: tuple[r.Progress, ...] = ()


class History:
    """Every recorded fact that bears on an announcement, by position (see `standing` for which those are)."""

    def __init__(self, announcement: str, recorded: Sequence[Recorded]) -> None:
        self.id = announcement
        self.recorded = tuple(recorded)

    @cached_property
    def now(self) -> r.Announcement | None:
        """What it is, by all that was recorded and said."""
        return announcement_at(self.standing(), FOREVER)

    def standing(self, as_of: int | None = None) -> Standing:
        """Resolve the facts up to the position `as_of`, inclusive; all of them where it is None."""
        recorded = self.recorded if as_of is None else [rec for rec in self.recorded if rec.position <= as_of]
        return standing(self.id, recorded)

    def course(self, said_by: Instant = FOREVER) -> Course:
        """Return the course of things said by an instant (inclusive), by all that was recorded."""
        return course_at(self.standing(), said_by)

    def at(self, as_of: int | None = None, said_by: Instant = FOREVER) -> r.Announcement | None:
        """Return what had been said by an instant (inclusive), as recorded up to a position; None: not yet made."""
        return announcement_at(self.standing(as_of), said_by)


def announcement_at(stands: Standing, at: Instant) -> r.Announcement | None:
    """Return the announcement at an instant of saying, inclusive; None where it had not been announced by then.

    Its state is that of the record alone: `due` and `overdue` depend on today, see `events.due`.
    """
    return None if at < stands.exists_from else announcement_of(stands, course_at(stands, at), at)


def announcement_of(stands: Standing, course: Course, at: Instant) -> r.Announcement:
    """Return the announcement at an instant at which it exists, given the course of things by then."""
    made = course.made or _title_only(stands, at)
    last = next(record for since, record in reversed(stands.counting) if since <= at)
    return r.Announcement(
        id=stands.id,
        title=made.title,
        kind=made.kind,
        state=state_of(stands, course),
        when=r.when_of(course.when),
        dates=course.dates,
        slip_days=slip_days(course.dates),
        actors=tuple(r.Actor(id=actor.id, name=actor.name, role=actor.role) for actor in made.actors),
        places=made.places,
        topics=made.topics,
        modality=made.modality,
        citations=_all_citations(stands, at),
        outcomes=course.outcomes,
        progress=course.progress,
        links=tuple(_link(record, stands.gone, at) for record in stands.links),
        refs=made.refs,
        timezone=made.timezone,
        position=last.position,
        made_at=stands.exists_from if course.made is None else course.made_at,
        updated_at=last.recorded_at,
        amount=made.amount or UNSET,
        time=made.time or UNSET,
        lang=made.lang or UNSET,
        translations=made.translations or UNSET,
        image=made.image or UNSET,
        merged_into=stands.merged_into or UNSET,
    )


def course_at(stands: Standing, at: Instant) -> Course:
    """Fold the statements that stand and were said by an instant, in the order they were said."""
    course = Course()
    for said in _said(stands, at):
        course = evolve(course, said)
    return course


def evolve(course: Course, said: Said) -> Course:
    """Return the course of things after one more statement."""
    fact = said.fact
    match fact:
        case f.Made():
            course = _dated(course, said)
            return msgspec.structs.replace(
                course, made=fact, made_by=said.record.position, moved=False, made_at=min(course.made_at, said.said_at)
            )
        case f.Rescheduled():
            return _dated(course, said)
        case f.Postponed():
            return _put_off(course, said, fact)
        case f.Cancelled():
            return msgspec.structs.replace(course, verdict=None, off="cancelled", decided_by=said.record.position)
        case f.OutcomeReported():
            return _judged(course, said, fact)
        case f.ProgressReported():
            told = r.Progress(text=fact.text, citations=said.citations, position=said.record.position)
            return msgspec.structs.replace(course, progress=(*course.progress, told))
        case f.Corroborated():
            return course  # Its citations already stand with the statement it supports.
        case _:
            assert_never(fact)


def slip_days(dates: Sequence[r.GivenDate]) -> int | None:
    """Return by how many days the last day moved since the first step, None where either is open or missing.

    The first step is the first date with its corrections and the narrowings that directly follow it.
    """
    if not dates:
        return None
    first = dates[0]
    for date in dates[1:]:
        if date.how == "moved":
            break
        first = date
    return _days_between(first, dates[-1])


def _days_between(first: r.GivenDate, last: r.GivenDate) -> int | None:
    if first.edtf is None or last.edtf is None:
        return None
    before, after = r.reading(first.edtf).latest, r.reading(last.edtf).latest
    return None if before is None or after is None else after - before


def _said(stands: Standing, at: Instant) -> list[Said]:
    """Return the statements that stand and were said by an instant, in the order they were said."""
    said = [
        (moment, stated.record.position, stated)
        for stated in stands.stated
        if not stated.withdrawn and (moment := said_at(stated.citations, stands.gone, at)) <= at
    ]
    return [as_said(stated, moment, stands.gone, at) for moment, _, stated in sorted(said, key=lambda s: s[:2])]


def as_said(stated: Stated, moment: Instant, gone: Gone, at: Instant) -> Said:
    """Return a statement, said at `moment`, as it counts at an instant."""
    amendments = [amendment for amendment in stated.amendments if amendment.holds(gone, at)]
    citations = _said_citations(stated.citations, gone, at)
    resting_on = next(citation for citation in citations if not citation.withdrawn)
    fact = stated.fact
    dates: list[Given] = []
    if isinstance(fact, f.Made | f.Rescheduled):
        if fact.when is not None:
            reason = fact.reason if isinstance(fact, f.Rescheduled) else None
            given = Given(when=fact.when, record=stated.record, said_at=moment, citation=resting_on, reason=reason)
            dates.append(given)
        dates.extend(
            _amended_date(a, a.fact.set.when, moment, resting_on, gone, at)
            for a in amendments
            if a.fact.set.when is not None
        )
    if isinstance(fact, f.Made):
        for amendment in amendments:
            fact = amended(fact, amendment.fact.set)
    return Said(
        record=stated.record,
        fact=fact,
        said_at=moment,
        dates=tuple(dates),
        resting_on=resting_on,
        citations=citations,
    )


def _amended_date(
    amendment: Amendment, when: When, moment: Instant, citation: r.Citation, gone: Gone, at: Instant
) -> Given:
    """An editor's correction was said when the statement was; a source's own, when the source said it."""
    own = [c for c in _said_citations(amendment.citations, gone, at) if not c.withdrawn]
    return Given(
        when=when,
        record=amendment.record,
        said_at=own[0].said_at if amendment.fact.origin == "source" else moment,
        citation=own[0] if own else citation,
        reason=amendment.fact.reason,
    )


def _said_citations(citations: Sequence[terms.Citation], gone: Gone, at: Instant) -> tuple[r.Citation, ...]:
    """Return the citations said by an instant, the earliest first, those of withdrawn sources marked so."""
    said = sorted((c for c in citations if c.said_at <= at), key=lambda c: c.said_at)
    return tuple(_citation(c, gone, at) for c in said)


def amended(made: f.Made, fields: AnnouncementFields) -> f.Made:
    """Return the statement with the fields that an amendment sets."""
    given = {name: value for name in fields.__struct_fields__ if (value := getattr(fields, name)) is not None}
    return msgspec.structs.replace(made, **given)


def _dated(course: Course, said: Said) -> Course:
    """A date was given: it opens the matter again, and is an entry of `dates` unless it is the one in force.

    The date in force may be worded anew all the same: a restatement overwrites.
    """
    if not said.dates:
        return course
    before, now = course.when, said.dates[-1].when
    course = msgspec.structs.replace(course, verdict=None, off=None)
    course = msgspec.structs.replace(course, when=now, when_by=said.record.position)
    if before is not None and all(_same(given.when, before) for given in said.dates):
        return course
    how = _how(course, before, now)
    entries = tuple(_entry(given, "corrected" if index else how) for index, given in enumerate(said.dates))
    return msgspec.structs.replace(course, dates=course.dates + entries, moved=course.moved or how == "moved")


def _how(course: Course, before: When | None, now: When) -> r.How:
    """Judge a step by what its statement says now against the date before it: our misreadings are no moves."""
    if not course.dates:
        return "first"
    if before is not None and not _same(now, before) and inside(r.reading(now.edtf), r.reading(before.edtf)):
        return "narrowed"
    return "moved"


def _same(one: When, other: When) -> bool:
    return one.edtf == other.edtf and one.kind == other.kind


def _entry(given: Given, how: r.How) -> r.GivenDate:
    edtf = r.reading(given.when.edtf)
    return r.GivenDate(
        edtf=given.when.edtf,
        earliest=r.day_text(edtf.earliest),
        latest=r.day_text(edtf.latest),
        how=how,
        said_at=given.said_at,
        recorded_at=given.record.recorded_at,
        reason=given.reason,
        citation=given.citation,
        position=given.record.position,
    )


def _put_off(course: Course, said: Said, fact: f.Postponed) -> Course:
    entry = r.GivenDate(
        edtf=None,
        earliest=None,
        latest=None,
        how="moved",
        said_at=said.said_at,
        recorded_at=said.record.recorded_at,
        reason=fact.reason,
        citation=said.resting_on,
        position=said.record.position,
    )
    dates = course.dates if course.when is None else (*course.dates, entry)
    return msgspec.structs.replace(
        course, verdict=None, off="postponed", decided_by=said.record.position, when=None, dates=dates, moved=True
    )


def _judged(course: Course, said: Said, fact: f.OutcomeReported) -> Course:
    outcome = r.Outcome(
        result=fact.result,
        on=fact.on,
        reason=fact.reason,
        rubric=fact.rubric,
        citations=said.citations,
        position=said.record.position,
    )
    return msgspec.structs.replace(
        course,
        verdict=fact.result,
        off=None,
        decided_by=said.record.position,
        outcomes=(*course.outcomes, outcome),
    )


def state_of(stands: Standing, course: Course) -> r.State:
    """Return the state of the record alone, the first that applies."""
    if stands.merged_into is not None:
        return "merged"
    if stands.retracted:
        return "retracted"
    if course.made is None:
        return "withdrawn"
    if course.verdict is not None:
        return course.verdict
    if course.off is not None:
        return course.off
    return "happened" if course.made.modality == "reported" and not course.moved else "announced"


def _title_only(stands: Standing, at: Instant) -> f.Made:
    """No `made` stands: the title of the last one said stays, nothing else does."""
    heard = [stated for stated in stands.stated if isinstance(stated.fact, f.Made) and stated.heard_at <= at]
    last = max(heard, key=lambda stated: (stated.heard_at, stated.record.position))
    title = last.fact.title if isinstance(last.fact, f.Made) else ""
    for amendment in last.amendments:
        if amendment.holds(stands.gone, at):
            title = amendment.fact.set.title or title
    return f.Made(announcement=stands.id, citations=(), title=title)


def _all_citations(stands: Standing, at: Instant) -> tuple[r.Citation, ...]:
    """Return the words the announcement rests on, in the order said, those taken back marked so.

    What came of it and how it goes carry their own.
    """
    cited: dict[tuple[Instant, str, str, int | None], r.Citation] = {}
    for stated in stands.stated:
        if stated.withdrawn or isinstance(stated.fact, f.OutcomeReported | f.ProgressReported):
            continue
        holding = [a for a in stated.amendments if a.holds(stands.gone, at)]
        for citation in (*stated.citations, *(c for a in holding for c in a.citations)):
            if citation.said_at <= at:
                key = (citation.said_at, citation.source, citation.quote, citation.start)
                cited.setdefault(key, _citation(citation, stands.gone, at))
    return tuple(cited[key] for key in sorted(cited, key=lambda key: key[0]))


def _link(record: Recorded, gone: Gone, at: Instant) -> r.Link:
    fact = record.fact
    assert isinstance(fact, f.Linked)
    citations = _said_citations(fact.citations, gone, at)
    return r.Link(relation=fact.relation, to=fact.to, citations=citations, position=record.position)


def _citation(citation: terms.Citation, gone: Gone, at: Instant) -> r.Citation:
    return r.Citation(
        source=citation.source,
        quote=citation.quote,
        start=citation.start,
        end=citation.end,
        said_at=citation.said_at,
        verified=citation.verified,
        withdrawn=is_gone(gone, citation.source, at),
        speaker=citation.speaker or UNSET,
    )
