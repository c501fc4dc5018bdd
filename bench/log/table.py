"""The rows of the log, part by part."""

from collections.abc import Iterator

from bench.log import appends, large, reads
from bench.rows import Row, at_least, at_most


def append_rows() -> Iterator[Row]:
    """Measure appends."""
    m = appends.run()
    for peer, name, least in (("eventsourcing", "eventsourcing on SQLite", 2.5), ("umadb", "UmaDB", 1.2)):
        ratio, ours, theirs = m[f"against_{peer}"], m["tasks_per_s"], m[f"{peer}_per_s"]
        what = f"Appends from 16 tasks, against {name}"
        yield at_least(
            what, least, ratio, asked=f"{least}x", measured=f"{ratio:.2f}x ({ours:,.0f}/s against {theirs:,.0f}/s)"
        )
    for name, what, least in (
        ("alone", "Appends from one writer, against raw sqlite3", 0.6),
        ("batches", "Appends of 100 events from one writer, against raw sqlite3", 0.4),
    ):
        ratio, ours, theirs = m[f"{name}_against_plain"], m[f"{name}_per_s"], m[f"plain_{name}_per_s"]
        yield at_least(
            what, least, ratio, asked=f"{least}x", measured=f"{ratio:.2f}x ({ours:,.0f}/s against {theirs:,.0f}/s)"
        )
    yield at_most(
        "From an append's answer to a subscriber, p50", 0.25, m["delivery_ms"], asked="0.25 ms",
        measured=f"{m['delivery_ms']:.2f} ms ({m['delivered_ms']:.2f} ms after {m['appended_ms']:.2f} ms)",
    )  # fmt: skip


def read_rows() -> Iterator[Row]:
    """Measure reads."""
    m = reads.run()
    ratio, ours = m["read_against_plain"], m["read_per_s"]
    yield at_least(
        "Reading 100,000 entries, against a bare SELECT", 0.7, ratio, asked="0.7x",
        measured=f"{ratio:.2f}x ({ours:,.0f}/s against {m['plain_read_per_s']:,.0f}/s)",
    )  # fmt: skip
    kinder = m["read_against_decoded"]
    yield Row(
        "  the same, against a SELECT whose entries are decoded too", "-",
        f"{kinder:.2f}x ({ours:,.0f}/s against {m['decoded_read_per_s']:,.0f}/s)", None,
    )  # fmt: skip
    ratio = m["history_against_plain"]
    yield at_most(
        "A history of 100 events among 100,000, against a bare SELECT", 1.3, ratio, asked="1.3x the time",
        measured=f"{ratio:.2f}x ({m['history_ms']:.2f} ms against {m['plain_history_ms']:.2f} ms)",
    )  # fmt: skip


def large_rows() -> Iterator[Row]:
    """Measure a log of 1,000,000 events."""
    m = large.run()
    ratio = m["large_against_small"]
    yield at_most(
        "An append at 1,000,000 events, p50, against one at 10,000", 1.3, ratio, asked="1.3x the time",
        measured=f"{ratio:.2f}x ({m['large_append_ms']:.2f} ms against {m['small_append_ms']:.2f} ms)",
    )  # fmt: skip
    rate = m["verify_per_s"]
    yield at_least("Verifying 1,000,000 entries", 150_000, rate, asked="150,000/s", measured=f"{rate:,.0f}/s")
    opened, left = m["open_after_crash_s"], m["left_by_crash_mb"]
    what = "Opening after kill -9 at 1,000,000 events"
    yield at_most(what, 2, opened, asked="2 s", measured=f"{opened:.2f} s ({left:.0f} MB of write-ahead log)")
    yield Row("  filling that log, 500 events an append", "-", f"{m['fill_per_s']:,.0f}/s", None)
