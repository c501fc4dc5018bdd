"""What a log promises, in which words it is asked, and how it refuses. Every engine passes `tests/contract/`.

Positions are 1, 2, 3 …, global, gap-free, never reused and visible in order; 0 is before everything.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Final, Literal, Protocol

from msgspec import Struct

from events.errors import DatelineError
from events.instants import Instant
from events.log.merkle import Place
from events.log.stored import StoredCommit, StoredEntry

PAGE_EVENTS_MAX: Final = 1000
COMMIT_EVENTS_MAX: Final = 500
EVENT_TAGS_MAX: Final = 64
TAG_BYTES_MAX: Final = 200
DATA_BYTES_MAX: Final = 1024 * 1024
ENTRY_BYTES_MAX: Final = 32 * 1024
NOTE_BYTES_MAX: Final = 64 * 1024
KEY_BYTES_MAX: Final = 512
FINGERPRINT_BYTES_MAX: Final = 128
QUERY_ITEMS_MAX: Final = 1000
QUERY_TERMS_MAX: Final = 10_000
ERASED_EVENTS_MAX: Final = 500
STORED_EVENTS_MAX: Final = 256
"""How many entries are read as they are stored, at once: as many as a bundle of C2SP tlog-tiles holds."""
CLOCK_AHEAD_MAX_S: Final = 60

SYSTEM: Final = "system"
"""Principals `system` and `system/…` are ours; no person's principal contains a slash or equals this."""


class QueryItem(Struct, frozen=True, kw_only=True):
    """Events of ANY of `types` that carry ALL of `tags`; an empty side does not restrict, both are refused."""

    types: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.types and not self.tags:
            raise QueryInvalid("a query item has neither types nor tags; say `Query.all()` for everything")
        if len(self.tags) > EVENT_TAGS_MAX:
            raise QueryInvalid(f"{len(self.tags)} tags; no event carries more than {EVENT_TAGS_MAX}")

    def matches(self, event_type: str, tags: frozenset[str]) -> bool:
        """Say whether an event of this type with these tags is meant."""
        return (not self.types or event_type in self.types) and tags.issuperset(self.tags)


class Query(Struct, frozen=True, kw_only=True):
    """Events that ANY of the items means. Everything has to be said: `Query.all()`."""

    items: tuple[QueryItem, ...] = ()
    everything: bool = False

    def __post_init__(self) -> None:
        if self.everything is bool(self.items):
            raise QueryInvalid("a query needs items, or be `Query.all()`")
        terms = sum(len(item.types) + len(item.tags) for item in self.items)
        if len(self.items) > QUERY_ITEMS_MAX or terms > QUERY_TERMS_MAX:
            raise QueryInvalid(
                f"a query has {len(self.items)} items with {terms} types and tags; "
                f"at most {QUERY_ITEMS_MAX} with {QUERY_TERMS_MAX} are allowed"
            )

    @staticmethod
    def all() -> "Query":
        """Return the query that means every event."""
        return _EVERYTHING

    def matches(self, event_type: str, tags: tuple[str, ...] | frozenset[str]) -> bool:
        """Say whether an event of this type with these tags is meant."""
        carried = frozenset(tags)
        return self.everything or any(item.matches(event_type, carried) for item in self.items)


class NewEvent(Struct, frozen=True, kw_only=True):
    """An event to record. `data` is canonical JSON (`events.log.entry.canonical`); no engine looks into it.

    `id` is a UUIDv7, made by the engine when left out. `causation` is the position of an earlier event.
    """

    type: str
    data: bytes
    tags: tuple[str, ...]
    v: int = 1
    said_at: Instant | None = None
    causation: int | None = None
    id: str | None = None


class AppendCondition(Struct, frozen=True, kw_only=True):
    """Refuse the append when an event after position `after` (exclusive) matches `fail_if_match`."""

    fail_if_match: Query
    after: int = 0


