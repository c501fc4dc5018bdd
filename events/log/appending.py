"""The serial part of an append, whatever the engine: refusals first, then what all rows are. Pure.

An engine gives a `Group` the end of the log and a way to look up what is stored, both as one transaction sees them, and
writes what the group holds at the end.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

from msgspec import structs

from events.instants import Instant, from_microseconds, to_microseconds
from events.log.commit import require_valid, stored_fingerprint, stored_tags
from events.log.entry import SALT_BYTES, Entry, data_hash, encode, uuid7
from events.log.merkle import Tree, leaf_hash
from events.log.port import (
    CLOCK_AHEAD_MAX_S,
    ENTRY_BYTES_MAX,
    AppendCondition,
    AppendConditionFailed,
    ClockBehindLog,
    CommitInvalid,
    CommitKeyReused,
    EventIdTaken,
    HistoryDiffers,
    NewCommit,
    NewEvent,
    PositionAhead,
    Query,
    Receipt,
)
from events.log.records import entries_of, keyed
from events.log.stored import StoredCommit

_UUID_RANDOM_BYTES: Final = 10
_US_PER_MS: Final = 1000
_US_PER_S: Final = 1_000_000

Known = tuple[Receipt, bytes | None]
"""The receipt of a key, and the fingerprint of the request that it answers; None once erased."""


class Stored(Protocol):
    """What is stored, as one transaction sees it."""

    def known(self, key: str) -> Known | None:
        """Return what is known of a commit key."""
        ...

    def position_of(self, event_id: str) -> int | None:
        """Return the position of the event with this id."""
        ...

    def conflict(self, condition: AppendCondition) -> int | None:
        """Return the lowest position after `condition.after` that matches."""
        ...

    def entry(self, position: int) -> bytes | None:
        """Return the bytes of an entry."""
        ...


class Tail:
    """The end of the log as one transaction sees it; a copy of it grows with the transaction."""

    def __init__(self, *, position: int, commits: int, recorded_us: int, tree: Tree) -> None:
        self.position = position
        self.commits = commits
        self.recorded_us = recorded_us
        self.tree = tree

    @property
    def recorded_at(self) -> Instant:
        """When the last entry was recorded; 1970 while there is none."""
        return from_microseconds(self.recorded_us)

    def copy(self) -> "Tail":
        """Return a tail that grows independently."""
        return Tail(
            position=self.position,
            commits=self.commits,
            recorded_us=self.recorded_us,
            tree=self.tree.copy(),
        )


class Group:
    """Commits of one transaction: each judged against the log and the ones before it, to be written together.

    `tail` moves with each commit that is recorded. `payloads` to `commits` are the rows of the tables with such names:
    (position, salt, data), (tag, position), (position, hashes), (position, id, type, recorded_at, entry) and (number,
    key, fingerprint, position, size, recorded_at, note). `erased` are the positions whose data is to be taken away,
    each with the last position of the commit that does it, or 0 where that is not known. `random` gives random bytes.
    """

    def __init__(self, tail: Tail, stored: Stored, random: Callable[[int], bytes]) -> None:
        self.tail = tail
        self.payloads: list[tuple[int, bytes, bytes]] = []
        self.tags: list[tuple[str, int]] = []
        self.nodes: list[tuple[int, bytes]] = []
        self.events: list[tuple[int, str, str, Instant, bytes]] = []
        self.commits: list[tuple[int, str, bytes | None, int, int, Instant, bytes | None]] = []
        self.erased: dict[int, int] = {}
        self._stored = stored
        self._first = tail.position + 1
        self._random = random
        self._known: dict[str, Known] = {}
        self._given_ids: dict[str, int] = {}
        self._pending: list[Entry] = []
        self._last_by_tag: dict[str, int] = {}

    def record(self, commit: NewCommit, now: int) -> Receipt:
        """Record a commit at the end of the log; `now` is in microseconds since 1970.

        The serial part of an append, in its order. Whatever this raises, nothing of the commit is recorded.
        """
        found = self._known.get(commit.key) or self._stored.known(commit.key)
        if found is not None:
            return receipt_for(found, commit.key, commit.fingerprint)
        require_valid(commit, head=self.tail.position)
        if commit.condition is not None:
            self._require_condition(commit.condition)
        self._require_new_ids(commit.events)
        self._require_erasable(commit.erases)
        recorded_us = _recorded_us(self.tail.recorded_us, commit.recorded_at, now)
        recorded_at = from_microseconds(recorded_us)
        entries = _entries(commit, self.tail.position + 1, recorded_us, recorded_at, self._random)
        for event, entry in zip(commit.events, entries, strict=True):
            self._add_event(*entry)
            if event.id is not None:
                self._given_ids[event.id] = self.tail.position
        if entries:
            self.tail.recorded_us = recorded_us
            self._erase(commit.erases, self.tail.position)
        return self._add_commit(commit, len(entries), recorded_at)

    def adopt(self, commit: StoredCommit, log_id: str) -> None:
        """Record a commit of the same history verbatim, or see that it is here already.

        Raises `CommitInvalid` and `HistoryDiffers`; then nothing of it is recorded.
        """
        entries = entries_of(commit)
        key = keyed(commit, log_id)
        first = commit.position - len(entries) + 1
        if not entries:
            if commit.position == self.tail.position and self._stored.known(key) is None and key not in self._known:
                self._add_stored(commit, key)
            return
        if first < self._first:
            self._require_same(commit, first)
            return
        if first != self.tail.position + 1:
            raise HistoryDiffers(position=first, reason=f"does not follow {self.tail.position}, the last one here")
        if self._stored.known(key) is not None or key in self._known:
            raise HistoryDiffers(position=first, reason="was recorded under a key that another commit here has")
        recorded_us = to_microseconds(commit.recorded_at)
        if recorded_us < self.tail.recorded_us:
            raise HistoryDiffers(position=first, reason="was recorded before the last one here")
        for stored, entry in zip(commit.entries, entries, strict=True):
            self._add_event(entry, stored.entry, stored.salt, stored.data)
        self.tail.recorded_us = recorded_us
        self._erase(commit.erases, commit.position)
        self._add_stored(commit, key)

    def rows(self) -> tuple[Sequence[tuple[Any, ...]], ...]:
        """Return the rows of all tables, in the order in which they are written."""
        return self.payloads, self.tags, self.nodes, self.events, self.commits

    def _erase(self, positions: Sequence[int], erased_by: int) -> None:
        """Take note of what a commit erases: of several the first did it, and 0 only says that somebody did."""
        for position in positions:
            self.erased[position] = self.erased.get(position) or erased_by

    def _require_condition(self, condition: AppendCondition) -> None:
        if condition.after < 0:
            raise CommitInvalid(f"{condition.after} is not a position", pointer="/condition/after")
        if condition.after > self.tail.position:
            raise PositionAhead(after=condition.after, head=self.tail.position)
        stored = self._stored.conflict(condition) if condition.after < self._first - 1 else None
        conflict = stored or self._pending_conflict(condition)
        if conflict is not None:
            raise AppendConditionFailed(after=condition.after, conflict=conflict)

    def _pending_conflict(self, condition: AppendCondition) -> int | None:
        first = max(condition.after + 1, self._first)
        if condition.fail_if_match.everything:
            return first if first <= self.tail.position else None
        items = [
            item
            for item in condition.fail_if_match.items
            if all(self._last_by_tag.get(tag, 0) >= first for tag in item.tags)
        ]
        if not items:
            return None
        asked = Query(items=tuple(items))
        return next(
            (
                entry.position
                for entry in self._pending
                if entry.position >= first and asked.matches(entry.type, entry.tags)
            ),
            None,
        )

    def _require_new_ids(self, events: Sequence[NewEvent]) -> None:
        given = [event.id for event in events if event.id is not None]
        if len(given) != len(set(given)):
            raise CommitInvalid("two events of the commit have the same id", pointer="/events")
        for event_id in given:
            position = self._given_ids.get(event_id) or self._stored.position_of(event_id)
            if position is not None:
                raise EventIdTaken(event_id=event_id, position=position)

    def _require_erasable(self, positions: Sequence[int]) -> None:
        for index, position in enumerate(positions):
            if not 1 <= position < self._first:
                raise CommitInvalid(f"there is no entry {position}", pointer=f"/erases/{index}")

    def _require_same(self, commit: StoredCommit, first: int) -> None:
        for position, stored in enumerate(commit.entries, start=first):
            if self._stored.entry(position) != stored.entry:
                raise HistoryDiffers(position=position, reason="is another one here")

    def _add_stored(self, commit: StoredCommit, key: str) -> None:
        self.tail.commits += 1
        self.commits.append(
            (
                self.tail.commits, key, commit.fingerprint, commit.position, len(commit.entries), commit.recorded_at,
                commit.note or None,
            )
        )  # fmt: skip
        self._known[key] = _receipt(commit, len(commit.entries)), commit.fingerprint

    def _add_event(self, entry: Entry, content: bytes, salt: bytes | None, data: bytes | None) -> None:
        """Add an event's rows; without data it was erased where it comes from."""
        self.events.append((entry.position, entry.id, entry.type, entry.recorded_at, content))
        if data is None:
            self.erased[entry.position] = 0
        else:
            assert salt is not None, "data and salt come together"
            self.payloads.append((entry.position, salt, data))
        self.tags += [(tag, entry.position) for tag in entry.tags]
        self.nodes.append((entry.position, b"".join(self.tail.tree.grow(leaf_hash(content)))))
        self._pending.append(entry)
        for tag in entry.tags:
            self._last_by_tag[tag] = entry.position
        self.tail.position = entry.position

    def _add_commit(self, commit: NewCommit, size: int, recorded_at: Instant) -> Receipt:
        self.tail.commits += 1
        position, fingerprint = self.tail.position, stored_fingerprint(commit.fingerprint)
        self.commits.append(
            (self.tail.commits, commit.key, fingerprint, position, size, recorded_at, commit.note or None)
        )
        receipt = Receipt(
            position=position,
            first=position - size + 1,
            size=size,
            duplicate=False,
            recorded_at=recorded_at,
            note=commit.note,
        )
        self._known[commit.key] = receipt, fingerprint
        return receipt


