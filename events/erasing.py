"""Erases the data of entries and the texts of sources. The log says that it was done; what it was, nothing says.

Every step may be repeated, so a crash between two of them leaves nothing half done: the same key again, or the next
start (`complete`), does the rest. The entry that says so is appended by the commit that takes the data away. Which
texts have to go, its tags tell; each is written into the ledger, so that no backup brings it back, and taken out of the
state. Last, the files are seen to hold nothing of it.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from typing import Final, TypeAlias, assert_never

import msgspec
from msgspec import Struct

from events.deciding import require_plain
from events.errors import NotErasable, NotFound
from events.facts import VERSIONS, LogErased, Recorded, SourceRecorded, plain
from events.handler import ATTEMPTS_MAX, PAUSE_S, TEXT, Busy, recorded
from events.instants import Instant
from events.log.entry import canonical
from events.log.ledger import ErasedText, Ledger
from events.log.port import (
    EVENT_TAGS_MAX,
    PAGE_EVENTS_MAX,
    AppendCondition,
    AppendConditionFailed,
    Log,
    LogUnavailable,
    NewCommit,
    NewEvent,
    Query,
    QueryItem,
    Receipt,
    scoped_key,
)
from events.log.state import State
from events.tags import tags_of
from events.terms import Citation

ERASED: Final = "log.erased"
RECORDED: Final = "source.recorded"
QUOTING_MAX: Final = 1000
"""How many entries are named that quote a source."""
CLOCK: Final = frozenset({"announcement.came_up", "announcement.fell_due"})
_SELF: Final = "log:self"
_TEXT: Final = "text:"
_PURGING: Final = "purging", "texts"
"""Stands in the state while texts are taken out of it and its file may still hold them."""


class EraseEntry(Struct, frozen=True, kw_only=True):
    """Erase the data of the entry at `position`; of a source that was recorded, the text too."""

    position: int
    reason: str


class EraseText(Struct, frozen=True, kw_only=True):
    """Erase the text of a source."""

    source: str
    reason: str


What: TypeAlias = EraseEntry | EraseText


class Request(Struct, frozen=True, kw_only=True):
    """An erasure to carry out as one commit; see `events.handler.Request`."""

    what: What
    key: str
    fingerprint: bytes
    by: str
    correlation: str | None = None
    dry_run: bool = False


class Quoting(Struct, frozen=True, kw_only=True):
    """An entry that quotes a source, and the announcement it is about: the quote stays until the entry is erased."""

    position: int
    announcement: str


class Erasure(Struct, frozen=True, kw_only=True):
    """What an erasure did, or would do: entries lose their data, sources their text.

    `quoted_by` are up to `QUOTING_MAX` entries that quote these sources and have their data. `pending`: so many erased
    entries are not yet gone from the files of the log.
    """

    position: int
    duplicate: bool
    changed: bool
    positions: tuple[int, ...]
    sources: tuple[str, ...]
    quoted_by: tuple[Quoting, ...]
    pending: int


class _Plan(Struct, frozen=True, kw_only=True):
    """What is to be erased, as of a head: positions, texts, the sources that have them, and the tags that say so."""

    head: int
    positions: tuple[int, ...] = ()
    texts: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    quoted: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class Eraser:
    """Erases from one data directory. `clock` gives the present instant."""

    def __init__(self, log: Log, state: State, ledger: Ledger, clock: Callable[[], Instant]) -> None:
        self._log = log
        self._state = state
        self._ledger = ledger
        self._clock = clock
        self._forgetting = asyncio.Lock()

    async def complete(self) -> None:
        """Erase what a crash left, and what a backup that was put back has brought: for every start."""
        said = {text for one in await self._all(_of_type(ERASED)) for text in _texts_in(one.tags)}
        await self._forget(said | {line.sha256 for line in self._ledger.texts})
        await self.purge()

    async def purge(self) -> int:
        """Try again to clean the files of what was erased, if that is needed; return how many entries are not gone."""
        pending = (await self._log.erasures()).pending
        return await self._log.purge() if pending else 0

    async def erase(self, request: Request) -> Erasure:
        """Carry out an erasure; safe to retry with the same key for ever. What is erased already changes nothing.

        Raises `NotFound`, `NotErasable`, `BodyInvalid`, `Busy`, and what `Log.append` raises.
        """
        require_plain(msgspec.to_builtins(request.what), "")
        key = scoped_key(request.by, request.key)
        for attempt in range(ATTEMPTS_MAX):
            known = await self._log.outcome(key, fingerprint=request.fingerprint)
            if known is not None:
                return await self._finish(known, await self._log.purge(), quoted=())
            plan = await self._plan(request.what)
            if request.dry_run:
                return await self._told(plan)
            try:
                erased = await self._log.erase(_commit(key, request, plan))
            except AppendConditionFailed:
                await asyncio.sleep(random.uniform(0, PAUSE_S * attempt))
            else:
                return await self._finish(erased.receipt, erased.pending, quoted=plan.quoted)
        raise Busy(f"others erased the same {ATTEMPTS_MAX} times in a row; try again")

    async def _finish(self, receipt: Receipt, pending: int, *, quoted: Iterable[str]) -> Erasure:
        """Do what follows on the commit that says so, and tell what it says."""
        said: list[Recorded] = []
        if receipt.size:
            page = await self._log.read(Query.all(), after=receipt.first - 1, upto=receipt.position)
            said = [recorded(event) for event in page.events]
        await self._forget({text for one in said for text in _texts_in(one.tags)})
        facts = [one.fact for one in said if isinstance(one.fact, LogErased)]
        sources = tuple(dict.fromkeys(source for fact in facts for source in fact.sources))
        return Erasure(
            position=receipt.position,
            duplicate=receipt.duplicate,
            changed=bool(said),
            positions=tuple(dict.fromkeys(position for fact in facts for position in fact.positions)),
            sources=sources,
            quoted_by=await self._quoting(dict.fromkeys((*quoted, *sources))),
            pending=pending,
        )

    async def _told(self, plan: _Plan) -> Erasure:
        changes = bool(plan.positions or plan.texts)
        return Erasure(
            position=plan.head + len(_tagged(plan.tags)) if changes else plan.head,
            duplicate=False,
            changed=changes,
            positions=plan.positions,
            sources=plan.sources,
            quoted_by=await self._quoting(plan.quoted),
            pending=(await self._log.erasures()).pending,
        )

    async def _plan(self, what: What) -> _Plan:
        head = (await self._log.read(Query.all(), limit=0)).head
        match what:
            case EraseEntry(position=position):
                return await self._plan_entry(position, head)
            case EraseText(source=source):
                return await self._plan_text(source, head)
            case _:
                assert_never(what)

    async def _plan_entry(self, position: int, head: int) -> _Plan:
        if not 0 < position <= head:
            raise NotFound(f"there is no entry {position}")
        page = await self._log.read(Query.all(), after=position - 1, upto=position, limit=1)
        named = recorded(page.events[0])
        if named.type.startswith("log.") or named.type in CLOCK:
            raise NotErasable(
                f"entry {position} ({named.type}) is the log's own or the clock's, holds nothing that others said,"
                " and stays"
            )
        texts, sources = await self._there(_texts_in(named.tags) if named.type == RECORDED else ())
        own = (named.fact.source,) if isinstance(named.fact, SourceRecorded) else ()
        positions = (position,) if page.events[0].data is not None else ()
        tags = (tag for tag in named.tags if not tag.startswith(_TEXT))
        return _planned(head, positions, texts, sources, tags, quoted=own)

    async def _plan_text(self, source: str, head: int) -> _Plan:
        kept = [
            one
            for one in await self._all(_of_type(RECORDED, f"source:{source}"))
            if isinstance(one.fact, SourceRecorded) and one.fact.source == source
        ]
        if not kept:
            raise NotFound(f"there is no source {source[:100]!r}")
        texts, sources = await self._there({text for one in kept for text in _texts_in(one.tags)})
        return _planned(head, (), texts, sources, (), quoted=(source,))

    async def _there(self, texts: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return those of the texts that were not erased, and every source that has one of them."""
        left = [text for text in sorted(texts) if not await self._all(_of_type(ERASED, _TEXT + text))]
        sources = {
            one.fact.source
            for text in left
            for one in await self._all(_of_type(RECORDED, _TEXT + text))
            if isinstance(one.fact, SourceRecorded)
        }
        return tuple(left), tuple(sorted(sources))

    async def _quoting(self, sources: Iterable[str]) -> tuple[Quoting, ...]:
        """Return the entries that quote the sources."""
        quoting: dict[int, str] = {}
        for source in sources:
            async with aclosing(self._pages(Query(items=(QueryItem(tags=(f"source:{source}",)),)))) as tagged:
                async for one in tagged:
                    citations: Iterable[Citation] = getattr(one.fact, "citations", ())
                    if any(citation.source == source for citation in citations):
                        quoting[one.position] = getattr(one.fact, "announcement", "")
                    if len(quoting) >= QUOTING_MAX:
                        break
        return tuple(Quoting(position=at, announcement=quoting[at]) for at in sorted(quoting))

    async def _forget(self, texts: Iterable[str]) -> None:
        """Have texts gone from the state, and never come back to it."""
        wanted = sorted(texts)
        async with self._forgetting:
            told = {line.sha256 for line in self._ledger.texts}
            at = self._clock()
            lines = [ErasedText(sha256=text, at=at) for text in wanted if text not in told]
            try:
                await asyncio.to_thread(self._ledger.add, lines)
            except OSError as error:
                raise LogUnavailable(f"the ledger of erasures cannot be written ({error}); try again") from error
            there = [text for text in wanted if await self._state.get(TEXT, text) is not None]
            if there or await self._state.get(*_PURGING) is not None:
                await self._state.put(*_PURGING, b"", expected=None)
                for text in there:
                    await self._state.delete(TEXT, text)
                await self._state.purge()
                await self._state.delete(*_PURGING)

    async def _all(self, query: Query) -> list[Recorded]:
        return [one async for one in self._pages(query)]

    async def _pages(self, query: Query) -> AsyncGenerator[Recorded, None]:
        after = 0
        while True:
            page = await self._log.read(query, after=after)
            for event in page.events:
                yield recorded(event)
            if len(page.events) < PAGE_EVENTS_MAX:
                return
            after = page.events[-1].position


