"""What an export is made from: announcements, the sources they cite, whose they are, and where they stand."""

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeVar
from uuid import UUID, uuid5

from msgspec import UNSET, Struct

from api.pages import texts
from api.pages.urls import path, web_address
from events.days import civil, parse_day
from events.edtf import kind_of
from events.instants import Instant
from events.record import Announcement, GivenDate, Source, reading
from events.terms import Image
from events.views.clocks import NOW, Clocks
from events.views.definition import TimelineDefinition
from events.views.exported import Counted

T = TypeVar("T")
NO_TEXT: Final = re.compile(r"[^\t\n\r -\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write, and other controls."""
BREAKS: Final = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
"""Ends of lines that some programs know and others do not."""


class Export(Struct, frozen=True, kw_only=True):
    """A list, or a part of one, as it was recorded up to `position`, at `recorded_at`.

    All addresses are absolute. `address` leads to this export as it is now, `permalink` to it as it was recorded up to
    `position`, `page` to a page for readers, and `following` to the part that comes next, if there is one; `next` is
    its cursor. `home` is where the service is, without a slash at its end. `timeline` is what the list is of, if it is
    of one, and `clocks` is where it was asked for. `counts` has those announcements of whose dates not all are shown.
    """

    title: str
    description: str | None
    items: tuple[Announcement, ...]
    sources: Mapping[str, Source]
    total: int
    position: int
    recorded_at: Instant
    log_id: str
    name: str
    license: str
    home: str
    page: str
    address: str
    permalink: str
    following: str | None
    next: str | None = None
    timeline: TimelineDefinition | None = None
    clocks: Clocks = NOW
    counts: Mapping[str, Counted] = {}

    def count(self, item: Announcement) -> Counted:
        """Count an announcement's dates and their moves, those that are not shown too."""
        shown = Counted(dates=len(item.dates), moves=sum(date.how == "moved" for date in item.dates))
        return self.counts.get(item.id, shown)

    @property
    def counted(self) -> str:
        """How many announcements this holds, in words."""
        if len(self.items) == self.total:
            return texts.counted(self.total, "announcement")
        return f"{len(self.items):,} of {texts.counted(self.total, 'announcement')}"

    @property
    def as_of(self) -> str:
        """Up to where it was recorded, in words."""
        return f"as recorded up to entry {self.position}, {texts.instant_words(self.recorded_at)}"

    def page_of(self, item: Announcement) -> str:
        """Return the address of an announcement's page."""
        return path(self.home, "announcements", item.id)

    def permalink_of(self, item: Announcement) -> str:
        """Return the address of an announcement's page as it was recorded up to `position`."""
        return f"{self.page_of(item)}?as_of={self.position}"

    def id_of(self, name: str) -> UUID:
        """Return an id for something in this log, the same wherever the log is served."""
        return uuid5(UUID(self.log_id), name)

    def uid_of(self, item: Announcement) -> UUID:
        """Return the id of an announcement for other programs."""
        return self.id_of(f"announcement:{item.id}")


class Span(Struct, frozen=True, kw_only=True):
    """The days to show a date at, each as year, month and day; the last is included."""

    first: tuple[int, int, int]
    last: tuple[int, int, int]


def one_by_one(items: Iterable[T]) -> Iterator[T]:
    """Yield items, and let other threads go on between them: writing takes long, and who asks for little waits."""
    for item in items:
        time.sleep(0)
        yield item


def span_of(item: Announcement) -> Span | None:
    """Return the days to show an announcement at: a deadline on its last one, what was put off where it was.

    None: it has no date, or one without ends.
    """
    date = shown_date(item)
    if date is None or date.edtf is None:
        return None
    kind = item.when.kind if item.when.edtf else kind_of(reading(date.edtf))
    first, last = date.earliest or date.latest, date.latest or date.earliest
    if first is None or last is None:
        return None
    if kind == "deadline" and date.latest is not None:
        first = date.latest
    return Span(first=civil(parse_day(first)), last=civil(parse_day(last)))


def shown_date(item: Announcement) -> GivenDate | None:
    """Return the date in force, the last one there was where it was put off without a new one, else None."""
    return next((date for date in reversed(item.dates) if date.edtf is not None), None)


def is_put_off(item: Announcement) -> bool:
    """Say whether an announcement is off the date it had."""
    return item.when.edtf is None and shown_date(item) is not None


def is_exact(item: Announcement) -> bool:
    """Say whether an announcement is for one day, without doubt."""
    when = item.when
    doubtful = when.edtf is None or any(mark in when.edtf for mark in "~?%[{")
    return not doubtful and when.kind == "on" and when.precision == "day" and when.earliest == when.latest


def newest(items: Sequence[Announcement], limit: int) -> list[Announcement]:
    """Return what changed last, the newest change first."""
    return sorted(items, key=lambda item: (-item.position, item.id))[:limit]


def plain(text: str) -> str:
    r"""Return a text that every format can hold: lines end in one way, and there are no controls.

    >>> plain("one\u2028two\x00")
    'one\ntwo'
    """
    return NO_TEXT.sub("", BREAKS.sub("\n", text))


def one_line(text: str) -> str:
    r"""Return a text in one line.

    >>> one_line(" one\n  two ")
    'one two'
    """
    return " ".join(plain(text).split())


def image_of(item: Announcement) -> Image | None:
    """Return an announcement's picture, if it has one with a web address."""
    return item.image if item.image is not UNSET and web_address(item.image.url) else None
