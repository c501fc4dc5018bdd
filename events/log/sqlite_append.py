"""The serial part of an append, for the commits of one transaction: refusals first, then all rows."""

import os
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from msgspec import structs

from events.instants import Instant, from_microseconds, to_microseconds
from events.log.build import sqlite3
from events.log.commit import require_valid, stored_fingerprint, stored_tags
from events.log.entry import SALT_BYTES, Entry, data_hash, encode, uuid7
from events.log.merkle import leaf_hash
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
from events.log.sqlite_query import lowest
from events.log.sqlite_tail import Tail, commit_with
from events.log.stored import StoredCommit

_UUID_RANDOM_BYTES: Final = 10
_US_PER_MS: Final = 1000
_US_PER_S: Final = 1_000_000
_KNOWN: Final = "SELECT fingerprint, position, size, recorded_at, note FROM event_commit WHERE key = ?"
_ERASED: Final = "SELECT 1 FROM erasure WHERE position = ?"
_TO_ERASE: Final = """
SELECT substr(hashes, 1, 32), salt FROM event_node LEFT JOIN event_payload USING (position) WHERE position = ?"""
_ERASE: Final = (
    "INSERT INTO erasure (position, erased_by) VALUES (?2, ?1)",
    "DELETE FROM event_payload WHERE position = ?2",
)
_FORGET: Final = "UPDATE event_commit SET fingerprint = NULL WHERE number = ? AND fingerprint IS NOT NULL"
_INSERTS: Final = (
    "INSERT INTO event_payload (position, salt, data) VALUES (?, ?, ?)",
    "INSERT INTO event_tag (tag, position) VALUES (?, ?)",
    "INSERT INTO event_node (position, hashes) VALUES (?, ?)",
    "INSERT INTO event (position, id, type, recorded_at, entry) VALUES (?, ?, ?, ?, ?)",
    (
        "INSERT INTO event_commit (number, key, fingerprint, position, size, recorded_at, note)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)"
    ),
)


