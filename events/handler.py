"""Carries out commands: looks the key up, reads what bears on them, decides, and appends. Nothing else does.

Nothing is stored of a request that is refused. When somebody else recorded something in between that the decision
rested on, it decides again, a bounded number of times.
"""

import asyncio
import random
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Final

import msgspec
from msgspec import Struct

from events import facts as f
from events.commands import Command, MakeAnnouncement, RecordSource, RejectCandidates, WithdrawFact
from events.deciding import RUBRICS, decide, wanted
from events.errors import BodyInvalid, DatelineError, Refused
from events.facts import Recorded
from events.instants import Instant
from events.log.entry import canonical
from events.log.port import (
    COMMIT_EVENTS_MAX,
    PAGE_EVENTS_MAX,
    AppendCondition,
    AppendConditionFailed,
    Event,
    Log,
    NewCommit,
    NewEvent,
    OutcomeUnknown,
    Query,
    QueryItem,
    Receipt,
    scoped_key,
)
from events.log.state import State, StateConflict
from events.tags import tags_of
from events.world import TYPES_BY_TAG, World

ATTEMPTS_MAX: Final = 32
PAUSE_S: Final = 0.002
"""So much longer, at most, is waited before each further attempt: those who collide draw apart."""
QUERY_ITEMS_MAX: Final = 400
SLUG_CHARACTERS_MAX: Final = 48
RESTED_ON: Final = ("source", "actor")
"""Things that cannot be taken back while others rest on them."""
TEXT: Final = "text"
"""The kind under which the state keeps the sources' texts, by their SHA-256."""


class Request(Struct, frozen=True, kw_only=True):
    """Commands to carry out as one commit.

    `key` is the caller's own, `fingerprint` stands for the request. `if_match` is the position at which the caller
    saw the announcement that the first command is about. `recorded_at` is for imports that keep their times. `batch`:
    the commands came as a list, so a refusal says which one it is about (`CommandRefused`), even of a list of one.
    """

    commands: tuple[Command, ...]
    key: str
    fingerprint: bytes
    by: str
    correlation: str | None = None
    recorded_at: Instant | None = None
    if_match: int | None = None
    dry_run: bool = False
    batch: bool = False


class Done(Struct, frozen=True, kw_only=True):
    """What one command did: to the thing `id`, and the position of its last fact; the head where it made none."""

    id: str
    position: int


class Handled(Struct, frozen=True, kw_only=True):
    """What a request did. `changed`: facts were recorded, now or (`duplicate`) when it was first made."""

    position: int
    duplicate: bool
    changed: bool
    done: tuple[Done, ...]
    facts: tuple[f.AnyFact, ...] = ()


class CommandRefused(DatelineError):
    """The command at `index` of a batch was refused, and so is the whole batch."""

    code = "command-refused"

    def __init__(self, index: int, refusal: Refused) -> None:
        super().__init__(f"command {index}: {refusal}")
        self.index = index
        self.refusal = refusal


class Stale(DatelineError):
    """The announcement has changed since the caller saw it."""

    code = "stale"

    def __init__(self, *, seen: int, position: int | None) -> None:
        now = "it is not there" if position is None else f"it is at {position} now"
        super().__init__(f"you saw it at position {seen}, {now}; read it again")
        self.seen = seen
        self.position = position


class Busy(DatelineError):
    """Others kept changing what the decision rests on."""

    code = "busy"


