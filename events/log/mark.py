"""The high-water mark: how far the log must reach at least, kept outside the database.

A database that lost its WAL opens without a complaint, only shorter. The mark is raised after each COMMIT and
before its answer, in two slots written in turn, so that a torn write leaves the other one readable.
"""

import struct
from pathlib import Path
from typing import Final
from uuid import UUID
from zlib import crc32

from msgspec import Struct

from events.log.files import Files
from events.log.port import LogDamaged

SLOT_BYTES: Final = 4096
_MAGIC: Final = b"dateline"
_BODY: Final = struct.Struct(">8s16sQQ32s")
_CHECK: Final = struct.Struct(">I")


class Mark(Struct, frozen=True, kw_only=True):
    """A point that was acknowledged: the head, the root there, and the number of commits up to it."""

    log_id: UUID
    position: int
    commits: int
    root: bytes


class MarkMissing(LogDamaged):
    """There is a log and no mark that says how far it must reach."""

    def __init__(self, *, head: int) -> None:
        super().__init__(
            f"the high-water mark is missing beside a log of {head} entries: restore the file `mark` from the same"
            " backup as log.db"
        )


class MarkFile:
    """The mark on disk. `mark` is what it says; None while there is no file."""

    def __init__(self, path: Path, files: Files) -> None:
        """Read the file; raises `LogDamaged` when it is there and neither slot is readable."""
        content = files.read(path)
        slots = _slots(content)
        self.mark = _latest(path, content, slots)
        self._path = path
        self._files = files
        self._next_slot = 0 if slots and slots[0] is not self.mark else 1
        self._file = files.open(path) if slots else None

    def raise_to(self, mark: Mark) -> None:
        """Put a higher mark into the older slot; durable when it returns."""
        if self._file is None:
            self.set(mark)
            return
        self._file.write(_encode(mark), at=self._next_slot * SLOT_BYTES)
        self._next_slot = 1 - self._next_slot
        self.mark = mark

    def set(self, mark: Mark) -> None:
        """Put a mark in place of both slots, lower than they were if need be; durable when it returns."""
        self.close()
        self._files.create(self._path, _encode(mark).ljust(2 * SLOT_BYTES, b"\x00"))
        self._file = self._files.open(self._path)
        self._next_slot = 1
        self.mark = mark

    def close(self) -> None:
        """Let go of the file."""
        file, self._file = self._file, None
        if file is not None:
            file.close()


def read_mark(path: Path, files: Files) -> Mark | None:
    """Return what a mark says, while it is raised perhaps; raises `LogDamaged` when neither slot is readable."""
    content = files.read(path)
    return _latest(path, content, _slots(content))


def _slots(content: bytes | None) -> list[Mark | None]:
    return [] if content is None else [_decode(content), _decode(content[SLOT_BYTES:])]


def _latest(path: Path, content: bytes | None, slots: list[Mark | None]) -> Mark | None:
    readable = [mark for mark in slots if mark is not None]
    if content is not None and not readable:
        raise LogDamaged(f"the high-water mark {path.name} is unreadable; restore it from a backup")
    return max(readable, key=_age, default=None)


def _encode(mark: Mark) -> bytes:
    body = _BODY.pack(_MAGIC, mark.log_id.bytes, mark.position, mark.commits, mark.root)
    return body + _CHECK.pack(crc32(body))


def _decode(slot: bytes) -> Mark | None:
    body = slot[: _BODY.size]
    check = slot[_BODY.size : _BODY.size + _CHECK.size]
    if len(check) < _CHECK.size or _CHECK.unpack(check)[0] != crc32(body):
        return None
    magic, log_id, position, commits, root = _BODY.unpack(body)
    if magic != _MAGIC:
        return None
    return Mark(log_id=UUID(bytes=log_id), position=position, commits=commits, root=root)


def _age(mark: Mark) -> tuple[int, int]:
    return mark.position, mark.commits
