"""Reads one page in a process of its own, which may be ended: no page can take more than its share of time and memory.

What it reads comes in on standard input, a line of JSON and the page; the article goes out on standard output. It
imports nothing of the service but what it needs, so that it begins soon.
"""

import logging
import re
import sys
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import Struct

from api.bounds import bind
from api.page_claims import Claims, Marked, claims

CPU_S: Final = 2
ELEMENTS_MAX: Final = 20_000
TIMES_MAX: Final = 20
TOO_DEEP: Final = "ERR_RESOURCE_LIMIT"
"""What the parser says of a page that is nested deeper than it reads: it would leave the rest out."""

_BLANK: Final = re.compile(r"[^\S\n]+")
_UNFIT: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")
_ASIDE: Final = "ancestor::aside or ancestor::nav or ancestor::footer"


class Asked(Struct, frozen=True, kw_only=True):
    """What is asked for; a page in UTF-8 follows."""

    url: str | None
    timezone: str


class Read(Struct, frozen=True, kw_only=True):
    """What was read: the words, and what the page says of itself; or why there are none, which is `refused`."""

    text: str = ""
    claims: Claims | None = None
    refused: str | None = None


def read_page(page: bytes, *, url: str | None, timezone: str) -> Read:
    """Return the article in a page (HTML in UTF-8), a paragraph a line. Raises `ZoneUnknown`."""
    from lxml import etree
    from lxml.html import HTMLParser, document_fromstring
    from trafilatura import extract

    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        tree = document_fromstring(page, parser=parser)
    except (etree.LxmlError, ValueError):
        return Read(refused="there is nothing in it")
    if any(error.type_name == TOO_DEEP for error in parser.error_log):
        return Read(refused="it is nested too deep")
    if sum(1 for _ in tree.iter()) > ELEMENTS_MAX:
        return Read(refused=f"it has more than {ELEMENTS_MAX} elements")
    said = claims(_marked(tree), url=url, timezone=timezone)
    lines = (extract(tree, include_comments=False) or "").splitlines()
    text = "\n".join(filter(None, (_BLANK.sub(" ", _UNFIT.sub(" ", line)).strip() for line in lines)))
    return Read(text=text, claims=said) if text else Read(refused="it has no article")


def main() -> None:
    """Read the page on standard input."""
    logging.disable()
    asked = msgspec.json.decode(sys.stdin.buffer.readline(), type=Asked)
    bind(CPU_S)
    read = read_page(sys.stdin.buffer.read(), url=asked.url, timezone=asked.timezone)
    sys.stdout.buffer.write(msgspec.json.encode(read))


def _marked(tree: Any) -> Marked:
    """Return what stands in the marks of a page."""
    metas = []
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop")
        if name and meta.get("content"):
            metas.append((name.strip().lower(), meta.get("content")))
    canonical = tree.xpath("//link[translate(@rel, 'CANOIL', 'canoil')='canonical']/@href")
    titles, headings = tree.xpath("//head//title"), tree.xpath("//h1")
    return Marked(
        scripts=[one.text for one in tree.iter("script") if one.text and _is_linked_data(one.get("type"))],
        metas=metas,
        times=[value for _, value in zip(range(TIMES_MAX), _times(tree), strict=False)],
        title=titles[0].text_content() if titles else "",
        heading=headings[0].text_content() if len(headings) == 1 else "",
        language=next((value for value in tree.xpath("/html/@lang | /html/@xml:lang") if value), ""),
        canonical=canonical[0] if canonical else "",
    )


def _times(tree: Any) -> Iterator[str]:
    """Yield the times that are marked as of the page's own article: those that say so, then those at its head."""
    yield from tree.xpath("//time[@datetime and (@pubdate or contains(@itemprop, 'datePublished'))]/@datetime")
    articles = tree.xpath("//article[.//h1]") or tree.xpath("//article")
    if len(articles) > 1:  # A list of articles is none; and none inside of another is the page's own.
        articles = [
            one for one in articles if not any(one in set(other.iterdescendants("article")) for other in articles)
        ]
    within = articles[0] if len(articles) == 1 else None
    if within is not None:
        yield from within.xpath(f".//time[@datetime and not({_ASIDE})]/@datetime")
    elif not articles:
        yield from tree.xpath(f"//*[self::header or self::main]//time[@datetime and not({_ASIDE})]/@datetime")


def _is_linked_data(kind: str | None) -> bool:
    return (kind or "").partition(";")[0].strip().lower() == "application/ld+json"
