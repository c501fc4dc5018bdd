"""The one loop of a subscription, and the hints that wake it: the same for every engine."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Final, Literal, Protocol

from events.log.port import CaughtUp, Event, Page, PositionAhead, Progress, Query

STREAM_EVENTS_MAX: Final = 100
"""How many events a subscription reads ahead: each of a thousand slow readers holds so many in memory."""


class Reads(Protocol):
    """What a subscription needs of a log."""

    async def read(self, query: Query, *, after: int = 0, limit: int = STREAM_EVENTS_MAX) -> Page:
        """Return the next matching events, and the head of the same snapshot."""
        ...


class Hints:
    """Wakes who waits for something new. A hint carries nothing, so a lost one only delays, by `poll_s` at most."""

    def __init__(self, poll_s: float) -> None:
        self._poll_s = poll_s
        self._waiting: set[asyncio.Event] = set()

    def give(self) -> None:
        """Have every subscription look at the log now."""
        for hint in self._waiting:
            hint.set()

    async def follow(
        self, log: Reads, query: Query, *, after: int | Literal["head"]
    ) -> AsyncGenerator[Event | CaughtUp | Progress, None]:
        """Yield every matching event after a position, in order, without end, as `Log.subscribe` says."""
        cursor = (await log.read(query, limit=0)).head if after == "head" else after
        caught_up = False
        hint = asyncio.Event()
        self._waiting.add(hint)
        try:
            while True:
                hint.clear()  # Before the read: what is committed during it is not slept through.
                found = await log.read(query, after=cursor, limit=STREAM_EVENTS_MAX)
                if found.head < cursor:
                    raise PositionAhead(after=cursor, head=found.head)
                for event in found.events:
                    cursor = event.position
                    yield event
                if len(found.events) == STREAM_EVENTS_MAX:
                    continue
                if cursor < found.head:
                    cursor = found.head
                    yield Progress(position=cursor)
                if not caught_up:
                    caught_up = True
                    yield CaughtUp(position=cursor)
                await self._hint_or_poll(hint)
        finally:
            self._waiting.discard(hint)

    async def _hint_or_poll(self, hint: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(self._poll_s):
                await hint.wait()
        except TimeoutError:
            return
