"""What only the SQLite engine has: tables that refuse changes, a mark, a lock, hints (cases 48, 53, 55)."""

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

import pytest

from events.log import sqlite_query as log_query
from events.log.build import SQLITE_VERSION_MIN, SqliteTooOld, require_sqlite, sqlite3
from events.log.following import Hints
from events.log.mark import SLOT_BYTES
from events.log.port import (
    CaughtUp,
    LogClosed,
    LogDamaged,
    LogLocked,
    LogShortened,
    LogUnavailable,
    NewCommit,
    OutcomeUnknown,
    Query,
    QueryItem,
    Receipt,
)
from events.log.sqlite import SqliteEngine, open_sqlite
from events.log.sqlite_writer import Writer
from tests.contract.given import Clock, append_each, commit, made, next_of, outcomes, positions, query, tagged, typed

TABLES = ("log_meta", "event", "event_payload", "event_tag", "event_commit", "event_node")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
async def engine(directory: Path) -> AsyncGenerator[SqliteEngine, None]:
    engine = await open_sqlite(directory, clock=Clock())
    yield engine
    await engine.close()


async def recorded(directory: Path, *, events: int = 3) -> None:
    engine = await open_sqlite(directory, clock=Clock())
    await append_each(engine.log, *(made(f"a:{number}") for number in range(events)))
    await engine.close()


def client(directory: Path) -> sqlite3.Connection:
    return sqlite3.connect(directory / "log.db", isolation_level=None)


def columns(connection: sqlite3.Connection, table: str) -> tuple[list[str], tuple[object, ...]]:
    cursor = connection.execute(f"SELECT * FROM {table}")
    return [column[0] for column in cursor.description], cursor.fetchone()


@pytest.mark.parametrize("table", TABLES)
async def test_any_sql_client_is_refused_to_change_delete_or_replace_a_row(directory: Path, table: str) -> None:
    """Case 55."""
    await recorded(directory)
    connection = client(directory)
    names, row = columns(connection, table)
    listed, values, key = ", ".join(names), ", ".join("?" * len(names)), names[0]

    attempts = [
        (f"UPDATE {table} SET {key} = {key}", ()),
        (f"UPDATE OR REPLACE {table} SET {key} = {key}", ()),
        (f"DELETE FROM {table}", ()),
        (f"REPLACE INTO {table} ({listed}) VALUES ({values})", row),
        (f"INSERT OR REPLACE INTO {table} ({listed}) VALUES ({values})", row),
        (f"INSERT OR IGNORE INTO {table} ({listed}) VALUES ({values})", row),
        (f"INSERT INTO {table} ({listed}) VALUES ({values}) ON CONFLICT DO UPDATE SET {key} = {key}", row),
    ]
    before = connection.execute(f"SELECT * FROM {table}").fetchall()
    for sql, parameters in attempts:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(sql, parameters)

    assert connection.execute(f"SELECT * FROM {table}").fetchall() == before
    connection.close()


@pytest.mark.parametrize(("table", "unique"), [("event", "id"), ("event_commit", "key")])
async def test_a_row_is_not_replaced_through_its_other_unique_column(directory: Path, table: str, unique: str) -> None:
    """Case 55."""
    await recorded(directory)
    connection = client(directory)
    names, row = columns(connection, table)
    other = [4 if name in ("position", "number") else value for name, value in zip(names, row, strict=True)]

    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(f"REPLACE INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", other)

    assert unique in names
    connection.close()


async def test_no_sql_client_can_leave_a_gap_or_add_to_a_recorded_event(directory: Path) -> None:
    """Case 55, promise 3."""
    await recorded(directory)
    connection = client(directory)

    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute("INSERT INTO event_tag (tag, position) VALUES ('a:x', 2)")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute("INSERT INTO event (position, id, type, recorded_at, entry) VALUES (5, 'x', 'a', '', x'00')")
    connection.close()


