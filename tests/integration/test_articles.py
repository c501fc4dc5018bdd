"""Pages become articles: their words without what stands around them, and when they say they appeared."""

import time
from typing import Any

import pytest

from api import apart, articles
from api.articles import Article, ArticleUnreadable, ExtraMissing, read_article
from api.outbound import Fetched
from events.errors import ZoneUnknown
from tests.integration.newspaper import FURNITURE, WORDS, linked, meta, page

URL = "https://www.post.example/2031/12/24/port"
NEWS = {"@context": "https://schema.org", "@type": "NewsArticle", "datePublished": "2026-03-02T10:00:00+02:00"}


def read(body: bytes, **asked: Any) -> Article:
    return read_article(body, **{"url": URL, "timezone": "Europe/Helsinki", **asked})


def test_a_page_gives_its_words_a_paragraph_a_line_and_nothing_that_stands_around_them() -> None:
    article = read(page())

    assert article.text.splitlines() == ["Port to open in May", *WORDS]
    assert not [word for word in FURNITURE if word in article.text]
    assert (article.title, article.language, article.url) == ("Port to open in May", "en-GB", URL)
    assert read(page()) == article


def test_nothing_is_said_of_a_publication_of_which_the_page_does_not_say_anything() -> None:
    article = read(page())

    assert (article.published_at, article.published_from, article.day) == (None, None, None)


@pytest.mark.parametrize(
    ("data", "at"),
    [
        (NEWS, "2026-03-02T10:00:00+02:00"),
        ([{"@type": "Organization"}, NEWS], "2026-03-02T10:00:00+02:00"),
        ({"@graph": [{"@type": "WebPage", "datePublished": "2001-01-01"}, NEWS]}, "2026-03-02T10:00:00+02:00"),
        ({"@type": "WebPage", "datePublished": "2026-03-01"}, "2026-03-01"),
        ({"@type": "WebPage", "mainEntity": NEWS}, "2026-03-02T10:00:00+02:00"),
        ({**NEWS, "@type": ["Article", "AnalysisNewsArticle"]}, "2026-03-02T10:00:00+02:00"),
        ({**NEWS, "video": {"@type": "Article", "datePublished": "2001-01-01"}}, "2026-03-02T10:00:00+02:00"),
        ([{**NEWS, "datePublished": "2001-01-01", "url": "https://www.post.example/other"}, {**NEWS, "url": URL + "/"}],
         "2026-03-02T10:00:00+02:00"),
        ({**NEWS, "datePublished": ["2026-03-02"]}, "2026-03-02"),
        ({**NEWS, "@type": "LiveBlogPosting", "liveBlogUpdate": [
            {"@type": "BlogPosting", "datePublished": "2026-03-05", "url": URL + "#1"}]}, "2026-03-02T10:00:00+02:00"),
        ("<!-- " + '{"@type": "NewsArticle", "datePublished": "2026-03-02"}' + " -->", "2026-03-02"),
        ('{"@type": "NewsArticle",\n"headline": "a\ttab and a\nbreak", "datePublished": "2026-03-02"};', "2026-03-02"),
    ],
)  # fmt: skip
def test_the_publication_is_read_from_the_json_ld_of_the_pages_own_article(data: Any, at: str) -> None:
    article = read(page(head=linked({"@type": "ListItem", "datePublished": "1999-01-01"}) + linked(data)))

    assert (article.published_at, article.published_from) == (at, "JSON-LD datePublished")


def test_json_that_is_not_well_formed_is_believed_where_it_gives_one_time_alone() -> None:
    broken = '{"@type": "NewsArticle", "headline": "a "quoted" word", "datePublished": "2026-03-02", }'
    two = broken + broken.replace("2026", "2025")

    once, twice = read(page(head=linked(broken))), read(page(head=linked(two) + meta("date", "2026-03-03")))

    assert once.published_at == "2026-03-02"
    assert once.published_from == "JSON-LD datePublished (of JSON that is not well formed)"
    assert (twice.published_at, twice.published_from) == ("2026-03-03", "meta date")


@pytest.mark.parametrize(
    ("name", "content", "at"),
    [
        ("article:published_time", "2026-03-02T10:00:00Z", "2026-03-02T10:00:00Z"),
        ("date", "2026-03-02", "2026-03-02"),
        ("DC.date.issued", "2026-03-02", "2026-03-02"),
        ("parsely-pub-date", "2026-03-02T10:00:00Z", "2026-03-02T10:00:00Z"),
        ("sailthru.date", "2026-03-02 10:00:00 +0000", "2026-03-02T10:00:00Z"),
        ("pubdate", "Mon, 02 Mar 2026 10:00:00 GMT", "2026-03-02T10:00:00Z"),
        ("citation_publication_date", "20260302", "2026-03-02"),
    ],
)
@pytest.mark.parametrize("key", ["name", "property", "itemprop"])
def test_without_it_the_publication_is_read_from_a_meta_tag(name: str, content: str, at: str, key: str) -> None:
    head = linked({**NEWS, "datePublished": "yesterday"}) + meta("last-modified", "2026-05-05")

    article = read(page(head=head + meta(name, content, key=key)))

    assert (article.published_at, article.published_from) == (at, f"meta {name.lower()}")


