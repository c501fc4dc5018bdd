"""Backups each night: when one is due, what is kept, and what happens when one fails."""

import asyncio
from math import inf
from pathlib import Path

import pytest

from api.backups import AGAIN_S, Backups, last_night
from events.instants import to_microseconds
from events.log.archive import read_manifest
from events.log.backup import back_up
from events.log.sqlite import SqliteEngine, wall_clock
from tests.integration.backups import opened, record, with_texts

DAY_US = 24 * 3600 * 1_000_000


class Clocks:
    """Both clocks of a machine, some days off."""

    def __init__(self) -> None:
        self.off_us = 0

    def wall(self) -> int:
        return wall_clock() + self.off_us

    def monotonic(self) -> int:
        return self.off_us


def nightly(engine: SqliteEngine, tmp_path: Path, clocks: Clocks, keep: int = 7) -> Backups:
    return Backups(tmp_path / "shelf", keep=keep, data=tmp_path / "data", log=engine.log, clocks=clocks)


@pytest.mark.parametrize(
    ("now", "night"),
    [
        ("2026-03-01T02:59:59.999999Z", "2026-02-28T03:00:00.000000Z"),
        ("2026-03-01T03:00:00.000000Z", "2026-03-01T03:00:00.000000Z"),
        ("2026-03-01T23:00:00.000000Z", "2026-03-01T03:00:00.000000Z"),
    ],
)
def test_a_backup_is_due_at_three_each_night(now: str, night: str) -> None:
    assert last_night(now) == night


async def test_one_is_made_when_there_is_none_since_last_night_and_then_no_other(tmp_path: Path) -> None:
    clocks = Clocks()
    await with_texts(tmp_path / "data", b"one")
    async with opened(tmp_path / "data") as (engine, _):
        backups = nightly(engine, tmp_path, clocks)
        assert backups.values() == {"dateline_backup_failed": False, "dateline_backup_age_seconds": inf}

        await backups.look()
        await record(engine, b"two")
        await backups.look()

        (made,) = (tmp_path / "shelf").iterdir()
        assert read_manifest(made).position == 1
        clocks.off_us += 2 * DAY_US
        age_s = backups.values()["dateline_backup_age_seconds"]
        assert isinstance(age_s, float)
        assert 2 * 86400 <= age_s < 2 * 86400 + 600


async def test_one_that_fails_removes_none_is_counted_and_tried_again_an_hour_later(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clocks, shelf = Clocks(), tmp_path / "shelf"
    shelf.mkdir()
    await with_texts(tmp_path / "data", b"one")
    old = [(await back_up(tmp_path / "data", shelf, now=f"2026-01-0{day}T03:00:00.000000Z")).path for day in (1, 2)]
    whole = (tmp_path / "data" / "log.db").read_bytes()
    (tmp_path / "data" / "log.db").write_bytes(whole.replace(b'{"text":"1"}', b'{"text":"2"}'))
    async with opened(tmp_path / "data") as (engine, _):
        backups = nightly(engine, tmp_path, clocks, keep=1)

        await backups.look()
        (tmp_path / "data" / "log.db").write_bytes(whole)
        await backups.look()

        assert sorted(shelf.iterdir()) == old
        assert backups.values()["dateline_backup_failed"] is True
        assert "no backup was made: the data of event 1 is not what was recorded" in caplog.text
        clocks.off_us += AGAIN_S * 1_000_000
        await backups.look()

    assert backups.values()["dateline_backup_failed"] is False
    (made,) = shelf.iterdir()
    assert to_microseconds(read_manifest(made).made_at) > wall_clock() - DAY_US


async def test_a_service_that_stops_gives_up_the_backup_under_way(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await with_texts(tmp_path / "data", b"one")
    async with opened(tmp_path / "data") as (engine, _):
        backups = nightly(engine, tmp_path, Clocks())
        looking = asyncio.create_task(backups.look())
        while not backups.under_way:  # noqa: ASYNC110 - nobody tells.
            await asyncio.sleep(0)

        await backups.stop()

    await looking  # It asks nothing of the log, which may be closed by now.
    assert list((tmp_path / "shelf").glob("*.tar")) == []
    assert caplog.records == []
