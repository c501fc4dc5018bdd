"""The part of the record that a command is judged against, as facts, and what they amount to.

The handler fills a `World` with the recorded facts of the tags that are `wanted`; the deciding modules ask it what
stands. Within a batch the facts decided so far are added to it, at the positions they will have.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec
from msgspec import Struct

from events import facts as f
from events.errors import UnknownReference
from events.facts import Recorded
from events.history import History
from events.instants import Instant
from events.standing import ALWAYS
from events.terms import SourceFields, TimelineFields, TimelineQuery

UNDO: Final = "fact.withdrawn"
TYPES_BY_TAG: Final[Mapping[str, tuple[str, ...]]] = {
    "source": ("source.recorded", "source.corrected", "source.withdrawn", "source.candidate_rejected", UNDO),
    "actor": ("actor.recorded", "actor.renamed", "actor.merged", UNDO),
    "url": ("source.recorded", "source.corrected", UNDO),
    "text": ("source.recorded", "log.erased", UNDO),
}
"""Which events of a tag are wanted; of the tags that are not here, all."""


class Source(Struct, frozen=True, kw_only=True):
    """A source as described now. `withdrawn_at`: from then on its publisher takes it back ("": it always did)."""

    id: str
    described: f.SourceRecorded
    withdrawn_at: Instant | None
    rejected: tuple[f.CandidateRejected, ...]


class Actor(Struct, frozen=True, kw_only=True):
    """An actor as described now."""

    id: str
    described: f.ActorRecorded
    merged_into: str | None


class Timeline(Struct, frozen=True, kw_only=True):
    """A timeline as it is now; `pinned` and `hidden` are announcements."""

    slug: str
    title: str
    description: str | None
    query: TimelineQuery
    pinned: frozenset[str]
    hidden: frozenset[str]
    archived: bool


class World:
    """Recorded facts by position and tag. `now` is when the commands arrived, `texts` the sources' by id."""

    def __init__(self, now: Instant, texts: Mapping[str, str] | None = None) -> None:
        self.now = now
        self.texts: dict[str, str] = dict(texts or {})
        self.loaded: set[str] = set()
        self.recorded: dict[int, Recorded] = {}
        self._by_tag: dict[str, set[int]] = {}
        self._acts: dict[int, Recorded] = {}
        self._withdrawn: set[int] | None = None

    def add(self, records: Iterable[Recorded]) -> None:
        """Take recorded facts in; the same one twice is one."""
        for record in records:
            self.recorded[record.position] = record
            if isinstance(record.fact, f.Merged | f.FactWithdrawn):
                self._acts[record.position] = record
                self._withdrawn = None
            for tag in record.tags:
                self._by_tag.setdefault(tag, set()).add(record.position)

    def missing(self) -> set[str]:
        """Return the tags that what is here refers to and that were not loaded: sources cited, merges' other ends."""
        wanted: set[str] = set()
        for record in self.recorded.values():
            fact = record.fact
            if isinstance(fact, f.Statement | f.Amended | f.Linked):
                wanted.update(f"source:{citation.source}" for citation in fact.citations)
            if isinstance(fact, f.Merged):
                wanted.update((f"announcement:{fact.announcement}", f"announcement:{fact.into}"))
            if isinstance(fact, f.ActorMerged):
                wanted.update((f"actor:{fact.actor}", f"actor:{fact.into}"))
            if isinstance(fact, f.SourceRecorded | f.SourceCorrected):
                wanted.add(f"source:{fact.source}")
                described = fact if isinstance(fact, f.SourceRecorded) else fact.set
                if described.copy_of is not None:
                    wanted.add(f"source:{described.copy_of}")
            if isinstance(fact, f.RubricPublished):
                wanted.add(f"rubric:{fact.version}")
        return wanted - self.loaded

    def tagged(self, tag: str) -> list[Recorded]:
        """Return the facts of a tag, by position."""
        return [self.recorded[position] for position in sorted(self._by_tag.get(tag, ()))]

    def history(self, announcement: str) -> History | None:
        """Return the announcement's history; None where it was never made."""
        own = self.tagged(f"announcement:{announcement}")
        if not any(isinstance(r.fact, f.Made) and r.fact.announcement == announcement for r in own):
            return None
        bearing = {record.position: record for record in own}
        cited = {citation.source for record in own for citation in getattr(record.fact, "citations", ())}
        for source in cited:
            bearing.update(
                (r.position, r)
                for r in self.tagged(f"source:{source}")
                if isinstance(r.fact, f.SourceWithdrawn | f.FactWithdrawn)
            )
        bearing.update(self._acts)
        return History(announcement, [bearing[position] for position in sorted(bearing)])

    def source(self, id: str) -> Source | None:
        """Return a source as described now; None where there is none."""
        described: f.SourceRecorded | None = None
        withdrawn_at: Instant | None = None
        rejected: list[f.CandidateRejected] = []
        for fact in self._standing(f"source:{id}"):
            match fact:
                case f.SourceRecorded(source=subject) if subject == id:
                    described = fact
                case f.SourceCorrected(source=subject, set=fields) if subject == id and described is not None:
                    described = corrected(described, fields)
                case f.SourceWithdrawn(source=subject, said_at=said_at) if subject == id:
                    since = said_at or ALWAYS
                    withdrawn_at = since if withdrawn_at is None else min(withdrawn_at, since)
                case f.CandidateRejected(source=subject) if subject == id:
                    rejected.append(fact)
                case _:
                    pass
        if described is None:
            return None
        return Source(id=id, described=described, withdrawn_at=withdrawn_at, rejected=tuple(rejected))

    def cited_source(self, id: str, *, pointer: str) -> Source:
        """Return a source that a body names; raises `UnknownReference`."""
        source = self.source(id)
        if source is None:
            raise UnknownReference("source", id, pointer=pointer)
        return source

    def original(self, source: str) -> str:
        """Return the source that this one is a copy of in the end; itself where it is none."""
        seen = {source}
        while (known := self.source(source)) is not None and known.described.copy_of not in (None, *seen):
            source = str(known.described.copy_of)
            seen.add(source)
        return source

    def actor(self, id: str) -> Actor | None:
        """Return an actor as described now; None where there is none."""
        described: f.ActorRecorded | None = None
        into: str | None = None
        for fact in self._standing(f"actor:{id}"):
            match fact:
                case f.ActorRecorded(actor=subject) if subject == id:
                    described = fact
                case f.ActorRenamed(actor=subject) if subject == id and described is not None:
                    described = renamed(described, fact)
                case f.ActorMerged(actor=subject) if subject == id:
                    into = into or fact.into
                case _:
                    pass
        return None if described is None else Actor(id=id, described=described, merged_into=into)

    def timeline(self, slug: str) -> Timeline | None:
        """Return a timeline as it is now; None where there is none."""
        timeline: Timeline | None = None
        for fact in self._standing(f"timeline:{slug}"):
            if isinstance(fact, f.TimelineCreated):
                timeline = timeline_of(fact)
            elif timeline is not None:
                timeline = evolve_timeline(timeline, fact)
        return timeline

    def rubric(self, version: str) -> f.RubricPublished | None:
        """Return the rubric of that version; None where there is none."""
        published = (r for r in self._standing(f"rubric:{version}") if isinstance(r, f.RubricPublished))
        return next(published, None)

    def newest_rubric(self) -> str | None:
        """Return the version of the rubric published last; None where there is none. A published one stays."""
        for position in sorted(self.recorded, reverse=True):
            fact = self.recorded[position].fact
            if isinstance(fact, f.RubricPublished):
                return fact.version
        return None

    def withdrawn(self, *, besides: int | None = None) -> set[int]:
        """Return the positions of the facts here that were taken back, as if `besides` were taken back now too."""
        if besides is None and self._withdrawn is not None:
            return self._withdrawn
        withdrawn = set() if besides is None else {besides}
        for position in sorted(self._acts, reverse=True):
            fact = self._acts[position].fact
            if isinstance(fact, f.FactWithdrawn) and position not in withdrawn and fact.position < position:
                withdrawn.add(fact.position)
        if besides is None:
            self._withdrawn = withdrawn
        return withdrawn

    def _standing(self, tag: str) -> list[f.AnyFact]:
        withdrawn = self.withdrawn()
        return [r.fact for r in self.tagged(tag) if r.fact is not None and r.position not in withdrawn]


