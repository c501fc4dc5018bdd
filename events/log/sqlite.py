"""The SQLite engine: one serving process per data directory, one writer, four readers.

Data directory: `lock`, `log.db`, `state.db` and `mark`. Public: `open_sqlite` and `SqliteEngine`.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import Final, Literal
from uuid import UUID

from events.instants import Instant, moment
from events.log.build import require_sqlite, sqlite3
from events.log.files import Disk, Files, OpenFile
from events.log.following import Hints
from events.log.formats import Aside, log_up_to_date, remove_aside
from events.log.ledger import Ledger
from events.log.loss import LOST, Loss, accept_loss, read_loss
from events.log.mark import Mark, MarkFile, MarkMissing
from events.log.merkle import Place
from events.log.port import (
    PAGE_EVENTS_MAX,
    CaughtUp,
    Erased,
    Erasures,
    Event,
    Head,
    LogDamaged,
    LogLocked,
    LogShortened,
    NewCommit,
    Page,
    Progress,
    Query,
    ReadInvalid,
    Receipt,
    Verified,
)
from events.log.reading import require_window
from events.log.sqlite_durable import keep_wal
from events.log.sqlite_errors import refusal, refusals
from events.log.sqlite_purge import apply_ledger
from events.log.sqlite_reader import Readers, commits, erased, head, nodes, outcome, page, position_at, stored
from events.log.sqlite_schema import create, is_empty, require_whole
from events.log.sqlite_state import SqliteState
from events.log.sqlite_tail import commit_with, head_of, mark_of, read_tail, require_reaches, tree_at
from events.log.sqlite_verify import INDEXED, VERIFY_EVENTS_MAX, verify_counts, verify_indexes, verify_part
from events.log.sqlite_writer import Clock, Replicate, Writer, configure
from events.log.stored import StoredCommit, StoredEntry
from events.log.swap import settle

POLL_S: Final = 0.5
"""How long a subscription that lost its hint waits before it looks by itself."""


def wall_clock() -> int:
    """Return the microseconds since 1970, UTC."""
    return time.time_ns() // 1000


async def open_sqlite(
    directory: Path,
    *,
    files: Files | None = None,
    clock: Clock = wall_clock,
    poll_s: float = POLL_S,
    log_id: str | None = None,
    accept_shorter: bool = False,
    replicate: Replicate | None = None,
) -> "SqliteEngine":
    """Open the log and the state in a data directory, making what is not there yet.

    A new log gets the id `log_id` where it is to go on with that one. With `accept_shorter` a log that ends before
    what was acknowledged is gone on with: the engine's `loss` then says what is gone, until `told` is called.

    Raises:
        SqliteTooOld: the SQLite of this Python can corrupt a log.
        LogLocked: another process serves the directory.
        LogShortened: the log ends before what was acknowledged.
        LogDamaged: a file is unreadable, or not of this log.
        LogUnavailable: the disk is full or locked, or SQLite cannot make a commit durable on it.
    """
    disk = Disk() if files is None else files
    require_sqlite()
    with refusals(directory), ExitStack() as undo:
        lock = _lock(directory, disk)
        undo.callback(lock.close)
        settle(directory, disk)
        mark = MarkFile(directory / "mark", disk)
        undo.callback(mark.close)
        ledger = Ledger(directory / "erasures", disk)
        own = await asyncio.to_thread(
            _prepare, directory / "log.db", disk, mark, ledger, log_id=log_id, accept_shorter=accept_shorter
        )
        _require_state(directory / "state.db", disk, mark.mark)
        loss = read_loss(directory, disk)
        log = SqliteLog(
            directory / "log.db",
            files=disk,
            mark=mark,
            ledger=ledger,
            log_id=own,
            clock=clock,
            poll_s=poll_s,
            replicate=replicate,
        )
        try:
            state = SqliteState(directory / "state.db", files=disk)
        except BaseException:
            await log.close()
            raise
        undo.pop_all()
    return SqliteEngine(directory, files=disk, log=log, state=state, mark=mark, ledger=ledger, loss=loss, lock=lock)


class SqliteEngine:
    """An open data directory: `log` and `state`, until `close`. `loss` is one that the log does not tell yet."""

    def __init__(
        self,
        directory: Path,
        *,
        files: Files,
        log: "SqliteLog",
        state: SqliteState,
        mark: MarkFile,
        ledger: Ledger,
        loss: Loss | None,
        lock: OpenFile,
    ) -> None:
        self.log = log
        self.state = state
        self.loss = loss
        self.ledger = ledger
        self._directory = directory
        self._files = files
        self._mark = mark
        self._lock: OpenFile | None = lock

    def told(self) -> None:
        """Take note that the log itself tells its loss now."""
        self._files.remove(self._directory / LOST)
        self.loss = None

    async def close(self) -> None:
        """Record what is queued, end the subscriptions, and let go of the directory; twice is no error."""
        lock, self._lock = self._lock, None
        if lock is None:
            return
        await self.log.close()
        await self.state.close()
        self._mark.close()
        lock.close()


class SqliteLog:
    """`Log` over one `log.db`."""

    def __init__(
        self,
        path: Path,
        *,
        files: Files,
        mark: MarkFile,
        ledger: Ledger,
        log_id: UUID,
        clock: Clock,
        poll_s: float,
        replicate: Replicate | None = None,
    ) -> None:
        self._path = path
        self._files = files
        self._log_id = str(log_id)
        self._hints = Hints(poll_s)
        self._ledger = ledger
        self._writer = Writer(
            path,
            files=files,
            mark=mark,
            ledger=ledger,
            log_id=log_id,
            clock=clock,
            on_commit=self._hints.give,
            replicate=replicate,
        )
        self._readers = Readers(path, files=files)

    async def append(self, commit: NewCommit) -> Receipt:
        """Record the commit's events at consecutive positions, all or none."""
        return await self._writer.submit(commit)

    async def erase(self, commit: NewCommit) -> Erased:
        """Append a commit that erases something, and cut it out of the files.

        Horizon: at once, unless a reader holds an old snapshot for longer than SQLite's busy timeout; then `pending`
        until the next `purge`, or until the directory is opened again.
        """
        receipt = await self.append(commit)
        return Erased(receipt=receipt, pending=await self.purge())

    async def purge(self) -> int:
        """Try again to cut what was erased out of the files; return how many positions are still in them."""
        await asyncio.to_thread(remove_aside, self._path.parent, self._files)
        return await self._writer.purge()

    async def erasures(self) -> Erasures:
        """Return how many positions are erased, and how many of them are still in the files."""
        return Erasures(erased=await self._readers.run(erased), pending=self._ledger.pending)

    async def nodes(self, places: Sequence[Place]) -> Mapping[Place, bytes]:
        """Return the hashes of complete nodes of the tree."""
        return await self._readers.run(lambda connection: nodes(connection, places))

    async def stored(self, *, first: int, last: int) -> tuple[StoredEntry, ...]:
        """Return the entries `first` to `last` as they are stored."""
        return await self._readers.run(lambda connection: stored(connection, first, last))

    async def commits(self, *, after: int = 0) -> tuple[StoredCommit, ...]:
        """Return a page of the commits whose number is above `after` as they are stored."""
        return await self._readers.run(lambda connection: commits(connection, after))

    async def adopt(self, commits: Sequence[StoredCommit]) -> Head:
        """Record commits of the same history verbatim."""
        await self._writer.adopt(commits)
        return await self.head()

    @property
    def end(self) -> tuple[int, int]:
        """The last position, and the number of the last commit."""
        return self._writer.end

    async def commit_with(self, position: int) -> int:
        """Return the number of the commit with an entry."""
        return await self._readers.run(lambda connection: commit_with(connection, position))

    async def apply(self, commits: Sequence[StoredCommit]) -> int:
        """Record commits that are stored already where groups are stored first; return how many were not here yet."""
        return await self._writer.adopt(commits, replicated=True)

    def refuse(self, damage: LogDamaged) -> None:
        """Take no appends any more: what they would build on is damaged."""
        self._writer.refuse(damage)

    async def outcome(self, key: str, *, fingerprint: bytes | str | None = None) -> Receipt | None:
        """Return the receipt of the commit with this key, None when there is none."""
        return await self._readers.run(lambda connection: outcome(connection, key, fingerprint))

    async def read(
        self,
        query: Query,
        *,
        after: int = 0,
        upto: int | None = None,
        backwards: bool = False,
        limit: int = PAGE_EVENTS_MAX,
    ) -> Page:
        """Return a page of matching events, and the head of the same snapshot."""
        require_window(after=after, upto=upto, limit=limit)
        return await self._readers.run(
            lambda connection: page(connection, query, after=after, upto=upto, backwards=backwards, limit=limit)
        )

    def subscribe(
        self, query: Query, *, after: int | Literal["head"]
    ) -> AsyncGenerator[Event | CaughtUp | Progress, None]:
        """Yield every matching event after a position, in order, without end."""
        return self._hints.follow(self, query, after=after)

    async def head(self) -> Head:
        """Return the end of the log with its root."""
        return await self._readers.run(lambda connection: head(connection, self._log_id))

    async def position_at(self, recorded_at: Instant) -> int:
        """Return the last position recorded at or before an instant."""
        moment(recorded_at)
        return await self._readers.run(lambda connection: position_at(connection, recorded_at))

    async def verify(self, *, first: int = 1, last: int | None = None) -> Verified:
        """Recompute hashes, tags, commits and tree of the entries `first` to `last`."""
        stored = await self._readers.run(head_of)
        last = stored if last is None else last
        if not 1 <= first <= last + 1 or last > stored:
            raise ReadInvalid(f"there are no entries {first} to {last}; the log ends at {stored}")
        tags = 0
        for start in range(first, last + 1, VERIFY_EVENTS_MAX):
            end = min(last, start + VERIFY_EVENTS_MAX - 1)
            tags += await self._readers.run(partial(verify_part, first=start, last=end))
        if first == 1:
            await self._readers.run(lambda connection: verify_counts(connection, last, tags))
            for table in INDEXED:
                await self._readers.run(partial(verify_indexes, table=table))
        root = await self._readers.run(lambda connection: tree_at(connection, last).root())
        return Verified(first=first, last=last, root=root)

    async def close(self) -> None:
        """Record what is queued, end the subscriptions, and let go of the database."""
        await self._readers.close()
        await self._writer.close()  # Last: only a connection that may write leaves all in log.db.
        self._hints.give()


