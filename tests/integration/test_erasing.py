"""Erasing, on the real engine: what goes, what stays, and what is refused."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from events import facts as f
from events import terms as t
from events.erasing import EraseEntry, EraseText, Erasure, Quoting, What
from events.errors import BodyInvalid, NotAllowed, NotErasable, NotFound, TextErased
from events.log.port import CommitKeyReused, LogUnavailable, NewCommit, Receipt
from events.log.sqlite import SqliteEngine, open_sqlite
from events.source import text_hash
from events.tags import tags_of
from tests.integration.desk import BULLETIN, BULLETIN_TEXT, VISIT, Desk, reschedule
from tests.integration.erasures import REASON, TEXT_OF_MOFA, entry, erase
from tests.recording import new_event, record_events

COPY = {**BULLETIN, "id": "reprint", "copy_of": "mofa"}


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[SqliteEngine]:
    engine = await open_sqlite(tmp_path / "data")
    yield engine
    await engine.close()


@pytest.fixture
def desk(engine: SqliteEngine) -> Desk:
    return Desk(engine.log, engine.state)


# Entries.


async def test_an_entry_loses_its_data_and_the_log_says_so_under_the_tags_of_both(
    engine: SqliteEngine, desk: Desk
) -> None:
    await desk.ask(BULLETIN)
    await desk.ask(VISIT)

    erased = await erase(engine, entry(2), correlation="4bf92f3577b34da6a3ce929d0e0e4736")

    _, made, said = await desk.events()
    assert made.data is None
    assert made.tags == ("announcement:visit", "source:mofa")
    assert (said.type, said.by, said.tags) == ("log.erased", "ada", ("announcement:visit", "log:self", "source:mofa"))
    assert (await desk.facts())[2] == f.LogErased(positions=(2,), reason=REASON)
    assert erased == Erasure(
        position=3, duplicate=False, changed=True, positions=(2,), sources=(), quoted_by=(), pending=0
    )
    assert await desk.texts() == {BULLETIN_TEXT}


async def test_erasing_the_entry_of_a_source_erases_its_text_too(engine: SqliteEngine, desk: Desk) -> None:
    await desk.ask(BULLETIN)
    await desk.ask(VISIT)

    erased = await erase(engine, entry(1))

    assert (erased.positions, erased.sources, erased.quoted_by) == (
        (1,),
        ("mofa",),
        (Quoting(position=2, announcement="visit"),),
    )
    assert await desk.texts() == set()
    assert [line.sha256 for line in engine.ledger.texts] == [text_hash(BULLETIN_TEXT)]


async def test_what_the_log_or_the_clock_says_is_not_erased(engine: SqliteEngine, desk: Desk) -> None:
    await desk.ask(BULLETIN)
    came_up = f.CameUp(announcement="visit", date=1)
    await record_events(engine.log, [new_event(came_up, tags_of(came_up))])
    await erase(engine, entry(1))

    for position in (2, 3):
        with pytest.raises(NotErasable, match=f"entry {position} "):
            await erase(engine, entry(position))

    assert (await engine.log.head()).position == 3


@pytest.mark.parametrize("what", [entry(0), entry(2), EraseText(source="nobody", reason=REASON)])
async def test_what_is_not_there_is_not_erased(engine: SqliteEngine, desk: Desk, what: What) -> None:
    await desk.ask(BULLETIN)

    with pytest.raises(NotFound):
        await erase(engine, what)

    assert (await engine.log.head()).position == 1


async def test_a_reason_is_text(engine: SqliteEngine, desk: Desk) -> None:
    await desk.ask(BULLETIN)

    with pytest.raises(BodyInvalid):
        await erase(engine, EraseEntry(position=1, reason="\x07"))

    assert await desk.texts() == {BULLETIN_TEXT}


@pytest.mark.parametrize("what", [entry(1), TEXT_OF_MOFA])
async def test_what_is_erased_already_changes_nothing_and_its_key_is_remembered(
    engine: SqliteEngine, desk: Desk, what: What
) -> None:
    await desk.ask(BULLETIN)
    await erase(engine, what)

    again = await erase(engine, what, key="again")
    once_more = await erase(engine, what, key="again")

    assert (again.position, again.changed, again.positions, again.sources) == (2, False, (), ())
    assert (once_more.position, once_more.changed, once_more.duplicate) == (2, False, True)
    assert (await engine.log.head()).position == 2


async def test_a_retry_gets_the_same_answer_and_another_request_under_its_key_is_refused(
    engine: SqliteEngine, desk: Desk
) -> None:
    await desk.ask(BULLETIN)
    await desk.ask(VISIT)
    first = await erase(engine, TEXT_OF_MOFA, key="mine")

    again = await erase(engine, TEXT_OF_MOFA, key="mine")
    with pytest.raises(CommitKeyReused):
        await erase(engine, entry(2), key="mine", fingerprint=b"other")

    assert again == Erasure(
        position=first.position, duplicate=True, changed=True, positions=(), sources=("mofa",),
        quoted_by=first.quoted_by, pending=0,
    )  # fmt: skip


async def test_the_same_erasure_asked_for_twice_at_once_is_recorded_once(engine: SqliteEngine, desk: Desk) -> None:
    await desk.ask(BULLETIN)

    both = await asyncio.gather(erase(engine, entry(1)), erase(engine, entry(1)))

    assert sorted(one.changed for one in both) == [False, True]
    assert (await engine.log.head()).position == 2


async def test_an_entry_with_as_many_tags_as_there_can_be_is_erased(engine: SqliteEngine) -> None:
    said_at = "2024-01-01T00:00:00.000000Z"
    cited = tuple(t.Citation(source=f"s{number}", quote="q", said_at=said_at) for number in range(63))
    made = f.Made(announcement="visit", title="Visit", citations=cited)
    assert len(tags_of(made)) == 64
    await record_events(engine.log, [new_event(made, tags_of(made))])

    erased = await erase(engine, entry(1))

    page = await Desk(engine.log, engine.state).events()
    assert (erased.position, erased.positions) == (3, (1,))
    assert {tag for event in page[1:] for tag in event.tags} == {*tags_of(made), "log:self"}
    assert all("log:self" in event.tags for event in page[1:])


# Texts.


async def test_a_text_goes_from_every_source_that_has_it_and_the_sources_stay(engine: SqliteEngine, desk: Desk) -> None:
    await desk.ask(BULLETIN)
    await desk.ask(COPY)
    await desk.ask({**VISIT, "citations": [{"source": "reprint", "quote": "10 April"}]})
    await desk.ask(reschedule("mofa", said_at="2024-03-02"))

    erased = await erase(engine, TEXT_OF_MOFA)

    *_, said = await desk.events()
    assert said.tags == ("log:self", "source:mofa", "source:reprint", f"text:{text_hash(BULLETIN_TEXT)}")
    assert (erased.positions, erased.sources) == ((), ("mofa", "reprint"))
    assert [quoting.position for quoting in erased.quoted_by] == [3, 4]
    assert await desk.texts() == set()
    assert [type(fact) for fact in await desk.facts()][:2] == [f.SourceRecorded, f.SourceRecorded]


async def test_a_source_whose_entry_was_taken_back_still_has_its_text_erased(engine: SqliteEngine, desk: Desk) -> None:
    await desk.ask(BULLETIN)
    await desk.ask({"command": "withdraw_fact", "position": 1, "reason": "Not ours."})

    erased = await erase(engine, TEXT_OF_MOFA)

    assert erased.sources == ("mofa",)
    assert await desk.texts() == set()


async def test_erasing_the_reason_of_an_undoing_leaves_the_text_of_what_was_undone(
    engine: SqliteEngine, desk: Desk
) -> None:
    await desk.ask(BULLETIN)
    await desk.ask({"command": "withdraw_fact", "position": 1, "reason": "Not ours."})

    erased = await erase(engine, entry(2))

    assert (erased.positions, erased.sources) == ((2,), ())
    assert await desk.texts() == {BULLETIN_TEXT}


async def test_an_erased_text_is_not_recorded_again_under_whatever_id(engine: SqliteEngine, desk: Desk) -> None:
    await desk.ask(BULLETIN)
    await erase(engine, entry(1))

    for again in (BULLETIN, COPY, {**BULLETIN, "id": "other"}):
        with pytest.raises(TextErased):
            await desk.ask({name: value for name, value in again.items() if name != "copy_of"})
    unchanged = await desk.ask({**BULLETIN, "text": BULLETIN_TEXT.replace("10 April", "…")})

    assert unchanged.changed
    assert await desk.texts() == {BULLETIN_TEXT.replace("10 April", "…")}


async def test_a_text_that_is_erased_while_it_is_recorded_again_does_not_come_back(
    engine: SqliteEngine, desk: Desk
) -> None:
    await desk.ask(BULLETIN)

    class Meanwhile:
        def __getattr__(self, name: str) -> Any:
            return getattr(engine.log, name)

        async def append(self, commit: NewCommit) -> Receipt:
            await erase(engine, TEXT_OF_MOFA, key="meanwhile")
            return await engine.log.append(commit)

    with pytest.raises(TextErased):
        await desk.ask(COPY, log=Meanwhile())

    assert await desk.texts() == set()


async def test_a_text_that_is_erased_just_before_it_is_stored_again_does_not_stay(
    engine: SqliteEngine, desk: Desk
) -> None:
    await desk.ask(BULLETIN)

    class Meanwhile:
        puts = 0

        def __getattr__(self, name: str) -> Any:
            return getattr(engine.state, name)

        async def put(self, *arguments: Any, **named: Any) -> int:
            self.puts += 1
            if self.puts == 2:  # The first found it there.
                await erase(engine, TEXT_OF_MOFA, key="meanwhile")
            return await engine.state.put(*arguments, **named)

    with pytest.raises(TextErased):
        await Desk(engine.log, Meanwhile()).ask(COPY, key="again")

    assert await desk.texts() == set()


async def test_a_text_that_is_recorded_again_while_it_is_erased_is_erased_there_too(
    engine: SqliteEngine, desk: Desk
) -> None:
    await desk.ask(BULLETIN)

    class Meanwhile:
        done = False

        def __getattr__(self, name: str) -> Any:
            return getattr(engine.log, name)

        async def erase(self, commit: NewCommit) -> Any:
            if not self.done:
                self.done = True
                await desk.ask(COPY)
            return await engine.log.erase(commit)

    erased = await erase(engine, TEXT_OF_MOFA, log=Meanwhile())

    assert erased.sources == ("mofa", "reprint")
    assert await desk.texts() == set()


async def test_what_was_erased_is_neither_taken_back_nor_rested_on(engine: SqliteEngine, desk: Desk) -> None:
    await desk.ask(BULLETIN)
    await desk.ask(VISIT)
    await erase(engine, TEXT_OF_MOFA)
    with pytest.raises(NotAllowed, match="entries 2 rest on it"):
        await desk.ask({"command": "withdraw_fact", "position": 1, "reason": "Not ours."})
    await erase(engine, entry(2))

    with pytest.raises(NotAllowed, match="entry 2 was erased"):
        await desk.ask({"command": "withdraw_fact", "position": 2, "reason": "Not ours."})
    withdrawn = await desk.ask({"command": "withdraw_fact", "position": 1, "reason": "Not ours."})

    assert withdrawn.changed


async def test_a_dry_run_tells_what_would_go_and_what_quotes_it_and_stores_nothing(
    engine: SqliteEngine, desk: Desk
) -> None:
    await desk.ask(BULLETIN)
    await desk.ask(VISIT)
    await desk.ask(reschedule("mofa", said_at="2024-03-02"))

    text = await erase(engine, TEXT_OF_MOFA, dry_run=True)
    of_source = await erase(engine, entry(1), dry_run=True)
    of_statement = await erase(engine, entry(2), dry_run=True)

    quoting = tuple(Quoting(position=position, announcement="visit") for position in (2, 3))
    assert (text.position, text.positions, text.sources, text.quoted_by) == (4, (), ("mofa",), quoting)
    assert (of_source.positions, of_source.sources, of_source.quoted_by) == ((1,), ("mofa",), quoting)
    assert (of_statement.positions, of_statement.sources, of_statement.quoted_by) == ((2,), (), ())
    assert (await engine.log.head()).position == 3
    assert await desk.texts() == {BULLETIN_TEXT}
    assert engine.ledger.texts == []


async def test_a_full_disk_is_told_and_the_next_try_does_the_rest(
    engine: SqliteEngine, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Any) -> None:
        raise OSError(28, "No space left on device")

    await desk.ask(BULLETIN)
    with monkeypatch.context() as broken:
        broken.setattr(engine.ledger, "add", full)
        with pytest.raises(LogUnavailable, match="No space left"):
            await erase(engine, TEXT_OF_MOFA, key="mine")

    again = await erase(engine, TEXT_OF_MOFA, key="mine")

    assert (again.duplicate, again.sources) == (True, ("mofa",))
    assert await desk.texts() == set()
