"""`traceparent`: read as W3C has it, and ignored as W3C has it."""

import pytest

from api.traces import current, enter, given, trace_of

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"


@pytest.mark.parametrize(
    "header",
    [
        f"00-{TRACE}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-00",
        f"00-{TRACE}-{PARENT}-ff",
        f"01-{TRACE}-{PARENT}-01",
        f"cc-{TRACE}-{PARENT}-01-what-comes-later",
    ],
)
def test_a_trace_is_read(header: str) -> None:
    assert trace_of(header.encode()) == TRACE


@pytest.mark.parametrize(
    "header",
    [
        "",
        TRACE,
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-01-more",
        f"00-{TRACE}-{PARENT}-01-",
        f"01-{TRACE}-{PARENT}-01more",
        f"00-{TRACE}-{PARENT}",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE[:-1]}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-0g",
        f"00-{TRACE}-{PARENT}-01\n",
        f" 00-{TRACE}-{PARENT}-01",
    ],
)
def test_what_is_no_trace_is_ignored(header: str) -> None:
    assert trace_of(header.encode()) is None


def test_a_trace_given_twice_is_ignored() -> None:
    header = (b"traceparent", f"00-{TRACE}-{PARENT}-01".encode())

    assert given([header]) == TRACE
    assert given([header, header]) is None
    assert given([]) is None


def test_a_request_without_a_trace_has_one_of_its_own_throughout() -> None:
    enter({}, [])
    first = current()
    assert first == current()

    enter({}, [])

    assert current() != first