def _lock(directory: Path, files: Files) -> OpenFile:
    files.make_directory(directory)  # Its owner's alone: it holds unpublished words.
    lock = files.lock(directory / "lock")
    if lock is None:
        raise LogLocked(directory=str(directory))
    return lock


def _prepare(
    path: Path, files: Files, mark: MarkFile, ledger: Ledger, *, log_id: str | None, accept_shorter: bool
) -> UUID:
    """Make or check `log.db` against the mark and raise the mark to it; return the log's id."""
    if mark.mark is not None and not files.exists(path):
        raise LogShortened(head=0, mark=mark.mark.position)
    keep_wal(path, files)
    try:
        with closing(files.connect(path)) as connection:
            configure(connection)
            if is_empty(connection):
                create(connection, log_id)
            log_up_to_date(connection, Aside(path.parent, files))
            own = require_whole(connection)
            tail = read_tail(connection)
            try:
                require_reaches(connection, tail, own, mark.mark)
            except (LogShortened, MarkMissing) as shorter:
                if not accept_shorter:
                    raise
                accepted = Loss(
                    position=tail.position,
                    root=tail.tree.root().hex(),
                    lost=shorter.mark if isinstance(shorter, LogShortened) else tail.position,
                )
                accept_loss(path.parent, files, accepted)
                mark.set(mark_of(tail, own))
            apply_ledger(connection, ledger, str(own))
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        raise refusal(error, file=path.name) from error
    if mark.mark != mark_of(tail, own):
        mark.raise_to(mark_of(tail, own))
    return own


def _require_state(path: Path, files: Files, mark: Mark | None) -> None:
    """Refuse to make a new state beside a log that has entries: nobody would notice what is gone."""
    if mark is not None and mark.position and not files.exists(path):
        raise LogDamaged(
            f"{path.name} is missing, and with it sources' texts, the names of people and their tokens: restore it from"
            f" the same backup as log.db, or make an empty file {path.name} to go on without them"
        )
