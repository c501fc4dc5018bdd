"""Every engine the contract holds for, opened on an empty directory with a clock that the test moves."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Protocol

import pytest

from events.log.port import Log
from events.log.sqlite import open_sqlite
from events.log.state import State
from tests.contract.given import Clock


class Engine(Protocol):
    """What every engine's `open_…` gives."""

    @property
    def log(self) -> Log: ...

    @property
    def state(self) -> State: ...

    async def close(self) -> None: ...


async def sqlite(directory: Path, clock: Clock) -> Engine:
    return await open_sqlite(directory, clock=clock)


ENGINES: list[Callable[[Path, Clock], Awaitable[Engine]]] = [sqlite]


class Served:
    """A data directory that can be closed, copied and opened again; what is open at the end is closed."""

    def __init__(self, opens: Callable[[Path, Clock], Awaitable[Engine]], directory: Path) -> None:
        self.directory = directory
        self.clock = Clock()
        self._opens = opens
        self._engines: list[Engine] = []

    async def open(self, directory: Path | None = None) -> Engine:
        engine = await self._opens(directory or self.directory, self.clock)
        self._engines.append(engine)
        return engine

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
