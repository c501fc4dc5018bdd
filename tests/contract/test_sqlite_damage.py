"""Damage to the files of the SQLite engine is noticed, and told with its place (cases 52 to 54)."""

import asyncio
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import pytest

from events.log.build import sqlite3
from events.log.formats import FormatNewer
from events.log.port import LogDamaged, LogShortened, Query
from events.log.sqlite import open_sqlite
from events.log.sqlite_schema import create
from tests.contract.given import NOON, Clock, append_each, commit, made
from tests.contract.test_erasure import erasing
from tests.torture import tries

WAL_HEADER_BYTES: Final = 32
WAL_FRAME_BYTES: Final = 24 + 4096

Row = tuple[object, ...]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed data directory with everything that a log can hold."""
    directory = tmp_path_factory.mktemp("damage") / "data"
    asyncio.run(_record(directory))
    return directory


async def _record(directory: Path) -> None:
    engine = await open_sqlite(directory, clock=Clock())
    await append_each(engine.log, made("a:1"))
    full = msgspec.structs.replace(made("a:1", "b:é", data=b'{"title":"x"}'), said_at=NOON, causation=1, v=2)
    await engine.log.append(commit(full, made("c:1"), key="k", note=b"note"))
    await engine.log.append(commit(unchanged=True, note=b"nothing"))
    await engine.log.append(commit(made(), made("a:1")))
    await engine.log.erase(erasing(4))
    await engine.log.append(commit(unchanged=True))
    await engine.close()


def tables(connection: sqlite3.Connection) -> list[str]:
    found = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return sorted(name for (name,) in found)


def columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def flipped(value: object) -> Iterator[object]:
    """Yield a value with one bit flipped, for each of its bits that leaves a value of its type."""
    match value:
        case int():
            yield from (value ^ 1 << bit for bit in (6, 0, 1, 2, 3, 4, 5, 7, 40))
        case str():
            for content in flipped(value.encode()):
                assert isinstance(content, bytes)
                try:
                    yield content.decode()
                except UnicodeDecodeError:
                    continue
        case bytes():
            middle = len(value) // 2
            for index in [*range(middle, len(value)), *range(middle)]:
                for bit in range(8):
                    yield value[:index] + bytes([value[index] ^ 1 << bit]) + value[index + 1 :]


def flip(connection: sqlite3.Connection, table: str, column: str, row: Row, value: object) -> bool:
    """Change one value behind the triggers; False where another row stands in its way."""
    names = columns(connection, table)
    is_row = " AND ".join(f"{name} IS ?" for name in names)
    triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    try:
        changed = connection.execute(f"UPDATE {table} SET {column} = ? WHERE {is_row}", (value, *row)).rowcount
    except sqlite3.IntegrityError:
        return False
    finally:
        for _, sql in triggers:
            connection.execute(sql)
    assert changed == 1
    return True


def cells() -> list[tuple[str, str]]:
    """Return each (table, column) of a log."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    create(connection)
    found = [(table, column) for table in tables(connection) for column in columns(connection, table)]
    connection.close()
    return found


@pytest.mark.parametrize(
    ("table", "column"),
    cells(),
)
async def test_one_flipped_bit_in_any_row_is_found_and_its_place_named(
    template: Path, tmp_path: Path, table: str, column: str
) -> None:
    """Case 52, over every table, column and row."""
    reader = sqlite3.connect(template / "log.db", isolation_level=None)
    names = columns(reader, table)
    rows = reader.execute(f"SELECT * FROM {table}").fetchall()
    reader.close()
    assert rows
    for number, row in enumerate(rows):
        flips = 0
        for value in flipped(row[names.index(column)]):
            directory = tmp_path / f"{number}-{flips}"
            shutil.copytree(template, directory)
            client = sqlite3.connect(directory / "log.db", isolation_level=None)
            done = flip(client, table, column, row, value)
            client.close()
            flips += done
            if done:
                said = await damage_found(directory)
                assert said is not None, f"{row} of {table} had its {column} changed to {value!r}, unnoticed"
                assert names_the_place(said, table, dict(zip(names, row, strict=True)), value), said
            shutil.rmtree(directory)
            if flips == tries(1, 8):
                break


async def damage_found(directory: Path) -> str | None:
    """Return what opening the log or verifying it says of damage."""
    try:
        engine = await open_sqlite(directory, clock=Clock())
    except (LogDamaged, FormatNewer) as damaged:
        return str(damaged)
    try:
        await engine.log.verify()
    except LogDamaged as damaged:
        return str(damaged)
    finally:
        await engine.close()
    return None


def names_the_place(said: str, table: str, row: dict[str, object], value: object) -> bool:
    """Say whether the position or number of the row stands there, as it was or as it is now, or at least its table."""
    numbers = {int(digits) for digits in re.findall(r"\d+", said)}
    match table:
        case "log_meta":
            return "has format" in said or "which log" in said or "the log " in said
        case "event_commit":
            position, size = int(str(row["position"])), int(str(row["size"]))
            own = {row["number"], *range(position - size + 1, position + 2)}
            return table in said or bool(numbers & own)
        case _:
            return bool(numbers & {row["position"], value})


async def test_a_write_ahead_log_that_was_cut_or_flipped_while_hot_is_refused_with_the_numbers(tmp_path: Path) -> None:
    """Case 53: cut after each of its frames, with one bit flipped in each, or gone."""
    hot = tmp_path / "hot"
    engine = await open_sqlite(hot, clock=Clock())
    for number in range(5):
        await engine.log.append(commit(made(f"a:{number}"), made(f"b:{number}")))
    content = (hot / "log.db-wal").read_bytes()
    frames = (len(content.rstrip(b"\x00")) - WAL_HEADER_BYTES + WAL_FRAME_BYTES - 1) // WAL_FRAME_BYTES
    starts = [WAL_HEADER_BYTES + number * WAL_FRAME_BYTES for number in range(frames)]
    damaged = [b"", content[: len(content) // 2][: starts[-1] // 2], *(content[:start] for start in starts)]
    for at in (0, *starts, *(start + WAL_FRAME_BYTES // 2 for start in starts)):
        damaged.append(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    refused = set()

    for number, wal in enumerate(damaged):
        copy = tmp_path / f"copy-{number}"
        copy.mkdir()
        for file in ("log.db", "state.db", "state.db-wal", "mark"):
            shutil.copy(hot / file, copy / file)
        (copy / "log.db-wal").write_bytes(wal)
        with pytest.raises(LogShortened) as refusal:
            await open_sqlite(copy, clock=Clock())
        assert refusal.value.mark == 10
        assert f"ends at position {refusal.value.head} but 10 was acknowledged" in str(refusal.value)
        refused.add(refusal.value.head)

    assert frames >= 5
    assert refused == {0, 2, 4, 6, 8}
    assert (await engine.log.read(Query.all())).head == 10
    await engine.close()
