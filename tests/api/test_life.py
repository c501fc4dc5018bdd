"""The whole life of one announcement, each answer compared as a whole."""

from typing import Any

from tests.api.served import Served

VISIT = {
    "id": "visit",
    "title": "State visit to Washington",
    "when": "2024-04-10",
    "kind": "visit",
    "actors": [{"id": "white-house", "role": "by"}, {"name": "Fumio Kishida", "role": "with"}],
    "places": ["Washington"],
    "topics": ["diplomacy"],
    "timezone": "America/New_York",
    "citations": [{"source": "bulletin", "quote": "on Wednesday, 10 April"}],
}
TEXT = "The visit will take place on Wednesday, 10 April. It may well be moved."


def test_an_announcement_is_made_moved_corroborated_amended_and_rated(served: Served) -> None:
    bulletin = {
        "id": "bulletin",
        "title": "A visit in April",
        "publisher": "The desk",
        "published_at": "2024-03-01T09:00:00-05:00",
        "timezone": "America/New_York",
        "text": TEXT,
        "url": "https://example.org/bulletin",
    }
    actor = {"id": "white-house", "names": {"en": "The White House", "fr": "La Maison-Blanche"}, "kind": "office"}
    later = {
        "id": "later",
        "title": "The visit is moved",
        "publisher": "The desk",
        "published_at": "2024-04-02",
        "text": "It moves to 12 April. The visit happened on 12 April.",
    }
    moved = [{"source": "later", "quote": "It moves to 12 April"}]
    steps = [
        ("/v1/sources", bulletin, "bulletin", "/v1/sources/bulletin"),
        ("/v1/actors", actor, "white-house", "/v1/actors/white-house"),
        ("/v1/announcements", VISIT, "visit", "/v1/announcements/visit"),
        ("/v1/sources", later, "later", "/v1/sources/later"),
        ("/v1/announcements/visit/reschedule", {"when": "2024-04-12", "citations": moved}, "visit", None),
        (
            "/v1/announcements/visit/amend",
            {"set": {"title": "State visit"}, "origin": "editor", "reason": "shorter"},
            "visit",
            "/v1/announcements/visit",
        ),
        (
            "/v1/announcements/visit/outcome",
            {
                "result": "happened",
                "on": "2024-04-12",
                "citations": [{"source": "later", "quote": "The visit happened on 12 April"}],
            },
            "visit",
            None,
        ),
    ]

    answers = [served.post(path, body) for path, body, _, _ in steps]

    assert [answer.status_code for answer in answers] == [201] * len(steps)
    for position, (answer, (_, _, id, home)) in enumerate(zip(answers, steps, strict=True), 1):
        assert answer.json() == {"id": id, "position": position, "duplicate": False}
        assert answer.headers["Location"] == (home or "/v1/announcements/visit")
        assert answer.headers["ETag"] == f'"{position}"'
        assert answer.headers["Dateline-Position"] == str(position)


def test_the_announcement_then_reads_as_everything_that_was_said_of_it(served: Served) -> None:
    answer = served.api.get("/v1/announcements/visit")

    visit = answer.json()

    recorded = {
        fact["position"]: fact["recorded_at"] for fact in served.get("/v1/announcements/visit/history")["items"]
    }
    first = _citation("bulletin", "on Wednesday, 10 April", 26, "2024-03-01T14:00:00.000000Z")
    second = _citation("later", "It moves to 12 April", 0, "2024-04-02T00:00:00.000000Z")
    third = _citation("later", "The visit happened on 12 April", 22, "2024-04-02T00:00:00.000000Z")
    assert answer.headers["ETag"].startswith('"7-')
    assert visit == {
        "id": "visit",
        "title": "State visit",
        "kind": "visit",
        "state": "happened",
        "when": {
            "edtf": "2024-04-12",
            "text": "12 April 2024",
            "earliest": "2024-04-12",
            "latest": "2024-04-12",
            "kind": "on",
            "precision": "day",
        },
        "dates": [
            _date("2024-04-10", "first", first, recorded[3], 3),
            _date("2024-04-12", "moved", second, recorded[5], 5),
        ],
        "slip_days": 2,
        "actors": [
            {"id": "white-house", "name": "The White House", "role": "by"},
            {"id": None, "name": "Fumio Kishida", "role": "with"},
        ],
        "places": ["Washington"],
        "topics": ["diplomacy"],
        "modality": "scheduled",
        "citations": [first, second],
        "outcomes": [
            {
                "result": "happened",
                "on": "2024-04-12",
                "reason": None,
                "rubric": None,
                "citations": [third],
                "position": 7,
            }
        ],
        "progress": [],
        "links": [],
        "refs": [],
        "timezone": "America/New_York",
        "position": 7,
        "made_at": "2024-03-01T14:00:00.000000Z",
        "updated_at": recorded[7],
    }


