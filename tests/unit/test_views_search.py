"""Search: what is found at any place of the two clocks, in which order, page by page."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from events import facts as f
from events.terms import Citation
from events.views import search
from events.views.clocks import Clocks
from events.views.cursor import BadCursor
from events.views.filters import Filter
from events.views.searching import Found, sought
from tests.given import APRIL, FEBRUARY, JANUARY, MARCH, amended, made, rescheduled
from tests.recording import Recorder, recorder

NOW = "2024-06-01T00:00:00.000000Z"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Recorder]:
    async with recorder(tmp_path, now=lambda: NOW) as recording:
        yield recording


async def found(world: Recorder, q: str, clocks: Clocks | None = None, **more: Any) -> Found:
    limits = {name: more.pop(name) for name in ("limit", "cursor") if name in more}
    return await world.read.search(sought(q), Filter(**more), clocks or Clocks(), **limits)


async def ids(world: Recorder, q: str, clocks: Clocks | None = None, **more: Any) -> list[str]:
    return [hit.announcement.id for hit in (await found(world, q, clocks, **more)).items]


def quoting(quote: str, said_at: str = JANUARY) -> tuple[Citation, ...]:
    return (Citation(source="bulletin", quote=quote, said_at=said_at),)


async def test_titles_translations_quotes_and_reasons_are_found(world: Recorder) -> None:
    title = made("a", "2024-04-10", title="L’Élysée: visite d’État", translations={"en": "State visit"})
    await world.record(msgspec.structs.replace(title, citations=quoting("the president will come")))
    moved = rescheduled("a", "2024-05-10")
    await world.record(msgspec.structs.replace(moved, reason="The runway is flooded.", citations=quoting("it slips")))

    for q in ("elysee", "etat", "state visit", "PRESIDENT", "runw", '"will come"', "slips flooded visite"):
        assert await ids(world, q) == ["a"], q
    for q in ("washington", "runwa flooded", '"come it"', "other", "scheduled", "bulletin"):
        assert await ids(world, q) == [], q


async def test_what_was_recorded_later_is_not_found_before(world: Recorder) -> None:
    first = await world.record(made("a", title="A visit"))
    await world.record(rescheduled("a", "2024-05-10"), amended("a", 1, title="A summit"))

    assert await ids(world, "summit", Clocks(as_of=first)) == []
    assert await ids(world, "visit", Clocks(as_of=first)) == ["a"]


async def test_what_was_corrected_away_is_not_found_now(world: Recorder) -> None:
    await world.record(made("a", title="A visit"))
    await world.record(amended("a", 1, title="A summit"))

    assert await ids(world, "visit") == []
    assert await ids(world, "summit") == ["a"]


async def test_what_was_said_later_is_not_found_before(world: Recorder) -> None:
    await world.record(made("a", said_at=FEBRUARY, title="A visit"))
    again = rescheduled("a", "2024-05-10", said_at=APRIL)
    await world.record(msgspec.structs.replace(again, citations=quoting("the runway", APRIL)))

    assert await ids(world, "runway", Clocks(said_by=MARCH)) == []
    assert await ids(world, "visit", Clocks(said_by=MARCH)) == ["a"]
    assert await ids(world, "visit", Clocks(said_by=JANUARY)) == []
    assert await ids(world, "runway", Clocks(as_of=2, said_by=APRIL)) == ["a"]
    assert await ids(world, "runway", Clocks(as_of=1, said_by=APRIL)) == []


async def test_what_is_merged_retracted_or_withdrawn_is_left_out_unless_it_is_asked_for(world: Recorder) -> None:
    await world.record(*(made(id, title="A visit") for id in ("a", "b", "c", "d")))
    await world.record(f.Merged(announcement="b", into="a"))
    await world.record(f.Retracted(announcement="c", reason="No."))
    await world.withdraw(4)

    assert await ids(world, "visit") == ["a"]
    assert await ids(world, "visit", state=("retracted", "merged")) == ["b", "c"]


async def test_filters_narrow_a_search_down(world: Recorder) -> None:
    await world.record(made("a", "2024-04-10", title="A visit", topics=("trade",)), made("b", title="A visit"))

    assert await ids(world, "visit", topic=("trade",)) == ["a"]
    assert await ids(world, "visit", from_="2024-05-01") == []


async def test_titles_come_first_then_those_whose_words_changed_last(world: Recorder) -> None:
    await world.record(made("a", title="A visit"))
    await world.record(made("b", title="A visit"))
    await world.record(msgspec.structs.replace(made("c", title="Other"), citations=quoting("a visit")))
    await world.record(made("e", title="A visit"), made("d", title="A visit"))
    await world.record(msgspec.structs.replace(rescheduled("a", "2024-05-10"), reason="New words."))

    assert await ids(world, "visit") == ["a", "d", "e", "b", "c"]


async def test_pages_go_through_everything_once(world: Recorder) -> None:
    for number in range(12):
        await world.record(made(f"title-{number}", title="A visit"))
        await world.record(msgspec.structs.replace(made(f"quote-{number}"), citations=quoting("a visit")))
    everything = await ids(world, "visit")

    for limit in (1, 5, 12, 23, 24):
        pages: list[str] = []
        cursor = None
        while True:
            page = await found(world, "visit", limit=limit, cursor=cursor)
            assert (page.total, page.complete) == (24, True)
            pages += [hit.announcement.id for hit in page.items]
            cursor = page.next
            if cursor is None:
                break
        assert pages == everything
    assert len(set(everything)) == 24


async def test_so_many_documents_are_looked_at_and_the_answer_says_so(
    world: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(10):
        await world.record(made(f"a-{number}", title="A visit", topics=("trade",) if number == 0 else ()))
    monkeypatch.setattr(search, "DOCUMENTS_MAX", 4)

    first = await found(world, "visit", topic=("trade",))
    second = await found(world, "visit", topic=("trade",), cursor=first.next)
    third = await found(world, "visit", topic=("trade",), cursor=second.next)

    assert [len(page.items) for page in (first, second, third)] == [0, 0, 1]
    assert (first.total, first.complete) == (0, False)
    assert third.next is None


async def test_more_announcements_than_are_counted_are_said_to_be_more(
    world: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.record(*(made(f"a-{number}", title="A visit") for number in range(6)))
    monkeypatch.setattr(search, "TOTAL_MAX", 5)

    page = await found(world, "visit")

    assert (len(page.items), page.total, page.complete) == (6, 5, False)


async def test_a_cursor_is_good_for_its_own_search_alone(world: Recorder) -> None:
    await world.record(made("a", title="A visit"), made("b", title="A visit"))
    cursor = (await found(world, "visit", limit=1)).next

    assert await ids(world, "visit", limit=1, cursor=cursor) == ["b"]
    with pytest.raises(BadCursor):
        await found(world, "summit", cursor=cursor)
    with pytest.raises(BadCursor):
        await found(world, "visit", Clocks(said_by=MARCH), cursor=cursor)


async def test_the_index_overwrites_what_is_deleted_from_it(world: Recorder) -> None:
    settings = await world.views._reading(  # What no route tells.
        lambda snapshot: dict(snapshot.connection.execute("SELECT k, v FROM search_config").fetchall())
    )

    assert settings["secure-delete"] == 1
