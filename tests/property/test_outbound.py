"""No address is read in two ways, and no answer does more than be refused."""

import asyncio
import gzip
import zlib
from ipaddress import ip_address
from urllib.parse import urlsplit

import h11
from hypothesis import given
from hypothesis import strategies as st

from api.receiving import Reception, media_type
from api.targets import OutboundRefused, require_public, target

LIMIT = 1000
PIECES = st.sampled_from([
    "http", "https", "HTTP", "file", ":", "//", "/", "\\", "@", "#", "?", ".", "..", "[", "]", "::1", "127.0.0.1",
    "0x7f", "2130706433", "017", "localhost", "example.org", "80", "443", "65536", "%", "%00", "\t", "\n", " ", "\x00",
    "é", "。", "１",
])  # fmt: skip
URLS = st.lists(PIECES | st.text(max_size=3), max_size=10).map("".join) | st.builds(
    "http://{}:{}/{}".format, PIECES | st.text(max_size=12), st.integers(-1, 70_000) | PIECES, st.text(max_size=12)
)


@given(URLS)
def test_an_address_is_refused_or_means_the_same_to_everybody(url: str) -> None:
    try:
        read = target(url)
    except OutboundRefused:
        return

    assert target(read.url) == read
    assert all("!" <= character <= "~" for character in read.url)
    parts = urlsplit(url)
    assert (parts.scheme, parts.hostname, parts.username) == (read.scheme, parts.hostname, None)
    assert (parts.port or {"http": 80, "https": 443}[read.scheme]) == read.port
    again = urlsplit(read.url)
    assert again.hostname == read.host
    assert again.port in (None, read.port)


@given(st.ip_addresses())
def test_an_address_that_python_calls_private_is_never_public(address: object) -> None:
    read = ip_address(str(address))
    try:
        public = require_public([read], [])
    except OutboundRefused:
        return

    assert public
    assert read.is_global
    assert not read.is_multicast


HEADS = st.sampled_from([
    b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 200\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", b"Content-Length: 3\r\n", b"\r\n",
    b"Content-Type: text/html; charset=x\r\n", b"Transfer-Encoding: chunked\r\n", b"Content-Encoding: gzip\r\n",
    b"Content-Encoding: deflate\r\n", b"3\r\nabc\r\n", b"0\r\n\r\n", b"abc", gzip.compress(b"x" * 50),
    gzip.compress(b""), zlib.compress(b"x" * 5000), b"\x1f\x8b\x08\x00", b":", b" ", b"\n", b"\x00",
])  # fmt: skip


async def received(answer: bytes, cut: int) -> bytes:
    reader = asyncio.StreamReader()
    reader.feed_data(answer[:cut])
    reader.feed_data(answer[cut:])
    reader.feed_eof()
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "a")]))
    connection.send(h11.EndOfMessage())
    reception = Reception(reader, connection)
    media_type(await reception.head())
    return await reception.body(LIMIT)


@given(st.lists(HEADS | st.binary(max_size=20), max_size=15).map(b"".join), st.integers(0, 200))
def test_an_answer_of_any_bytes_is_a_body_that_is_not_too_large_or_is_refused(answer: bytes, cut: int) -> None:
    try:
        body = asyncio.run(received(answer, cut))
    except OutboundRefused:
        return

    assert len(body) <= LIMIT


@given(st.binary(max_size=LIMIT), st.sampled_from(["gzip", "deflate", "raw", "identity"]), st.integers(1, 50))
def test_what_was_packed_is_unpacked(body: bytes, packing: str, pieces: int) -> None:
    sent = {
        "gzip": gzip.compress(body), "deflate": zlib.compress(body), "raw": zlib.compress(body)[2:-4], "identity": body,
    }[packing]  # fmt: skip
    name = "deflate" if packing == "raw" else packing
    chunks = b"".join(
        b"%x\r\n%s\r\n" % (len(part), part)
        for start in range(0, len(sent), pieces)
        if (part := sent[start : start + pieces])
    )
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {name}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()

    assert asyncio.run(received(head + chunks + b"0\r\n\r\n", 0)) == body
