"""Reads the whole log again and again, a little at a time, so that damage is found before it is needed.

On damage nothing more is recorded: what is there can be read, and is not built upon.
"""

import logging
from typing import Final, Protocol

import msgspec
from msgspec import Struct

from events.instants import Instant, from_microseconds
from events.log.port import Head, LogDamaged, ReadInvalid, Verified
from events.log.state import State
from events.schedule import Clocks

EVERY_S: Final = 5
BUSY_US: Final = 100_000
"""How long it verifies each time: a fiftieth of the time."""
PIECE_EVENTS: Final = 200
REST_S: Final = 3600
"""How long after a whole round the next one begins."""
SCRUB: Final = "scrub"
DAMAGE: Final = "damage"

_LOGGER: Final = logging.getLogger(__name__)


class Scrubbed(Protocol):
    """A log that can be verified piece by piece."""

    async def head(self) -> Head: ...  # noqa: D102

    async def verify(self, *, first: int = 1, last: int | None = None) -> Verified: ...  # noqa: D102

    def refuse(self, damage: LogDamaged) -> None: ...  # noqa: D102


class _Place(Struct, frozen=True):
    first: int
    last: int


class Scrub:
    """Verifies one log. `position`: up to where in this round; `verified_at`: when the last whole one ended.

    `damage` is what was found, and where.
    """

    def __init__(self, log: Scrubbed, state: State, clocks: Clocks) -> None:
        self.position = 0
        self.verified_at: Instant | None = None
        self.damage: LogDamaged | None = None
        self._log = log
        self._state = state
        self._clocks = clocks
        self._not_before_us = 0
        self._whole = False

    async def remember(self) -> None:
        """Look first where damage was found before the last stop, so that nothing is recorded until it is mended."""
        known = await self._state.get(SCRUB, DAMAGE)
        if known is None:
            return
        place = msgspec.json.decode(known.value, type=_Place)
        try:
            whole = await self._verify(place)
        except ReadInvalid:  # A log that was restored since, and is shorter.
            whole = True
        if whole:
            await self._state.delete(SCRUB, DAMAGE)

    async def look(self) -> None:
        """Verify as much as the time allows. Raises what `Log.verify` raises but `LogDamaged`, which is kept."""
        began_us = self._clocks.monotonic()
        if self.damage is not None or began_us < self._not_before_us:
            return
        if self._whole:
            self.position, self._whole = 0, False
        head = (await self._log.head()).position
        while self.position < head:
            place = _Place(self.position + 1, min(self.position + PIECE_EVENTS, head))
            if not await self._verify(place):
                await self._state.put(SCRUB, DAMAGE, msgspec.json.encode(place), expected=None)
                return
            self.position = place.last
            if self._clocks.monotonic() - began_us >= BUSY_US:
                break
        if self.position >= head:
            self.verified_at = from_microseconds(self._clocks.wall())
            self._whole = True
            self._not_before_us = began_us + REST_S * 1_000_000

    async def _verify(self, place: _Place) -> bool:
        """Say whether a piece is as it was recorded; if not, nothing is recorded from now on."""
        try:
            await self._log.verify(first=place.first, last=place.last)
        except LogDamaged as found:
            _LOGGER.error("the log is damaged, and nothing more is recorded: %s", found)
            self.damage = found
            self._log.refuse(LogDamaged(f"nothing is recorded any more, because the log is damaged: {found}"))
            return False
        return True