def _of_type(type_name: str, *tags: str) -> Query:
    return Query(items=(QueryItem(types=(type_name,), tags=tags),))


def _texts_in(tags: Iterable[str]) -> set[str]:
    """Return the SHA-256 of the texts that tags name."""
    return {tag.removeprefix(_TEXT) for tag in tags if tag.startswith(_TEXT)}


def _planned(
    head: int,
    positions: tuple[int, ...],
    texts: tuple[str, ...],
    sources: tuple[str, ...],
    named: Iterable[str],
    *,
    quoted: tuple[str, ...],
) -> _Plan:
    """Return a plan. Nothing but what erased a text carries its tag `text:`, of all that the log says of itself."""
    said = LogErased(positions=positions, sources=sources, reason="")
    return _Plan(
        head=head,
        positions=positions,
        texts=texts,
        sources=sources,
        quoted=tuple(dict.fromkeys((*quoted, *sources))),
        tags=tags_of(said, named=(*named, *(_TEXT + text for text in texts))),
    )


def _commit(key: str, request: Request, plan: _Plan) -> NewCommit:
    """Return the commit that erases, or that remembers that there was nothing to erase."""
    fact = LogErased(positions=plan.positions, sources=plan.sources, reason=request.what.reason)
    changes = bool(plan.positions or plan.texts)
    said = NewEvent(type=ERASED, v=VERSIONS[ERASED], data=canonical(plain(fact)), tags=())
    same_texts = (QueryItem(types=(RECORDED,), tags=(_TEXT + text,)) for text in plan.texts)
    return NewCommit(
        key=key,
        fingerprint=request.fingerprint,
        events=tuple(msgspec.structs.replace(said, tags=tags) for tags in _tagged(plan.tags)) if changes else (),
        by=request.by,
        condition=AppendCondition(
            fail_if_match=Query(items=(QueryItem(types=(ERASED,)), *same_texts)), after=plan.head
        ),
        correlation=request.correlation,
        unchanged=not changes,
        erases=plan.positions,
    )


def _tagged(tags: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the tags of each entry that says so: one, unless there are more tags than an entry has room for."""
    others = [tag for tag in tags if tag != _SELF]
    room = EVENT_TAGS_MAX - 1
    return [tuple(sorted((_SELF, *others[start : start + room]))) for start in range(0, max(1, len(others)), room)]
