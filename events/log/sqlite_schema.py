"""The tables of `log.db`, the triggers that keep them append-only, and the check that all of them are there."""

from typing import Final
from uuid import UUID, uuid4

from events.log.build import sqlite3
from events.log.formats import LOG_FORMAT, log_format
from events.log.port import LogDamaged

_EVENT: Final = """CREATE TABLE event (
  position INTEGER PRIMARY KEY, id TEXT NOT NULL, type TEXT NOT NULL, recorded_at TEXT NOT NULL,
  entry BLOB NOT NULL
)"""
_COMMIT: Final = """CREATE TABLE event_commit (
  number INTEGER PRIMARY KEY, key TEXT NOT NULL, fingerprint BLOB, position INTEGER NOT NULL,
  size INTEGER NOT NULL, recorded_at TEXT NOT NULL, note BLOB
, checked INTEGER)"""
"""The last column stands as `ALTER TABLE` writes it, so that logs of format 1 end up with the same table."""
_TABLES: Final = (
    "CREATE TABLE log_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    _EVENT,
    "CREATE UNIQUE INDEX event_by_id ON event (id)",
    "CREATE INDEX event_by_type ON event (type)",
    "CREATE TABLE event_payload (position INTEGER PRIMARY KEY, salt BLOB NOT NULL, data BLOB NOT NULL)",
    "CREATE TABLE event_tag (tag TEXT, position INTEGER, PRIMARY KEY (tag, position)) WITHOUT ROWID",
    _COMMIT,
    "CREATE UNIQUE INDEX event_commit_by_key ON event_commit (key)",
    "CREATE TABLE event_node (position INTEGER PRIMARY KEY, hashes BLOB NOT NULL)",
    "CREATE TABLE erasure (position INTEGER PRIMARY KEY, erased_by INTEGER NOT NULL, checked INTEGER NOT NULL)",
)

# INSERT OR REPLACE deletes without firing DELETE triggers, so what is there is refused before it is inserted.
# Positions and numbers must be the next ones: no client can leave a gap. Payload, tags and nodes are written
# before their event, so that once it is there nothing can be added to it.
_REFUSED: Final = {
    "log_meta": "EXISTS (SELECT 1 FROM log_meta WHERE name = NEW.name)",
    "event": (
        "NEW.position IS NOT (SELECT ifnull(max(position), 0) + 1 FROM event)"
        " OR EXISTS (SELECT 1 FROM event WHERE id = NEW.id)"
    ),
    "event_payload": "NEW.position <= (SELECT max(position) FROM event)",
    "event_tag": "NEW.position <= (SELECT max(position) FROM event)",
    "event_commit": (
        "NEW.number IS NOT (SELECT ifnull(max(number), 0) + 1 FROM event_commit)"
        " OR EXISTS (SELECT 1 FROM event_commit WHERE key = NEW.key)"
    ),
    "event_node": "NEW.position <= (SELECT max(position) FROM event)",
    "erasure": (
        "NEW.position < 1 OR NEW.position > (SELECT ifnull(max(position), 0) FROM event)"
        " OR EXISTS (SELECT 1 FROM erasure WHERE position = NEW.position)"
    ),
}

# What an `erasure` row names may go: its payload, and what stands for the request that recorded it.
_UPDATE_REFUSED: Final = {
    "event_commit": (
        " WHEN NOT (NEW.fingerprint IS NULL AND NEW.number = OLD.number AND NEW.key = OLD.key"
        " AND NEW.position = OLD.position AND NEW.size = OLD.size AND NEW.recorded_at = OLD.recorded_at"
        " AND NEW.note IS OLD.note AND NEW.checked = OLD.checked AND EXISTS (SELECT 1 FROM erasure"
        " WHERE position > OLD.position - OLD.size AND position <= OLD.position))"
    ),
}
_DELETE_REFUSED: Final = {
    "event_payload": " WHEN NOT EXISTS (SELECT 1 FROM erasure WHERE position = OLD.position)",
}


def _triggers(table: str, refused: str) -> tuple[str, ...]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    return (
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}{_UPDATE_REFUSED.get(table, '')} {refuse}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}{_DELETE_REFUSED.get(table, '')} {refuse}",
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {refused} {refuse}",
    )


_STATEMENTS: Final = _TABLES + tuple(
    statement for table, rule in _REFUSED.items() for statement in _triggers(table, rule)
)


def create(connection: sqlite3.Connection, log_id: str | None = None) -> None:
    """Make a new log, whole or not at all, with an id of its own unless it is to go on with the log of `log_id`."""
    connection.execute("BEGIN IMMEDIATE")
    for statement in _STATEMENTS:
        connection.execute(statement)
    meta = (("format", str(LOG_FORMAT)), ("log_id", log_id or str(uuid4())))
    connection.executemany("INSERT INTO log_meta (name, value) VALUES (?, ?)", meta)
    connection.execute("COMMIT")


def is_empty(connection: sqlite3.Connection) -> bool:
    """Say whether the database holds nothing at all yet."""
    return connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone() is None


def require_whole(connection: sqlite3.Connection) -> UUID:
    """Return the log's id.

    Raises `LogDamaged` when a table, index or trigger is missing or was changed.
    """
    rows = connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")
    missing = set(_STATEMENTS) - {sql for (sql,) in rows}
    if missing:
        name = min(missing).split(" ON ")[0].split(" (")[0].removeprefix("CREATE ")
        raise LogDamaged(f"log.db lacks its {name}, or has another one; restore it from a backup")
    if log_format(connection) != LOG_FORMAT:
        raise LogDamaged("log.db does not say which log it is, or in which format; restore it from a backup")
    return log_id_of(connection)


def log_id_of(connection: sqlite3.Connection) -> UUID:
    """Return the log's id; raises `LogDamaged` where it says none."""
    row = connection.execute("SELECT value FROM log_meta WHERE name = 'log_id'").fetchone()
    try:
        return UUID(row[0] if row else "")
    except ValueError:
        raise LogDamaged("log.db does not say which log it is; restore it from a backup") from None
