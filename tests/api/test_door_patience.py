"""What is waited for ends: heads and bodies that drip, answers nobody reads on, connections nobody uses."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn

from api import connections
from api.connections import Connection
from tests.api.raw import Raw, get, request

SHORT_S = 0.2
GRACE_S = 15
HEALTH = get("/")
POST = request("POST", "/", "Content-Length: 5")
App = Callable[[Any, Any, Any], Awaitable[None]]


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEAD_S_MAX", "BODY_S_MAX", "UNREAD_S_MAX", "CLOSING_S"):
        monkeypatch.setattr(connections, name, SHORT_S)


async def answer(send: Any, body: bytes) -> None:
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def reading(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the length of the body, or say that the client went."""
    body = b""
    while (message := await receive())["type"] == "http.request":
        body += message["body"]
        if not message["more_body"]:
            await answer(send, b"%d" % len(body))
            return


async def at_once(scope: Any, receive: Any, send: Any) -> None:
    """Answer without reading."""
    await answer(send, b"no")


@contextmanager
def serving(app: App, keep_alive_s: int = 5) -> Iterator[int]:
    """Serve an application in a thread; yield its port."""
    config = uvicorn.Config(
        app,
        port=0,
        http=Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        timeout_keep_alive=keep_alive_s,
        timeout_graceful_shutdown=GRACE_S,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=asyncio.run, args=(server.serve(),))
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize(
    ("start", "drop"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n", b"X: x\r\n"),
        (b"GET /", b"x"),
        (HEALTH + b"G", b""),
        (POST, b""),
        (POST, b"x"),
        (request("POST", "/", "Transfer-Encoding: chunked"), b"1\r\nx\r\n"),
        (request("POST", "/", "Transfer-Encoding: chunked"), b"1;x=y"),
    ],
)
def test_a_request_that_drips_is_told_to_hurry_and_closed(start: bytes, drop: bytes) -> None:
    with serving(reading) as port, Raw(port) as raw:
        began = time.monotonic()
        raw.send(start, *[drop] * 3, pause_s=SHORT_S / 10)
        if start.startswith(HEALTH):
            assert raw.answer().status == 200
        told = raw.answer()

        assert (told.status, told.code) == (408, "too-slow")
        assert raw.ends()
        assert time.monotonic() - began > SHORT_S


def test_a_request_that_arrives_in_pieces_is_answered() -> None:
    with serving(reading) as port, Raw(port) as raw:
        raw.send(*[bytes([byte]) for byte in POST + b"12345"])

        assert raw.answer().body == b"5"
        assert raw.send(HEALTH).answer().body == b"0"


def test_a_body_that_nobody_reads_is_not_taken_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "BODY_S_MAX", 600.0)
    with serving(at_once) as port, Raw(port) as raw:
        raw.send(request("POST", "/", "Content-Length: 1000000000"))
        assert raw.answer().body == b"no"

        began = time.monotonic()
        while time.monotonic() - began < 80 * SHORT_S:
            try:
                raw.socket.sendall(b"x" * 65_536)
            except ConnectionError:
                break

        assert time.monotonic() - began < 60 * SHORT_S


def test_a_body_that_nobody_reads_and_that_ends_costs_nothing_but_itself() -> None:
    with serving(at_once) as port, Raw(port) as raw:
        for _ in range(3):
            assert raw.send(POST + b"12345").answer().body == b"no"


@pytest.mark.parametrize("start", [b"", b"\r\n", b"\r\n\r\n"])
def test_a_connection_that_nobody_uses_is_closed(start: bytes) -> None:
    with serving(at_once, keep_alive_s=1) as port, Raw(port) as raw:
        raw.send(start)

        assert raw.ends()


def test_a_body_that_breaks_off_is_told_and_the_application_hears_that_nobody_is_there() -> None:
    heard: list[str] = []

    async def listening(scope: Any, receive: Any, send: Any) -> None:
        while (message := await receive())["type"] == "http.request":
            heard.append(message["type"])
        heard.append(message["type"])
        await answer(send, b"to nobody")

    with serving(listening) as port, Raw(port) as raw:
        told = raw.send(request("POST", "/", "Transfer-Encoding: chunked", body=b"1\r\nx\r\nno size\r\n")).answer()

        assert (told.status, told.code) == (400, "request-invalid")
        assert raw.ends()
    assert heard[-1] == "http.disconnect"


@pytest.mark.parametrize("endless", [b"x" * 4096, b";x=" + b"y" * 4096])
def test_chunks_that_say_much_and_bring_nothing_are_refused(endless: bytes) -> None:
    with serving(reading) as port, Raw(port) as raw:
        last = b"0\r\nX-Trailer: " if endless.startswith(b"x") else b"1"
        raw.send(request("POST", "/", "Transfer-Encoding: chunked"), last, *[endless] * 200)

        assert raw.answer().code == "head-too-large"


def test_trailers_are_dropped() -> None:
    async def echoing(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        await answer(send, b" ".join(name for name, _ in scope["headers"]))

    with serving(echoing) as port, Raw(port) as raw:
        chunks = b"1\r\nx\r\n0\r\nX-Forwarded-For: 192.0.2.1\r\nAuthorization: x\r\n\r\n"

        assert raw.send(request("POST", "/", "Transfer-Encoding: chunked", body=chunks)).answer().body == (
            b"host transfer-encoding"
        )


def test_who_asks_first_whether_to_send_a_body_is_told_to() -> None:
    with serving(reading) as port, Raw(port) as raw:
        raw.send(request("POST", "/", "Content-Length: 5", "Expect: 100-continue"))
        assert raw.answer().status == 100

        assert raw.send(b"12345").answer().body == b"5"


def test_a_refusal_waits_for_the_answer_that_is_under_way() -> None:
    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(SHORT_S)
        await answer(send, b"slow")

    with serving(slow) as port, Raw(port) as raw:
        raw.send(HEALTH + b"nonsense\r\n\r\n")
        assert raw.answer().body == b"slow"
        assert raw.answer().code == "request-invalid"
        assert raw.ends()
    with serving(slow) as port, Raw(port) as raw:
        raw.send(HEALTH * 2 + request("POST", "/", "Transfer-Encoding: chunked", body=b"no size\r\n"))
        assert [raw.answer().status for _ in range(3)] == [200, 200, 400]
        assert raw.ends()


def test_a_body_that_never_ends_does_not_keep_the_service_from_ending(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "BODY_S_MAX", 60.0)
    with serving(reading) as port:
        raw = Raw(port).send(POST + b"1")
        time.sleep(SHORT_S)
        began = time.monotonic()

    assert time.monotonic() - began < GRACE_S
    with raw:
        assert raw.answer().code == "too-slow"
        assert raw.ends()
