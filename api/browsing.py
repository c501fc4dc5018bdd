"""The routes of pages to find things on: actors, the rubric, the log, and what this site is."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final, TypeAlias
from urllib.parse import parse_qsl, urlencode

import msgspec
from litestar import Request, Response
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect

from api.cloudevents import subject_of
from api.pages import finding, mended, reference
from api.pages.journal import LogEntry, log_entry, subjects_of
from api.pages.render import Asked, Way
from api.proofs import Proofs
from api.publishing import Publishing
from api.queries import published_rubrics
from api.reading import POSITION_MAX, At, From, R, Reader, Several, found, wanted
from api.serving import P, get
from events.facts import TYPES
from events.log.port import Event, Query, QueryItem
from events.record import ActorRecord
from events.views.actors import HOPS_MAX
from events.views.clocks import NOW, Clocks
from events.views.corrections import CorrectionFilter
from events.views.filters import Filter
from events.views.searching import NothingSought, Sought, sought

ACTORS_MAX: Final = 100
ANNOUNCEMENTS_MAX: Final = 200
YEARS_MAX: Final = 100
ENTRIES_MAX: Final = 50
RESULTS_MAX: Final = 20
CORRECTIONS_MAX: Final = 50
CHANGES_MAX: Final = 8
CHANGES_LOOKED_AT_MAX: Final = 100
"""So many entries are looked through for announcements that changed lately."""
BY_THE_CLOCK: Final = ("announcement.came_up", "announcement.fell_due")
CHANGES: Final = tuple(name for name in TYPES if name.startswith("announcement.") and name not in BY_THE_CLOCK)

Position: TypeAlias = Annotated[int | None, QueryParameter(ge=1, le=POSITION_MAX)]


@get("/actors")
async def actors(reader: R, pages: P, clocks: At, cursor: FromQuery[str | None] = None) -> Response[bytes]:
    """Return the list of actors."""
    listed = await reader.views.read.actors(clocks, limit=ACTORS_MAX, cursor=cursor)
    names = await _names(reader, listed.items, clocks)
    asked = _asked(clocks)
    way = _way(f"{pages.site.base_path}/actors", asked, cursor, listed.next)
    html = await asyncio.to_thread(reference.actors_page, listed, names, site=pages.site, way=way, asked=asked)
    return pages.page(html, listed.position)


@get("/actors/{id:str}")
async def actor(
    request: Request[Any, Any, Any],
    id: FromPath[str],
    reader: R,
    pages: P,
    clocks: At,
    cursor: FromQuery[str | None] = None,
) -> Response[bytes] | Redirect:
    """Return an actor's page; that of a merged one leads to whom it was merged into."""
    read, home = reader.views.read, f"{pages.site.base_path}/actors"
    shown = found(await read.actor(id, clocks), "actor", id)
    survivor = await _survivor(reader, shown, clocks)
    if survivor.id != id:
        query = f"?{request.url.query}" if request.url.query else ""
        return Redirect(f"{home}/{survivor.id}{query}", status_code=308)
    asked, its = _asked(clocks), Filter(actor=(id,))
    listed = await read.announcements(its, clocks, limit=ANNOUNCEMENTS_MAX, cursor=cursor)
    scores = await read.scoreboard(its, clocks, by_year=True, limit=YEARS_MAX)
    slips = await read.slippage(its, clocks, limit=1)
    html = await asyncio.to_thread(
        reference.actor_page,
        shown,
        listed,
        ids=await read.actor_ids(id, clocks),
        names=await _names(reader, [shown], clocks),
        scores=scores.items,
        slips=next(iter(slips.items), None),
        site=pages.site,
        way=_way(f"{home}/{id}", asked, cursor, listed.next),
        asked=asked,
    )
    return pages.page(html, listed.position)


