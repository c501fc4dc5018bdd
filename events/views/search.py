"""Full-text search at any place of the two clocks: titles first, then what has had its words last.

A document is found where the version that holds there has its texts, so nothing is found that is not shown. Nothing is
ranked by how often words occur elsewhere: what else is recorded later changes no answer as of a position.
"""

import json
from typing import Any, Final, TypeAlias

import msgspec
from msgspec import Struct

from events.views import actors
from events.views.announcements import shown
from events.views.clocks import Clocks, Condition, Place, Snapshot
from events.views.cursor import cursor_of, key_of, mark_of
from events.views.filters import Filter, all_of, compiled
from events.views.schema import HEADLESS
from events.views.searching import Found, Sought, hits

DOCUMENTS_MAX: Final = 20_000
"""So many documents with the words are looked at for a page, the latest first."""
TOTAL_MAX: Final = 1_000
"""So many announcements are counted."""

TITLES: Final = 0
ELSEWHERE: Final = 1
"""The tiers: documents whose title has all the words, and all others."""

Key: TypeAlias = tuple[int, int]
"""A tier, and a document of it."""

_NONE: Final = Condition("1")
_WITHOUT: Final = "search.rowid NOT IN (SELECT value FROM json_each(?))"
_LATEST: Final = "SELECT id FROM search_document WHERE rec_from <= ? ORDER BY rec_from DESC, id DESC LIMIT 1"
_NTH: Final = "SELECT rowid FROM search WHERE search MATCH ? AND rowid <= ? ORDER BY rowid DESC LIMIT 1 OFFSET ?"
# The joins say CROSS: the index of words comes first, in its own order, and stops when there is enough.
_FOUND: Final = (
    " FROM search CROSS JOIN search_document AS d ON d.id = search.rowid"
    " CROSS JOIN announcement_version AS v ON v.announcement = d.announcement AND {holds}"
    " CROSS JOIN searched AS s ON s.content = v.content AND s.document = d.content{content}"
    " WHERE search MATCH ? AND search.rowid BETWEEN ? AND ? AND {matches}"
)
_CONTENT: Final = " CROSS JOIN announcement_content AS c ON c.id = v.content"
_PAGE: Final = "SELECT c.json, v.due_at, v.overdue_at, d.id" + _FOUND + " ORDER BY search.rowid DESC LIMIT ?"
_COUNT: Final = "SELECT count(*) FROM (SELECT 1" + _FOUND + " LIMIT ?)"


def search(
    snapshot: Snapshot, sought: Sought, wanted: Filter, clocks: Clocks, *, limit: int, cursor: str | None = None
) -> Found:
    """Return what was found of what is `wanted`; its `q` is passed over for `sought`. Raises `BadCursor`."""
    place = snapshot.place(clocks)
    wanted = msgspec.structs.replace(wanted, q=None)
    mark = mark_of(f"search:{sought.all()}", clocks, wanted)
    index = _Index(snapshot, place, clocks, wanted, sought)
    tier, before = (TITLES, HEADLESS) if cursor is None else key_of(mark, cursor, tuple[int, int])
    rows, following = index.page(tier, before, limit)
    total, complete = index.total()
    return Found(
        items=hits(shown(snapshot, rows, place), sought),
        next=None if following is None else cursor_of(mark, following),
        total=total,
        complete=complete,
        position=snapshot.position,
    )


class _Stretch(Struct, frozen=True):
    """The documents from `first` to `last` are looked at; `cut`: older ones are not."""

    first: int
    last: int
    cut: bool


class _Index:
    """The words of all documents, and which of these are shown at a place."""

    def __init__(self, snapshot: Snapshot, place: Place, clocks: Clocks, wanted: Filter, sought: Sought) -> None:
        self._connection = snapshot.connection
        self._sought = sought
        stands_for = actors.stands_for(snapshot, place, tuple(dict.fromkeys(wanted.actor)))
        self._filtered = compiled(wanted, place, stands_for)
        self._holds = place.holds()
        self._last = HEADLESS
        if clocks.as_of is not None:
            row = self._connection.execute(_LATEST, (min(clocks.as_of, HEADLESS),)).fetchone()
            self._last = 0 if row is None else row[0]
        self._everything = self._stretch(sought.all(), HEADLESS)

    def page(self, tier: int, before: int, limit: int) -> tuple[list[Any], Key | None]:
        """Return the rows of what is shown after a document of a tier, and where the next page begins."""
        rows: list[Any] = []
        query, without = self._sought.elsewhere(), _NONE
        stretch = None
        if tier == TITLES:
            stretch = self._everything if before == HEADLESS else self._stretch(self._sought.in_title(), before)
            rows = self._rows(self._sought.in_title(), stretch, _NONE, limit + 1)
            if len(rows) > limit:
                return rows[:limit], (TITLES, rows[limit - 1][3])
            if stretch.cut:
                return rows, (TITLES, stretch.first)
            if before == HEADLESS:  # Then these are all titles that are shown, and naming them is quicker.
                query, without = self._sought.all(), Condition(_WITHOUT, (json.dumps([row[3] for row in rows]),))
            else:
                stretch, before = None, HEADLESS
        room = limit - len(rows)
        stretch = stretch or self._stretch(query, before)
        found = self._rows(query, stretch, without, room + 1)
        rows += found[:room]
        if len(found) > room:
            return rows, (ELSEWHERE, found[room - 1][3] if room else HEADLESS)
        return rows, (ELSEWHERE, stretch.first) if stretch.cut else None

    def total(self) -> tuple[int, bool]:
        """Return how many announcements are shown, and whether these are all."""
        stretch, content = self._everything, self._filtered.needs_content
        counting = self._select(_COUNT, self._sought.all(), stretch, _NONE, TOTAL_MAX + 1, content=content)
        (found,) = self._connection.execute(*counting).fetchone()
        return min(found, TOTAL_MAX), found <= TOTAL_MAX and not stretch.cut

    def _stretch(self, query: str, before: int) -> _Stretch:
        """Return which of the documents that a query finds are looked at, of those before a number (exclusive)."""
        last = min(self._last, before - 1)
        row = self._connection.execute(_NTH, (query, last, DOCUMENTS_MAX - 1)).fetchone()
        return _Stretch(0 if row is None else row[0], last, row is not None)

    def _rows(self, query: str, stretch: _Stretch, without: Condition, limit: int) -> list[Any]:
        return self._connection.execute(*self._select(_PAGE, query, stretch, without, limit, content=True)).fetchall()

    def _select(
        self, template: str, query: str, stretch: _Stretch, without: Condition, limit: int, *, content: bool
    ) -> Condition:
        matches = all_of([self._filtered.matches, without])
        sql = template.format(holds=self._holds.sql, matches=matches.sql, content=_CONTENT * content)
        parameters = (*self._holds.parameters, query, stretch.first, stretch.last, *matches.parameters, limit)
        return Condition(sql, parameters)
