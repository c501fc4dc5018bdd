"""One file of a whole data directory, made while it is in use, of one moment, and read back before it counts."""

# ruff: noqa: ASYNC221, ASYNC240 - nobody else waits for the loop of a test.

import asyncio
import re
import shutil
import sqlite3 as standard
import subprocess
import tarfile
from collections.abc import Callable, Coroutine
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest

from events.log.archive import BackupUnreadable, check_archive, read_manifest
from events.log.backup import BackupFailed, back_up
from events.log.files import Disk
from events.log.mark import read_mark
from events.log.restore import check, restore
from events.log.shelf import backups, prune
from tests.contract.given import commit, made
from tests.integration.backups import LATER, NOW, erasing, held, opened, record, with_texts

SECRET = b"a private person's name, and where they live"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backup.tar"


def meanwhile(*what: Callable[[], Coroutine[Any, Any, object]]) -> Callable[[str], None]:
    """Return what does one thing after each copy of a database, in the loop that serves the directory."""
    loop, left = asyncio.get_running_loop(), list(what)

    def copied(_: str) -> None:
        if left:
            asyncio.run_coroutine_threadsafe(left.pop(0)(), loop).result()

    return copied


async def test_what_was_backed_up_is_there_after_restoring_it(directory: Path, file: Path, tmp_path: Path) -> None:
    before = await with_texts(directory, b"one", b"two")

    made = await back_up(directory, file, now=NOW)
    await restore(file, tmp_path / "new", now=LATER)

    assert await held(tmp_path / "new") == before
    assert (made.path, made.manifest.position, made.manifest.log) == (file, 2, before.log_id)
    assert file.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.tar", "data", "new"]


async def test_any_tar_and_sha256sum_can_check_it(directory: Path, file: Path, tmp_path: Path) -> None:
    await with_texts(directory, b"one")
    await back_up(directory, file, now=NOW)

    with tarfile.open(file) as tar:
        assert tar.getnames() == ["manifest.json", "log.db", "state.db", "mark", "key", "SHA256SUMS"]
    subprocess.run(["tar", "xf", file], cwd=tmp_path, check=True)
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=tmp_path, check=True)


async def test_every_entry_in_it_has_its_text_whatever_is_recorded_meanwhile(
    directory: Path, file: Path, tmp_path: Path
) -> None:
    await with_texts(directory, b"one")
    async with opened(directory) as (engine, _):
        more = meanwhile(lambda: record(engine, b"two"), lambda: record(engine, b"three"))

        await back_up(directory, file, now=NOW, copied=more)

    await restore(file, tmp_path / "new", now=LATER)
    found = await held(tmp_path / "new")
    assert len(found.data) == 1
    assert len(found.texts) >= len(found.data)
    assert read_mark(tmp_path / "new" / "mark", Disk()) != read_mark(directory / "mark", Disk())


async def test_a_key_that_changes_meanwhile_is_the_one_that_the_log_in_it_says(
    directory: Path, file: Path, tmp_path: Path
) -> None:
    await with_texts(directory, b"one")
    async with opened(directory) as (engine, seal):
        await back_up(directory, file, now=NOW, copied=meanwhile(lambda: seal.rotate(key="meanwhile")))

        vkey = str(seal.vkey)
        assert (await engine.log.head()).position == 2
    await restore(file, tmp_path / "new", now=LATER)
    found = await held(tmp_path / "new")
    assert (len(found.data), found.vkey) == (2, vkey)


async def test_what_is_erased_meanwhile_is_not_in_it(directory: Path, file: Path) -> None:
    async with opened(directory) as (engine, _):
        await engine.log.append(commit(made("a:1", data=b'{"words":"%s"}' % SECRET)))

        await back_up(directory, file, now=NOW, copied=meanwhile(lambda: engine.log.erase(erasing(1))))

    assert SECRET not in file.read_bytes()
    assert read_manifest(file).position == 2


