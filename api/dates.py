"""`GET /v1/dates`: what a date means, for forms."""

import re
from typing import Final

from litestar.params import FromQuery

from api.reading import get
from events import record
from events.due import day_in
from events.errors import DateInvalid, Refused
from events.extract.asked import read_phrase
from events.extract.reading import Publication
from events.judging import when_of
from events.times import read_time, zone

WORDS: Final = re.compile(r"[^\W\d_X]{2}|\s\S|(?<!\d)\d{1,2}[./]")
"""Matches what stands in no EDTF expression: words, or a date as it is written in some country."""


@get("/dates")
async def read_date(
    text: FromQuery[str], published_at: FromQuery[str | None] = None, timezone: FromQuery[str] = "UTC"
) -> record.When:
    """Return what a date means, as that of an announcement: an EDTF expression, or words in English.

    Words such as "next Wednesday" count from the day of `published_at` in `timezone`, and need it; "by the end of March
    2025" does not. "May" and "the 3rd" are the next ones. The whole text has to be one date. An expression depends on
    neither, but they must be valid where they are given.
    """
    zone(timezone, pointer="?timezone")
    published = None
    if published_at is not None:
        published = Publication(day=day_in(timezone, read_time(published_at, timezone, pointer="?published_at")))
    try:
        return record.when_of(when_of(text.strip(), pointer="?text"))
    except DateInvalid as error:
        if not WORDS.search(text.strip()):
            raise DateInvalid(str(error), pointer="?text") from None
    try:
        return read_phrase(text.strip(), published)
    except Refused as error:
        error.pointer = "?published_at" if error.code == "published-at-missing" else "?text"
        raise


HANDLERS: Final = (read_date,)
