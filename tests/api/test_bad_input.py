"""What cannot be read is refused with its code and the place, and nothing of it is stored."""

import json
import socket
from typing import Any

import pytest

from tests.api.served import ADMIN, Served, announcement, cited, source

MIB = 1024 * 1024

SOURCE = source("another")
MEETING = announcement("another", "bulletin")

UNREADABLE: list[tuple[str, bytes, int, str, str | None]] = [
    ("no JSON", b'{"title": ', 400, "body-unreadable", ""),
    ("nothing at all", b"", 400, "body-unreadable", ""),
    ("bad UTF-8", b'{"title": "\xff"}', 400, "body-unreadable", ""),
    ("a byte order mark", b"\xef\xbb\xbf{}", 400, "body-unreadable", ""),
    ("a nesting bomb", b"[" * 30_000, 400, "body-unreadable", ""),
    ("an object bomb", b'{"a":' * 65 + b"1" + b"}" * 65, 400, "body-unreadable", ""),
    ("a repeated key", b'{"title": "a", "title": "b"}', 400, "body-unreadable", "/title"),
    ("NaN", b'{"title": NaN}', 400, "body-unreadable", "/title"),
    ("Infinity", b'{"a": [1, -Infinity]}', 400, "body-unreadable", "/a/1"),
    ("an integer beyond 2^53", b'{"a": 9007199254740993}', 400, "body-unreadable", "/a"),
    ("thousands of digits", b'{"a": ' + b"9" * 10_000 + b"}", 400, "body-unreadable", "/a"),
    ("a fraction", b'{"a": {"b": 1.5}}', 400, "body-unreadable", "/a/b"),
    ("half a character", b'{"title": "\\ud800"}', 400, "body-unreadable", "/title"),
    ("null", b'{"title": null}', 400, "body-mismatch", "/title"),
    ("null in a list", b'{"a": [{"b/c": null}]}', 400, "body-mismatch", "/a/0/b~1c"),
    ("a list for an object", b"[]", 400, "body-mismatch", ""),
    ("too much", b'{"title": "' + b"x" * (2 * MIB) + b'"}', 413, "body-too-large", ""),
]

