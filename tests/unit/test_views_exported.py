"""What exports are made of: the lists themselves, whole, with the sources that they cite."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from events.views.clocks import NOW, Clocks
from events.views.described import DATES_KEPT_MAX
from events.views.exported import EPOCH, EXPORTED_MAX, Counted
from events.views.filters import Filter
from events.views.reading import LimitInvalid
from tests.given import FEBRUARY, JANUARY, MARCH, made, rescheduled, source, timeline
from tests.recording import Recorder, recorder

APRIL = "2024-04-01T00:00:00.000000Z"
JUNE = "2024-06-01T00:00:00.000000Z"
PLACES = (NOW, Clocks(as_of=4), Clocks(said_by=JANUARY), Clocks(as_of=4, said_by=FEBRUARY))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Recorder]:
    async with recorder(tmp_path, now=lambda: JUNE) as recording:
        yield recording


async def recorded(world: Recorder) -> None:
    await world.record(source("bulletin"), timeline("spring", id=("a", "b")), recorded_at=JANUARY)
    await world.record(made("a", "2024-06-10"), made("b", "2024-05-01"), recorded_at=FEBRUARY)
    await world.record(source("letter"), rescheduled("a", "2024-07-10", source="letter"), recorded_at=MARCH)


@pytest.mark.parametrize("clocks", PLACES)
async def test_an_export_holds_the_list_and_every_source_that_it_cites(world: Recorder, clocks: Clocks) -> None:
    await recorded(world)

    found = await world.read.exported(Filter(), clocks)

    assert found is not None
    assert found.listed == await world.read.announcements(Filter(), clocks)
    cited = {date.citation.source for item in found.listed.items for date in item.dates if date.citation}
    assert set(found.sources) == cited
    for id, one in found.sources.items():
        assert await world.read.source(id, clocks) == msgspec.structs.replace(one, announcements=2 - (id == "letter"))


async def test_an_export_says_up_to_where_and_when_it_was_recorded(world: Recorder) -> None:
    empty = await world.read.exported()
    await recorded(world)
    now, then = await world.read.exported(), await world.read.exported(clocks=Clocks(as_of=4))

    assert empty is not None
    assert now is not None
    assert then is not None
    assert (empty.position, empty.recorded_at) == (0, EPOCH)
    assert (now.position, now.recorded_at) == (6, MARCH)
    assert (then.position, then.recorded_at) == (4, FEBRUARY)


async def test_a_timeline_comes_with_its_definition_and_none_is_made_up(world: Recorder) -> None:
    await recorded(world)

    spring = await world.read.exported(timeline="spring")

    assert spring is not None
    assert spring.timeline == await world.read.definition("spring")
    assert [item.id for item in spring.listed.items] == ["b", "a"]
    assert await world.read.exported(timeline="winter") is None


async def test_the_agenda_and_what_is_due_are_the_lists_themselves(world: Recorder) -> None:
    await recorded(world)

    agenda, due = await world.read.exported_agenda(90), await world.read.exported_due()

    assert agenda.listed == await world.read.agenda(90)
    assert due.listed == await world.read.due()
    assert [item.id for item in agenda.listed.items] == ["a"]
    assert [item.id for item in due.listed.items] == ["b"]
    assert set(agenda.sources) == {"bulletin", "letter"}


async def test_dates_that_are_not_shown_are_counted(world: Recorder) -> None:
    await recorded(world)
    days = [f"2024-08-{day:02}" for day in (1, 2)] * DATES_KEPT_MAX
    for day in days:
        await world.record(rescheduled("b", day), recorded_at=APRIL)

    now, then = await world.read.exported(), await world.read.exported(clocks=Clocks(as_of=6 + DATES_KEPT_MAX + 5))

    assert now is not None
    assert then is not None
    assert {item.id: len(item.dates) for item in now.listed.items} == {"a": 2, "b": 1 + DATES_KEPT_MAX}
    assert now.counted == {"b": Counted(dates=1 + len(days), moves=len(days))}
    assert then.counted == {"b": Counted(dates=1 + DATES_KEPT_MAX + 5, moves=DATES_KEPT_MAX + 5)}


@pytest.mark.parametrize("limit", [0, EXPORTED_MAX + 1])
async def test_an_export_has_an_end(world: Recorder, limit: int) -> None:
    with pytest.raises(LimitInvalid, match=f"between 1 and {EXPORTED_MAX}"):
        await world.read.exported(limit=limit)