@get("/search")
async def search(
    reader: R,
    pages: P,
    clocks: At,
    filled: NamedDependency[Filter],
    cursor: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Return what was found in titles, quotes and reasons, or a form to ask by."""
    q, only, asked = filled.q or "", msgspec.structs.replace(filled, q=None), _asked(clocks)
    terms, problem = _sought(q)
    read = reader.views.read
    hits = await read.search(terms, only, clocks, limit=RESULTS_MAX, cursor=cursor) if terms else None
    cited = {match.source for hit in hits.items for match in hit.matches} if hits else set()
    sources = [await read.source(id, clocks) for id in sorted(id for id in cited if isinstance(id, str))]
    here = f"{pages.site.base_path}/search"
    more = _parameters(q, only, asked)
    html = await asyncio.to_thread(
        finding.search_page,
        q,
        only,
        hits,
        sources={source.id: source for source in sources if source is not None},
        problem=problem,
        site=pages.site,
        way=Way(
            previous=_with(here, more) if cursor else None,
            following=_with(here, [*more, ("cursor", hits.next)]) if hits and hits.next else None,
        ),
        asked=asked,
    )
    return pages.page(html, hits.position if hits else reader.views.position)


@get("/corrections")
async def corrections(
    reader: R,
    pages: P,
    clocks: At,
    announcement: Several = None,
    actor: Several = None,
    source: Several = None,
    cursor: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Return what was wrong, what it is now, and why, the latest first; filters choose what it is about."""
    several = {"announcement": announcement, "actor": actor, "source": source}
    wanted = CorrectionFilter(**{name: tuple(_given(values) or ()) for name, values in several.items()})
    listed = await reader.views.read.corrections(wanted, clocks, limit=CORRECTIONS_MAX, cursor=cursor)
    asked, here = _asked(clocks), f"{pages.site.base_path}/corrections"
    given = [(name, value) for name in several for value in getattr(wanted, name)]
    more = [*given, *parse_qsl(asked.query().removeprefix("?"))]
    way = Way(
        previous=_with(here, more) if cursor else None,
        following=_with(here, [*more, ("cursor", listed.next)]) if listed.next else None,
    )
    html = await asyncio.to_thread(mended.corrections_page, listed, site=pages.site, way=way, asked=asked)
    return pages.page(html, listed.position)


@get("/rubric")
async def rubric(reader: R, pages: P, reached: NamedDependency[None]) -> Response[bytes]:
    """Return what the ratings mean, the newest rubric first."""
    published, head = await published_rubrics(reader.log)
    lines = [(one.version, one.text, one.recorded_at, one.position) for one in reversed(published)]
    return pages.page(reference.rubric_page(lines, pages.site), head)


@get("/log")
async def log(
    reader: R,
    pages: P,
    reached: NamedDependency[None],
    proofs: NamedDependency[Proofs],
    publishing: NamedDependency[Publishing],
    before: Position = None,
) -> Response[bytes]:
    """Return a page of the log, the newest entries first, or those before a position."""
    head = await reader.log.head()
    upto = head.position if before is None else min(before - 1, head.position)
    read = await reader.log.read(Query.all(), upto=upto, backwards=True, limit=ENTRIES_MAX)
    entries = await entries_of(reader, read.events, pages.site.base_path)
    here = f"{pages.site.base_path}/log"
    first = read.events[-1].position if read.events else 1
    way = Way(
        previous=None if before is None else here,
        following=f"{here}?before={first}" if first > 1 else None,
    )
    html = reference.log_page(
        entries, head=head.position, seal=head.root.hex(), vkey=str(proofs.seal.vkey), log_id=head.log_id,
        held=await publishing.held(), site=pages.site, way=way, latest=before is None,
    )  # fmt: skip
    return pages.page(html, head.position)


@get("/about")
async def about(reader: R, pages: P, reached: NamedDependency[None]) -> Response[bytes]:
    """Return what this site is, and how to read it."""
    return pages.page(reference.about_page(pages.site), reader.views.position)


async def _filled(
    q: FromQuery[str | None] = None,
    actor: Several = None,
    topic: Several = None,
    place: Several = None,
    kind: Several = None,
    state_: Annotated[list[str] | None, QueryParameter(name="state")] = None,  # `state` is Litestar's own.
    source: Several = None,
    id: Several = None,
    from_: From = None,
    to: FromQuery[str | None] = None,
) -> Filter:
    """Return what a form asks for; a field left empty asks for nothing."""
    filters = await wanted(
        actor=_given(actor), topic=_given(topic), place=_given(place), kind=_given(kind), state_=_given(state_),
        source=_given(source), id=_given(id), from_=from_ or None, to=to or None,
    )  # fmt: skip
    return msgspec.structs.replace(filters, q=(q or "").strip() or None)


def _given(values: list[str] | None) -> list[str] | None:
    return [value for value in values or () if value] or None


HANDLERS: Final = (actors, actor, search, corrections, rubric, log, about)
DEPENDENCIES: Final = {"filled": Provide(_filled)}


async def changes(reader: Reader, clocks: Clocks, base: str) -> list[LogEntry]:
    """Return the last entry of each of the announcements that changed last, by what had been recorded."""
    wanted = Query(items=(QueryItem(types=CHANGES),))
    read = await reader.log.read(wanted, upto=clocks.as_of, backwards=True, limit=CHANGES_LOOKED_AT_MAX)
    last: dict[str, Event] = {}
    for event in read.events:
        if (subject := subject_of(event)) is not None:
            last.setdefault(subject, event)
    return await entries_of(reader, list(last.values())[:CHANGES_MAX], base)


async def entries_of(reader: Reader, events: Sequence[Event], base: str) -> list[LogEntry]:
    """Return entries in words, with the present titles of what they are about."""
    subjects = [subject_of(event) for event in events]
    titles = await _titles(reader, subjects)
    return [log_entry(event, subject, titles, base) for event, subject in zip(events, subjects, strict=True)]


async def _titles(reader: Reader, subjects: Iterable[str | None]) -> dict[str, str]:
    """Return titles and names by tag; of what lists leave out there is none."""
    read, named = reader.views.read, list(subjects)
    ids = subjects_of(named, "announcement")
    listed = await read.announcements(Filter(id=ids), limit=len(ids)) if ids else None
    titles = {f"announcement:{one.id}": one.title for one in listed.items} if listed else {}
    names = await read.actor_names(subjects_of(named, "actor"))
    titles |= {f"actor:{id}": name for id, name in names.items() if name}
    for id in subjects_of(named, "source"):
        if source := await read.source(id):
            titles[f"source:{id}"] = source.title
    for slug in subjects_of(named, "timeline"):
        if timeline := await read.definition(slug):
            titles[f"timeline:{slug}"] = timeline.title
    return titles


async def _names(reader: Reader, listed: Iterable[ActorRecord], clocks: Clocks = NOW) -> dict[str, str]:
    """Return the names of those whom actors belong to or are the same as."""
    others = [other for actor in listed for other in (actor.part_of, actor.merged_into) if isinstance(other, str)]
    names = await reader.views.read.actor_names(sorted(set(others)), clocks)
    return {id: name for id, name in names.items() if name}


async def _survivor(reader: Reader, actor: ActorRecord, clocks: Clocks) -> ActorRecord:
    for _ in range(HOPS_MAX):
        into = actor.merged_into
        following = await reader.views.read.actor(into, clocks) if isinstance(into, str) else None
        if following is None:
            break
        actor = following
    return actor


def _sought(q: str) -> tuple[Sought | None, str]:
    """Return what to look for, or, where that is nothing, why in words for the reader."""
    try:
        return (sought(q), "") if q else (None, "")
    except NothingSought:
        return None, f"There is no word to look for in “{q[:100]}”, or there are too many."


def _parameters(q: str, wanted: Filter, asked: Asked) -> list[tuple[str, str]]:
    """Return the parameters that ask for the same again."""
    several = ("actor", "topic", "place", "kind", "state", "source", "id")
    given = [("q", q), ("from", wanted.from_), ("to", wanted.to)]
    given += [(name, value) for name in several for value in getattr(wanted, name)]
    given += parse_qsl(asked.query().removeprefix("?"))
    return [(name, value) for name, value in given if value]


def _with(here: str, parameters: Sequence[tuple[str, str]]) -> str:
    return f"{here}?{urlencode(parameters)}" if parameters else here


def _asked(clocks: Clocks) -> Asked:
    return Asked(said_by=clocks.said_by, as_of=clocks.as_of, as_of_at=clocks.as_of_at)


def _way(here: str, asked: Asked, cursor: str | None, following: str | None) -> Way:
    """Return where a list goes on; the way back leads to its beginning."""
    return Way(
        previous=here + asked.query() if cursor else None,
        following=here + asked.query(cursor=following) if following else None,
    )
