"""The backups of one log in a directory: their names, which is the newest, and which are old enough to go."""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct

from events.instants import Instant
from events.log.archive import BackupUnreadable, Manifest, read_manifest

NAME: Final = re.compile(r"dateline-\d{8}T\d{6}Z-\d+\.tar")
UNFINISHED: Final = ".unfinished"


class Kept(Struct, frozen=True, kw_only=True):
    """A backup that lies in a directory."""

    path: Path
    bytes: int
    position: int
    made_at: Instant


def name_of(manifest: Manifest) -> str:
    """Return what a backup is called that nobody gave a name: when it was made, and how far it goes."""
    return f"dateline-{compact(manifest.made_at)}-{manifest.position}.tar"


def compact(at: Instant) -> str:
    """Return a time to the second, as names of files have it.

    >>> compact("2026-07-28T03:00:07.123456Z")
    '20260728T030007Z'
    """
    return re.sub(r"[-:]", "", at[:19]) + "Z"


def backups(directory: Path, log_id: str) -> list[Kept]:
    """Return the backups of a log in a directory, the newest first. Files of other names, or of other logs, are none.

    Raises `OSError` when the directory cannot be read.
    """
    return sorted(_found(directory, log_id), key=lambda kept: (kept.made_at, kept.position), reverse=True)


def prune(directory: Path, log_id: str, keep: int) -> list[Path]:
    """Remove all but the newest backups of a log; return those that are gone."""
    old = [kept.path for kept in backups(directory, log_id)[keep:]]
    for path in old:
        path.unlink(missing_ok=True)
    return old


def remove_unfinished(directory: Path) -> None:
    """Remove what backups left that were cut off."""
    for folder in directory.glob(f"*{UNFINISHED}"):
        if folder.is_dir() and _is_left(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _found(directory: Path, log_id: str) -> Iterator[Kept]:
    for path in directory.iterdir():
        if not NAME.fullmatch(path.name):
            continue
        try:
            manifest = read_manifest(path)
        except (BackupUnreadable, FileNotFoundError):
            continue
        if manifest.log == log_id:
            size = path.stat().st_size
            yield Kept(path=path, bytes=size, position=manifest.position, made_at=manifest.made_at)


def _is_left(folder: Path) -> bool:
    """Say whether nobody works in a folder of a backup."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
