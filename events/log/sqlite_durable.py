"""A COMMIT that returns only once it is on the disk: asked for, and then read back."""

from pathlib import Path
from typing import Final

from events.log.build import sqlite3
from events.log.files import Files
from events.log.port import LogUnavailable

_WANTED: Final = ("wal", 2)  # Two is FULL: the write-ahead log is synced by every COMMIT.


def make_durable(connection: sqlite3.Connection, *, file: str) -> None:
    """Have every COMMIT of this connection synced before it returns; raises `LogUnavailable` where it would not be.

    SQLite passes over a setting it cannot have without an error, such as WAL on some network disks.
    """
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    (journal_mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    (synchronous,) = connection.execute("PRAGMA synchronous").fetchone()
    if (journal_mode, synchronous) != _WANTED:
        raise LogUnavailable(
            f"a commit to {file} would not survive a power cut: SQLite has journal_mode {journal_mode} and "
            f"synchronous {synchronous} there, not wal and 2; put the data directory on a local disk"
        )


def keep_wal(path: Path, files: Files) -> None:
    """Make the write-ahead log that a crash left durable, before anything is built on it.

    It may be there in memory only: what a sync could not write, Linux reads on as if it had, and loses with the power.
    It is put in place anew, not written over: what is durable already is not risked.
    """
    content = files.read(wal_of(path))
    if content:
        files.create(wal_of(path), content)


def wal_of(path: Path) -> Path:
    """Return where the write-ahead log of a database is."""
    return path.with_name(f"{path.name}-wal")
