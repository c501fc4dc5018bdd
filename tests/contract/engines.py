"""The engines that the contract holds for, and where each keeps the log of one data directory.

SQLite keeps it in the directory. A server keeps many: one for each directory that a test names. Servers are started
when the first test needs one, and ended with the run.
"""

import os
import shutil
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Protocol, runtime_checkable

import asyncpg
import nats

from events.log.jetstream import open_jetstream
from events.log.port import Log
from events.log.postgres import open_postgres
from events.log.sqlite import POLL_S, open_sqlite
from tests.contract.given import Clock
from tests.contract.servers import Server, jetstream, nats_url, postgres, postgres_url
from tests.contract.steps import Step, SteppedDisk

BeforeCommit = Callable[[], None]
"""Is called, in whatever thread, each time a commit of the log is about to become visible; it may take its time."""


class Engine(Protocol):
    """What every engine's `open_…` gives."""

    @property
    def log(self) -> Log: ...

    async def close(self) -> None: ...


class Kind(Protocol):
    """An engine, and how tests get at what it keeps."""

    async def open(self, directory: Path, clock: Clock, before_commit: BeforeCommit | None = None) -> Engine:
        """Open the log of a data directory; a new one where there is none."""
        ...

    async def copy(self, directory: Path, to: Path) -> None:
        """Keep a copy of a directory's log for another directory, in place of what that has; both are closed."""
        ...

    def folders(self, directory: Path) -> Sequence[Path]:
        """Return where all the files are that hold a directory's log."""
        ...

    async def forget(self) -> None:
        """Let go of all that is closed: the next test begins with nothing."""
        ...

    def stop(self) -> None: ...


@runtime_checkable
class Shared(Kind, Protocol):
    """An engine whose log many nodes share."""

    async def join(self, directory: Path, node: Path, clock: Clock, poll_s: float = POLL_S) -> Engine:
        """Open the log of a data directory from another node, which has a directory of its own."""
        ...

    async def kill(self) -> None:
        """Kill the server where it stands, and start it again with what it has on disk."""
        ...


class Sqlite:
    async def open(self, directory: Path, clock: Clock, before_commit: BeforeCommit | None = None) -> Engine:
        if before_commit is None:
            return await open_sqlite(directory, clock=clock)

        def on_step(step: Step) -> None:
            if (step.file, step.does, step.done) == ("log.db", "COMMIT", False):
                before_commit()

        return await open_sqlite(directory, clock=clock, files=SteppedDisk(on_step))

    async def copy(self, directory: Path, to: Path) -> None:
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(directory, to)

    def folders(self, directory: Path) -> Sequence[Path]:
        return [directory]

    async def forget(self) -> None:
        pass

    def stop(self) -> None:
        pass


class Postgres:
    """A schema for each data directory; a copy of one lies in a database of its own."""

    def __init__(self) -> None:
        self._server: Server | None = None
        self._places: dict[Path, tuple[str, str]] = {}
        self._made: list[str] = []

    async def open(self, directory: Path, clock: Clock, before_commit: BeforeCommit | None = None) -> Engine:
        assert before_commit is None, "nothing is called before a server commits"
        if self._server is None:
            self._server = postgres()
        if directory not in self._places:
            schema = f"log_{sha256(os.fsencode(directory)).hexdigest()[:16]}"
            self._places[directory] = "postgres", schema
            await self._make(f"SCHEMA {schema}", "")
        return await self.join(directory, directory, clock)

    async def join(self, directory: Path, node: Path, clock: Clock, poll_s: float = POLL_S) -> Engine:
        return await open_postgres(self.url(directory), clock=clock, poll_s=poll_s)

    async def kill(self) -> None:
        assert self._server is not None
        self._server.kill()
        self._server.start_again()

    def url(self, directory: Path) -> str:
        assert self._server is not None
        database, schema = self._places[directory]
        return f"{postgres_url(self._server, database)}&search_path={schema}"

    async def copy(self, directory: Path, to: Path) -> None:
        database, schema = self._places[directory]
        copy = f"copy_{len(self._made)}"
        await self._make(f"DATABASE {copy}", f" TEMPLATE {database}")
        self._places[to] = copy, schema

    def folders(self, directory: Path) -> Sequence[Path]:
        assert self._server is not None
        return [self._server.folder]

    async def forget(self) -> None:
        for made in self._made:
            await self._say(f"DROP {made} {'CASCADE' if made.startswith('SCHEMA') else 'WITH (FORCE)'}")
        self._made.clear()
        self._places.clear()

    def stop(self) -> None:
        if self._server is not None:
            self._server.remove()

    async def _make(self, what: str, how: str) -> None:
        await self._say(f"CREATE {what}{how}", database="template1" if how else "postgres")
        self._made.append(what)

    async def _say(self, sql: str, *, database: str = "postgres") -> None:
        assert self._server is not None
        connection = await asyncpg.connect(postgres_url(self._server, database))
        await connection.execute(sql)
        await connection.close()


class JetStream:
    """Two streams for each data directory, where their replica lies; a copy of one has a server of its own."""

    def __init__(self) -> None:
        self._server: Server | None = None
        self._copies: list[Server] = []
        self._places: dict[Path, tuple[Server, str]] = {}

    async def open(self, directory: Path, clock: Clock, before_commit: BeforeCommit | None = None) -> Engine:
        assert before_commit is None, "nothing is called before a server commits"
        if self._server is None:
            self._server = jetstream()
        if directory not in self._places:
            self._places[directory] = self._server, f"log-{sha256(os.fsencode(directory)).hexdigest()[:16]}"
        return await self.join(directory, directory, clock)

    async def join(self, directory: Path, node: Path, clock: Clock, poll_s: float = POLL_S) -> Engine:
        server, name = self._places[directory]
        return await open_jetstream(
            nats_url(server, "log"),
            node,
            system_url=nats_url(server, "system"),
            name=name,
            clock=clock,
            poll_s=poll_s,
        )

    async def kill(self) -> None:
        assert self._server is not None
        self._server.kill()
        self._server.start_again()

    async def copy(self, directory: Path, to: Path) -> None:
        server, name = self._places[directory]
        self._copies.append(jetstream(server.folder / "stored"))
        self._places[to] = self._copies[-1], name
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(directory, to)

    def folders(self, directory: Path) -> Sequence[Path]:
        server, _ = self._places[directory]
        return [directory, server.folder / "stored"]

    def address(self, directory: Path) -> tuple[str, str]:
        server, name = self._places[directory]
        return nats_url(server, "log"), name

    async def forget(self) -> None:
        names = {name for server, name in self._places.values() if server is self._server}
        if self._server is not None and names:
            client = await nats.connect(nats_url(self._server, "log"))
            for name in names:
                for stream in (name, f"{name}-keys"):
                    await client.request(f"$JS.API.STREAM.DELETE.{stream}", timeout=10)
            await client.close()
        self._places.clear()
        while self._copies:
            self._copies.pop().remove()

    def stop(self) -> None:
        if self._server is not None:
            self._server.remove()


KINDS: dict[str, type[Kind]] = {"sqlite": Sqlite, "postgres": Postgres, "jetstream": JetStream}
ENGINES = ["sqlite", *filter(None, os.environ.get("DATELINE_ENGINES", "").split(","))]
"""SQLite is tested always; `DATELINE_ENGINES=postgres,jetstream` adds what needs a server."""
