"""What of an announcement is searched, what is asked for, and what a match shows. Pure, but for SQLite's own tokenizer.

Searched are titles with their translations, quotes, and the reasons of dates and outcomes: words that are public. Words
are compared as FTS5's `unicode61` splits them, without case and diacritics.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Final, Literal, TypeAlias

from msgspec import UNSET, Struct, UnsetType

from events.errors import Refused
from events.log.build import sqlite3
from events.record import Announcement

TOKENIZER: Final = "unicode61 remove_diacritics 2"
BORDER: Final = "\ue000"
"""A word of its own between two texts of a column, so that no phrase reaches from one into the next."""
SOUGHT_CHARACTERS_MAX: Final = 300
WORD_SIGNS: Final = (
    r"0-9A-Za-z\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u0370-\u1fff\u2c00-\u2dff\u3041-\ud7ff"
    r"\uf900-\ufdff\ufe70-\ufefe\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uffdc"
)
"""The signs that a word has one of, as a regular expression lists them: what has none is no word."""
TEXT_CHARACTERS_MAX: Final = 300
"""A match shows so much of a text, around the first mark."""
LEAD_CHARACTERS: Final = 60
"""So much of it, at least, stands before the mark where the text is cut."""
MATCHES_MAX: Final = 5
"""So many texts of an announcement are shown, at most."""
CITED_MAX: Final = 100
"""Of more quotes, or reasons, the last so many are searched."""
DIGEST_BYTES: Final = 8

Field: TypeAlias = Literal["title", "translation", "quote", "reason"]
Marks: TypeAlias = tuple[tuple[int, int], ...]
"""Ranges `[start, end)` in code points."""

_TERM: Final = re.compile(r'"([^"]*)"?|([^\s"]+)')
_WORD: Final = re.compile(f"[{WORD_SIGNS}]")
_QUOTES: Final = str.maketrans({"“": '"', "”": '"', "„": '"', BORDER: " "})
_OPENS, _CLOSES = "\x02", "\x03"
_BETWEEN: Final = f" {BORDER} "
_MARKED: Final = re.compile(f"{_OPENS}[^{_CLOSES}]*{_CLOSES}")
_PLAIN: Final = str.maketrans("łŁøØđĐħĦŧŦıİ" + _OPENS + _CLOSES, "lLoOdDhHtTiI  ")
"""Letters that Unicode does not take apart, one for one; and the signs that mark a match."""
_CUT: Final = "…"


class NothingSought(Refused):
    """A search has no word to look for, or is too long."""

    code = "parameter-invalid"


class Text(Struct, frozen=True, kw_only=True):
    """A text that is searched, `lang` being that of a translation, `source` that of a quote."""

    field: Field
    text: str
    lang: str | UnsetType = UNSET
    source: str | UnsetType = UNSET


class Match(Struct, frozen=True, kw_only=True):
    """A text that matched, or the piece of it around the first match, between `…` where it is cut.

    `marks` are what matched: ranges `[start, end)` of `text`, in code points. `lang` is that of a translation,
    `source` that of a quote.
    """

    field: Field
    text: str
    marks: Marks
    lang: str | UnsetType = UNSET
    source: str | UnsetType = UNSET


class Hit(Struct, frozen=True, kw_only=True):
    """An announcement that was found, and where in it."""

    announcement: Announcement
    matches: tuple[Match, ...]


class Found(Struct, frozen=True, kw_only=True):
    """A page of what was found. `total` counts all pages; where `complete` is false, there may be more than it says.

    A page can be short, even empty, while `next` goes on: so many documents are looked at for one answer, and no more.
    """

    items: tuple[Hit, ...]
    next: str | None
    total: int
    complete: bool
    position: int


class Term(Struct, frozen=True):
    """A word or a phrase. `begins`: its last word need only begin so."""

    text: str
    begins: bool

    def expression(self) -> str:
        """Return the term as FTS5 reads it; its text has no quotation mark."""
        return f'"{self.text}" *' if self.begins else f'"{self.text}"'


class Sought(Struct, frozen=True):
    """What is looked for: each of the terms, in whatever text."""

    terms: tuple[Term, ...]

    def all(self) -> str:
        """Return the FTS5 query for texts that have all terms between them."""
        return " ".join(term.expression() for term in self.terms)

    def in_title(self) -> str:
        """Return the FTS5 query for titles that have all terms."""
        return f"{{title}} : ({self.all()})"

    def elsewhere(self) -> str:
        """Return the FTS5 query for what `all` finds and `in_title` does not."""
        return f"({self.all()}) NOT {self.in_title()}"

    def any(self) -> str:
        """Return the FTS5 query for texts that have one of the terms."""
        return " OR ".join(term.expression() for term in self.terms)


def sought(q: str, *, pointer: str | None = None) -> Sought:
    """Return what a search asks for; raises `NothingSought`.

    Words have all to occur, `"several words"` in that order; `word*` and the last word need only begin so. Signs
    separate words, and mean nothing else.

    >>> sought('visit "joint command" Élys').all()
    '"visit" "joint command" "Élys" *'
    """
    if len(q) > SOUGHT_CHARACTERS_MAX:
        raise NothingSought(f"q has {len(q)} characters; {SOUGHT_CHARACTERS_MAX} are enough", pointer=pointer)
    readable = "".join(" " if unicodedata.category(sign) in ("Cc", "Cs") else sign for sign in q).translate(_PLAIN)
    asked = [(match[1], match[2]) for match in _TERM.finditer(readable.translate(_QUOTES))]
    terms = [
        Term(word or phrase, bool(word) and (word.endswith("*") or index == len(asked)))
        for index, (phrase, word) in enumerate(asked, 1)
        if _WORD.search(word or phrase)
    ]
    if not terms:
        raise NothingSought("q has no word to look for", pointer=pointer)
    return Sought(tuple(dict.fromkeys(terms)))


def texts_of(announcement: Announcement) -> Iterator[Text]:
    """Yield the texts of an announcement that are searched; no two of a field are the same."""
    yield Text(field="title", text=announcement.title)
    translations = announcement.translations or {}
    for lang, title in sorted(translations.items()):
        yield Text(field="translation", text=title, lang=lang)
    for quote, source in _quotes(announcement).items():
        yield Text(field="quote", text=quote, source=source)
    for reason in _reasons(announcement):
        yield Text(field="reason", text=reason)


def columns_of(announcement: Announcement) -> tuple[str, str, str]:
    """Return what stands in the columns of the index: titles, quotes and reasons, in whatever order they were given."""
    title, quote, reason = (_BETWEEN.join(map(_plain, texts)) for texts in _columns(announcement))
    return title, quote, reason


def digest_of(announcement: Announcement) -> bytes:
    """Return a digest of the texts: of two sets of one announcement's, that they differ."""
    content = "\0".join("\1".join(texts) for texts in _columns(announcement))
    return blake2b(content.encode(), digest_size=DIGEST_BYTES).digest()


