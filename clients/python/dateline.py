"""A client of Dateline in one file, on the standard library alone: read, write safely, and follow the feed.

    from dateline import Dateline

    dateline = Dateline("http://127.0.0.1:8470", token="dl_…")
    for announcement in dateline.items("/v1/announcements", state="overdue"):
        print(announcement["id"], announcement["when"]["text"])

Every method blocks. A `Dateline` may be used by several threads: each request has a connection of its own.
"""

from __future__ import annotations

import http.client
import json
import random
import re
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

__all__ = ["Caught", "Dateline", "Event", "HistoryChanged", "Problem", "Unreachable"]

ATTEMPTS_MAX: Final = 6
"""How often a request is sent before its failure is raised. A key makes that safe for writes."""
PAUSE_S: Final = 0.5
PAUSE_MAX_S: Final = 30.0
SILENCE_MAX_S: Final = 45.0
"""The service sends a line every 15 s: a stream that is silent for longer is broken, and opened again."""
LINE_BYTES_MAX: Final = 16 * 1024 * 1024
_AGAIN: Final = frozenset({429, 502, 503, 504})
_VISIBLE: Final = re.compile(r"[!-~]+")


class Problem(Exception):
    """The service refused a request (RFC 9457). `code` is for programs; `errors` names places in the request."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(body.get("code", ""))
        self.detail = str(body.get("detail", ""))
        self.errors: list[dict[str, str]] = list(body.get("errors", []))
        super().__init__(f"{status} {self.code}: {self.detail}")


class Unreachable(Exception):
    """The service does not answer, or breaks its answers off."""


class HistoryChanged(Exception):
    """A cursor is of another history of the log, which was restored from a backup: read everything anew."""


@dataclass(frozen=True)
class Event:
    """A recorded fact. Keep `cursor`, and `Dateline.follow(cursor)` goes on with the fact after it."""

    cursor: str
    position: int
    type: str
    data: dict[str, Any] | None
    cloud_event: dict[str, Any]


@dataclass(frozen=True)
class Caught:
    """Everything up to `position` was told; what follows is live."""

    position: int


class Dateline:
    """A Dateline service at `url`. Without a token it reads what is public.

    What cannot be sent (an address, a token, a path or a key with other characters) raises `ValueError` at once.
    """

    def __init__(self, url: str, token: str | None = None, *, timeout_s: float = 30.0) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is no http or https address")
        if token is not None and not _VISIBLE.fullmatch(token):
            raise ValueError("a token has visible ASCII characters, and nothing else")
        self._secure = parts.scheme == "https"
        self._host = parts.hostname
        self._port = parts.port
        self._base = parts.path.rstrip("/")
        self._token = token
        self._timeout_s = timeout_s

    def get(self, path: str, **parameters: Any) -> Any:
        """Return what is at a path, such as `/v1/announcements/bridge`; `from_` stands for the parameter `from`.

        JSON is given as values, everything else (a calendar, a table, a source's text) as a string. Raises `Problem`
        and `Unreachable`.
        """
        return self._ask("GET", path + _query(parameters))

    def items(self, path: str, **parameters: Any) -> Iterator[Any]:
        """Yield every item of a list, page after page. Raises as `get` does."""
        while True:
            page = self.get(path, **parameters)
            yield from page["items"]
            if page["next"] is None:
                return
            parameters["cursor"] = page["next"]

    def write(self, path: str, body: Mapping[str, Any], *, key: str | None = None, method: str = "POST") -> Any:
        """Write, and return the receipt. Sent again under the same key when no answer came, which is always safe.

        Give a `key` of your own (1 to 200 visible ASCII characters) and keep it: then it is safe after a crash, too.
        Raises `Problem`, and `Unreachable` when it cannot be known whether it was written: write again, same key.
        """
        return self._ask(method, path, body, key or f"client:{uuid.uuid4()}")

    def batch(self, commands: list[Mapping[str, Any]], *, key: str | None = None) -> Any:
        """Carry out up to 500 commands as one commit, all or none; return the receipt. Raises as `write` does."""
        return self.write("/v1/batch", {"commands": commands}, key=key)

    def follow(self, cursor: str | None = None, **parameters: Any) -> Iterator[Event | Caught]:
        """Yield facts as they are recorded, for ever: those after `cursor`, or from `from_` (`start`, `head`, …) on.

        A broken connection is opened again and nothing is told twice or left out. `types`, `announcement`, `actor`,
        `source`, `timeline` narrow it down. Raises `HistoryChanged`, and `Problem` for what cannot be asked.
        """
        pause = _Pauses()
        while True:
            try:
                for told in self._stream(cursor, parameters):
                    pause.reset()
                    if isinstance(told, Event):
                        cursor = told.cursor
                    elif cursor is None:
                        parameters["from_"] = told.position
                    yield told
            except (OSError, http.client.HTTPException):
                pass
            except Problem as problem:
                if problem.status not in _AGAIN:
                    raise
            pause.wait()

    def _stream(self, cursor: str | None, parameters: Mapping[str, Any]) -> Iterator[Event | Caught]:
        """Yield what one connection tells, until it ends."""
        asked = {name: value for name, value in parameters.items() if cursor is None or name != "from_"}
        headers = {"Accept": "text/event-stream"} | ({} if cursor is None else {"Last-Event-ID": cursor})
        connection = self._connection(SILENCE_MAX_S)
        try:
            connection.request("GET", self._base + "/v1/feed" + _query(asked), headers=self._headers() | headers)
            response = connection.getresponse()
            if response.status != 200:
                raise _problem(response.status, response.read())
            for name, id, data in _frames(response):
                if name == "message":
                    yield _event(id, json.loads(data))
                elif name == "caught-up":
                    yield Caught(position=json.loads(data)["position"])
                elif name == "reset":
                    raise HistoryChanged(f"the log has no entry {cursor}")
                elif name == "bye":
                    return
        finally:
            connection.close()

    def _ask(self, method: str, target: str, body: Mapping[str, Any] | None = None, key: str | None = None) -> Any:
        if not target.startswith("/") or not _VISIBLE.fullmatch(target):
            raise ValueError(f"{target!r} is no path: it begins with /, and other than ASCII is percent-encoded")
        if key is not None and not _VISIBLE.fullmatch(key):
            raise ValueError(f"{key!r} is no key: that has visible ASCII characters, and nothing else")
        headers = self._headers() | ({} if key is None else {"Idempotency-Key": key})
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            headers["Content-Type"] = "application/json"
        pause = _Pauses()
        for attempt in range(1, ATTEMPTS_MAX + 1):
            last = attempt == ATTEMPTS_MAX
            connection = self._connection(self._timeout_s)
            try:
                connection.request(method, self._base + target, content, headers)
                response = connection.getresponse()
                answer = response.read()
                told = _value(response, answer) if response.status < 300 else None
            except (OSError, http.client.HTTPException, ValueError) as error:  # Cut off, it may be no JSON.
                if last:
                    raise Unreachable(f"{method} {target}: {error!r}") from error
                pause.wait()
                continue
            finally:
                connection.close()
            if response.status < 300:
                return told
            if last or response.status not in _AGAIN:
                raise _problem(response.status, answer)
            pause.wait(response.headers.get("Retry-After"))
        raise AssertionError("unreachable")

    def _connection(self, timeout_s: float) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        return kind(self._host, self._port, timeout=timeout_s)

    def _headers(self) -> dict[str, str]:
        return {} if self._token is None else {"Authorization": f"Bearer {self._token}"}


class _Pauses:
    """Pauses that double, and differ between clients, so that they do not come back all at once."""

    def __init__(self) -> None:
        self._next_s = PAUSE_S

    def reset(self) -> None:
        self._next_s = PAUSE_S

    def wait(self, asked: str | None = None) -> None:
        if asked is not None and asked.isdecimal():
            time.sleep(min(int(asked), PAUSE_MAX_S))
            return
        time.sleep(self._next_s * random.uniform(0.5, 1.0))
        self._next_s = min(2 * self._next_s, PAUSE_MAX_S)


def _frames(response: http.client.HTTPResponse) -> Iterator[tuple[str, str, str]]:
    """Yield the name, the id and the data of each server-sent event; one that is cut off is none."""
    name, id, data = "message", "", []
    while line := response.readline(LINE_BYTES_MAX):
        field, _, value = line.decode().rstrip("\r\n").partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "id":
            id = value
        elif field == "data":
            data.append(value)
        elif line.strip() == b"":
            if data:
                yield name, id, "\n".join(data)
            name, id, data = "message", "", []


def _event(cursor: str, told: dict[str, Any]) -> Event:
    return Event(cursor=cursor, position=told["position"], type=told["type"], data=told["data"], cloud_event=told)


def _value(response: http.client.HTTPResponse, body: bytes) -> Any:
    """Return what an answer holds, None for 204. Raises `ValueError` for one that was cut off, even in its head."""
    if response.status == 204:
        return None
    if "json" in response.headers.get_content_type():
        return json.loads(body)
    if "Content-Length" not in response.headers and "Transfer-Encoding" not in response.headers:
        raise ValueError("the answer does not say where it ends")
    return body.decode()


def _problem(status: int, body: bytes) -> Problem:
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    return Problem(status, told if isinstance(told, dict) else {"detail": body[:200].decode(errors="replace")})


def _query(parameters: Mapping[str, Any]) -> str:
    """Return parameters as the query of an address: lists repeat, None is left out."""
    given = {
        name.rstrip("_"): str(value).lower() if isinstance(value, bool) else value
        for name, value in parameters.items()
        if value is not None
    }
    return f"?{urlencode(given, doseq=True, quote_via=quote)}" if given else ""
