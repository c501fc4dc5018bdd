"""Announcements, written: their versions, what they hold, and what they are found by."""

from collections.abc import Iterator
from typing import Any, Final

from events.record import Announcement
from events.views import dues
from events.views.bearing import bearing_on
from events.views.described import Content, Days, split_facets
from events.views.documents import Document, Documents, Texts
from events.views.schema import HEADLESS, NO_YEAR, Connection
from events.views.versions import Line, Version

ROWS_HELD_MAX: Final = 1000
"""So many versions are held back, to be written together."""

_SELECT_OPEN: Final = (
    "SELECT v.rec_from, v.said_from, v.said_to, v.day, v.last_day, v.first_day, v.begins, v.ends, v.state, v.timezone,"
    " v.due_at, v.overdue_at, c.id, c.kind, c.position, c.dates, c.moves, c.slip_days, c.year, c.made_by, c.facets,"
    " c.words, c.json, s.digest, s.document"
    " FROM announcement_version AS v CROSS JOIN announcement_content AS c ON c.id = v.content"
    " CROSS JOIN searched AS s ON s.content = v.content"
    f" WHERE v.announcement = ? AND v.rec_to = {HEADLESS} ORDER BY v.said_from"
)
_CONTENT: Final = (
    *("id", "kind", "position", "dates", "moves", "slip_days", "year", "made_by", "facets", "words", "json"),
)
_DESCRIBED: Final = ("state", "timezone", "due_at", "overdue_at", *_CONTENT, "digest", "document")
_INSERT_CONTENT: Final = f"INSERT INTO announcement_content VALUES ({', '.join('?' * len(_CONTENT))})"
_INSERT_SEARCHED: Final = "INSERT INTO searched VALUES (?, ?, ?)"
_INSERT_VERSION: Final = "INSERT INTO announcement_version VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_BY: Final = "INSERT INTO announcement_by VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_CLOSE: Final = f"SET rec_to = ? WHERE announcement = ? AND rec_to = {HEADLESS} AND said_to = ?"
_DAYS: Final = len(Days.__struct_fields__)
_INSERT_FACET: Final = "INSERT OR IGNORE INTO announcement_facet VALUES (?, ?)"


class AnnouncementRows:
    """Brings announcements' rows to the present, inside the caller's transaction; `flush` writes what is held.

    Their `documents` are written by themselves.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        (self._content_id,) = connection.execute("SELECT ifnull(max(id), 0) FROM announcement_content").fetchone()
        self.documents = Documents(connection)
        self._contents: list[tuple[object, ...]] = []
        self._searched: list[tuple[object, ...]] = []
        self._closed: list[tuple[object, ...]] = []
        self._versions: list[tuple[object, ...]] = []
        self._by: list[tuple[object, ...]] = []
        self._facets: dict[tuple[str, str], None] = {}
        self._dues: list[tuple[object, ...]] = []

    def replay(self, announcement: str, commit_ends: list[int] | None) -> None:
        """Go through the commits from the first that ends at these positions; None is all, nothing being there yet.

        Those between them count too: an act of a source concerns whoever comes to cite it later on.
        """
        recorded = bearing_on(self._connection, f"announcement:{announcement}")
        anew = commit_ends is None
        first = min(commit_ends or (0,))
        ends = sorted({record.commit_end for record in recorded if record.commit_end >= first})
        line = Line(announcement, recorded, () if anew else self._open(announcement))
        dated = dues.Dues(announcement, ()) if anew else dues.dues_of(self._connection, announcement)
        recorded_at = {record.commit_end: record.recorded_at for record in recorded}
        latest: Announcement | None = None
        for commit_end in ends:
            line.commit(commit_end)
            if line.latest is not None and line.latest is not latest:
                latest = line.latest
                dated.follow(latest, recorded_at[commit_end])
        dated.recorded(recorded)
        self._dues.extend(dated.rows())
        self._hold(line)
        if len(self._versions) > ROWS_HELD_MAX:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        connection = self._connection
        connection.executemany(_INSERT_CONTENT, self._contents)
        connection.executemany(_INSERT_SEARCHED, self._searched)
        connection.executemany(f"UPDATE announcement_version {_CLOSE}", self._closed)
        connection.executemany(f"UPDATE announcement_by {_CLOSE}", self._closed)
        connection.executemany(_INSERT_VERSION, self._versions)
        connection.executemany(_INSERT_BY, self._by)
        connection.executemany(_INSERT_FACET, sorted(self._facets))  # In order, for the tree's sake.
        dues.store(connection, self._dues)
        for rows in (self._contents, self._searched, self._closed, self._versions, self._by, self._dues):
            rows.clear()
        self._facets.clear()

    def _open(self, announcement: str) -> list[Version]:
        return [_version(*row) for row in self._connection.execute(_SELECT_OPEN, (announcement,))]

    def _hold(self, line: Line) -> None:
        texts = Texts()
        versions = [(closed.version, closed.rec_to) for closed in line.closed]
        versions += [(version, HEADLESS) for version in line.open]
        for version, rec_to in sorted(versions, key=lambda one: (one[0].rec_from, one[0].said_from)):
            if not version.content.id:
                self._describe(line.id, version, texts)
            texts.saw(version.content, rec_to)
            if not version.stored:
                self._versions.append(_row(line.id, version, rec_to))
                self._by.extend(_by(line.id, version, rec_to))
            elif rec_to != HEADLESS:
                self._closed.append((rec_to, line.id, version.said_to))

    def _describe(self, announcement: str, version: Version, texts: Texts) -> None:
        """Hold what a version is the first to have."""
        content = version.content
        self._content_id += 1
        content.id = self._content_id
        content.document = texts.document(content, version.rec_from)
        self._contents.append(
            (
                content.id,
                content.kind,
                content.position,
                content.dates,
                content.moves,
                content.slip_days,
                content.year,
                content.made_by,
                content.facets,
                content.words,
                content.json,
            )
        )
        self._searched.append((content.id, content.document, content.digest))
        if content.document == content.id:
            self.documents.hold(Document(version.rec_from, announcement, version.said_from, content.id))
        for facet in split_facets(content.facets):
            self._facets[facet, announcement] = None


def _row(announcement: str, version: Version, rec_to: int) -> tuple[object, ...]:
    content = version.content
    days = content.days
    return (
        announcement,
        rec_to,
        version.said_to,
        version.rec_from,
        version.said_from,
        days.day,
        days.last_day,
        days.first_day,
        days.begins,
        days.ends,
        content.timezone,
        content.due_at,
        content.overdue_at,
        content.state,
        content.id,
    )


def _by(announcement: str, version: Version, rec_to: int) -> Iterator[tuple[object, ...]]:
    """Yield the rows by which a version is counted: one for each actor whose announcement it is."""
    content = version.content
    actors = content.made_by.split()
    for actor in actors:
        yield (
            announcement,
            rec_to,
            version.said_to,
            actor,
            version.rec_from,
            version.said_from,
            int(len(actors) > 1),
            NO_YEAR if content.year is None else content.year,
            content.state,
            content.due_at,
            content.overdue_at,
            int(content.dates > 0),
            int(content.moves > 0),
            content.moves,
            content.slip_days,
        )


def _version(rec_from: int, said_from: str, said_to: str, *described: Any) -> Version:
    """Return a stored version: after its days come the other fields of what it holds."""
    values: dict[str, Any] = dict(zip(_DESCRIBED, described[_DAYS:], strict=True))
    return Version(
        rec_from=rec_from,
        said_from=said_from,
        said_to=said_to,
        content=Content(days=Days(*described[:_DAYS]), **values),
        stored=True,
    )
