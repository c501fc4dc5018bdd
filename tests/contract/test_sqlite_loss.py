"""Backups put back, ledgers kept, losses accepted: what SQLite's files go through in the hands of an operator."""

import shutil
from pathlib import Path

import pytest

from events.log.files import Disk
from events.log.ledger import Gone, Ledger
from events.log.loss import Loss
from events.log.port import LogDamaged, LogShortened, Query
from events.log.sqlite import open_sqlite
from tests.contract.given import append_each, commit, files_with, made
from tests.contract.test_erasure import SECRET, erasing

FILES = ("log.db", "state.db", "mark")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "data"


def copied(directory: Path, to: Path) -> Path:
    to.mkdir()
    for name in FILES:
        shutil.copy(directory / name, to / name)
    return to


async def made_with(directory: Path, *data: bytes) -> None:
    engine = await open_sqlite(directory)
    await append_each(engine.log, *(made("a:1", data=each) for each in data))
    await engine.close()


async def test_a_backup_from_before_an_erasure_does_not_bring_it_back(directory: Path, tmp_path: Path) -> None:
    """Case 56."""
    await made_with(directory, b"{}", SECRET)
    backup = copied(directory, tmp_path / "backup")
    engine = await open_sqlite(directory)
    await engine.log.erase(erasing(2))
    await engine.close()
    shutil.copy(directory / "erasures", backup / "erasures")

    engine = await open_sqlite(backup)

    assert [event.data for event in (await engine.log.read(Query.all())).events] == [b"{}", None]
    assert files_with(backup, SECRET) == []
    assert (await engine.log.verify()).last == 2
    await engine.close()


async def test_the_ledger_of_another_history_erases_nothing(directory: Path, tmp_path: Path) -> None:
    await made_with(directory, b"{}", SECRET)
    engine = await open_sqlite(directory)
    await engine.log.erase(erasing(2))
    await engine.close()
    other = tmp_path / "other"
    await made_with(other, b"{}", b'{"n":2}')
    shutil.copy(directory / "erasures", other / "erasures")

    engine = await open_sqlite(other)

    assert [event.data for event in (await engine.log.read(Query.all())).events] == [b"{}", b'{"n":2}']
    await engine.close()


async def test_an_erasure_that_the_ledger_missed_is_told_to_it_at_the_next_start(directory: Path) -> None:
    await made_with(directory, b"{}", SECRET)
    engine = await open_sqlite(directory)
    await engine.log.erase(erasing(2))
    log_id = (await engine.log.head()).log_id
    await engine.close()
    (directory / "erasures").unlink()

    engine = await open_sqlite(directory)
    await engine.close()

    assert list(Ledger(directory / "erasures", Disk()).positions(log_id)) == [2]


def test_a_ledger_that_was_cut_off_or_changed_anywhere_is_refused(directory: Path) -> None:
    directory.mkdir()
    ledger = Ledger(directory / "erasures", Disk())
    ledger.add([Gone(entries=0)])
    ledger.add([Gone(entries=0), Gone(entries=1)])
    whole = (directory / "erasures").read_bytes()
    assert Ledger(directory / "erasures", Disk()).pending == -1

    cut_off = [whole[:size] for size in range(len(whole))]
    changed = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(len(whole))]
    for content in cut_off + changed:
        (directory / "erasures").write_bytes(content)
        with pytest.raises(LogDamaged, match="erasures is not what was written"):
            Ledger(directory / "erasures", Disk())


async def test_what_an_upgrade_saved_goes_with_an_erasure(directory: Path) -> None:
    await made_with(directory, SECRET)
    copied(directory, directory / "before-upgrade-20260101T000000Z")
    engine = await open_sqlite(directory)

    await engine.log.erase(erasing(1))

    assert files_with(directory, SECRET) == []
    await engine.close()


async def test_a_shorter_log_is_gone_on_with_only_when_that_is_said_and_then_tells_what_is_lost(
    directory: Path, tmp_path: Path
) -> None:
    await made_with(directory, b"{}")
    older = copied(directory, tmp_path / "older")
    await made_with(directory, b'{"n":2}', b'{"n":3}')
    shutil.copy(older / "log.db", directory / "log.db")

    with pytest.raises(LogShortened, match="ends at position 1 but 3 was acknowledged"):
        await open_sqlite(directory)
    engine = await open_sqlite(directory, accept_shorter=True)
    head = await engine.log.head()
    assert engine.loss == Loss(position=1, root=head.root.hex(), lost=3)
    assert (await engine.log.append(commit(made("a:1")))).position == 2
    await engine.close()

    engine = await open_sqlite(directory)
    assert engine.loss is not None
    engine.told()
    await engine.close()
    engine = await open_sqlite(directory)
    assert engine.loss is None
    await engine.close()


async def test_a_log_without_its_mark_is_gone_on_with_only_when_that_is_said(directory: Path) -> None:
    await made_with(directory, b"{}")
    (directory / "mark").unlink()

    with pytest.raises(LogDamaged, match="mark is missing"):
        await open_sqlite(directory)
    engine = await open_sqlite(directory, accept_shorter=True)

    assert engine.loss is not None
    assert (engine.loss.position, engine.loss.lost) == (1, 1)
    await engine.close()
