"""The serial part of an append, inside the writer's transaction: refusals first, then all rows."""

import os
from collections.abc import Sequence
from typing import Final

from events.instants import Instant, from_microseconds, to_microseconds
from events.log.build import sqlite3
from events.log.commit import require_valid, stored_fingerprint, stored_tags
from events.log.entry import SALT_BYTES, Entry, data_hash, encode, uuid7
from events.log.merkle import Node, leaf_hash
from events.log.port import (
    CLOCK_AHEAD_MAX_S,
    ENTRY_BYTES_MAX,
    AppendCondition,
    AppendConditionFailed,
    ClockBehindLog,
    CommitInvalid,
    CommitKeyReused,
    EventIdTaken,
    NewCommit,
    NewEvent,
    PositionAhead,
    Receipt,
)
from events.log.sqlite_query import lowest
from events.log.sqlite_tail import Tail

_UUID_RANDOM_BYTES: Final = 10
_US_PER_MS: Final = 1000
_US_PER_S: Final = 1_000_000
_KNOWN: Final = "SELECT fingerprint, position, size, recorded_at, note FROM event_commit WHERE key = ?"
_INSERT_EVENT: Final = "INSERT INTO event (position, id, type, recorded_at, entry) VALUES (?, ?, ?, ?, ?)"
_INSERT_PAYLOAD: Final = "INSERT INTO event_payload (position, salt, data) VALUES (?, ?, ?)"
_INSERT_TAG: Final = "INSERT INTO event_tag (tag, position) VALUES (?, ?)"
_INSERT_NODE: Final = "INSERT INTO event_node (number, hash) VALUES (?, ?)"
_INSERT_COMMIT: Final = (
    "INSERT INTO event_commit (number, key, fingerprint, position, size, recorded_at, note)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)

_Row = tuple[Entry, bytes, bytes, bytes]  # The entry, its bytes, the salt and the data.


def record(connection: sqlite3.Connection, tail: Tail, commit: NewCommit, now: int) -> Receipt:
    """Record a commit at the end of the log and move `tail` there; `now` is in microseconds since 1970.

    A `DatelineError` is raised before the first row is written and leaves `tail` as it was.
    """
    found = known(connection, commit.key)
    if found is not None:
        return receipt_for(found, commit.key, commit.fingerprint)
    require_valid(commit, head=tail.position)
    if commit.condition is not None:
        _require_condition(connection, tail, commit.condition)
    _require_new_ids(connection, commit.events)
    recorded_us = _recorded_us(tail, commit.recorded_at, now)
    rows = _rows(commit, tail.position + 1, recorded_us)
    return _insert(connection, tail, commit, rows, recorded_us)


def known(connection: sqlite3.Connection, key: str) -> tuple[Receipt, bytes | None] | None:
    """Return the receipt and the fingerprint (None once erased) of the commit with this key."""
    row = connection.execute(_KNOWN, (key,)).fetchone()
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
    return receipt


def _require_condition(connection: sqlite3.Connection, tail: Tail, condition: AppendCondition) -> None:
    if condition.after < 0:
        raise CommitInvalid(f"{condition.after} is not a position", pointer="/condition/after")
    if condition.after > tail.position:
        raise PositionAhead(after=condition.after, head=tail.position)
    if condition.after == tail.position:
        return
    found = [
        connection.execute(*statement).fetchone()[0]
        for statement in lowest(condition.fail_if_match, after=condition.after)
    ]
    conflicts = [position for position in found if position is not None]
    if conflicts:
        raise AppendConditionFailed(after=condition.after, conflict=min(conflicts))


def _require_new_ids(connection: sqlite3.Connection, events: Sequence[NewEvent]) -> None:
    given = [event.id for event in events if event.id is not None]
    if len(given) != len(set(given)):
        raise CommitInvalid("two events of the commit have the same id", pointer="/events")
    for event_id in given:
        taken = connection.execute("SELECT position FROM event WHERE id = ?", (event_id,)).fetchone()
        if taken is not None:
            raise EventIdTaken(event_id=event_id, position=taken[0])


def _recorded_us(tail: Tail, wanted: Instant | None, now: int) -> int:
    last = tail.recorded_us
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


def _rows(commit: NewCommit, first: int, recorded_us: int) -> list[_Row]:
    recorded_at = from_microseconds(recorded_us)
    bounds = (first, len(commit.events))
    rows = []
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
        rows.append((entry, content, salt, event.data))
    return rows


def _insert(
    connection: sqlite3.Connection, tail: Tail, commit: NewCommit, rows: Sequence[_Row], recorded_us: int
) -> Receipt:
    receipt = Receipt(
        position=tail.position + len(rows),
        first=tail.position + 1,
        size=len(rows),
        duplicate=False,
        recorded_at=from_microseconds(recorded_us),
        note=commit.note,
    )
    if rows:
        nodes: list[Node] = []
        for _, content, _, _ in rows:
            nodes += tail.tree.grow(leaf_hash(content))
        connection.executemany(
            _INSERT_EVENT,
            [(entry.position, entry.id, entry.type, entry.recorded_at, content) for entry, content, _, _ in rows],
        )
        connection.executemany(_INSERT_PAYLOAD, [(entry.position, salt, data) for entry, _, salt, data in rows])
        connection.executemany(_INSERT_TAG, [(tag, entry.position) for entry, *_ in rows for tag in entry.tags])
        connection.executemany(_INSERT_NODE, nodes)
        tail.position = receipt.position
        tail.recorded_us = recorded_us
    tail.commits += 1
    fingerprint = stored_fingerprint(commit.fingerprint)
    connection.execute(
        _INSERT_COMMIT,
        (
            tail.commits,
            commit.key,
            fingerprint,
            receipt.position,
            receipt.size,
            receipt.recorded_at,
            commit.note or None,
        ),
    )
    return receipt
