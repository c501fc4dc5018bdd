"""Appends to a log in PostgreSQL: a group in one transaction, behind the lock on the one row of `log_head`.

What the group needs to know is looked up once the lock is held, in statements of its own: at READ COMMITTED each
sees all that was committed before. A lock and a look in one statement would see what was there before the wait.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final

import asyncpg
from msgspec import Struct, field

from events.log.appending import Group, Known, Tail
from events.log.grouping import Answer, unknown_of
from events.log.merkle import HASH_BYTES, Tree
from events.log.port import AppendCondition, LogUnavailable, NewCommit, Receipt
from events.log.postgres_schema import (
    ERASE,
    INSERTS,
    KNOWN,
    LOCK,
    LOOKING_BACK,
    NOW,
    RAISE_HEAD,
    REMOVED,
    REWRITE,
    SETTINGS,
    TELL,
    WRITTEN,
    numbered,
)  # fmt: skip
from events.log.records import keyed
from events.log.sqlite_query import lowest
from events.log.stored import StoredCommit

LOCK_TIMEOUT_S: Final = 10
DRAINED_WITHIN_S: Final = 5.0
_POLL_S: Final = 0.05
FAILED: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
POISON: Final = (asyncpg.DataError, ValueError)
"""What the database says of a value that it cannot hold, and the client of one that it cannot send."""

Clock = Callable[[], int]
"""The wall clock, in microseconds since 1970."""


class Found(Struct):
    """`Stored`, looked up beforehand for the commits of one group."""

    keys: dict[str, Known] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    conflicts: dict[AppendCondition, int | None] = field(default_factory=dict)
    entries: dict[int, bytes] = field(default_factory=dict)

    def known(self, key: str) -> Known | None:
        """Return what is known of a commit key."""
        return self.keys.get(key)

    def position_of(self, event_id: str) -> int | None:
        """Return the position of the event with this id."""
        return self.ids.get(event_id)

    def conflict(self, condition: AppendCondition) -> int | None:
        """Return the lowest position after `condition.after` that matches."""
        return self.conflicts[condition]

    def entry(self, position: int) -> bytes | None:
        """Return the bytes of an entry."""
        return self.entries.get(position)


class PostgresWriter:
    """The one connection of a node that writes; replaced when it is lost."""

    def __init__(self, url: str, connection: "asyncpg.Connection[Any]", *, log_id: str, clock: Clock | None) -> None:
        self._url = url
        self._connection = connection
        self._log_id = log_id
        self._clock = clock

    async def store(self, commits: Sequence[NewCommit]) -> list[Answer]:
        """Record a group in one transaction; when this raises, nothing of it is stored."""
        answers: list[Answer] = []

        async def fill(tail: Tail) -> Group:
            group = Group(tail, await self._for(commits, tail.position), os.urandom)
            at = int(await self._connection.fetchval(NOW)) if self._clock is None else 0
            for commit in commits:
                try:
                    answers.append(group.record(commit, at if self._clock is None else self._clock()))
                except Exception as refused:  # noqa: BLE001 - nothing of it is recorded: it is its caller's alone.
                    answers.append(refused)
            return group

        unknown = await self._commit(fill)
        return answers if unknown is None else await self._look_again(commits, answers, unknown)

    async def adopt(self, commits: Sequence[StoredCommit]) -> None:
        """Record commits of the same history, all of them or none. Raises what `Log.adopt` raises."""

        async def fill(tail: Tail) -> Group:
            wanted = [
                position
                for each in commits
                for position in range(each.position - len(each.entries) + 1, each.position + 1)
            ]
            rows = await self._connection.fetch("SELECT position, entry FROM event WHERE position = ANY($1)", wanted)
            keys = await self._connection.fetch(KNOWN, [keyed(commit, self._log_id) for commit in commits])
            group = Group(tail, Found(keys=known(keys), entries=dict(rows)), os.urandom)
            for commit in commits:
                group.adopt(commit, self._log_id)
            return group

        unknown = await self._commit(fill)
        if unknown is not None:
            raise LogUnavailable(f"adopt again: it is not known whether that was stored ({unknown})") from unknown

    async def purge(self) -> int:
        """See that what was erased is gone from the files; return how many positions are not."""
        connection = await self._ready()
        pending = await connection.fetch("SELECT position FROM erasure WHERE NOT gone")
        if not pending or not await self._drained(connection):
            return len(pending)
        for statement in REWRITE:
            await connection.execute(statement)
        written = await connection.fetchval(WRITTEN)
        await connection.execute("SELECT pg_switch_wal()")
        await connection.execute("CHECKPOINT")
        if not await connection.fetchval(REMOVED, written):
            return len(pending)
        await connection.execute("UPDATE erasure SET gone = true WHERE position = ANY($1)", [row[0] for row in pending])
        return 0

    async def close(self) -> None:
        """Let go of the database."""
        await self._connection.close()

    async def _commit(self, fill: Callable[[Tail], Awaitable[Group]]) -> Exception | None:
        """Commit what `fill` records; return the error of a COMMIT that failed: what it did is not known then.

        When this raises, nothing is stored.
        """
        connection = await self._ready()
        transaction = connection.transaction(isolation="read_committed")
        try:
            await transaction.start()
            try:
                [row] = await connection.fetch(LOCK)
                group = await fill(tail_of(row))
                await self._write(group)
            except BaseException:
                await transaction.rollback()
                raise
        except POISON:
            raise
        except FAILED as error:
            if not isinstance(error, asyncpg.PostgresError):
                connection.terminate()  # It is lost, or in a state that nobody knows; the next group gets another.
            raise LogUnavailable(f"the database did not take it: {error}") from error
        try:
            await transaction.commit()
        except FAILED as error:
            await connection.close(timeout=1)
            return error
        return None

    async def _for(self, commits: Sequence[NewCommit], head: int) -> Found:
        """Look up what a group needs to know of these commits."""
        fetch = self._connection.fetch
        found = Found(keys=known(await fetch(KNOWN, list({commit.key for commit in commits}))))
        new = [commit for commit in commits if commit.key not in found.keys]
        ids = [event.id for commit in new for event in commit.events if event.id is not None]
        if ids:
            found.ids = dict(await fetch("SELECT id, position FROM event WHERE id = ANY($1)", ids))
        for condition in {commit.condition for commit in new}:
            if condition is not None and 0 <= condition.after < head:
                found.conflicts[condition] = await self._conflict(condition)
        return found

    async def _conflict(self, condition: AppendCondition) -> int | None:
        lows = [
            await self._connection.fetchval(numbered(sql), *values)
            for sql, values in lowest(condition.fail_if_match, after=condition.after)
        ]
        return min((low for low in lows if low is not None), default=None)

    async def _write(self, group: Group) -> None:
        """Write the rows of all recorded commits, take away what they erase, and raise the head."""
        execute = self._connection.execute
        tables: tuple[Sequence[Sequence[object]], ...] = (
            group.payloads,
            group.tags,
            group.nodes,
            group.events,
            group.commits,
        )
        for insert, rows in zip(INSERTS, tables, strict=True):
            if rows:
                await execute(insert, *map(list, zip(*rows, strict=True)))
        if group.erased:
            await execute(ERASE[0], list(group.erased), list(group.erased.values()))
            for statement in ERASE[1:]:
                await execute(statement, list(group.erased))
        if group.commits:
            tail = group.tail
            await execute(RAISE_HEAD, tail.position, tail.commits, tail.recorded_us, b"".join(tail.tree.peaks()))
            await execute(TELL)  # Told when the transaction commits, and to nobody before.

    async def _look_again(self, commits: Sequence[NewCommit], answers: list[Answer], error: Exception) -> list[Answer]:
        """After a COMMIT that failed: see on a new connection, by the keys, what it did."""
        try:
            connection = await self._ready()
            # Behind the lock: the transaction whose end was not heard of is over then, one way or the other.
            async with connection.transaction(isolation="read_committed"):
                await connection.execute(LOCK)
                stored = known(await connection.fetch(KNOWN, [commit.key for commit in commits]))
            lost = any(
                isinstance(answer, Receipt) and each.key not in stored
                for answer, each in zip(answers, commits, strict=True)
            )
        except (*FAILED, LogUnavailable):
            lost = True
        return unknown_of(commits, answers, error) if lost else answers

    async def _drained(self, connection: "asyncpg.Connection[Any]") -> bool:
        """Wait until nobody looks at the tables as they were before an erasure; say whether that is so."""
        until = time.monotonic() + DRAINED_WITHIN_S
        while await connection.fetchval(LOOKING_BACK):
            if time.monotonic() > until:
                return False
            await asyncio.sleep(_POLL_S)
        return True

    async def _ready(self) -> "asyncpg.Connection[Any]":
        if self._connection.is_closed():
            self._connection = await connect(self._url)
        return self._connection


async def connect(url: str) -> "asyncpg.Connection[Any]":
    """Return a connection under whose settings a commit that returned is whole and durable; else `LogUnavailable`."""
    try:
        connection = await asyncpg.connect(url, server_settings={"lock_timeout": f"{LOCK_TIMEOUT_S}s"})
        for name, allowed in SETTINGS.items():
            if (found := await connection.fetchval("SELECT current_setting($1)", name)) not in allowed:
                await connection.close()
                raise LogUnavailable(f"the database is set to {name}={found}; a log needs {' or '.join(allowed)}")
    except FAILED as error:
        raise LogUnavailable(f"the database cannot be reached: {error}") from error
    return connection


def tail_of(row: Sequence[Any]) -> Tail:
    """Return the end of the log that a row of `log_head` says."""
    position, commits, recorded_us, peaks = row
    hashes = [peaks[start : start + HASH_BYTES] for start in range(0, len(peaks), HASH_BYTES)]
    return Tail(position=position, commits=commits, recorded_us=recorded_us, tree=Tree(position, hashes))


def known(rows: Iterable[Sequence[Any]]) -> dict[str, Known]:
    """Return what rows of commits say of their keys."""
    return {
        key: (
            Receipt(
                position=position,
                first=position - size + 1,
                size=size,
                duplicate=True,
                recorded_at=recorded_at,
                note=note or b"",
            ),
            fingerprint,
        )
        for key, fingerprint, position, size, recorded_at, note in rows
    }
