"""What `dateline ingest` reads: a file, a page at an address, or standard input, with what is known of it."""

import asyncio
import os
import re
import sys
from hashlib import sha256
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from api.articles import Article, ArticleUnreadable, read_article
from api.outbound import Outbound
from api.peers import Network, networks
from api.settings import PREFIX, SettingInvalid
from events.bodies import TEXT_BYTES_MAX
from events.days import iso
from events.due import day_in
from events.errors import DatelineError
from events.extract.publication import publication_of
from events.extract.reading import Publication
from events.instants import Instant
from events.record import Source
from events.times import read_time, zone

TITLE_CHARACTERS_MAX: Final = 300
STDIN: Final = "-"
FILE_BYTES_MAX: Final = TEXT_BYTES_MAX * 8
ALLOW: Final = "outbound_allow"
_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
"""Begins what is an address, and no file; whether it is one that is fetched, `Outbound` says."""
UNNAMED: Final = "unknown publisher"


class DayUnknown(DatelineError):
    """Nobody says when a text was published."""

    code = "published-at-missing"

    def __init__(self) -> None:
        super().__init__("nothing says when it was published: give it by --published DAY, in --timezone ZONE")


class Given(Struct, frozen=True, kw_only=True):
    """What was said of a document on the command line; it goes before what a page says of itself."""

    published: str | None = None
    timezone: str | None = None
    language: str | None = None
    title: str | None = None
    publisher: str | None = None
    url: str | None = None


class Document(Struct, frozen=True, kw_only=True):
    """A text with what is known of it. `notes` say in words what was taken for granted."""

    title: str
    text: str
    publisher: str
    published_at: str
    timezone: str
    language: str
    url: str | None
    author: str | None
    notes: tuple[str, ...]

    def as_recorded(self, source: Source) -> Self:
        """Return it as its source says when, where and in which language it appeared: by that its words are read."""
        said = source.published_at, source.timezone, source.language
        notes = self.notes
        if (self.instant, self.timezone, self.language) != said:
            day = iso(day_in(source.timezone, source.published_at))
            notes = (f"read as of {day} ({source.timezone}), as recorded with {source.id}",)
        return msgspec.structs.replace(
            self, published_at=said[0], timezone=said[1], language=said[2], publisher=source.publisher, notes=notes
        )

    @property
    def sha256(self) -> str:
        """By what the record knows the text."""
        return sha256(self.text.encode()).hexdigest()

    @property
    def instant(self) -> Instant:
        """When it was published."""
        return read_time(self.published_at, self.timezone, pointer="--published")

    @property
    def publication(self) -> Publication:
        """By what its words are read. Raises `LanguageNotRead`."""
        return publication_of(self.instant, self.timezone, self.language)


def read_document(where: str, given: Given) -> Document:
    """Return the document in a file, at an address, or at standard input.

    Raises `DayUnknown`, `ArticleUnreadable`, `OutboundRefused`, `TimeInvalid`, `ZoneUnknown`, and `OSError`.
    """
    if given.timezone is not None:
        zone(given.timezone)
    article = _article(where, given)
    published_at = given.published or article.published_at
    if published_at is None:
        raise DayUnknown
    notes = list(article.assumed)
    if given.published is None and article.published_from is not None:
        notes.append(f"published {article.published_at}, as {article.published_from} of the page says")
    url = given.url or article.canonical_url or article.url
    publisher = given.publisher or article.publisher or _host(url)
    document = Document(
        title=given.title or _title(article.title or article.text),
        text=article.text,
        publisher=publisher or UNNAMED,
        published_at=published_at,
        timezone=article.timezone,
        language=given.language or article.language or "en",
        url=url,
        author=article.author,
        notes=tuple(notes),
    )
    read_time(document.published_at, document.timezone, pointer="--published")
    return document


def _article(where: str, given: Given) -> Article:
    if _ADDRESS.match(where):
        return read_article(asyncio.run(Outbound(_allowed()).fetch(where)), timezone=given.timezone)
    if where == STDIN:
        content = sys.stdin.buffer.read(FILE_BYTES_MAX + 1)
    else:
        with Path(where).open("rb") as file:
            content = file.read(FILE_BYTES_MAX + 1)
    if len(content) > FILE_BYTES_MAX:
        raise ArticleUnreadable(f"{'the input' if where == STDIN else where} is larger than {FILE_BYTES_MAX} bytes")
    return read_article(content, timezone=given.timezone, url=given.url)


def _allowed() -> tuple[Network, ...]:
    try:
        return networks(os.environ.get(f"{PREFIX}{ALLOW.upper()}", ""))
    except ValueError:
        raise SettingInvalid(ALLOW, "addresses and networks") from None


def _title(text: str) -> str:
    """Return the first line that has something in it, as a title."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    line = " ".join(line.split())
    return line if len(line) <= TITLE_CHARACTERS_MAX else f"{line[: TITLE_CHARACTERS_MAX - 1]}…"


def _host(url: str | None) -> str | None:
    return None if url is None else urlsplit(url).hostname
