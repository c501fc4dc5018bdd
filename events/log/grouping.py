"""Has appends that wait together stored together: one group after the other, on the event loop."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from events.log.port import LogClosed, LogUnavailable, NewCommit, OutcomeUnknown, Receipt

GROUP_COMMITS_MAX: Final = 256
WAITING_COMMITS_MAX: Final = 20_000

Answer = Receipt | Exception
Store = Callable[[Sequence[NewCommit]], Awaitable[list[Answer]]]
"""Records a group, all or none, and answers each commit; when it raises, nothing is stored."""
T = TypeVar("T")


def deliver(
    futures: Sequence["asyncio.Future[Receipt]"], answers: Sequence[Answer], *, on_stored: Callable[[], None]
) -> None:
    """Give each append of a group its answer, on the event loop; `on_stored` is called before, if anything is new."""
    if any(isinstance(answer, Receipt) and not answer.duplicate for answer in answers):
        on_stored()
    for future, answer in zip(futures, answers, strict=True):
        if future.done():  # Its caller was cancelled; the key tells a retry.
            continue
        if isinstance(answer, Receipt):
            future.set_result(answer)
        else:
            future.set_exception(answer)


class Groups:
    """Takes appends one by one. `on_stored` is called after a group was stored and before its answers are seen."""

    def __init__(self, store: Store, *, on_stored: Callable[[], None]) -> None:
        self._store = store
        self._on_stored = on_stored
        self._waiting: list[tuple[NewCommit, asyncio.Future[Receipt]]] = []
        self._turn = asyncio.Lock()
        self._draining: asyncio.Task[None] | None = None
        self._closed = False

    async def submit(self, commit: NewCommit) -> Receipt:
        """Return the receipt of a commit once its group is stored, or raise why it is not."""
        if self._closed:
            raise LogClosed
        if len(self._waiting) >= WAITING_COMMITS_MAX:
            raise LogUnavailable(f"{WAITING_COMMITS_MAX} appends are waiting already; try again in a second")
        future: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._waiting.append((commit, future))
        if self._draining is None or self._draining.done():
            self._draining = asyncio.create_task(self._drain())
        return await future

    async def alone(self, work: Callable[[], Awaitable[T]]) -> T:
        """Return what `work` returns, done between two groups."""
        if self._closed:
            raise LogClosed
        async with self._turn:
            return await work()

    async def close(self) -> None:
        """Store what waits; nothing is taken any more."""
        self._closed = True
        if self._draining is not None:
            await self._draining

    async def _drain(self) -> None:
        while self._waiting:
            async with self._turn:
                group, self._waiting = self._waiting[:GROUP_COMMITS_MAX], self._waiting[GROUP_COMMITS_MAX:]
                answers = await self._answer([commit for commit, _ in group])
            deliver([future for _, future in group], answers, on_stored=self._on_stored)

    async def _answer(self, commits: Sequence[NewCommit]) -> list[Answer]:
        try:
            return await self._store(commits)
        except LogUnavailable as error:
            return [error for _ in commits]
        except Exception as error:  # noqa: BLE001 - what one request broke is its caller's, not everybody's.
            if len(commits) > 1:
                # Nothing is stored: each is tried alone, so that a poisoned one leaves the others untouched.
                return [(await self._answer([commit]))[0] for commit in commits]
            return [error]


def unknown_of(commits: Sequence[NewCommit], answers: Sequence[Answer], error: Exception) -> list[Answer]:
    """Return the answers, with `OutcomeUnknown` in place of each receipt."""
    return [
        OutcomeUnknown(key=commit.key, reason=str(error)) if isinstance(answer, Receipt) else answer
        for commit, answer in zip(commits, answers, strict=True)
    ]
