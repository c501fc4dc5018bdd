"""The table `due`: for each date an announcement was given, what the scheduler still has to record, and when.

A date is in force while it is the announcement's, by all that was said, and nothing settled it. Its instants count
if they lie after the date was recorded and before it ended, so that what was missed while down is caught up.
"""

from collections.abc import Iterable
from typing import Final, Literal

from msgspec import Struct

from events import facts as f
from events.due import due_of
from events.facts import Recorded
from events.instants import Instant
from events.record import Announcement
from events.views.schema import Connection

DUE_ROWS_MAX: Final = 500

_SELECT: Final = (
    "SELECT date, recorded_at, came_up_at, fell_due_at, ended_at, came_up, fell_due FROM due WHERE announcement = ?"
)
_STORE: Final = "INSERT OR REPLACE INTO due VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
NEXT_SQL: Final = "SELECT min(next_at) FROM due WHERE next_at IS NOT NULL"
DUE_SQL: Final = (
    "SELECT announcement, date, recorded_at, came_up_at, fell_due_at, ended_at, came_up, fell_due FROM due"
    " WHERE next_at <= ? ORDER BY next_at, announcement, date LIMIT ?"
)

Change = Literal["announcement.came_up", "announcement.fell_due"]


class DueFact(Struct, frozen=True, kw_only=True):
    """A clock fact that has to be recorded: `at` has come for the date that the fact at position `date` gave."""

    announcement: str
    date: int
    type: Change
    at: Instant


class Dated(Struct, kw_only=True):
    """A date of an announcement, given at position `date`; `ended_at` is when it was settled or replaced."""

    date: int
    recorded_at: Instant
    came_up_at: Instant | None
    fell_due_at: Instant | None
    ended_at: Instant | None = None
    came_up: bool = False
    fell_due: bool = False

    def pending(self) -> list[tuple[Instant, Change]]:
        """Return what has to be recorded of it, now or later, in order."""
        changes: list[tuple[Instant | None, bool, Change]] = [
            (self.came_up_at, self.came_up, "announcement.came_up"),
            (self.fell_due_at, self.fell_due, "announcement.fell_due"),
        ]
        return [
            (at, change)
            for at, recorded, change in changes
            if at is not None
            and not recorded
            and self.recorded_at < at
            and (self.ended_at is None or at < self.ended_at)
        ]


class Dues:
    """The dates of one announcement, while its commits are gone through."""

    def __init__(self, announcement: str, dates: Iterable[Dated]) -> None:
        self.announcement = announcement
        self._dates = {dated.date: dated for dated in dates}

    def follow(self, announcement: Announcement, recorded_at: Instant) -> None:
        """Take in what the announcement is from a commit on, by all that was said."""
        in_force = self._in_force(announcement)
        for dated in self._dates.values():
            if dated.date != in_force and dated.ended_at is None:
                dated.ended_at = recorded_at

    def recorded(self, records: Iterable[Recorded]) -> None:
        """Take in which clock facts are recorded."""
        for record in records:
            match record.fact:
                case f.CameUp(announcement=self.announcement, date=date) if date in self._dates:
                    self._dates[date].came_up = True
                case f.FellDue(announcement=self.announcement, date=date) if date in self._dates:
                    self._dates[date].fell_due = True
                case _:
                    pass

    def rows(self) -> list[tuple[object, ...]]:
        """Return the rows of the table."""
        rows: list[tuple[object, ...]] = []
        for dated in self._dates.values():
            pending = dated.pending()
            rows.append(
                (
                    self.announcement,
                    dated.date,
                    dated.recorded_at,
                    dated.came_up_at,
                    dated.fell_due_at,
                    dated.ended_at,
                    dated.came_up,
                    dated.fell_due,
                    pending[0][0] if pending else None,
                )
            )
        return rows

    def _in_force(self, announcement: Announcement) -> int | None:
        if announcement.state != "announced" or announcement.when.edtf is None:
            return None
        given, due = announcement.dates[-1], due_of(announcement)
        known = self._dates.get(given.position)
        self._dates[given.position] = Dated(
            date=given.position,
            recorded_at=given.recorded_at,
            came_up_at=due.came_up_at,
            fell_due_at=due.fell_due_at,
            came_up=known is not None and known.came_up,
            fell_due=known is not None and known.fell_due,
        )
        return given.position


def dues_of(connection: Connection, announcement: str) -> Dues:
    """Return the stored dates of an announcement."""
    rows = connection.execute(_SELECT, (announcement,))
    return Dues(announcement, [_dated(*row) for row in rows])


def store(connection: Connection, rows: Iterable[tuple[object, ...]]) -> None:
    """Store rows of `Dues.rows`."""
    connection.executemany(_STORE, rows)


def next_due(connection: Connection) -> Instant | None:
    """Return when the next clock fact has to be recorded, which may be past; None while there is none to come."""
    (at,) = connection.execute(NEXT_SQL).fetchone()
    return None if at is None else str(at)


def due_facts(connection: Connection, now: Instant) -> tuple[DueFact, ...]:
    """Return the clock facts to be recorded at `now`, those of up to `DUE_ROWS_MAX` dates, the earliest first."""
    found = [
        DueFact(announcement=announcement, date=row[0], type=change, at=at)
        for announcement, *row in connection.execute(DUE_SQL, (now, DUE_ROWS_MAX))
        for at, change in _dated(*row).pending()
        if at <= now
    ]
    return tuple(sorted(found, key=lambda due: (due.at, due.announcement, due.date)))


def _dated(
    date: int,
    recorded_at: Instant,
    came_up_at: Instant | None,
    fell_due_at: Instant | None,
    ended_at: Instant | None,
    came_up: int,
    fell_due: int,
) -> Dated:
    return Dated(
        date=date,
        recorded_at=recorded_at,
        came_up_at=came_up_at,
        fell_due_at=fell_due_at,
        ended_at=ended_at,
        came_up=bool(came_up),
        fell_due=bool(fell_due),
    )
