"""Going on with an announcement by one statement, where everything said before it stays as it is. Pure.

Most of what is recorded is said after all that was said before. Then neither the facts need resolving nor the
statements folding again: the new one comes last. `tests/property/test_views_advance.py` holds this to doing both.
"""

import msgspec
from msgspec import Struct

from events import facts as f
from events.facts import Recorded
from events.history import Course, Said, announcement_of, as_said, evolve, slip_days, state_of
from events.instants import Instant
from events.record import Announcement, when_of
from events.standing import ALWAYS, NEVER, Standing, Stated, said_at


class Folded(Struct, frozen=True, kw_only=True):
    """An announcement's facts resolved at a position, and what they amount to by all that was said.

    `announcement` is None before it is first made.
    """

    stands: Standing
    course: Course
    announcement: Announcement | None


def unmade(announcement: str) -> Folded:
    """Return what an announcement is of which nothing is recorded."""
    stands = Standing(
        id=announcement,
        stated=(),
        links=(),
        gone={},
        exists_from=NEVER,
        counting=(),
        instants=(),
        retracted=False,
        merged_into=None,
    )
    return Folded(stands=stands, course=Course(), announcement=None)


def advanced(before: Folded, record: Recorded) -> Folded | None:
    """Return what it is after one more fact, None where that takes resolving anew.

    It does not where the fact is a statement that was said once, not before anything else, by sources that stand; or
    supports one that stands, unless that shows its citations itself.
    """
    fact, stands = record.fact, before.stands
    if not isinstance(fact, f.Statement) or fact.announcement != stands.id or not fact.citations:
        return None
    if before.announcement is None and (stands.stated or not isinstance(fact, f.Made)):
        return None
    at = fact.citations[0].said_at
    last = stands.instants[-1] if stands.instants else ALWAYS
    if at < last:
        return None
    if any(citation.said_at != at or citation.source in stands.gone for citation in fact.citations):
        return None
    new = Stated(record=record, fact=fact, withdrawn=False, heard_at=at, citations=fact.citations, amendments=())
    stated = _supported(stands, fact, at) if isinstance(fact, f.Corroborated) else (*stands.stated, new)
    if stated is None:
        return None
    said = as_said(new, at, stands.gone, at)
    course = evolve(before.course, said)
    stands = msgspec.structs.replace(
        stands,
        stated=stated,
        exists_from=min(stands.exists_from, at),
        counting=(*stands.counting, (at, record)),
        instants=(*stands.instants, at),
    )
    if before.announcement is None or isinstance(fact, f.Made) or len(fact.citations) > 1 or at == last:
        announcement = announcement_of(stands, course, at)
    else:
        announcement = _after(before.announcement, said, stands, course)
    return Folded(stands=stands, course=course, announcement=announcement)


def _after(announcement: Announcement, said: Said, stands: Standing, course: Course) -> Announcement:
    """Return the announcement after a statement that does not describe it anew."""
    judges = isinstance(said.fact, f.OutcomeReported | f.ProgressReported)
    return msgspec.structs.replace(
        announcement,
        state=state_of(stands, course),
        when=when_of(course.when),
        dates=course.dates,
        slip_days=slip_days(course.dates),
        citations=announcement.citations if judges else announcement.citations + said.citations,
        outcomes=course.outcomes,
        progress=course.progress,
        position=said.record.position,
        updated_at=said.record.recorded_at,
    )


def _supported(stands: Standing, fact: f.Corroborated, at: Instant) -> tuple[Stated, ...] | None:
    """Return the statements with the one that is supported; None where that is another kind of fact.

    What came of it and how it goes show their citations, so they are told anew; and so is a statement whose sources
    were all taken back, which this one says again (`tests/property/test_views_lists.py`).
    """
    for index, one in enumerate(stands.stated):
        if one.record.position == fact.supports:
            stood = not one.withdrawn and said_at(one.citations, stands.gone, at) != NEVER
            if isinstance(one.fact, f.OutcomeReported | f.ProgressReported) or not stood:
                return None
            supported = msgspec.structs.replace(one, citations=one.citations + fact.citations)
            return (*stands.stated[:index], supported, *stands.stated[index + 1 :])
    return None
