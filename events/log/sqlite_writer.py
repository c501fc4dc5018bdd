"""The one writer of `log.db`: a thread that drains waiting appends into one transaction after the other."""

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final, TypeVar, cast
from uuid import UUID

from msgspec import Struct

from events.errors import DatelineError
from events.instants import from_microseconds
from events.log.appending import Group, Tail
from events.log.build import sqlite3
from events.log.files import Files, OpenFile
from events.log.grouping import GROUP_COMMITS_MAX, WAITING_COMMITS_MAX, Answer, deliver
from events.log.ledger import ErasedEntry, Ledger
from events.log.mark import MarkFile
from events.log.port import LogClosed, LogDamaged, LogUnavailable, NewCommit, OutcomeUnknown, Receipt
from events.log.sqlite_append import ErasedRow, Rows, known, write
from events.log.sqlite_durable import make_durable, wal_of
from events.log.sqlite_errors import refusal
from events.log.sqlite_purge import purge, tell_ledger
from events.log.sqlite_tail import mark_of, read_tail
from events.log.stored import StoredCommit

CHECKPOINT_PAGES: Final = 4000
WAL_RESERVED_BYTES: Final = 4 * 1024 * 1024
CACHE_KIB: Final = 16 * 1024

Clock = Callable[[], int]
"""The wall clock, in microseconds since 1970."""
_Waiting = tuple[NewCommit, "asyncio.Future[Receipt]"]
Replicate = Callable[[Group], None]
"""Has a group stored elsewhere before it is committed here; when it raises, nothing of it is stored."""
T = TypeVar("T")


class Behind(DatelineError):
    """A group was not stored elsewhere, where more is stored than is known here; or that is not known."""

    code = "log-behind"


class _Job(Struct, frozen=True):
    """Something to be done between two groups."""

    work: Callable[[], object]
    done: "asyncio.Future[object]"


