"""Connections: what of a request is judged while it still arrives, byte by byte, before anything is made of it.

uvicorn's parser bounds neither the number nor the size of what it keeps. Here a head has limits and a time to arrive
in, a body a time, and what cannot be answered is told why (RFC 9457), in its turn, before the connection is closed.

A connection can also be cut off by the application: closing one waits until what was sent is taken, perhaps for ever.
"""

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final, Literal, NoReturn, TypeAlias, cast
from urllib.parse import unquote_to_bytes

import httptools
import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from api.problems import MEDIA_TYPE, Fault, headers_of, problem
from events.bodies import control_character

TARGET_BYTES_MAX: Final = 16 * 1024
"""The longest request target: path and query."""
HEAD_BYTES_MAX: Final = 32 * 1024
"""The longest header section, with four bytes for each line beside name and value."""
FIELDS_MAX: Final = 100
ARRIVING_BYTES_MAX: Final = TARGET_BYTES_MAX + HEAD_BYTES_MAX
"""So much may arrive of which nothing has come: lines that never end, chunks that say much and bring nothing."""
PIPELINED_MAX: Final = 64
"""So many requests of a connection wait while an earlier one is answered."""
HEAD_S_MAX: Final = 10.0
"""How long a head may take from its first byte on."""
BODY_S_MAX: Final = 60.0
"""How long a body may take: 2 MiB at 280 kbit/s."""
UNREAD_S_MAX: Final = 5.0
"""How long the rest of a body is thrown away after the answer, so that the answer is read."""
CLOSING_S: Final = 3.0
"""How long a body may still take once the service is asked to end."""
LINGER_S: Final = 1.0
"""How long anything is thrown away after a refusal: to close at once would have the system throw the answer away."""

EXTENSION: Final = "dateline.cut_off"
READ: Final = frozenset({
    b"accept", b"access-control-request-headers", b"access-control-request-method", b"content-encoding",
    b"content-length", b"content-type", b"expect", b"forwarded", b"host", b"if-none-match", b"last-event-id",
    b"origin", b"traceparent", b"transfer-encoding", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto",
})  # fmt: skip
"""Headers that something here reads are ASCII, and refused here where nothing else says so in its own words.

What browsers and proxies put into others, a cookie of another program, is not the reader's fault.
"""
FRAMING: Final = (b"content-length", b"transfer-encoding")
HOST: Final = re.compile(rb"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(:\d{0,5})?")
"""A `Host` (RFC 9112, 3.2); the target of some requests has none, and theirs is empty."""

HOST_BYTES_MAX: Final = 300
"""A name of the domain system has at most 253."""
HOSTS_KEPT: Final = 1_000

Phase: TypeAlias = Literal["idle", "head", "resuming", "body"]


