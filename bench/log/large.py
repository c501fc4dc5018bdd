"""A log of 1,000,000 events: appends to it against appends to one of 10,000, verifying, opening after a crash.

It is filled once, in commits of 500 events.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import uvloop

from bench.log import commits
from bench.log.places import ROUNDS, directory, p50
from events.log.port import Log
from events.log.sqlite import open_sqlite

SIZES: Final = {"small": 10_000, "large": 1_000_000}
HISTORIES: Final = {"small": 100, "large": 10_000}
APPENDS: Final = 300
"""How many appends in a row are timed on one of the logs before the other's turn."""
TURNS: Final = 3
UNWRITTEN_BYTES: Final = 8 * 1024 * 1024
"""How much of the write-ahead log a crash leaves at least that is not in the database yet."""
APPENDS_MAX: Final = 100_000


def run() -> dict[str, float]:
    """Return times in milliseconds and seconds, and the rate of verifying in entries a second."""
    with directory() as path:
        measured = uvloop.run(_measure(path))
        return measured | _after_crashes(path / "large")


async def _measure(path: Path) -> dict[str, float]:
    async with AsyncExitStack() as undo:
        logs: dict[str, Log] = {}
        filled: dict[str, float] = {}
        for name, events in SIZES.items():
            engine = await open_sqlite(path / name)
            undo.push_async_callback(engine.close)
            logs[name] = engine.log
            began = time.perf_counter()
            await commits.fill(engine.log, events=events, histories=HISTORIES[name])
            filled[name] = events / (time.perf_counter() - began)
        verified = [await _verify(logs["large"]) for _ in range(ROUNDS)]
        times: dict[str, list[float]] = {name: [] for name in logs}
        for turn in range(ROUNDS * TURNS):
            for name, log in logs.items():
                times[name] += await _appends(log, HISTORIES[name], f"turn-{turn}")
    small, large = (p50(times[name]) * 1000 for name in ("small", "large"))
    return {
        "fill_per_s": filled["large"],
        "verify_per_s": p50(verified),
        "small_append_ms": small,
        "large_append_ms": large,
        "large_against_small": large / small,
    }


async def _verify(log: Log) -> float:
    began = time.perf_counter()
    verified = await log.verify()
    return verified.last / (time.perf_counter() - began)


async def _appends(log: Log, histories: int, key: str) -> Sequence[float]:
    times = []
    after = (await log.head()).position
    for index in range(APPENDS):
        began = time.perf_counter()
        receipt = await log.append(
            commits.commit(f"{key}-{index}", [index * 31 % histories], after=after, number=index)
        )
        times.append(time.perf_counter() - began)
        after = receipt.position
    return times


def _after_crashes(path: Path) -> dict[str, float]:
    times, sizes = [], []
    for number in range(ROUNDS):
        _crash(path, number)
        sizes.append((path / "log.db-wal").stat().st_size)
        times.append(uvloop.run(_open(path)))
    return {"open_after_crash_s": p50(times), "left_by_crash_mb": p50(sizes) / 1e6}


def _crash(path: Path, number: int) -> None:
    """Have another process append until enough lies in the write-ahead log alone, and kill it."""
    command = [sys.executable, "-m", __name__, str(path), str(number)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as appending:
        assert appending.stdout is not None
        appending.stdout.readline()
        appending.send_signal(signal.SIGKILL)


async def _open(path: Path) -> float:
    began = time.perf_counter()
    engine = await open_sqlite(path)
    took = time.perf_counter() - began
    await engine.close()
    return took


async def _append_until_killed(path: Path, number: int) -> None:
    engine = await open_sqlite(path)
    after = (await engine.log.head()).position
    enough = False
    for index in range(APPENDS_MAX):
        key = f"crash-{number}-{index}"
        commit = commits.commit(key, [index % HISTORIES["large"]], after=after, number=index)
        after = (await engine.log.append(commit)).position
        if not enough and (path / "log.db-wal").stat().st_size >= UNWRITTEN_BYTES:
            enough = True
            print("enough", flush=True)  # And on, so that it is killed in the middle of something.


if __name__ == "__main__":
    uvloop.run(_append_until_killed(Path(sys.argv[1]), int(sys.argv[2])))
