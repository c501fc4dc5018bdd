"""Read models at 100,000 events: how fast they are rebuilt, and how fast a timeline of 200 items answers.

20,000 announcements of about five facts each, a hundred of them in progress at any time, in commits of one event.
"""

import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

import uvloop

from events import facts as f
from events import terms as t
from events.instants import Instant, from_microseconds, to_microseconds
from events.log.entry import canonical
from events.log.port import Log, NewCommit, NewEvent
from events.log.sqlite import open_sqlite
from events.tags import tags_of
from events.views.clocks import Clocks
from events.views.runner import Views

ANNOUNCEMENTS: Final = 20_000
IN_PROGRESS: Final = 100
SOURCES: Final = 200
ITEMS: Final = 200
APPENDS: Final = 1_000
READS: Final = 200
ROOT: Final = Path(__file__).parent.parent / ".bench"
BEGINNING: Final = to_microseconds("2020-01-01T00:00:00.000000Z")
HOUR_US: Final = 3_600_000_000
NOW: Final = "2026-01-01T00:00:00.000000Z"

Life = Iterator[f.AnyFact]


def run() -> dict[str, float]:
    """Return rates in events a second, times of a timeline's answer in milliseconds, and their ratios to now."""
    ROOT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT) as directory:
        return uvloop.run(_measure(Path(directory)))


