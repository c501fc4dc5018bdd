"""The facts as they were recorded."""

from pathlib import Path

import pytest

from events.log.port import Query
from events.log.sqlite import open_sqlite
from tests.api.served import Served, announcement, cited, source

TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture(scope="module", autouse=True)
def recorded(served: Served) -> None:
    for path, body in (
        ("/v1/sources", source("one")),
        ("/v1/sources", source("two")),
        ("/v1/announcements", announcement("visit", "one")),
        ("/v1/announcements/visit/corroborate", {"citations": cited("two")}),
        ("/v1/announcements", announcement("other", "two")),
    ):
        assert served.post(path, body).status_code == 201


def test_an_event_is_a_cloud_event(served: Served) -> None:
    event = served.get("/v1/events/3")

    id = event.pop("id")
    assert id[14] == "7"
    log_id = served.get("/v1/log")["log_id"]
    assert event.pop("time").endswith("Z")
    assert event == {
        "specversion": "1.0",
        "source": f"urn:uuid:{log_id}",
        "type": "announcement.made",
        "subject": "announcement:visit",
        "datacontenttype": "application/json",
        "data": {
            "announcement": "visit",
            "citations": [
                {
                    "end": 41,
                    "quote": "on 10 April 2024",
                    "said_at": "2024-04-01T00:00:00.000000Z",
                    "said_at_assumed": True,
                    "source": "one",
                    "start": 25,
                    "verified": True,
                }
            ],
            "timezone": "UTC",
            "title": "Meeting visit",
            "when": {"edtf": "2024-04-10", "kind": "on"},
        },
        "position": 3,
        "tags": "announcement:visit source:one",
        "saidat": "2024-04-01T00:00:00.000000Z",
        "by": "admin",
        "commit": "3-1",
    }


def test_the_page_of_events_is_the_events_themselves(served: Served) -> None:
    page = served.get("/v1/events")

    assert page == {
        "events": [served.get(f"/v1/events/{position}") for position in range(1, 6)],
        "head": 5,
        "next": None,
    }


@pytest.mark.parametrize("limit", [1, 2, 5, 6])
def test_the_cursor_goes_through_all_events(served: Served, limit: int) -> None:
    positions: list[int] = []
    cursor: str | None = "start"
    while cursor is not None:
        page = served.get("/v1/events", limit=limit, from_=cursor)
        positions += [event["position"] for event in page["events"]]
        cursor = page["next"]

    assert positions == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("query", "positions"),
    [
        ("from=3", [4, 5]),
        ("from=0", [1, 2, 3, 4, 5]),
        ("from=5", []),
        ("from=head", []),
        ("from=2001-01-01T00:00:00Z", [1, 2, 3, 4, 5]),
        ("from=2999-01-01", []),
        ("types=source.recorded", [1, 2]),
        ("types=source.recorded&types=announcement.corroborated", [1, 2, 4]),
        ("tags=announcement:visit", [3, 4]),
        ("tags=source:two", [2, 4, 5]),
        ("tags=source:two&types=announcement.made", [5]),
        ("announcement=visit&source=two", [4]),
        ("announcement=visit&announcement=other", [3, 4, 5]),
    ],
)
def test_events_are_found_by_place_type_and_tag(served: Served, query: str, positions: list[int]) -> None:
    page = served.api.get(f"/v1/events?{query}").json()

    assert [event["position"] for event in page["events"]] == positions


def test_the_log_says_which_it_is_and_how_far_it_goes(served: Served) -> None:
    log = served.get("/v1/log")

    assert set(log) == {"log_id", "origin", "vkey", "head", "root"}
    assert (log["head"], len(log["root"])) == (5, 64)


async def test_a_trace_is_kept_from_the_request_to_the_fact(data: Path) -> None:
    with Served(data) as running:
        running.post("/v1/sources", source("traced"), traceparent=f"00-{TRACE}-b7ad6b7169203331-01")
        running.post("/v1/sources", source("untraced"), traceparent="00-nonsense")

    engine = await open_sqlite(data)
    try:
        page = await engine.log.read(Query.all())
    finally:
        await engine.close()
    assert [event.correlation for event in page.events] == [TRACE, None]


def test_the_feed_gives_the_same_events(served: Served) -> None:
    with served.public.stream("GET", "/v1/feed?from=start&announcement=other") as answer:
        lines = answer.iter_lines()
        data = next(line for line in lines if line.startswith('data: {"specversion'))

    assert data.removeprefix("data: ") == served.public.get("/v1/events/5").text


def test_whoever_undoes_an_undoing_is_told_what_it_was_about(served: Served) -> None:
    served.post("/v1/sources", source("undoing"))
    undone = served.post("/v1/announcements", announcement("undoing", "undoing")).json()

    for _ in range(3):
        undone = served.post(f"/v1/events/{undone['position']}/withdraw", {"reason": "a mistake"}).json()

        assert undone["id"] == "undoing"
