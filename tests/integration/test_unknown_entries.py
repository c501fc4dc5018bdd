"""Entries of a later program: listed with the views' checkpoint, without effect, and taken in once they are known."""

from pathlib import Path

import msgspec
import pytest

from api.cloudevents import cloud_event
from api.exchange import import_lines
from events import facts as f
from events import upcasting
from events.handler import recorded
from events.log.entry import canonical
from events.log.port import NewEvent, Query
from events.log.sqlite import open_sqlite
from events.tags import tags_of
from events.views.runner import Views
from events.world import World
from tests.later import RESCHEDULED, learn
from tests.recording import Recorder, new_event, record_events, recorder
from tests.unit.examples import EXAMPLES

NOW = "2024-06-01T00:00:00.000000Z"
THINGS = ("announcement:command", "announcement:alliance", "source:mofa-0410", "actor:jsdf", "timeline:us-japan")


async def opened(directory: Path, world: Recorder) -> Views:
    return await Views.open(directory / "views", world.log, now=lambda: NOW)


def listed(views: Views) -> set[tuple[str, int]]:
    return {(met.type, met.v) for met in views.unknown}


async def record_every_type(world: Recorder) -> None:
    """Record the examples, each a commit of its own."""
    for fact in EXAMPLES.values():
        await world.record(fact)


def forget(known: pytest.MonkeyPatch, type_name: str) -> None:
    known.delitem(f.TYPES, type_name)
    known.delitem(f.VERSIONS, type_name)
    known.delitem(f._DECODERS, type_name)


async def answers(views: Views) -> list[object]:
    """Return what the things that the examples are about are."""
    read = views.read
    return [
        await read.announcement("command"), (await read.announcements()).items, (await read.sources()).items,
        (await read.actors()).items, (await read.timelines()).items, (await read.corrections()).items,
        await read.due_facts(NOW),
    ]  # fmt: skip


async def test_a_program_that_lacks_any_one_type_carries_it_and_an_upgrade_takes_it_in(tmp_path: Path) -> None:
    async with recorder(tmp_path, now=lambda: NOW) as world:
        await record_every_type(world)
        events = (await world.log.read(Query.all())).events
        before = await world.read.dump()
        await world.views.close()

        for type_name in list(f.TYPES):
            with pytest.MonkeyPatch.context() as known:
                forget(known, type_name)
                lacking = await opened(tmp_path, world)
                assert listed(lacking) == {(type_name, 1)}
                assert lacking.unknown[0].first == next(e.position for e in events if e.type == type_name)
                assert all(record.fact is None for record in map(recorded, events) if record.type == type_name)
                await answers(lacking)
                await lacking.close()

            upgraded = await opened(tmp_path, world)
            assert listed(upgraded) == set()
            assert await upgraded.read.dump() == before
            await upgraded.close()


async def test_later_versions_of_all_types_have_no_effect_until_an_upgrade(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with recorder(tmp_path, now=lambda: NOW) as world:
        await record_every_type(world)
        before = await answers(world.views)
        later = [new_event(fact, THINGS) for fact in EXAMPLES.values()]
        position = await record_events(
            world.log, [NewEvent(type=one.type, v=2, data=one.data, tags=one.tags) for one in later]
        )
        await world.views.wait_for(position, 10)

        assert await answers(world.views) == before
        assert listed(world.views) == {(name, 2) for name in f.TYPES}
        followed = await world.read.dump()
        await world.views.rebuild()
        assert await world.read.dump() == followed
        await world.views.close()

        for name in f.TYPES:
            monkeypatch.setitem(upcasting.UPCASTERS, (name, 1), lambda data: data)
            monkeypatch.setitem(f.VERSIONS, name, upcasting.newest(name))
        upgraded = await opened(tmp_path, world)
        assert listed(upgraded) == set()
        assert await answers(upgraded) != before
        await upgraded.close()


async def test_later_versions_may_look_like_nothing_that_is_known(tmp_path: Path) -> None:
    alien = canonical({"announcement": 1, "citations": {"position": []}, "position": "the third", "set": "all"})
    async with recorder(tmp_path, now=lambda: NOW) as world:
        await record_every_type(world)
        before = await answers(world.views)

        later = [NewEvent(type=name, v=2, data=alien, tags=THINGS) for name in f.TYPES]
        await world.views.wait_for(await record_events(world.log, later), 10)

        assert await answers(world.views) == before
        shown = await world.read.history("command")
        assert {entry.type for entry in shown if entry.v == 2} >= {"announcement.made", "fact.withdrawn"}
        assert all(canonical(entry.data) == alien for entry in shown if entry.v == 2)


async def test_decisions_do_not_see_what_is_unknown(tmp_path: Path) -> None:
    async with recorder(tmp_path, now=lambda: NOW) as world:
        await record_every_type(world)
        events = (await world.log.read(Query.all())).events
        later = [new_event(fact, THINGS) for fact in EXAMPLES.values()]
        await record_events(world.log, [NewEvent(type=one.type, v=2, data=one.data, tags=one.tags) for one in later])
        with_later = (await world.log.read(Query.all())).events
        worlds = World(NOW), World(NOW)
        for judged, given in zip(worlds, (events, with_later), strict=True):
            judged.add(map(recorded, given))

        known, carrying = worlds
        assert carrying.withdrawn() == known.withdrawn()
        assert carrying.missing() == known.missing()
        for kind in ("source", "actor", "timeline"):
            for thing in ("mofa-0410", "jsdf", "us-japan"):
                assert getattr(carrying, kind)(thing) == getattr(known, kind)(thing)
        mine, theirs = carrying.history("command"), known.history("command")
        assert mine is not None
        assert theirs is not None
        assert mine.now == theirs.now


async def test_an_import_leaves_entries_in_the_version_and_with_the_fields_that_the_file_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn(monkeypatch.setitem)
    fact = EXAMPLES[f"{RESCHEDULED} minimal"]
    stored, tags = canonical({**f.plain(fact), "mood": "blue"}), tags_of(fact)
    async with recorder(tmp_path / "from", now=lambda: NOW) as world:
        head = await record_events(
            world.log,
            [NewEvent(type=RESCHEDULED, v=v, data=stored, tags=tags, said_at=f.said_at_of(fact)) for v in (1, 2, 3)],
        )
        exported = (await world.log.read(Query.all())).events
    lines = [b'{"dateline":1,"log":"urn:uuid:one","head":%d}' % head]
    lines += [msgspec.json.encode(cloud_event(event, "one")) for event in exported]

    engine = await open_sqlite(tmp_path / "to")
    imported = await import_lines(lines, engine.log, engine.state)
    again = await import_lines(lines, engine.log, engine.state)
    events = (await engine.log.read(Query.all())).events
    await engine.close()

    assert [(event.v, event.data, event.tags) for event in events] == [(v, stored, tags) for v in (1, 2, 3)]
    assert (imported.recorded, again.recorded, again.known) == (3, 0, 3)
    assert imported.unread == {(RESCHEDULED, 3): 1}
