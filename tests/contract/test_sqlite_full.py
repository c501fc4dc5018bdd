"""A disk that takes no more: appends are refused clearly, reads go on, and no restart is needed (case 54)."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from events.log.build import sqlite3
from events.log.files import Disk
from events.log.port import LogUnavailable, OutcomeUnknown, Query
from events.log.sqlite import SqliteEngine, open_sqlite
from tests.contract.given import Clock, append_each, commit, made, outcomes, positions
from tests.contract.limited import APPENDS

ROOT = Path(__file__).parents[2]
REFUSALS = {LogUnavailable, OutcomeUnknown}


class KeptDisk(Disk):
    """The real disk; keeps the connection that writes the log, to take its room and to give it back."""

    def __init__(self) -> None:
        self.refuses = ""
        self._writing: sqlite3.Connection

    def connect(self, path: Path, *, read_only: bool = False) -> sqlite3.Connection:
        connection = super().connect(path, read_only=read_only)
        if path.name == "log.db" and not read_only:
            self._writing = connection
            if self.refuses:
                connection.execute(self.refuses)
        return connection

    def refuse(self, pragma: str) -> None:
        self.refuses = pragma
        self._writing.execute(pragma)

    def relent(self, pragma: str) -> None:
        self.refuses = ""
        self._writing.execute(pragma)


@pytest.fixture
def disk() -> KeptDisk:
    return KeptDisk()


@pytest.fixture
async def engine(tmp_path: Path, disk: KeptDisk) -> AsyncGenerator[SqliteEngine, None]:
    engine = await open_sqlite(tmp_path / "data", files=disk, clock=Clock())
    yield engine
    await engine.close()


@pytest.mark.parametrize(
    ("refuse", "relent"),
    [
        ("PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1073741823"),
        ("PRAGMA query_only = ON", "PRAGMA query_only = OFF"),
    ],
    ids=["full", "read-only"],
)
async def test_while_the_database_takes_nothing_appends_are_refused_and_reads_go_on(
    engine: SqliteEngine, disk: KeptDisk, refuse: str, relent: str
) -> None:
    """Case 54."""
    await append_each(engine.log, made("a:1"))
    subscription = engine.log.subscribe(Query.all(), after=0)
    assert (await anext(subscription)).position == 1
    request = commit(made("a:1", data=b"1" * 100_000), key="k")

    disk.refuse(refuse)
    answers = await outcomes(engine.log, [request, commit(made("b:1", data=b"1" * 100_000))])

    assert {type(answer) for answer in answers} <= REFUSALS
    assert all("log.db" in str(answer) or "retry with the same key" in str(answer) for answer in answers)
    assert await positions(engine.log) == [1]
    assert await engine.log.outcome("ada/k") is None
    disk.relent(relent)
    assert (await engine.log.append(request)).position == 2
    assert (await engine.log.append(request)).duplicate
    await subscription.aclose()


def test_where_files_may_not_grow_nothing_acknowledged_is_lost_and_the_rest_is_stored_once_they_may(
    tmp_path: Path,
) -> None:
    """Case 54, by the file-size limit of a process."""
    done: Any = subprocess.run(
        [sys.executable, "-m", "tests.contract.limited", str(tmp_path / "data")],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
        text=True,
    )
    said = json.loads(done.stdout)

    taken = [answer for answer in said["limited"] if isinstance(answer, int)]
    refused = [answer for answer in said["limited"] if not isinstance(answer, int)]
    assert taken == list(range(1, len(taken) + 1))
    assert 0 < len(taken) < APPENDS
    assert set(refused) <= {refusal.__name__ for refusal in REFUSALS}
    assert said["read"] == taken
    assert said["again"] == said["limited"]
    assert [answer for answer in said["lifted"] if answer <= len(taken)] == taken
    assert sorted(said["lifted"]) == said["whole"] == list(range(1, APPENDS + 1))
    assert said["verified"] == APPENDS
