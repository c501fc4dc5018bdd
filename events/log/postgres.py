"""The log in PostgreSQL: any number of nodes append to one database, each behind a lock on one row.

Positions are written out, never drawn from a sequence, which would leave holes. Public: `open_postgres`.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Final, Literal
from uuid import uuid4

import asyncpg

from events.instants import Instant, moment
from events.log.appending import receipt_for
from events.log.checking import entries_in, require_commits
from events.log.entry import event_of
from events.log.following import Hints
from events.log.grouping import Groups
from events.log.merkle import Place, Tree, leaf_hash, peaks_at
from events.log.port import (
    PAGE_EVENTS_MAX,
    STORED_EVENTS_MAX,
    CaughtUp,
    Erased,
    Erasures,
    Event,
    Head,
    LogClosed,
    LogDamaged,
    LogUnavailable,
    NewCommit,
    Page,
    Progress,
    Query,
    ReadInvalid,
    Receipt,
    Verified,
)
from events.log.postgres_schema import (
    AT,
    CHANNEL,
    COMMITS,
    COMMITS_WITHIN,
    COUNTS,
    ENTRIES,
    ERASURES,
    EVENTS,
    EVERYTHING,
    HEAD,
    KNOWN,
    NODES,
    NODES_WITHIN,
    ROWS,
    TABLES,
    TAG_MISSING,
    numbered,
)  # fmt: skip
from events.log.postgres_writer import FAILED, POISON, Clock, PostgresWriter, connect, known, tail_of
from events.log.reading import COMMITS_PAGE_BYTES, COMMITS_PAGE_MAX, completing, nodes_of, require_window
from events.log.sqlite_query import positions
from events.log.stored import StoredCommit, StoredEntry

READERS_MAX: Final = 4
POLL_S: Final = 0.5
VERIFY_EVENTS_MAX: Final = 5000


async def open_postgres(
    url: str, *, clock: Clock | None = None, poll_s: float = POLL_S, log_id: str | None = None
) -> "PostgresEngine":
    """Open the log in the database and schema that `url` names, making its tables where there are none.

    Time is the database's, so that nodes need not agree on it; a `clock` takes its place.

    Raises:
        LogUnavailable: the database cannot be reached, or its settings do not make a commit durable.
    """
    connection = await connect(url)
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(hashtext('dateline'))")
        if not await connection.fetchval("SELECT to_regclass('log_head') IS NOT NULL"):
            await connection.execute(TABLES)
            await connection.execute("INSERT INTO log_head VALUES ($1, 0, 0, 0, '')", log_id or str(uuid4()))
    own = str(await connection.fetchval("SELECT id FROM log_head"))
    writer = PostgresWriter(url, connection, log_id=own, clock=clock)
    readers = await asyncpg.create_pool(url, min_size=1, max_size=READERS_MAX)
    log = PostgresLog(writer, readers, log_id=own, poll_s=poll_s)
    listener = await connect(url)
    await listener.add_listener(CHANNEL, log.hinted)
    return PostgresEngine(log, listener)


class PostgresEngine:
    """An open log, until `close`."""

    def __init__(self, log: "PostgresLog", listener: "asyncpg.Connection[Any]") -> None:
        self.log = log
        self._listener = listener

    async def close(self) -> None:
        """Record what is queued, end the subscriptions, and let go of the database; twice is no error."""
        await self._listener.close()
        await self.log.close()


class PostgresLog:
    """`Log` over one database."""

    def __init__(self, writer: PostgresWriter, readers: "asyncpg.Pool[Any]", *, log_id: str, poll_s: float) -> None:
        self._writer = writer
        self._readers = readers
        self._log_id = log_id
        self._hints = Hints(poll_s)
        self._groups = Groups(writer.store, on_stored=self._hints.give)
        self._closed = False

    async def append(self, commit: NewCommit) -> Receipt:
        """Record the commit's events at consecutive positions, all or none."""
        return await self._groups.submit(commit)

    async def outcome(self, key: str, *, fingerprint: bytes | str | None = None) -> Receipt | None:
        """Return the receipt of the commit with this key, None when there is none."""
        found = known(await self._fetch(KNOWN, [key])).get(key)
        if found is None or fingerprint is None:
            return found and found[0]
        return receipt_for(found, key, fingerprint)

    async def read(
        self,
        query: Query,
        *,
        after: int = 0,
        upto: int | None = None,
        backwards: bool = False,
        limit: int = PAGE_EVENTS_MAX,
    ) -> Page:
        """Return a page of matching events, and the head that they were read at."""
        require_window(after=after, upto=upto, limit=limit)
        [(head, *_)] = await self._fetch(HEAD)
        if limit == 0:
            return Page(events=(), head=head)
        # All up to a head that was seen is there for later statements too: no transaction has to hold a snapshot.
        upto = head if upto is None else min(upto, head)
        if query.everything:
            rows = await self._fetch(EVERYTHING.format("DESC" if backwards else "ASC"), after, upto, limit)
        else:
            found = positions(query, after=after, upto=upto, backwards=backwards, limit=limit)
            rows = [row for sql, values in found for row in await self._fetch(numbered(sql), *values)]
        wanted = sorted({position for (position,) in rows}, reverse=backwards)[:limit]
        events = {row[0]: event_of(row[1], row[2]) for row in await self._fetch(EVENTS, wanted)}
        return Page(events=tuple([events[position] for position in wanted]), head=head)

    def subscribe(
        self, query: Query, *, after: int | Literal["head"]
    ) -> AsyncGenerator[Event | CaughtUp | Progress, None]:
        """Yield every matching event after a position, in order, without end."""
        return self._hints.follow(self, query, after=after)

    async def head(self) -> Head:
        """Return the end of the log with its root."""
        [row] = await self._fetch(HEAD)
        tail = tail_of(row)
        recorded_at = tail.recorded_at if tail.position else None
        return Head(position=tail.position, root=tail.tree.root(), log_id=self._log_id, recorded_at=recorded_at)

    async def position_at(self, recorded_at: Instant) -> int:
        """Return the last position recorded at or before an instant."""
        moment(recorded_at)
        rows = await self._fetch(AT, recorded_at)
        return int(rows[0][0]) if rows else 0

    async def nodes(self, places: Sequence[Place]) -> Mapping[Place, bytes]:
        """Return the hashes of complete nodes of the tree."""
        return nodes_of(places, {row[0]: row[1] for row in await self._fetch(NODES, completing(places))})

    async def stored(self, *, first: int, last: int) -> tuple[StoredEntry, ...]:
        """Return the entries `first` to `last` as they are stored."""
        rows = await self._fetch(ENTRIES, first, last) if last < first + STORED_EVENTS_MAX else []
        if first < 1 or len(rows) != last - first + 1:
            raise ReadInvalid(f"there are no entries {first} to {last}, or more than {STORED_EVENTS_MAX}")
        return tuple([StoredEntry(entry=entry, salt=salt, data=data) for entry, salt, data in rows])

    async def commits(self, *, after: int = 0) -> tuple[StoredCommit, ...]:
        """Return a page of the commits whose number is above `after` as they are stored."""
        found: list[StoredCommit] = []
        size_bytes = 0
        for number, key, fingerprint, position, size, recorded_at, note, erases in await self._fetch(
            COMMITS, after, COMMITS_PAGE_MAX
        ):
            rows = await self._fetch(ENTRIES, position - size + 1, position) if size else []
            entries = tuple([StoredEntry(entry=entry, salt=salt, data=data) for entry, salt, data in rows])
            found.append(
                StoredCommit(
                    number=number,
                    key=key,
                    fingerprint=fingerprint,
                    note=note or b"",
                    position=position,
                    recorded_at=recorded_at,
                    entries=entries,
                    erases=tuple(erases),
                )
            )
            size_bytes += sum(len(each.entry) + len(each.data or b"") for each in entries)
            if size_bytes > COMMITS_PAGE_BYTES:
                break
        return tuple(found)

    async def erase(self, commit: NewCommit) -> Erased:
        """Append a commit that erases something, and have it cut out of the database's files.

        Horizon: at once, where nobody holds an older snapshot and the server does not use write-ahead files again
        (`wal_recycle=off`); else `pending` until a `purge` finds it so. Archives and copies of the server are its
        operator's.
        """
        receipt = await self.append(commit)
        return Erased(receipt=receipt, pending=await self.purge())

    async def purge(self) -> int:
        """Try again to cut what was erased out of the files; return how many positions are still in them."""
        return await self._groups.alone(self._writer.purge)

    async def erasures(self) -> Erasures:
        """Return how many positions are erased, and how many of them are still in the files."""
        [(erased, pending)] = await self._fetch(ERASURES)
        return Erasures(erased=erased, pending=pending)

    async def adopt(self, commits: Sequence[StoredCommit]) -> Head:
        """Record commits of the same history verbatim."""
        await self._groups.alone(lambda: self._writer.adopt(commits))
        self._hints.give()
        return await self.head()

    async def verify(self, *, first: int = 1, last: int | None = None) -> Verified:
        """Recompute hashes, tags, commits and tree of the entries `first` to `last`."""
        [(head, *_)] = await self._fetch(HEAD)
        last = head if last is None else last
        if not 1 <= first <= last + 1 or last > head:
            raise ReadInvalid(f"there are no entries {first} to {last}; the log ends at {head}")
        places = peaks_at(first - 1)
        nodes = await self.nodes(places)
        tree, tags = Tree(first - 1, [nodes[place] for place in places]), 0
        for start in range(first, last + 1, VERIFY_EVENTS_MAX):
            tags += await self._verify_part(tree, start, min(last, start + VERIFY_EVENTS_MAX - 1))
        if first == 1 and (found := [*(await self._fetch(COUNTS, last))[0]]) != [last, tags, last]:
            raise LogDamaged(f"payloads, tags and commits count {found} where entries 1 to {last} have {tags} tags")
        return Verified(first=first, last=last, root=tree.root())

    def hinted(self, *_: object) -> None:
        """Have every subscription look at the log now: another node may have appended."""
        self._hints.give()

    async def close(self) -> None:
        """Record what is queued, end the subscriptions, and let go of the database."""
        await self._groups.close()
        self._closed = True
        self._hints.give()
        await self._readers.close()
        await self._writer.close()

    async def _fetch(self, sql: str, *values: object) -> list[Any]:
        if self._closed:
            raise LogClosed
        try:
            return await self._readers.fetch(sql, *values)
        except POISON as error:
            raise ReadInvalid(f"the database cannot hold what is asked for: {error}") from error
        except FAILED as error:
            raise LogUnavailable(f"the database does not answer: {error}") from error

    async def _verify_part(self, tree: Tree, first: int, last: int) -> int:
        """Check the entries `first` to `last`, growing the tree by them; return how many tags they carry."""
        entries = entries_in(await self._fetch(ROWS, first, last), first, last)
        commits = {begin: (size, at) for begin, size, at in await self._fetch(COMMITS_WITHIN, first, last)}
        require_commits([entry for _, entry in entries], commits)
        tags = [(entry.position, tag) for _, entry in entries for tag in entry.tags]
        for position, tag in await self._fetch(TAG_MISSING, [at for at, _ in tags], [tag for _, tag in tags]):
            raise LogDamaged(f"event {position} is not found by its tag {tag!r}")
        nodes = {row[0]: row[1] for row in await self._fetch(NODES_WITHIN, first, last)}
        for content, entry in entries:
            if nodes.get(entry.position) != b"".join(tree.grow(leaf_hash(content))):
                raise LogDamaged(f"entry {entry.position} does not give the nodes of the tree stored with it")
        return len(tags)