def corrected(described: f.SourceRecorded, fields: SourceFields) -> f.SourceRecorded:
    """Return a source's description with the corrected fields."""
    given = {n: value for n in fields.__struct_fields__ if (value := getattr(fields, n)) is not None}
    return msgspec.structs.replace(described, **given)


def renamed(described: f.ActorRecorded, fact: f.ActorRenamed) -> f.ActorRecorded:
    """Return an actor's description with its new names; languages that are not named keep theirs."""
    aliases = described.aliases if fact.aliases is None else fact.aliases
    return msgspec.structs.replace(described, names={**described.names, **fact.names}, aliases=aliases)


def timeline_of(fact: f.TimelineCreated) -> Timeline:
    """Return a timeline as it was created."""
    return Timeline(
        slug=fact.timeline,
        title=fact.title,
        description=fact.description,
        query=fact.query,
        pinned=frozenset(),
        hidden=frozenset(),
        archived=False,
    )


def evolve_timeline(timeline: Timeline, fact: f.AnyFact) -> Timeline:
    """Return the timeline after one more fact; facts about something else change nothing."""
    replace = msgspec.structs.replace
    match fact:
        case f.TimelineChanged(set=TimelineFields() as fields):
            given = {n: value for n in fields.__struct_fields__ if (value := getattr(fields, n)) is not None}
            return replace(timeline, **given)
        case f.ItemPinned(announcement=id):
            return replace(timeline, pinned=timeline.pinned | {id}, hidden=timeline.hidden - {id})
        case f.ItemHidden(announcement=id):
            return replace(timeline, hidden=timeline.hidden | {id}, pinned=timeline.pinned - {id})
        case f.ItemReleased(announcement=id):
            return replace(timeline, pinned=timeline.pinned - {id}, hidden=timeline.hidden - {id})
        case f.TimelineArchived():
            return replace(timeline, archived=True)
        case _:
            return timeline
