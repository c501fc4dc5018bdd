"""What the SQLite writer owes an answer: it is on the disk before, and grouped requests are judged one by one."""

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from events.log.build import sqlite3
from events.log.files import PIECE_BYTES, Disk
from events.log.mark import MarkFile
from events.log.port import (
    AppendCondition,
    AppendConditionFailed,
    LogDamaged,
    LogUnavailable,
    NewCommit,
    Query,
    QueryItem,
    Receipt,
)
from events.log.sqlite import SqliteEngine, open_sqlite
from tests.contract.given import Clock, append_each, commit, made, outcomes, positions, query, tagged, typed

SLOW_S = 0.02
"""How long a sync takes here: an answer that did not wait for it would come first."""
FULL = 2


class SteppedDisk(Disk):
    """The real disk; it tells the steps of each append in the order they were done."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.connections: dict[str, sqlite3.Connection] = {}

    def connect(self, path: Path, *, read_only: bool = False) -> Any:
        connection = super().connect(path, read_only=read_only)
        if read_only:
            return connection
        self.connections[path.name] = connection
        return Stepped(connection, self.steps)


class Stepped:
    """A connection that tells when a COMMIT is done."""

    def __init__(self, connection: sqlite3.Connection, steps: list[str]) -> None:
        self._connection = connection
        self._steps = steps

    def execute(self, sql: str, *parameters: Any) -> object:
        done = self._connection.execute(sql, *parameters)
        if sql == "COMMIT":
            self._steps.append("committed")
        return done

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)


class CarelessDisk(Disk):
    """A disk on which SQLite passes over a setting without an error, and has another value of it."""

    def __init__(self, database: str, setting: str, value: str) -> None:
        self._database = database
        self._setting = setting
        self._value = value

    def connect(self, path: Path, *, read_only: bool = False) -> sqlite3.Connection:
        connection = super().connect(path, read_only=read_only)
        if path.name == self._database:
            connection.execute(f"PRAGMA {self._setting} = {self._value}")
            connection.set_authorizer(self._pass_over)
        return connection

    def _pass_over(self, action: int, name: str | None, value: str | None, *_: str | None) -> int:
        sets = action == sqlite3.SQLITE_PRAGMA and name == self._setting and value is not None
        return sqlite3.SQLITE_IGNORE if sets else sqlite3.SQLITE_OK


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def disk() -> SteppedDisk:
    return SteppedDisk()


@pytest.fixture
async def engine(directory: Path, disk: SteppedDisk) -> AsyncGenerator[SqliteEngine, None]:
    engine = await open_sqlite(directory, files=disk, clock=Clock())
    yield engine
    await engine.close()


@pytest.fixture
def steps(engine: SqliteEngine, disk: SteppedDisk, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the steps to come: each COMMIT, each write to the mark, and each sync of it once it is done."""
    write, sync = os.pwrite, os.fsync

    def told_write(descriptor: int, content: bytes, at: int) -> int:
        disk.steps.append("written")
        return write(descriptor, content, at)

    def told_sync(descriptor: int) -> None:
        time.sleep(SLOW_S)
        sync(descriptor)
        disk.steps.append("synced")

    monkeypatch.setattr(os, "pwrite", told_write)
    monkeypatch.setattr(os, "fsync", told_sync)
    monkeypatch.setattr(os, "fdatasync", told_sync, raising=False)
    disk.steps.clear()
    return disk.steps


@pytest.fixture
def synced(directory: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, object]]:
    """Return what will be synced: a file with its content at that moment, a directory as `.` with its names."""
    directory.mkdir()
    seen: list[tuple[str, object]] = []

    def told(descriptor: int) -> None:
        for path in (directory, *directory.iterdir()):
            if os.path.samestat(path.stat(), os.fstat(descriptor)):
                is_file = path.is_file()
                seen.append((path.name, path.read_bytes()) if is_file else (".", sorted(os.listdir(path))))

    monkeypatch.setattr(os, "fsync", told)
    monkeypatch.setattr(os, "fdatasync", told, raising=False)
    return seen


