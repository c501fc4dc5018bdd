"""The ledger of erasures: a file beside the log that says what must not come back, whatever backup is restored.

The first line is the CRC-32 of all that follows. Each further one is JSON: an erased entry with its leaf hash, an
erased text by its SHA-256, or that all before it was seen to be gone from the files. Lines are only ever added, each
durable before the erasure is answered. The file is put in place anew each time: of a part of a line that a power cut
left it could not be told whether it is unfinished or damaged.
"""

from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import Final

import msgspec
from msgspec import Struct

from events.instants import Instant
from events.log.checks import framed, unframed
from events.log.files import Files
from events.log.port import LogDamaged


class ErasedEntry(Struct, frozen=True, kw_only=True, tag_field="erased", tag="entry"):
    """The data of an entry was erased."""

    log: str
    position: int
    leaf: str
    at: Instant


class ErasedText(Struct, frozen=True, kw_only=True, tag_field="erased", tag="text"):
    """The text of a source was erased."""

    sha256: str
    at: Instant


class Gone(Struct, frozen=True, kw_only=True, tag_field="erased", tag="gone"):
    """Of the first `entries` erased entries nothing was left in the files."""

    entries: int


Line = ErasedEntry | ErasedText | Gone
_LINE: Final = msgspec.json.Decoder(Line)


class Ledger:
    """The ledger of one data directory. `entries` and `texts` are what it says was erased.

    Several threads may add to it.
    """

    def __init__(self, path: Path, files: Files) -> None:
        """Read the file; raises `LogDamaged` when it is not what was written."""
        self._path = path
        self._files = files
        self._adding = Lock()
        self._lines = b""
        self.entries: list[ErasedEntry] = []
        self.texts: list[ErasedText] = []
        self._gone = 0
        content = files.read(path)
        if content is not None:
            lines = unframed(content)
            if lines is None:
                raise LogDamaged(f"{path.name} is not what was written: restore it from the same backup as log.db")
            self._lines = lines
            try:
                for line in self._lines.splitlines():
                    self._take(_LINE.decode(line))
            except msgspec.MsgspecError as error:
                raise LogDamaged(f"{path.name} says what this program does not know ({error})") from None

    @property
    def pending(self) -> int:
        """How many entries are erased and were not yet seen to be gone from the files."""
        return len(self.entries) - self._gone

    def positions(self, log_id: str) -> dict[int, str]:
        """Return the leaf hash of each erased entry of a log, by position."""
        return {entry.position: entry.leaf for entry in self.entries if entry.log == log_id}

    def add(self, lines: Iterable[Line]) -> None:
        """Add lines at the end; durable when it returns."""
        added = list(lines)
        if not added:
            return
        with self._adding:
            content = self._lines + b"".join(msgspec.json.encode(line) + b"\n" for line in added)
            self._files.create(self._path, framed(content))
            self._lines = content
            for line in added:
                self._take(line)

    def gone(self) -> None:
        """Take note that nothing of what was erased is left in the files."""
        if self.pending:
            self.add([Gone(entries=len(self.entries))])

    def back(self) -> None:
        """Take note that a backup may have brought what was erased into the files again."""
        if self.pending < len(self.entries):
            self.add([Gone(entries=0)])

    def _take(self, line: Line) -> None:
        match line:
            case ErasedEntry():
                self.entries.append(line)
            case ErasedText():
                self.texts.append(line)
            case Gone():
                self._gone = line.entries
