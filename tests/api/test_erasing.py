"""`/v1/events/{position}/erase` and `/v1/sources/{id}/erase`: what they answer, and what is read afterwards."""

import asyncio
import re
import shutil
from pathlib import Path
from random import Random
from typing import Any, Final

import httpx2
import pytest

from api import app, erasing
from api.app import Service
from events.views.runner import Views
from tests.api.inside import Answer, ask, inside
from tests.api.served import ADMIN, Served, announcement, cited, source
from tests.api.test_secrecy import SENTENCES, SOURCES, record, sentence, visited

REASON: Final = {"reason": "Somebody who is not public."}
OPERATOR: Final = {"Authorization": f"Bearer {ADMIN}"}


def recorded(served: Served, path: str, body: dict[str, Any]) -> int:
    answer = served.post(path, body)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["position"])


def refused(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_an_erasure_answers_with_a_receipt_and_what_it_erased(served: Served) -> None:
    at = recorded(served, "/v1/sources", source("e1"))
    quoting = recorded(served, "/v1/announcements", announcement("e1", "e1"))

    answer = served.post(f"/v1/events/{at}/erase", REASON)

    said = quoting + 1
    assert answer.status_code == 201
    assert answer.json() == {
        "id": str(at), "position": said, "duplicate": False, "positions": [at], "sources": ["e1"],
        "quoted_by": [{"position": quoting, "announcement": "e1"}], "pending": [],
    }  # fmt: skip
    assert (answer.headers["Location"], answer.headers["ETag"]) == (f"/v1/events/{said}", f'"{said}"')
    assert answer.headers["Dateline-Position"] == str(said)
    entry = served.get(f"/v1/events/{said}")
    assert (entry["type"], entry["data"]) == ("log.erased", {"positions": [at], "sources": ["e1"], **REASON})
    assert {"log:self", "source:e1"} <= set(entry["tags"].split())


def test_what_is_erased_is_an_entry_without_data_wherever_it_is_read(served: Served) -> None:
    recorded(served, "/v1/sources", source("e2"))
    at = recorded(served, "/v1/announcements", announcement("e2", "e2"))
    before = served.get("/v1/announcements/e2", as_of=at)
    moved = recorded(
        served, "/v1/announcements/e2/reschedule", {"when": "2024-04-11", "citations": cited("e2", "on 11 April 2024")}
    )
    assert (
        served.public.get("/v1/announcements/e2", params={"min_position": moved}).json()["when"]["edtf"] == "2024-04-11"
    )

    assert served.post(f"/v1/events/{moved}/erase", REASON).status_code == 201

    now = served.public.get("/v1/announcements/e2").json()
    assert {**now, "position": at} == before
    history = served.get("/v1/announcements/e2/history")["items"]
    assert [(one["position"], one["data"] is None) for one in history] == [(at, False), (moved, True)]
    assert served.get(f"/v1/events/{moved}")["data"] is None
    page = served.public.get("/announcements/e2", headers={"Accept": "text/html"}).text
    assert "its content was erased" in page


def test_the_source_of_an_erased_text_says_that_it_has_none(served: Served) -> None:
    recorded(served, "/v1/sources", source("e3"))
    before = served.get("/v1/sources/e3")

    erased = served.post("/v1/sources/e3/erase", REASON).json()

    after = served.get("/v1/sources/e3")
    assert (before["has_text"], after["has_text"]) == (True, False)
    assert (erased["id"], erased["sources"], after["position"]) == ("e3", ["e3"], erased["position"])
    assert refused(served.api.get("/v1/sources/e3/text")) == (404, "not-found")
    again = source("e3-again", text=source("e3")["text"], copy_of="e3")
    assert refused(served.post("/v1/sources", again)) == (409, "text-erased")


def test_what_is_erased_already_and_a_retry_answer_200(served: Served) -> None:
    at = recorded(served, "/v1/sources", source("e4"))
    first = served.post(f"/v1/events/{at}/erase", REASON, key="e4")

    retry = served.post(f"/v1/events/{at}/erase", REASON, key="e4")
    again = served.post(f"/v1/events/{at}/erase", REASON)
    other = served.post(f"/v1/events/{at}/erase", {"reason": "Another."}, key="e4")

    assert (retry.status_code, retry.json()) == (200, {**first.json(), "duplicate": True})
    assert (again.status_code, again.json()["positions"], again.json()["sources"]) == (200, [], [])
    assert again.json()["position"] == first.json()["position"] == served.head()
    assert refused(other) == (422, "commit-key-reused")


def test_a_dry_run_answers_the_same_and_stores_nothing(served: Served) -> None:
    recorded(served, "/v1/sources", source("e5"))
    quoting = recorded(served, "/v1/announcements", announcement("e5", "e5"))

    tried = served.post("/v1/sources/e5/erase?dry_run=true", REASON)

    assert served.head() == quoting
    assert served.get("/v1/sources/e5")["has_text"]
    assert "Dateline-Position" not in tried.headers or int(tried.headers["Dateline-Position"]) <= quoting
    assert tried.json() == served.post("/v1/sources/e5/erase", REASON).json()


def test_what_cannot_be_erased_is_refused(served: Served) -> None:
    at = recorded(served, "/v1/sources", source("e6"))
    said = served.post(f"/v1/events/{at}/erase", REASON).json()["position"]

    assert refused(served.post(f"/v1/events/{said}/erase", REASON)) == (409, "not-erasable")
    assert refused(served.post(f"/v1/events/{said + 1}/erase", REASON)) == (404, "not-found")
    assert refused(served.post("/v1/sources/nobody/erase", REASON)) == (404, "not-found")
    assert refused(served.post(f"/v1/events/{at}/erase", {})) == (400, "body-mismatch")
    assert refused(served.post(f"/v1/events/{at}/erase", {"reason": "\x00"})) == (422, "control-character")
    assert refused(served.post(f"/v1/events/{at}/erase", REASON, If_Match='"1"')) == (400, "if-match-invalid")
    keyless = served.api.post(f"/v1/events/{at}/erase", json=REASON)
    assert refused(keyless) == (400, "idempotency-key-invalid")


def test_an_erased_rubric_is_listed_no_more(served: Served) -> None:
    at = recorded(served, "/v1/rubrics", {"version": "e7", "text": "What it means."})

    served.post(f"/v1/events/{at}/erase", REASON)

    assert "e7" not in [one["version"] for one in served.get("/v1/rubrics")["items"]]
    assert served.public.get("/rubric").status_code in (200, 404)


async def test_nothing_that_is_read_breaks_whatever_was_erased_and_in_the_end_no_word_is_told(tmp_path: Path) -> None:
    async with inside(tmp_path / "data") as service:
        await record(service)
        positions = list(range(1, (await service.log.head()).position + 1))
        Random(4).shuffle(positions)
        for number, position in enumerate(positions):
            erased = await write(service, f"/v1/events/{position}/erase", REASON, f"erase-{number}")
            assert erased.status == 201 or erased.json()["code"] == "not-erasable"
            if number % 4 == 0 or position == positions[-1]:
                told = await visited(service)
                assert {target: answer.status for target, answer in told.items() if answer.status >= 500} == {}

        left = {target for target, answer in told.items() if words_in(answer) - words_in_text(target)}
        assert left == set()
        assert (await ask(service, "GET", "/readyz")).status == 200


def words_in(answer: Answer) -> set[str]:
    return words_in_text(answer.body.decode("latin-1"))


def words_in_text(text: str) -> set[str]:
    """Return the words of the recorded sources in a text, quoted or not: they stand nowhere else."""
    return set(re.findall(r"q[a-z]{10}", text.lower())) & {
        word for id in SOURCES for number in range(SENTENCES) for word in sentence(id, number)
    }


# Where it cannot be done at once, and where it came back.


async def test_a_directory_that_is_put_back_from_before_loses_all_of_it_at_the_start(tmp_path: Path) -> None:
    data, kept = tmp_path / "data", tmp_path / "kept"
    async with inside(data) as service:
        await write(service, "/v1/sources", source("a"), "1")
        await write(service, "/v1/announcements", announcement("visit", "a"), "2")
        await service.views.wait_for(2, 10)
    shutil.copytree(data, kept)
    async with inside(data) as service:
        for number, path in enumerate(("/v1/events/1/erase", "/v1/events/2/erase")):
            assert (await write(service, path, REASON, f"erase-{number}")).status == 201
    shutil.copy(data / "erasures", kept)

    async with inside(kept) as service:
        events = (await ask(service, "GET", "/v1/events")).json()["events"]
        read = [(await ask(service, "GET", path)).status for path in ("/v1/announcements/visit", "/v1/sources/a")]

    assert [event["data"] for event in events] == [None, None]
    assert read == [404, 404]
    assert files_with(kept, b"10 April 2024") == files_with(kept, b"Meeting visit") == []


def files_with(directory: Path, words: bytes) -> list[str]:
    return sorted(path.name for path in directory.rglob("*") if path.is_file() and words in path.read_bytes())


async def write(service: Service, path: str, body: dict[str, Any], key: str) -> Answer:
    return await ask(service, "POST", path, body, {**OPERATOR, "Idempotency-Key": key})


async def pending(service: Service) -> float:
    text = (await ask(service, "GET", "/metrics")).body.decode()
    (line,) = [line for line in text.split("\n") if line.startswith("dateline_erasures_pending ")]
    return float(line.partition(" ")[2])


async def test_views_that_are_not_rebuilt_yet_are_told_as_pending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    going = asyncio.Event()
    rebuild = Views.rebuild

    async def slow(self: Views, *arguments: Any) -> None:
        await going.wait()
        await rebuild(self, *arguments)

    monkeypatch.setattr(Views, "rebuild", slow)
    monkeypatch.setattr(erasing, "VIEWS_WAIT_S", 0.01)
    async with inside(tmp_path / "data") as service:
        await write(service, "/v1/sources", source("a"), "1")

        erased = await write(service, "/v1/events/1/erase", REASON, "2")
        told = await pending(service)
        await service.views.wait_for(2, 10)
        kept = [await ask(service, "GET", "/v1/sources/a") for _ in range(2)]  # From now on from memory.
        going.set()
        done = await service.views.forgotten(10)
        read = await ask(service, "GET", "/v1/sources/a")
        again = await write(service, "/v1/events/1/erase", REASON, "2")

        assert (erased.json()["pending"], told) == (["views"], 1)
        assert [answer.status for answer in kept] == [200, 200]
        assert (done, read.status) == (True, 404)
        assert (again.json()["pending"], await pending(service)) == ([], 0)


async def test_what_a_reader_keeps_in_the_log_is_told_as_pending_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "PURGE_S", 0.05)
    async with inside(tmp_path / "data") as service:
        await write(service, "/v1/sources", source("a"), "1")
        with monkeypatch.context() as held:
            held.setattr("events.log.sqlite_writer.purge", lambda *_: False)
            erased = await write(service, "/v1/events/1/erase", REASON, "2")
            told = await pending(service)

        async with asyncio.timeout(20):
            while await pending(service):  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    assert (erased.status, erased.json()["pending"], told) == (201, ["log"], 1)
