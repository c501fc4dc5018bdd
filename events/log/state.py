"""The mutable state beside the log: what is no history, such as sources' texts and the names of people."""

from typing import Final, Protocol

from msgspec import Struct

from events.errors import DatelineError
from events.log.port import PAGE_EVENTS_MAX

STATE_VALUE_BYTES_MAX: Final = 4 * 1024 * 1024


class StateRecord(Struct, frozen=True, kw_only=True):
    """A value of the mutable state. `version` grows with every change and is never used again."""

    kind: str
    id: str
    value: bytes
    version: int


class State(Protocol):
    """Mutable values beside the log, each changed alone, by compare-and-set; durable once a method returned."""

    async def get(self, kind: str, record_id: str) -> StateRecord | None:
        """Return the value, or None when there is none."""
        ...

    async def put(self, kind: str, record_id: str, value: bytes, *, expected: int | None) -> int:
        """Store the value and return its version; the bytes of the one it replaces are overwritten.

        `expected` is the version it replaces: 0 when there must be none, None for whatever is there.
        Raises `StateConflict` when another is found, `StateTooLarge` above `STATE_VALUE_BYTES_MAX`.
        """
        ...

    async def delete(self, kind: str, record_id: str, *, expected: int | None = None) -> None:
        """Remove the value and overwrite its bytes; no value is no error, unless a version was `expected`."""
        ...

    async def purge(self) -> None:
        """See that nothing of what was ever replaced or removed is left in the files: slow, for what must be gone."""
        ...

    async def list(self, kind: str, *, after: str = "", limit: int = PAGE_EVENTS_MAX) -> tuple[StateRecord, ...]:
        """Return up to `limit` values of a kind with an id greater than `after`, by id."""
        ...


class StateTooLarge(DatelineError):
    """A value is larger than the mutable state takes."""

    code = "state-too-large"

    def __init__(self, *, kind: str, record_id: str, size: int) -> None:
        super().__init__(f"{kind} {record_id!r} has {size} bytes; at most {STATE_VALUE_BYTES_MAX} are kept")
        self.kind = kind
        self.record_id = record_id
        self.size = size


class StateConflict(DatelineError):
    """A value changed since it was read; `found` is its version now, 0 when there is none."""

    code = "state-conflict"

    def __init__(self, *, kind: str, record_id: str, expected: int, found: int) -> None:
        super().__init__(f"{kind} {record_id!r} is at version {found}, not {expected}; read it and try again")
        self.kind = kind
        self.record_id = record_id
        self.expected = expected
        self.found = found
