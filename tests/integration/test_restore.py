"""A backup put back: into a new directory, or over one, which loses nothing silently and is never half replaced."""

# ruff: noqa: ASYNC221, ASYNC240 - nobody else waits for the loop of a test.

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from events.facts import LogRestored, read
from events.log.archive import BackupUnreadable
from events.log.backup import back_up
from events.log.loss import Loss
from events.log.port import LogLocked, Query, QueryItem
from events.log.restore import RestoreRefused, restore
from tests.contract.given import commit, files_with, made
from tests.contract.test_erasure import SECRET
from tests.integration.backups import LATER, NOW, Held, erasing, held, opened, record, with_texts

ROOT = Path(__file__).parents[2]
RESTORED = Query(items=(QueryItem(types=("log.restored",)),))
CUT = """
import asyncio, os, shutil, sys
from itertools import count
from pathlib import Path
from events.log.files import Disk
from events.log.restore import restore
from events.log.swap import settle
file, before, under = map(Path, sys.argv[1:])

def cut_after(left):
    def step(what):
        nonlocal left
        left -= 1
        if left == 0:
            print(what, flush=True)
            os._exit(9)
    return step

def in_a_child(work):
    if os.fork() == 0:
        work()
        os._exit(0)
    _, status = os.wait()
    return os.waitstatus_to_exitcode(status)

for number in count():
    copy = under / f"at-{number}"
    shutil.copytree(before, copy)
    now = "2026-11-29T03:00:00.000000Z"
    code = in_a_child(lambda: asyncio.run(restore(file, copy, now=now, step=cut_after(number + 1))))
    if code == 0:
        break
    if (copy / "restore.ready").exists():  # Whoever finishes it may be cut off as well.
        sys.stdout = sys.stderr
        in_a_child(lambda: settle(copy, Disk(), cut_after(1 + number % 4)))
        sys.stdout = sys.__stdout__
"""
"""Restores a backup over one copy of a directory after the other, and dies at one step after the other."""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backup.tar"


async def backed_up(directory: Path, file: Path, *texts: bytes) -> Held:
    """Record texts, and make a backup of that."""
    found = await with_texts(directory, *texts)
    await back_up(directory, file, now=NOW)
    return found


async def test_over_a_directory_that_has_nothing_more_it_moves_what_was_there_aside(
    directory: Path, file: Path
) -> None:
    before = await backed_up(directory, file, b"one", b"two")
    async with opened(directory) as (engine, _):
        await engine.state.delete("text", "0001")
    (directory / "views").mkdir()
    (directory / "somebody.txt").write_text("else's")

    done = await restore(file, directory, now=LATER)

    assert (done.loss, done.fresh) == (None, False)
    assert await held(directory) == before
    assert done.aside == directory / "before-restore-20261129T030000Z"
    assert (await held(done.aside)).texts == (b"two",)
    assert not (directory / "views").exists()
    assert (directory / "somebody.txt").exists()


async def test_what_was_acknowledged_after_the_backup_is_lost_only_when_that_is_said_and_the_log_tells_it(
    directory: Path, file: Path
) -> None:
    before = await backed_up(directory, file, b"one", b"two")
    more = await with_texts(directory, b"three", b"four")

    with pytest.raises(RestoreRefused, match=r"acknowledged entry 4 and commit 4; .* ends at entry 2 and commit 2\."):
        await restore(file, directory, now=LATER)
    assert await held(directory) == more

    done = await restore(file, directory, now=LATER, accept_shorter=True)

    assert done.loss == Loss(position=2, root=done.manifest.root, lost=4)
    async with opened(directory) as (engine, seal):
        fact = (await engine.log.read(RESTORED)).events[0]
        assert fact.position == 3
        assert isinstance(told := read(fact.type, fact.v, fact.data), LogRestored)
        assert (told.position, told.root, told.lost) == (2, done.manifest.root, 4)
        assert str(seal.vkey) != before.vkey
        assert "/restored-2-" in seal.origin


async def test_a_commit_without_entries_counts_as_acknowledged_too(directory: Path, file: Path) -> None:
    await backed_up(directory, file, b"one")
    async with opened(directory) as (engine, _):
        await engine.log.append(commit(unchanged=True))

    with pytest.raises(RestoreRefused, match="acknowledged entry 1 and commit 2; "):
        await restore(file, directory, now=LATER)


async def test_a_history_that_parted_from_the_backups_is_lost_only_when_that_is_said(
    directory: Path, file: Path, tmp_path: Path
) -> None:
    await backed_up(directory, file, b"one")
    await restore(file, tmp_path / "other", now=LATER)
    await backed_up(directory, file, b"two", b"three")
    await with_texts(tmp_path / "other", b"another two")

    with pytest.raises(RestoreRefused, match="acknowledged entry 2, and not all up to there are the same; "):
        await restore(file, tmp_path / "other", now=LATER)
    done = await restore(file, tmp_path / "other", now=LATER, accept_shorter=True)

    assert done.loss == Loss(position=3, root=done.manifest.root, lost=3)


