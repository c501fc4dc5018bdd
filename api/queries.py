"""The routes that read. Each asks the views, or the log, one thing, and returns a struct."""

from typing import Final, Literal
from urllib.parse import urlencode

from litestar import Response, Router
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from api.cloudevents import CloudEvent, EventsPage, cloud_event
from api.reading import POSITION_MAX, At, From, Limit, Part, R, Several, found, get
from api.selection import position_of, read_selection
from events import record
from events.facts import RubricPublished, read
from events.handler import TEXT
from events.instants import Instant
from events.log.port import Event, Log, Query, QueryItem
from events.terms import TimelineQuery
from events.views.cursor import cursor_of, key_of, mark_of
from events.views.filters import Filter
from events.views.listing import LIMIT_DEFAULT, Listing

RUBRICS_MAX: Final = 1000


class TimelineSummary(Struct, frozen=True, kw_only=True):
    """A timeline in a list, without its announcements."""

    slug: str
    title: str
    description: str | None
    query: TimelineQuery
    position: int


class Rubric(Struct, frozen=True, kw_only=True):
    """What the ratings mean, in one version."""

    version: str
    text: str
    recorded_at: Instant
    position: int


class Health(Struct, frozen=True, kw_only=True):
    """How the service is: `waiting` names what has to happen before it is ready."""

    status: Literal["ok", "waiting"]
    waiting: tuple[str, ...] = ()


@get("/announcements")
async def announcements(
    reader: R, clocks: At, paging: Part, wanted: NamedDependency[Filter]
) -> Listing[record.Announcement]:
    """Return announcements by date, those without one last."""
    return await reader.views.read.announcements(wanted, clocks, limit=paging.limit, cursor=paging.cursor)


@get("/announcements/{id:str}")
async def announcement(id: FromPath[str], reader: R, clocks: At) -> record.Announcement:
    """Return an announcement."""
    return found(await reader.views.read.announcement(id, clocks), "announcement", id)


@get("/announcements/{id:str}/history")
async def history(id: FromPath[str], reader: R, clocks: At) -> Listing[record.HistoryEntry]:
    """Return every recorded fact about an announcement, by position."""
    entries = found(await reader.views.read.history(id, clocks) or None, "announcement", id)
    return Listing(items=entries, next=None, total=len(entries), position=reader.views.position)


@get("/sources")
async def sources(reader: R, clocks: At, paging: Part) -> Listing[record.Source]:
    """Return sources, those published last first."""
    return await reader.views.read.sources(clocks, limit=paging.limit, cursor=paging.cursor)


@get("/sources/{id:str}")
async def source(id: FromPath[str], reader: R, clocks: At) -> record.Source:
    """Return a source."""
    return found(await reader.views.read.source(id, clocks), "source", id)


@get("/sources/{id:str}/text", media_type="text/plain", opt={"scope": "read:text"})
async def source_text(id: FromPath[str], reader: R, clocks: At) -> Response[str]:
    """Return the text of a source, which is not public."""
    described = found(await reader.views.read.source(id, clocks), "source", id)
    kept = await reader.state.get(TEXT, described.sha256) if isinstance(described.sha256, str) else None
    text = found(kept, "text of source", id).value.decode()
    return Response(text, media_type="text/plain", headers={"Cache-Control": "private, no-store"})


@get("/actors")
async def actors(reader: R, clocks: At, paging: Part) -> Listing[record.ActorRecord]:
    """Return actors, by id."""
    return await reader.views.read.actors(clocks, limit=paging.limit, cursor=paging.cursor)


@get("/actors/{id:str}")
async def actor(id: FromPath[str], reader: R, clocks: At) -> record.ActorRecord:
    """Return an actor."""
    return found(await reader.views.read.actor(id, clocks), "actor", id)


@get("/timelines")
async def timelines(reader: R, clocks: At, paging: Part) -> Listing[TimelineSummary]:
    """Return the timelines that are not archived, by slug."""
    page = await reader.views.read.timelines(clocks, limit=paging.limit, cursor=paging.cursor)
    items = tuple(
        TimelineSummary(
            slug=one.slug, title=one.title, description=one.description, query=one.query, position=one.position
        )
        for one in page.items
    )
    return Listing(items=items, next=page.next, total=page.total, position=page.position)


