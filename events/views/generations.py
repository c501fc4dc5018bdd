"""The files of the views: generations, a pointer to the one in use, and connections that read it.

A generation is `<schema>-<n>.db`. `current` names the one in use and is replaced as a whole, so that a rebuild that
fails changes nothing. No database is ever renamed: that would part it from its write-ahead log.
"""

import os
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from events.log.build import sqlite3
from events.views.schema import SCHEMA, Connection, connect_build, connect_reader, connect_writer, migrate
from events.views.turns import ReadTooLong

READERS: Final = 4
STEPS: Final = 10_000
"""After so many steps of SQLite's machine, some 0.2 ms, it is asked whether it has taken too long."""
POINTER: Final = "current"
_SUFFIXES: Final = ("", "-wal", "-shm", "-journal")

T = TypeVar("T")


class Generation:
    """A generation in use: a connection that writes, and some that read. Closed once it is retired and nobody reads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer = connect_writer(path)
        self._idle: queue.SimpleQueue[Connection] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._leases = 1  # Its own, until it is retired.
        self._remove = False
        for _ in range(READERS):
            self._idle.put(connect_reader(path))

    def lease(self) -> None:
        """Keep it open until `release`."""
        with self._lock:
            self._leases += 1

    def release(self) -> None:
        """Give a lease back; the last one closes it."""
        with self._lock:
            self._leases -= 1
            last = self._leases == 0
        if last:
            self._close()

    def retire(self, *, remove: bool) -> None:
        """Close it once nobody reads, and with `remove` delete its files."""
        self._remove = remove
        self.release()

    def read(self, job: Callable[[Connection], T], limit_s: float | None = None) -> T:
        """Return what `job` makes of one state of the views. Blocks while all connections are in use.

        Raises `ReadTooLong` when SQLite is still at it after `limit_s` seconds.
        """
        connection = self._idle.get()
        ends_at = None if limit_s is None else time.monotonic() + limit_s
        if ends_at is not None:
            connection.set_progress_handler(lambda: time.monotonic() > ends_at, STEPS)
        try:
            connection.execute("BEGIN")
            return job(connection)
        except sqlite3.OperationalError:
            if limit_s is None or ends_at is None or time.monotonic() <= ends_at:
                raise
            raise ReadTooLong(limit_s) from None
        finally:
            connection.set_progress_handler(None, 0)
            connection.execute("ROLLBACK")
            self._idle.put(connection)

    def _close(self) -> None:
        for _ in range(READERS):
            self._idle.get().close()
        self.writer.close()
        if self._remove:
            remove(self.path)


def current(directory: Path) -> Path | None:
    """Return the generation that the pointer names; None where there is none of this schema."""
    try:
        path = directory / (directory / POINTER).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return path if path.parent == directory and path.name.startswith(f"{SCHEMA}-") and path.is_file() else None


def begin(directory: Path) -> Path:
    """Return the path of a new generation."""
    directory.mkdir(parents=True, exist_ok=True)
    numbers = [
        int(number) for path in directory.glob(f"{SCHEMA}-*.db") if (number := path.stem.split("-")[1]).isdigit()
    ]
    return directory / f"{SCHEMA}-{max(numbers, default=0) + 1}.db"


def open_build(path: Path) -> Connection:
    """Return a connection that fills a new generation, its tables made."""
    connection = connect_build(path)
    migrate(connection, stop_before="indexes")
    return connection


def finish_build(connection: Connection, path: Path) -> None:
    """Make a filled generation durable."""
    connection.close()
    _sync(path)


def abandon_build(connection: Connection, path: Path) -> None:
    """Delete a generation that was not finished."""
    connection.close()
    remove(path)


def point_to(path: Path) -> None:
    """Have the pointer name a generation: before or after a crash it names the old one or the new one."""
    pointer = path.parent / POINTER
    fresh = pointer.with_suffix(".new")
    fresh.write_text(path.name, encoding="ascii")
    _sync(fresh)
    os.replace(fresh, pointer)
    _sync(path.parent)


def remove_others(directory: Path, kept: Path | None) -> None:
    """Delete the generations that are not `kept`; nobody else may use the directory."""
    for path in directory.glob("*-*.db"):
        if path != kept:
            remove(path)


def remove(path: Path) -> None:
    """Delete the files of a generation."""
    for suffix in _SUFFIXES:
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def read_once(path: Path, reader: Callable[[Connection], T]) -> T | None:
    """Return what `reader` finds in a generation; None where it is damaged, so that it is rebuilt."""
    try:
        connection = connect_reader(path)
        try:
            return reader(connection)
        finally:
            connection.close()
    except sqlite3.DatabaseError:
        return None


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
