"""Notes are put where others hold them, over connections that lead nowhere else, and it is told what lies where."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from api.outbound import FORBIDDEN, Outbound, OutboundRefused
from api.publishing import Held, Publishing
from events.log.sqlite import SqliteEngine, open_sqlite
from events.sealing import Seal
from tests.contract.given import append_each, made
from tests.integration.certified import certified

NOW = "2026-11-28T03:00:00.000000Z"
HERE = (ip_network("127.0.0.0/8"), ip_network("::1"))


class Sink:
    """A server that takes whatever it is sent, and answers what it is told to."""

    def __init__(self) -> None:
        self.answer = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
        self.heard: list[bytes] = []
        self.port = 0

    @asynccontextmanager
    async def listening(self, shown: ssl.SSLContext | None = None) -> AsyncIterator["Sink"]:
        async with await asyncio.start_server(self._hear, "127.0.0.1", 0, ssl=shown) as server:
            self.port = server.sockets[0].getsockname()[1]
            yield self

    def url(self, path: str, *, scheme: str = "http", host: str = "127.0.0.1") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        self.heard.append(head + await reader.readexactly(length))
        if self.answer:
            writer.write(self.answer)
            await writer.drain()
        else:
            await reader.read()  # Until the other side gives up.
        writer.close()


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with Sink().listening() as sink:
        yield sink


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[SqliteEngine]:
    engine = await open_sqlite(tmp_path / "data")
    await append_each(engine.log, made("a:1"))
    yield engine
    await engine.close()


async def publishing(engine: SqliteEngine, data: Path, places: str, *, allowed: Sequence[str] = ()) -> Publishing:
    seal = await Seal.open(data, engine, NOW)
    outbound = Outbound([ip_network(network) for network in allowed], answer_s=1)
    return Publishing(seal, engine.state, places, outbound, lambda: NOW)


async def test_notes_lie_in_directories_in_files_and_at_addresses_and_it_is_told_which(
    engine: SqliteEngine, tmp_path: Path, sink: Sink
) -> None:
    folder, file = tmp_path / "notes", tmp_path / "elsewhere" / "latest.txt"
    places = f"file://{folder}/ file://{file} {sink.url('/put?key=secret')} post+{sink.url('/post')}"
    published = await publishing(engine, tmp_path / "data", places, allowed=["127.0.0.0/8"])
    root = (await engine.log.head()).root.hex()

    empty = await published.held()
    await published.publish()
    await published.publish()

    names = ("file:notes", "file:latest.txt", sink.url("/put"), sink.url("/post"))
    assert empty == tuple(Held(place=name) for name in names)
    assert await published.held() == tuple(Held(place=name, size=1, root=root, since=NOW) for name in names)
    note = (folder / "latest").read_text()
    assert note == (folder / "note-000000000001").read_text() == file.read_text()
    put, post = sorted(sink.heard, reverse=True)
    assert put.startswith(b"PUT /put?key=secret HTTP/1.1\r\n")
    assert post.startswith(b"POST /post HTTP/1.1\r\n")
    assert put.endswith(note.encode())
    assert b"\r\nContent-Type: text/plain; charset=utf-8\r\n" in put

    await append_each(engine.log, made("a:2"))
    await published.publish()

    assert [one.size for one in await published.held()] == [2, 2, 2, 2]
    assert sorted(path.name for path in folder.iterdir()) == ["latest", "note-000000000001", "note-000000000002"]


async def test_a_place_that_takes_nothing_keeps_what_it_has_and_is_asked_again(
    engine: SqliteEngine, tmp_path: Path, sink: Sink
) -> None:
    published = await publishing(engine, tmp_path / "data", sink.url("/"), allowed=["127.0.0.0/8"])
    await published.publish()
    await append_each(engine.log, made("a:2"))
    answers = {
        b"HTTP/1.1 503 Busy\r\n\r\n": "it answered 503",
        b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\n\r\n": "it answered 302",
        b"SSH-2.0-OpenSSH\r\n\r\n": "its answer is not HTTP",
        b"": "there was no answer within 1 s",
    }

    for answer, reason in answers.items():
        sink.answer = answer
        await published.publish()
        (held,) = await published.held()
        assert (held.size, held.last_error) == (1, reason)
    sink.answer = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"
    await published.publish()

    (held,) = await published.held()
    assert (held.size, held.last_error) == (2, None)
    assert len(sink.heard) == 6


async def test_a_directory_that_cannot_be_written_is_told(engine: SqliteEngine, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    published = await publishing(engine, tmp_path / "data", f"file://{tmp_path}/taken/")

    await published.publish()

    (held,) = await published.held()
    assert held == Held(place="file:taken", last_error="File exists")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://127.0.0.1:1/", "not for everybody"),
        ("https://127.0.0.1:1/", "not for everybody"),
        ("https://localhost:1/", "not for everybody"),
        ("https://[::1]:1/", "not for everybody"),
        ("https://[::ffff:10.0.0.1]/", "not for everybody"),
        ("https://[64:ff9b::a00:1]/", "not for everybody"),
        ("https://169.254.169.254/latest/", "not for everybody"),
        ("https://2130706433/", "its host is neither"),
        ("https://100.100.100.200/", "not for everybody"),
        ("http://192.0.2.1/", "plain http"),
        ("http://10.0.0.1/", "plain http"),
        ("ftp://example.org/", "no http or https address"),
        ("https://user:secret@example.org/", "a user's name"),
        ("https://example.org:99999/", "its port is none"),
        ("https:///path", "its host is neither"),
        ("https://example.org/\r\nX: y", "no http or https address"),
    ],
)
async def test_where_nobody_may_be_sent_nothing_goes(url: str, why: str) -> None:
    with pytest.raises(OutboundRefused, match=why):
        await Outbound().send("PUT", url, b"", "text/plain")


async def test_plain_http_is_for_this_machine_alone_whatever_is_allowed() -> None:
    allowed = Outbound([ip_network("0.0.0.0/0"), ip_network("::/0")])

    with pytest.raises(OutboundRefused, match="plain http"):
        await allowed.send("PUT", "http://10.0.0.1/", b"", "text/plain")


async def test_a_certificate_has_to_hold_for_the_name_that_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, shown = certified(tmp_path, "localhost")
    async with Sink().listening(shown) as sink:
        outbound = Outbound(HERE)

        with pytest.raises(OutboundRefused, match="no certificate that holds"):
            await outbound.send("PUT", sink.url("/", scheme="https", host="localhost"), b"", "text/plain")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with pytest.raises(OutboundRefused, match="no certificate that holds"):
            await outbound.send("PUT", sink.url("/", scheme="https"), b"", "text/plain")
        assert sink.heard == []

        assert await outbound.send("PUT", sink.url("/", scheme="https", host="localhost"), b"", "text/plain") == 201


def test_every_private_network_that_python_knows_is_forbidden() -> None:
    for text in ("10.1.2.3", "172.31.255.255", "192.168.0.1", "127.9.9.9", "169.254.1.1", "100.64.0.1", "0.0.0.0",
                 "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fd00::1", "ff02::1", "2001:db8::1",
                 "2002:7f00:1::", "2001:0:1::", "64:ff9b::1", "::127.0.0.1"):  # fmt: skip
        address = ip_address(text)
        assert any(address in network for network in FORBIDDEN if network.version == address.version), text
    for text in ("1.1.1.1", "93.184.216.34", "2606:4700::1111", "2a00:1450::1"):
        address = ip_address(text)
        assert not any(address in network for network in FORBIDDEN if network.version == address.version), text
