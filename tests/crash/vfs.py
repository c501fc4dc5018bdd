"""The simulated disk below SQLite and below the engine's own files: an apsw VFS, and `events.log.files.Files`.

Only what a process shares while it lives is on the real disk: SQLite's locks and its shared memory, by an empty file
of the same name in a directory that is thrown away. What SQLite's own `unix` does beside reading and writing is done
here too: an empty file counts as missing, a sector has 4096 bytes with powersafe overwrite, and the first sync of a
new journal syncs its directory.
"""

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import apsw

from tests.crash import apsw_sqlite
from tests.crash.disk import LiveDisk, parent_of

NAME: Final = "simulated"
SECTOR: Final = 4096
_JOURNALS: Final = apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_MAIN_JOURNAL


class Vfs(apsw.VFS):
    """The `unix` of SQLite, over the disks that are `mounted`, each at a directory of the real one."""

    def __init__(self) -> None:
        super().__init__(NAME, "unix")
        self.mounted: dict[str, LiveDisk] = {}

    def xOpen(self, name: Any, flags: list[int]) -> Any:  # noqa: N802 - SQLite's names.
        if name is None:
            return apsw.VFSFile("unix", None, flags)  # A temporary file needs no disk that lasts.
        path = name if isinstance(name, str) else name.filename()
        disk, below = self.find(path)
        with _told("OPEN"):
            if flags[0] & apsw.SQLITE_OPEN_CREATE:
                disk.created(below)
            elif not disk.exists(below):
                raise apsw.CantOpenError(f"{below} is not there")
        if flags[0] & apsw.SQLITE_OPEN_MAIN_DB:
            return _Database(disk, below, name, flags)
        flags[1] = flags[0]
        return _Journal(disk, below, is_new=bool(flags[0] & _JOURNALS and flags[0] & apsw.SQLITE_OPEN_CREATE))

    def xAccess(self, path: str, flags: int) -> bool:  # noqa: N802
        disk, below = self.find(path)
        return disk.exists(below) and bool(disk.node(below).content)

    def xDelete(self, path: str, sync_directory: bool) -> None:  # noqa: N802
        disk, below = self.find(path)
        if not disk.exists(below):
            raise _io_error("DELETE_NOENT", "there is no such file")
        with _told("DELETE"):
            disk.delete(below)
            if sync_directory:
                disk.sync_directory(parent_of(below))

    def find(self, path: str) -> tuple[LiveDisk, str]:
        for mount, disk in self.mounted.items():
            if path.startswith(f"{mount}/"):
                return disk, path[len(mount) + 1 :]
        raise apsw.CantOpenError(f"no disk is mounted at {path}")


def sync_new(disk: LiveDisk, name: str) -> None:
    """Sync the directory of a journal that may be new, as `unix` does with its first sync."""
    disk.sync_directory(parent_of(name))


