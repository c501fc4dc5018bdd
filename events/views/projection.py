"""Commits in, rows out: one generation of the views, written by one thread."""

import json
from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from events.facts import TYPES
from events.log.port import Event
from events.views import actors, corrections, recordings, sources, timelines
from events.views.bearing import Bearing, Touched
from events.views.rows import AnnouncementRows
from events.views.schema import Connection, migrate

SUBJECTS_PAGE: Final = 500

_KINDS: Final = {kind.name: kind for kind in (sources.KIND, actors.KIND, timelines.KIND)}
_SELECT_CHECKPOINT: Final = "SELECT log_id, position, event_id, unknown_types FROM checkpoint"
_STORE_CHECKPOINT: Final = "INSERT OR REPLACE INTO checkpoint VALUES (1, ?, ?, ?, ?)"
_SELECT_SUBJECTS: Final = (
    "SELECT subject, count(*) FROM bearing WHERE subject > ? GROUP BY subject ORDER BY subject LIMIT ?"
)

Progress = Callable[[int, int], None]
"""Is told how much of a rebuild is done, and how much there is to do; not always in the same thread."""


class Checkpoint(Struct, frozen=True, kw_only=True):
    """How far a generation has followed which log; `event_id` is that of the event at `position`, "" at 0.

    `unknown_types` are those met on the way that this version of the code did not know.
    """

    log_id: str
    position: int = 0
    event_id: str = ""
    unknown_types: tuple[str, ...] = ()


def checkpoint_of(connection: Connection) -> Checkpoint | None:
    """Return the checkpoint of a generation, None where there is none yet."""
    row = connection.execute(_SELECT_CHECKPOINT).fetchone()
    if row is None:
        return None
    return Checkpoint(log_id=row[0], position=row[1], event_id=row[2], unknown_types=tuple(json.loads(row[3])))


class Projection:
    """A generation's tables as the log fills them. One thread at a time; after an error it is used no more."""

    def __init__(self, connection: Connection, log_id: str) -> None:
        self.connection = connection
        self.checkpoint = checkpoint_of(connection) or Checkpoint(log_id=log_id)
        self._bearing = Bearing(connection)
        self._announcements = AnnouncementRows(connection)

    def apply(self, events: Sequence[Event]) -> None:
        """Take in whole commits: tables and checkpoint change in one transaction, or not at all."""
        if not events:
            return
        assert events[0].position == self.checkpoint.position + 1, "a commit was passed over"
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            touched, checkpoint = self._take(events)
            for subject, ends in touched.items():
                self._replay(subject, list(ends))
            self._announcements.flush()
            self._announcements.documents.write()
            self.connection.execute("COMMIT")
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.checkpoint = checkpoint  # Told only now: whoever waits for it reads what it stands for.

    def load(self, events: Sequence[Event]) -> None:
        """Take in whole commits of a generation that is being built; their subjects are replayed afterwards."""
        self.connection.execute("BEGIN IMMEDIATE")
        _, self.checkpoint = self._take(events)
        self.connection.execute("COMMIT")

    def replay_all(self, progress: Progress) -> None:
        """Write what everything loaded amounts to, subject by subject; `progress` counts the facts that bear on them.

        Going by subject costs the same in whatever order the facts were recorded.
        """
        (total,) = self.connection.execute("SELECT count(*) FROM bearing").fetchone()
        done, after = 0, ""
        while page := self.connection.execute(_SELECT_SUBJECTS, (after, SUBJECTS_PAGE)).fetchall():
            self.connection.execute("BEGIN IMMEDIATE")
            for after, count in page:
                self._replay(after, None)
                done += count
            self._announcements.flush()
            self._announcements.documents.stage()
            self.connection.execute("COMMIT")
            progress(done, total)
        self._announcements.documents.write_staged()
        migrate(self.connection)

    def _take(self, events: Sequence[Event]) -> tuple[Touched, Checkpoint]:
        touched = self._bearing.take(events)
        last = events[-1]
        unknown = {event.type for event in events} - TYPES.keys()
        checkpoint = Checkpoint(
            log_id=self.checkpoint.log_id,
            position=last.position,
            event_id=last.id,
            unknown_types=tuple(sorted(unknown.union(self.checkpoint.unknown_types))),
        )
        unknown_types = json.dumps(checkpoint.unknown_types)
        self.connection.execute(
            _STORE_CHECKPOINT, (checkpoint.log_id, checkpoint.position, checkpoint.event_id, unknown_types)
        )
        return touched, checkpoint

    def _replay(self, subject: str, commit_ends: list[int] | None) -> None:
        kind, _, id = subject.partition(":")
        if kind == "announcement":
            self._announcements.replay(id, commit_ends)
        else:
            recordings.replay(self.connection, _KINDS[kind], id, commit_ends)
        corrections.replay(self.connection, subject, commit_ends)
