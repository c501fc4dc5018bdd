"""Commits and entries as they are stored: what is handed on to another log of the same history. Pure."""

from msgspec import Struct

from events.instants import Instant


class StoredEntry(Struct, frozen=True, kw_only=True):
    """An entry's bytes, and the data and the salt that its `data_hash` is of; None once erased."""

    entry: bytes
    salt: bytes | None
    data: bytes | None


class StoredCommit(Struct, frozen=True, kw_only=True):
    """A commit as it is stored: what another log of the same history can `adopt`.

    `number` counts all commits from 1, those that changed nothing too. `key` and `fingerprint` are None where whoever
    gives it may not tell them, or (`fingerprint`) once erased. `position` is the last of its `entries`; without any,
    the head it saw. `erases` are the positions whose data went with it.
    """

    number: int
    key: str | None
    fingerprint: bytes | None
    note: bytes
    position: int
    recorded_at: Instant
    entries: tuple[StoredEntry, ...]
    erases: tuple[int, ...] = ()
