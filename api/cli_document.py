"""What `dateline ingest` reads: a file, a page at an address, or standard input, with what is known of it."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from api.articles import Article, ArticleUnreadable, read_article
from api.outbound import Outbound
from api.peers import networks
from api.settings import PREFIX
from events.bodies import TEXT_BYTES_MAX
from events.errors import DatelineError
from events.extract.publication import publication_of
from events.extract.reading import Publication
from events.instants import Instant
from events.times import read_time, zone

TITLE_CHARACTERS_MAX: Final = 300
STDIN: Final = "-"
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
    if where.startswith(("http://", "https://")):
        allowed = networks(os.environ.get(f"{PREFIX}OUTBOUND_ALLOW", ""))
        return read_article(asyncio.run(Outbound(allowed).fetch(where)), timezone=given.timezone)
    content = sys.stdin.buffer.read(TEXT_BYTES_MAX * 8 + 1) if where == STDIN else _file(Path(where))
    return read_article(content, timezone=given.timezone, url=given.url)


def _file(path: Path) -> bytes:
    if path.stat().st_size > TEXT_BYTES_MAX * 8:
        raise ArticleUnreadable(f"{path} is larger than {TEXT_BYTES_MAX * 8} bytes")
    return path.read_bytes()


def _title(text: str) -> str:
    """Return the first line that has something in it, as a title."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    line = " ".join(line.split())
    return line if len(line) <= TITLE_CHARACTERS_MAX else f"{line[: TITLE_CHARACTERS_MAX - 1]}…"


def _host(url: str | None) -> str | None:
    return None if url is None else urlsplit(url).hostname
