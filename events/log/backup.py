"""Makes one file of a data directory, whether a server runs on it or not, and sees that it can be put back.

The parts are of one moment, in this sense: nothing that the copied log says is missing in the copied state, key, mark
and ledger. So the log is copied before the state, as texts and names are stored before the entries that need them; the
mark is that of the copied log; and where a small file changed or a database was replaced meanwhile, all is copied
again.
"""

import asyncio
import fcntl
import os
import shutil
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Final

from msgspec import Struct

from events.errors import DatelineError
from events.instants import Instant
from events.log.archive import (
    FORMAT,
    MANIFEST,
    BackupUnreadable,
    Manifest,
    check_archive,
    part_of,
    read_manifest,
    write_archive,
)
from events.log.build import sqlite3
from events.log.files import Disk
from events.log.keyfile import KEY, read_keys
from events.log.loss import LOST
from events.log.mark import MarkFile, read_mark
from events.log.port import LogDamaged
from events.log.shelf import UNFINISHED, compact, name_of, remove_unfinished
from events.log.sqlite import SqliteEngine, open_sqlite
from events.log.sqlite_errors import refusal
from events.log.sqlite_schema import log_id_of
from events.log.sqlite_tail import mark_of, read_tail, recorded_at_of, require_reaches

WHOLE: Final = "whole"
"""The file as it grows, in the folder with its parts."""
DATABASES: Final = ("log.db", "state.db")
SMALL: Final = (KEY, "erasures", LOST)
ATTEMPTS_MAX: Final = 5

Tell = Callable[[str, int, int], None]
"""Is told what is done, how much of it, and of how much."""


class BackupFailed(DatelineError):
    """No backup was made, and what was there before is as it was."""

    code = "backup-failed"


class Made(Struct, frozen=True, kw_only=True):
    """A backup that was made and read back."""

    path: Path
    bytes: int
    manifest: Manifest


def untold(what: str, done: int, total: int) -> None:
    """Tell nobody."""


async def back_up(
    directory: Path, to: Path, *, now: Instant, tell: Tell = untold, copied: Callable[[str], None] | None = None
) -> Made:
    """Make a backup of a data directory and verify it. `to` is the file, or a directory in which it gets a name.

    The file appears once it is verified, in place of an older backup of that name if there is one. `copied` is called
    after each database is copied. Raises `BackupFailed`, and `OSError` when a file cannot be written.
    """
    with _unfinished(to, now) as folder:
        try:
            manifest = await asyncio.to_thread(_copy_all, directory, folder, now, tell, copied)
            whole = folder / WHOLE
            tell("Writing", 0, 0)
            await asyncio.to_thread(write_archive, whole, folder, manifest)
            await asyncio.to_thread(check_archive, whole, lambda done, total: tell("Reading it back", done, total))
            tell("Verifying every entry", 0, 0)
            async with verified(folder, manifest):
                pass
        except DatelineError as error:
            raise BackupFailed(f"no backup was made: {error}") from error
        path, size = _placed(whole, to, manifest)
    return Made(path=path, bytes=size, manifest=manifest)


@asynccontextmanager
async def verified(folder: Path, manifest: Manifest) -> AsyncGenerator[SqliteEngine, None]:
    """Open the parts of a backup as a start would, and verify all that they hold. It may change the files.

    Raises what `open_sqlite` raises, `LogDamaged` and `KeyUnreadable`.
    """
    read_keys(folder, Disk())
    engine = await open_sqlite(folder)
    try:
        head = await engine.log.head()
        if (head.log_id, head.position, head.root.hex()) != (manifest.log, manifest.position, manifest.root):
            raise LogDamaged(f"log.db ends at {head.position}, or with another root than {MANIFEST} says")
        await engine.log.verify()
        yield engine
    finally:
        await engine.close()
    for name in DATABASES:
        await asyncio.to_thread(_require_sound, folder / name)


