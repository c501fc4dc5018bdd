"""The mutable state beside the log: `state.db`, one thread, one value at a time."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from events.log.build import sqlite3
from events.log.files import Files
from events.log.formats import Aside, set_state_format, state_up_to_date
from events.log.port import PAGE_EVENTS_MAX, LogClosed, ReadInvalid
from events.log.sqlite_durable import keep_wal, make_durable
from events.log.sqlite_errors import refusal
from events.log.state import STATE_VALUE_BYTES_MAX, StateConflict, StateRecord, StateTooLarge

# AUTOINCREMENT never gives a version again, so a value that was deleted and put anew is told from the old one.
_TABLE: Final = """CREATE TABLE state (
  version INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL, value BLOB NOT NULL,
  UNIQUE (kind, id)
)"""
_IS_THERE: Final = "SELECT 1 FROM sqlite_schema WHERE name = 'state'"
_GET: Final = "SELECT kind, id, value, version FROM state WHERE kind = ? AND id = ?"
_LIST: Final = "SELECT kind, id, value, version FROM state WHERE kind = ? AND id > ? ORDER BY id LIMIT ?"

T = TypeVar("T")


class SqliteState:
    """`State` in a database of its own."""

    def __init__(self, path: Path, *, files: Files) -> None:
        """Open the database.

        Raises `LogDamaged` when it is none, `LogUnavailable` when it cannot be opened, or would not be durable, and
        `FormatNewer`.
        """
        self._closed = False
        keep_wal(path, files)
        try:
            self._connection = files.connect(path)
        except sqlite3.DatabaseError as error:
            raise refusal(error, file=path.name) from error
        try:
            make_durable(self._connection, file=path.name)
            self._connection.execute("PRAGMA secure_delete = ON")
            if self._connection.execute(_IS_THERE).fetchone():
                state_up_to_date(self._connection, Aside(path.parent, files))
            else:
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.execute(_TABLE)
                set_state_format(self._connection)
                self._connection.execute("COMMIT")
        except BaseException as error:
            self._connection.close()
            if isinstance(error, sqlite3.DatabaseError):
                raise refusal(error, file=path.name) from error
            raise
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="state")

    async def get(self, kind: str, record_id: str) -> StateRecord | None:
        """Return the value, or None when there is none."""
        return await self._run(lambda: self._get(kind, record_id))

    async def put(self, kind: str, record_id: str, value: bytes, *, expected: int | None) -> int:
        """Store the value where `expected` holds and return its version."""
        if len(value) > STATE_VALUE_BYTES_MAX:
            raise StateTooLarge(kind=kind, record_id=record_id, size=len(value))
        return await self._run(lambda: self._change(kind, record_id, value, expected))

    async def delete(self, kind: str, record_id: str, *, expected: int | None = None) -> None:
        """Remove the value where `expected` holds."""
        await self._run(lambda: self._change(kind, record_id, None, expected))

    async def purge(self) -> None:
        """Write the database anew, without what pages that were once split keep of other pages' rows."""
        await self._run(self._purge)

    async def list(self, kind: str, *, after: str = "", limit: int = PAGE_EVENTS_MAX) -> tuple[StateRecord, ...]:
        """Return up to `limit` values of a kind with an id greater than `after`, by id."""
        if not 0 <= limit <= PAGE_EVENTS_MAX:
            raise ReadInvalid(f"a limit is 0 to {PAGE_EVENTS_MAX}, not {limit}")
        return await self._run(lambda: self._list(kind, after, limit))

    async def close(self) -> None:
        """Finish what was asked for and let go of the database."""
        self._closed = True
        await asyncio.to_thread(self._thread.shutdown)
        self._connection.close()

    async def _run(self, work: Callable[[], T]) -> T:
        if self._closed:
            raise LogClosed
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except sqlite3.DatabaseError as error:
            raise refusal(error, file="state.db") from error

    def _purge(self) -> None:
        self._connection.execute("VACUUM")
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _get(self, kind: str, record_id: str) -> StateRecord | None:
        row = self._connection.execute(_GET, (kind, record_id)).fetchone()
        return None if row is None else _state_record(row)

    def _list(self, kind: str, after: str, limit: int) -> tuple[StateRecord, ...]:
        return tuple(_state_record(row) for row in self._connection.execute(_LIST, (kind, after, limit)))

    def _change(self, kind: str, record_id: str, value: bytes | None, expected: int | None) -> int:
        """Replace or remove a value; return the new version, 0 when it was removed."""
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            stored = self._get(kind, record_id)
            found = 0 if stored is None else stored.version
            if expected not in (None, found):
                raise StateConflict(kind=kind, record_id=record_id, expected=expected, found=found)
            connection.execute("DELETE FROM state WHERE version = ?", (found,))
            version = 0
            if value is not None:
                insert = "INSERT INTO state (kind, id, value) VALUES (?, ?, ?)"
                version = connection.execute(insert, (kind, record_id, value)).lastrowid or 0
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        if found:
            # What was there is overwritten in the database, yet the write-ahead log may hold it from when it was put.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return version


def _state_record(row: tuple[str, str, bytes, int]) -> StateRecord:
    kind, record_id, value, version = row
    return StateRecord(kind=kind, id=record_id, value=value, version=version)