class Connection(HttpToolsProtocol):
    """A connection, for `uvicorn.Config(http=…)`. Its requests know how to cut it off."""

    _phase: Phase = "idle"
    _framing: bytes | None = None
    _arriving = 0
    _fault: Fault | None = None
    _last_words: bytes | None = None
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first request."""
        super().connection_made(cast("asyncio.Transport", transport))
        self._keep_time()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        super().connection_lost(exc)
        self._unset_keepalive_if_required()
        self._stop_waiting()

    def data_received(self, data: bytes) -> None:
        """Take what has arrived."""
        if self._last_words is not None:
            return
        self._unset_keepalive_if_required()
        self._arriving += len(data)
        try:
            self._parse(data)
        except httptools.HttpParserError:
            self._refuse(self._fault or Fault("request-invalid", "this is no HTTP/1.1 request"))
            return
        if self._arriving > ARRIVING_BYTES_MAX and self._phase != "idle":
            self._refuse(_too_large(f"over {ARRIVING_BYTES_MAX} bytes of it bring nothing"))
            return
        self._keep_time()

    def on_message_begin(self) -> None:
        """Begin a request."""
        if self._phase == "resuming":
            return
        super().on_message_begin()
        self._phase = "head"
        self._framing = None
        self.scope["extensions"] = {EXTENSION: {"call": self.transport.abort}}

    def on_url(self, url: bytes) -> None:
        """Take a piece of the target."""
        if self._phase == "resuming":
            return
        self.url += url
        if len(self.url) > TARGET_BYTES_MAX:
            self._stop(Fault("target-too-long", f"path and parameters take over {TARGET_BYTES_MAX} bytes"))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header. A trailer is dropped: proxies do not watch over those."""
        if self._phase != "head":
            return
        headers = self.headers
        headers.append((name.lower(), value))
        if len(headers) > FIELDS_MAX:
            self._stop(_too_large(f"it has over {FIELDS_MAX} headers"))

    def on_headers_complete(self) -> None:
        """Hand the request on, once its head is here and can be read."""
        if self._waiting is not None:
            self._stop_waiting()
        self._arriving = 0
        if self._phase == "resuming":
            self._phase = "body"
            return
        try:
            self._judge()
        except Fault as fault:
            self._stop(fault)
        super().on_headers_complete()
        self._phase = "body"

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body."""
        self._arriving = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request; the next one may begin."""
        if self._framing is not None and self.parser.should_upgrade():
            return  # Its body is still to come, whatever the parser thinks.
        super().on_message_complete()
        if self._waiting is not None:
            self._stop_waiting()
        self._phase = "idle"

    def on_response_complete(self) -> None:
        """Go on to the next request, or say why there is none."""
        was_last = not self.pipeline
        super().on_response_complete()
        if self.transport.is_closing() or not was_last:
            return
        if self._last_words is not None:
            self._say_last_words()
        elif self._phase == "body":
            self._stop_waiting()
            self._waiting = self.loop.call_later(UNREAD_S_MAX, self.transport.close)

    def shutdown(self) -> None:
        """End when what is under way is answered; a body that is still to come has to hurry."""
        super().shutdown()
        if self._phase == "body" and not self.transport.is_closing():
            self._stop_waiting()
            self._waiting = self.loop.call_later(CLOSING_S, self._too_late)

    def _judge(self) -> None:
        """Refuse a head that cannot be read. Raises `Fault`; parameters are looked at where they are read."""
        headers = self.headers
        whole = b"".join([part for header in headers for part in header])
        if len(whole) + 4 * len(headers) > HEAD_BYTES_MAX:
            raise _too_large(f"its headers take over {HEAD_BYTES_MAX} bytes")
        if not whole.isascii():
            _require_ascii(headers)
        named = dict(headers)
        if len(named) < len(headers) and [name for name, _ in headers].count(b"host") > 1:
            raise Fault("request-invalid", "a request has one Host")
        host = named.get(b"host")
        self.expect_100_continue = named.get(b"expect", b"").lower() == b"100-continue"
        for name in FRAMING:
            if name in named:
                self._framing = name + b": " + named[name]
        if host is None and self.parser.get_http_version() == "1.1":
            raise Fault("request-invalid", "a request has a Host")
        if host is not None and not _is_host(host):
            raise Fault("request-invalid", "the Host is none")
        _require_target(self.url)
        if not self.url.startswith(b"/") and self.parser.get_method() == b"CONNECT":
            raise Fault("request-invalid", "this is no proxy")
        if len(self.pipeline) >= PIPELINED_MAX:
            raise Fault("request-invalid", f"over {PIPELINED_MAX} requests are sent ahead of their answers")

    def _parse(self, data: bytes) -> None:
        """Have the parser read; what asks for another protocol is answered in this one (RFC 9110, 7.8)."""
        while data:
            try:
                self.parser.feed_data(data)
                return
            except httptools.HttpParserUpgrade as paused:
                data = data[paused.args[0] :]
                if self._framing is not None:
                    self._resume(self._framing)

    def _resume(self, framing: bytes) -> None:
        """Have a new parser read the body of a request that asked for another protocol: Java's client always does.

        The old one would take the body for the next request.
        """
        self._phase = "resuming"
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self.parser.feed_data(b"POST / HTTP/1.1\r\n%b\r\n\r\n" % framing)

    def _stop(self, fault: Fault) -> NoReturn:
        """Stop the parser: it swallows what is raised inside of it."""
        self._fault = fault
        raise fault

    def _refuse(self, fault: Fault) -> None:
        """Read no more, and say why when everything before has been answered."""
        self._stop_waiting()
        self._last_words = _words(fault, self.server_state.default_headers)
        cycle = self.cycle
        if not self._is_answering():
            self._say_last_words()
        elif self._phase == "body":
            if self.pipeline:
                self.pipeline.popleft()  # It waits behind another one, and has not been begun.
                return
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started:
                self.transport.close()
            else:
                self._say_last_words()

    def _is_answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # There is none before the first request.
        return cycle is not None and not cycle.response_complete

    def _say_last_words(self) -> None:
        assert self._last_words is not None
        self._unset_keepalive_if_required()
        self._stop_waiting()
        self.transport.write(self._last_words)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()
        self._waiting = self.loop.call_later(LINGER_S, self.transport.close)

    def _keep_time(self) -> None:
        """See to it that what is waited for is not waited for without end."""
        if self._phase != "idle":
            if self._waiting is None:
                limit_s = HEAD_S_MAX if self._phase == "head" else BODY_S_MAX
                self._waiting = self.loop.call_later(limit_s, self._too_late)
        elif self.timeout_keep_alive_task is None and not self._is_answering():
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def _too_late(self) -> None:
        self._waiting = None
        if self.flow.read_paused:  # It is we who do not read.
            self._keep_time()
        else:
            self._refuse(Fault("too-slow", f"the request did not arrive in time: its {self._phase} never ended"))

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None


