"""The file of a backup: a tar that every program opens, with a manifest and the SHA-256 of each part.

It is not compressed: a damaged byte then spoils one part and no other, a tool that keeps only what changed finds what
did not, and a machine with one processor goes on answering. `tar xf FILE && sha256sum -c SHA256SUMS` checks it too; who
packs it with gzip or xz afterwards can give it to `restore` like that.
"""

import hashlib
import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from gzip import BadGzipFile
from io import BufferedWriter, BytesIO, FileIO
from lzma import LZMAError
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final
from zlib import error as ZlibError  # noqa: N812 - it is a class.

import msgspec
from msgspec import Struct

from events.errors import DatelineError
from events.instants import Instant, to_microseconds

if TYPE_CHECKING:
    from typing_extensions import Buffer

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
SUMS: Final = "SHA256SUMS"
MANIFEST_BYTES_MAX: Final = 64 * 1024
BLOCK_BYTES: Final = 1024 * 1024
SYNC_BYTES: Final = 8 * 1024 * 1024
"""So much is written before it is synced, so that the log's own syncs never wait behind a whole backup."""
MODE: Final = 0o600

Tell = Callable[[int, int], None]
"""Is told how much is done, and of how much."""


class BackupUnreadable(DatelineError):
    """A file is no backup, or not as it was written."""

    code = "backup-unreadable"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} {reason}")
        self.path = path


class Part(Struct, frozen=True, kw_only=True):
    """One file of a backup."""

    name: str
    bytes: int
    sha256: str


class Manifest(Struct, frozen=True, kw_only=True):
    """What a backup holds: the log `log` up to `position` in `commits` commits, with the tree's root in hexadecimal.

    `recorded_at` is when the last entry was recorded, `made_at` when the backup was made, by the program `version`.
    """

    dateline_backup: int
    log: str
    position: int
    commits: int
    root: str
    recorded_at: Instant | None
    made_at: Instant
    version: str
    parts: tuple[Part, ...]


class _Format(Struct, frozen=True):
    dateline_backup: int


_FORMAT: Final = msgspec.json.Decoder(_Format)
_MANIFEST: Final = msgspec.json.Decoder(Manifest)


def part_of(path: Path) -> Part:
    """Return the name, size and checksum of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Part(name=path.name, bytes=file.tell(), sha256=digest)


def write_archive(path: Path, folder: Path, manifest: Manifest) -> None:
    """Write a backup of the files in a folder, for its owner's eyes alone; durable when it returns."""
    told = msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"
    sums = [(hashlib.sha256(told).hexdigest(), MANIFEST), *((part.sha256, part.name) for part in manifest.parts)]
    at = to_microseconds(manifest.made_at) // 1_000_000
    with _written(path) as out, tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(_member(MANIFEST, len(told), at), BytesIO(told))
        for part in manifest.parts:
            with (folder / part.name).open("rb") as content:
                tar.addfile(_member(part.name, part.bytes, at), content)
        listed = "".join(f"{digest}  {name}\n" for digest, name in sums).encode()
        tar.addfile(_member(SUMS, len(listed), at), BytesIO(listed))


def read_manifest(path: Path) -> Manifest:
    """Return what a backup says that it holds; raises `BackupUnreadable`, and `OSError` when it cannot be opened."""
    with _opened(path) as tar:
        return _manifest(path, tar)[0]


def check_archive(path: Path, tell: Tell) -> Manifest:
    """Read a backup to its end and compare every checksum. Raises what `extract` raises."""
    with _opened(path) as tar:
        return _read(path, tar, None, tell)


def extract(path: Path, folder: Path, tell: Tell) -> Manifest:
    """Write the parts of a backup into a folder, whose checksums are compared on the way; the files are synced.

    Raises `BackupUnreadable`: the file is none, is damaged or cut off, or is of a newer format.
    """
    with _opened(path) as tar:
        return _read(path, tar, folder, tell)


