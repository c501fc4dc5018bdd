"""Where a reader stands on the two clocks, and how SQL asks for it.

Each of the four ways of asking (now, `as_of`, `said_by`, both) has its own partial index, and literals in its
condition that let SQLite use it.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from msgspec import Struct

from events.instants import FOREVER, Instant
from events.views.schema import HEADLESS, Connection

Parameters = tuple[object, ...]

_RECORDED_AT: Final = (
    "SELECT recorded_at FROM fact WHERE position <= ? AND position = commit_end ORDER BY position DESC LIMIT 1"
)
_POSITION: Final = "SELECT position FROM checkpoint"


class Clocks(Struct, frozen=True, kw_only=True):
    """Where to read: as recorded up to the position `as_of`, as said up to the instant `said_by`; None is now.

    A position inside a commit is rounded down to the commit before. `as_of_at` is the time that was asked for where
    `as_of` was found from one: what depends on today is judged by it, else by when the commit was recorded.
    """

    as_of: int | None = None
    said_by: Instant | None = None
    as_of_at: Instant | None = None


NOW: Final = Clocks()


class Condition(NamedTuple):
    """A piece of SQL that can stand after WHERE, and its parameters."""

    sql: str
    parameters: Parameters = ()


class Place(Struct, frozen=True, kw_only=True):
    """The clocks, resolved against one snapshot.

    `said` and `recorded` restrict a version; `index` is the index of announcements in order that serves both;
    `reference` is the earliest of now, `said_by` and `as_of`'s time: what is due is judged by it.
    """

    index: str
    recorded: Condition
    said: Condition
    said_by: Instant
    reference: Instant

    def holds(self) -> Condition:
        """Return the condition for a version on both clocks."""
        return Condition(f"{self.recorded.sql} AND {self.said.sql}", (*self.recorded.parameters, *self.said.parameters))


_NOW_RECORDED: Final = Condition(f"v.rec_to = {HEADLESS}")
_NOW_SAID: Final = Condition(f"v.said_to = '{FOREVER}'")
_LAST_SAID: Final = FOREVER.replace("999999Z", "999998Z")
_INDEXES: Final = {
    (False, False): "announcement_now",
    (True, False): "announcement_as_of",
    (False, True): "announcement_said_by",
    (True, True): "announcement_both",
}


class Snapshot:
    """One state of the views, for the statements of one answer. `position` is how far it follows the log."""

    def __init__(self, connection: Connection, now: Callable[[], Instant]) -> None:
        self.connection = connection
        self.now = now()
        row = connection.execute(_POSITION).fetchone()
        self.position = 0 if row is None else int(row[0])

    def place(self, clocks: Clocks) -> Place:
        """Return the clocks as this snapshot reads them."""
        recorded, said, reference = _NOW_RECORDED, _NOW_SAID, self.now
        if clocks.as_of is not None:
            as_of = min(clocks.as_of, HEADLESS - 1)
            recorded = Condition("v.rec_from <= ? AND v.rec_to > ?", (as_of, as_of))
            row = self.connection.execute(_RECORDED_AT, (as_of,)).fetchone()
            recorded_at = clocks.as_of_at or (None if row is None else str(row[0]))
            reference = min(reference, recorded_at or reference)
        if clocks.said_by is not None:
            said_by = min(clocks.said_by, _LAST_SAID)  # At the open end itself no version would hold.
            said = Condition("v.said_from <= ? AND v.said_to > ?", (said_by, said_by))
            reference = min(reference, clocks.said_by)
        return Place(
            index=_INDEXES[clocks.as_of is not None, clocks.said_by is not None],
            recorded=recorded,
            said=said,
            said_by=FOREVER if clocks.said_by is None else clocks.said_by,
            reference=reference,
        )
