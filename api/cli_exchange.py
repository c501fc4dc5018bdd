"""`dateline export` and `dateline import`: a record as JSON lines, out of one directory and into another."""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote

import msgspec
from msgspec import Raw, Struct

from api.cli_service import Answer, Api, HeldByServer, RefusedByService, given, reached
from api.exchange import FORMAT, Beginning, Imported, Text, import_lines
from events.erasing import Eraser
from events.instants import Instant, from_microseconds
from events.log.port import PAGE_EVENTS_MAX, LogLocked
from events.log.sqlite import open_sqlite, wall_clock

ATTEMPTS_MAX: Final = 60
BUSY: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
BUSY_S: Final = 1.0
"""A service that was asked too fast is asked again after so long, and so often."""
TOKEN_HINT: Final = "; give one by --token or DATELINE_TOKEN"
UNFINISHED: Final = ".unfinished"
RECORDED: Final = "source.recorded"


class _Log(Struct, frozen=True):
    log_id: str
    head: int


class _Page(Struct, frozen=True):
    events: tuple[Raw, ...]


class _Recorded(Struct, frozen=True):
    sha256: str | None = None


class _Entry(Struct, frozen=True):
    type: str
    position: int
    subject: str = ""
    data: Raw = Raw(b"null")


def export(file: str, *, texts: bool, data: Path, server: str | None, token: str | None) -> None:
    """Write every entry up to the present head to a file (`-` is standard output), with `texts` also sources' texts.

    A file is there whole or not at all. Raises what `reached` raises, `RefusedByService` and `Unreachable`.
    """
    with reached(data, server, token) as api, _written(file) as out:
        log = msgspec.json.decode(_given(_asked(api, "/v1/log")), type=_Log)
        beginning = Beginning(dateline=FORMAT, log=f"urn:uuid:{log.log_id}", head=log.head)
        out.write(msgspec.json.encode(beginning) + b"\n")
        count = 0
        with _bar("Exporting") as tell:
            for line, entry in _entries(api, log.head):
                text = _text(api, entry) if texts and entry.type == RECORDED else None
                if text is not None:
                    out.write(msgspec.json.encode(text) + b"\n")
                    count += 1
                out.write(line + b"\n")
                tell(entry.position, log.head)
    print(f"{log.head} entries{f', {count} texts' if texts else ''}", file=sys.stderr)  # noqa: T201


def import_(file: str, *, data: Path) -> None:
    """Record what a file holds in a data directory that nobody serves, and that is empty or begins as the file does.

    Raises `HeldByServer`, `FileInvalid`, `RecordDiffers`, and what `open_sqlite` raises.
    """
    try:
        with _read(file) as lines, _bar("Importing") as tell:
            imported = asyncio.run(_import(lines, data, tell))
    except LogLocked:
        raise HeldByServer(data, "import") from None
    print(f"{imported.recorded} recorded, {imported.known} known", file=sys.stderr)  # noqa: T201
    for (kind, v), count in sorted(imported.unread.items()):
        note = f"{count} of them of {kind}, version {v}, which this version does not know: carried as they are"
        print(note, file=sys.stderr)  # noqa: T201


async def _import(lines: IO[bytes], data: Path, tell: Callable[[int, int], None]) -> Imported:
    engine = await open_sqlite(data)
    try:
        return await import_lines(lines, engine.log, engine.state, tell=tell)
    finally:
        await Eraser(engine.log, engine.state, engine.ledger, _now).complete()  # The file may hold an erased text.
        await engine.close()


def _now() -> Instant:
    return from_microseconds(wall_clock())


def _entries(api: Api, head: int) -> Iterator[tuple[bytes, _Entry]]:
    """Yield every entry up to the head, as the bytes it was given as."""
    after = 0
    while after < head:
        answer = _asked(api, f"/v1/events?from={after}&limit={min(PAGE_EVENTS_MAX, head - after)}")
        for raw in msgspec.json.decode(_given(answer), type=_Page).events:
            entry = msgspec.json.decode(raw, type=_Entry)
            after = entry.position
            yield bytes(raw), entry


def _text(api: Api, entry: _Entry) -> Text | None:
    """Return the text of a source that is recorded with one; None where it was erased since."""
    sha256 = msgspec.json.decode(entry.data, type=_Recorded | None)
    if sha256 is None or sha256.sha256 is None:
        return None
    id = entry.subject.removeprefix("source:")
    answer = _asked(api, f"/v1/sources/{quote(id)}/text?as_of={entry.position}")
    if answer.status == HTTPStatus.NOT_FOUND:
        return None
    return Text(sha256=sha256.sha256, text=_given(answer).decode())


def _asked(api: Api, target: str) -> Answer:
    """Return the answer to a read, asked for again while the service is busy: an export is many reads."""
    for _ in range(ATTEMPTS_MAX - 1):
        answer = api.ask("GET", target)
        if answer.status not in BUSY:
            return answer
        time.sleep(BUSY_S)
    return api.ask("GET", target)


def _given(answer: Answer) -> bytes:
    try:
        return given(answer)
    except RefusedByService as refusal:
        problem = refusal.problem
        if problem.status not in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise
        raise RefusedByService(msgspec.structs.replace(problem, detail=f"{problem.detail}{TOKEN_HINT}")) from None


@contextmanager
def _written(file: str) -> Iterator[IO[bytes]]:
    if file == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(file)
    unfinished = path.with_name(path.name + UNFINISHED)
    try:
        with unfinished.open("wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    unfinished.replace(path)


@contextmanager
def _read(file: str) -> Iterator[IO[bytes]]:
    if file == "-":
        yield sys.stdin.buffer
        return
    with Path(file).open("rb") as lines:
        yield lines


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """Yield what shows progress: a bar for a person, nothing for a pipe."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
