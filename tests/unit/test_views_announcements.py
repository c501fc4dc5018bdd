"""One announcement, read from the views: at a place of the two clocks, judged by a reference instant."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from events import facts as f
from events.instants import FOREVER
from events.terms import ActorRef
from events.views.clocks import Clocks
from tests.given import FEBRUARY, JANUARY, MARCH, MAY, actor, amended, cited, happened, made, rescheduled
from tests.recording import Recorder, recorder

JUNE = "2024-06-01T00:00:00.000000Z"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Recorder]:
    """A world in June 2024."""
    async with recorder(tmp_path, now=lambda: JUNE) as recording:
        yield recording


async def state(world: Recorder, id: str, clocks: Clocks | None = None) -> str | None:
    found = await world.read.announcement(id, clocks or Clocks())
    return None if found is None else found.state


async def test_an_announcement_nobody_made_is_not_there(world: Recorder) -> None:
    assert await world.read.announcement("visit") is None


async def test_it_is_not_there_before_it_was_recorded_or_said(world: Recorder) -> None:
    await world.record(made("other"))
    position = await world.record(made("visit", "2024-04-10", said_at=FEBRUARY))

    assert await world.read.announcement("visit", Clocks(as_of=position - 1)) is None
    assert await world.read.announcement("visit", Clocks(said_by=JANUARY)) is None
    assert await world.read.announcement("visit", Clocks(as_of=position, said_by=FEBRUARY)) is not None


async def test_a_position_inside_a_commit_is_rounded_down_to_the_one_before(world: Recorder) -> None:
    first = await world.record(made("visit", "2024-04-10"))
    last = await world.record(rescheduled("visit", "2024-05-10"), happened("visit"))

    inside = await world.read.announcement("visit", Clocks(as_of=last - 1))

    assert inside == await world.read.announcement("visit", Clocks(as_of=first))
    assert inside is not None
    assert inside.when.edtf == "2024-04-10"


async def test_a_place_beyond_the_last_entry_is_the_present(world: Recorder) -> None:
    position = await world.record(made("visit", "2024-07-10"))

    assert await world.read.announcement("visit", Clocks(as_of=position + 100)) == await world.read.announcement(
        "visit"
    )


async def test_the_last_moment_there_is_reads_like_any_other(world: Recorder) -> None:
    await world.record(made("visit"))

    assert await world.read.announcement("visit", Clocks(said_by=FOREVER)) is not None


@pytest.mark.parametrize("clock", ["now", "said_by", "as_of"])
async def test_what_is_due_is_judged_by_the_earliest_of_today_and_the_two_clocks(tmp_path: Path, clock: str) -> None:
    async with recorder(tmp_path, now=lambda: JUNE if clock != "now" else MARCH) as world:
        position = await world.record(made("visit", "2024-04-10"), recorded_at=FEBRUARY)
        clocks = {"now": Clocks(), "said_by": Clocks(said_by=MARCH), "as_of": Clocks(as_of=position)}

        assert await state(world, "visit", clocks[clock]) == "announced"
        if clock != "now":
            assert await state(world, "visit") == "due"


async def test_a_time_that_was_asked_for_judges_what_is_due_and_not_when_the_entry_was_recorded(
    world: Recorder,
) -> None:
    position = await world.record(made("visit", "2024-04-10"), recorded_at=FEBRUARY)

    assert await state(world, "visit", Clocks(as_of=position, as_of_at=MAY)) == "due"


async def test_a_commitment_with_a_deadline_is_overdue_after_the_days_of_grace(world: Recorder) -> None:
    await world.record(made("law", "../2024-05-10", modality="committed"))
    await world.record(made("plan", "../2024-05-25", modality="committed"))

    assert await state(world, "law") == "overdue"
    assert await state(world, "plan") == "due"


async def test_an_outcome_settles_what_was_due_from_when_it_was_said(world: Recorder) -> None:
    await world.record(made("visit", "2024-04-10"))
    await world.record(happened("visit", said_at=MAY))

    assert await state(world, "visit") == "happened"
    assert await state(world, "visit", Clocks(said_by="2024-04-30T00:00:00.000000Z")) == "due"


async def test_actors_have_the_name_they_were_recorded_under_by_then(world: Recorder) -> None:
    await world.record(actor("jp", ja="日本", en="Japan"), actor("fr", fr="France", de="Frankreich"))
    parts = (ActorRef(id="jp"), ActorRef(id="fr", role="with"), ActorRef(name="others"), ActorRef(id="nobody"))
    position = await world.record(made("visit", actors=parts))
    await world.record(f.ActorRenamed(actor="jp", names={"en": "State of Japan"}))

    now = await world.read.announcement("visit")
    then = await world.read.announcement("visit", Clocks(as_of=position))

    assert now is not None
    assert then is not None
    assert [one.name for one in now.actors] == ["State of Japan", "Frankreich", "others", None]
    assert [one.name for one in then.actors] == ["Japan", "Frankreich", "others", None]
    assert [one.role for one in now.actors] == ["by", "with", "by", "by"]


async def test_a_merged_actor_has_the_name_of_whom_it_points_on_to(world: Recorder) -> None:
    await world.record(actor("pm", en="Premier"), actor("prime", en="Prime Minister"), actor("office", en="The office"))
    await world.record(made("visit", actors=(ActorRef(id="pm"),)))
    await world.record(f.ActorMerged(actor="pm", into="prime"), f.ActorMerged(actor="prime", into="office"))

    found = await world.read.announcement("visit")

    assert found is not None
    assert [(one.id, one.name) for one in found.actors] == [("pm", "The office")]


async def test_merged_actors_in_a_circle_still_have_a_name(world: Recorder) -> None:
    await world.record(actor("one", en="One"), actor("two", en="Two"), made("visit", actors=(ActorRef(id="one"),)))
    await world.record(f.ActorMerged(actor="one", into="two"), f.ActorMerged(actor="two", into="one"))

    found = await world.read.announcement("visit")

    assert found is not None
    assert found.actors[0].name in ("One", "Two")


async def test_of_very_many_dates_the_first_and_the_last_fifty_are_shown(world: Recorder) -> None:
    await world.record(made("visit", "2024-01-01"))
    for number in range(60):
        said_at = f"2024-02-01T00:{number:02}:00.000000Z"
        await world.record(rescheduled("visit", f"2024-03-{1 + number % 28:02}", said_at=said_at))

    found = await world.read.announcement("visit")

    assert found is not None
    assert len(found.dates) == 51
    assert found.dates[0].how == "first"
    assert found.dates[-1].position == 61
    assert found.slip_days == 63


async def test_a_history_has_every_entry_and_what_became_of_it(world: Recorder) -> None:
    given = await world.record(made("visit", "2024-04-10"))
    moved = await world.record(rescheduled("visit", "2024-05-10"))
    corrected = await world.record(amended("visit", given, title="The state visit"))
    undone = await world.record(amended("visit", given, title="A visit"))
    back = await world.withdraw(undone)
    await world.record(made("unrelated"))
    gone = await world.record(f.SourceWithdrawn(source="bulletin", reason="An error."))
    stands = await world.withdraw(gone)

    history = await world.read.history("visit")

    assert [entry.position for entry in history] == [given, moved, corrected, undone, back, gone, stands]
    assert history[0].corrected_by == (corrected,)
    assert history[3].withdrawn_by == back
    assert history[5].withdrawn_by == stands
    assert [entry.withdrawn_by for entry in history if entry.withdrawn_by is None] == [None] * 5
    assert history[1].said_at == FEBRUARY
    assert history[1].data is not None
    assert history[1].data["when"] == {"edtf": "2024-05-10", "kind": "on"}
    assert "type" not in history[1].data


async def test_the_history_of_a_merge_shows_at_both_ends_and_nowhere_else(world: Recorder) -> None:
    await world.record(made("a"), made("b"), made("c"))
    await world.record(f.Merged(announcement="b", into="c"))
    merged = await world.record(f.Merged(announcement="a", into="b"))
    undone = await world.withdraw(4)

    assert [entry.position for entry in await world.read.history("a")] == [1, merged]
    assert [entry.position for entry in await world.read.history("b")] == [2, 4, merged, undone]
    assert [entry.position for entry in await world.read.history("c")] == [3, 4, undone]


async def test_what_nobody_announced_has_no_history(world: Recorder) -> None:
    assert await world.read.history("visit") == ()


async def test_that_a_date_came_up_changes_nothing(world: Recorder) -> None:
    await world.record(made("visit"))
    before = await world.read.announcement("visit")
    await world.record(f.CameUp(announcement="visit", date=1))

    assert await world.read.announcement("visit") == before


async def test_a_later_word_of_an_earlier_source_takes_its_place_in_what_had_been_said(world: Recorder) -> None:
    await world.record(made("visit", "2024-04-10", said_at=JANUARY))
    await world.record(rescheduled("visit", "2024-06-10", said_at=MARCH))
    late = await world.record(rescheduled("visit", "2024-05-10", said_at=FEBRUARY))

    in_february = await world.read.announcement("visit", Clocks(said_by=FEBRUARY))
    before = await world.read.announcement("visit", Clocks(as_of=late - 1, said_by=FEBRUARY))

    assert in_february is not None
    assert in_february.when.edtf == "2024-05-10"
    assert before is not None
    assert before.when.edtf == "2024-04-10"
    assert (await world.read.announcements()).items[0].when.edtf == "2024-06-10"


async def test_a_source_that_is_taken_back_changes_all_announcements_that_cite_it(world: Recorder) -> None:
    await world.record(made("visit", source="wire"), made("summit", source="wire"), made("speech", source="other"))
    gone = await world.record(f.SourceWithdrawn(source="wire", reason="An error."))

    assert [await state(world, id) for id in ("visit", "summit", "speech")] == ["withdrawn", "withdrawn", "announced"]
    await world.withdraw(gone)
    assert [await state(world, id) for id in ("visit", "summit", "speech")] == ["announced"] * 3


async def test_what_cites_a_source_that_is_withdrawn_already_never_stood(world: Recorder) -> None:
    await world.record(f.SourceWithdrawn(source="wire", reason="An error."))
    await world.record(made("visit", source="wire"))

    assert await state(world, "visit") == "withdrawn"


async def test_a_second_source_keeps_an_announcement_when_the_first_is_taken_back(world: Recorder) -> None:
    await world.record(made("visit", source="wire"))
    await world.record(f.Corroborated(announcement="visit", supports=1, citations=cited(FEBRUARY, "paper")))
    await world.record(f.SourceWithdrawn(source="wire", reason="An error."))

    found = await world.read.announcement("visit")

    assert found is not None
    assert found.state == "announced"
    assert [citation.withdrawn for citation in found.citations] == [True, False]
