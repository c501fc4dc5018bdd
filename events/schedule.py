"""The clock's own entries: a date came up, a date fell due. Each is recorded exactly once, late rather than never.

What is due is a pure function of the read model's rows and the present (`events.due`); here it is only asked for, at
the next instant something is due, at start, and every `LOOK_S` seconds, and recorded under a key made of the date it
is about. When the wall clock jumps against the monotonic one, nothing is recorded until it has been steady for
`STEADY_S`: a wrong clock must not fill the record.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final, Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from events.errors import DatelineError
from events.facts import VERSIONS, CameUp, FellDue, plain
from events.instants import Instant, from_microseconds, moment
from events.log.entry import canonical
from events.log.port import (
    AppendCondition,
    AppendConditionFailed,
    ClockBehindLog,
    Log,
    LogDamaged,
    LogUnavailable,
    NewCommit,
    NewEvent,
    Query,
    QueryItem,
    scoped_key,
)
from events.tags import tags_of
from events.views.dues import DueFact
from events.views.runner import ViewBehind, Views

LOOK_S: Final = 30
JUMP_S: Final = 60
STEADY_S: Final = 600
SWEEP_ROUNDS_MAX: Final = 1000
APPENDS_AT_ONCE_MAX: Final = 16
VIEW_WAIT_S: Final = 30.0
BY: Final = "system"

_LOGGER: Final = logging.getLogger(__name__)


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

    def __init__(self, log: Log, views: Views, clocks: Clocks) -> None:
        self._log = log
        self._views = views
        self._clocks = clocks
        self._steadiness = Steadiness(clocks)
        self._sweeping = asyncio.Lock()
        self.swept = False
        self._jobs = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )

    def also(self, name: str, every_s: float, job: Callable[[], Awaitable[object]], *, at_once: bool = False) -> None:
        """Run a job every so many seconds under a name, never twice at once; what it raises is logged.

        `at_once`: the first time as soon as the jobs run, not a while after.
        """

        async def told() -> None:
            try:
                await job()
            except DatelineError as error:
                _LOGGER.error("%s: %s", name, error)

        first = {"next_run_time": datetime.now(UTC)} if at_once else {}
        self._jobs.add_job(told, IntervalTrigger(seconds=every_s, timezone=UTC), id=name, **first)

    async def start(self) -> None:
        """Record what fell due while nobody looked, then look on. A log that cannot write now is asked again later."""
        try:
            await self.sweep()
        except (LogUnavailable, LogDamaged, ClockBehindLog, ViewBehind) as error:
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

    async def sweep(self) -> int:
        """Record everything that is due and not recorded yet; return how many entries that made."""
        async with self._sweeping:
            recorded = 0
            for _ in range(SWEEP_ROUNDS_MAX):
                if not self._steadiness.check():
                    break
                position = self._views.position  # Taken first: an entry after it makes what is read now stale.
                due = await self._views.read.due_facts(self._now())
                if not due:
                    self.swept = True
                    break
                recorded += await self._record_all(due, position)
            return recorded

    async def _wake(self) -> None:
        with suppress(LogDamaged):  # That is said where it is found, and here it would be said every time.
            await self.sweep()
        await self._wake_next()

    async def _wake_next(self) -> None:
        """Wake at the next instant that something is due; what is past already waits for the next look."""
        at = await self._views.read.next_due()
        if at is not None and at > self._now() and self._jobs.running:
            self._jobs.add_job(self._wake, DateTrigger(moment(at), timezone=UTC), id="due", replace_existing=True)

    async def _record_all(self, due: Sequence[DueFact], position: int) -> int:
        recorded = 0
        for start in range(0, len(due), APPENDS_AT_ONCE_MAX):
            part = due[start : start + APPENDS_AT_ONCE_MAX]
            recorded += sum(await asyncio.gather(*(self._record(fact, position) for fact in part)))
        await self._views.wait_for((await self._log.head()).position, VIEW_WAIT_S)
        return recorded

    async def _record(self, due: DueFact, position: int) -> bool:
        """Record one; False where it was recorded before, or an entry about the announcement came in between."""
        fact = (CameUp if due.type == "announcement.came_up" else FellDue)(announcement=due.announcement, date=due.date)
        data, tags = canonical(plain(fact)), tags_of(fact)
        commit = NewCommit(
            key=scoped_key(BY, f"due/{due.date}/{due.type}"),
            fingerprint=data,
            events=(
                NewEvent(type=due.type, v=VERSIONS[due.type], data=data, tags=tags, said_at=due.at, causation=due.date),
            ),
            by=BY,
            condition=AppendCondition(fail_if_match=Query(items=(QueryItem(tags=tags),)), after=position),
        )
        try:
            return not (await self._log.append(commit)).duplicate
        except AppendConditionFailed:
            return False

    def _now(self) -> Instant:
        return from_microseconds(self._clocks.wall())
