"""What takes long keeps nobody else waiting, and ends."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from api.problems import headers_of, problem_of
from events.log.sqlite import open_sqlite
from events.views.clocks import Snapshot
from events.views.generations import READERS
from events.views.runner import Views
from events.views.turns import HEAVY, HEAVY_AT_ONCE, HEAVY_WAITING_MAX, ReadsFull, ReadTooLong, Turns

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
SHORT_S = 0.2


@asynccontextmanager
async def opened(directory: Path) -> AsyncIterator[Views]:
    engine = await open_sqlite(directory)
    views = await Views.open(directory / "views", engine.log, now=lambda: "2024-05-01T00:00:00.000000Z")
    try:
        yield views
    finally:
        await views.close()
        await engine.close()


def endless(snapshot: Snapshot) -> object:
    return snapshot.connection.execute(ENDLESS).fetchone()


async def heavy(views: Views, limit_s: float) -> object:
    HEAVY.set(True)
    return await views._reading(endless, limit_s=limit_s)


async def test_what_takes_too_long_is_broken_off_and_its_connection_reads_on(tmp_path: Path) -> None:
    async with opened(tmp_path) as views:
        began = time.monotonic()
        for _ in range(READERS):
            with pytest.raises(ReadTooLong, match=r"within 0\.2 s"):
                await views._reading(endless, limit_s=SHORT_S)

        assert time.monotonic() - began < READERS * SHORT_S * 5
        assert (
            await asyncio.gather(*(views._reading(lambda snapshot: snapshot.position) for _ in range(20))) == [0] * 20
        )


async def test_what_the_service_itself_asks_for_is_not_broken_off(tmp_path: Path) -> None:
    long = f"SELECT count(*) FROM ({ENDLESS.replace('FROM n)', 'FROM n WHERE i < 300000)')})"
    async with opened(tmp_path) as views:
        with pytest.raises(ReadTooLong):
            await views._reading(lambda snapshot: snapshot.connection.execute(long).fetchone(), limit_s=0.0)

        assert await views._reading(lambda snapshot: snapshot.connection.execute(long).fetchone(), limit_s=None)


async def test_everybody_else_is_answered_while_heavy_questions_wait(tmp_path: Path) -> None:
    async with opened(tmp_path) as views:
        abusive = [asyncio.create_task(heavy(views, SHORT_S)) for _ in range(10)]
        await asyncio.sleep(SHORT_S / 4)

        began = time.monotonic()
        for _ in range(20):
            await views._reading(lambda snapshot: snapshot.position)
        took_s = time.monotonic() - began
        told = await asyncio.gather(*abusive, return_exceptions=True)

    assert took_s < SHORT_S
    assert [type(one) for one in told] == [ReadTooLong] * 10


async def test_so_many_wait_and_no_more() -> None:
    turns = Turns()
    going = asyncio.Event()
    at_once = most = 0

    async def one() -> None:
        nonlocal at_once, most
        async with turns.turn():
            at_once += 1
            most = max(most, at_once)
            await going.wait()
            at_once -= 1

    asked = [asyncio.create_task(one()) for _ in range(HEAVY_AT_ONCE + HEAVY_WAITING_MAX + 5)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    going.set()
    told = await asyncio.gather(*asked, return_exceptions=True)

    assert [type(one) for one in told if one is not None] == [ReadsFull] * 5
    assert most == HEAVY_AT_ONCE


@pytest.mark.parametrize("error", [ReadsFull(64), ReadTooLong(5.0)])
def test_a_reader_who_is_sent_away_is_told_when_to_come_again(error: ReadsFull | ReadTooLong) -> None:
    told = problem_of(error)

    assert (told.status, told.code) == (503, error.code)
    assert int(headers_of(told, error)["Retry-After"]) > 0


async def test_who_goes_away_while_waiting_leaves_the_place_to_the_next() -> None:
    turns = Turns(at_once=1, waiting_max=1)
    async with turns.turn():
        for _ in range(3):
            waiting = asyncio.create_task(turns.turn().__aenter__())
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
    async with turns.turn():
        pass
