"""Bodies: what a request about the record holds. Strict: an unknown field or a wrong type is refused.

`None` means left out; a `null` in a request is refused before it gets here. A trailing line feed, which `$` would
let pass, is a control character, and those are refused of every command (`events.deciding`).
"""

import re
from typing import Annotated, Final, TypeAlias

import msgspec
from msgspec import Meta, Struct

from events import terms
from events.terms import ActorKind, Modality, Origin, Relation, Result, WhenKind

_UNSEEN: Final = (
    r"\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff9-\uffff"
)
SEEN: Final = f"[^{_UNSEEN}]"
"""Matches text in which there is something to see, not just blanks and characters without width."""

ID: Final = r"^[a-z0-9-]{1,64}$"
Id: TypeAlias = Annotated[str, Meta(pattern=ID)]
Slug: TypeAlias = Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,80}$")]
Kind: TypeAlias = Annotated[str, Meta(pattern=r"^[a-z][a-z_]{0,39}$")]
Title: TypeAlias = Annotated[str, Meta(min_length=1, pattern=SEEN, max_length=300)]
Quote: TypeAlias = Annotated[str, Meta(min_length=1, pattern=SEEN, max_length=300)]
Reason: TypeAlias = Annotated[str, Meta(min_length=1, pattern=SEEN, max_length=2000)]
Word: TypeAlias = Annotated[str, Meta(min_length=1, pattern=SEEN, max_length=100)]
Name: TypeAlias = Annotated[str, Meta(min_length=1, pattern=SEEN, max_length=300)]
Url: TypeAlias = Annotated[str, Meta(pattern=r"^https?://[^\s/]+\S*$", max_length=2000)]
Time: TypeAlias = Annotated[str, Meta(max_length=64)]
Clock: TypeAlias = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Language: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", max_length=35)]
Names: TypeAlias = Annotated[dict[Language, Name], Meta(min_length=1, max_length=64)]
Translations: TypeAlias = Annotated[dict[Language, Title], Meta(max_length=64)]
Zone: TypeAlias = Annotated[str, Meta(min_length=1, max_length=64)]
Expression: TypeAlias = Annotated[str, Meta(max_length=1000)]
Position: TypeAlias = Annotated[int, Meta(ge=1, le=2**53 - 1)]
Offset: TypeAlias = Annotated[int, Meta(ge=0, le=2**31)]
# Bare ones have their pattern checked by `QueryIn`: msgspec frees that of a union with a list twice (its issue 717).
OneWord: TypeAlias = Annotated[str, Meta(min_length=1, max_length=100, extra_json_schema={"pattern": SEEN})]
OneId: TypeAlias = Annotated[str, Meta(max_length=64, extra_json_schema={"pattern": ID})]
OneOrMore: TypeAlias = OneWord | Annotated[tuple[Word, ...], Meta(min_length=1, max_length=100)]
OneOrMoreIds: TypeAlias = OneId | Annotated[tuple[Id, ...], Meta(min_length=1, max_length=500)]
Words: TypeAlias = Annotated[tuple[Word, ...], Meta(max_length=32)]
Refs: TypeAlias = Annotated[
    tuple[Annotated[str, Meta(min_length=1, pattern=SEEN, max_length=500)], ...], Meta(max_length=32)
]

PROSE: Final = frozenset({"text", "quote", "phrase", "reason", "description", "alt"})
"""Fields whose text may have tabs and line breaks, of every system. A quote repeats those of its source's text."""
TEXT_BYTES_MAX: Final = 1024 * 1024
ACTORS_MAX: Final = 20
CITATIONS_MAX: Final = 10
"""An amendment carries its own tags and those of what it corrects: together they must fit into `tags.TAGS_MAX`."""


_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTROL_IN_PROSE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def control_character(field: str, text: str) -> re.Match[str] | None:
    """Return the first control character, or half of a character, that may not be in a field's text; None is none."""
    return (_CONTROL_IN_PROSE if field in PROSE else _CONTROL).search(text)


class WhenIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A date in a request; `kind` by the expression's form where it is not said."""

    edtf: Expression
    kind: WhenKind | None = None
    phrase: Quote | None = None
    anchor: Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")] | None = None


Date: TypeAlias = Expression | WhenIn


