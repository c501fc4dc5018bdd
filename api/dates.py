"""`GET /v1/dates`: what a date means, for forms."""

import re
from typing import Final

from litestar.params import FromQuery

from api.reading import get
from events import record
from events.errors import DateInvalid
from events.judging import when_of
from events.times import read_time, zone

WORDS: Final = re.compile(r"[^\W\d_X]{2}")
"""Matches what stands in no EDTF expression, so that who gave words is told that they are not read."""


@get("/dates")
async def read_date(
    text: FromQuery[str], published_at: FromQuery[str | None] = None, timezone: FromQuery[str] = "UTC"
) -> record.When:
    """Return what an EDTF expression means, as the date of an announcement.

    `published_at` and `timezone`, from which words such as "next Wednesday" count, must be valid where they are given;
    an expression does not depend on them.
    """
    zone(timezone, pointer="?timezone")
    if published_at is not None:
        read_time(published_at, timezone, pointer="?published_at")
    try:
        return record.when_of(when_of(text.strip(), pointer="?text"))
    except DateInvalid as error:
        hint = "; words are not read yet, give an EDTF expression like 2024-04-10, 2024-05 or ../2025"
        raise DateInvalid(f"{error}{hint if WORDS.search(text) else ''}", pointer="?text") from None


HANDLERS: Final = (read_date,)
