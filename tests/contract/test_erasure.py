"""What is erased is gone, from the files too; what was proved of it still holds (cases 17 and 56)."""

import asyncio

import pytest

from events.log.entry import entry_of
from events.log.merkle import hashes_of, inclusion, leaf_hash
from events.log.port import CommitInvalid, CommitKeyReused, Erasures, Log, NewCommit, Query
from events.log.proving import root_from
from tests.contract.conftest import Served
from tests.contract.given import append_each, commit, made

SECRET = b'{"words":"a private person\'s name, and where they live"}'
LONG = b'{"words":"' + b"a long private letter, " * 2000 + b'"}'


def erasing(*positions: int, key: str = "erase") -> NewCommit:
    event = made("log:self", type="log.erased", data=b'{"reason":"asked for"}')
    return NewCommit(key=f"ada/{key}", fingerprint="e", events=(event,), by="ada", erases=positions)


async def test_what_is_erased_is_read_as_an_entry_without_data(log: Log) -> None:
    await append_each(log, made("a:1", data=SECRET), made("a:2", data=b'{"n":2}'))

    erased = await log.erase(erasing(1))

    assert (erased.receipt.position, erased.pending) == (3, 0)
    page = await log.read(Query.all())
    assert [event.data for event in page.events] == [None, b'{"n":2}', b'{"reason":"asked for"}']
    assert page.events[0].tags == ("a:1",)


async def test_how_many_are_erased_is_told_each_once(log: Log) -> None:
    await append_each(log, *(made("a:1", data=SECRET) for _ in range(3)))
    assert await log.erasures() == Erasures(erased=0, pending=0)

    await log.erase(erasing(1, 3))
    await log.erase(erasing(1, key="once-more"))

    assert await log.erasures() == Erasures(erased=2, pending=await log.purge())


@pytest.mark.parametrize("words", [SECRET, LONG])
async def test_nothing_of_it_is_in_any_file_while_the_log_is_served(served: Served, words: bytes) -> None:
    """Case 56."""
    log = (await served.open()).log
    await append_each(log, *(made("a:1", data=b'{"n":%d}' % n) for n in range(40)), made("a:2", data=words))
    await log.append(commit(*(made("a:3", data=words) for _ in range(20))))
    await append_each(log, *(made("a:1", data=b'{"n":%d}' % n) for n in range(40)))
    assert served.files_with(words[:40])

    erased = await log.erase(erasing(*range(41, 62)))

    assert erased.pending == 0
    assert served.files_with(words[10:40]) == []
    await log.verify()


async def test_readers_are_drained_before_it_is_called_gone(served: Served) -> None:
    log = (await served.open()).log
    await append_each(log, made("a:1", data=SECRET))

    async def read_on() -> None:
        for _ in range(50):
            await log.read(Query.all())

    reading = asyncio.gather(*(read_on() for _ in range(4)))
    erased = await log.erase(erasing(1))
    while erased.pending:
        assert await log.purge() in (0, 1)
        erased = await log.erase(erasing(1))

    assert served.files_with(SECRET) == []
    await reading


async def test_every_proof_made_before_still_verifies(log: Log) -> None:
    """Case 56."""
    await append_each(log, *(made("a:1", data=SECRET) for _ in range(7)))
    before = await log.head()
    entries = [entry_of(event) for event in (await log.read(Query.all())).events]

    await log.erase(erasing(3, 5))

    assert [entry_of(event) for event in (await log.read(Query.all(), upto=7)).events] == entries
    path = inclusion(2, 7)
    hashes = hashes_of(path, await log.nodes([place for places in path for place in places]))
    assert root_from(leaf_hash(entries[2]), index=2, size=7, path=hashes) == before.root
    assert (await log.verify()).last == 8


async def test_a_retry_of_what_recorded_erased_events_gets_its_receipt_by_the_key_alone(log: Log) -> None:
    """Case 17."""
    request = commit(made("a:1", data=SECRET), key="mine", fingerprint="words", note=b"note")
    receipt = await log.append(request)
    await log.erase(erasing(1))

    again = await log.append(commit(made("a:1", data=SECRET), key="mine", fingerprint="other words"))

    assert (again.position, again.duplicate, again.note) == (receipt.position, True, b"note")


async def test_the_fingerprint_of_what_was_not_erased_still_tells_requests_apart(log: Log) -> None:
    await log.append(commit(made("a:1"), key="first", fingerprint="one"))
    await log.append(commit(made("a:2"), key="second", fingerprint="two"))
    await log.erase(erasing(1))

    with pytest.raises(CommitKeyReused):
        await log.append(commit(made("a:2"), key="second", fingerprint="another"))


async def test_an_erasure_is_retried_safely_and_erases_once(log: Log) -> None:
    await append_each(log, made("a:1", data=SECRET))
    first = await log.erase(erasing(1))

    again = await log.erase(erasing(1))

    assert (again.receipt.position, again.receipt.duplicate, again.pending) == (first.receipt.position, True, 0)
    assert (await log.head()).position == 2
    assert (await log.erase(erasing(1, 2, key="once-more"))).receipt.position == 3


async def test_what_is_not_there_cannot_be_erased_and_nothing_is_stored(log: Log) -> None:
    await append_each(log, made("a:1"))

    for positions in ((0,), (2,), (1, 9)):
        with pytest.raises(CommitInvalid, match="/erases/"):
            await log.erase(erasing(*positions))

    assert (await log.head()).position == 1
    assert (await log.read(Query.all())).events[0].data == b"{}"


async def test_what_is_erased_stays_so_after_a_restart(served: Served) -> None:
    log = (await served.open()).log
    await append_each(log, made("a:1", data=SECRET))
    await log.erase(erasing(1))
    await served.close()

    log = (await served.open()).log

    assert (await log.read(Query.all())).events[0].data is None
    assert await log.purge() == 0


async def test_of_two_that_erase_the_same_at_once_the_first_did_it(log: Log) -> None:
    await append_each(log, made("a:1", data=SECRET))

    first, second = await asyncio.gather(log.append(erasing(1, key="one")), log.append(erasing(1, key="two")))

    erases = {commit.position: commit.erases for commit in await log.commits()}
    assert (erases[first.position], erases[second.position]) == ((1,), ())
