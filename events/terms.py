"""The values that facts and commands are made of: dates, citations, actors' parts, amounts, queries."""

from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct

from events.instants import Instant

Modality: TypeAlias = Literal["scheduled", "committed", "expected", "reported"]
Role: TypeAlias = Literal["by", "with", "to", "about"]
WhenKind: TypeAlias = Literal["on", "deadline", "until", "from", "between"]
Result: TypeAlias = Literal["happened", "partly", "did_not_happen", "cannot_be_judged"]
Relation: TypeAlias = Literal["follows", "part_of", "replaces", "conflicts"]
Origin: TypeAlias = Literal["editor", "source"]
ActorKind: TypeAlias = Literal["state", "government", "office", "person", "company", "organisation"]


class When(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an announcement is for: an EDTF expression, how to read it, and the words it was read from.

    `anchor` is the day (ISO 8601) the words were counted from, where they were relative.
    """

    edtf: str
    kind: WhenKind
    phrase: str | None = None
    anchor: str | None = None


class Speaker(Struct, frozen=True, kw_only=True):
    """Who is quoted: a name, or a description ("an official") with `named` false."""

    name: str
    named: bool


class Citation(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a source says it: its exact words, their place in its text and when it said so.

    `start` and `end` are code points, half-open. `verified`: the words were found there when it was recorded.
    `said_at_assumed`: nobody gave `said_at`, so it is the source's publication.
    """

    source: str
    quote: str
    said_at: Instant
    start: int | None = None
    end: int | None = None
    speaker: Speaker | None = None
    verified: bool = False
    said_at_assumed: bool = False


class ActorRef(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An actor's part in an announcement: a recorded actor's `id`, or just a `name`."""

    id: str | None = None
    name: str | None = None
    role: Role = "by"


class Amount(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Money: a decimal in `value`, an ISO 4217 code in `currency`, the source's words in `text`."""

    value: str
    currency: str
    text: str | None = None


class Image(Struct, frozen=True, kw_only=True):
    """A picture: where it is, what it shows, whose it is."""

    url: str
    alt: str
    credit: str


class TimelineQuery(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What fills a timeline. Values of one field are alternatives, fields must all hold; days are inclusive."""

    q: str | None = None
    actor: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    id: tuple[str, ...] = ()
    from_: str | None = msgspec.field(default=None, name="from")
    to: str | None = None


class SourceFields(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What can be corrected of a source."""

    title: str | None = None
    publisher: str | None = None
    published_at: Instant | None = None
    timezone: str | None = None
    language: str | None = None
    author: str | None = None
    url: str | None = None
    archived_url: str | None = None
    copy_of: str | None = None


class AnnouncementFields(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What can be amended of an announcement."""

    title: str | None = None
    when: When | None = None
    kind: str | None = None
    actors: tuple[ActorRef, ...] | None = None
    places: tuple[str, ...] | None = None
    topics: tuple[str, ...] | None = None
    modality: Modality | None = None
    amount: Amount | None = None
    timezone: str | None = None
    time: str | None = None
    lang: str | None = None
    translations: dict[str, str] | None = None
    image: Image | None = None
    refs: tuple[str, ...] | None = None


class TimelineFields(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What can be changed of a timeline."""

    title: str | None = None
    description: str | None = None
    query: TimelineQuery | None = None
