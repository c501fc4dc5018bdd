"""Whatever arrives, nothing breaks and nothing is stored."""

import re
import socket
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest

from api.openapi.examples import read_examples
from tests.api.conforming import Described
from tests.api.fuzzing import Fuzz
from tests.api.scenario import Player
from tests.api.served import ADMIN, Served
from tests.torture import tries

SEED = 20240411
REQUESTS = tries(3_000, 24_000)
CONNECTIONS = 8
PIPELINED_MAX = 6
PATIENCE_S = 0.25
"""How long an answer is waited for: what is cut off has none."""
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    return tmp_path / "logs"


@pytest.fixture
def played(tmp_path: Path, logs: Path) -> Iterator[Served]:
    """A server on which the examples were played, so that there is something to ask for."""
    with Served(tmp_path / "data", logs=logs, rate_reads="0", rate_writes="0") as served:
        for _ in Player(served).play(read_examples()):
            pass
        yield served


def exchange(port: int, requests: Sequence[bytes], *, half: bool) -> bytes:
    """Send requests over one connection, one behind the other, and return whatever comes back."""
    said = b""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"".join(requests))
        if half:
            connection.shutdown(socket.SHUT_WR)
        connection.settimeout(PATIENCE_S)
        while piece := connection.recv(65_536):
            said += piece
    return said


def broken(port: int, fuzz: Fuzz, count: int, seed: int) -> tuple[Counter[int], list[tuple[list[bytes], bytes]]]:
    """Send so many requests; return how often there was each status, and what led to one that is no promise."""
    draw, requests = Random(seed), fuzz.requests(count)
    statuses: Counter[int] = Counter()
    wrong = []
    while sent := list(islice(requests, draw.choice([1, 1, 1, PIPELINED_MAX]))):
        said = exchange(port, sent, half=draw.random() < 0.1)
        found = [int(status) for status in STATUS.findall(said)]
        statuses.update(found)
        if any(status >= 500 and status != 503 for status in found):
            wrong.append((sent, said))
    return statuses, wrong


def whole(served: Served) -> dict[str, Any]:
    """Return what is recorded, and what is read of it."""
    paths = ("events", "announcements", "sources", "actors", "timelines", "tokens")
    return {path: served.get(f"/v1/{path}", limit=1000) for path in paths}


@pytest.mark.torture
def test_whatever_arrives_breaks_nothing_and_stores_nothing(played: Served, logs: Path) -> None:
    before, described, examples = whole(played), Described(played.get("/openapi.json")), read_examples()

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        share = REQUESTS // CONNECTIONS
        fuzzes = [Fuzz(SEED + number, examples, described, ADMIN) for number in range(CONNECTIONS)]
        runs = [pool.submit(broken, played.port, fuzz, share, n) for n, fuzz in enumerate(fuzzes)]
        found = [run.result() for run in runs]

    statuses = sum((counted for counted, _ in found), Counter[int]())
    assert [wrong for _, wrong in found if wrong] == []
    assert {200, 400, 401, 404, 405, 406, 409, 415, 422} <= statuses.keys()
    assert played.is_ready()
    assert whole(played) == before
    assert "Traceback" not in logs.read_text(encoding="utf-8", errors="replace")
