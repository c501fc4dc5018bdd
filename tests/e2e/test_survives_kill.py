"""What was acknowledged is there after kill -9."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.api.served import ADMIN, Served, announcement, source

ROUNDS = 3
WRITERS = 4
ACKNOWLEDGED_MIN = 30
WAIT_S = 20.0


class Writers:
    """Threads that make announcements until the server is gone, and remember what it acknowledged."""

    def __init__(self, url: str, name: str) -> None:
        self.acknowledged: dict[str, int] = {}
        self.enough = threading.Event()
        self._url = url
        self._threads = [threading.Thread(target=self._write, args=(f"{name}-{number}",)) for number in range(WRITERS)]
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join(WAIT_S)

    def _write(self, name: str) -> None:
        with httpx2.Client(base_url=self._url, headers={"Authorization": f"Bearer {ADMIN}"}, timeout=5) as client:
            for number in range(10_000):
                id = f"{name}-{number}"
                try:
                    answer = client.post(
                        "/v1/announcements", json=announcement(id, "bulletin"), headers={"Idempotency-Key": id}
                    )
                except httpx2.TransportError:
                    return
                assert answer.status_code == 201, answer.text
                self.acknowledged[id] = answer.json()["position"]
                if len(self.acknowledged) >= ACKNOWLEDGED_MIN:
                    self.enough.set()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Served]:
    with Served(tmp_path / "data") as server:
        yield server


def test_every_acknowledged_announcement_survives_kill_9(running: Served) -> None:
    assert running.post("/v1/sources", source("bulletin")).status_code == 201
    acknowledged: dict[str, int] = {}

    for number in range(ROUNDS):
        writers = Writers(running.url, f"round-{number}")
        assert writers.enough.wait(WAIT_S)
        running.kill()
        writers.join()
        acknowledged |= writers.acknowledged
        running.start()

    head = running.head()
    events = list(events_of(running))
    assert [event["position"] for event in events] == list(range(1, head + 1))
    recorded = {event["subject"]: event["position"] for event in events if event["type"] == "announcement.made"}
    assert (
        acknowledged.items() <= {subject.removeprefix("announcement:"): at for subject, at in recorded.items()}.items()
    )
    assert running.get("/v1/announcements", limit=1)["total"] == len(recorded)


def test_a_request_whose_answer_was_lost_is_settled_by_its_retry(running: Served) -> None:
    assert running.post("/v1/sources", source("bulletin")).status_code == 201
    writers = Writers(running.url, "lost")
    assert writers.enough.wait(WAIT_S)
    running.kill()
    writers.join()
    running.start()

    for id, position in writers.acknowledged.items():
        again = running.post("/v1/announcements", announcement(id, "bulletin"), key=id)

        assert (again.status_code, again.json()["position"], again.json()["duplicate"]) == (200, position, True)


def events_of(served: Served) -> Iterator[dict[str, Any]]:
    cursor: str | None = "start"
    while cursor is not None:
        page = served.get("/v1/events", from_=cursor, limit=1000)
        yield from page["events"]
        cursor = page["next"]
