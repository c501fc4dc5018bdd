"""The routes that read. Each asks the views, or the log, one thing, and returns a struct."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Final, Literal, TypeAlias, TypeVar, get_args
from urllib.parse import urlencode

from litestar import Request, Response, Router
from litestar import get as route
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, QueryParameter
from msgspec import Struct

from api.answers import tagged
from api.cloudevents import CloudEvent, EventsPage, cloud_event
from api.problems import Fault
from api.selection import position_of, read_selection
from events import record
from events.days import DayError, parse_day
from events.errors import NotFound, TimeInvalid
from events.facts import RubricPublished, read
from events.handler import TEXT
from events.instants import Instant
from events.log.port import Event, Log, Query, QueryItem, State
from events.terms import TimelineQuery
from events.times import last_instant, read_time
from events.views.clocks import Clocks
from events.views.cursor import cursor_of, key_of, mark_of
from events.views.described import query_words
from events.views.filters import Filter
from events.views.listing import LIMIT_DEFAULT, LIMIT_MAX, Listing
from events.views.runner import Views

VIEW_WAIT_S: Final = 5.0
"""How long a reader may wait for the views to reach a position."""
POSITION_MAX: Final = 2**53 - 1
RUBRICS_MAX: Final = 1000
T = TypeVar("T")
get: Final = partial(route, after_request=tagged)
"""Makes the handler of a route that reads: its answer is tagged."""
STATES: Final = frozenset(get_args(record.State))

Limit: TypeAlias = Annotated[int, QueryParameter(ge=1, le=LIMIT_MAX)]
Position: TypeAlias = Annotated[int | None, QueryParameter(ge=0, le=POSITION_MAX)]
From: TypeAlias = Annotated[str | None, QueryParameter(name="from")]
Several: TypeAlias = FromQuery[list[str] | None]


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


class LogHead(Struct, frozen=True, kw_only=True):
    """Which log this is, its last position, and the RFC 6962 root over all its entries, in hexadecimal."""

    log_id: str
    head: int
    root: str


class Health(Struct, frozen=True, kw_only=True):
    """How the service is: `waiting` names what has to happen before it is ready."""

    status: Literal["ok", "waiting"]
    waiting: tuple[str, ...] = ()


class Paging(Struct, frozen=True, kw_only=True):
    """Which part of a list is asked for."""

    limit: int
    cursor: str | None


class Reader:
    """What the routes that read stand on. `wrote` tells up to where a principal wrote; it reads its own writes."""

    def __init__(
        self, log: Log, state: State, views: Views, wrote: Callable[[str], int], waiting: Callable[[], tuple[str, ...]]
    ) -> None:
        self.log = log
        self.state = state
        self.views = views
        self.wrote = wrote
        self.waiting = waiting

    def dependencies(self) -> dict[str, Provide]:
        """Return what the routes are given, by name. For the application: routers are copied, with all they hold."""
        return {
            "reader": Provide(self._reader),
            "clocks": Provide(self.clocks),
            "reached": Provide(self._reached),
            "paging": Provide(_paging),
            "wanted": Provide(_wanted),
        }

    async def until(self, request: Request[Any, Any, Any], min_position: int) -> None:
        """Wait until the views stand where the reader needs them. Raises `ViewBehind`."""
        needed = max(min_position, self.wrote(request.state.principal.id))
        if needed > self.views.position:
            await self.views.wait_for(needed, VIEW_WAIT_S)
        request.scope["state"]["position"] = self.views.position

    async def _reader(self) -> "Reader":
        return self

    async def _reached(self, request: Request[Any, Any, Any], min_position: Position = None) -> None:
        await self.until(request, min_position or 0)

    async def clocks(
        self,
        request: Request[Any, Any, Any],
        as_of: FromQuery[str | None] = None,
        said_by: FromQuery[str | None] = None,
        min_position: Position = None,
    ) -> Clocks:
        """Return the place on the two clocks that is asked for, once the views can answer for it. Raises `Fault`."""
        position, as_of_at = await self._as_of(as_of)
        await self.until(request, max(min_position or 0, position or 0))
        return Clocks(as_of=position, as_of_at=as_of_at, said_by=_said_by(said_by))

    async def _as_of(self, text: str | None) -> tuple[int | None, Instant | None]:
        """Return the position that `as_of` means, and its time where it is one."""
        if text is None:
            return None, None
        if not (text.isascii() and text.isdigit()):
            at = _time("as_of", text)
            return await self.log.position_at(at), at
        if len(text) > len(str(POSITION_MAX)):
            raise Fault("parameter-invalid", f"as_of has over {len(str(POSITION_MAX))} digits", pointer="?as_of")
        position = int(text)
        head = (await self.log.read(Query.all(), limit=0)).head
        if position > head:
            raise Fault("parameter-invalid", f"as_of lies beyond the head, {head}", pointer="?as_of")
        return position, None


R: TypeAlias = NamedDependency[Reader]
At: TypeAlias = NamedDependency[Clocks]
Part: TypeAlias = NamedDependency[Paging]


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
    """Return a timeline with a page of its announcements, which filters narrow down; `{slug}.json` is the same."""
    slug = slug.removesuffix(".json")
    shown = await reader.views.read.timeline(slug, clocks, limit=paging.limit, cursor=paging.cursor, wanted=wanted)
    return found(shown, "timeline", slug)


@get("/rubrics")
async def rubrics(reader: R, reached: NamedDependency[None], paging: Part) -> Listing[Rubric]:
    """Return the published rubrics, which stay for ever, in the order of their publication."""
    mark = mark_of("rubrics")
    after = 0 if paging.cursor is None else key_of(mark, paging.cursor, tuple[int])[0]
    published = await reader.log.read(Query(items=(QueryItem(types=("rubric.published",)),)), limit=RUBRICS_MAX)
    standing = [_rubric(event) for event in published.events]
    rest = [rubric for rubric in standing if rubric.position > after]
    shown = tuple(rest[: paging.limit])
    following = cursor_of(mark, (shown[-1].position,)) if len(shown) < len(rest) else None
    return Listing(items=shown, next=following, total=len(standing), position=published.head)


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
    selection = read_selection(urlencode({**given, "from": from_ or "start"}, doseq=True), start="start")
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


@get("/log")
async def log(reader: R, reached: NamedDependency[None]) -> LogHead:
    """Return which log this is, and how far it goes."""
    head = await reader.log.head()
    return LogHead(log_id=head.log_id, head=head.position, root=head.root.hex())


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
    events, event, log,
)  # fmt: skip
HEALTH: Final = Router("/", route_handlers=(healthz, readyz), opt={"scope": None})


async def _paging(limit: Limit = LIMIT_DEFAULT, cursor: FromQuery[str | None] = None) -> Paging:
    return Paging(limit=limit, cursor=cursor)


async def _wanted(
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
    changed_after: Position = None,
) -> Filter:
    if q is not None and not query_words(q):
        raise Fault("parameter-invalid", "q is empty; leave it out to see everything", pointer="?q")
    first, last = day_of("from", from_), day_of("to", to)
    if first is not None and last is not None and first > last:
        raise Fault("parameter-invalid", "`from` lies after `to`", pointer="?from")
    for unknown in set(state_ or ()) - STATES:
        raise Fault(
            "parameter-invalid", f"{unknown!r} is no state; there are {', '.join(sorted(STATES))}", pointer="?state"
        )
    return Filter(
        q=q, actor=tuple(actor or ()), topic=tuple(topic or ()), place=tuple(place or ()), kind=tuple(kind or ()),
        state=tuple(state_ or ()), source=tuple(source or ()), id=tuple(id or ()), from_=from_, to=to,
        changed_after=changed_after,
    )  # fmt: skip


def found(thing: T | None, kind: str, id: str) -> T:
    """Return the thing; raises `NotFound` where there is none."""
    if thing is None:
        raise NotFound(f"there is no {kind} {id[:100]!r}")
    return thing


def _said_by(text: str | None) -> Instant | None:
    if text is None:
        return None
    try:
        return last_instant(text, pointer="?said_by")
    except TimeInvalid:
        return _time("said_by", text)


def _time(name: str, text: str) -> Instant:
    try:
        return read_time(text, "UTC", pointer=f"?{name}")
    except TimeInvalid as error:
        raise Fault("parameter-invalid", str(error), pointer=f"?{name}") from None


def day_of(name: str, text: str | None) -> int | None:
    """Return the day that a parameter gives, None where it does not; raises `Fault`."""
    try:
        return None if text is None else parse_day(text)
    except DayError as error:
        raise Fault("parameter-invalid", str(error), pointer=f"?{name}") from None


def _rubric(event: Event) -> Rubric:
    fact = read(event.type, event.data)
    assert isinstance(fact, RubricPublished)
    return Rubric(version=fact.version, text=fact.text, recorded_at=event.recorded_at, position=event.position)
