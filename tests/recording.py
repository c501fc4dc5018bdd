"""Writes facts into a log as they are, for tests of what reads them."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import count, groupby

from events.facts import AnyFact, FactWithdrawn, Recorded, plain, said_at_of, type_of
from events.instants import Instant
from events.log.entry import canonical
from events.log.port import Log, NewCommit, NewEvent
from events.tags import tags_of

_KEYS = count(1)


async def record(log: Log, *facts: AnyFact, recorded_at: Instant | None = None, tags: Sequence[str] = ()) -> int:
    """Record facts as one commit; return its last position. `tags` are further ones, of what the facts name."""
    return await record_events(log, [new_event(fact, tags_of(fact, named=tags)) for fact in facts], recorded_at)


async def withdraw(log: Log, position: int, *tags: str, recorded_at: Instant | None = None) -> int:
    """Take the fact at a position back; `tags` are its."""
    return await record(log, FactWithdrawn(position=position, reason="Not so."), recorded_at=recorded_at, tags=tags)


async def record_events(log: Log, events: Iterable[NewEvent], recorded_at: Instant | None = None) -> int:
    """Record events as one commit; return its last position."""
    key = f"system/test/{next(_KEYS)}"
    commit = NewCommit(key=key, fingerprint=key, events=tuple(events), by="system/test", recorded_at=recorded_at)
    return (await log.append(commit)).position


def new_event(fact: AnyFact, tags: Sequence[str]) -> NewEvent:
    """Return the event that records a fact."""
    return NewEvent(
        type=type_of(fact), data=canonical(plain(fact)), tags=tuple(tags), said_at=said_at_of(fact)
    )


def commits(recorded: Sequence[Recorded]) -> Iterator[tuple[list[NewEvent], Instant]]:
    """Yield a drawn history commit by commit, as events and when they were recorded."""
    for _, records in groupby(recorded, key=lambda record: record.commit_end):
        commit = [record for record in records if record.fact is not None]
        yield (
            [new_event(record.fact, record.tags) for record in commit if record.fact is not None],
            commit[0].recorded_at,
        )
