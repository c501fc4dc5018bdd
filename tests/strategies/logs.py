"""A large log, drawn by chance: thousands of announcements as a busy desk would have recorded them over seven years.

Everything happens to some of them: dates of every form move, narrow, are put off and come back; sources correct
themselves and are taken back; what was said is recorded late; actors are renamed and merged one after another; acts of
every kind are undone, and some of the undoing too.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

from events import facts as f
from events import terms as t
from events.facts import Recorded, said_at_of, type_of
from events.instants import Instant, instant
from events.tags import tags_of

ANNOUNCEMENTS: Final = 2_000
FACTS_EACH: Final = 4
"""So many facts there are for each announcement, all in all."""
ACTORS: Final = tuple(f"actor-{number}" for number in range(40))
SOURCES: Final = tuple(f"source-{number}" for number in range(80))
TIMELINES: Final = ("spring", "summer")
TOPICS: Final = ("defence", "trade", "énergie", "space", "health")
PLACES: Final = ("Washington", "Tōkyō", "Kraków", "Manila")
KINDS: Final = ("visit", "summit", "law", "deployment", "other")
ZONES: Final = ("UTC", "UTC", "UTC", "America/New_York", "Asia/Tokyo", "Pacific/Kiritimati")
BEGINS: Final = datetime(2019, 1, 1, tzinfo=UTC)
ENDS: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""What is recorded is recorded between these two."""
LIVE_MAX: Final = 200
"""So many announcements are in progress at a time; now and then something is recorded of an older one."""

_WORDS: Final = (
    *("Signature", "of", "the", "Élysée", "treaty", "Première", "visit", "to", "Tōkyō", "joint", "command", "Großer"),
    *("launch", "naval", "exercise", "Łódź", "election", "agreement", "on", "trade", "second", "phase", "İstanbul"),
)


