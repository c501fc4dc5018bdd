"""The log as the contract tells it, in memory and one request at a time. It shares no code with any engine."""

import re
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from events.instants import Instant, from_microseconds, to_microseconds
from events.log.port import (
    AppendCondition,
    AppendConditionFailed,
    ClockBehindLog,
    CommitInvalid,
    CommitKeyReused,
    EventIdTaken,
    NewCommit,
    PositionAhead,
    Query,
    Receipt,
)

AHEAD_MAX_US: Final = 60_000_000
_TAG: Final = re.compile(r"[a-z][a-z_]*:[^\s\x00-\x1f\x7f-\x9f]+")


class Stored(Struct, frozen=True, kw_only=True):
    """An event as it has to be read back; `id` is None where the engine makes one."""

    position: int
    id: str | None
    type: str
    tags: tuple[str, ...]
    recorded_at: Instant
    by: str
    commit: tuple[int, int]
    causation: int | None
    data: bytes | None


Refusal = type[Exception]
"""What an engine has to raise; `Exception` where the contract does not say what."""


class ModelLog:
    """What is recorded, and what each key was answered."""

    def __init__(self) -> None:
        self.stored: list[Stored] = []
        self._answers: dict[str, tuple[bytes | None, Receipt]] = {}
        self._last_us = 0

    def copy(self) -> "ModelLog":
        """Return a log that goes on by itself, as a backup does."""
        other = ModelLog()
        other.stored, other._answers, other._last_us = list(self.stored), dict(self._answers), self._last_us
        return other

    @property
    def head(self) -> int:
        """The last position."""
        return len(self.stored)

    @property
    def last_us(self) -> int:
        """When the last event was recorded, in microseconds."""
        return self._last_us

    def append(self, commit: NewCommit, now_us: int) -> Receipt | Refusal:
        """Record a commit, or say how it is refused."""
        fingerprint = _bytes(commit.fingerprint)
        if commit.key in self._answers:
            kept, receipt = self._answers[commit.key]
            return _again(receipt) if kept in (fingerprint, None) else CommitKeyReused
        refusal = self._refusal(commit, now_us)
        if refusal is not None:
            return refusal
        wanted = commit.recorded_at
        recorded_us = max(now_us, self._last_us) if wanted is None else to_microseconds(wanted)
        first, size = self.head + 1, len(commit.events)
        for position, event in enumerate(commit.events, start=first):
            stored = Stored(
                position=position,
                id=event.id,
                type=event.type,
                tags=tuple(sorted(set(event.tags), key=str.encode)),
                recorded_at=from_microseconds(recorded_us),
                by=commit.by,
                commit=(first, size),
                causation=event.causation,
                data=event.data,
            )
            self.stored.append(stored)
        if size:
            self._last_us = recorded_us
        receipt = Receipt(
            position=self.head,
            first=first,
            size=size,
            duplicate=False,
            recorded_at=from_microseconds(recorded_us),
            note=commit.note,
        )
        self._answers[commit.key] = fingerprint, receipt
        for position in commit.erases:
            self._erase(position)
        return receipt

    def _erase(self, position: int) -> None:
        """Take away an event's data, and what stood for the request that recorded it: its key alone answers then."""
        self.stored[position - 1] = replace(self.stored[position - 1], data=None)
        for key, (_, receipt) in self._answers.items():
            if receipt.first <= position <= receipt.position:
                self._answers[key] = None, receipt

    def outcome(self, key: str, fingerprint: bytes | str | None) -> Receipt | Refusal | None:
        """Return what a key was answered."""
        if key not in self._answers:
            return None
        kept, receipt = self._answers[key]
        told = fingerprint is None or kept in (_bytes(fingerprint), None)
        return _again(receipt) if told else CommitKeyReused

    def forgotten(self) -> list[str]:
        """Return the keys that answer whatever their request says, because something of it was erased."""
        return [key for key, (kept, _) in self._answers.items() if kept is None]

    def matching(self, query: Query, *, after: int = 0, upto: int | None = None) -> list[Stored]:
        """Return the events that a query means within a window, ascending."""
        last = self.head if upto is None else upto
        return [event for event in self.stored if after < event.position <= last and means(query, event)]

    def position_at(self, recorded_at: Instant) -> int:
        """Return the last position recorded by then."""
        return max((event.position for event in self.stored if event.recorded_at <= recorded_at), default=0)

    def _refusal(self, commit: NewCommit, now_us: int) -> Refusal | None:
        if bool(commit.events) == commit.unchanged or any(
            not all(_TAG.fullmatch(tag) for tag in event.tags) for event in commit.events
        ):
            return CommitInvalid
        for position, event in enumerate(commit.events, start=self.head + 1):
            if event.causation is not None and not 1 <= event.causation < position:
                return CommitInvalid
        return (
            self._refusal_by_condition(commit.condition)
            or self._refusal_by_ids(commit)
            or self._by_time(commit, now_us)
        )

    def _refusal_by_condition(self, condition: AppendCondition | None) -> Refusal | None:
        if condition is None:
            return None
        if condition.after > self.head:
            return PositionAhead
        return AppendConditionFailed if self.matching(condition.fail_if_match, after=condition.after) else None

    def _refusal_by_ids(self, commit: NewCommit) -> Refusal | None:
        ids = [event.id for event in commit.events if event.id is not None]
        if len(set(ids)) < len(ids):
            return CommitInvalid
        if {event.id for event in self.stored} & set(ids):
            return EventIdTaken
        return None if all(1 <= position <= self.head for position in commit.erases) else CommitInvalid

    def _by_time(self, commit: NewCommit, now_us: int) -> Refusal | None:
        if self._last_us > now_us + AHEAD_MAX_US:
            return ClockBehindLog
        if commit.recorded_at is None or self._last_us <= to_microseconds(commit.recorded_at) <= now_us:
            # What cannot be stored at all shows only when it is written.
            return None if all(isinstance(event.data, bytes) for event in commit.events) else Exception
        return CommitInvalid


def means(query: Query, event: Stored) -> bool:
    """Say whether a query means an event: any item, of which any type and all tags."""
    return query.everything or any(
        (event.type in item.types or not item.types) and all(tag in event.tags for tag in item.tags)
        for item in query.items
    )


def _again(receipt: Receipt) -> Receipt:
    return Receipt(
        position=receipt.position,
        first=receipt.first,
        size=receipt.size,
        duplicate=True,
        recorded_at=receipt.recorded_at,
        note=receipt.note,
    )


def _bytes(fingerprint: bytes | str) -> bytes:
    return fingerprint.encode() if isinstance(fingerprint, str) else fingerprint
