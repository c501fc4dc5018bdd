"""W3C Trace Context: the trace that a request belongs to, from its header to the entries it makes and to the logs.

Nothing is answered of it: the standard has no header for that, and who sent an id knows it.
"""

import re
import secrets
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any, Final, TypeAlias

Headers: TypeAlias = Iterable[tuple[bytes, bytes]]

TRACE: Final = "trace"
"""In the state of a request: the id of its trace, once somebody asked for it."""

_VERSION_0: Final = re.compile(rb"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_LATER: Final = re.compile(rb"(?!ff|00)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")
_REQUEST: ContextVar[tuple[dict[str, Any], Headers] | None] = ContextVar("request", default=None)


def trace_of(header: bytes) -> str | None:
    """Return the trace id of a `traceparent`; None for one that the standard has ignored.

    >>> trace_of(b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    '4bf92f3577b34da6a3ce929d0e0e4736'
    """
    found = _VERSION_0.fullmatch(header) or _LATER.fullmatch(header)
    return None if found is None else found[1].decode()


def given(headers: Headers) -> str | None:
    """Return the trace that a request says it belongs to; None where it says none, or several."""
    parents = [value for name, value in headers if name == b"traceparent"]
    return trace_of(parents[0]) if len(parents) == 1 else None


def enter(state: dict[str, Any], headers: Headers) -> None:
    """Begin a request: what is logged from now on in its task is logged with its trace."""
    _REQUEST.set((state, headers))


def current() -> str | None:
    """Return the trace of the request under way, made up where it came without; None outside of any."""
    request = _REQUEST.get()
    if request is None:
        return None
    state, headers = request
    if TRACE not in state:
        state[TRACE] = given(headers) or secrets.token_hex(16)
    return str(state[TRACE])
