"""Whose announcements came to what, counted at any place of the two clocks.

Announcements are counted by SQL for each actor that they name; now, most of that is counted already. Merged actors are
added up; what names two actors that are one was counted twice then, and is looked for among what several made.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from msgspec import UNSET

from events.standing import NEVER
from events.tallies import Dated, Score, Slippage, TalliedActor, score_of, slippage_of
from events.views import actors
from events.views.announcements import EVERYWHERE, Selection
from events.views.clocks import Clocks, Condition, Parameters, Place, Snapshot
from events.views.cursor import cursor_of, key_of, mark_of
from events.views.filters import LEFT_OUT, Filter, all_of
from events.views.listing import Listing
from events.views.schema import NO_YEAR

UNKNOWN: Final = 2**62
"""Stands for the slip of those whose slip nobody knows, after every other."""

_MERGED: Final = "SELECT v.actor FROM actor_version AS v WHERE v.merged_into IS NOT NULL AND {recorded}"
_OF_SOME: Final = (
    " CROSS JOIN announcement_by AS b"
    " ON b.announcement = v.announcement AND b.rec_to = v.rec_to AND b.said_to = v.said_to"
)
_SHARED: Final = (
    "SELECT b.actor, b.announcement FROM announcement_by AS b{index} WHERE {holds} AND b.shared = 1 AND {ends}"
)
_STATE: Final = (
    "CASE WHEN b.due_at > ? THEN b.state WHEN b.overdue_at > ? THEN 'due' ELSE 'overdue' END"  # Settled: never due.
)

_MOVED: Final = Condition("b.moved = 1")
_DATED: Final = Condition("b.dated = 1")
_SHOWN: Final = Condition(LEFT_OUT.replace("v.", "b."))

Counts = Counter[tuple[Any, ...]]
"""How many announcements there are, by actor and what is told apart."""


def scoreboard(
    snapshot: Snapshot, wanted: Filter, clocks: Clocks, *, by_year: bool, limit: int, cursor: str | None = None
) -> Listing[Score]:
    """Return what came of the announcements of each actor, or each of those `wanted`; raises `BadCursor`.

    Who made most comes first, and with `by_year` there is one for each year, in order, what has none last.
    """
    counting = _Counting(snapshot, snapshot.place(clocks), wanted)
    states: defaultdict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    made: Counter[str] = Counter()
    moves: Counter[tuple[str, int]] = Counter()
    for (actor, year, state, moved), count in counting.states().items():
        whose = actor, year if by_year else 0
        states[whose][state] += count
        moves[whose] += count * moved
        made[actor] += count
    keys = sorted((-made[actor], actor, year) for (actor, year), found in states.items() if found.total())
    mark = mark_of("scoreboard by year" if by_year else "scoreboard", clocks, wanted)
    page, following = _page(keys, mark, limit, None if cursor is None else key_of(mark, cursor, tuple[int, str, int]))
    named = _named(snapshot, counting.place, (actor for _, actor, _ in page))
    items = tuple(
        score_of(
            named[actor],
            (None if year == NO_YEAR else year) if by_year else UNSET,
            states[actor, year],
            total=states[actor, year].total(),
            moved=moves[actor, year],
        )
        for _, actor, year in page
    )
    return Listing(items=items, next=following, total=len(keys), position=snapshot.position)


def slippage(
    snapshot: Snapshot, wanted: Filter, clocks: Clocks, *, limit: int, cursor: str | None = None
) -> Listing[Slippage]:
    """Return how the dates of each actor moved, or of each of those `wanted`; raises `BadCursor`.

    Whose dates moved by most days in all comes first; those of whom no slip is known come last.
    """
    counting = _Counting(snapshot, snapshot.place(clocks), wanted)
    moved: defaultdict[str, list[Dated]] = defaultdict(list)
    for (actor, moves, slip_days), count in counting.slips().items():
        moved[actor].append(Dated(count, moves, slip_days))
    rows = {
        actor: slippage_of(TalliedActor(id=actor, name=None), count, moved[actor])
        for (actor,), count in counting.dated().items()
        if count
    }
    keys = sorted((_last(row.slip_days.total), -row.moves, actor) for actor, row in rows.items())
    mark = mark_of("slippage", clocks, wanted)
    page, following = _page(keys, mark, limit, None if cursor is None else key_of(mark, cursor, tuple[int, int, str]))
    named = _named(snapshot, counting.place, (actor for *_, actor in page))
    items = tuple(msgspec.structs.replace(rows[actor], actor=named[actor]) for *_, actor in page)
    return Listing(items=items, next=following, total=len(keys), position=snapshot.position)


class _Counting:
    """Counts the announcements that are wanted at a place by the actors that made them, merged ones under one id."""

    def __init__(self, snapshot: Snapshot, place: Place, wanted: Filter) -> None:
        self.place = place
        self._connection = snapshot.connection
        chosen = msgspec.structs.replace(wanted, actor=())
        self._selection = None if chosen == Filter() else Selection(snapshot, place, chosen, None)
        self._now = place.index == "announcement_now"
        self._all_now = self._now and self._selection is None
        self._kept = _SHOWN if self._selection is None else EVERYWHERE
        merged = self._connection.execute(_MERGED.format(recorded=place.recorded.sql), place.recorded.parameters)
        self._ends = actors.survivors(snapshot, place, [row[0] for row in merged])
        self._ends |= {end: end for end in self._ends.values()}
        self._asked = EVERYWHERE
        if wanted.actor:
            ends = set(actors.survivors(snapshot, place, wanted.actor).values())
            self._asked = _among("b.actor", [*ends, *(one for one, end in self._ends.items() if end in ends)])
        self._twice = self._named_twice()

    def states(self) -> Counts:
        """Return how many there are by year, by the state that is shown, and by whether they moved."""
        reference = self.place.reference
        if not self._all_now:
            return self._by(("b.year", _STATE, "b.moved"), self._kept, given=(reference, reference))
        counts = self._tallied("b.year", "b.state", "b.moved")
        # What falls due is announced: that it is shown needs no asking. And which of all moved was told before.
        due = Condition(f"b.due_at < '{NEVER}' AND b.due_at <= ?", (reference,))
        overdue = Condition(f"b.overdue_at < '{NEVER}' AND b.overdue_at <= ?", (reference,))
        for state, before, only in (("due", "announced", due), ("overdue", "due", overdue)):
            for (actor, year), count in self._by(("b.year",), only, index=f"by_{state}_now").items():
                counts[actor, year, state, 0] += count
                counts[actor, year, before, 0] -= count
        return counts

    def slips(self) -> Counts:
        """Return how many there are that moved, by how often and by how many days."""
        return self._by(("b.moves", "b.slip_days"), all_of([_MOVED, self._kept]), index="by_moved_now")

    def dated(self) -> Counts:
        """Return how many there are that were ever given a date."""
        return self._tallied(only=_DATED) if self._all_now else self._by((), all_of([_DATED, self._kept]))

    def _tallied(self, *columns: str, only: Condition = EVERYWHERE) -> Counts:
        """Return how many there are now for which `only` holds, by actor and columns, as they were counted before."""
        told = ", ".join(("b.actor", *columns))
        where = all_of([only, self._kept, self._asked])
        sql = f"SELECT {told}, sum(b.announcements) FROM announcement_tally AS b WHERE {where.sql} GROUP BY {told}"
        counts = self._added_up(self._connection.execute(sql, where.parameters))
        counts.subtract(self._twice_by(*columns, only=all_of([only, self._kept])))
        return counts

    def _by(
        self, columns: Sequence[str], only: Condition = EVERYWHERE, *, given: Parameters = (), index: str = ""
    ) -> Counts:
        """Return how many there are for which `only` holds, by actor and columns, whose parameters are `given`."""
        told = ", ".join(("b.actor", *columns))
        numbers = ", ".join(str(number) for number in range(1, 2 + len(columns)))
        rows = self._rows(f"{told}, count(*)", [only, self._asked], f" GROUP BY {numbers}", given=given, index=index)
        counts = self._added_up(rows)
        counts.subtract(self._twice_by(*columns, only=only, given=given))
        return counts

    def _added_up(self, rows: Iterable[Sequence[Any]]) -> Counts:
        counts: Counts = Counter()
        for actor, *values, count in rows:
            counts[self._ends.get(actor, actor), *values] += count
        return counts

    def _twice_by(self, *columns: str, only: Condition = EVERYWHERE, given: Parameters = ()) -> Counts:
        """Return how many were counted too many, since they name actors that are one."""
        counts: Counts = Counter()
        if self._twice:
            told = ", ".join(("b.actor", "b.announcement", *columns))
            several = _among("b.announcement", [id for _, id in self._twice])
            for actor, id, *values in self._rows(told, [only, self._asked, several], given=given):
                end = self._ends.get(actor, actor)
                counts[end, *values] += actor != self._twice.get((end, id), actor)
        return counts

    def _named_twice(self) -> dict[tuple[str, str], str]:
        """Return what names two actors that are one, by that one and its id; with the one of them that counts."""
        holds, ends = self.place.holds(), _among("b.actor", list(self._ends))
        index = " INDEXED BY by_shared_now" if self._now else ""
        sql = _SHARED.format(index=index, holds=holds.sql.replace("v.", "b."), ends=ends.sql)
        named: dict[tuple[str, str], str] = {}
        twice: dict[tuple[str, str], str] = {}
        if self._ends:
            for actor, id in self._connection.execute(sql, (*holds.parameters, *ends.parameters)):
                whose = self._ends[actor], id
                if named.setdefault(whose, actor) != actor:
                    twice[whose] = named[whose]
        return twice

    def _rows(
        self, told: str, conditions: Iterable[Condition], then: str = "", *, given: Parameters = (), index: str = ""
    ) -> Sequence[Any]:
        also = all_of(conditions)
        if self._selection is not None:
            template = f"SELECT {told} FROM {{tables}}{_OF_SOME} WHERE {{where}}{then}"
            return self._selection.rows(template, also, given=given)
        by_index = f" INDEXED BY {index}" if self._now and index else ""
        holds = self.place.holds()
        where = holds.sql.replace("v.", "b.")
        sql = f"SELECT {told} FROM announcement_by AS b{by_index} WHERE {where} AND {also.sql}{then}"
        return self._connection.execute(sql, (*given, *holds.parameters, *also.parameters)).fetchall()


def _among(column: str, ids: Sequence[str]) -> Condition:
    return Condition(f"{column} IN (SELECT value FROM json_each(?))", (json.dumps(ids),))


def _last(total: int | None) -> int:
    return UNKNOWN if total is None else -total


def _page(
    keys: Sequence[tuple[Any, ...]], mark: str, limit: int, after: tuple[Any, ...] | None
) -> tuple[Sequence[tuple[Any, ...]], str | None]:
    """Return the keys that come after one, so many of them, and the cursor with which to go on."""
    rest = keys if after is None else [key for key in keys if key > after]
    page = rest[:limit]
    return page, cursor_of(mark, page[-1]) if len(rest) > limit else None


def _named(snapshot: Snapshot, place: Place, ids: Iterable[str]) -> dict[str, TalliedActor]:
    asked = tuple(dict.fromkeys(ids))
    names = actors.names(snapshot, place, asked)
    return {id: TalliedActor(id=id, name=names.get(id)) for id in asked}
