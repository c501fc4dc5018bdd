"""The views' files: rebuilt when they have to be, beside the ones in use, and never half."""

import asyncio
import shutil
from pathlib import Path

import pytest

from events.log.build import sqlite3
from events.log.port import Log, Query
from events.log.sqlite import open_sqlite
from events.views import generations, projection, rows, schema
from events.views.runner import ViewBehind, Views
from tests.given import made
from tests.recording import Recorder, new_event, record_events, recorder

NOW = "2024-06-01T00:00:00.000000Z"


async def opened(directory: Path, log: Log) -> Views:
    return await Views.open(directory, log, now=lambda: NOW)


def files(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir() if not path.name.endswith(("-wal", "-shm")))


async def test_views_open_again_where_they_left_off(tmp_path: Path) -> None:
    async with recorder(tmp_path, now=lambda: NOW) as world:
        await world.record(made("visit"))
    async with recorder(tmp_path, now=lambda: NOW) as world:
        assert (await world.read.announcements()).total == 1
        assert files(tmp_path / "views") == [f"{schema.SCHEMA}-1.db", "current"]


async def test_views_that_were_deleted_are_written_anew(tmp_path: Path) -> None:
    async with recorder(tmp_path, now=lambda: NOW) as world:
        await world.record(made("visit"))
        before = await world.read.dump()
    shutil.rmtree(tmp_path / "views")

    async with recorder(tmp_path, now=lambda: NOW) as world:
        assert await world.read.dump() == before


