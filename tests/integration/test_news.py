"""Feeds that an operator names are read from real servers, and each article in them is recorded once, or counted."""

import asyncio
import time
from collections.abc import AsyncIterator
from ipaddress import ip_network
from pathlib import Path

import pytest

from api import articles, news
from api.articles import ExtraMissing
from api.news import BY, NEWS, News, NewsFeed, read_list
from api.outbound import Outbound
from api.settings import FileInvalid
from events.facts import SourceRecorded
from events.handler import TEXT, Handler, recorded
from events.log.port import Log, LogUnavailable, NewCommit, OutcomeUnknown, Query, Receipt
from events.log.sqlite import SqliteEngine, open_sqlite
from events.source import text_hash
from tests.integration.misbehaving import Server, connections, forever, leading, ok
from tests.integration.newspaper import WORDS, meta, page, rss
from tests.integration.test_nightly import Clocks

NOW = "2026-11-28T03:00:00.000000Z"
AT = "Mon, 02 Mar 2026 10:00:00 +0200"
HERE = "127.0.0.3"
EVERY_S = 900.0
SECOND_US = 1_000_000


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server(HERE).listening() as server:
        server.otherwise = b"HTTP/1.1 404 Not Found\r\n\r\n"
        yield server


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[SqliteEngine]:
    engine = await open_sqlite(tmp_path / "data")
    yield engine
    await engine.close()


class Newsroom:
    """The polling of feeds on an engine, by clocks that can be put on."""

    def __init__(self, engine: SqliteEngine, *feeds: NewsFeed, log: Log | None = None, allowed: str = HERE) -> None:
        self.clocks = Clocks()
        self.engine = engine
        outbound = Outbound([ip_network(allowed)], fetch_s=1.0)
        handler = Handler(log or engine.log, engine.state, lambda: NOW)
        self.news = News(feeds, handler, engine.state, outbound, self.clocks, every_s=EVERY_S)

    async def poll(self, *, after_s: float = EVERY_S) -> None:
        """Look, and wait until all that is begun by it is done."""
        await self.news.look()
        tasks = [task for task in asyncio.all_tasks() if task.get_name().startswith("news of")]
        await asyncio.gather(*tasks)
        self.clocks.off_us += int(after_s * SECOND_US)

    async def sources(self) -> list[SourceRecorded]:
        events = (await self.engine.log.read(Query.all())).events
        facts = [recorded(event).fact for event in events]
        assert {event.by for event in events} <= {BY}
        return [fact for fact in facts if isinstance(fact, SourceRecorded)]

    async def titles(self) -> list[str]:
        return [source.title for source in await self.sources()]


def feed_of(server: Server, path: str = "/rss.xml", **said: str) -> NewsFeed:
    return NewsFeed(url=server.url(path), publisher="The Harbour Post", timezone="Europe/Helsinki", **said)


def published(server: Server, *items: tuple[str, str, str | None], path: str = "/rss.xml", headers: str = "") -> None:
    """Have the server list articles."""
    listing = rss(*items, base=server.url("/"))
    server.answers[path] = ok(listing, *filter(None, [headers]), kind="application/rss+xml")


def article(title: str, *, head: str = "") -> bytes:
    """Return an article with words of its own."""
    return ok(page(title=title, head=head, words=(f"{title}, it was said on Monday.", *WORDS)))


async def test_what_is_new_is_recorded_with_its_text_the_oldest_first(engine: SqliteEngine, server: Server) -> None:
    published(server, ("b", "B in the feed", AT), ("a", "A in the feed", AT))
    server.answers["/a"] = article("A", head=meta("date", "2026-03-01") + meta("author", "Ada Example"))
    server.answers["/b"] = article("B", head=f'<link rel="canonical" href="{server.url("/the-b")}">')
    room = Newsroom(engine, feed_of(server))

    await room.poll()

    first, second = await room.sources()
    assert (first.title, first.publisher, first.author) == ("A", "The Harbour Post", "Ada Example")
    assert (first.published_at, first.timezone) == ("2026-02-28T22:00:00.000000Z", "Europe/Helsinki")
    assert (first.language, first.url) == ("en-GB", server.url("/a"))
    assert (second.published_at, second.url) == ("2026-03-02T08:00:00.000000Z", server.url("/the-b"))
    assert first.sha256 is not None
    text = await engine.state.get(TEXT, first.sha256)
    assert text is not None
    assert text.value.decode().splitlines() == ["A", "A, it was said on Monday.", *WORDS]
    assert text_hash(text.value.decode()) == first.sha256
    assert room.news.entries == {"recorded": 2}


