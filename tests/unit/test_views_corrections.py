"""Corrections: which entries are listed, what they say changed, and what undid them."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from events import facts as f
from events.terms import AnnouncementFields, SourceFields, TimelineFields
from events.views.clocks import Clocks
from events.views.correcting import Correction
from events.views.corrections import CorrectionFilter
from events.views.cursor import BadCursor
from tests.given import (
    APRIL,
    FEBRUARY,
    JANUARY,
    MARCH,
    actor,
    amended,
    cited,
    made,
    rescheduled,
    source,
    timeline,
    when,
)
from tests.recording import Recorder, recorder

NOW = "2024-06-01T00:00:00.000000Z"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Recorder]:
    async with recorder(tmp_path, now=lambda: NOW) as recording:
        yield recording


async def listed(world: Recorder, clocks: Clocks | None = None, **wanted: Any) -> list[Correction]:
    return list((await world.read.corrections(CorrectionFilter(**wanted), clocks or Clocks())).items)


async def positions(world: Recorder, clocks: Clocks | None = None, **wanted: Any) -> list[int]:
    return [one.position for one in await listed(world, clocks, **wanted)]


def changed(one: Correction) -> dict[str, tuple[Any, Any]]:
    """Return what changed by field, dates by their expression."""

    def plain(value: Any) -> Any:
        return value["edtf"] if isinstance(value, dict) and "edtf" in value else value

    return {change.field: (plain(change.before), plain(change.after)) for change in one.changes}


async def test_our_correction_says_what_was_wrong_what_it_is_now_and_why(world: Recorder) -> None:
    await world.record(made("a", "2024-04-10", title="The visit"))
    await world.record(amended("a", 1, title="The state visit", when=when("2024-04-11"), topics=("trade",)))

    (one,) = await listed(world)

    assert changed(one) == {
        "title": ("The visit", "The state visit"),
        "when": ("2024-04-10", "2024-04-11"),
        "topics": (None, ["trade"]),
    }
    assert (one.position, one.type, one.corrects) == (2, "announcement.amended", 1)
    assert (one.origin, one.reason, one.said_at, one.withdrawn_by) == ("editor", "It was misread.", None, None)
    assert msgspec.to_builtins(one.subject) == {"kind": "announcement", "id": "a", "title": "The state visit"}


async def test_a_correction_of_a_correction_begins_where_that_one_ended(world: Recorder) -> None:
    await world.record(made("a", "2024-04-10"))
    await world.record(amended("a", 1, when=when("2024-04-11")))
    await world.record(rescheduled("a", "2024-05-01"))
    await world.record(amended("a", 2, when=when("2024-04-12")))

    latest, first = await listed(world)

    assert changed(latest) == {"when": ("2024-04-11", "2024-04-12")}
    assert changed(first) == {"when": ("2024-04-10", "2024-04-11")}


async def test_undoing_a_correction_is_one_and_is_told_with_the_first(world: Recorder) -> None:
    await world.record(made("a", title="The visit"))
    await world.record(amended("a", 1, title="The state visit"))
    await world.withdraw(2)
    await world.withdraw(3)

    again, undone, first = await listed(world)

    assert changed(undone) == {"title": ("The state visit", "The visit")}
    assert changed(again) == {"title": ("The visit", "The state visit")}
    assert (again.corrects, undone.corrects) == (3, 2)
    assert (first.withdrawn_by, undone.withdrawn_by, again.withdrawn_by) == (None, 4, None)
    assert [one.withdrawn_by for one in await listed(world, Clocks(as_of=3))] == [None, 3]
    assert await positions(world, Clocks(as_of=2)) == [2]


async def test_what_a_source_corrected_and_took_back_is_not_what_was_said_before_a_correction(world: Recorder) -> None:
    by_source = {"origin": "source", "citations": cited(FEBRUARY, "slip"), "reason": "It was misprinted."}
    await world.record(made("a", title="The visit"))
    await world.record(amended("a", 1, title="The state visit"))
    await world.record(msgspec.structs.replace(amended("a", 1, title="The long visit"), **by_source))
    await world.record(source("slip"), f.SourceWithdrawn(source="slip", reason="An error."))
    await world.withdraw(2)

    undone, *_ = await listed(world)

    assert changed(undone) == {"title": ("The state visit", "The visit")}


async def test_retractions_merges_and_undone_statements_say_what_the_announcement_became(world: Recorder) -> None:
    await world.record(made("a", "2024-04-10"), made("b", "2024-04-10"), made("c", "2024-04-10"))
    await world.record(f.Retracted(announcement="a", reason="There was none."))
    await world.record(f.Merged(announcement="b", into="c"))
    await world.record(rescheduled("c", "2024-05-10"))
    await world.withdraw(6)

    undone, merged, retracted = await listed(world)

    assert changed(retracted) == {"state": ("announced", "retracted")}
    assert changed(merged) == {"state": ("announced", "merged"), "merged_into": (None, "c")}
    assert changed(undone) == {"when": ("2024-05-10", "2024-04-10")}
    assert await positions(world, announcement=("c",)) == [7, 5]


async def test_sources_that_were_described_wrongly_or_taken_back_are_listed(world: Recorder) -> None:
    await world.record(source("s"), made("a", "2024-04-10", source="s"))
    await world.record(f.SourceCorrected(source="s", set=SourceFields(title="The bulletin"), reason="A slip."))
    await world.record(f.SourceWithdrawn(source="s", reason="An error.", said_at=MARCH))
    await world.withdraw(4)

    undone, withdrawn, corrected = await listed(world)

    assert changed(corrected) == {"title": ("Bulletin", "The bulletin")}
    assert changed(withdrawn) == {"state": ("recorded", "withdrawn")}
    assert changed(undone) == {"state": ("withdrawn", "recorded")}
    assert (withdrawn.origin, withdrawn.said_at, undone.origin) == ("source", MARCH, "editor")
    assert withdrawn.withdrawn_by == 5
    assert {one.subject.title for one in (undone, withdrawn, corrected)} == {"The bulletin"}


async def test_merged_actors_and_undone_entries_of_actors_and_timelines_are_listed(world: Recorder) -> None:
    await world.record(actor("usa", en="The USA"), actor("us", en="US"), timeline("spring"))
    await world.record(
        f.ActorMerged(actor="us", into="usa"), f.ActorRenamed(actor="usa", names={"en": "United States"})
    )
    await world.record(f.TimelineChanged(timeline="spring", set=TimelineFields(title="Summer")))
    await world.withdraw(5)
    await world.withdraw(6)

    retitled, renamed, merged = await listed(world)

    assert changed(merged) == {"merged_into": (None, "usa")}
    assert changed(renamed) == {"names": ({"en": "United States"}, {"en": "The USA"})}
    assert changed(retitled) == {"title": ("Summer", "Spring")}
    assert [one.subject.kind for one in (retitled, renamed, merged)] == ["timeline", "actor", "actor"]
    assert merged.subject.title == "The USA"
    assert await positions(world, actor=("usa",)) == [7, 4]


async def test_renames_reschedules_and_what_has_no_effect_are_no_corrections(world: Recorder) -> None:
    await world.record(actor("usa", en="The USA"), made("a", "2024-04-10"), made("b", "2024-04-10"))
    await world.record(f.ActorRenamed(actor="usa", names={"en": "United States"}), rescheduled("a", "2024-05-10"))
    await world.record(amended("a", 3, title="Of another announcement"), amended("nothing", 1, title="Of nothing"))
    await world.record(f.FactWithdrawn(position=99, reason="Of nothing."))

    assert await positions(world) == []


async def test_what_had_been_said_bounds_what_sources_corrected_and_what_was_corrected_of_them(world: Recorder) -> None:
    await world.record(made("a", "2024-04-10", said_at=JANUARY), rescheduled("a", "2024-05-10", said_at=MARCH))
    own = f.Amended(
        announcement="a",
        corrects=1,
        set=AnnouncementFields(title="The visit"),
        origin="source",
        reason="Corrected.",
        citations=cited(FEBRUARY),
    )
    await world.record(own, amended("a", 1, topics=("trade",)), amended("a", 2, when=when("2024-05-11")))

    assert await positions(world) == [5, 4, 3]
    assert await positions(world, Clocks(said_by=FEBRUARY)) == [4, 3]
    assert await positions(world, Clocks(said_by=JANUARY)) == [4]
    assert await positions(world, Clocks(said_by="2023-12-01T00:00:00.000000Z")) == []
    assert [one.said_at for one in await listed(world, Clocks(said_by=APRIL))] == [None, None, FEBRUARY]


async def test_types_and_tags_choose_among_them_and_pages_go_through_all(world: Recorder) -> None:
    for number in range(5):
        await world.record(made(f"a-{number}", source=f"s-{number % 2}"))
        await world.record(amended(f"a-{number}", 2 * number + 1, title="Another"))
    await world.withdraw(2)

    assert await positions(world, type=("fact.withdrawn",)) == [11]
    assert await positions(world, source=("s-1",)) == [8, 4]
    assert await positions(world, source=("s-1",), announcement=("a-1", "a-2")) == [4]
    seen: list[int] = []
    cursor = None
    while cursor is not None or not seen:
        page = await world.read.corrections(limit=2, cursor=cursor)
        assert page.total == 6
        seen += [one.position for one in page.items]
        cursor = page.next
    assert seen == [11, 10, 8, 6, 4, 2]
    first = await world.read.corrections(limit=2)
    with pytest.raises(BadCursor):
        await world.read.corrections(CorrectionFilter(type=("fact.withdrawn",)), cursor=first.next)
