"""What is recorded: events of about 600 bytes with three tags, one history after the other or all in turn."""

from collections.abc import Sequence
from typing import Final

from events.log.port import AppendCondition, Log, NewCommit, NewEvent, Query, QueryItem, scoped_key

DATA: Final = b'{"title":"' + b"a" * 588 + b'"}'
TYPES: Final = ("announcement.made", "announcement.rescheduled", "announcement.corroborated", "fact.withdrawn")
SOURCES: Final = 500
ACTORS: Final = 7
FILLING_EVENTS: Final = 500
"""How many events a commit has that only fills a log; a log takes no more at once."""


def subject(number: int) -> str:
    """Return the tag of a history."""
    return f"announcement:visit-{number}"


def commit(key: str, histories: Sequence[int], *, after: int, number: int) -> NewCommit:
    """Return a commit of one event on each history, refused when one of them moved since `after`.

    `number` counts on from commit to commit, by events: what else the events are of follows from it.
    """
    moved = tuple(QueryItem(tags=(subject(history),)) for history in dict.fromkeys(histories))
    return NewCommit(
        key=scoped_key("bench", key),
        fingerprint=b"f" * 32,
        events=tuple(_event(history, each) for each, history in enumerate(histories, start=number)),
        by="bench",
        condition=AppendCondition(fail_if_match=Query(items=moved), after=after),
    )


async def fill(log: Log, *, events: int, histories: int) -> None:
    """Record so many events, on the histories in turn; nothing else may write meanwhile."""
    for first in range(0, events, FILLING_EVENTS):
        within = range(first, min(events, first + FILLING_EVENTS))
        await log.append(commit(f"fill-{first}", [number % histories for number in within], after=first, number=first))


def _event(history: int, number: int) -> NewEvent:
    return NewEvent(
        type=TYPES[number % len(TYPES)],
        data=DATA,
        tags=(subject(history), f"source:bulletin-{number % SOURCES}", f"actor:office-{number % ACTORS}"),
    )
