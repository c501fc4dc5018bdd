"""From what was read to what is answered: an export with its addresses and headers, and how to cite a thing."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from litestar import Request, Response
from litestar.di import Provide

from api.answers import tag_of
from api.exports.addresses import IN_ADDRESSES, asked_of, following, home_of, in_words, permanent, present
from api.exports.citing import WAYS, Work
from api.exports.export import Export, one_line
from api.exports.formats import Format
from api.pages.render import Site
from api.pages.urls import path, web_address
from events.log.port import Log
from events.views.clocks import Clocks
from events.views.exported import Exported
from events.views.turns import Turns

AT_ONCE_MAX: Final = 2
"""So many exports are written at once, each of them in memory; others wait."""
LINK_CHARACTERS_MAX: Final = 2000
"""A longer address is left out of the headers, which many programs take only so long."""
TITLES: Final[Mapping[str, str]] = {
    "/v1/announcements": "Announcements",
    "/v1/agenda": "What is to come",
    "/v1/due": "Dates that passed, not yet checked",
}
"""What the lists are called that are of no timeline."""


class Exporter:
    """What the routes of exports share: whose exports they are, and how many are written at once."""

    def __init__(self, site: Site, log: Log) -> None:
        self._site = site
        self._log = log
        self._turns = Turns(AT_ONCE_MAX)

    def dependencies(self) -> dict[str, Provide]:
        """Return what the routes are given, by name."""
        return {"exporter": Provide(self._exporter)}

    async def exported(
        self, request: Request[Any, Any, Any], read: Exported, clocks: Clocks, format: Format, *, under: str
    ) -> Response[bytes]:
        """Return what was read in a format; it is served under a path, which gives the file its name.

        Raises `ReadsFull`.
        """
        log_id = (await self._log.head()).log_id
        export = self._export(request, read, clocks, log_id, under=f"{under}.{format.suffix}")
        async with self._turns.turn():
            body = await asyncio.to_thread(format.body, export)
        kind, name = "attachment" if format.is_file else "inline", under.rpartition("/")[2]
        headers = {
            "ETag": tag_of(export.position, body),
            "Content-Disposition": f'{kind}; filename="{name}.{format.suffix}"',
            "Link": _links(export, is_feed=format.is_feed),
        }
        return Response(body, media_type=format.media_type, headers=headers)

    def cited(
        self, request: Request[Any, Any, Any], read: Exported, way: str, page: str, title: str
    ) -> Response[bytes]:
        """Return how to cite what has a page, in one of the ways that there are."""
        home = home_of(request, self._site)
        work = Work(
            id=f"{page.strip('/').replace('/', ':')}:{read.position}",
            title=one_line(title),
            collection=one_line(self._site.name),
            position=read.position,
            recorded_at=read.recorded_at,
            permalink=permanent(home + page, asked_of(request), read.position),
            license=one_line(self._site.data_license),
        )
        media_type, write = WAYS[way]
        body = write(work).encode()
        return Response(body, media_type=media_type, headers={"ETag": tag_of(read.position, body)})

    def _export(
        self, request: Request[Any, Any, Any], read: Exported, clocks: Clocks, log_id: str, *, under: str
    ) -> Export:
        asked, home, timeline = asked_of(request), home_of(request, self._site), read.timeline
        address, more = home + under, read.listed.next
        return Export(
            title=TITLES[under.partition(".")[0]] if timeline is None else timeline.title,
            description=in_words(asked) if timeline is None else timeline.description,
            items=read.listed.items,
            sources=read.sources,
            counts=read.counted,
            total=read.listed.total,
            position=read.position,
            recorded_at=read.recorded_at,
            log_id=log_id,
            name=self._site.name,
            license=self._site.data_license,
            home=home,
            page=f"{home}/" if timeline is None else path(home, "timelines", timeline.slug),
            address=present(address, asked),
            permalink=permanent(address, asked, read.position),
            following=following(address, asked, more) if more else None,
            next=more,
            timeline=timeline,
            clocks=clocks,
        )

    async def _exporter(self) -> "Exporter":
        return self


def _links(export: Export, *, is_feed: bool) -> str:
    """Return the `Link` header: where it stays as it is, its page, its licence, and where it goes on."""
    links = {"memento": export.permalink, "alternate": export.page}
    if web_address(export.license):
        links["license"] = quote(export.license, safe=IN_ADDRESSES)
    if export.following and not is_feed:
        links["next"] = export.following
    short = {relation: address for relation, address in links.items() if len(address) <= LINK_CHARACTERS_MAX}
    return ", ".join(f'<{address}>; rel="{relation}"' for relation, address in short.items())
