"""`dateline token`, `erase` and `rebuild`: through the server that runs, else over the directory under its lock."""

import asyncio
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import quote

import msgspec
from msgspec import Struct

from api.cli_service import Api, NothingThere, RefusedByService, Remote, given, reached, running_at
from events.errors import DatelineError
from events.instants import Instant, from_microseconds
from events.log.sqlite import open_sqlite, wall_clock

POLL_S: Final = 0.2
PAGE_TOKENS: Final = 1000
TOKEN_HINT: Final = "; give one with the scope admin by --token or DATELINE_TOKEN"
KEY_DIGITS: Final = 32
PENDING: Final = {
    "log": "the log's files still hold some of it, for a reader has not finished: the server tries again every minute",
    "views": "the views still hold some of it: they are being made anew, or will be at the next start",
}
"""What is told of a place that is not clean yet."""
COLUMNS: Final = ("id", "person", "principal", "scopes", "created", "ends", "last used", "revoked")

Progress = Callable[[int, int], None]


class RebuildFailed(DatelineError):
    """The server could not rebuild its views; it goes on with the old ones."""

    code = "rebuild-failed"

    def __init__(self) -> None:
        super().__init__("the views could not be rebuilt, and are as they were; the server's log says why")


class Issued(Struct, frozen=True):
    """A new token."""

    id: str
    principal: str
    token: str


class Known(Struct, frozen=True):
    """What the service knows of a token."""

    id: str
    person: str
    principal: str
    scopes: tuple[str, ...]
    created_at: Instant
    expires_at: Instant | None
    last_used_at: Instant | None
    revoked_at: Instant | None


class Tokens(Struct, frozen=True):
    """A page of tokens."""

    items: tuple[Known, ...]
    next: str | None


class Unknown(Struct, frozen=True):
    """Entries of a later program."""

    type: str
    v: int
    entries: int
    first: int


class Quoting(Struct, frozen=True):
    """An entry that quotes a source."""

    position: int
    announcement: str


class Erasure(Struct, frozen=True):
    """What an erasure did."""

    position: int
    positions: tuple[int, ...]
    sources: tuple[str, ...]
    quoted_by: tuple[Quoting, ...]
    pending: tuple[str, ...]


class Rebuild(Struct, frozen=True):
    """How far a rebuild is."""

    state: str
    done: int
    total: int
    position: int
    unknown: tuple[Unknown, ...] = ()


def create_token(
    person: str, *, scopes: Sequence[str], expires: str | None, data: Path, server: str | None, token: str | None
) -> None:
    """Issue a token and print it, once. Raises what `reached` raises, `RefusedByService` and `Unreachable`."""
    body = {"person": person, "scopes": scopes, **({} if expires is None else {"expires_at": expires})}
    with reached(data, server, token) as api:
        made = msgspec.json.decode(_asked(api, "POST", "/v1/tokens", msgspec.json.encode(body)), type=Issued)
    print(f"{person} is {made.principal} in the record. This is token {made.id}; it is shown once:", file=sys.stderr)  # noqa: T201
    print(made.token)  # noqa: T201


def list_tokens(*, data: Path, server: str | None, token: str | None) -> None:
    """Print the tokens, those that ended too. Raises what `create_token` raises."""
    rows: list[tuple[str, ...]] = [COLUMNS]
    with reached(data, server, token) as api:
        target: str | None = f"/v1/tokens?limit={PAGE_TOKENS}"
        while target is not None:
            page = msgspec.json.decode(_asked(api, "GET", target), type=Tokens)
            rows += [_row(known) for known in page.items]
            target = page.next and f"/v1/tokens?limit={PAGE_TOKENS}&cursor={quote(page.next)}"
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())  # noqa: T201


def revoke_token(id: str, *, data: Path, server: str | None, token: str | None) -> None:
    """Revoke a token. Raises what `create_token` raises."""
    with reached(data, server, token) as api:
        _asked(api, "DELETE", f"/v1/tokens/{quote(id, safe='')}")
    print(f"token {id} is revoked")  # noqa: T201


def erase_person(principal: str, *, data: Path, server: str | None, token: str | None) -> None:
    """Erase the person behind a principal, with their tokens. Raises what `create_token` raises."""
    with reached(data, server, token) as api:
        _asked(api, "DELETE", f"/v1/principals/{quote(principal, safe='')}")
    print(f"no name is kept for {principal} any more, and its tokens are gone")  # noqa: T201


