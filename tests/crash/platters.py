"""What a power cut leaves: of all that was not yet synced, any sector may be new, old or garbled.

A file that was written to since its last sync shows, sector by sector, how it was at some moment since then, each
sector at a moment of its own; so does its size. A sector of which some bytes were being written may hold anything in
*these* bytes. The others stay: SQLite counts on that, and calls it powersafe overwrite.

Names that were made, moved or removed since the last sync of their directory may be as before, one by one, whether or
not the file itself was synced: POSIX promises no more.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Final

from tests.crash.disk import Call, Image, parent_of, put, resize

SECTORS: Final = (512, 4096)
STYLES: Final = ("lost", "kept", "mixed", "mixed", "garbled")
"""What becomes of the un-synced, drawn once a cut: each finds other faults than the rest."""
GARBLED_SHARE: Final = 0.2

CONTENT_CALLS: Final = frozenset({"write", "truncate"})
NAME_CALLS: Final = frozenset({"create", "delete", "rename", "mkdir"})


@dataclass(slots=True)
class _Content:
    durable: bytearray
    pending: list[Call] = field(default_factory=list)


class Platters:
    """The durable part of a disk, and what waits to become it, after a number of calls."""

    def __init__(self, image: Image) -> None:
        self._contents: dict[int, _Content] = {}
        self._names: dict[str, int] = {}
        self._directories = set(image.directories)
        self._pending_names: list[Call] = []
        for number, (name, content) in enumerate(sorted(image.files.items())):
            self._contents[number] = _Content(bytearray(content))
            self._names[name] = number

    def apply(self, call: Call) -> None:
        """Make one more call of the trace."""
        if call.call in NAME_CALLS:
            self._pending_names.append(call)
        elif call.call in CONTENT_CALLS:
            self._content(call.node).pending.append(call)
        elif call.call == "failed sync":
            self._content(call.node).pending.clear()  # What was to be written is read from memory, for ever unwritten.
        elif call.node < 0:
            self._sync_names(call.file)
        else:
            self._sync_content(call.node)

    def cut(self, random: Random, torn: Call | None = None) -> Image:
        """Return what may lie on the disk when the power goes now; `torn` is a write that was under way."""
        style, sector = random.choice(STYLES), random.choice(SECTORS)
        names, directories = self._surviving_names(random, style)
        files: dict[str, bytes] = {}
        for name, number in names.items():
            if _is_within(name, directories):
                content = self._content(number)
                under_way = torn if torn is not None and torn.node == number else None
                files[name] = _surviving(content, under_way, random, style, sector)
        return Image(directories=frozenset(each for each in directories if _is_within(each, directories)), files=files)

    def _content(self, number: int) -> _Content:
        return self._contents.setdefault(number, _Content(bytearray()))

    def _sync_content(self, number: int) -> None:
        content = self._content(number)
        for call in content.pending:
            _change(content.durable, call)
        content.pending.clear()

    def _sync_names(self, directory: str) -> None:
        waiting, self._pending_names = self._pending_names, []
        for call in waiting:
            if parent_of(call.file) == directory:
                _rename(self._names, self._directories, call)
            else:
                self._pending_names.append(call)

    def _surviving_names(self, random: Random, style: str) -> tuple[dict[str, int], set[str]]:
        names, directories = dict(self._names), set(self._directories)
        for call in self._pending_names:
            if style == "kept" or (style != "lost" and random.random() < 0.5):
                _rename(names, directories, call)
        return names, directories


def _rename(names: dict[str, int], directories: set[str], call: Call) -> None:
    match call.call:
        case "mkdir":
            directories.add(call.file)
        case "create":
            names[call.file] = call.node
        case "delete":
            names.pop(call.file, None)
            directories.discard(call.file)
        case "rename":
            names.pop(call.file, None)
            names[call.target] = call.node


def _is_within(name: str, directories: set[str]) -> bool:
    parent = parent_of(name)
    return parent == name or (parent in directories and _is_within(parent, directories))


def _change(content: bytearray, call: Call) -> None:
    if call.call == "write":
        put(content, call.content, call.at)
    else:
        resize(content, call.size)


def _surviving(content: _Content, torn: Call | None, random: Random, style: str, sector: int) -> bytes:
    if torn is not None:
        return _torn(_surviving(content, None, random, style, sector), torn, random, sector)
    if style == "lost" or not content.pending:
        return bytes(content.durable)
    if style == "kept":
        left = bytearray(content.durable)
        for call in content.pending:
            _change(left, call)
        return bytes(left)
    left = _mixed(content, random, sector)
    if style == "garbled":
        _garble(left, content.pending, random, sector)
    return bytes(left)


def _mixed(content: _Content, random: Random, sector: int) -> bytearray:
    """Return the file with each sector, and the size, as of a moment of its own since the last sync."""
    count = len(content.pending)
    moments: dict[int, int] = {}
    size, size_moment = len(content.durable), random.randint(0, count)
    left = bytearray(content.durable)
    for index, call in enumerate(content.pending):
        if call.call == "truncate":
            if index < size_moment:
                size = call.size
                left[size:] = bytes(max(0, len(left) - size))
            continue
        for number, start, end in _sectors(call, sector):
            if index < moments.setdefault(number, random.randint(0, count)):
                put(left, call.content[start - call.at : end - call.at], start)
        if index < size_moment:
            size = max(size, call.at + len(call.content))
    resize(left, size)
    return left


def _garble(left: bytearray, pending: list[Call], random: Random, sector: int) -> None:
    for call in pending:
        if call.call == "write":
            for _, start, end in _sectors(call, sector):
                if random.random() < GARBLED_SHARE and end <= len(left):
                    left[start:end] = _nonsense(bytes(left[start:end]), random)


def _torn(before: bytes, torn: Call, random: Random, sector: int) -> bytes:
    """Return the file with a part of a write: some of its sectors, or of one sector some bytes."""
    left = bytearray(before)
    parts = list(_sectors(torn, sector))
    kept = [part for part in parts if random.random() < 0.5]
    if len(kept) in (0, len(parts)):
        length = random.randint(0, len(torn.content) - 1)
        put(left, torn.content[:length], torn.at)
        if random.random() < 0.5:
            put(left, _nonsense(torn.content[length:], random), torn.at + length)
    for _, start, end in kept if len(kept) < len(parts) else []:
        put(left, torn.content[start - torn.at : end - torn.at], start)
    return bytes(left)


def _nonsense(content: bytes, random: Random) -> bytes:
    match random.randrange(3):
        case 0:
            return bytes(len(content))
        case 1:
            return random.randbytes(len(content))
        case _:
            garbled = bytearray(content)
            if garbled:
                garbled[random.randrange(len(garbled))] ^= 1 << random.randrange(8)
            return bytes(garbled)


def _sectors(call: Call, sector: int) -> Iterator[tuple[int, int, int]]:
    """Yield (number, start, end) of the part of each sector that a write covers."""
    end = call.at + len(call.content)
    for number in range(call.at // sector, -(-end // sector)):
        yield number, max(call.at, number * sector), min(end, (number + 1) * sector)
