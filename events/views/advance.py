"""Going on with an announcement by one statement, where everything said before it stays as it is. Pure.

Most of what is recorded is said after all that was said before. Then neither the facts need resolving nor the
statements folding again: the new one comes last. `tests/property/test_views.py` holds this to the naive fold.
"""

import msgspec
from msgspec import Struct

from events import facts as f
from events.facts import Recorded
from events.history import Course, as_said, evolve
from events.standing import NEVER, Standing, Stated


class Folded(Struct, frozen=True, kw_only=True):
    """An announcement's facts resolved at a position, and the course of things by all that was said."""

    stands: Standing
    course: Course


def advanced(before: Folded, record: Recorded) -> Folded | None:
    """Return what it is after one more fact, None where that takes resolving anew.

    It does not where the fact is a statement that was said once, not before anything else, by sources that
    stand, or supports one that only its own citations tell of.
    """
    fact, stands = record.fact, before.stands
    if not isinstance(fact, f.Statement) or fact.announcement != stands.id or not fact.citations:
        return None
    at = fact.citations[0].said_at
    if stands.exists_from == NEVER or at < stands.instants[-1]:
        return None
    if any(citation.said_at != at or citation.source in stands.gone for citation in fact.citations):
        return None
    if isinstance(fact, f.Corroborated):
        stated = _supported(stands.stated, record, fact)
        course = before.course
    else:
        new = Stated(record=record, fact=fact, withdrawn=False, heard_at=at, citations=fact.citations, amendments=())
        stated = (*stands.stated, new)
        course = evolve(before.course, as_said(new, at, stands.gone, at))
    if stated is None:
        return None
    stands = msgspec.structs.replace(
        stands,
        stated=stated,
        counting=(*stands.counting, (at, record)),
        instants=(*stands.instants, at),
    )
    return Folded(stands=stands, course=course)


def _supported(stated: tuple[Stated, ...], record: Recorded, fact: f.Corroborated) -> tuple[Stated, ...] | None:
    """Return the statements with the one that is supported; None where that is another kind of fact.

    What came of it and how it goes show their citations, so they are told anew.
    """
    for index, one in enumerate(stated):
        if one.record.position == fact.supports:
            if isinstance(one.fact, f.OutcomeReported | f.ProgressReported) or one.heard_at == NEVER:
                return None
            supported = msgspec.structs.replace(one, citations=one.citations + fact.citations)
            return (*stated[:index], supported, *stated[index + 1 :])
    return None
