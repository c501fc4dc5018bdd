"""What others' feeds list is read, RSS and Atom, well formed or not; what is made to harm a reader is refused."""

import time

import pytest

from api import articles
from api.articles import ExtraMissing
from api.feeds_in import ENTRIES_MAX, FEED_BYTES_MAX, FeedUnreadable, read_feed
from api.outbound import Fetched
from tests.integration.newspaper import rss

URL = "https://post.example/rss.xml"
ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://post.example/news/"><title>News</title>
<entry><id>urn:1</id><title type="html">The &amp;amp; port &lt;b&gt;opens&lt;/b&gt;</title><link href="port"/>
<published>2026-03-02T10:00:00+02:00</published><updated>2026-03-05T10:00:00Z</updated><author><name>Ada</name></author>
<summary type="html">&lt;p&gt;On &lt;script&gt;x()&lt;/script&gt;4 May&lt;/p&gt;</summary></entry>
<entry><id>urn:2</id><title>Only changed</title><link href="javascript:x()"/>
<updated>2026-03-05T10:00:00Z</updated></entry>
</feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><item rdf:about="https://post.example/a"><title>A</title>
<link>https://post.example/a</link><dc:date>2026-03-02</dc:date></item></rdf:RDF>"""


def test_rss_gives_its_entries_in_its_order() -> None:
    listed = read_feed(rss(("a", "A", "Mon, 02 Mar 2026 10:00:00 +0200"), ("b", "B", None)), url=URL)

    assert [(one.id, one.url, one.title, one.published_at) for one in listed.entries] == [
        ("post:a", "https://post.example/a", "A", "2026-03-02T10:00:00+02:00"),
        ("post:b", "https://post.example/b", "B", None),
    ]
    assert (listed.title, listed.more, listed.version) == ("The Harbour Post", 0, "rss20")


def test_atom_gives_words_without_marks_and_when_something_appeared_not_when_it_changed() -> None:
    first, second = read_feed(ATOM.encode(), url=URL).entries

    assert (first.id, first.url, first.title) == ("urn:1", "https://post.example/news/port", "The & port opens")
    assert (first.published_at, first.author, first.summary_text) == ("2026-03-02T10:00:00+02:00", "Ada", "On 4 May")
    assert (second.id, second.url, second.published_at) == ("urn:2", None, None)


def test_the_date_of_rss_1_is_when_something_appeared() -> None:
    (entry,) = read_feed(RDF.encode()).entries

    assert (entry.url, entry.published_at) == ("https://post.example/a", "2026-03-02")


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("Mon, 02 Mar 2026 10:00:00 EST", "2026-03-02T15:00:00Z"),
        ("Mon, 02 Mar 2026 10:00:00 GMT", "2026-03-02T10:00:00Z"),
        ("2026-03-02 10:00", "2026-03-02T10:00:00+02:00"),
        ("2 March 2026", None),
        ("03/02/2026", None),
    ],
)
def test_times_are_read_as_pages_are(written: str, at: str | None) -> None:
    (entry,) = read_feed(rss(("a", "A", written)), timezone="Europe/Helsinki").entries

    assert entry.published_at == at


def test_a_feed_that_is_not_well_formed_is_read_as_far_as_it_goes() -> None:
    broken = rss(("a", "Ham & eggs &nbsp; <br> more", None), ("b", "B", None)).replace(b"</channel>", b"")

    assert [entry.url for entry in read_feed(broken).entries] == ["https://post.example/a", "https://post.example/b"]


@pytest.mark.parametrize(
    ("encoding", "said", "declared"),
    [("utf-8", None, "utf-8"), ("cp1250", None, "windows-1250"), ("utf-8", "iso-8859-1", "iso-8859-1"),
     ("utf-16", None, "utf-16"), ("cp1250", "windows-1250", "utf-8")],
)  # fmt: skip
def test_a_feed_is_read_in_the_charset_it_is_in(encoding: str, said: str | None, declared: str) -> None:
    text = rss(("a", "Žilina", None)).decode().replace("utf-8", declared)
    fetched = Fetched(url=URL, status=200, media_type="text/xml", charset=said, body=text.encode(encoding))

    (entry,) = read_feed(fetched).entries

    assert entry.title == "Žilina"


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (f'<!DOCTYPE rss [<!ENTITY l0 "ha">{LAUGHS}]><rss version="2.0"><channel><title>&l9;</title></channel></rss>',
         "entities"),
        ('<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss version="2.0"><title>&x;</title></rss>',
         "entities"),
        ('<!DOCTYPE r [<!ENTITY % x SYSTEM "http://127.0.0.1/x"> %x;]><rss version="2.0"></rss>', "entities"),
        ("<!doctype r\n[ ]><rss version='2.0'></rss>", "entities"),
        ("<rss version='2.0'><channel><!entity x 'ha'><title>&x;</title></channel></rss>", "entities"),
        ("<!DOCTYPE a><!DOCTYPE b><rss version='2.0'></rss>", "entities"),
        ("<rss version='2.0'><channel>" + "<a>" * 100, "too deep"),
        ("<rss version='2.0'><channel>" + "<a/>" * 100_001, "elements"),
        ("<rss version='2.0'><!--" * 100_000, "no end"),
        ("<rss version='2.0'><![CDATA[", "no end"),
        ("<html><body>4 May</body></html>", "neither RSS nor Atom"),
        ('{"version": "https://jsonfeed.org/version/1.1"}', "neither RSS nor Atom"),
        ("", "neither RSS nor Atom"),
        ("\x00", "no text"),
        ("x" * (FEED_BYTES_MAX + 1), "larger than"),
        ("<a " * 1_500_000, "too long|neither"),
    ],
)  # fmt: skip
def test_what_is_no_feed_or_made_to_harm_is_refused_soon(body: str, why: str) -> None:
    begun = time.monotonic()

    for encoding in ("utf-8", "utf-16") if len(body) < 10_000 and "\x00" not in body else ("utf-8",):
        with pytest.raises(FeedUnreadable, match=why):
            read_feed(body.encode(encoding))

    assert time.monotonic() - begun < 20


def test_of_very_many_entries_the_first_are_taken_and_the_others_counted() -> None:
    listed = read_feed(rss(*((str(number), "A", None) for number in range(ENTRIES_MAX + 7))))

    assert (len(listed.entries), listed.more, listed.entries[-1].id) == (ENTRIES_MAX, 7, f"post:{ENTRIES_MAX - 1}")


def test_without_the_extra_it_is_said_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(articles, "LIBRARIES", ("no_such_library",))

    with pytest.raises(ExtraMissing):
        read_feed(rss())
