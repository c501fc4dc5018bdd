"""The log in NATS JetStream: one stream that every node follows into a `log.db` of its own, where it decides and reads.

A group is judged and written in `log.db`, published as one atomic batch that is fenced by the last message known there,
and committed there when the stream has it. Whoever is behind is refused by the fence, catches up and judges again.
Public: `open_jetstream`.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Final, Literal

import nats
from nats.aio.client import Client
from nats.errors import Error as NatsError

from events.errors import DatelineError
from events.instants import Instant
from events.log.jetstream_stream import BATCH_MESSAGES_MAX, Stream, as_erased, require_durable
from events.log.merkle import Place
from events.log.port import (
    PAGE_EVENTS_MAX,
    CaughtUp,
    CommitInvalid,
    Erased,
    Erasures,
    Event,
    Head,
    LogDamaged,
    LogShortened,
    LogUnavailable,
    NewCommit,
    OutcomeUnknown,
    Page,
    PositionAhead,
    Progress,
    Query,
    Receipt,
    Verified,
)
from events.log.sqlite import POLL_S, SqliteEngine, SqliteLog, open_sqlite, wall_clock
from events.log.sqlite_writer import Behind, Clock
from events.log.stored import StoredCommit, StoredEntry

PAGE_COMMITS_MAX: Final = 500
ATTEMPTS_MAX: Final = 20


async def open_jetstream(
    url: str,
    directory: Path,
    *,
    system_url: str,
    name: str = "dateline",
    clock: Clock = wall_clock,
    poll_s: float = POLL_S,
    log_id: str | None = None,
) -> "JetStreamEngine":
    """Open the log in the streams `<name>` and `<name>-keys`, making them where they are not there yet.

    `directory` is this node's own. `system_url` is for the system account, which alone may read servers' settings.

    Raises:
        LogUnavailable: no server answers, or its settings can lose what it acknowledged.
        LogShortened: the stream ends before what this node has seen of it.
        LogDamaged: the stream is not set as a log must be, or not of this node's log.
        Whatever `open_sqlite` raises.
    """
    try:
        client = await nats.connect(url, no_echo=True, error_cb=_unheard)
    except (NatsError, OSError) as error:
        raise LogUnavailable(f"no server of the log answers: {error!r}") from error
    try:
        stream = Stream(client, name)
        await require_durable(system_url, client)
        own, last = await stream.make(log_id)
        replica = await open_sqlite(directory, clock=clock, poll_s=poll_s, log_id=own, replicate=stream.replicate)
    except BaseException:
        await client.close()
        raise
    log = JetStreamLog(stream, replica, poll_s=poll_s)
    engine = JetStreamEngine(log, replica, client)
    try:
        if (head := await log.head()).log_id != own:
            raise LogDamaged(f"the stream {name!r} is the log {own}, and this directory's is {head.log_id}")
        if last < sum(replica.log.end):
            raise LogShortened(head=last, mark=sum(replica.log.end))
        await log.catch_up()
        await log.follow()
    except BaseException:
        await engine.close()
        raise
    return engine


async def _unheard(_: Exception) -> None:
    """Leave what befalls the connection to whoever asks for something: the client would log each attempt."""


class JetStreamEngine:
    """An open log, until `close`."""

    def __init__(self, log: "JetStreamLog", replica: SqliteEngine, client: Client) -> None:
        self.log = log
        self._replica = replica
        self._client = client

    async def close(self) -> None:
        """Record what is queued, end the subscriptions, and let go of the server and the directory."""
        await self.log.close()
        await self._replica.close()
        await self._client.close()


class JetStreamLog:
    """`Log` over a stream: decided in and read from this node's replica of it.

    A later read through this engine sees what its `append` returned; other nodes see it once they were told.
    """

    def __init__(self, stream: "Stream", replica: SqliteEngine, *, poll_s: float) -> None:
        self._stream = stream
        self._log: SqliteLog = replica.log
        self._ledger = replica.ledger
        self._poll_s = poll_s
        self._turn = asyncio.Lock()
        self._told = asyncio.Event()
        self._heard = 0
        """How many commits of other nodes were recorded here."""
        self._following: asyncio.Task[None] | None = None
        self._closed = False

    async def append(self, commit: NewCommit) -> Receipt:
        """Record the commit's events at consecutive positions, all or none."""
        reason: Exception | None = None
        for _ in range(ATTEMPTS_MAX):
            heard = self._heard
            try:
                return await self._log.append(commit)
            except (Behind, PositionAhead, CommitInvalid) as error:
                reason = error
            try:
                await self.catch_up()
            except LogUnavailable as error:
                raise OutcomeUnknown(key=commit.key, reason=str(error)) from reason
            if not isinstance(reason, Behind) and self._heard == heard:
                raise reason  # It names a position that no other node has recorded either.
        raise OutcomeUnknown(key=commit.key, reason=str(reason))

    async def outcome(self, key: str, *, fingerprint: bytes | str | None = None) -> Receipt | None:
        """Return the receipt of the commit with this key, None when there is none."""
        return await self._log.outcome(key, fingerprint=fingerprint)

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
        return await self._log.read(query, after=after, upto=upto, backwards=backwards, limit=limit)

    async def subscribe(
        self, query: Query, *, after: int | Literal["head"]
    ) -> AsyncGenerator[Event | CaughtUp | Progress, None]:
        """Yield every matching event after a position, in order, without end."""
        if after != "head" and after > self._log.end[0]:
            await self.catch_up()  # The cursor may be from a node that is further.
        async with aclosing(self._log.subscribe(query, after=after)) as words:
            async for word in words:
                yield word

    async def head(self) -> Head:
        """Return the end of the log with its root."""
        return await self._log.head()

    async def position_at(self, recorded_at: Instant) -> int:
        """Return the last position recorded at or before an instant."""
        return await self._log.position_at(recorded_at)

    async def nodes(self, places: Sequence[Place]) -> Mapping[Place, bytes]:
        """Return the hashes of complete nodes of the tree."""
        return await self._log.nodes(places)

    async def stored(self, *, first: int, last: int) -> tuple[StoredEntry, ...]:
        """Return the entries `first` to `last` as they are stored."""
        return await self._log.stored(first=first, last=last)

    async def commits(self, *, after: int = 0) -> tuple[StoredCommit, ...]:
        """Return a page of the commits whose number is above `after` as they are stored."""
        return await self._log.commits(after=after)

    async def erase(self, commit: NewCommit) -> Erased:
        """Append a commit that erases something, have its keys overwritten, and cut it out of this node's files.

        Horizon: the servers' at once; other nodes' when they were told; this node's as SQLite's.
        """
        receipt = await self.append(commit)
        return Erased(receipt=receipt, pending=await self.purge())

    async def purge(self) -> int:
        """Have what was erased gone from the stream of keys and this node's files; return how many are not yet."""
        for erased in self._ledger.entries[len(self._ledger.entries) - self._ledger.pending :]:
            await self._stream.forget(erased.position + await self._log.commit_with(erased.position))
        return await self._log.purge()

    async def erasures(self) -> Erasures:
        """Return how many entries are erased, and how many of them are not yet gone from this node's files."""
        return await self._log.erasures()

    async def adopt(self, commits: Sequence[StoredCommit]) -> Head:
        """Record commits of the same history verbatim; more than a batch holds are not recorded all or none."""
        for batch in _batches(commits):
            for attempt in range(1, ATTEMPTS_MAX + 1):
                try:
                    await self._log.adopt(batch)
                    break
                except Behind as behind:
                    if attempt == ATTEMPTS_MAX:
                        raise LogUnavailable(f"others append all the time: {behind}") from behind
                    await self.catch_up()
        return await self._log.head()

    async def verify(self, *, first: int = 1, last: int | None = None) -> Verified:
        """Recompute this node's hashes, tags, commits and tree, and see that the stream holds the same."""
        verified = await self._log.verify(first=first, last=last)
        number = await self._log.commit_with(first) - 1
        while page := await self._log.commits(after=number) if first <= verified.last else ():
            there = self._stream.commits(page[0].position - len(page[0].entries) + page[0].number)
            for commit in page:
                found = await anext(there, None)
                if found is None or as_erased(found, commit) != commit:
                    raise LogDamaged(f"commit {commit.number}, up to entry {commit.position}, is another in the stream")
            await there.aclose()
            number, first = page[-1].number, page[-1].position + 1
        return verified

    async def catch_up(self) -> None:
        """Record here what is in the stream and not here yet."""
        async with self._turn:
            try:
                page: list[StoredCommit] = []
                async for commit in self._stream.commits(sum(self._log.end) + 1):
                    page.append(commit)
                    if len(page) == PAGE_COMMITS_MAX:
                        self._heard += await self._log.apply(page)
                        page = []
                if page:
                    self._heard += await self._log.apply(page)
            except (NatsError, OSError) as error:
                raise LogUnavailable(f"the stream does not answer: {error!r}") from error

    async def follow(self) -> None:
        """Catch up whenever another node has told that there is more, or might have, until `close`."""
        await self._stream.on_hint(self._told.set)
        self._following = asyncio.create_task(self._follow())

    async def close(self) -> None:
        """Catch up no more."""
        self._closed = True
        self._told.set()  # Not cancelled: the client's waits may swallow that.
        if self._following is not None:
            await self._following

    async def _follow(self) -> None:
        while not self._closed:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._poll_s):
                    await self._told.wait()
            self._told.clear()
            try:
                await self.catch_up()
            except LogUnavailable:
                continue  # The next round tries again; what is here is read meanwhile.
            except DatelineError as error:
                self._log.refuse(LogDamaged(f"the stream does not go on as this node's log does: {error}"))
                return


def _batches(commits: Sequence[StoredCommit]) -> list[list[StoredCommit]]:
    """Return the commits in as few parts as fit into a batch each."""
    batches: list[list[StoredCommit]] = []
    room = 0
    for commit in commits:
        if room <= len(commit.entries):
            batches.append([])
            room = BATCH_MESSAGES_MAX
        batches[-1].append(commit)
        room -= 1 + len(commit.entries)
    return batches
