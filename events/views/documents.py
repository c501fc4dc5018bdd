"""What is searched, written: a document for every set of texts that an announcement had, by number.

Documents are numbered in the order in which they were recorded, whether the views followed the log or were rebuilt. So
"the latest first" is the index read backwards, and a search as of a position sees no more than one saw then. The index
keeps words alone (FTS5's `content=''`): what is shown is taken from the announcement.
"""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from events.views.described import Content, announcement_of
from events.views.schema import Connection
from events.views.searching import columns_of

_STAGED: Final = (
    "CREATE TEMP TABLE IF NOT EXISTS staged (rec_from INTEGER, announcement TEXT, said_from TEXT, content INTEGER)"
)
_STAGE: Final = "INSERT INTO staged VALUES (?, ?, ?, ?)"
_NUMBER_STAGED: Final = (
    "INSERT INTO search_document (rec_from, announcement, content) SELECT rec_from, announcement, content"
    " FROM staged ORDER BY rec_from, announcement DESC, said_from"
)
_LAST: Final = "SELECT ifnull(max(id), 0) FROM search_document"
_NUMBER: Final = "INSERT INTO search_document (id, rec_from, announcement, content) VALUES (?, ?, ?, ?)"
_UNWRITTEN: Final = (
    "SELECT d.id, c.json FROM search_document AS d CROSS JOIN announcement_content AS c ON c.id = d.content"
    " WHERE d.id > ? ORDER BY d.id"
)
_CONFIGURE: Final = "INSERT INTO search (search, rank) VALUES (?, ?)"
# Much is held in memory and little merged on the way while everything is indexed; otherwise it is as FTS5 has it.
_IN_BULK: Final = {"hashsize": 8 * 1024 * 1024, "automerge": 0}
_ONE_BY_ONE: Final = {"hashsize": 1024 * 1024, "automerge": 4}
_INDEX: Final = "INSERT INTO search (rowid, title, quote, reason) VALUES (?, ?, ?, ?)"


class Document(Struct, frozen=True):
    """What an announcement's searched texts were, from a commit on; `content` is the first that has them."""

    rec_from: int
    announcement: str
    said_from: str
    content: int


class Texts:
    """The texts that an announcement had so far, while its versions are gone through in the order of recording."""

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[int, int]] = {}

    def document(self, content: Content, rec_from: int) -> int:
        """Return the first content with these texts, of those that were so right before; itself, if there is none."""
        first, until = self._known.get(content.digest, (content.id, rec_from))
        return first if until >= rec_from else content.id

    def saw(self, content: Content, rec_to: int) -> None:
        """Take note that a version with these texts held up to a commit, exclusive."""
        first, until = self._known.get(content.digest, (0, 0))
        if first != content.document:
            until = 0
        self._known[content.digest] = (content.document, max(until, rec_to))


class Documents:
    """Writes documents, inside the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._held: list[Document] = []

    def hold(self, document: Document) -> None:
        """Take in a new document."""
        self._held.append(document)

    def write(self) -> None:
        """Number and index what is held: everything new of the commits that are taken in."""
        if not self._held:
            return
        (last,) = self._connection.execute(_LAST).fetchone()
        self._held.sort(key=lambda one: one.said_from)
        self._held.sort(key=lambda one: one.announcement, reverse=True)
        self._held.sort(key=lambda one: one.rec_from)
        rows = [(id, one.rec_from, one.announcement, one.content) for id, one in enumerate(self._held, last + 1)]
        self._connection.executemany(_NUMBER, rows)
        self._held.clear()
        self._index(last)

    def stage(self) -> None:
        """Lay aside what is held, of a generation that is being built."""
        self._connection.execute(_STAGED)
        self._connection.executemany(_STAGE, [(o.rec_from, o.announcement, o.said_from, o.content) for o in self._held])
        self._held.clear()

    def write_staged(self) -> None:
        """Number and index what was laid aside."""
        self._connection.execute(_STAGED)
        self._connection.execute(_NUMBER_STAGED)
        self._connection.execute("DROP TABLE staged")
        for name, value in _IN_BULK.items():
            self._connection.execute(_CONFIGURE, (name, value))
        self._index(0)
        for name, value in _ONE_BY_ONE.items():
            self._connection.execute(_CONFIGURE, (name, value))

    def _index(self, after: int) -> None:
        self._connection.executemany(_INDEX, _rows(self._connection.execute(_UNWRITTEN, (after,))))


def _rows(found: Iterable[tuple[int, bytes]]) -> Iterable[tuple[int, str, str, str]]:
    for id, json in found:
        yield (id, *columns_of(announcement_of(json)))
