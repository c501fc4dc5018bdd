"""The one writer of `log.db`: a thread that drains waiting appends into one transaction after the other."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final
from uuid import UUID

from events.errors import DatelineError
from events.log.build import sqlite3
from events.log.files import Files
from events.log.mark import MarkFile
from events.log.port import LogClosed, LogUnavailable, NewCommit, OutcomeUnknown, Receipt
from events.log.sqlite_append import Group, known
from events.log.sqlite_durable import make_durable
from events.log.sqlite_errors import refusal
from events.log.sqlite_tail import Tail, read_tail

GROUP_COMMITS_MAX: Final = 256
WAITING_COMMITS_MAX: Final = 20_000
CHECKPOINT_PAGES: Final = 4000
WAL_RESERVED_BYTES: Final = 4 * 1024 * 1024
CACHE_KIB: Final = 16 * 1024

Clock = Callable[[], int]
"""The wall clock, in microseconds since 1970."""
Answer = Receipt | Exception
_Waiting = tuple[NewCommit, "asyncio.Future[Receipt]"]


class Writer:
    """Takes appends from the event loop, records them in a thread of its own, answers in the loop.

    `on_commit` is called in the loop after a group was stored and before its answers are seen.
    """

    def __init__(
        self, path: Path, *, files: Files, mark: MarkFile, log_id: UUID, clock: Clock, on_commit: Callable[[], None]
    ) -> None:
        self._path = path
        self._files = files
        self._mark = mark
        self._log_id = log_id
        self._clock = clock
        self._on_commit = on_commit
        self._loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._closed = False
        self._connection: sqlite3.Connection | None = None
        self._tail: Tail
        self._reconnect()
        self._thread = Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    def submit(self, commit: NewCommit) -> "asyncio.Future[Receipt]":
        """Queue an append; the future has its receipt or refusal. Raises `LogUnavailable` when too many wait."""
        if self._closed:
            raise LogClosed
        if self._queue.qsize() >= WAITING_COMMITS_MAX:
            raise LogUnavailable(f"{WAITING_COMMITS_MAX} appends are waiting already; try again in a second")
        future = self._loop.create_future()
        self._queue.put((commit, future))
        return future

    async def close(self) -> None:
        """Record what is queued, then let go of the database."""
        self._closed = True
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        if self._connection is not None:
            self._connection.close()

    def _run(self) -> None:
        closing = False
        while not closing:
            group, closing = self._next_group()
            if group:
                answers = self._answer([commit for commit, _ in group])
                futures = [future for _, future in group]
                self._loop.call_soon_threadsafe(self._deliver, futures, answers)

    def _next_group(self) -> tuple[list[_Waiting], bool]:
        """Wait for an append, then take all that wait with it; the flag says that there will be no more."""
        group: list[_Waiting] = []
        waiting = self._queue.get()
        try:
            while waiting is not None:
                group.append(waiting)
                if len(group) == GROUP_COMMITS_MAX:
                    return group, False
                waiting = self._queue.get_nowait()
        except Empty:
            return group, False
        return group, True

    def _deliver(self, futures: Sequence["asyncio.Future[Receipt]"], answers: Sequence[Answer]) -> None:
        if any(isinstance(answer, Receipt) and not answer.duplicate for answer in answers):
            self._on_commit()
        for future, answer in zip(futures, answers, strict=True):
            if future.done():  # Its caller was cancelled; the key tells a retry.
                continue
            if isinstance(answer, Receipt):
                future.set_result(answer)
            else:
                future.set_exception(answer)

    def _answer(self, commits: Sequence[NewCommit]) -> list[Answer]:
        try:
            return self._store(commits)
        except sqlite3.OperationalError as error:
            return [refusal(error) for _ in commits]
        except Exception as error:  # noqa: BLE001 - what one request broke is its caller's, not the thread's.
            if len(commits) > 1:
                # Nothing is stored: each is tried alone, so that a poisoned one leaves the others untouched.
                return [self._answer([commit])[0] for commit in commits]
            return [refusal(error) if isinstance(error, sqlite3.DatabaseError) else error]

    def _store(self, commits: Sequence[NewCommit]) -> list[Answer]:
        """Record a group in one transaction; when this raises, nothing of it is stored."""
        connection = self._connection or self._reconnect()
        connection.execute("BEGIN IMMEDIATE")
        group = Group(connection, self._tail.copy())
        answers: list[Answer] = []
        try:
            for commit in commits:
                try:
                    answers.append(group.record(commit, self._clock()))
                except DatelineError as refused:
                    answers.append(refused)
            group.write()
        except BaseException:
            self._roll_back(connection)
            raise
        try:
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back(connection)
            return self._look_up(commits, answers, error)
        self._tail = group.tail
        return self._acknowledge(commits, answers)

    def _acknowledge(self, commits: Sequence[NewCommit], answers: list[Answer]) -> list[Answer]:
        """Raise the mark before the answers; a receipt whose mark cannot be written is not given."""
        mark = self._tail.mark(self._log_id)
        if mark != self._mark.mark:
            try:
                self._mark.raise_to(mark)
            except OSError as error:
                return _unknown(commits, answers, error)
        return answers

    def _look_up(self, commits: Sequence[NewCommit], answers: list[Answer], error: sqlite3.Error) -> list[Answer]:
        """After a COMMIT that failed: see on a new connection, by the keys, what it did."""
        try:
            connection = self._reconnect()
            lost = any(
                isinstance(answer, Receipt) and known(connection, commit.key) is None
                for commit, answer in zip(commits, answers, strict=True)
            )
        except (sqlite3.Error, DatelineError):
            return _unknown(commits, answers, error)
        return _unknown(commits, answers, error) if lost else self._acknowledge(commits, answers)

    def _roll_back(self, connection: sqlite3.Connection) -> None:
        """Undo the transaction; a connection that cannot even do that is let go, and replaced when needed."""
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error:
            self._connection = None
            connection.close()

    def _reconnect(self) -> sqlite3.Connection:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        connection = self._files.connect(self._path)
        try:
            configure(connection)
            self._tail = read_tail(connection)
        except BaseException:
            connection.close()
            raise
        with suppress(OSError):  # A full disk is told by the append that meets it.
            # A commit into a file that need not grow is a third cheaper; what follows the last frame is ignored.
            self._files.reserve(self._path.with_name(f"{self._path.name}-wal"), WAL_RESERVED_BYTES)
        self._connection = connection
        return connection


def configure(connection: sqlite3.Connection) -> None:
    """Make a commit durable once it returned, and keep the write-ahead log for reuse; raises `LogUnavailable`."""
    make_durable(connection, file="log.db")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")


def _unknown(commits: Sequence[NewCommit], answers: Sequence[Answer], error: Exception) -> list[Answer]:
    return [
        OutcomeUnknown(key=commit.key, reason=str(error)) if isinstance(answer, Receipt) else answer
        for commit, answer in zip(commits, answers, strict=True)
    ]