async def _measure(directory: Path) -> dict[str, float]:
    engine = await open_sqlite(directory)
    events = await fill(engine.log)
    began = time.perf_counter()
    views = await Views.open(directory / "views", engine.log, now=lambda: NOW)
    rebuilt = time.perf_counter() - began
    asked = {
        "now": Clocks(),
        "as_of": Clocks(as_of=events // 2),
        "said_by": Clocks(said_by=_instant(events // 2)),
        "both": Clocks(as_of=events // 2, said_by=_instant(events // 2)),
    }
    answers = {f"timeline_{name}": await _times(partial(_timeline, views, clocks)) for name, clocks in asked.items()}
    answers |= {f"list_{name}": await _times(partial(_list, views, clocks)) for name, clocks in asked.items()}
    await views.close()
    await engine.close()
    measured: dict[str, float] = {"events": events, "rebuild_events_per_s": round(events / rebuilt)}
    for name, times in answers.items():
        measured[f"{name}_p50_ms"] = round(times[len(times) // 2] * 1000, 2)
        measured[f"{name}_p99_ms"] = round(times[len(times) * 99 // 100] * 1000, 2)
    return measured


async def fill(log: Log) -> int:
    """Record the announcements; return how many events that took."""
    waiting: list[Awaitable[object]] = []
    position = 0
    for position, fact in enumerate(_facts(), 1):
        waiting.append(log.append(_commit(fact, position)))
        if len(waiting) == APPENDS:
            await asyncio.gather(*waiting)
            waiting.clear()
    await asyncio.gather(*waiting)
    return position


def _facts() -> Life:
    """Yield every fact in the order of recording; the position of each is how many there were, with it."""
    position = 0
    for fact in _definitions():
        position += 1
        yield fact
    chance = random.Random(2024)
    positions: dict[str, list[int]] = {}
    lives: list[tuple[str, Callable[[list[int], Instant], f.AnyFact | None]]] = []
    begun = 0
    while begun < ANNOUNCEMENTS or lives:
        while begun < ANNOUNCEMENTS and len(lives) < IN_PROGRESS:
            begun += 1
            lives.append((f"a-{begun}", _life(begun)))
        index = chance.randrange(len(lives))
        id, life = lives[index]
        following = life(positions.setdefault(id, []), _instant(position + 1))
        if following is None:
            lives[index] = lives[-1]
            lives.pop()
            del positions[id]
            continue
        position += 1
        positions[id].append(position)
        yield following


def _definitions() -> Life:
    for number in range(SOURCES):
        yield f.SourceRecorded(
            source=f"s-{number}",
            title=f"Bulletin {number}",
            publisher="The bureau",
            published_at=_instant(number),
            timezone="UTC",
            language="en",
        )
    for number in range(50):
        yield f.ActorRecorded(actor=f"actor-{number}", names={"en": f"Ministry {number}"}, kind="government")
    query = t.TimelineQuery(topic=("summit",))
    yield f.TimelineCreated(timeline="bench", title="Summits", query=query)


def _life(number: int) -> Callable[[list[int], Instant], f.AnyFact | None]:
    """Return what gives an announcement's next fact from the positions of those before; None after the last."""
    id, month = f"a-{number}", 1 + number % 12
    summit = number % (ANNOUNCEMENTS // ITEMS) == 0

    def following(positions: list[int], said_at: Instant) -> f.AnyFact | None:
        citations = (_citation(number + len(positions), said_at),)
        match len(positions):
            case 0:
                return f.Made(
                    announcement=id,
                    citations=citations,
                    title=f"Ministers meet for the {number}th time",
                    when=t.When(edtf=f"{2021 + number % 9}-{month:02}-10", kind="on"),
                    kind="meeting",
                    actors=(t.ActorRef(id=f"actor-{number % 50}"), t.ActorRef(name="Others", role="with")),
                    places=(f"City {number % 300}",),
                    topics=("summit" if summit else f"topic {number % 97}",),
                )
            case 1:
                return f.Corroborated(announcement=id, citations=citations, supports=positions[0])
            case 2:
                when = t.When(edtf=f"{2021 + number % 9}-{month:02}-24", kind="on")
                return f.Rescheduled(announcement=id, citations=citations, when=when, reason="Talks take longer.")
            case 3 if number % 10 == 0:
                fields = t.AnnouncementFields(title=f"Ministers meet for the {number}th time, again")
                return f.Amended(
                    announcement=id, corrects=positions[0], set=fields, origin="editor", reason="It was misread."
                )
            case 3:
                return f.ProgressReported(announcement=id, citations=citations, text="The agenda is agreed.")
            case 4 if number % 3:
                return f.OutcomeReported(announcement=id, citations=citations, result="happened")
            case 4:
                return f.Corroborated(announcement=id, citations=citations, supports=positions[2])
            case _:
                return None

    return following


def _citation(number: int, said_at: Instant) -> t.Citation:
    return t.Citation(
        source=f"s-{number % SOURCES}",
        quote="The ministers will meet in the spring to go over what was agreed the year before.",
        said_at=said_at,
        start=100,
        end=181,
        verified=True,
    )


def _instant(number: int) -> Instant:
    """Return an instant that lies some minutes after that of the number before."""
    return from_microseconds(BEGINNING + number * HOUR_US // 4)


def _commit(fact: f.AnyFact, position: int) -> NewCommit:
    event = NewEvent(
        type=f.type_of(fact), data=canonical(f.plain(fact)), tags=tags_of(fact), said_at=f.said_at_of(fact)
    )
    key = f"system/bench/{position}"
    return NewCommit(key=key, fingerprint=key, events=(event,), by="system/bench")


async def _timeline(views: Views, clocks: Clocks) -> None:
    found = await views.read.timeline("bench", clocks, limit=ITEMS)
    assert found is not None
    assert found.total == len(found.items)
    assert clocks != Clocks() or found.total == ITEMS


async def _list(views: Views, clocks: Clocks) -> None:
    found = await views.read.announcements(clocks=clocks, limit=ITEMS)
    assert len(found.items) == ITEMS


async def _times(read: Callable[[], Awaitable[None]]) -> list[float]:
    """Return the seconds that each of some reads took, once warm, in order."""
    times = []
    await read()
    for _ in range(READS):
        began = time.perf_counter()
        await read()
        times.append(time.perf_counter() - began)
    return sorted(times)


if __name__ == "__main__":
    print(run())