def test_its_source_tells_how_many_announcements_rest_on_it(served: Served) -> None:
    source = served.get("/v1/sources/bulletin")

    assert source.pop("recorded_at").endswith("Z")
    assert len(source.pop("sha256")) == 64
    assert source == {
        "id": "bulletin",
        "title": "A visit in April",
        "publisher": "The desk",
        "published_at": "2024-03-01T14:00:00.000000Z",
        "timezone": "America/New_York",
        "language": "en",
        "has_text": True,
        "state": "recorded",
        "announcements": 1,
        "position": 1,
        "url": "https://example.org/bulletin",
    }


def test_an_actor_reads_as_it_was_recorded(served: Served) -> None:
    assert served.get("/v1/actors/white-house") == {
        "id": "white-house",
        "names": {"en": "The White House", "fr": "La Maison-Blanche"},
        "kind": "office",
        "aliases": [],
        "position": 2,
    }


def test_its_history_has_every_fact_and_what_corrected_it(served: Served) -> None:
    history = served.get("/v1/announcements/visit/history")

    shown = [(item["position"], item["type"], item["by"], item["corrected_by"]) for item in history["items"]]
    assert shown == [
        (3, "announcement.made", "admin", [6]),
        (5, "announcement.rescheduled", "admin", []),
        (6, "announcement.amended", "admin", []),
        (7, "announcement.outcome_reported", "admin", []),
    ]
    assert history["items"][1]["data"] == {
        "announcement": "visit",
        "citations": [
            {
                "end": 20,
                "quote": "It moves to 12 April",
                "said_at": "2024-04-02T00:00:00.000000Z",
                "said_at_assumed": True,
                "source": "later",
                "start": 0,
                "verified": True,
            }
        ],
        "when": {"edtf": "2024-04-12", "kind": "on"},
    }
    assert {name: history[name] for name in ("next", "total", "position")} == {"next": None, "total": 4, "position": 7}


def test_a_timeline_is_filled_by_its_query_and_by_what_is_pinned_to_it(served: Served) -> None:
    created = {"slug": "visits", "title": "Visits", "query": {"kind": "visit"}}
    assert served.post("/v1/timelines", created).status_code == 201
    other = {**VISIT, "id": "other", "title": "A dinner", "kind": "other", "when": "2024-04-11", "actors": []}
    assert served.post("/v1/announcements", other).status_code == 201

    assert served.post("/v1/timelines/visits/pin", {"announcement": "other"}).status_code == 201
    assert served.write("PATCH", "/v1/timelines/visits", {"title": "All visits"}).status_code == 201

    timeline = served.get("/v1/timelines/visits")
    items = timeline.pop("items")
    assert [item["id"] for item in items] == ["other", "visit"]
    assert items[1] == served.get("/v1/announcements/visit")
    assert timeline == {
        "slug": "visits",
        "title": "All visits",
        "description": None,
        "query": {"kind": ["visit"]},
        "next": None,
        "total": 2,
        "position": 11,
        "as_of": None,
        "said_by": None,
    }
    assert served.get("/v1/timelines/visits.json")["items"] == items
    assert served.get("/v1/timelines")["items"] == [
        {"slug": "visits", "title": "All visits", "description": None, "query": {"kind": ["visit"]}, "position": 11}
    ]


def test_hiding_releasing_and_archiving_change_what_a_timeline_shows(served: Served) -> None:
    assert served.post("/v1/timelines/visits/hide", {"announcement": "visit"}).status_code == 201
    hidden = served.get("/v1/timelines/visits")["items"]
    assert served.post("/v1/timelines/visits/release", {"announcement": "visit"}).status_code == 201
    released = served.get("/v1/timelines/visits")["items"]

    assert served.post("/v1/timelines/visits/archive", {}).status_code == 201

    assert [item["id"] for item in hidden] == ["other"]
    assert [item["id"] for item in released] == ["other", "visit"]
    assert served.get("/v1/timelines")["items"] == []
    assert served.get("/v1/timelines/visits")["total"] == 2


