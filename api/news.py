"""Polls the feeds that an operator names, and records what is new in them as sources, with their text.

Each article is recorded under a key made of its feed and its own name there: once, for ever, whatever is cut off. What
was looked at and not recorded is remembered beside the log, as long as the feed lists it. Feeds are polled beside one
another, so that a slow one holds up nobody; nothing of it holds up the clock.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from api.articles import Article, ArticleUnreadable, read_article, require_extra
from api.feeds_in import FeedEntry, Listed, read_feed
from api.metrics import Values
from api.outbound import Fetched, Outbound, OutboundRefused
from api.settings import FileInvalid
from api.targets import target
from events.bodies import Language, Name, Url, Zone
from events.commands import RecordSource
from events.errors import DatelineError, DuplicateSource, Refused
from events.handler import Handler, Request
from events.log.state import State
from events.schedule import Clocks
from events.times import zone

NEWS: Final = "news"
"""The kind under which the state remembers what of a feed was looked at."""
BY: Final = "system/news"
LOOK_S: Final = 10
ENTRIES_A_POLL_MAX: Final = 20
ATTEMPTS_MAX: Final = 4
BACK_OFF_S_MAX: Final = 86_400.0
POLL_S_MAX: Final = 300.0
"""After so long a poll takes no further article; the next one goes on."""
FETCHES_MAX: Final = 16
READS_MAX: Final = 1
TITLE_CHARACTERS_MAX: Final = 300
ID_DIGITS: Final = 32

Outcome: TypeAlias = Literal["recorded", "duplicate", "undated", "unreadable", "unreachable", "refused"]
Polled: TypeAlias = Literal["read", "unchanged", "failed"]

_LOGGER: Final = logging.getLogger(__name__)


class NewsFeed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A feed to be read: who publishes it, in which zone its days count, and in which language it is."""

    url: Url
    publisher: Name
    timezone: Zone = "UTC"
    language: Language = "en"


