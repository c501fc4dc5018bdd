"""Filters of announcements, as SQL over the versions `v` and what they hold, `c`."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from events.days import parse_day
from events.terms import TimelineQuery
from events.views.clocks import Condition, Place
from events.views.described import facet, query_words
from events.views.schema import DAY_OPEN, HEADLESS

FACET_FIELDS: Final = ("source", "actor", "place", "topic")
"""What the facet table finds, the most telling first."""
LEFT_OUT: Final = "v.state NOT IN ('merged', 'retracted', 'withdrawn')"
"""What lists show where nobody asks for a state."""
STATE: Final = (
    "CASE WHEN v.state <> 'announced' THEN v.state"
    " WHEN v.overdue_at <= ? THEN 'overdue' WHEN v.due_at <= ? THEN 'due' ELSE 'announced' END"
)
"""The state that is shown; its two parameters are the instant it is judged by, twice."""
_BY_FACET: Final = "SELECT announcement FROM announcement_facet WHERE facet IN "
AMONG: Final = "v.announcement IN (SELECT value FROM json_each(?))"
"""Takes the parameter of `by_id`."""
_BY_ID: Final = "SELECT value AS announcement FROM json_each(?)"


class Filter(TimelineQuery, frozen=True, kw_only=True, omit_defaults=True):
    """What a list shows: what a timeline's query can ask for, and `changed_after`, a position (exclusive).

    `from_` and `to` are days in ISO 8601, inclusive; reading raises `DayError` for anything else. An actor's filter
    also finds those merged into it. Without `state`, what is merged, retracted or withdrawn is left out.
    """

    changed_after: int | None = None


class Compiled(Struct, frozen=True, kw_only=True):
    """A filter in SQL. `candidates` selects the announcements that can match, None is all of them.

    `matches` holds for those that do; it needs `c` where `needs_content` says so.
    """

    candidates: Condition | None
    matches: Condition
    needs_content: bool


def compiled(wanted: TimelineQuery, place: Place, actors: Mapping[str, Sequence[str]]) -> Compiled:
    """Return a filter as SQL; `actors` names for each actor asked for all those it stands for. Raises `DayError`."""
    values = {
        "source": wanted.source,
        "actor": tuple(dict.fromkeys(one for id in wanted.actor for one in actors.get(id, (id,)))),
        "place": wanted.place,
        "topic": wanted.topic,
    }
    on_content: list[Condition] = [
        any_of("instr(c.facets, ?)", (facet(field, value) for value in values[field]))
        for field in FACET_FIELDS
        if values[field]
    ]
    on_content += [Condition("instr(c.words, ?)", (word,)) for word in query_words(wanted.q or "")]
    if wanted.kind:
        on_content.append(one_of("c.kind", wanted.kind))
    if isinstance(wanted, Filter) and wanted.changed_after is not None:
        on_content.append(Condition("c.position > ?", (min(wanted.changed_after, HEADLESS),)))
    on_version = list(_days(wanted))
    if wanted.state:
        state = one_of(STATE, wanted.state)
        on_version.append(Condition(state.sql, (place.reference, place.reference, *state.parameters)))
    else:
        on_version.append(Condition(LEFT_OUT))
    if wanted.id:
        on_version.append(one_of("v.announcement", wanted.id))
    return Compiled(
        candidates=_candidates(wanted.id, values),
        matches=all_of([*on_version, *on_content]),
        needs_content=bool(on_content),
    )


def all_of(conditions: Iterable[Condition]) -> Condition:
    """Return the condition that all of these hold."""
    return _joined(conditions, " AND ", "1")


def any_of(sql: str, values: Iterable[object]) -> Condition:
    """Return the condition that one with a single parameter holds for any of some values."""
    return _joined([Condition(sql, (value,)) for value in values], " OR ", "0")


def either(one: Condition, other: Condition) -> Condition:
    """Return the condition that one of two holds."""
    return _joined([one, other], " OR ", "0")


def one_of(sql: str, values: Sequence[object]) -> Condition:
    """Return the condition that an expression has one of some values."""
    return Condition(f"{sql} IN ({', '.join('?' * len(values))})", tuple(values))


def _joined(conditions: Iterable[Condition], word: str, none: str) -> Condition:
    found = list(conditions)
    if not found:
        return Condition(none)
    sql = word.join(condition.sql for condition in found)
    parameters = tuple(parameter for condition in found for parameter in condition.parameters)
    return Condition(f"({sql})", parameters)


def _days(wanted: TimelineQuery) -> Iterable[Condition]:
    """What can mean a day from `from` to `to`; what has no date has no such day."""
    if wanted.from_ is not None:
        yield Condition("v.last_day >= ? AND v.first_day < ?", (parse_day(wanted.from_), DAY_OPEN))
    if wanted.to is not None:
        yield Condition("v.first_day <= ?", (parse_day(wanted.to),))


def _candidates(ids: Sequence[str], values: Mapping[str, Sequence[str]]) -> Condition | None:
    if ids:
        return by_id(ids)
    for field in FACET_FIELDS:
        if values[field]:
            facets = tuple(f"{field}:{value}" for value in values[field])
            return Condition(f"{_BY_FACET}({', '.join('?' * len(facets))})", facets)
    return None


def by_id(ids: Sequence[str]) -> Condition:
    """Return a selection of announcements by their ids."""
    return Condition(_BY_ID, (json.dumps(list(ids)),))
