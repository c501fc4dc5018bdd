"""What is to come, what is due, whose dates slip and what came of it, over HTTP.

The clock that is turned is what had been said: what is due is judged by it, so the answers stay the same for ever.
"""

from typing import Any

import pytest

from tests.api.served import Served, announcement, cited, source

APRIL_9 = {"said_by": "2024-04-09T12:00:00Z"}
COUNTED = (
    *("happened", "partly", "did_not_happen", "cannot_be_judged", "cancelled", "postponed", "due", "overdue"),
    *("announced", "moved"),
)
ROUTES = ("/v1/agenda", "/v1/due", "/v1/slippage", "/v1/scoreboard")

LAW, REFORM, SUMMIT, TALKS, TOUR, VISIT = "law", "reform", "summit", "talks", "tour", "visit"


@pytest.fixture(scope="module", autouse=True)
def recorded(served: Served) -> dict[str, int]:
    """Record six announcements of four actors, two of whom are one, and what came of them; return a position."""
    for day in ("2024-01-10", "2024-03-10", "2024-04-08", "2024-06-01"):
        assert served.post("/v1/sources", source(day, published_at=day)).status_code == 201
    for id in ("japan", "usa", "tokyo", "kenya"):
        body = {"id": id, "names": {"en": id.title()}, "kind": "state"}
        assert served.post("/v1/actors", body).status_code == 201
    assert served.post("/v1/actors/tokyo/merge", {"into": "japan"}).status_code == 201
    made: dict[str, dict[str, Any]] = {
        VISIT: {"when": "2024-04-10", "actors": [{"id": "japan"}, {"id": "usa", "role": "with"}], "kind": "visit"},
        LAW: {"when": "../2024-03-15", "actors": [{"id": "usa"}], "modality": "committed", "topics": ["trade"]},
        SUMMIT: {"when": "2024-04-08/2024-04-12", "actors": [{"id": "usa"}]},
        TALKS: {"when": "2024-04-02", "actors": [{"id": "tokyo"}, {"id": "japan"}]},
        REFORM: {"when": "2024-04-15/..", "actors": [{"id": "usa"}], "topics": ["trade"]},
        TOUR: {"when": "2023-05", "actors": [{"id": "japan"}, {"name": "Others"}]},
    }
    for id, more in made.items():
        answer = served.post("/v1/announcements", announcement(id, "2024-01-10", **more))
        assert answer.status_code == 201, answer.text
    before = served.head()
    acts: tuple[tuple[str, str, dict[str, Any]], ...] = (
        (VISIT, "reschedule", {"when": "2024-04-20", "citations": cited("2024-03-10")}),
        (LAW, "reschedule", {"when": "../2024-03-20", "citations": cited("2024-03-10")}),
        (TOUR, "outcome", {"result": "partly", "citations": cited("2024-03-10")}),
        (SUMMIT, "cancel", {"citations": cited("2024-04-08")}),
        (VISIT, "outcome", {"result": "happened", "citations": cited("2024-06-01")}),
    )
    for id, act, body in acts:
        answer = served.post(f"/v1/announcements/{id}/{act}", body)
        assert answer.status_code == 201, answer.text
    return {"before": before, "after": served.head()}


def ids(answer: dict[str, Any]) -> list[str]:
    return [item["id"] for item in answer["items"]]


def test_the_agenda_is_a_list_of_what_is_to_come_within_a_month(served: Served) -> None:
    answer = served.get("/v1/agenda", **APRIL_9)

    assert answer == {
        "items": [served.get(f"/v1/announcements/{id}", **APRIL_9) for id in (REFORM, VISIT)],
        "next": None,
        "total": 2,
        "position": served.head(),
    }


def test_the_agenda_reaches_as_far_as_it_is_asked_to(served: Served) -> None:
    assert ids(served.get("/v1/agenda", days=6, **APRIL_9)) == []
    assert ids(served.get("/v1/agenda", days=7, **APRIL_9)) == [REFORM]
    assert ids(served.get("/v1/agenda", days=90, **APRIL_9)) == [REFORM, VISIT]
    assert ids(served.get("/v1/agenda", days=90, said_by="2024-04-20")) == [VISIT]
    assert ids(served.get("/v1/agenda", days=90, said_by="2024-04-21")) == []


