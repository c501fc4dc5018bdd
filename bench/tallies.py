"""Agenda, due, slippage and scoreboard over 100,000 announcements, as the views answer them, without HTTP.

Each has two or three facts, one or two of fifty actors, and a date in one of ten years; some actors are merged. The
views are filled by themselves: what a log costs is measured elsewhere.
"""

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

from events import facts as f
from events import terms as t
from events.instants import Instant, from_microseconds, to_microseconds
from events.log.entry import canonical
from events.log.port import Event
from events.tags import tags_of
from events.views import generations
from events.views.agendas import agenda, due
from events.views.clocks import Clocks, Snapshot
from events.views.filters import Filter
from events.views.projection import Projection
from events.views.schema import Connection, connect_reader
from events.views.tallying import scoreboard, slippage

ANNOUNCEMENTS: Final = 100_000
ACTORS: Final = 50
MERGED: Final = 5
READS: Final = 100
BATCH: Final = 5_000
NOW: Final = "2024-06-01T00:00:00.000000Z"
BEGINNING: Final = to_microseconds("2018-01-01T00:00:00.000000Z")
STEP_US: Final = 700_000_000
ROOT: Final = Path(__file__).parent.parent / ".bench"

Read = Callable[[Snapshot, Clocks], Any]
_READS: Final[dict[str, Read]] = {
    "scoreboard": lambda snapshot, clocks: scoreboard(snapshot, Filter(), clocks, by_year=False, limit=100),
    "by_year": lambda snapshot, clocks: scoreboard(snapshot, Filter(), clocks, by_year=True, limit=1000),
    "slippage": lambda snapshot, clocks: slippage(snapshot, Filter(), clocks, limit=100),
    "agenda": lambda snapshot, clocks: agenda(snapshot, Filter(), clocks, days=30, limit=100),
    "due": lambda snapshot, clocks: due(snapshot, Filter(), clocks, limit=100),
}


def run() -> dict[str, float]:
    """Return the milliseconds that each answer takes at each way of asking, as `<what>_<where>_p50_ms` and `p99`."""
    ROOT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT) as directory:
        path = Path(directory) / "views.db"
        events = _fill(path)
        clocks = {
            "now": Clocks(),
            "as_of": Clocks(as_of=events // 2),
            "said_by": Clocks(said_by=_instant(events // 2)),
            "both": Clocks(as_of=events // 2, said_by=_instant(events // 3)),
        }
        connection = connect_reader(path)
        measured: dict[str, float] = {"events": events}
        for what, read in _READS.items():
            for where, place in clocks.items():
                times = _times(partial(_read, read, connection, place))
                measured[f"{what}_{where}_p50_ms"] = round(times[len(times) // 2] * 1000, 2)
                measured[f"{what}_{where}_p99_ms"] = round(times[len(times) * 99 // 100] * 1000, 2)
        connection.close()
        return measured


def _read(read: Read, connection: Connection, clocks: Clocks) -> None:
    assert read(Snapshot(connection, lambda: NOW), clocks).total


def _fill(path: Path) -> int:
    """Write views of all announcements; return how many facts those are."""
    connection = generations.open_build(path)
    projection = Projection(connection, "bench")
    facts = enumerate(_facts(), 1)
    position = 0
    while batch := [_event(position, fact) for position, fact in islice(facts, BATCH)]:
        position = batch[-1].position
        projection.load(batch)
    projection.replay_all(lambda done, total: None)
    generations.finish_build(connection, path)
    return position


def _facts() -> Iterator[f.AnyFact]:
    for number in range(ACTORS):
        yield f.ActorRecorded(actor=f"actor-{number}", names={"en": f"Ministry {number}"}, kind="government")
    for number in range(MERGED):
        yield f.ActorMerged(actor=f"actor-{number}", into=f"actor-{number + MERGED}")
    chance = random.Random(2024)
    for number in range(ANNOUNCEMENTS):
        position, id = 2 * number, f"a-{number}"
        citations = (t.Citation(source=f"s-{number % 200}", quote="As they say.", said_at=_instant(position)),)
        parts = {f"actor-{chance.randrange(ACTORS)}" for _ in range(chance.choice((1, 1, 2)))}
        yield f.Made(
            announcement=id,
            citations=citations,
            title=f"Ministers meet for the {number}th time",
            when=_date(chance),
            actors=tuple(t.ActorRef(id=part) for part in sorted(parts)),
            topics=(f"topic {number % 97}",),
        )
        if chance.random() < 0.5:
            yield f.Rescheduled(announcement=id, citations=citations, when=_date(chance))
        if chance.random() < 0.6:
            yield f.OutcomeReported(announcement=id, citations=citations, result="happened")


def _date(chance: random.Random) -> t.When:
    year, month = chance.randrange(2018, 2028), chance.randrange(1, 13)
    if chance.random() < 0.2:
        return t.When(edtf=f"../{year}-{month:02}", kind="deadline")
    return t.When(edtf=f"{year}-{month:02}-{chance.randrange(1, 29):02}", kind="on")


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


def _times(read: Callable[[], Any]) -> list[float]:
    """Return the seconds that each of some reads took, once warm, in order."""
    read()
    times = []
    for _ in range(READS):
        began = time.perf_counter()
        read()
        times.append(time.perf_counter() - began)
    return sorted(times)


if __name__ == "__main__":
    print(run())
