"""The search page: what was looked for, and what was found, the words marked."""

from collections.abc import Mapping, Sequence
from typing import Final, get_args

from markupsafe import Markup, escape
from msgspec import UNSET, Struct

from api.pages import texts
from api.pages.render import NOW, Asked, Meta, Site, Way, page
from api.pages.rows import Row, row
from events.record import Source, State
from events.views.filters import Filter
from events.views.searching import Found, Hit, Match

KEPT: Final = ("actor", "topic", "place", "kind", "source", "id")
"""Filters that the form passes on without a field of their own."""


class Snippet(Struct, frozen=True, kw_only=True):
    """A text that matched. `kind` says what it is: "quote", "reason" or "translation"."""

    kind: str
    text: Markup
    lang: str | None
    source: str | None


class Result(Struct, frozen=True, kw_only=True):
    """An announcement that was found; `title` is marked where words were found in it."""

    row: Row
    title: Markup
    snippets: tuple[Snippet, ...]


def search_page(
    q: str,
    wanted: Filter,
    found: Found | None,
    *,
    sources: Mapping[str, Source],
    problem: str,
    site: Site,
    way: Way,
    asked: Asked = NOW,
) -> str:
    """Return the search page. `found` is null where nothing was looked for; `problem` says why it could not be."""
    meta = Meta(
        title=f"{q} – Search" if q else "Search",
        description="Search the titles, quotes and reasons of everything that was announced.",
        path="/search",
        indexed=not q,
    )
    return page(
        "search.html",
        site,
        meta,
        q=q,
        wanted=wanted,
        kept=[(name, value) for name in KEPT for value in getattr(wanted, name)],
        states=[(state, texts.STATES[state], state in wanted.state) for state in get_args(State)],
        results=[_result(hit, sources) for hit in found.items] if found else [],
        told=_told(q, found) if found else problem,
        way=way,
        asked=asked,
    )


def marked(text: str, marks: Sequence[tuple[int, int]]) -> Markup:
    """Return a text with ranges of it marked, everything escaped.

    >>> str(marked("a <b> c", [(2, 5)]))
    'a <mark>&lt;b&gt;</mark> c'
    """
    pieces, at = Markup(), 0
    for start, end in marks:
        pieces += escape(text[at:start]) + Markup("<mark>{}</mark>").format(text[start:end])
        at = end
    return pieces + escape(text[at:])


def _result(hit: Hit, sources: Mapping[str, Source]) -> Result:
    titles = [match for match in hit.matches if match.field == "title"]
    return Result(
        row=row(hit.announcement, {}),
        title=marked(titles[0].text, titles[0].marks) if titles else escape(hit.announcement.title),
        snippets=tuple(_snippet(match, sources) for match in hit.matches if match.field != "title"),
    )


def _snippet(match: Match, sources: Mapping[str, Source]) -> Snippet:
    id = match.source if match.source is not UNSET else None
    return Snippet(
        kind=match.field,
        text=marked(match.text, match.marks),
        lang=match.lang if match.lang is not UNSET else None,
        source=(sources[id].title if id in sources else id) if id else None,
    )


def _told(q: str, found: Found) -> str:
    if not found.total and not found.items:
        return f"Nothing was found for “{q}”."
    least = "" if found.complete else "at least "
    return f"{texts.sentence(least + texts.counted(found.total, 'announcement'))} with “{q}”"
