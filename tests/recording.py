"""Writes facts into a log as they are, for tests of what reads them."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import count, groupby
from pathlib import Path

from events.facts import VERSIONS, AnyFact, FactWithdrawn, Recorded, plain, said_at_of, type_of
from events.instants import Instant
from events.log.entry import canonical
from events.log.port import Log, NewCommit, NewEvent
from events.log.sqlite import open_sqlite
from events.tags import tags_of
from events.views.runner import Views

_KEYS = count(1)


async def record_events(log: Log, events: Iterable[NewEvent], recorded_at: Instant | None = None) -> int:
    """Record events as one commit; return its last position."""
    key = f"system/test/{next(_KEYS)}"
    commit = NewCommit(key=key, fingerprint=key, events=tuple(events), by="system/test", recorded_at=recorded_at)
    return (await log.append(commit)).position


def new_event(fact: AnyFact, tags: Sequence[str]) -> NewEvent:
    """Return the event that records a fact."""
    kind, data = type_of(fact), canonical(plain(fact))
    return NewEvent(type=kind, v=VERSIONS[kind], data=data, tags=tuple(tags), said_at=said_at_of(fact))


def commits(recorded: Sequence[Recorded]) -> Iterator[tuple[list[NewEvent], Instant]]:
    """Yield a drawn history commit by commit, as events and when they were recorded."""
    for _, records in groupby(recorded, key=lambda record: record.commit_end):
        commit = [record for record in records if record.fact is not None]
        yield (
            [new_event(record.fact, record.tags) for record in commit if record.fact is not None],
            commit[0].recorded_at,
        )


class Recorder:
    """A log with views that follow it. What is recorded through it is in the views when the call returns."""

    def __init__(self, log: Log, views: Views) -> None:
        self.log = log
        self.views = views
        self.read = views.read
        self.tags: dict[int, tuple[str, ...]] = {}

    async def record(self, *facts: AnyFact, recorded_at: Instant | None = None) -> int:
        """Record facts as one commit; return its last position. Withdrawals and amendments get the tags they need."""
        position = (await self.log.head()).position
        events = []
        for number, fact in enumerate(facts, position + 1):
            named = fact.position if isinstance(fact, FactWithdrawn) else getattr(fact, "corrects", 0)
            self.tags[number] = tags_of(fact, named=self.tags.get(named, ()))
            events.append(new_event(fact, self.tags[number]))
        position = await record_events(self.log, events, recorded_at)
        await self.views.wait_for(position, timeout_s=10)
        return position

    async def withdraw(self, position: int, recorded_at: Instant | None = None) -> int:
        """Take the fact at a position back."""
        return await self.record(FactWithdrawn(position=position, reason="Not so."), recorded_at=recorded_at)


@asynccontextmanager
async def recorder(directory: Path, *, now: Callable[[], Instant]) -> AsyncIterator[Recorder]:
    """Open a log and views of it in a directory, for as long as the context lasts."""
    engine = await open_sqlite(directory)
    views = await Views.open(directory / "views", engine.log, now=now)
    views.follow()
    try:
        yield Recorder(engine.log, views)
    finally:
        await views.close()
        await engine.close()
