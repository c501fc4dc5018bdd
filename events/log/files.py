"""The few things an engine asks of the disk, so that a test can put a failing disk in its place."""

import fcntl
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from events.log.build import sqlite3

BUSY_TIMEOUT_S: Final = 5.0
STATEMENTS_CACHED: Final = 256
PIECE_BYTES: Final = 1024 * 1024


class OpenFile(Protocol):
    """A file that is kept open.

    A database that is in use is opened and closed by nobody but SQLite: with the first descriptor that a process
    closes of a file, a mapping's too, it loses all its locks on it (POSIX). What looks into one stays open until SQLite
    is done with it.
    """

    def write(self, content: bytes, *, at: int) -> None:
        """Write at an offset; durable when it returns."""
        ...

    def holds(self, wanted: Iterable[bytes]) -> bool:
        """Say whether any of these bytes are anywhere in the file, which is not empty."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


class Files(Protocol):
    """The disk below an engine."""

    def connect(self, path: Path, *, read_only: bool = False) -> sqlite3.Connection:
        """Open a database in autocommit mode, for use from any one thread at a time."""
        ...

    def exists(self, path: Path) -> bool:
        """Say whether there is a file or a directory."""
        ...

    def make_directory(self, path: Path) -> None:
        """Make a directory that only its owner may enter, where there is none; durable when it returns."""
        ...

    def sync_directory(self, path: Path) -> None:
        """Make durable which files and directories a directory holds."""
        ...

    def lock(self, path: Path) -> OpenFile | None:
        """Open a file, made where there is none, that one process holds until it closes it; None when another does."""
        ...

    def read(self, path: Path) -> bytes | None:
        """Return the whole file, or None when there is none."""
        ...

    def create(self, path: Path, content: bytes) -> None:
        """Put a file in place, whole or not at all; durable when it returns."""
        ...

    def reserve(self, path: Path, size: int) -> None:
        """Fill an existing file up with zeros to at least `size` bytes; durable when it returns."""
        ...

    def renew(self, path: Path) -> None:
        """Write a file's content over itself; durable when it returns. No file is no error.

        What a sync could not write, Linux keeps in memory as if it had been written: it is read, and lost by a power
        cut, whatever later syncs say.
        """
        ...

    def open(self, path: Path) -> OpenFile:
        """Open an existing file for writing."""
        ...

    def names(self, path: Path) -> list[str]:
        """Return the names of what a directory holds."""
        ...

    def remove(self, path: Path) -> None:
        """Remove a file, or a directory with what it holds; durable when it returns. None there is no error."""
        ...


class Disk:
    """The real disk."""

    def connect(self, path: Path, *, read_only: bool = False) -> sqlite3.Connection:
        """Open a database in autocommit mode, for use from any one thread at a time."""
        mode = "ro" if read_only else "rwc"
        return sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=BUSY_TIMEOUT_S,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=STATEMENTS_CACHED,
        )

    def exists(self, path: Path) -> bool:
        """Say whether there is a file or a directory."""
        return path.exists()

    def make_directory(self, path: Path) -> None:
        """Make a directory that only its owner may enter, where there is none; durable when it returns."""
        missing = [folder for folder in (path, *path.parents) if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(mode=0o700 if folder == path else 0o777, exist_ok=True)
            self.sync_directory(folder.parent)
        if not missing:  # Whoever made it may have been cut off before it was durable.
            with suppress(PermissionError):
                self.sync_directory(path.parent)

    def sync_directory(self, path: Path) -> None:
        """Make durable which files and directories a directory holds."""
        directory = os.open(path, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def lock(self, path: Path) -> OpenFile | None:
        """Open a file, made where there is none, that one process holds until it closes it; None when another does."""
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        return _DiskFile(lock)

    def read(self, path: Path) -> bytes | None:
        """Return the whole file, or None when there is none."""
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None

    def create(self, path: Path, content: bytes) -> None:
        """Put a file in place, whole or not at all; durable when it returns."""
        unfinished = path.with_name(f"{path.name}.new")
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        self.sync_directory(path.parent)  # A rename is durable only once its directory is.

    def reserve(self, path: Path, size: int) -> None:
        """Fill an existing file up with zeros to at least `size` bytes; durable when it returns."""
        with path.open("r+b") as file:
            file.write(bytes(max(0, size - file.seek(0, os.SEEK_END))))
            file.flush()
            os.fsync(file.fileno())

    def renew(self, path: Path) -> None:
        """Write a file's content over itself; durable when it returns. No file is no error."""
        try:
            file = path.open("r+b", buffering=0)
        except FileNotFoundError:
            return
        with file:
            at = 0
            while content := os.pread(file.fileno(), PIECE_BYTES, at):
                at += os.pwrite(file.fileno(), content, at)
            os.fsync(file.fileno())

    def open(self, path: Path) -> OpenFile:
        """Open an existing file for writing."""
        return _DiskFile(os.open(path, os.O_RDWR))

    def names(self, path: Path) -> list[str]:
        """Return the names of what a directory holds."""
        return os.listdir(path)

    def remove(self, path: Path) -> None:
        """Remove a file, or a directory with what it holds; durable when it returns. None there is no error."""
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        self.sync_directory(path.parent)


class _DiskFile:
    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def write(self, content: bytes, *, at: int) -> None:
        written = os.pwrite(self._descriptor, content, at)
        if written != len(content):
            raise OSError(f"{written} of {len(content)} bytes were written")
        _sync_data(self._descriptor)

    def holds(self, wanted: Iterable[bytes]) -> bool:
        looked_for = list(wanted)
        overlap = max(map(len, looked_for), default=1) - 1
        at, before = 0, b""
        while piece := os.pread(self._descriptor, PIECE_BYTES, at):
            if any(each in before + piece for each in looked_for):
                return True
            at, before = at + len(piece), (before + piece)[-overlap:] if overlap else b""
        return False

    def close(self) -> None:
        os.close(self._descriptor)


def _sync_data(descriptor: int) -> None:
    sync = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync.
    sync(descriptor)
