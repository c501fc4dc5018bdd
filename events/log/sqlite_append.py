"""What a transaction looks up in `log.db` while commits are judged, and the rows it writes at the end."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from events.log.appending import Group, Known
from events.log.build import sqlite3
from events.log.port import AppendCondition, Receipt
from events.log.sqlite_query import lowest
from events.log.sqlite_tail import commit_with

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


class Rows:
    """`Stored` over one transaction."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor

    def known(self, key: str) -> Known | None:
        """Return what is known of a commit key."""
        return known(self._cursor, key)

    def position_of(self, event_id: str) -> int | None:
        """Return the position of the event with this id."""
        row = self._cursor.execute("SELECT position FROM event WHERE id = ?", (event_id,)).fetchone()
        return None if row is None else int(row[0])

    def conflict(self, condition: AppendCondition) -> int | None:
        """Return the lowest position after `condition.after` that matches."""
        found = [
            position
            for statement in lowest(condition.fail_if_match, after=condition.after)
            for (position,) in self._cursor.execute(*statement)
            if position is not None
        ]
        return min(found, default=None)

    def entry(self, position: int) -> bytes | None:
        """Return the bytes of an entry."""
        row = self._cursor.execute("SELECT entry FROM event WHERE position = ?", (position,)).fetchone()
        return None if row is None else bytes(row[0])


class ErasedRow(NamedTuple):
    """A position that was erased, its leaf hash, and the salt that its data lay under, if it was there."""

    position: int
    leaf: bytes
    salt: bytes | None


def write(cursor: sqlite3.Cursor, group: Group) -> list[ErasedRow]:
    """Write the rows of all recorded commits, and take away what they erase; return what was taken."""
    tables: tuple[Sequence[tuple[Any, ...]], ...] = (
        group.payloads,
        group.tags,
        group.nodes,
        group.events,
        group.commits,
    )
    for insert, rows in zip(_INSERTS, tables, strict=True):
        if rows:
            cursor.executemany(insert, rows)
    return erase(cursor, group.erased)


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


def known(database: sqlite3.Connection | sqlite3.Cursor, key: str) -> Known | None:
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
