"""What the routes that read stand on: where on the two clocks, which page, and what is wanted of a list."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Final, TypeAlias, TypeVar, get_args

from litestar import Request
from litestar import get as route
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery, QueryParameter
from msgspec import Struct

from api.answers import tagged
from api.cache import FROM_VIEWS
from api.limiting import LEAVE
from api.problems import Fault
from events import record
from events.days import DayError, parse_day
from events.errors import NotFound, TimeInvalid
from events.instants import Instant
from events.log.port import Log, Query
from events.log.state import State
from events.times import last_instant, read_time
from events.views.clocks import Clocks
from events.views.described import query_words
from events.views.filters import Filter
from events.views.listing import LIMIT_DEFAULT, LIMIT_MAX
from events.views.runner import Views

VIEW_WAIT_S: Final = 5.0
"""How long a reader may wait for the views to reach a position."""
POSITION_MAX: Final = 2**53 - 1
T = TypeVar("T")
get: Final = partial(route, after_request=tagged)
"""Makes the handler of a route that reads: its answer is tagged."""
STATES: Final = frozenset(get_args(record.State))

Limit: TypeAlias = Annotated[int, QueryParameter(ge=1, le=LIMIT_MAX)]
Position: TypeAlias = Annotated[int | None, QueryParameter(ge=0, le=POSITION_MAX)]
From: TypeAlias = Annotated[str | None, QueryParameter(name="from")]
Several: TypeAlias = FromQuery[list[str] | None]


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
            "wanted": Provide(wanted),
        }

    async def until(self, request: Request[Any, Any, Any], min_position: int) -> None:
        """Wait until the views stand where the reader needs them. Raises `ViewBehind`."""
        needed = max(min_position, self.wrote(request.state.principal.id))
        if needed > self.views.position:
            request.scope["state"].get(LEAVE, _nothing)()
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
        request.scope["state"][FROM_VIEWS] = True  # Whatever asks for the clocks answers from the views alone.
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


def found(thing: T | None, kind: str, id: str) -> T:
    """Return the thing; raises `NotFound` where there is none."""
    if thing is None:
        raise NotFound(f"there is no {kind} {id[:100]!r}")
    return thing


def day_of(name: str, text: str | None) -> int | None:
    """Return the day that a parameter gives, None where it does not; raises `Fault`."""
    try:
        return None if text is None else parse_day(text)
    except DayError as error:
        raise Fault("parameter-invalid", str(error), pointer=f"?{name}") from None


def _nothing() -> None:
    """Nobody else waits for this one."""


async def _paging(limit: Limit = LIMIT_DEFAULT, cursor: FromQuery[str | None] = None) -> Paging:
    return Paging(limit=limit, cursor=cursor)


async def wanted(
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
    """Return what is wanted of a list; raises `Fault`."""
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