async def test_a_loss_that_was_accepted_and_not_told_yet_still_counts_as_acknowledged(
    directory: Path, file: Path
) -> None:
    await backed_up(directory, file, b"one")
    await with_texts(directory, b"two", b"three")
    await restore(file, directory, now=LATER, accept_shorter=True)

    with pytest.raises(RestoreRefused, match="acknowledged entry 3 "):
        await restore(file, directory, now=LATER)


async def test_another_log_is_never_replaced(directory: Path, file: Path, tmp_path: Path) -> None:
    await backed_up(directory, file, b"one")
    other = await with_texts(tmp_path / "other", b"another")

    with pytest.raises(RestoreRefused, match=f"holds the log {other.log_id}"):
        await restore(file, tmp_path / "other", now=LATER, accept_shorter=True)

    assert await held(tmp_path / "other") == other


async def test_a_directory_whose_mark_is_gone_may_have_had_more(directory: Path, file: Path) -> None:
    await backed_up(directory, file, b"one")
    (directory / "mark").unlink()

    with pytest.raises(RestoreRefused, match="holds a log and no readable mark"):
        await restore(file, directory, now=LATER)
    done = await restore(file, directory, now=LATER, accept_shorter=True)

    assert done.loss == Loss(position=1, root=done.manifest.root, lost=1)


async def test_in_a_new_directory_somebody_must_say_that_entries_are_lost(file: Path, tmp_path: Path) -> None:
    before = await backed_up(tmp_path / "data", file, b"one")

    done = await restore(file, tmp_path / "new", now=LATER, accept_shorter=True)

    assert done.loss == Loss(position=1, root=done.manifest.root, lost=1)
    assert (await held(tmp_path / "new")).vkey != before.vkey


async def test_what_was_erased_stays_erased_whatever_backup_is_put_back(directory: Path, file: Path) -> None:
    async with opened(directory) as (engine, _):
        await engine.log.append(commit(made("a:1", data=SECRET)))
    await back_up(directory, file, now=NOW)
    async with opened(directory) as (engine, _):
        await engine.log.erase(erasing(1))

    done = await restore(file, directory, now=LATER, accept_shorter=True)

    assert (done.erased, done.aside) == (1, directory / "before-restore-20261129T030000Z")
    assert files_with(directory, SECRET) == []
    assert (await held(directory)).data[0] is None
    assert files_with(directory, SECRET) == []


async def test_a_ledger_kept_elsewhere_is_applied_too(directory: Path, file: Path, tmp_path: Path) -> None:
    async with opened(directory) as (engine, _):
        await engine.log.append(commit(made("a:1", data=SECRET)))
    await back_up(directory, file, now=NOW)
    shutil.copytree(directory, tmp_path / "copy")
    async with opened(tmp_path / "copy") as (engine, _):
        await engine.log.erase(erasing(1))
    (directory / "before-upgrade-20260101T000000Z").mkdir()
    shutil.copy(directory / "log.db", directory / "before-upgrade-20260101T000000Z")

    done = await restore(file, directory, now=LATER, erasures=tmp_path / "copy" / "erasures")

    assert (done.erased, done.aside) == (1, None)

    assert files_with(directory, SECRET) == []
    with pytest.raises(RestoreRefused, match=r"might come back: .*backup\.tar is not what was written"):
        await restore(file, directory, now=LATER, erasures=file)


async def test_a_directory_that_is_served_is_left_alone(directory: Path, file: Path) -> None:
    await backed_up(directory, file, b"one")
    async with opened(directory) as (engine, _):
        with pytest.raises(LogLocked):
            await restore(file, directory, now=LATER)

        await record(engine, b"two")
    assert (await held(directory)).texts == (b"one", b"two")


async def test_a_damaged_backup_changes_nothing(directory: Path, file: Path) -> None:
    before = await backed_up(directory, file, b"one")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)

    with pytest.raises(BackupUnreadable, match=r"is damaged: log\.db is not as it was written"):
        await restore(file, directory, now=LATER)

    assert await held(directory) == before
    assert not (directory / "restore.unfinished").exists()


async def test_a_restore_that_is_killed_at_any_step_leaves_the_old_or_the_new_directory(
    directory: Path, file: Path, tmp_path: Path
) -> None:
    before = tmp_path / "before"
    async with opened(directory) as (engine, _):
        await record(engine, b"one")
        await back_up(directory, file, now=NOW)
        await engine.state.put("text", "0001", b"changed", expected=None)
        shutil.copytree(directory, before)
    assert (before / "log.db-wal").read_bytes().strip(b"\0")  # It must not be played back into the new log.db.
    (before / "views").mkdir()

    command = [sys.executable, "-c", CUT, str(file), str(before), str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    seen, found = done.stdout.splitlines(), []
    for number in range(len(seen) + 1):
        there = await held(tmp_path / f"at-{number}")
        assert len(there.data) == 1
        assert [path.name for path in (tmp_path / f"at-{number}").glob("restore.*")] == []
        found.append(there.texts)
    decided = seen.index("decide")
    assert found[: decided + 1] == [(b"changed",)] * (decided + 1)
    assert found[decided + 1 :] == [(b"one",)] * (len(seen) - decided)
    assert {"extract", "verify", "journals", "away log.db", "place log.db", "place mark", "views", "done"} <= set(seen)
