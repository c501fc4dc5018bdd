"""`dateline timeline`: a timeline in the terminal."""

import shutil
import sys
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

import msgspec

from api import terminal
from api.cli_service import Api, given, reached
from events.record import Announcement, Timeline

PAGE_ITEMS: Final = 200
ITEMS_MAX: Final = 10_000


def timeline(
    slug: str, *, as_of: str | None, said_by: str | None, data: Path, server: str | None, token: str | None
) -> None:
    """Print a timeline, as it was recorded by `as_of` and said by `said_by`; None is now.

    Raises `RefusedByService`, and what `reached` raises.
    """
    asked = {name: value for name, value in (("as_of", as_of), ("said_by", said_by)) if value is not None}
    with reached(data, server, token) as api:
        found = _whole(api, slug, asked)
    if sys.stdout.isatty():
        terminal.show(found)
    else:
        for line in terminal.plain(found, columns=shutil.get_terminal_size((100, 24)).columns):
            print(line)  # noqa: T201


def _whole(api: Api, slug: str, asked: dict[str, str]) -> Timeline:
    """Return a timeline with all its announcements, from as many pages as they take."""
    path = f"/v1/timelines/{quote(slug, safe='', errors='surrogateescape')}"
    items: list[Announcement] = []
    query = {**asked, "limit": str(PAGE_ITEMS)}
    while True:
        body = given(api.ask("GET", f"{path}?{urlencode(query, errors='surrogateescape')}"))
        page = msgspec.json.decode(body, type=Timeline)
        items += page.items
        if page.next is None or len(items) >= ITEMS_MAX:
            return msgspec.structs.replace(page, items=tuple(items))
        query["cursor"] = page.next
