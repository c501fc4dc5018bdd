"""Search and corrections, as they are served."""

from typing import Any

import pytest

from tests.api.served import Served, announcement, cited, source


@pytest.fixture(scope="module", autouse=True)
def recorded(served: Served) -> dict[str, int]:
    """Record two meetings, of which one is renamed by mistake and one moves; return where."""
    for path, body in (
        ("/v1/sources", source("bulletin", published_at="2024-03-01")),
        ("/v1/sources", source("gazette", published_at="2024-03-20")),
        ("/v1/announcements", announcement("visit", "bulletin", title="L’Élysée: visite d’État")),
        ("/v1/announcements", announcement("summit", "bulletin", translations={"fr": "Le sommet"})),
    ):
        assert served.post(path, body).status_code == 201
    moved = {
        "when": "2024-04-12",
        "reason": "The runway is flooded.",
        "citations": cited("gazette", "on 12 April 2024"),
    }
    assert served.post("/v1/announcements/summit/reschedule", moved).status_code == 201
    renamed = {"set": {"title": "A state dinner"}, "origin": "editor", "reason": "It was misread."}
    positions = {"moved": served.head()}
    positions["renamed"] = served.post("/v1/announcements/visit/amend", renamed).json()["position"]
    undone = served.post(f"/v1/events/{positions['renamed']}/withdraw", {"reason": "It was not."})
    assert undone.status_code == 201
    return {**positions, "undone": undone.json()["position"]}


def test_what_is_found_is_shown_with_where_it_was_found(served: Served) -> None:
    found = served.get("/v1/search", q="elysee vis")

    assert found == {
        "items": [
            {
                "announcement": served.get("/v1/announcements/visit"),
                "matches": [{"field": "title", "text": "L’Élysée: visite d’État", "marks": [[2, 8], [10, 16]]}],
            }
        ],
        "next": None,
        "total": 1,
        "complete": True,
        "position": served.head(),
    }


def test_quotes_reasons_and_translations_say_whose_they_are(served: Served) -> None:
    (hit,) = served.get("/v1/search", q="sommet runway april")["items"]

    assert hit["announcement"]["id"] == "summit"
    assert hit["matches"] == [
        {"field": "translation", "text": "Le sommet", "marks": [[3, 9]], "lang": "fr"},
        {"field": "quote", "text": "on 10 April 2024", "marks": [[6, 11]], "source": "bulletin"},
        {"field": "quote", "text": "on 12 April 2024", "marks": [[6, 11]], "source": "gazette"},
        {"field": "reason", "text": "The runway is flooded.", "marks": [[4, 10]]},
    ]


def test_a_search_honours_both_clocks_and_the_filters_of_lists(served: Served, recorded: dict[str, int]) -> None:
    def found(**asked: Any) -> list[str]:
        return [hit["announcement"]["id"] for hit in served.get("/v1/search", **asked)["items"]]

    assert found(q="dinner") == []
    assert found(q="dinner", as_of=recorded["renamed"]) == ["visit"]
    assert found(q="runway", said_by="2024-03-19") == []
    assert found(q="april", said_by="2024-03-19") == ["visit", "summit"]
    assert found(q="april", source="gazette") == ["summit"]


def test_sentences_of_a_source_that_nobody_quoted_are_not_found(served: Served) -> None:
    for q in ("says", "13 april", '"the meeting is"'):
        assert served.get("/v1/search", q=q)["items"] == [], q


@pytest.mark.parametrize("query", ["", "q=", "q=%20", "q=-", "q=%22%22", "q=%F0%9F%98%80", "q=visit&word=1", "q=a&q=b"])
def test_what_is_no_search_is_refused(served: Served, query: str) -> None:
    answer = served.api.get(f"/v1/search?{query}")

    assert (answer.status_code, answer.json()["code"]) == (400, "parameter-invalid")


@pytest.mark.parametrize(
    "q", ['"', "a\"b'c", "title:visit", "AND", "visit NOT summit", "NEAR(a b)", "^a", "a*b", "{a}:b", "日本"]
)
def test_no_search_is_taken_for_the_language_of_the_index(served: Served, q: str) -> None:
    answer = served.api.get("/v1/search", params={"q": q})

    assert answer.status_code == (400 if q == '"' else 200)


def test_corrections_say_what_was_wrong_what_it_is_now_and_why(served: Served, recorded: dict[str, int]) -> None:
    listed = served.get("/v1/corrections")

    times = [served.get(f"/v1/events/{recorded[name]}")["time"] for name in ("undone", "renamed")]
    subject = {"kind": "announcement", "id": "visit", "title": "L’Élysée: visite d’État"}
    common = {"said_at": None, "by": "admin", "origin": "editor", "subject": subject}
    assert listed == {
        "items": [
            {
                **common,
                "position": recorded["undone"],
                "type": "fact.withdrawn",
                "recorded_at": times[0],
                "changes": [{"field": "title", "before": "A state dinner", "after": "L’Élysée: visite d’État"}],
                "reason": "It was not.",
                "corrects": recorded["renamed"],
                "withdrawn_by": None,
            },
            {
                **common,
                "position": recorded["renamed"],
                "type": "announcement.amended",
                "recorded_at": times[1],
                "changes": [{"field": "title", "before": "L’Élysée: visite d’État", "after": "A state dinner"}],
                "reason": "It was misread.",
                "corrects": 3,
                "withdrawn_by": recorded["undone"],
            },
        ],
        "next": None,
        "total": 2,
        "position": served.head(),
    }


def test_corrections_have_pages_filters_and_a_past(served: Served, recorded: dict[str, int]) -> None:
    first = served.get("/v1/corrections", limit=1)
    second = served.get("/v1/corrections", limit=1, cursor=first["next"])

    assert [one["position"] for one in first["items"] + second["items"]] == [recorded["undone"], recorded["renamed"]]
    assert second["next"] is None
    assert served.get("/v1/corrections", type="announcement.amended")["total"] == 1
    assert served.get("/v1/corrections", announcement="summit")["total"] == 0
    assert served.get("/v1/corrections", source="bulletin")["total"] == 2
    before = served.get("/v1/corrections", as_of=recorded["renamed"])
    assert [(one["position"], one["withdrawn_by"]) for one in before["items"]] == [(recorded["renamed"], None)]
    for query in ("type=announcement.made", "word=1", "cursor=x"):
        assert served.api.get(f"/v1/corrections?{query}").status_code == 400
