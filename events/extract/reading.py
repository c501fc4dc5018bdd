"""What reading a text gives: its date expressions, and the announcements that stand in it as candidates."""

from typing import Literal, TypeAlias

import msgspec
from msgspec import UNSET, Struct, UnsetType

from events import record, terms

Profile: TypeAlias = Literal["dates", "timeml"]
TimexType: TypeAlias = Literal["DATE", "TIME", "DURATION", "SET"]
CandidateModality: TypeAlias = Literal["scheduled", "committed", "expected", "reported", "denied", "conditional"]
Proposal: TypeAlias = Literal["new", "corroborates", "moves", "outcome", "contradicts"]


class Timex(Struct, frozen=True, kw_only=True):
    """A reading in TIMEX3, as TimeML writes it: `value` is a calendar value, a duration or a reference."""

    type: TimexType
    value: str


class Expression(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Words that mean a date. `text` is what stands at `[start, end)`, in code points.

    `edtf` is null where the words mean no days (durations, sets, "now"); only the profile `timeml` lists such. `kind`
    is how an announcement reads the date; `anchor` the day (ISO 8601) that relative words were counted from; `time` a
    clock time "hh:mm"; `confidence` runs from 0 to 1; `note` says what does not fit, such as a weekday that is not
    the date's; `modality` how its clause means it.
    """

    text: str
    start: int
    end: int
    edtf: str | None
    timex: Timex
    rule: str
    confidence: float
    kind: terms.WhenKind | UnsetType = UNSET
    anchor: str | UnsetType = UNSET
    time: str | UnsetType = UNSET
    note: str | UnsetType = UNSET
    modality: CandidateModality | UnsetType = UNSET


class Match(Struct, frozen=True, kw_only=True):
    """What a candidate would change. `id` is the announcement it means, null where it is new; `why` gives reasons.

    Without a `proposal` it would change nothing: it was recorded from this source already, or the source, or one that
    it is a copy of, says the same.
    """

    id: str | None
    proposal: Proposal | UnsetType = UNSET
    why: tuple[str, ...]


class Candidate(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A clause that announces something, read but accepted by nobody yet.

    `quote` is what stands at `[start, end)` of the text. `expression` is the date's own words, null where there is
    none; `inherited`: they stand in an earlier sentence. `moved_from` is the date it is taken off, undated where
    only that is said: "has postponed the summit". `reasons` say why it was read so, `confidence` (0 to 1) how
    sure that is.
    """

    id: str
    quote: str
    start: int
    end: int
    expression: Expression | None
    when: record.When
    modality: CandidateModality
    title: str
    kind: str
    actors: tuple[terms.ActorRef, ...]
    places: tuple[str, ...]
    topics: tuple[str, ...]
    amount: terms.Amount | None
    speaker: terms.Speaker | None
    inherited: bool
    confidence: float
    rule: str
    reasons: tuple[str, ...]
    moved_from: record.When | UnsetType = UNSET
    match: Match | UnsetType = UNSET


class Extraction(Struct, frozen=True, kw_only=True):
    """All that was read in a text, each list in the text's order."""

    expressions: tuple[Expression, ...]
    candidates: tuple[Candidate, ...]


class Publication(Struct, frozen=True, kw_only=True):
    """The day (a number on the axis of `events.days`) a text appeared, in its own zone, and its language (BCP 47)."""

    day: int
    language: str = "en"
    country: str | None = msgspec.field(default=None)