@pytest.mark.parametrize("database", ["log.db", "state.db"])
async def test_the_connection_that_writes_syncs_every_commit(
    engine: SqliteEngine, disk: SteppedDisk, database: str
) -> None:
    """Promise 1: a 201 means fsynced."""
    await append_each(engine.log, made())
    await engine.state.put("draft", "a", b"", expected=0)
    connection = disk.connections[database]

    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (FULL,)


@pytest.mark.parametrize("database", ["log.db", "state.db"])
@pytest.mark.parametrize(
    ("setting", "value"), [("synchronous", "NORMAL"), ("synchronous", "OFF"), ("journal_mode", "TRUNCATE")]
)
async def test_where_sqlite_would_not_sync_its_commits_nothing_is_opened(
    directory: Path, database: str, setting: str, value: str
) -> None:
    with pytest.raises(LogUnavailable, match=f"{database} would not survive a power cut"):
        await open_sqlite(directory, files=CarelessDisk(database, setting, value))

    engine = await open_sqlite(directory)  # It let go of the directory.
    await engine.close()


async def test_an_append_is_committed_then_marked_then_synced_and_only_then_answered(
    engine: SqliteEngine, steps: list[str]
) -> None:
    """Section 4: the mark is written after COMMIT and before the answer."""
    for request in (commit(made()), commit(made(), made()), commit(unchanged=True)):
        await engine.log.append(request)
        steps.append("answered")

    assert steps == ["committed", "written", "synced", "answered"] * 3


async def test_appends_sent_together_are_answered_only_once_the_mark_has_them_all(
    engine: SqliteEngine, steps: list[str], directory: Path
) -> None:
    async def marked_and_given() -> tuple[int, int]:
        receipt = await engine.log.append(commit(made()))
        marked = MarkFile(directory / "mark", Disk())
        marked.close()
        assert marked.mark is not None
        return marked.mark.position, receipt.position

    found = await asyncio.gather(*(marked_and_given() for _ in range(50)))

    assert all(marked >= given for marked, given in found)
    groups = steps.count("committed")
    assert steps == ["committed", "written", "synced"] * groups
    assert groups < 10


def test_a_file_is_put_in_place_synced_and_so_is_its_directory(
    directory: Path, synced: list[tuple[str, object]]
) -> None:
    Disk().create(directory / "mark", b"content")

    assert synced == [("mark.new", b"content"), (".", ["mark"])]
    assert (directory / "mark").read_bytes() == b"content"


def test_what_is_written_or_reserved_in_a_file_is_synced(directory: Path, synced: list[tuple[str, object]]) -> None:
    (directory / "mark").write_bytes(b"ab")
    file = Disk().open(directory / "mark")

    file.write(b"cd", at=1)
    Disk().reserve(directory / "mark", 5)

    assert synced == [("mark", b"acd"), ("mark", b"acd\x00\x00")]
    file.close()


@pytest.mark.parametrize(
    "watched",
    [
        Query.all(),
        query(tagged("a:1")),
        query(typed("announcement.made")),
        query(QueryItem(types=("b.c",)), tagged("a:1")),
    ],
)
async def test_the_second_of_two_requests_in_one_transaction_sees_the_first_and_fails_alone(
    engine: SqliteEngine, disk: SteppedDisk, directory: Path, watched: Query
) -> None:
    """Case 25, with the writer held up until both wait."""
    await append_each(engine.log, made("a:1"))
    condition = AppendCondition(fail_if_match=watched, after=2)
    requests: list[NewCommit] = [commit(made("b:1")), *(commit(made("a:1"), condition=condition) for _ in range(2))]
    requests.append(commit(made("c:1")))
    disk.steps.clear()
    held = sqlite3.connect(directory / "log.db", isolation_level=None)
    held.execute("BEGIN IMMEDIATE")

    sent = asyncio.create_task(outcomes(engine.log, requests))
    await asyncio.sleep(SLOW_S)
    held.close()
    answers = await sent

    assert disk.steps.count("committed") <= 2  # At most the first went alone.
    assert [type(answer) for answer in answers] == [Receipt, Receipt, AppendConditionFailed, Receipt]
    refused = answers[2]
    assert isinstance(refused, AppendConditionFailed)
    assert refused.conflict == 3
    assert await positions(engine.log) == [1, 2, 3, 4]