def _read(path: Path, tar: tarfile.TarFile, folder: Path | None, tell: Tell) -> Manifest:
    manifest, digest = _manifest(path, tar)
    sums = {MANIFEST: digest}
    done, total = 0, sum(part.bytes for part in manifest.parts)
    for part in manifest.parts:
        for size in _blocks(path, tar, part, folder, sums):
            done += size
            tell(done, total)
        if sums[part.name] != part.sha256:
            raise BackupUnreadable(path, f"is damaged: {part.name} is not as it was written")
    listed = "".join(f"{digest}  {name}\n" for name, digest in sums.items()).encode()
    if _content(path, tar, SUMS) != listed:
        raise BackupUnreadable(path, f"is damaged: {MANIFEST} or {SUMS} is not as it was written")
    return manifest


def _blocks(path: Path, tar: tarfile.TarFile, part: Part, folder: Path | None, sums: dict[str, str]) -> Iterator[int]:
    """Read a part, write it into the folder if there is one, and note its checksum; yield how much was read."""
    member = _next(path, tar, part.name)
    if member.size != part.bytes or Path(part.name).name != part.name:
        raise BackupUnreadable(path, f"is damaged: {part.name} has {member.size} bytes, and should have {part.bytes}")
    digest = hashlib.sha256()
    with _source(path, tar, member) as source, _target(folder, part.name) as target:
        left = part.bytes
        while left:
            block = source.read(min(BLOCK_BYTES, left))
            if not block:
                raise BackupUnreadable(path, f"ends too early, in {part.name}")
            digest.update(block)
            if target is not None:
                target.write(block)
            left -= len(block)
            yield len(block)
    sums[part.name] = digest.hexdigest()


def _manifest(path: Path, tar: tarfile.TarFile) -> tuple[Manifest, str]:
    """Return the manifest and its checksum."""
    content = _content(path, tar, MANIFEST)
    try:
        found = _FORMAT.decode(content).dateline_backup
        if found > FORMAT:
            raise BackupUnreadable(path, f"has format {found}, written by a newer Dateline; install that one")
        return _MANIFEST.decode(content), hashlib.sha256(content).hexdigest()
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BackupUnreadable(path, f"is damaged: its {MANIFEST} cannot be read ({error})") from None


def _content(path: Path, tar: tarfile.TarFile, name: str) -> bytes:
    member = _next(path, tar, name)
    if member.size > MANIFEST_BYTES_MAX:
        raise BackupUnreadable(path, f"is no backup of Dateline: its {name} has {member.size} bytes")
    with _source(path, tar, member) as source:
        return source.read()


def _next(path: Path, tar: tarfile.TarFile, name: str) -> tarfile.TarInfo:
    member = tar.next()
    if member is None or member.name != name or not member.isreg():
        found = "ends" if member is None else f"goes on with {member.name[:100]!r}"
        what = "is no backup of Dateline, which begins with" if name == MANIFEST else f"is damaged: it {found} before"
        raise BackupUnreadable(path, f"{what} {name}")
    return member


def _member(name: str, size: int, at: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = size, at, MODE
    return member


def _source(path: Path, tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    source = tar.extractfile(member)
    if source is None:
        raise BackupUnreadable(path, f"is damaged: {member.name} is no file")
    return source


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    with path.open("rb") as file:
        _forget(file.fileno())
        try:
            with tarfile.open(fileobj=file, mode="r:*") as tar:
                yield tar
        except (tarfile.TarError, EOFError, BadGzipFile, LZMAError, ZlibError):
            raise BackupUnreadable(path, "is no backup of Dateline, or is damaged or cut off") from None


@contextmanager
def _target(folder: Path | None, name: str) -> Iterator[IO[bytes] | None]:
    if folder is None:
        yield None
        return
    with _written(folder / name) as target:
        yield target


@contextmanager
def _written(path: Path) -> Iterator[IO[bytes]]:
    """Make a file for its owner's eyes alone; durable at the end."""
    with _Paced(FileIO(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE), "wb")) as file:
        yield file
        file.sync()


class _Paced(BufferedWriter):
    """Syncs what was written now and then."""

    def __init__(self, raw: FileIO) -> None:
        super().__init__(raw, BLOCK_BYTES)
        self._unsynced = 0

    def write(self, content: "Buffer") -> int:
        written = super().write(content)
        self._unsynced += written
        if self._unsynced >= SYNC_BYTES:
            self.sync()
        return written

    def sync(self) -> None:
        self.flush()
        os.fsync(self.fileno())
        self._unsynced = 0


def _forget(descriptor: int) -> None:
    """Have a file read from the disk, not from memory, where the system can be asked for that."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
