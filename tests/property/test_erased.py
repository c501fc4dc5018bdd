"""Whatever is erased of whatever was recorded, everything reads as if these entries had never said anything."""

import asyncio
import tempfile
from collections.abc import Callable, Container, Iterator, Sequence
from itertools import cycle
from pathlib import Path
from random import Random

import msgspec
import pytest

from events import facts as f
from events.facts import Recorded
from events.log.port import Log, NewCommit, NewEvent, Query
from events.log.sqlite import open_sqlite
from events.views.announcements import history
from events.views.bearing import SOURCE_ACT
from events.views.clocks import Clocks, Snapshot
from events.views.filters import Filter
from events.views.runner import Views
from tests.property import test_search, test_tallies, test_zoom
from tests.property.conftest import Large, large_of
from tests.property.test_fold import assert_reads_equal
from tests.property.test_views import LONG_AGO, _read, _reader
from tests.property.test_views_lists import assert_lists, assert_timelines, places, views_of
from tests.recording import commits, record_events
from tests.strategies.histories import ANNOUNCEMENTS, history_of
from tests.strategies.logs import log_of
from tests.strategies.timelines import lists_of
from tests.torture import TORTURE, tries

HISTORIES = 120
LISTS = 25
THROUGH_A_LOG = 12
ANNOUNCEMENTS_OF_LARGE = tries(800, 2000)
GATHERED = (
    test_search.test_search_finds_at_every_place_what_the_naive_fold_has_in_its_texts,
    test_search.test_corrections_are_at_every_place_what_the_naive_fold_says_changed,
    test_tallies.test_what_is_to_come_is_what_the_naive_fold_finds_at_every_place,
    test_tallies.test_what_is_due_is_what_the_naive_fold_finds_at_every_place,
    test_tallies.test_slippage_is_what_the_naive_fold_gives_at_every_place,
    test_zoom.test_what_fits_a_width_is_what_counting_by_hand_finds_at_every_place,
)
SLOW = (test_tallies.test_the_scoreboard_is_what_the_naive_fold_gives_at_every_place,)