@pytest.mark.parametrize(
    "dropped",
    [
        *(f"TABLE {table}" for table in TABLES),
        "INDEX event_by_id",
        "TRIGGER event_no_update",
        "TRIGGER event_tag_no_replace",
    ],
)
async def test_a_dropped_table_index_or_trigger_is_found_at_start(directory: Path, dropped: str) -> None:
    """Case 55."""
    await recorded(directory)
    connection = client(directory)
    connection.execute(f"DROP {dropped}")
    connection.close()

    with pytest.raises(LogDamaged):
        await open_sqlite(directory)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE event SET entry = x'7b7d' WHERE position = 2",
        "UPDATE event SET entry = CAST(replace(CAST(entry AS TEXT), 'ada', 'eve') AS BLOB) WHERE position = 2",
        "UPDATE event SET type = 'another.type' WHERE position = 2",
        "UPDATE event SET recorded_at = '2024-04-10T12:00:00.000001Z' WHERE position = 2",
        "UPDATE event_payload SET data = x'7b207d' WHERE position = 2",
        "UPDATE event_payload SET salt = zeroblob(16) WHERE position = 2",
        "UPDATE event_payload SET salt = 'a text' WHERE position = 2",
        "UPDATE event_tag SET position = 1 WHERE position = 2",
        "DELETE FROM event_tag WHERE position = 2",
        "INSERT INTO event_tag (tag, position) VALUES ('a:x', 2)",
        "UPDATE event_commit SET size = 2 WHERE number = 2",
        "UPDATE event_commit SET recorded_at = '' WHERE number = 2",
        "UPDATE event_node SET hashes = zeroblob(32) WHERE position = 1",
    ],
)
async def test_what_was_changed_behind_the_triggers_is_found_by_verify(directory: Path, damage: str) -> None:
    """Case 52, by statement instead of by bit."""
    await recorded(directory)
    connection = client(directory)
    triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute(damage)
    for _, sql in triggers:
        connection.execute(sql)
    connection.close()
    engine = await open_sqlite(directory)

    with pytest.raises(LogDamaged, match=r"\b[12]\b|event_tag"):
        await engine.log.verify()
    await engine.close()


async def test_a_log_copied_without_its_write_ahead_log_is_refused_with_the_numbers(
    directory: Path, engine: SqliteEngine, tmp_path: Path
) -> None:
    """Case 53."""
    await append_each(engine.log, made(), made(), made())
    shutil.copytree(directory, tmp_path / "copy")
    (tmp_path / "copy" / "log.db-wal").unlink()
    (tmp_path / "copy" / "log.db-shm").unlink()

    with pytest.raises(LogShortened) as refusal:
        await open_sqlite(tmp_path / "copy")

    assert (refusal.value.head, refusal.value.mark) == (0, 3)


async def test_what_is_copied_of_a_closed_directory_needs_no_write_ahead_log(directory: Path, tmp_path: Path) -> None:
    engine = await open_sqlite(directory, clock=Clock())
    await append_each(engine.log, made(), made(), made())
    head = await engine.log.head()  # By a reader, which holds the file open too.
    await engine.state.put("token", "a", b"b", expected=None)
    await engine.close()
    left = sorted(os.listdir(directory))
    (tmp_path / "copy").mkdir()
    for name in ("log.db", "state.db", "mark"):
        shutil.copy(directory / name, tmp_path / "copy" / name)

    copy = await open_sqlite(tmp_path / "copy")

    assert await copy.log.head() == head
    assert await copy.state.get("token", "a") is not None
    assert left == ["lock", "log.db", "mark", "state.db"]
    await copy.close()


async def test_a_log_copied_hot_and_whole_opens(directory: Path, engine: SqliteEngine, tmp_path: Path) -> None:
    """Case 53, the counterpart."""
    await append_each(engine.log, made(), made(), made())
    shutil.copytree(directory, tmp_path / "copy")

    copy = await open_sqlite(tmp_path / "copy")

    assert await positions(copy.log) == [1, 2, 3]
    await copy.close()


async def test_an_older_log_under_a_newer_mark_is_refused(directory: Path, tmp_path: Path) -> None:
    """Case 53."""
    await recorded(directory)
    shutil.copy(directory / "log.db", tmp_path / "older")
    await recorded_further(directory)
    shutil.copy(tmp_path / "older", directory / "log.db")

    with pytest.raises(LogShortened) as refusal:
        await open_sqlite(directory)

    assert (refusal.value.head, refusal.value.mark) == (3, 5)


async def test_a_lost_no_op_is_noticed_too(directory: Path, tmp_path: Path) -> None:
    """Case 53."""
    await recorded(directory)
    shutil.copy(directory / "log.db", tmp_path / "older")
    engine = await open_sqlite(directory, clock=Clock())
    await engine.log.append(commit(unchanged=True))
    await engine.close()
    shutil.copy(tmp_path / "older", directory / "log.db")

    with pytest.raises(LogShortened):
        await open_sqlite(directory)


