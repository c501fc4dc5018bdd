"""`make bench`: what Dateline is measured by, as one table.

Ratios are within one run, because machines are shared and noisy. `python -m bench log views` measures two parts,
and `--picture` draws what was measured of the log into `docs/pictures/`.
"""

import sys
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Final

from rich.console import Console
from rich.table import Table

from bench import crowd, edtf, extract, http, picture, search, service, tallies, views
from bench.log import table as log
from bench.rows import Row, at_least, at_most


def main() -> None:
    """Run all of it, or the parts named on the command line, and print the table."""
    named = [argument for argument in sys.argv[1:] if argument != "--picture"]
    table = Table("what", "asked", "measured", "")
    drawn: list[Row] = []
    aside = Console(stderr=True)
    for name in named or list(PARTS):
        aside.print(f"measuring {name} …")
        for row in PARTS[name]():
            aside.print(f"  {row.what}: {row.measured}", highlight=False)
            table.add_row(row.what, row.asked, row.measured, "met" if row.met else "NOT MET")
            if name == "log":
                drawn.append(row)
    Console(width=140).print(table)
    if "--picture" in sys.argv[1:] and drawn:
        picture.draw(drawn)


def _log() -> Iterator[Row]:
    return chain(log.append_rows(), log.read_rows(), log.large_rows())


def _dates() -> Iterator[Row]:
    measured = edtf.measure()
    rate, slowest = measured.parses_per_s, measured.slowest_s
    yield at_least("EDTF parses with bounds", 1e5, rate, asked="100,000/s", measured=f"{rate:,.0f}/s")
    yield at_most("slowest 200 characters", 1e-3, slowest, asked="1 ms", measured=f"{slowest * 1000:.2f} ms")


def _views() -> Iterator[Row]:
    measured = views.run()
    rate = measured["rebuild_events_per_s"]
    what = f"rebuild of all views at {measured['events']:,} events"
    yield at_least(what, 8000, rate, asked="8,000/s", measured=f"{rate:,.0f}/s")


def _service() -> Iterator[Row]:
    measured = service.run()
    now = measured["now_p99_ms"]
    yield at_most("timeline of 200 items over HTTP, p99, now", 15, now, asked="15 ms", measured=f"{now:.1f} ms")
    for name in ("as_of", "said_by", "both"):
        ratio = measured[f"{name}_p99_ms"] / now
        value = f"{ratio:.1f}x ({measured[f'{name}_p99_ms']:.1f} ms)"
        yield at_most(f"  the same, {name}, against now", 3, ratio, asked="3x", measured=value)
    start, resident = measured["start_up_s"], measured["resident_mb"]
    yield at_most("start-up to first answer", 1.5, start, asked="1.5 s", measured=f"{start:.2f} s")
    yield at_most("resident after that", 120, resident, asked="120 MB", measured=f"{resident:.0f} MB")


def _http() -> Iterator[Row]:
    measured = http.run()
    for name, what, least in (
        ("get", f"cached GET of a timeline of {measured['timeline_bytes'] / 1000:.0f} KB, against raw ASGI", 0.8),
        ("304", "  its 304, against raw ASGI", 0.8),
        ("post", "validated POST, nothing stored, against raw ASGI", 0.5),
    ):
        ratio, ours, raw = (measured[f"{name}_{value}"] for value in ("ratio", "per_s", "raw_per_s"))
        value = f"{ratio:.0%} ({ours:,.0f}/s against {raw:,.0f}/s)"
        yield at_least(what, least, ratio, asked=f"{least:.0%}", measured=value)


def _crowd() -> Iterator[Row]:
    measured = crowd.run()
    alone, among, ratio = (measured[name] for name in ("p99_alone_ms", "p99_in_the_crowd_ms", "ratio"))
    what = "p99 among 10,000 idle connections and 200 abusive ones, against alone"
    yield at_most(what, 2, ratio, asked="2x", measured=f"{ratio:.1f}x ({among:.1f} ms against {alone:.1f} ms)")


def _tallies() -> Iterator[Row]:
    measured = tallies.run()
    for what, words in (("scoreboard", "scoreboard"), ("by_year", "scoreboard by year")):
        now = measured[f"{what}_now_p99_ms"]
        said = f"{words} over 100,000 announcements, p99, now"
        yield at_most(said, 50, now, asked="50 ms", measured=f"{now:.1f} ms")
        for where in ("as_of", "said_by", "both"):
            ratio = measured[f"{what}_{where}_p99_ms"] / now
            value = f"{ratio:.1f}x ({measured[f'{what}_{where}_p99_ms']:.1f} ms)"
            yield at_most(f"  the same, {where}, against now", 10, ratio, asked="10x", measured=value)


def _search() -> Iterator[Row]:
    measured = search.run()
    now, worst = measured["now_p99_ms"], measured["worst_ms"]
    yield at_most("search over 100,000 announcements, p99, now", 30, now, asked="30 ms", measured=f"{now:.1f} ms")
    for name in ("as_of", "said_by", "both"):
        value = measured[f"{name}_p99_ms"]
        ratio = f"{value / now:.1f}x ({value:.1f} ms)"
        yield at_most(f"  the same, {name}, against now", 10 * now, value, asked="10x", measured=ratio)
    yield at_most("  the worst there is", 300, worst, asked="300 ms", measured=f"{worst:.0f} ms")


PARTS: Final[dict[str, Callable[[], Iterator[Row]]]] = {
    "log": _log,
    "dates": _dates,
    "extract": extract.rows,
    "views": _views,
    "service": _service,
    "tallies": _tallies,
    "search": _search,
    "http": _http,
    "crowd": _crowd,
}

if __name__ == "__main__":
    main()
