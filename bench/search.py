"""Search over 100,000 announcements, of which every third was moved: usual questions by both clocks, and the worst.

Their words are drawn as words are: a few are in most texts, most are in few. The views are filled by themselves: what a
log costs is measured elsewhere.
"""

import random
import tempfile
import time
from collections.abc import Iterator
from itertools import accumulate, islice
from pathlib import Path
from typing import Final

from bench.views import NOW, ROOT
from events import facts as f
from events import terms as t
from events.instants import Instant, from_microseconds, to_microseconds
from events.log.entry import canonical
from events.log.port import Event
from events.tags import tags_of
from events.views import generations
from events.views.clocks import Clocks, Snapshot
from events.views.filters import Filter
from events.views.projection import Projection
from events.views.schema import Connection, connect_reader
from events.views.search import search
from events.views.searching import sought

ANNOUNCEMENTS: Final = 100_000
MOVED_EVERY: Final = 3
IN_PROGRESS: Final = 900
"""So many announcements are made before one of them is moved."""
WORDS: Final = 20_000
SEARCHES: Final = 300
BATCH: Final = 10_000
LIMIT: Final = 100
LETTERS: Final = "abcdefghijklmnopqrstuvwxyzéüøł"
BEGINNING: Final = to_microseconds("2020-01-01T00:00:00.000000Z")
STEP_US: Final = 600_000_000


def run() -> dict[str, float]:
    """Return the times of an answer of at most `LIMIT` announcements in milliseconds."""
    ROOT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT) as directory:
        path = Path(directory) / "views.db"
        chance = random.Random(7)
        vocabulary = ["".join(chance.choices(LETTERS, k=chance.randint(3, 11))) for _ in range(WORDS)]
        events = fill(path, chance, vocabulary)
        connection = connect_reader(path)
        measured = measure(connection, events, chance, vocabulary)
        connection.close()
        return measured


def measure(connection: Connection, events: int, chance: random.Random, vocabulary: list[str]) -> dict[str, float]:
    """Return the 99th percentile at each place, and the slowest of what is worst."""
    half = _instant(events // 2)
    places = {
        "now": Clocks(),
        "as_of": Clocks(as_of=events // 2),
        "said_by": Clocks(said_by=half),
        "both": Clocks(as_of=events // 2, said_by=half),
    }
    usual = list(_usual(chance, vocabulary))
    measured: dict[str, float] = {}
    for name, clocks in places.items():
        times = _times(connection, usual, clocks)
        measured[f"{name}_p99_ms"] = times[len(times) * 99 // 100] * 1000
    worst = ["a", "a e", f'"{vocabulary[0]} {vocabulary[1]}"', " ".join(LETTERS), " ".join(vocabulary[:30])]
    measured["worst_ms"] = max(_times(connection, worst * 3, clocks)[-1] for clocks in places.values()) * 1000
    return measured


def fill(path: Path, chance: random.Random, vocabulary: list[str]) -> int:
    """Write views of all announcements; return how many facts those are."""
    connection = generations.open_build(path)
    projection = Projection(connection, "bench")
    facts = enumerate(_facts(chance, vocabulary), 1)
    position = 0
    while batch := [_event(position, fact) for position, fact in islice(facts, BATCH)]:
        position = batch[-1].position
        projection.load(batch)
    projection.replay_all(lambda done, total: None)
    generations.finish_build(connection, path)
    return position


def _facts(chance: random.Random, vocabulary: list[str]) -> Iterator[f.AnyFact]:
    shares = list(accumulate(1 / (rank + 5) for rank in range(WORDS)))

    def words(count: int) -> str:
        return " ".join(chance.choices(vocabulary, cum_weights=shares, k=count))

    def citations(number: int) -> tuple[t.Citation, ...]:
        said_at = _instant(number)
        return (t.Citation(source=f"s-{number % 500}", quote=words(15), said_at=said_at, verified=True),)

    position = 0
    for number in range(ANNOUNCEMENTS):
        position += 1
        title, topics = words(7), (f"topic {number % 97}",)
        yield f.Made(announcement=f"a-{number}", citations=citations(position), title=title, topics=topics)
        if number % MOVED_EVERY == 0:
            position += 1
            moved = f"a-{max(0, number - IN_PROGRESS)}"
            when = t.When(edtf=f"{2021 + number % 9}-05-10", kind="on")
            yield f.Rescheduled(announcement=moved, citations=citations(position), when=when, reason=words(6))


def _usual(chance: random.Random, vocabulary: list[str]) -> Iterator[str]:
    """Yield what readers ask: a word, two words, or the beginning of one, frequent ones and rare."""
    for number in range(SEARCHES):
        one, other = (vocabulary[int(WORDS ** chance.random()) - 1] for _ in range(2))
        yield (one, f"{one} {other}", one[:3])[number % 3]


def _times(connection: Connection, asked: list[str], clocks: Clocks) -> list[float]:
    """Return the seconds that each search took, in order."""
    times = []
    for q in asked:
        began = time.perf_counter()
        search(Snapshot(connection, lambda: NOW), sought(q), Filter(), clocks, limit=LIMIT)
        times.append(time.perf_counter() - began)
    return sorted(times)


def _event(position: int, fact: f.AnyFact) -> Event:
    return Event(
        position=position,
        id=f"event {position}",
        type=f.type_of(fact),
        v=1,
        tags=tags_of(fact),
        recorded_at=_instant(position),
        said_at=f.said_at_of(fact),
        by="system/bench",
        commit=(position, 1),
        correlation=None,
        causation=None,
        data_hash="",
        data=canonical(f.plain(fact)),
    )


def _instant(number: int) -> Instant:
    """Return an instant that lies some minutes after that of the number before."""
    return from_microseconds(BEGINNING + number * STEP_US)


if __name__ == "__main__":
    print(run())
