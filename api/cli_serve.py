"""`dateline serve`: the service in a process of its own, from its data directory to its last answered request."""

import asyncio
import errno
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from api.app import Service, build
from api.cli_service import ADDRESS
from api.seeding import seed
from api.server import Server, log_to_stderr, run
from api.settings import Settings, load_settings, read_settings, unknown_in
from events.errors import DatelineError

STUCK_MS: Final = 30_000
"""How long a connection may leave what is sent to it unread before the system closes it."""
VIEW_WAIT_S: Final = 60.0
STARTED_S: Final = 0.005
_LOGGER: Final = logging.getLogger(__name__)

SEEDING: Final = "seeds"
"""What `/readyz` says is waited for."""


class PortTaken(DatelineError):
    """Another program listens at the address."""

    code = "port-taken"

    def __init__(self, host: str, port: int) -> None:
        super().__init__(f"{host}:{port} is taken by another program; choose another port: dateline serve --port 8471")
        self.host = host
        self.port = port


class AddressUnusable(DatelineError):
    """The address is none of this machine, or not for everybody to listen at."""

    code = "address-unusable"


def serve(
    *,
    host: str | None,
    port: int | None,
    data: Path | None,
    file: Path | None,
    seeds: bool,
    scratch: bool,
    accept_shorter: bool,
) -> None:
    """Serve until SIGTERM or SIGINT. With `scratch` the data lies in a directory that is removed at the end.

    Raises `FileInvalid`, `SettingInvalid`, `PortTaken`, `AddressUnusable`, and what opening the directory and seeding
    raise.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # Until the server listens, both end the start alike.
    with _scratch() if scratch else _kept(data) as directory:
        given = None if file is None else read_settings(file)
        settings = load_settings(os.environ, given, host=host, port=port, data=directory)
        log_to_stderr(settings.log)
        for name in unknown_in(os.environ):
            _LOGGER.warning("there is no setting %s; it is passed over", name)
        listener = _listener(settings.host, settings.port)
        with listener:
            run(_serve(settings, listener, seeds=seeds, accept_shorter=accept_shorter))


async def _serve(settings: Settings, listener: socket.socket, *, seeds: bool, accept_shorter: bool) -> None:
    async with build(settings, progress=_Rebuilding(), accept_shorter=accept_shorter) as service:
        if seeds:
            service.pending.add(SEEDING)
        server = Server(service)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        starting = asyncio.create_task(_start(service, server, seeds=seeds))
        try:
            await asyncio.wait((serving, starting), return_when=asyncio.FIRST_COMPLETED)
            if starting.done() and starting.exception() is not None:
                server.should_exit = True  # What went wrong is raised below, when the server has let go of its port.
            await serving
        finally:
            starting.cancel()
            (settings.data / ADDRESS).unlink(missing_ok=True)
        with suppress(asyncio.CancelledError):
            await starting


async def _start(service: Service, server: Server, *, seeds: bool) -> None:
    """Do what makes the service ready, while it answers already; then say where it is."""
    settings = service.settings
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(STARTED_S)
    (settings.data / ADDRESS).write_text(server.address + settings.base_path, encoding="utf-8")
    token = None if settings.admin_token else await service.principals.first_token()
    if seeds:
        await seed(service.handler, service.log, service.state)
        await service.views.wait_for((await service.log.head()).position, VIEW_WAIT_S)
        service.pending.discard(SEEDING)
    await service.start()
    await _greet(service, server.address, token)


async def _greet(service: Service, address: str, token: str | None) -> None:
    settings = service.settings
    url = settings.public_url or address + settings.base_path
    lines = [f"Dateline serves {settings.data} at {url}"]
    timelines = await service.views.read.timelines(limit=1)
    lines += [f"A timeline to look at: {url}/timelines/{timeline.slug}" for timeline in timelines.items]
    if token is not None:
        lines += [f"A token with every scope, shown this once: {token}"]
    print(*lines, "Stop it with Ctrl+C.", sep="\n", flush=True)  # noqa: T201


class _Rebuilding:
    """Says, once, that the views are rebuilt, when that takes long enough to wonder."""

    WONDER_S: Final = 1.0

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._said = False

    def __call__(self, done: int, total: int) -> None:
        if not self._said and time.monotonic() - self._began > self.WONDER_S:
            self._said = True
            print("Rebuilding the views from the log; it is served when they are done.", file=sys.stderr)  # noqa: T201


@contextmanager
def _scratch() -> Iterator[Path]:
    directory = tempfile.mkdtemp(prefix="dateline-")
    try:
        yield Path(directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def _kept(data: Path | None) -> Iterator[Path | None]:
    yield data


def _listener(host: str, port: int) -> socket.socket:
    """Return a socket that is bound, so that a port that is taken is known before anything else is touched."""
    try:
        (family, _, _, _, address), *_ = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except socket.gaierror as error:
        raise AddressUnusable(f"{host!r} is no address of this machine: {error.strerror}") from None
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)  # `::` takes IPv4 too, on every system.
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # Connections inherit it.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STUCK_MS)
        listener.bind(address)
        listener.listen()
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(host, port) from None
        raise AddressUnusable(f"{host}:{port} cannot be listened at: {error.strerror}") from None
    return listener
