"""Whose announcements came to what, counted at any place of the two clocks.

Most actors were never merged: theirs are counted by SQL, now in the order of an index. Those of merged ones are gone
through one by one, since an announcement may name two actors that are one.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from msgspec import UNSET, Struct

from events.tallies import Dated, Score, Slippage, TalliedActor, score_of, slippage_of
from events.views import actors
from events.views.announcements import Selection
from events.views.clocks import Clocks, Condition, Parameters, Place, Snapshot
from events.views.cursor import cursor_of, key_of, mark_of
from events.views.filters import LEFT_OUT, Filter, all_of
from events.views.listing import Listing

LAST: Final = 2**62
"""Stands after every year, and for the slip of those whose slip nobody knows."""

_MERGED: Final = "SELECT v.actor FROM actor_version AS v WHERE v.merged_into IS NOT NULL AND {recorded}"
_OF_ALL: Final = "announcement_by AS b"
_OF_ALL_NOW: Final = f"{_OF_ALL} INDEXED BY by_now"
_OF_SOME: Final = (
    " CROSS JOIN announcement_by AS b"
    " ON b.announcement = v.announcement AND b.rec_to = v.rec_to AND b.said_to = v.said_to"
)

Counts = dict[tuple[Any, ...], list[int]]
"""By an actor and what is told apart: how many announcements, and of how many each of some conditions holds."""


class _Asked(Struct, frozen=True, kw_only=True):
    """What is counted: by these columns, and for how many these conditions hold; of which actors, None is all."""

    columns: tuple[str, ...]
    conditions: tuple[str, ...] = ()
    parameters: Parameters = ()
    only: Condition = Condition("1")
    wanted: Filter
    actors: tuple[str, ...] | None


def scoreboard(
    snapshot: Snapshot, wanted: Filter, clocks: Clocks, *, by_year: bool, limit: int, cursor: str | None = None
) -> Listing[Score]:
    """Return what came of the announcements of each actor, or each of those `wanted`; raises `BadCursor`.

    Who made most comes first, and with `by_year` there is one for each year, in order, what has none last.
    """
    place = snapshot.place(clocks)
    asked = _Asked(
        columns=("b.year", "b.state"),
        conditions=("b.moves > 0", "b.due_at <= ?", "b.overdue_at <= ?"),
        parameters=(place.reference, place.reference),
        wanted=msgspec.structs.replace(wanted, actor=()),
        actors=wanted.actor or None,
    )
    states: defaultdict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    made: Counter[str] = Counter()
    moves: Counter[tuple[str, int]] = Counter()
    for (actor, year, state), (count, moved, due, overdue) in _counted(snapshot, place, asked).items():
        whose = actor, (LAST if year is None else year) if by_year else 0
        parts = {state: count - due, "due": due - overdue, "overdue": overdue} if due else {state: count}
        states[whose].update(parts)
        moves[whose] += moved
        made[actor] += count
    keys = sorted((-made[actor], actor, year) for actor, year in states)
    mark = mark_of("scoreboard by year" if by_year else "scoreboard", clocks, wanted)
    page, following = _page(keys, mark, limit, None if cursor is None else key_of(mark, cursor, tuple[int, str, int]))
    named = _named(snapshot, place, (actor for _, actor, _ in page))
    items = tuple(
        score_of(
            named[actor],
            _year(year) if by_year else UNSET,
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
    place = snapshot.place(clocks)
    asked = _Asked(
        columns=("b.moves", "b.slip_days"),
        only=Condition("b.dated"),
        wanted=msgspec.structs.replace(wanted, actor=()),
        actors=wanted.actor or None,
    )
    dated: defaultdict[str, list[Dated]] = defaultdict(list)
    for (actor, moves, slip_days), (count,) in _counted(snapshot, place, asked).items():
        dated[actor].append(Dated(count, moves, slip_days))
    rows = {actor: slippage_of(TalliedActor(id=actor, name=None), found) for actor, found in dated.items()}
    keys = sorted((LAST if r.slip_days.total is None else -r.slip_days.total, -r.moves, id) for id, r in rows.items())
    mark = mark_of("slippage", clocks, wanted)
    page, following = _page(keys, mark, limit, None if cursor is None else key_of(mark, cursor, tuple[int, int, str]))
    named = _named(snapshot, place, (actor for *_, actor in page))
    items = tuple(msgspec.structs.replace(rows[actor], actor=named[actor]) for *_, actor in page)
    return Listing(items=items, next=following, total=len(keys), position=snapshot.position)


def _counted(snapshot: Snapshot, place: Place, asked: _Asked) -> Counts:
    """Count announcements by actor, merged ones under the id they point on to."""
    connection = snapshot.connection
    merged = connection.execute(_MERGED.format(recorded=place.recorded.sql), place.recorded.parameters)
    points_on = actors.survivors(snapshot, place, [row[0] for row in merged])
    points_on |= {survivor: survivor for survivor in points_on.values()}
    apart, whole = tuple(points_on), None
    if asked.actors is not None:
        ends = set(actors.survivors(snapshot, place, asked.actors).values())
        apart = tuple(actor for actor, end in points_on.items() if end in ends)
        whole = tuple(ends - points_on.keys())
    counts: Counts = {}
    columns = ", ".join(asked.columns)
    totals = "".join(f", sum({condition})" for condition in asked.conditions)
    only = [_among(whole)] if whole is not None else [_among(tuple(points_on), none=True)] if points_on else []
    by_actor = (
        f"SELECT b.actor, {columns}, count(*){totals} FROM {{tables}} WHERE {{where}} GROUP BY b.actor, {columns}"
    )
    size = 1 + len(asked.columns)
    for row in _rows(snapshot, place, asked, by_actor, only):
        counts[row[:size]] = list(row[size:])
    holding = "".join(f", {condition}" for condition in asked.conditions)
    one_by_one = f"SELECT b.actor, b.announcement, {columns}{holding} FROM {{tables}} WHERE {{where}}"
    found = _rows(snapshot, place, asked, one_by_one, [_among(apart)]) if apart else ()
    for actor, _, *values in {(points_on[row[0]], *row[1:]) for row in found}:
        count = counts.setdefault((actor, *values[: size - 1]), [0] * (1 + len(asked.conditions)))
        for index, value in enumerate((1, *values[size - 1 :])):
            count[index] += value
    return counts


def _rows(snapshot: Snapshot, place: Place, asked: _Asked, template: str, only: Iterable[Condition]) -> Sequence[Any]:
    """Return what SQL finds of the announcements that are wanted; its parameters come first."""
    also = all_of([asked.only, *only])
    if asked.wanted != Filter():
        selection = Selection(snapshot, place, asked.wanted, None)
        return selection.rows(template.replace("{tables}", "{tables}" + _OF_SOME), also, given=asked.parameters)
    tables = _OF_ALL_NOW if place.index == "announcement_now" else _OF_ALL
    holds = place.holds()
    of_all = Condition(f"{holds.sql} AND {LEFT_OUT}".replace("v.", "b."), holds.parameters)
    where = all_of([of_all, also])
    sql = template.format(tables=tables, where=where.sql)
    return snapshot.connection.execute(sql, (*asked.parameters, *where.parameters)).fetchall()


def _among(ids: Sequence[str], *, none: bool = False) -> Condition:
    word = "NOT IN" if none else "IN"
    return Condition(f"b.actor {word} (SELECT value FROM json_each(?))", (json.dumps(ids),))


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


def _year(key: int) -> int | None:
    return None if key == LAST else key
