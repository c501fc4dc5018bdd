"""A computer whose disk is simulated: it is switched on over what a disk holds, and the engine runs on it."""

import shutil
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from events.instants import from_microseconds, to_microseconds
from events.log import sqlite_writer
from events.log.sqlite import SqliteEngine, open_sqlite
from events.sealing import Seal
from tests.crash.disk import Before, Image, LiveDisk, in_memory
from tests.crash.vfs import SimulatedFiles, Vfs

DATA: Final = "data"
"""The directory that the engine serves, below the root of the disk: it makes it itself."""


class Machine:
    """Everything that outlives a power cut but the disk: the program, and a clock that only moves on."""

    def __init__(self) -> None:
        self._vfs = Vfs()
        self._shared = Path(mkdtemp(prefix="dateline-crash-", dir=in_memory()))
        self._mounts = count(1)
        self._now = count(to_microseconds("2024-04-10T12:00:00.000000Z"), 137)

    def clock(self) -> int:
        return next(self._now)

    @contextmanager
    def switched_on(self, image: Image, *, before: Before | None = None) -> Iterator["Running"]:
        """Have a disk with this content mounted."""
        mount = self._shared / str(next(self._mounts))
        (mount / DATA).mkdir(parents=True)
        disk = LiveDisk(image, before=before)
        self._vfs.mounted[str(mount)] = disk
        try:
            yield Running(self, disk, mount)
        finally:
            del self._vfs.mounted[str(mount)]
            shutil.rmtree(mount)

    def close(self) -> None:
        self._vfs.unregister()
        shutil.rmtree(self._shared)


class Running:
    """A computer that is on."""

    def __init__(self, machine: Machine, disk: LiveDisk, mount: Path) -> None:
        self.machine = machine
        self.disk = disk
        self.directory = mount / DATA
        self.files = SimulatedFiles(disk, mount)

    async def opened(self) -> SqliteEngine:
        """Open the data directory, as the product does."""
        return await open_sqlite(self.directory, files=self.files, clock=self.machine.clock)

    @asynccontextmanager
    async def engine(self) -> AsyncGenerator[SqliteEngine, None]:
        """Serve the data directory, as the product does."""
        engine = await self.opened()
        try:
            yield engine
        finally:
            await engine.close()

    async def sealed(self, engine: SqliteEngine) -> str:
        """Have the log's key made or read; return what verifies its signatures."""
        now = from_microseconds(self.machine.clock())
        return str((await Seal.open(self.directory, engine, now, files=self.files)).vkey)


def small(*, checkpoint_pages: int, cache_kib: int, reserved_bytes: int) -> None:
    """Make the engine's buffers so small that a short run fills each of them many times."""
    vars(sqlite_writer).update(
        CHECKPOINT_PAGES=checkpoint_pages, CACHE_KIB=cache_kib, WAL_RESERVED_BYTES=reserved_bytes
    )
