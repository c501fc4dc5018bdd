"""`GET /v1/dates`: what a date means, for forms."""

from typing import Any

import pytest

from tests.api.served import Served


@pytest.mark.parametrize(
    ("text", "when"),
    [
        (
            "2024-04-10",
            {
                "edtf": "2024-04-10",
                "text": "10 April 2024",
                "earliest": "2024-04-10",
                "latest": "2024-04-10",
                "kind": "on",
                "precision": "day",
            },
        ),
        (
            "../2025",
            {
                "edtf": "../2025",
                "text": "by the end of 2025",
                "earliest": None,
                "latest": "2025-12-31",
                "kind": "deadline",
                "precision": "year",
            },
        ),
        (
            " 2016/.. ",
            {
                "edtf": "2016/..",
                "text": "from 2016",
                "earliest": "2016-01-01",
                "latest": None,
                "kind": "from",
                "precision": "year",
            },
        ),
        (
            "[2024,2025]",
            {
                "edtf": "[2024,2025]",
                "text": "one of 2024, 2025",
                "earliest": "2024-01-01",
                "latest": "2025-12-31",
                "kind": "between",
                "precision": None,
            },
        ),
    ],
)
def test_an_expression_is_told_in_days_and_in_words(served: Served, text: str, when: dict[str, Any]) -> None:
    assert served.get("/v1/dates", text=text) == when
    told = served.get("/v1/dates", text=text, published_at="2024-04-08", timezone="Asia/Tokyo")
    assert told == when


def test_a_date_is_told_as_it_will_be_recorded(served: Served) -> None:
    served.post("/v1/sources", {"id": "s", "title": "S", "publisher": "P", "published_at": "2024-04-01"})
    cited = [{"source": "s", "quote": "words"}]
    for text in ("2024-05-20~", "2025-21", "199X", "2024-04-09/2024-04-14", "../2026-06-30"):
        made = served.post("/v1/announcements", {"title": "A", "when": text, "citations": cited}).json()

        assert served.get("/v1/dates", text=text) == served.get(f"/v1/announcements/{made['id']}")["when"]


@pytest.mark.parametrize(
    ("text", "edtf", "kind", "words"),
    [
        ("next Wednesday", "2024-04-17", "on", "17 April 2024"),
        (" on Wednesday. ", "2024-04-10", "on", "10 April 2024"),
        ("by the end of March", "../2024-03-31", "deadline", "by 31 March 2024"),
        ("this week", "2024-04-08/2024-04-14", "between", "8-14 April 2024"),
        ("march", "2025-03", "on", "March 2025"),
        ("on the 3rd", "2024-05-03", "on", "3 May 2024"),
        ("3rd", "2024-05-03", "on", "3 May 2024"),
        ("Christmas", "2024-12-25", "on", "25 December 2024"),
        ("in 5 years", "2029", "on", "2029"),
        ("last Wednesday", "2024-04-03", "on", "3 April 2024"),
        ("Monday 10 April", "2024-04-10", "on", "10 April 2024"),
    ],
)
def test_words_count_from_the_day_they_were_published(
    served: Served, text: str, edtf: str, kind: str, words: str
) -> None:
    when = served.get("/v1/dates", text=text, published_at="2024-04-09T03:00:00Z", timezone="America/New_York")

    assert (when["edtf"], when["kind"], when["text"]) == (edtf, kind, words)
    assert when["phrase"] in text
    assert when["anchor"] == "2024-04-08"


@pytest.mark.parametrize(
    ("text", "edtf"),
    [("by 24 March 2025", "../2025-03-24"), ("10 April 2024", "2024-04-10"), ("by 2025", "../2025"),
     ("April 9, 2024", "2024-04-09")],
)  # fmt: skip
def test_words_that_name_a_day_need_no_other(served: Served, text: str, edtf: str) -> None:
    when = served.get("/v1/dates", text=text)

    assert (when["edtf"], when["phrase"], "anchor" in when) == (edtf, text, False)


@pytest.mark.parametrize("text", ["next Wednesday", "by the end of March", "on 10 April", "12/25/24", "May"])
def test_words_that_depend_on_the_day_are_refused_without_one(served: Served, text: str) -> None:
    answer = served.public.get("/v1/dates", params={"text": text})

    assert (answer.status_code, answer.json()["code"]) == (422, "published-at-missing")
    assert [place["pointer"] for place in answer.json()["errors"]] == ["?published_at"]


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("they meet on Wednesday", "not read: 'they meet'"),
        ("on Wednesday or thereabouts or never", "not read: 'or thereabouts or never'"),
        ("two weeks", "'two weeks' is no date in words that are read"),
        ("12 bananas", "'12 bananas' is no date in words that are read"),
        ("2025年末", "is no date in words that are read"),
        ("Wednesday; Thursday", "these are several dates: 'Wednesday', 'Thursday'; give one"),
    ],
)
def test_what_is_not_one_date_is_refused_and_what_was_not_read_is_named(served: Served, text: str, unread: str) -> None:
    answer = served.public.get("/v1/dates", params={"text": text, "published_at": "2024-04-08"})

    assert (answer.status_code, answer.json()["code"]) == (422, "edtf-invalid")
    assert unread in answer.json()["detail"]
    assert [place["pointer"] for place in answer.json()["errors"]] == ["?text"]


@pytest.mark.parametrize(
    ("asked", "status", "code", "pointer"),
    [
        ({"text": "2024-13-01"}, 422, "edtf-invalid", "?text"),
        ({"text": ""}, 422, "edtf-invalid", "?text"),
        ({"text": "../.."}, 422, "edtf-invalid", "?text"),
        ({"text": "2024/"}, 422, "edtf-invalid", "?text"),
        ({"text": "1" * 201}, 422, "edtf-invalid", "?text"),
        ({"text": "on Wednesday " * 20}, 422, "edtf-invalid", "?text"),
        ({}, 400, "parameter-invalid", "?text"),
        ({"text": "2024", "timezone": "Nowhere"}, 422, "zone-unknown", "?timezone"),
        ({"text": "2024", "published_at": "soon"}, 422, "time-invalid", "?published_at"),
        ({"text": "2024", "words": "1"}, 400, "parameter-invalid", "?words"),
    ],
)
def test_what_is_no_date_is_refused_with_its_place(
    served: Served, asked: dict[str, str], status: int, code: str, pointer: str
) -> None:
    answer = served.public.get("/v1/dates", params=asked)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert [place["pointer"] for place in answer.json()["errors"]] == [pointer]


def test_what_a_date_means_can_be_kept(served: Served) -> None:
    first = served.public.get("/v1/dates", params={"text": "2024"})

    again = served.public.get("/v1/dates", params={"text": "2024"}, headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
