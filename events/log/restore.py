"""Puts a backup back, after it was verified: into a new directory, or over one that exists.

What the directory acknowledged and the backup lacks is lost by that, so it is refused until it is said to be accepted;
the log then tells it. What was erased stays erased: the ledgers of both are one from then on.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from msgspec import Struct

from events.errors import DatelineError
from events.instants import Instant
from events.log.archive import Manifest, extract, read_manifest
from events.log.backup import Tell, untold, verified
from events.log.files import Disk
from events.log.formats import RESTORED, remove_aside
from events.log.ledger import ErasedEntry, ErasedText, Ledger
from events.log.loss import Loss, accept_loss, read_loss
from events.log.mark import Mark, read_mark
from events.log.port import LogDamaged, LogLocked
from events.log.shelf import compact
from events.log.sqlite import SqliteEngine
from events.log.sqlite_tail import head_of, tree_at
from events.log.swap import PARTS, UNFINISHED, Step, decide, settle, unseen

ERASURES: Final = "erasures"
Complete = Callable[[SqliteEngine], Awaitable[None]]
"""Takes what the ledger names out of open files."""


class RestoreRefused(DatelineError):
    """A backup is not put back: something would be lost by it, or come back, that must not."""

    code = "restore-refused"


class Restored(Struct, frozen=True, kw_only=True):
    """What was put back. `aside` has what it replaced, `erased` is how many erasures the backup did not know.

    Without `aside` there was nothing, or it was removed for holding what has been erased. `fresh`: nothing was there
    that could tell whether the log had gone further.
    """

    manifest: Manifest
    aside: Path | None
    erased: int
    fresh: bool
    loss: Loss | None


class Before(Struct, frozen=True, kw_only=True):
    """What a data directory held. `mark` is None where it does not say how far it went; `reached` is how far it did."""

    log: bool
    mark: Mark | None
    reached: int


async def purge(engine: SqliteEngine) -> None:
    """See that the data of erased entries is gone."""
    await engine.log.purge()


async def check(file: Path, *, tell: Tell = untold) -> Manifest:
    """Verify all of a backup and return what it holds. Raises `BackupUnreadable` and what `verified` raises."""
    with tempfile.TemporaryDirectory(prefix="dateline-") as made:
        manifest = await _extracted(file, Path(made), tell)
        async with verified(Path(made), manifest):
            return manifest


async def restore(
    file: Path,
    directory: Path,
    *,
    now: Instant,
    accept_shorter: bool = False,
    erasures: Path | None = None,
    complete: Complete = purge,
    tell: Tell = untold,
    step: Step = unseen,
) -> Restored:
    """Put a backup into a data directory. With `accept_shorter` entries that the backup lacks may be lost.

    `erasures` is a ledger kept elsewhere; `complete` takes what ledgers name out of the files, before they are put in
    place. Whenever this is cut off, the directory is as it was, or as it was to be.

    Raises `BackupUnreadable`, `RestoreRefused`, `LogLocked`, and what `verified` raises.
    """
    manifest = read_manifest(file)
    with _held(directory):
        before = _before(directory)
        _require_all(file, manifest, directory, before, accept_shorter=accept_shorter)
        own = _lines(directory / ERASURES)
        given = [] if erasures is None else _lines(erasures)
        folder = directory / UNFINISHED
        folder.mkdir(mode=0o700)
        try:
            step("extract")
            await _extracted(file, folder, tell)
            forget = bool(_unknown([*_lines(folder / ERASURES), *given], own))
            erased = _merge(folder / ERASURES, [*own, *given])
            step("verify")
            async with verified(folder, manifest) as engine:
                await complete(engine)
            parted = _is_parted(folder, before.mark)
            _require_all(file, manifest, directory, before, accept_shorter=accept_shorter, parted=parted)
            loss = None
            if _lacks(manifest, before, parted=parted) or (accept_shorter and not before.log):
                loss = Loss(position=manifest.position, root=manifest.root, lost=max(before.reached, manifest.position))
                accept_loss(folder, Disk(), loss)
            step("make ready")
            _keep_parts(folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        aside = f"{RESTORED}{compact(now)}" if before.log and not forget else None
        decide(directory, aside=aside, forget=forget, step=step)
    kept = None if aside is None else directory / aside
    return Restored(manifest=manifest, aside=kept, erased=erased, fresh=not before.log, loss=loss)


async def _extracted(file: Path, folder: Path, tell: Tell) -> Manifest:
    manifest = await asyncio.to_thread(extract, file, folder, lambda done, total: tell("Reading it", done, total))
    tell("Verifying every entry", 0, 0)
    return manifest


@contextmanager
def _held(directory: Path) -> Iterator[None]:
    """Hold a data directory, made when it is not there, that nobody serves; what was cut off before is finished."""
    disk = Disk()
    disk.make_directory(directory)
    lock = disk.lock(directory / "lock")
    if lock is None:
        raise LogLocked(directory=str(directory))
    try:
        settle(directory, disk)
        yield
    finally:
        lock.close()


def _before(directory: Path) -> Before:
    log = (directory / "log.db").exists() or (directory / "mark").exists()
    try:
        mark, loss = read_mark(directory / "mark", Disk()), read_loss(directory, Disk())
    except LogDamaged:
        return Before(log=log, mark=None, reached=0)
    return Before(log=log, mark=mark, reached=max(mark.position if mark else 0, loss.lost if loss else 0))


def _require_all(
    file: Path, manifest: Manifest, directory: Path, before: Before, *, accept_shorter: bool, parted: bool = False
) -> None:
    """Refuse what would lose acknowledged entries, unless that is accepted; and another log, in any case."""
    if before.mark is not None and str(before.mark.log_id) != manifest.log:
        raise RestoreRefused(
            f"{directory} holds the log {before.mark.log_id}, and {file} the log {manifest.log}: restore it into"
            " another directory"
        )
    lacks = _lacks(manifest, before, parted=parted)
    if lacks is not None and not accept_shorter:
        raise RestoreRefused(
            f"{directory} {lacks}; {file} of {manifest.made_at[:19]}Z ends at entry {manifest.position:,} and commit"
            f" {manifest.commits:,}. Take a newer backup; or give --accept-shorter: then the log says for ever what it"
            " lost, and goes on under another origin"
        )


def _lacks(manifest: Manifest, before: Before, *, parted: bool) -> str | None:
    """Say what the directory holds and the backup lacks, None where it lacks nothing."""
    if not before.log:
        return None
    if before.mark is None:
        return "holds a log and no readable mark of how far that went"
    if before.reached > manifest.position or before.mark.commits > manifest.commits:
        return f"has acknowledged entry {before.reached:,} and commit {before.mark.commits:,}"
    return f"has acknowledged entry {before.reached:,}, and not all up to there are the same" if parted else None


def _is_parted(folder: Path, mark: Mark | None) -> bool:
    """Say whether the log in a folder has other entries up to a mark than those that were acknowledged."""
    with closing(Disk().connect(folder / "log.db", read_only=True)) as connection:
        within = mark is not None and mark.position <= head_of(connection)
        return mark is not None and within and tree_at(connection, mark.position).root() != mark.root


def _lines(path: Path) -> list[ErasedEntry | ErasedText]:
    try:
        ledger = Ledger(path, Disk())
    except LogDamaged as error:
        raise RestoreRefused(f"what was erased might come back: {path}: {error}") from None
    return [*ledger.entries, *ledger.texts]


def _merge(path: Path, own: Iterable[ErasedEntry | ErasedText]) -> int:
    """Add the lines that a backup's ledger lacks to it; return how many those are."""
    new = _unknown(own, _lines(path))
    Ledger(path, Disk()).add(new)
    return len(new)


def _unknown(
    lines: Iterable[ErasedEntry | ErasedText], known: Iterable[ErasedEntry | ErasedText]
) -> list[ErasedEntry | ErasedText]:
    """Return the lines about what the known ones are not about, each once."""
    about = {_erased(line) for line in known}
    return list({_erased(line): line for line in lines if _erased(line) not in about}.values())


def _erased(line: ErasedEntry | ErasedText) -> tuple[object, ...]:
    """Return what a line is about, whenever it was written."""
    match line:
        case ErasedEntry():
            return line.log, line.position, line.leaf
        case ErasedText():
            return (line.sha256,)


def _keep_parts(folder: Path) -> None:
    """Leave nothing in a folder but what goes into the data directory, durably."""
    remove_aside(folder, Disk())  # The backup itself is what was there before an upgrade.
    for path in folder.iterdir():
        if path.name in PARTS:
            with path.open("rb") as file:
                os.fsync(file.fileno())
        else:
            path.unlink()
    Disk().sync_directory(folder)
