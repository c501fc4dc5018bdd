"""What a body costs to refuse grows with its length and no faster, whatever it is made of."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from api.door import BODY_BYTES_MAX, BODY_BYTES_SEARCHED_MAX, read_body
from api.problems import Fault
from events import bodies
from events.commands import Batch
from tests.api.served import Served

JUDGED_S = 0.5
TRIES = 5
HEALTHY_S = 1.0
START = b'{"title":"x","publisher":"p","published_at":"2024-04-01"'
ITEMS = b",".join([b'"a"'] * 500)
TIMELINE = b'{"command":"create_timeline","title":"x","query":{"id":[' + ITEMS + b']},"slug":"'


def full(start: bytes, unit: bytes, end: bytes = b"") -> bytes:
    """Return a body of as many units as a body can have."""
    return start + unit * ((BODY_BYTES_MAX - len(start) - len(end)) // len(unit)) + end


def names(count: int) -> bytes:
    """Return an object in which every name comes twice."""
    return b"{" + b",".join(b'"%d":1' % (number % (count // 2)) for number in range(count)) + b"}"


def judged_s(body: bytes, kind: type[Any]) -> float:
    """Return how long it takes to refuse a body at best: a busy machine makes it longer, never shorter."""

    def once() -> float:
        started = time.thread_time()
        with pytest.raises(Fault):
            read_body(body, kind)
        return time.thread_time() - started

    return min(once() for _ in range(TRIES))


SHAPES: list[tuple[str, bytes, type[Any]]] = [
    ("an open string of quotes", full(b"[" + b"[]," * 70 + b'"', b'\\"'), bodies.NewSource),
    ("nothing but quotes", full(b"[" * 65, b'"'), bodies.NewSource),
    ("an open string of backslashes", full(b'"', b"\\"), bodies.NewSource),
    ("names that come twice", names(180_000), bodies.NewSource),
    ("one name, again and again", full(START, b',"title":"x"', b"}"), bodies.NewSource),
    ("many empty lists", full(b"[", b"[],", b"[]]"), bodies.NewSource),
    ("many objects", full(b"[", b'{"a":1},', b"{}]"), bodies.NewSource),
    ("many numbers", full(b"[", b"1,", b"1]"), bodies.NewSource),
    ("many digits", full(b"[", b"9", b"]"), bodies.NewSource),
    ("nesting without end", full(b"", b"["), bodies.NewSource),
    ("nesting, again and again", full(b"[", b"[" * 62 + b"]" * 62 + b",", b"1]"), bodies.NewSource),
    ("line breaks, and one bell", full(START + b',"text":"', b"\\r\\n", b'\\u0007"}'), bodies.NewSource),
    ("nesting before a batch knows what it is", full(b'{"commands":[{"x":', b"["), Batch),
    ("commands that are none", full(b'{"commands":[', b"{},", b"{}]}"), Batch),
    ("an escape that ends in the middle", full(b'{"commands":[{"x":"', b"\\ud83d"), Batch),
]  # fmt: skip


@pytest.mark.parametrize(("body", "kind"), [row[1:] for row in SHAPES], ids=[row[0] for row in SHAPES])
def test_the_largest_body_is_refused_at_once(body: bytes, kind: type[Any]) -> None:
    assert judged_s(body, kind) < JUDGED_S


@pytest.mark.parametrize(("body", "kind"), [row[1:] for row in SHAPES], ids=[row[0] for row in SHAPES])
def test_a_body_that_is_searched_for_what_is_wrong_is_refused_at_once_too(body: bytes, kind: type[Any]) -> None:
    assert judged_s(body[:BODY_BYTES_SEARCHED_MAX], kind) < JUDGED_S / 5


def test_a_batch_as_large_as_it_can_be_is_read() -> None:
    commands = b",".join(TIMELINE + b'a%d"}' % number for number in range(500))

    read, _ = read_body(b'{"commands":[' + commands + b"]}", Batch)

    assert len(read.commands) == 500


def test_nobody_waits_for_a_body_that_is_refused(served: Served) -> None:
    hostile = (b"[" + b"[]," * 70 + b'"' + b'\\"' * 15_000, full(START, b',"title":"x"', b"}"), names(30_000))

    with ThreadPoolExecutor() as pool:
        answers = [pool.submit(served.raw, "/v1/sources", body) for body in hostile]
        waited = [served.public.get("/healthz").elapsed.total_seconds() for _ in range(20)]

    assert [answer.result().status_code for answer in answers] == [400] * 3
    assert max(waited) < HEALTHY_S


def test_what_a_large_body_asks_for_is_carried_out(served: Served) -> None:
    text = "On 10 April 2024.\r\n" + "é" * (BODY_BYTES_SEARCHED_MAX * 4)
    body = {"id": "large", "title": "x", "publisher": "p", "published_at": "2024-04-01", "text": text}
    sent = msgspec.json.encode(body)

    first = served.raw("/v1/sources", sent, Idempotency_Key="large")
    again = served.raw("/v1/sources", sent, Idempotency_Key="large")

    assert (first.status_code, again.status_code) == (201, 200)
    assert served.api.get("/v1/sources/large/text").content.decode() == text
