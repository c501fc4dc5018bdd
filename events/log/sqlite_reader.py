"""Reads of a database on a few threads, each with its own connection, never on the event loop."""

import asyncio
from bisect import bisect_right
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import local
from typing import Final, TypeVar

from events.instants import Instant
from events.log.build import sqlite3
from events.log.entry import event_of
from events.log.files import Files
from events.log.port import PAGE_EVENTS_MAX, Head, LogClosed, Page, Query, ReadInvalid, Receipt
from events.log.sqlite_append import known, receipt_for
from events.log.sqlite_errors import refusal
from events.log.sqlite_query import HEADLESS, events_at, positions, these
from events.log.sqlite_tail import head_of, recorded_at_of, tree_at

READ_THREADS: Final = 4

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
                connection.execute("ROLLBACK")
        except sqlite3.DatabaseError as error:
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
    found = positions(query, after=after, upto=HEADLESS if upto is None else upto, backwards=backwards, limit=limit)
    if len(found) > 1:
        together = {position for statement in found for (position,) in connection.execute(*statement)}
        found = [these(sorted(together, reverse=backwards)[:limit])]
    rows = connection.execute(*events_at(found[0], backwards=backwards)).fetchall()
    return Page(events=tuple([event_of(entry, data) for entry, data in rows]), head=head)


def require_window(*, after: int, upto: int | None, limit: int) -> None:
    """Raise `ReadInvalid` for a limit or a position that no read can have."""
    if not 0 <= limit <= PAGE_EVENTS_MAX:
        raise ReadInvalid(f"a limit is 0 to {PAGE_EVENTS_MAX}, not {limit}")
    if not 0 <= after < HEADLESS or not 0 <= (upto or 0) <= HEADLESS:
        raise ReadInvalid(f"positions are 0 and more, not after {after} up to {upto}")


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
