"""Every engine the contract holds for, opened on an empty directory with a clock that the test moves."""

from collections.abc import AsyncGenerator, Callable, Generator
from pathlib import Path

import pytest

from events.log.port import Log
from tests.contract.engines import ENGINES, KINDS, BeforeCommit, Engine, Kind
from tests.contract.given import Clock, files_with

if len(ENGINES) == 1:
    collect_ignore = ["test_nodes.py", "test_postgres.py", "test_jetstream.py"]


class Served:
    """A data directory that can be closed, copied and opened again; what is open at the end is closed."""

    def __init__(self, kind: Kind, directory: Path) -> None:
        self.directory = directory
        self.clock = Clock()
        self._kind = kind
        self._engines: list[Engine] = []

    async def open(self, directory: Path | None = None, *, before_commit: BeforeCommit | None = None) -> Engine:
        engine = await self._kind.open(directory or self.directory, self.clock, before_commit)
        self._engines.append(engine)
        return engine

    async def back_up(self, directory: Path) -> None:
        """Close what is open and keep a copy of all there is."""
        await self.close()
        await self._kind.copy(self.directory, directory)

    async def restore(self, directory: Path) -> None:
        """Close what is open and put a copy in the place of all there is."""
        await self.close()
        await self._kind.copy(directory, self.directory)

    def files_with(self, words: bytes) -> list[str]:
        """Return the names of the files that hold these bytes, of all that the engine keeps for the directory."""
        return [file for folder in self._kind.folders(self.directory) for file in files_with(folder, words)]

    async def close(self) -> None:
        while self._engines:
            await self._engines.pop().close()


@pytest.fixture(scope="session")
def kind_of() -> Generator[Callable[[str], Kind], None, None]:
    kinds: dict[str, Kind] = {}

    def started(name: str) -> Kind:
        if name not in kinds:
            kinds[name] = KINDS[name]()
        return kinds[name]

    yield started
    for kind in kinds.values():
        kind.stop()


@pytest.fixture(params=ENGINES)
async def kind(request: pytest.FixtureRequest, kind_of: Callable[[str], Kind]) -> AsyncGenerator[Kind, None]:
    kind = kind_of(request.param)
    yield kind
    await kind.forget()


@pytest.fixture
async def served(kind: Kind, tmp_path: Path) -> AsyncGenerator[Served, None]:
    served = Served(kind, tmp_path / "data")
    yield served
    await served.close()


@pytest.fixture
async def log(served: Served) -> Log:
    return (await served.open()).log


@pytest.fixture
def clock(served: Served) -> Clock:
    return served.clock
