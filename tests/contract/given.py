"""Short ways to say what is appended and asked for, and the clock it happens by."""

import asyncio
import os
from collections.abc import AsyncGenerator, Iterable
from itertools import count
from pathlib import Path

from events.instants import Instant, from_microseconds, to_microseconds
from events.log.port import (
    AppendCondition,
    CaughtUp,
    Event,
    Log,
    NewCommit,
    NewEvent,
    Progress,
    Query,
    QueryItem,
    Receipt,
    scoped_key,
)

HEARD_WITHIN_S = 60.0 if "DATELINE_ENGINES" in os.environ else 10.0
IN_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Where thousands of short logs are made, whose syncs are not what is tested; None is the usual place."""
NOON = "2024-04-10T12:00:00.000000Z"
Heard = Event | CaughtUp | Progress
_keys = count(1)


class Clock:
    """A wall clock in microseconds that stands still until it is moved."""

    def __init__(self, now: Instant = NOON) -> None:
        self.microseconds = to_microseconds(now)

    def __call__(self) -> int:
        return self.microseconds

    def move(self, seconds: float) -> Instant:
        self.microseconds += round(seconds * 1_000_000)
        return from_microseconds(self.microseconds)


def made(*tags: str, type: str = "announcement.made", data: bytes = b"{}", id: str | None = None) -> NewEvent:
    return NewEvent(type=type, data=data, tags=tags, id=id)


def commit(
    *events: NewEvent,
    key: str | None = None,
    fingerprint: str = "request",
    by: str = "ada",
    condition: AppendCondition | None = None,
    recorded_at: Instant | None = None,
    unchanged: bool = False,
    note: bytes = b"",
) -> NewCommit:
    return NewCommit(
        key=scoped_key(by, key or f"made-up-{next(_keys)}"),
        fingerprint=fingerprint,
        events=events,
        by=by,
        condition=condition,
        recorded_at=recorded_at,
        unchanged=unchanged,
        note=note,
    )


def query(*items: QueryItem) -> Query:
    return Query(items=items)


def typed(*types: str) -> QueryItem:
    return QueryItem(types=types)


def tagged(*tags: str) -> QueryItem:
    return QueryItem(tags=tags)


def unless(*items: QueryItem, after: int = 0) -> AppendCondition:
    return AppendCondition(fail_if_match=query(*items), after=after)


async def append_each(log: Log, *events: NewEvent) -> list[Receipt]:
    """Append each event in a commit of its own, one after the other."""
    return [await log.append(commit(event)) for event in events]


async def outcomes(log: Log, commits: Iterable[NewCommit]) -> list[Receipt | BaseException]:
    """Append all at once, so that an engine that groups may group them; answers in the order given."""
    return await asyncio.gather(*(log.append(each) for each in commits), return_exceptions=True)


async def positions(log: Log, asked: Query | None = None, *, after: int = 0) -> list[int]:
    page = await log.read(asked or Query.all(), after=after)
    return [event.position for event in page.events]


async def next_of(subscription: AsyncGenerator[Heard, None], count: int) -> list[Heard]:
    async with asyncio.timeout(HEARD_WITHIN_S):
        return [await anext(subscription) for _ in range(count)]


def files_with(directory: Path, words: bytes) -> list[str]:
    """Return the names of the files under a directory that hold these bytes."""
    return sorted(file.name for file in directory.rglob("*") if file.is_file() and words in _content(file))


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:  # A server has just removed it.
        return b""
