"""Appends: from 16 tasks against other stores, from one writer against plain `sqlite3`, and until a subscriber has it.

Everything is on: a key, three tags, a condition, the tree and the mark; each append is durable before the next of its
task. Ours and the other are measured in turn, in new directories, each round.
"""

import asyncio
import time
from pathlib import Path
from typing import Final

import uvloop

from bench.log import commits
from bench.log.places import ROUNDS, Peer, directory, p50
from bench.log.plain import Copy
from events.log.port import Event, Log, Query, QueryItem
from events.log.sqlite import open_sqlite

TASKS: Final = 16
EVENTS: Final = 6_400
ALONE: Final = 2_000
BATCHES: Final = 150
BATCH_EVENTS: Final = 100
DELIVERIES: Final = 1_000
PEERS: Final = (Peer("eventsourcing", "eventsourcing==9.5.6"), Peer("umadb", "umadb==0.7.8"))


def run() -> dict[str, float]:
    """Return rates in events a second, ratios of them, and times in milliseconds; medians of the rounds."""
    for peer in PEERS:
        peer.set_up()
    rates: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for name, rate in _round():
            rates.setdefault(name, []).append(rate)
    return {name: p50(values) for name, values in rates.items()}


def _round() -> list[tuple[str, float]]:
    with directory() as path:
        tasks = uvloop.run(_from_tasks(path))
    eventsourcing, umadb = (peer.measure(TASKS, EVENTS, len(commits.DATA)) for peer in PEERS)
    alone, plain_alone = _against_plain(ALONE, 1)
    batches, plain_batches = _against_plain(BATCHES, BATCH_EVENTS)
    with directory() as path:
        appended, delivered = uvloop.run(_delivered(path))
    return [
        ("tasks_per_s", tasks),
        ("eventsourcing_per_s", eventsourcing),
        ("umadb_per_s", umadb),
        ("against_eventsourcing", tasks / eventsourcing),
        ("against_umadb", tasks / umadb),
        ("alone_per_s", alone),
        ("plain_alone_per_s", plain_alone),
        ("alone_against_plain", alone / plain_alone),
        ("batches_per_s", batches),
        ("plain_batches_per_s", plain_batches),
        ("batches_against_plain", batches / plain_batches),
        ("appended_ms", appended),
        ("delivered_ms", delivered),
        ("delivery_ms", delivered - appended),
    ]


async def _from_tasks(path: Path) -> float:
    engine = await open_sqlite(path)

    async def task(history: int) -> None:
        await _append(engine.log, history, EVENTS // TASKS, 1)

    began = time.perf_counter()
    await asyncio.gather(*(task(history) for history in range(TASKS)))
    took = time.perf_counter() - began
    await engine.close()
    return EVENTS / took


def _against_plain(appends: int, size: int) -> tuple[float, float]:
    """Return the rates of one writer, ours and plain `sqlite3`'s, of the same rows."""
    with directory() as path:
        ours = uvloop.run(_alone(path, appends, size))
        plain = Copy(path / "log.db").write(path / "plain.db")
    return appends * size / ours, appends * size / plain


async def _alone(path: Path, appends: int, size: int) -> float:
    engine = await open_sqlite(path)
    began = time.perf_counter()
    await _append(engine.log, 0, appends, size)
    took = time.perf_counter() - began
    await engine.close()
    return took


async def _append(log: Log, history: int, appends: int, size: int) -> None:
    after = 0
    for index in range(appends):
        histories = [history] if size == 1 else [index * size + number for number in range(size)]
        receipt = await log.append(commits.commit(f"{history}-{index}", histories, after=after, number=index * size))
        after = receipt.position


async def _delivered(path: Path) -> tuple[float, float]:
    """Return the medians from the call to the answer, and to the event's arrival at a subscription, in ms."""
    engine = await open_sqlite(path)
    arrivals: asyncio.Queue[float] = asyncio.Queue()
    ready = asyncio.Event()

    async def listen() -> None:
        asked = Query(items=(QueryItem(tags=(commits.subject(0),)),))
        async for said in engine.log.subscribe(asked, after="head"):
            if isinstance(said, Event):
                arrivals.put_nowait(time.perf_counter())
            else:
                ready.set()

    listening = asyncio.create_task(listen())
    await ready.wait()
    answered, delivered = [], []
    for index in range(DELIVERIES):
        began = time.perf_counter()
        await engine.log.append(commits.commit(str(index), [0], after=index, number=index))
        answered.append(time.perf_counter() - began)
        delivered.append(await arrivals.get() - began)
    listening.cancel()
    await engine.close()
    return p50(answered) * 1000, p50(delivered) * 1000
