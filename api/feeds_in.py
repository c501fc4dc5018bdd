"""Feeds of others, RSS and Atom: what they list. Bounded before any parser sees them, and read apart."""

import re
from typing import Final

import msgspec

from api.apart import Unfinished, apart
from api.articles import require_extra
from api.charsets import decoded
from api.feed_reader import FeedEntry, Listed, Wanted
from api.outbound import Fetched
from api.receiving import BODY_BYTES_MAX
from events.errors import DatelineError
from events.times import zone

__all__ = ["FeedEntry", "FeedUnreadable", "Listed", "read_feed"]

FEED_BYTES_MAX: Final = BODY_BYTES_MAX
ENTRIES_MAX: Final = 500
DEPTH_MAX: Final = 64
ELEMENTS_MAX: Final = 100_000
NO_FEED: Final = "it is neither RSS nor Atom"

_XML: Final = re.compile(r"\s*<\?xml[^>]{0,200}\?>")
_ENTITY: Final = re.compile(r"<!ENTITY", re.IGNORECASE)
_TYPE: Final = re.compile(r"<!DOCTYPE", re.IGNORECASE)
_HIDDEN: Final = re.compile(r"<!--|<!\[CDATA\[")
_TAG: Final = re.compile(r"<(/?)([A-Za-z_][A-Za-z0-9_.:-]{0,100})(?:[^<>]*?)(/?)>")
_LONE: Final = frozenset({"br", "hr", "img", "input", "meta", "wbr"})
"""Elements of pages that are never closed, where a feed has them bare."""


class FeedUnreadable(DatelineError):
    """There is no feed to be read: neither RSS nor Atom, too large or too deep, or with entities of its own."""

    code = "feed-unreadable"


def read_feed(document: Fetched | bytes, *, timezone: str = "UTC", url: str | None = None) -> Listed:
    """Return what a feed lists, as it stands in it. Times without an offset are of `timezone`.

    `url` is of bytes that were not fetched. It may take seconds: call it in a thread. Raises `FeedUnreadable`,
    `ZoneUnknown`, and `ExtraMissing` where the extra `ingest` is not installed.
    """
    zone(timezone)
    require_extra()
    if isinstance(document, bytes):
        document = Fetched(url=url or "", status=200, media_type="", charset=None, body=document)
    if len(document.body) > FEED_BYTES_MAX:
        raise FeedUnreadable(f"it is larger than {FEED_BYTES_MAX} bytes")
    text = decoded(document.body, document.charset, marked_up=True)
    if text is None:
        raise FeedUnreadable("it is no text")
    declared = _XML.match(text)
    text = text if declared is None else text[declared.end() :]
    _require_bounded(text)
    if "<" not in text:
        raise FeedUnreadable(NO_FEED)
    wanted = Wanted(url=document.url or None, timezone=timezone, limit=ENTRIES_MAX)
    request = msgspec.json.encode(wanted) + b"\n" + text.encode("utf-8", "replace")
    try:
        listed = msgspec.json.decode(apart("feed_reader", request), type=Listed)
    except Unfinished as error:
        raise FeedUnreadable(str(error)) from None
    if not listed.version:
        raise FeedUnreadable(NO_FEED)
    return listed


def _require_bounded(text: str) -> None:
    """Raise `FeedUnreadable` for what makes parsers work, or take room, beyond the size of the text."""
    bare = _bare(text)
    types = [found.end() for found in _TYPE.finditer(bare)]
    if len(types) > 1 or any("[" in bare[place : bare.find(">", place)] for place in types) or _ENTITY.search(text):
        raise FeedUnreadable("it declares entities of its own")
    opened: list[str] = []
    for count, found in enumerate(_TAG.finditer(bare)):
        if count > ELEMENTS_MAX:
            raise FeedUnreadable(f"it has more than {ELEMENTS_MAX} elements")
        closing, name, empty = found.groups()
        if closing:
            while name in opened and opened.pop() != name:  # What was left open inside ends with it.
                pass
        elif not empty and name.lower() not in _LONE:
            opened.append(name)
            if len(opened) > DEPTH_MAX:
                raise FeedUnreadable("it is nested too deep")


def _bare(text: str) -> str:
    """Return a text without its comments and without what is quoted as a whole."""
    parts, place = [], 0
    while found := _HIDDEN.search(text, place):
        parts.append(text[place : found.start()])
        end = "-->" if found[0] == "<!--" else "]]>"
        place = text.find(end, found.end()) + len(end)
        if place < len(end):
            raise FeedUnreadable("a comment or a quoted part of it has no end")
    return "".join([*parts, text[place:]])
