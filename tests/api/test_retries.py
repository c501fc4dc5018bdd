"""A write is safe to retry with its key, and a key stands for one request."""

from concurrent.futures import ThreadPoolExecutor

from tests.api.served import Served, announcement, source


def test_a_retry_gets_the_receipt_of_then_and_stores_nothing(served: Served) -> None:
    first = served.post("/v1/sources", source("a"), key="a")
    served.post("/v1/sources", source("b"))
    head = served.head()

    again = served.post("/v1/sources", source("a"), key="a")

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == {**first.json(), "duplicate": True}
    assert served.head() == head


def test_a_retry_answers_with_the_id_that_was_made_up(served: Served) -> None:
    body = source("c")
    del body["id"]

    first = served.post("/v1/sources", body, key="no-id").json()
    again = served.post("/v1/sources", body, key="no-id").json()

    assert first["id"].startswith("bulletin-c-")
    assert again["id"] == first["id"]


def test_the_order_of_fields_and_blanks_do_not_make_another_request(served: Served) -> None:
    one = b'{"title":"T","publisher":"P","published_at":"2024-04-01"}'
    other = b'{ "published_at": "2024-04-01", "publisher": "P", "title": "\\u0054" }'

    first = served.raw("/v1/sources", one, Idempotency_Key="order")
    again = served.raw("/v1/sources", other, Idempotency_Key="order")

    assert (first.status_code, again.status_code) == (201, 200)


def test_a_key_used_for_another_request_is_refused(served: Served) -> None:
    served.post("/v1/sources", source("d"), key="d")
    head = served.head()

    for path, body in (("/v1/sources", source("e")), ("/v1/sources/d/withdraw", {"reason": "x"})):
        answer = served.post(path, body, key="d")

        assert (answer.status_code, answer.json()["code"]) == (422, "commit-key-reused")
    assert served.head() == head


def test_a_refused_request_leaves_its_key_free(served: Served) -> None:
    assert served.post("/v1/sources", {**source("f"), "published_at": "soon"}, key="f").status_code == 422

    assert served.post("/v1/sources", source("f"), key="f").status_code == 201


def test_the_same_request_at_the_same_time_is_carried_out_once(served: Served) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: served.post("/v1/sources", source("g"), key="g"), range(16)))

    assert sorted(answer.status_code for answer in answers) == [200] * 15 + [201]
    assert len({answer.json()["position"] for answer in answers}) == 1


def test_a_command_that_changes_nothing_says_so_at_the_head(served: Served) -> None:
    served.post("/v1/sources", source("h"))
    assert served.post("/v1/announcements", announcement("same", "h")).status_code == 201
    head = served.head()
    citation = announcement("same", "h")["citations"]

    answer = served.post("/v1/announcements/same/reschedule", {"when": "2024-04-10", "citations": citation})

    assert answer.status_code == 200
    assert answer.json() == {"id": "same", "position": head, "duplicate": False}
    assert "Location" not in answer.headers


def test_a_dry_run_answers_alike_and_stores_nothing(served: Served) -> None:
    head = served.head()

    dry = served.post("/v1/sources?dry_run=true", source("i"), key="i")

    assert (dry.status_code, dry.json()) == (201, {"id": "i", "position": head + 1, "duplicate": False})
    assert served.head() == head
    assert served.api.get("/v1/sources/i").status_code == 404
    assert served.post("/v1/sources", source("i"), key="i").json() == dry.json()


def test_a_dry_run_refuses_what_would_be_refused(served: Served) -> None:
    answer = served.post("/v1/sources?dry_run=true", {**source("j"), "timezone": "Nowhere"})

    assert (answer.status_code, answer.json()["code"]) == (422, "zone-unknown")


def test_a_dry_run_of_a_used_key_answers_as_the_request_itself_would(served: Served) -> None:
    first = served.post("/v1/sources", source("k"), key="k").json()
    head = served.head()

    same = served.post("/v1/sources?dry_run=true", source("k"), key="k")
    other = served.post("/v1/sources?dry_run=true", source("l"), key="k")

    assert (same.status_code, same.json()) == (200, {**first, "duplicate": True})
    assert (other.status_code, other.json()["code"]) == (422, "commit-key-reused")
    assert served.head() == head