class NewCommit(Struct, frozen=True, kw_only=True):
    """Events to record together, under a key that makes the append safe to retry for ever.

    `key` is scoped by its principal (`scoped_key`). `fingerprint` stands for the request and leaves the
    condition out. `note` is remembered with the key and handed back in each receipt. `recorded_at` is for
    imports that keep their times. `unchanged` says that the command changed nothing: there are no events, the
    key is remembered. `correlation` is a W3C trace id, 32 lowercase hex digits. `erases` are earlier positions: their
    data, and the fingerprints of the requests that recorded it, are erased together with this commit, which says so.
    """

    key: str
    fingerprint: bytes | str
    events: tuple[NewEvent, ...]
    by: str
    condition: AppendCondition | None = None
    correlation: str | None = None
    recorded_at: Instant | None = None
    unchanged: bool = False
    note: bytes = b""
    erases: tuple[int, ...] = ()


class Receipt(Struct, frozen=True, kw_only=True):
    """What an append did: the positions `first` to `position`, `size` of them.

    A commit that changed nothing has size 0 and `position` = the head it saw, so `first` is one more.
    `duplicate` says that the key was known and nothing was stored this time.
    """

    position: int
    first: int
    size: int
    duplicate: bool
    recorded_at: Instant
    note: bytes


class Event(Struct, frozen=True, kw_only=True, gc=False):
    """A recorded event. `commit` is (first position, size) of its commit; `data` is None once erased.

    But for `data` it is what an entry says, field by field in the entry's order: so it is decoded in one step.
    """

    by: str
    causation: int | None = None
    commit: tuple[int, int]
    correlation: str | None = None
    data_hash: str
    id: str
    position: int
    recorded_at: Instant
    said_at: Instant | None = None
    tags: tuple[str, ...]
    type: str
    v: int
    data: bytes | None = None


class Page(Struct, frozen=True, kw_only=True):
    """Events in the order asked for, and the last position of the log at the moment they were read."""

    events: tuple[Event, ...]
    head: int


class Head(Struct, frozen=True, kw_only=True):
    """The end of the log: its last position, the RFC 6962 root over all entries, and which log it is."""

    position: int
    root: bytes
    log_id: str
    recorded_at: Instant | None


class CaughtUp(Struct, frozen=True, kw_only=True):
    """A subscription has delivered everything up to `position`; what follows is new. Said once."""

    position: int


class Progress(Struct, frozen=True, kw_only=True):
    """Nothing the subscription asks for lies between its last word and `position`."""

    position: int


class Verified(Struct, frozen=True, kw_only=True):
    """Entries `first` to `last` are what was recorded; `root` is the root over all entries up to `last`."""

    first: int
    last: int
    root: bytes


class Erased(Struct, frozen=True, kw_only=True):
    """What an erasure did: its receipt, and how many positions are erased and not yet gone from every file."""

    receipt: Receipt
    pending: int


class Erasures(Struct, frozen=True, kw_only=True):
    """How many positions are erased, by whatever commit or ledger, and how many of them are not yet gone."""

    erased: int
    pending: int


