"""The yardstick: plain `sqlite3`, of the same build and with the same settings, and the very rows that a log holds.

What it writes was recorded by us before: the rows are ready, in tables without triggers, and it has nothing to decide,
to hash, to hand over or to mark. What it reads are the columns that an event is made of, left as they are.
"""

import time
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from events.log.build import sqlite3
from events.log.files import Disk
from events.log.sqlite_writer import WAL_RESERVED_BYTES, configure

Rows = list[tuple[Any, ...]]

PAGE: Final = """
SELECT entry, data FROM event JOIN event_payload USING (position) WHERE position > ? ORDER BY position LIMIT ?"""
HISTORY: Final = """
SELECT entry, data FROM event_tag CROSS JOIN event USING (position) JOIN event_payload USING (position)
WHERE tag = ? ORDER BY position"""

_TABLES: Final = """
SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'event*' ORDER BY rowid"""
_SCHEMA: Final = """
SELECT sql FROM sqlite_schema WHERE tbl_name GLOB 'event*' AND type <> 'trigger' AND sql IS NOT NULL ORDER BY rowid"""
_COMMITS: Final = "SELECT position - size + 1, position FROM event_commit ORDER BY number"


class Copy:
    """The rows of a log, by commit, to be written again."""

    def __init__(self, log: Path) -> None:
        with closing(reading(log)) as connection:
            self._schema = [sql for (sql,) in connection.execute(_SCHEMA)]
            tables = [name for (name,) in connection.execute(_TABLES)]
            self._inserts = [_insert(connection, table) for table in tables]
            commits = connection.execute(_COMMITS).fetchall()
            self._transactions = [[_rows(connection, table, *commit) for table in tables] for commit in commits]

    def write(self, path: Path) -> float:
        """Write each commit in a transaction of its own, into a new database; return the seconds that took."""
        with closing(Disk().connect(path)) as connection:
            configure(connection)
            for statement in self._schema:
                connection.execute(statement)
            Disk().reserve(path.with_name(f"{path.name}-wal"), WAL_RESERVED_BYTES)
            began = time.perf_counter()
            for transaction in self._transactions:
                connection.execute("BEGIN IMMEDIATE")
                for insert, rows in zip(self._inserts, transaction, strict=True):
                    connection.executemany(insert, rows)
                connection.execute("COMMIT")
            return time.perf_counter() - began


def reading(path: Path) -> sqlite3.Connection:
    """Return a connection that only reads."""
    return Disk().connect(path, read_only=True)


def _insert(connection: sqlite3.Connection, table: str) -> str:
    columns = connection.execute(f"SELECT * FROM {table} LIMIT 0").description
    return f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})"


def _rows(connection: sqlite3.Connection, table: str, first: int, last: int) -> Rows:
    return connection.execute(f"SELECT * FROM {table} WHERE position BETWEEN ? AND ?", (first, last)).fetchall()