class Speaker(terms.Speaker, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is quoted."""

    name: Name


class CitationIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source's exact words; `start` absent means the first place they stand at."""

    source: Id
    quote: Quote
    start: Offset | None = None
    end: Offset | None = None
    said_at: Time | None = None
    speaker: Speaker | None = None


class ActorIn(terms.ActorRef, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An actor's part: the `id` of a recorded one, or just a `name`."""

    id: Id | None = None
    name: Name | None = None


class AmountIn(terms.Amount, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Money: a decimal, an ISO 4217 code, the source's words."""

    value: Annotated[str, Meta(pattern=r"^-?[0-9]{1,30}(\.[0-9]{1,10})?$")]
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$")]
    text: Name | None = None


class ImageIn(terms.Image, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A picture."""

    url: Url
    alt: Reason
    credit: Name


class QueryIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What fills a timeline. One value may be given bare; several are alternatives."""

    q: Word | None = None
    actor: OneOrMoreIds = ()
    topic: OneOrMore = ()
    place: OneOrMore = ()
    kind: OneOrMore = ()
    state: OneOrMore = ()
    source: OneOrMoreIds = ()
    id: OneOrMoreIds = ()
    from_: Time | None = msgspec.field(default=None, name="from")
    to: Time | None = None

    def __post_init__(self) -> None:
        """Check the patterns of what stands bare; raises `ValueError`, which msgspec turns into its own."""
        for name, pattern in BARE.items():
            value = getattr(self, name)
            if isinstance(value, str) and not re.search(pattern, value):
                raise ValueError(f"{value!r} is no {name} to look for")


BARE: Final = {
    **dict.fromkeys(("topic", "place", "kind", "state"), SEEN),
    **dict.fromkeys(("actor", "source", "id"), ID),
}

Citations: TypeAlias = Annotated[tuple[CitationIn, ...], Meta(min_length=1, max_length=CITATIONS_MAX)]
Actors: TypeAlias = Annotated[tuple[ActorIn, ...], Meta(max_length=ACTORS_MAX)]


# Bodies: what a request holds.


class NewSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A document. `published_at` is RFC 3339 or a day in `timezone`."""

    title: Title
    publisher: Name
    published_at: Time
    timezone: Zone = "UTC"
    language: Language = "en"
    text: Annotated[str, Meta(min_length=1, pattern=SEEN, max_length=TEXT_BYTES_MAX)] | None = None
    url: Url | None = None
    archived_url: Url | None = None
    author: Name | None = None
    copy_of: Id | None = None
    id: Id | None = None


class SourceChanges(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields of a source that were wrong."""

    title: Title | None = None
    publisher: Name | None = None
    published_at: Time | None = None
    timezone: Zone | None = None
    language: Language | None = None
    url: Url | None = None
    archived_url: Url | None = None
    author: Name | None = None
    copy_of: Id | None = None


class SourceCorrection(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was wrong about a source, and why."""

    set: SourceChanges
    reason: Reason


class SourceWithdrawal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why, and when, the publisher took it back."""

    reason: Reason
    said_at: Time | None = None


class Candidate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reading of the source's text: a candidate's place, or that of its date's words; no `edtf` where it has none."""

    start: Offset
    end: Offset
    edtf: Expression | None = None


class Rejection(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Readings that an editor turns down."""

    candidates: Annotated[tuple[Candidate, ...], Meta(min_length=1, max_length=500)]
    reason: Reason | None = None


class Description(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be said of an announcement beside its title."""

    when: Date | None = None
    kind: Kind | None = None
    actors: Actors | None = None
    places: Words | None = None
    topics: Words | None = None
    modality: Modality | None = None
    amount: AmountIn | None = None
    timezone: Zone | None = None
    time: Clock | None = None
    lang: Language | None = None
    translations: Translations | None = None
    image: ImageIn | None = None
    refs: Refs | None = None


class NewAnnouncement(Description, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a source announces. Left out: `kind` is other, `modality` scheduled, `timezone` the source's.

    With the `id` of a known announcement it restates that one, and what is left out stays as it is.
    """

    title: Title
    citations: Citations
    id: Id | None = None


class NewDate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another date."""

    when: Date
    citations: Citations
    reason: Reason | None = None


class OffItsDate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """It will not be on its date."""

    citations: Citations
    reason: Reason | None = None


class Support(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another source that says the same as the statement at `supports`, by default the one that gave the date."""

    citations: Citations
    supports: Position | None = None


class ProgressReport(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How it goes."""

    text: Reason
    citations: Citations


class OutcomeReport(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came of it; `on` is a day or another EDTF expression."""

    result: Result
    citations: Citations
    on: Expression | None = None
    reason: Reason | None = None
    rubric: Annotated[str, Meta(min_length=1, max_length=40)] | None = None


class Changes(Description, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields of an announcement that were wrong."""

    title: Title | None = None


class Amendment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was wrong: we had misread it (editor), or the source corrected itself (source)."""

    set: Changes
    origin: Origin
    reason: Reason
    corrects: Position | None = None
    citations: Citations = ()


class NewLink(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A relation to another announcement."""

    relation: Relation
    to: Id
    citations: Citations = ()


class MergeInto(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The one that it is the same as."""

    into: Id
    reason: Reason | None = None


class Because(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why."""

    reason: Reason


class PerhapsBecause(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why, if anybody says."""

    reason: Reason | None = None


class NewActor(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An office, a state, an organisation, a company, or a person in public office."""

    id: Id
    names: Names
    kind: ActorKind
    aliases: Refs = ()
    part_of: Id | None = None
    from_: Expression | None = msgspec.field(default=None, name="from")
    to: Expression | None = None
    wikidata: Annotated[str, Meta(pattern=r"^Q[1-9][0-9]{0,15}$")] | None = None


class NewNames(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The names it has now, by language."""

    names: Names
    aliases: Refs | None = None
    reason: Reason | None = None


class NewRubric(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the ratings mean."""

    version: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,40}$")]
    text: Annotated[str, Meta(min_length=1, pattern=SEEN, max_length=20_000)]


class NewTimeline(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A timeline, filled by its query."""

    slug: Slug
    title: Title
    query: QueryIn
    description: Reason | None = None


class TimelineChanges(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to change of a timeline."""

    title: Title | None = None
    description: Reason | None = None
    query: QueryIn | None = None


class Item(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An announcement on a timeline."""

    announcement: Id
    reason: Reason | None = None