async def test_a_log_ahead_of_its_mark_was_cut_off_before_the_mark_and_opens(directory: Path, tmp_path: Path) -> None:
    """Section 4: the mark is written after COMMIT and before the answer."""
    await recorded(directory)
    shutil.copy(directory / "mark", tmp_path / "older")
    await recorded_further(directory)
    shutil.copy(tmp_path / "older", directory / "mark")

    engine = await open_sqlite(directory)

    assert await positions(engine.log) == [1, 2, 3, 4, 5]
    await engine.close()
    (tmp_path / "older").write_bytes((directory / "mark").read_bytes())
    engine = await open_sqlite(directory)  # The mark was raised at the start.
    await engine.close()


async def test_another_log_under_the_mark_is_refused(directory: Path, tmp_path: Path) -> None:
    await recorded(directory)
    await recorded(tmp_path / "other")
    shutil.copy(tmp_path / "other" / "log.db", directory / "log.db")

    with pytest.raises(LogDamaged, match="high-water mark"):
        await open_sqlite(directory)


@pytest.mark.parametrize("slot", [0, 1])
async def test_a_torn_slot_of_the_mark_leaves_the_other_one(directory: Path, slot: int) -> None:
    await recorded(directory)
    content = bytearray((directory / "mark").read_bytes())
    content[slot * SLOT_BYTES + 30] ^= 1
    (directory / "mark").write_bytes(content)

    engine = await open_sqlite(directory)

    assert (await engine.log.head()).position == 3
    await engine.close()


async def test_a_mark_that_is_missing_or_unreadable_is_refused(directory: Path) -> None:
    await recorded(directory)
    (directory / "mark").write_bytes(bytes(2 * SLOT_BYTES))
    with pytest.raises(LogDamaged, match="unreadable"):
        await open_sqlite(directory)
    (directory / "mark").unlink()
    with pytest.raises(LogDamaged, match="missing"):
        await open_sqlite(directory)


async def test_a_missing_log_under_a_mark_is_refused(directory: Path) -> None:
    await recorded(directory)
    (directory / "log.db").unlink()

    with pytest.raises(LogShortened):
        await open_sqlite(directory)
    assert not (directory / "log.db").exists()


async def test_a_file_that_is_no_database_is_refused(directory: Path) -> None:
    await recorded(directory)
    (directory / "log.db").write_bytes(b"not a database " * 1000)

    with pytest.raises(LogDamaged, match="not a database"):
        await open_sqlite(directory)


async def test_a_directory_is_served_by_one_process_at_a_time(directory: Path, engine: SqliteEngine) -> None:
    with pytest.raises(LogLocked):
        await open_sqlite(directory)
    await engine.close()
    again = await open_sqlite(directory)
    await again.close()


async def test_a_closed_engine_says_so_and_closes_twice(engine: SqliteEngine) -> None:
    await engine.close()
    await engine.close()

    for asked in (engine.log.append(commit(made())), engine.log.head(), engine.state.get("a", "b")):
        with pytest.raises(LogClosed):
            await asked


async def test_what_was_queued_when_closing_is_recorded(directory: Path, engine: SqliteEngine) -> None:
    waiting = [asyncio.create_task(engine.log.append(commit(made()))) for _ in range(300)]
    await asyncio.sleep(0)
    await engine.close()

    receipts = await asyncio.gather(*waiting)

    assert sorted(receipt.position for receipt in receipts) == list(range(1, 301))


