"""Whatever was recorded, the views answer at every place of the two clocks as the naive fold, followed or rebuilt."""

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from events.facts import Recorded
from events.instants import FOREVER, Instant
from events.log.port import Log
from events.log.sqlite import open_sqlite
from events.record import Announcement
from events.views.clocks import Clocks
from events.views.runner import Views
from tests.property.test_fold import assert_reads_equal
from tests.recording import commits, record_events
from tests.strategies.histories import histories

HISTORIES = 100
LONG_AGO = "2000-01-01T00:00:00.000000Z"
"""A now before every date, at which nothing is due: the naive fold knows no today."""

given_histories = given(histories())
thorough = settings(
    max_examples=HISTORIES, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)


@thorough
@given_histories
def test_views_that_followed_and_views_that_were_rebuilt_read_as_the_naive_fold(recorded: list[Recorded]) -> None:
    async def scenario(directory: Path) -> None:
        engine = await open_sqlite(directory)
        halves = [await _open(directory / "halves", engine.log)]
        followed = await _open(directory / "followed", engine.log)
        followed.follow()
        written = list(commits(recorded))
        for index, (events, recorded_at) in enumerate(written):
            if index == len(written) // 2:
                await halves.pop().close()
                halves.append(await _open(directory / "halves", engine.log))
            position = await record_events(engine.log, events, recorded_at)
            await followed.wait_for(position, timeout_s=10)
        await halves.pop().close()
        caught_up = await _open(directory / "halves", engine.log)
        rebuilt = await _open(directory / "rebuilt", engine.log)

        for views in (followed, rebuilt):
            await asyncio.to_thread(assert_reads_equal, _read(views), recorded, commits_only=True)
        assert await followed.read.dump() == await rebuilt.read.dump() == await caught_up.read.dump()

        for views in (followed, caught_up, rebuilt):
            await views.close()
        await engine.close()

    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(scenario(Path(directory)))


async def _open(directory: Path, log: Log) -> Views:
    return await Views.open(directory, log, now=lambda: LONG_AGO)


def _read(views: Views) -> Callable[[int, Instant, str], Announcement | None]:
    """Return how a thread reads views of the running loop; the open end is now."""
    loop = asyncio.get_running_loop()

    def read(as_of: int, said_by: Instant, announcement: str) -> Announcement | None:
        clocks = Clocks(as_of=as_of, said_by=None if said_by == FOREVER else said_by)
        return asyncio.run_coroutine_threadsafe(views.read.announcement(announcement, clocks), loop).result()

    return read