MISMATCHES: list[tuple[str, dict[str, Any], int, str, str | None]] = [
    ("an unknown field", {**SOURCE, "titel": "x"}, 400, "body-mismatch", "/titel"),
    ("a wrong type", {**SOURCE, "title": 5}, 400, "body-mismatch", "/title"),
    ("a field left out", {"title": "x"}, 400, "body-mismatch", "/publisher"),
    ("a title of 301 characters", {**SOURCE, "title": "x" * 301}, 400, "body-mismatch", "/title"),
    ("a title of blanks", {**SOURCE, "title": " \u200b"}, 400, "body-mismatch", "/title"),
    ("an id with capitals", {**SOURCE, "id": "Another"}, 400, "body-mismatch", "/id"),
    ("no publication day", {k: v for k, v in SOURCE.items() if k != "published_at"}, 422, "published-at-missing",
     "/published_at"),
    ("a day there is not", {**SOURCE, "published_at": "2024-02-30"}, 422, "time-invalid", "/published_at"),
    ("a day to come", {**SOURCE, "published_at": "2999-01-01"}, 422, "time-invalid", "/published_at"),
    ("an unknown zone", {**SOURCE, "timezone": "Mars/Olympus"}, 422, "zone-unknown", "/timezone"),
    ("a control character", {**SOURCE, "title": "a\x07b"}, 422, "control-character", "/title"),
    ("a line break in a title", {**SOURCE, "title": "a\nb"}, 422, "control-character", "/title"),
    ("a line break after an id", {**SOURCE, "id": "a\n"}, 422, "control-character", "/id"),
    ("a NUL in a text", {**SOURCE, "text": "a\x00b"}, 422, "control-character", "/text"),
    ("the same text again", {**source("bulletin"), "id": "copy"}, 409, "duplicate-source", "/text"),
    ("a text of over 1 MiB", {**SOURCE, "text": "x" * (MIB + 1)}, 400, "body-mismatch", "/text"),
    ("a text of over 1 MiB in fewer characters", {**SOURCE, "text": "é" * (MIB // 2 + 1)}, 400, "body-mismatch",
     "/text"),
]  # fmt: skip

REFUSALS: list[tuple[str, dict[str, Any], int, str, str | None]] = [
    ("bad EDTF", {**MEETING, "when": "April 10"}, 422, "edtf-invalid", "/when"),
    ("a date without any bound", {**MEETING, "when": "../.."}, 422, "edtf-invalid", "/when"),
    ("bad EDTF in an object", {**MEETING, "when": {"edtf": "2024-13"}}, 422, "edtf-invalid", "/when/edtf"),
    ("words that are not there", {**MEETING, "citations": cited("bulletin", "in May")}, 422, "quote-not-found",
     "/citations/0/quote"),
    ("an unknown source", {**MEETING, "citations": cited("nobody")}, 400, "unknown-reference", "/citations/0/source"),
    ("an unknown actor", {**MEETING, "actors": [{"id": "nobody"}]}, 400, "unknown-reference", "/actors/0/id"),
    ("no citation", {**MEETING, "citations": []}, 400, "body-mismatch", "/citations"),
    ("an unknown field inside", {**MEETING, "when": {"edtf": "2024", "x": 1}}, 400, "body-mismatch", "/when/x"),
    ("an unknown role", {**MEETING, "actors": [{"name": "a", "role": "for"}]}, 400, "body-mismatch", "/actors/0/role"),
    ("an unknown zone", {**MEETING, "timezone": "Mars/Olympus"}, 422, "zone-unknown", "/timezone"),
]  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def recorded(served: Served) -> None:
    assert served.post("/v1/sources", source("bulletin")).status_code == 201


@pytest.mark.parametrize(("body", "status", "code", "pointer"), [row[1:] for row in UNREADABLE], ids=lambda _: "")
def test_a_body_that_cannot_be_read_is_refused(
    served: Served, body: bytes, status: int, code: str, pointer: str | None
) -> None:
    head = served.head()

    answer = served.raw("/v1/sources", body)

    assert_problem(answer, status, code, pointer)
    assert served.head() == head


@pytest.mark.parametrize(("body", "status", "code", "pointer"), [row[1:] for row in MISMATCHES], ids=lambda _: "")
def test_a_source_that_is_not_as_it_must_be_is_refused(
    served: Served, body: dict[str, Any], status: int, code: str, pointer: str | None
) -> None:
    head = served.head()

    answer = served.post("/v1/sources", body)

    assert_problem(answer, status, code, pointer)
    assert served.head() == head


@pytest.mark.parametrize(("body", "status", "code", "pointer"), [row[1:] for row in REFUSALS], ids=lambda _: "")
def test_an_announcement_that_is_not_as_it_must_be_is_refused(
    served: Served, body: dict[str, Any], status: int, code: str, pointer: str | None
) -> None:
    head = served.head()

    answer = served.post("/v1/announcements", body)

    assert_problem(answer, status, code, pointer)
    assert served.head() == head


def test_a_text_may_have_line_breaks_and_a_quote_repeats_them(served: Served) -> None:
    text = "The first line\nthe second, with a\ttab"
    assert served.post("/v1/sources", source("lines", text=text)).status_code == 201
    quoted = announcement("lines", "lines", citations=cited("lines", "line\nthe second"))

    assert served.post("/v1/announcements", quoted).status_code == 201


def test_the_line_breaks_of_every_system_are_kept_as_they_are_given(served: Served) -> None:
    text = "Der é-Text\r\nsagt: on 10 April\r\n2024, so\rthere"
    assert served.post("/v1/sources", source("returns", text=text)).status_code == 201
    quoted = announcement("returns", "returns", citations=cited("returns", "10 April\r\n2024"))

    answer = served.post(
        "/v1/announcements", {**quoted, "image": {"url": "http://a/b", "alt": "a\r\nb", "credit": "c"}}
    )

    assert answer.status_code == 201
    (citation,) = served.get("/v1/announcements/returns")["citations"]
    assert citation["quote"] == "10 April\r\n2024"
    assert text[citation["start"] : citation["end"]] == citation["quote"]
    assert served.api.get("/v1/sources/returns/text").content.decode() == text


def test_a_body_of_another_media_type_is_refused(served: Served) -> None:
    for headers in ({"Content-Type": "text/plain"}, {"Content-Encoding": "gzip"}):
        assert_problem(served.raw("/v1/sources", b"{}", **headers), 415, "media-type-unsupported", None)


def test_a_reader_who_takes_nothing_that_there_is_is_told(served: Served) -> None:
    for accepted in ("text/html", "image/*"):
        assert_problem(served.api.get("/v1/sources", headers={"Accept": accepted}), 406, "not-acceptable", None)
    for accepted in ("*/*", "application/*", "text/html, application/json;q=0.5", ""):
        assert served.api.get("/v1/sources", headers={"Accept": accepted}).status_code == 200


def test_an_oversized_body_is_refused_while_it_is_read(served: Served) -> None:
    head = served.head()

    answer = raw_chunked(served, [b'{"title": "'] + [b"x" * 65_536] * 40)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert served.head() == head


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("/v1/announcements?colour=red", "?colour"),
        ("/v1/announcements?limit=1&limit=2", "?limit"),
        ("/v1/announcements?limit=0", "?limit"),
        ("/v1/announcements?limit=1001", "?limit"),
        ("/v1/announcements?limit=many", "?limit"),
        ("/v1/announcements?state=unknown", "?state"),
        ("/v1/announcements?from=2024-13-01", "?from"),
        ("/v1/announcements?from=2024-02-01&to=2024-01-01", "?from"),
        ("/v1/announcements?said_by=yesterday", "?said_by"),
        ("/v1/announcements?as_of=yesterday", "?as_of"),
        ("/v1/announcements?as_of=999999", "?as_of"),
        ("/v1/announcements?as_of=99999999999999999999999", "?as_of"),
        ("/v1/announcements?changed_after=-1", "?changed_after"),
        ("/v1/announcements?min_position=9999999999999999999", "?min_position"),
        ("/v1/announcements?topic=%00", "?topic"),
        ("/v1/announcements?topic=%FF", "?topic"),
        ("/v1/events?types=announcement.sung", "?types"),
        ("/v1/events?tags=nothing", "?tags"),
        ("/v1/events?from=999999", "?from"),
        ("/v1/events?from=soon", "?from"),
        ("/v1/announcements?as_of=00000000000000000000000005", "?as_of"),
        ("/v1/announcements?q=", "?q"),
        ("/v1/announcements?q=%20", "?q"),
        ("/v1/announcements?q=%CC%81", "?q"),
        ("/v1/timelines/nobody?q=", "?q"),
        ("/v1/rubrics?limit=0", "?limit"),
        ("/timelines/x?px=1", "?px"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_refused(served: Served, path: str, pointer: str) -> None:
    assert_problem(served.api.get(path), 400, "parameter-invalid", pointer)


def test_a_cursor_of_another_list_is_refused(served: Served) -> None:
    for id in ("one", "two"):
        assert served.post("/v1/sources", source(id)).status_code == 201
    cursor = served.get("/v1/sources", limit=1)["next"]

    for wrong in (cursor, "abc", "", "ÿ", "W10"):
        assert_problem(served.api.get("/v1/announcements", params={"cursor": wrong}), 400, "bad-cursor", None)


def test_a_cursor_is_good_for_what_was_asked_and_for_nothing_else(served: Served) -> None:
    assert served.post("/v1/sources", source("paged")).status_code == 201
    for id in ("paged-a", "paged-b"):
        assert served.post("/v1/announcements", announcement(id, "paged", topics=["k"])).status_code == 201
    cursor = served.get("/v1/announcements", topic="k", limit=1)["next"]

    as_of = str(served.head())
    for other in ({"kind": "law"}, {"topic": "k", "said_by": "2999-01-01"}, {"topic": "k", "as_of": as_of}):
        answer = served.api.get("/v1/announcements", params={**other, "cursor": cursor})
        assert_problem(answer, 400, "bad-cursor", None)
    rest = served.get("/v1/announcements", topic="k", limit=5, cursor=cursor)
    assert [one["id"] for one in rest["items"]] == ["paged-b"]


@pytest.mark.parametrize("key", [None, "", "a b", "ä", "x" * 201])
def test_a_write_needs_a_key(served: Served, key: str | None) -> None:
    head = served.head()
    headers = [] if key is None else [(b"Idempotency-Key", key.encode())]

    answer = served.api.post("/v1/sources", json=SOURCE, headers=headers)

    assert_problem(answer, 400, "idempotency-key-invalid", None)
    assert served.head() == head


@pytest.mark.parametrize(
    "path",
    [
        "/v1/announcements/nobody",
        "/v1/announcements/nobody/history",
        "/v1/announcements/No%20Body",
        "/v1/sources/nobody",
        "/v1/sources/nobody/text",
        "/v1/actors/nobody",
        "/v1/timelines/nobody",
        "/v1/events/0",
        "/v1/events/999999",
        "/v1/events/99999999999999999999",
        "/v1/events/first",
        "/v1/events/1_0",
        "/v1/events/+1",
        "/v1/events/%201",
        "/v1/events/01",
        "/v1/events/%EF%BC%91",
        "/v1/nothing",
        "/static/..%2Fsettings.py",
        "/widget/nothing.js",
        "/announcements/nobody",
        "/nothing",
    ],
)
def test_what_is_not_there_is_not_found(served: Served, path: str) -> None:
    assert_problem(served.api.get(path), 404, "not-found", None)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/announcements/nobody/retract", {"reason": "x"}),
        ("/v1/sources/nobody/withdraw", {"reason": "x"}),
        ("/v1/actors/nobody/rename", {"names": {"en": "x"}}),
        ("/v1/timelines/nobody/archive", {}),
        ("/v1/events/999999/withdraw", {"reason": "x"}),
        ("/v1/events/0_1/withdraw", {"reason": "x"}),
        ("/v1/events/%EF%BC%91/withdraw", {"reason": "x"}),
        ("/v1/announcements/No%20Body/retract", {"reason": "x"}),
    ],
)
def test_a_command_about_what_is_not_there_is_not_found(served: Served, path: str, body: dict[str, Any]) -> None:
    answer = served.post(path, body)

    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


def test_a_method_that_a_path_does_not_take_is_refused(served: Served) -> None:
    answer = served.api.delete("/v1/sources/bulletin")

    assert_problem(answer, 405, "method-not-allowed", None)
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


def assert_problem(answer: Any, status: int, code: str, pointer: str | None) -> None:
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem["status"] == status
    assert problem["detail"]
    assert problem["title"]
    assert problem["type"].endswith(code)
    assert [place["pointer"] for place in problem["errors"]] == ([] if pointer is None else [pointer])


def test_a_client_that_goes_away_in_the_middle_stores_nothing(served: Served) -> None:
    head = served.head()
    sent = f"POST /v1/sources HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ADMIN}\r\nIdempotency-Key: gone\r\n"

    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
        connection.sendall(f'{sent}Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{{"title":'.encode())

    assert served.head() == head


def raw_chunked(served: Served, chunks: list[bytes]) -> bytes:
    head = (
        f"POST /v1/sources HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ADMIN}\r\nIdempotency-Key: chunked\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
        connection.sendall(head.encode())
        try:
            for chunk in chunks:
                connection.sendall(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
        except ConnectionError:
            pass
        return connection.recv(65_536)


def test_a_text_of_blanks_is_refused_in_words(served: Served) -> None:
    answer = served.post("/v1/sources", {**SOURCE, "title": "\u3000"})

    assert answer.json()["detail"] == "there is nothing to see in this text"


def test_no_answer_of_the_list_above_repeats_an_unreadable_body(served: Served) -> None:
    secret = json.dumps({"title": "the-secret-words", "x": 1}).encode()

    assert "the-secret-words" not in served.raw("/v1/sources", secret).text
