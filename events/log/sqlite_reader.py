"""Reads of a database on a few threads, each with its own connection, never on the event loop."""

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import local
from typing import Final, TypeVar

import msgspec

from events.instants import Instant
from events.log.appending import receipt_for
from events.log.build import sqlite3
from events.log.entry import event_of
from events.log.files import Files
from events.log.merkle import Place
from events.log.port import STORED_EVENTS_MAX, Head, LogClosed, LogDamaged, Page, Query, ReadInvalid, Receipt
from events.log.reading import COMMITS_PAGE_BYTES, COMMITS_PAGE_MAX, HEADLESS, completing, nodes_of
from events.log.sqlite_append import fingerprint_of, known
from events.log.sqlite_errors import refusal
from events.log.sqlite_query import Sql, events_at, events_within, positions, these
from events.log.sqlite_tail import head_of, recorded_at_of, tree_at
from events.log.stored import StoredCommit, StoredEntry

READ_THREADS: Final = 4
_STORED: Final = """
SELECT entry, salt, data FROM event LEFT JOIN event_payload USING (position)
WHERE position BETWEEN ? AND ? ORDER BY position"""
_COMMITS: Final = """
SELECT number, key, position, size, recorded_at, note, fingerprint, checked FROM event_commit
WHERE number > ? ORDER BY number LIMIT ?"""
_ERASED: Final = "SELECT count(*) FROM erasure"
_ERASES: Final = "SELECT position FROM erasure WHERE erased_by = ? ORDER BY position"

T = TypeVar("T")


class Readers:
    """Runs functions of a read-only connection, each in a snapshot of its own."""

    def __init__(self, path: Path, *, files: Files) -> None:
        self._path = path
        self._files = files
        self._connections: list[sqlite3.Connection] = []
        self._own = local()
        self._closed = False
        self._threads = ThreadPoolExecutor(READ_THREADS, thread_name_prefix="log-reader")

    async def run(self, read: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `read` makes of one snapshot of the database."""
        if self._closed:
            raise LogClosed
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._in_snapshot, read)

    async def close(self) -> None:
        """Finish the reads under way and let go of the database."""
        self._closed = True
        await asyncio.to_thread(self._threads.shutdown)
        for connection in self._connections:
            connection.close()

    def _in_snapshot(self, read: Callable[[sqlite3.Connection], T]) -> T:
        try:
            connection = self._connection()
            connection.execute("BEGIN")
            try:
                return read(connection)
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            raise refusal(error) from error

    def _connection(self) -> sqlite3.Connection:
        """Return this thread's connection, made with its first read."""
        connection: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = self._files.connect(self._path, read_only=True)
            self._connections.append(connection)
        return connection


def outcome(connection: sqlite3.Connection, key: str, fingerprint: bytes | str | None) -> Receipt | None:
    """Return the receipt of the commit with this key, if it was given to this request."""
    found = known(connection, key)
    if found is None or fingerprint is None:
        return found and found[0]
    return receipt_for(found, key, fingerprint)


def page(
    connection: sqlite3.Connection, query: Query, *, after: int, upto: int | None, backwards: bool, limit: int
) -> Page:
    """Return a page of matching events, and the head of the same snapshot."""
    head = head_of(connection)
    if limit == 0:
        return Page(events=(), head=head)
    wanted = _wanted(connection, query, after, HEADLESS if upto is None else upto, backwards, limit)
    rows = connection.execute(*wanted).fetchall()
    try:
        events = tuple([event_of(entry, data) for entry, data in rows])
    except (msgspec.MsgspecError, UnicodeDecodeError, TypeError) as error:
        raise LogDamaged(f"an entry beyond {after} cannot be read: {error}; `dateline verify` names it") from error
    return Page(events=events, head=head)


def _wanted(connection: sqlite3.Connection, query: Query, after: int, upto: int, backwards: bool, limit: int) -> Sql:
    """Return SQL for the events of a page."""
    if query.everything:
        return events_within(after=after, upto=upto, backwards=backwards, limit=limit)
    found = positions(query, after=after, upto=upto, backwards=backwards, limit=limit)
    if len(found) > 1:
        together = {position for statement in found for (position,) in connection.execute(*statement)}
        found = [these(sorted(together, reverse=backwards)[:limit])]
    return events_at(found[0], backwards=backwards)


def erased(connection: sqlite3.Connection) -> int:
    """Return how many positions are erased."""
    (count,) = connection.execute(_ERASED).fetchone()
    return int(count)


def nodes(connection: sqlite3.Connection, places: Sequence[Place]) -> dict[Place, bytes]:
    """Return the hashes of complete nodes of the tree."""
    sql, values = these(completing(places))
    return nodes_of(
        places,
        dict(connection.execute(f"SELECT position, hashes FROM ({sql}) JOIN event_node USING (position)", values)),
    )


def stored(connection: sqlite3.Connection, first: int, last: int) -> tuple[StoredEntry, ...]:
    """Return the entries `first` to `last` as they are stored."""
    rows = connection.execute(_STORED, (first, last)).fetchall()
    if first < 1 or len(rows) != last - first + 1 or len(rows) > STORED_EVENTS_MAX:
        raise ReadInvalid(f"there are no entries {first} to {last}, or more than {STORED_EVENTS_MAX}")
    return tuple([StoredEntry(entry=entry, salt=salt, data=data) for entry, salt, data in rows])


def commits(connection: sqlite3.Connection, after: int) -> tuple[StoredCommit, ...]:
    """Return the commits whose number is above `after`, as many as fit a page, as they are stored."""
    found: list[StoredCommit] = []
    size_bytes = 0
    rows = connection.execute(_COMMITS, (after, COMMITS_PAGE_MAX))
    for row in rows:
        number, key, position, size, recorded_at, note, _, _ = row
        within = (position - size + 1, position)
        entries = tuple(
            StoredEntry(entry=entry, salt=salt, data=data)
            for entry, salt, data in (connection.execute(_STORED, within) if size else ())
        )
        found.append(
            StoredCommit(
                number=number,
                key=key,
                fingerprint=fingerprint_of(row),
                note=note or b"",
                position=position,
                recorded_at=recorded_at,
                entries=entries,
                erases=tuple(row[0] for row in connection.execute(_ERASES, (position,))) if size else (),
            )
        )
        size_bytes += sum(len(each.entry) + len(each.data or b"") for each in entries)
        if size_bytes > COMMITS_PAGE_BYTES:
            break
    return tuple(found)


def head(connection: sqlite3.Connection, log_id: str) -> Head:
    """Return the end of the log with its root."""
    position = head_of(connection)
    return Head(
        position=position,
        root=tree_at(connection, position).root(),
        log_id=log_id,
        recorded_at=recorded_at_of(connection, position),
    )


def position_at(connection: sqlite3.Connection, recorded_at: Instant) -> int:
    """Return the last position recorded at or before an instant: times never decrease, so halving finds it."""
    return bisect_right(
        range(1, head_of(connection) + 1),
        recorded_at,
        key=lambda position: recorded_at_of(connection, position) or "",
    )
