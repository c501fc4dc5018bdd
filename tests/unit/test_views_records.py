"""Sources and actors, read from the views at a place of the two clocks."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import UNSET

from events import facts as f
from events.terms import SourceFields
from events.views.clocks import Clocks
from events.views.cursor import BadCursor
from tests.given import APRIL, FEBRUARY, JANUARY, MARCH, actor, happened, made, source
from tests.recording import Recorder, recorder


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Recorder]:
    async with recorder(tmp_path, now=lambda: APRIL) as recording:
        yield recording


async def test_a_source_is_described_as_it_was_corrected(world: Recorder) -> None:
    position = await world.record(source("wire", title="Buletin", sha256="0" * 64), recorded_at=FEBRUARY)
    await world.record(f.SourceCorrected(source="wire", set=SourceFields(title="Bulletin", author="A"), reason="Typo."))

    now, then = await world.read.source("wire"), await world.read.source("wire", Clocks(as_of=position))

    assert now is not None
    assert then is not None
    assert (now.title, now.author, now.position) == ("Bulletin", "A", position + 1)
    assert (then.title, then.author, then.position) == ("Buletin", UNSET, position)
    assert (now.has_text, now.recorded_at, now.state) == (True, FEBRUARY, "recorded")
    assert await world.read.source("nobody") is None
    assert await world.read.source("wire", Clocks(as_of=position - 1)) is None


async def test_a_source_is_withdrawn_from_when_its_publisher_said_so(world: Recorder) -> None:
    await world.record(source("wire"))
    gone = await world.record(f.SourceWithdrawn(source="wire", reason="An error.", said_at=MARCH))

    async def state(clocks: Clocks) -> str:
        found = await world.read.source("wire", clocks)
        assert found is not None
        return found.state

    assert await state(Clocks()) == "withdrawn"
    assert await state(Clocks(said_by=FEBRUARY)) == "recorded"
    assert await state(Clocks(said_by=MARCH)) == "withdrawn"
    assert await state(Clocks(as_of=gone - 1)) == "recorded"
    await world.withdraw(gone)
    assert await state(Clocks()) == "recorded"


async def test_a_source_counts_the_announcements_that_a_list_by_it_shows(world: Recorder) -> None:
    await world.record(source("wire"), made("a", source="wire"), made("b"), made("c", source="wire"))
    position = await world.record(happened("b", source="wire"))
    await world.record(f.Retracted(announcement="c", reason="None."))

    async def count(clocks: Clocks) -> int:
        found = await world.read.source("wire", clocks)
        assert found is not None
        return found.announcements

    assert await count(Clocks()) == 2
    assert await count(Clocks(as_of=position)) == 3
    assert await count(Clocks(said_by=JANUARY)) == 1


async def test_a_source_whose_record_is_taken_back_is_not_there(world: Recorder) -> None:
    position = await world.record(source("wire"))
    await world.withdraw(position)

    assert await world.read.source("wire") is None
    assert (await world.read.sources()).total == 0


async def test_turning_a_candidate_down_is_no_change_of_the_source(world: Recorder) -> None:
    position = await world.record(source("wire"))
    await world.record(f.CandidateRejected(source="wire", start=0, end=7, quote_hash="0" * 64, reading="2025"))

    found = await world.read.source("wire")

    assert found is not None
    assert found.position == position


async def test_sources_stand_by_publication_the_last_first_page_by_page(world: Recorder) -> None:
    await world.record(source("b"), source("a"), source("new", published_at=MARCH), source("old", published_at=JANUARY))

    first = await world.read.sources(limit=2)
    rest = await world.read.sources(limit=2, cursor=first.next)

    assert [one.id for one in (*first.items, *rest.items)] == ["new", "a", "b", "old"]
    assert (first.total, rest.total, rest.next) == (4, 4, None)
    with pytest.raises(BadCursor):
        await world.read.actors(cursor=first.next)
    for clocks in (Clocks(as_of=4), Clocks(said_by=MARCH)):
        with pytest.raises(BadCursor):
            await world.read.sources(clocks, cursor=first.next)


async def test_an_actor_keeps_names_in_languages_that_a_renaming_leaves_out(world: Recorder) -> None:
    position = await world.record(actor("jp", en="Japan", ja="日本"))
    await world.record(f.ActorRenamed(actor="jp", names={"en": "State of Japan"}, aliases=("Nippon",)))

    now, then = await world.read.actor("jp"), await world.read.actor("jp", Clocks(as_of=position))

    assert now is not None
    assert then is not None
    assert (now.names, now.aliases, now.position) == ({"en": "State of Japan", "ja": "日本"}, ("Nippon",), position + 1)
    assert (then.names, then.aliases, then.position) == ({"en": "Japan", "ja": "日本"}, (), position)


async def test_a_merged_actor_points_on_until_the_merge_is_taken_back(world: Recorder) -> None:
    await world.record(actor("pm", en="Premier"), actor("prime", en="Prime Minister"))
    merged = await world.record(f.ActorMerged(actor="pm", into="prime"))

    found = await world.read.actor("pm")
    assert found is not None
    assert found.merged_into == "prime"

    await world.withdraw(merged)
    found, survivor = await world.read.actor("pm"), await world.read.actor("prime")
    assert found is not None
    assert survivor is not None
    assert found.merged_into is UNSET
    assert found.position == merged + 1
    assert survivor.position == 2


async def test_actors_stand_by_id_page_by_page(world: Recorder) -> None:
    await world.record(*(actor(id, en=id) for id in ("c", "a", "b")))

    first = await world.read.actors(limit=2)
    rest = await world.read.actors(limit=2, cursor=first.next)

    assert [one.id for one in (*first.items, *rest.items)] == ["a", "b", "c"]
    assert (first.total, rest.next) == (3, None)
    with pytest.raises(BadCursor):
        await world.read.actors(Clocks(as_of=3), cursor=first.next)