@pytest.mark.parametrize(
    ("byline", "at"),
    [
        ('<time datetime="2026-03-02T08:00Z">2 March</time>', "2026-03-02T08:00:00Z"),
        ('<time>2 March</time> <time datetime="soon">x</time> <time datetime="2026-03-02">2</time>', "2026-03-02"),
        ('<time datetime="2001-01-01">x</time><time pubdate datetime="2026-03-02">2 March</time>', "2026-03-02"),
        ('<time datetime="2001-01-01">x</time><time itemprop="datePublished" datetime="2026-03-02">x</time>',
         "2026-03-02"),
        ("<time>2 March 2026</time>", None),
        ('<aside><time datetime="2026-03-02">x</time></aside>', None),
    ],
)  # fmt: skip
def test_without_that_too_the_publication_is_the_time_at_the_articles_head(byline: str, at: str | None) -> None:
    article = read(page(byline=byline))

    assert (article.published_at, article.published_from) == (at, at and "<time datetime>")


def test_a_page_with_several_articles_has_no_time_of_its_own() -> None:
    cards = "".join(f'<article><h2>Port {n}</h2><time datetime="2026-03-0{n}">x</time></article>' for n in (1, 2))

    article = read(f"<html><body><main>{cards}<p>{WORDS[0]}</p><p>{WORDS[1]}</p></main></body></html>".encode())

    assert article.published_at is None


def test_the_day_counts_in_the_callers_zone_and_what_was_assumed_is_said() -> None:
    head = meta("date", "2026-03-01T23:30:00-05:00")

    told = read(page(head=head), timezone=None)
    naive = read(page(head=meta("date", "2026-03-01 23:30")), timezone="America/New_York")

    assert (told.day, told.timezone) == ("2026-03-02", "UTC")
    assert told.assumed == (
        "the zone is UTC: none was given, and no page names its own",
        "by the offset of its own time it appeared on 2026-03-01",
    )
    assert (naive.day, naive.published_at) == ("2026-03-01", "2026-03-01T23:30:00-05:00")
    assert naive.assumed == ("its time of publication has no offset and was taken to be one of America/New_York",)


def test_title_publisher_author_and_language_are_what_the_page_says_first() -> None:
    said = {
        **NEWS, "headline": "The port &amp; the sea", "inLanguage": "fi_FI",
        "author": [{"@type": "Person", "name": "Ada Example"}, {"@id": "#bo"}, "https://post.example/cy"],
        "publisher": {"@id": "#post"},
    }  # fmt: skip
    graph = [
        said,
        {"@id": "#post", "name": "The Harbour\nPost"},
        {"about": {"@id": "#post"}},
        {"@id": "#bo", "name": "Bo Example"},
    ]
    head = linked({"@graph": graph}) + meta("og:title", "Another") + meta("og:site_name", "Post")

    first, second = read(page(head=head, lang="")), read(page(head=meta("og:title", "x" * 400), lang=""))

    assert (first.title, first.publisher) == ("The port & the sea", "The Harbour Post")
    assert (first.author, first.language) == ("Ada Example, Bo Example", "fi-FI")
    assert second.title == "x" * 299 + "…"
    assert (second.publisher, second.author, second.language) == (None, None, None)


@pytest.mark.parametrize(
    ("canonical", "is_told"),
    [
        ("/port", "https://www.post.example/port"),
        ("https://post.example/port#top", "https://post.example/port"),
        ("https://other.example/port", None),
        ("javascript:alert(1)", None),
        ("https://user@post.example/", None),
        ("https://[", None),
        (" ", None),
    ],
)
def test_a_page_names_another_address_of_its_own_site_alone(canonical: str, is_told: str | None) -> None:
    assert read(page(head=f'<link rel="Canonical" href="{canonical}">')).canonical_url == is_told