def test_a_directory_made_within_directories_that_are_new_too_is_there_after_a_power_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[list[str]] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.listdir(descriptor)))

    Disk().make_directory(tmp_path / "a" / "b" / "data")

    assert synced == [["a"], ["b"], ["data"]]
    assert (tmp_path / "a" / "b" / "data").stat().st_mode & 0o777 == 0o700


async def test_a_commit_that_fails_half_way_leaves_nothing_of_itself(engine: SqliteEngine, directory: Path) -> None:
    """Case 5: its payloads are written before the tag that stands in its way, which another client left there."""
    await append_each(engine.log, made("a:1"))
    client = sqlite3.connect(directory / "log.db", isolation_level=None)
    client.execute("INSERT INTO event_tag (tag, position) VALUES ('in:the_way', 3)")
    doomed = commit(made("b:1"), made("in:the_way"), key="k")

    answers = await outcomes(engine.log, [doomed, doomed])

    assert [type(answer) for answer in answers] == [LogDamaged, LogDamaged]
    assert await engine.log.outcome("ada/k") is None
    assert await positions(engine.log) == [1]
    for table in ("event_payload", "event_node", "event_commit"):
        assert client.execute(f"SELECT count(*) FROM {table}").fetchone() == (1,)
    client.close()
    assert (await engine.log.append(commit(made("b:1")))).position == 2


def test_a_file_is_renewed_by_writing_all_of_it_again(directory: Path, synced: list[tuple[str, object]]) -> None:
    content = bytes(range(256)) * 8192  # Two pieces and no rest.
    (directory / "log.db-wal").write_bytes(content)
    before = (directory / "log.db-wal").stat().st_mtime_ns

    Disk().renew(directory / "log.db-wal")
    Disk().renew(directory / "none")

    assert synced == [("log.db-wal", content)]
    assert (directory / "log.db-wal").stat().st_mtime_ns > before
    assert sorted(path.name for path in directory.iterdir()) == ["log.db-wal"]


async def test_a_write_ahead_log_that_a_crash_left_is_put_in_place_anew_before_it_is_read(
    engine: SqliteEngine, directory: Path, tmp_path: Path
) -> None:
    await append_each(engine.log, made())
    shutil.copytree(directory, tmp_path / "copy")
    left = (tmp_path / "copy" / "log.db-wal").read_bytes()
    created: list[tuple[str, bytes]] = []

    class Watched(Disk):
        def create(self, path: Path, content: bytes) -> None:
            created.append((path.name, content))
            super().create(path, content)

    copy = await open_sqlite(tmp_path / "copy", files=Watched(), clock=Clock())

    assert created[0] == ("log.db-wal", left)
    assert await positions(copy.log) == [1]
    await copy.close()


def test_what_is_looked_for_in_a_file_is_found_across_the_pieces_that_are_read(directory: Path) -> None:
    directory.mkdir()
    (directory / "log.db").write_bytes(bytes(PIECE_BYTES - 3) + b"salted" + bytes(9))
    file = Disk().open(directory / "log.db")

    assert file.holds([b"nowhere", b"salted"])
    assert not file.holds([b"nowhere", b"saltes"])
    assert not file.holds([])
    file.close()


async def test_an_erasure_leaves_the_locks_on_the_database_in_place(directory: Path) -> None:
    """With the first descriptor of a file that a process closes, it would lose all of its locks on it."""
    engine = await open_sqlite(directory, clock=Clock())
    await append_each(engine.log, made(), made())
    await engine.log.erase(structs.replace(commit(made("log:x")), erases=(1,)))
    await append_each(engine.log, made())

    # The last to close a database removes its write-ahead log; another process is not the last.
    other = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM event'); c.close()"
    run = partial(subprocess.run, [sys.executable, "-c", other, str(directory / "log.db")], check=True)
    await asyncio.to_thread(run)

    assert (directory / "log.db-wal").exists()
    assert await positions(engine.log) == [1, 2, 3, 4]
    await engine.close()
