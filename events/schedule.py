"""The clock's own entries: a date came up, a date fell due. Each is recorded exactly once, late rather than never.

What is due is a pure function of the read model's rows and the present (`events.due`); here it is only asked for, at
the next instant something is due, at start, and every `LOOK_S` seconds, and recorded under a key made of the date it
is about. When the wall clock jumps against the monotonic one, nothing is recorded until it has been steady for
`STEADY_S`: a wrong clock must not fill the record.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import UTC
from typing import Final, Literal, Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger
from msgspec import Struct

from events.facts import CameUp, FellDue, plain, type_of
from events.instants import Instant, from_microseconds, moment
from events.log.entry import canonical
from events.log.port import (
    AppendCondition,
    AppendConditionFailed,
    ClockBehindLog,
    Log,
    LogUnavailable,
    NewCommit,
    NewEvent,
    Query,
    QueryItem,
    scoped_key,
)
from events.tags import tags_of

LOOK_S: Final = 30
JUMP_S: Final = 60
STEADY_S: Final = 600
SWEEP_ROUNDS_MAX: Final = 1000
APPENDS_AT_ONCE_MAX: Final = 16
VIEW_WAIT_S: Final = 30.0
BY: Final = "system"

_LOGGER: Final = logging.getLogger(__name__)


class DueRow(Struct, frozen=True, kw_only=True):
    """The date given at position `date` came up, or fell due, at an instant, and the record does not say so yet.

    `position` is where the read model stood: an entry about the announcement after it makes the row stale.
    """

    announcement: str
    date: int
    what: Literal["came_up", "fell_due"]
    at: Instant
    position: int


class DueView(Protocol):
    """What the schedule asks the read models."""

    async def due(self, now: Instant) -> Sequence[DueRow]:
        """Return some of the rows that are due at an instant, earliest first; none where all are recorded."""
        ...

    async def next_due_at(self, now: Instant) -> Instant | None:
        """Return the first instant after `now` at which a row will be due; None where there is none."""
        ...

    async def wait_for(self, position: int, timeout_s: float) -> int:
        """Wait until the read models have applied a position."""
        ...


class Clocks(Protocol):
    """The two clocks a machine has, both in microseconds."""

    def wall(self) -> int:
        """Return the microseconds since 1970, UTC."""
        ...

    def monotonic(self) -> int:
        """Return the microseconds since some fixed moment, steadily growing."""
        ...


class Steadiness:
    """Watches the wall clock against the monotonic one."""

    def __init__(self, clocks: Clocks) -> None:
        self._clocks = clocks
        self._ahead = clocks.wall() - clocks.monotonic()
        self._steady_since: int | None = None

    def check(self) -> bool:
        """Say whether the wall clock can be believed: no jump of over `JUMP_S` in the last `STEADY_S` seconds."""
        monotonic = self._clocks.monotonic()
        ahead = self._clocks.wall() - monotonic
        jump_s = abs(ahead - self._ahead) / 1_000_000
        self._ahead = ahead
        if jump_s > JUMP_S:
            _LOGGER.warning("the clock jumped by %.0f s; due dates wait until it is steady for %d s", jump_s, STEADY_S)
            self._steady_since = monotonic
        if self._steady_since is not None and monotonic - self._steady_since >= STEADY_S * 1_000_000:
            self._steady_since = None
        return self._steady_since is None


class Schedule:
    """Runs the sweep. `start` it once, `stop` it before the log is closed. `swept`: a first sweep is recorded."""

    def __init__(self, log: Log, views: DueView, clocks: Clocks) -> None:
        self._log = log
        self._views = views
        self._clocks = clocks
        self._steadiness = Steadiness(clocks)
        self._sweeping = asyncio.Lock()
        self.swept = False
        self._jobs = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )

    async def start(self) -> None:
        """Record what fell due while nobody looked, then look on. A log that cannot write now is asked again later."""
        try:
            await self.sweep()
        except (LogUnavailable, ClockBehindLog) as error:
            _LOGGER.warning("what fell due could not be recorded yet: %s", error)
        self._jobs.start()
        self._jobs.add_job(self._wake, IntervalTrigger(seconds=LOOK_S, timezone=UTC), id="look")
        await self._wake_next()

    async def stop(self) -> None:
        """End the jobs; a sweep under way is waited for."""
        if self._jobs.running:
            self._jobs.shutdown(wait=False)
        async with self._sweeping:
            pass

    def every(self, name: str, seconds: int, job: Callable[[], object]) -> None:
        """Run a named job periodically."""
        self._jobs.add_job(job, IntervalTrigger(seconds=seconds, timezone=UTC), id=name, replace_existing=True)

    async def sweep(self) -> int:
        """Record everything that is due and not recorded yet; return how many entries that made."""
        async with self._sweeping:
            recorded = 0
            for _ in range(SWEEP_ROUNDS_MAX):
                if not self._steadiness.check():
                    break
                rows = await self._views.due(self._now())
                if not rows:
                    self.swept = True
                    break
                recorded += await self._record_all(rows)
            return recorded

    async def _wake(self) -> None:
        await self.sweep()
        await self._wake_next()

    async def _wake_next(self) -> None:
        """Wake at the next instant that something is due."""
        at = await self._views.next_due_at(self._now())
        if at is not None and self._jobs.running:
            self._jobs.add_job(self._wake, DateTrigger(moment(at), timezone=UTC), id="due", replace_existing=True)

    async def _record_all(self, rows: Sequence[DueRow]) -> int:
        recorded, last = 0, 0
        for start in range(0, len(rows), APPENDS_AT_ONCE_MAX):
            positions = await asyncio.gather(*map(self._record, rows[start : start + APPENDS_AT_ONCE_MAX]))
            recorded += sum(position is not None for position in positions)
            last = max(last, *(position or 0 for position in positions))
        if last:
            await self._views.wait_for(last, VIEW_WAIT_S)
        return recorded

    async def _record(self, row: DueRow) -> int | None:
        """Record one row; None where somebody recorded something about the announcement in between."""
        fact = (CameUp if row.what == "came_up" else FellDue)(announcement=row.announcement, date=row.date)
        data = canonical(plain(fact))
        tags = tags_of(fact)
        commit = NewCommit(
            key=scoped_key(BY, f"due/{row.date}/{type_of(fact)}"),
            fingerprint=data,
            events=(NewEvent(type=type_of(fact), data=data, tags=tags, said_at=row.at, causation=row.date),),
            by=BY,
            condition=AppendCondition(fail_if_match=Query(items=(QueryItem(tags=tags),)), after=row.position),
        )
        try:
            receipt = await self._log.append(commit)
        except AppendConditionFailed as conflict:
            await self._views.wait_for(conflict.conflict, VIEW_WAIT_S)
            return None
        return receipt.position

    def _now(self) -> Instant:
        return from_microseconds(self._clocks.wall())
