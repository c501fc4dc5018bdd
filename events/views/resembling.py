"""Announcements that a candidate may mean: found by their words, by who and when, and by the source they cite.

Every way of looking goes by an index and stops early, however much is recorded: who looks for what is like something
misses some of it rather than read everything.
"""

import json
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any, Final

from msgspec import Struct

from events.extract.likeness import Days, days_of, sought
from events.extract.reading import Candidate
from events.record import Announcement, citations_of
from events.views import actors, sources
from events.views.announcements import shown
from events.views.clocks import NOW, Snapshot
from events.views.described import facet
from events.views.filters import any_of
from events.views.schema import HEADLESS
from events.views.searching import Term

FOUND_MAX: Final = 200
"""So many announcements are compared with a candidate."""
BY_WORDS_MAX: Final = 60
"""So many documents with two of its words are looked at, the latest."""
WORDS_MAX: Final = 6
BY_DAY_MAX: Final = 500
"""So many announcements on either side of its day are looked at for its actors."""
WITHIN_DAYS: Final = 60
BY_SOURCE_MAX: Final = 100
HOPS_MAX: Final = 32

_BY_WORDS: Final = (
    "SELECT d.announcement FROM search CROSS JOIN search_document AS d ON d.id = search.rowid"
    f" WHERE search MATCH ? AND search.rowid <= {HEADLESS} ORDER BY search.rowid DESC LIMIT {BY_WORDS_MAX}"
)
_BY_DAY: Final = (
    "SELECT near.announcement FROM (SELECT v.announcement, v.content FROM announcement_version AS v"
    " INDEXED BY announcement_now WHERE {recorded} AND {said} AND v.day {within} ORDER BY v.day {order}"
    f" LIMIT {BY_DAY_MAX}) AS near CROSS JOIN announcement_content AS c ON c.id = near.content WHERE {{actors}}"
)
_BY_SOURCE: Final = f"SELECT announcement FROM announcement_facet WHERE facet = ? LIMIT {BY_SOURCE_MAX}"
_THESE: Final = (
    "SELECT c.json, v.due_at, v.overdue_at FROM json_each(?) AS wanted CROSS JOIN announcement_version AS v"
    " ON v.announcement = wanted.value CROSS JOIN announcement_content AS c ON c.id = v.content"
    " WHERE {holds} AND v.state NOT IN ('retracted', 'withdrawn')"
)


class Resembling(Struct, frozen=True, kw_only=True):
    """What was found for each of some candidates.

    `originals` are what its sources are copies of in the end, `actors` whom its actors were merged into, and `wholes`
    what those are part of in the end.
    """

    found: tuple[tuple[Announcement, ...], ...]
    originals: dict[str, str]
    actors: dict[str, str]
    wholes: dict[str, str]


def resembling(snapshot: Snapshot, candidates: Sequence[Candidate], source: str | None) -> Resembling:
    """Return for each candidate the announcements that it may mean; those that cite its `source` are among them.

    What was merged is there with whom it points on to; what was retracted or withdrawn is not.
    """
    looking = _Looking(snapshot)
    citing = looking.citing(source)
    ids = [
        tuple(dict.fromkeys((*citing, *looking.by_words(one), *looking.by_day(one))))[:FOUND_MAX] for one in candidates
    ]
    known = looking.these({id for found in ids for id in found})
    found = tuple(tuple(_with_survivors(several, known)) for several in ids)
    cited = {citation.source for one in known.values() for citation in citations_of(one)} | {source or ""}
    parts = {part.id for one in known.values() for part in one.actors if part.id is not None}
    parts |= {part.id for one in candidates for part in one.actors if part.id is not None}
    same = actors.survivors(snapshot, snapshot.place(NOW), sorted(parts))
    return Resembling(
        found=found,
        originals=looking.originals(cited - {""}),
        actors=same,
        wholes=actors.wholes(snapshot, snapshot.place(NOW), sorted(set(same.values()))),
    )


