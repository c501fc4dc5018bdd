"""The composition root: the one place that knows which engine, which views and which routes make the service."""

import asyncio
import gc
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

from litestar import Litestar, Request, Router, asgi, route
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, ControllerRouterHandler, Receive, Scope, Send

from api import (
    commands,
    dates,
    drawings,
    erasing,
    extracting,
    listings,
    proofs,
    publishing,
    queries,
    rebuilding,
    site,
    standing_alone,
    tokens,
)
from api.again import Again
from api.answers import Answers
from api.auth import Auth
from api.backups import LOOK_S as BACKUP_LOOK_S
from api.backups import Backups
from api.cache import Cache
from api.commands import Writer
from api.direct import Direct
from api.door import BODY_BYTES_MAX, Door
from api.erasing import Erasures
from api.exports import routes as exports
from api.exports.exporter import Exporter
from api.exports.routes import Suffixes
from api.extracting import Extractor
from api.feed import Feed
from api.limiting import Limiting
from api.methods import Options
from api.metrics import Metrics, Values
from api.monitoring import Monitoring
from api.names_file import read_names
from api.news import LOOK_S as NEWS_LOOK_S
from api.news import News, read_list
from api.observing import Observing
from api.openapi.document import described
from api.openapi.routes import Description, openapi_routes
from api.outbound import Outbound
from api.pages.render import Site
from api.peers import Peers, networks
from api.principals import Principals
from api.proofs import Proofs
from api.publishing import Publishing
from api.reading import Reader
from api.rebuilding import Rebuilding
from api.serving import Pages
from api.settings import Settings
from api.tokens import Tokens
from events.erasing import Eraser
from events.extract.who.gazetteer import Gazetteer
from events.handler import Handler
from events.instants import Instant, from_microseconds, to_microseconds
from events.log.port import Log
from events.log.sqlite import open_sqlite, wall_clock
from events.log.state import State
from events.schedule import Schedule
from events.scrubbing import EVERY_S as SCRUB_S
from events.scrubbing import SCRUB, Scrub
from events.sealing import Seal
from events.views.runner import Views, nothing

VIEWS: Final = "views"
DUE_SWEEP: Final = "due-sweep"
PURGE_S: Final = 60.0
"""How often what is erased and not gone from the files yet is tried again."""
DAMAGED: Final = "log-damaged"
WRITERS_REMEMBERED_MAX: Final = 10_000
GARBAGE: Final = 10_000, 20, 50
"""After how many new objects circles of dead ones are looked for, and how seldom among those that lived on.

Every open connection is some forty objects that live on: with Python's own numbers, 10,000 of them are gone through
again and again, and each time nobody is answered for 150 ms.
"""

UNKNOWN: Final = "a later program wrote entries that have no effect here: %d of %s, version %d, from entry %d on"
_LOGGER: Final = logging.getLogger(__name__)


class Written:
    """Up to which position each principal wrote, so that it reads its own writes."""

    def __init__(self) -> None:
        self._positions: dict[str, int] = {}

    def wrote(self, by: str, position: int) -> None:
        """Take note of a write; the longest silent principal is forgotten when there are too many."""
        self._positions[by] = max(position, self._positions.pop(by, 0))
        if len(self._positions) > WRITERS_REMEMBERED_MAX:
            del self._positions[next(iter(self._positions))]

    def position(self, by: str) -> int:
        """Return the last position that a principal wrote, 0 where none is known."""
        return self._positions.get(by, 0)


class MachineClocks:
    """The clocks of this machine."""

    def wall(self) -> int:
        """Return the microseconds since 1970, UTC."""
        return wall_clock()

    def monotonic(self) -> int:
        """Return the microseconds since some fixed moment, steadily growing."""
        return time.monotonic_ns() // 1000


