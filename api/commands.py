"""The routes that write. Each takes a body, makes it a command, and hands it to the only writer.

A body is strict (`api.door`), a key makes a request safe to retry, and what is refused stores nothing.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from hashlib import sha256
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar, get_args

import msgspec
from litestar import Request, Response
from litestar import patch as patch_route
from litestar import post as post_route
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.types import HTTPScope
from msgspec import Struct

from api.auth import missing
from api.door import Strict
from api.principals import Principal, Scope
from api.problems import Fault
from api.traces import given
from events import bodies as b
from events import commands as c
from events.handler import Handled, Handler
from events.handler import Request as Commit

C = TypeVar("C", bound=c.Command)

_KEY: Final = re.compile(rb"[!-~]{1,200}")
_MATCH: Final = re.compile(rb'"([0-9]{1,15})(?:-[!#-~]*)?"')
_PUBLISHING: Final = (c.PublishRubric, *get_args(c.TimelineCommand))


class Receipt(Struct, frozen=True, kw_only=True):
    """What a command did: to the thing `id`, up to `position`. `duplicate`: it had been done before."""

    id: str
    position: int
    duplicate: bool


class BatchReceipt(Struct, frozen=True, kw_only=True):
    """What the commands of a batch did, in their order."""

    position: int
    duplicate: bool
    receipts: tuple[Receipt, ...]


class Told(NamedTuple):
    """What is answered to a request to write."""

    receipt: Receipt | BatchReceipt
    status: int
    headers: dict[str, str]


class Writing:
    """One request to write: by whom, under which key, and under which condition."""

    def __init__(self, writer: "Writer", scope: HTTPScope, *, dry_run: bool) -> None:
        self._writer = writer
        self._scope = scope
        self._dry_run = dry_run

    async def do(self, command: c.Command) -> Response[Receipt]:
        """Carry out one command."""
        handled = await self._handle((command,))
        (done,) = handled.done
        receipt = Receipt(id=done.id, position=done.position, duplicate=handled.duplicate)
        made = handled.changed and not handled.duplicate
        headers = {"Location": self._writer.base + _home(command, done.id, done.position)} if made else {}
        if made:
            headers["ETag"] = f'"{done.position}"'
        return self._answer(self._told(receipt, handled, headers))

    async def batch(self, batch: c.Batch) -> Response[BatchReceipt]:
        """Carry out several commands as one commit."""
        handled = await self._handle(batch.commands, batch=True)
        receipts = tuple(
            Receipt(id=done.id, position=done.position, duplicate=handled.duplicate) for done in handled.done
        )
        receipt = BatchReceipt(position=handled.position, duplicate=handled.duplicate, receipts=receipts)
        return self._answer(self._told(receipt, handled, {}))

    async def _handle(self, commands: tuple[c.Command, ...], *, batch: bool = False) -> Handled:
        scope = self._scope
        principal: Principal = scope["state"]["principal"]
        if not self._dry_run:
            _require_scopes(principal, commands)
        handled = await self._writer.handler.handle(
            Commit(
                commands=commands,
                key=key_of(scope),
                fingerprint=fingerprint_of(scope),
                by=principal.id,
                correlation=given(scope["headers"]),
                if_match=_if_match(scope, commands),
                dry_run=self._dry_run,
                batch=batch,
            )
        )
        if not self._dry_run:
            self._writer.wrote(principal.id, handled.position)
        return handled

    def _told(self, receipt: Receipt | BatchReceipt, handled: Handled, headers: dict[str, str]) -> Told:
        if not self._dry_run:
            headers["Dateline-Position"] = str(handled.position)
        status = 201 if handled.changed and not handled.duplicate else 200
        return Told(receipt=receipt, status=status, headers=headers)

    def _answer(self, told: Told) -> Response[Any]:
        return Response(told.receipt, status_code=told.status, headers=told.headers)


class Writer:
    """Makes a `Writing` of each request. `wrote` is told who wrote up to where; `base` begins every `Location`."""

    def __init__(self, handler: Handler, wrote: Callable[[str, int], None], *, base: str) -> None:
        self.handler = handler
        self.wrote = wrote
        self.base = base

    def dependencies(self) -> dict[str, Provide]:
        """Return what the routes are given, by name."""
        return {"writing": Provide(self._writing)}

    async def _writing(self, request: Request[Any, Any, Any], dry_run: FromQuery[bool] = False) -> Writing:
        return Writing(self, request.scope, dry_run=dry_run)


WRITE: Final = {"scope": "write", "dry_run": True}
PUBLISH: Final = {"scope": "publish", "dry_run": True}
post: Final = partial(post_route, dto=Strict, return_dto=None, opt=WRITE)
publish: Final = partial(post_route, dto=Strict, return_dto=None, opt=PUBLISH)
patch: Final = partial(patch_route, dto=Strict, return_dto=None, opt=PUBLISH)

W: TypeAlias = NamedDependency[Writing]
Received: TypeAlias = Response[Receipt]


def made(kind: Callable[..., C], data: Struct, **subject: str | int) -> C:
    """Return the command of a kind with a body's fields, about a subject."""
    return kind(**msgspec.structs.asdict(data), **subject)


