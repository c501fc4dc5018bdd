"""Looking on: what is counted, what is logged, what never is, and traces from the request to the feed."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from events.log.entry import entry_of
from events.log.merkle import leaf_hash
from events.log.port import Event, Query
from events.log.sqlite import open_sqlite
from tests.api.served import ADMIN, Served, announcement, cited, source

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
MARK = "kept-to-itself"
WRITTEN_S = 5.0
SILENCE_S = 0.1


class Watched:
    """A server for all tests, and what it has logged since one of them began."""

    def __init__(self, served: Served, logs: Path) -> None:
        self.served = served
        self.begun = 0
        self._logs = logs

    def text(self) -> str:
        """Return the log from then on, once it tells of all that was answered: a line follows its answer."""
        size = -1
        while size < (size := self._logs.stat().st_size):
            time.sleep(SILENCE_S)
        return self._logs.read_bytes()[self.begun :].decode()

    def begin(self) -> "Watched":
        self.begun = len(self.text().encode()) + self.begun
        return self

    def lines(self) -> list[dict[str, Any]]:
        """Return the lines about requests, except those that wait for the server to be ready."""
        told = [json.loads(line) for line in self.text().splitlines()]
        return [line for line in told if line["logger"] == "api.observing" and line.get("route") != "/readyz"]


def watched(directory: Path, **settings: Any) -> Iterator[Watched]:
    logs = directory / "logs"
    with Served(directory / "data", logs=logs, **settings) as served:
        yield Watched(served, logs)


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    yield from watched(tmp_path_factory.mktemp("some"), log="json")


@pytest.fixture(scope="module")
def talkative(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    yield from watched(tmp_path_factory.mktemp("all"), log="text", log_requests="all")


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    yield from watched(tmp_path_factory.mktemp("none"), log="json", log_requests="none", public_read="0")


@pytest.fixture
def logs(ordinary: Watched) -> Watched:
    return ordinary.begin()


@pytest.fixture
def running(logs: Watched) -> Served:
    return logs.served


def samples(served: Served) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(served.public.get("/metrics").text)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.mark.parametrize("which", ["ordinary", "talkative"])
def test_no_log_holds_what_was_in_a_request(which: str, request: pytest.FixtureRequest) -> None:
    logs: Watched = request.getfixturevalue(which)
    told = logs.served
    told.post("/v1/sources", source("bulletin", title=MARK, author=MARK))
    told.post("/v1/sources", {**source("other"), "text": MARK, "unknown": MARK})
    told.post("/v1/announcements", announcement("visit", "bulletin", title=MARK), key=MARK)
    told.post("/v1/announcements", announcement("visit", MARK))
    told.raw("/v1/announcements", b'{"title": "' + MARK.encode())
    told.post(f"/v1/announcements/{MARK}/retract", {"reason": MARK})
    for path in (
        f"/v1/{MARK}",
        f"/{MARK}?{MARK}={MARK}",
        f"/v1/announcements?q={MARK}&colour={MARK}",
        f"/embed/{MARK}",
    ):
        for headers in ({}, {"Accept": "text/html"}, {"Accept": MARK}):
            told.public.get(path, headers={"User-Agent": MARK, "Cookie": f"a={MARK}", **headers})
    told.public.get("/v1/log", headers={"Authorization": f"Bearer {MARK}"})
    told.public.request(MARK.upper(), "/v1/log")
    told.public.get("/v1/feed", params={"from": MARK})
    told.public.get("/v1/log", headers={"traceparent": MARK})

    text = logs.text()

    assert "route=/v1/sources" in text or '"route": "/v1/sources"' in text
    for secret in (MARK, MARK.upper(), ADMIN, "127.0.0.1", "Traceback"):
        assert secret not in text


def test_what_is_told_of_a_request(running: Served, logs: Watched) -> None:
    running.post("/v1/sources", source("told"), traceparent=TRACEPARENT)
    running.public.get("/v1/nothing")
    running.public.get("/v1/log")
    running.public.get("/healthz")

    told = logs.lines()

    assert [line["status"] for line in told] == [201, 404]
    written, unknown = told
    took = written.pop("ms")
    assert 0 < took < 60_000
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", written.pop("time"))
    assert written.pop("bytes") > 0
    assert written.pop("position").isdigit()
    assert written == {
        "level": "info",
        "logger": "api.observing",
        "method": "POST",
        "route": "/v1/sources",
        "status": 201,
        "by": "admin",
        "trace": TRACE,
    }
    assert (unknown["route"], unknown["code"]) == ("none", "not-found")
    assert re.fullmatch("[0-9a-f]{32}", unknown["trace"])


@pytest.mark.parametrize(("which", "count"), [("talkative", 3), ("silent", 0)])
def test_how_much_is_told_can_be_set(which: str, count: int, request: pytest.FixtureRequest) -> None:
    logs: Watched = request.getfixturevalue(which)
    logs.begin()

    for path in ("/v1/log", "/v1/log", "/v1/nothing"):
        logs.served.public.get(path)

    assert logs.text().count("api.observing") == count


def test_what_cannot_be_told_line_by_line_is_told_as_a_number(running: Served, logs: Watched) -> None:
    with httpx2.Client(base_url=running.url) as client:
        for _ in range(300):
            client.get("/v1/nothing")
    time.sleep(1.0)
    running.public.get("/v1/nothing")

    told = logs.lines()
    left_out = [int(line["message"].split()[0]) for line in told if "message" in line]

    assert len(told) - len(left_out) + sum(left_out) == 301


def test_requests_are_counted_by_route(running: Served) -> None:
    before = samples(running)
    running.post("/v1/sources", source("counted"))
    running.get("/v1/sources")  # Who wrote waits for the views.
    for _ in range(3):
        running.public.get("/v1/sources/counted")
    running.public.get("/v1/sources/nobody")
    running.public.get("/no/such/path")
    running.public.post("/v1/sources", json={})

    found = samples(running)

    def more(name: str, *labels: tuple[str, str]) -> float:
        return found.get((name, labels), 0) - before.get((name, labels), 0)

    def requests(method: str, route: str, status: str) -> float:
        labels = (("method", method), ("route", route), ("status", status))
        return more("dateline_http_requests_total", *labels)

    assert requests("GET", "/v1/sources/{id}", "2xx") == 3
    assert requests("GET", "/v1/sources/{id}", "4xx") == 1
    assert requests("POST", "/v1/sources", "2xx") == 1
    assert requests("POST", "/v1/sources", "4xx") == 1
    assert requests("GET", "none", "4xx") == 1
    duration = (("method", "GET"), ("route", "/v1/sources/{id}"))
    assert more("dateline_http_request_duration_seconds_count", *duration) == 4
    assert more("dateline_http_refusals_total", ("code", "not-found")) == 2
    assert more("dateline_http_refusals_total", ("code", "token-invalid")) == 1
    assert more("dateline_cache_hits_total") == 2
    assert found["dateline_http_requests_in_flight", ()] == 1  # This one.
    assert more("dateline_log_position") == 1
    assert found["dateline_due_lag_seconds", ()] == 0
    assert found["dateline_database_bytes", (("file", "log"),)] > 0
    assert found["process_resident_memory_bytes", ()] > 1_000_000


def test_open_streams_and_their_frames_are_counted(running: Served) -> None:
    assert samples(running)["dateline_streams", ()] == 0

    with running.public.stream("GET", "/v1/feed", params={"from": "start"}) as feed:
        told = feed.iter_lines()
        while not next(told).startswith("event: caught-up"):
            pass
        assert samples(running)["dateline_streams", ()] == 1
        assert samples(running)["dateline_stream_frames_total", ()] >= 2

    deadline = time.monotonic() + WRITTEN_S
    while samples(running)["dateline_streams", ()] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert samples(running)["dateline_streams", ()] == 0


def test_metrics_are_for_whoever_may_read(silent: Watched) -> None:
    answer = silent.served.api.get("/metrics")

    assert silent.served.public.get("/metrics").status_code == 401
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")


async def test_a_trace_goes_from_the_request_into_the_entry_and_what_the_feed_tells_of_it(
    running: Served, logs: Watched
) -> None:
    start = running.head()
    running.post("/v1/sources", source("traced"), traceparent=TRACEPARENT)
    running.post("/v1/announcements", announcement("traced", "traced"), traceparent="00-ff-nonsense")
    running.post("/v1/announcements/traced/cancel", {"citations": cited("traced")})
    with running.public.stream("GET", "/v1/feed", params={"from": "start"}) as feed:
        told = feed.iter_lines()
        ids = []
        while not (line := next(told)).startswith("event: caught-up"):
            ids += [line.removeprefix("id: ")] if line.startswith("id: ") else []
    told_of = [line.get("trace") for line in logs.lines() if line.get("position") == str(start + 1)]
    running.stop()

    events = await recorded(running.data)

    assert [event.correlation for event in events[start:]] == [TRACE, None, None]
    assert ids == [f"{leaf_hash(entry_of(event)).hex()[:8]}-{event.position}" for event in events]
    assert TRACE.encode() in entry_of(events[start])
    assert told_of[:1] == [TRACE]


async def recorded(data: Path) -> tuple[Event, ...]:
    engine = await open_sqlite(data)
    try:
        return tuple((await engine.log.read(Query.all())).events)
    finally:
        await engine.close()
