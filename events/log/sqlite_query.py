"""From a query to SQL over the tag and type indexes. Pure; statements repeat per shape, so they stay prepared."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple

from events.log.port import Query, QueryItem

Sql = tuple[str, list[str | int]]

_OTHER: Final = (
    " AND EXISTS (SELECT 1 FROM event_tag AS other WHERE other.tag = ? AND other.position = tagged.position)"
)


class _Source(NamedTuple):
    """`table WHERE condition` with the values of its parameters, and whether it gives a position more than once."""

    sql: str
    values: list[str | int]
    repeats: bool


def lowest(query: Query, *, after: int) -> list[Sql]:
    """Return SQL statements for lowest matching positions beyond `after`; the lowest of all is the query's."""
    if query.everything:
        return [("SELECT min(position) FROM event WHERE position > ?", [after])]
    return [
        (f"SELECT min(position) FROM {source.sql} AND position > ?", [*source.values, after])
        for source in _sources(query.items)
    ]


def positions(query: Query, *, after: int, upto: int, backwards: bool, limit: int) -> list[Sql]:
    """Return SQL statements for the first `limit` matching positions each, with `after` < position <= `upto`.

    The query's are the first of all of them together; of one that means everything, `events_within` are.
    """
    tail = f"position > ? AND position <= ? ORDER BY position {_order(backwards)} LIMIT ?"
    window: list[str | int] = [after, upto, limit]
    return [
        (f"SELECT {'DISTINCT ' * source.repeats}position FROM {source.sql} AND {tail}", source.values + window)
        for source in _sources(query.items)
    ]


def events_within(*, after: int, upto: int, backwards: bool, limit: int) -> Sql:
    """Return SQL for (entry, data) of the first `limit` events of all, with `after` < position <= `upto`."""
    window = f"position > ? AND position <= ? ORDER BY position {_order(backwards)} LIMIT ?"
    return f"SELECT entry, data FROM event LEFT JOIN event_payload USING (position) WHERE {window}", [
        after,
        upto,
        limit,
    ]


def these(found: Sequence[int]) -> Sql:
    """Return SQL for the positions that were found."""
    return "SELECT value AS position FROM json_each(?)", [f"[{','.join(map(str, found))}]"]


def events_at(found: Sql, *, backwards: bool) -> Sql:
    """Return SQL for (entry, data) of the events at the positions that `found` gives; data is NULL once erased."""
    sql, values = found
    # CROSS JOIN keeps SQLite from reordering: the few positions come first, their rows by key.
    rows = f"({sql}) AS found CROSS JOIN event USING (position) LEFT JOIN event_payload USING (position)"
    return f"SELECT entry, data FROM {rows} ORDER BY found.position {_order(backwards)}", values


def _sources(items: Sequence[QueryItem]) -> list[_Source]:
    """Return where the items are found; those that differ in one tag, or in types alone, share one."""
    if len(items) == 1 and items[0].tags:  # Nearly every condition and read: there is nothing to be shared.
        return [_all_of(items[0].tags, items[0].types)]
    types: dict[str, None] = {}
    single_tags: defaultdict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
    sources: list[_Source] = []
    for item in items:
        if not item.tags:
            types.update(dict.fromkeys(item.types))
        elif len(item.tags) == 1:
            single_tags[item.types][item.tags[0]] = None
        else:
            sources.append(_all_of(item.tags, item.types))
    if types:
        sql = f"event INDEXED BY event_by_type WHERE {_one_of('type', len(types))}"
        sources.append(_Source(sql, list(types), repeats=False))
    for item_types, one_of in single_tags.items():
        typed, type_values = _typed(item_types)
        sql = f"event_tag AS tagged WHERE {_one_of('tag', len(one_of))}{typed}"
        sources.append(_Source(sql, [*one_of, *type_values], repeats=len(one_of) > 1))
    return sources


def _all_of(tags: tuple[str, ...], types: tuple[str, ...]) -> _Source:
    others = _OTHER * (len(tags) - 1)
    typed, type_values = _typed(types)
    return _Source(f"event_tag AS tagged WHERE tag = ?{others}{typed}", [*tags, *type_values], repeats=False)


def _typed(types: tuple[str, ...]) -> Sql:
    if not types:
        return "", []
    within = _one_of("event.type", len(types))
    return (
        f" AND EXISTS (SELECT 1 FROM event WHERE event.position = tagged.position AND {within})",
        list(types),
    )


def _one_of(column: str, count: int) -> str:
    return f"{column} = ?" if count == 1 else f"{column} IN ({', '.join('?' * count)})"


def _order(backwards: bool) -> str:
    return "DESC" if backwards else "ASC"
