"""The facts: everything Dateline can ever have recorded, one struct a type.

A fact is in the past tense and its meaning never changes: a new meaning is a new type. The log holds a fact as the
canonical JSON of its struct without `type`, absent optionals left out. Reading is lenient (a field this version does
not know is passed over), writing is not: `events.commands` and the deciding modules see to it. What earlier versions of
a type stored is brought up to the present one (`events.upcasting`); of what later ones stored nothing is read.
"""

from typing import Any, Final, TypeAlias

import msgspec
from msgspec import Struct

from events.instants import Instant
from events.terms import (
    ActorKind,
    ActorRef,
    Amount,
    AnnouncementFields,
    Citation,
    Image,
    Modality,
    Origin,
    Relation,
    Result,
    SourceFields,
    TimelineFields,
    TimelineQuery,
    When,
)
from events.upcasting import newest, upcast


class Fact(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """A fact of any type."""


# Sources: documents that say things. Their text never enters the log.


class SourceRecorded(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="source.recorded"):
    """A document was recorded. `sha256` is that of its text in UTF-8, absent where we have no text."""

    source: str
    title: str
    publisher: str
    published_at: Instant
    timezone: str
    language: str
    author: str | None = None
    url: str | None = None
    archived_url: str | None = None
    copy_of: str | None = None
    sha256: str | None = None


class SourceCorrected(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="source.corrected"):
    """We had described the document wrongly."""

    source: str
    set: SourceFields
    reason: str


class SourceWithdrawn(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="source.withdrawn"):
    """The publisher took the document back; from `said_at` on nothing rests on it (absent: from the beginning)."""

    source: str
    reason: str
    said_at: Instant | None = None


class CandidateRejected(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="source.candidate_rejected"):
    """An editor turned down a reading of the source's words; `quote_hash` is the SHA-256 of the words.

    `reading` is the date that was read there, empty where none was.
    """

    source: str
    start: int
    end: int
    quote_hash: str
    reading: str
    reason: str | None = None


# Announcements: statements, which a source makes.


class Statement(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """Something a source says about an announcement."""

    announcement: str
    citations: tuple[Citation, ...]


class Made(Statement, frozen=True, kw_only=True, omit_defaults=True, tag="announcement.made"):
    """A source announced it, or announced it anew."""

    title: str
    when: When | None = None
    kind: str = "other"
    actors: tuple[ActorRef, ...] = ()
    places: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    modality: Modality = "scheduled"
    amount: Amount | None = None
    timezone: str = "UTC"
    time: str | None = None
    lang: str | None = None
    translations: dict[str, str] = {}
    image: Image | None = None
    refs: tuple[str, ...] = ()


class Rescheduled(
    Statement,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag="announcement.rescheduled",
):
    """The source gave another date."""

    when: When
    reason: str | None = None


class Postponed(
    Statement,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag="announcement.postponed",
):
    """It is off its date, and there is no new one."""

    reason: str | None = None


class Cancelled(
    Statement,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag="announcement.cancelled",
):
    """It will not take place."""

    reason: str | None = None


class Corroborated(
    Statement,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag="announcement.corroborated",
):
    """Another source says the same as the statement at position `supports`."""

    supports: int


class ProgressReported(
    Statement,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag="announcement.progress_reported",
):
    """How it goes, in words and without a verdict."""

    text: str


class OutcomeReported(
    Statement,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag="announcement.outcome_reported",
):
    """What came of it, `on` which day (EDTF), under which version of the rubric."""

    result: Result
    on: str | None = None
    reason: str | None = None
    rubric: str | None = None


# Editorial acts, which we do.


class Amended(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="announcement.amended"):
    """The fact at position `corrects` was wrong in these fields.

    Origin `editor`: we had misread the source. Origin `source`: the source corrected itself, in `citations`.
    """

    announcement: str
    corrects: int
    set: AnnouncementFields
    origin: Origin
    reason: str
    citations: tuple[Citation, ...] = ()


class Linked(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="announcement.linked"):
    """It stands in `relation` to the announcement `to`."""

    announcement: str
    relation: Relation
    to: str
    citations: tuple[Citation, ...] = ()


class Merged(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="announcement.merged"):
    """It is the same announcement as `into`, which the id points on to."""

    announcement: str
    into: str
    reason: str | None = None


class Retracted(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="announcement.retracted"):
    """Our error: there was no such announcement."""

    announcement: str
    reason: str


class CameUp(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="announcement.came_up"):
    """The first day that the date given at position `date` can mean has begun."""

    announcement: str
    date: int


class FellDue(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="announcement.fell_due"):
    """The last day that the date given at position `date` can mean has passed, and no outcome was recorded."""

    announcement: str
    date: int


class ActorRecorded(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="actor.recorded"):
    """An actor: an office, a state, an organisation, a company, or a person in public office. Days are EDTF."""

    actor: str
    names: dict[str, str]
    kind: ActorKind
    aliases: tuple[str, ...] = ()
    part_of: str | None = None
    from_: str | None = msgspec.field(default=None, name="from")
    to: str | None = None
    wikidata: str | None = None


class ActorRenamed(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="actor.renamed"):
    """The actor has other names now, by language; languages that are not named keep theirs."""

    actor: str
    names: dict[str, str]
    aliases: tuple[str, ...] | None = None
    reason: str | None = None


class ActorMerged(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="actor.merged"):
    """It is the same actor as `into`, which the id points on to."""

    actor: str
    into: str
    reason: str | None = None


class RubricPublished(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="rubric.published"):
    """What the ratings mean, from this version on."""

    version: str
    text: str


class TimelineCreated(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="timeline.created"):
    """A timeline, filled by its query."""

    timeline: str
    title: str
    query: TimelineQuery
    description: str | None = None


class TimelineChanged(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="timeline.changed"):
    """The timeline has another title, description or query."""

    timeline: str
    set: TimelineFields


class ItemPinned(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="timeline.item_pinned"):
    """The announcement is shown, whatever the query says."""

    timeline: str
    announcement: str
    reason: str | None = None


class ItemHidden(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="timeline.item_hidden"):
    """The announcement is not shown, whatever the query says."""

    timeline: str
    announcement: str
    reason: str | None = None


class ItemReleased(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="timeline.item_released"):
    """The announcement is neither pinned nor hidden any more."""

    timeline: str
    announcement: str
    reason: str | None = None


class TimelineArchived(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="timeline.archived"):
    """The timeline is kept, and no longer listed."""

    timeline: str
    reason: str | None = None


# The one undo, and the log about itself.


class FactWithdrawn(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="fact.withdrawn"):
    """Exactly the fact at `position` counts no more."""

    position: int
    reason: str


class LogKeyRotated(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="log.key_rotated"):
    """From here on checkpoint notes are signed with `vkey` (C2SP signed-note verifier key)."""

    vkey: str
    replaces: str | None = None


class LogErased(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="log.erased"):
    """The data of these positions is gone, and the texts of these sources; the entries and their proofs stand."""

    positions: tuple[int, ...]
    reason: str
    sources: tuple[str, ...] = ()


class LogRestored(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="log.restored"):
    """The log was restored to `position`; what stood after it up to `lost` is not part of this history."""

    position: int
    root: str
    lost: int
    reason: str


SourceFact: TypeAlias = SourceRecorded | SourceCorrected | SourceWithdrawn | CandidateRejected
AnyStatement: TypeAlias = Made | Rescheduled | Postponed | Cancelled | Corroborated | ProgressReported | OutcomeReported
ClockFact: TypeAlias = CameUp | FellDue
AnnouncementFact: TypeAlias = AnyStatement | Amended | Linked | Merged | Retracted | ClockFact
ActorFact: TypeAlias = ActorRecorded | ActorRenamed | ActorMerged
TimelineFact: TypeAlias = TimelineCreated | TimelineChanged | ItemPinned | ItemHidden | ItemReleased | TimelineArchived
LogFact: TypeAlias = LogKeyRotated | LogErased | LogRestored
AnyFact: TypeAlias = (
    SourceFact | AnnouncementFact | ActorFact | RubricPublished | TimelineFact | FactWithdrawn | LogFact
)

TYPES: Final[dict[str, type[AnyFact]]] = {
    str(kind.__struct_config__.tag): kind
    for kind in (
        SourceRecorded, SourceCorrected, SourceWithdrawn, CandidateRejected,
        Made, Rescheduled, Postponed, Cancelled, Corroborated, ProgressReported, OutcomeReported,
        Amended, Linked, Merged, Retracted, CameUp, FellDue,
        ActorRecorded, ActorRenamed, ActorMerged, RubricPublished,
        TimelineCreated, TimelineChanged, ItemPinned, ItemHidden, ItemReleased, TimelineArchived,
        FactWithdrawn, LogKeyRotated, LogErased, LogRestored,
    )
}  # fmt: skip
VERSIONS: Final = {name: newest(name) for name in TYPES}
"""The version in which facts of each type are recorded now; earlier ones are read too."""
_DECODERS: Final = {name: msgspec.json.Decoder(kind) for name, kind in TYPES.items()}


class Recorded(Struct, frozen=True, kw_only=True):
    """A fact with its place in the log. `fact` is None where it is not known here (`knows`), or its data was erased."""

    position: int
    type: str
    v: int = 1
    recorded_at: Instant
    by: str
    commit_end: int
    tags: tuple[str, ...]
    fact: AnyFact | None
    said_at: Instant | None = None


def type_of(fact: AnyFact) -> str:
    """Return the fact's type name, such as `announcement.made`."""
    return str(fact.__struct_config__.tag)


def plain(fact: AnyFact) -> dict[str, Any]:
    """Return the fact as JSON values, without its type and without absent optionals."""
    values: dict[str, Any] = msgspec.to_builtins(fact)
    del values["type"]
    return values


def knows(type_name: str, v: int) -> bool:
    """Say whether version `v` of a type can be read here; a later program may know more."""
    return v <= VERSIONS.get(type_name, 0)


def read(type_name: str, v: int, data: bytes | None) -> AnyFact | None:
    """Return the fact stored as `data`; None where type or version are not known here or the data was erased."""
    if data is None or not knows(type_name, v):
        return None
    if v < VERSIONS[type_name]:
        data = msgspec.json.encode(upcast(type_name, msgspec.json.decode(data), v=v, to=VERSIONS[type_name]))
    return _DECODERS[type_name].decode(data)


def said_at_of(fact: AnyFact) -> Instant | None:
    """Return when a statement was said: at the earliest of its citations. None for anything else."""
    if isinstance(fact, Statement) or (isinstance(fact, Amended) and fact.origin == "source"):
        return min((citation.said_at for citation in fact.citations), default=None)
    return None


def named_by(fact: AnyFact) -> int | None:
    """Return the position of the earlier fact that this one is about: withdraws, corrects or supports."""
    match fact:
        case FactWithdrawn(position=about) | Amended(corrects=about) | Corroborated(supports=about):
            return about
        case _:
            return None
