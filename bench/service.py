"""The service as a process at 100,000 stored events: start-up, memory, and a timeline of 200 items over HTTP."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import uvloop

from bench.views import ROOT, fill
from events.log.sqlite import open_sqlite

WARM_UP: Final = 20
REQUESTS: Final = 400
READY_S: Final = 180.0
TOKEN: Final = "bench-" + "0" * 32
GENEROUS: Final = {
    "DATELINE_RATE_READS": "1000000", "DATELINE_RATE_WRITES": "1000000", "DATELINE_FEEDS_PER_ADDRESS_MAX": "100000",
}  # fmt: skip
"""Limits that are counted, and never reached."""


class Process:
    """A server process on a free port; `limits` are settings of how much may be asked."""

    def __init__(self, data: Path, limits: Mapping[str, str] = GENEROUS) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.began = time.perf_counter()
        command: list[str | Path] = [
            Path(sys.executable).parent / "dateline",
            "serve",
            "--port",
            str(self.port),
            "--data",
            data,
        ]
        environment = os.environ | {"DATELINE_ADMIN_TOKEN": TOKEN, **limits}
        self._process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def wait_for(self, path: str) -> float:
        """Return the seconds from the start until a path answers 200."""
        while time.perf_counter() - self.began < READY_S:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}") as answer:
                    answer.read()
                    return time.perf_counter() - self.began
            except OSError:
                time.sleep(0.005)
        raise TimeoutError(f"no answer on {path} within {READY_S} s")

    def resident_mb(self) -> float:
        """Return the resident memory in MB, of a million bytes."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
        return int(kilobytes) * 1024 / 1_000_000

    def stop(self) -> None:
        """Ask it to stop, and wait."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)


def run() -> dict[str, float]:
    """Return start-up in seconds, resident MB, and p50 and p99 of the answers in milliseconds."""
    ROOT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT) as directory:
        data = Path(directory)
        events = uvloop.run(_fill(data))
        first = Process(data)
        first.wait_for("/readyz")  # Builds the views and records what fell due: not what is measured here.
        first.stop()
        server = Process(data)
        try:
            measured: dict[str, float] = {
                "events": events,
                "start_up_s": round(server.wait_for("/v1/timelines/bench?limit=1"), 2),
                "resident_idle_mb": round(server.resident_mb()),
            }
            server.wait_for("/readyz")
            for name, query in _places(events).items():
                times = _times(server.port, f"/v1/timelines/bench?limit=200{query}")
                measured[f"{name}_p50_ms"] = round(times[len(times) // 2] * 1000, 2)
                measured[f"{name}_p99_ms"] = round(times[len(times) * 99 // 100] * 1000, 2)
            measured["resident_mb"] = round(server.resident_mb())
        finally:
            server.stop()
    return measured


async def _fill(data: Path) -> int:
    engine = await open_sqlite(data)
    try:
        return await fill(engine.log)
    finally:
        await engine.close()


def _places(events: int) -> dict[str, str]:
    as_of, said_by = f"&as_of={events // 2}", "&said_by=2024-01-01"
    return {"now": "", "as_of": as_of, "said_by": said_by, "both": as_of + said_by}


def _times(port: int, path: str) -> list[float]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    times = []
    for _ in range(WARM_UP + REQUESTS):
        began = time.perf_counter()
        connection.request("GET", path, headers={"Authorization": f"Bearer {TOKEN}"})  # What it is shown is made anew.
        answer = connection.getresponse()
        body = answer.read()
        times.append(time.perf_counter() - began)
        assert answer.status == 200, body
    connection.close()
    return sorted(times[WARM_UP:])
