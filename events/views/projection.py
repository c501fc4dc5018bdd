"""Commits in, rows out: one generation of the views, written by one thread."""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from events.facts import knows
from events.log.port import Event
from events.views import actors, corrections, recordings, sources, timelines
from events.views.bearing import Bearing, Touched
from events.views.rows import AnnouncementRows
from events.views.schema import Connection, migrate

SUBJECTS_PAGE: Final = 500

_KINDS: Final = {kind.name: kind for kind in (sources.KIND, actors.KIND, timelines.KIND)}
_SELECT_CHECKPOINT: Final = "SELECT log_id, position, event_id, met, erased FROM checkpoint"
_STORE_CHECKPOINT: Final = "INSERT OR REPLACE INTO checkpoint VALUES (1, ?, ?, ?, ?, ?)"
_SELECT_SUBJECTS: Final = (
    "SELECT subject, count(*) FROM bearing WHERE subject > ? GROUP BY subject ORDER BY subject LIMIT ?"
)

Progress = Callable[[int, int], None]
"""Is told how much of a rebuild is done, and how much there is to do; not always in the same thread."""


class Met(Struct, frozen=True, array_like=True, order=True):
    """A type and version of entries met on the way: the first one, how many, and whether they were taken in as facts.

    Those that were not are of a later program, and are carried: listed, shown, and without effect.
    """

    type: str
    v: int
    first: int
    entries: int
    known: bool


class Checkpoint(Struct, frozen=True, kw_only=True):
    """How far a generation has followed which log; `event_id` is that of the event at `position`, "" at 0.

    `erased`: so many entries had been erased when it was begun; where more are by now, it may hold what they said.
    """

    log_id: str
    position: int = 0
    event_id: str = ""
    met: tuple[Met, ...] = ()
    erased: int = 0

    @property
    def unknown(self) -> tuple[Met, ...]:
        """What was met that the code did not know."""
        return tuple(one for one in self.met if not one.known)

    @property
    def is_of_this_code(self) -> bool:
        """Whether the present code would have taken in the same: it has learned, and forgotten, nothing of this."""
        return all(one.known is knows(one.type, one.v) for one in self.met)


_MET: Final = msgspec.json.Decoder(tuple[Met, ...])


def checkpoint_of(connection: Connection) -> Checkpoint | None:
    """Return the checkpoint of a generation, None where there is none yet."""
    row = connection.execute(_SELECT_CHECKPOINT).fetchone()
    if row is None:
        return None
    return Checkpoint(log_id=row[0], position=row[1], event_id=row[2], met=_MET.decode(row[3]), erased=row[4])


class Projection:
    """A generation's tables as the log fills them. One thread at a time; after an error it is used no more.

    `erased`: so many entries of the log are erased, where the generation is new.
    """

    def __init__(self, connection: Connection, log_id: str, erased: int = 0) -> None:
        self.connection = connection
        self.checkpoint = checkpoint_of(connection) or Checkpoint(log_id=log_id, erased=erased)
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
        checkpoint = Checkpoint(
            log_id=self.checkpoint.log_id,
            position=last.position,
            event_id=last.id,
            met=met_after(self.checkpoint.met, events),
            erased=self.checkpoint.erased,
        )
        met = msgspec.json.encode(checkpoint.met).decode()
        self.connection.execute(
            _STORE_CHECKPOINT, (checkpoint.log_id, checkpoint.position, checkpoint.event_id, met, checkpoint.erased)
        )
        return touched, checkpoint

    def _replay(self, subject: str, commit_ends: list[int] | None) -> None:
        kind, _, id = subject.partition(":")
        if kind == "announcement":
            self._announcements.replay(id, commit_ends)
        else:
            recordings.replay(self.connection, _KINDS[kind], id, commit_ends)
        corrections.replay(self.connection, subject, commit_ends)


def met_after(met: Sequence[Met], events: Sequence[Event]) -> tuple[Met, ...]:
    """Return what has been met after some more events, by type and version."""
    found = {(one.type, one.v): one for one in met}
    for event in events:
        key = event.type, event.v
        before = found.get(key) or Met(*key, event.position, 0, knows(*key))
        found[key] = msgspec.structs.replace(before, entries=before.entries + 1)
    return tuple(found[key] for key in sorted(found))
