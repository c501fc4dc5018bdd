"""What SQLite's errors mean for somebody who asked the log for something."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from events.errors import DatelineError
from events.log.build import sqlite3
from events.log.port import LogDamaged, LogUnavailable

_LASTING: Final = frozenset(
    {errno.EACCES, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.ENOENT, errno.ENOTDIR, errno.EPERM, errno.EROFS}
)
"""What the disk says of a path that no waiting mends."""
_NOT_TEXT: Final = "Could not decode to UTF-8"
"""How `sqlite3` begins to say that a text is none: an error that no waiting mends."""


def refusal(error: sqlite3.Error | OSError | UnicodeDecodeError, *, file: str = "log.db") -> DatelineError:
    """Return `LogUnavailable` for what may pass (full, locked, unreadable disk), `LogDamaged` for what does not.

    `sqlite3` raises `UnicodeDecodeError` where its message would quote a damaged schema.
    """
    if isinstance(error, OSError) and error.errno in _LASTING:
        return LogUnavailable(f"{file} cannot be used: {error.strerror}")
    if isinstance(error, sqlite3.OperationalError | OSError) and not str(error).startswith(_NOT_TEXT):
        return LogUnavailable(f"{file} cannot be used at the moment: {error}; try again once there is room")
    return LogDamaged(f"{file} is damaged: {error}; restore it from a backup")


@contextmanager
def refusals(directory: Path) -> Iterator[None]:
    """Raise what an error of SQLite or of the disk means for the whole directory."""
    try:
        yield
    except (sqlite3.DatabaseError, OSError, UnicodeDecodeError) as error:
        raise refusal(error, file=str(directory)) from error