def _receipt(commit: StoredCommit, size: int) -> Receipt:
    return Receipt(
        position=commit.position,
        first=commit.position - size + 1,
        size=size,
        duplicate=True,
        recorded_at=commit.recorded_at,
        note=commit.note,
    )


def receipt_for(found: tuple[Receipt, bytes | None], key: str, fingerprint: bytes | str) -> Receipt:
    """Return the receipt of a known key to the request it was given to; others get `CommitKeyReused`."""
    receipt, stored = found
    if stored is not None and stored != stored_fingerprint(fingerprint):
        raise CommitKeyReused(key=key)
    return structs.replace(receipt, duplicate=True)


def _recorded_us(last: int, wanted: Instant | None, now: int) -> int:
    if last > now + CLOCK_AHEAD_MAX_S * _US_PER_S:
        raise ClockBehindLog(now=from_microseconds(now), last=from_microseconds(last))
    if wanted is None:
        return max(now, last)
    recorded_us = to_microseconds(wanted)
    if not last <= recorded_us <= now:
        raise CommitInvalid(
            f"{wanted} does not lie between the last entry's {from_microseconds(last)} and now",
            pointer="/recorded_at",
        )
    return recorded_us


def _entries(
    commit: NewCommit, first: int, recorded_us: int, recorded_at: Instant, random: Callable[[int], bytes]
) -> list[tuple[Entry, bytes, bytes, bytes]]:
    """Return each event's entry, its bytes, its salt and its data."""
    bounds = (first, len(commit.events))
    entries = []
    for position, event in enumerate(commit.events, start=first):
        unique = random(SALT_BYTES + _UUID_RANDOM_BYTES)
        salt = unique[:SALT_BYTES]
        entry = Entry(
            by=commit.by,
            causation=event.causation,
            commit=bounds,
            correlation=commit.correlation,
            data_hash=data_hash(salt, event.data),
            id=event.id or uuid7(recorded_us // _US_PER_MS, unique[SALT_BYTES:]),
            position=position,
            recorded_at=recorded_at,
            said_at=event.said_at,
            tags=stored_tags(event.tags),
            type=event.type,
            v=event.v,
        )
        content = encode(entry)
        assert len(content) <= ENTRY_BYTES_MAX, "the limits of a commit's parts keep its entries small"
        entries.append((entry, content, salt, event.data))
    return entries