class Handler:
    """Carries out commands against a log. `clock` gives the present instant."""

    def __init__(self, log: Log, state: State, clock: Callable[[], Instant]) -> None:
        self._log = log
        self._state = state
        self._clock = clock

    async def handle(self, request: Request) -> Handled:
        """Carry out a request, whole or not at all; safe to retry with the same key for ever.

        Raises `Refused` (in a batch `CommandRefused`), `Stale`, `Busy`, and what `Log.append` raises.
        """
        key = scoped_key(request.by, request.key)
        known = await self._log.outcome(key, fingerprint=request.fingerprint)
        if known is not None:
            return _remembered(known)
        commands = tuple(_with_id(command) for command in request.commands)
        for attempt in range(ATTEMPTS_MAX):
            try:
                return await self._attempt(key, request, commands)
            except AppendConditionFailed:
                await asyncio.sleep(random.uniform(0, PAUSE_S * attempt))
            except (Refused, CommandRefused, Stale):
                known = await self._log.outcome(key, fingerprint=request.fingerprint)
                if known is None:
                    raise
                return _remembered(known)  # The same request, sent twice at once, was carried out meanwhile.
        raise Busy(f"others changed what this rests on {ATTEMPTS_MAX} times in a row; try again")

    async def _attempt(self, key: str, request: Request, commands: Sequence[Command]) -> Handled:
        now = request.recorded_at or self._clock()
        world, head, query = await self._world(commands, now)
        if request.if_match is not None:
            _require_match(request.if_match, commands[0], world)
        batch = request.batch or len(commands) > 1
        if batch:  # Hundreds of commands are no work for the event loop.
            made = await asyncio.to_thread(_decide_all, commands, world, head, batch=True)
        else:
            made = _decide_all(commands, world, head, batch=False)
        facts = tuple(fact for part in made for fact in part)
        records = [world.recorded[head + 1 + index] for index in range(len(facts))]
        done = _done(commands, made, world, head)
        if request.dry_run:
            return Handled(position=head + len(facts), duplicate=False, changed=bool(facts), done=done, facts=facts)
        inside = any((f.named_by(fact) or 0) > head for fact in facts)
        commit = NewCommit(
            key=key,
            fingerprint=request.fingerprint,
            events=tuple(_new_event(record) for record in records),
            by=request.by,
            condition=AppendCondition(fail_if_match=Query.all() if inside else query, after=head),
            correlation=request.correlation,
            recorded_at=request.recorded_at,
            unchanged=not facts,
            note=msgspec.json.encode([(d.id, d.position - head) for d in done]),
        )
        receipt = await self._append(commit, _texts(facts, world))
        if receipt.duplicate:
            return _remembered(receipt)
        base = receipt.first - 1
        return Handled(
            position=receipt.position,
            duplicate=False,
            changed=bool(facts),
            done=tuple(Done(id=d.id, position=d.position - head + base) for d in done),
            facts=facts,
        )

    async def _append(self, commit: NewCommit, texts: Mapping[str, str]) -> Receipt:
        """Append; the sources' texts are stored first, and taken away again if the append is refused."""
        stored: dict[str, int] = {}
        for digest, text in texts.items():
            found, version = await self._store(digest, text.encode())
            if not found:
                stored[digest] = version
        try:
            return await self._log.append(commit)
        except OutcomeUnknown:
            raise  # It may be stored, and then its text must be.
        except DatelineError:
            for digest, version in stored.items():
                with suppress(StateConflict):
                    await self._state.delete(TEXT, digest, expected=version)
            raise

    async def _store(self, digest: str, text: bytes) -> tuple[int, int]:
        """Store a text anew; return the version it had before (0: it was not there) and the one it has now.

        Where another request stored it, that one may not take it away any more; where it was erased meanwhile, the
        append is refused, and takes it away again.
        """
        found = 0
        while True:
            try:
                return found, await self._state.put(TEXT, digest, text, expected=found)
            except StateConflict as conflict:
                found = conflict.found

    async def _world(self, commands: Sequence[Command], now: Instant) -> tuple[World, int, Query]:
        """Read everything that bears on the commands, as of one head; return it with the query that finds it."""
        world = World(now)
        head = (await self._log.read(Query.all(), limit=0)).head
        tags = {tag for command in commands for tag in wanted(command)}
        for command in commands:
            if isinstance(command, WithdrawFact):
                tags.update(await self._named(command.position, world, head))
        while tags:
            await self._load(tags, world, head)
            world.loaded.update(tags)
            tags = world.missing()
        await self._load_texts(commands, world)
        items = tuple(_item(tag) for tag in sorted(world.loaded))
        query = Query(items=items) if 0 < len(items) <= QUERY_ITEMS_MAX else Query.all()
        return world, head, query

    async def _named(self, position: int, world: World, head: int) -> set[str]:
        """Return the tags wanted to withdraw an entry: its own, and what rests on the thing that goes or comes back."""
        tags: set[str] = set()
        below = head + 1
        while 0 < position < below:
            page = await self._log.read(Query.all(), after=position - 1, upto=position, limit=1)
            (named,) = (recorded(event) for event in page.events)
            world.add([named])
            tags.update(named.tags)
            if not isinstance(named.fact, f.FactWithdrawn):
                kind = named.type.partition(".")[0]
                return tags | {f"citing {tag}" for tag in tags if tag.partition(":")[0] == kind and kind in RESTED_ON}
            position, below = named.fact.position, position
        return tags

    async def _load(self, tags: Iterable[str], world: World, head: int) -> None:
        items = [_item(tag) for tag in sorted(tags)]
        for start in range(0, len(items), QUERY_ITEMS_MAX):
            query = Query(items=tuple(items[start : start + QUERY_ITEMS_MAX]))
            after = 0
            while True:
                page = await self._log.read(query, after=after, upto=head)
                world.add(recorded(event) for event in page.events)
                if len(page.events) < PAGE_EVENTS_MAX:
                    break
                after = page.events[-1].position

    async def _load_texts(self, commands: Iterable[Command], world: World) -> None:
        """Load the texts that commands quote from; a source of the same request brings its own."""
        quoted = {citation.source for command in commands for citation in getattr(command, "citations", ())}
        quoted.update(command.id for command in commands if isinstance(command, RejectCandidates))
        for id in quoted:
            source = world.source(id)
            if source is not None and source.described.sha256 is not None:
                text = await self._state.get(TEXT, source.described.sha256)
                if text is not None:
                    world.texts[id] = text.value.decode()
        for command in commands:
            if isinstance(command, RecordSource) and command.text is not None and command.id is not None:
                world.texts[command.id] = command.text