def test_what_is_off_is_on_the_agenda_where_it_is_asked_for(served: Served) -> None:
    assert ids(served.get("/v1/agenda", state="cancelled", **APRIL_9)) == [SUMMIT]
    assert ids(served.get("/v1/agenda", said_by="2024-04-07")) == [SUMMIT, REFORM, VISIT]


def test_due_lists_what_has_passed_unchecked_the_longest_past_first(served: Served) -> None:
    answer = served.get("/v1/due", **APRIL_9)

    assert answer == {
        "items": [served.get(f"/v1/announcements/{id}", **APRIL_9) for id in (LAW, TALKS)],
        "next": None,
        "total": 2,
        "position": served.head(),
    }
    assert [item["state"] for item in answer["items"]] == ["overdue", "due"]
    assert ids(served.get("/v1/due", state="overdue", **APRIL_9)) == [LAW]
    assert ids(served.get("/v1/due", state=["due", "overdue"], **APRIL_9)) == [LAW, TALKS]


def test_slippage_tells_whose_dates_moved_by_how_much(served: Served) -> None:
    assert served.get("/v1/slippage", **APRIL_9) == {
        "items": [
            {
                "actor": {"id": "japan", "name": "Japan"},
                "announcements": 3,
                "moved": 1,
                "moves": 1,
                "later": 1,
                "earlier": 0,
                "slip_days": {"known": 1, "total": 10, "median": 10, "max": 10},
            },
            {
                "actor": {"id": "usa", "name": "Usa"},
                "announcements": 3,
                "moved": 1,
                "moves": 1,
                "later": 1,
                "earlier": 0,
                "slip_days": {"known": 1, "total": 5, "median": 5, "max": 5},
            },
        ],
        "next": None,
        "total": 2,
        "position": served.head(),
    }


def test_slippage_is_unknown_where_nothing_moved(served: Served, recorded: dict[str, int]) -> None:
    (japan, usa) = served.get("/v1/slippage", as_of=recorded["before"])["items"]

    assert (japan["moved"], usa["moved"]) == (0, 0)
    assert japan["slip_days"] == {"known": 0, "total": None, "median": None, "max": None}


def score(actor: str, total: int, **more: int | None) -> dict[str, Any]:
    return {"actor": {"id": actor, "name": actor.title()}, "total": total, **dict.fromkeys(COUNTED, 0), **more}


def test_the_scoreboard_tells_what_came_of_what_each_announced(served: Served) -> None:
    assert served.get("/v1/scoreboard", **APRIL_9) == {
        "items": [
            score("japan", 3, announced=1, due=1, partly=1, moved=1),
            score("usa", 3, announced=1, cancelled=1, overdue=1, moved=1),
        ],
        "next": None,
        "total": 2,
        "position": served.head(),
    }


def test_the_scoreboard_by_year_has_a_row_for_each_and_one_for_what_has_no_end(served: Served) -> None:
    assert served.get("/v1/scoreboard", by="year", **APRIL_9)["items"] == [
        score("japan", 1, year=2023, partly=1),
        score("japan", 2, year=2024, announced=1, due=1, moved=1),
        score("usa", 2, year=2024, cancelled=1, overdue=1, moved=1),
        score("usa", 1, year=None, announced=1),
    ]


def test_several_actors_are_compared_by_whatever_name_they_are_asked_for(served: Served) -> None:
    both = served.get("/v1/scoreboard", actor=["tokyo", "usa"], **APRIL_9)

    assert [row["actor"]["id"] for row in both["items"]] == ["japan", "usa"]
    assert served.get("/v1/scoreboard", actor="tokyo", **APRIL_9) == served.get(
        "/v1/scoreboard", actor="japan", **APRIL_9
    )
    assert served.get("/v1/scoreboard", actor="kenya", **APRIL_9)["items"] == []
    assert [row["actor"]["id"] for row in served.get("/v1/slippage", actor="usa", **APRIL_9)["items"]] == ["usa"]


