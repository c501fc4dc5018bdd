"""ETags: an answer that has not changed is not sent again, and a command can insist on what its sender saw."""

from http.client import HTTPConnection

import pytest

from tests.api.served import Served, announcement, cited, source


@pytest.fixture(scope="module", autouse=True)
def recorded(served: Served) -> None:
    for path, body in (
        ("/v1/sources", source("bulletin")),
        ("/v1/actors", {"id": "office", "names": {"en": "Office"}, "kind": "office"}),
        ("/v1/rubrics", {"version": "1", "text": "What it means."}),
        ("/v1/timelines", {"slug": "all", "title": "All", "query": {"source": "bulletin"}}),
        ("/v1/announcements", announcement("visit", "bulletin")),
    ):
        answer = served.post(path, body)
        assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/v1/announcements",
        "/v1/announcements/visit",
        "/v1/announcements/visit/history",
        "/v1/sources",
        "/v1/sources/bulletin",
        "/v1/actors",
        "/v1/actors/office",
        "/v1/rubrics",
        "/v1/timelines",
        "/v1/timelines/all",
        "/v1/timelines/all.json",
        "/v1/events",
        "/v1/events/1",
        "/v1/log",
        "/",
        "/timelines/all",
        "/announcements/visit",
        "/embed/all",
        "/embed/all?part=drawing&px=800",
        "/static/dateline.css",
        "/widget/dateline.js",
    ],
)
def test_what_the_client_has_already_is_not_sent_again(served: Served, path: str) -> None:
    first = served.api.get(path)
    assert first.status_code == 200
    tag = first.headers["ETag"]

    for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        again = served.api.get(path, headers={"If-None-Match": known})

        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == tag
        assert "Dateline-Position" in again.headers
    assert served.api.get(path, headers={"If-None-Match": '"other"'}).content == first.content


@pytest.mark.parametrize("path", ["/v1/announcements/visit", "/v1/log", "/timelines/all", "/widget/dateline.js"])
def test_head_is_get_without_the_body(served: Served, path: str) -> None:
    whole = served.api.get(path)

    head = served.api.head(path)

    assert (head.status_code, head.content) == (200, b"")
    for name in ("ETag", "Content-Type", "Content-Length"):
        assert head.headers[name] == whole.headers[name]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/timelines/all", 200),
        ("/announcements/visit", 200),
        ("/v1/announcements/visit", 200),
        ("/openapi.json", 200),
        ("/healthz", 200),
        ("/v1/nothing", 404),
        ("/nothing", 404),
        ("/v1/announcements?colour=red", 400),
        ("/v1/announcements/visit/retract", 405),
        ("/v1/feed?from=999999", 400),
    ],
)
@pytest.mark.parametrize("accept", ["*/*", "text/html, */*;q=0.1"])
def test_a_connection_goes_on_after_a_head(served: Served, path: str, status: int, accept: str) -> None:
    connection = HTTPConnection("127.0.0.1", served.port, timeout=10)
    lengths = []

    for method in ("HEAD", "GET", "HEAD"):
        connection.request(method, path, headers={"Accept": accept})
        here = connection.sock.getsockname()
        answer = connection.getresponse()
        lengths.append(int(answer.headers["Content-Length"]))
        assert answer.status == status
        assert len(answer.read()) == (lengths[-1] if method == "GET" else 0)
        assert connection.sock is not None
        assert connection.sock.getsockname() == here

    assert len(set(lengths)) == 1
    connection.close()


def test_the_tag_of_an_announcement_begins_with_its_position(served: Served) -> None:
    answer = served.api.get("/v1/announcements/visit")

    assert answer.headers["ETag"].startswith(f'"{answer.json()["position"]}-')


def test_another_place_on_the_clocks_has_another_tag(served: Served) -> None:
    now = served.api.get("/v1/timelines/all").headers["ETag"]
    before = served.api.get("/v1/timelines/all", params={"said_by": "2024-03-01"}).headers["ETag"]

    assert now != before


def test_every_answer_says_up_to_where_it_speaks(served: Served) -> None:
    for path in ("/v1/announcements", "/v1/nothing", "/healthz", "/", "/v1/feed?from=999999"):
        assert int(served.api.get(path).headers["Dateline-Position"]) >= 5


def test_a_command_can_insist_on_what_its_sender_saw(served: Served) -> None:
    moved = {"when": "2024-04-11", "citations": cited("bulletin", "on 11 April 2024")}
    seen = served.api.get("/v1/announcements/visit").headers["ETag"]
    first = served.post("/v1/announcements/visit/reschedule", moved, If_Match=seen)
    head = served.head()

    stale = served.post("/v1/announcements/visit/cancel", {"citations": cited("bulletin")}, If_Match=seen)

    assert first.status_code == 201
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert served.head() == head
    fresh = first.headers["ETag"]
    cancelled = served.post("/v1/announcements/visit/cancel", {"citations": cited("bulletin")}, If_Match=fresh)
    assert cancelled.status_code == 201


@pytest.mark.parametrize("given", ["5", "*", '"visit"', '"1", "2"', 'W/"5-abc"'])
def test_a_condition_that_is_no_tag_of_ours_is_refused(served: Served, given: str) -> None:
    answer = served.post("/v1/announcements/visit/retract", {"reason": "x"}, If_Match=given)

    assert (answer.status_code, answer.json()["code"]) == (400, "if-match-invalid")


def test_a_condition_on_anything_but_an_announcement_is_refused(served: Served) -> None:
    answer = served.post("/v1/sources/bulletin/withdraw", {"reason": "x"}, If_Match='"1"')

    assert (answer.status_code, answer.json()["code"]) == (400, "if-match-invalid")


def test_what_nobody_can_have_seen_is_not_made_under_a_condition(served: Served) -> None:
    head = served.head()
    named = announcement("unseen", "bulletin")
    nameless = {name: value for name, value in named.items() if name != "id"}

    for body in (named, nameless):
        answer = served.post("/v1/announcements", body, If_Match='"5"')

        assert (answer.status_code, answer.json()["code"]) == (412, "stale")
    assert served.head() == head


def test_a_restatement_can_insist_on_what_its_sender_saw(served: Served) -> None:
    served.post("/v1/announcements", announcement("restated", "bulletin"))
    seen = served.api.get("/v1/announcements/restated").headers["ETag"]
    again = announcement("restated", "bulletin", title="Another title")

    fresh = served.post("/v1/announcements", again, If_Match=seen)
    stale = served.post("/v1/announcements", {**again, "title": "A third"}, If_Match=seen)

    assert (fresh.status_code, stale.status_code) == (201, 412)


def test_a_condition_on_a_command_about_nothing_leaves_it_not_found(served: Served) -> None:
    answer = served.post("/v1/announcements/nobody/retract", {"reason": "x"}, If_Match='"5"')

    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
