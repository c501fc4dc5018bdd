"""What the service counts, for Prometheus. `METRICS` is the whole list; labels take few values, never a raw path."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, Literal, NamedTuple, TypeAlias, cast

import prometheus_client as prometheus
from msgspec import Struct
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Where the buckets of the durations end."""
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"})
NO_ROUTE: Final = "none"
RATE_LIMITED: Final = 429


class Metric(Struct, frozen=True):
    """One metric: its name as it is scraped, its type, what it says, and its labels."""

    name: str
    type: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()


COUNTED: Final = (
    Metric(
        "dateline_http_requests_total",
        "counter",
        "Requests answered, by method, route (none: no such route) and class of status.",
        ("method", "route", "status"),
    ),
    Metric(
        "dateline_http_request_duration_seconds",
        "histogram",
        "Time from a request's head to the end of its answer; streams are left out.",
        ("method", "route"),
    ),
    Metric("dateline_http_refusals_total", "counter", "Problems answered, by code (docs/errors.md).", ("code",)),
    Metric("dateline_http_rate_limited_total", "counter", "Requests answered 429."),
    Metric("dateline_stream_frames_total", "counter", "Frames written to streams of server-sent events."),
)
LOOKED_UP: Final = (
    Metric("dateline_info", "gauge", "The version that runs; always 1.", ("version",)),
    Metric("dateline_http_requests_in_flight", "gauge", "Requests under way, streams included."),
    Metric("dateline_streams", "gauge", "Open streams of server-sent events."),
    Metric("dateline_cache_hits_total", "counter", "Reads answered from what had been answered before."),
    Metric("dateline_cache_misses_total", "counter", "Reads that could have been, and were not."),
    Metric("dateline_cache_bytes", "gauge", "Memory that kept answers take."),
    Metric("dateline_log_position", "gauge", "The last entry of the log: entries recorded so far."),
    Metric("dateline_views_position", "gauge", "The entry up to which the views have followed the log."),
    Metric("dateline_views_lag_entries", "gauge", "Entries that the views have not taken in yet."),
    Metric("dateline_due_lag_seconds", "gauge", "How long the oldest date that came up or fell due waits unrecorded."),
    Metric(
        "dateline_database_bytes", "gauge", "Size of the files of the data directory, journals included.", ("file",)
    ),
)
PROCESS: Final = (
    Metric("process_cpu_seconds_total", "counter", "Processor time taken, in seconds."),
    Metric("process_max_fds", "gauge", "Files and connections that may be open at once."),
    Metric("process_open_fds", "gauge", "Files and connections that are open."),
    Metric("process_resident_memory_bytes", "gauge", "Resident memory."),
    Metric("process_start_time_seconds", "gauge", "When the process began, in seconds since 1970."),
    Metric("process_virtual_memory_bytes", "gauge", "Virtual memory."),
)
METRICS: Final = (*COUNTED, *LOOKED_UP, *PROCESS)

Values: TypeAlias = Mapping[str, float | Mapping[str, float]]
"""Values by the name of a metric; those of one with a label by that."""


class _Cell(NamedTuple):
    """The counters of one kind of request."""

    requests: prometheus.Counter
    seconds: prometheus.Histogram


class Metrics:
    """The counts of one service. `in_flight` and `streams` are kept by whoever begins and ends them."""

    def __init__(self) -> None:
        self.in_flight = 0
        self.streams = 0
        cast("Callable[[], None]", prometheus.disable_created_metrics)()  # They would double the number of series.
        self._registry = prometheus.CollectorRegistry(auto_describe=False)
        requests, seconds, refusals, rate_limited, frames = COUNTED
        self._requests = _counter(requests, self._registry)
        self._seconds = prometheus.Histogram(
            seconds.name, seconds.help, seconds.labels, registry=self._registry, buckets=SECONDS
        )
        self._refusals = _counter(refusals, self._registry)
        self._rate_limited = _counter(rate_limited, self._registry)
        self._frames = _counter(frames, self._registry)
        self._looked_up = _LookedUp()
        self._registry.register(self._looked_up)
        prometheus.ProcessCollector(registry=self._registry)
        self._cells: dict[tuple[str, str | None, int], _Cell] = {}

    def answered(self, method: str, route: str | None, status: int, seconds: float | None) -> None:
        """Count a request; `seconds` is None for a stream."""
        cell = self._cells.get((method, route, status)) or self._cell(method, route, status)
        cell.requests.inc()
        if seconds is not None:
            cell.seconds.observe(seconds)
        if status == RATE_LIMITED:
            self._rate_limited.inc()

    def refused(self, code: str) -> None:
        """Count a problem that was answered."""
        self._refusals.labels(code).inc()

    def wrote_frame(self) -> None:
        """Count a frame of a stream."""
        self._frames.inc()

    def text(self, values: Values) -> bytes:
        """Return everything as Prometheus reads it, with the values of `LOOKED_UP` as they are now."""
        self._looked_up.values = values
        return prometheus.generate_latest(self._registry)

    def _cell(self, method: str, route: str | None, status: int) -> _Cell:
        known, where = method if method in METHODS else "other", route or NO_ROUTE
        requests = self._requests.labels(known, where, f"{status // 100}xx")
        cell = _Cell(requests, self._seconds.labels(known, where))
        if known == method:  # Anybody can make methods up.
            self._cells[method, route, status] = cell
        return cell


class _LookedUp(Collector):
    """What is known elsewhere, and only asked for when Prometheus asks."""

    def __init__(self) -> None:
        self.values: Values = {}

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        for metric in LOOKED_UP:
            value = self.values.get(metric.name, {})
            kind = CounterMetricFamily if metric.type == "counter" else GaugeMetricFamily
            family = kind(metric.name, metric.help, labels=metric.labels)
            for label, one in value.items() if isinstance(value, Mapping) else [("", value)]:
                family.add_metric([label] if metric.labels else [], one)
            yield family


def _counter(metric: Metric, registry: prometheus.CollectorRegistry) -> prometheus.Counter:
    return prometheus.Counter(metric.name, metric.help, metric.labels, registry=registry)