def cut_off(scope: Mapping[str, Any]) -> None:
    """Close a request's connection at once, and throw away what waits to be taken; where the server can."""
    found: dict[str, Callable[[], None]] = (scope.get("extensions") or {}).get(EXTENSION, {})
    if found:
        found["call"]()


def _require_ascii(headers: Iterable[tuple[bytes, bytes]]) -> None:
    for name, value in headers:
        if name in READ and not value.isascii():
            raise Fault("request-invalid", f"{name.decode('latin-1')} has characters that are not ASCII")


def _require_target(target: bytes) -> None:
    """Refuse a target whose path is no text. Raises `Fault`."""
    if not target.isascii():
        raise Fault("request-invalid", "the target is not ASCII; escape what is not, as UTF-8")
    path = target.partition(b"?")[0]
    if b"%" not in path:
        return
    try:
        text = unquote_to_bytes(path).decode()
    except UnicodeDecodeError:
        raise Fault("request-invalid", "the path is not UTF-8") from None
    if control_character("", text):
        raise Fault("request-invalid", "the path has control characters")


@lru_cache(maxsize=HOSTS_KEPT)
def _is_host(host: bytes) -> bool:
    return len(host) <= HOST_BYTES_MAX and HOST.fullmatch(host) is not None


def _too_large(why: str) -> Fault:
    return Fault("head-too-large", f"the request is not read: {why}")


def _words(fault: Fault, default_headers: list[tuple[bytes, bytes]]) -> bytes:
    """Return a whole answer, after which the connection is closed."""
    told = problem(fault.code, str(fault))
    body = msgspec.json.encode(told)
    headers = {
        **headers_of(told, fault),
        "Content-Type": MEDIA_TYPE,
        "Content-Length": str(len(body)),
        "X-Content-Type-Options": "nosniff",
        "Access-Control-Allow-Origin": "*",
        "Connection": "close",
    }
    lines = [f"HTTP/1.1 {told.status} {HTTPStatus(told.status).phrase}".encode()]
    lines += [name + b": " + value for name, value in default_headers]
    lines += [f"{name.lower()}: {value}".encode() for name, value in headers.items()]
    return b"\r\n".join((*lines, b"", body))