def hits(announcements: Sequence[Announcement], wanted: Sought) -> tuple[Hit, ...]:
    """Return the announcements with the texts in which one of the terms occurs, the first of them."""
    texts = [list(texts_of(announcement)) for announcement in announcements]
    marked = iter(_marked([text.text for several in texts for text in several], wanted))
    found = []
    for announcement, several in zip(announcements, texts, strict=True):
        matches = [(text, marks) for text in several if (marks := next(marked))]
        found.append(Hit(announcement=announcement, matches=tuple(_shown(*match) for match in matches[:MATCHES_MAX])))
    return tuple(found)


def _columns(announcement: Announcement) -> tuple[list[str], list[str], list[str]]:
    titles = [announcement.title, *(announcement.translations or {}).values()]
    return sorted(titles), sorted(_quotes(announcement)), sorted(_reasons(announcement))


def _quotes(announcement: Announcement) -> dict[str, str]:
    """Return the last of the quotes, each with the first source that said so."""
    found: dict[str, str] = {}
    for citation in announcement.citations:
        found.setdefault(citation.quote, citation.source)
    for several in (announcement.outcomes, announcement.progress, announcement.links):
        for one in several:
            for citation in one.citations:
                found.setdefault(citation.quote, citation.source)
    return found if len(found) <= CITED_MAX else dict(list(found.items())[-CITED_MAX:])


def _reasons(announcement: Announcement) -> list[str]:
    """Return the last of the reasons of dates and outcomes."""
    reasons = [date.reason for date in announcement.dates] + [outcome.reason for outcome in announcement.outcomes]
    return list(dict.fromkeys(filter(None, reasons)))[-CITED_MAX:]


def _shown(text: Text, marks: Marks) -> Match:
    """Return as much of a text as is shown, with the marks that lie in it."""
    start, end = 0, len(text.text)
    if end > TEXT_CHARACTERS_MAX:
        room = TEXT_CHARACTERS_MAX - 2 * len(_CUT)
        start = max(0, min(marks[0][0] - LEAD_CHARACTERS, end - room))
        end = min(end, start + room)
    before = _CUT if start else ""
    after = _CUT if end < len(text.text) else ""
    shift = start - len(before)
    inside = tuple((max(first, start) - shift, min(last, end) - shift) for first, last in marks if first < end)
    return Match(
        field=text.field,
        text=f"{before}{text.text[start:end]}{after}",
        marks=inside,
        lang=text.lang,
        source=text.source,
    )


def _marked(texts: Iterable[str], wanted: Sought) -> Iterator[Marks]:
    """Yield for each text where the terms occur in it, as the index itself would find them."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        connection.execute(f'CREATE VIRTUAL TABLE piece USING fts5(text, tokenize="{TOKENIZER}")')
        rows = [(number, _plain(text)) for number, text in enumerate(texts)]
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO piece (rowid, text) VALUES (?, ?)", rows)
        highlighted = dict(
            connection.execute(
                "SELECT rowid, highlight(piece, 0, ?, ?) FROM piece WHERE piece MATCH ?",
                (_OPENS, _CLOSES, wanted.any()),
            ).fetchall()
        )
    finally:
        connection.close()
    for number, _ in rows:
        yield _marks(highlighted[number]) if number in highlighted else ()


def _marks(highlighted: str) -> Marks:
    """Return the ranges between the signs in a text, counted without these."""
    found = enumerate(_MARKED.finditer(highlighted))
    return tuple((match.start() - 2 * index, match.end() - 2 * index - 2) for index, match in found)


def _plain(text: str) -> str:
    """Return a text as it is indexed, of the same length."""
    return text if text.isascii() and text.isprintable() else text.translate(_PLAIN)
