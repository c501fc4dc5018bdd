"""How a command reaches the service: the one that runs, over HTTP, or the same application over the data directory.

Without a running server the directory is opened under its lock, and the very application that would answer over HTTP
answers in this process: what a command does is the same either way.
"""

import asyncio
import fcntl
import http.client
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from events.errors import DatelineError

ADDRESS: Final = "address"
"""The file in the data directory in which a running server says where it is."""
ANSWER_S: Final = 30.0

_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_URL: Final = re.compile(r"https?://[^\s@/?#]+(/[A-Za-z0-9._~%/-]*)?")


class Answer(Struct, frozen=True, kw_only=True):
    """An answer of the service."""

    status: int
    body: bytes


class Place(Struct, frozen=True, kw_only=True):
    """A place in a refused request."""

    pointer: str = ""
    detail: str = ""


class Problem(Struct, frozen=True, kw_only=True):
    """What the service says of a request that it refuses."""

    status: int = 0
    detail: str = ""
    code: str = ""
    errors: tuple[Place, ...] = ()


class Api(Protocol):
    """The service, wherever it is."""

    def ask(
        self, method: str, target: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Return the answer to a request; `target` is path and query. Raises `Unreachable`."""
        ...


class Unreachable(DatelineError):
    """The service does not answer."""

    code = "unreachable"


class AddressInvalid(DatelineError):
    """A text is no address of a service: http or https, a host, perhaps a port and a path, and nothing else."""

    code = "address-invalid"

    def __init__(self, url: str) -> None:
        super().__init__(f"{url[:200]!r} is no address of a service; write it like http://127.0.0.1:8470")
        self.url = url


class NothingThere(DatelineError):
    """A directory holds no data of this service."""

    code = "nothing-there"

    def __init__(self, data: Path) -> None:
        super().__init__(f"there is no record in {data}; make one with: dateline serve --seed --data {data}")
        self.data = data


class HeldByServer(DatelineError):
    """A running server holds the directory that is to be written; `what` was to be done to it."""

    code = "held-by-server"

    def __init__(self, data: Path, what: str) -> None:
        super().__init__(f"a server holds {data}; stop it, {what}, and start it again")
        self.data = data


class RefusedByService(DatelineError):
    """The service refused a request; `problem` is what it said."""

    code = "refused-by-service"

    def __init__(self, problem: Problem) -> None:
        places = "".join(f"\n  {place.pointer}: {place.detail}" for place in problem.errors if place.pointer)
        super().__init__(f"{problem.detail}{places if len(problem.errors) > 1 else ''}")
        self.problem = problem


def legible(text: str) -> str:
    """Return what somebody else wrote without the controls that would move a terminal's cursor, or do worse."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


@contextmanager
def reached(data: Path, server: str | None, token: str | None) -> Iterator[Api]:
    """Yield the service at `server`, else the one that serves `data`, else the directory itself.

    Raises `AddressInvalid`, `NothingThere`, and what `api.app.build` raises.
    """
    url = server or running_at(data)
    if url is not None:
        yield Remote(url, token)
        return
    if not (data / "log.db").exists():
        raise NothingThere(data)
    with local(data) as api:
        yield api


def require_address(url: str) -> str:
    """Return the address of a service without a slash at its end; raises `AddressInvalid`."""
    try:
        parts = urlsplit(url)
        known = bool((parts.hostname or "").encode("idna")) and parts.port != 0
    except ValueError:  # Of urlsplit, of the port, and of a host that no name can be.
        known = False
    if not known or not _URL.fullmatch(url):
        raise AddressInvalid(url)
    return url.rstrip("/")


def running_at(data: Path) -> str | None:
    """Return the URL of the server that serves a data directory; None where none does."""
    try:
        url = (data / ADDRESS).read_text(encoding="utf-8").strip()
    except OSError:
        return None
    return url if _is_held(data / "lock") else None  # Without its lock, it is the address of a server that was killed.


def given(answer: Answer) -> bytes:
    """Return the body of an answer that is none of a refusal; raises `RefusedByService`."""
    if answer.status < 400:
        return answer.body
    try:
        problem = msgspec.json.decode(answer.body, type=Problem)
    except msgspec.MsgspecError:
        problem = Problem(status=answer.status, detail=f"it answered {answer.status}")
    raise RefusedByService(problem)


class Remote:
    """A service at a URL. Raises `AddressInvalid`."""

    def __init__(self, url: str, token: str | None, *, timeout_s: float = ANSWER_S) -> None:
        self.url = require_address(url)
        self._parts = urlsplit(self.url)
        self._token = token
        self._timeout_s = timeout_s

    def ask(
        self, method: str, target: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Return the answer to a request. Raises `Unreachable`."""
        connection, response = self.open(method, target, body, headers)
        try:
            return Answer(status=response.status, body=response.read())
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(f"{self.url} stopped in the middle of an answer: {error}") from None
        finally:
            connection.close()

    def open(
        self, method: str, target: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        """Return a response whose body is still to be read, and its connection to close. Raises `Unreachable`."""
        kind = http.client.HTTPSConnection if self._parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(self._parts.hostname or "", self._parts.port, timeout=self._timeout_s)
        try:
            connection.request(method, self._parts.path + target, body, _headers(self._token, body, headers))
            return connection, connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise Unreachable(f"nothing answers at {self.url}: {error}") from None


def _is_held(lock: Path) -> bool:
    """Say whether a process has the lock of a data directory."""
    try:
        descriptor = os.open(lock, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)  # That lets go of the lock, too.
    return False


@contextmanager
def local(data: Path) -> Iterator[Api]:
    """Yield the service of a data directory, opened here under its lock. Raises what `api.app.build` raises."""
    from api.app import build  # It takes its time to import, and often a server answers.
    from api.settings import Settings

    settings = Settings(data=data, admin_token=secrets.token_urlsafe(32), rate_reads=0, rate_writes=0)
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        service = runner.run(stack.enter_async_context(build(settings)))
        try:
            yield _Local(runner, service.app, settings.admin_token)
        finally:
            runner.run(stack.aclose())


class _Local:
    """An ASGI application, asked without a network."""

    def __init__(self, runner: asyncio.Runner, app: Any, token: str | None) -> None:
        self._runner = runner
        self._app = app
        self._token = token

    def ask(
        self, method: str, target: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        path, _, query = target.partition("?")
        sent = _headers(self._token, body, headers)
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
            "client": ("127.0.0.1", 0),
            "server": ("127.0.0.1", 0),
        }
        return self._runner.run(_asked(self._app, scope, body or b""))


async def _asked(app: Any, scope: dict[str, Any], body: bytes) -> Answer:
    status, parts = 0, []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, send)
    return Answer(status=status, body=b"".join(parts))


def _headers(token: str | None, body: bytes | None, headers: Mapping[str, str] | None) -> dict[str, str]:
    sent = {"Host": "localhost", "Accept-Encoding": "identity", **(headers or {})}
    if token is not None:
        sent["Authorization"] = f"Bearer {token}"
    if body is not None:
        sent |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    return sent
