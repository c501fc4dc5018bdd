"""`/v1/rebuild`: writing the views anew while they are read, and how far that is."""

import asyncio
import logging
from functools import partial
from typing import Final, Literal, TypeAlias

from litestar import Response
from litestar import post as post_route
from litestar.di import NamedDependency, Provide
from msgspec import UNSET, Struct, UnsetType

from api.reading import get
from events.views.runner import Views

_LOGGER: Final = logging.getLogger(__name__)


class Unknown(Struct, frozen=True, kw_only=True):
    """Entries of a type, or of a version of its form, that a later program wrote: how many, and the first of them."""

    type: str
    v: int
    entries: int
    first: int


class Rebuild(Struct, frozen=True, kw_only=True):
    """The last rebuild since the start: `done` of `total` steps, and the position at which the views stand.

    `unknown` lists the entries up to there that have no effect, because this version does not know what they say.
    """

    state: Literal["none", "running", "done", "failed"]
    done: int
    total: int
    position: int
    unknown: tuple[Unknown, ...] | UnsetType = UNSET


class Rebuilding:
    """Rebuilds the views of a service, one rebuild at a time; readers go on reading the old ones until the end."""

    def __init__(self, views: Views) -> None:
        self._views = views
        self._task: asyncio.Task[None] | None = None
        self._progress = 0, 0

    def begin(self) -> None:
        """Begin a rebuild, unless one is under way."""
        if self._task is None or self._task.done():
            self._progress = 0, 0
            self._task = asyncio.create_task(self._views.rebuild(self._tell), name="rebuild")
            self._task.add_done_callback(_say_why)

    def told(self) -> Rebuild:
        """Return how the last rebuild is."""
        task, (done, total) = self._task, self._progress
        if task is None:
            state: Literal["none", "running", "done", "failed"] = "none"
        elif not task.done():
            state = "running"
        else:
            state = "failed" if task.cancelled() or task.exception() else "done"
        unknown = unknown_to(self._views)
        return Rebuild(state=state, done=done, total=total, position=self._views.position, unknown=unknown or UNSET)

    async def stop(self) -> None:
        """Give up a rebuild that is under way; the views in use stay as they are."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def dependencies(self) -> dict[str, Provide]:
        """Return what the routes are given, by name."""
        return {"rebuilding": Provide(self._rebuilding)}

    def _tell(self, done: int, total: int) -> None:
        self._progress = done, total

    async def _rebuilding(self) -> "Rebuilding":
        return self


Here: TypeAlias = NamedDependency[Rebuilding]
post: Final = partial(post_route, opt={"scope": "admin", "keyless": True})


@post("/rebuild", status_code=202)
async def begin_rebuild(rebuilding: Here) -> Response[Rebuild]:
    """Begin to write the views anew from the log, unless that is under way; what is read stays the same."""
    rebuilding.begin()
    return _answer(rebuilding, 202)


@get("/rebuild", opt={"scope": "admin"})
async def read_rebuild(rebuilding: Here) -> Response[Rebuild]:
    """Return how far the last rebuild is."""
    return _answer(rebuilding, 200)


HANDLERS: Final = (begin_rebuild, read_rebuild)


def unknown_to(views: Views) -> tuple[Unknown, ...]:
    """Return which entries the views list as those of a later program."""
    return tuple(Unknown(type=met.type, v=met.v, entries=met.entries, first=met.first) for met in views.unknown)


def _answer(rebuilding: Rebuilding, status: int) -> Response[Rebuild]:
    return Response(rebuilding.told(), status_code=status, headers={"Cache-Control": "private, no-store"})


def _say_why(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and task.exception() is not None:
        _LOGGER.error("the views could not be rebuilt", exc_info=task.exception())
