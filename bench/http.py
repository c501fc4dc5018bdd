"""Requests a second over HTTP, against an ASGI application that does nothing else, in turn within one run.

The yardstick (`raw.py`) runs in the same server with the same settings and answers the same bytes. For a write it reads
the body and answers; Dateline does everything but store: the door, the token, the shape of the body, the route. Its
handler is cut off (`stub.py`), since what is stored is measured by `append`.
"""

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from bench.load import Answered, Load
from bench.raw import Same
from bench.service import GENEROUS, TOKEN, Process
from bench.views import ROOT

ROUNDS: Final = 15
SECONDS: Final = 0.7
WARM_UP_S: Final = 1.0
STARTED_S: Final = 20.0
BODY_BYTES: Final = 20_000
TIMELINE: Final = "/v1/timelines/bench?limit=1000"
SOURCE: Final = {
    "id": "bulletin", "title": "Bulletin", "publisher": "The bureau", "published_at": "2024-04-01",
    "text": "The ministers will meet in the spring to go over what was agreed the year before.",
}  # fmt: skip
READER: Final = "Host: bench\r\nAccept: application/json\r\nAccept-Encoding: gzip\r\nUser-Agent: bench\r\n"
WRITER: Final = f"Host: bench\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n"


def run() -> dict[str, float]:
    """Return requests a second and their ratios to the yardstick's, each the best of many short rounds in turn."""
    ROOT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT) as directory, ExitStack() as open_until:
        ours = open_until.enter_context(serving(Path(directory) / "data"))
        stub = open_until.enter_context(_other("bench.stub"))
        timeline = fill(ours)
        answers = {
            "GET": _asked(ours, "GET", TIMELINE),
            "304": _asked(ours, "GET", TIMELINE, {"If-None-Match": dict(timeline.headers)["etag"]}),
            "POST": _asked(stub, "POST", "/v1/announcements", _writing("warm-up"), json.dumps(announcement(0))),
        }
        assert [one.status for one in answers.values()] == [200, 304, 201], answers
        path = Path(directory) / "answers.json"
        path.write_bytes(msgspec.json.encode(answers))
        raw = open_until.enter_context(_other("bench.raw", str(path)))
        tag = dict(timeline.headers)["etag"]
        body = json.dumps(announcement(0))
        get = f"GET {TIMELINE} HTTP/1.1\r\n{READER}"
        post = f"POST /v1/announcements HTTP/1.1\r\n{WRITER}Content-Length: {len(body)}\r\nIdempotency-Key: n-{{n}}\r\n"
        measured: dict[str, float] = {"timeline_bytes": len(timeline.body)}
        measured |= _compared("get", f"{get}\r\n", ours, raw, 200)
        measured |= _compared("304", f"{get}If-None-Match: {tag}\r\n\r\n", ours, raw, 304)
        measured |= _compared("post", f"{post}\r\n{body}", stub, raw, 201)
    return measured


def announcement(number: int) -> dict[str, Any]:
    """Return the body of an announcement, of about 600 bytes."""
    return {
        "id": f"meeting-{number}",
        "title": f"Ministers meet for the {number}th time",
        "when": f"2030-{1 + number % 12:02}-10",
        "kind": "meeting",
        "citations": [{"source": "bulletin", "quote": "The ministers will meet in the spring"}],
        "actors": [{"name": "The ministry of the interior"}, {"name": "Others", "role": "with"}],
        "places": ["Washington"],
        "topics": ["summit", "security"],
        "modality": "committed",
    }


def fill(port: int) -> Same:
    """Record announcements until their timeline has as many bytes as are asked for; return its answer."""
    _asked(port, "POST", "/v1/sources", _writing("source"), json.dumps(SOURCE))
    timeline = {"slug": "bench", "title": "Summits", "query": {"topic": ["summit"]}}
    _asked(port, "POST", "/v1/timelines", _writing("timeline"), json.dumps(timeline))
    number = 0
    while len((answer := _asked(port, "GET", TIMELINE, {"Authorization": f"Bearer {TOKEN}"})).body) < BODY_BYTES:
        number += 1
        _asked(port, "POST", "/v1/announcements", _writing(f"n-{number}"), json.dumps(announcement(number)))
    return answer


def load(spec: Load) -> Answered:
    """Ask as fast as it is answered, from a process of its own."""
    return msgspec.json.decode(_loading(spec).communicate()[0], type=Answered)


def _compared(name: str, request: str, ours: int, raw: int, status: int) -> dict[str, float]:
    """Return the best of our rates and of the yardstick's, and their ratio: others may use the machine as well."""
    rates: dict[int, list[float]] = {ours: [], raw: []}
    for port in (ours, raw):
        load(Load(port=port, request=request, seconds=WARM_UP_S))
    for _ in range(ROUNDS):
        for port, measured in rates.items():
            answered = load(Load(port=port, request=request, seconds=SECONDS))
            assert set(answered.statuses) == {str(status)}, answered
            measured.append(answered.per_s)
    mine, theirs = max(rates[ours]), max(rates[raw])
    return {f"{name}_per_s": round(mine), f"{name}_raw_per_s": round(theirs), f"{name}_ratio": round(mine / theirs, 3)}


def _loading(spec: Load) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "bench.load", msgspec.json.encode(spec).decode()]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def _writing(key: str) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json", "Idempotency-Key": f"bench-{key}"
    }  # fmt: skip


def _asked(port: int, method: str, path: str, headers: Mapping[str, str] = {}, body: str | None = None) -> Same:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        text = answer.read().decode()
        assert answer.status in (200, 201, 304), text
        added = ("date", "content-length" if answer.status == 304 else "date")  # The server adds these by itself.
        kept = [(name.lower(), value) for name, value in answer.getheaders() if name.lower() not in added]
        return Same(status=answer.status, headers=kept, body=text)
    finally:
        connection.close()


@contextmanager
def serving(data: Path, limits: Mapping[str, str] = GENEROUS) -> Iterator[int]:
    """Serve a data directory until the block ends; give the port."""
    server = Process(data, limits)
    try:
        server.wait_for("/readyz")
        yield server.port
    finally:
        server.stop()


@contextmanager
def _other(module: str, *arguments: str) -> Iterator[int]:
    """Run a server of the bench's own on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    environment = os.environ | {"DATELINE_ADMIN_TOKEN": TOKEN, **GENEROUS}
    process = subprocess.Popen(
        [sys.executable, "-m", module, str(port), *arguments], env=environment, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + STARTED_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                assert time.monotonic() < deadline, f"{module} does not start"
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(30)


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
