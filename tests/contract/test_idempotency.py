"""Idempotency: a key answers for ever, whatever happened since (cases 9 to 18)."""

import asyncio
from pathlib import Path
from typing import cast

import msgspec
import pytest

from events.log.port import (
    AppendConditionFailed,
    CommitInvalid,
    CommitKeyReused,
    EventIdTaken,
    Log,
    Query,
    Receipt,
    scoped_key,
)
from tests.contract.conftest import Served
from tests.contract.given import append_each, commit, made, outcomes, positions, query, tagged, unless

ID = "018ec86a-6640-7000-8000-000000000001"
AT_ONCE = 4_000


def again(receipt: Receipt) -> Receipt:
    return msgspec.structs.replace(receipt, duplicate=True)


async def test_the_same_key_and_body_give_the_same_receipt_and_no_rows(log: Log) -> None:
    """Case 9."""
    request = commit(made("announcement:a"), made("announcement:b"), key="k", note=b'{"id":"a"}')
    first = await log.append(request)

    second = await log.append(request)

    assert second == again(first)
    assert second.note == b'{"id":"a"}'
    assert await positions(log) == [1, 2]


async def test_a_retry_gets_its_receipt_although_others_appended_matching_events(log: Log) -> None:
    """Case 10."""
    request = commit(made("announcement:a"), key="k")
    first = await log.append(request)
    await append_each(log, made("announcement:a"), made("announcement:a"))

    assert await log.append(request) == again(first)


async def test_a_retry_gets_its_receipt_with_a_condition_that_would_now_fail(log: Log) -> None:
    """Case 11."""
    first = await log.append(commit(made("announcement:a"), key="k", condition=unless(tagged("announcement:a"))))
    await append_each(log, made("announcement:a"))

    for after in (0, 1, 2, 99):
        retry = commit(made("announcement:a"), key="k", condition=unless(tagged("announcement:a"), after=after))
        assert await log.append(retry) == again(first)


async def test_a_retry_is_recognised_before_its_parts_are_judged(log: Log) -> None:
    """Section 4, step 1 of the serial part."""
    first = await log.append(commit(made("announcement:a"), key="k"))

    assert await log.append(commit(made("no tag"), key="k")) == again(first)


async def test_a_key_with_another_fingerprint_is_refused_as_reused(log: Log) -> None:
    """Case 12."""
    await log.append(commit(made(), key="k"))

    with pytest.raises(CommitKeyReused):
        await log.append(commit(made(), key="k", fingerprint="another"))
    with pytest.raises(CommitKeyReused):
        await log.outcome("ada/k", fingerprint="another")

    assert await positions(log) == [1]


async def test_an_event_id_stored_under_another_key_is_refused(log: Log) -> None:
    """Case 13."""
    await log.append(commit(made(), made(id=ID), key="k"))

    with pytest.raises(EventIdTaken) as refusal:
        await log.append(commit(made(id=ID), key="l"))

    assert (refusal.value.event_id, refusal.value.position) == (ID, 2)
    assert await positions(log) == [1, 2]


async def test_an_event_id_is_stored_once_although_two_requests_with_it_are_sent_together(log: Log) -> None:
    """Case 13."""
    requests = [commit(made()), commit(made(), made(id=ID), key="k"), commit(made(id=ID), key="l"), commit(made())]

    answers = await outcomes(log, [*requests, requests[1]])

    assert [type(answer) for answer in answers] == [Receipt, Receipt, EventIdTaken, Receipt, Receipt]
    assert isinstance(answers[2], EventIdTaken)
    assert answers[2].position == 3
    assert answers[4] == again(cast("Receipt", answers[1]))
    assert await log.outcome("ada/l") is None
    assert await positions(log) == [1, 2, 3, 4]


async def test_a_key_is_recognised_after_a_restart(served: Served) -> None:
    """Case 14."""
    request = commit(made(), key="k", note=b"n")
    first = await (await served.open()).log.append(request)
    await served.close()

    log = (await served.open()).log

    assert await log.append(request) == again(first)
    assert await positions(log) == [1]


