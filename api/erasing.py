"""The routes that erase: what an entry says, and the text of a source. What is gone is not told again by anybody."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final, Literal, TypeAlias

from litestar import Request, Response
from litestar import post as post_route
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.types import HTTPScope
from msgspec import Struct

from api.commands import fingerprint_of, key_of, require_unconditional
from api.door import Strict
from api.principals import Principal
from api.traces import given
from events import bodies as b
from events.erasing import EraseEntry, Eraser, EraseText, Quoting, What
from events.erasing import Request as Commit
from events.views.runner import Views

VIEWS_WAIT_S: Final = 20.0
"""How long an answer waits for views without what is erased; they are made anew, which takes as long as a rebuild."""


class Erasure(Struct, frozen=True, kw_only=True):
    """What an erasure did, or would do, by the entry at `position` that says so.

    The entries at `positions` lose their data, `sources` their text. `quoted_by` are up to a thousand entries that
    quote the source: a quote stays until its own entry is erased. `pending` says where something is left for the
    moment: a minute later, or once the views are rebuilt, it is gone there too.
    """

    id: str
    position: int
    duplicate: bool
    positions: tuple[int, ...]
    sources: tuple[str, ...]
    quoted_by: tuple[Quoting, ...]
    pending: tuple[Literal["log", "views"], ...]


class Erasing:
    """One request to erase: by whom, under which key."""

    def __init__(self, erasures: "Erasures", scope: HTTPScope, *, dry_run: bool) -> None:
        self._erasures = erasures
        self._scope = scope
        self._dry_run = dry_run

    async def do(self, what: What, id: str) -> Response[Erasure]:
        """Erase something, of the thing `id`."""
        require_unconditional(self._scope)
        principal: Principal = self._scope["state"]["principal"]
        done = await self._erasures.eraser.erase(
            Commit(
                what=what,
                key=key_of(self._scope),
                fingerprint=fingerprint_of(self._scope),
                by=principal.id,
                correlation=given(self._scope["headers"]),
                dry_run=self._dry_run,
            )
        )
        places: list[Literal["log", "views"]] = ["log"] if done.pending else []
        headers: dict[str, str] = {}
        made = done.changed and not done.duplicate
        if not self._dry_run:
            self._erasures.wrote(principal.id, done.position)
            headers["Dateline-Position"] = str(done.position)
            if not await self._erasures.views.forgotten(VIEWS_WAIT_S):
                places.append("views")
        if made:
            headers |= {
                "Location": f"{self._erasures.base}/v1/events/{done.position}",
                "ETag": f'"{done.position}"',
            }
        erasure = Erasure(
            id=id,
            position=done.position,
            duplicate=done.duplicate,
            positions=done.positions,
            sources=done.sources,
            quoted_by=done.quoted_by,
            pending=tuple(places),
        )
        return Response(erasure, status_code=201 if made else 200, headers=headers)


class Erasures:
    """What the routes that erase stand on. `wrote` is told who wrote up to where; `base` begins every `Location`."""

    def __init__(self, eraser: Eraser, views: Views, wrote: Callable[[str, int], None], *, base: str) -> None:
        self.eraser = eraser
        self.views = views
        self.wrote = wrote
        self.base = base

    def dependencies(self) -> dict[str, Provide]:
        """Return what the routes are given, by name."""
        return {"erasing": Provide(self._erasing)}

    async def _erasing(self, request: Request[Any, Any, Any], dry_run: FromQuery[bool] = False) -> Erasing:
        return Erasing(self, request.scope, dry_run=dry_run)


E: TypeAlias = NamedDependency[Erasing]
post: Final = partial(post_route, dto=Strict, return_dto=None, opt={"scope": "admin"})


@post("/events/{position:str}/erase")
async def erase_entry(position: FromPath[int], data: JSONBody[b.Because], erasing: E) -> Response[Erasure]:
    """Erase what an entry says, and of a source that was recorded the text.

    The entry itself stays, with its number, type, time and tags, and so does every proof of it. What it did it does no
    more: what an erased undoing took back counts again. The reason is public, and must not say what was erased.
    """
    return await erasing.do(EraseEntry(position=position, reason=data.reason), str(position))


@post("/sources/{id:str}/erase")
async def erase_text(id: FromPath[str], data: JSONBody[b.Because], erasing: E) -> Response[Erasure]:
    """Erase the text of a source, and of every other source that has the same; it cannot be recorded again.

    What is quoted of it stays until the entries that quote it are erased. The reason is public.
    """
    return await erasing.do(EraseText(source=id, reason=data.reason), id)


HANDLERS: Final = (erase_entry, erase_text)
