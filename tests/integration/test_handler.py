"""The only writer, on the real engine: retries, conflicts, batches, and that a refusal leaves nothing behind."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from events import facts as f
from events.errors import BodyInvalid, DuplicateSource, NotAllowed, QuoteNotFound, UnknownReference
from events.handler import ATTEMPTS_MAX, TEXT, Busy, CommandRefused, Stale, recorded
from events.log.port import CommitKeyReused, LogUnavailable, Receipt
from events.log.sqlite import open_sqlite
from events.source import text_hash
from tests.integration.desk import BULLETIN, BULLETIN_TEXT, OTHERS, VISIT, Desk, Interrupted, reschedule, source


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    engine = await open_sqlite(tmp_path)
    yield Desk(engine.log, engine.state)
    await engine.close()


# Recording.


async def test_a_command_is_recorded_with_its_tags_its_time_and_what_it_names(desk: Desk) -> None:
    await desk.ask(BULLETIN)
    handled = await desk.ask(VISIT, correlation="4bf92f3577b34da6a3ce929d0e0e4736")
    await desk.ask({"command": "withdraw_fact", "position": 2, "reason": "Misread."})

    _, made, undone = await desk.events()
    assert (handled.position, handled.changed, handled.duplicate) == (2, True, False)
    assert [(done.id, done.position) for done in handled.done] == [("visit", 2)]
    assert (made.said_at, made.by) == ("2024-03-01T00:00:00.000000Z", "admin")
    assert made.correlation == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert made.tags == undone.tags == ("announcement:visit", "source:mofa")
    assert (undone.causation, undone.said_at) == (2, None)


async def test_the_text_of_a_source_lies_beside_the_log_and_never_in_it(desk: Desk) -> None:
    await desk.ask(BULLETIN)

    (event,) = await desk.events()
    assert await desk.texts() == {BULLETIN_TEXT}
    assert (await desk.state.list(TEXT))[0].id == text_hash(BULLETIN_TEXT)
    assert b"It may move" not in (event.data or b"")


async def test_a_quote_is_looked_up_in_the_text_that_was_recorded_earlier(desk: Desk) -> None:
    await desk.ask(BULLETIN)

    handled = await desk.ask(VISIT)
    with pytest.raises(QuoteNotFound):
        await desk.ask({**VISIT, "id": "other", "citations": [{"source": "mofa", "quote": "12 April"}]})

    (made,) = handled.facts
    assert isinstance(made, f.Made)
    assert (made.citations[0].start, made.citations[0].end, made.citations[0].verified) == (16, 24, True)


async def test_a_command_that_changes_nothing_uses_no_position_and_is_remembered(desk: Desk) -> None:
    await desk.ask(BULLETIN)

    nothing = await desk.ask(BULLETIN, key="again")
    await desk.ask(VISIT)
    retried = await desk.ask(BULLETIN, key="again")

    assert (nothing.position, nothing.changed, nothing.duplicate) == (1, False, False)
    assert (retried.position, retried.changed, retried.duplicate) == (1, False, True)
    assert retried.done == nothing.done


# Retries.


async def test_a_retry_has_the_same_answer_also_for_an_id_that_was_made_for_it(desk: Desk) -> None:
    await desk.ask(BULLETIN)
    nameless = {key: value for key, value in VISIT.items() if key != "id"}

    first = await desk.ask(nameless, key="k")
    await desk.ask({**VISIT, "id": "other", "title": "Another"})
    second = await desk.ask(nameless, key="k")

    assert first.done[0].id.startswith("state-visit-")
    assert (second.position, second.done, second.duplicate) == (first.position, first.done, True)
    assert len(await desk.events()) == 3


async def test_a_retried_batch_has_the_same_answer_for_each_of_its_commands(desk: Desk) -> None:
    await desk.ask(BULLETIN)
    batch = (BULLETIN, VISIT, source("late"), {**source("x"), "id": None, "title": "日本"})
    lines = tuple({key: value for key, value in line.items() if value is not None} for line in batch)

    first = await desk.ask(*lines, key="k")
    await desk.ask(reschedule("mofa"))
    second = await desk.ask(*lines, key="k")

    assert [done.position for done in first.done] == [1, 2, 3, 4]
    assert [done.id for done in first.done[:3]] == ["mofa", "visit", "late"]
    assert first.done[3].id.startswith("entry-")
    assert (second.position, second.done, second.duplicate, second.changed) == (4, first.done, True, True)


async def test_a_retry_is_answered_although_it_would_be_refused_now(desk: Desk) -> None:
    await desk.ask(BULLETIN)
    await desk.ask(VISIT)
    first = await desk.ask(reschedule("mofa"), key="k")
    await desk.ask({"command": "retract", "id": "visit", "reason": "Misread."})

    assert (await desk.ask(reschedule("mofa"), key="k")).done == first.done
    with pytest.raises(NotAllowed):
        await desk.ask(reschedule("mofa"))


async def test_a_key_that_comes_back_with_another_request_is_refused(desk: Desk) -> None:
    await desk.ask(BULLETIN, key="k")

    with pytest.raises(CommitKeyReused):
        await desk.ask(VISIT, key="k")
    assert (await desk.ask(VISIT, key="k", by="ada")).position == 2


async def test_the_same_request_sent_twice_at_once_is_carried_out_once(desk: Desk) -> None:
    nameless = {key: value for key, value in BULLETIN.items() if key != "id"}

    answers = await asyncio.gather(*(desk.ask(nameless, key="k") for _ in range(8)))

    assert len(await desk.events()) == 1
    assert await desk.texts() == {BULLETIN_TEXT}
    assert len({answer.done for answer in answers}) == 1
    assert sorted(answer.duplicate for answer in answers) == [False] + [True] * 7


async def test_a_request_that_was_carried_out_before_it_could_be_decided_is_no_refusal(desk: Desk) -> None:
    await desk.ask(BULLETIN)
    await desk.ask(VISIT)
    retraction = {"command": "retract", "id": "visit", "reason": "Misread."}

    class Overtaken(Interrupted):
        async def outcome(self, key: str, **more: Any) -> Receipt | None:
            known: Receipt | None = await desk.log.outcome(key, **more)
            if known is None:
                await desk.ask(retraction, key="k")
            return known

    answer = await desk.ask(retraction, key="k", log=Overtaken(desk.log, lambda appends: asyncio.sleep(0)))

    assert (answer.position, answer.duplicate) == (3, True)


async def test_a_refusal_is_not_remembered(desk: Desk) -> None:
    with pytest.raises(Exception, match="no source"):
        await desk.ask(VISIT, key="k")
    await desk.ask(BULLETIN)

    assert (await desk.ask(VISIT, key="k")).changed


# Conflicts.


async def test_of_two_that_move_it_to_the_same_date_at_once_the_second_corroborates(desk: Desk) -> None:
    await desk.ask(BULLETIN, *OTHERS, VISIT)

    await asyncio.gather(*(desk.ask(reschedule(id, said_at="2024-03-25")) for id in ("nhk", "kyodo")))

    facts = await desk.facts()
    assert {type(fact) for fact in facts[4:]} == {f.Rescheduled, f.Corroborated}
    assert isinstance(facts[5], f.Corroborated)
    assert facts[5].supports == 5


async def test_a_decision_is_made_again_when_what_it_rests_on_changed(desk: Desk) -> None:
    await desk.ask(BULLETIN, *OTHERS, VISIT)
    log = desk.interrupted({**reschedule("nhk"), "id": "visit"})

    handled = await desk.ask(reschedule("kyodo"), log=log)

    assert log.appends == 2
    assert [type(fact) for fact in handled.facts] == [f.Corroborated]
    assert handled.position == 6


async def test_what_has_nothing_to_do_with_it_does_not_make_it_decide_again(desk: Desk) -> None:
    await desk.ask(BULLETIN, *OTHERS, VISIT)
    log = desk.interrupted({**VISIT, "id": "dinner", "title": "A dinner"}, source("ap"))

    handled = await desk.ask(reschedule("nhk"), log=log)

    assert log.appends == 1
    assert [(done.id, done.position) for done in handled.done] == [("visit", 7)]


async def test_a_long_chain_of_amendments_in_one_batch_leaves_the_event_loop_to_others(desk: Desk) -> None:
    await desk.ask(BULLETIN, VISIT)
    chain = [
        {
            "command": "amend",
            "id": "visit",
            "set": {"title": f"{n}"},
            "origin": "editor",
            "reason": "r",
            "corrects": 2 + n,
        }
        for n in range(480)
    ]
    waits: list[float] = []

    async def wait() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.01)
            waits.append(time.perf_counter() - began)

    waiting = asyncio.create_task(wait())
    started = time.perf_counter()
    await desk.ask(*chain)
    took_s = time.perf_counter() - started
    waiting.cancel()

    assert max(waits) < took_s / 3
    assert len(await desk.events()) == 2 + 480


async def test_many_at_once_about_one_announcement_are_all_carried_out(desk: Desk) -> None:
    await desk.ask(BULLETIN, *OTHERS, VISIT)
    told = [
        {"command": "progress", "id": "visit", "text": f"Step {step}.", "citations": VISIT["citations"]}
        for step in range(30)
    ]

    done = await asyncio.gather(*(desk.ask(step) for step in told))

    assert all(handled.changed for handled in done)
    assert len(await desk.events()) == 4 + 30


async def test_a_statement_is_refused_when_the_announcement_is_retracted_meanwhile(desk: Desk) -> None:
    await desk.ask(BULLETIN, *OTHERS, VISIT)
    log = desk.interrupted({"command": "retract", "id": "visit", "reason": "Misread."})

    with pytest.raises(NotAllowed, match="retracted"):
        await desk.ask(reschedule("nhk"), log=log)
    assert len(await desk.events()) == 5


async def test_a_publication_cannot_be_corrected_while_a_statement_that_rests_on_it_lands(desk: Desk) -> None:
    await desk.ask(BULLETIN)
    correction = {"command": "correct_source", "id": "mofa", "set": {"published_at": "2024-03-02"}, "reason": "r"}

    with pytest.raises(NotAllowed, match="entries 2 were dated"):
        await desk.ask(correction, log=desk.interrupted(VISIT))


async def test_who_is_overtaken_every_time_gives_up(desk: Desk) -> None:
    await desk.ask(BULLETIN, *OTHERS, VISIT)

    async def overtaken(appends: int) -> None:
        await desk.ask({"command": "progress", "id": "visit", "text": f"{appends}", "citations": VISIT["citations"]})

    log = Interrupted(desk.log, overtaken)
    with pytest.raises(Busy):
        await desk.ask(reschedule("nhk"), log=log)
    assert log.appends == ATTEMPTS_MAX


async def test_the_same_text_recorded_by_two_at_once_is_kept_with_the_one_that_came_first(desk: Desk) -> None:
    log = desk.interrupted({**BULLETIN, "id": "nhk"})

    with pytest.raises(DuplicateSource):
        await desk.ask(BULLETIN, log=log)

    assert await desk.texts() == {BULLETIN_TEXT}
    assert (await desk.ask({**VISIT, "citations": [{"source": "nhk", "quote": "10 April"}]})).changed


async def test_a_text_is_taken_away_again_when_the_log_does_not_take_its_source(desk: Desk) -> None:
    async def full(appends: int) -> None:
        raise LogUnavailable("the disk is full")

    with pytest.raises(LogUnavailable):
        await desk.ask(BULLETIN, log=Interrupted(desk.log, full))

    assert await desk.texts() == set()


async def test_a_text_that_another_source_has_stays_when_the_log_does_not_take_this_one(desk: Desk) -> None:
    async def full(appends: int) -> None:
        raise LogUnavailable("the disk is full")

    await desk.ask(BULLETIN)
    with pytest.raises(LogUnavailable):
        await desk.ask({**BULLETIN, "id": "reprint", "copy_of": "mofa"}, log=Interrupted(desk.log, full))

    assert await desk.texts() == {BULLETIN_TEXT}


# What bears on a decision.


async def test_the_other_end_of_a_merge_or_a_link_is_read_and_so_is_what_it_was_merged_into(desk: Desk) -> None:
    others = ({**VISIT, "id": "dinner"}, {**VISIT, "id": "summit", "citations": [{"source": "nhk", "quote": "visit"}]})
    await desk.ask(BULLETIN, *OTHERS, VISIT, *others)

    await desk.ask({"command": "link", "id": "dinner", "relation": "part_of", "to": "visit"})
    merged = await desk.ask({"command": "merge", "id": "summit", "into": "visit"})
    with pytest.raises(NotAllowed, match="'summit' was merged into 'visit'"):
        await desk.ask({"command": "merge", "id": "visit", "into": "summit"})

    assert [type(fact) for fact in merged.facts] == [f.Merged, f.Corroborated]


async def test_an_actor_that_was_recorded_earlier_can_be_named_and_no_other(desk: Desk) -> None:
    await desk.ask(BULLETIN)
    await desk.ask({"command": "record_actor", "id": "usa", "names": {"en": "United States"}, "kind": "state"})
    await desk.ask({**VISIT, "actors": [{"id": "usa"}]})

    with pytest.raises(UnknownReference):
        await desk.ask({**VISIT, "id": "other", "actors": [{"id": "japan"}]})
    with pytest.raises(NotAllowed, match="entries 3 rest on it"):
        await desk.ask({"command": "withdraw_fact", "position": 2, "reason": "r"})


async def test_an_outcome_is_judged_by_the_rubric_that_was_published_last(desk: Desk) -> None:
    await desk.ask(BULLETIN, VISIT)
    for version in ("1", "2", "3"):
        await desk.ask({"command": "publish_rubric", "version": version, "text": "."})

    outcome = {"command": "outcome", "id": "visit", "result": "happened", "citations": VISIT["citations"]}
    handled = await desk.ask(outcome)

    assert isinstance(handled.facts[0], f.OutcomeReported)
    assert handled.facts[0].rubric == "3"


# Batches.


async def test_later_commands_of_a_batch_may_name_what_earlier_ones_make(desk: Desk) -> None:
    handled = await desk.ask(
        {"command": "record_actor", "id": "usa", "names": {"en": "United States"}, "kind": "state"},
        BULLETIN,
        {**VISIT, "actors": [{"id": "usa"}]},
        {"command": "publish_rubric", "version": "1", "text": "."},
        {"command": "outcome", "id": "visit", "result": "happened", "citations": VISIT["citations"]},
    )

    events = await desk.events()
    assert {event.commit for event in events} == {(1, 5)}
    assert isinstance(handled.facts[4], f.OutcomeReported)
    assert handled.facts[4].rubric == "1"


async def test_a_batch_refused_in_the_middle_stores_nothing_and_says_which_command_and_where(desk: Desk) -> None:
    bad = {**VISIT, "id": "other", "citations": [{"source": "mofa", "quote": "12 April"}]}

    with pytest.raises(CommandRefused, match="command 2: the words") as refused:
        await desk.ask(BULLETIN, VISIT, bad)

    assert (refused.value.index, refused.value.refusal.pointer) == (2, "/citations/0/quote")
    assert await desk.events() == ()
    assert await desk.texts() == set()


async def test_even_a_batch_of_one_says_which_command_is_refused(desk: Desk) -> None:
    with pytest.raises(CommandRefused, match="command 0"):
        await desk.ask(VISIT, batch=True)


async def test_positions_named_within_a_batch_are_right_when_others_record_in_between(desk: Desk) -> None:
    await desk.ask(BULLETIN, *OTHERS)
    lines = (
        VISIT,
        {"command": "corroborate", "id": "visit", "citations": [{"source": "nhk", "quote": "visit"}]},
        {"command": "amend", "id": "visit", "set": {"title": "The visit"}, "origin": "editor", "reason": "Misread."},
    )
    log = desk.interrupted(source("other-{}"), times=2)

    handled = await desk.ask(*lines, log=log)

    events = (await desk.events())[5:]
    corroborated, amended = (recorded(event).fact for event in events[1:])
    assert log.appends == 3
    assert [event.position for event in events] == [6, 7, 8]
    assert isinstance(corroborated, f.Corroborated)
    assert isinstance(amended, f.Amended)
    assert (corroborated.supports, amended.corrects) == (6, 6)
    assert [event.causation for event in events] == [None, 6, 6]
    assert [done.position for done in handled.done] == [6, 7, 8]
    assert amended == handled.facts[2]
    assert "source:mofa" in events[2].tags


async def test_a_request_that_would_make_too_many_entries_is_refused(desk: Desk) -> None:
    candidates = [{"start": 0, "end": end, "edtf": "2024"} for end in range(1, 31)]
    readings = [
        {"command": "reject_candidates", "id": "mofa", "candidates": [{**c, "edtf": f"20{n:02}"} for c in candidates]}
        for n in range(17)
    ]

    with pytest.raises(CommandRefused) as refused:
        await desk.ask(BULLETIN, *readings)

    assert isinstance(refused.value.refusal, BodyInvalid)
    assert refused.value.index == 17
    assert await desk.events() == ()


# Dry runs, and what the caller saw.


async def test_a_dry_run_answers_the_same_and_stores_nothing(desk: Desk) -> None:
    lines = (BULLETIN, VISIT, reschedule("mofa", said_at="2024-03-05"))

    tried = await desk.ask(*lines, dry_run=True)
    assert await desk.events() == ()
    assert await desk.texts() == set()
    done = await desk.ask(*lines)

    assert (tried.position, tried.done, tried.facts) == (done.position, done.done, done.facts)
    assert (tried.changed, tried.duplicate) == (done.changed, done.duplicate)


async def test_a_dry_run_is_refused_like_the_real_one_and_leaves_its_key_free(desk: Desk) -> None:
    with pytest.raises(Exception, match="no source"):
        await desk.ask(VISIT, dry_run=True, key="k")
    await desk.ask(BULLETIN, dry_run=True, key="k")

    assert (await desk.ask(BULLETIN, key="k")).duplicate is False


async def test_a_change_is_made_only_if_the_announcement_is_as_the_caller_saw_it(desk: Desk) -> None:
    await desk.ask(BULLETIN, *OTHERS, VISIT)
    await desk.ask({**VISIT, "id": "dinner", "title": "A dinner"})

    with pytest.raises(Stale) as stale:
        await desk.ask(reschedule("nhk"), if_match=3)
    assert (stale.value.seen, stale.value.position) == (3, 4)
    assert (await desk.ask(reschedule("nhk"), if_match=4)).changed
    with pytest.raises(Stale):
        await desk.ask(reschedule("kyodo", when="2024-04-12"), if_match=4)


async def test_a_change_is_stale_when_another_lands_while_it_is_made(desk: Desk) -> None:
    await desk.ask(BULLETIN, *OTHERS, VISIT)
    log = desk.interrupted({**reschedule("nhk"), "id": "visit"})

    with pytest.raises(Stale):
        await desk.ask(reschedule("kyodo"), if_match=4, log=log)


async def test_an_import_keeps_the_time_it_was_recorded_at(desk: Desk) -> None:
    await desk.ask(BULLETIN, by="system/import", recorded_at="2024-03-02T08:00:00.000000Z")

    (event,) = await desk.events()
    assert event.recorded_at == "2024-03-02T08:00:00.000000Z"


async def test_an_imported_statement_cannot_be_from_after_it_was_recorded(desk: Desk) -> None:
    with pytest.raises(Exception, match="24 hours ahead"):
        await desk.ask(BULLETIN, by="system/import", recorded_at="2024-02-28T08:00:00.000000Z")


# Undoing what others rest on.


async def test_what_an_undoing_of_an_undoing_would_take_away_is_found(desk: Desk) -> None:
    await desk.ask(source("mofa"))
    await desk.ask({"command": "withdraw_fact", "position": 1, "reason": "r"})
    await desk.ask({"command": "withdraw_fact", "position": 2, "reason": "r"})
    await desk.ask(VISIT)

    with pytest.raises(NotAllowed, match="entries 4 rest on it"):
        await desk.ask({"command": "withdraw_fact", "position": 3, "reason": "r"})


async def test_a_copy_of_a_copy_of_the_source_it_rests_on_is_found_and_supports_nothing(desk: Desk) -> None:
    await desk.ask(source("mofa"), {**source("wire"), "copy_of": "mofa"}, {**source("site"), "copy_of": "wire"}, VISIT)

    with pytest.raises(NotAllowed, match="already"):
        await desk.ask({"command": "corroborate", "id": "visit", "citations": [{"source": "site", "quote": "q"}]})


async def test_a_corrected_address_is_free_for_another_source(desk: Desk) -> None:
    await desk.ask({**source("mofa"), "url": "https://example.org/1"})
    with pytest.raises(DuplicateSource):
        await desk.ask({**source("nhk"), "url": "https://example.org/1"})
    await desk.ask(
        {"command": "correct_source", "id": "mofa", "set": {"url": "https://example.org/2"}, "reason": "Misread."}
    )

    assert (await desk.ask({**source("nhk"), "url": "https://example.org/1"})).changed
