"""A log goes on with another one's history verbatim, and with no other (case 56a)."""

from pathlib import Path

import pytest
from msgspec import structs

from events.log.port import CommitInvalid, CommitKeyReused, HistoryDiffers, Log, Query
from events.log.stored import StoredCommit, StoredEntry
from tests.contract.conftest import Served
from tests.contract.given import append_each, commit, made
from tests.contract.test_erasure import SECRET, erasing


async def history(log: Log) -> None:
    await log.append(commit(made("a:1"), made("a:2", data=b'{"n":2}'), key="one", fingerprint="f", note=b"note"))
    await log.append(commit(key="nothing", unchanged=True))
    await append_each(log, made("a:3", data=SECRET), made("b:1"))


async def all_commits(log: Log) -> list[StoredCommit]:
    found: list[StoredCommit] = []
    while page := await log.commits(after=found[-1].number if found else 0):
        found += page
    return found


@pytest.fixture
async def origin(served: Served) -> Log:
    log = (await served.open()).log
    await history(log)
    return log


@pytest.fixture
async def standby(served: Served, tmp_path: Path) -> Log:
    return (await served.open(tmp_path / "standby")).log


async def test_an_adopted_history_is_the_same_to_the_last_bit(origin: Log, standby: Log) -> None:
    """Case 56a."""
    head = await standby.adopt(await all_commits(origin))

    assert (head.position, head.root) == ((await origin.head()).position, (await origin.head()).root)
    assert await standby.read(Query.all()) == await origin.read(Query.all())
    assert await all_commits(standby) == await all_commits(origin)
    assert (await standby.verify()).root == head.root


async def test_adopting_may_be_repeated_and_goes_on_where_it_stopped(origin: Log, standby: Log) -> None:
    commits = await all_commits(origin)
    await standby.adopt(commits[:2])

    await standby.adopt(commits)
    await standby.adopt(commits)

    assert await all_commits(standby) == commits


async def test_retries_of_adopted_keys_are_recognised(origin: Log, standby: Log) -> None:
    """Case 56a."""
    await standby.adopt(await all_commits(origin))

    again = await standby.append(commit(made("a:1"), key="one", fingerprint="f"))

    assert (again.position, again.duplicate, again.note) == (2, True, b"note")
    assert (await standby.append(commit(made("a:1"), key="nothing"))).size == 0
    with pytest.raises(CommitKeyReused):
        await standby.append(commit(made("a:1"), key="one", fingerprint="another"))


async def test_an_adopted_log_goes_on_by_itself(origin: Log, standby: Log) -> None:
    await standby.adopt(await all_commits(origin))

    assert (await standby.append(commit(made("c:1")))).position == 5
    assert (await standby.verify()).last == 5


async def test_a_history_whose_keys_are_not_told_is_adopted_without_them(origin: Log, standby: Log) -> None:
    told = [structs.replace(each, key=None, fingerprint=None, note=b"") for each in await all_commits(origin)]

    await standby.adopt(told)

    assert (await standby.head()).root == (await origin.head()).root
    assert (await standby.append(commit(made("a:1"), key="one"))).position == 5


async def test_what_was_erased_is_adopted_as_erased(origin: Log, standby: Log) -> None:
    before = await all_commits(origin)
    await origin.erase(erasing(3))
    after = await all_commits(origin)

    await standby.adopt(after)

    assert await all_commits(standby) == after
    assert (await standby.read(Query.all())).events[2].data is None
    assert before[:2] == after[:2]


async def test_an_erasure_is_adopted_after_what_it_erases(origin: Log, standby: Log) -> None:
    await standby.adopt(await all_commits(origin))
    await origin.erase(erasing(3))

    await standby.adopt(await all_commits(origin))
    await standby.purge()

    assert (await standby.read(Query.all())).events[2].data is None
    assert (await standby.verify()).root == (await origin.head()).root


async def test_another_history_is_refused_and_nothing_is_stored(origin: Log, standby: Log) -> None:
    """Case 56a."""
    await standby.append(commit(made("z:9")))
    head = await standby.head()

    with pytest.raises(HistoryDiffers, match="entry 1 is another one here"):
        await standby.adopt(await all_commits(origin))
    with pytest.raises(HistoryDiffers, match="entry 3 does not follow 1"):
        await standby.adopt((await all_commits(origin))[2:])

    assert await standby.head() == head


async def test_a_later_commit_that_does_not_fit_keeps_the_whole_page_out(origin: Log, standby: Log) -> None:
    commits = await all_commits(origin)
    broken = structs.replace(commits[-1], position=9)

    with pytest.raises(CommitInvalid):
        await standby.adopt([*commits[:-1], broken])

    assert (await standby.head()).position == 0
    assert await standby.commits() == ()


def _changed(stored: StoredEntry, old: bytes, new: bytes) -> StoredEntry:
    assert old in stored.entry
    return structs.replace(stored, entry=stored.entry.replace(old, new))


async def test_what_no_log_stores_is_refused(origin: Log, standby: Log) -> None:
    """Case 56a: each leaf is verified."""
    first = (await all_commits(origin))[0]
    one, two = first.entries
    wrong = [
        (one, structs.replace(two, data=b'{"n":3}')),
        (one, structs.replace(two, salt=bytes(16))),
        (one, structs.replace(two, salt=None)),
        (one, _changed(two, b'"position":2', b'"position":3')),
        (one, _changed(two, b'"commit":[1,2]', b'"commit":[2,1]')),
        (one, _changed(two, b'"tags":["a:2"]', b'"tags":["a:2","a:2"]')),
        (one, _changed(two, b'"position":2', b'"position": 2')),
        (one, structs.replace(two, entry=b"{}")),
        (one, structs.replace(two, entry=b"\xff")),
        (one,),
        (two, one),
    ]
    for entries in wrong:
        with pytest.raises(CommitInvalid):
            await standby.adopt([structs.replace(first, entries=entries)])
    for beside in (
        {"key": "ada/\x1b[31m"},
        {"key": "a" * 1000},
        {"fingerprint": bytes(1000)},
        {"note": bytes(100_000)},
    ):
        with pytest.raises(CommitInvalid):
            await standby.adopt([structs.replace(first, **beside)])

    assert (await standby.head()).position == 0


async def test_a_second_commit_under_a_key_is_another_history(origin: Log, standby: Log) -> None:
    first, second, *_ = [commit for commit in await all_commits(origin) if commit.entries]
    again = structs.replace(second, key=first.key)

    with pytest.raises(HistoryDiffers, match="under a key that another commit here has"):
        await standby.adopt([first, again])
    await standby.adopt([first])
    with pytest.raises(HistoryDiffers, match="under a key that another commit here has"):
        await standby.adopt([again])

    assert (await standby.head()).position == 2