@get("/timelines/{slug:str}")
async def timeline(
    slug: FromPath[str], reader: R, clocks: At, paging: Part, wanted: NamedDependency[Filter]
) -> record.Timeline:
    """Return a timeline with a page of its announcements, which filters narrow down; `{slug}.json` has all of them."""
    shown = await reader.views.read.timeline(slug, clocks, limit=paging.limit, cursor=paging.cursor, wanted=wanted)
    return found(shown, "timeline", slug)


@get("/rubrics")
async def rubrics(reader: R, reached: NamedDependency[None], paging: Part) -> Listing[Rubric]:
    """Return the published rubrics, which stay for ever, in the order of their publication."""
    mark = mark_of("rubrics")
    after = 0 if paging.cursor is None else key_of(mark, paging.cursor, tuple[int])[0]
    standing, head = await published_rubrics(reader.log)
    rest = [rubric for rubric in standing if rubric.position > after]
    shown = tuple(rest[: paging.limit])
    following = cursor_of(mark, (shown[-1].position,)) if len(shown) < len(rest) else None
    return Listing(items=shown, next=following, total=len(standing), position=head)


@get("/events")
async def events(
    reader: R,
    reached: NamedDependency[None],
    from_: From = None,
    types: Several = None,
    tags: Several = None,
    announcement: Several = None,
    actor: Several = None,
    source: Several = None,
    limit: Limit = LIMIT_DEFAULT,
) -> EventsPage:
    """Return recorded facts in order. `from` is exclusive: start, head, a position, or a time."""
    asked = {"types": types, "tags": tags, "announcement": announcement, "actor": actor, "source": source}
    given = {name: values for name, values in asked.items() if values}
    begin = "start" if from_ is None else from_
    selection = read_selection(urlencode({**given, "from": begin}, doseq=True), start="start")
    head = await reader.log.head()
    after = await position_of(selection.start, reader.log, head=head.position)
    page = await reader.log.read(selection.query, after=after, upto=head.position, limit=limit)
    last = page.events[-1].position if page.events else head.position
    return EventsPage(
        events=tuple(cloud_event(event, head.log_id) for event in page.events),
        head=head.position,
        next=str(last) if len(page.events) == limit and last < head.position else None,
    )


@get("/events/{position:str}")
async def event(position: FromPath[int], reader: R, reached: NamedDependency[None]) -> CloudEvent:
    """Return one recorded fact."""
    known = 0 < position <= POSITION_MAX
    page = await reader.log.read(Query.all(), after=position - 1, upto=position, limit=1) if known else None
    here = found(page.events[0] if page and page.events else None, "event", str(position))
    return cloud_event(here, (await reader.log.head()).log_id)


@get("/healthz")
async def healthz() -> Health:
    """Say that the process answers."""
    return Health(status="ok")


@get("/readyz")
async def readyz(reader: R) -> Response[Health]:
    """Say whether the service is ready: seeds in, the first due sweep recorded, the views caught up. 503 until then."""
    waiting = reader.waiting()
    if not waiting:
        return Response(Health(status="ok"))
    return Response(Health(status="waiting", waiting=waiting), status_code=503, headers={"Retry-After": "1"})


HANDLERS: Final = (
    announcements, announcement, history, sources, source, source_text, actors, actor, timelines, timeline, rubrics,
    events, event,
)  # fmt: skip
HEALTH: Final = Router("/", route_handlers=(healthz, readyz), opt={"scope": None})


async def published_rubrics(log: Log) -> tuple[list[Rubric], int]:
    """Return the published rubrics that can be read, in order, and the position up to which they were looked for."""
    published = await log.read(Query(items=(QueryItem(types=("rubric.published",)),)), limit=RUBRICS_MAX)
    rubrics = (_rubric(event) for event in published.events)
    return [rubric for rubric in rubrics if rubric is not None], published.head


def _rubric(event: Event) -> Rubric | None:
    fact = read(event.type, event.v, event.data)
    if not isinstance(fact, RubricPublished):
        return None
    return Rubric(version=fact.version, text=fact.text, recorded_at=event.recorded_at, position=event.position)
