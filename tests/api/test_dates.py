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


@pytest.mark.parametrize("text", ["by the end of 2025", "next Wednesday", "May", "1 May 2025", "2025年末"])
def test_words_are_refused_and_it_is_said_that_they_are_not_read_yet(served: Served, text: str) -> None:
    answer = served.public.get("/v1/dates", params={"text": text})

    assert (answer.status_code, answer.json()["code"]) == (422, "edtf-invalid")
    assert "words are not read yet" in answer.json()["detail"]
    assert [place["pointer"] for place in answer.json()["errors"]] == ["?text"]


@pytest.mark.parametrize(
    ("asked", "status", "code", "pointer"),
    [
        ({"text": "2024-13-01"}, 422, "edtf-invalid", "?text"),
        ({"text": ""}, 422, "edtf-invalid", "?text"),
        ({"text": "../.."}, 422, "edtf-invalid", "?text"),
        ({"text": "2024/"}, 422, "edtf-invalid", "?text"),
        ({"text": "1" * 201}, 422, "edtf-invalid", "?text"),
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
    assert "words are not read yet" not in answer.text


def test_what_a_date_means_can_be_kept(served: Served) -> None:
    first = served.public.get("/v1/dates", params={"text": "2024"})

    again = served.public.get("/v1/dates", params={"text": "2024"}, headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
