"""Full-text search at any place of the two clocks: titles first, then what has had its words last.

A document is found where the version that holds there has its texts, so nothing is found that is not shown. Nothing is
ranked by how often words occur elsewhere: what else is recorded later changes no answer as of a position.
"""

from typing import Any, Final

import msgspec
from msgspec import Struct

from events.views import actors
from events.views.announcements import shown
from events.views.clocks import Clocks, Condition, Place, Snapshot
from events.views.cursor import cursor_of, key_of, mark_of
from events.views.filters import Filter, compiled
from events.views.schema import HEADLESS
from events.views.searching import Found, Sought, hits

DOCUMENTS_MAX: Final = 10_000
"""So many documents with the words are looked at for a page, the latest first; once among titles, once elsewhere."""
TOTAL_MAX: Final = 1_000
"""So many announcements are counted."""

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
    index = _Index(snapshot, place, clocks, wanted)
    tier, before = (0, HEADLESS) if cursor is None else key_of(mark, cursor, tuple[int, int])
    rows: list[Any] = []
    following: tuple[int, int] | None = None
    for number, query in list(enumerate((sought.in_title(), sought.elsewhere())))[tier:]:
        stretch = index.stretch(query, before)
        found = index.page(query, stretch, limit - len(rows) + 1)
        room = limit - len(rows)
        rows += found[:room]
        if len(found) > room:
            following = (number, rows[-1][3]) if room else (number, HEADLESS)
        elif stretch.cut:
            following = (number, stretch.first)
        if following is not None:
            break
        before = HEADLESS
    total, complete = index.total(sought.all())
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

    def __init__(self, snapshot: Snapshot, place: Place, clocks: Clocks, wanted: Filter) -> None:
        self._connection = snapshot.connection
        stands_for = actors.stands_for(snapshot, place, tuple(dict.fromkeys(wanted.actor)))
        self._filtered = compiled(wanted, place, stands_for)
        self._holds = place.holds()
        self._last = HEADLESS
        if clocks.as_of is not None:
            row = self._connection.execute(_LATEST, (min(clocks.as_of, HEADLESS),)).fetchone()
            self._last = 0 if row is None else row[0]

    def stretch(self, query: str, before: int) -> _Stretch:
        """Return which of the documents that a query finds are looked at, those before a number (exclusive)."""
        last = min(self._last, before - 1)
        row = self._connection.execute(_NTH, (query, last, DOCUMENTS_MAX - 1)).fetchone()
        return _Stretch(0 if row is None else row[0], last, row is not None)

    def page(self, query: str, stretch: _Stretch, limit: int) -> list[Any]:
        """Return the rows of what is shown, the latest first."""
        return self._connection.execute(*self._select(_PAGE, query, stretch, limit, content=True)).fetchall()

    def total(self, query: str) -> tuple[int, bool]:
        """Return how many announcements are shown, and whether these are all."""
        stretch, content = self.stretch(query, HEADLESS), self._filtered.needs_content
        counting = self._select(_COUNT, query, stretch, TOTAL_MAX + 1, content=content)
        (found,) = self._connection.execute(*counting).fetchone()
        return min(found, TOTAL_MAX), found <= TOTAL_MAX and not stretch.cut

    def _select(self, template: str, query: str, stretch: _Stretch, limit: int, *, content: bool) -> Condition:
        matches = self._filtered.matches
        sql = template.format(holds=self._holds.sql, matches=matches.sql, content=_CONTENT * content)
        parameters = (*self._holds.parameters, query, stretch.first, stretch.last, *matches.parameters, limit)
        return Condition(sql, parameters)
