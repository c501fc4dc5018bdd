"""Servers that answer as they are told, well or badly, and count who came; and names that lead where they are told."""

import asyncio
import socket
import ssl
import sys
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, TypeAlias

Answer: TypeAlias = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


class Server:
    """A server on an address of this machine. `answers` are by path; another path is answered by `otherwise`."""

    def __init__(self, host: str = "127.0.0.3") -> None:
        self.host = host
        self.port = 0
        self.answers: dict[str, Answer] = {}
        self.otherwise: Answer = ok(b"<p>Here</p>")
        self.heard: list[bytes] = []
        self.left = 0
        self._answering: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @asynccontextmanager
    async def listening(self, shown: ssl.SSLContext | None = None, *, port: int = 0) -> AsyncIterator["Server"]:
        async with await asyncio.start_server(self._hear, self.host, port, ssl=shown) as server:
            self.port = server.sockets[0].getsockname()[1]
            yield self
            for writer in self._answering.values():
                writer.transport.abort()
            await asyncio.gather(*self._answering)

    def url(self, path: str = "/", *, scheme: str = "http", host: str | None = None) -> str:
        return f"{scheme}://{host or self.host}:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        return [head.split(b" ")[1].decode() for head in self.heard]

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._answering[task] = writer
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                await self._answer(reader, writer)
        finally:
            self.left += 1
            writer.close()
            del self._answering[task]

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.heard.append(head)
        answer = self.answers.get(head.split(b" ")[1].decode(), self.otherwise)
        if isinstance(answer, bytes):
            writer.write(answer)
            await writer.drain()
        else:
            await answer(writer)


def ok(body: bytes, *headers: str, kind: str = "text/html") -> bytes:
    """Return an answer with a body."""
    lines = ["HTTP/1.1 200 OK", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def leading(location: str, status: int = 302) -> bytes:
    """Return an answer that leads elsewhere."""
    return f"HTTP/1.1 {status} Found\r\nLocation: {location}\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n".encode()


def forever(begin: bytes, again: bytes, *, pause_s: float = 0.0) -> Answer:
    """Return an answer that has no end, slow or as fast as it goes."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(begin)
        while True:
            writer.write(again)
            await writer.drain()
            await asyncio.sleep(pause_s)

    return answer


def bomb(mebibytes: int) -> bytes:
    """Return that many mebibytes of zeros, packed by gzip: one block, again and again, without a checksum."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    zeros = bytes(1024 * 1024)
    head = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + block * (mebibytes - 1)


class Names:
    """Looks names up in a table; each look takes the next of a name's answers, the last for ever."""

    def __init__(self, **answers: Sequence[Sequence[str]]) -> None:
        self.answers = {name: list(given) for name, given in answers.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        given = self.answers.get(host)
        if given is None:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return given.pop(0) if len(given) > 1 else given[0]


_connected: list[Any] | None = None


def _audited(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and _connected is not None:
        _connected.append(arguments[1])


sys.addaudithook(_audited)  # It cannot be taken off again; it does nothing unless somebody looks.


@contextmanager
def connections() -> Iterator[list[Any]]:
    """Give the addresses that this process begins to connect to, whoever does it."""
    global _connected
    seen: list[Any] = []
    _connected = seen
    try:
        yield seen
    finally:
        _connected = None
