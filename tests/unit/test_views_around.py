"""A timeline page by page: the first is around a day, and going back leads where going on came from."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from events.days import iso, parse_day
from events.views.around import Part
from events.views.clocks import NOW, Clocks
from events.views.cursor import BadCursor
from tests.given import FEBRUARY, JANUARY, made, timeline
from tests.recording import Recorder, recorder

JUNE = "2024-06-01T00:00:00.000000Z"
FIRST = parse_day("2024-01-01")
LIMIT = 10


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Recorder]:
    async with recorder(tmp_path, now=lambda: JUNE) as recording:
        yield recording


async def part(world: Recorder, day: str, cursor: str | None = None, clocks: Clocks = NOW) -> Part:
    found = await world.read.part("all", clocks, day=parse_day(day), limit=LIMIT, cursor=cursor)
    assert found is not None
    return found


def days(shown: Part) -> list[int]:
    """Return the numbers of the announcements, which are their days after the first."""
    return [int(item.id.removeprefix("a-")) for item in shown.timeline.items]


async def days_in_a_row(world: Recorder, count: int) -> None:
    await world.record(timeline("all"))
    await world.record(*(made(f"a-{n:02}", iso(FIRST + n)) for n in range(count)))


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        ("2024-01-21", range(15, 25)),
        ("2020-01-01", range(10)),
        ("2024-01-04", range(10)),
        ("2030-01-01", range(30, 40)),
        ("2024-02-08", range(30, 40)),
    ],
)
async def test_the_first_page_has_the_day_in_its_middle_and_is_full(world: Recorder, day: str, shown: range) -> None:
    await days_in_a_row(world, 40)

    first = await part(world, day)

    assert days(first) == list(shown)
    assert (first.before, first.after) == (shown.start, 40 - shown.stop)
    assert (first.previous is None) == (shown.start == 0)
    assert (first.timeline.next is None) == (shown.stop == 40)


async def test_a_short_timeline_is_one_page(world: Recorder) -> None:
    await days_in_a_row(world, 7)

    only = await part(world, "2024-01-05")

    assert days(only) == list(range(7))
    assert (only.previous, only.timeline.next, only.before, only.after) == (None, None, 0, 0)


async def test_pages_before_and_after_join_without_a_hole_and_every_one_is_full(world: Recorder) -> None:
    await days_in_a_row(world, 47)
    middle = await part(world, "2024-01-24")

    seen, shown = days(middle), middle
    while shown.previous:
        shown = await part(world, "2024-01-24", shown.previous)
        assert len(days(shown)) == LIMIT
        seen = days(shown) + seen
    shown = middle
    while shown.timeline.next:
        shown = await part(world, "2024-01-24", shown.timeline.next)
        seen += days(shown)

    assert sorted(set(seen)) == list(range(47))


async def test_going_on_and_back_again_shows_the_same(world: Recorder) -> None:
    await days_in_a_row(world, 47)
    middle = await part(world, "2024-01-24")
    assert middle.timeline.next is not None

    after = await part(world, "2024-01-24", middle.timeline.next)
    assert after.previous is not None
    back = await part(world, "2024-01-24", after.previous)

    assert days(back) == days(middle)
    assert (back.before, back.after, back.previous) == (middle.before, middle.after, middle.previous)


async def test_pages_are_as_they_were_on_both_clocks(world: Recorder) -> None:
    await world.record(timeline("all"))
    said = (JANUARY, FEBRUARY)
    await world.record(*(made(f"a-{n:02}", iso(FIRST + n), said[n % 2]) for n in range(60)))

    shown = await part(world, "2024-01-31", clocks=Clocks(said_by=JANUARY))

    assert days(shown) == list(range(20, 40, 2))
    assert shown.before + len(shown.timeline.items) + shown.after == 30


async def test_the_cursor_of_another_question_is_refused(world: Recorder) -> None:
    await days_in_a_row(world, 40)
    shown = await part(world, "2024-01-21")

    with pytest.raises(BadCursor):
        await part(world, "2024-01-21", shown.previous, Clocks(said_by=JANUARY))


async def test_a_timeline_that_is_not_there_has_no_pages(world: Recorder) -> None:
    assert await world.read.part("all", NOW, day=1, limit=LIMIT) is None
