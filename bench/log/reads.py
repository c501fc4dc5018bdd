"""Reads of a log of 100,000 events against plain `sqlite3`, in turn: all of it by pages, and histories of 100 events.

Plain `sqlite3` fetches the two columns that an event is made of and leaves them as bytes; we decode each entry and give
structs, from a thread. `decoded` is the kinder yardstick: it decodes the entries too, as plain Python would.
"""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import uvloop

from bench.log import commits
from bench.log.places import ROUNDS, directory, p50
from bench.log.plain import HISTORY, PAGE, reading
from events.log.build import sqlite3
from events.log.port import PAGE_EVENTS_MAX, Log, Query, QueryItem
from events.log.sqlite import open_sqlite

EVENTS: Final = 100_000
HISTORIES: Final = 1_000
HISTORIES_READ: Final = 200


def run() -> dict[str, float]:
    """Return rates in events a second, times of a history in milliseconds, and ratios; medians of the rounds."""
    with directory() as path:
        return uvloop.run(_measure(path))


async def _measure(path: Path) -> dict[str, float]:
    engine = await open_sqlite(path)
    await commits.fill(engine.log, events=EVENTS, histories=HISTORIES)
    ours, plain, decoded, ratios = [], [], [], []
    histories, plain_histories = [], []
    with closing(reading(path / "log.db")) as connection:
        for number in range(ROUNDS):
            ours.append(await _pages(engine.log))
            plain.append(_plain_pages(connection))
            decoded.append(_plain_pages(connection, decode=True))
            for history in range(number, HISTORIES, HISTORIES // HISTORIES_READ):
                histories.append(await _history(engine.log, history))
                plain_histories.append(_plain_history(connection, history))
            ratios.append(ours[-1] / plain[-1])
    await engine.close()
    return {
        "read_per_s": p50(ours),
        "plain_read_per_s": p50(plain),
        "decoded_read_per_s": p50(decoded),
        "read_against_plain": p50(ratios),
        "read_against_decoded": p50([one / other for one, other in zip(ours, decoded, strict=True)]),
        "history_ms": p50(histories) * 1000,
        "plain_history_ms": p50(plain_histories) * 1000,
        "history_against_plain": p50(histories) / p50(plain_histories),
    }


async def _pages(log: Log) -> float:
    began = time.perf_counter()
    after = count = 0
    while (page := await log.read(Query.all(), after=after, limit=PAGE_EVENTS_MAX)).events:
        after = page.events[-1].position
        count += len(page.events)
    assert count == EVENTS
    return EVENTS / (time.perf_counter() - began)


def _plain_pages(connection: sqlite3.Connection, *, decode: bool = False) -> float:
    began = time.perf_counter()
    for after in range(0, EVENTS, PAGE_EVENTS_MAX):
        rows = connection.execute(PAGE, (after, PAGE_EVENTS_MAX)).fetchall()
        assert len(rows) == PAGE_EVENTS_MAX
        if decode:
            for _ in _decoded(rows):
                pass
    return EVENTS / (time.perf_counter() - began)


def _decoded(rows: list[tuple[bytes, bytes]]) -> Iterator[dict[str, object]]:
    for entry, data in rows:
        yield {**json.loads(entry), "data": data}


async def _history(log: Log, history: int) -> float:
    began = time.perf_counter()
    page = await log.read(Query(items=(QueryItem(tags=(commits.subject(history),)),)))
    took = time.perf_counter() - began
    assert len(page.events) == EVENTS // HISTORIES
    return took


def _plain_history(connection: sqlite3.Connection, history: int) -> float:
    began = time.perf_counter()
    rows = connection.execute(HISTORY, (commits.subject(history),)).fetchall()
    took = time.perf_counter() - began
    assert len(rows) == EVENTS // HISTORIES
    return took
