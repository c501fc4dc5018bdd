"""A disk that tells each step of the SQLite engine before it is taken and once it is done."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from events.log.build import sqlite3
from events.log.files import Disk, OpenFile


class Step(NamedTuple):
    """A statement of a connection (`does` is its first word), or a `WRITE` of a file that is kept open."""

    file: str
    does: str
    read_only: bool
    done: bool


OnStep = Callable[[Step], None]


class SteppedDisk(Disk):
    """The real disk; `on_step` is called in the thread that takes the step, and what it raises is the step's."""

    def __init__(self, on_step: OnStep) -> None:
        self._on_step = on_step

    def connect(self, path: Path, *, read_only: bool = False) -> Any:
        return _Connection(super().connect(path, read_only=read_only), path.name, read_only, self._on_step)

    def open(self, path: Path) -> OpenFile:
        return _File(super().open(path), path.name, self._on_step)


class _Connection:
    def __init__(self, connection: sqlite3.Connection, file: str, read_only: bool, on_step: OnStep) -> None:
        self._connection = connection
        self._file = file
        self._read_only = read_only
        self._on_step = on_step

    def execute(self, sql: str, *parameters: Any) -> object:
        step = Step(self._file, sql.split()[0], self._read_only, done=False)
        self._on_step(step)
        found = self._connection.execute(sql, *parameters)
        self._on_step(step._replace(done=True))
        return found

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)


class _File:
    def __init__(self, file: OpenFile, name: str, on_step: OnStep) -> None:
        self._file = file
        self._name = name
        self._on_step = on_step

    def holds(self, wanted: Iterable[bytes]) -> bool:
        return self._file.holds(wanted)

    def write(self, content: bytes, *, at: int) -> None:
        step = Step(self._name, "WRITE", read_only=False, done=False)
        self._on_step(step)
        self._file.write(content, at=at)
        self._on_step(step._replace(done=True))

    def close(self) -> None:
        self._file.close()
