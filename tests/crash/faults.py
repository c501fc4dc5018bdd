"""Faults planted below and in the engine: a simulator that finds none of them would find nothing else either."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Event
from typing import Any, Final
from unittest.mock import patch

from events.errors import DatelineError
from events.log import sqlite_append, sqlite_purge, sqlite_state, sqlite_writer
from events.log.appending import Group
from events.log.grouping import Answer
from events.log.ledger import Ledger
from events.log.port import NewCommit, Receipt
from events.log.sqlite_tail import mark_of
from events.log.sqlite_writer import Writer
from tests.crash import vfs
from tests.crash.disk import LiveDisk, Node
from tests.crash.vfs import OpenFile, SimulatedFiles

Planted = Callable[[], AbstractContextManager[None]]


def synchronous_normal(module: Any) -> Planted:
    """Return the fault that a database does not sync its commits."""

    def careless(connection: Any, *, file: str) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")

    return lambda: _instead(module, "make_durable", careless)


def lying_fsync(*names: str) -> Planted:
    """Return the fault that a sync of these files returns before anything is durable; without names, of all."""
    honest = LiveDisk.sync

    def lying(disk: LiveDisk, name: str, node: Node) -> None:
        if names and not name.endswith(names):
            honest(disk, name, node)

    return lambda: _instead(LiveDisk, "sync", lying)


def directory_never_synced() -> AbstractContextManager[None]:
    return _instead(LiveDisk, "sync_directory", lambda disk, name: None)


def data_directory_not_synced() -> AbstractContextManager[None]:
    """The directory that holds the data directory is not synced after that was made."""

    def careless(files: SimulatedFiles, path: Any) -> None:
        below = files.below(path)
        if not files.disk.exists(below):
            files.disk.make_directory(below)

    return _instead(SimulatedFiles, "make_directory", careless)


def new_log_not_synced_into_its_directory() -> AbstractContextManager[None]:
    """SQLite's own sync of the directory after it made a write-ahead log does nothing."""
    return _instead(vfs, "sync_new", lambda disk, name: None)


def renamed_before_synced() -> AbstractContextManager[None]:
    """A file is put in place while its content is still on its way to the disk."""

    def careless(files: SimulatedFiles, path: Any, content: bytes) -> None:
        unfinished = files.below(path.with_name(f"{path.name}.new"))
        files.disk.write(unfinished, files.disk.created(unfinished), content, 0)
        files.disk.rename(unfinished, files.below(path))
        files.sync_directory(path.parent)

    return _instead(SimulatedFiles, "create", careless)


def mark_not_synced() -> AbstractContextManager[None]:
    def careless(file: OpenFile, content: bytes, *, at: int) -> None:
        file.disk.write(file.name, file.node, content, at)

    return _instead(OpenFile, "write", careless)


def ledger_not_written() -> AbstractContextManager[None]:
    def careless(ledger: Ledger, lines: Iterable[Any]) -> None:
        for line in lines:
            ledger._take(line)

    return _instead(Ledger, "add", careless)


def erased_left_in_the_log() -> AbstractContextManager[None]:
    """The write-ahead log is not cut off after an erasure."""
    return _instead(sqlite_purge, "_cut", lambda connection: True)


@contextmanager
def mark_before_commit() -> Iterator[None]:
    write = sqlite_append.write

    def hasty(cursor: Any, group: Group) -> Any:
        erased = write(cursor, group)
        writer = _WRITERS[-1]
        if (mark := mark_of(group.tail, writer._log_id)) != writer._mark.mark:
            writer._mark.raise_to(mark)
        return erased

    with _writers_known(), _instead(sqlite_writer, "write", hasty):
        yield


@contextmanager
def answer_before_commit(held_s: float = 0) -> Iterator[None]:
    """Those who wait get their answers, and go on, while the transaction is still open, that long at least."""
    record, write, next_group = Group.record, sqlite_append.write, Writer._next_group
    answers: list[Answer] = []
    waiting: list[Any] = []

    def noted(group: Group, commit: NewCommit, now: int) -> Receipt:
        try:
            answers.append(record(group, commit, now))
        except DatelineError as refused:
            answers.append(refused)
            raise
        assert isinstance(answers[-1], Receipt)
        return answers[-1]

    def taken(writer: Writer) -> tuple[list[Any], object]:
        waiting[:], then = next_group(writer)
        answers.clear()
        return list(waiting), then

    def hasty(cursor: Any, group: Group) -> Any:
        erased = write(cursor, group)
        writer, heard = _WRITERS[-1], Event()
        if len(answers) == len(waiting):
            writer._loop.call_soon_threadsafe(writer._deliver, [future for _, future in waiting], list(answers))
            # Twice round the loop: once for the answer to arrive, once for its task to go on.
            writer._loop.call_soon_threadsafe(lambda: writer._loop.call_soon(lambda: writer._loop.call_soon(heard.set)))
            heard.wait(5)
            time.sleep(held_s)
        return erased

    with (
        _writers_known(),
        _instead(Group, "record", noted),
        _instead(sqlite_writer, "write", hasty),
        _instead(Writer, "_next_group", taken),
    ):
        yield


FAULTS: Final[dict[str, Planted]] = {
    "log.db has synchronous=NORMAL": synchronous_normal(sqlite_writer),
    "state.db has synchronous=NORMAL": synchronous_normal(sqlite_state),
    "every fsync lies": lying_fsync(),
    "fsync of log.db lies": lying_fsync("log.db"),
    "fsync of log.db-wal lies": lying_fsync("log.db-wal"),
    "fsync of state.db lies": lying_fsync("state.db"),
    "fsync of state.db-wal lies": lying_fsync("state.db-wal"),
    "fsync of mark lies": lying_fsync("mark", "mark.new"),
    "the mark is raised before COMMIT": mark_before_commit,
    "the mark is not synced": mark_not_synced,
    "the answer is given before COMMIT": answer_before_commit,
    "a directory is not synced after a file was created": directory_never_synced,
    "a directory is not synced after a write-ahead log was created": new_log_not_synced_into_its_directory,
    "a directory is not synced after the data directory was made": data_directory_not_synced,
    "the ledger of erasures is not written": ledger_not_written,
    "what is erased stays in the write-ahead log": erased_left_in_the_log,
    "a file is renamed before it is synced": renamed_before_synced,
}

_WRITERS: Final[list[Any]] = []


@contextmanager
def _writers_known() -> Iterator[None]:
    """Keep the writer that was made last, for those who meddle with it."""
    begin = Writer.__init__

    def known(writer: Writer, *args: Any, **named: Any) -> None:
        _WRITERS[:] = [writer]
        begin(writer, *args, **named)

    with _instead(Writer, "__init__", known):
        yield
    _WRITERS.clear()


@contextmanager
def _instead(owner: Any, name: str, planted: Any) -> Iterator[None]:
    with patch.object(owner, name, planted):
        yield
