"""What of a timeline fits a width: held against counting by hand, over histories drawn by chance, at any place."""

from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from events import facts as f
from events.days import day_of, iso, parse_day
from events.terms import ActorRef
from events.views import zoom
from events.views.clocks import NOW, Clocks
from events.views.zoom import View, Window
from tests.given import FEBRUARY, JANUARY, MARCH, actor, happened, made, rescheduled, timeline
from tests.property.naive_zoom import counted
from tests.recording import Recorder, recorder

COMMIT_FACTS = 40
JUNE = "2024-06-01T00:00:00.000000Z"
DATES = (
    "2024-04-10", "2024-04", "2024", "2024-21", "../2024-05-01", "2024-05-03/..", "202X", "19XX", "-0044-03-15",
    "Y12000", "Y170000002", "2024-04-10/2024-06", "[2024,2027]", None,
)  # fmt: skip


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Recorder]:
    async with recorder(tmp_path, now=lambda: JUNE) as recording:
        yield recording


async def seen(
    world: Recorder,
    first: str | None = None,
    last: str | None = None,
    *,
    px: int = 320,
    lanes: Any = None,
    clocks: Clocks = NOW,
) -> View:
    days = [None if day is None else parse_day(day) for day in (first, last)]
    found = await world.read.view("all", Window(first=days[0], last=days[1], px=px, lanes=lanes), clocks)
    assert found is not None
    return found


async def many(world: Recorder, count: int = 300) -> None:
    """Record so many announcements, on days of ten years and otherwise, and move or settle some."""
    choose = Random(7).choice
    await world.record(timeline("all"), actor("jp"), actor("nippon"), f.ActorMerged(actor="nippon", into="jp"))
    parts = [(), (ActorRef(id="jp"),), (ActorRef(id="nippon"), ActorRef(id="jp")), (ActorRef(id="us"),)]
    facts: list[f.AnyFact] = []
    for number in range(count):
        day = iso(day_of(2020, 1, 1) + choose(range(3650)))
        facts.append(
            made(
                f"a-{number}", day if number % 3 else choose(DATES), choose((JANUARY, FEBRUARY)),
                kind=choose(("visit", "summit")), topics=choose(((), ("trade",), ("trade", "defence"))),
                actors=choose(parts), modality=choose(("scheduled", "committed")),
            )
        )  # fmt: skip
    facts += [rescheduled(f"a-{number}", "2026-07", MARCH) for number in range(0, count, 9)]
    facts += [happened(f"a-{number}", MARCH) for number in range(0, count, 7)]
    for begin in range(0, len(facts), COMMIT_FACTS):
        await world.record(*facts[begin : begin + COMMIT_FACTS])


PLACES = [NOW, Clocks(as_of=200), Clocks(said_by=JANUARY), Clocks(as_of=340, said_by=FEBRUARY)]
WINDOWS = [
    ("2024-01-01", "2024-01-20", "day"),
    ("2024-01-01", "2024-05-20", "week"),
    ("2023-05-15", "2025-05-14", "month"),
    ("2022-01-01", "2026-12-31", "quarter"),
    ("2020-06-01", "2029-12-31", "year"),
    ("1900-01-01", "2039-12-31", "decade"),
]


async def test_counts_are_those_of_counting_by_hand(world: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zoom, "ITEMS_MAX", 0)
    await many(world)
    for clocks in PLACES:
        everything = await world.read.timeline("all", clocks, limit=1000)
        assert everything is not None
        plain = [msgspec.to_builtins(item) for item in everything.items]
        for first, last, unit in WINDOWS:
            view = await seen(world, first, last, clocks=clocks)

            assert (view.kind, view.unit, view.items) == ("bins", unit, ())
            assert view.from_ is not None
            assert view.to is not None
            inside = counted(plain, parse_day(view.from_), parse_day(view.to), unit)
            assert inside
            assert {(one.start, one.state): one.count for one in view.bins} == inside
            assert [(one.start, one.state) for one in view.bins] == sorted(inside)
            outside = view.outside.before + view.outside.after + view.outside.undated
            assert view.total == everything.total == inside.total() + outside


async def test_bins_join_into_whole_units_of_the_calendar(world: Recorder) -> None:
    await many(world)

    view = await seen(world, "2022-05-17", "2026-02-02")

    assert (view.unit, view.from_, view.to) == ("quarter", "2022-04-01", "2026-03-31")
    assert all("2022-04-01" <= one.start < one.end <= "2026-03-31" for one in view.bins)
    assert len(view.bins) <= 320 / zoom.BIN_PX * 5


