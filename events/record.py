"""What the record says: the structs a reader is shown, built from facts.

They are answers, so their shape is the API's: absent optionals are left out (`UNSET`), open or unknown ends are null.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Struct, UnsetType

from events import terms
from events.days import iso
from events.edtf import Edtf, parse
from events.instants import Instant
from events.words import words

How: TypeAlias = Literal["first", "moved", "narrowed", "corrected"]
Precision: TypeAlias = Literal[
    "day", "month", "season", "quarter", "quadrimester", "semester", "year", "decade", "century"
]
State: TypeAlias = Literal[
    "announced",
    "due",
    "overdue",
    "postponed",
    "cancelled",
    "happened",
    "partly",
    "did_not_happen",
    "cannot_be_judged",
    "withdrawn",
    "retracted",
    "merged",
]
READINGS_CACHED_MAX: Final = 8192


class When(Struct, frozen=True, kw_only=True):
    """A date: its expression, its English words, its first and last day (inclusive; null is open or unknown)."""

    edtf: str | None
    text: str
    earliest: str | None
    latest: str | None
    kind: Literal["on", "deadline", "until", "from", "between", "undated"]
    precision: Precision | None
    phrase: str | UnsetType = UNSET
    anchor: str | UnsetType = UNSET


class Citation(Struct, frozen=True, kw_only=True):
    """A source's exact words. `withdrawn`: its publisher took the source back by the time asked for."""

    source: str
    quote: str
    start: int | None
    end: int | None
    said_at: Instant
    verified: bool
    withdrawn: bool
    speaker: terms.Speaker | UnsetType = UNSET


class GivenDate(Struct, frozen=True, kw_only=True):
    """A date that was given, and how it came: `edtf` is null where it was put off without a new one."""

    edtf: str | None
    earliest: str | None
    latest: str | None
    how: How
    said_at: Instant
    recorded_at: Instant
    reason: str | None
    citation: Citation | None
    position: int


class Actor(Struct, frozen=True, kw_only=True):
    """An actor's part. `name` is the recorded actor's present name, or the name as it was given."""

    id: str | None
    name: str | None
    role: terms.Role


class Outcome(Struct, frozen=True, kw_only=True):
    """What came of it, according to a source, under a version of the rubric."""

    result: terms.Result
    on: str | None
    reason: str | None
    rubric: str | None
    citations: tuple[Citation, ...]
    position: int


class Progress(Struct, frozen=True, kw_only=True):
    """How it went, in words."""

    text: str
    citations: tuple[Citation, ...]
    position: int


class Link(Struct, frozen=True, kw_only=True):
    """A relation to another announcement."""

    relation: terms.Relation
    to: str
    citations: tuple[Citation, ...]
    position: int


class Announcement(Struct, frozen=True, kw_only=True):
    """An announcement as it is at one place of the two clocks.

    `slip_days` is null where there is no date to count from or to. `made_at` is when it was first said, `updated_at`
    when we recorded the entry at `position`, the last that counts here.
    """

    id: str
    title: str
    kind: str
    state: State
    when: When
    dates: tuple[GivenDate, ...]
    slip_days: int | None
    actors: tuple[Actor, ...]
    places: tuple[str, ...]
    topics: tuple[str, ...]
    modality: terms.Modality
    citations: tuple[Citation, ...]
    outcomes: tuple[Outcome, ...]
    progress: tuple[Progress, ...]
    links: tuple[Link, ...]
    refs: tuple[str, ...]
    timezone: str
    position: int
    made_at: Instant
    updated_at: Instant
    amount: terms.Amount | UnsetType = UNSET
    time: str | UnsetType = UNSET
    lang: str | UnsetType = UNSET
    translations: dict[str, str] | UnsetType = UNSET
    image: terms.Image | UnsetType = UNSET
    merged_into: str | UnsetType = UNSET


class Source(Struct, frozen=True, kw_only=True):
    """A document. `announcements` counts those that cite it; `has_text`: we hold its text, which is not public."""

    id: str
    title: str
    publisher: str
    published_at: Instant
    timezone: str
    language: str
    has_text: bool
    state: Literal["recorded", "withdrawn"]
    announcements: int
    recorded_at: Instant
    position: int
    author: str | UnsetType = UNSET
    url: str | UnsetType = UNSET
    archived_url: str | UnsetType = UNSET
    copy_of: str | UnsetType = UNSET
    sha256: str | UnsetType = UNSET


class ActorRecord(Struct, frozen=True, kw_only=True):
    """An actor and its names by language."""

    id: str
    names: dict[str, str]
    kind: terms.ActorKind
    aliases: tuple[str, ...]
    position: int
    part_of: str | UnsetType = UNSET
    from_: str | UnsetType = msgspec.field(default=UNSET, name="from")
    to: str | UnsetType = UNSET
    wikidata: str | UnsetType = UNSET
    merged_into: str | UnsetType = UNSET


class Timeline(Struct, frozen=True, kw_only=True):
    """A timeline with a page of its announcements, by date.

    `position` is that of the log the answer speaks of; `as_of` and `said_by` are what was asked for, null for now.
    """

    slug: str
    title: str
    description: str | None
    query: terms.TimelineQuery
    items: tuple[Announcement, ...]
    next: str | None
    total: int
    position: int
    as_of: int | None
    said_by: Instant | None


class HistoryEntry(Struct, frozen=True, kw_only=True):
    """One recorded fact about an announcement. `data` is null once erased; the last two positions are later ones.

    `data` is in the form in which such facts are recorded now. Of an entry that this version cannot read, because its
    type or its form is a later one, `data` is as it is stored, and `v` the version of its form.
    """

    position: int
    type: str
    recorded_at: Instant
    said_at: Instant | None
    by: str
    data: dict[str, Any] | None
    withdrawn_by: int | None
    corrected_by: tuple[int, ...]
    v: int | UnsetType = UNSET


UNDATED: Final = When(edtf=None, text="no date", earliest=None, latest=None, kind="undated", precision=None)


@lru_cache(maxsize=READINGS_CACHED_MAX)
def reading(edtf: str) -> Edtf:
    """Return the parsed expression; raises `EdtfError`."""
    return parse(edtf)


@lru_cache(maxsize=READINGS_CACHED_MAX)
def day_text(day: int | None) -> str | None:
    """Return a day as ISO 8601, None for an open or unknown end."""
    return None if day is None else iso(day)


@lru_cache(maxsize=READINGS_CACHED_MAX)
def when_of(when: terms.When | None) -> When:
    """Return the answer for a date as it was recorded; `UNDATED` for none."""
    if when is None:
        return UNDATED
    edtf = reading(when.edtf)
    return When(
        edtf=when.edtf,
        text=words(edtf, when.kind),
        earliest=day_text(edtf.earliest),
        latest=day_text(edtf.latest),
        kind=when.kind,
        precision=edtf.precision,
        phrase=when.phrase or UNSET,
        anchor=when.anchor or UNSET,
    )


def citations_of(item: Announcement) -> Iterable[Citation]:
    """Yield everything that an announcement cites."""
    yield from item.citations
    told: list[Outcome | Progress | Link] = [*item.outcomes, *item.progress, *item.links]
    for one in told:
        yield from one.citations
    yield from (date.citation for date in item.dates if date.citation is not None)