async def test_a_rebuild_tells_how_far_it_is_and_changes_nothing_that_is_read(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    async with recorder(tmp_path, now=lambda: NOW) as world:
        for number in range(5):
            await world.record(made(f"a-{number}"))
        before = await world.read.dump()

        await world.views.rebuild(lambda done, total: told.append((done, total)))

        assert await world.read.dump() == before
        assert files(tmp_path / "views") == [f"{schema.SCHEMA}-2.db", "current"]
        await world.record(made("later"))
        assert (await world.read.announcements()).total == 6
    assert told == sorted(told)
    assert told[-1] == (10, 10)


async def test_what_is_recorded_during_a_rebuild_is_there_after_it(tmp_path: Path) -> None:
    async with recorder(tmp_path, now=lambda: NOW) as world:
        await world.record(made("visit"))

        rebuilding = asyncio.create_task(world.views.rebuild())
        for number in range(20):
            await world.record(made(f"a-{number}"))
        await rebuilding

        assert (await world.read.announcements()).total == 21


async def test_readers_are_answered_all_through_a_rebuild(tmp_path: Path) -> None:
    async with recorder(tmp_path, now=lambda: NOW) as world:
        await world.record(made("visit"))

        rebuilding = asyncio.create_task(world.views.rebuild())
        answers = []
        while not rebuilding.done():
            answers += await asyncio.gather(*(world.read.announcement("visit") for _ in range(8)))
        await rebuilding

        assert answers
        assert None not in answers


async def test_a_rebuild_that_fails_leaves_the_views_in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with recorder(tmp_path, now=lambda: NOW) as world:
        await world.record(made("visit"))

        def fail(*_: object) -> None:
            raise RuntimeError("no room")

        monkeypatch.setattr(projection.Projection, "replay_all", fail)
        with pytest.raises(RuntimeError):
            await world.views.rebuild()

        assert files(tmp_path / "views") == [f"{schema.SCHEMA}-1.db", "current"]
        await world.record(made("summit"))
        assert (await world.read.announcements()).total == 2


async def test_views_of_another_schema_are_written_anew_and_the_old_ones_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with recorder(tmp_path, now=lambda: NOW) as world:
        await world.record(made("visit"))
    monkeypatch.setattr(generations, "SCHEMA", schema.SCHEMA + 1)

    async with recorder(tmp_path, now=lambda: NOW) as world:
        assert (await world.read.announcements()).total == 1
        assert files(tmp_path / "views") == [f"{schema.SCHEMA + 1}-1.db", "current"]


@pytest.mark.parametrize("damage", [b"", b"not a database at all", b"\x00" * 20000])
async def test_damaged_views_are_written_anew(tmp_path: Path, damage: bytes) -> None:
    async with recorder(tmp_path, now=lambda: NOW) as world:
        await world.record(made("visit"))
    (tmp_path / "views" / f"{schema.SCHEMA}-1.db").write_bytes(damage)

    async with recorder(tmp_path, now=lambda: NOW) as world:
        assert (await world.read.announcements()).total == 1


@pytest.mark.parametrize("pointer", ["", "../log.db", "2-9.db", "\udcff", "current"])
async def test_a_pointer_to_nothing_is_no_pointer(tmp_path: Path, pointer: str) -> None:
    async with recorder(tmp_path, now=lambda: NOW) as world:
        await world.record(made("visit"))
    (tmp_path / "views" / "current").write_bytes(pointer.encode(errors="surrogateescape"))

    async with recorder(tmp_path, now=lambda: NOW) as world:
        assert (await world.read.announcements()).total == 1


async def test_views_of_another_log_are_written_anew(tmp_path: Path) -> None:
    async with recorder(tmp_path / "one", now=lambda: NOW) as world:
        await world.record(made("visit"))
    async with recorder(tmp_path / "two", now=lambda: NOW) as world:
        await world.record(made("summit"))
    shutil.rmtree(tmp_path / "two" / "views")
    shutil.copytree(tmp_path / "one" / "views", tmp_path / "two" / "views")

    async with recorder(tmp_path / "two", now=lambda: NOW) as world:
        assert [one.id for one in (await world.read.announcements()).items] == ["summit"]


async def test_views_that_are_ahead_of_a_restored_log_are_written_anew(tmp_path: Path) -> None:
    async with recorder(tmp_path / "data", now=lambda: NOW) as world:
        await world.record(made("visit"))
    shutil.copytree(tmp_path / "data", tmp_path / "backup")
    async with recorder(tmp_path / "data", now=lambda: NOW) as world:
        await world.record(made("summit"))
    shutil.rmtree(tmp_path / "backup" / "views")
    shutil.copytree(tmp_path / "data" / "views", tmp_path / "backup" / "views")

    async with recorder(tmp_path / "backup", now=lambda: NOW) as world:
        assert [one.id for one in (await world.read.announcements()).items] == ["visit"]
        await world.record(made("speech"))
        assert (await world.read.announcements()).total == 2


async def test_waiting_for_a_position_that_does_not_come_ends_in_time(tmp_path: Path) -> None:
    async with recorder(tmp_path, now=lambda: NOW) as world:
        position = await world.record(made("visit"))

        await world.views.wait_for(position, timeout_s=0)
        with pytest.raises(ViewBehind, match="stand at position 1, not yet at 2"):
            await world.views.wait_for(position + 1, timeout_s=0.05)


async def test_a_position_is_told_once_its_commit_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    async with recorder(tmp_path, now=lambda: NOW) as world:
        flush = rows.AnnouncementRows.flush

        def flush_and_look(self: rows.AnnouncementRows) -> None:
            flush(self)
            told.append(world.views.position)

        monkeypatch.setattr(rows.AnnouncementRows, "flush", flush_and_look)
        position = await world.record(made("visit"))

        assert (told, world.views.position) == ([0], position)


async def test_many_commits_at_once_arrive_in_order_and_whole(tmp_path: Path) -> None:
    async with recorder(tmp_path, now=lambda: NOW) as world:
        positions = await asyncio.gather(*(record_two(world, number) for number in range(100)))

        await world.views.wait_for(max(positions), timeout_s=10)

        assert (await world.read.announcements(limit=1)).total == 200


async def record_two(world: Recorder, number: int) -> int:
    facts = [made(f"a-{number}"), made(f"b-{number}")]
    return await record_events(world.log, [new_event(fact, (f"announcement:{fact.announcement}",)) for fact in facts])


async def test_a_commit_that_a_page_divides_is_applied_whole(tmp_path: Path) -> None:
    engine = await open_sqlite(tmp_path)
    world = Recorder(engine.log, await opened(tmp_path / "followed", engine.log))
    world.views.follow()
    for start in range(0, 1470, 490):  # Pages of 1,000 end inside the third commit.
        await world.record(*(made(f"a-{number}") for number in range(start, start + 490)))

    rebuilt = await opened(tmp_path / "rebuilt", engine.log)

    assert (await engine.log.read(Query.all(), limit=0)).head == rebuilt.position == 1470
    assert await rebuilt.read.dump() == await world.read.dump()
    await rebuilt.close()
    await world.views.close()
    await engine.close()


async def test_readers_cannot_write(tmp_path: Path) -> None:
    async with recorder(tmp_path, now=lambda: NOW) as world:
        await world.record(made("visit"))
    connection = schema.connect_reader(tmp_path / "views" / f"{schema.SCHEMA}-1.db")

    with pytest.raises(sqlite3.OperationalError):
        connection.execute("DELETE FROM fact")
    connection.close()


async def test_an_empty_log_has_empty_views(tmp_path: Path) -> None:
    async with recorder(tmp_path, now=lambda: NOW) as world:
        assert world.views.position == 0
        assert (await world.read.announcements()).items == ()
        assert await world.read.next_due() is None
        await world.views.rebuild()
        assert world.views.position == 0