def _copy_all(
    directory: Path, folder: Path, now: Instant, tell: Tell, copied: Callable[[str], None] | None
) -> Manifest:
    """Copy the parts of a data directory into a folder, as often as it takes to get them of one moment."""
    for _ in range(ATTEMPTS_MAX):
        before = _what_must_stay(directory)
        mark = read_mark(directory / "mark", Disk())
        for name in DATABASES:
            tell("Copying", DATABASES.index(name), len(DATABASES))
            if not (directory / name).exists():
                raise BackupFailed(f"{directory} holds no {name}")
            _copy_database(directory / name, folder / name)
            if copied is not None:
                copied(name)
        stayed = _what_must_stay(directory)
        if stayed == before:
            break
    else:
        raise BackupFailed(f"{directory} changed {ATTEMPTS_MAX} times while it was copied; try again later")
    for name, content in stayed.items():
        if isinstance(content, bytes):
            Disk().create(folder / name, content)
    try:
        with closing(Disk().connect(folder / "log.db", read_only=True)) as connection:
            log_id, tail = log_id_of(connection), read_tail(connection)
            require_reaches(connection, tail, log_id, mark)
            last = recorded_at_of(connection, tail.position)
    except sqlite3.DatabaseError as error:
        raise refusal(error) from error
    MarkFile(folder / "mark", Disk()).set(mark_of(tail, log_id))
    there = [name for name in (*DATABASES, "mark", *SMALL) if (folder / name).exists()]
    return Manifest(
        dateline_backup=FORMAT,
        log=str(log_id),
        position=tail.position,
        commits=tail.commits,
        root=tail.tree.root().hex(),
        recorded_at=last,
        made_at=now,
        version=version("dateline"),
        parts=tuple(part_of(folder / name) for name in there),
    )


def _what_must_stay(directory: Path) -> dict[str, object]:
    """Return what would make copies of different moments, if it changed between them."""
    small = {name: Disk().read(directory / name) for name in SMALL}
    return small | {name: _which(directory / name) for name in DATABASES}


def _which(path: Path) -> object:
    with suppress(FileNotFoundError):
        found = path.stat()
        return found.st_dev, found.st_ino
    return None


def _copy_database(source: Path, copy: Path) -> None:
    """Write what a database holds into a new file, rows alone: no free page and no gap brings back what was erased."""
    copy.unlink(missing_ok=True)
    try:
        with closing(Disk().connect(source, read_only=True)) as connection:
            connection.execute("PRAGMA synchronous = OFF")  # The copy is synced when it is in the file.
            connection.execute("VACUUM INTO ?", (str(copy),))
    except sqlite3.DatabaseError as error:
        raise refusal(error, file=source.name) from error


def _require_sound(path: Path) -> None:
    with closing(Disk().connect(path, read_only=True)) as connection:
        (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if said != "ok":
        raise LogDamaged(f"{path.name} is damaged: {said}")


def _placed(whole: Path, to: Path, manifest: Manifest) -> tuple[Path, int]:
    """Give a backup its name, durably; return its path and size."""
    path, size = to / name_of(manifest) if to.is_dir() else to, whole.stat().st_size
    whole.replace(path)
    Disk().sync_directory(path.parent)
    return path, size


def _require_free(path: Path) -> None:
    """Refuse to write over what is no backup."""
    if path.exists():
        try:
            read_manifest(path)
        except BackupUnreadable:
            raise BackupFailed(f"{path} is there and is no backup; give another name, or remove it") from None


@contextmanager
def _unfinished(to: Path, now: Instant) -> Iterator[Path]:
    """Make a folder of one's own beside where the backup will be, and remove it in the end."""
    beside, name = (to, f"dateline-{compact(now)}") if to.is_dir() else (to.parent, to.name)
    if not beside.is_dir():
        raise BackupFailed(f"there is no directory {beside}; make it, or give another name")
    if beside != to:
        _require_free(to)
    remove_unfinished(beside)
    folder = beside / f"{name}{UNFINISHED}"
    folder.mkdir(mode=0o700)
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)  # Whoever clears up sees by it that this one is alive.
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)
