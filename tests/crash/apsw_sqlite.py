"""apsw in the shape of the part of `sqlite3` that the engine uses, so that the engine runs over a disk of ours.

`install` puts it in the place of `pysqlite3`, before anything of the engine is imported: one process, one SQLite.
A statement is run to its end at once, so that no error comes later than `execute`.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from types import ModuleType, TracebackType
from typing import Any, Final, TypeVar

import apsw

BUSY_TIMEOUT_MS: Final = 5000
STATEMENTS_CACHED: Final = 256

T = TypeVar("T")
Values = Sequence[Any]

sqlite_version_info = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))


class Error(Exception):
    """An error of SQLite; `__cause__` is apsw's."""


class DatabaseError(Error): ...


class OperationalError(DatabaseError): ...


class IntegrityError(DatabaseError): ...


class DataError(DatabaseError): ...


class InterfaceError(Error): ...


# As `_pysqlite_seterror` of CPython tells them apart.
_OPERATIONAL: Final = (
    apsw.SQLError, apsw.PermissionsError, apsw.AbortError, apsw.BusyError, apsw.LockedError, apsw.ReadOnlyError,
    apsw.InterruptError, apsw.IOError, apsw.FullError, apsw.CantOpenError, apsw.ProtocolError, apsw.EmptyError,
    apsw.SchemaChangeError,
)  # fmt: skip
_INTEGRITY: Final = (apsw.ConstraintError, apsw.MismatchError)


def _error(error: Exception) -> Error:
    if isinstance(error, _OPERATIONAL):
        return OperationalError(str(error))
    if isinstance(error, _INTEGRITY):
        return IntegrityError(str(error))
    if isinstance(error, apsw.TooBigError):
        return DataError(str(error))
    if isinstance(error, apsw.MisuseError | apsw.RangeError | apsw.ConnectionClosedError):
        return InterfaceError(str(error))
    return DatabaseError(str(error))


class Cursor:
    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._rows: Iterator[Any] = iter(())
        self.lastrowid: int | None = None

    def execute(self, sql: str, values: Values = ()) -> "Cursor":
        self._rows = iter(self._connection.run(sql, values))
        self.lastrowid = self._connection.apsw.last_insert_rowid()
        return self

    def executemany(self, sql: str, rows: Iterable[Values]) -> "Cursor":
        for values in rows:
            self._connection.run(sql, values)
        return self

    def fetchone(self) -> Any:
        return next(self._rows, None)

    def fetchall(self) -> list[Any]:
        return list(self._rows)

    def __iter__(self) -> Iterator[Any]:
        return self._rows

    def close(self) -> None:
        self._rows = iter(())


class Connection:
    def __init__(self, name: str, *, vfs: str, flags: int) -> None:
        try:
            self.apsw = apsw.Connection(name, vfs=vfs, flags=flags, statementcachesize=STATEMENTS_CACHED)
        except (apsw.Error, OSError) as error:
            raise _error(error) from error
        self.apsw.set_busy_timeout(BUSY_TIMEOUT_MS)

    def run(self, sql: str, values: Values = ()) -> list[Any]:
        try:
            return self.apsw.execute(sql, tuple(values)).fetchall()
        except (apsw.Error, OSError) as error:
            raise _error(error) from error

    def cursor(self) -> Cursor:
        return Cursor(self)

    def execute(self, sql: str, values: Values = ()) -> Cursor:
        return Cursor(self).execute(sql, values)

    def executemany(self, sql: str, rows: Iterable[Values]) -> Cursor:
        return Cursor(self).executemany(sql, rows)

    @property
    def in_transaction(self) -> bool:
        return self.apsw.in_transaction

    def backup(self, target: "Connection") -> None:
        try:
            with target.apsw.backup("main", self.apsw, "main") as backup:
                backup.step()
        except (apsw.Error, OSError) as error:
            raise _error(error) from error

    def close(self) -> None:
        # What the disk refuses while SQLite tidies up is passed over: SQLite tells nobody either.
        try:
            self.apsw.close(True)
        except (apsw.Error, OSError):
            self.apsw.close(True)

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def install() -> None:
    """Have `events.log.build` find this in the place of `pysqlite3`."""
    if "events.log.build" in sys.modules:
        raise RuntimeError("the engine was imported before its SQLite was chosen")
    package = ModuleType("pysqlite3")
    package.__dict__["dbapi2"] = sys.modules[__name__]
    sys.modules["pysqlite3"] = package
    sys.modules["pysqlite3.dbapi2"] = sys.modules[__name__]
