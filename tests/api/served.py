"""A real server in a process of its own, over a data directory, and how tests talk to it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import httpx2

ROOT = Path(__file__).parents[2]
ADMIN = "the-admin-token-of-the-tests-0123456789"
DATELINE = [sys.executable, "-c", "from api.cli import main; main()"]
UNLIMITED = {"DATELINE_RATE_READS": "0", "DATELINE_RATE_WRITES": "0"}
"""Tests ask faster than anybody; those of the limits set their own."""
START_S = 20.0
STOP_S = 10.0

keys = (f"test:{number}" for number in count(1))


class Served:
    """A running server. `api` speaks as the admin, `public` as nobody. `seed`: with the seed timelines.

    What it logs goes to `logs`, if that is given. `program` is the one that runs.
    """

    def __init__(
        self,
        data: Path,
        *,
        seed: bool = False,
        logs: Path | None = None,
        program: Sequence[str] = DATELINE,
        **environment: str,
    ) -> None:
        self.data = data
        self._program = program
        self._logs = logs
        self._seed = ["--seed"] if seed else []
        self.port = 0
        self.url = ""
        self._environment = environment
        self.api = httpx2.Client(headers={"Authorization": f"Bearer {ADMIN}"}, timeout=10)
        self.public = httpx2.Client(timeout=10)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        ours = {f"DATELINE_{name.upper()}": value for name, value in self._environment.items()}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
        self._process = subprocess.Popen(
            [*self._program, "serve", "--data", str(self.data), "--port", str(self.port), *self._seed],
            cwd=ROOT,
            env={**inherited, "DATELINE_ADMIN_TOKEN": ADMIN, **UNLIMITED, **ours},
            stdout=subprocess.DEVNULL,
            stderr=None if self._logs is None else os.open(self._logs, os.O_WRONLY | os.O_CREAT | os.O_APPEND),
        )
        deadline = time.monotonic() + START_S
        self._find(deadline)
        while not self.is_ready():
            assert self._process.poll() is None, "the server ended by itself"
            assert time.monotonic() < deadline, "the server is not ready in time"
            time.sleep(0.02)

    def is_ready(self) -> bool:
        try:
            return self.public.get("/readyz").status_code == 200
        except httpx2.TransportError:
            return False

    def _find(self, deadline: float) -> None:
        """Learn which port the system chose, the first time; afterwards it is asked for again."""
        address = self.data / "address"
        while not self.url:
            assert time.monotonic() < deadline, "the server does not say where it is"
            time.sleep(0.02)
            text = address.read_text(encoding="utf-8").strip() if address.exists() else ""
            if text:
                self.port = urlsplit(text).port or 0
                self.url = f"http://127.0.0.1:{self.port}"
        self.api.base_url = self.public.base_url = self.url

    def stop(self) -> int:
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def __enter__(self) -> "Served":
        try:
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            self.stop()
        self.api.close()
        self.public.close()

    def post(self, path: str, body: Any, *, key: str | None = None, **headers: str) -> httpx2.Response:
        """Write as the admin, under a fresh key unless one is given."""
        return self.write("POST", path, body, key=key, **headers)

    def write(self, method: str, path: str, body: Any, *, key: str | None = None, **headers: str) -> httpx2.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.api.request(method, path, json=body, headers={"Idempotency-Key": key or next(keys), **named})

    def raw(self, path: str, body: bytes, **headers: str) -> httpx2.Response:
        """Send bytes as they are."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Idempotency-Key": next(keys), "Content-Type": "application/json", **named}
        return self.api.post(path, content=body, headers=sent)

    def get(self, path: str, **parameters: Any) -> Any:
        """Read as the admin, who reads its own writes; return the body."""
        answer = self.api.get(path, params={name.rstrip("_"): value for name, value in parameters.items()})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def head(self) -> int:
        return int(self.get("/v1/log")["head"])

    def _end(self, how: signal.Signals) -> int:
        assert self._process is not None
        self._process.send_signal(how)
        return self._process.wait(STOP_S)


def source(id: str, **more: Any) -> dict[str, Any]:
    """Return the body of a source whose text announces things for ten days of April."""
    text = f"{id} says: " + " ".join(f"The meeting is on {day} April 2024." for day in range(10, 20))
    return {
        "id": id,
        "title": f"Bulletin {id}",
        "publisher": "The desk",
        "published_at": "2024-04-01",
        "text": text,
        **more,
    }


def cited(id: str, quote: str = "on 10 April 2024", **more: Any) -> list[dict[str, Any]]:
    return [{"source": id, "quote": quote, **more}]


def announcement(id: str, source_id: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "title": f"Meeting {id}", "citations": cited(source_id), "when": "2024-04-10", **more}
