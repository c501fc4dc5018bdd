"""A consumer of the log: its model and its checkpoint are one (case 51)."""

import shutil
from pathlib import Path

from events.log.build import sqlite3
from events.views import generations
from events.views.dump import dump
from events.views.projection import Projection, checkpoint_of
from events.views.schema import connect_writer, migrate
from tests.property.test_views import in_log
from tests.strategies.histories import history_of

STATEMENTS_BETWEEN_KILLS = 3
"""A copy takes a millisecond, and there are a thousand statements; each third falls at every place in the end."""


class Killed:
    """Copies the files of a database as each statement begins: what the disk has when its process is killed there."""

    def __init__(self, path: Path, copies: Path) -> None:
        self.left: list[Path] = []
        self._path = path
        self._copies = copies
        self._statements = 0

    def __call__(self, statement: str) -> None:
        self._statements += 1
        if self._statements % STATEMENTS_BETWEEN_KILLS:
            return
        directory = self._copies / str(self._statements)
        directory.mkdir(parents=True)
        for file in self._path.parent.glob(f"{self._path.name}*"):
            if not file.name.endswith("-shm"):
                shutil.copy(file, directory / file.name)
        self.left.append(directory / self._path.name)


def test_a_consumer_killed_at_any_statement_has_its_model_and_its_checkpoint_or_neither(tmp_path: Path) -> None:
    """Case 51: at whatever checkpoint it is left, the model is that of a log that ends there; and it goes on."""
    written = list(in_log(history_of(51)))
    expected = {}
    whole = generations.open_build(tmp_path / "whole.db")
    migrate(whole)
    following = Projection(whole, "log")
    for events in written:
        following.apply(events)
        expected[events[-1].position] = dump(whole)
    whole.close()
    killed_path = tmp_path / "killed" / "views.db"
    killed_path.parent.mkdir()
    first = generations.open_build(killed_path)
    migrate(first)
    generations.finish_build(first, killed_path)
    connection = connect_writer(killed_path)
    expected[0] = dump(connection)
    following = Projection(connection, "log")
    killed = Killed(killed_path, tmp_path / "left")
    connection.set_trace_callback(killed)
    for events in written:
        following.apply(events)
    connection.set_trace_callback(None)
    connection.close()

    checkpoints = set()
    for path in killed.left:
        left = connect_writer(path)
        checkpoint = checkpoint_of(left)
        position = 0 if checkpoint is None else checkpoint.position
        assert dump(left) == expected[position]
        checkpoints.add(position)
        left.close()
    assert len(killed.left) > 50
    assert len(checkpoints) > len(written) // 2

    again = connect_writer(killed.left[len(killed.left) // 2])
    resumed = Projection(again, "log")
    for events in written:
        if events[0].position > resumed.checkpoint.position:
            resumed.apply(events)
    assert dump(again) == expected[written[-1][-1].position]
    again.close()


def test_a_copy_taken_between_model_and_checkpoint_in_two_transactions_would_be_found(tmp_path: Path) -> None:
    """The control of case 51: where each is a transaction of its own, some copy has one without the other."""
    path = tmp_path / "naive" / "views.db"
    path.parent.mkdir()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE kept (model INTEGER, checkpoint INTEGER)")
    connection.execute("INSERT INTO kept VALUES (0, 0)")
    killed = Killed(path, tmp_path / "left")
    connection.set_trace_callback(killed)
    for position in range(1, 9):
        connection.execute("UPDATE kept SET model = ?", (position,))
        connection.execute("UPDATE kept SET checkpoint = ?", (position,))
    connection.close()

    found = set()
    for left in killed.left:
        copy = sqlite3.connect(left)
        found.add(copy.execute("SELECT model = checkpoint FROM kept").fetchone())
        copy.close()

    assert found == {(0,), (1,)}
