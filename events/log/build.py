"""Which SQLite this process uses, decided once: `from events.log.build import sqlite3`, everywhere.

Two builds in one process would undo each other's file locks, and one before 3.51.3 can corrupt a database in
WAL mode when a checkpoint and a write meet.
"""

from typing import TYPE_CHECKING, Final

from events.errors import DatelineError

if TYPE_CHECKING:
    import sqlite3
else:
    try:
        from pysqlite3 import dbapi2 as sqlite3
    except ImportError:
        import sqlite3

__all__ = ["SQLITE_VERSION_MIN", "SqliteTooOld", "require_sqlite", "sqlite3"]

SQLITE_VERSION_MIN: Final = (3, 51, 3)


class SqliteTooOld(DatelineError):
    """The SQLite of this Python can lose data."""

    code = "sqlite-too-old"

    def __init__(self, *, found: tuple[int, ...]) -> None:
        super().__init__(
            f"SQLite {_dotted(found)} can corrupt databases in WAL mode; install `pysqlite3`, "
            f"or a Python with SQLite {_dotted(SQLITE_VERSION_MIN)} or newer"
        )
        self.found = found


def require_sqlite(found: tuple[int, ...] = sqlite3.sqlite_version_info) -> None:
    """Raise `SqliteTooOld` when the SQLite in use is older than `SQLITE_VERSION_MIN`."""
    if found < SQLITE_VERSION_MIN:
        raise SqliteTooOld(found=found)


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)
