"""What of a timeline fits a width: the announcements of a window, or, where they are too many, counts by the calendar.

An announcement that overlaps with the window is counted in one stretch: that of its day in the list's order (where the
date begins, a deadline where it ends), or the window's end that is nearest to it. So counts add up.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Struct, UnsetType

from events.days import iso
from events.record import Announcement, State, day_text
from events.views import actors, timelines
from events.views.announcements import Selection, shown
from events.views.clocks import Clocks, Condition, Place, Snapshot
from events.views.definition import TimelineDefinition
from events.views.described import split_facets
from events.views.filters import AMONG, STATE, Filter, by_id
from events.views.schema import DAY_OPEN
from events.views.units import Unit, stretch, unit_for

ITEMS_MAX: Final = 200
ITEM_PX: Final = 5
"""An announcement needs so much of the width, in one lane or another; more of them are counted instead."""
BIN_PX: Final = 12
LANES_MAX: Final = 12
"""So many lanes, the fullest, are counted apart from the rest."""

Lanes: TypeAlias = Literal["kind", "actor", "topic", "place"]


class Outside(Struct, frozen=True, kw_only=True):
    """How many announcements end before the window, begin after it, or have no date."""

    before: int
    after: int
    undated: int


class Bin(Struct, frozen=True, kw_only=True):
    """How many announcements with a state stand from `start` to `end`, inclusive; `item` is the one that is alone.

    `lane` is null where no lanes were asked for, and for what lies in none of those counted apart.
    """

    start: str
    end: str
    lane: str | None
    state: State
    count: int
    item: Announcement | UnsetType = UNSET


class View(Struct, frozen=True, kw_only=True):
    """A window of a timeline: `items`, or `bins` of a `unit` of the calendar, whichever fits.

    `from` and `to` are the days that are shown, inclusive: whole units where there are bins; null where nothing has a
    date. `total` counts everything on the timeline, within the window, outside, and without a date.
    """

    kind: Literal["items", "bins"]
    from_: str | None = msgspec.field(name="from")
    to: str | None
    unit: Unit | None
    items: tuple[Announcement, ...]
    bins: tuple[Bin, ...]
    outside: Outside
    total: int
    position: int


class Window(Struct, frozen=True, kw_only=True):
    """What is asked for: days, inclusive (None: as far as there is anything), a width, and what parts the lanes."""

    first: int | None
    last: int | None
    px: int
    lanes: Lanes | None = None


_REACH: Final = (
    f"SELECT count(*), ifnull(sum(v.first_day = {DAY_OPEN}), 0), ifnull(sum(v.last_day < ?), 0),"
    f" ifnull(sum(v.first_day > ? AND v.first_day < {DAY_OPEN}), 0),"
    f" min(CASE WHEN v.first_day > -{DAY_OPEN} THEN nullif(v.first_day, {DAY_OPEN})"
    f" ELSE nullif(v.last_day, {DAY_OPEN}) END),"
    f" max(CASE WHEN v.last_day < {DAY_OPEN} THEN v.last_day"
    f" WHEN v.first_day > -{DAY_OPEN} THEN nullif(v.first_day, {DAY_OPEN}) END)"
    " FROM {tables} WHERE {where}"
)
_ITEMS: Final = (
    "SELECT c.json, v.due_at, v.overdue_at FROM {tables} WHERE {where} ORDER BY v.day, v.last_day, v.announcement"
)
_COUNTS: Final = (
    "SELECT min(max(v.day, ?), ?), %s, " + STATE + ", count(*), min(v.announcement)"
    " FROM {tables} WHERE {where} GROUP BY 1, 2, 3"
)
_LANE: Final[dict[Lanes | None, str]] = {None: "NULL", "kind": "c.kind"}
_FACETS: Final = "c.facets"


def view(snapshot: Snapshot, slug: str, clocks: Clocks, window: Window) -> View | None:
    """Return what of a timeline fits a window's width; None where there is no such timeline."""
    timeline = timelines.definition(snapshot, slug, clocks)
    return None if timeline is None else view_of(snapshot, timeline, clocks, window)


