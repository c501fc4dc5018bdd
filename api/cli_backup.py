"""`dateline backup` and `dateline restore`: one verified file of a data directory, and back."""

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from api.cli_service import HeldByServer, NothingThere
from events.erasing import Eraser
from events.instants import Instant, from_microseconds
from events.log.archive import Manifest
from events.log.backup import Tell, back_up, untold
from events.log.port import LogLocked
from events.log.restore import Restored, check, restore
from events.log.shelf import prune
from events.log.sqlite import SqliteEngine, wall_clock

NICE: Final = 19
UNITS: Final = ("bytes", "kB", "MB", "GB", "TB")


def backup(to: Path, *, data: Path, keep: int | None, nice: bool) -> None:
    """Make a backup, verify it and say what it holds; with `keep` remove the older ones of this log beyond so many.

    Raises `NothingThere`, `BackupFailed` and `OSError`.
    """
    if not (data / "log.db").exists():
        raise NothingThere(data)
    if nice:
        os.nice(NICE)
    began = time.monotonic()
    with _shown() as tell:
        made = asyncio.run(back_up(data, to, now=_now(), tell=tell))
    taken = time.monotonic() - began
    print(  # noqa: T201
        f"{made.path}: {_entries(made.manifest)}, {_size(made.bytes)}, read back and verified in {taken:.1f} s"
    )
    if keep is not None:
        for path in prune(made.path.parent, made.manifest.log, keep):
            print(f"{path.name} is removed: {f'{keep} newer are' if keep > 1 else 'one newer is'} kept")  # noqa: T201


def check_backup(file: Path) -> None:
    """Verify a backup and say what it holds. Raises what `check` raises."""
    with _shown() as tell:
        manifest = asyncio.run(check(file, tell=tell))
    rows = [
        ("log", manifest.log),
        ("entries", f"{manifest.position:,}, the last recorded {_second(manifest.recorded_at)}"),
        ("commits", f"{manifest.commits:,}"),
        ("root", manifest.root),
        ("made", f"{_second(manifest.made_at)} by Dateline {manifest.version}"),
        *((part.name, f"{_size(part.bytes):>10}  sha256 {part.sha256}") for part in manifest.parts),
    ]
    for name, value in rows:
        print(f"{name:<9} {value}")  # noqa: T201
    print(f"{file} is whole: every part is as it was written, and every entry is verified.")  # noqa: T201


def restore_backup(file: Path, *, data: Path, accept_shorter: bool, erasures: Path | None) -> None:
    """Put a backup into a data directory and say what came of it. Raises what `restore` raises."""
    try:
        with _shown() as tell:
            done = asyncio.run(
                restore(
                    file,
                    data,
                    now=_now(),
                    accept_shorter=accept_shorter,
                    erasures=erasures,
                    complete=_complete,
                    tell=tell,
                )
            )
    except LogLocked:
        raise HeldByServer(data, "restore") from None
    for line in _told(done, data):
        print(line)  # noqa: T201


async def _complete(engine: SqliteEngine) -> None:
    await Eraser(engine.log, engine.state, engine.ledger, _now).complete()


def _told(done: Restored, data: Path) -> Iterator[str]:
    yield f"{data} holds {_entries(done.manifest)}: every one is verified"
    if done.loss is not None and done.loss.lost > done.loss.position:
        yield (
            f"Lost: {_range(done.loss.position + 1, done.loss.lost)}. The next start records that, and the log goes on"
            " under another origin."
        )
    elif done.loss is not None:
        yield "The next start records that entries were lost, and the log goes on under another origin."
    if done.erased:
        yield (f"Erasures that the backup did not know of are applied to it: {done.erased}")
    if done.aside is None and not done.fresh:
        yield "What was there before is removed: it held what has been erased."
    if done.aside is not None:
        yield f"What was there before is in {done.aside}; remove it when all is well."
    yield (
        f"Names, tokens and texts are those of {_second(done.manifest.made_at)}: revoke again what was revoked since"
        " (`dateline token list`)."
    )
    if done.fresh and done.loss is None:
        yield (
            "If entries had been recorded since then, restore it into another new directory with --accept-shorter: then"
            " the log says that it lost some."
        )
    yield f"Start it: dateline serve --data {data}"


def _entries(manifest: Manifest) -> str:
    if not manifest.position:
        return "no entries"
    count = "1 entry" if manifest.position == 1 else f"{manifest.position:,} entries"
    return f"{count} up to {_second(manifest.recorded_at)}"


def _range(first: int, last: int) -> str:
    return f"entry {first:,}" if first == last else f"entries {first:,} to {last:,}"


def _second(at: Instant | None) -> str:
    return "never" if at is None else f"{at[:19]}Z"


def _size(count: int) -> str:
    size, unit = float(count), 0
    while size >= 1000 and unit < len(UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.0f} {UNITS[unit]}" if unit < 2 else f"{size:.1f} {UNITS[unit]}"


@contextmanager
def _shown() -> Iterator[Tell]:
    """Yield what shows progress: a bar for a person, nothing for a pipe."""
    if not sys.stderr.isatty():
        yield untold
        return
    from rich.console import Console
    from rich.progress import Progress, TaskID

    with Progress(console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:  # What is done already leaves the screen.
                for task in tasks.values():
                    bar.update(task, visible=False)
                tasks[what] = bar.add_task(what, total=total or None)
            bar.update(tasks[what], completed=done)

        yield tell


def _now() -> Instant:
    return from_microseconds(wall_clock())
