"""Which facts bear on what: the facts as the views keep them, and whom each commit concerns.

A fact bears on the subjects it is about, by its tags. A withdrawal bears on what the fact it names bears on; a source
that was taken back, on every announcement that cites it; a merge, on all that are connected with its two ends. More
than necessary does no harm, since what has no effect changes no version.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from events.facts import FactWithdrawn, LogErased, Recorded, knows, read
from events.log.port import Event
from events.views.schema import Connection

UNDO: Final = "fact.withdrawn"
SOURCE_ACT: Final = "source.withdrawn"
MERGE: Final = "announcement.merged"
ERASING: Final = "log.erased"
CORRECTING: Final = frozenset(
    {UNDO, SOURCE_ACT, MERGE, "announcement.amended", "announcement.retracted", "source.corrected", "actor.merged"}
)
"""Types of entries by which something is said to have been wrong."""
SUBJECT_KINDS: Final = frozenset({"announcement", "source", "actor", "timeline"})

Touched = Mapping[str, Sequence[int]]
"""Subjects (tags), each with the ends of the commits that concern it, in order."""

_INSERT_FACT: Final = "INSERT INTO fact VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_BEARING: Final = "INSERT OR IGNORE INTO bearing VALUES (?, ?)"
_INSERT_CITES: Final = "INSERT OR IGNORE INTO cites VALUES (?, ?)"
_INSERT_CORRECTING: Final = "INSERT INTO correcting VALUES (?, ?, ?)"
_SELECT_ABOUT: Final = "SELECT about FROM fact WHERE position = ?"
_SELECT_ACTS: Final = (
    f"SELECT position, about, tags FROM fact WHERE about IN ('{SOURCE_ACT}', '{MERGE}') ORDER BY position"
)
_SELECT_CITING: Final = "SELECT subject FROM cites WHERE source = ?"
_SELECT_BEARING: Final = (
    "SELECT position, type, v, recorded_at, said_at, by, commit_end, tags, data"
    " FROM bearing CROSS JOIN fact USING (position) WHERE bearing.subject = ? ORDER BY position"
)


def bearing_on(connection: Connection, subject: str) -> list[Recorded]:
    """Return the facts that bear on a subject (a tag), by position."""
    return [
        Recorded(
            position=position,
            type=type_name,
            v=v,
            recorded_at=recorded_at,
            said_at=said_at,
            by=by,
            commit_end=commit_end,
            tags=tuple(tags.split()),
            fact=read(type_name, v, data),
        )
        for position, type_name, v, recorded_at, said_at, by, commit_end, tags, data in connection.execute(
            _SELECT_BEARING, (subject,)
        )
    ]


class Bearing:
    """Takes events into the tables `fact`, `bearing`, `cites` and `correcting`, inside the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._facts: list[tuple[object, ...]] = []
        self._abouts: dict[int, str] = {}
        self._bearing: list[tuple[str, int]] = []
        self._cites: set[tuple[str, str]] = set()
        self._correcting: list[tuple[str, int, int]] = []
        self._touched: defaultdict[str, dict[int, None]] = defaultdict(dict)
        self._source_acts: defaultdict[str, list[int]] = defaultdict(list)
        self._merges: list[tuple[int, frozenset[str]]] = []
        for position, about, tags in connection.execute(_SELECT_ACTS):
            self._remember(position, about, tags.split())

    def take(self, events: Iterable[Event]) -> Touched:
        """Store the events of whole commits; return whom they concern."""
        for event in events:
            self._take(event)
        self._flush()
        touched, self._touched = self._touched, defaultdict(dict)
        return {subject: list(ends) for subject, ends in touched.items()}

    def _take(self, event: Event) -> None:
        position, commit_end = event.position, event.commit[0] + event.commit[1] - 1
        about = self._about(event)
        self._abouts[position] = about
        self._facts.append(
            (
                position,
                event.type,
                event.v,
                about,
                event.recorded_at,
                event.said_at,
                event.by,
                commit_end,
                " ".join(event.tags),
                event.data,
            )
        )
        subjects = self._subjects(event, about)
        self._remember(position, about, event.tags)
        if event.type in CORRECTING:
            self._correcting.extend((subject, position, commit_end) for subject in subjects)
        for subject in subjects:
            self._concern(subject, (position,), commit_end)
        if about == SOURCE_ACT:
            self._flush()
            for source in subjects:
                for (subject,) in self._connection.execute(_SELECT_CITING, (source,)).fetchall():
                    self._concern(subject, (position,), commit_end)
        elif about == MERGE:
            connected, acts = self._connected(subjects)
            for subject in connected:
                self._concern(subject, acts, commit_end)
        elif about.startswith("announcement."):
            self._cite(event.tags, subjects, commit_end)

    def _subjects(self, event: Event, about: str) -> list[str]:
        """Return whom an event bears on; where its data cannot tell, being erased or of a later kind, its tags do."""
        if event.type == ERASING:
            erased = read(event.type, event.v, event.data)
            return [f"source:{source}" for source in erased.sources] if isinstance(erased, LogErased) else []
        subjects = subjects_of(about, event.tags)
        if not subjects and (not knows(event.type, event.v) or event.data is None):
            return _things(event.tags)
        return subjects

    def _about(self, event: Event) -> str:
        """Return the type of the event, for a withdrawal that of the fact it takes back in the end."""
        undo = read(UNDO, event.v, event.data) if event.type == UNDO else None
        if not isinstance(undo, FactWithdrawn):
            return event.type
        named = undo.position
        if named >= event.position:
            return UNDO
        if named in self._abouts:
            return self._abouts[named]
        row = self._connection.execute(_SELECT_ABOUT, (named,)).fetchone()
        return UNDO if row is None else str(row[0])

    def _remember(self, position: int, about: str, tags: Sequence[str]) -> None:
        if about == SOURCE_ACT:
            for source in subjects_of(about, tags):
                self._source_acts[source].append(position)
        elif about == MERGE:
            self._merges.append((position, frozenset(subjects_of(about, tags))))

    def _concern(self, subject: str, positions: Iterable[int], commit_end: int) -> None:
        self._bearing.extend((subject, position) for position in positions)
        self._touched[subject][commit_end] = None

    def _cite(self, tags: Sequence[str], subjects: Sequence[str], commit_end: int) -> None:
        for source in tags:
            if source.startswith("source:"):
                for subject in subjects:
                    self._cites.add((source, subject))
                    if source in self._source_acts:
                        self._concern(subject, self._source_acts[source], commit_end)

    def _connected(self, ends: Iterable[str]) -> tuple[set[str], list[int]]:
        """Return all announcements that merges connect with the given ones, and the positions of those merges."""
        connected = set(ends)
        grown = True
        while grown:
            before = len(connected)
            for _, both in self._merges:
                if both & connected:
                    connected |= both
            grown = len(connected) > before
        return connected, [position for position, both in self._merges if both & connected]

    def _flush(self) -> None:
        self._connection.executemany(_INSERT_FACT, self._facts)
        self._connection.executemany(_INSERT_BEARING, self._bearing)
        self._connection.executemany(_INSERT_CITES, self._cites)
        self._connection.executemany(_INSERT_CORRECTING, self._correcting)
        self._facts.clear()
        self._bearing.clear()
        self._cites.clear()
        self._correcting.clear()
        self._abouts.clear()


def subjects_of(about: str, tags: Iterable[str]) -> list[str]:
    """Return those of a fact's tags that it bears on, by the type it is about."""
    kind = about.partition(".")[0]
    return [tag for tag in tags if tag.startswith(f"{kind}:")] if kind in SUBJECT_KINDS else []


def _things(tags: Iterable[str]) -> list[str]:
    """Return the tags of things with a history: what an entry may be about whose kind of thing is not known here."""
    return [tag for tag in tags if tag.partition(":")[0] in SUBJECT_KINDS]