class Log(Protocol):
    """The append-only log.

    All methods may be called concurrently. An event that `append` returned a position for survives a crash of
    the process and of the machine, and is seen by every later read of this engine. Where several nodes share the
    log, reads of another one may be behind until it has heard of it; a position it was given from elsewhere is
    never called ahead for that. Nothing of a commit is visible before all of it is stored; a page or a stream may
    still end inside one, and `Event.commit` tells.

    The engine gives the time: the machine's, or the database's that its nodes share.
    """

    async def append(self, commit: NewCommit) -> Receipt:
        """Record the commit's events at consecutive positions, all or none.

        A known key answers first, whatever happened since: with the same fingerprint the receipt of then.
        A refusal uses no position and is not remembered. A cancelled append may still be stored.

        Raises:
            CommitKeyReused: the key is known with another fingerprint.
            CommitInvalid: a part is missing, malformed or too large, or there is nothing at a position to erase.
            PositionAhead: `condition.after` lies beyond the head.
            AppendConditionFailed: an event after `condition.after` matches.
            EventIdTaken: an event id is already stored.
            ClockBehindLog: the wall clock is over 60 s behind the last entry.
            LogUnavailable: nothing was stored (disk full, too many waiting); try again later.
            OutcomeUnknown: it cannot be told whether it was stored; retry with the same key.
        """
        ...

    async def outcome(self, key: str, *, fingerprint: bytes | str | None = None) -> Receipt | None:
        """Return the receipt (`duplicate` true) of the commit with this scoped key; None when there is none.

        With a `fingerprint`, raises `CommitKeyReused` when the key is known with another one.
        """
        ...

    async def read(
        self,
        query: Query,
        *,
        after: int = 0,
        upto: int | None = None,
        backwards: bool = False,
        limit: int = PAGE_EVENTS_MAX,
    ) -> Page:
        """Return the first `limit` matching events with `after` < position <= `upto`, each once, ascending.

        `backwards` begins at the other end and descends. `upto` None is the head; `limit` 0 asks for the head
        alone.

        Raises:
            ReadInvalid: `limit` is not between 0 and `PAGE_EVENTS_MAX`, or a position is negative.
        """
        ...

    def subscribe(
        self, query: Query, *, after: int | Literal["head"]
    ) -> AsyncGenerator[Event | CaughtUp | Progress, None]:
        """Yield every matching event after a position, in order, each once, without end; close it when done.

        `CaughtUp` comes once, when the head is reached; `Progress` whenever the head moved past the last word
        without a match, never beyond the head.

        Raises:
            PositionAhead: `after` lies beyond the head: the cursor is from another history of the log.
            LogClosed: the engine was closed.
        """
        ...

    async def head(self) -> Head:
        """Return the last position (0 when empty), the root over all entries, and the log's id."""
        ...

    async def position_at(self, recorded_at: Instant) -> int:
        """Return the last position recorded at or before the given instant; 0 when there is none."""
        ...

    async def erase(self, commit: NewCommit) -> Erased:
        """Append a commit that erases something, then see that it is gone from the engine's files; safe to retry.

        Entries stay, so every proof made before still holds. What is `pending` is gone within the engine's horizon.
        Raises what `append` raises.
        """
        ...

    async def purge(self) -> int:
        """Try again to have what was erased gone from every file; return how many positions are not yet."""
        ...

    async def erasures(self) -> Erasures:
        """Return how many positions are erased; whoever keeps copies of data sees by it that these are out of date."""
        ...

    async def nodes(self, places: Sequence[Place]) -> Mapping[Place, bytes]:
        """Return the hashes of complete nodes of the tree; raises `ReadInvalid` where the tree has none yet."""
        ...

    async def stored(self, *, first: int, last: int) -> tuple[StoredEntry, ...]:
        """Return the entries `first` to `last` (inclusive) as they are stored.

        Raises `ReadInvalid` when there are no such positions, or over `STORED_EVENTS_MAX` of them.
        """
        ...

    async def commits(self, *, after: int = 0) -> tuple[StoredCommit, ...]:
        """Return the commits whose number is above `after` as they are stored: a bounded page, empty at the end."""
        ...

    async def adopt(self, commits: Sequence[StoredCommit]) -> Head:
        """Record commits of the same history verbatim, whole and in order; return the head.

        What is here already is compared, so it may be repeated. A commit without a key is recorded under one that
        nobody can own. Up to `COMMIT_EVENTS_MAX` commits and events together are recorded all or none; of more, an
        engine may have recorded the first ones when this raises.

        Raises:
            CommitInvalid: a commit is not what a log stores.
            HistoryDiffers: the log holds, or would continue, something else.
        """
        ...

    async def verify(self, *, first: int = 1, last: int | None = None) -> Verified:
        """Recompute hashes, tags and tree of the entries `first` to `last` (inclusive; None is the head).

        Raises:
            LogDamaged: something is not what was recorded; it names the place.
            ReadInvalid: there are no such positions.
        """
        ...


def scoped_key(by: str, key: str) -> str:
    """Return the commit key of one principal's `key`, which no other principal's key can equal.

    >>> scoped_key("ada", "7f3a")
    'ada/7f3a'
    """
    if not by or ("/" in by and not by.startswith(f"{SYSTEM}/")):
        raise CommitInvalid(f"{by!r} is not a principal that may own keys", pointer="/by")
    return f"{by}/{key}"


