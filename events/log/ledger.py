"""The ledger of erasures: a file beside the log that says what must not come back, whatever backup is restored.

Each line is JSON: an erased entry with its leaf hash, an erased text by its SHA-256, or that all before it was seen to
be gone from the files. It is only ever added to, and each line is durable before the erasure is answered.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from events.instants import Instant
from events.log.files import Files, OpenFile
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
    """The ledger of one data directory. `entries` and `texts` are what it says was erased."""

    def __init__(self, path: Path, files: Files) -> None:
        """Read the file; raises `LogDamaged` when a line other than an unfinished last one is none."""
        content = files.read(path)
        self._path = path
        self._files = files
        self._file: OpenFile | None = None
        self._size = 0
        self.entries: list[ErasedEntry] = []
        self.texts: list[ErasedText] = []
        self._gone = 0
        whole, _, _ = (content or b"").rpartition(b"\n")  # A line that was cut off was never answered for.
        for number, line in enumerate(whole.splitlines(), start=1):
            try:
                self._take(_LINE.decode(line))
            except msgspec.MsgspecError as error:
                raise LogDamaged(f"line {number} of {path.name} is unreadable ({error}): restore the file") from None
        if content is not None:
            self._size = len(whole) + bool(whole)
            self._file = files.open(path)

    @property
    def pending(self) -> int:
        """How many entries are erased and were not yet seen to be gone from the files."""
        return len(self.entries) - self._gone

    def positions(self, log_id: str) -> dict[int, str]:
        """Return the leaf hash of each erased entry of a log, by position."""
        return {entry.position: entry.leaf for entry in self.entries if entry.log == log_id}

    def add(self, lines: Iterable[Line]) -> None:
        """Write lines at the end; durable when it returns."""
        added = list(lines)
        if not added:
            return
        content = b"".join(msgspec.json.encode(line) + b"\n" for line in added)
        if self._file is None:
            self._files.create(self._path, content)
            self._file = self._files.open(self._path)
        else:
            self._file.write(content, at=self._size)
        self._size += len(content)
        for line in added:
            self._take(line)

    def gone(self) -> None:
        """Take note that nothing of what was erased is left in the files."""
        if self.pending:
            self.add([Gone(entries=len(self.entries))])

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()

    def _take(self, line: Line) -> None:
        match line:
            case ErasedEntry():
                self.entries.append(line)
            case ErasedText():
                self.texts.append(line)
            case Gone():
                self._gone = line.entries
