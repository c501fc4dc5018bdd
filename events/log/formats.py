"""Format numbers of `log.db` and `state.db`: a newer file is refused, an older one saved aside and brought up to date.

A format is raised when the tables change so that an older program would misread them. What an entry says has versions
of its own (`v`), and views are built anew.
"""

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final, TypeAlias

from events.errors import DatelineError
from events.log.build import sqlite3
from events.log.checks import checked, commit_check
from events.log.files import Files

Step: TypeAlias = Callable[[sqlite3.Connection], None]
"""Makes the next format of a database, inside a transaction that is open."""

LOG_FORMAT: Final = 2
STATE_FORMAT: Final = 1
SAVED: Final = ("log.db", "state.db", "mark", "key", "erasures")
"""What a backup before an upgrade holds: all that a data directory cannot make anew."""
ASIDE: Final = "before-upgrade-"
RESTORED: Final = "before-restore-"
"""Begins the name of a folder with what a restored backup replaced."""


class FormatNewer(DatelineError):
    """A file was written by a newer program."""

    code = "format-newer"

    def __init__(self, file: str, *, found: int, known: int) -> None:
        super().__init__(
            f"{file} has format {found}, written by a newer Dateline; this one reads up to format {known}: install the"
            " newer one again, or put back the files that it saved in `before-upgrade-…` when it first started"
        )
        self.file = file
        self.found = found
        self.known = known


def log_format(connection: sqlite3.Connection) -> int:
    """Return the format of an open `log.db`, 0 when it holds no log."""
    if not _has_table(connection, "log_meta"):
        return 0
    row = connection.execute("SELECT value FROM log_meta WHERE name = 'format'").fetchone()
    return int(row[0]) if row is not None and str(row[0]).isdecimal() else 0


def state_format(connection: sqlite3.Connection) -> int:
    """Return the format of an open `state.db`; the first ones did not say theirs, and are 0."""
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    return int(found)


def set_state_format(connection: sqlite3.Connection) -> None:
    """Say in a `state.db` that it is of this program's format."""
    connection.execute(f"PRAGMA user_version = {STATE_FORMAT}")


class Aside:
    """Where the files of a data directory are saved before they are upgraded: once, however many of them are."""

    def __init__(self, directory: Path, files: Files) -> None:
        self._directory = directory
        self._files = files
        self.folder: Path | None = None

    def save(self) -> None:
        """Copy the databases and the mark into a folder of their own beside them, durably."""
        if self.folder is not None:
            return
        folder = self._directory / time.strftime(f"{ASIDE}%Y%m%dT%H%M%SZ", time.gmtime())
        self._files.make_directory(folder)
        for name in SAVED:
            self._copy(self._directory / name, folder / name)
        self._files.sync_directory(folder)
        self.folder = folder

    def _copy(self, path: Path, copy: Path) -> None:
        if path.suffix != ".db":
            content = self._files.read(path)
            if content is not None:
                self._files.create(copy, content)
        elif self._files.exists(path):
            with closing(self._files.connect(path)) as source, closing(self._files.connect(copy)) as target:
                source.backup(target)
            self._files.reserve(copy, 0)  # Adds nothing, and syncs.


def remove_aside(directory: Path, files: Files) -> None:
    """Remove what upgrades and restores saved, durably: it holds what has been erased since."""
    for name in files.names(directory):
        if name.startswith((ASIDE, RESTORED)):
            files.remove(directory / name)


def state_up_to_date(connection: sqlite3.Connection, aside: Aside) -> None:
    """Bring an open `state.db` that holds something to this program's format. Raises `FormatNewer`.

    Each step is taken whole or not at all; who was interrupted goes on the next time.
    """
    found = state_format(connection)
    if found > STATE_FORMAT:
        raise FormatNewer("state.db", found=found, known=STATE_FORMAT)
    if found < STATE_FORMAT:
        aside.save()
        for step in _STATE_STEPS[found:]:
            connection.execute("BEGIN IMMEDIATE")
            step(connection)
            connection.execute("COMMIT")


