"""`GET /metrics`: what Prometheus reads. It tells how far the record goes, so it is for whoever may read that.

Where reads are public, a proxy should keep it in.
"""

import asyncio
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Final

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from api.cache import Cache
from api.metrics import CONTENT_TYPE, Metrics, Values
from events.instants import to_microseconds
from events.log.port import Log
from events.log.sqlite import wall_clock
from events.views.runner import Views

FILES: Final = {"log": "log.db*", "state": "state.db*", "views": "views/*.db*"}
"""The label of each size in bytes, and the files of the data directory that it is of."""


class Monitoring:
    """Looks up what is not counted along the way. `kept` returns what the jobs that keep the record tell."""

    def __init__(
        self, metrics: Metrics, *, log: Log, views: Views, cache: Cache, data: Path, kept: Callable[[], Values]
    ) -> None:
        self._metrics = metrics
        self._log = log
        self._views = views
        self._cache = cache
        self._data = data
        self._kept = kept

    def route(self) -> HTTPRouteHandler:
        """Return the route."""

        @get("/metrics", opt={"tagged": False}, media_type="text/plain")
        async def metrics() -> Response[bytes]:
            """Return what the service counts, as Prometheus reads it."""
            text = self._metrics.text(await self.values())
            return Response(text, media_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})

        return metrics

    async def values(self) -> Values:
        """Return the values of `LOOKED_UP` as they are now."""
        views = self._views.position
        head = (await self._log.head()).position
        due_at = await self._views.read.next_due()
        erasures = await self._log.erasures()
        waits_us = 0 if due_at is None else max(0, wall_clock() - to_microseconds(due_at))
        return {
            "dateline_info": {(version("dateline"),): 1},
            "dateline_http_requests_in_flight": self._metrics.in_flight,
            "dateline_streams": self._metrics.streams,
            "dateline_cache_hits_total": self._cache.hits,
            "dateline_cache_misses_total": self._cache.misses,
            "dateline_cache_bytes": self._cache.size,
            "dateline_log_position": head,
            "dateline_views_position": views,
            "dateline_views_lag_entries": max(0, head - views),
            "dateline_views_unknown_entries": {(met.type, str(met.v)): met.entries for met in self._views.unknown},
            "dateline_due_lag_seconds": waits_us / 1_000_000,
            "dateline_erasures_pending": max(erasures.pending, erasures.erased - self._views.erased),
            **self._kept(),
            "dateline_database_bytes": await asyncio.to_thread(_sizes, self._data),
        }


def _sizes(data: Path) -> dict[tuple[str, ...], float]:
    return {(name,): sum(_size(path) for path in data.glob(pattern)) for name, pattern in FILES.items()}


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # A generation of the views that is replaced meanwhile.
        return 0
