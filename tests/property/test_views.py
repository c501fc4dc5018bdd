"""Whatever was recorded, the views answer at every place of the two clocks as the naive fold, followed or rebuilt."""

import asyncio
import tempfile
from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from events.facts import Recorded
from events.instants import FOREVER, Instant
from events.log.port import Event, Log
from events.log.sqlite import open_sqlite
from events.record import Announcement
from events.views import announcements, generations
from events.views.clocks import Clocks, Snapshot
from events.views.dump import dump
from events.views.projection import Projection
from events.views.runner import Views
from events.views.schema import Connection, connect_reader, migrate
from tests.property.test_fold import assert_reads_equal
from tests.recording import commits, record_events
from tests.strategies.histories import histories

HISTORIES = 500
HISTORIES_THROUGH_A_LOG = 25
LONG_AGO = "2000-01-01T00:00:00.000000Z"
"""A now before every date, at which nothing is due: the naive fold knows no today."""

thorough = settings(derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))


@settings(thorough, max_examples=HISTORIES)
@given(histories())
def test_rows_written_commit_by_commit_and_all_at_once_are_equal_and_read_as_the_naive_fold(
    recorded: list[Recorded],
) -> None:
    written = list(in_log(recorded))
    with tempfile.TemporaryDirectory() as directory:
        followed = generations.open_build(Path(directory) / "followed.db")
        migrate(followed)
        following = Projection(followed, "log")
        for commit in written:
            following.apply(commit)
        rebuilt = generations.open_build(Path(directory) / "rebuilt.db")
        rebuilding = Projection(rebuilt, "log")
        rebuilding.load([event for commit in written for event in commit])
        rebuilding.replay_all(lambda done, total: None)

        assert dump(followed) == dump(rebuilt)
        assert_reads_equal(lambda *place: _read(rebuilt, *place), recorded, commits_only=True)

        followed.close()
        rebuilt.close()


@settings(thorough, max_examples=HISTORIES_THROUGH_A_LOG)
@given(histories())
def test_views_that_followed_a_log_were_rebuilt_or_caught_up_read_as_the_naive_fold(recorded: list[Recorded]) -> None:
    async def scenario(directory: Path) -> None:
        engine = await open_sqlite(directory)
        halves = await _open(directory / "halves", engine.log)
        followed = await _open(directory / "followed", engine.log)
        followed.follow()
        written = list(commits(recorded))
        for index, (events, recorded_at) in enumerate(written):
            if index == len(written) // 2:
                await halves.close()
                halves = await _open(directory / "halves", engine.log)
            position = await record_events(engine.log, events, recorded_at)
            await followed.wait_for(position, timeout_s=10)
        await halves.close()
        caught_up = await _open(directory / "halves", engine.log)
        rebuilt = await _open(directory / "rebuilt", engine.log)

        assert await followed.read.dump() == await rebuilt.read.dump() == await caught_up.read.dump()

        for views in (followed, caught_up, rebuilt):
            await views.close()
        await engine.close()
        for name in ("followed", "rebuilt"):
            with _reader(directory / name) as connection:
                assert_reads_equal(lambda *place, c=connection: _read(c, *place), recorded, commits_only=True)

    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(scenario(Path(directory)))


async def _open(directory: Path, log: Log) -> Views:
    return await Views.open(directory, log, now=lambda: LONG_AGO)


@contextmanager
def _reader(directory: Path) -> Iterator[Connection]:
    path = generations.current(directory)
    assert path is not None
    connection = connect_reader(path)
    yield connection
    connection.close()


def _read(connection: Connection, as_of: int, said_by: Instant, announcement: str) -> Announcement | None:
    """Read an announcement at a place; the open end is now."""
    clocks = Clocks(as_of=as_of, said_by=None if said_by == FOREVER else said_by)
    return announcements.announcement(Snapshot(connection, lambda: LONG_AGO), announcement, clocks)


def in_log(recorded: list[Recorded], erased: Container[int] = ()) -> Iterator[list[Event]]:
    """Yield a drawn history as the events of a log, commit by commit; those at some positions were erased."""
    first = 1
    for events, recorded_at in commits(recorded):
        yield [
            Event(
                position=position,
                id=f"event {position}",
                type=event.type,
                v=event.v,
                tags=event.tags,
                recorded_at=recorded_at,
                said_at=event.said_at,
                by="system/test",
                commit=(first, len(events)),
                correlation=None,
                causation=None,
                data_hash="",
                data=None if position in erased else event.data,
            )
            for position, event in enumerate(events, first)
        ]
        first += len(events)
