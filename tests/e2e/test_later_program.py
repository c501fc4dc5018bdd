"""A record that a later program wrote in: this one carries what it does not know, and the later one goes on from it."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from events import facts as f
from events.log.entry import canonical
from events.log.port import NewEvent
from events.log.sqlite import open_sqlite
from events.terms import Citation
from tests.api.conforming import Described
from tests.api.served import ADMIN, Served, announcement, cited, source
from tests.cli.commands import run as dateline
from tests.later import CALLED_OFF, LATER, RESCHEDULED, WHY, CalledOff
from tests.recording import new_event, record_events

SAID: Final = "2024-04-03T00:00:00.000000Z"
CITED: Final = (Citation(source="bulletin", quote="on 10 April 2024", said_at=SAID),)
TAGS: Final = ("announcement:visit", "source:bulletin")
AWKWARD: Final = {"announcement": 5, "position": ["one"], "weather": {}}
UNKNOWN: Final = [(RESCHEDULED, 2, 1, 4), (CALLED_OFF, 1, 1, 5), ("weather.forecast", 3, 1, 7)]
"""What is unknown here: type, version, how many entries, and the first of them."""


def moved_to(day: int) -> dict[str, Any]:
    quote = f"on {day} April 2024"
    return {"when": f"2024-04-{day}", "citations": cited("bulletin", quote, said_at=f"2024-04-02T00:00:{day}Z")}


async def record_more(data: Path) -> None:
    called_off = CalledOff(announcement="visit", citations=CITED, reason="Rain.")
    progress = f.ProgressReported(announcement="visit", citations=CITED, text="It rains.")
    extra = NewEvent(type=CALLED_OFF, data=canonical(f.plain(called_off)), tags=TAGS, said_at=SAID)
    weather = NewEvent(type="weather.forecast", v=3, data=canonical(AWKWARD), tags=("announcement:visit",))
    engine = await open_sqlite(data)
    try:
        await record_events(engine.log, [extra, new_event(progress, TAGS)])
        await record_events(engine.log, [weather])
    finally:
        await engine.close()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory in which this program wrote entries 1 to 3, and a later one the others, but for 6."""
    data = tmp_path_factory.mktemp("later") / "data"
    with Served(data) as today:
        today.post("/v1/sources", source("bulletin")).raise_for_status()
        today.post("/v1/announcements", announcement("visit", "bulletin")).raise_for_status()
        today.post("/v1/announcements/visit/reschedule", moved_to(12)).raise_for_status()
    with Served(data, program=LATER) as later:
        later.post("/v1/announcements/visit/reschedule", moved_to(14)).raise_for_status()
    asyncio.run(record_more(data))
    return data


