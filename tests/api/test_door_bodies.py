"""How a body may come, and how many parameters: over raw sockets, against the real service."""

import json

import pytest

from api.door import BODY_BYTES_MAX, PARAMETERS_MAX
from tests.api.raw import Answer, Raw, get, request
from tests.api.served import ADMIN, Served, keys, source

HEALTH = get("/healthz")


def post(*lines: str, body: bytes = b"", path: str = "/v1/sources") -> bytes:
    return request("POST", path, f"Authorization: Bearer {ADMIN}", f"Idempotency-Key: {next(keys)}", *lines, body=body)


def told(served: Served, *pieces: bytes) -> Answer:
    with Raw(served.port) as raw:
        return raw.send(*pieces).answer()


def test_a_body_is_read_however_it_comes(served: Served) -> None:
    def body(id: str) -> bytes:
        return json.dumps(source(id)).encode()

    pieces = [bytes([byte]) for byte in body("dripped")]
    chunks = b"".join(b"%x;a=b\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    sent = [
        (post(f"Content-Length: {len(body('whole'))}", body=body("whole")),),
        (post(f"Content-Length: {len(body('dripped'))}"), *pieces),
        (post("Transfer-Encoding: chunked", body=chunks + b"0\r\n\r\n"),),
        (post("Transfer-Encoding: Chunked"), b"%X\r\n" % len(body("big")), body("big"), b"\r\n0\r\nX-T: y\r\n\r\n"),
    ]

    assert [told(served, *one).status for one in sent] == [201, 201, 200, 201]  # The third says what the second said.


def test_a_body_that_is_said_to_be_too_large_is_refused_unread(served: Served) -> None:
    for expecting in ((), ("Expect: 100-continue",)):
        answer = told(
            served, post(f"Content-Length: {BODY_BYTES_MAX + 1}", "Content-Type: application/json", *expecting)
        )

        assert (answer.status, answer.code) == (413, "body-too-large")


def test_a_body_as_large_as_allowed_is_read(served: Served) -> None:
    body = b" " * (BODY_BYTES_MAX - 2) + b"{}"

    answer = told(served, post(f"Content-Length: {BODY_BYTES_MAX}", body=body))

    assert (answer.status, answer.code) == (400, "body-mismatch")


def test_who_asks_before_sending_is_told_to_go_on_only_where_the_body_is_wanted(served: Served) -> None:
    body = json.dumps(source("expected")).encode()
    expecting = ("Expect: 100-continue", f"Content-Length: {len(body)}")
    with Raw(served.port) as raw:
        assert raw.send(post(*expecting)).answer().status == 100
        assert raw.send(body).answer().status == 201

    assert told(served, request("POST", "/v1/sources", *expecting)).status == 401
    assert told(served, post(*expecting, path="/v1/nothing")).status == 404
    assert told(served, post(*expecting, "Content-Type: text/html")).status == 415


def test_a_length_that_lies_hurts_only_who_lied(served: Served) -> None:
    body = json.dumps(source("lied")).encode()
    with Raw(served.port) as raw:
        raw.send(post(f"Content-Length: {len(body) - 10}", body=body))
        first, second = raw.answer(), raw.answer()

        assert (first.status, first.code) == (400, "body-unreadable")
        assert (second.status, second.code) == (400, "request-invalid")
        assert raw.ends()
    with Raw(served.port) as raw:
        raw.send(post(f"Content-Length: {len(body) + len(HEALTH)}", body=body + HEALTH))

        assert (raw.answer().code, raw.send(HEALTH).answer().status) == ("body-unreadable", 200)


def test_a_request_hidden_in_a_body_is_not_answered(served: Served) -> None:
    hidden = post("Content-Length: 0")
    with Raw(served.port) as raw:
        raw.send(request("GET", "/healthz", f"Content-Length: {len(hidden)}", body=hidden) + get("/v1/log"))

        assert [raw.answer().status, raw.answer().status] == [200, 200]
        raw.socket.settimeout(0.3)
        with pytest.raises(TimeoutError):
            raw.answer()


def test_so_many_parameters_may_be_given_and_no_more(served: Served) -> None:
    few = "&".join(["id=x"] * PARAMETERS_MAX)

    assert told(served, get(f"/v1/announcements?{few}")).status == 200
    refused = told(served, get(f"/v1/announcements?{few}&id=x"))
    assert (refused.status, refused.code) == (400, "parameter-invalid")
    assert told(served, get("/v1/announcements?" + "&" * 10_000)).status == 400


def test_what_is_refused_is_not_repeated_at_length(served: Served) -> None:
    refused = told(served, get("/v1/announcements?" + "x" * 10_000))

    assert refused.code == "parameter-invalid"
    assert len(refused.body) < 2_000
