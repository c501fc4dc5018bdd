"""An article out of a page or a text: its words, a paragraph a line, and what the page says of its publication.

A page is read in a process of its own (`api.page_reader`), so that whatever stands in it takes a bounded time.
"""

import codecs
import re
from importlib.util import find_spec
from typing import Final

import msgspec
from msgspec import Struct

from api.apart import Unfinished, apart
from api.charsets import SNIFFED_BYTES, decoded
from api.outbound import Fetched
from api.page_reader import Asked, Read
from api.receiving import BODY_BYTES_MAX
from events.bodies import SEEN, TEXT_BYTES_MAX
from events.errors import DatelineError
from events.times import zone

PAGE_BYTES_MAX: Final = BODY_BYTES_MAX
LIBRARIES: Final = ("trafilatura", "lxml", "lxml_html_clean", "feedparser")
HTML: Final = frozenset({"text/html", "application/xhtml+xml"})
XML: Final = frozenset({"application/xml", "text/xml"})
PLAIN: Final = frozenset({"text/plain", "text/markdown", "text/x-markdown"})

_HTML: Final = re.compile(
    rb"(?>\s*(?:<\?xml[^>]*\?>|<!--.*?-->))*+\s*<(?:!doctype\s+html|html|head|body|title|meta|link|script|article|main"
    rb"|div|p|h1)[\s>]",
    re.IGNORECASE | re.DOTALL,
)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


class ArticleUnreadable(DatelineError):
    """There is no article to be read: of a kind that is no text, too large or too deep, or without words."""

    code = "article-unreadable"


class ExtraMissing(DatelineError):
    """What reads pages and feeds is not installed."""

    code = "extra-missing"

    def __init__(self) -> None:
        super().__init__('pages and feeds are read by an extra that is not here: pip install "dateline[ingest]"')


class Article(Struct, frozen=True, kw_only=True):
    """An article as it can be recorded. `text` has a paragraph a line.

    `published_at` is RFC 3339 or a day, `published_from` where in the page that stands; both are null where the page
    does not say. `day` is the day of it in `timezone`, which is the caller's: no page names its zone. `url` is where
    it lay, `canonical_url` what it calls itself, where it may. `assumed` says in words what was taken for granted.
    """

    title: str | None
    text: str
    publisher: str | None = None
    author: str | None = None
    published_at: str | None = None
    published_from: str | None = None
    day: str | None = None
    timezone: str = "UTC"
    language: str | None = None
    url: str | None = None
    canonical_url: str | None = None
    assumed: tuple[str, ...] = ()


def read_article(
    document: Fetched | bytes, *, timezone: str | None = None, media_type: str | None = None, url: str | None = None
) -> Article:
    """Return the article in a page, or in plain text or Markdown, which stay as they are.

    `timezone` is an IANA zone, UTC if none is given. `media_type` and `url` are of bytes that were not fetched;
    without a media type they are a page if they begin like one. It may take seconds: call it in a thread. Raises
    `ArticleUnreadable`, `ZoneUnknown`, and `ExtraMissing` where the extra `ingest` is not installed.
    """
    zone(timezone or "UTC")
    if isinstance(document, bytes):
        kind = (media_type or "").partition(";")[0].strip().lower()
        document = Fetched(url=url or "", status=200, media_type=kind, charset=None, body=document)
    if len(document.body) > PAGE_BYTES_MAX:
        raise ArticleUnreadable(f"it is larger than {PAGE_BYTES_MAX} bytes")
    page = _is_page(document)
    text = decoded(document.body, document.charset, marked_up=page)
    if text is None:
        raise ArticleUnreadable("it is no text")
    article = _from_page(document, text, timezone) if page else _from_text(document, text, timezone)
    if not re.search(SEEN, article.text):
        raise ArticleUnreadable("there are no words in it")
    if len(article.text.encode()) > TEXT_BYTES_MAX:
        raise ArticleUnreadable(f"its text is longer than {TEXT_BYTES_MAX} bytes")
    return article


def require_extra() -> None:
    """Raise `ExtraMissing` where what reads pages is not installed."""
    if any(find_spec(name) is None for name in LIBRARIES):
        raise ExtraMissing


def _is_page(document: Fetched) -> bool:
    kind, begins = document.media_type, _HTML.match(document.body.removeprefix(codecs.BOM_UTF8)[:SNIFFED_BYTES])
    if kind in HTML:
        return True
    if kind in PLAIN:
        return False
    if kind == "" or ((kind in XML or kind.endswith("+xml")) and begins):
        return begins is not None
    raise ArticleUnreadable(f"it is neither a page nor a text but {kind}")


def _from_text(document: Fetched, text: str, timezone: str | None) -> Article:
    return Article(
        title=None,
        text=_CONTROL.sub(" ", text),  # As many characters as before: places in it stay what they are.
        timezone=timezone or "UTC",
        url=document.url or None,
        assumed=_assumed(timezone),
    )


def _from_page(document: Fetched, text: str, timezone: str | None) -> Article:
    require_extra()
    asked = Asked(url=document.url or None, timezone=timezone or "UTC")
    request = msgspec.json.encode(asked) + b"\n" + text.encode("utf-8", "replace")
    try:
        read = msgspec.json.decode(apart("page_reader", request), type=Read)
    except Unfinished as error:
        raise ArticleUnreadable(str(error)) from None
    said = read.claims
    if said is None:
        raise ArticleUnreadable(read.refused or "it cannot be read")
    when = said.published
    assumed = list(_assumed(timezone))
    if when is not None and when.offset_assumed:
        assumed.append(f"its time of publication has no offset and was taken to be one of {asked.timezone}")
    if when is not None and when.own_day is not None:
        assumed.append(f"by the offset of its own time it appeared on {when.own_day}")
    return Article(
        title=said.title,
        text=read.text,
        publisher=said.publisher,
        author=said.author,
        published_at=None if when is None else when.at,
        published_from=said.published_from,
        day=None if when is None else when.day,
        timezone=asked.timezone,
        language=said.language,
        url=asked.url,
        canonical_url=said.canonical_url,
        assumed=tuple(assumed),
    )


def _assumed(timezone: str | None) -> tuple[str, ...]:
    return () if timezone else ("the zone is UTC: none was given, and no page names its own",)
