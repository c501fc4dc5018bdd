"""What a request's head may be, over raw sockets: every refusal is told, none costs the next reader anything."""

import contextlib
import signal
import time

import pytest

from api.connections import FIELDS_MAX, HEAD_BYTES_MAX, PIPELINED_MAX, TARGET_BYTES_MAX
from tests.api.raw import Raw, get, request
from tests.api.served import ADMIN, Served, keys

HEALTH = get("/healthz")


def asked(served: Served, *pieces: bytes) -> tuple[int, str]:
    """Return status and code of the answer to a request that is refused, after which the connection is closed."""
    with Raw(served.port) as raw:
        answer = raw.send(*pieces).answer()
        assert raw.ends()
    return answer.status, answer.code


def lines(count: int, value: str = "x") -> list[str]:
    return [f"X-Some-{number}: {value}" for number in range(count)]


def test_a_head_has_so_many_headers_and_no_more(served: Served) -> None:
    with Raw(served.port) as raw:
        assert raw.send(get("/healthz", *lines(FIELDS_MAX - 1))).answer().status == 200

    assert asked(served, get("/healthz", *lines(FIELDS_MAX))) == (431, "head-too-large")
    assert asked(served, get("/healthz", *lines(50_000))) == (431, "head-too-large")


def test_a_head_has_so_many_bytes_and_no_more(served: Served) -> None:
    with Raw(served.port) as raw:
        assert raw.send(get("/healthz", "X-Long: " + "x" * (HEAD_BYTES_MAX - 100))).answer().status == 200

    assert asked(served, get("/healthz", "X-Long: " + "x" * HEAD_BYTES_MAX)) == (431, "head-too-large")
    assert asked(served, get("/healthz", *lines(9, "x" * (HEAD_BYTES_MAX // 8)))) == (431, "head-too-large")


@pytest.mark.parametrize("endless", [b"X-Long: " + b"x" * 4096, b"x" * 4096, b"X: y\r\n"])
def test_a_header_that_never_ends_is_not_kept(served: Served, endless: bytes) -> None:
    start = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"

    assert asked(served, start, endless, *[endless.removeprefix(b"X-Long: ")] * 1_000) == (431, "head-too-large")


def test_blank_lines_before_a_request_that_never_comes_end_the_connection(served: Served) -> None:
    with Raw(served.port) as raw:
        assert raw.send(b"\r\n\r\n", HEALTH).answer().status == 200


def test_a_target_has_so_many_bytes_and_no_more(served: Served) -> None:
    with Raw(served.port) as raw:
        padding = "x" * (TARGET_BYTES_MAX - len("/v1/announcements?q="))
        assert raw.send(get(f"/v1/announcements?q={padding}")).answer().status == 200

    assert asked(served, get("/" + "x" * TARGET_BYTES_MAX)) == (414, "target-too-long")
    assert asked(served, b"GET /", *[b"x" * 4096] * 1_000) == (414, "target-too-long")


@pytest.mark.parametrize(
    "sent",
    [
        get("/healthz", host=None),
        get("/healthz", "Host: y"),
        get("/healthz", host="a b"),
        get("/healthz", host="<script>"),
        get("/healthz", host="x/y"),
        get("/healthz", host="x@y"),
        get("/healthz", host="ä"),
        get("/healthz", host="x:port"),
        get("/healthz", host="x" * 301),
        get("/healthz", "X\x00Y: z"),
        get("/healthz", "X-Y: a\x00b"),
        get("/healthz", "X-Y: a\x01b"),
        get("/healthz", "X-Y: a\x7fb"),
        get("/healthz", "X Y: z"),
        get("/healthz", "no colon"),
        get("/healthz", "Accept: ä"),
        get("/healthz", "X-Forwarded-For: ä"),
        get("/healthz", " folded: x"),
        get("/ä"),
        get("/a\tb"),
        get("/a\x00b"),
        get("/a%00b"),
        get("/a%0d%0ab"),
        get("/a%7Fb"),
        get("/%ff"),
        get("/%c3%28"),
        get("/%ed%a0%80"),
        get("healthz"),
        get("http://"),
        get("/healthz", version="3.0"),
        get("/healthz", version="1.1.1"),
        get("/healthz", version="x"),
        b"GET\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\x00\x00\x00\x00",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"<html>\r\n\r\n",
        request("CONNECT", "example.org:80"),
        request("get", "/healthz"),
        request("X" * 40, "/healthz"),
        request("POST", "/v1/sources", "Content-Length: 5", "Content-Length: 6", body=b"12345"),
        request("POST", "/v1/sources", "Content-Length: -1"),
        request("POST", "/v1/sources", "Content-Length: 99999999999999999999999"),
        request("POST", "/v1/sources", "Content-Length: 0x5", body=b"12345"),
        request("POST", "/v1/sources", "Content-Length: 5", "Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
        request("POST", "/v1/sources", "Transfer-Encoding: gzip", body=b"x"),
        request("POST", "/v1/sources", "Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n"),
        request("POST", "/v1/sources", "Transfer-Encoding: xchunked", body=b"0\r\n\r\n"),
    ],
)
def test_what_is_no_request_is_refused_in_words(served: Served, sent: bytes) -> None:
    with Raw(served.port) as raw:
        answer = raw.send(sent).answer()

        assert (answer.status, answer.code) == (400, "request-invalid")
        assert answer.headers["connection"] == "close"
        assert raw.ends()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (get("/healthz", host=""), 200),
        (get("/healthz", host="[::1]:80"), 200),
        (get("/healthz", host="no-such-place.invalid:99999"), 200),
        (get("/healthz", version="1.0", host=None), 200),
        (get("http://somewhere.example/healthz", host="elsewhere"), 200),
        (get("/healthz", "User-Agent: Jürgen's"), 200),
        (get("/healthz", "Cookie: ä=ö"), 200),
        (get("/healthz", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"), 200),
        (get("/healthz", "Connection: Upgrade", "Upgrade: websocket"), 200),
        (get("/healthz", "Authorization: ä"), 200),
        (get("/v1/log", "Authorization: ä"), 401),
        (get("/v1/log", "Authorization: Bearer"), 401),
        (get("/healthz?%ff=%00"), 400),
        (get("/v1/announcements?q=%ff"), 400),
        (get("/v1/feed?types=%ff"), 400),
        (get("/..%2f..%2fetc"), 404),
        (get("/../../etc/passwd"), 404),
        (get("/%25%00".replace("%00", "")), 404),
        (get("*"), 404),
        (get("//healthz"), 200),
        (get("//%5b/"), 404),
        (b"GET /healthz\r\n\r\n", 200),
        (get("/healthz;x"), 404),
        (get("/" + "a/" * 5000), 404),
        (request("PROPFIND", "/healthz"), 405),
        (request("TRACE", "/healthz"), 405),
        (request("OPTIONS", "/v1/nothing"), 404),
    ],
)
def test_what_is_odd_is_answered_all_the_same_and_the_connection_goes_on(
    served: Served, sent: bytes, status: int
) -> None:
    with Raw(served.port) as raw:
        assert raw.send(sent).answer().status == status
        if b"HTTP/1.1" in sent:
            assert raw.send(HEALTH).answer().status == 200


def test_a_request_for_another_protocol_loses_neither_its_body_nor_the_next_request(served: Served) -> None:
    upgrade = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk")
    writing = (f"Authorization: Bearer {ADMIN}", f"Idempotency-Key: {next(keys)}")

    with Raw(served.port) as raw:
        post = request("POST", "/v1/sources", *upgrade, *writing, "Content-Length: 2", body=b"{}")
        chunked = b"2;x=y\r\n[]\r\n0\r\nX-Trailer: x\r\n\r\n"
        again = request("POST", "/v1/sources", *upgrade, *writing, "Transfer-Encoding: chunked", body=chunked)
        raw.send(post + HEALTH + again + get("/v1/log", *upgrade))

        told = [raw.answer() for _ in range(4)]
        assert [answer.status for answer in told] == [400, 200, 400, 200]
        assert "missing required field" in told[0].problem["detail"]
        assert "got `array`" in told[2].problem["detail"]
        assert raw.send(HEALTH).answer().status == 200


def test_requests_sent_at_once_are_answered_in_their_order(served: Served) -> None:
    paths = ["/healthz", "/v1/nothing", "/v1/log"] * 20

    with Raw(served.port) as raw:
        raw.send(b"".join(get(path) for path in paths))

        assert [raw.answer().status for _ in paths] == [200, 404, 200] * 20


def test_what_is_wrong_after_good_requests_is_told_after_their_answers(served: Served) -> None:
    with Raw(served.port) as raw:
        raw.send(get("/v1/log") * 3 + get("/healthz", host=None) + get("/v1/log"))

        assert [raw.answer().status for _ in range(4)] == [200, 200, 200, 400]
        assert raw.ends()


def test_so_many_requests_may_be_sent_ahead_and_no_more(served: Served) -> None:
    with Raw(served.port) as raw:
        raw.send(get("/v1/log") * 5000)
        answers = [raw.answer().status for _ in range(PIPELINED_MAX + 2)]

        assert answers == [200] * (PIPELINED_MAX + 1) + [400]
        assert raw.ends()


def test_connections_that_wait_do_not_keep_the_server_from_ending(served: Served) -> None:
    with contextlib.ExitStack() as open_until:
        for start in (b"", b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"\r\n"):
            open_until.enter_context(Raw(served.port)).send(start)
        idle = open_until.enter_context(Raw(served.port))
        assert idle.send(HEALTH).answer().status == 200

        began = time.monotonic()
        assert served._end(signal.SIGTERM) == 0
        assert time.monotonic() - began < 5
        assert idle.ends()
    served.start()
