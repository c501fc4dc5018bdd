"""A reader of server-sent events over a raw socket, and facts to read."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, Final

from events.log.port import Log, NewCommit, NewEvent, Receipt

PATIENCE_S: Final = 10.0


class Frame:
    """The fields of one frame; a comment's field is called `:`."""

    def __init__(self, text: str) -> None:
        parted = (line.partition(":") for line in text.split("\n"))
        self.fields = tuple((name or ":", value.removeprefix(" ")) for name, _, value in parted)

    def __getitem__(self, name: str) -> str:
        return dict(self.fields)[name]

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.fields]

    @property
    def data(self) -> Any:
        return json.loads(self["data"])

    @property
    def position(self) -> int:
        return int(self["id"].partition("-")[2])


class Stream:
    """One connection to the feed: its status, its headers, then frame after frame."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self._writer = writer
        self._buffer = b""
        self.status = 0
        self.headers: dict[str, str] = {}

    @classmethod
    async def open(cls, port: int, query: str, *, cursor: str | None, method: str, buffer: int) -> "Stream":
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=buffer)
        stream = cls(reader, writer)
        resumed = "" if cursor is None else f"Last-Event-ID: {cursor}\r\n"
        writer.write(f"{method} /v1/feed{query} HTTP/1.1\r\nHost: localhost\r\n{resumed}\r\n".encode())
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_S)
        status, *lines = head.decode().splitlines()
        stream.status = int(status.split()[1])
        stream.headers = dict(line.lower().split(": ", 1) for line in lines if line)
        return stream

    async def frame(self, *, within_s: float = PATIENCE_S) -> Frame | None:
        """Return the next frame; None when the stream has come to its proper end."""
        while b"\n\n" not in self._buffer:
            chunk = await asyncio.wait_for(self._chunk(), within_s)
            if not chunk:
                assert self._buffer == b""
                return None
            self._buffer += chunk
        text, _, self._buffer = self._buffer.partition(b"\n\n")
        return Frame(text.decode())

    async def body(self) -> bytes:
        """Return the body of an answer that has a length."""
        return await self.reader.readexactly(int(self.headers["content-length"]))

    async def frames(self) -> AsyncIterator[Frame]:
        while (frame := await self.frame()) is not None:
            yield frame

    async def facts(self, count: int) -> list[Frame]:
        """Return the next `count` facts, whatever else comes between."""
        found: list[Frame] = []
        async for frame in self.frames():
            if "id" in frame.names:
                found.append(frame)
            if len(found) == count:
                return found
        raise AssertionError(f"the stream ended after {len(found)} of {count} facts")

    async def control(self, name: str) -> Any:
        """Return the data of the next control frame, which must have that name; comments and facts are passed over."""
        async for frame in self.frames():
            if "event" in frame.names:
                assert frame["event"] == name
                return frame.data
        raise AssertionError(f"the stream ended before {name}")

    async def ends(self) -> bool:
        """Say whether the next thing is the proper end of the stream."""
        return await self.frame() is None

    def close(self) -> None:
        self._writer.transport.abort()

    async def _chunk(self) -> bytes:
        size = int((await self.reader.readuntil(b"\r\n")).strip(), 16)
        return (await self.reader.readexactly(size + 2))[:-2]


class Readers:
    """Those who read the feed of the service at `port`."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.streams: list[Stream] = []

    async def open(
        self, query: str = "", *, cursor: str | None = None, method: str = "GET", buffer: int = 2**16
    ) -> Stream:
        """Ask for the feed; return the answer once its headers are there."""
        stream = await Stream.open(self._port, query, cursor=cursor, method=method, buffer=buffer)
        self.streams.append(stream)
        return stream

    def leave(self) -> None:
        for stream in self.streams:
            stream.close()


async def append(log: Log, *titles: str, type: str = "actor.recorded", padding: int = 0) -> Receipt:
    """Record one fact for each title, in one commit."""
    events = tuple(
        NewEvent(
            type=type,
            data=json.dumps({"actor": title, "kind": "state", "names": {"en": "x" * padding}}).encode(),
            tags=(f"actor:{title}",),
        )
        for title in titles
    )
    return await log.append(NewCommit(key=f"ada/{'-'.join(titles)}", fingerprint=b"f", events=events, by="ada"))