def erase(
    positions: Sequence[int],
    sources: Sequence[str],
    *,
    reason: str,
    dry_run: bool,
    data: Path,
    server: str | None,
    token: str | None,
) -> None:
    """Erase the data of entries and the texts of sources, one after the other, and print what that did.

    What would be refused ends it before anything is erased: that is not taken back. Asked for again, what is erased is
    seen to be gone. Raises what `create_token` raises.
    """
    # Texts first: without the entry that recorded it there is no such source any more.
    wanted = [(f"the text of source {id}", f"/v1/sources/{quote(id, safe='')}/erase") for id in sources]
    wanted += [(f"entry {position}", f"/v1/events/{position}/erase") for position in positions]
    body = msgspec.json.encode({"reason": reason})
    pending: list[str] = []
    with reached(data, server, token) as api:

        def asked(target: str, *, dry_run: bool) -> Erasure:
            key = f"erase:{sha256(f'{target} {reason}'.encode()).hexdigest()[:KEY_DIGITS]}"
            query = "?dry_run=true" if dry_run else ""
            return msgspec.json.decode(_asked(api, "POST", f"{target}{query}", body, key=key), type=Erasure)

        would = [asked(target, dry_run=True) for _, target in wanted]
        for (what, target), planned in zip(wanted, would, strict=True):
            done = planned if dry_run else asked(target, dry_run=False)
            print("\n".join(_told(what, done, erased=positions, dry_run=dry_run)), flush=True)  # noqa: T201
            pending = [] if dry_run else list(done.pending)
    for place in pending:
        print(PENDING.get(place, f"not gone yet: {place}"), file=sys.stderr)  # noqa: T201


def rebuild(*, data: Path, server: str | None, token: str | None) -> None:
    """Write the views anew from the log, showing how far that is. A server goes on answering all the while.

    Raises `RebuildFailed`, `NothingThere`, and what `create_token` and `open_sqlite` raise.
    """
    url = server or running_at(data)
    began = time.monotonic()
    with _bar() as progress:
        if url is not None:
            position, unknown = _rebuild_there(Remote(url, token), progress)
        elif not (data / "log.db").exists():
            raise NothingThere(data)
        else:
            position, unknown = asyncio.run(_rebuild_here(data, progress))
    print(f"rebuilt from {position} entries in {time.monotonic() - began:.1f} s")  # noqa: T201
    for one in unknown:
        entries = "1 entry has" if one.entries == 1 else f"{one.entries} entries have"
        kind = f"{one.type}, version {one.v}"
        print(f"{entries} no effect until an upgrade knows {kind}; the first is entry {one.first}")  # noqa: T201


def _asked(api: Api, method: str, target: str, body: bytes | None = None, *, key: str | None = None) -> bytes:
    try:
        return given(api.ask(method, target, body, None if key is None else {"Idempotency-Key": key}))
    except RefusedByService as refusal:
        problem = refusal.problem
        if problem.status not in (401, 403):
            raise
        raise RefusedByService(msgspec.structs.replace(problem, detail=f"{problem.detail}{TOKEN_HINT}")) from None


def _told(what: str, done: Erasure, *, erased: Sequence[int], dry_run: bool) -> Iterator[str]:
    """Yield what is printed of an erasure, and what quotes the source that it is about, but for what is erased too."""
    if not done.positions and not done.sources:
        yield f"{what} is erased already"
    else:
        texts = f", with the text of {', '.join(done.sources)}," if done.sources and done.positions else ""
        also = [id for id in done.sources if not what.endswith(f" {id}")] if not done.positions else []
        same = f" (and of {', '.join(also)}, with the same)" if also else ""
        yield f"{what}{same}{texts} {'would be erased' if dry_run else f'is erased, by entry {done.position}'}"
    for one in done.quoted_by:
        if one.position in erased:
            continue
        yield f"  quoted by entry {one.position}, about {one.announcement}: that quote stays until it is erased too"


def _row(known: Known) -> tuple[str, ...]:
    times = (known.created_at, known.expires_at, known.last_used_at, known.revoked_at)
    written = ("" if at is None else f"{at[:19]}Z" for at in times)
    return (known.id, known.person, known.principal, ",".join(known.scopes), *written)


def _rebuild_there(api: Api, progress: Progress) -> tuple[int, Sequence[Unknown]]:
    told = msgspec.json.decode(_asked(api, "POST", "/v1/rebuild"), type=Rebuild)
    while told.state == "running":
        progress(told.done, told.total)
        time.sleep(POLL_S)
        told = msgspec.json.decode(_asked(api, "GET", "/v1/rebuild"), type=Rebuild)
    if told.state != "done":
        raise RebuildFailed
    return told.position, told.unknown


async def _rebuild_here(data: Path, progress: Progress) -> tuple[int, Sequence[Unknown]]:
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
            return views.position, [Unknown(met.type, met.v, met.entries, met.first) for met in views.unknown]
        finally:
            await views.close()
    finally:
        await engine.close()


@contextmanager
def _bar() -> Iterator[Progress]:
    """Yield what shows progress: a bar for a person, nothing for a pipe."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Rebuilding the views", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _now() -> Instant:
    return from_microseconds(wall_clock())
