"""A candidate against the record: the announcement it means, if any, and what it would change of that.

Where it is in doubt it is new: two records of one thing can be merged, one record of two things has to be taken apart.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from msgspec import UNSET, Struct, UnsetType

from events import record
from events.days import parse_day
from events.extract.likeness import Days, Likeness, compared, days_of, likeness, overlap, speaks_of_moving, within
from events.extract.reading import Candidate, Match, Proposal
from events.words import words

MEANT_POINTS: Final = 55
"""So like has a candidate to be to what it means."""
PERHAPS_POINTS: Final = 40
"""So like is told, though it is taken for new."""
CLOSE_POINTS: Final = 5
RECORDED_POINTS: Final = 30
"""What this source is quoted for at the same place needs no more, to be what was recorded from it."""
SETTLED: Final = frozenset({"happened", "partly", "did_not_happen", "cannot_be_judged"})
GONE: Final = frozenset({"retracted", "withdrawn"})
HOPS_MAX: Final = 32
FIRSTS_MAX: Final = 60
"""So many of a text's own candidates, the last before it, are looked at for the one that a candidate repeats."""
_OFF: Final = re.compile(r"\b(?:cancel|scrap|shelve|axe|postpone|delay|defer|reschedule)", re.IGNORECASE)


class Background(Struct, frozen=True, kw_only=True):
    """What is known of the text that candidates stand in: the day it was published, and the source it is, if any.

    `originals` names for sources what they are a copy of in the end, `actors` for merged ones whom they point on to,
    `wholes` for actors what they are part of in the end.
    """

    published: int
    source: str | None = None
    originals: Mapping[str, str] = {}
    actors: Mapping[str, str] = {}
    wholes: Mapping[str, str] = {}

    def original(self, source: str) -> str:
        """Return what a source is a copy of in the end; itself, where it is none."""
        return self.originals.get(source, source)


class _Compared(Struct, frozen=True):
    """An announcement, its date as it was by the text's day, and how like it is. `known` is whom it points on to."""

    known: record.Announcement
    date: record.GivenDate | None
    like: Likeness


def match(candidate: Candidate, announcements: Sequence[record.Announcement], background: Background) -> Match:
    """Return what a candidate would change, whatever order the announcements come in.

    Without a proposal there is nothing to do: it was recorded from this source, or a copy says what is known.
    """
    compared = _compared(candidate, announcements, background)
    given = _recorded(candidate, compared, background)
    if given is not None:
        return Match(id=given.id, why=("recorded from this source already",))
    meant = [one for one in compared if one.like.points >= MEANT_POINTS and _can_be(candidate, one, background)]
    if not meant:
        return _new(candidate, compared)
    best = meant[0]
    proposal, reason = _proposed(candidate, best, background)
    why = (*best.like.why, *reason)
    close = [one.known.id for one in meant[1:] if one.like.points > best.like.points - CLOSE_POINTS]
    if close:
        why += (f"as like to {', '.join(close)}",)
    return Match(id=best.known.id, proposal=proposal, why=why)


def _new(candidate: Candidate, compared: Sequence[_Compared]) -> Match:
    near = next((one for one in compared if one.like.points >= PERHAPS_POINTS and one.like.is_meant), None)
    return Match(
        id=None,
        proposal="new",
        why=("nothing in the record is like it",)
        if near is None
        else (f"perhaps {near.known.id}, not sure enough: {'; '.join(near.like.why)}",),
    )


def _compared(
    candidate: Candidate, announcements: Sequence[record.Announcement], background: Background
) -> list[_Compared]:
    """Return what is like a candidate at all, the most like first; each announcement once."""
    by_id = {one.id: one for one in announcements}
    best: dict[str, _Compared] = {}
    for one in announcements:
        known = _survivor(one, by_id)
        if known is None or known.state in GONE:
            continue
        date = _in_force(known, background.published)
        like = likeness(candidate, one, None if date is None else date.edtf, background.actors, background.wholes)
        found = _Compared(known, date, like)
        if like.is_meant and (known.id not in best or _rank(found) < _rank(best[known.id])):
            best[known.id] = found
    return sorted(best.values(), key=_rank)


def _rank(one: _Compared) -> tuple[int, str, tuple[str, ...]]:
    return -one.like.points, one.known.id, one.like.why


def _survivor(one: record.Announcement, by_id: Mapping[str, record.Announcement]) -> record.Announcement | None:
    """Return the announcement that one points on to; None where that is not here."""
    for _ in range(HOPS_MAX):
        if not isinstance(one.merged_into, str):
            return one
        into = by_id.get(one.merged_into)
        if into is None:
            return None
        one = into
    return None


def _in_force(known: record.Announcement, day: int) -> record.GivenDate | None:
    """Return the date that had been given by a day; the first, where that is earlier than all. None: undated."""
    said = [given for given in known.dates if parse_day(given.said_at[:10]) <= day]
    return said[-1] if said else next(iter(known.dates), None)


def _recorded(
    candidate: Candidate, compared: Sequence[_Compared], background: Background
) -> record.Announcement | None:
    """Return the announcement that this source is quoted for at this place already."""
    for one in compared:
        if one.like.points >= RECORDED_POINTS and any(
            citation.source == background.source
            and citation.start is not None
            and citation.end is not None
            and citation.start < candidate.end
            and candidate.start < citation.end
            for citation in record.citations_of(one.known)
        ):
            return one.known
    return None


