"""What is found for a candidate to be held against, and what was turned down of a source."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from events import facts as f
from events import record, terms
from events.edtf import kind_of, parse
from events.extract.reading import Candidate
from events.terms import ActorRef
from events.views.resembling import BY_WORDS_MAX, FOUND_MAX
from tests.given import JANUARY, actor, made, source
from tests.recording import Recorder, recorder

NOW = "2024-06-01T00:00:00.000000Z"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Recorder]:
    async with recorder(tmp_path, now=lambda: NOW) as recording:
        await recording.record(source("bulletin"), actor("jp", en="Japan"))
        yield recording


def candidate(title: str, edtf: str | None = None, *actors: str) -> Candidate:
    when = record.UNDATED
    if edtf is not None:
        kind = kind_of(parse(edtf))
        assert kind != "undated"
        when = record.when_of(terms.When(edtf=edtf, kind=kind))
    return Candidate(
        id="c", quote=title, start=0, end=len(title), expression=None, when=when, modality="scheduled", title=title,
        kind="other", actors=tuple(ActorRef(id=id) for id in actors), places=(), topics=(), amount=None, speaker=None,
        inherited=False, confidence=0.5, rule="test", reasons=(), moved_from=UNSET,
    )  # fmt: skip


async def ids(world: Recorder, *candidates: Candidate, source: str | None = None) -> list[list[str]]:
    found = await world.read.resembling(candidates, source)
    return [[one.id for one in several] for several in found.found]


async def test_words_of_the_title_are_looked_for_whatever_their_endings(world: Recorder) -> None:
    await world.record(
        made("a", title="The treaty on high seas"), made("b", title="Other treaties"), made("c", title="The visit")
    )

    assert await ids(world, candidate("Treaties of the high sea"), candidate("They visited"), candidate("By 2025")) == [
        ["a"], ["c"], [],
    ]  # fmt: skip


async def test_two_words_of_a_quote_are_enough(world: Recorder) -> None:
    quoted = (terms.Citation(source="bulletin", quote="a new airfield will be built in Rota", said_at=JANUARY),)
    await world.record(f.Made(announcement="a", title="Something", citations=quoted))

    assert await ids(world, candidate("Airfield in Rota"), candidate("Airfield in Guam")) == [["a"], []]


async def test_an_actor_is_looked_for_around_the_day(world: Recorder) -> None:
    parts = (ActorRef(id="jp"),)
    await world.record(
        made("near", "2024-04-10", title="X", actors=parts),
        made("after", "2024-05-30", title="Y", actors=parts),
        made("before", "2024-02-20", title="Y", actors=parts),
        made("far", "2024-09-10", title="Z", actors=parts),
        made("by", "../2024-04-12", title="D", actors=parts),
        made("other", "2024-04-10", title="O"),
    )

    (found,) = await ids(world, candidate("Nothing of that", "2024-04-10", "jp"))

    assert sorted(found) == ["after", "before", "by", "near"]


async def test_what_cites_the_source_is_always_there(world: Recorder) -> None:
    await world.record(source("wire"), made("a", title="X", source="wire"), made("b", title="Y"))

    assert await ids(world, candidate("Nothing of that"), source="wire") == [["a"]]


async def test_what_was_merged_comes_with_what_it_points_on_to(world: Recorder) -> None:
    await world.record(made("old", title="Airfield in Rota"), made("new", title="Something else"))
    await world.record(f.Merged(announcement="old", into="new"))

    assert await ids(world, candidate("Airfield in Rota")) == [["old", "new"]]


async def test_what_was_retracted_is_not_found(world: Recorder) -> None:
    await world.record(made("a", title="Airfield in Rota"), f.Retracted(announcement="a", reason="Misread."))

    assert await ids(world, candidate("Airfield in Rota")) == [[]]


async def test_no_more_are_compared_than_there_are_to_be(world: Recorder) -> None:
    parts = (ActorRef(id="jp"),)
    many = [made(f"a-{n}", "2024-04-10", title="Airfield in Rota", actors=parts) for n in range(FOUND_MAX + 50)]
    await world.record(*many[:150])
    await world.record(*many[150:])

    (by_words, both) = await ids(world, candidate("Airfield in Rota"), candidate("Airfield in Rota", "2024-04", "jp"))

    assert (len(by_words), len(both), len(set(both))) == (BY_WORDS_MAX, FOUND_MAX, FOUND_MAX)
    assert set(by_words) <= {one.announcement for one in many[150:]}


async def test_chains_of_copies_and_of_merged_actors_are_followed_to_their_end(world: Recorder) -> None:
    await world.record(
        source("copy", copy_of="bulletin"), source("again", copy_of="copy"),
        actor("nippon", en="Nippon"), f.ActorMerged(actor="nippon", into="jp"),
        made("a", title="Airfield in Rota", source="again", actors=(ActorRef(id="nippon"),)),
    )  # fmt: skip

    found = await world.read.resembling([candidate("Airfield in Rota")], "copy")

    assert found.originals == {"again": "bulletin", "copy": "bulletin"}
    assert found.actors["nippon"] == "jp"


async def test_what_actors_are_part_of_is_followed_to_its_end(world: Recorder) -> None:
    await world.record(
        msgspec.structs.replace(actor("ministry", en="M"), part_of="jp"),
        msgspec.structs.replace(actor("office", en="O"), part_of="ministry"),
        made("a", title="Airfield in Rota", actors=(ActorRef(id="office"),)),
    )

    found = await world.read.resembling([candidate("Airfield in Rota", None, "ministry")], None)

    assert found.wholes == {"ministry": "jp", "office": "jp"}


async def test_copies_in_a_circle_end_somewhere(world: Recorder) -> None:
    await world.record(source("one", copy_of="two"), source("two", copy_of="one"), made("a", title="A b", source="one"))

    found: Any = await world.read.resembling([candidate("A b")], "one")

    assert found.originals == {"one": "two"}


async def test_what_was_turned_down_is_told_until_that_is_withdrawn(world: Recorder) -> None:
    one = f.CandidateRejected(source="bulletin", start=0, end=7, quote_hash="0" * 64, reading="2025")
    other = f.CandidateRejected(source="wire", start=0, end=7, quote_hash="0" * 64, reading="2025")
    undated = f.CandidateRejected(source="bulletin", start=9, end=12, quote_hash="0" * 64, reading="")
    position = await world.record(one)
    await world.record(source("wire"), other, undated)

    assert await world.read.rejections("bulletin") == (one, undated)
    await world.record(f.FactWithdrawn(position=position, reason="It is one."))
    assert await world.read.rejections("bulletin") == (undated,)
    assert await world.read.rejections("nothing") == ()
