"""The process that serves: uvicorn, ending its streams first, and logs for people or for machines."""

import asyncio
import json
import logging
import signal
import traceback
from collections.abc import Coroutine
from contextlib import suppress
from importlib import import_module
from types import FrameType
from typing import Any, Final, TypeVar

import uvicorn

from api import traces
from api.app import Service
from api.connections import Connection
from events.instants import from_microseconds

GRACE_S: Final = 10
"""How long requests under way may take once it is asked to stop."""
KEEP_ALIVE_S: Final = 75

T = TypeVar("T")


class Server(uvicorn.Server):
    """A server of one service. SIGTERM and SIGINT end the streams first, then the requests, then the process."""

    def __init__(self, service: Service) -> None:
        settings = service.settings
        super().__init__(
            uvicorn.Config(
                service.app,
                host=settings.host,
                port=settings.port,
                http=Connection,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=GRACE_S,
            )
        )
        self._closing = service.closing

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Have the streams say goodbye, then stop; a second SIGINT does not wait for anything."""
        # uvicorn's own would raise the signal once more after the last request, and nobody could close the log then.
        self._closing.set()
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    @property
    def address(self) -> str:
        """The address it serves at, once it has started; with port 0 the system chose the port."""
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"


class TextLines(logging.Formatter):
    """One line for people: time, level, logger, message, and trace; then where an error came from."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        trace = traces.current()
        line = f"{_time(record)} {record.levelname} {record.name}: {record.getMessage()}"
        line += f" trace={trace}" if trace else ""
        return f"{line}\n{_where(record)}" if record.exc_info else line


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, trace, what a request was, and where an error came from."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        told: dict[str, Any] | None = getattr(record, "request", None)
        line: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            **({"message": record.getMessage()} if told is None else told),
        }
        trace = traces.current()
        if trace:
            line["trace"] = trace
        if record.exc_info:
            line["error"] = _where(record)
        return json.dumps(line, ensure_ascii=False)


def _time(record: logging.LogRecord) -> str:
    return from_microseconds(int(record.created * 1_000_000))


def _where(record: logging.LogRecord) -> str:
    """Return the lines of code that an error came through, and its kind: what it says may repeat a request."""
    error = record.exc_info[1] if record.exc_info else None
    parts = []
    while error is not None:
        name = getattr(error, "sqlite_errorname", None) or getattr(error, "strerror", None)
        parts.append(
            "".join(traceback.format_tb(error.__traceback__)) + type(error).__name__ + (f": {name}" * bool(name))
        )
        error = error.__cause__ or error.__context__
    return "\nafter\n".join(parts)


def log_to_stderr(kind: str) -> None:
    """Write logs to standard error, as `text` or as `json`."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if kind == "json" else TextLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the fastest event loop there is, with as many connections open as the system lets us."""
    _let_many_be_open()
    with asyncio.Runner(loop_factory=uvicorn.Config("", log_config=None).get_loop_factory()) as runner:
        return runner.run(main)


def _let_many_be_open() -> None:
    """Raise the soft limit of open files, which is low for the sake of programs older than ours, to the hard one."""
    with suppress(ImportError, OSError, ValueError):  # Where there is no such limit, none is in the way.
        resource = import_module("resource")
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