class _Content:
    """What both kinds of files have in common: a content on the simulated disk."""

    def _begin(self, disk: LiveDisk, name: str, *, is_new: bool) -> None:
        self._disk = disk
        self._name = name
        self._node = disk.node(name)
        self._is_new = is_new

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        with _told("READ"):
            return self._disk.read(self._name, self._node, amount, offset)

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802
        with _told("WRITE"):
            self._disk.write(self._name, self._node, bytes(data), offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        with _told("TRUNCATE"):
            self._disk.truncate(self._name, self._node, size)

    def xSync(self, flags: int) -> None:  # noqa: N802
        with _told("FSYNC"):
            self._disk.sync(self._name, self._node)
            if self._is_new:
                sync_new(self._disk, self._name)
                self._is_new = False

    def xFileSize(self) -> int:  # noqa: N802
        return len(self._node.content)

    def xSectorSize(self) -> int:  # noqa: N802
        return SECTOR

    def xDeviceCharacteristics(self) -> int:  # noqa: N802
        return apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE


class _Database(_Content, apsw.VFSFile):
    """A database: its locks and its shared memory are those of the empty file that stands for it."""

    def __init__(self, disk: LiveDisk, below: str, name: Any, flags: list[int]) -> None:
        apsw.VFSFile.__init__(self, "unix", name, flags)
        self._begin(disk, below, is_new=False)


class _Journal(_Content):
    """A write-ahead log or a rollback journal: nobody locks these."""

    def __init__(self, disk: LiveDisk, below: str, *, is_new: bool) -> None:
        self._begin(disk, below, is_new=is_new)

    def xClose(self) -> None: ...  # noqa: N802

    def xLock(self, level: int) -> None: ...  # noqa: N802

    def xUnlock(self, level: int) -> None: ...  # noqa: N802

    def xCheckReservedLock(self) -> bool:  # noqa: N802
        return False

    def xFileControl(self, op: int, pointer: int) -> bool:  # noqa: N802
        return False


class SimulatedFiles:
    """`Files` on the disk that is mounted at a directory."""

    def __init__(self, disk: LiveDisk, mount: Path) -> None:
        self.disk = disk
        self._mount = mount

    def connect(self, path: Path, *, read_only: bool = False) -> Any:
        rights = apsw.SQLITE_OPEN_READONLY if read_only else apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        return apsw_sqlite.Connection(str(path), vfs=NAME, flags=rights)

    def exists(self, path: Path) -> bool:
        return self.disk.exists(self.below(path))

    def make_directory(self, path: Path) -> None:
        below = self.below(path)
        if not self.disk.exists(below):
            self.disk.make_directory(below)
        self.sync_directory(path.parent)

    def sync_directory(self, path: Path) -> None:
        self.disk.sync_directory(self.below(path))

    def lock(self, path: Path) -> "OpenFile | None":
        below = self.below(path)
        self.disk.created(below)
        if below in self.disk.held:
            return None
        self.disk.held.add(below)
        return OpenFile(self.disk, below)

    def read(self, path: Path) -> bytes | None:
        below = self.below(path)
        return self.disk.read(below, self.disk.node(below)) if self.disk.exists(below) else None

    def create(self, path: Path, content: bytes) -> None:
        unfinished = self.below(path.with_name(f"{path.name}.new"))
        node = self.disk.created(unfinished)
        if node.content:
            self.disk.truncate(unfinished, node, 0)
        self.disk.write(unfinished, node, content, 0)
        self.disk.sync(unfinished, node)
        self.disk.rename(unfinished, self.below(path))
        self.sync_directory(path.parent)

    def reserve(self, path: Path, size: int) -> None:
        below = self.below(path)
        node = self.disk.node(below)
        if missing := max(0, size - len(node.content)):
            self.disk.write(below, node, bytes(missing), len(node.content))
        self.disk.sync(below, node)

    def renew(self, path: Path) -> None:
        below = self.below(path)
        if self.disk.exists(below):
            node = self.disk.node(below)
            self.disk.write(below, node, self.disk.read(below, node), 0)
            self.disk.sync(below, node)

    def open(self, path: Path) -> "OpenFile":
        return OpenFile(self.disk, self.below(path))

    def names(self, path: Path) -> list[str]:
        return self.disk.names(self.below(path))

    def remove(self, path: Path) -> None:
        below = self.below(path)
        for name in self.disk.names(below):
            self.disk.delete(f"{below}/{name}")
        if self.disk.exists(below):
            self.disk.delete(below)
        self.sync_directory(path.parent)

    def below(self, path: Path) -> str:
        return str(path.relative_to(self._mount))


class OpenFile:
    """A file that the engine keeps open for writing."""

    def __init__(self, disk: LiveDisk, name: str) -> None:
        self.disk = disk
        self.name = name
        self.node = disk.node(name)

    def write(self, content: bytes, *, at: int) -> None:
        self.disk.write(self.name, self.node, content, at)
        self.disk.sync(self.name, self.node)

    def holds(self, wanted: Iterable[bytes]) -> bool:
        return any(each in self.node.content for each in wanted)

    def close(self) -> None:
        self.disk.held.discard(self.name)


def _io_error(kind: str, what: str) -> apsw.IOError:
    error = apsw.IOError(what)
    vars(error)["extendedresult"] = getattr(apsw, f"SQLITE_IOERR_{kind}")
    return error


@contextmanager
def _told(kind: str) -> Iterator[None]:
    """Tell SQLite of a disk's errors as its own `unix` does."""
    try:
        yield
    except OSError as error:
        if kind == "OPEN":
            raise apsw.CantOpenError(str(error)) from error
        if kind == "WRITE" and error.errno == errno.ENOSPC:
            raise apsw.FullError(str(error)) from error
        raise _io_error(kind, str(error)) from error