class _List(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    feed: Annotated[tuple[NewsFeed, ...], Meta(min_length=1, max_length=200)]


class _Known(Struct, frozen=True, kw_only=True):
    """What is remembered of a feed. `entries` has how often each was tried in vain, 0 for those that are done."""

    etag: str | None = None
    last_modified: str | None = None
    entries: Mapping[str, int] = {}


def read_list(path: Path) -> tuple[NewsFeed, ...]:
    """Return the feeds that a file names: TOML, a table `[[feed]]` for each. Raises `FileInvalid`."""
    try:
        feeds = msgspec.toml.decode(path.read_bytes(), type=_List).feed
        for feed in feeds:
            target(feed.url)
            zone(feed.timezone)
        if len({feed.url for feed in feeds}) < len(feeds):
            raise FileInvalid(path, "it names a feed twice")
    except OSError as error:
        raise FileInvalid(path, error.strerror or "it cannot be read") from None
    except (msgspec.MsgspecError, UnicodeDecodeError, Refused, OutboundRefused) as error:
        raise FileInvalid(path, str(error)) from None
    return feeds


class News:
    """The polling of feeds: each every `every_s` seconds. `look` begins what is due and does not wait for it."""

    def __init__(
        self,
        feeds: Sequence[NewsFeed],
        handler: Handler,
        state: State,
        outbound: Outbound,
        clocks: Clocks,
        *,
        every_s: float,
    ) -> None:
        require_extra()
        self._feeds = tuple(feeds)
        self._handler = handler
        self._state = state
        self._outbound = outbound
        self._clocks = clocks
        self._every_s = every_s
        self._due_us = {feed.url: clocks.monotonic() for feed in self._feeds}
        self._failures: Counter[str] = Counter()
        self._polling: dict[str, asyncio.Task[None]] = {}
        self._recording: set[asyncio.Task[Outcome]] = set()
        self._fetches = asyncio.Semaphore(FETCHES_MAX)
        self._reads = asyncio.Semaphore(READS_MAX)
        self._stopped = False
        self.polls: Counter[Polled] = Counter()
        self.entries: Counter[Outcome] = Counter()

    async def look(self) -> None:
        """Begin to poll every feed that is due and not being polled."""
        for feed in () if self._stopped else self._feeds:
            under_way = self._polling.get(feed.url)
            if under_way is not None:
                if not under_way.done():
                    continue
                del self._polling[feed.url]
                if under_way.exception() is not None:
                    _LOGGER.error("the feed of %s", feed.publisher, exc_info=under_way.exception())
            if self._clocks.monotonic() >= self._due_us[feed.url]:
                self._polling[feed.url] = asyncio.create_task(self._poll(feed), name=f"news of {feed.publisher}")

    async def stop(self) -> None:
        """Give up what is under way, but for what is being recorded."""
        self._stopped = True
        for task in self._polling.values():
            task.cancel()
        await asyncio.gather(*self._polling.values(), return_exceptions=True)
        await asyncio.gather(*self._recording, return_exceptions=True)

    def values(self) -> Values:
        """Return what metrics tell of it."""
        return {
            "dateline_news_polls_total": {(outcome,): count for outcome, count in self.polls.items()},
            "dateline_news_entries_total": {(outcome,): count for outcome, count in self.entries.items()},
            "dateline_news_failing": sum(1 for count in self._failures.values() if count),
        }

    async def _poll(self, feed: NewsFeed) -> None:
        self._due_us[feed.url] = self._later(BACK_OFF_S_MAX)  # Whatever is not foreseen here is not tried at once.
        try:
            outcome = await self._read(feed)
        except DatelineError as error:
            self._failures[feed.url] += 1
            if self._failures[feed.url] == 1:  # That it goes on, a metric tells.
                _LOGGER.warning("the feed of %s could not be read: %s", feed.publisher, error)
            self.polls["failed"] += 1
        else:
            self._failures[feed.url] = 0
            self.polls[outcome] += 1
        wait_s = min(self._every_s * 2 ** min(self._failures[feed.url], 20), max(BACK_OFF_S_MAX, self._every_s))
        self._due_us[feed.url] = self._later(wait_s)

    def _later(self, seconds: float) -> int:
        return self._clocks.monotonic() + int(seconds * 1_000_000)

    async def _read(self, feed: NewsFeed) -> Polled:
        """Read a feed and take what is new in it, the last first: it is the next to leave the feed."""
        known = await self._known(feed)
        async with self._fetches:
            fetched = await self._outbound.fetch(feed.url, etag=known.etag, last_modified=known.last_modified)
        if fetched.status != 200:
            return "unchanged"
        async with self._reads:
            listed = await asyncio.to_thread(read_feed, fetched, timezone=feed.timezone)
        tried = {_key(feed, entry): known.entries.get(_key(feed, entry)) for entry in listed.entries}
        new = [entry for entry in reversed(listed.entries) if tried[_key(feed, entry)] != 0]
        until = self._later(POLL_S_MAX)
        taken: dict[str, int] = {}
        for entry in new[:ENTRIES_A_POLL_MAX]:
            key = _key(feed, entry)
            if key in taken or self._clocks.monotonic() >= until:
                continue
            taken[key] = await self._take(feed, entry, tried[key] or 0, public=fetched.public)
            await self._remember(feed, known, tried, taken)
        await self._remember(feed, _asked_again(known, fetched, listed, {**tried, **taken}), tried, taken)
        return "read"

    async def _take(self, feed: NewsFeed, entry: FeedEntry, tried: int, *, public: bool) -> int:
        """Take an entry; return 0 if that was all, else how often it was tried."""
        try:
            outcome = await self._record(feed, entry, public=public)
        except OutboundRefused as error:
            if tried + 1 < ATTEMPTS_MAX:
                return tried + 1
            outcome = "unreachable"
            _LOGGER.warning("an article of %s was given up: %s", feed.publisher, error)
        self.entries[outcome] += 1
        return 0

    async def _record(self, feed: NewsFeed, entry: FeedEntry, *, public: bool) -> Outcome:
        if entry.url is None:
            return "unreadable"
        async with self._fetches:
            fetched = await self._outbound.fetch(entry.url, public=public)
        try:
            async with self._reads:
                article = await asyncio.to_thread(read_article, fetched, timezone=feed.timezone)
            command = _command(feed, entry, article)
        except (ArticleUnreadable, msgspec.ValidationError) as error:
            _LOGGER.info("an article of %s is left out: %s", feed.publisher, error)
            return "unreadable"
        if command is None:
            return "undated"
        key = f"feed/{_key(feed, entry)}"
        request = Request(commands=(command,), key=key, fingerprint=sha256(key.encode()).digest(), by=BY)
        recording = asyncio.create_task(self._carry_out(request, feed.publisher))
        self._recording.add(recording)
        recording.add_done_callback(self._recording.discard)
        return await asyncio.shield(recording)

    async def _carry_out(self, request: Request, publisher: str) -> Outcome:
        try:
            handled = await self._handler.handle(request)
        except DuplicateSource:
            return "duplicate"
        except Refused as refusal:
            _LOGGER.warning("an article of %s is left out: %s", publisher, refusal)
            return "refused"
        return "duplicate" if handled.duplicate else "recorded"

    async def _known(self, feed: NewsFeed) -> _Known:
        found = await self._state.get(NEWS, _id(feed.url))
        return _Known() if found is None else msgspec.json.decode(found.value, type=_Known)

    async def _remember(
        self, feed: NewsFeed, known: _Known, tried: Mapping[str, int | None], taken: Mapping[str, int]
    ) -> None:
        """Remember what the feed still lists; what it lists no more does not come back."""
        entries = {key: count for key, count in {**tried, **taken}.items() if count is not None}
        after = msgspec.structs.replace(known, entries=entries)
        await self._state.put(NEWS, _id(feed.url), msgspec.json.encode(after), expected=None)


def _asked_again(known: _Known, fetched: Fetched, listed: Listed, counts: Mapping[str, int | None]) -> _Known:
    """Return what to ask with next time: for the whole feed, as long as something of it is to be taken."""
    done = all(count == 0 for count in counts.values())
    return msgspec.structs.replace(
        known, etag=fetched.etag if done else None, last_modified=fetched.last_modified if done else None
    )


def _command(feed: NewsFeed, entry: FeedEntry, article: Article) -> RecordSource | None:
    """Return what records an article; None where neither it nor the feed says when it appeared."""
    published_at = article.published_at or entry.published_at
    if published_at is None:
        return None
    title = article.title or entry.title or article.text.strip().partition("\n")[0][:TITLE_CHARACTERS_MAX]
    said = {
        "command": "record_source",
        "title": title,
        "publisher": feed.publisher,
        "published_at": published_at,
        "timezone": feed.timezone,
        "language": article.language or feed.language,
        "text": article.text,
        "url": article.canonical_url or article.url,
        "author": article.author or entry.author,
    }
    return msgspec.convert({name: value for name, value in said.items() if value is not None}, RecordSource)


def _key(feed: NewsFeed, entry: FeedEntry) -> str:
    return _id(f"{feed.url}\n{entry.id or entry.url or entry.title}")


def _id(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:ID_DIGITS]
