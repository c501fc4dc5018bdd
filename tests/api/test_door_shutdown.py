"""How a service ends: its feeds first, then what is under way, and nobody is cut off in the middle."""

import json
import signal
import socket
import time
from contextlib import ExitStack
from pathlib import Path

from api.server import GRACE_S
from tests.api.raw import Raw, get, request
from tests.api.served import ADMIN, Served, keys, source

FEEDS = 300


def begun(open_until: ExitStack, served: Served, sent: bytes) -> Raw:
    return open_until.enter_context(Raw(served.port)).send(sent)


def test_feeds_end_first_and_what_is_under_way_is_answered(data: Path) -> None:
    body = json.dumps(source("last")).encode()
    writing = (f"Authorization: Bearer {ADMIN}", f"Idempotency-Key: {next(keys)}", f"Content-Length: {len(body)}")
    with Served(data) as served, ExitStack() as open_until:
        feeds = [begun(open_until, served, get("/v1/feed")) for _ in range(FEEDS)]
        for feed in feeds:
            assert b" 200 " in feed._until(b"\r\n\r\n")
            feed._until(b"caught-up")
        idle = begun(open_until, served, get("/healthz"))
        assert idle.answer().status == 200
        never = begun(open_until, served, b"GET /heal")
        write = begun(open_until, served, request("POST", "/v1/sources", *writing, body=body[:10]))
        assert served.public.get("/healthz").status_code == 200
        assert served._process is not None

        began = time.monotonic()
        served._process.send_signal(signal.SIGTERM)
        farewells = [feed._until(b"event: bye") for feed in feeds]
        said_s = time.monotonic() - began
        answer = write.send(body[10:]).answer()
        code = served._process.wait(10)
        took_s = time.monotonic() - began

        assert len(farewells) == FEEDS
        assert answer.status == 201
        assert write.ends()
        assert code == 0
        assert idle.ends()
        assert never.ends()
        assert said_s < GRACE_S
        assert took_s < GRACE_S
    with Served(data) as again:
        assert again.get("/v1/sources/last")["id"] == "last"


def test_one_address_serves_both_kinds_of_the_internet(data: Path) -> None:
    """Where the machine has both: elsewhere there is one kind to serve."""
    both = socket.has_dualstack_ipv6()
    with Served(data, host="::" if both else "0.0.0.0", rate_reads="100") as served:
        answers = []
        for host in ("127.0.0.1", "::1" if both else "localhost"):
            with Raw(served.port, host) as raw:
                answers.append(raw.send(get("/v1/log", host=f"[{host}]")).answer())

    assert [answer.status for answer in answers] == [200, 200]
    assert answers[1].headers["ratelimit"] == f'"reads";r={499 if both else 498};t=1'
    assert answers[0].body == answers[1].body
