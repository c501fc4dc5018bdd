"""`dateline rebuild` and `dateline token`: what is done to a data directory while nobody serves it."""

import asyncio
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from api.auth import Scope, issue
from api.cli_service import NothingThere
from events.errors import DatelineError, TimeInvalid
from events.instants import Instant, from_microseconds
from events.log.port import LogLocked
from events.log.sqlite import open_sqlite, wall_clock
from events.times import last_instant, read_time


class Served(DatelineError):
    """A running server holds the directory."""

    code = "served"

    def __init__(self, data: Path, what: str) -> None:
        super().__init__(f"a server holds {data}; stop it, {what}, and start it again")


def rebuild(data: Path) -> None:
    """Write the views anew from the log, showing how far that is.

    Raises `NothingThere`, `Served`, and what `open_sqlite` raises.
    """
    with _at_rest(data, "rebuild the views"), _bar() as progress:
        began = time.monotonic()
        position = asyncio.run(_rebuild(data, progress))
    print(f"rebuilt from {position} entries in {time.monotonic() - began:.1f} s")  # noqa: T201


def token(person: str, *, scopes: Sequence[Scope], expires: str | None, data: Path) -> None:
    """Issue a token and print it, once.

    Raises `TimeInvalid`, `NothingThere`, `Served`, and what `issue` and `open_sqlite` raise.
    """
    expires_at = None if expires is None else _end(expires)
    with _at_rest(data, "issue the token"):
        principal, made = asyncio.run(_issue(data, person, scopes, expires_at))
    print(f"{person} is {principal} in the record. This is the token; it is shown once:", file=sys.stderr)  # noqa: T201
    print(made)  # noqa: T201


async def _rebuild(data: Path, progress: Callable[[int, int], None]) -> int:
    from events.views.runner import Views

    built = False

    def tell(done: int, total: int) -> None:
        nonlocal built
        built = True
        progress(done, total)

    engine = await open_sqlite(data)
    try:
        views = await Views.open(data / "views", engine.log, now=_now, progress=tell)
        try:
            if not built:  # Opening builds what is missing.
                await views.rebuild(tell)
            return views.position
        finally:
            await views.close()
    finally:
        await engine.close()


async def _issue(data: Path, person: str, scopes: Sequence[Scope], expires_at: Instant | None) -> tuple[str, str]:
    engine = await open_sqlite(data)
    try:
        return await issue(engine.state, person, scopes, expires_at, now=_now())
    finally:
        await engine.close()


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    """Yield what shows progress: a bar for a person, nothing for a pipe."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Rebuilding the views", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def _at_rest(data: Path, what: str) -> Iterator[None]:
    if not (data / "log.db").exists():
        raise NothingThere(data)
    try:
        yield
    except LogLocked:
        raise Served(data, what) from None


def _end(text: str) -> Instant:
    """Return when a token ends: a day counts to its end, UTC."""
    try:
        return last_instant(text, pointer="")
    except TimeInvalid:
        return read_time(text, "UTC", pointer="")


def _now() -> Instant:
    return from_microseconds(wall_clock())