async def test_a_key_is_recognised_after_100000_further_commits(log: Log) -> None:
    """Case 14."""
    request = commit(made(), key="k")
    first = await log.append(request)
    for _ in range(100_000 // AT_ONCE):
        further = [commit(made()) if number % 5 == 0 else commit(unchanged=True) for number in range(AT_ONCE)]
        await asyncio.gather(*(log.append(each) for each in further))

    assert await log.append(request) == again(first)
    assert (await log.head()).position == 20_001


async def test_a_key_is_recognised_after_restoring_a_later_backup(served: Served, tmp_path: Path) -> None:
    """Case 14: what is in the backup is known, what came after it is not, and is stored once more."""
    log = (await served.open()).log
    request, nothing, later = commit(made(), key="k"), commit(unchanged=True, key="nothing"), commit(made(), key="l")
    first, second = await log.append(request), await log.append(nothing)
    await append_each(log, made())
    await served.back_up(tmp_path / "backup")
    log = (await served.open()).log
    await append_each(log, made())
    assert (await log.append(later)).position == 4
    await served.restore(tmp_path / "backup")

    restored = (await served.open()).log

    assert await restored.append(request) == again(first)
    assert await restored.append(nothing) == again(second)
    assert await restored.outcome("ada/l") is None
    assert [(await restored.append(later)).position, (await restored.append(later)).position] == [3, 3]
    assert await positions(restored) == [1, 2, 3]


async def test_the_retry_of_a_command_that_changed_nothing_still_changes_nothing(log: Log) -> None:
    """Case 14a."""
    await append_each(log, made("announcement:a"))
    first = await log.append(commit(unchanged=True, key="k"))
    await append_each(log, made("announcement:a"))

    retry = await log.append(commit(made("announcement:a"), key="k"))

    assert retry == again(first)
    assert (retry.position, retry.size) == (1, 0)
    assert await positions(log) == [1, 2]


async def test_a_command_that_changed_nothing_keeps_its_key_and_fingerprint_through_a_restart(served: Served) -> None:
    """Cases 1, 12, 14 and 14a."""
    log = (await served.open()).log
    await append_each(log, made("announcement:a"))
    first = await log.append(commit(unchanged=True, key="k", note=b"n"))
    with pytest.raises(CommitKeyReused):
        await log.append(commit(unchanged=True, key="k", fingerprint="another"))
    await append_each(log, made("announcement:a"))
    await served.close()

    log = (await served.open()).log

    stale = commit(made(), key="k", condition=unless(tagged("announcement:a"), after=1))
    assert await log.append(stale) == again(first)
    with pytest.raises(CommitKeyReused):
        await log.append(commit(unchanged=True, key="k", fingerprint="another"))
    assert await positions(log) == [1, 2]


async def test_a_refusal_is_not_remembered(log: Log) -> None:
    """Case 4: the key is free for the same request once it is decided anew, and for another one."""
    await append_each(log, made("a:1"))
    for fingerprint in ("request", "another"):
        stale = commit(made("a:1"), key="k", fingerprint=fingerprint, condition=unless(tagged("a:1")))
        assert [type(answer) for answer in await outcomes(log, [stale, stale])] == [AppendConditionFailed] * 2

    receipt = await log.append(commit(made("a:1"), key="k", condition=unless(tagged("a:1"), after=1)))

    assert (receipt.position, receipt.duplicate) == (2, False)


async def test_keys_of_one_principal_never_meet_anothers(log: Log) -> None:
    """Case 14b."""
    adas = await log.append(commit(made(), key="k", by="ada"))
    eves = await log.append(commit(made(), key="k", by="eve"))
    ours = await log.append(commit(made(), key="k", by="system"))

    assert [adas.position, eves.position, ours.position] == [1, 2, 3]
    assert not any(receipt.duplicate for receipt in (adas, eves, ours))
    with pytest.raises(CommitInvalid):
        scoped_key("ada/k", "1")


async def test_two_concurrent_requests_with_one_key_are_written_once(log: Log) -> None:
    """Case 15."""
    request = commit(made("announcement:a"), key="k")

    receipts = await asyncio.gather(*(log.append(request) for _ in range(20)))

    assert [receipt.duplicate for receipt in receipts].count(False) == 1
    assert {receipt.position for receipt in receipts} == {1}
    assert await positions(log) == [1]


async def test_requests_with_one_key_that_race_across_transactions_are_written_once(log: Log) -> None:
    """Case 15: not all of them wait together, and others append between them."""
    requests = [commit(made(f"a:{number}"), key=f"k-{number}") for number in range(30)]

    async def sender(steps: int) -> list[Receipt]:
        receipts = []
        for request in requests:
            receipts.append(await log.append(request))
            await log.append(commit(made("b:1")))
            for _ in range(steps):
                await asyncio.sleep(0)
        return receipts

    answers = await asyncio.gather(*(sender(steps) for steps in range(4)))

    for number, receipts in enumerate(zip(*answers, strict=True)):
        assert [receipt.duplicate for receipt in receipts].count(False) == 1
        assert {again(receipt) for receipt in receipts} == {again(receipts[0])}
        assert await positions(log, query(tagged(f"a:{number}"))) == [receipts[0].position]
    assert (await log.head()).position == 30 + 4 * 30


async def test_two_concurrent_requests_with_one_key_and_other_bodies_are_told_apart(log: Log) -> None:
    """Case 15."""
    answers = await outcomes(log, [commit(made(), key="k"), commit(made(), key="k", fingerprint="another")])

    assert [type(answer) for answer in answers] == [Receipt, CommitKeyReused]


async def test_an_outcome_is_found_by_its_key_and_an_unknown_key_has_none(log: Log) -> None:
    """Case 18."""
    receipt = await log.append(commit(made(), key="k"))

    assert await log.outcome("ada/k") == again(receipt)
    assert await log.outcome("ada/k", fingerprint=b"request") == again(receipt)
    assert await log.outcome("ada/unknown") is None
    assert (await log.read(Query.all())).head == 1
