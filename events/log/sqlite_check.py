"""Checks a whole data directory by its files alone, reading only: whether or not a server holds them meanwhile.

It takes no lock and repairs nothing: a snapshot of the database is what it was at one moment, whoever writes on.
"""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from msgspec import Struct

from events.log.build import require_sqlite, sqlite3
from events.log.files import Disk, Files
from events.log.formats import LOG_FORMAT, log_format
from events.log.mark import Mark, read_mark
from events.log.port import LogDamaged
from events.log.sqlite_errors import refusal
from events.log.sqlite_schema import require_whole
from events.log.sqlite_tail import read_tail, require_reaches, tree_at
from events.log.sqlite_verify import INDEXED, VERIFY_EVENTS_MAX, verify_counts, verify_indexes, verify_part

LOG: Final = "log.db"
Tell = Callable[[int, int], None]


class Checked(Struct, frozen=True, kw_only=True):
    """A log of which every entry is what was recorded: its id, its last position, and the root over all entries.

    `kept` is the root over the first entries, as many as were asked for.
    """

    log_id: str
    position: int
    root: bytes
    kept: bytes | None


def check_directory(
    directory: Path, *, tell: Tell = lambda done, total: None, size: int | None = None, files: Files | None = None
) -> Checked:
    """Recompute everything that the log of a data directory holds; `tell(done, total)` is told how far that is.

    `size` asks for the root over so many entries too. Raises `LogDamaged` with the first place that is not what was
    recorded, `LogShortened` where entries that were acknowledged are gone, `SqliteTooOld`.
    """
    disk = Disk() if files is None else files
    require_sqlite()
    mark = read_mark(directory / "mark", disk)  # Before the log is read: what was acknowledged by now must be in it.
    try:
        with closing(disk.connect(directory / LOG, read_only=True)) as connection:
            return _check(connection, mark, tell, size)
    except sqlite3.DatabaseError as error:
        raise refusal(error, file=LOG) from error


def _check(connection: sqlite3.Connection, mark: Mark | None, tell: Tell, size: int | None) -> Checked:
    format = log_format(connection)
    if 0 < format < LOG_FORMAT:
        raise LogDamaged(f"log.db has the older format {format}: it is brought up to date when it is served once")
    log_id = require_whole(connection)
    tail = read_tail(connection)
    require_reaches(connection, tail, log_id, mark)
    tags = 0
    for first in range(1, tail.position + 1, VERIFY_EVENTS_MAX):
        last = min(tail.position, first + VERIFY_EVENTS_MAX - 1)
        connection.execute("BEGIN")
        try:
            tags += verify_part(connection, first, last)
        finally:
            connection.execute("ROLLBACK")
        tell(last, tail.position)
    verify_counts(connection, tail.position, tags)
    for table in INDEXED:
        verify_indexes(connection, table)
    kept = None if size is None or size > tail.position else tree_at(connection, size).root()
    return Checked(log_id=str(log_id), position=tail.position, root=tail.tree.root(), kept=kept)
