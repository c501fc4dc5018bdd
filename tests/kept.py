"""Data directories as released versions left them: `python -m tests.kept 0.2.0` keeps one of this version, for good.

Each is a `.tar.gz` of the files that are backed up, and a `.json` of what every later version must find in it. In it
the examples of the API's description were played, and whatever type of facts they did not make was recorded besides.
"""

import asyncio
import json
import sys
import tarfile
import tempfile
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from api.openapi.examples import read_examples
from events import facts as f
from events.log.entry import canonical
from events.log.formats import SAVED
from events.log.port import PAGE_EVENTS_MAX, Event, Log, NewCommit, NewEvent, Query
from events.log.sqlite import open_sqlite
from events.sealing import Seal
from events.tags import tags_of
from events.views.runner import Views
from tests.api.scenario import PUBLIC_URL, Player
from tests.api.served import Served, source
from tests.unit.examples import MINIMAL

UPGRADES: Final = Path(__file__).parent / "data" / "upgrades"
FILES: Final = ("log.db", "state.db", "mark")
"""What every version leaves."""
KEPT_BYTES_MAX: Final = 60_000
TEXT: Final = "Only who may see texts sees this sentence."
BY: Final = "system/kept"
NOW: Final = "2026-01-01T00:00:00.000000Z"
PROGRESS: Final = next(fact for fact in MINIMAL if isinstance(fact, f.ProgressReported))


def main() -> None:
    """Keep a data directory with every type of facts, a text that is not public, and a token for a person."""
    name = sys.argv[1] if len(sys.argv) > 1 else version("dateline")
    archived = UPGRADES / f"{name}.tar.gz"
    if archived.exists():
        sys.exit(f"{archived.name} is kept as it is: give the name of another version")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        with Served(data, public_url=PUBLIC_URL) as served:
            player = Player(served)
            assert all(answer.status_code < 300 for answer in player.play(read_examples()))
            text = f"The meeting is on 10 April 2024. {TEXT}"
            served.post("/v1/sources", source("kept", text=text)).raise_for_status()
            made = served.api.post("/v1/tokens", json={"person": "Ada Keeper", "scopes": ["read", "write"]})
            token = made.raise_for_status().json()["token"]
        asyncio.run(_record_the_rest(data))
        found = {"token": token, "text": TEXT, **asyncio.run(contents(data))}
        assert len(found["types"]) == sum(f.VERSIONS.values()), "every version of every type is in it"
        with tarfile.open(archived, "w:gz") as archive:
            for file in SAVED:
                if (data / file).exists():
                    archive.add(data / file, arcname=file)
        (UPGRADES / f"{name}.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{archived.name}: {found['head']} entries, {archived.stat().st_size} bytes")
    assert archived.stat().st_size <= KEPT_BYTES_MAX


def unpack(archived: Path, data: Path) -> dict[str, Any]:
    """Make a data directory of one that was kept; return what has to be found in it."""
    data.mkdir()
    with tarfile.open(archived) as archive:
        for name in archive.getnames():
            file = archive.extractfile(name)
            assert file is not None
            assert name in SAVED
            (data / name).write_bytes(file.read())
    found = archived.with_name(archived.name.replace(".tar.gz", ".json")).read_text(encoding="utf-8")
    expected: dict[str, Any] = json.loads(found)
    return expected


async def contents(data: Path) -> dict[str, Any]:
    """Return what is in a data directory: the log's id, head and root, its entries by type, and what they amount to."""
    engine = await open_sqlite(data)
    try:
        views = await Views.open(data / "views", engine.log, now=lambda: NOW)
        try:
            head = await engine.log.head()
            verified = await engine.log.verify()
            events = await _events(engine.log)
            read = views.read
            return {
                "log_id": str(head.log_id),
                "head": head.position,
                "root": head.root.hex(),
                "verified": verified.last,
                "types": dict(sorted(Counter(f"{event.type} v{event.v}" for event in events).items())),
                "read": sum(f.read(event.type, event.v, event.data) is not None for event in events),
                "erased": [event.position for event in events if event.data is None],
                "announcements": {
                    one.id: [one.title, one.state, one.when.edtf, one.slip_days]
                    for one in (await read.announcements(limit=1000)).items
                },
                "sources": {one.id: [one.title, one.state] for one in (await read.sources(limit=1000)).items},
                "actors": {one.id: one.names for one in (await read.actors(limit=1000)).items},
                "timelines": {one.slug: one.title for one in (await read.timelines(limit=1000)).items},
            }
        finally:
            await views.close()
    finally:
        await engine.close()


async def _events(log: Log) -> list[Event]:
    events: list[Event] = []
    while page := (await log.read(Query.all(), after=len(events), limit=PAGE_EVENTS_MAX)).events:
        events += page
    return events


async def _record_the_rest(data: Path) -> None:
    """Record what the examples do not lead to: days that come and pass, and what the log says of itself."""
    engine = await open_sqlite(data)
    try:
        there = {event.type for event in await _events(engine.log)}
        if "log.key_rotated" not in there:
            await (await Seal.open(data, engine, NOW)).rotate(key="kept")
        if "log.erased" not in there:
            position = (await engine.log.append(_commit(PROGRESS, key="erased"))).position
            await engine.log.erase(_commit(f.LogErased(positions=(position,), reason="A name."), erases=(position,)))
        for fact in MINIMAL:
            if f.type_of(fact) not in there | {"log.key_rotated", "log.erased"}:
                await engine.log.append(_commit(fact))
    finally:
        await engine.close()


def _commit(fact: f.AnyFact, *, key: str = "kept", erases: tuple[int, ...] = ()) -> NewCommit:
    kind = f.type_of(fact)
    event = NewEvent(type=kind, v=f.VERSIONS[kind], data=canonical(f.plain(fact)), tags=tags_of(fact))
    return NewCommit(key=f"{BY}/{key}/{kind}", fingerprint=kind, events=(event,), by=BY, erases=erases)


if __name__ == "__main__":
    main()