@pytest.mark.parametrize(
    ("body", "said", "read_as"),
    [
        ("Žilina, 4 May".encode(), "iso-8859-1", "Žilina, 4 May"),
        ("Žilina, 4 May".encode("utf-8-sig"), "iso-8859-2", "Žilina, 4 May"),
        ("Žilina, 4 May".encode("cp1250"), "windows-1250", "Žilina, 4 May"),
        ("Café “x”".encode("cp1252"), "iso-8859-1", "Café “x”"),
        ("Café".encode("latin-1"), "utf-8", "Café"),
        ("Café".encode("latin-1"), "no-such-charset", "Café"),
        ("Café".encode("latin-1"), "base64", "Café"),
        ("5月4日に開港".encode("iso2022_jp"), "iso-2022-jp", "5月4日に開港"),
        ("5月4日に開港".encode("shift_jis"), "Shift_JIS", "5月4日に開港"),
        (b"4 May +AGE-", "utf-7", "4 May +AGE-"),
        ("Žilina".encode("utf-16"), None, "Žilina"),
        ("Žilina".encode("utf-16-le"), "utf-16-le", "Žilina"),
    ],
)
def test_bytes_are_read_as_what_they_are_whatever_is_said_of_them(body: bytes, said: str | None, read_as: str) -> None:
    fetched = Fetched(url=URL, status=200, media_type="text/plain", charset=said, body=body)

    assert read_article(fetched).text == read_as


def test_a_page_that_names_its_charset_inside_is_read_by_it() -> None:
    body = page(words=("Žilina opens its port on 4 May 2026.",)).decode().replace("utf-8", "windows-1250")

    assert "Žilina opens" in read(body.encode("cp1250")).text


def test_plain_text_and_markdown_stay_as_they_are() -> None:
    text = "# Port\r\n\r\nIt *opens*  on\t4 May.\x0c\n<p>Not a page</p>\n"

    for kind in ("text/plain", "text/markdown; charset=utf-8", None):
        article = read_article(text.encode(), media_type=kind)
        assert (article.text, article.title, article.published_at) == (text.replace("\x0c", " "), None, None)


@pytest.mark.parametrize(
    ("body", "media_type", "why"),
    [
        (b"", None, "no words"),
        (b"<html><body></body></html>", None, "no article|nothing in it"),
        (b"", "text/html", "nothing in it|no article"),
        (b"%PDF-1.7\n\x00\x01", None, "no text"),
        (b"\x89PNG\r\n\x1a\n\x00", "text/html", "no text"),
        (b"a,b", "text/csv", "but text/csv"),
        (b"<rss version='2.0'></rss>", "application/rss+xml", "neither a page nor a text"),
        (b"x" * (5 * 1024 * 1024 + 1), None, "larger than"),
        (b"x" * (1024 * 1024 + 1), None, "longer than"),
        (b"<html><body><p>" + b"x " * (1024 * 1024), None, "longer than"),
        (b"<div>" * 5000 + b"<p>4 May 2026</p>", None, "too deep"),
        (b"<p>4 May 2026" * 25_000, None, "elements"),
    ],
)
def test_what_is_no_article_is_refused(body: bytes, media_type: str | None, why: str) -> None:
    with pytest.raises(ArticleUnreadable, match=why):
        read_article(body, media_type=media_type)


def test_a_page_that_would_take_minutes_is_given_up() -> None:
    attributes = b" ".join(b"a%d=1" % number for number in range(100_000))
    begun = time.monotonic()

    with pytest.raises(ArticleUnreadable, match="takes too long"):
        read_article(b"<html><body><p " + attributes + b">4 May 2026</p>")

    assert time.monotonic() - begun < apart.WALL_S


def test_a_page_of_almost_five_megabytes_is_read_in_its_time() -> None:
    link = f'<a data-x="{"y" * 1200}" href="/x">Related</a>'
    words = tuple(f"The port of {number} opens on 4 May 2026, it was said on Monday.{link}" for number in range(3500))
    body = page(words=words)
    assert 4_500_000 < len(body) < articles.PAGE_BYTES_MAX
    begun = time.monotonic()

    text = read(body).text

    assert "The port of 0 opens" in text
    assert "The port of 3499 opens" in text
    assert time.monotonic() - begun < apart.WALL_S


def test_a_page_that_begins_with_many_comments_is_told_from_a_text_at_once() -> None:
    begun = time.monotonic()

    assert read_article(b"<!---->" * 290 + b"4 May 2026").text.endswith("4 May 2026")
    assert read(b"<!-- -->\n" * 100 + page()).title == "Port to open in May"
    assert time.monotonic() - begun < 2


def test_a_zone_that_there_is_none_of_is_refused() -> None:
    with pytest.raises(ZoneUnknown):
        read_article(b"4 May 2026", timezone="Mars/Olympus")


def test_without_the_extra_texts_are_read_and_pages_say_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(articles, "LIBRARIES", ("no_such_library",))

    assert read_article(b"4 May 2026").text == "4 May 2026"
    with pytest.raises(ExtraMissing, match=r'pip install "dateline\[ingest\]"'):
        read_article(page())