async def test_what_was_taken_is_neither_fetched_nor_recorded_again(engine: SqliteEngine, server: Server) -> None:
    published(server, ("a", "A", AT))
    server.answers["/a"] = article("A")
    room = Newsroom(engine, feed_of(server))
    await room.poll()
    published(server, ("b", "B", AT), ("a", "A, changed", AT))
    server.answers["/a"], server.answers["/b"] = article("A, changed"), article("B")

    await room.poll()
    await Newsroom(engine, feed_of(server)).poll()

    assert await room.titles() == ["A", "B"]
    assert server.paths == ["/rss.xml", "/a", "/rss.xml", "/b", "/rss.xml"]


async def test_a_feed_is_polled_when_it_is_due_and_asked_whether_it_changed(
    engine: SqliteEngine, server: Server
) -> None:
    published(server, headers='ETag: "one"')
    room = Newsroom(engine, feed_of(server))

    await room.poll(after_s=EVERY_S - 1)
    await room.poll(after_s=1)
    server.answers["/rss.xml"] = b"HTTP/1.1 304 Not Modified\r\n\r\n"
    await room.poll()
    await Newsroom(engine, feed_of(server)).poll()

    assert [b'If-None-Match: "one"' in head for head in server.heard] == [False, True, True]
    assert room.news.polls == {"read": 1, "unchanged": 1}


async def test_as_long_as_something_is_to_be_taken_the_whole_feed_is_asked_for(
    engine: SqliteEngine, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "ENTRIES_A_POLL_MAX", 2)
    published(server, *((path, path.upper(), AT) for path in "edcba"), headers='ETag: "one"')
    server.answers.update({f"/{path}": article(path.upper()) for path in "abcde"})
    room, seen = Newsroom(engine, feed_of(server)), []

    for _ in range(4):
        await room.poll()
        seen.append(await room.titles())

    assert [len(titles) for titles in seen] == [2, 4, 5, 5]
    assert seen[-1] == ["A", "B", "C", "D", "E"]
    asked = [head for head in server.heard if b"/rss.xml" in head]
    assert [b"If-None-Match" in head for head in asked] == [False, False, False, True]


async def test_what_cannot_be_recorded_is_left_out_counted_and_looked_at_no_more(
    engine: SqliteEngine, server: Server
) -> None:
    published(
        server, ("copy", "Copy", AT), ("a", "A", AT), ("undated", "Undated", None), ("image", "Image", AT),
        ("empty", "Empty", AT), ("future", "Future", "Fri, 02 Mar 2035 10:00:00 GMT"), ("away", "Away", AT),
        ("there?x=1", "Elsewhere", AT),
    )  # fmt: skip
    server.answers |= {
        "/a": article("A"), "/copy": article("A"), "/undated": article("Undated"), "/future": article("Future"),
        "/image": ok(b"\x00", kind="text/html"), "/empty": ok(b"<p></p>"), "/away": leading("http://169.254.169.254/"),
    }  # fmt: skip
    room = Newsroom(engine, feed_of(server))

    for _ in range(6):
        await room.poll()

    assert await room.titles() == ["A"]
    assert room.news.entries == {
        "recorded": 1, "duplicate": 1, "undated": 1, "unreadable": 2, "refused": 1, "unreachable": 2,
    }  # fmt: skip
    assert server.paths.count("/undated") == 1
    assert server.paths.count("/away") == news.ATTEMPTS_MAX


async def test_an_address_or_a_text_that_is_recorded_already_is_left_alone(
    engine: SqliteEngine, server: Server
) -> None:
    published(server, ("a?from=rss", "A", AT), path="/one")
    published(server, ("a?from=atom", "A", AT), ("b", "B", AT), path="/two")
    canonical = f'<link rel="canonical" href="{server.url("/a")}">'
    server.answers["/a?from=rss"] = article("A", head=canonical)
    server.answers["/a?from=atom"] = article("A, in other words", head=canonical)
    server.answers["/b"] = article("A")
    room = Newsroom(engine, feed_of(server, "/one"), feed_of(server, "/two"))

    await room.poll()

    assert len(await room.titles()) == 1
    assert room.news.entries["duplicate"] == 2
    assert len(await engine.state.list(TEXT)) == 1


