"""Bytes to a server, and what comes back, without a client in between that knows what is right."""

import json
import socket
import time
from contextlib import suppress
from typing import Any, Final

PATIENCE_S: Final = 10.0
READ_BYTES: Final = 65_536


class Answer:
    """An answer: status, headers with lower-case names, and body."""

    def __init__(self, head: bytes, body: bytes) -> None:
        first, *lines = head.decode("latin-1").split("\r\n")
        self.status = int(first.split()[1])
        self.headers = dict(line.split(": ", 1) for line in lines)
        self.body = body

    @property
    def problem(self) -> Any:
        assert self.headers["content-type"] == "application/problem+json"
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return str(self.problem["code"])


class Raw:
    """A connection to a server."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.socket = socket.create_connection((host, port), timeout=PATIENCE_S)
        self._buffer = b""

    def __enter__(self) -> "Raw":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, *pieces: bytes, pause_s: float = 0.0) -> "Raw":
        """Send, piece by piece; a server that has closed is no error here, its answer is still to be read."""
        with suppress(ConnectionError):
            for piece in pieces:
                self.socket.sendall(piece)
                time.sleep(pause_s)
        return self

    def answer(self, *, method: str = "GET") -> Answer:
        """Return the next answer; interim ones are answers too."""
        head = self._until(b"\r\n\r\n")
        answer = Answer(head, b"")
        if method == "HEAD" or answer.status in (100, 204, 304):
            return answer
        if "content-length" in answer.headers:
            answer.body = self._exactly(int(answer.headers["content-length"]))
        else:
            while size := int(self._until(b"\r\n"), 16):
                answer.body += self._exactly(size)
                self._exactly(2)
            self._exactly(2)
        return answer

    def ends(self) -> bool:
        """Say whether the server closes the connection, with nothing more to say."""
        with suppress(ConnectionError):
            while piece := self.socket.recv(READ_BYTES):
                self._buffer += piece
        return self._buffer == b""

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._buffer:
            self._receive()
        found, _, self._buffer = self._buffer.partition(mark)
        return found

    def _exactly(self, count: int) -> bytes:
        while len(self._buffer) < count:
            self._receive()
        found, self._buffer = self._buffer[:count], self._buffer[count:]
        return found

    def _receive(self) -> None:
        piece = self.socket.recv(READ_BYTES)
        if not piece:
            raise ConnectionError(f"the server closed; it had said {self._buffer!r}")
        self._buffer += piece


def get(path: str, *lines: str, version: str = "1.1", host: str | None = "x") -> bytes:
    """Return a GET."""
    return request("GET", path, *lines, version=version, host=host)


def request(
    method: str, path: str, *lines: str, body: bytes = b"", version: str = "1.1", host: str | None = "x"
) -> bytes:
    """Return a request whose headers are `lines`, as they are given."""
    hosts = () if host is None else (f"Host: {host}",)
    head = (f"{method} {path} HTTP/{version}", *hosts, *lines, "", "")
    return "\r\n".join(head).encode("latin-1") + body
