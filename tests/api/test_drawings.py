"""A timeline for those who draw it themselves: what fits a width, and the stream of its entries."""

from typing import Any

import pytest

from tests.api.served import Served, announcement, source


@pytest.fixture(scope="module", autouse=True)
def recorded(served: Served) -> None:
    for path, body in (
        ("/v1/sources", source("bulletin", published_at="2024-03-01")),
        ("/v1/timelines", {"slug": "trade", "title": "Trade", "query": {"topic": "trade"}}),
        ("/v1/announcements", announcement("visit", "bulletin", topics=["trade"])),
        ("/v1/announcements", announcement("summit", "bulletin", when="../2025", topics=["defence"])),
        ("/v1/announcements", announcement("someday", "bulletin", when=None)),
        ("/v1/announcements", announcement("far", "bulletin", when="Y12000")),
        ("/v1/timelines", {"slug": "all", "title": "Everything", "query": {"source": "bulletin"}}),
    ):
        given = {name: value for name, value in body.items() if value is not None}
        assert served.post(path, given).status_code == 201


def test_a_view_holds_the_announcements_of_its_window(served: Served) -> None:
    whole = served.get("/v1/timelines/all/view")
    window = served.get("/v1/timelines/all/view", from_="2024-04-10", to="2024-12-31", px=320)

    assert [item["id"] for item in whole["items"]] == ["visit", "summit", "far"]
    assert {name: value for name, value in whole.items() if name != "items"} == {
        "kind": "items", "from": "2024-04-10", "to": "+12000-12-31", "unit": None, "bins": [],
        "outside": {"before": 0, "after": 0, "undated": 1}, "total": 4, "position": served.head(),
    }  # fmt: skip
    assert [item["id"] for item in window["items"]] == ["visit", "summit"]
    assert window["outside"] == {"before": 0, "after": 1, "undated": 1}


def test_a_view_is_as_it_was_on_both_clocks(served: Served) -> None:
    recorded = served.get("/v1/timelines/all/view", as_of=7)
    said = served.get("/v1/timelines/all/view", said_by="2024-02-29")

    assert recorded["total"] == 4
    assert (said["total"], said["from"], said["items"]) == (0, None, [])


def test_where_announcements_are_too_many_they_are_counted_by_the_calendar(served: Served) -> None:
    days = [f"2030-{n % 12 + 1:02}-0{n % 9 + 1}" for n in range(70)]
    many = [
        {"command": "make_announcement", **announcement(f"m-{n}", "bulletin", when=day)} for n, day in enumerate(days)
    ]
    assert served.post("/v1/batch", {"commands": many}).status_code == 201

    view = served.get("/v1/timelines/all/view", from_="2030-01-01", to="2030-12-31", px=320, lanes="topic")

    assert (view["kind"], view["unit"], view["items"]) == ("bins", "month", [])
    assert [(one["start"], one["end"], one["count"]) for one in view["bins"]][:2] == [
        ("2030-01-01", "2030-01-31", 6),
        ("2030-02-01", "2030-02-28", 6),
    ]
    assert sum(one["count"] for one in view["bins"]) == 70
    assert set(view["bins"][0]) == {"start", "end", "lane", "state", "count"}


@pytest.mark.parametrize(
    "parameters",
    [
        {"from_": "2024-13-01"}, {"from_": "2024-05-01", "to": "2024-04-01"}, {"px": 319}, {"px": 2401}, {"px": "x"},
        {"lanes": "colour"}, {"width": 3}, {"as_of": 99999}, {"said_by": "yesterday"},
    ],
)  # fmt: skip
def test_a_window_that_is_none_is_refused(served: Served, parameters: dict[str, Any]) -> None:
    given = {name.rstrip("_"): value for name, value in parameters.items()}

    assert served.api.get("/v1/timelines/all/view", params=given).status_code == 400


def test_a_timeline_that_is_not_there_is_neither_seen_nor_streamed(served: Served) -> None:
    for path in ("/v1/timelines/none/view", "/v1/timelines/none/stream", "/v1/timelines/no%20slug/stream"):
        assert served.api.get(path).status_code == 404


def test_a_stream_tells_what_concerns_its_timeline_and_nothing_else(served: Served) -> None:
    with served.public.stream("GET", "/v1/timelines/trade/stream?from=start") as answer:
        told: list[str] = []
        for line in answer.iter_lines():
            told.append(line)
            if line == "event: caught-up":
                break

    assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    subjects = [line for line in told if line.startswith("data: ")]
    assert sum('"type":"announcement.made"' in line for line in subjects) == 1
    assert any('"subject":"visit"' in line or "announcement:visit" in line for line in subjects)
    assert any('"type":"timeline.created"' in line for line in subjects)


def test_a_stream_is_of_one_timeline_and_filters_narrow_it_down(served: Served) -> None:
    assert served.api.get("/v1/timelines/trade/stream?timeline=all").status_code == 400
    assert served.api.get("/v1/timelines/trade/stream?colour=red").status_code == 400
    assert served.api.get("/v1/timelines/trade/stream?from=99999").status_code == 400
    assert served.api.post("/v1/timelines/trade/stream").status_code == 405
    head = served.api.head("/v1/timelines/trade/stream")
    assert (head.status_code, head.content) == (200, b"")
