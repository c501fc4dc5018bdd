"""No SQL client can change what is recorded, while the log is served or after (case 55)."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from events.log.build import sqlite3
from events.log.sqlite import open_sqlite
from tests.contract import sql_client
from tests.contract.given import Clock, append_each, commit, made, positions
from tests.contract.test_erasure import erasing

TABLES = {"log_meta", "event", "event_payload", "event_tag", "event_commit", "event_node", "erasure"}


def tried_by_another_process(path: Path) -> Any:
    done = subprocess.run([sys.executable, sql_client.__file__, str(path)], capture_output=True, check=True, text=True)
    return json.loads(done.stdout)


async def test_another_process_is_refused_to_change_or_replace_any_row_while_the_log_is_served(tmp_path: Path) -> None:
    """Case 55: every table and column, by the standard library's own SQLite."""
    engine = await open_sqlite(tmp_path, clock=Clock())
    await append_each(engine.log, made("a:1", "b:1"), made("a:2"))
    await engine.log.append(commit(unchanged=True, note=b"n"))
    await engine.log.erase(erasing(2))
    head = await engine.log.head()

    found = tried_by_another_process(tmp_path / "log.db")

    assert found["let_through"] == []
    assert found["tried"].keys() >= TABLES
    assert all(tried >= 20 for tried in found["tried"].values())
    assert await engine.log.head() == head
    assert (await engine.log.verify()).root == head.root
    assert (await engine.log.append(commit(made()))).position == 4
    assert await positions(engine.log) == [1, 2, 3, 4]
    await engine.close()


def test_a_table_that_lets_a_row_be_replaced_would_be_found(tmp_path: Path) -> None:
    """The control of case 55: DELETE and UPDATE are refused there, yet REPLACE fires neither trigger."""
    connection = sqlite3.connect(tmp_path / "naive.db", isolation_level=None)
    connection.execute("CREATE TABLE event (position INTEGER PRIMARY KEY, id TEXT UNIQUE)")
    for does in ("UPDATE", "DELETE"):
        refuse = "BEGIN SELECT RAISE(ABORT, 'event is append-only'); END"
        connection.execute(f"CREATE TRIGGER no_{does} BEFORE {does} ON event {refuse}")
    connection.execute("INSERT INTO event VALUES (1, 'a')")
    connection.close()

    found = tried_by_another_process(tmp_path / "naive.db")

    assert any(sql.startswith("REPLACE") for sql in found["let_through"])
    assert "DELETE FROM event" not in found["let_through"]
