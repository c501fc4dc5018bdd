"""The views at work: they follow the log, answer readers, and are rebuilt beside themselves."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from events.errors import DatelineError
from events.instants import Instant
from events.log.build import sqlite3
from events.log.port import PAGE_EVENTS_MAX, Event, Log, LogUnavailable, Query
from events.views import generations
from events.views.bearing import ERASING
from events.views.clocks import Snapshot
from events.views.generations import READERS, Generation
from events.views.projection import Met, Progress, Projection, checkpoint_of
from events.views.reading import Reading
from events.views.turns import HEAVY, READ_S_MAX, Turns

AGAIN_S: Final = 60.0
"""After so long a rebuild that an erasure asks for is tried again, where it failed."""
PENDING_EVENTS_MAX: Final = 4 * PAGE_EVENTS_MAX
"""So many events wait for the writing thread before the log is asked for no more."""

_LOGGER: Final = logging.getLogger(__name__)

T = TypeVar("T")


class ViewBehind(DatelineError):
    """The views did not reach a position in time."""

    code = "view-behind"

    def __init__(self, *, wanted: int, position: int) -> None:
        super().__init__(f"the views stand at position {position}, not yet at {wanted}; try again")
        self.wanted = wanted
        self.position = position


def nothing(done: int, total: int) -> None:
    """Take no notice of progress."""


class Views:
    """The read models of one data directory, in use. `read` answers; `position` is what it answers for.

    After an erasure they are rebuilt, and the file that may hold what was erased is removed. `edition` counts how often
    that, or another rebuild, was done: the same position can read otherwise then.
    """

    def __init__(self, directory: Path, log: Log, log_id: str, now: Callable[[], Instant]) -> None:
        self.read = Reading(self._reading)
        self._directory = directory
        self._log = log
        self._log_id = log_id
        self._now = now
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="views-write")
        self._building = ThreadPoolExecutor(1, thread_name_prefix="views-build")
        self._reads = ThreadPoolExecutor(READERS, thread_name_prefix="views-read")
        self._turns = Turns()
        self.edition = 0
        self._applying = asyncio.Lock()
        self._rebuilding = asyncio.Lock()
        self._outdated = asyncio.Event()
        self._generation: Generation
        self._projection: Projection
        self._reached = asyncio.Condition()
        self._following: asyncio.Task[None] | None = None
        self._closed = False

    @classmethod
    async def open(
        cls, directory: Path, log: Log, *, now: Callable[[], Instant], progress: Progress = nothing
    ) -> "Views":
        """Open the views in `directory`, rebuilding them where they are missing, damaged or not of this log.

        They stand at the log's head when this returns; `follow` keeps them there. Nobody else may use the directory.
        """
        views = cls(directory, log, (await log.head()).log_id, now)
        try:
            await views._prepare(progress)
        except BaseException:
            views._shut_down()
            raise
        return views

    @property
    def position(self) -> int:
        """The position up to which the log is taken in."""
        return self._projection.checkpoint.position

    @property
    def unknown(self) -> tuple[Met, ...]:
        """The types and versions of entries up to there that this version does not know."""
        return self._projection.checkpoint.unknown

    def follow(self) -> "asyncio.Task[None]":
        """Begin to follow the log; the task ends with an error if that cannot go on."""
        if self._following is None:
            self._following = asyncio.create_task(self._follow(), name="views")
        return self._following

    async def wait_for(self, position: int, timeout_s: float) -> None:
        """Return once the views stand at `position` or beyond; raises `ViewBehind` when they do not in time."""
        try:
            async with asyncio.timeout(timeout_s), self._reached:
                await self._reached.wait_for(lambda: self.position >= position)
        except TimeoutError:
            raise ViewBehind(wanted=position, position=self.position) from None

    async def forgotten(self, timeout_s: float) -> bool:
        """Wait until nothing of what is erased by now is in the views; False where it still is when the time is over.

        Somebody has to `follow`.
        """
        erased = (await self._log.erasures()).erased
        try:
            async with asyncio.timeout(timeout_s), self._reached:
                await self._reached.wait_for(lambda: self._projection.checkpoint.erased >= erased)
        except TimeoutError:
            return False
        return True

    @property
    def erased(self) -> int:
        """Of how many erased entries it is certain that nothing is in the views."""
        return self._projection.checkpoint.erased

    async def rebuild(self, progress: Progress = nothing) -> None:
        """Write a new generation beside the one in use, then use it; readers go on reading all the while."""
        async with self._rebuilding:
            path = await self._build(progress)
            async with self._applying:
                old = self._generation
                generation, projection = await self._opened(path)
                async for events in self._commits(projection.checkpoint.position, self.position):
                    await self._write(projection.apply, events)
                await asyncio.to_thread(generations.point_to, path)
                self._generation, self._projection = generation, projection
                self.edition += 1
                await asyncio.to_thread(old.retire, remove=True)
        async with self._reached:
            self._reached.notify_all()

    async def close(self) -> None:
        """End following and let go of the files; twice is no error."""
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        if self._closed:
            return
        self._closed = True
        async with self._applying:
            await asyncio.to_thread(self._shut_down)
            await asyncio.to_thread(self._generation.retire, remove=False)

    async def _prepare(self, progress: Progress) -> None:
        directory = self._directory
        path = generations.current(directory)
        if path is None or not await self._is_usable(path):
            path = None
        await asyncio.to_thread(generations.remove_others, directory, path)
        if path is None:
            path = await self._build(progress)
            await asyncio.to_thread(generations.point_to, path)
            await asyncio.to_thread(generations.remove_others, directory, path)
        self._generation, self._projection = await self._opened(path)
        await self._catch_up()

    async def _reading(self, job: Callable[[Snapshot], T], *, limit_s: float | None = READ_S_MAX) -> T:
        if HEAVY.get() and limit_s is not None:
            async with self._turns.turn():
                return await self._read(job, limit_s)
        return await self._read(job, limit_s)

    async def _read(self, job: Callable[[Snapshot], T], limit_s: float | None) -> T:
        generation = self._generation
        generation.lease()
        future = self._reads.submit(generation.read, lambda connection: job(Snapshot(connection, self._now)), limit_s)
        future.add_done_callback(lambda _: generation.release())  # Also when it is cancelled before it begins.
        return await asyncio.wrap_future(future)

    async def _is_usable(self, path: Path) -> bool:
        """Say whether a generation is of this history and this code, and lacks what was erased."""
        found = await asyncio.to_thread(generations.read_once, path, checkpoint_of)
        if found is None or found.log_id != self._log_id or not found.is_of_this_code:
            return False
        if found.erased != (await self._log.erasures()).erased:
            return False
        if found.position == 0:
            return True
        page = await self._log.read(Query.all(), after=found.position - 1, limit=1)
        return bool(page.events) and page.events[0].id == found.event_id

    async def _build(self, progress: Progress) -> Path:
        """Write a new generation that holds what the log holds by now; return its path."""
        path = await asyncio.to_thread(generations.begin, self._directory)
        run = partial(asyncio.get_running_loop().run_in_executor, self._building)
        connection = await run(generations.open_build, path)
        try:
            erased = (await self._log.erasures()).erased  # First: what is erased from now on may be read all the same.
            projection = await run(Projection, connection, self._log_id, erased)
            head = (await self._log.head()).position
            async for events in self._commits(0, head):
                await run(projection.load, events)
                progress(projection.checkpoint.position, 2 * head)
            await run(projection.replay_all, lambda done, total: progress(head + done * head // total, 2 * head))
            await run(generations.finish_build, connection, path)
        except BaseException:
            await asyncio.shield(run(generations.abandon_build, connection, path))
            raise
        return path

    def _shut_down(self) -> None:
        for pool in (self._reads, self._writing, self._building):
            pool.shutdown()

    async def _opened(self, path: Path) -> tuple[Generation, Projection]:
        generation = await asyncio.to_thread(Generation, path)
        return generation, await self._write(Projection, generation.writer, self._log_id)

    async def _write(self, job: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._writing, partial(job, *arguments))

    async def _catch_up(self) -> None:
        async for events in self._commits(self.position, None):
            await self._apply(events)

    async def _commits(self, after: int, upto: int | None) -> AsyncIterator[list[Event]]:
        """Yield the events after a position in whole commits, up to a position or to the head."""
        held: list[Event] = []
        while True:
            page = await self._log.read(Query.all(), after=after, upto=upto, limit=PAGE_EVENTS_MAX)
            held.extend(page.events)
            whole = _whole_commits(held)
            if whole:
                yield held[:whole]
                held = held[whole:]
            if len(page.events) < PAGE_EVENTS_MAX:
                return
            after = page.events[-1].position

    async def _follow(self) -> None:
        arrived: asyncio.Queue[Event] = asyncio.Queue(PENDING_EVENTS_MAX)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._collect(arrived))
            group.create_task(self._drain(arrived))
            group.create_task(self._forget())

    async def _collect(self, arrived: asyncio.Queue[Event]) -> None:
        async with aclosing(self._log.subscribe(Query.all(), after=self.position)) as said:
            async for one in said:
                if isinstance(one, Event):
                    await arrived.put(one)

    async def _drain(self, arrived: asyncio.Queue[Event]) -> None:
        """Apply what has arrived by now, then what arrived meanwhile: under load, many commits at once."""
        held: list[Event] = []
        while True:
            held.append(await arrived.get())
            while not arrived.empty():
                held.append(arrived.get_nowait())
            whole = _whole_commits(held)
            await self._apply(held[:whole])
            held = held[whole:]

    async def _forget(self) -> None:
        """Rebuild the views after each erasure, until they lack all that is erased."""
        while True:
            await self._outdated.wait()
            self._outdated.clear()
            while self.erased < (await self._log.erasures()).erased:
                try:
                    await self.rebuild()
                except (OSError, sqlite3.Error, LogUnavailable) as error:
                    _LOGGER.error("the views still hold what was erased, and could not be rebuilt: %s", error)
                    await asyncio.sleep(AGAIN_S)

    async def _apply(self, events: Sequence[Event]) -> None:
        async with self._applying:
            fresh = [event for event in events if event.position > self.position]
            await self._write(self._projection.apply, fresh)
        if any(event.type == ERASING for event in fresh):
            self._outdated.set()
        async with self._reached:
            self._reached.notify_all()


def _whole_commits(events: Sequence[Event]) -> int:
    """Return how many events there are up to the end of the last commit that is here as a whole."""
    for count in range(len(events), 0, -1):
        first, size = events[count - 1].commit
        if events[count - 1].position == first + size - 1:
            return count
    return 0
