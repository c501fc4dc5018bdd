"""Where the log ends: what the next append builds on, and the roots of the tree from its stored nodes."""

from bisect import bisect_left
from typing import Final
from uuid import UUID

from events.instants import Instant, NotAnInstant, to_microseconds
from events.log.appending import Tail
from events.log.build import sqlite3
from events.log.mark import Mark, MarkMissing
from events.log.merkle import HASH_BYTES, Tree, completed_by, peaks_at
from events.log.port import LogDamaged, LogShortened

_COMMIT_GAP: Final = """
SELECT min(number) FROM (SELECT 1 AS number UNION ALL SELECT number + 1 FROM event_commit)
WHERE number NOT IN (SELECT number FROM event_commit)"""


def mark_of(tail: Tail, log_id: UUID) -> Mark:
    """Return the high-water mark of an end."""
    return Mark(log_id=log_id, position=tail.position, commits=tail.commits, root=tail.tree.root())


def read_tail(connection: sqlite3.Connection) -> Tail:
    """Return the end of the stored log; raises `LogDamaged` when events, commits and tree end apart."""
    position = head_of(connection)
    last_commit = connection.execute(
        "SELECT number, position FROM event_commit ORDER BY number DESC LIMIT 1"
    ).fetchone()
    commits, committed = last_commit or (0, 0)
    (grown,) = connection.execute("SELECT ifnull(max(position), 0) FROM event_node").fetchone()
    if not position == committed == grown:
        raise LogDamaged(
            f"the log ends at event {position}, its commits at {committed}, its tree at {grown}; "
            "restore log.db from a backup"
        )
    recorded_at = recorded_at_of(connection, position)
    try:
        recorded_us = 0 if recorded_at is None else to_microseconds(recorded_at)
    except NotAnInstant as error:
        raise LogDamaged(
            f"event {position} was recorded at no instant: {error}; restore log.db from a backup"
        ) from None
    return Tail(position=position, commits=commits, recorded_us=recorded_us, tree=tree_at(connection, position))


def require_reaches(connection: sqlite3.Connection, tail: Tail, log_id: UUID, mark: Mark | None) -> None:
    """Refuse a log that lacks what was acknowledged; one that goes on beyond the mark was cut off before it."""
    if mark is None:
        if tail.position or tail.commits:
            raise MarkMissing(head=tail.position)
        return
    if mark.log_id != log_id:
        raise LogDamaged(f"log.db is the log {log_id}, the high-water mark is of {mark.log_id}")
    if tail.position < mark.position or tail.commits < mark.commits:
        raise LogShortened(head=tail.position, mark=mark.position)
    if tree_at(connection, mark.position).root() != mark.root:
        raise LogDamaged(f"the entries up to {mark.position} are not those that were acknowledged")


def head_of(connection: sqlite3.Connection) -> int:
    """Return the last position."""
    (position,) = connection.execute("SELECT ifnull(max(position), 0) FROM event").fetchone()
    return int(position)


def commit_with(connection: sqlite3.Connection | sqlite3.Cursor, position: int) -> int:
    """Return the number of the first commit that ends at or after a position: both grow together.

    Raises `LogDamaged` where a commit is missing.
    """

    def end(number: int) -> int:
        row = connection.execute("SELECT position FROM event_commit WHERE number = ?", (number,)).fetchone()
        if row is None:
            (gap,) = connection.execute(_COMMIT_GAP).fetchone()
            raise LogDamaged(f"commit {gap} is missing")
        return int(row[0])

    (count,) = connection.execute("SELECT ifnull(max(number), 0) FROM event_commit").fetchone()
    return 1 + bisect_left(range(1, count + 1), position, key=end)


def recorded_at_of(connection: sqlite3.Connection, position: int) -> Instant | None:
    """Return when the event at a position was recorded; None where there is none."""
    row = connection.execute("SELECT recorded_at FROM event WHERE position = ?", (position,)).fetchone()
    return None if row is None else str(row[0])


def tree_at(connection: sqlite3.Connection, size: int) -> Tree:
    """Return the tree over the first `size` entries; raises `LogDamaged` when a node is missing."""
    peaks: list[bytes] = []
    for level, index in peaks_at(size):
        position = completed_by(level, index)
        row = connection.execute("SELECT hashes FROM event_node WHERE position = ?", (position,)).fetchone()
        if row is None or len(row[0]) < (level + 1) * HASH_BYTES:
            raise LogDamaged(f"the tree lacks the nodes of entry {position}; restore log.db from a backup")
        peaks.append(row[0][level * HASH_BYTES :][:HASH_BYTES])
    return Tree(size, peaks)
