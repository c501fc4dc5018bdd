"""Every format of an export: how its address ends, its media type, and what writes it."""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from api.exports.atom import atom
from api.exports.calendars import calendar
from api.exports.export import Export
from api.exports.json_feed import json_feed
from api.exports.markdown import markdown
from api.exports.records import records
from api.exports.spreadsheets import announcements_csv, dates_csv
from api.exports.timelinejs import timelinejs


class Format(Struct, frozen=True, kw_only=True):
    """A format. `is_feed`: it holds what changed last, and there is no next part; `is_file`: a browser saves it."""

    suffix: str
    media_type: str
    written: Callable[[Export], str | bytes]
    is_feed: bool = False
    is_file: bool = False

    def body(self, export: Export) -> bytes:
        """Return an export in this format."""
        written = self.written(export)
        return written if isinstance(written, bytes) else written.encode()


FORMATS: Final = (
    Format(suffix="json", media_type="application/json", written=records),
    Format(suffix="csv", media_type="text/csv", written=announcements_csv, is_file=True),
    Format(suffix="dates.csv", media_type="text/csv", written=dates_csv, is_file=True),
    Format(suffix="md", media_type="text/markdown", written=markdown, is_file=True),
    Format(suffix="ics", media_type="text/calendar", written=calendar, is_file=True),
    Format(suffix="atom", media_type="application/atom+xml", written=atom, is_feed=True),
    Format(suffix="feed.json", media_type="application/feed+json", written=json_feed, is_feed=True),
    Format(suffix="timelinejs.json", media_type="application/json", written=timelinejs),
)
