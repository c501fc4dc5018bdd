"""What a version of an announcement holds: its answer as JSON, and what lists filter and order it by. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import msgspec
from msgspec import Struct

from events.due import fell_due_at, overdue_at
from events.instants import Instant
from events.record import Announcement, When, reading
from events.standing import NEVER
from events.terms import Modality
from events.views.schema import DAY_OPEN
from events.views.searching import digest_of

DATES_KEPT_MAX: Final = 50
"""Of a longer list of dates, the first and the last so many are kept."""
TEXTS_CACHED_MAX: Final = 4096

_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(Announcement)
_WORD: Final = re.compile(r"\w+")


class Days(Struct, frozen=True):
    """The days of a date, open ends as literals: where it stands in a list, and what it overlaps with.

    From `begins` to `ends` it is on an agenda: what is to be done by a day or until it on that day, what holds from a
    day on, on that one. What has no date stands last and overlaps with nothing.
    """

    day: int
    last_day: int
    first_day: int
    begins: int
    ends: int


class Content(Struct, kw_only=True):
    """A row of `announcement_content` with what its versions repeat of it; `id` is 0 until it is stored.

    `due_at` and `overdue_at` are NEVER once it is settled. `year` is that of the last day the date can mean, `moves`
    how often it moved; `made_by` are the ids of the actors with that role, between blanks. `digest` is that of the
    texts that are searched, `document` the first content that had them.
    """

    id: int = 0
    days: Days
    state: str
    timezone: str
    due_at: Instant
    overdue_at: Instant
    kind: str
    position: int
    dates: int
    moves: int
    slip_days: int | None
    year: int | None
    made_by: str
    facets: str
    words: str
    json: bytes
    digest: bytes
    document: int = 0


UNDATED: Final = Days(DAY_OPEN, DAY_OPEN, DAY_OPEN, DAY_OPEN, DAY_OPEN)


def described(announcement: Announcement) -> Content:
    """Return what is stored of an announcement, its actors without names."""
    dates = announcement.dates
    kept = announcement
    if len(dates) > 1 + DATES_KEPT_MAX:
        kept = msgspec.structs.replace(announcement, dates=(dates[0], *dates[-DATES_KEPT_MAX:]))
    days, due_at, overdue_at = _dated(announcement.when, announcement.timezone, announcement.modality)
    unsettled = announcement.state == "announced"
    return Content(
        days=days,
        state=announcement.state,
        kind=announcement.kind,
        position=announcement.position,
        due_at=due_at if unsettled else NEVER,
        overdue_at=overdue_at if unsettled else NEVER,
        timezone=announcement.timezone,
        dates=len(dates),
        moves=sum(given.how == "moved" for given in dates),
        slip_days=announcement.slip_days,
        year=_year(announcement.when.latest),
        made_by=" ".join(dict.fromkeys(one.id for one in announcement.actors if one.role == "by" and one.id)),
        facets=facets_of(announcement),
        words=_words(announcement.title, announcement.places, announcement.topics),
        json=_ENCODER.encode(kept),
        digest=digest_of(kept),
    )


def announcement_of(json: bytes) -> Announcement:
    """Return the announcement that was stored."""
    return _DECODER.decode(json)


def facet(kind: str, value: str) -> str:
    """Return a value to filter by, between marks that no value holds: `instr` finds it and nothing longer."""
    return f"\n{kind}:{value}\n"


def facets_of(announcement: Announcement) -> str:
    """Return everything an announcement can be found by through the facet table, each between line ends."""
    found = [f"actor:{actor.id}" for actor in announcement.actors if actor.id is not None]
    found += [f"place:{place}" for place in announcement.places]
    found += [f"topic:{topic}" for topic in announcement.topics]
    found += [f"source:{citation.source}" for citation in announcement.citations]
    for outcome in announcement.outcomes:
        found += [f"source:{citation.source}" for citation in outcome.citations]
    for progress in announcement.progress:
        found += [f"source:{citation.source}" for citation in progress.citations]
    for link in announcement.links:
        found += [f"source:{citation.source}" for citation in link.citations]
    return "\n".join(("", *dict.fromkeys(found), ""))


def split_facets(facets: str) -> list[str]:
    """Return the facets of `facets_of` one by one."""
    return facets.split("\n")[1:-1]


@lru_cache(maxsize=TEXTS_CACHED_MAX)
def folded(text: str) -> str:
    """Return a text without case and diacritics.

    >>> folded("Élysée")
    'elysee'
    """
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def query_words(q: str) -> list[str]:
    """Return what each has to occur of a search, folded: its words, or where it has none, the signs between blanks."""
    return _WORD.findall(folded(q)) or folded(q).split()


@lru_cache(maxsize=TEXTS_CACHED_MAX)
def _dated(when: When, timezone: str, modality: Modality) -> tuple[Days, Instant, Instant]:
    """Return a date's days, and when it falls due and is overdue.

    It stands where it begins; a deadline where it ends, and so does what has no beginning.
    """
    if when.edtf is None:
        return UNDATED, NEVER, NEVER
    read = reading(when.edtf)
    first = -DAY_OPEN if read.earliest is None else read.earliest
    last = DAY_OPEN if read.latest is None else read.latest
    stands_at_end = read.earliest is None or (when.kind == "deadline" and read.latest is not None)
    begins, ends = first, last
    if when.kind in ("deadline", "until"):
        begins = ends = first if read.latest is None else last
    elif when.kind == "from":
        begins = ends = last if read.earliest is None else first
    return (
        Days(last if stands_at_end else first, last, first, begins, ends),
        fell_due_at(when, timezone) or NEVER,
        overdue_at(when, timezone, modality) or NEVER,
    )


def _year(day: str | None) -> int | None:
    return None if day is None else int(day[:-6])


@lru_cache(maxsize=TEXTS_CACHED_MAX)
def _words(title: str, places: Iterable[str], topics: Iterable[str]) -> str:
    return folded("\n".join((title, *places, *topics)))