def test_taking_a_fact_back_restores_what_was_before_it(served: Served) -> None:
    before = served.get("/v1/announcements/visit")

    undone = served.post("/v1/events/7/withdraw", {"reason": "the wrong visit"})

    assert undone.status_code == 201
    assert undone.headers["Location"] == f"/v1/events/{undone.json()['position']}"
    after = served.get("/v1/announcements/visit")
    assert (before["state"], after["state"]) == ("happened", "due")
    assert after["outcomes"] == []
    history = served.get("/v1/announcements/visit/history")["items"]
    assert next(item for item in history if item["position"] == 7)["withdrawn_by"] == undone.json()["position"]


def test_every_other_command_about_an_announcement_is_recorded(served: Served) -> None:
    quote = [{"source": "later", "quote": "It moves to 12 April"}]
    again = [{"source": "bulletin", "quote": "It may well be moved"}]
    rubric = {"version": "1", "text": "happened: it came about."}
    steps: list[tuple[str, dict[str, Any], str]] = [
        ("/v1/rubrics", rubric, "rubric.published"),
        ("/v1/announcements/other/postpone", {"citations": quote, "reason": "rain"}, "announcement.postponed"),
        ("/v1/announcements/other/cancel", {"citations": quote}, "announcement.cancelled"),
        (
            "/v1/announcements/visit/corroborate",
            {"citations": again, "supports": 5},
            "announcement.corroborated",
        ),
        (
            "/v1/announcements/visit/progress",
            {"text": "under way", "citations": quote},
            "announcement.progress_reported",
        ),
        ("/v1/announcements/other/link", {"relation": "part_of", "to": "visit"}, "announcement.linked"),
        ("/v1/announcements/other/retract", {"reason": "there was no dinner"}, "announcement.retracted"),
        ("/v1/actors/white-house/rename", {"names": {"en": "White House"}}, "actor.renamed"),
        ("/v1/sources/later/correct", {"set": {"title": "The visit moves"}, "reason": "typo"}, "source.corrected"),
        (
            "/v1/sources/later/reject",
            {"candidates": [{"start": 0, "end": 20, "edtf": "2024-04-12"}]},
            "source.candidate_rejected",
        ),
        ("/v1/sources/later/withdraw", {"reason": "taken down"}, "source.withdrawn"),
    ]

    for path, body, recorded in steps:
        answer = served.post(path, body)

        assert answer.status_code == 201, (path, answer.text)
        assert served.get(f"/v1/events/{answer.json()['position']}")["type"] == recorded

    assert served.get("/v1/announcements/other")["state"] == "retracted"
    assert served.get("/v1/rubrics")["items"][0]["text"] == "happened: it came about."


def test_a_merged_announcement_points_on_and_takes_no_commands(served: Served) -> None:
    for id in ("twin", "original"):
        assert served.post("/v1/announcements", {**VISIT, "id": id, "actors": []}).status_code == 201

    merged = served.post("/v1/announcements/twin/merge", {"into": "original", "reason": "the same"})

    assert merged.status_code == 201
    twin = served.get("/v1/announcements/twin")
    assert (twin["state"], twin["merged_into"]) == ("merged", "original")
    refused = served.post("/v1/announcements/twin/retract", {"reason": "x"})
    assert (refused.status_code, refused.json()["code"]) == (409, "not-allowed")


def _citation(source: str, quote: str, start: int, said_at: str) -> dict[str, Any]:
    return {
        "source": source,
        "quote": quote,
        "start": start,
        "end": start + len(quote),
        "said_at": said_at,
        "verified": True,
        "withdrawn": False,
    }


def _date(day: str, how: str, citation: dict[str, Any], recorded_at: str, position: int) -> dict[str, Any]:
    return {
        "edtf": day,
        "earliest": day,
        "latest": day,
        "how": how,
        "said_at": citation["said_at"],
        "recorded_at": recorded_at,
        "reason": None,
        "citation": citation,
        "position": position,
    }