def test_filters_choose_the_announcements_that_are_counted(served: Served) -> None:
    assert served.get("/v1/scoreboard", topic="trade", **APRIL_9)["items"] == [
        score("usa", 2, announced=1, overdue=1, moved=1)
    ]
    assert served.get("/v1/scoreboard", state="due", **APRIL_9)["items"] == [score("japan", 1, due=1)]
    assert [row["announcements"] for row in served.get("/v1/slippage", kind="visit", **APRIL_9)["items"]] == [1]
    assert ids(served.get("/v1/agenda", topic="trade", **APRIL_9)) == [REFORM]
    assert ids(served.get("/v1/due", actor="usa", **APRIL_9)) == [LAW]


def test_what_was_recorded_later_is_not_there_as_of_before(served: Served, recorded: dict[str, int]) -> None:
    before = {**APRIL_9, "as_of": recorded["before"]}

    assert ids(served.get("/v1/agenda", **before)) == [SUMMIT, VISIT, REFORM]
    assert [(row["due"], row["cancelled"]) for row in served.get("/v1/scoreboard", **before)["items"]] == [
        (2, 0),
        (0, 0),
    ]


@pytest.mark.parametrize("path", ROUTES)
def test_pages_go_through_everything_once(served: Served, path: str) -> None:
    whole = served.get(path, **APRIL_9)["items"]
    items: list[Any] = []
    cursor: dict[str, str] = {}
    for _ in whole:
        page = served.get(path, limit=1, **APRIL_9, **cursor)
        items += page["items"]
        cursor = {"cursor": page["next"]}

    assert items == whole
    assert cursor == {"cursor": None}


@pytest.mark.parametrize("path", ROUTES)
def test_before_anything_was_recorded_there_is_nothing(served: Served, path: str) -> None:
    assert served.get(path, as_of=0) == {"items": [], "next": None, "total": 0, "position": served.head()}


@pytest.mark.parametrize("path", ROUTES)
def test_an_answer_says_how_far_it_goes_and_is_not_sent_twice(served: Served, path: str) -> None:
    answer = served.public.get(path, params={**APRIL_9, "min_position": str(served.head())})
    again = served.public.get(path, params=APRIL_9, headers={"If-None-Match": answer.headers["ETag"]})

    assert answer.headers["Dateline-Position"] == str(served.head())
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        *(("/v1/agenda", {"days": days}) for days in ("0", "367", "x", "7.5")),
        ("/v1/due", {"state": "announced"}),
        ("/v1/due", {"state": ["due", "merged"]}),
        ("/v1/slippage", {"by": "year"}),
        *(("/v1/scoreboard", {"by": by}) for by in ("month", "")),
        *((path, {"cursor": "nonsense"}) for path in ROUTES),
        *((path, {"limit": "0"}) for path in ROUTES),
        *((path, {"from": "2024-05-02", "to": "2024-05-01"}) for path in ROUTES),
        *((path, {"unknown": "1"}) for path in ROUTES),
        *((path, {"as_of": "99999"}) for path in ROUTES),
    ],
)
def test_what_makes_no_sense_is_refused(served: Served, path: str, parameters: dict[str, Any]) -> None:
    answer = served.api.get(path, params=parameters)

    assert answer.status_code == 400, answer.text


def test_a_cursor_is_good_for_the_question_it_was_given_for(served: Served) -> None:
    cursor = served.get("/v1/scoreboard", limit=1, **APRIL_9)["next"]

    for path, parameters in (
        ("/v1/scoreboard", {"by": "year", **APRIL_9}),
        ("/v1/scoreboard", {"said_by": "2024-04-08"}),
        ("/v1/slippage", APRIL_9),
    ):
        answer = served.api.get(path, params={"cursor": cursor, **parameters})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad-cursor")
