"""What a transaction looks up in `log.db` while commits are judged, and the rows it writes at the end."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from events.instants import Instant
from events.log.appending import Group, Known
from events.log.build import sqlite3
from events.log.checks import checked, commit_check, erasure_check, unchecked
from events.log.port import AppendCondition, LogDamaged, Receipt
from events.log.sqlite_query import lowest
from events.log.sqlite_tail import commit_with

_KNOWN: Final = (
    "SELECT number, key, position, size, recorded_at, note, fingerprint, checked FROM event_commit WHERE key = ?"
)
_ERASED: Final = "SELECT 1 FROM erasure WHERE position = ?"
_TO_ERASE: Final = """
SELECT substr(hashes, 1, 32), salt FROM event_node LEFT JOIN event_payload USING (position) WHERE position = ?"""
_SAY_ERASED: Final = "INSERT INTO erasure (position, erased_by, checked) VALUES (?, ?, ?)"
_ERASE: Final = "DELETE FROM event_payload WHERE position = ?"
_FORGET: Final = "UPDATE event_commit SET fingerprint = NULL WHERE number = ? AND fingerprint IS NOT NULL"
_INSERTS: Final = (
    "INSERT INTO event_payload (position, salt, data) VALUES (?, ?, ?)",
    "INSERT INTO event_tag (tag, position) VALUES (?, ?)",
    "INSERT INTO event_node (position, hashes) VALUES (?, ?)",
    "INSERT INTO event (position, id, type, recorded_at, entry) VALUES (?, ?, ?, ?, ?)",
    (
        "INSERT INTO event_commit (number, key, fingerprint, position, size, recorded_at, note, checked)"
        " VALUES (?, ?, ?, ?, ?, ?, nullif(?, x''), ?)"
    ),
)

CommitRow = tuple[int, str, int, int, Instant, bytes | None, bytes | None, int]
"""Number, key, position, size, recorded_at, note, fingerprint with its check, and the check of the others."""


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
    payloads, tags, nodes, events, commits = group.rows()
    # The driver looks for an adapter whenever it is given `bytes`, and binds a `bytearray` at once.
    raw = bytearray
    rows_of_all: tuple[Sequence[tuple[Any, ...]], ...] = (
        [(position, raw(salt), raw(data)) for position, salt, data in payloads],
        tags,
        [(position, raw(hashes)) for position, hashes in nodes],
        [(*columns, raw(entry)) for *columns, entry in events],
        [_commit_row(*commit) for commit in commits],
    )
    for insert, rows in zip(_INSERTS, rows_of_all, strict=True):
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
            cursor.execute(_SAY_ERASED, (position, erased_by, erasure_check(position, erased_by)))
            cursor.execute(_ERASE, (position,))
            cursor.execute(_FORGET, (commit_with(cursor, position),))
    return taken


def _commit_row(
    number: int, key: str, fingerprint: bytes | None, position: int, size: int, recorded_at: Instant, note: bytes | None
) -> tuple[Any, ...]:
    check = commit_check(number, key, position, size, recorded_at, note)
    sealed = None if fingerprint is None else bytearray(checked(fingerprint))
    return number, key, sealed, position, size, recorded_at, bytearray(note or b""), check


def fingerprint_of(row: CommitRow) -> bytes | None:
    """Return the fingerprint of a commit's row, None once erased; raises `LogDamaged` for a row that was changed."""
    number, key, position, size, recorded_at, note, sealed, check = row
    fingerprint = unchecked(sealed)
    if commit_check(number, key, position, size, recorded_at, note) != check or (
        fingerprint is not None and checked(fingerprint) != sealed
    ):
        raise LogDamaged(f"the row of commit {number}, which ends at entry {position}, is not what was recorded")
    return fingerprint


def known(database: sqlite3.Connection | sqlite3.Cursor, key: str) -> Known | None:
    """Return the receipt and the fingerprint (None once erased) of the commit with this key; raises `LogDamaged`."""
    row = database.execute(_KNOWN, (key,)).fetchone()
    if row is None:
        return None
    fingerprint = fingerprint_of(row)
    _, _, position, size, recorded_at, note, _, _ = row
    receipt = Receipt(
        position=position,
        first=position - size + 1,
        size=size,
        duplicate=True,
        recorded_at=recorded_at,
        note=note or b"",
    )
    return receipt, fingerprint
