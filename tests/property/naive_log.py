"""The naive fold over a large log: every announcement at any place, found from the facts that concern it.

What concerns an announcement is gathered once, plainly and without `events.views`; what it amounts to is folded once
for as long as neither clock brings another of its facts.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from events import facts as f
from events.facts import Recorded
from events.instants import FOREVER, Instant
from tests.property.naive import Answer, Recording
from tests.property.naive_lists import NaiveLists, Shown


class NaiveLog:
    """All that a log holds, as it can be asked for at any place.

    `at(as_of, said_by, reference)` gives every announcement there was, as `Shown`: `answers`, and `found(query)` for a
    list's filter; its `lists` names actors and points them on. `as_of` is the last position of a commit, None is the
    head; `said_by` None is open; `reference` is the instant that what is due is judged by.
    """

    def __init__(self, recorded: Sequence[Recorded]) -> None:
        self.recorded = recorded
        self.concerning = _concerning(recorded)
        self.announcements = sorted({fact.announcement for r in recorded if isinstance(fact := r.fact, f.Made)})
        self.about_actors = self.concerning["actors"]
        self._positions = {id: [r.position for r in self.concerning[id]] for id in self.announcements}
        self._instants = {id: sorted(_instants(self.concerning[id])) for id in self.announcements}
        self._recordings: dict[tuple[str, int], Recording] = {}
        self._answers: dict[tuple[str, int, int], Answer | None] = {}

    def at(self, as_of: int | None, said_by: Instant | None, reference: Instant) -> Shown:
        place = _Place(self.about_actors, len(self.recorded) if as_of is None else as_of)
        answers = (self.answer(id, as_of, said_by) for id in self.announcements)
        return Shown(place, [place.shown(answer, reference) for answer in answers if answer is not None])

    def answer(self, id: str, as_of: int | None, said_by: Instant | None) -> Answer | None:
        """One announcement, its state that of the record alone; None where it was not known."""
        said_by = FOREVER if said_by is None else said_by
        count = len(self._positions[id]) if as_of is None else bisect_right(self._positions[id], as_of)
        known = id, count, bisect_right(self._instants[id], said_by)
        if count and known not in self._answers:
            if (id, count) not in self._recordings:
                self._recordings[id, count] = Recording(self.concerning[id][:count], len(self.recorded), id)
            self._answers[known] = self._recordings[id, count].at(said_by)
        return self._answers.get(known)


class _Place(NaiveLists):
    """What was recorded of actors up to a position, each looked up once."""

    def __init__(self, recorded: Sequence[Recorded], as_of: int) -> None:
        super().__init__(recorded, as_of, ("nothing",))
        self._names: dict[str | None, str | None] = {}
        self._points_on: dict[str | None, list[str | None]] = {}
        self._actors: dict[str | None, dict[str, str] | None] = {}

    def actor(self, id: str | None) -> dict[str, str] | None:
        if id not in self._actors:
            self._actors[id] = super().actor(id)
        return self._actors[id]

    def points_on(self, id: str | None) -> list[str | None]:
        if id not in self._points_on:
            self._points_on[id] = super().points_on(id)
        return self._points_on[id]

    def name(self, id: str | None) -> str | None:
        if id not in self._names:
            self._names[id] = super().name(id)
        return self._names[id]


def _concerning(recorded: Sequence[Recorded]) -> dict[str, list[Recorded]]:
    """By announcement, its own facts, the acts of the sources it cites, the merges that lead to it or from it.

    Those of all actors stand under `actors`; and a withdrawal stands wherever what it names does.
    """
    citing = defaultdict(set)
    connected: dict[str, set[str]] = {}
    for r in recorded:
        fact: Any = r.fact
        for citation in getattr(fact, "citations", ()):
            citing[citation.source].add(fact.announcement)
        if isinstance(fact, f.Merged):
            both = connected.get(fact.announcement, {fact.announcement}) | connected.get(fact.into, {fact.into})
            connected.update(dict.fromkeys(both, both))
    concerned: dict[int, Iterable[str]] = {}
    found: dict[str, list[Recorded]] = defaultdict(list)
    for r in recorded:
        fact = r.fact
        match fact:
            case f.FactWithdrawn():
                concerned[r.position] = concerned.get(fact.position, ())
            case f.SourceWithdrawn():
                concerned[r.position] = citing[fact.source]
            case f.Merged():
                concerned[r.position] = connected[fact.announcement]
            case f.ActorRecorded() | f.ActorRenamed() | f.ActorMerged():
                concerned[r.position] = ("actors",)
            case _ if fact is not None and r.type.startswith("announcement."):
                concerned[r.position] = (fact.announcement,)
            case _:
                concerned[r.position] = ()
        for id in concerned[r.position]:
            found[id].append(r)
    return found


def _instants(recorded: Iterable[Recorded]) -> Iterator[Instant]:
    """The instants of saying at which something changes for these facts."""
    for r in recorded:
        if isinstance(r.fact, f.SourceWithdrawn) and r.fact.said_at is not None:
            yield r.fact.said_at
        for citation in getattr(r.fact, "citations", ()):
            yield citation.said_at