class Service:
    """The service on an open data directory. `start` has the clock watched: call it once the seeds are in.

    `pending` names what else has to happen before `/readyz` says that the service is ready; whoever does it takes it
    out. `closing` is set when the process is asked to stop: streams end then.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        log: Log,
        state: State,
        principals: Principals,
        views: Views,
        handler: Handler,
        seal: Seal,
        eraser: Eraser,
        scrub: Scrub,
        gazetteer: Gazetteer | None,
    ) -> None:
        self.settings = settings
        self.log = log
        self.state = state
        self.principals = principals
        self.views = views
        self.handler = handler
        self.seal = seal
        self.eraser = eraser
        self.scrub = scrub
        clocks = MachineClocks()
        self.schedule = Schedule(log, views, clocks)
        self.backups = (
            Backups(settings.backup_dir, keep=settings.backup_keep, data=settings.data, log=log, clocks=clocks)
            if settings.backup_dir is not None
            else None
        )
        self.rebuilding = Rebuilding(views)
        self.schedule.also("purge", PURGE_S, eraser.purge)
        outbound = Outbound(networks(settings.outbound_allow))
        self.publishing = Publishing(seal, state, settings.publish, outbound, now)
        self.news = (
            News(read_list(settings.news), handler, state, outbound, clocks, every_s=settings.news_every)
            if settings.news is not None
            else None
        )
        self.written = Written()
        self.reader = Reader(log, state, views, wrote=self.written.position, waiting=self.waiting)
        self.extractor = Extractor(self.reader, gazetteer)
        self.closing = asyncio.Event()
        self.pending: set[str] = set()
        self.app: ASGIApp = create_app(self)
        self._following = views.follow()
        self._following.add_done_callback(_say_why)
        self._noting = asyncio.create_task(principals.follow(), name="principals")

    def waiting(self) -> tuple[str, ...]:
        """Return what has to happen before the service is ready."""
        views = {VIEWS} if self._following.done() else set()
        swept = set() if self.schedule.swept else {DUE_SWEEP}
        damaged = set() if self.scrub.damage is None else {DAMAGED}
        return tuple(sorted(self.pending | views | swept | damaged))

    def kept(self) -> Values:
        """Return what metrics tell of the jobs: the scrub, the nightly backup, the reading of feeds."""
        scrub = self.scrub
        values: dict[str, float | Mapping[tuple[str, ...], float]] = {
            "dateline_log_verified_position": scrub.position,
            "dateline_log_damaged": scrub.damage is not None,
        }
        if scrub.verified_at is not None:
            values["dateline_log_verified_at_seconds"] = to_microseconds(scrub.verified_at) / 1_000_000
        for job in (self.backups, self.news):
            values.update({} if job is None else job.values())
        return values

    async def start(self) -> None:
        """Record what fell due, and watch the clock from now on; verify the log, make backups, publish and read."""
        self.schedule.also(SCRUB, SCRUB_S, self.scrub.look, at_once=True)
        if self.backups is not None:
            self.schedule.also("backup", BACKUP_LOOK_S, self.backups.look, at_once=True)
        if self.publishing.places:
            self.schedule.also("publish", self.settings.publish_every, self.publishing.publish, at_once=True)
        if self.news is not None:
            self.schedule.also("news", NEWS_LOOK_S, self.news.look, at_once=True)
        await self.schedule.start()
        gc.collect()
        gc.set_threshold(*GARBAGE)
        gc.freeze()  # What start-up made stays for good: to look through it again costs an answer now and then 30 ms.

    async def stop(self) -> None:
        """End the streams and the watching of the clock."""
        self.closing.set()
        self._noting.cancel()
        await self.rebuilding.stop()
        self.extractor.close()
        if self.backups is not None:
            await self.backups.stop()
        await self.schedule.stop()
        if self.news is not None:
            await self.news.stop()
        await self.principals.write_uses()


def now() -> Instant:
    """Return the present instant by the wall clock."""
    return from_microseconds(wall_clock())


@asynccontextmanager
async def build(
    settings: Settings, *, progress: Callable[[int, int], None] = nothing, accept_shorter: bool = False
) -> AsyncIterator[Service]:
    """Open the data directory and what stands on it, until the block ends. `progress` tells how far a rebuild is.

    With `accept_shorter` a log that lost its end is gone on with, and says so. Raises what `open_sqlite` raises, and
    what `read_names` does.
    """
    gazetteer = read_names(settings.names_file)
    engine = await open_sqlite(settings.data, accept_shorter=accept_shorter)
    try:
        eraser = Eraser(engine.log, engine.state, engine.ledger, now)
        await eraser.complete()  # First of all: nobody reads what a crash left, or a backup brought back.
        loss = engine.loss
        seal = await Seal.open(settings.data, engine, now(), address=settings.public_url)
        if loss is not None:
            acknowledged = f"{loss.lost} was" if loss.lost > loss.position else "more may have been"
            _LOGGER.warning(
                "the log ends at %d where %s acknowledged; its next entry says so, and it goes on as %s",
                loss.position, acknowledged, seal.origin,
            )  # fmt: skip
        scrub = Scrub(engine.log, engine.state, MachineClocks())
        await scrub.remember()
        views = await Views.open(settings.data / "views", engine.log, now=now, progress=progress)
        for met in views.unknown:
            _LOGGER.warning(UNKNOWN, met.entries, met.type, met.v, met.first)
        try:
            handler = Handler(engine.log, engine.state, now)
            principals = await Principals.open(engine.state, now)
            service = Service(
                settings, log=engine.log, state=engine.state, principals=principals, views=views, handler=handler,
                seal=seal, eraser=eraser, scrub=scrub, gazetteer=gazetteer,
            )  # fmt: skip
            try:
                yield service
            finally:
                await service.stop()
        finally:
            await views.close()
    finally:
        await engine.close()


def create_app(service: Service) -> ASGIApp:
    """Return the ASGI application of a service."""
    settings, door, written, reader = service.settings, Door(), service.written, service.reader
    auth = Auth(service.principals, now, admin_token=settings.admin_token, public_read=settings.public_read)
    base = settings.public_url or settings.base_path
    writer = Writer(service.handler, written.wrote, base=base)
    erasures = Erasures(service.eraser, service.views, written.wrote, base=base)
    keys = Tokens(service.principals, lambda: service.views.position, base=base)
    whose = Site(
        base_path=settings.base_path,
        public_url=settings.public_url,
        contact=settings.contact,
        data_license=settings.data_license,
    )
    pages = Pages(whose, frame_ancestors=settings.frame_ancestors)
    of_v1 = (
        *queries.HANDLERS, *listings.HANDLERS, *drawings.HANDLERS, *commands.HANDLERS, *dates.HANDLERS,
        *extracting.HANDLERS,
        *tokens.HANDLERS, *rebuilding.HANDLERS, *erasing.HANDLERS, *proofs.HANDLERS, *publishing.HANDLERS,
        *exports.HANDLERS,
        *standing_alone.HANDLERS,
    )  # fmt: skip
    checked = Proofs(service.log, service.seal, written.wrote, base=base)
    metrics, cache = Metrics(), Cache(lambda: service.views.position, edition=lambda: service.views.edition)
    monitoring = Monitoring(
        metrics, log=service.log, views=service.views, cache=cache, data=settings.data, kept=service.kept
    )
    routes: list[ControllerRouterHandler] = [
        queries.HEALTH, monitoring.route(), *proofs.FILES, Router("/v1", route_handlers=of_v1), site.ROUTES,
    ]  # fmt: skip
    dependencies = {
        **reader.dependencies(), **writer.dependencies(), **pages.dependencies(), **keys.dependencies(),
        **service.rebuilding.dependencies(), **erasures.dependencies(), **checked.dependencies(),
        **service.publishing.dependencies(), **service.extractor.dependencies(),
        **Exporter(whose, service.log).dependencies(),
    }  # fmt: skip
    server = settings.public_url or settings.base_path or "/"
    description = Description(partial(described, routes, dependencies, server=server))
    app = Litestar(
        route_handlers=[*routes, *feed_routes(service), openapi_routes(description)],
        dependencies=dependencies,
        guards=[auth.guard],
        before_request=door.before,
        exception_handlers={Exception: pages.error},
        request_max_body_size=BODY_BYTES_MAX,
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
    door.learn(app)
    direct = Direct(Suffixes(Options(app)), auth, writer, pages.error)
    direct.learn(app, commands.HANDLERS)
    answers = Answers(direct, cache, base_path=settings.base_path, public_read=settings.public_read)
    return _guarded(answers, cache, auth, settings, metrics)


def _guarded(answers: ASGIApp, cache: Cache, auth: Auth, settings: Settings, metrics: Metrics) -> ASGIApp:
    """Put around the answers what every request goes through first."""
    limiting = Limiting(
        answers,
        auth.known,
        rate_reads=settings.rate_reads,
        rate_writes=settings.rate_writes,
        feeds_max=settings.feeds_max,
        feeds_per_address_max=settings.feeds_per_address_max,
        base_path=settings.base_path,
    )
    observing = Observing(limiting, metrics, told=settings.log_requests)
    again = Again(observing, cache, limiting.granted, observing)
    trusted = networks(settings.trusted_proxies)
    return Peers(again, trusted) if trusted else again


def feed_routes(service: Service) -> "tuple[asgi, HTTPRouteHandler]":
    """Return the routes of the feed, which is an application of its own, and of the stream of one timeline."""
    feed = Feed(service.log, service.views, service.closing, ended=service.principals.ended)

    @asgi("/v1/feed", copy_scope=False)
    async def follow(scope: Scope, receive: Receive, send: Send) -> None:
        await feed(scope, receive, send)

    # Litestar routes no application by a part of its path, but a handler may return one.
    @route(
        "/v1/timelines/{slug:str}/stream", http_method=["GET", "HEAD"], before_request=_let_in, include_in_schema=False
    )
    async def stream() -> ASGIApp:
        return feed

    return follow, stream


async def _let_in(_: Request[Any, Any, Any]) -> None:
    """Leave the parameters to the feed."""


def _say_why(following: "asyncio.Task[None]") -> None:
    if not following.cancelled() and following.exception() is not None:
        _LOGGER.error("the views stopped following the log", exc_info=following.exception())
