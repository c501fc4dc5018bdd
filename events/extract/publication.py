"""When and where a text appeared, in which English: what its words are counted and read by."""

import re
from typing import Final

from events.due import day_in
from events.errors import Refused
from events.extract.reading import Publication
from events.instants import Instant

READ: Final = re.compile(r"en(-[A-Za-z0-9]+)*", re.IGNORECASE)
_REGION: Final = re.compile(r"-([A-Za-z]{2})(?:-|$)")


class LanguageNotRead(Refused):
    """A text is in a language that is not read."""

    code = "language-not-read"


def publication_of(published_at: Instant, timezone: str, language: str, *, pointer: str | None = None) -> Publication:
    """Return the day in its zone, the language, and the country that the language names. Raises `LanguageNotRead`."""
    if not READ.fullmatch(language):
        raise LanguageNotRead(
            f"texts in {language[:35]!r} are not read; English is: en, en-GB and so on", pointer=pointer
        )
    region = _REGION.search(language)
    country = None if region is None else region[1].upper()
    return Publication(day=day_in(timezone, published_at), language=language, country=country)
