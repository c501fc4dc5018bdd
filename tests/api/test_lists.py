"""Lists: pages, filters, and both clocks."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.api.served import Served, announcement, cited, source

COUNT = 25


@pytest.fixture(scope="module", autouse=True)
def recorded(served: Served) -> dict[str, int]:
    """Record a source, meetings on ten days and some without one; return a few positions."""
    served.post("/v1/sources", source("early", published_at="2024-01-10"))
    served.post("/v1/sources", source("late", published_at="2024-03-10"))
    for number in range(COUNT):
        day = {"when": f"2024-04-{10 + number % 10}"} if number % 5 else {}
        body = announcement(f"m-{number}", "early", topics=["even" if number % 2 == 0 else "odd"])
        answer = served.post("/v1/announcements", {**body, "when": None, **day} if day else without(body, "when"))
        assert answer.status_code == 201, answer.text
    before = served.head()
    moved = {"when": "2024-04-30", "citations": cited("late", "on 12 April 2024")}
    assert served.post("/v1/announcements/m-1/reschedule", moved).status_code == 201
    return {"before": before, "moved": served.head()}


def without(body: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != name}


def pages(served: Served, path: str, **parameters: Any) -> list[dict[str, Any]]:
    """Follow `next` to the end; return all items, after checking every page."""
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = served.get(path, **parameters, **cursor)
        items += page["items"]
        assert page["total"] >= len(items)
        if page["next"] is None:
            assert page["total"] == len(items)
            return items
        assert len(page["items"]) == parameters["limit"]
        cursor = {"cursor": page["next"]}


@pytest.mark.parametrize("limit", [1, 4, 25, 26, 1000])
def test_pages_go_through_all_items_once_in_order(served: Served, limit: int) -> None:
    items = pages(served, "/v1/announcements", limit=limit)

    days = [item["when"]["earliest"] or "9999" for item in items]
    assert len({item["id"] for item in items}) == len(items) == COUNT
    assert days == sorted(days)


@pytest.mark.parametrize("path", ["/v1/sources", "/v1/actors", "/v1/timelines"])
def test_every_list_has_pages(served: Served, path: str) -> None:
    for id in ("a", "b", "c"):
        served.post(
            "/v1/actors", {"id": id, "names": {"en": id}, "kind": "office"}, key=f"actor {id}".replace(" ", "-")
        )
        served.post("/v1/timelines", {"slug": id, "title": id, "query": {"topic": "odd"}}, key=f"timeline-{id}")

    items = pages(served, path, limit=2)

    assert items == served.get(path)["items"]
    assert len(items) >= 2


def test_a_timeline_has_pages_too(served: Served) -> None:
    served.post("/v1/timelines", {"slug": "odd", "title": "Odd", "query": {"topic": "odd"}})

    items = pages(served, "/v1/timelines/odd", limit=5)

    assert {item["id"] for item in items} == {f"m-{number}" for number in range(1, COUNT, 2)}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("topic=odd&id=m-1&id=m-2", {"m-1"}),
        ("id=m-1&id=m-2", {"m-1", "m-2"}),
        ("source=late", {"m-1"}),
        ("source=late&source=early&id=m-3", {"m-3"}),
        ("from=2024-04-30", {"m-1"}),
        ("from=2024-04-11&to=2024-04-11", {"m-11", "m-21"}),
        ("kind=visit", set()),
        ("state=cancelled", set()),
        ("state=due&id=m-2", {"m-2"}),
        ("state=announced&id=m-5&id=m-4", {"m-5"}),
        ("q=meeting&id=m-7", {"m-7"}),
        ("q=dinner", set()),
    ],
)
def test_filters_repeat_as_or_and_differ_as_and(served: Served, query: str, expected: set[str]) -> None:
    answer = served.api.get(f"/v1/announcements?{query}")

    assert {item["id"] for item in answer.json()["items"]} == expected


def test_changed_after_finds_what_has_changed_since(served: Served, recorded: dict[str, int]) -> None:
    changed = served.get("/v1/announcements", changed_after=recorded["before"])

    assert [item["id"] for item in changed["items"]] == ["m-1"]
    assert changed["position"] >= recorded["moved"]


def test_as_of_a_position_reads_what_we_had_recorded(served: Served, recorded: dict[str, int]) -> None:
    before = served.get("/v1/announcements/m-1", as_of=recorded["before"])
    now = served.get("/v1/announcements/m-1")

    assert (before["when"]["edtf"], now["when"]["edtf"]) == ("2024-04-11", "2024-04-30")
    assert served.api.get("/v1/announcements/m-1", params={"as_of": 2}).status_code == 404
    assert served.get("/v1/announcements", as_of=2)["items"] == []


def test_as_of_a_time_reads_the_same(served: Served, recorded: dict[str, int]) -> None:
    at = served.get(f"/v1/events/{recorded['before']}")["time"]

    before = served.get("/v1/announcements/m-1", as_of=at)

    assert before["when"]["edtf"] == "2024-04-11"
    assert served.get("/v1/announcements", as_of="2001-01-01T00:00:00Z")["items"] == []


@pytest.mark.parametrize(
    ("said_by", "day"),
    [
        ("2024-01-10", "2024-04-11"),
        ("2024-03-09", "2024-04-11"),
        ("2024-03-09T23:59:59Z", "2024-04-11"),
        ("2024-03-10", "2024-04-30"),
        ("2024-03-10T01:00:00+01:00", "2024-04-30"),
    ],
)
def test_said_by_reads_what_had_been_said(served: Served, said_by: str, day: str) -> None:
    announced = served.get("/v1/announcements/m-1", said_by=said_by)

    assert announced["when"]["edtf"] == day
    assert announced["state"] == "announced"


def test_before_anything_was_said_there_was_nothing(served: Served) -> None:
    assert served.api.get("/v1/announcements/m-1", params={"said_by": "2024-01-09"}).status_code == 404
    assert served.get("/v1/announcements", said_by="2024-01-09")["total"] == 0


def test_both_clocks_go_together(served: Served, recorded: dict[str, int]) -> None:
    early = served.get("/v1/announcements/m-1", as_of=recorded["before"], said_by="2024-03-10")
    late = served.get("/v1/announcements/m-1", as_of=recorded["moved"], said_by="2024-03-10")

    assert (early["when"]["edtf"], late["when"]["edtf"]) == ("2024-04-11", "2024-04-30")
    timeline = served.get("/v1/timelines/odd", as_of=served.head(), said_by="2024-02-01")
    assert (timeline["said_by"], timeline["as_of"]) == ("2024-02-01T23:59:59.999999Z", served.head())
    assert next(item for item in timeline["items"] if item["id"] == "m-1")["when"]["edtf"] == "2024-04-11"


def test_history_as_of_a_position_ends_there(served: Served, recorded: dict[str, int]) -> None:
    before = served.get("/v1/announcements/m-1/history", as_of=recorded["before"])
    now = served.get("/v1/announcements/m-1/history")

    assert (before["total"], now["total"]) == (1, 2)


def test_a_reader_can_wait_for_a_position(served: Served) -> None:
    written = served.post("/v1/sources", source("fresh")).json()["position"]

    answer = served.public.get("/v1/sources/fresh", params={"min_position": written})

    assert answer.status_code == 200
    assert int(answer.headers["Dateline-Position"]) >= written


def test_a_position_that_does_not_come_in_time_is_said_to_be_behind(served: Served) -> None:
    answer = served.public.get("/v1/sources", params={"min_position": served.head() + 1})

    assert (answer.status_code, answer.json()["code"]) == (503, "view-behind")
    assert answer.headers["Retry-After"] == "1"


def test_who_writes_reads_its_own_writes(served: Served) -> None:
    for number in range(20):
        served.post("/v1/sources", source(f"own-{number}"))

        assert served.api.get(f"/v1/sources/own-{number}").status_code == 200


def test_what_is_due_is_judged_by_the_day_that_is_asked_for(served: Served) -> None:
    tomorrow = (date.today() + timedelta(days=2)).isoformat()  # noqa: DTZ011
    body = announcement("future", "early", when=tomorrow)
    assert served.post("/v1/announcements", body).status_code == 201

    assert served.get("/v1/announcements/future")["state"] == "announced"
    assert served.get("/v1/announcements/m-2")["state"] == "due"
    assert served.get("/v1/announcements/m-2", said_by="2024-04-12")["state"] == "announced"


@pytest.mark.parametrize("path", ["/v1/events", "/v1/events/1", "/v1/log", "/v1/rubrics"])
def test_what_is_read_from_the_log_can_be_waited_for_too(served: Served, path: str) -> None:
    assert served.public.get(path, params={"min_position": served.head()}).status_code == 200
    assert served.public.get(path, params={"min_position": "soon"}).status_code == 400


def test_rubrics_have_pages_too(served: Served) -> None:
    for version in ("1", "2", "3"):
        assert served.post("/v1/rubrics", {"version": version, "text": "What it means."}).status_code == 201

    for limit in (1, 2, 3, 4):
        assert [one["version"] for one in pages(served, "/v1/rubrics", limit=limit)] == ["1", "2", "3"]


def test_a_search_without_words_looks_for_its_signs(served: Served) -> None:
    for id, title in (("rocket", "A rocket \U0001f680 starts"), ("asked", "Will it start?")):
        served.post("/v1/announcements", announcement(id, "early", title=title))

    for q, ids in (
        ("\U0001f680", ["rocket"]),
        ("?", ["asked"]),
        ("\U0001f680 ?", []),
        ("!", []),
        ("start?", ["rocket", "asked"]),
    ):
        assert {item["id"] for item in served.get("/v1/announcements", q=q)["items"]} == set(ids)


def test_a_history_of_then_knows_nothing_of_what_came_after(served: Served) -> None:
    made = served.post("/v1/announcements", announcement("told", "early")).json()["position"]
    amendment = {"set": {"title": "Amended"}, "origin": "editor", "reason": "misread"}
    amended = served.post("/v1/announcements/told/amend", amendment).json()["position"]
    read = {position: served.get("/v1/announcements/told/history")["items"] for position in [amended]}
    undone = served.post(f"/v1/events/{amended}/withdraw", {"reason": "no"}).json()["position"]
    read[undone] = served.get("/v1/announcements/told/history")["items"]

    then = {position: served.get("/v1/announcements/told/history", as_of=position)["items"] for position in read}

    assert then == read
    (first,) = served.get("/v1/announcements/told/history", as_of=made)["items"]
    assert (first["corrected_by"], first["withdrawn_by"]) == ([], None)