def log_up_to_date(connection: sqlite3.Connection, aside: Aside) -> None:
    """Bring an open `log.db` that holds a log to this program's format. Raises `FormatNewer`.

    Each step is taken whole or not at all; who was interrupted goes on the next time.
    """
    found = log_format(connection)
    if found > LOG_FORMAT:
        raise FormatNewer("log.db", found=found, known=LOG_FORMAT)
    if 0 < found < LOG_FORMAT:
        aside.save()
        connection.create_function("commit_check", 6, commit_check, deterministic=True)
        connection.create_function("checked", 1, checked, deterministic=True)
        for format, statements in enumerate(_LOG_STEPS[found - 1 :], start=found + 1):
            connection.execute("BEGIN IMMEDIATE")
            for statement in (*statements, *_saying(format)):
                connection.execute(statement)
            connection.execute("COMMIT")


def _saying(format: int) -> tuple[str, ...]:
    refused = "BEFORE UPDATE ON log_meta BEGIN SELECT RAISE(ABORT, 'log_meta is append-only'); END"
    return (
        "DROP TRIGGER log_meta_no_update",
        f"UPDATE log_meta SET value = '{format}' WHERE name = 'format'",
        f"CREATE TRIGGER log_meta_no_update {refused}",
    )


def _say_format(connection: sqlite3.Connection) -> None:
    """From format 0 to 1, which only says that it is."""
    connection.execute("PRAGMA user_version = 1")


_STATE_STEPS: Final[tuple[Step, ...]] = (_say_format,)
"""The step at index n makes format n + 1 of format n."""


_LOG_STEPS: Final[tuple[tuple[str, ...], ...]] = (
    (  # To 2: data can be erased, and what stood for its request; rows that no hash covers are checked.
        "CREATE TABLE erasure (position INTEGER PRIMARY KEY, erased_by INTEGER NOT NULL, checked INTEGER NOT NULL)",
        (
            "CREATE TRIGGER erasure_no_update BEFORE UPDATE ON erasure"
            " BEGIN SELECT RAISE(ABORT, 'erasure is append-only'); END"
        ),
        (
            "CREATE TRIGGER erasure_no_delete BEFORE DELETE ON erasure"
            " BEGIN SELECT RAISE(ABORT, 'erasure is append-only'); END"
        ),
        (
            "CREATE TRIGGER erasure_no_replace BEFORE INSERT ON erasure"
            " WHEN NEW.position < 1 OR NEW.position > (SELECT ifnull(max(position), 0) FROM event)"
            " OR EXISTS (SELECT 1 FROM erasure WHERE position = NEW.position)"
            " BEGIN SELECT RAISE(ABORT, 'erasure is append-only'); END"
        ),
        "DROP TRIGGER event_payload_no_delete",
        (
            "CREATE TRIGGER event_payload_no_delete BEFORE DELETE ON event_payload"
            " WHEN NOT EXISTS (SELECT 1 FROM erasure WHERE position = OLD.position)"
            " BEGIN SELECT RAISE(ABORT, 'event_payload is append-only'); END"
        ),
        "DROP TRIGGER event_commit_no_update",
        "ALTER TABLE event_commit ADD COLUMN checked INTEGER",
        (
            "UPDATE event_commit SET fingerprint = checked(fingerprint),"
            " checked = commit_check(number, key, position, size, recorded_at, note)"
        ),
        (
            "CREATE TRIGGER event_commit_no_update BEFORE UPDATE ON event_commit"
            " WHEN NOT (NEW.fingerprint IS NULL AND NEW.number = OLD.number AND NEW.key = OLD.key"
            " AND NEW.position = OLD.position AND NEW.size = OLD.size AND NEW.recorded_at = OLD.recorded_at"
            " AND NEW.note IS OLD.note AND NEW.checked = OLD.checked AND EXISTS (SELECT 1 FROM erasure"
            " WHERE position > OLD.position - OLD.size AND position <= OLD.position))"
            " BEGIN SELECT RAISE(ABORT, 'event_commit is append-only'); END"
        ),
    ),
)
"""The statements at index n make format n + 2 of format n + 1; they say what these formats are, and never change."""


def _has_table(connection: sqlite3.Connection, name: str) -> bool:
    row = connection.execute("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", (name,)).fetchone()
    return row is not None
