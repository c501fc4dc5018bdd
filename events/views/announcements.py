"""Announcements, read: one, or a list of them by date, at any place of the two clocks."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import UNSET

from events import facts as f
from events.due import state_on
from events.facts import Recorded, knows, plain
from events.record import Actor, Announcement, HistoryEntry
from events.standing import NEVER
from events.terms import TimelineQuery
from events.views import actors
from events.views.bearing import SOURCE_ACT, bearing_on
from events.views.clocks import Clocks, Condition, Parameters, Place, Snapshot
from events.views.cursor import cursor_of, key_of, mark_of
from events.views.definition import TimelineDefinition
from events.views.described import announcement_of
from events.views.filters import AMONG, LEFT_OUT, Compiled, Filter, all_of, by_id, compiled, either
from events.views.listing import Listing

EVERYWHERE: Final = Condition("1")
_ONE: Final = (
    "SELECT c.json, v.due_at, v.overdue_at FROM announcement_version AS v"
    " CROSS JOIN announcement_content AS c ON c.id = v.content WHERE v.announcement = ? AND {holds}"
)
_CONTENT: Final = " CROSS JOIN announcement_content AS c ON c.id = v.content"
BY_DAY: Final = ("v.day", "v.last_day", "v.announcement")
# The page is found by its keys alone; what it holds is fetched for the announcements that are on it.
_PAGE: Final = (
    "SELECT c.json, page.due_at, page.overdue_at, {place}"
    " FROM (SELECT {keys}, v.due_at, v.overdue_at, v.content FROM {tables} WHERE {where} ORDER BY {keys}"
    " LIMIT {limit}) AS page CROSS JOIN announcement_content AS c ON c.id = page.content ORDER BY {place}"
)
_COUNT: Final = "SELECT count(*) FROM {tables} WHERE {where}"
_SELECT_DATA: Final = "SELECT data FROM fact WHERE position = ?"


def announcement(snapshot: Snapshot, id: str, clocks: Clocks) -> Announcement | None:
    """Return an announcement; None where it had not been announced there."""
    place = snapshot.place(clocks)
    holds = place.holds()
    row = snapshot.connection.execute(_ONE.format(holds=holds.sql), (id, *holds.parameters)).fetchone()
    return None if row is None else shown(snapshot, [row], place)[0]


def announcements(
    snapshot: Snapshot,
    wanted: Filter,
    clocks: Clocks,
    *,
    limit: int,
    cursor: str | None = None,
    timeline: TimelineDefinition | None = None,
) -> Listing[Announcement]:
    """Return announcements by day, those without a date last; of a timeline, those on it. Raises `BadCursor`."""
    place = snapshot.place(clocks)
    selection = Selection(snapshot, place, wanted, timeline)
    mark = mark_of("announcements" if timeline is None else f"timeline:{timeline.slug}", clocks, wanted)
    after = None if cursor is None else key_of(mark, cursor, tuple[int, int, str])
    rows = selection.page(after, limit + 1)
    return Listing(
        items=tuple(shown(snapshot, rows[:limit], place)),
        next=cursor_of(mark, rows[limit - 1][3]) if limit and len(rows) > limit else None,
        total=selection.total(),
        position=snapshot.position,
    )


def count_citing(snapshot: Snapshot, place: Place, sources: Sequence[str]) -> dict[str, int]:
    """Return how many announcements a list by each of these sources shows."""
    counts = {}
    for source in sources:
        filtered = compiled(TimelineQuery(source=(source,)), place, {})
        sql, parameters = _select(_COUNT, place, filtered.candidates, filtered.matches, content=True)
        (counts[source],) = snapshot.connection.execute(sql, parameters).fetchone()
    return counts


class Selection:
    """The announcements that a list shows, in SQL; of a timeline, those on it that are wanted. Raises `DayError`."""

    def __init__(self, snapshot: Snapshot, place: Place, wanted: Filter, timeline: TimelineDefinition | None) -> None:
        self._connection = snapshot.connection
        self._place = place
        asked = dict.fromkeys((*wanted.actor, *(() if timeline is None else timeline.query.actor)))
        stands_for = actors.stands_for(snapshot, place, tuple(asked))
        filtered = compiled(wanted, place, stands_for)
        self._candidates, self._matches, self._content = filtered.candidates, filtered.matches, filtered.needs_content
        if timeline is not None:
            on_it = compiled(timeline.query, place, stands_for)
            self._matches = all_of([_on_timeline(timeline, on_it), *_asked(wanted, filtered)])
            self._content = self._content or on_it.needs_content
            if self._candidates is None and on_it.candidates is not None:
                self._candidates = _together(on_it.candidates, by_id(timeline.pinned))

    def rows(
        self, template: str, also: Condition = EVERYWHERE, *, given: Parameters = (), content: bool = False
    ) -> list[Any]:
        """Return what SQL finds whose `{tables}` and `{where}` are these announcements, where something `also` holds.

        `v` is the version, and with `content` there is `c`, what it holds; `given` are the parameters before them.
        """
        where = all_of([self._matches, also])
        sql, parameters = _select(template, self._place, self._candidates, where, content=content or self._content)
        return self._connection.execute(sql, (*given, *parameters)).fetchall()

    def page(
        self,
        after: tuple[object, ...] | None,
        limit: int,
        *,
        order: Sequence[str] = BY_DAY,
        also: Condition = EVERYWHERE,
    ) -> list[Any]:
        """Return the rows of the first announcements after a place in an order, for `shown`; their place comes last."""
        keys = ", ".join(order)
        if after is not None:
            also = all_of([also, Condition(f"({keys}) > ({', '.join('?' * len(order))})", after)])
        place = keys.replace("v.", "page.")
        template = _PAGE.format(keys=keys, place=place, tables="{tables}", where="{where}", limit=limit)
        return [(*row[:3], tuple(row[3:])) for row in self.rows(template, also)]

    def total(self, also: Condition = EVERYWHERE) -> int:
        """Return how many there are."""
        return int(self.rows(_COUNT, also)[0][0])


def _asked(wanted: Filter, filtered: Compiled) -> list[Condition]:
    """A reader who asks a timeline for nothing in particular gets all of it, also what its query asks by state."""
    return [] if wanted == Filter() else [filtered.matches]


def _on_timeline(timeline: TimelineDefinition, on_it: Compiled) -> Condition:
    pinned = Condition(AMONG, by_id(timeline.pinned).parameters)
    hidden = Condition("v.announcement NOT IN (SELECT value FROM json_each(?))", by_id(timeline.hidden).parameters)
    shown = on_it.matches
    if timeline.pinned:
        shown = either(shown, all_of([pinned, Condition(LEFT_OUT)]))
    return all_of([shown, hidden]) if timeline.hidden else shown


def _together(one: Condition, other: Condition) -> Condition:
    return Condition(f"{one.sql} UNION {other.sql}", (*one.parameters, *other.parameters))


def _select(template: str, place: Place, candidates: Condition | None, where: Condition, *, content: bool) -> Condition:
    """Return SQL that goes through the candidates, or through all announcements in order, by the index of the place."""
    holds = place.holds()
    conditions = f"{holds.sql} AND {where.sql}"
    tables, parameters = f"announcement_version AS v INDEXED BY {place.index}", (*holds.parameters, *where.parameters)
    if candidates is not None:
        tables = f"(SELECT DISTINCT announcement FROM ({candidates.sql})) AS found CROSS JOIN announcement_version AS v"
        conditions = f"v.announcement = found.announcement AND {conditions}"
        parameters = (*candidates.parameters, *parameters)
    return Condition(template.format(tables=tables + _CONTENT * content, where=conditions), parameters)


def shown(snapshot: Snapshot, rows: Sequence[Any], place: Place) -> list[Announcement]:
    """Return the announcements of rows `(json, due_at, overdue_at, …)` by the reference instant, their actors named."""
    found = [announcement_of(row[0]) for row in rows]
    ids = dict.fromkeys(actor.id for one in found for actor in one.actors if actor.id is not None)
    names: dict[str | None, str | None] = dict(actors.names(snapshot, place, tuple(ids)).items())
    return [_as_shown(one, row[1], row[2], place, names) for one, row in zip(found, rows, strict=True)]


def _as_shown(
    one: Announcement, due_at: str, overdue_at: str, place: Place, names: Mapping[str | None, str | None]
) -> Announcement:
    state = state_on(one.state, _or_never(due_at), _or_never(overdue_at), place.reference)
    named = any(actor.id in names for actor in one.actors)
    if state == one.state and not named:
        return one
    return msgspec.structs.replace(one, state=state, actors=_named(one.actors, names) if named else one.actors)


def _or_never(instant: str) -> str | None:
    return None if instant == NEVER else instant


def _named(parts: Iterable[Actor], names: Mapping[str | None, str | None]) -> tuple[Actor, ...]:
    return tuple(
        Actor(id=part.id, name=names[part.id] or part.name, role=part.role) if part.id in names else part
        for part in parts
    )


def history(snapshot: Snapshot, id: str, clocks: Clocks) -> tuple[HistoryEntry, ...]:
    """Return every fact that was recorded about an announcement by `as_of`, by position; none where there was none.

    That includes the withdrawals of sources it cites, and what others say of it: links and merges with it.
    """
    subject = f"announcement:{id}"
    recorded: list[Recorded] = []
    shown: set[int] = set()
    for record in bearing_on(snapshot.connection, subject):
        if clocks.as_of is not None and record.position > clocks.as_of:
            break
        undone = record.fact.position if isinstance(record.fact, f.FactWithdrawn) else None
        if subject in record.tags or record.type == SOURCE_ACT or undone in shown:
            shown.add(record.position)
            recorded.append(record)
    withdrawn_by = _withdrawals(recorded)
    corrected_by: dict[int, list[int]] = {}
    for record in recorded:
        fact = record.fact
        if isinstance(fact, f.Amended) and record.position not in withdrawn_by and fact.corrects < record.position:
            corrected_by.setdefault(fact.corrects, []).append(record.position)
    return tuple(
        HistoryEntry(
            position=record.position,
            type=record.type,
            recorded_at=record.recorded_at,
            said_at=record.said_at,
            by=record.by,
            data=_stored(snapshot, record) if record.fact is None else plain(record.fact),
            withdrawn_by=withdrawn_by.get(record.position),
            corrected_by=tuple(corrected_by.get(record.position, ())),
            v=UNSET if knows(record.type, record.v) else record.v,
        )
        for record in recorded
    )


def _stored(snapshot: Snapshot, record: Recorded) -> dict[str, Any] | None:
    """Return the data of an entry that is no fact here, as it is stored; None once erased."""
    (data,) = snapshot.connection.execute(_SELECT_DATA, (record.position,)).fetchone()
    return None if data is None else msgspec.json.decode(data, type=dict[str, Any])


def _withdrawals(recorded: Sequence[Recorded]) -> dict[int, int]:
    """Return the facts that were taken back, each with the first withdrawal of it that stands."""
    withdrawn: dict[int, int] = {}
    for record in reversed(recorded):
        fact = record.fact
        if isinstance(fact, f.FactWithdrawn) and record.position not in withdrawn and fact.position < record.position:
            withdrawn[fact.position] = record.position
    return withdrawn
