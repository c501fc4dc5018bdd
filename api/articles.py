"""An article out of a page or a text: its words, a paragraph a line, and what the page says of its publication."""

from msgspec import Struct

from api.outbound import Fetched
from events.errors import DatelineError


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
    does not say. `day` is the day of it in `timezone`, which is the caller's: no page names its zone. `assumed` says
    in words what was taken for granted.
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
    without a media type they are a page if they begin like one. Raises `ArticleUnreadable`, `ZoneUnknown`, and
    `ExtraMissing` where the extra `ingest` is not installed.
    """
    body = document.body if isinstance(document, Fetched) else document
    return Article(title=None, text=body.decode("utf-8", "replace"), timezone=timezone or "UTC", url=url)
