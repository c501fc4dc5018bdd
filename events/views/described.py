"""What a version of an announcement holds: its answer as JSON, and what lists filter and order it by. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain
from typing import Final

import msgspec
from msgspec import Struct

from events.due import fell_due_at, overdue_at
from events.instants import FOREVER, Instant
from events.record import Announcement, When, reading
from events.views.schema import DAY_OPEN

DATES_KEPT_MAX: Final = 50
"""Of a longer list of dates, the first and the last so many are kept."""
TEXTS_CACHED_MAX: Final = 4096

_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(Announcement)
_WORD: Final = re.compile(r"\w+")


class Days(Struct, frozen=True):
    """The days of a date, open ends as literals: where it stands in a list, and what it overlaps with.

    What has no date stands last and overlaps with nothing.
    """

    day: int
    last_day: int
    first_day: int


class Content(Struct, kw_only=True):
    """A row of `announcement_content` with what its versions repeat of it; `id` is 0 until it is stored."""

    id: int = 0
    days: Days
    state: str
    kind: str
    position: int
    due_at: Instant
    overdue_at: Instant
    dates: int
    facets: str
    words: str
    json: bytes


UNDATED: Final = Days(DAY_OPEN, DAY_OPEN, DAY_OPEN)


def described(announcement: Announcement) -> Content:
    """Return what is stored of an announcement, its actors without names."""
    dates = announcement.dates
    kept = announcement
    if len(dates) > 1 + DATES_KEPT_MAX:
        kept = msgspec.structs.replace(announcement, dates=(dates[0], *dates[-DATES_KEPT_MAX:]))
    when, timezone = announcement.when, announcement.timezone
    return Content(
        days=days_of(when),
        state=announcement.state,
        kind=announcement.kind,
        position=announcement.position,
        due_at=fell_due_at(when, timezone) or FOREVER,
        overdue_at=overdue_at(when, timezone, announcement.modality) or FOREVER,
        dates=len(dates),
        facets=facets_of(announcement),
        words=_words(announcement.title, announcement.places, announcement.topics),
        json=_ENCODER.encode(kept),
    )


def announcement_of(json: bytes) -> Announcement:
    """Return the announcement that was stored."""
    return _DECODER.decode(json)


def days_of(when: When) -> Days:
    """Return a date's days. It stands where it begins; where that is open, where it ends."""
    if when.edtf is None:
        return UNDATED
    edtf = reading(when.edtf)
    first = -DAY_OPEN if edtf.earliest is None else edtf.earliest
    last = DAY_OPEN if edtf.latest is None else edtf.latest
    return Days(last if edtf.earliest is None else first, last, first)


def facet(kind: str, value: str) -> str:
    """Return a value to filter by, between marks that no value holds: `instr` finds it and nothing longer."""
    return f"\n{kind}:{value}\n"


def facets_of(announcement: Announcement) -> str:
    """Return everything an announcement can be found by through the facet table, each between line ends."""
    found: dict[str, None] = {}
    for actor in announcement.actors:
        if actor.id is not None:
            found[f"actor:{actor.id}"] = None
    for place in announcement.places:
        found[f"place:{place}"] = None
    for topic in announcement.topics:
        found[f"topic:{topic}"] = None
    cited = [announcement.citations]
    cited += [outcome.citations for outcome in announcement.outcomes]
    cited += [progress.citations for progress in announcement.progress]
    cited += [link.citations for link in announcement.links]
    for citation in chain.from_iterable(cited):
        found[f"source:{citation.source}"] = None
    return "\n" + "".join(f"{value}\n" for value in found)


def split_facets(facets: str) -> list[str]:
    """Return the facets of `facets_of` one by one."""
    return facets.split("\n")[1:-1]


@lru_cache(maxsize=TEXTS_CACHED_MAX)
def folded(text: str) -> str:
    """Return a text without case and diacritics.

    >>> folded("Élysée")
    'elysee'
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def query_words(q: str) -> list[str]:
    """Return the words of a search, folded; each has to occur."""
    return _WORD.findall(folded(q))


@lru_cache(maxsize=TEXTS_CACHED_MAX)
def _words(title: str, places: Iterable[str], topics: Iterable[str]) -> str:
    return folded("\n".join((title, *places, *topics)))
