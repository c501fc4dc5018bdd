"""A crowd at the door: 10,000 connections that say nothing, 200 that do their worst, and how the others fare.

The others read a timeline, an announcement and a list that nobody asked before, every 50 ms. They are measured before
the crowd comes, while it is there, and after it went. Every part of the crowd comes from addresses of its own, and all
of it from this machine.
"""

import asyncio
import itertools
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import msgspec
import uvloop

from bench.http import READER, TIMELINE, fill, serving
from bench.load import Answered, Load, ask
from bench.views import ROOT

IDLE: Final = 10_000
IDLE_ADDRESSES: Final = 10
SEARCHING: Final = 80
ASKING_NONSENSE: Final = 80
TRICKLING: Final = 40
ROUNDS: Final = 3
SECONDS: Final = 4.0
PAUSE_S: Final = 0.05
TRICKLE_S: Final = 0.5
OPEN_AT_ONCE: Final = 200
LIFE_S: Final = 180.0
QUESTIONS: Final = (TIMELINE, "/v1/announcements/meeting-1", "/v1/announcements?limit=20&changed_after={n}")


def run() -> dict[str, float]:
    """Return the p99 of the others in milliseconds, without and with the crowd: the best of as many rounds of each.

    The best, since somebody else may use the machine as well, and who waits for a core waits a hundred milliseconds.
    """
    _let_many_be_open()
    ROOT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT) as directory, serving(Path(directory) / "data", {}) as port:
        fill(port)
        before = [_others(port) for _ in range(ROUNDS)]
        with _crowd(port):
            crowded = [_others(port) for _ in range(2 * ROUNDS)]
        after = [_others(port) for _ in range(ROUNDS)]
    alone, among = _p99(before + after), _p99(crowded)
    return {"p99_alone_ms": round(alone, 2), "p99_in_the_crowd_ms": round(among, 2), "ratio": round(among / alone, 2)}


def _others(port: int) -> list[Answered]:
    """Return how those fare who ask now and then."""
    specs = [
        Load(port=port, request=_get(path), seconds=SECONDS, connections=2, pause_s=PAUSE_S, source=f"127.0.9.{number}")
        for number, path in enumerate(QUESTIONS, 1)
    ]
    return msgspec.json.decode(
        _process("others", msgspec.json.encode(specs).decode()).communicate()[0], type=list[Answered]
    )


def _p99(rounds: list[list[Answered]]) -> float:
    """Return the least over rounds of the worst p99 of a question; every answer is one that was asked for."""
    for answered in itertools.chain.from_iterable(rounds):
        assert set(answered.statuses) == {"200"}, answered
    return min(max(answered.p99_ms for answered in each) for each in rounds)


@contextmanager
def _crowd(port: int) -> Iterator[None]:
    """Have the crowd come, and wait until all of it is there."""
    processes = [_process(kind, str(port)) for kind in ("idle", "abusive")]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == b"here\n"
        yield
    finally:
        for process in processes:
            process.terminate()
            process.wait(30)


def _process(*arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "bench.crowd", *arguments], stdout=subprocess.PIPE)


def _get(path: str) -> str:
    return f"GET {path} HTTP/1.1\r\n{READER}\r\n"


async def _idle(port: int) -> None:
    """Open the connections that say nothing."""
    loop = asyncio.get_running_loop()
    for start in range(0, IDLE, OPEN_AT_ONCE):
        source = f"127.0.2.{1 + start // OPEN_AT_ONCE % IDLE_ADDRESSES}"
        opening = [
            loop.create_connection(asyncio.Protocol, "127.0.0.1", port, local_addr=(source, 0))
            for _ in range(OPEN_AT_ONCE)
        ]
        await asyncio.gather(*opening)
    print("here", flush=True)
    await asyncio.sleep(LIFE_S)


async def _abusive(port: int) -> None:
    """Search without end, ask nonsense without end, and never finish saying something."""
    search = Load(
        port=port, request=_get("/v1/search?q=minister+{n}"), seconds=LIFE_S, connections=SEARCHING, source="127.0.3.1"
    )
    nonsense = Load(
        port=port, request=_get("/v1/announcements?colour={n}"), seconds=LIFE_S, connections=ASKING_NONSENSE,
        source="127.0.3.2",
    )  # fmt: skip
    work: list[Any] = [ask(search), ask(nonsense), *(_trickle(port) for _ in range(TRICKLING))]
    working = [asyncio.ensure_future(one) for one in work]
    await asyncio.sleep(1.0)
    print("here", flush=True)
    await asyncio.wait(working, timeout=LIFE_S)


async def _trickle(port: int) -> None:
    """Say a byte of a body now and then; begin again when the server has enough of it."""
    head = (
        f"POST /v1/announcements HTTP/1.1\r\n{READER}Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
    )
    while True:
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.3.3", 0))
            writer.write(head.encode())
            while not writer.is_closing():
                writer.write(b"{")
                await writer.drain()
                await asyncio.sleep(TRICKLE_S)
        await asyncio.sleep(TRICKLE_S)


async def _ask_all(specs: list[Load]) -> list[Answered]:
    return await asyncio.gather(*(ask(spec) for spec in specs))


def _let_many_be_open() -> None:
    """Raise the number of connections a process may hold as far as the system lets us; the server takes it over."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    assert most > IDLE + 500, f"{most} connections may be open; this needs {IDLE}"


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["idle", port]:
            uvloop.run(_idle(int(port)))
        case ["abusive", port]:
            uvloop.run(_abusive(int(port)))
        case ["others", specs]:
            answered = uvloop.run(_ask_all(msgspec.json.decode(specs, type=list[Load])))
            sys.stdout.buffer.write(msgspec.json.encode(answered))
        case _:
            print(json.dumps(run(), indent=2))