def recorded(event: Event) -> Recorded:
    """Return the fact of a logged event, with its place."""
    return Recorded(
        position=event.position,
        type=event.type,
        v=event.v,
        recorded_at=event.recorded_at,
        by=event.by,
        commit_end=event.commit[0] + event.commit[1] - 1,
        tags=event.tags,
        fact=f.read(event.type, event.v, event.data),
        said_at=event.said_at,
    )


def _item(tag: str) -> QueryItem:
    """Return the part of a query that finds a wanted tag's facts (see `deciding.wanted`)."""
    if tag == RUBRICS:
        return QueryItem(types=("rubric.published",))
    if tag.startswith("citing "):
        return QueryItem(tags=(tag.removeprefix("citing "),))
    return QueryItem(types=TYPES_BY_TAG.get(tag.partition(":")[0], ()), tags=(tag,))


def _decide_all(commands: Sequence[Command], world: World, head: int, *, batch: bool) -> list[tuple[f.AnyFact, ...]]:
    """Decide in order; each command sees the facts of those before it, at the positions they will have."""
    made = []
    position = head
    for index, command in enumerate(commands):
        try:
            facts = decide(command, world)
            if position - head + len(facts) > COMMIT_EVENTS_MAX:
                raise BodyInvalid(f"this makes over {COMMIT_EVENTS_MAX} entries, too many for one commit; split it")
        except Refused as refusal:
            if not batch:
                raise
            raise CommandRefused(index, refusal) from None
        for fact in facts:
            position += 1
            world.add([_as_recorded(fact, position, world)])
        made.append(facts)
    return made


def _as_recorded(fact: f.AnyFact, position: int, world: World) -> Recorded:
    about = f.named_by(fact)
    named = world.recorded[about].tags if about is not None and about in world.recorded else ()
    return Recorded(
        position=position,
        type=f.type_of(fact),
        v=f.VERSIONS[f.type_of(fact)],
        recorded_at=world.now,
        by="",
        commit_end=position,
        tags=tags_of(fact, named=named if isinstance(fact, f.FactWithdrawn | f.Amended) else ()),
        fact=fact,
        said_at=f.said_at_of(fact),
    )


def _new_event(record: Recorded) -> NewEvent:
    assert record.fact is not None
    about = f.named_by(record.fact)
    return NewEvent(
        type=record.type,
        v=record.v,
        data=canonical(f.plain(record.fact)),
        tags=record.tags,
        said_at=record.said_at,
        causation=about,
    )


def _require_match(seen: int, command: Command, world: World) -> None:
    """Raise `Stale` where the announcement is not as it was seen; that it is not there at all, `decide` says better."""
    history = world.history(str(getattr(command, "id", "")))
    now = None if history is None else history.now
    if (now is None and isinstance(command, MakeAnnouncement)) or (now is not None and now.position != seen):
        raise Stale(seen=seen, position=None if now is None else now.position)


def _texts(facts: Iterable[f.AnyFact], world: World) -> dict[str, str]:
    """Return the texts of the sources recorded here, by their SHA-256."""
    return {
        fact.sha256: world.texts[fact.source]
        for fact in facts
        if isinstance(fact, f.SourceRecorded) and fact.sha256 is not None
    }


def _done(
    commands: Sequence[Command], made: Sequence[tuple[f.AnyFact, ...]], world: World, head: int
) -> tuple[Done, ...]:
    done = []
    position = head
    for command, facts in zip(commands, made, strict=True):
        position += len(facts)
        done.append(Done(id=_subject(command, world), position=position if facts else head))
    return tuple(done)


def _subject(command: Command, world: World) -> str:
    """Return the id of the thing a command is about."""
    if isinstance(command, WithdrawFact):
        fact = world.recorded[command.position].fact
        while isinstance(fact, f.FactWithdrawn):
            fact = world.recorded[fact.position].fact
        for kind in ("announcement", "source", "actor", "timeline", "version"):
            if (subject := getattr(fact, kind, None)) is not None:
                return str(subject)
        return str(command.position)
    return str(getattr(command, "id", None) or getattr(command, "slug", None) or getattr(command, "version", ""))


def _remembered(receipt: Receipt) -> Handled:
    base = receipt.first - 1
    notes = msgspec.json.decode(receipt.note, type=list[tuple[str, int]]) if receipt.note else []
    return Handled(
        position=receipt.position,
        duplicate=True,
        changed=receipt.size > 0,
        done=tuple(Done(id=id, position=base + offset) for id, offset in notes),
    )


def _with_id(command: Command) -> Command:
    """Give a new source or announcement an id, if the caller gave none: its title, and something unlike any other."""
    if isinstance(command, RecordSource | MakeAnnouncement) and command.id is None:
        plain = unicodedata.normalize("NFKD", command.title).encode("ascii", "ignore").decode().lower()
        slug = re.sub(r"[^a-z0-9]+", "-", plain)[:SLUG_CHARACTERS_MAX].strip("-")
        return msgspec.structs.replace(command, id=f"{slug or 'entry'}-{secrets.token_hex(4)}")
    return command
