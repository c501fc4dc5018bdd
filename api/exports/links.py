"""Links to exports, for the pages of what is exported."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from msgspec import Struct

from api.pages.urls import path

DOWNLOADS: Final[Mapping[str, str]] = {
    "ics": "calendar (iCalendar)",
    "csv": "table (CSV)",
    "dates.csv": "every date (CSV)",
    "md": "text (Markdown)",
    "json": "data (JSON)",
    "timelinejs.json": "TimelineJS",
}
STANDING_ALONE: Final[Mapping[str, str]] = {"html": "page of its own (HTML)", "svg": "drawing (SVG)"}
WHOLE: Final[Mapping[str, Mapping[str, str]]] = {"html": {"all": "1"}}
"""What asks for all of a timeline, where that is not given anyway."""
FEEDS: Final[Mapping[str, str]] = {"atom": "Atom", "feed.json": "JSON Feed", "ics": "calendar (iCalendar)"}
CITATIONS: Final[Mapping[str, str]] = {"txt": "text", "json": "CSL-JSON", "bib": "BibTeX", "ris": "RIS"}
LEFT_OUT: Final = frozenset({"merged", "retracted", "withdrawn"})
"""States that lists show only to who asks for them."""

Link = tuple[str, str]
"""An address, and what it is called."""


class Links(Struct, frozen=True, kw_only=True):
    """What can be taken from a page: to keep, to follow (only of timelines), and to cite it."""

    downloads: tuple[Link, ...]
    feeds: tuple[Link, ...]
    citations: tuple[Link, ...]


def links_of_timeline(slug: str, base: str, at: Mapping[str, str]) -> Links:
    """Return the links of a timeline's page, under a base path; `at` is what was asked for of the two clocks."""
    timeline = path(base, "v1", "timelines", slug)
    return Links(
        downloads=tuple(
            (_with(f"{timeline}.{suffix}", {**at, **WHOLE.get(suffix, {})}), called)
            for suffix, called in ({**DOWNLOADS, **STANDING_ALONE}).items()
        ),
        feeds=tuple((f"{timeline}.{suffix}", called) for suffix, called in FEEDS.items()),
        citations=tuple((_with(f"{timeline}/cite.{way}", at), called) for way, called in CITATIONS.items()),
    )


def links_of_announcement(id: str, state: str, base: str, at: Mapping[str, str]) -> Links:
    """Return the links of an announcement's page."""
    only = {"id": id, **({"state": state} if state in LEFT_OUT else {}), **at}
    listed, one = path(base, "v1", "announcements"), path(base, "v1", "announcements", id)
    kept = ("ics", "csv", "dates.csv", "md", "json")
    return Links(
        downloads=tuple((_with(f"{listed}.{suffix}", only), DOWNLOADS[suffix]) for suffix in kept),
        feeds=(),
        citations=tuple((_with(f"{one}/cite.{way}", at), called) for way, called in CITATIONS.items()),
    )


def _with(address: str, parameters: Mapping[str, str]) -> str:
    return f"{address}?{urlencode(parameters)}" if parameters else address