class _Looking:
    """Looks for announcements in one state of the views, as they are now."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._place = snapshot.place(NOW)

    def citing(self, source: str | None) -> list[str]:
        """Return the announcements that cite a source."""
        return [] if source is None else self._ids(_BY_SOURCE, (f"source:{source}",))

    def by_words(self, candidate: Candidate) -> list[str]:
        """Return the latest that have two of a candidate's words, or the only one it has, somewhere in their texts."""
        terms = [Term(word, begins=True).expression() for word in sought(candidate)[:WORDS_MAX]]
        if not terms:
            return []
        pairs = [f"({one} {other})" for one, other in combinations(terms, 2)] or terms
        return self._ids(_BY_WORDS, (" OR ".join(pairs),))

    def by_day(self, candidate: Candidate) -> list[str]:
        """Return those around a candidate's day in which one of its actors has a part."""
        days = days_of(candidate.when.edtf)
        middle = None if days is None else _middle(days)
        ids = [actor.id for actor in candidate.actors if actor.id is not None]
        if middle is None or not ids:
            return []
        facets = any_of("instr(c.facets, ?)", [facet("actor", id) for id in ids])
        found = []
        for within, order, bounds in (
            (">= ? AND v.day <= ?", "ASC", (middle, middle + WITHIN_DAYS)),
            ("< ? AND v.day >= ?", "DESC", (middle, middle - WITHIN_DAYS)),
        ):
            sql = _BY_DAY.format(
                recorded=self._place.recorded.sql, said=self._place.said.sql, within=within, order=order,
                actors=facets.sql,
            )  # fmt: skip
            found += self._ids(sql, (*self._place.holds().parameters, *bounds, *facets.parameters))
        return found

    def these(self, ids: set[str]) -> dict[str, Announcement]:
        """Return announcements by id, with all that they point on to."""
        known: dict[str, Announcement] = {}
        holds = self._place.holds()
        for _ in range(HOPS_MAX):
            wanted = json.dumps(sorted(ids - known.keys()))
            rows = self._snapshot.connection.execute(_THESE.format(holds=holds.sql), (wanted, *holds.parameters))
            found = shown(self._snapshot, rows.fetchall(), self._place)
            known.update((one.id, one) for one in found)
            ids = {one.merged_into for one in found if isinstance(one.merged_into, str)}
            if ids <= known.keys():
                break
        return known

    def originals(self, ids: set[str]) -> dict[str, str]:
        """Return for each source that is a copy what it is a copy of in the end."""
        copies: dict[str, str] = {}
        wanted = ids
        for _ in range(HOPS_MAX):
            described = sources.cited(self._snapshot, sorted(wanted), NOW)
            copies.update((id, one.copy_of) for id, one in described.items() if isinstance(one.copy_of, str))
            wanted = {copies[id] for id in wanted if id in copies} - copies.keys()
            if not wanted:
                break
        return {id: _end(id, copies) for id in ids if id in copies}

    def _ids(self, sql: str, parameters: Sequence[Any]) -> list[str]:
        return [row[0] for row in self._snapshot.connection.execute(sql, parameters)]


def _middle(days: Days) -> int | None:
    """Return the day around which a date is looked for: its first, or the last where it has no other."""
    return days.last if days.first is None else days.first


def _with_survivors(ids: Iterable[str], known: dict[str, Announcement]) -> Iterable[Announcement]:
    """Yield announcements and what they point on to, each once."""
    told: set[str] = set()
    for id in ids:
        following: str | None = id
        while following is not None and following in known and following not in told:
            told.add(following)
            one = known[following]
            yield one
            following = one.merged_into if isinstance(one.merged_into, str) else None


def _end(id: str, copies: dict[str, str]) -> str:
    """Return where a chain of copies ends; one that goes in a circle, where it would begin again."""
    seen = {id}
    while id in copies and copies[id] not in seen:
        id = copies[id]
        seen.add(id)
    return id
