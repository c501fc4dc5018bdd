"""Exports over HTTP: whole, filtered, at a position, and never more of a source than its quotes."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import feedparser
import icalendar
import pytest

from api.exports.citing import WAYS
from api.exports.formats import FORMATS
from tests.api.served import Served, announcement, source

LICENSE = "CC BY 4.0 (=1)"
SUFFIXES = [format.suffix for format in FORMATS]
PARTED = [format.suffix for format in FORMATS if not format.is_feed]
MANY = 130
UNQUOTED = "on 19 April 2024"
EVERYWHERE = ["/v1/timelines/all", "/v1/announcements"]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with Served(tmp_path_factory.mktemp("data"), data_license=LICENSE) as running:
        many = [
            {"command": "make_announcement", **announcement(id, "bulletin", when=f"2031-{1 + number % 12:02}")}
            for number, id in enumerate(f"m-{number:03}" for number in range(MANY))
        ]
        for path, body in (
            ("/v1/sources", source("bulletin", published_at="2024-03-01", url="https://example.org/a")),
            ("/v1/announcements", announcement("visit", "bulletin", title="=A <visit>, & more; now", kind="visit")),
            ("/v1/announcements", announcement("talks", "bulletin", when="../2031-06", kind="meeting")),
            ("/v1/timelines", {"slug": "all", "title": "Every\u2028thing", "query": {"source": "bulletin"}}),
            ("/v1/timelines", {"slug": "visits", "title": "Visits", "query": {"kind": "visit"}}),
            ("/v1/batch", {"commands": many}),
        ):
            answer = running.post(path, body)
            assert answer.status_code == 201, answer.text
        running.get("/v1/timelines/all")  # Who wrote waits for the views; then everybody sees it.
        yield running


def links(answer: Any) -> dict[str, str]:
    return {relation: address for address, relation in re.findall(r'<([^>]*)>; rel="([a-z]+)"', answer.headers["Link"])}


def ids(suffix: str, body: bytes) -> list[str]:
    """Return the announcements that an export holds."""
    match suffix:
        case "json":
            return [item["id"] for item in json.loads(body)["items"]]
        case "csv" | "dates.csv":
            return [row["id"] for row in csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""))]
        case "md":
            return re.findall(r"/announcements/([a-z0-9-]+)>\)", body.decode())
        case "ics":
            read: Any = icalendar.Calendar.from_ical(body)
            return [str(event["UID"]).partition("@")[0] for event in read.walk("VEVENT")]
        case "atom":
            return [entry.link.rpartition("/")[2] for entry in feedparser.parse(body).entries]
        case "feed.json":
            return [item["_dateline"]["id"] for item in json.loads(body)["items"]]
        case _:
            return [slide["unique_id"].removeprefix("a-") for slide in json.loads(body)["events"]]


@pytest.mark.parametrize("where", EVERYWHERE)
@pytest.mark.parametrize("format", FORMATS, ids=SUFFIXES)
def test_an_export_says_what_it_is_whose_it_is_and_where_it_stays(served: Served, where: str, format: Any) -> None:
    answer = served.public.get(f"{where}.{format.suffix}")

    position = served.head()
    name = where.rpartition("/")[2]
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].partition(";")[0] == format.media_type
    assert answer.headers["Content-Disposition"].endswith(f'; filename="{name}.{format.suffix}"')
    assert answer.headers["ETag"].startswith(f'"{position}-')
    assert int(answer.headers["Dateline-Position"]) == position
    permalink = f"{served.url}{where}.{format.suffix}?as_of={position}"
    assert links(answer)["memento"] == permalink
    text = answer.text.replace("\r\n ", "").replace("\\", "")
    assert LICENSE in text
    assert permalink in text or f"/announcements/visit?as_of={position}" in text


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_export_is_sent_again_only_when_it_changed(served: Served, suffix: str) -> None:
    first = served.public.get(f"/v1/timelines/all.{suffix}")

    again = served.public.get(f"/v1/timelines/all.{suffix}", headers={"If-None-Match": first.headers["ETag"]})
    head = served.public.head(f"/v1/timelines/all.{suffix}")

    assert (again.status_code, again.content) == (304, b"")
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", first.headers["ETag"])


@pytest.mark.parametrize("where", EVERYWHERE)
@pytest.mark.parametrize("suffix", PARTED)
def test_a_list_is_whole_unless_a_part_is_asked_for(served: Served, where: str, suffix: str) -> None:
    whole = ids(suffix, served.public.get(f"{where}.{suffix}").content)
    parts, address = [], f"{where}.{suffix}?limit=50"
    while address:
        answer = served.public.get(address)
        parts.append(ids(suffix, answer.content))
        address = links(answer).get("next", "")

    assert len(whole) == MANY + 2
    assert [len(part) for part in parts] == [50, 50, MANY + 2 - 100]
    assert [id for part in parts for id in part] == whole


@pytest.mark.parametrize("suffix", ["atom", "feed.json"])
def test_a_feed_holds_what_changed_last(served: Served, suffix: str) -> None:
    found = ids(suffix, served.public.get(f"/v1/announcements.{suffix}").content)

    assert found == [f"m-{number:03}" for number in range(MANY - 1, MANY - 101, -1)]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_filters_and_clocks_are_those_of_the_list(served: Served, suffix: str) -> None:
    def found(where: str, **asked: str) -> list[str]:
        return sorted(ids(suffix, served.public.get(f"{where}.{suffix}", params=asked).content))

    assert found("/v1/announcements", kind="visit") == found("/v1/timelines/visits") == ["visit"]
    assert found("/v1/timelines/all", to="2030-01-01", state="due") == ["visit"]
    assert found("/v1/announcements", as_of="3") == ["talks", "visit"]
    assert found("/v1/announcements", as_of="2", q="visit") == ["visit"]
    assert found("/v1/announcements", said_by="2024-02-29") == []


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    ("listed", "asked"),
    [
        ("agenda", {"said_by": "2024-04-05", "days": "10"}),
        ("agenda", {"said_by": "2024-04-05", "kind": "meeting"}),
        ("due", {}),
        ("due", {"state": "overdue"}),
    ],
)
def test_the_agenda_and_what_is_due_are_exported_too(
    served: Served, listed: str, asked: dict[str, str], suffix: str
) -> None:
    answer = served.public.get(f"/v1/{listed}.{suffix}", params=asked)

    assert answer.status_code == 200
    items = served.get(f"/v1/{listed}", **asked)["items"]
    assert sorted(ids(suffix, answer.content)) == sorted(item["id"] for item in items)


def test_there_is_something_to_come_and_something_due(served: Served) -> None:
    assert ids("ics", served.public.get("/v1/agenda.ics?said_by=2024-04-05").content) == ["visit"]
    assert "visit" in ids("csv", served.public.get("/v1/due.csv").content)


@pytest.mark.parametrize("suffix", [suffix for suffix in SUFFIXES if suffix != "json"])
def test_what_a_permalink_leads_to_stays_as_it_is(served: Served, suffix: str) -> None:
    before = served.public.get(f"/v1/announcements.{suffix}?id=talks&id=later-{suffix.replace('.', '-')}")

    body = announcement(f"later-{suffix.replace('.', '-')}", "bulletin")
    assert served.post("/v1/announcements", body).status_code == 201
    served.get("/v1/announcements")

    assert served.public.get(links(before)["memento"]).content == before.content
    now = served.public.get(f"/v1/announcements.{suffix}?id=talks&id=later-{suffix.replace('.', '-')}")
    assert now.content != before.content


def test_the_data_of_a_timeline_are_the_answer_of_its_route(served: Served) -> None:
    exported = served.get("/v1/timelines/visits.json")

    answer = served.get("/v1/timelines/visits")

    assert {name: exported[name] for name in answer} == answer
    assert exported["license"] == LICENSE
    listed = served.get("/v1/announcements.json", kind="visit")
    assert listed["items"] == answer["items"]
    assert (listed["next"], listed["total"], listed["title"]) == (None, 1, "Announcements")


def test_a_calendar_follows_a_move(served: Served) -> None:
    def event() -> Any:
        read: Any = icalendar.Calendar.from_ical(served.api.get("/v1/announcements.ics?id=moves").content)
        (only,) = read.walk("VEVENT")
        return only

    assert served.post("/v1/announcements", announcement("moves", "bulletin")).status_code == 201
    before = event()
    assert served.post("/v1/announcements", announcement("other", "bulletin")).status_code == 201
    assert event().to_ical() == before.to_ical()
    moved = {"when": "2024-04-12", "citations": [{"source": "bulletin", "quote": "on 12 April 2024"}]}
    assert served.post("/v1/announcements/moves/reschedule", moved).status_code == 201

    after = event()

    assert after["UID"] == before["UID"]
    assert (int(before["SEQUENCE"]), int(after["SEQUENCE"])) == (0, 1)
    assert after["DTSTAMP"].dt >= before["DTSTAMP"].dt
    assert (before["DTSTART"].dt.day, after["DTSTART"].dt.day) == (10, 12)
    body = served.api.get("/v1/announcements.dates.csv?id=moves").content.decode("utf-8-sig")
    (row,) = (row for row in csv.DictReader(io.StringIO(body, newline="")) if row["how"] == "moved")
    assert (row["edtf"], row["slip_days"]) == ("2024-04-12", "2")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_no_sentence_that_was_not_quoted_is_in_an_export(served: Served, suffix: str) -> None:
    for where in EVERYWHERE:
        assert UNQUOTED not in served.api.get(f"{where}.{suffix}").text


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("page", "title"), [("/announcements/talks", "Meeting talks"), ("/timelines/visits", "Visits")]
)
def test_a_thing_can_be_cited_as_it_was_recorded(served: Served, way: str, page: str, title: str) -> None:
    answer = served.public.get(f"/v1{page}/cite.{way}?as_of=20")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].partition(";")[0] == WAYS[way][0]
    assert title in answer.text
    assert f"{served.url}{page}?as_of=20" in answer.text
    assert "entry 20" in answer.text
    assert served.public.get(f"{page}?as_of=20", headers={"Accept": "text/html"}).status_code == 200


def test_pages_say_what_they_hold_to_search_engines_and_link_to_it(served: Served) -> None:
    for path, links_count in (("/announcements/visit", 9), ("/timelines/visits", 15)):
        page = served.public.get(path, headers={"Accept": "text/html"}).text

        (data,) = re.findall(r'<script type="application/ld\+json">([^<]*)</script>', page)
        event = json.loads(data)["mainEntity"]
        event = event["itemListElement"][0]["item"] if event["@type"] == "ItemList" else event
        assert (event["name"], event["startDate"]) == ("=A <visit>, & more; now", "2024-04-10")
        section = page[page.index('<section class="links"') :]
        addresses = re.findall(r'href="([^"]*)"', section[: section.index("</section>")])
        assert len(addresses) == links_count
        for address in addresses:
            assert served.public.get(address.replace("&amp;", "&")).status_code == 200


def test_what_was_retracted_can_still_be_cited(served: Served) -> None:
    assert served.post("/v1/announcements", announcement("error", "bulletin")).status_code == 201
    assert served.post("/v1/announcements/error/retract", {"reason": "Misread."}).status_code == 201

    assert "Meeting error" in served.api.get("/v1/announcements/error/cite.txt").text


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/timelines/nothing.ics", 404, "not-found"),
        ("/v1/timelines/all.exe", 404, "not-found"),
        ("/v1/timelines/NOTHING.ics", 404, "not-found"),
        ("/v1/announcements/nothing/cite.txt", 404, "not-found"),
        ("/v1/timelines/nothing/cite.bib", 404, "not-found"),
        ("/v1/announcements.csv?limit=0", 400, "parameter-invalid"),
        ("/v1/announcements.csv?limit=5001", 400, "parameter-invalid"),
        ("/v1/announcements.csv?cursor=x", 400, "bad-cursor"),
        ("/v1/announcements.atom?limit=5", 400, "parameter-invalid"),
        ("/v1/announcements.ics?colour=red", 400, "parameter-invalid"),
        ("/v1/due.ics?state=happened", 400, "parameter-invalid"),
        ("/v1/agenda.ics?days=0", 400, "parameter-invalid"),
        ("/v1/announcements.ics?as_of=99999", 400, "parameter-invalid"),
    ],
)
def test_what_is_not_there_or_makes_no_sense_is_told(served: Served, path: str, status: int, code: str) -> None:
    answer = served.public.get(path)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_addresses_are_those_the_request_came_in_by_unless_there_is_a_public_one(served: Served, data: Path) -> None:
    by_name = served.public.get("/v1/announcements.feed.json", headers={"Host": "dates.example:8470"}).json()
    by_trick = served.public.get("/v1/announcements.feed.json", headers={"Host": 'x"><b>/?'})

    assert by_name["feed_url"] == "http://dates.example:8470/v1/announcements.feed.json"
    assert "<b>" not in by_trick.text + by_trick.headers.get("Link", "")
    with Served(data, base_path="/dl", public_url="https://example.org/dl") as running:
        feed = running.public.get("/dl/v1/announcements.feed.json").json()
        assert feed["feed_url"] == "https://example.org/dl/v1/announcements.feed.json"
        assert feed["items"] == []
        for suffix in SUFFIXES:
            assert ids(suffix, running.public.get(f"/dl/v1/announcements.{suffix}").content) == []


def test_exports_are_as_private_as_what_they_export(data: Path) -> None:
    with Served(data, public_read="0") as running:
        for suffix in SUFFIXES:
            assert running.public.get(f"/v1/announcements.{suffix}").status_code == 401
            assert running.api.get(f"/v1/announcements.{suffix}").status_code == 200
        assert running.public.get("/v1/timelines/all.ics").status_code == 401
        assert running.public.get("/v1/timelines/all/cite.txt").status_code == 401
