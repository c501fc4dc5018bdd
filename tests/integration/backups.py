"""Data directories with something in them, and what is in them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from msgspec import Struct

from events.log.port import NewCommit, Query, scoped_key
from events.log.sqlite import SqliteEngine, open_sqlite
from events.sealing import Seal
from tests.contract.given import commit, made

NOW: Final = "2026-11-28T03:00:00.000000Z"
LATER: Final = "2026-11-29T03:00:00.000000Z"


class Held(Struct, frozen=True, kw_only=True):
    """What a directory holds, as a start finds it."""

    log_id: str
    data: tuple[bytes | None, ...]
    texts: tuple[bytes, ...]
    vkey: str


@asynccontextmanager
async def opened(directory: Path) -> AsyncGenerator[tuple[SqliteEngine, Seal], None]:
    engine = await open_sqlite(directory)
    try:
        yield engine, await Seal.open(directory, engine, NOW)
    finally:
        await engine.close()


async def record(engine: SqliteEngine, *texts: bytes) -> None:
    """Record each text as the service does: the text first, then an entry that needs it."""
    for text in texts:
        number = (await engine.log.head()).position + 1
        await engine.state.put("text", f"{number:04}", text, expected=None)
        await engine.log.append(commit(made(f"source:s{number}", data=b'{"text":"%d"}' % number)))


async def with_texts(directory: Path, *texts: bytes) -> Held:
    async with opened(directory) as (engine, _):
        await record(engine, *texts)
    return await held(directory)


async def held(directory: Path) -> Held:
    async with opened(directory) as (engine, seal):
        events = (await engine.log.read(Query.all())).events
        await engine.log.verify()
        return Held(
            log_id=(await engine.log.head()).log_id,
            data=tuple(event.data for event in events),
            texts=tuple(record.value for record in await engine.state.list("text")),
            vkey=str(seal.vkey),
        )


def erasing(*positions: int) -> NewCommit:
    event = made("log:self", type="log.erased", data=b'{"reason":"asked for"}')
    return NewCommit(
        key=scoped_key("ada", f"erase-{positions}"), fingerprint="e", events=(event,), by="ada", erases=positions
    )
