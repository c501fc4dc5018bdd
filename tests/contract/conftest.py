"""Every engine the contract holds for, opened on an empty directory with a clock that the test moves."""

import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Protocol

import pytest

from events.log.port import Log
from events.log.sqlite import open_sqlite
from events.log.state import State
from tests.contract.given import Clock
from tests.contract.steps import Step, SteppedDisk


class Engine(Protocol):
    """What every engine's `open_…` gives."""

    @property
    def log(self) -> Log: ...

    @property
    def state(self) -> State: ...

    async def close(self) -> None: ...


BeforeCommit = Callable[[], None]
"""Is called, in whatever thread, each time a commit of the log is about to become visible; it may take its time."""
Opens = Callable[[Path, Clock, BeforeCommit | None], Awaitable[Engine]]


async def sqlite(directory: Path, clock: Clock, before_commit: BeforeCommit | None) -> Engine:
    if before_commit is None:
        return await open_sqlite(directory, clock=clock)

    def on_step(step: Step) -> None:
        if (step.file, step.does, step.done) == ("log.db", "COMMIT", False):
            before_commit()

    return await open_sqlite(directory, clock=clock, files=SteppedDisk(on_step))


ENGINES: list[Opens] = [sqlite]


class Served:
    """A data directory that can be closed, copied and opened again; what is open at the end is closed."""

    def __init__(self, opens: Opens, directory: Path) -> None:
        self.directory = directory
        self.clock = Clock()
        self._opens = opens
        self._engines: list[Engine] = []

    async def open(self, directory: Path | None = None, *, before_commit: BeforeCommit | None = None) -> Engine:
        engine = await self._opens(directory or self.directory, self.clock, before_commit)
        self._engines.append(engine)
        return engine

    async def back_up(self, directory: Path) -> None:
        """Close what is open and keep a copy of all there is."""
        await self.close()
        shutil.copytree(self.directory, directory)

    async def restore(self, directory: Path) -> None:
        """Close what is open and put a copy in the place of all there is."""
        await self.close()
        shutil.rmtree(self.directory)
        shutil.copytree(directory, self.directory)

    async def close(self) -> None:
        while self._engines:
            await self._engines.pop().close()


@pytest.fixture(params=ENGINES, ids=lambda opens: opens.__name__)
async def served(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Served, None]:
    served = Served(request.param, tmp_path / "data")
    yield served
    await served.close()


@pytest.fixture
async def log(served: Served) -> Log:
    return (await served.open()).log


@pytest.fixture
def clock(served: Served) -> Clock:
    return served.clock