def view_of(snapshot: Snapshot, timeline: TimelineDefinition, clocks: Clocks, window: Window) -> View:
    """Return what of a timeline that is defined so fits a window's width."""
    place = snapshot.place(clocks)
    seen = _Seen(snapshot, place, Selection(snapshot, place, Filter(), timeline))
    reach = seen.reach(window.first, window.last)
    first, last = window.first if window.first is not None else reach.first, window.last
    if last is None and reach.last is not None:
        last = reach.last if first is None else max(first, reach.last)
    if first is None or last is None:  # Nothing has a date.
        return _view("items", snapshot, reach, first, last)
    first = min(first, last) if window.first is None else first
    if reach.within <= min(ITEMS_MAX, window.px // ITEM_PX):
        return _view("items", snapshot, reach, first, last, items=tuple(seen.items(_overlapping(first, last))))
    unit = unit_for(first, last, window.px // BIN_PX)
    first, last = stretch(first, unit)[0], stretch(last, unit)[1]
    bins = tuple(seen.bins(first, last, unit, window.lanes))
    is_whole = window.first is None and window.last is None  # Nothing lies outside of that.
    outside = reach if is_whole else seen.reach(first, last)
    return _view("bins", snapshot, outside, first, last, unit=unit, bins=bins)


class _Reach(Struct, frozen=True):
    """How many announcements there are, and where; `first` and `last` are the days between which they lie."""

    total: int
    undated: int
    before: int
    after: int
    first: int | None
    last: int | None

    @property
    def within(self) -> int:
        return self.total - self.undated - self.before - self.after


class _Seen:
    """The announcements of a timeline at a place."""

    def __init__(self, snapshot: Snapshot, place: Place, selection: Selection) -> None:
        self._snapshot = snapshot
        self._place = place
        self._selection = selection

    def reach(self, first: int | None, last: int | None) -> _Reach:
        """Return how many lie before, within and after a window, of which either end may be open."""
        ends = (-DAY_OPEN if first is None else first, DAY_OPEN if last is None else last)
        (row,) = self._selection.rows(_REACH, given=ends)
        return _Reach(*row)

    def items(self, where: Condition) -> list[Announcement]:
        """Return the announcements of which something holds."""
        return shown(self._snapshot, self._selection.rows(_ITEMS, where, content=True), self._place)

    def bins(self, first: int, last: int, unit: Unit, lanes: Lanes | None) -> Iterator[Bin]:
        """Yield counts by stretch, lane and state, in this order."""
        reference = self._place.reference
        sql = _COUNTS % _LANE.get(lanes, _FACETS)
        where = _overlapping(first, last)
        given = (first, last, reference, reference)
        rows = self._selection.rows(sql, where, given=given, content=lanes is not None)
        lanes_of = self._lanes(rows, lanes)
        counts: Counter[tuple[int, str, State]] = Counter()
        alone: dict[tuple[int, str, State], str] = {}
        for day, held, state, count, id in rows:
            begin, _ = stretch(day, unit)
            for lane in lanes_of[held]:
                counts[begin, lane, state] += count
                alone[begin, lane, state] = id
        single = [key for key in sorted(counts) if counts[key] == 1]
        items = self._alone({alone[key] for key in single}) if len(single) <= ITEMS_MAX else {}
        for key in sorted(counts):
            begin, lane, state = key
            item = items.get(alone[key], UNSET) if counts[key] == 1 else UNSET
            yield Bin(
                start=iso(begin), end=iso(stretch(begin, unit)[1]), lane=lane or None, state=state,
                count=counts[key], item=item,
            )  # fmt: skip

    def _alone(self, ids: Iterable[str]) -> dict[str, Announcement]:
        return {item.id: item for item in self.items(Condition(AMONG, by_id(sorted(ids)).parameters))}

    def _lanes(self, rows: Sequence[Any], lanes: Lanes | None) -> dict[str | None, tuple[str, ...]]:
        """Return the lanes of what a row holds; the empty one stands for all that is in none of the fullest."""
        held: Counter[str | None] = Counter()
        for _, holds, _, count, _ in rows:
            held[holds] += count
        if lanes is None:
            return dict.fromkeys(held, ("",))
        values = {holds: _values(holds or "", lanes) for holds in held}
        if lanes == "actor":
            named = sorted({id for ids in values.values() for id in ids})
            survivors = actors.survivors(self._snapshot, self._place, named)
            values = {holds: tuple(dict.fromkeys(survivors[id] for id in ids)) for holds, ids in values.items()}
        full: Counter[str] = Counter()
        for holds, several in values.items():
            for value in several:
                full[value] += held[holds]
        kept = {value for value, _ in sorted(full.items(), key=lambda one: (-one[1], one[0]))[:LANES_MAX]}
        return {holds: tuple(v for v in several if v in kept) or ("",) for holds, several in values.items()}


def _values(holds: str, lanes: Lanes) -> tuple[str, ...]:
    if lanes == "kind":
        return (holds,)
    beginning = f"{lanes}:"
    return tuple(one.removeprefix(beginning) for one in split_facets(holds) if one.startswith(beginning))


def _overlapping(first: int, last: int) -> Condition:
    return Condition("v.last_day >= ? AND v.first_day <= ?", (first, min(last, DAY_OPEN - 1)))


def _view(
    kind: Literal["items", "bins"], snapshot: Snapshot, reach: _Reach, first: int | None, last: int | None,
    *, unit: Unit | None = None, items: tuple[Announcement, ...] = (), bins: tuple[Bin, ...] = (),
) -> View:  # fmt: skip
    return View(
        kind=kind,
        from_=day_text(first),
        to=day_text(last),
        unit=unit,
        items=items,
        bins=bins,
        outside=Outside(before=reach.before, after=reach.after, undated=reach.undated),
        total=reach.total,
        position=snapshot.position,
    )