@post("/sources")
async def record_source(data: JSONBody[b.NewSource], writing: W) -> Received:
    """Record a document."""
    return await writing.do(made(c.RecordSource, data))


@post("/sources/{id:str}/correct")
async def correct_source(id: FromPath[str], data: JSONBody[b.SourceCorrection], writing: W) -> Received:
    """Correct what we had said of a document."""
    return await writing.do(made(c.CorrectSource, data, id=id))


@post("/sources/{id:str}/withdraw")
async def withdraw_source(id: FromPath[str], data: JSONBody[b.SourceWithdrawal], writing: W) -> Received:
    """Record that the publisher took a document back."""
    return await writing.do(made(c.WithdrawSource, data, id=id))


@post("/sources/{id:str}/reject")
async def reject_candidates(id: FromPath[str], data: JSONBody[b.Rejection], writing: W) -> Received:
    """Turn readings of a document down."""
    return await writing.do(made(c.RejectCandidates, data, id=id))


@post("/announcements")
async def make_announcement(data: JSONBody[b.NewAnnouncement], writing: W) -> Received:
    """Record that a source announces something; with the id of a known announcement, restate that."""
    return await writing.do(made(c.MakeAnnouncement, data))


@post("/announcements/{id:str}/reschedule")
async def reschedule(id: FromPath[str], data: JSONBody[b.NewDate], writing: W) -> Received:
    """Record that a source now gives another date."""
    return await writing.do(made(c.Reschedule, data, id=id))


@post("/announcements/{id:str}/postpone")
async def postpone(id: FromPath[str], data: JSONBody[b.OffItsDate], writing: W) -> Received:
    """Record that it is off its date, without a new one."""
    return await writing.do(made(c.Postpone, data, id=id))


@post("/announcements/{id:str}/cancel")
async def cancel(id: FromPath[str], data: JSONBody[b.OffItsDate], writing: W) -> Received:
    """Record that it will not take place."""
    return await writing.do(made(c.Cancel, data, id=id))


@post("/announcements/{id:str}/corroborate")
async def corroborate(id: FromPath[str], data: JSONBody[b.Support], writing: W) -> Received:
    """Record that another source says the same."""
    return await writing.do(made(c.Corroborate, data, id=id))


@post("/announcements/{id:str}/progress")
async def report_progress(id: FromPath[str], data: JSONBody[b.ProgressReport], writing: W) -> Received:
    """Record how it goes."""
    return await writing.do(made(c.ReportProgress, data, id=id))


@post("/announcements/{id:str}/outcome")
async def report_outcome(id: FromPath[str], data: JSONBody[b.OutcomeReport], writing: W) -> Received:
    """Record what came of it."""
    return await writing.do(made(c.ReportOutcome, data, id=id))


@post("/announcements/{id:str}/amend")
async def amend(id: FromPath[str], data: JSONBody[b.Amendment], writing: W) -> Received:
    """Correct what the record says."""
    return await writing.do(made(c.Amend, data, id=id))


@post("/announcements/{id:str}/link")
async def link(id: FromPath[str], data: JSONBody[b.NewLink], writing: W) -> Received:
    """Relate it to another announcement."""
    return await writing.do(made(c.LinkTo, data, id=id))


@post("/announcements/{id:str}/merge")
async def merge(id: FromPath[str], data: JSONBody[b.MergeInto], writing: W) -> Received:
    """Record that it is the same as another announcement."""
    return await writing.do(made(c.Merge, data, id=id))


@post("/announcements/{id:str}/retract")
async def retract(id: FromPath[str], data: JSONBody[b.Because], writing: W) -> Received:
    """Record that there was no such announcement: our error."""
    return await writing.do(made(c.Retract, data, id=id))


@post("/actors")
async def record_actor(data: JSONBody[b.NewActor], writing: W) -> Received:
    """Record an actor."""
    return await writing.do(made(c.RecordActor, data))


@post("/actors/{id:str}/rename")
async def rename_actor(id: FromPath[str], data: JSONBody[b.NewNames], writing: W) -> Received:
    """Record that an actor has other names now."""
    return await writing.do(made(c.RenameActor, data, id=id))


@post("/actors/{id:str}/merge")
async def merge_actor(id: FromPath[str], data: JSONBody[b.MergeInto], writing: W) -> Received:
    """Record that it is the same as another actor."""
    return await writing.do(made(c.MergeActor, data, id=id))


@publish("/rubrics")
async def publish_rubric(data: JSONBody[b.NewRubric], writing: W) -> Received:
    """Publish what the ratings mean."""
    return await writing.do(made(c.PublishRubric, data))