async def test_a_feed_that_fails_is_asked_less_and_less_often_and_said_once(
    engine: SqliteEngine, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.answers["/rss.xml"] = b"HTTP/1.1 503 Busy\r\n\r\n"
    room, asked = Newsroom(engine, feed_of(server)), []

    for _ in range(32):
        await room.poll()
        asked.append(len(server.heard))

    assert [asked.index(count) for count in range(1, 6)] == [0, 2, 6, 14, 30]
    assert [record.message for record in caplog.records] == [
        "the feed of The Harbour Post could not be read: it answered 503"
    ]
    assert room.news.values()["dateline_news_failing"] == 1

    published(server)
    await room.poll(after_s=86_400)
    await room.poll()
    assert room.news.values()["dateline_news_failing"] == 0


async def test_a_slow_feed_holds_up_neither_others_nor_who_looks(engine: SqliteEngine, server: Server) -> None:
    slow = [feed_of(server, f"/slow{number}") for number in range(7)]
    for number in range(7):
        server.answers[f"/slow{number}"] = forever(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", pause_s=0.2)
    published(server, ("a", "A", AT))
    server.answers["/a"] = article("A")
    room, begun = Newsroom(engine, *slow, feed_of(server)), time.monotonic()

    await room.news.look()
    looked_s = time.monotonic() - begun
    while not await room.titles():
        await asyncio.sleep(0.02)
        assert time.monotonic() - begun < 0.9, "the slow ones were waited for"
    await room.news.look()
    await room.poll()

    assert looked_s < 0.1
    assert room.news.polls == {"read": 1, "failed": 7}


async def test_an_article_whose_page_fails_for_a_while_is_recorded_when_it_comes_back(
    engine: SqliteEngine, server: Server
) -> None:
    published(server, ("a", "A", AT), headers='ETag: "one"')
    room = Newsroom(engine, feed_of(server))

    await room.poll()
    server.answers["/a"] = article("A")
    await room.poll()

    assert await room.titles() == ["A"]
    assert room.news.entries == {"recorded": 1}


class Stubborn:
    """A log that appends, and says that it does not know whether it did; or that refuses to."""

    def __init__(self, log: Log, *, stores: bool) -> None:
        self._log = log
        self._stores = stores
        self.fails = True

    def __getattr__(self, name: str) -> object:
        return getattr(self._log, name)

    async def append(self, commit: NewCommit) -> Receipt:
        if self.fails and not self._stores:
            raise LogUnavailable("the disk is full")
        receipt = await self._log.append(commit)
        if self.fails:
            raise OutcomeUnknown(key=commit.key, reason="the connection broke")
        return receipt


@pytest.mark.parametrize("stores", [True, False])
async def test_what_was_cut_off_is_recorded_once_whatever_its_page_says_by_then(
    engine: SqliteEngine, server: Server, stores: bool
) -> None:
    published(server, ("a", "A", AT))
    server.answers["/a"] = article("A")
    log = Stubborn(engine.log, stores=stores)
    await Newsroom(engine, feed_of(server), log=log).poll()  # type: ignore[arg-type]
    log.fails = False
    server.answers["/a"] = article("A, updated")
    room = Newsroom(engine, feed_of(server), log=log)  # type: ignore[arg-type]

    await room.poll()
    await room.poll()

    assert await room.titles() == ["A" if stores else "A, updated"]
    assert room.news.polls == {"read": 2}
    assert room.news.entries == {"duplicate" if stores else "recorded": 1}
    assert server.paths.count("/a") == 2
    (source,) = await room.sources()
    (text,) = await engine.state.list(TEXT)
    assert text.id == source.sha256


class Slow:
    """A log that takes its time to append."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.appending = asyncio.Event()

    def __getattr__(self, name: str) -> object:
        return getattr(self._log, name)

    async def append(self, commit: NewCommit) -> Receipt:
        self.appending.set()
        await asyncio.sleep(0.3)
        return await self._log.append(commit)


async def test_stopping_waits_for_what_is_being_recorded(engine: SqliteEngine, server: Server) -> None:
    published(server, ("b", "B", AT), ("a", "A", AT))
    server.answers |= {"/a": article("A"), "/b": article("B")}
    log = Slow(engine.log)
    room = Newsroom(engine, feed_of(server), log=log)  # type: ignore[arg-type]
    await room.news.look()
    await log.appending.wait()

    await room.news.stop()
    titles = await room.titles()
    again = Newsroom(engine, feed_of(server))
    await again.poll()

    assert titles == ["A"]
    assert await again.titles() == ["A", "B"]
    assert len(await engine.state.list(TEXT)) == 2


async def test_stopping_gives_up_what_is_read(engine: SqliteEngine, server: Server) -> None:
    published(server, ("a", "A", AT))
    server.answers["/a"] = forever(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", pause_s=0.05)
    room, begun = Newsroom(engine, feed_of(server)), time.monotonic()
    await room.news.look()
    while "/a" not in server.paths:  # noqa: ASYNC110
        await asyncio.sleep(0.01)

    await room.news.stop()
    await room.news.look()

    assert time.monotonic() - begun < 0.9
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("news of")]
    assert await room.titles() == []


async def test_a_feed_out_there_leads_to_no_network_that_is_allowed_here(
    engine: SqliteEngine, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Server("127.0.0.1").listening() as inner:
        inner.otherwise = article("Secret")
        listing = rss(("secret", "Secret", AT), base=inner.url("/"))
        server.answers["/rss.xml"] = ok(listing, kind="text/xml")
        room = Newsroom(engine, feed_of(server), allowed="127.0.0.0/8")
        monkeypatch.setattr("api.targets.FORBIDDEN", (ip_network("127.0.0.1/32"),))  # The other counts as public.

        with connections() as seen:
            await room.poll()

        assert {where[0] for where in seen} == {HERE}
        assert inner.heard == []


async def test_what_is_remembered_is_what_the_feed_lists_and_no_address(engine: SqliteEngine, server: Server) -> None:
    published(server, ("a", "A", AT), ("b", "B", AT))
    server.answers |= {"/a": article("A"), "/b": article("B")}
    room = Newsroom(engine, feed_of(server))
    await room.poll()
    both = (await engine.state.list(NEWS))[0].value
    published(server, ("b", "B", AT))

    await room.poll()

    one = (await engine.state.list(NEWS))[0].value
    assert len(one) < len(both)
    assert b"127.0.0.3" not in both


async def test_a_file_names_the_feeds(tmp_path: Path) -> None:
    file = tmp_path / "news.toml"
    file.write_text(
        '[[feed]]\nurl = "https://post.example/rss.xml"\npublisher = "The Harbour Post"\n'
        'timezone = "Europe/Helsinki"\n[[feed]]\nurl = "https://b.example/"\npublisher = "B"\nlanguage = "fi"\n'
    )

    assert read_list(file) == (
        NewsFeed(url="https://post.example/rss.xml", publisher="The Harbour Post", timezone="Europe/Helsinki"),
        NewsFeed(url="https://b.example/", publisher="B", language="fi"),
    )


async def test_the_file_that_the_manual_shows_names_a_feed(tmp_path: Path) -> None:
    manual = (Path(__file__).parents[2] / "docs" / "operating.md").read_text(encoding="utf-8")
    file = tmp_path / "news.toml"
    file.write_text(manual.partition("```toml\n")[2].partition("```")[0])

    assert [feed.publisher for feed in read_list(file)] == ["The Harbour Post"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "feed"),
        ("[[feed]]\n", "url"),
        ('[[feed]]\nurl = "https://a.example/"\n', "publisher"),
        ('[[feed]]\nurl = "https://a.example/"\npublisher = "A"\nzone = "UTC"\n', "zone"),
        ('[[feed]]\nurl = "ftp://a.example/"\npublisher = "A"\n', "url"),
        ('[[feed]]\nurl = "https://a@a.example/"\npublisher = "A"\n', "user's name"),
        ('[[feed]]\nurl = "https://a.example/"\npublisher = "A"\ntimezone = "Mars"\n', "Mars"),
        ('[[feed]]\nurl = "https://a.example/"\npublisher = "A"\n' * 2, "twice"),
        ("[[feed]\n", "line 1"),
    ],
)
async def test_a_file_that_makes_no_sense_says_where(text: str, why: str, tmp_path: Path) -> None:
    file = tmp_path / "news.toml"
    file.write_text(text)

    with pytest.raises(FileInvalid, match=why):
        read_list(file)
    with pytest.raises(FileInvalid, match="No such file"):
        read_list(tmp_path / "none.toml")


async def test_without_the_extra_nothing_is_begun(engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(articles, "LIBRARIES", ("no_such_library",))

    with pytest.raises(ExtraMissing):
        Newsroom(engine)
