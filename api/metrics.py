"""What the service counts, for Prometheus. `METRICS` is the whole list; labels take few values, never a raw path."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Final, Literal, TypeAlias

from msgspec import Struct
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Where the buckets of the durations end."""
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"})
NO_ROUTE: Final = "none"
OTHER: Final = "other"
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
    Metric(
        "dateline_views_unknown_entries",
        "gauge",
        "Entries without effect, because a later program wrote them: by type and version of their form.",
        ("type", "v"),
    ),
    Metric("dateline_due_lag_seconds", "gauge", "How long the oldest date that came up or fell due waits unrecorded."),
    Metric(
        "dateline_erasures_pending", "gauge", "Erased entries that are not yet gone from every file of log and views."
    ),
    Metric(
        "dateline_log_verified_position", "gauge", "The entry up to which this round of the scrub has verified the log."
    ),
    Metric(
        "dateline_log_verified_at_seconds",
        "gauge",
        "When the last whole round ended, in seconds since 1970; none before the first has.",
    ),
    Metric("dateline_log_damaged", "gauge", "1 once the scrub has found damage: then nothing is recorded."),
    Metric(
        "dateline_backup_age_seconds",
        "gauge",
        "Age of the newest nightly backup, +Inf where there is none; this and the next only where they are made.",
    ),
    Metric("dateline_backup_failed", "gauge", "1 when the last attempt to make one failed."),
    Metric("dateline_backup_position", "gauge", "The last entry that the newest one holds."),
    Metric("dateline_backup_bytes", "gauge", "The size of the newest one."),
    Metric(
        "dateline_news_polls_total",
        "counter",
        "Feeds of others that were looked at: read, unchanged, failed; this and the next two only where they are read.",
        ("outcome",),
    ),
    Metric(
        "dateline_news_entries_total",
        "counter",
        "What was made of their entries: recorded, duplicate, undated, unreadable, unreachable, refused.",
        ("outcome",),
    ),
    Metric("dateline_news_failing", "gauge", "Feeds that could not be read when they were last looked at."),
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

Family: TypeAlias = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily

Values: TypeAlias = Mapping[str, float | Mapping[tuple[str, ...], float]]
"""Values by the name of a metric; those of one with labels by them."""
Key: TypeAlias = tuple[str, str | None, int]
"""The method, route and status of requests."""


class _Cell:
    """How many requests of one kind there were, and how long they took. Kept by hand: it costs every request."""

    __slots__ = ("buckets", "count", "seconds")

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0.0
        self.buckets = [0] * (len(SECONDS) + 1)


class Metrics:
    """The counts of one service. `in_flight`, `streams` and `frames` are kept by whoever begins and ends them."""

    def __init__(self) -> None:
        self.in_flight = 0
        self.streams = 0
        self.frames = 0
        self.refusals: Counter[str] = Counter()
        self.cells: defaultdict[Key, _Cell] = defaultdict(_Cell)
        self._registry = CollectorRegistry(auto_describe=False)
        self._counts = _Counts(self)
        self._registry.register(self._counts)
        ProcessCollector(registry=self._registry)

    def answered(self, method: str, route: str | None, status: int, seconds: float | None) -> None:
        """Count a request; `seconds` is None for a stream."""
        cell = self.cells[method if method in METHODS else OTHER, route, status]  # Anybody can make methods up.
        cell.count += 1
        if seconds is not None:
            cell.seconds += seconds
            cell.buckets[bisect_left(SECONDS, seconds)] += 1

    def text(self, values: Values) -> bytes:
        """Return everything as Prometheus reads it, with the values of `LOOKED_UP` as they are now."""
        self._counts.values = values
        return generate_latest(self._registry)


class _Counts(Collector):
    """Everything that is ours, when Prometheus asks."""

    def __init__(self, metrics: Metrics) -> None:
        self.values: Values = {}
        self._metrics = metrics

    def collect(self) -> Iterator[Family]:
        metrics = self._metrics
        requests, durations, refusals, limited, frames = COUNTED
        by_status: Counter[tuple[str, ...]] = Counter()
        by_route: defaultdict[tuple[str, ...], _Cell] = defaultdict(_Cell)
        for (method, route, status), cell in metrics.cells.items():
            labels = method, route or NO_ROUTE
            by_status[*labels, f"{status // 100}xx"] += cell.count
            sums = by_route[labels]
            sums.seconds += cell.seconds
            sums.buckets = [a + b for a, b in zip(sums.buckets, cell.buckets, strict=True)]
        yield _family(requests, by_status)
        yield _histogram(durations, by_route)
        yield _family(refusals, {(code,): count for code, count in metrics.refusals.items()})
        yield _family(limited, {(): sum(cell.count for key, cell in metrics.cells.items() if key[2] == RATE_LIMITED)})
        yield _family(frames, {(): metrics.frames})
        for metric in LOOKED_UP:
            value = self.values.get(metric.name, {})
            yield _family(metric, value if isinstance(value, Mapping) else {(): value})


def _family(metric: Metric, values: Mapping[tuple[str, ...], float]) -> Family:
    kind = CounterMetricFamily if metric.type == "counter" else GaugeMetricFamily
    family = kind(metric.name, metric.help, labels=metric.labels)
    for labels, value in values.items():
        family.add_metric(labels, value)
    return family


def _histogram(metric: Metric, values: Mapping[tuple[str, ...], _Cell]) -> HistogramMetricFamily:
    family = HistogramMetricFamily(metric.name, metric.help, labels=metric.labels)
    for labels, cell in values.items():
        ends = [*map(str, SECONDS), "+Inf"]
        family.add_metric(labels, list(zip(ends, accumulate(cell.buckets), strict=True)), cell.seconds)
    return family