class Writer:
    """Takes appends from the event loop, records them in a thread of its own, answers in the loop.

    `on_commit` is called in the loop after a group was stored and before its answers are seen.
    """

    def __init__(
        self,
        path: Path,
        *,
        files: Files,
        mark: MarkFile,
        ledger: Ledger,
        log_id: UUID,
        clock: Clock,
        on_commit: Callable[[], None],
        replicate: Replicate | None = None,
    ) -> None:
        self._path = path
        self._wal = wal_of(path)
        self._is_unsynced = False
        self._replicate = replicate
        self._ledger = ledger
        self._unsaid: list[ErasedRow] = []
        self._salts: list[bytes] = []
        self._salted = 0  # So many of the erasures that are pending were made here, so that their salts are known.
        self._damage: LogDamaged | None = None
        self._files = files
        self._mark = mark
        self._log_id = log_id
        self._clock = clock
        self._on_commit = on_commit
        self._loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[_Waiting | _Job | None] = SimpleQueue()
        self._closed = False
        self._connection: sqlite3.Connection | None = None
        self._database: OpenFile | None = None
        self._tail: Tail
        self._reconnect()
        self._thread = Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    def submit(self, commit: NewCommit) -> "asyncio.Future[Receipt]":
        """Queue an append; the future has its receipt or refusal. Raises `LogUnavailable` when too many wait."""
        if self._closed:
            raise LogClosed
        if self._damage is not None:
            raise LogDamaged(str(self._damage))  # Another one each time: each raise adds to its traceback.
        if self._queue.qsize() >= WAITING_COMMITS_MAX:
            raise LogUnavailable(f"{WAITING_COMMITS_MAX} appends are waiting already; try again in a second")
        future = self._loop.create_future()
        self._queue.put((commit, future))
        return future

    def refuse(self, damage: LogDamaged) -> None:
        """Take no appends any more: what they would build on is damaged."""
        self._damage = damage

    @property
    def end(self) -> tuple[int, int]:
        """The last position, and the number of the last commit."""
        return self._tail.position, self._tail.commits

    async def adopt(self, commits: Sequence[StoredCommit], *, replicated: bool = False) -> int:
        """Record commits of the same history, all of them or none; return how many were not here yet.

        Raises what `Log.adopt` raises.

        Those that are `replicated` come from where groups are stored before they are committed here.
        """
        if self._damage is not None:
            raise LogDamaged(str(self._damage))
        added = await self._do(lambda: self._adopt(commits, replicated))
        self._on_commit()
        return added

    async def purge(self) -> int:
        """See that what was erased is gone from the files; return how many positions are not."""
        return await self._do(self._purge)

    async def close(self) -> None:
        """Record what is queued, then let go of the database."""
        self._closed = True
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        if self._connection is not None:
            self._connection.close()
        if self._database is not None:
            self._database.close()

    async def _do(self, work: Callable[[], T]) -> T:
        """Return what `work` returns in the writer's thread, between two groups."""
        if self._closed:
            raise LogClosed
        future: asyncio.Future[T] = self._loop.create_future()
        self._queue.put(_Job(work, cast("asyncio.Future[object]", future)))
        return await future

    def _run(self) -> None:
        while True:
            group, then = self._next_group()
            if group:
                answers = self._answer([commit for commit, _ in group])
                futures = [future for _, future in group]
                self._loop.call_soon_threadsafe(self._deliver, futures, answers)
            if isinstance(then, _Job):
                self._carry_out(then)
            elif then is _CLOSE:
                return

    def _next_group(self) -> tuple[list[_Waiting], "_Job | object | None"]:
        """Wait for an append, then take all that wait with it, up to the next job or the end, which is told too."""
        group: list[_Waiting] = []
        waiting = self._queue.get()
        try:
            while isinstance(waiting, tuple):
                group.append(waiting)
                if len(group) == GROUP_COMMITS_MAX:
                    return group, None
                waiting = self._queue.get_nowait()
        except Empty:
            return group, None
        return group, _CLOSE if waiting is None else waiting

    def _carry_out(self, job: _Job) -> None:
        try:
            result = job.work()
        except Exception as error:  # noqa: BLE001 - what a job broke is told to whoever asked for it.
            told = refusal(error) if isinstance(error, sqlite3.Error | OSError) else error
            self._loop.call_soon_threadsafe(_fail, job.done, told)
        else:
            self._loop.call_soon_threadsafe(_finish, job.done, result)

    def _adopt(self, commits: Sequence[StoredCommit], replicated: bool) -> int:
        before = self._tail.commits

        def fill(group: Group) -> None:
            for commit in commits:
                group.adopt(commit, str(self._log_id))

        failed = self._commit(fill, None if replicated else self._replicate)
        if failed is not None:
            self._reconnect()
            raise failed
        self._settle()
        return self._tail.commits - before

    def _purge(self) -> int:
        if self._ledger.pending:
            # What a disk refuses stays pending: the erasure itself is committed, and told by its answer.
            with suppress(sqlite3.OperationalError, OSError):
                connection = self._connection or self._reconnect()
                if self._database is None:
                    self._database = self._files.open(self._path)
                if purge(connection, self._database, self._salts if self._salted == self._ledger.pending else None):
                    self._ledger.gone()
                    self._salts.clear()
                    self._salted = 0
                self._reserve()
        return self._ledger.pending

    def _deliver(self, futures: Sequence["asyncio.Future[Receipt]"], answers: Sequence[Answer]) -> None:
        deliver(futures, answers, on_stored=self._on_commit)

    def _answer(self, commits: Sequence[NewCommit]) -> list[Answer]:
        try:
            return self._store(commits)
        except (sqlite3.OperationalError, OSError) as error:
            return [refusal(error) for _ in commits]
        except (Behind, LogUnavailable) as error:
            return [error for _ in commits]
        except Exception as error:  # noqa: BLE001 - what one request broke is its caller's, not the thread's.
            if len(commits) > 1:
                # Nothing is stored: each is tried alone, so that a poisoned one leaves the others untouched.
                return [self._answer([commit])[0] for commit in commits]
            return [refusal(error) if isinstance(error, sqlite3.DatabaseError) else error]

    def _store(self, commits: Sequence[NewCommit]) -> list[Answer]:
        """Record a group in one transaction; when this raises, nothing of it is stored."""
        answers: list[Answer] = []

        def fill(group: Group) -> None:
            for commit in commits:
                try:
                    answers.append(group.record(commit, self._clock()))
                except DatelineError as refused:
                    answers.append(refused)

        failed = self._commit(fill, self._replicate)
        return self._acknowledge(commits, answers) if failed is None else self._look_up(commits, answers, failed)

    def _commit(self, fill: Callable[[Group], None], replicate: Replicate | None) -> sqlite3.Error | None:
        """Commit what `fill` records; return the error of a COMMIT that failed: what it did is not known then.

        When this raises, nothing is stored.
        """
        connection = self._connection or self._reconnect()
        connection.execute("BEGIN IMMEDIATE")
        cursor = connection.cursor()
        group = Group(self._tail.copy(), Rows(cursor), os.urandom)
        try:
            fill(group)
            erased = write(cursor, group)
            if replicate is not None and group.commits:
                replicate(group)
        except BaseException:
            self._roll_back(connection)
            raise
        try:
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._is_unsynced = True
            self._roll_back(connection)
            return error
        self._tail = group.tail
        self._unsaid += erased
        return None

    def _acknowledge(self, commits: Sequence[NewCommit], answers: list[Answer]) -> list[Answer]:
        """Raise the mark before the answers; a receipt whose mark cannot be written is not given."""
        try:
            self._settle()
        except OSError as error:
            return _unknown(commits, answers, error)
        return answers

    def _settle(self) -> None:
        """Raise the mark to what is committed, and write what was erased into the ledger."""
        mark = mark_of(self._tail, self._log_id)
        if mark != self._mark.mark:
            self._mark.raise_to(mark)
        if self._unsaid:
            at = from_microseconds(self._clock())
            self._ledger.add(
                ErasedEntry(log=str(self._log_id), position=row.position, leaf=row.leaf.hex(), at=at)
                for row in self._unsaid
            )
            self._salts += [row.salt for row in self._unsaid if row.salt is not None]
            self._salted += len(self._unsaid)
            self._unsaid.clear()

    def _look_up(self, commits: Sequence[NewCommit], answers: list[Answer], error: sqlite3.Error) -> list[Answer]:
        """After a COMMIT that failed: see on a new connection, by the keys, what it did."""
        try:
            connection = self._reconnect()
            lost = any(
                isinstance(answer, Receipt) and known(connection, commit.key) is None
                for commit, answer in zip(commits, answers, strict=True)
            )
        except (sqlite3.Error, DatelineError, OSError):
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
        if self._is_unsynced:
            self._files.renew(self._wal)
            self._is_unsynced = False
        connection = self._files.connect(self._path)
        try:
            configure(connection)
            self._tail = read_tail(connection)
            tell_ledger(connection, self._ledger, str(self._log_id), from_microseconds(self._clock()))
        except BaseException:
            connection.close()
            raise
        self._reserve()
        self._connection = connection
        return connection

    def _reserve(self) -> None:
        with suppress(OSError):  # A full disk is told by the append that meets it.
            # A commit into a file that need not grow is a third cheaper; what follows the last frame is ignored.
            self._files.reserve(self._wal, WAL_RESERVED_BYTES)


def configure(connection: sqlite3.Connection) -> None:
    """Make a commit durable once it returned, and keep the write-ahead log for reuse; raises `LogUnavailable`."""
    make_durable(connection, file="log.db")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    connection.execute("PRAGMA secure_delete = ON")  # What is erased is overwritten, and no split page keeps a copy.


_CLOSE: Final = object()
"""Told by the queue when there will be no more."""


def _finish(future: "asyncio.Future[object]", result: object) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: "asyncio.Future[object]", error: Exception) -> None:
    if not future.done():
        future.set_exception(error)


def _unknown(commits: Sequence[NewCommit], answers: Sequence[Answer], error: Exception) -> list[Answer]:
    return [
        OutcomeUnknown(key=commit.key, reason=str(error)) if isinstance(answer, Receipt) else answer
        for commit, answer in zip(commits, answers, strict=True)
    ]
