"""The scrub goes round and round over the log, a little at a time, and what it finds ends all writing."""

import logging
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from events import scrubbing
from events.log.port import LogDamaged, Query
from events.log.sqlite import SqliteEngine, open_sqlite
from events.scrubbing import BUSY_US, PIECE_EVENTS, REST_S, Scrub
from tests.contract.given import commit, made

NOW_US = 1_790_000_000_000_000
PIECES = 5
EVENTS = PIECES * PIECE_EVENTS - 10
COMMIT = EVENTS // 3


class Clocks:
    """A monotonic clock that takes a step each time somebody looks at it."""

    def __init__(self, step_us: int = 0) -> None:
        self.us = 0
        self.step_us = step_us

    def wall(self) -> int:
        return NOW_US + self.us

    def monotonic(self) -> int:
        self.us += self.step_us
        return self.us


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncGenerator[SqliteEngine, None]:
    engine = await open_sqlite(tmp_path)
    for start in range(0, EVENTS, COMMIT):
        events = [made("a:1", data=b'{"n":"number-%d"}' % number) for number in range(start, start + COMMIT)]
        await engine.log.append(commit(*events))
    await engine.close()
    engine = await open_sqlite(tmp_path)
    yield engine
    await engine.close()


def damage(directory: Path, number: int) -> None:
    """Change a byte of what an entry says, on the disk."""
    content = (directory / "log.db").read_bytes()
    said = b'{"n":"number-%d"}' % number
    assert content.count(said) == 1
    (directory / "log.db").write_bytes(content.replace(said, said.replace(b"number", b"numbes")))


async def test_each_look_takes_its_share_of_time_and_a_whole_round_is_followed_by_a_rest(engine: SqliteEngine) -> None:
    clocks = Clocks(step_us=BUSY_US // 2)  # Time for two pieces a look.
    scrub = Scrub(engine.log, engine.state, clocks)
    seen = []

    for _ in range(3):
        await scrub.look()
        seen.append((scrub.position, scrub.verified_at is None))

    assert seen == [(2 * PIECE_EVENTS, True), (4 * PIECE_EVENTS, True), (EVENTS, False)]

    ended = scrub.verified_at
    await scrub.look()
    assert scrub.verified_at == ended
    clocks.us += REST_S * 1_000_000
    await scrub.look()
    assert scrub.position == 2 * PIECE_EVENTS


async def test_what_is_recorded_while_a_round_goes_on_is_part_of_it(engine: SqliteEngine) -> None:
    clocks = Clocks(step_us=BUSY_US)
    scrub = Scrub(engine.log, engine.state, clocks)
    await scrub.look()
    await engine.log.append(commit(made("a:1")))

    clocks.step_us = 0
    await scrub.look()

    assert scrub.position == EVENTS + 1


async def test_damage_is_named_and_ends_all_writing_but_no_reading(
    engine: SqliteEngine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    damage(tmp_path, 299)
    scrub = Scrub(engine.log, engine.state, Clocks())

    await scrub.look()
    await scrub.look()

    named = "the data of event 300 is not what was recorded"
    assert named in str(scrub.damage)
    assert scrub.position == PIECE_EVENTS
    assert [record.levelno for record in caplog.records if named in record.getMessage()] == [logging.ERROR]
    for _ in range(2):
        with pytest.raises(LogDamaged, match=f"nothing is recorded any more, because the log is damaged: {named}"):
            await engine.log.append(commit(made("a:1")))
    assert len((await engine.log.read(Query.all(), limit=10)).events) == 10


async def test_where_damage_was_found_is_looked_at_first_after_a_restart(engine: SqliteEngine, tmp_path: Path) -> None:
    whole = (tmp_path / "log.db").read_bytes()
    damage(tmp_path, 299)
    await Scrub(engine.log, engine.state, Clocks()).look()
    await engine.close()

    again = await open_sqlite(tmp_path)
    scrub = Scrub(again.log, again.state, Clocks())
    await scrub.remember()
    assert scrub.damage is not None
    with pytest.raises(LogDamaged):
        await again.log.append(commit(made("a:1")))
    await again.close()

    (tmp_path / "log.db").write_bytes(whole)
    again = await open_sqlite(tmp_path)
    scrub = Scrub(again.log, again.state, Clocks())
    await scrub.remember()
    assert scrub.damage is None
    await again.log.append(commit(made("a:1")))
    assert await again.state.get(scrubbing.SCRUB, scrubbing.DAMAGE) is None
    await again.close()
