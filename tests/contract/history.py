"""A concurrent run as it was seen from outside: every call with when it was made, when it was answered, and how."""

import time
from collections.abc import AsyncGenerator

from msgspec import Struct

from events.log.port import CaughtUp, Event, Log, NewCommit, Page, Progress, Query, Receipt

Answer = Receipt | BaseException


class Appended(Struct, frozen=True, kw_only=True):
    """An append; times in nanoseconds of a clock that only goes forward."""

    began: int
    ended: int
    commit: NewCommit
    answer: Answer


class LookedUp(Struct, frozen=True, kw_only=True):
    """A look-up of what a key was answered."""

    began: int
    ended: int
    key: str
    answer: Receipt | None


class Read(Struct, frozen=True, kw_only=True):
    """A read and its page."""

    began: int
    ended: int
    query: Query
    after: int
    upto: int | None
    backwards: bool
    limit: int
    page: Page


class Word(Struct, frozen=True, kw_only=True):
    """What a subscription said, and when it was heard."""

    at: int
    says: Event | CaughtUp | Progress


class Subscribed(Struct, frozen=True, kw_only=True):
    """A subscription from a position and all it said, in order."""

    began: int
    query: Query
    after: int
    words: list[Word]


class History(Struct, kw_only=True):
    """All calls of a run, and the whole log as it was read at the end."""

    appends: list[Appended] = []
    lookups: list[LookedUp] = []
    reads: list[Read] = []
    subscriptions: list[Subscribed] = []
    log: tuple[Event, ...] = ()


class Witness:
    """A log whose every call goes into a history."""

    def __init__(self, log: Log, history: History) -> None:
        self._log = log
        self._history = history

    async def append(self, commit: NewCommit) -> Answer:
        """Append and return the answer, whatever it is."""
        began = time.monotonic_ns()
        answer: Answer
        try:
            answer = await self._log.append(commit)
        except BaseException as refused:  # noqa: BLE001 - a cancelled append is an answer that tells nothing.
            answer = refused
        self._history.appends.append(Appended(began=began, ended=time.monotonic_ns(), commit=commit, answer=answer))
        return answer

    async def outcome(self, key: str) -> Receipt | None:
        """Look a key up."""
        began = time.monotonic_ns()
        answer = await self._log.outcome(key)
        self._history.lookups.append(LookedUp(began=began, ended=time.monotonic_ns(), key=key, answer=answer))
        return answer

    async def read(
        self, query: Query, *, after: int = 0, upto: int | None = None, backwards: bool = False, limit: int = 1000
    ) -> Page:
        """Read a page."""
        began = time.monotonic_ns()
        page = await self._log.read(query, after=after, upto=upto, backwards=backwards, limit=limit)
        self._history.reads.append(
            Read(
                began=began,
                ended=time.monotonic_ns(),
                query=query,
                after=after,
                upto=upto,
                backwards=backwards,
                limit=limit,
                page=page,
            )
        )
        return page

    async def subscribe(self, query: Query, *, after: int) -> AsyncGenerator[Event | CaughtUp | Progress, None]:
        """Subscribe from a position."""
        words: list[Word] = []
        self._history.subscriptions.append(Subscribed(began=time.monotonic_ns(), query=query, after=after, words=words))
        subscription = self._log.subscribe(query, after=after)
        try:
            async for says in subscription:
                words.append(Word(at=time.monotonic_ns(), says=says))
                yield says
        finally:
            await subscription.aclose()