async def test_what_fits_is_shown_as_it_is_in_the_order_of_the_list(world: Recorder) -> None:
    await many(world, 60)
    await world.record(made("undated"))
    everything = await world.read.timeline("all")
    assert everything is not None

    view = await seen(world)

    dated = [item for item in everything.items if item.when.edtf is not None]
    assert (view.kind, view.unit, view.bins) == ("items", None, ())
    assert list(view.items) == dated
    assert view.outside.undated == everything.total - len(dated) > 0
    assert (view.outside.before, view.outside.after) == (0, 0)


async def test_never_are_more_items_shown_than_fit_the_width(world: Recorder) -> None:
    await many(world, 260)

    wide = await seen(world, "2020-01-01", "2029-12-31", px=2400)
    narrow = await seen(world, "2022-01-01", "2022-12-31", px=320)

    assert wide.kind == "bins"
    assert (narrow.kind, len(narrow.items) <= 320 // zoom.ITEM_PX) == ("items", True)


async def test_a_window_without_ends_reaches_as_far_as_there_is_anything(world: Recorder) -> None:
    await world.record(timeline("all"), made("a", "2024-05"), made("b", "../2030"), made("c", "-0044/.."), made("d"))

    whole, since, until = await seen(world), await seen(world, "2026-01-01"), await seen(world, None, "2020-01-01")

    assert (whole.from_, whole.to) == ("-44-01-01", "2030-12-31")
    assert [item.id for item in whole.items] == ["c", "a", "b"]
    assert (since.from_, since.to) == ("2026-01-01", "2030-12-31")
    assert since.outside == zoom.Outside(before=1, after=0, undated=1)
    assert (until.from_, until.to) == ("-44-01-01", "2020-01-01")
    assert until.outside == zoom.Outside(before=0, after=1, undated=1)


async def test_where_nothing_has_a_date_there_are_no_days(world: Recorder) -> None:
    await world.record(timeline("all"), made("a"))

    view = await seen(world)

    assert (view.kind, view.from_, view.to, view.total) == ("items", None, None, 1)
    assert view.outside.undated == 1


async def test_a_timeline_that_is_not_there_has_no_view(world: Recorder) -> None:
    assert await world.read.view("all", Window(first=None, last=None, px=900)) is None


@pytest.mark.parametrize("px", [320, 2400])
async def test_any_year_can_be_counted(world: Recorder, monkeypatch: pytest.MonkeyPatch, px: int) -> None:
    monkeypatch.setattr(zoom, "ITEMS_MAX", 0)
    far = ("Y-999999999999999", "-0044-03-15", "Y12000", "Y999999999999999")
    await world.record(timeline("all"), *(made(f"a-{n}", edtf) for n, edtf in enumerate(far)))

    view = await seen(world, px=px)

    assert sum(one.count for one in view.bins) == 4
    assert (view.from_, view.to) == ("-999999999999999-01-01", "+999999999999999-12-31")


async def test_what_is_alone_in_its_stretch_is_told_whole(world: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    await many(world)

    monkeypatch.setattr(zoom, "ITEM_PX", 10**6)
    view = await seen(world, "2021-01-01", "2021-03-31", px=2400)

    assert view.kind == "bins"
    alone = [one for one in view.bins if one.count == 1]
    assert alone
    assert all(one.item is not UNSET and one.item.state == one.state for one in alone)
    assert all(one.item is UNSET for one in view.bins if one.count > 1)


@pytest.mark.parametrize(
    ("lanes", "expected"),
    [("kind", {"visit", "summit"}), ("topic", {"trade", "defence", None}), ("actor", {"jp", "us", None})],
)
async def test_lanes_are_counted_apart_and_what_is_in_none_together(
    world: Recorder, lanes: str, expected: set[str | None]
) -> None:
    await many(world)

    view = await seen(world, lanes=lanes)
    plain = await seen(world)

    assert {one.lane for one in view.bins} == expected
    assert {one.lane for one in plain.bins} == {None}
    if lanes != "topic":  # Some have two of them, and count in both.
        assert sum(one.count for one in view.bins) == sum(one.count for one in plain.bins)


async def test_of_many_lanes_the_fullest_are_kept(world: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zoom, "ITEMS_MAX", 0)
    places = [place for number in range(20) for place in [f"place-{number:02}"] * (20 - number)]
    await world.record(timeline("all"))
    await world.record(*(made(f"a-{n}", "2024-04-10", places=(place,)) for n, place in enumerate(places)))

    view = await seen(world, lanes="place")

    lanes = {one.lane: one.count for one in view.bins}
    assert list(lanes)[1:] == [f"place-{number:02}" for number in range(zoom.LANES_MAX)]
    assert lanes[None] == sum(range(1, 20 - zoom.LANES_MAX + 1))