@publish("/timelines")
async def create_timeline(data: JSONBody[b.NewTimeline], writing: W) -> Received:
    """Create a timeline."""
    return await writing.do(made(c.CreateTimeline, data))


@patch("/timelines/{slug:str}")
async def change_timeline(slug: FromPath[str], data: JSONBody[b.TimelineChanges], writing: W) -> Received:
    """Change a timeline."""
    return await writing.do(made(c.ChangeTimeline, data, slug=slug))


@publish("/timelines/{slug:str}/pin")
async def pin(slug: FromPath[str], data: JSONBody[b.Item], writing: W) -> Received:
    """Show an announcement, whatever the query says."""
    return await writing.do(made(c.PinItem, data, slug=slug))


@publish("/timelines/{slug:str}/hide")
async def hide(slug: FromPath[str], data: JSONBody[b.Item], writing: W) -> Received:
    """Do not show an announcement, whatever the query says."""
    return await writing.do(made(c.HideItem, data, slug=slug))


@publish("/timelines/{slug:str}/release")
async def release(slug: FromPath[str], data: JSONBody[b.Item], writing: W) -> Received:
    """Neither pin nor hide an announcement any more."""
    return await writing.do(made(c.ReleaseItem, data, slug=slug))


@publish("/timelines/{slug:str}/archive")
async def archive(slug: FromPath[str], data: JSONBody[b.PerhapsBecause], writing: W) -> Received:
    """Keep a timeline, but list it no more."""
    return await writing.do(made(c.ArchiveTimeline, data, slug=slug))


@post("/events/{position:str}/withdraw")
async def withdraw_fact(position: FromPath[int], data: JSONBody[b.Because], writing: W) -> Received:
    """Take exactly one recorded fact back."""
    return await writing.do(made(c.WithdrawFact, data, position=position))


@post("/batch")
async def batch(data: JSONBody[c.Batch], writing: W) -> Response[BatchReceipt]:
    """Carry out commands as one commit, in order; later ones may name what earlier ones make."""
    return await writing.batch(data)


HANDLERS: Final = (
    batch,
    record_source,
    correct_source,
    withdraw_source,
    reject_candidates,
    make_announcement,
    reschedule,
    postpone,
    cancel,
    corroborate,
    report_progress,
    report_outcome,
    amend,
    link,
    merge,
    retract,
    record_actor,
    rename_actor,
    merge_actor,
    publish_rubric,
    create_timeline,
    change_timeline,
    pin,
    hide,
    release,
    archive,
    withdraw_fact,
)


def _require_scopes(principal: Principal, commands: tuple[c.Command, ...]) -> None:
    """Refuse what the principal may only propose: the guard cannot tell a dry run for sure, nor see into a batch."""
    for command in commands:
        scope: Scope = "publish" if isinstance(command, _PUBLISHING) else "write"
        if not principal.may(scope):
            raise missing(scope, principal)


def key_of(scope: HTTPScope) -> str:
    """Return the key of a request to write; raises `Fault`."""
    given = _headers(scope, b"idempotency-key")
    if len(given) != 1 or not _KEY.fullmatch(given[0]):
        raise Fault("idempotency-key-invalid", "a write needs one Idempotency-Key of 1 to 200 visible ASCII characters")
    return given[0].decode()


def fingerprint_of(scope: HTTPScope) -> bytes:
    """Return what stands for the request: the same body in other words, or with fields in other order, is the same."""
    parts = (scope["method"].encode(), scope["path"].encode(), scope["state"]["canonical"])
    return sha256(b"\n".join(parts)).digest()


def require_unconditional(scope: HTTPScope) -> None:
    """Raise `Fault` where a request is to be carried out under a condition, which it cannot have."""
    _if_match(scope, ())


def _if_match(scope: HTTPScope, commands: tuple[c.Command, ...]) -> int | None:
    given = _headers(scope, b"if-match")
    if not given:
        return None
    found = _MATCH.fullmatch(given[0])
    if found is None or len(commands) != 1 or not isinstance(commands[0], c.AnnouncementCommand):
        raise Fault("if-match-invalid", "If-Match takes one ETag of the announcement that the command is about")
    return int(found[1])


def _headers(scope: HTTPScope, name: bytes) -> list[bytes]:
    return [value for one, value in scope["headers"] if one == name]


def _home(command: c.Command, id: str, position: int) -> str:
    """Return the path at which what a command made or changed is read."""
    return _HOMES.get(type(command), "/v1/announcements/{id}").format(id=id, position=position)


_HOMES: Final[Mapping[type[c.Command], str]] = {
    **dict.fromkeys(get_args(c.SourceCommand), "/v1/sources/{id}"),
    **dict.fromkeys(get_args(c.ActorCommand), "/v1/actors/{id}"),
    **dict.fromkeys(get_args(c.TimelineCommand), "/v1/timelines/{id}"),
    c.PublishRubric: "/v1/rubrics",
    c.WithdrawFact: "/v1/events/{position}",
}