def _can_be(candidate: Candidate, one: _Compared, background: Background) -> bool:
    """Say whether a candidate can mean it: what was reported before it came is another, and so is what comes after."""
    ours, theirs = candidate.when.edtf, None if one.date is None else one.date.edtf
    if ours is None or theirs is None or overlap(*compared(ours, theirs)) or speaks_of_moving(candidate):
        return True
    if candidate.modality == "reported":
        return one.known.modality != "reported" and _has_come(days_of(theirs), background.published)
    return one.known.modality != "reported" and one.known.state not in SETTLED


def _proposed(
    candidate: Candidate, one: _Compared, background: Background
) -> tuple[Proposal | UnsetType, tuple[str, ...]]:
    """Return what a candidate would change of what it means, and why."""
    known, date = one.known, one.date
    ours, theirs = candidate.when.edtf, None if date is None else date.edtf
    match candidate.modality:
        case "denied":
            return "contradicts", ("says that it is not so",)
        case "conditional":
            return UNSET, ("says so under a condition only",)
        case "expected" if _OFF.search(candidate.title):
            return UNSET, ("says only that it may not be, or not then",)
        case "reported" if known.modality != "reported" and _has_come(days_of(theirs), background.published):
            return "outcome", (_outcome_reason(candidate, date),)
        case _:
            pass
    if ours is None and isinstance(candidate.moved_from, record.When):
        return "moves", ("takes it off its date, and gives no other",)
    if ours is not None and not _says_date(ours, theirs):
        return "moves", (_move_reason(candidate, ours, theirs),)
    return _agrees(known, background)


def _agrees(known: record.Announcement, background: Background) -> tuple[Proposal | UnsetType, tuple[str, ...]]:
    """It says what is known: which is news from another source, and none from the same or from a copy."""
    if background.source is not None:
        original = background.original(background.source)
        for source in sorted({citation.source for citation in record.citations_of(known)}):
            if source == background.source:
                return UNSET, ("this source says it already",)
            if background.original(source) == original:
                return UNSET, (f"a copy of what source {source} says already",)
    return "corroborates", ()


def _says_date(ours: str, theirs: str | None) -> bool:
    """Say whether a date agrees with another: it is the same, or so vague that the other lies in it."""
    if theirs is None:
        return False
    said, known = compared(ours, theirs)
    return within(known, said)


def _move_reason(candidate: Candidate, ours: str, theirs: str | None) -> str:
    gives = f"gives {candidate.when.text}"
    if theirs is None:
        return f"{gives}, where there was no date"
    before = words(record.reading(theirs))
    return f"{gives}, more exact than {before}" if within(*compared(ours, theirs)) else f"{gives} instead of {before}"


def _outcome_reason(candidate: Candidate, date: record.GivenDate | None) -> str:
    if candidate.when.edtf is None or date is None or date.edtf is None or candidate.when.edtf == date.edtf:
        return "its date had come, and this reports it"
    return f"its date had come, and this reports it for {candidate.when.text}"


def _has_come(date: Days | None, day: int) -> bool:
    """Say whether a date can have come by a day: its first day has, or it has none and may have at any time."""
    return date is None or date.first is None or date.first <= day


def repeated(candidates: Sequence[Candidate], background: Background) -> dict[int, int]:
    """Return which of a text's candidates say the same as an earlier one, each with the first that does, by index.

    Both have to be new, and to mean it alike: what is moved, denied or comes to pass further down is another statement.
    """
    alone = msgspec.structs.replace(background, source=None)
    firsts: list[tuple[int, record.Announcement]] = []
    found: dict[int, int] = {}
    for index, candidate in enumerate(candidates):
        if not isinstance(candidate.match, Match) or candidate.match.proposal != "new":
            continue
        told = [one for at, one in firsts[-FIRSTS_MAX:] if candidates[at].modality == candidate.modality]
        meant = match(candidate, told, alone)
        if meant.proposal == "corroborates":
            found[index] = int(meant.id or 0)
        else:
            firsts.append((index, _as_announced(index, candidate)))
    return found


def _as_announced(index: int, candidate: Candidate) -> record.Announcement:
    """Return the announcement that a candidate would become, as far as others are compared with it."""
    when, said_at = candidate.when, "0001-01-01T00:00:00.000000Z"
    given = record.GivenDate(
        edtf=when.edtf, earliest=when.earliest, latest=when.latest, how="first", said_at=said_at,
        recorded_at=said_at, reason=None, citation=None, position=1,
    )  # fmt: skip
    return record.Announcement(
        id=str(index), title=candidate.title, kind=candidate.kind, state="announced", when=when,
        dates=() if when.edtf is None else (given,), slip_days=None,
        actors=tuple(record.Actor(id=part.id, name=part.name, role=part.role) for part in candidate.actors),
        places=candidate.places, topics=(), modality="reported" if candidate.modality == "reported" else "scheduled",
        citations=(), outcomes=(), progress=(), links=(), refs=(), timezone="UTC", position=1, made_at=said_at,
        updated_at=said_at, amount=candidate.amount or UNSET,
    )  # fmt: skip