async def test_bytes_that_a_database_forgot_to_overwrite_are_not_in_it(directory: Path, file: Path) -> None:
    await with_texts(directory, *(SECRET + b"%d" % number * 1000 for number in range(20)))
    with closing(standard.connect(directory / "state.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("DELETE FROM state WHERE kind = 'text'")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert SECRET in (directory / "state.db").read_bytes()

    await back_up(directory, file, now=NOW)

    assert SECRET not in file.read_bytes()


async def test_after_a_crash_it_holds_what_was_acknowledged(directory: Path, file: Path, tmp_path: Path) -> None:
    crashed = tmp_path / "crashed"
    async with opened(directory) as (engine, _):
        await record(engine, b"one", b"two")
        shutil.copytree(directory, crashed, ignore=shutil.ignore_patterns("*-shm"))

    made = await back_up(crashed, file, now=NOW)

    assert (crashed / "log.db-wal").stat().st_size
    assert made.manifest.position == 2


async def test_a_damaged_log_makes_no_backup_and_leaves_the_last_one(directory: Path, file: Path) -> None:
    await with_texts(directory, b"one", b"two")
    await back_up(directory, file, now=NOW)
    good = file.read_bytes()
    content = (directory / "log.db").read_bytes()
    assert content.count(b'{"text":"2"}') == 1
    (directory / "log.db").write_bytes(content.replace(b'{"text":"2"}', b'{"text":"3"}'))

    with pytest.raises(BackupFailed, match="the data of event 2 is not what was recorded"):
        await back_up(directory, file, now=LATER)

    assert file.read_bytes() == good
    assert [path.name for path in file.parent.iterdir() if path.name.startswith("backup")] == ["backup.tar"]


async def test_a_log_that_lost_its_end_makes_no_backup(directory: Path, file: Path, tmp_path: Path) -> None:
    await with_texts(directory, b"one")
    shutil.copy(directory / "log.db", tmp_path / "older.db")
    await with_texts(directory, b"two")
    shutil.copy(tmp_path / "older.db", directory / "log.db")

    with pytest.raises(BackupFailed, match="ends at position 1 but 2 was acknowledged"):
        await back_up(directory, file, now=NOW)

    assert not file.exists()


async def test_it_replaces_an_older_backup_and_nothing_else(directory: Path, file: Path) -> None:
    await with_texts(directory, b"one")
    await back_up(directory, file, now=NOW)
    await back_up(directory, file, now=LATER)
    assert read_manifest(file).made_at == LATER

    file.write_bytes(b"a letter")
    with pytest.raises(BackupFailed, match="is no backup; give another name"):
        await back_up(directory, file, now=LATER)
    assert file.read_bytes() == b"a letter"


async def test_a_directory_that_is_not_there_is_named_and_not_made(directory: Path, tmp_path: Path) -> None:
    await with_texts(directory, b"one")

    with pytest.raises(BackupFailed, match=re.escape(f"there is no directory {tmp_path / 'none'};")):
        await back_up(directory, tmp_path / "none" / "backup.tar", now=NOW)
    assert not (tmp_path / "none").exists()


async def test_a_changed_byte_or_a_missing_end_is_noticed(directory: Path, file: Path) -> None:
    await with_texts(directory, b"one")
    manifest = (await back_up(directory, file, now=NOW)).manifest
    whole, random, noticed = file.read_bytes(), Random(4), 0
    sparse = [offset for offset in range(len(whole)) if whole[offset]]
    for _ in range(300):
        at = random.choice((random.randrange(len(whole)), random.choice(sparse)))
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << random.randrange(8)]) + whole[at + 1 :])
        try:
            assert check_archive(file, lambda done, total: None) == manifest, at  # Between two parts nothing is said.
        except BackupUnreadable:
            noticed += 1
    assert noticed > 250

    for size in (0, 100, 511, 512, 5000, len(whole) // 2, len(whole.rstrip(b"\0")) - 1):
        file.write_bytes(whole[:size])
        with pytest.raises(BackupUnreadable):
            await check(file)


async def test_one_that_was_packed_afterwards_is_read_as_well(directory: Path, file: Path) -> None:
    await with_texts(directory, b"one")
    manifest = (await back_up(directory, file, now=NOW)).manifest
    subprocess.run(["gzip", file], check=True)
    packed = file.with_name("backup.tar.gz")

    assert await check(packed) == manifest

    content = bytearray(packed.read_bytes())
    content[len(content) // 2] ^= 4
    packed.write_bytes(content)
    with pytest.raises(BackupUnreadable):
        await check(packed)


async def test_the_newest_are_kept_and_other_files_and_logs_left_alone(directory: Path, tmp_path: Path) -> None:
    shelf, other = tmp_path / "shelf", tmp_path / "other"
    shelf.mkdir()
    own = (await with_texts(directory, b"one")).log_id
    await with_texts(other, b"one")
    for day in range(1, 6):
        await back_up(directory, shelf, now=f"2026-11-0{day}T03:00:00.000000Z")
    await back_up(other, shelf, now="2026-01-01T03:00:00.000000Z")
    (shelf / "dateline-20260101T000000Z-1.tar").write_bytes(b"no backup")

    gone = prune(shelf, own, 2)

    assert [path.name[:17] for path in gone] == ["dateline-20261103", "dateline-20261102", "dateline-20261101"]
    assert [kept.made_at[:10] for kept in backups(shelf, own)] == ["2026-11-05", "2026-11-04"]
    assert len(list(shelf.iterdir())) == 4


async def test_what_a_backup_that_was_cut_off_left_is_removed_and_one_under_way_is_not(
    directory: Path, tmp_path: Path
) -> None:
    await with_texts(directory, b"one")
    left = tmp_path / "dateline-20261101T030000Z.unfinished"
    left.mkdir()
    alive: list[bool] = []

    async def another() -> None:
        await back_up(directory, tmp_path / "other.tar", now=NOW)
        alive.append((tmp_path / "backup.tar.unfinished").exists())

    await back_up(directory, tmp_path / "backup.tar", now=NOW, copied=meanwhile(another))

    assert alive == [True]
    assert not left.exists()
