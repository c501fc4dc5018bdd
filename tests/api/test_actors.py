"""Actors that change their names and turn out to be one; what changed since; and references."""

from typing import Any

import pytest

from tests.api.served import Served, announcement, source


@pytest.fixture(scope="module", autouse=True)
def recorded(served: Served) -> dict[str, int]:
    """Record three actors, of which one is renamed and two are merged, one into the next; return when."""
    served.post("/v1/sources", source("bulletin", published_at="2024-03-01"))
    for id, name in (("us", "US"), ("usa", "USA"), ("states", "The States")):
        served.post("/v1/actors", {"id": id, "names": {"en": name}, "kind": "state"})
    body = announcement("visit", "bulletin", actors=[{"id": "us"}], topics=["trade"], refs=["urn:x:1", "urn:x:2"])
    assert served.post("/v1/announcements", body).status_code == 201
    served.post("/v1/announcements", announcement("dinner", "bulletin", topics=["trade"]))
    served.post("/v1/timelines", {"slug": "trade", "title": "Trade", "query": {"topic": "trade"}})
    positions = {"before": served.head()}
    for path, change in (
        ("usa/rename", {"names": {"en": "United States", "fr": "États-Unis"}}),
        ("us/merge", {"into": "usa"}),
        ("usa/merge", {"into": "states", "reason": "They are one."}),
    ):
        answer = served.post(f"/v1/actors/{path}", change)
        assert answer.status_code == 201, answer.text
        positions[path] = answer.json()["position"]
    return positions


def actors(served: Served, **at: Any) -> dict[str, Any]:
    """Return each actor's English name and whom it points on to."""
    items = served.get("/v1/actors", **at)["items"]
    return {one["id"]: (one["names"]["en"], one.get("merged_into")) for one in items}


def test_old_ids_point_on_and_are_as_they_were_before(served: Served, recorded: dict[str, int]) -> None:
    assert actors(served) == {
        "states": ("The States", None),
        "us": ("US", "usa"),
        "usa": ("United States", "states"),
    }
    assert actors(served, as_of=recorded["before"])["usa"] == ("USA", None)
    assert actors(served, as_of=recorded["us/merge"])["usa"] == ("United States", None)
    assert actors(served, said_by="2024-01-01") == actors(served)


def test_an_announcement_keeps_the_id_and_shows_the_name_at_the_end_of_the_chain(
    served: Served, recorded: dict[str, int]
) -> None:
    def named(**at: Any) -> list[dict[str, Any]]:
        parts: list[dict[str, Any]] = served.get("/v1/announcements/visit", **at)["actors"]
        return parts

    assert named() == [{"id": "us", "name": "The States", "role": "by"}]
    assert named(as_of=recorded["us/merge"]) == [{"id": "us", "name": "United States", "role": "by"}]
    assert named(as_of=recorded["before"]) == [{"id": "us", "name": "US", "role": "by"}]


def test_whoever_was_merged_into_an_actor_is_found_by_it_once_that_is_recorded(
    served: Served, recorded: dict[str, int]
) -> None:
    for path, key in (("/v1/announcements", "id"), ("/v1/timelines/trade", "id")):
        found = [item[key] for item in served.get(path, actor="states")["items"]]
        before = served.get(path, actor="states", as_of=recorded["us/merge"])["items"]

        assert (found, before) == (["visit"], [])
    assert served.get("/v1/search", q="meeting", actor="states")["total"] == 1


def test_a_merge_that_would_close_a_circle_and_a_second_one_are_refused(served: Served) -> None:
    for path, into in (("states", "us"), ("us", "states"), ("us", "us")):
        answer = served.post(f"/v1/actors/{path}/merge", {"into": into})

        assert answer.status_code == 409, answer.text
    assert served.post("/v1/actors/states/merge", {"into": "nobody"}).status_code == 400


def test_a_timeline_tells_what_changed_on_it_since(served: Served, recorded: dict[str, int]) -> None:
    amended = {"set": {"refs": ["urn:x:3"]}, "origin": "editor", "reason": "It was misread."}
    position = served.post("/v1/announcements/visit/amend", amended).json()["position"]

    def changed(after: int) -> list[str]:
        items = served.get("/v1/timelines/trade", changed_after=after)["items"]
        return [item["id"] for item in items]

    assert changed(0) == ["dinner", "visit"]
    assert changed(recorded["before"]) == ["visit"]
    assert changed(position) == []


def test_references_are_kept_as_they_were_given_and_can_be_amended(served: Served, recorded: dict[str, int]) -> None:
    assert served.get("/v1/announcements/visit", as_of=recorded["before"])["refs"] == ["urn:x:1", "urn:x:2"]
    assert served.get("/v1/announcements/visit")["refs"] == ["urn:x:3"]
    amended = {"set": {"refs": []}, "origin": "editor", "reason": "None."}
    assert served.post("/v1/announcements/visit/amend", amended).status_code == 201
    assert served.get("/v1/announcements/visit")["refs"] == []