def log_of(seed: int, *, announcements: int = ANNOUNCEMENTS) -> list[Recorded]:
    """Return what such a log holds, by position, in commits of one to four facts: the same for the same seed."""
    desk = _Desk(Random(seed), announcements * FACTS_EACH)
    for number in range(len(ACTORS) * 3 // 4):
        desk.record(_actor(desk, ACTORS[number]))
    for number in range(len(SOURCES) // 2):
        desk.record(_source(desk, SOURCES[number]))
    desk.record(f.RubricPublished(version="1", text="What the ratings mean."))
    desk.record(f.TimelineCreated(timeline="spring", title="Spring", query=t.TimelineQuery(topic=("trade",))))
    while len(desk.known) < announcements or len(desk.recorded) < desk.size:
        due = announcements * len(desk.recorded) // desk.size
        if len(desk.known) < min(due, announcements):
            desk.record(_made(desk, f"a-{len(desk.known)}"))
        elif desk.known:
            act = desk.one(_WEIGHTED)(desk)
            if act is not None:
                desk.record(act)
        else:
            desk.record(_source(desk, desk.one(SOURCES)))
    desk.end()
    return desk.recorded


class _Desk:
    """A log while it is written: what stands in it so far, what time it is, and draws that know both."""

    def __init__(self, chance: Random, size: int) -> None:
        self.chance = chance
        self.size = size
        self.recorded: list[Recorded] = []
        self.known: list[str] = []
        self.of: dict[str, list[int]] = {}
        self.kinds: dict[type, list[int]] = {}
        self.merged: set[str] = set()
        self._held: list[f.AnyFact] = []
        self._left = 1
        self._tags: list[tuple[str, ...]] = []

    @property
    def position(self) -> int:
        """The position that the next fact will have."""
        return len(self.recorded) + len(self._held) + 1

    @property
    def now(self) -> datetime:
        """The time of the commit that is being written: what two commits share now and then."""
        share = (len(self.recorded) // 8) / (self.size // 8 + 1)
        return BEGINS + timedelta(hours=int(share * ((ENDS - BEGINS) / timedelta(hours=1))))

    def one(self, values: Sequence[Any]) -> Any:
        return values[self.chance.randrange(len(values))]

    def some(self, values: Sequence[Any], most: int) -> tuple[Any, ...]:
        return tuple(self.chance.sample(values, self.chance.randrange(most + 1)))

    def chances(self, of_a_hundred: int) -> bool:
        return self.chance.randrange(100) < of_a_hundred

    def record(self, fact: f.AnyFact) -> None:
        """Record a fact; its commit ends where chance says."""
        position = self.position
        self.kinds.setdefault(type(fact), []).append(position)
        id = getattr(fact, "announcement", None)
        if isinstance(fact, f.Made) and id not in self.of:
            self.known.append(fact.announcement)
        if isinstance(fact, f.Statement | f.Amended):
            self.of.setdefault(fact.announcement, []).append(position)
        self._held.append(fact)
        if len(self._held) == self._left:
            self.end()

    def end(self) -> None:
        """End the commit."""
        recorded_at, commit_end = instant(self.now), self.position - 1
        for position, fact in enumerate(self._held, len(self.recorded) + 1):
            named = getattr(fact, "corrects", getattr(fact, "position", 0))
            self._tags.append(tags_of(fact, named=self._tags[named - 1] if 0 < named < position else ()))
            record = Recorded(
                position=position,
                type=type_of(fact),
                recorded_at=recorded_at,
                by="system/test",
                commit_end=commit_end,
                tags=self._tags[-1],
                fact=fact,
                said_at=said_at_of(fact),
            )
            self.recorded.append(record)
        self._held.clear()
        self._left = self.one((1, 1, 1, 1, 2, 3, 4))

    def announcement(self) -> str:
        """Return one of those in progress, mostly."""
        return str(self.one(self.known if self.chances(8) else self.known[-LIVE_MAX:]))

    def target(self, kinds: Sequence[type], announcement: str | None = None) -> int | None:
        """Return a position that holds one of these kinds of facts."""
        if announcement is not None:
            found = [p for p in self.of[announcement] if isinstance(self.at(p), tuple(kinds))]
        else:
            found = [p for kind in kinds for p in self.kinds.get(kind, ())[-400:]]
        return self.one(found) if found else None

    def at(self, position: int) -> f.AnyFact | None:
        """Return the fact at a position, also one whose commit has not ended."""
        if position <= len(self.recorded):
            return self.recorded[position - 1].fact
        return self._held[position - len(self.recorded) - 1]

    def citations(self) -> tuple[t.Citation, ...]:
        """Return one citation or more, of words that were said lately; one in eight was said long ago."""
        back = self.chance.randrange(24 * 400) if self.chances(12) else self.chance.randrange(72)
        said_at = instant(self.now - timedelta(hours=back))
        return tuple(
            t.Citation(source=self.one(SOURCES), quote=self.words(6), said_at=said_at, start=4, end=30, verified=True)
            for _ in range(self.one((1, 1, 1, 1, 2)))
        )

    def words(self, count: int) -> str:
        return " ".join(self.one(_WORDS) for _ in range(count))

    def reason(self) -> str | None:
        return self.words(4) if self.chances(60) else None

    def when(self) -> t.When:
        """Return a date of any form, mostly one to come."""
        ahead = self.one((3, 10, 20, 45, 80, 150, 400, -5)) + self.chance.randrange(30)
        day = (self.now + timedelta(days=ahead)).date()
        later = day + timedelta(days=self.one((2, 6, 20, 90)))
        form = self.chance.randrange(16)
        if form < 6:
            return t.When(edtf=day.isoformat(), kind="on")
        forms: tuple[tuple[str, t.WhenKind], ...] = (
            (f"{day:%Y-%m}", "on"),
            (f"{day:%Y}", "on"),
            (f"../{day}", "deadline"),
            (f"../{day:%Y-%m}", "deadline"),
            (f"../{day:%Y}", "until"),
            (f"{day}/..", "from"),
            (f"{day}/{later}", "between"),
            (f"{day}/{later}", "until"),
            (f"{day:%Y-%m}~", "on"),
            (f"{day:%Y}-{21 + day.month % 4}", "on"),
        )
        edtf, kind = forms[form - 6]
        return t.When(edtf=edtf, kind=kind)

    def actors(self) -> tuple[t.ActorRef, ...]:
        """Return a few, in any role; some are not recorded, some twice, some have a name alone."""
        found = [t.ActorRef(id=self.one(ACTORS), role=self.one(("by", "by", "with", "to", "about")))]
        found += [t.ActorRef(id=self.one(ACTORS), role=self.one(("by", "with"))) for _ in range(self.one((0, 0, 1, 2)))]
        if self.chances(10):
            found.append(t.ActorRef(name="Others"))
        return tuple(found) if self.chances(95) else ()

    def fields(self) -> t.AnnouncementFields:
        fields: t.AnnouncementFields = self.one(
            (
                t.AnnouncementFields(when=self.when()),
                t.AnnouncementFields(when=self.when(), title=self.words(3)),
                t.AnnouncementFields(actors=self.actors()),
                t.AnnouncementFields(topics=self.some(TOPICS, 2), places=self.some(PLACES, 1)),
                t.AnnouncementFields(title=self.words(4), kind=self.one(KINDS)),
                t.AnnouncementFields(modality="committed", timezone=self.one(ZONES)),
                t.AnnouncementFields(modality="reported"),
            )
        )
        return fields


def _actor(desk: _Desk, actor: str) -> f.ActorRecorded:
    names = {desk.one(("en", "en", "fr", "ja")): desk.words(2)}
    return f.ActorRecorded(actor=actor, names=names, kind="office")


def _source(desk: _Desk, source: str) -> f.SourceRecorded:
    return f.SourceRecorded(
        source=source,
        title=desk.words(4),
        publisher="The bureau",
        published_at=instant(desk.now - timedelta(days=3)),
        timezone="UTC",
        language="en",
    )


def _made(desk: _Desk, id: str) -> f.Made:
    return f.Made(
        announcement=id,
        citations=desk.citations(),
        title=desk.words(5),
        when=desk.when() if desk.chances(92) else None,
        kind=desk.one(KINDS),
        actors=desk.actors(),
        places=desk.some(PLACES, 2),
        topics=desk.some(TOPICS, 2),
        modality=desk.one(("scheduled", "scheduled", "committed", "expected", "reported")),
        timezone=desk.one(ZONES),
        refs=("urn:example:1",) if desk.chances(5) else (),
    )


def _made_again(desk: _Desk) -> f.Made:
    return _made(desk, desk.announcement())


def _rescheduled(desk: _Desk) -> f.Rescheduled:
    return f.Rescheduled(
        announcement=desk.announcement(), citations=desk.citations(), when=desk.when(), reason=desk.reason()
    )


def _postponed(desk: _Desk) -> f.Postponed:
    return f.Postponed(announcement=desk.announcement(), citations=desk.citations(), reason=desk.reason())


def _cancelled(desk: _Desk) -> f.Cancelled:
    return f.Cancelled(announcement=desk.announcement(), citations=desk.citations(), reason=desk.reason())


def _progress(desk: _Desk) -> f.ProgressReported:
    return f.ProgressReported(announcement=desk.announcement(), citations=desk.citations(), text=desk.words(6))


def _outcome(desk: _Desk) -> f.OutcomeReported:
    return f.OutcomeReported(
        announcement=desk.announcement(),
        citations=desk.citations(),
        result=desk.one(("happened", "happened", "partly", "did_not_happen", "cannot_be_judged")),
        reason=desk.reason(),
        rubric="1",
    )


def _corroborated(desk: _Desk) -> f.Corroborated | None:
    id = desk.announcement()
    supports = desk.target((f.Statement, f.Amended), id)
    return None if supports is None else f.Corroborated(announcement=id, citations=desk.citations(), supports=supports)


def _amended(desk: _Desk) -> f.Amended | None:
    id = desk.announcement()
    corrects = desk.target((f.Made, f.Rescheduled, f.Amended), id)
    if corrects is None:
        return None
    by_source = desk.chances(40)
    return f.Amended(
        announcement=id,
        corrects=corrects,
        set=desk.fields(),
        origin="source" if by_source else "editor",
        reason=desk.words(5),
        citations=desk.citations() if by_source else (),
    )


def _linked(desk: _Desk) -> f.Linked:
    relation: t.Relation = desk.one(("follows", "part_of", "replaces", "conflicts"))
    return f.Linked(announcement=desk.announcement(), relation=relation, to=desk.announcement())


def _merged(desk: _Desk) -> f.Merged:
    """Now and then into what was itself merged, and now and then in a circle."""
    ids = [desk.announcement(), desk.announcement()]
    if desk.chances(30):
        ids += [fact.into for p in desk.kinds.get(f.Merged, ())[-3:] if isinstance(fact := desk.at(p), f.Merged)]
    return f.Merged(announcement=desk.one(ids), into=desk.one(ids), reason=desk.reason())


def _retracted(desk: _Desk) -> f.Retracted:
    return f.Retracted(announcement=desk.announcement(), reason=desk.words(3))


def _clock(desk: _Desk) -> f.CameUp | f.FellDue | None:
    id = desk.announcement()
    date = desk.target((f.Made, f.Rescheduled), id)
    kind: type[f.CameUp] | type[f.FellDue] = desk.one((f.CameUp, f.FellDue))
    return None if date is None else kind(announcement=id, date=date)


def _source_recorded(desk: _Desk) -> f.SourceRecorded:
    return _source(desk, desk.one(SOURCES))


def _source_corrected(desk: _Desk) -> f.SourceCorrected:
    fields = desk.one((t.SourceFields(title=desk.words(4)), t.SourceFields(publisher="Another bureau")))
    return f.SourceCorrected(source=desk.one(SOURCES), set=fields, reason=desk.words(3))


def _source_withdrawn(desk: _Desk) -> f.SourceWithdrawn:
    """Some of a publisher's acts say when they were done, some of these long before they were recorded."""
    back = timedelta(days=desk.one((0, 1, 30, 400)))
    said_at: Instant | None = desk.one((None, instant(desk.now - back), instant(desk.now - back)))
    return f.SourceWithdrawn(source=desk.one(SOURCES), reason=desk.words(3), said_at=said_at)


def _candidate_rejected(desk: _Desk) -> f.CandidateRejected:
    return f.CandidateRejected(source=desk.one(SOURCES), start=0, end=7, quote_hash="0" * 64, reading="2025")


def _new_actor(desk: _Desk) -> f.ActorRecorded:
    return _actor(desk, desk.one(ACTORS))


def _renamed_actor(desk: _Desk) -> f.ActorRenamed:
    return f.ActorRenamed(actor=desk.one(ACTORS), names={desk.one(("en", "fr")): desk.words(2)}, reason=desk.reason())


def _merged_actor(desk: _Desk) -> f.ActorMerged | None:
    """In one direction, so that merges make chains and no circles; half of the actors in the end."""
    if len(desk.merged) > len(ACTORS) // 2:
        return None
    ids = [fact.into for p in desk.kinds.get(f.ActorMerged, ())[-3:] if isinstance(fact := desk.at(p), f.ActorMerged)]
    begins = desk.one(ids or ACTORS) if desk.chances(50) else desk.one(ACTORS)
    one, other = sorted((begins, desk.one(ACTORS)), key=ACTORS.index)
    if one == other:
        return None
    desk.merged.add(one)
    return f.ActorMerged(actor=one, into=other)


def _rubric(desk: _Desk) -> f.RubricPublished:
    return f.RubricPublished(version=str(len(desk.kinds[f.RubricPublished]) + 1), text=desk.words(8))


def _pinned(desk: _Desk) -> f.ItemPinned | f.ItemHidden:
    kind: type[f.ItemPinned] | type[f.ItemHidden] = desk.one((f.ItemPinned, f.ItemHidden))
    return kind(timeline=desk.one(TIMELINES), announcement=desk.announcement())


def _undone(desk: _Desk) -> f.FactWithdrawn | None:
    """Of any kind: first a kind is drawn, then one of its facts; or something that is not there."""
    kinds = [
        kind for kind in desk.kinds if kind is not f.FactWithdrawn and (kind is not f.SourceRecorded or desk.chances(9))
    ]
    named = desk.target((desk.one(kinds),)) if desk.chances(70) else desk.target((f.Statement, f.Amended, *_SAYING))
    return None if named is None else f.FactWithdrawn(position=named, reason=desk.words(3))


def _undone_again(desk: _Desk) -> f.FactWithdrawn | None:
    named = desk.target((f.FactWithdrawn,))
    return None if named is None else f.FactWithdrawn(position=named, reason=desk.words(3))


_SAYING: Final = (f.Made, f.Rescheduled, f.Postponed, f.Cancelled, f.OutcomeReported, f.Corroborated)
_KINDS: Final[tuple[tuple[int, Callable[[_Desk], f.AnyFact | None]], ...]] = (
    (200, _rescheduled),
    (40, _postponed),
    (40, _cancelled),
    (60, _progress),
    (170, _outcome),
    (120, _corroborated),
    (150, _amended),
    (30, _made_again),
    (20, _linked),
    (15, _merged),
    (12, _retracted),
    (10, _clock),
    (12, _source_recorded),
    (10, _source_corrected),
    (3, _source_withdrawn),
    (4, _candidate_rejected),
    (4, _new_actor),
    (10, _renamed_actor),
    (8, _merged_actor),
    (2, _rubric),
    (5, _pinned),
    (90, _undone),
    (15, _undone_again),
)
_WEIGHTED: Final = tuple(kind for weight, kind in _KINDS for _ in range(weight))
