"""A client in a process of its own that asks as fast as it is answered: `python -m bench.load '{"port": 8470, …}'`."""

import asyncio
import itertools
import sys
import time
from collections import Counter
from typing import Any, Final

import msgspec
import uvloop

CONNECTIONS: Final = 16
END_OF_HEAD: Final = b"\r\n\r\n"
LENGTH: Final = b"content-length: "


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What to send, as it goes over the wire; `{n}` in it is another number each time. `pause_s` lies in between."""

    port: int
    request: str
    seconds: float
    connections: int = CONNECTIONS
    pause_s: float = 0.0
    source: str = "127.0.0.1"


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """How that went: answers a second, by status, and how long the median and the slowest hundredth took."""

    per_s: float
    statuses: dict[str, int]
    p50_ms: float
    p99_ms: float


class _Asking(asyncio.Protocol):
    """One connection: a request, its answer, the next request."""

    def __init__(self, load: Load, statuses: Counter[str], times: list[float], numbers: "itertools.count[int]") -> None:
        self._load = load
        self._statuses = statuses
        self._times = times
        self._numbers = numbers
        self._numbered = "{n}" in load.request
        self._request = load.request.encode()
        self._held = b""
        self._missing = 0
        self._began = 0.0
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        self._began = time.perf_counter()
        number = b"%d" % next(self._numbers) if self._numbered else b""
        self._transport.write(self._request.replace(b"{n}", number) if self._numbered else self._request)

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._missing -= len(data)
        else:
            self._held += data
            end = self._held.find(END_OF_HEAD)
            if end < 0:
                return
            head = self._held[:end].lower()
            at = head.find(LENGTH)
            length = int(head[at + len(LENGTH) :].split(b"\r", 1)[0]) if at >= 0 else 0
            self._missing = end + len(END_OF_HEAD) + length - len(self._held)
            self._statuses[head[9:12].decode()] += 1
            self._held = b""
        if self._missing == 0:
            self._times.append(time.perf_counter() - self._began)
            if self._load.pause_s:
                asyncio.get_running_loop().call_later(self._load.pause_s, self._ask)
            else:
                self._ask()


async def ask(load: Load) -> Answered:
    """Ask for some seconds, and say how that went."""
    statuses: Counter[str] = Counter()
    times: list[float] = []
    numbers = itertools.count(1)
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(
            lambda: _Asking(load, statuses, times, numbers), "127.0.0.1", load.port, local_addr=(load.source, 0)
        )
        for _ in range(load.connections)
    ]
    began = time.perf_counter()
    await asyncio.sleep(load.seconds)
    took = time.perf_counter() - began
    for transport, _ in made:
        transport.abort()
    ordered = sorted(times) or [0.0]
    return Answered(
        per_s=len(times) / took,
        statuses=dict(statuses),
        p50_ms=ordered[len(ordered) // 2] * 1000,
        p99_ms=ordered[len(ordered) * 99 // 100] * 1000,
    )


if __name__ == "__main__":
    answered = uvloop.run(ask(msgspec.json.decode(sys.argv[1], type=Load)))
    sys.stdout.buffer.write(msgspec.json.encode(answered))
