"""Reading the answer to a request of the service's own, whatever the other side does: bounded in bytes, read strictly.

HTTP/1.1 itself is h11's. Here is only how much of it is taken, and what is taken out of its wrapping.
"""

import asyncio
import re
import zlib
from collections.abc import Sequence
from typing import Final, Protocol

import h11

from api.targets import OutboundRefused

HEAD_BYTES_MAX: Final = 32 * 1024
READ_BYTES: Final = 16 * 1024
INTERIM_MAX: Final = 8
VERSIONS: Final = (b"1.0", b"1.1")
PIECES_MAX: Final = 20_000
"""In so many chunks a body may come: each costs more than its bytes."""
BODY_BYTES_MAX: Final = 5 * 1024 * 1024
GZIP: Final = 16 + zlib.MAX_WBITS
ZLIB_HEAD_BYTES: Final = 2

_TYPE: Final = re.compile(r"\s*([A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+)\s*(?:;(.*))?", re.DOTALL)
_CHARSET: Final = re.compile(r"""(?:^|;)\s*charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)


class Decoder(Protocol):
    """Takes a body's wrapping off, piece by piece, and never gives more at once than it is asked for."""

    def feed(self, data: bytes, limit: int) -> bytes:
        """Return what is in there; more than `limit` bytes is told by one more than that. Raises `zlib.error`."""
        ...

    def end(self) -> None:
        """Raise `zlib.error` where something is missing."""
        ...


class Reception:
    """One answer on one connection. `head` first, then `body` or nothing: who needs no body closes the connection."""

    def __init__(self, reader: asyncio.StreamReader, connection: h11.Connection) -> None:
        self._reader = reader
        self._connection = connection
        self._head: h11.Response | None = None

    async def head(self) -> h11.Response:
        """Return the final head. Raises `OutboundRefused` for what is no HTTP, and for too much of it."""
        for _ in range(INTERIM_MAX):
            event = await self._next()
            if isinstance(event, h11.Response) and event.http_version in VERSIONS:
                self._head = event
                return event
            if not isinstance(event, h11.InformationalResponse) or event.status_code == 101:
                break
        raise OutboundRefused("its answer is not HTTP")

    async def body(self, limit: int) -> bytes:
        """Return the body without its wrapping. Raises `OutboundRefused` for more than `limit` bytes of it."""
        assert self._head is not None
        decoder = _decoder([value.decode("latin-1") for value in values(self._head, b"content-encoding")])
        taken, arrived, pieces = bytearray(), 0, 0
        try:
            while isinstance(event := await self._next(), h11.Data):
                arrived += len(event.data)
                pieces += 1
                if pieces > PIECES_MAX:
                    raise OutboundRefused(f"its answer comes in more than {PIECES_MAX} pieces")
                taken += decoder.feed(bytes(event.data), limit - len(taken))
                if max(arrived, len(taken)) > limit:
                    raise OutboundRefused(f"its answer is larger than {limit} bytes")
            decoder.end()
        except zlib.error:
            raise OutboundRefused("its answer cannot be decompressed") from None
        if not isinstance(event, h11.EndOfMessage):
            raise OutboundRefused("its answer is not HTTP")
        return bytes(taken)

    async def _next(self) -> object:
        ended = False
        try:
            while (event := self._connection.next_event()) is h11.NEED_DATA:
                await asyncio.sleep(0)  # Reading what has arrived already would let nobody else go on.
                data = await self._reader.read(READ_BYTES)
                ended = not data
                self._connection.receive_data(data)
        except h11.RemoteProtocolError:
            raise OutboundRefused("its answer was cut off" if ended else "its answer is not HTTP") from None
        return event


def values(head: h11.Response, name: bytes) -> list[bytes]:
    """Return the values of a header of that name (in small letters)."""
    return [value for one, value in head.headers if one == name]


def media_type(head: h11.Response) -> tuple[str, str | None]:
    """Return the media type and the charset that an answer says it has; an empty one where it says none."""
    given = values(head, b"content-type")
    found = _TYPE.fullmatch(given[0].decode("latin-1")) if given else None
    if found is None:
        return "", None
    charset = _CHARSET.search(found[2] or "")
    return found[1].lower(), None if charset is None else charset[1].lower()


class _AsItIs:
    def feed(self, data: bytes, limit: int) -> bytes:
        return data

    def end(self) -> None:
        pass


class _Deflated:
    """gzip, of one member or several, or deflate, with its head or (as some servers send it) without."""

    def __init__(self, *, gzip: bool) -> None:
        self._gzip = gzip
        self._stream = zlib.decompressobj(GZIP) if gzip else None
        self._begin = b""

    def feed(self, data: bytes, limit: int) -> bytes:
        if self._stream is None:
            data = self._begin = self._begin + data
            if len(data) < ZLIB_HEAD_BYTES:
                return b""
            self._stream = zlib.decompressobj(zlib.MAX_WBITS if _is_zlib(data) else -zlib.MAX_WBITS)
        made = bytearray()
        while data and len(made) <= limit:
            if self._stream.eof:
                if not self._gzip:
                    raise zlib.error("there is more behind its end")
                self._stream = zlib.decompressobj(GZIP)
            made += self._stream.decompress(data, limit + 1 - len(made))
            data = self._stream.unconsumed_tail or self._stream.unused_data
            self._begin = b"begun"
        return bytes(made)

    def end(self) -> None:
        if self._begin and not (self._stream and self._stream.eof):
            raise zlib.error("its end is missing")


def _is_zlib(data: bytes) -> bool:
    """Say whether a deflated body begins with the head that RFC 1950 gives it."""
    return data[0] & 0x0F == zlib.DEFLATED and int.from_bytes(data[:ZLIB_HEAD_BYTES], "big") % 31 == 0


def _decoder(encodings: Sequence[str]) -> Decoder:
    """Return what takes the wrapping off; raises `OutboundRefused` for one that was not asked for."""
    named = [one.strip().lower() for encoding in encodings for one in encoding.split(",")]
    match [one for one in named if one not in ("", "identity")]:
        case []:
            return _AsItIs()
        case ["gzip" | "x-gzip"]:
            return _Deflated(gzip=True)
        case ["deflate"]:
            return _Deflated(gzip=False)
    raise OutboundRefused("its answer is packed in a way that nobody asked for")
