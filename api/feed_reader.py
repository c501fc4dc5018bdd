"""Reads one feed, RSS or Atom, in a process of its own, like `api.page_reader`."""

import io
import logging
import re
import sys
from typing import Any, Final

import msgspec
from msgspec import Struct

from api.bounds import bind
from api.page_times import published
from api.targets import OutboundRefused, target

CPU_S: Final = 5
LINE_CHARACTERS_MAX: Final = 300
SUMMARY_CHARACTERS_MAX: Final = 4000
TYPE: Final = "application/xml; charset=utf-8"
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufeff]+")
_ZONED: Final = re.compile(r".* (?:UT|[A-Z]{3,4})")


class Wanted(Struct, frozen=True, kw_only=True):
    """What is asked for; a feed in UTF-8 follows, without an XML declaration. At most `limit` entries are taken."""

    url: str | None
    timezone: str
    limit: int


class FeedEntry(Struct, frozen=True, kw_only=True):
    """What a feed says of one thing that was published. `id` is the feed's own name for it, the same each time.

    `url` is null where it leads nowhere; `published_at` is RFC 3339 or a day, null where the feed does not say it.
    """

    id: str
    url: str | None
    title: str | None
    published_at: str | None
    author: str | None
    summary_text: str | None


class Listed(Struct, frozen=True, kw_only=True):
    """A feed: its entries as they stand in it, and how many more there are. `version` is empty for what is no feed."""

    version: str
    title: str | None
    entries: tuple[FeedEntry, ...]
    more: int


def read_entries(feed: bytes, *, url: str | None, timezone: str, limit: int) -> Listed:
    """Return what stands in a feed (UTF-8, without an XML declaration). Raises `ZoneUnknown`."""
    import feedparser

    where = {} if url is None else {"content-location": url}
    found = feedparser.parse(io.BytesIO(feed), response_headers={"content-type": TYPE, **where})
    entries = [_entry(one, timezone, rss=found.version.startswith("rss")) for one in found.entries[:limit]]
    return Listed(
        version=found.version,
        title=_line(found.feed.get("title"), LINE_CHARACTERS_MAX),
        entries=tuple(entries),
        more=len(found.entries) - len(entries),
    )


def main() -> None:
    """Read the feed on standard input."""
    logging.disable()
    wanted = msgspec.json.decode(sys.stdin.buffer.readline(), type=Wanted)
    bind(CPU_S)
    feed = sys.stdin.buffer.read()
    listed = read_entries(feed, url=wanted.url, timezone=wanted.timezone, limit=wanted.limit)
    sys.stdout.buffer.write(msgspec.json.encode(listed))


def _entry(one: Any, timezone: str, *, rss: bool) -> FeedEntry:
    url, title = _address(one.get("link")), _line(one.get("title"), LINE_CHARACTERS_MAX)
    return FeedEntry(
        id=_CONTROL.sub(" ", one.get("id") or url or title or ""),
        url=url,
        title=title,
        published_at=_published(one, timezone, rss=rss),
        author=_line(one.get("author"), LINE_CHARACTERS_MAX),
        summary_text=_line(one.get("summary"), SUMMARY_CHARACTERS_MAX),
    )


def _published(one: Any, timezone: str, *, rss: bool) -> str | None:
    """Return when an entry appeared. `dc:date` of RSS is called an update here; that of Atom is none of appearing."""
    for name in ("published", "updated") if rss else ("published",):
        text = str(one.get(name) or "")
        when = published(text, timezone)
        if when is not None:
            return when.at
        parsed = one.get(f"{name}_parsed")
        if parsed is not None and _ZONED.fullmatch(text):  # EST and the like, which the library knows.
            at = "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z".format(*parsed[:6])
            return at if published(at, timezone) else None
    return None


def _address(link: str | None) -> str | None:
    try:
        return target(link or "").url
    except OutboundRefused:
        return None


def _line(text: str | None, characters_max: int) -> str | None:
    """Return the words of a text that may be marked up, in one line."""
    from lxml.etree import LxmlError
    from lxml.html import fromstring

    words = text or ""
    if "<" in words or "&" in words:
        try:
            words = fromstring(f"<div>{_CONTROL.sub(' ', words)}</div>").text_content()
        except (LxmlError, ValueError):
            return None
    line = " ".join(_CONTROL.sub(" ", words).split())
    return (line if len(line) <= characters_max else f"{line[: characters_max - 1].rstrip()}…") or None
