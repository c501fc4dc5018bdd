"""Durable appends of one event each from 16 tasks: ours against PyPI's `eventsourcing` on SQLite.

Both write about 600 bytes an event with `synchronous=FULL`, in turn within one run. Ours does more: a key,
three tags, a condition, hashes and the mark. The peer has its own environment under `.bench/`.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import uvloop

from events.log.port import AppendCondition, NewCommit, NewEvent, Query, QueryItem, scoped_key
from events.log.sqlite import open_sqlite

ROOT: Final = Path(__file__).parent.parent
PEER: Final = "eventsourcing==9.5.6"
PEER_HOME: Final = ROOT / ".bench" / "eventsourcing"
ROUNDS: Final = 3
TASKS: Final = 16
EVENTS: Final = 6_400
DATA: Final = b'{"title":"' + b"a" * 588 + b'"}'


def run() -> dict[str, float]:
    """Return the medians of three rounds, in events a second, and their ratio."""
    _set_up_peer()
    (ROOT / ".bench").mkdir(exist_ok=True)
    ours, peer = [], []
    for _ in range(ROUNDS):
        ours.append(_measure_ours())
        peer.append(_measure_peer())
    dateline, eventsourcing = statistics.median(ours), statistics.median(peer)
    return {
        "dateline_events_per_s": round(dateline),
        "eventsourcing_events_per_s": round(eventsourcing),
        "ratio": round(dateline / eventsourcing, 2),
    }


def _measure_ours() -> float:
    with tempfile.TemporaryDirectory(dir=ROOT / ".bench") as directory:
        return uvloop.run(_append_from_tasks(Path(directory)))


async def _append_from_tasks(directory: Path) -> float:
    engine = await open_sqlite(directory)

    async def task(number: int) -> None:
        after = 0
        for index in range(EVENTS // TASKS):
            receipt = await engine.log.append(_commit(number, index, after))
            after = receipt.position

    began = time.perf_counter()
    await asyncio.gather(*(task(number) for number in range(TASKS)))
    took = time.perf_counter() - began
    await engine.close()
    return EVENTS / took


def _commit(task: int, index: int, after: int) -> NewCommit:
    subject = f"announcement:visit-{task}"  # As the peer's threads, each task has a history of its own.
    mine = Query(items=(QueryItem(tags=(subject,)),))
    event = NewEvent(
        type="announcement.rescheduled", data=DATA, tags=(subject, "source:bulletin", f"actor:{index % 7}")
    )
    return NewCommit(
        key=scoped_key("bench", f"{task}-{index}"),
        fingerprint=b"f" * 32,
        events=(event,),
        by="bench",
        condition=AppendCondition(fail_if_match=mine, after=after),
    )


def _set_up_peer() -> None:
    done = PEER_HOME / ".installed"
    if not done.exists():
        subprocess.run([sys.executable, "-m", "venv", str(PEER_HOME)], check=True)
        subprocess.run([_peer_python(), "-m", "pip", "install", "--quiet", PEER], check=True)
        done.touch()


def _measure_peer() -> float:
    script = Path(__file__).with_name("append_peer.py")
    with tempfile.TemporaryDirectory(dir=ROOT / ".bench") as directory:
        arguments = [f"{directory}/peer.db", str(TASKS), str(EVENTS), str(len(DATA))]
        answer = subprocess.run([_peer_python(), str(script), *arguments], check=True, capture_output=True, text=True)
    return float(json.loads(answer.stdout)["events_per_s"])


def _peer_python() -> str:
    return str(PEER_HOME / "bin" / "python")


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