class Group:
    """Commits of one transaction: each judged against the log and the ones before it, all written at the end.

    `tail` moves with each commit that is recorded. `erased` is what was taken away, once it is written.
    """

    def __init__(self, connection: sqlite3.Connection, tail: Tail) -> None:
        self.tail = tail
        self._cursor = connection.cursor()
        self._stored = tail.position
        self._known: dict[str, tuple[Receipt, bytes | None]] = {}
        self._given_ids: dict[str, int] = {}
        self._pending: list[Entry] = []
        self._last_by_tag: dict[str, int] = {}
        self._erased: dict[int, int] = {}
        self.erased: list[ErasedRow] = []
        self._rows: tuple[list[tuple[Any, ...]], ...] = tuple([] for _ in _INSERTS)

    def record(self, commit: NewCommit, now: int) -> Receipt:
        """Record a commit at the end of the log; `now` is in microseconds since 1970.

        The serial part of an append, in its order. Whatever this raises, nothing of the commit is recorded.
        """
        found = self._known.get(commit.key) or known(self._cursor, commit.key)
        if found is not None:
            return receipt_for(found, commit.key, commit.fingerprint)
        require_valid(commit, head=self.tail.position)
        if commit.condition is not None:
            self._require_condition(commit.condition)
        self._require_new_ids(commit.events)
        self._require_erasable(commit.erases)
        recorded_us = _recorded_us(self.tail.recorded_us, commit.recorded_at, now)
        recorded_at = from_microseconds(recorded_us)
        entries = _entries(commit, self.tail.position + 1, recorded_us, recorded_at)
        for event, entry in zip(commit.events, entries, strict=True):
            self._add_event(*entry)
            if event.id is not None:
                self._given_ids[event.id] = self.tail.position
        if entries:
            self.tail.recorded_us = recorded_us
            self._erased |= dict.fromkeys(commit.erases, self.tail.position)
        return self._add_commit(commit, len(entries), recorded_at)

    def adopt(self, commit: StoredCommit, log_id: str) -> None:
        """Record a commit of the same history verbatim, or see that it is here already.

        Raises `CommitInvalid` and `HistoryDiffers`; then nothing of it is recorded.
        """
        entries = entries_of(commit)
        key = keyed(commit, log_id)
        first = commit.position - len(entries) + 1
        if not entries:
            if commit.position == self.tail.position and known(self._cursor, key) is None and key not in self._known:
                self._add_stored(commit, key)
            return
        if first <= self._stored:
            self._require_same(commit, first)
            return
        if first != self.tail.position + 1:
            raise HistoryDiffers(position=first, reason=f"does not follow {self.tail.position}, the last one here")
        recorded_us = to_microseconds(commit.recorded_at)
        if recorded_us < self.tail.recorded_us:
            raise HistoryDiffers(position=first, reason="was recorded before the last one here")
        for stored, entry in zip(commit.entries, entries, strict=True):
            self._add_event(entry, stored.entry, stored.salt, stored.data)
        self.tail.recorded_us = recorded_us
        self._erased |= dict.fromkeys(commit.erases, commit.position)
        self._add_stored(commit, key)

    def write(self) -> None:
        """Write the rows of all recorded commits, and take away what they erase."""
        for insert, rows in zip(_INSERTS, self._rows, strict=True):
            if rows:
                self._cursor.executemany(insert, rows)
        self.erased = erase(self._cursor, self._erased)

    def _require_condition(self, condition: AppendCondition) -> None:
        if condition.after < 0:
            raise CommitInvalid(f"{condition.after} is not a position", pointer="/condition/after")
        if condition.after > self.tail.position:
            raise PositionAhead(after=condition.after, head=self.tail.position)
        conflict = self._stored_conflict(condition) or self._pending_conflict(condition)
        if conflict is not None:
            raise AppendConditionFailed(after=condition.after, conflict=conflict)

    def _stored_conflict(self, condition: AppendCondition) -> int | None:
        if condition.after >= self._stored:
            return None
        found = [
            position
            for statement in lowest(condition.fail_if_match, after=condition.after)
            for (position,) in self._cursor.execute(*statement)
            if position is not None
        ]
        return min(found, default=None)

    def _pending_conflict(self, condition: AppendCondition) -> int | None:
        first = max(condition.after, self._stored) + 1
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
            taken = self._cursor.execute("SELECT position FROM event WHERE id = ?", (event_id,)).fetchone()
            position = self._given_ids.get(event_id) if taken is None else taken[0]
            if position is not None:
                raise EventIdTaken(event_id=event_id, position=position)

    def _require_erasable(self, positions: Sequence[int]) -> None:
        for index, position in enumerate(positions):
            if not 1 <= position <= self._stored:
                raise CommitInvalid(f"there is no entry {position}", pointer=f"/erases/{index}")

    def _require_same(self, commit: StoredCommit, first: int) -> None:
        for position, stored in enumerate(commit.entries, start=first):
            row = self._cursor.execute("SELECT entry FROM event WHERE position = ?", (position,)).fetchone()
            if row is None or row[0] != stored.entry:
                raise HistoryDiffers(position=position, reason="is another one here")

    def _add_stored(self, commit: StoredCommit, key: str) -> None:
        self.tail.commits += 1
        self._rows[-1].append(
            (
                self.tail.commits, key, commit.fingerprint, commit.position, len(commit.entries), commit.recorded_at,
                commit.note or None,
            )
        )  # fmt: skip
        self._known[key] = _receipt(commit, len(commit.entries)), commit.fingerprint

    def _add_event(self, entry: Entry, content: bytes, salt: bytes | None, data: bytes | None) -> None:
        """Add an event's rows; without data it was erased where it comes from."""
        payloads, tags, nodes, events, _ = self._rows
        events.append((entry.position, entry.id, entry.type, entry.recorded_at, content))
        if data is None:
            self._erased[entry.position] = 0
        else:
            payloads.append((entry.position, salt, data))
        tags += [(tag, entry.position) for tag in entry.tags]
        nodes.append((entry.position, b"".join(self.tail.tree.grow(leaf_hash(content)))))
        self._pending.append(entry)
        for tag in entry.tags:
            self._last_by_tag[tag] = entry.position
        self.tail.position = entry.position

    def _add_commit(self, commit: NewCommit, size: int, recorded_at: Instant) -> Receipt:
        self.tail.commits += 1
        position, fingerprint = self.tail.position, stored_fingerprint(commit.fingerprint)
        self._rows[-1].append(
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


class ErasedRow(NamedTuple):
    """A position that was erased, its leaf hash, and the salt that its data lay under, if it was there."""

    position: int
    leaf: bytes
    salt: bytes | None


def erase(cursor: sqlite3.Cursor, erased: Mapping[int, int]) -> list[ErasedRow]:
    """Take away the data of positions, each erased by the commit that ends at the position given for it (0: a ledger).

    What stood for the request that recorded them goes too. Returns those that were not erased already.
    """
    taken: list[ErasedRow] = []
    for position, erased_by in erased.items():
        if cursor.execute(_ERASED, (position,)).fetchone() is None:
            leaf, salt = cursor.execute(_TO_ERASE, (position,)).fetchone()
            taken.append(ErasedRow(position, leaf, salt))
            for statement in _ERASE:
                cursor.execute(statement, (erased_by, position))
            cursor.execute(_FORGET, (commit_with(cursor, position),))
    return taken


def _receipt(commit: StoredCommit, size: int) -> Receipt:
    return Receipt(
        position=commit.position,
        first=commit.position - size + 1,
        size=size,
        duplicate=True,
        recorded_at=commit.recorded_at,
        note=commit.note,
    )


def known(database: sqlite3.Connection | sqlite3.Cursor, key: str) -> tuple[Receipt, bytes | None] | None:
    """Return the receipt and the fingerprint (None once erased) of the commit with this key."""
    row = database.execute(_KNOWN, (key,)).fetchone()
    if row is None:
        return None
    fingerprint, position, size, recorded_at, note = row
    receipt = Receipt(
        position=position,
        first=position - size + 1,
        size=size,
        duplicate=True,
        recorded_at=recorded_at,
        note=note or b"",
    )
    return receipt, fingerprint


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
    commit: NewCommit, first: int, recorded_us: int, recorded_at: Instant
) -> list[tuple[Entry, bytes, bytes, bytes]]:
    """Return each event's entry, its bytes, its salt and its data."""
    bounds = (first, len(commit.events))
    entries = []
    for position, event in enumerate(commit.events, start=first):
        random = os.urandom(SALT_BYTES + _UUID_RANDOM_BYTES)
        salt = random[:SALT_BYTES]
        entry = Entry(
            by=commit.by,
            causation=event.causation,
            commit=bounds,
            correlation=commit.correlation,
            data_hash=data_hash(salt, event.data),
            id=event.id or uuid7(recorded_us // _US_PER_MS, random[SALT_BYTES:]),
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
