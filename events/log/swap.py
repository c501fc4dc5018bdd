"""Puts restored files in the place of a data directory's own: all of them or none, whenever it is cut off.

They are made ready in a folder inside the directory. Renaming that folder is the decision: before it, the directory is
as it was; after it, whoever opens the directory first finishes the moving.
"""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from events.log.files import Disk, Files
from events.log.formats import remove_aside
from events.log.keyfile import KEY
from events.log.loss import LOST

UNFINISHED: Final = "restore.unfinished"
READY: Final = "restore.ready"
PLAN: Final = "plan"
PARTS: Final = ("log.db", "state.db", "mark", KEY, "erasures", LOST)
"""What a data directory cannot make anew."""
JOURNALS: Final = tuple(f"{name}-{journal}" for name in PARTS[:2] for journal in ("wal", "shm", "journal"))
VIEWS: Final = "views"

Step = Callable[[str], None]
"""Is told what comes next."""


class Plan(Struct, frozen=True, kw_only=True):
    """Which parts are put in place, and into which folder what they replace is moved; None: it is removed."""

    parts: tuple[str, ...]
    aside: str | None
    forget: bool = False
    """Whether what was moved aside before goes too: it holds what has been erased since."""


def unseen(what: str) -> None:
    """Do nothing."""


def decide(directory: Path, *, aside: str | None, forget: bool, step: Step = unseen) -> None:
    """Let what is ready in `UNFINISHED` replace the directory's own files. Durable when it returns."""
    unfinished, disk = directory / UNFINISHED, Disk()
    parts = tuple(name for name in PARTS if (unfinished / name).exists())
    disk.create(unfinished / PLAN, msgspec.json.encode(Plan(parts=parts, aside=aside, forget=forget)))
    step("decide")
    unfinished.rename(directory / READY)
    disk.sync_directory(directory)
    settle(directory, disk, step)


def settle(directory: Path, files: Files, step: Step = unseen) -> None:
    """Finish a restore that was cut off after it was decided; clear up after one that was not."""
    ready, unfinished = directory / READY, directory / UNFINISHED
    if files.exists(ready):
        plan = msgspec.json.decode((ready / PLAN).read_bytes(), type=Plan)
        _move(directory, ready, plan, step)
        step("done")
        ready.rename(unfinished)
        Disk().sync_directory(directory)
    if files.exists(unfinished):
        step("clear up")
        shutil.rmtree(unfinished)


def _move(directory: Path, ready: Path, plan: Plan, step: Step) -> None:
    aside = None if plan.aside is None else directory / plan.aside
    if aside is not None:
        aside.mkdir(mode=0o700, exist_ok=True)
    step("journals")
    # No old journal may lie beside a new database: SQLite would play it back into it.
    _away(directory, (*JOURNALS, *(name for name in PARTS if name not in plan.parts)), aside, step)
    for name in plan.parts:
        if (ready / name).exists():  # Otherwise it is in its place already.
            _away(directory, (name,), aside, step)
            step(f"place {name}")
            (ready / name).rename(directory / name)
    step("views")
    shutil.rmtree(directory / VIEWS, ignore_errors=True)
    if plan.forget:
        remove_aside(directory, Disk())
    for folder in (ready, aside, directory):
        if folder is not None:
            Disk().sync_directory(folder)


def _away(directory: Path, names: Sequence[str], aside: Path | None, step: Step) -> None:
    for name in names:
        path = directory / name
        if not path.exists():
            continue
        step(f"away {name}")
        if aside is None:
            path.unlink()
        else:
            path.rename(aside / name)