@pytest.fixture(scope="module")
def carrying(written: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """This program over that directory; every answer is held against the description."""
    data = tmp_path_factory.mktemp("carrying") / "data"
    shutil.copytree(written, data)
    with Served(data, logs=data.parent / "logged") as served:
        described = Described(served.get("/openapi.json"))

        def compare(answer: httpx2.Response) -> None:
            if not answer.headers.get("content-type", "").startswith("text/event-stream"):
                answer.read()
                assert described.faults(answer) == []

        served.api.event_hooks = served.public.event_hooks = {"response": [compare]}
        yield served


def told(served: Served, path: str = "/v1/events") -> list[dict[str, Any]]:
    """Return the facts that a stream tells up to the present, or a page of them."""
    if "feed" not in path:
        events: list[dict[str, Any]] = served.get(path)["events"]
        return events
    found = []
    with served.public.stream("GET", path) as answer:
        for line in answer.iter_lines():
            if line == "event: caught-up":
                break
            if line.startswith("data: "):
                found.append(json.loads(line.removeprefix("data: ")))
    return found


def kinds(entries: list[dict[str, Any]]) -> list[tuple[str, int | None]]:
    return [(entry["type"], entry.get("v")) for entry in entries]


@pytest.mark.parametrize("path", ["/v1/events", "/v1/feed?from=start", "/v1/feed?from=start&include=state"])
def test_every_entry_goes_out_as_it_is_stored(carrying: Served, path: str) -> None:
    events = told(carrying, path)[:7]

    assert kinds(events)[2:] == [
        (RESCHEDULED, None), (RESCHEDULED, 2), (CALLED_OFF, None), ("announcement.progress_reported", None),
        ("weather.forecast", 3),
    ]  # fmt: skip
    assert events[3]["data"]["when"]["edtf"] == "2024-04-14"
    assert events[4]["data"]["reason"] == "Rain."
    assert events[6]["data"] == AWKWARD
    assert carrying.get("/v1/events/7")["data"] == AWKWARD


def test_what_is_unknown_has_no_effect_and_what_is_known_beside_it_has(carrying: Served) -> None:
    visit = carrying.get("/v1/announcements/visit", as_of=7)

    assert [date["edtf"] for date in visit["dates"]] == ["2024-04-10", "2024-04-12"]
    assert visit["state"] != "cancelled"
    assert [one["text"] for one in visit["progress"]] == ["It rains."]


def test_its_history_holds_it_as_it_is_stored(carrying: Served) -> None:
    entries = carrying.get("/v1/announcements/visit/history", as_of=7)["items"]

    assert [entry["position"] for entry in entries] == [2, 3, 4, 5, 6, 7]
    assert [entry.get("v") for entry in entries] == [None, None, 2, 1, None, 3]
    assert entries[3]["data"]["reason"] == "Rain."
    assert entries[5]["data"] == AWKWARD


@pytest.mark.parametrize("path", ["/log?before=8", "/announcements/visit?as_of=7"])
def test_pages_show_it_as_what_they_cannot_read(carrying: Served, path: str) -> None:
    page = carrying.public.get(path, headers={"Accept": "text/html"})

    assert page.status_code == 200
    for kind in (f"{RESCHEDULED}, version 2", CALLED_OFF, "weather.forecast"):
        assert f"An entry that this version of the site cannot read ({kind})" in page.text


@pytest.mark.parametrize("path", ["/", "/search?q=rain", "/corrections", "/actors", "/rubric"])
def test_every_other_page_stands(carrying: Served, path: str) -> None:
    assert carrying.public.get(path, headers={"Accept": "text/html"}).status_code == 200


def test_the_operator_is_told_what_is_unknown_and_since_where(carrying: Served) -> None:
    metrics = carrying.api.get("/metrics").text
    rebuild = carrying.get("/v1/rebuild")["unknown"]
    logged = (carrying.data.parent / "logged").read_text(encoding="utf-8")

    assert sorted((one["type"], one["v"], one["entries"], one["first"]) for one in rebuild) == sorted(UNKNOWN)
    for type_name, v, entries, first in UNKNOWN:
        assert f'dateline_views_unknown_entries{{type="{type_name}",v="{v}"}} {entries}.0' in metrics
        assert f"no effect here: {entries} of {type_name}, version {v}, from entry {first} on" in logged


def test_the_command_lines_tell_of_it(written: Path, tmp_path: Path) -> None:
    shutil.copytree(written, tmp_path / "data")

    rebuilt = dateline("rebuild", "--data", tmp_path / "data")

    assert (
        f"1 entry has no effect until an upgrade knows {CALLED_OFF}, version 1; the first is entry 5" in rebuilt.stdout
    )


@pytest.mark.parametrize("position", [4, 5, 7])
def test_what_nobody_here_can_weigh_is_not_taken_back_here(carrying: Served, position: int) -> None:
    refused = carrying.post(f"/v1/events/{position}/withdraw", {"reason": "Not so."})

    assert (refused.status_code, refused.json()["code"]) == (409, "not-allowed")
    assert "withdraw it after the upgrade" in refused.json()["detail"]


def test_commands_are_judged_by_what_is_known(carrying: Served) -> None:
    supported = carrying.post("/v1/announcements/visit/corroborate", {"citations": cited("bulletin"), "supports": 5})
    amended = carrying.post(
        "/v1/announcements/visit/amend", {"set": {"title": "A"}, "origin": "editor", "corrects": 4, "reason": "wrong"}
    )
    gone = carrying.post("/v1/events/1/withdraw", {"reason": "Not so."})
    moved = carrying.post("/v1/announcements/visit/reschedule", moved_to(16))

    assert {supported.status_code, amended.status_code, gone.status_code} <= {400, 409, 422}
    assert moved.status_code == 201
    assert [date["edtf"] for date in carrying.get("/v1/announcements/visit")["dates"]][-2:] == [
        "2024-04-12",
        "2024-04-16",
    ]


def test_an_exported_record_carries_it_into_another_log(carrying: Served, tmp_path: Path) -> None:
    dateline(
        "export", tmp_path / "record.jsonl", "--texts", "--server", carrying.url, DATELINE_TOKEN=ADMIN
    ).check_returncode()

    imported = dateline("import", tmp_path / "record.jsonl", "--data", tmp_path / "data")
    again = dateline("import", tmp_path / "record.jsonl", "--data", tmp_path / "data")

    assert imported.returncode == again.returncode == 0, imported.stderr
    assert again.stderr.startswith("0 recorded")
    assert f"1 of them of {CALLED_OFF}, version 1, which this version does not know" in imported.stderr
    with Served(tmp_path / "data", program=LATER) as later:
        mine, theirs = ([{**one, "id": "", "source": "", "by": ""} for one in told(s)] for s in (later, carrying))
        assert mine == theirs
        assert later.get("/v1/announcements/visit", as_of=7)["state"] == "cancelled"


def test_after_the_upgrade_everything_takes_effect_from_where_it_was_recorded(written: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(written, data)
    with Served(data) as today:
        before = today.get("/v1/announcements/visit")

    with Served(data, program=LATER) as later:
        visit = later.get("/v1/announcements/visit")
        history = later.get("/v1/announcements/visit/history")["items"]
        as_stored = told(later)[2]["data"]
        unknown = later.get("/v1/rebuild")["unknown"]

    assert before["state"] != visit["state"] == "cancelled"
    assert [date["edtf"] for date in visit["dates"]] == ["2024-04-10", "2024-04-12", "2024-04-14"]
    assert [date["reason"] for date in visit["dates"]] == [None, WHY, None]
    assert [entry.get("v") for entry in history] == [None, None, None, None, None, 3]
    assert history[1]["data"]["reason"] == WHY
    assert "reason" not in as_stored
    assert [one["type"] for one in unknown] == ["weather.forecast"]


def test_a_step_back_leaves_nothing_of_what_the_later_program_took_in(written: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(written, data)
    with Served(data) as today:
        before = today.get("/v1/announcements/visit")
    with Served(data, program=LATER) as later:
        assert later.get("/v1/announcements/visit") != before

    with Served(data) as today:
        assert today.get("/v1/announcements/visit") == before