async def test_with_all_hints_lost_events_arrive_by_the_poll(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Case 48."""
    monkeypatch.setattr(Hints, "give", lambda _: None)
    engine = await open_sqlite(directory, poll_s=0.1)
    subscription = engine.log.subscribe(Query.all(), after=0)
    assert await next_of(subscription, 1) == [CaughtUp(position=0)]

    await append_each(engine.log, made())

    async with asyncio.timeout(1):
        await anext(subscription)
    await subscription.aclose()
    await engine.close()


async def test_appends_that_wait_together_share_a_transaction(
    engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups: list[int] = []
    answer = Writer._answer

    def watched(writer: Writer, commits: Sequence[NewCommit]) -> object:
        groups.append(len(commits))
        return answer(writer, commits)

    monkeypatch.setattr(Writer, "_answer", watched)
    same_id = [commit(made(id="018ec86a-6640-7000-8000-000000000001")) for _ in range(2)]

    answers = await outcomes(
        engine.log, [*(commit(made()) for _ in range(196)), *[commit(made(), key="k")] * 2, *same_id]
    )

    assert sum(isinstance(answer, Receipt) and not answer.duplicate for answer in answers) == 198
    assert sum(groups) == 200  # None was tried a second time, alone.
    assert len(groups) < 20


@pytest.mark.parametrize(
    "items",
    [
        [tagged("a:1")],
        [tagged("a:1"), tagged("a:2")],
        [tagged("a:1", "a:2", "a:3")],
        [typed("a.b")],
        [typed("a.b"), typed("a.c")],
        [QueryItem(types=("a.b", "a.c"), tags=("a:1",))],
        [QueryItem(types=("a.b",), tags=("a:1", "a:2")), typed("a.b"), tagged("a:3")],
    ],
)
async def test_no_condition_and_no_read_scans_the_log(directory: Path, items: list[QueryItem]) -> None:
    await recorded(directory)
    connection = client(directory)
    asked = query(*items)
    found = [
        each
        for backwards in (False, True)
        for each in log_query.positions(asked, after=1, upto=9, backwards=backwards, limit=5)
    ]
    statements = [
        *log_query.lowest(asked, after=1),
        *found,
        *(log_query.events_at(each, backwards=False) for each in found),
    ]

    for sql, values in statements:
        plan = [step for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
        assert not any(step.startswith("SCAN") and "event" in step for step in plan), plan
    connection.close()


async def test_a_mark_that_cannot_be_written_leaves_the_outcome_unknown_and_a_retry_finds_it(
    engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Section 4: an answer is given only once the mark is written."""

    def full(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    request = commit(made(), key="k")
    with monkeypatch.context() as broken:
        broken.setattr("events.log.files._DiskFile.write", full)
        for _ in range(2):
            with pytest.raises(OutcomeUnknown):
                await engine.log.append(request)

    receipt = await engine.log.append(request)
    assert (receipt.position, receipt.duplicate) == (1, True)
    assert await positions(engine.log) == [1]


class Failing:
    """A connection whose COMMIT reports an error, before or after it happened."""

    def __init__(self, connection: sqlite3.Connection, *, stored: bool) -> None:
        self._connection = connection
        self._stored = stored

    def execute(self, sql: str, *parameters: Any) -> object:
        if sql == "COMMIT":
            if self._stored:
                self._connection.execute("COMMIT")
            raise sqlite3.OperationalError("disk I/O error")
        return self._connection.execute(sql, *parameters)

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)


async def test_a_commit_that_failed_but_is_stored_is_answered_by_its_keys(engine: SqliteEngine) -> None:
    """Section 4: if COMMIT fails the outcome is unknown; reconnect, look the keys up."""
    break_commit(engine, stored=True)

    answers = await outcomes(engine.log, [commit(made()), commit(made("not a tag")), commit(made())])

    assert [getattr(answer, "position", type(answer).__name__) for answer in answers] == [1, "CommitInvalid", 2]
    assert (await engine.log.append(commit(made()))).position == 3


async def test_a_commit_that_failed_and_is_not_found_has_an_unknown_outcome(engine: SqliteEngine) -> None:
    """Section 4: if COMMIT fails the outcome is unknown; reconnect, look the keys up."""
    break_commit(engine, stored=False)
    request = commit(made(), key="k")

    with pytest.raises(OutcomeUnknown):
        await engine.log.append(request)

    receipt = await engine.log.append(request)
    assert (receipt.position, receipt.duplicate) == (1, False)


async def test_a_log_that_cannot_write_refuses_clearly_and_works_again_without_a_restart(
    engine: SqliteEngine, directory: Path
) -> None:
    """Case 54, by a lock that another client holds."""
    connection = client(directory)
    connection.execute("BEGIN IMMEDIATE")
    writer_of(engine)._connection.execute("PRAGMA busy_timeout = 10")

    answers = await outcomes(engine.log, [commit(made()), commit(made())])
    assert [type(answer) for answer in answers] == [LogUnavailable, LogUnavailable]
    assert await positions(engine.log) == []

    connection.close()
    assert isinstance((await outcomes(engine.log, [commit(made())]))[0], Receipt)


def test_an_sqlite_that_can_corrupt_a_log_is_refused() -> None:
    with pytest.raises(SqliteTooOld, match=r"3\.40\.1"):
        require_sqlite((3, 40, 1))
    require_sqlite(SQLITE_VERSION_MIN)
    require_sqlite()


def writer_of(engine: SqliteEngine) -> Any:
    return engine.log._writer


def break_commit(engine: SqliteEngine, *, stored: bool) -> None:
    writer = writer_of(engine)
    writer._connection = Failing(writer._connection, stored=stored)


async def recorded_further(directory: Path) -> None:
    engine = await open_sqlite(directory, clock=Clock())
    await append_each(engine.log, made(), made())
    await engine.close()