def drawn(recorded: Sequence[Recorded], seed: int) -> frozenset[int]:
    """Return positions that are erased: one, some, most, or all."""
    chance = Random(seed)
    positions = [record.position for record in recorded]
    return frozenset(chance.sample(positions, chance.choice((1, 2, len(positions) // 4 or 1, len(positions)))))


def without(recorded: Sequence[Recorded], erased: Container[int]) -> list[Recorded]:
    """Return a history whose facts at some positions are gone."""
    return [msgspec.structs.replace(one, fact=None) if one.position in erased else one for one in recorded]


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_announcements_read_at_every_place_as_the_naive_fold_without_what_was_erased(seed: int) -> None:
    recorded = history_of(seed)
    erased = drawn(recorded, seed)
    left = [record for record in recorded if record.position not in erased]

    with views_of(recorded, erased) as connection:
        assert_reads_equal(lambda *place: _read(connection, *place), left, commits_only=True)
        for id in ANNOUNCEMENTS:
            told = history(Snapshot(connection, lambda: LONG_AGO), id, Clocks())
            assert {one.position for one in told if one.data is None and one.type != SOURCE_ACT} == {
                one.position for one in recorded if one.position in erased and f"announcement:{id}" in one.tags
            }


@pytest.mark.parametrize("seed", range(LISTS))
def test_lists_and_timelines_show_at_every_place_what_the_naive_fold_finds_without_it(seed: int) -> None:
    whole = lists_of(seed, filters=4)
    erased = drawn(whole.recorded, seed)
    left = msgspec.structs.replace(whole, recorded=without(whole.recorded, erased))
    asked = cycle([Filter(), *whole.filters])

    with views_of(whole.recorded, erased) as connection:
        snapshot = Snapshot(connection, lambda: whole.now)
        for (clocks, shown), wanted in zip(places(left), asked, strict=False):
            assert_lists(snapshot, clocks, wanted, 1000, shown.found(wanted))
            assert_timelines(snapshot, clocks, 1000, shown, None)


def test_every_kind_of_fact_is_erased_somewhere() -> None:
    histories = [history_of(seed) for seed in range(HISTORIES)]
    of_lists = [lists_of(seed).recorded for seed in range(LISTS)]
    kinds = {
        one.type
        for several in (histories, of_lists)
        for seed, recorded in enumerate(several)
        for one in recorded
        if one.position in drawn(recorded, seed)
    }

    assert set(f.TYPES) - kinds == {"rubric.published", "log.key_rotated", "log.erased", "log.restored"}


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Large]:
    """A log of which every seventh entry or so was erased, whatever it said."""
    recorded, chance = log_of(1, announcements=ANNOUNCEMENTS_OF_LARGE), Random(1)
    erased = frozenset(one.position for one in recorded if chance.random() < 0.15)
    with large_of(recorded, tmp_path_factory.mktemp("erased"), erased) as large:
        yield large


@pytest.mark.torture
@pytest.mark.parametrize("check", [*GATHERED, *(SLOW if TORTURE else ())], ids=lambda check: str(check.__name__))
def test_what_is_gathered_over_a_large_log_is_what_the_naive_fold_finds_without_it(
    large: Large, check: Callable[[Large], None]
) -> None:
    check(large)


async def erase(log: Log, positions: Sequence[int]) -> int:
    head = (await log.head()).position
    said = NewEvent(type="log.erased", data=b'{"positions":[],"reason":"r"}', tags=("log:self",))
    key = f"system/test/erased-{head}"
    await log.erase(NewCommit(key=key, fingerprint="e", by="system", events=(said,), erases=tuple(positions)))
    return head + 1


@pytest.mark.parametrize("seed", range(THROUGH_A_LOG))
def test_views_that_followed_the_log_hold_nothing_of_it_and_are_those_that_are_rebuilt(seed: int) -> None:
    recorded = history_of(seed)
    erased = sorted(drawn(recorded, seed))

    async def scenario(directory: Path) -> None:
        engine = await open_sqlite(directory)
        followed = await Views.open(directory / "followed", engine.log, now=lambda: LONG_AGO)
        stopped = await Views.open(directory / "stopped", engine.log, now=lambda: LONG_AGO)
        followed.follow()
        for events, recorded_at in commits(recorded):
            await record_events(engine.log, events, recorded_at)
        await followed.wait_for(len(recorded), 10)
        await stopped.close()
        stopped = await Views.open(directory / "stopped", engine.log, now=lambda: LONG_AGO)
        await stopped.close()

        for part in (erased[::2], erased[1::2]):
            if part:
                await erase(engine.log, part)
        assert await followed.forgotten(10)
        await followed.wait_for((await engine.log.head()).position, 10)
        again = await Views.open(directory / "stopped", engine.log, now=lambda: LONG_AGO)
        rebuilt = await Views.open(directory / "rebuilt", engine.log, now=lambda: LONG_AGO)

        assert await followed.read.dump() == await rebuilt.read.dump() == await again.read.dump()

        gone = _data(recorded, erased) - {event.data for event in (await engine.log.read(Query.all())).events}
        for views in (followed, again, rebuilt):
            await views.close()
        await engine.close()
        assert held(directory, gone) == []
        left = [record for record in recorded if record.position not in erased]
        with _reader(directory / "followed") as connection:
            assert_reads_equal(lambda *place: _read(connection, *place), left, commits_only=True)

    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(scenario(Path(directory)))


def held(directory: Path, gone: set[bytes]) -> list[bytes]:
    files = b"".join(path.read_bytes() for path in directory.rglob("*.db*"))
    return [data for data in gone if data in files]


def _data(recorded: list[Recorded], erased: Sequence[int]) -> set[bytes]:
    events = [event for part, _ in commits(recorded) for event in part]
    return {events[position - 1].data for position in erased}
