"""`make bench`: what Dateline is measured by, as one table.

Ratios are within one run, because machines are shared and noisy. `python -m bench append` measures a part.
"""

import sys
from collections.abc import Callable, Iterator
from typing import Final

from rich.console import Console
from rich.table import Table

from bench import append, crowd, edtf, http, search, service, tallies, views

Row = tuple[str, str, str, bool]


def main() -> None:
    """Run all of it, or the parts named on the command line, and print the table."""
    wanted = sys.argv[1:] or list(PARTS)
    table = Table("what", "asked", "measured", "")
    for name in wanted:
        Console(stderr=True).print(f"measuring {name} …")
        for what, asked, measured, met in PARTS[name]():
            table.add_row(what, asked, measured, "met" if met else "NOT MET")
    Console(width=120).print(table)


def _append() -> Iterator[Row]:
    measured = append.run()
    ours, peer, ratio = (measured[k] for k in ("dateline_events_per_s", "eventsourcing_events_per_s", "ratio"))
    yield (
        "one event an append, 16 tasks, durable, against eventsourcing",
        ">= 2x",
        f"{ratio:.1f}x ({ours:,.0f}/s against {peer:,.0f}/s)",
        ratio >= 2,
    )


def _dates() -> Iterator[Row]:
    measured = edtf.measure()
    yield "EDTF parses with bounds", ">= 100,000/s", f"{measured.parses_per_s:,.0f}/s", measured.parses_per_s >= 1e5
    yield "slowest 200 characters", "< 1 ms", f"{measured.slowest_s * 1000:.2f} ms", measured.slowest_s < 1e-3


def _views() -> Iterator[Row]:
    measured = views.run()
    rate = measured["rebuild_events_per_s"]
    yield f"rebuild of all views at {measured['events']:,} events", ">= 8,000/s", f"{rate:,.0f}/s", rate >= 8000


def _service() -> Iterator[Row]:
    measured = service.run()
    now = measured["now_p99_ms"]
    yield "timeline of 200 items over HTTP, p99, now", "<= 15 ms", f"{now:.1f} ms", now <= 15
    for name in ("as_of", "said_by", "both"):
        ratio = measured[f"{name}_p99_ms"] / now
        value = f"{ratio:.1f}x ({measured[f'{name}_p99_ms']:.1f} ms)"
        yield f"  the same, {name}, against now", "<= 3x", value, ratio <= 3
    start, resident = measured["start_up_s"], measured["resident_mb"]
    yield "start-up to first answer", "<= 1.5 s", f"{start:.2f} s", start <= 1.5
    yield "resident after that", "<= 120 MB", f"{resident:.0f} MB", resident <= 120


def _http() -> Iterator[Row]:
    measured = http.run()
    for name, what, least in (
        ("get", f"cached GET of a timeline of {measured['timeline_bytes'] / 1000:.0f} KB, against raw ASGI", 0.8),
        ("304", "  its 304, against raw ASGI", 0.8),
        ("post", "validated POST, nothing stored, against raw ASGI", 0.5),
    ):
        ratio, ours, raw = (measured[f"{name}_{value}"] for value in ("ratio", "per_s", "raw_per_s"))
        yield what, f">= {least:.0%}", f"{ratio:.0%} ({ours:,.0f}/s against {raw:,.0f}/s)", ratio >= least


def _crowd() -> Iterator[Row]:
    measured = crowd.run()
    alone, among, ratio = (measured[name] for name in ("p99_alone_ms", "p99_in_the_crowd_ms", "ratio"))
    what = "p99 among 10,000 idle connections and 200 abusive ones, against alone"
    yield what, "< 2x", f"{ratio:.1f}x ({among:.1f} ms against {alone:.1f} ms)", ratio < 2


def _tallies() -> Iterator[Row]:
    measured = tallies.run()
    for what, words in (("scoreboard", "scoreboard"), ("by_year", "scoreboard by year")):
        now = measured[f"{what}_now_p99_ms"]
        yield f"{words} over 100,000 announcements, p99, now", "<= 50 ms", f"{now:.1f} ms", now <= 50
        for where in ("as_of", "said_by", "both"):
            ratio = measured[f"{what}_{where}_p99_ms"] / now
            value = f"{ratio:.1f}x ({measured[f'{what}_{where}_p99_ms']:.1f} ms)"
            yield f"  the same, {where}, against now", "<= 10x", value, ratio <= 10


def _search() -> Iterator[Row]:
    measured = search.run()
    now = measured["now_p99_ms"]
    yield "search over 100,000 announcements, p99, now", "<= 30 ms", f"{now:.1f} ms", now <= 30
    for name in ("as_of", "said_by", "both"):
        value = measured[f"{name}_p99_ms"]
        yield f"  the same, {name}, against now", "<= 10x", f"{value / now:.1f}x ({value:.1f} ms)", value <= 10 * now
    yield "  the worst there is", "<= 300 ms", f"{measured['worst_ms']:.0f} ms", measured["worst_ms"] <= 300


PARTS: Final[dict[str, Callable[[], Iterator[Row]]]] = {
    "append": _append,
    "dates": _dates,
    "views": _views,
    "service": _service,
    "tallies": _tallies,
    "search": _search,
    "http": _http,
    "crowd": _crowd,
}

if __name__ == "__main__":
    main()