class QueryInvalid(DatelineError):
    """A query does not say what it wants, or too much at once."""

    code = "query-invalid"


class ReadInvalid(DatelineError):
    """A limit or a position of a read is out of range."""

    code = "read-invalid"


class CommitInvalid(DatelineError):
    """A part of a commit is missing, malformed or too large; `pointer` is its JSON Pointer in the commit."""

    code = "commit-invalid"

    def __init__(self, what: str, *, pointer: str) -> None:
        super().__init__(f"{what} (at {pointer})")
        self.what = what
        self.pointer = pointer


class AppendConditionFailed(DatelineError):
    """Somebody recorded a matching event after the position the decision was based on."""

    code = "append-condition-failed"

    def __init__(self, *, after: int, conflict: int) -> None:
        super().__init__(
            f"event {conflict}, recorded after position {after}, matches the condition; "
            f"read on from {after} and decide again"
        )
        self.after = after
        self.conflict = conflict


class CommitKeyReused(DatelineError):
    """A key came back with another request."""

    code = "commit-key-reused"

    def __init__(self, *, key: str) -> None:
        super().__init__(f"the key {key!r} was used for another request; use a new key for a new request")
        self.key = key


class EventIdTaken(DatelineError):
    """An event with this id is already stored, under another key."""

    code = "event-id-taken"

    def __init__(self, *, event_id: str, position: int) -> None:
        super().__init__(f"event {position} already has the id {event_id}; leave the id out to have one made")
        self.event_id = event_id
        self.position = position


class PositionAhead(DatelineError):
    """A cursor lies beyond the head: the log was restored from a backup older than the cursor."""

    code = "position-ahead"

    def __init__(self, *, after: int, head: int) -> None:
        super().__init__(f"position {after} lies beyond the head {head}: the log was restored; begin again")
        self.after = after
        self.head = head


class HistoryDiffers(DatelineError):
    """What was to be adopted is not the same history as what is here."""

    code = "history-differs"

    def __init__(self, *, position: int, reason: str) -> None:
        super().__init__(f"entry {position} {reason}: only a log of the same history can be gone on with")
        self.position = position


class ClockBehindLog(DatelineError):
    """The wall clock is so far behind the last entry that times recorded now would be made up."""

    code = "clock-behind-log"

    def __init__(self, *, now: Instant, last: Instant) -> None:
        super().__init__(
            f"the clock says {now}, over {CLOCK_AHEAD_MAX_S} s before the last entry's {last}; set the clock"
        )
        self.now = now
        self.last = last


class LogUnavailable(DatelineError):
    """The log cannot write at the moment; nothing was stored."""

    code = "log-unavailable"


class OutcomeUnknown(DatelineError):
    """The commit failed in a way that does not tell whether it is stored."""

    code = "outcome-unknown"

    def __init__(self, *, key: str, reason: str) -> None:
        super().__init__(f"it is not known whether {key!r} was stored ({reason}); retry with the same key")
        self.key = key


class LogClosed(DatelineError):
    """The engine was closed."""

    code = "log-closed"

    def __init__(self) -> None:
        super().__init__("the log is closed")


class LogDamaged(DatelineError):
    """What is stored is not what was recorded."""

    code = "log-damaged"


class LogShortened(LogDamaged):
    """The log ends before a position that was acknowledged."""

    def __init__(self, *, head: int, mark: int) -> None:
        super().__init__(
            f"the log ends at position {head} but {mark} was acknowledged: a file is older than the others, or lacks"
            " its `-wal`. Put the missing file back, or a backup by `dateline restore`; or go on without what is lost"
            " by `dateline serve --accept-shorter`, and the log will say so"
        )
        self.head = head
        self.mark = mark


class LogLocked(DatelineError):
    """Another process serves this data directory."""

    code = "log-locked"

    def __init__(self, *, directory: str) -> None:
        super().__init__(f"another process serves {directory}; stop it, or use another data directory")
        self.directory = directory


_EVERYTHING: Final = Query(everything=True)
