"""A timeline page by page, where the first page is the one around a day, and every page leads back as well as on."""

from typing import Any, Final

from msgspec import Struct

from events.record import Timeline
from events.views import timelines
from events.views.announcements import BY_DAY, Selection
from events.views.clocks import Clocks, Condition, Snapshot
from events.views.cursor import cursor_of, key_of, mark_of
from events.views.filters import Filter
from events.views.schema import DAY_OPEN

BEGINNING: Final = (-DAY_OPEN, -DAY_OPEN, "")
"""Stands before every announcement."""

_KEYS: Final = f"SELECT {', '.join(BY_DAY)} FROM {{tables}} WHERE {{where}} ORDER BY "
_FORWARDS: Final = _KEYS + ", ".join(BY_DAY) + " LIMIT 1 OFFSET "
_BACKWARDS: Final = _KEYS + ", ".join(f"{key} DESC" for key in BY_DAY) + " LIMIT 1 OFFSET "
_UP_TO: Final = f"({', '.join(BY_DAY)}) <= (?, ?, ?)"

Key = tuple[int, int, str]


class Part(Struct, frozen=True, kw_only=True):
    """A page of a timeline. `previous` is the cursor of the page before it, null where this is the first.

    `before` and `after` count the announcements on other pages. Going back ends with a full page, some of which may
    have stood on the one after it.
    """

    timeline: Timeline
    previous: str | None
    before: int
    after: int


def part(
    snapshot: Snapshot, slug: str, clocks: Clocks, *, day: int, limit: int, cursor: str | None = None
) -> Part | None:
    """Return a page of a timeline: without a cursor the one in whose middle a day lies; None: there was none.

    Raises `BadCursor`.
    """
    found = timelines.definition(snapshot, slug, clocks)
    if found is None:
        return None
    selection = Selection(snapshot, snapshot.place(clocks), Filter(), found)
    mark = mark_of(f"timeline:{slug}", clocks, Filter())
    begin = _around(selection, day, limit) if cursor is None else key_of(mark, cursor, tuple[int, int, str])
    timeline = timelines.timeline(snapshot, slug, clocks, limit=limit, cursor=cursor_of(mark, begin))
    assert timeline is not None
    until = Condition(_UP_TO, begin)
    before = selection.total(until)
    back = _key(selection.rows(f"{_BACKWARDS}{limit}", until)) if before > limit else BEGINNING
    return Part(
        timeline=timeline,
        previous=cursor_of(mark, back) if before else None,
        before=before,
        after=timeline.total - before - len(timeline.items),
    )


def _around(selection: Selection, day: int, limit: int) -> Key:
    """Return the key after which a page begins that has a day in its middle, and is full wherever it can be."""
    total = selection.total()
    skipped = min(selection.total(Condition("v.day < ?", (day,))) - limit // 2, total - limit)
    return _key(selection.rows(f"{_FORWARDS}{skipped - 1}")) if skipped > 0 else BEGINNING


def _key(rows: list[Any]) -> Key:
    ((day, last_day, id),) = rows
    return int(day), int(last_day), str(id)
