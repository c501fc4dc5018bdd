"""Answers given again: nobody can tell them from fresh ones, and nobody gets another's."""

from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.api.served import Served, announcement, cited, source

PATHS = (
    "/v1/announcements",
    "/v1/announcements/visit",
    "/v1/announcements/visit/history",
    "/v1/sources",
    "/v1/actors",
    "/v1/timelines",
    "/v1/timelines/all",
    "/",
    "/timelines/all",
    "/announcements/visit",
    "/embed/all",
)
OURS = frozenset({"date", "ratelimit", "ratelimit-policy"})
"""Headers that are of the moment and the client, not of the answer."""


@pytest.fixture(scope="module", autouse=True)
def recorded(served: Served) -> None:
    for path, body in (
        ("/v1/sources", source("bulletin")),
        ("/v1/timelines", {"slug": "all", "title": "All", "query": {"source": "bulletin"}}),
        ("/v1/announcements", announcement("visit", "bulletin")),
    ):
        answer = served.post(path, body)
        assert answer.status_code == 201, answer.text
    served.get("/v1/announcements/visit")  # Who wrote waits for the views.


def told(answer: httpx2.Response) -> tuple[int, dict[str, str], bytes]:
    return answer.status_code, {n: v for n, v in answer.headers.items() if n.lower() not in OURS}, answer.content


@pytest.mark.parametrize("path", PATHS)
def test_an_answer_given_again_is_the_same_to_the_last_header(served: Served, path: str) -> None:
    fresh = served.api.get(path)  # A token is answered by the routes themselves.

    first, again = served.public.get(path), served.public.get(path)

    assert fresh.status_code == 200
    assert told(first) == told(again) == told(fresh)


@pytest.mark.parametrize("path", PATHS)
def test_what_the_client_has_is_not_sent_again_from_what_is_kept_either(served: Served, path: str) -> None:
    tag = served.public.get(path).headers["ETag"]
    fresh = served.api.get(path, headers={"If-None-Match": tag})

    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = served.public.get(path, headers={"If-None-Match": known})

        assert again.status_code == 304
        assert told(again) == told(fresh)
    assert served.public.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("path", ["/v1/timelines/all", "/timelines/all"])
def test_head_of_what_is_kept_has_no_body_and_the_connection_goes_on(served: Served, path: str) -> None:
    whole = served.public.get(path)
    connection = HTTPConnection("127.0.0.1", served.port, timeout=10)

    for method in ("HEAD", "GET", "HEAD", "GET"):
        connection.request(method, path, headers={"Accept": "*/*", "Host": whole.request.headers["Host"]})
        answer = connection.getresponse()

        assert answer.headers["Content-Length"] == whole.headers["Content-Length"]
        assert answer.read() == (whole.content if method == "GET" else b"")
    connection.close()


def test_a_write_is_seen_by_who_wrote_and_soon_by_everybody(served: Served) -> None:
    path = "/v1/announcements/visit"
    before = served.public.get(path)
    for day in range(11, 20):
        moved = {"when": f"2024-04-{day}", "citations": cited("bulletin", f"on {day} April 2024")}
        receipt = served.post(f"{path}/reschedule", moved)
        assert receipt.status_code == 201, receipt.text

        mine = served.api.get(path)
        theirs = served.public.get(path)

        assert mine.json()["when"]["edtf"] == f"2024-04-{day}"
        assert theirs.json() == mine.json()  # The writer waited for the views; they stand there for everybody.
        assert int(theirs.headers["Dateline-Position"]) >= receipt.json()["position"]
    assert before.json()["when"]["edtf"] == "2024-04-10"


def test_who_names_a_position_waits_for_it_whatever_is_kept(served: Served) -> None:
    path = "/v1/announcements"
    served.public.get(path)

    receipt = served.post("/v1/announcements", announcement("awaited", "bulletin"))
    answer = served.public.get(path, params={"min_position": receipt.json()["position"]})

    assert "awaited" in [item["id"] for item in answer.json()["items"]]
    assert served.public.get(path, params={"min_position": served.head() + 1000}).status_code == 503


def test_one_reader_does_not_get_the_answer_to_another_question(served: Served) -> None:
    assert served.public.get("/v1/announcements/visit").status_code == 200

    refused = served.public.get("/v1/announcements/visit", headers={"Accept": "text/csv"})
    unknown = served.public.get("/v1/announcements/visit", params={"colour": "red"})
    other = served.public.get("/v1/timelines/all", params={"limit": 1})

    assert (refused.status_code, unknown.status_code) == (406, 400)
    assert len(other.json()["items"]) == 1


def test_an_error_is_not_kept(served: Served) -> None:
    assert served.public.get("/v1/announcements/later").status_code == 404

    served.post("/v1/announcements", announcement("later", "bulletin"))
    served.get("/v1/announcements/later")

    assert served.public.get("/v1/announcements/later").status_code == 200


def test_a_wrong_token_is_refused_where_nobody_would_be_answered(served: Served) -> None:
    path = "/v1/announcements/visit"
    assert served.public.get(path).status_code == 200

    assert served.public.get(path, headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_a_source_text_is_for_those_who_may_read_it(served: Served) -> None:
    path = "/v1/sources/bulletin/text"

    assert served.api.get(path).status_code == 200
    assert [served.public.get(path).status_code for _ in range(2)] == [401, 401]


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Served]:
    environment: dict[str, Any] = {"public_read": "0", "base_path": "/dateline"}
    with Served(tmp_path / "data", **environment) as running:
        yield running


def test_nothing_is_kept_for_everybody_where_reads_are_not_public(closed: Served) -> None:
    closed.post("/v1/sources", source("bulletin"))

    for path in ("/v1/sources", "/dateline/v1/sources", "/"):
        assert closed.api.get(path).status_code == 200
        assert closed.public.get(path).status_code == 401
