"""Whose turn it is to read: what takes long waits for its like, so that nobody else waits for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Final

from events.errors import DatelineError

HEAVY: Final[ContextVar[bool]] = ContextVar("heavy", default=False)
"""Whether what is done here asks for what takes long to find; who takes a question in knows, and says so."""
HEAVY_AT_ONCE: Final = 2
"""So many of the connections that read serve what takes long; there are more of them."""
HEAVY_WAITING_MAX: Final = 64
READ_S_MAX: Final = 5.0
"""How long an answer may take to find, its turn not counted."""


class ReadsFull(DatelineError):
    """Too many wait for an answer that takes long."""

    code = "reads-full"

    def __init__(self, waiting: int) -> None:
        super().__init__(f"{waiting} questions that take long wait already; try again in a moment")
        self.waiting = waiting


class ReadTooLong(DatelineError):
    """An answer took longer to find than a reader may keep others waiting."""

    code = "read-too-long"

    def __init__(self, limit_s: float) -> None:
        super().__init__(f"the answer was not found within {limit_s:g} s; ask for less")
        self.limit_s = limit_s


class Turns:
    """The turns of what takes long: `at_once`, the others in the order in which they came, up to `waiting_max`."""

    def __init__(self, at_once: int = HEAVY_AT_ONCE, waiting_max: int = HEAVY_WAITING_MAX) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._waiting = 0
        self._waiting_max = waiting_max

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn, which lasts as long as the block. Raises `ReadsFull`."""
        if self._free.locked() and self._waiting >= self._waiting_max:
            raise ReadsFull(self._waiting)
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._free.release()
