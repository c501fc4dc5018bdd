"""`POST /v1/extract` and `POST /v1/sources/{id}/extract`: what a text announces, and what that would change."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from api.extracting import MATCHED_MAX
from events.bodies import TEXT_BYTES_MAX
from events.extract.who.gazetteer import GazetteerInvalid
from events.views.turns import Turns
from tests.api.inside import ask, inside
from tests.api.served import ADMIN, Served

SUMMIT = "Japan and the Philippines will hold a summit on Wednesday."
TEXT = f"{SUMMIT}\nThe joint command will stand by 24 March 2025.\nIt rained."
MONDAY = "2024-04-08"
FUTURE = {"scheduled", "committed", "expected"}
OPERATOR = {"Authorization": f"Bearer {ADMIN}"}
names = (f"s-{number}" for number in count(1))


def read(served: Served, text: str = TEXT, **more: Any) -> dict[str, Any]:
    """Return what is read in a text of Monday, 8 April 2024."""
    answer = served.api.post("/v1/extract", json={"text": text, "published_at": MONDAY, **more})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def the(extraction: dict[str, Any], words: str) -> dict[str, Any]:
    """Return the one candidate whose quote has some words."""
    (found,) = [one for one in extraction["candidates"] if words in one["quote"]]
    assert isinstance(found, dict)
    return found


def recorded(served: Served, text: str | None, **more: Any) -> str:
    """Record a source; return its id."""
    id = next(names)
    body = {"id": id, "title": f"Bulletin {id}", "publisher": "P", "published_at": MONDAY, **more}
    answer = served.post("/v1/sources", body if text is None else {**body, "text": text})
    assert answer.status_code == 201, answer.text
    return id


def announced(served: Served, source: str, candidate: dict[str, Any], **more: Any) -> str:
    """Record a candidate as an announcement; return its id."""
    for actor in candidate["actors"]:
        served.post("/v1/actors", {"id": actor["id"], "names": {"en": actor["id"]}, "kind": "state"})
    citation = {name: candidate[name] for name in ("quote", "start", "end")}
    body = {
        "title": candidate["title"], "kind": candidate["kind"], "when": candidate["when"]["edtf"],
        "actors": candidate["actors"], "citations": [{"source": source, **citation}], **more,
    }  # fmt: skip
    answer = served.post("/v1/announcements", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def unlike(text: str) -> str:
    """Return a text that no other test records: the record of a module is one."""
    return f"{text}\n{next(names)}."


def test_a_text_is_read_for_what_it_announces(served: Served) -> None:
    found = read(served, unlike(TEXT))

    summit = the(found, "summit")
    assert (summit["when"]["edtf"], summit["when"]["kind"], summit["kind"]) == ("2024-04-10", "on", "summit")
    assert {actor["id"] for actor in summit["actors"]} == {"japan", "philippines"}
    assert summit["modality"] in FUTURE
    assert summit["match"]["proposal"] == "new"
    assert the(found, "joint command")["when"]["edtf"] == "../2025-03-24"
    assert [one["edtf"] for one in found["expressions"]] == ["2024-04-10", "../2025-03-24"]
    for one in (*found["candidates"], *found["expressions"]):
        assert TEXT[one["start"] : one["end"]] == one.get("quote", one.get("text"))


def test_the_day_is_that_of_the_zone_in_which_it_was_published(served: Served) -> None:
    late = {"published_at": "2024-04-11T01:00:00Z"}  # Wednesday evening in New York, Thursday in Tokyo.

    there = read(served, SUMMIT, **late, timezone="America/New_York")
    here = read(served, SUMMIT, **late, timezone="Asia/Tokyo")

    assert the(there, "summit")["when"]["edtf"] == "2024-04-10"
    assert the(here, "summit")["when"]["edtf"] == "2024-04-17"


def test_reading_a_text_records_nothing(served: Served) -> None:
    head = served.head()

    read(served)
    served.api.post(f"/v1/sources/{recorded(served, unlike(TEXT))}/extract", json={})

    assert served.head() == head + 1


def test_the_profile_of_the_field_lists_words_that_are_no_days(served: Served) -> None:
    text = f"{SUMMIT} Prices are rising now."

    ours, theirs = read(served, text), read(served, text, profile="timeml")

    assert [one["text"] for one in theirs["expressions"] if one["edtf"] is None] == ["now"]
    assert all(one["edtf"] is not None for one in ours["expressions"])
    assert all("match" not in one for one in theirs["candidates"])


def test_another_source_corroborates_and_another_date_moves(served: Served) -> None:
    text = unlike("France and Germany will hold a summit on Wednesday.")
    id = announced(served, recorded(served, text), the(read(served, text), "summit"))

    same = the(read(served, unlike("Germany and France will hold their summit on Wednesday.")), "summit")
    other = the(read(served, unlike("The summit of France and Germany will now be held on 12 April 2024.")), "summit")
    after = the(
        read(served, unlike("France and Germany held a summit on Wednesday."), published_at="2024-04-12"), "summit"
    )

    assert (same["match"]["id"], same["match"]["proposal"]) == (id, "corroborates")
    assert "same actors: france, germany" in same["match"]["why"]
    assert (other["match"]["id"], other["match"]["proposal"]) == (id, "moves")
    assert other["match"]["why"][-1] == "gives 12 April 2024 instead of 10 April 2024"
    assert (after["match"]["id"], after["match"]["proposal"]) == (id, "outcome")


def test_what_was_recorded_from_a_text_is_not_offered_again(served: Served) -> None:
    text = unlike("Japan and France will hold a summit on Thursday.")
    source = recorded(served, text)
    id = announced(served, source, the(read(served, text), "summit"))

    again = the(read(served, text), "summit")
    stored = the(served.api.post(f"/v1/sources/{source}/extract", json={}).json(), "summit")

    assert again["match"] == {"id": id, "why": ["recorded from this source already"]}
    assert stored["match"] == again["match"]


def test_a_copy_corroborates_nothing(served: Served) -> None:
    text = unlike("Japan and Germany will hold a summit on Friday.")
    source = recorded(served, text)
    id = announced(served, source, the(read(served, text), "summit"))
    copy = recorded(served, f"{text}\nReprinted.", copy_of=source)

    found = the(served.api.post(f"/v1/sources/{copy}/extract").json(), "summit")

    assert found["match"]["id"] == id
    assert "proposal" not in found["match"]
    assert found["match"]["why"][-1] == f"a copy of what source {source} says already"


def test_what_was_turned_down_does_not_come_back(served: Served) -> None:
    text = unlike(TEXT)
    source = recorded(served, text)
    before = served.api.post(f"/v1/sources/{source}/extract", json={}).json()
    summit, command = the(before, "summit"), the(before, "joint command")
    down = [
        {"start": summit["start"], "end": summit["end"], "edtf": summit["when"]["edtf"]},
        {"start": command["expression"]["start"], "end": command["expression"]["end"],
         "edtf": command["expression"]["edtf"]},
    ]  # fmt: skip
    position = served.post(f"/v1/sources/{source}/reject", {"candidates": down[:1]}).json()["position"]
    served.post(f"/v1/sources/{source}/reject", {"candidates": down[1:]})

    after = served.api.post(f"/v1/sources/{source}/extract", json={}).json()
    sent = read(served, text)
    elsewhere = read(served, unlike(TEXT))

    left = [one for one in before["candidates"] if one not in (summit, command)]
    assert after["candidates"] == sent["candidates"] == left
    assert [one["edtf"] for one in after["expressions"]] == ["2024-04-10"]
    assert {the(elsewhere, "summit")["title"]} == {summit["title"]}
    served.post(f"/v1/events/{position}/withdraw", {"reason": "It is one."})
    assert the(served.api.post(f"/v1/sources/{source}/extract", json={}).json(), "summit") == summit


def test_a_candidate_without_a_date_can_be_turned_down(served: Served) -> None:
    text = unlike("Japan and the Philippines will hold a summit.")
    source = recorded(served, text)
    summit = the(served.api.post(f"/v1/sources/{source}/extract", json={}).json(), "summit")
    place = {"start": summit["start"], "end": summit["end"]}

    dated = served.post(f"/v1/sources/{source}/reject", {"candidates": [{**place, "edtf": "2024"}]})
    kept = served.api.post(f"/v1/sources/{source}/extract", json={}).json()
    undated = served.post(f"/v1/sources/{source}/reject", {"candidates": [place]})
    again = served.post(f"/v1/sources/{source}/reject", {"candidates": [place]})
    gone = served.api.post(f"/v1/sources/{source}/extract", json={}).json()

    assert (dated.status_code, undated.status_code, again.status_code) == (201, 201, 200)
    assert the(kept, "summit") == summit
    assert [one for one in gone["candidates"] if "summit" in one["quote"]] == []


@pytest.mark.parametrize("body", [None, {}, {"profile": "dates"}])
def test_the_text_of_a_source_is_read_whatever_the_body_leaves_out(served: Served, body: dict[str, Any] | None) -> None:
    source = recorded(served, unlike(TEXT))

    answer = served.api.post(f"/v1/sources/{source}/extract", json=body)

    assert answer.status_code == 200
    assert the(answer.json(), "summit")["when"]["edtf"] == "2024-04-10"
    assert answer.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"),
    [
        ({"published_at": MONDAY}, 400, "body-mismatch", "/text"),
        ({"text": TEXT}, 422, "published-at-missing", "/published_at"),
        ({"text": TEXT, "published_at": "soon"}, 422, "time-invalid", "/published_at"),
        ({"text": TEXT, "published_at": MONDAY, "timezone": "Nowhere"}, 422, "zone-unknown", "/timezone"),
        ({"text": TEXT, "published_at": MONDAY, "language": "de"}, 422, "language-not-read", "/language"),
        ({"text": TEXT, "published_at": MONDAY, "language": "eng"}, 422, "language-not-read", "/language"),
        ({"text": TEXT, "published_at": MONDAY, "profile": "other"}, 400, "body-mismatch", "/profile"),
        ({"text": "", "published_at": MONDAY}, 400, "body-mismatch", "/text"),
        ({"text": " \u200b", "published_at": MONDAY}, 400, "body-mismatch", "/text"),
        ({"text": "a\x07b", "published_at": MONDAY}, 422, "control-character", "/text"),
        ({"text": "é" * (TEXT_BYTES_MAX // 2 + 1), "published_at": MONDAY}, 400, "body-mismatch", "/text"),
        ({"text": TEXT, "published_at": MONDAY, "url": "https://example.org"}, 400, "body-mismatch", "/url"),
    ],
)
def test_a_text_that_cannot_be_read_is_refused_with_its_place(
    served: Served, body: dict[str, Any], status: int, code: str, pointer: str
) -> None:
    answer = served.api.post("/v1/extract", json=body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert [place["pointer"] for place in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize("language", ["en", "EN", "en-GB", "en-US", "en-Latn-AU"])
def test_english_is_read_of_every_country(served: Served, language: str) -> None:
    assert the(read(served, SUMMIT, language=language), "summit")["when"]["edtf"] == "2024-04-10"


def test_a_source_without_a_text_to_read_says_so(served: Served) -> None:
    bare, german = recorded(served, None), recorded(served, unlike(TEXT), language="de")
    erased = recorded(served, unlike(TEXT))
    served.post(f"/v1/sources/{erased}/erase", {"reason": "As asked."})

    told = {
        id: served.api.post(f"/v1/sources/{id}/extract", json={}) for id in (bare, german, erased, "nothing-of-that")
    }

    assert {id: (answer.status_code, answer.json()["code"]) for id, answer in told.items()} == {
        bare: (409, "not-allowed"),
        german: (422, "language-not-read"),
        erased: (409, "text-erased"),
        "nothing-of-that": (404, "not-found"),
    }


def test_an_erased_text_is_not_known_for_what_was_turned_down_of_it(served: Served) -> None:
    text = unlike(TEXT)
    source = recorded(served, text)
    summit = the(read(served, text), "summit")
    served.post(
        f"/v1/sources/{source}/reject",
        {"candidates": [{"start": summit["start"], "end": summit["end"], "edtf": summit["when"]["edtf"]}]},
    )
    served.post(f"/v1/sources/{source}/erase", {"reason": "As asked."})

    assert "summit" not in str(read(served, text)["candidates"])


def test_who_may_only_read_is_not_let_in(served: Served) -> None:
    body = {"text": TEXT, "published_at": MONDAY}

    assert served.public.post("/v1/extract", json=body).status_code == 401
    assert served.public.post(f"/v1/sources/{recorded(served, unlike(TEXT))}/extract", json={}).status_code == 401


def test_a_large_text_is_read_and_the_first_of_it_held_against_the_record(served: Served) -> None:
    text = "\n".join([SUMMIT] * (MATCHED_MAX + 50))

    found = read(served, text)["candidates"]

    assert len(found) == MATCHED_MAX + 50
    assert sum("match" in one for one in found) == MATCHED_MAX


def test_reads_are_answered_while_large_texts_are_read(served: Served) -> None:
    large = (f"{SUMMIT} It rained all day. " * 20_000)[:900_000]
    body = {"text": large, "published_at": MONDAY, "profile": "timeml"}

    with ThreadPoolExecutor() as pool:
        reading = [pool.submit(served.api.post, "/v1/extract", json=body, timeout=60) for _ in range(2)]
        waited = []
        while not all(one.done() for one in reading):
            waited.append(served.public.get("/v1/announcements").elapsed.total_seconds())
            time.sleep(0.02)

    assert [one.result().status_code for one in reading] == [200, 200]
    assert len(waited) > 3
    assert max(waited) < 1.0


async def test_texts_wait_for_their_like_and_not_without_end(data: Path) -> None:
    body = {"text": TEXT, "published_at": MONDAY}
    async with inside(data) as service:
        service.extractor._turns = Turns(at_once=1, waiting_max=0)
        async with service.extractor._turns.turn():
            full = await ask(service, "POST", "/v1/extract", body, OPERATOR)
            short = await ask(service, "GET", "/v1/announcements")
        later = await ask(service, "POST", "/v1/extract", body, OPERATOR)

    assert (full.status, full.json()["code"]) == (503, "reads-full")
    assert int(full.headers["retry-after"]) > 0
    assert (short.status, later.status) == (200, 200)


async def test_a_text_that_takes_too_long_is_given_up(data: Path) -> None:
    body = {"text": f"{SUMMIT} It rained all day. " * 10_000, "published_at": MONDAY, "profile": "timeml"}
    async with inside(data) as service:
        service.extractor.limit_s = 0.05
        answer = await asyncio.wait_for(ask(service, "POST", "/v1/extract", body, OPERATOR), 20)

    assert (answer.status, answer.json()["code"]) == (503, "read-too-long")


async def test_an_editor_s_own_names_are_read_over_those_that_come_along(data: Path, tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    names.write_text("company  brightwater  Brightwater Dredging | aka: Brightwater\n", encoding="utf-8")
    body = {"text": "Brightwater and Japan will hold a meeting on Wednesday.", "published_at": MONDAY}
    async with inside(data, names_file=names) as service:
        answer = await ask(service, "POST", "/v1/extract", body, OPERATOR)

    assert {actor.get("id") for actor in the(answer.json(), "meeting")["actors"]} == {"brightwater", "japan"}


async def test_a_file_of_names_that_cannot_be_read_stops_the_start_and_names_its_line(
    data: Path, tmp_path: Path
) -> None:
    names = tmp_path / "names.txt"
    for content, line in ((b"company  a  A\nplanet  b  B\n", 2), (b"# \xff\n", 1)):
        names.write_bytes(content)

        with pytest.raises(GazetteerInvalid, match=f"line {line} "):
            async with inside(data, names_file=names):
                pass
    assert not data.exists()  # noqa: ASYNC240
