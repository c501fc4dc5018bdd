"""Lists of announcements and timelines: what is on them, in which order, page by page, at any place."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from events import facts as f
from events.days import DayError
from events.terms import ActorRef, AnnouncementFields, TimelineFields, TimelineQuery, When
from events.views.clocks import Clocks
from events.views.cursor import BadCursor, cursor_of, mark_of
from events.views.filters import Filter
from events.views.reading import LimitInvalid
from tests.given import FEBRUARY, JANUARY, MARCH, actor, amended, cited, happened, made, rescheduled, timeline
from tests.recording import Recorder, recorder

JUNE = "2024-06-01T00:00:00.000000Z"
EVERYTHING = mark_of("announcements", Clocks(), Filter())


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Recorder]:
    async with recorder(tmp_path, now=lambda: JUNE) as recording:
        yield recording


async def ids(world: Recorder, clocks: Clocks | None = None, **wanted: Any) -> list[str]:
    found = await world.read.announcements(Filter(**wanted), clocks or Clocks())
    assert found.total == len(found.items)
    return [one.id for one in found.items]


async def on(world: Recorder, slug: str, clocks: Clocks | None = None, **wanted: Any) -> list[str]:
    found = await world.read.timeline(slug, clocks or Clocks(), wanted=Filter(**wanted))
    assert found is not None
    assert found.total == len(found.items)
    return [one.id for one in found.items]


async def test_announcements_stand_by_first_day_then_last_day_then_id_and_undated_ones_last(world: Recorder) -> None:
    await world.record(
        made("undated"),
        made("june", "2024-06"),
        made("b", "2024-06-01"),
        made("a", "2024-06-01"),
        made("open", "2024-06-01/.."),
        made("by-may", "../2024-05-31"),
        made("caesar", "-0044-03-15"),
        made("far", "Y12000"),
    )

    assert await ids(world) == ["caesar", "by-may", "a", "b", "june", "open", "far", "undated"]


async def test_a_deadline_stands_where_it_ends(world: Recorder) -> None:
    within_a_year = When(edtf="2024-04-11/2025-04-11", kind="deadline")
    await world.record(made("before", "2025-04-10"), made("after", "2025-04-12"))
    await world.record(f.Made(announcement="within", citations=cited(), title="Within a year", when=within_a_year))

    assert await ids(world) == ["before", "within", "after"]


async def test_what_is_merged_retracted_or_withdrawn_is_left_out_unless_it_is_asked_for(world: Recorder) -> None:
    await world.record(made("kept"), made("merged"), made("retracted"), made("withdrawn"))
    await world.record(f.Merged(announcement="merged", into="kept"))
    await world.record(f.Retracted(announcement="retracted", reason="None."))
    await world.withdraw(4)

    assert await ids(world) == ["kept"]
    assert await ids(world, state=("withdrawn", "retracted")) == ["retracted", "withdrawn"]
    assert await ids(world, state=("merged",)) == ["merged"]


async def test_states_that_depend_on_today_are_found_as_they_are_shown(world: Recorder) -> None:
    await world.record(
        made("past", "2024-04-10"),
        made("to-come", "2024-07-10"),
        made("late", "../2024-03-01", modality="committed"),
        made("happened", "2024-04-10"),
        happened("happened"),
    )

    assert await ids(world, state=("due",)) == ["past"]
    assert await ids(world, state=("overdue",)) == ["late"]
    assert await ids(world, state=("announced",)) == ["to-come"]
    assert await ids(world, state=("due", "happened")) == ["happened", "past"]
    assert await ids(world, Clocks(said_by=MARCH), state=("announced",)) == ["late", "happened", "past", "to-come"]


async def test_values_of_one_filter_are_alternatives_and_filters_must_all_hold(world: Recorder) -> None:
    await world.record(
        made("a", kind="visit", places=("Tokyo",), topics=("trade",)),
        made("b", kind="summit", places=("Tokyo", "Washington"), topics=("defence",)),
        made("c", kind="visit", places=("Manila",), topics=("defence", "trade")),
    )

    assert await ids(world, place=("Tokyo",)) == ["a", "b"]
    assert await ids(world, place=("Tokyo", "Manila")) == ["a", "b", "c"]
    assert await ids(world, place=("Tokyo",), topic=("defence",)) == ["b"]
    assert await ids(world, kind=("visit",), topic=("trade",)) == ["a", "c"]
    assert await ids(world, id=("a", "c", "nobody"), topic=("defence",)) == ["c"]
    assert await ids(world, topic=("def",)) == []


async def test_what_was_amended_away_is_found_no_more_and_still_as_of_then(world: Recorder) -> None:
    given = await world.record(made("a", topics=("trade",)))
    await world.record(amended("a", given, topics=("defence",)))

    assert await ids(world, topic=("trade",)) == []
    assert await ids(world, topic=("defence",)) == ["a"]
    assert await ids(world, Clocks(as_of=given), topic=("trade",)) == ["a"]


async def test_sources_are_found_wherever_they_are_cited(world: Recorder) -> None:
    await world.record(made("a", source="wire"), made("b", source="paper"), happened("b", source="wire"), made("c"))

    assert await ids(world, source=("wire",)) == ["a", "b"]
    assert await ids(world, Clocks(said_by=FEBRUARY), source=("wire",)) == ["a"]


async def test_actors_that_are_the_same_by_now_are_found_by_either_id(world: Recorder) -> None:
    await world.record(actor("pm", en="Premier"), actor("prime", en="Prime Minister"), actor("other", en="Other"))
    await world.record(made("a", actors=(ActorRef(id="pm"),)), made("b", actors=(ActorRef(id="prime"),)))
    position = await world.record(made("c", actors=(ActorRef(id="other"),)))
    await world.record(f.ActorMerged(actor="pm", into="prime"))

    assert await ids(world, actor=("prime",)) == ["a", "b"]
    assert await ids(world, actor=("pm",)) == ["a", "b"]
    assert await ids(world, Clocks(as_of=position), actor=("prime",)) == ["b"]
    assert await ids(world, Clocks(as_of=position), actor=("pm",)) == ["a"]


async def test_days_are_inclusive_and_find_what_can_mean_one_of_them(world: Recorder) -> None:
    await world.record(
        made("day", "2024-04-10"),
        made("month", "2024-04"),
        made("from", "2024-05-01/.."),
        made("by", "../2024-03-31"),
        made("undated"),
    )

    assert await ids(world, from_="2024-04-10", to="2024-04-10") == ["month", "day"]
    assert await ids(world, from_="2024-04-11", to="2024-04-30") == ["month"]
    assert await ids(world, from_="2024-05-02") == ["from"]
    assert await ids(world, to="2024-03-31") == ["by"]
    assert await ids(world, from_="-4000-01-01", to="9999-12-31") == ["by", "month", "day", "from"]


async def test_a_filter_by_something_that_is_no_day_is_refused(world: Recorder) -> None:
    with pytest.raises(DayError):
        await world.read.announcements(Filter(from_="2024-02-30"))


async def test_a_search_needs_every_word_in_title_places_or_topics_without_case_and_diacritics(
    world: Recorder,
) -> None:
    await world.record(
        made("a", title="Dîner à l’Élysée", places=("Paris",)), made("b", title="Dinner", topics=("Économie",))
    )

    assert await ids(world, q="elysee DINER") == ["a"]
    assert await ids(world, q="élysée paris") == ["a"]
    assert await ids(world, q="dinner economie") == ["b"]
    assert await ids(world, q="dinner paris") == []
    assert await ids(world, q=" ") == ["a", "b"]


async def test_what_changed_after_a_position_is_found_by_its_last_entry(world: Recorder) -> None:
    await world.record(made("a"))
    position = await world.record(made("b"))
    await world.record(rescheduled("a", "2024-07-10"))

    assert await ids(world, changed_after=position) == ["a"]
    assert await ids(world, changed_after=0) == ["a", "b"]
    assert await ids(world, changed_after=2**80) == []


async def test_pages_hold_every_announcement_once_and_end(world: Recorder) -> None:
    await world.record(*(made(f"a-{number}", f"2024-06-{1 + number // 3:02}") for number in range(10)), made("undated"))

    seen, cursor, pages = [], None, 0
    while True:
        page = await world.read.announcements(limit=4, cursor=cursor)
        seen += [one.id for one in page.items]
        pages += 1
        assert page.total == 11
        if page.next is None:
            break
        cursor = page.next

    assert seen == [f"a-{number}" for number in range(10)] + ["undated"]
    assert pages == 3


async def test_a_page_that_is_just_full_has_no_next(world: Recorder) -> None:
    await world.record(made("a"), made("b"))

    assert (await world.read.announcements(limit=2)).next is None
    assert (await world.read.announcements(limit=1)).next is not None


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "!!!",
        "é",
        "W10",
        cursor_of(EVERYTHING, (1, 2)),
        cursor_of(EVERYTHING, ("1", 2, "a")),
        cursor_of(EVERYTHING, (1, 2, "a", "b")),
        cursor_of(mark_of("timeline:spring", Clocks(), Filter()), (1, 2, "a")),
        cursor_of(EVERYTHING, (1, 2, "a")) + "=",
        cursor_of(EVERYTHING, (2**70, 2, "a")),
        "W" * 2000,
    ],
)
async def test_a_cursor_that_this_list_did_not_give_is_refused(world: Recorder, cursor: str) -> None:
    with pytest.raises(BadCursor):
        await world.read.announcements(cursor=cursor)


@pytest.mark.parametrize(
    ("wanted", "clocks"),
    [
        (Filter(), Clocks()),
        (Filter(kind=("law",)), Clocks()),
        (Filter(place=("trade", "tax")), Clocks()),
        (Filter(topic=("trade",)), Clocks()),
        (Filter(topic=("trade", "tax"), changed_after=1), Clocks()),
        (Filter(topic=("trade", "tax")), Clocks(as_of=3)),
        (Filter(topic=("trade", "tax")), Clocks(said_by=JUNE)),
        (Filter(topic=("trade", "tax")), Clocks(as_of=3, as_of_at=JUNE)),
    ],
)
async def test_a_cursor_is_refused_with_another_filter_or_other_clocks(
    world: Recorder, wanted: Filter, clocks: Clocks
) -> None:
    await world.record(timeline("spring", topic=("trade",)))
    await world.record(*(made(f"a-{number}", topics=("trade",)) for number in range(3)))
    asked = Filter(topic=("trade", "tax"))
    listed = await world.read.announcements(asked, limit=1)
    on_it = await world.read.timeline("spring", limit=1, wanted=asked)
    assert on_it is not None

    with pytest.raises(BadCursor):
        await world.read.announcements(wanted, clocks, cursor=listed.next)
    with pytest.raises(BadCursor):
        await world.read.timeline("spring", clocks, wanted=wanted, cursor=on_it.next)


async def test_a_cursor_goes_on_whatever_is_recorded_and_whatever_the_limit(world: Recorder) -> None:
    at_the_end = "2999-01-01T00:00:00.000000Z"
    position = await world.record(made("a", topics=("tax",)), made("c", topics=("tax",)), made("e", topics=("trade",)))
    asked = Filter(topic=("trade", "tax"))
    then = Clocks(as_of=position, as_of_at=at_the_end)  # A time that is yet to come means ever more positions.
    first = await world.read.announcements(asked, then, limit=1)

    position = await world.record(made("b", topics=("tax",)), made("d", topics=("tax",)))
    rest = await world.read.announcements(
        Filter(topic=("tax", "trade")), Clocks(as_of=position, as_of_at=at_the_end), limit=9, cursor=first.next
    )

    assert [one.id for one in (*first.items, *rest.items)] == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize("limit", [0, -1, 1001])
async def test_a_limit_out_of_bounds_is_refused(world: Recorder, limit: int) -> None:
    with pytest.raises(LimitInvalid):
        await world.read.announcements(limit=limit)


async def test_a_list_is_what_it_was_at_every_place(world: Recorder) -> None:
    position = await world.record(made("a", "2024-04-10", said_at=JANUARY), made("b", "2024-05-10", said_at=MARCH))
    await world.record(rescheduled("a", "2024-06-10", said_at=FEBRUARY))

    assert await ids(world) == ["b", "a"]
    assert await ids(world, Clocks(as_of=position)) == ["a", "b"]
    assert await ids(world, Clocks(said_by=JANUARY)) == ["a"]
    assert await ids(world, Clocks(said_by=FEBRUARY)) == ["a"]
    assert await ids(world, Clocks(as_of=position, said_by=MARCH)) == ["a", "b"]
    assert await ids(world, Clocks(as_of=0)) == []
    assert await ids(world, Clocks(as_of=2**80)) == ["b", "a"]


async def test_a_timeline_shows_what_its_query_finds_and_what_is_pinned_but_not_what_is_hidden(
    world: Recorder,
) -> None:
    await world.record(timeline("spring", topic=("trade",)))
    await world.record(made("a", topics=("trade",)), made("b", topics=("trade",)), made("c"), made("d"))
    before = await world.record(f.ItemPinned(timeline="spring", announcement="c"))
    await world.record(f.ItemHidden(timeline="spring", announcement="b"))
    await world.record(f.ItemPinned(timeline="spring", announcement="d"))
    await world.record(f.ItemReleased(timeline="spring", announcement="d"))

    assert await on(world, "spring") == ["a", "c"]
    assert await on(world, "spring", Clocks(as_of=before)) == ["a", "b", "c"]
    assert await on(world, "spring", id=("c", "d")) == ["c"]
    assert await on(world, "spring", topic=("trade",)) == ["a"]


async def test_pins_show_on_a_timeline_that_goes_by_kind_or_day(world: Recorder) -> None:
    await world.record(timeline("visits", kind=("visit",), from_="2024-04-01"))
    await world.record(made("a", "2024-04-10", kind="visit"), made("b", "2024-03-10", kind="visit"), made("c"))
    await world.record(f.ItemPinned(timeline="visits", announcement="c"))

    assert await on(world, "visits") == ["a", "c"]


async def test_what_is_pinned_and_then_retracted_is_left_out(world: Recorder) -> None:
    await world.record(timeline("spring", topic=("trade",)), made("a"))
    await world.record(f.ItemPinned(timeline="spring", announcement="a"))
    await world.record(f.Retracted(announcement="a", reason="None."))

    assert await on(world, "spring") == []


async def test_a_timeline_that_asks_for_a_state_shows_it(world: Recorder) -> None:
    await world.record(timeline("gone", state=("retracted",)), made("a"), made("b"))
    await world.record(f.Retracted(announcement="a", reason="None."))

    assert await on(world, "gone") == ["a"]


async def test_taking_a_pin_back_takes_the_item_off(world: Recorder) -> None:
    await world.record(timeline("spring", topic=("trade",)), made("a"))
    pinned = await world.record(f.ItemPinned(timeline="spring", announcement="a"))
    await world.withdraw(pinned)

    assert await on(world, "spring") == []
    assert await on(world, "spring", Clocks(as_of=pinned)) == ["a"]


async def test_a_timeline_is_defined_as_it_was_then(world: Recorder) -> None:
    position = await world.record(timeline("spring", topic=("trade",)), made("a", topics=("trade",)), made("b"))
    changed = TimelineFields(title="Summer", query=TimelineQuery(id=("b",)))
    await world.record(f.TimelineChanged(timeline="spring", set=changed))

    now = await world.read.timeline("spring")
    then = await world.read.timeline("spring", Clocks(as_of=position, said_by=JUNE))

    assert now is not None
    assert then is not None
    assert (now.title, [one.id for one in now.items]) == ("Summer", ["b"])
    assert (then.title, [one.id for one in then.items]) == ("Spring", ["a"])
    assert (then.as_of, then.said_by, then.position) == (position, JUNE, position + 1)
    assert await world.read.timeline("spring", Clocks(as_of=0)) is None


async def test_a_timeline_pages_by_its_own_cursors(world: Recorder) -> None:
    await world.record(timeline("spring", topic=("trade",)), timeline("summer", topic=("trade",)))
    await world.record(*(made(f"a-{number}", topics=("trade",)) for number in range(3)))

    page = await world.read.timeline("spring", limit=2)
    assert page is not None
    rest = await world.read.timeline("spring", limit=2, cursor=page.next)

    assert rest is not None
    assert [one.id for one in (*page.items, *rest.items)] == ["a-0", "a-1", "a-2"]
    assert rest.next is None
    with pytest.raises(BadCursor):
        await world.read.timeline("summer", cursor=page.next)


async def test_archived_timelines_are_kept_and_not_listed(world: Recorder) -> None:
    await world.record(timeline("spring", topic=("a",)), timeline("summer", topic=("b",)), timeline("x", topic=("c",)))
    position = await world.record(made("a", topics=("a",)))
    await world.record(f.TimelineArchived(timeline="spring"))

    assert [one.slug for one in (await world.read.timelines()).items] == ["summer", "x"]
    assert [one.slug for one in (await world.read.timelines(Clocks(as_of=position))).items] == ["spring", "summer", "x"]
    assert await on(world, "spring") == ["a"]
    first = await world.read.timelines(limit=1)
    assert (first.total, [one.slug for one in first.items]) == (2, ["summer"])
    assert [one.slug for one in (await world.read.timelines(cursor=first.next)).items] == ["x"]


async def test_an_amendment_of_the_title_is_what_a_search_finds(world: Recorder) -> None:
    given = await world.record(made("a", title="The vist"))
    await world.record(
        f.Amended(
            announcement="a", corrects=given, set=AnnouncementFields(title="The visit"), origin="editor", reason="Typo."
        )
    )

    assert await ids(world, q="visit") == ["a"]
    assert await ids(world, q="vist") == []
