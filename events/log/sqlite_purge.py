"""Sees that what was erased is gone and stays gone: from `log.db`, its write-ahead log, and backups put back."""

from collections.abc import Iterable

from events.instants import Instant
from events.log.build import sqlite3
from events.log.files import OpenFile
from events.log.ledger import ErasedEntry, Ledger
from events.log.sqlite_append import erase


def purge(connection: sqlite3.Connection, database: OpenFile, salts: Iterable[bytes] | None) -> bool:
    """Move the write-ahead log into the database and cut it off; say whether nothing of what was erased is left.

    `database` is the file itself; `salts` lay beside the data that was erased, so wherever a copy of it stayed, they
    are found; None where they are not known. The connection overwrites what it deletes (`secure_delete`). Waits for
    readers as long as its busy timeout says.
    """
    if not _cut(connection):
        return False
    wanted = list(salts or ())
    if salts is None or database.holds(wanted):  # A page that was split or brought together: written anew, it is gone.
        connection.execute("VACUUM")
        return _cut(connection) and not database.holds(wanted)
    return True


def apply_ledger(connection: sqlite3.Connection, ledger: Ledger, log_id: str) -> None:
    """Erase what the ledger says was erased, where a backup from before brought it back; `purge` is due then."""
    there = _erased(connection)
    back = [
        position
        for position, leaf in ledger.positions(log_id).items()
        if position not in there and _leaf(connection, position) == leaf
    ]
    if back:
        ledger.back()
        connection.execute("BEGIN IMMEDIATE")
        erase(connection.cursor(), dict.fromkeys(back, 0))
        connection.execute("COMMIT")


def tell_ledger(connection: sqlite3.Connection, ledger: Ledger, log_id: str, at: Instant) -> None:
    """Write into the ledger what is erased and not in it: a crash came between."""
    said = ledger.positions(log_id)
    ledger.add(
        ErasedEntry(log=log_id, position=position, leaf=_leaf(connection, position) or "", at=at)
        for position in sorted(_erased(connection) - said.keys())
    )


def _erased(connection: sqlite3.Connection) -> set[int]:
    return {position for (position,) in connection.execute("SELECT position FROM erasure")}


def _leaf(connection: sqlite3.Connection, position: int) -> str | None:
    row = connection.execute("SELECT substr(hashes, 1, 32) FROM event_node WHERE position = ?", (position,)).fetchone()
    return None if row is None else bytes(row[0]).hex()


def _cut(connection: sqlite3.Connection) -> bool:
    (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy
