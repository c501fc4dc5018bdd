"""Every query of the views goes by an index: the plans that SQLite makes say so."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from events import facts as f
from events.log.build import sqlite3
from events.terms import ActorRef
from events.views import (
    actors,
    agendas,
    announcements,
    around,
    dues,
    resembling,
    schema,
    sources,
    tallying,
    timelines,
    zoom,
)
from events.views.clocks import NOW, Clocks, Snapshot
from events.views.exported import exported
from events.views.filters import Filter
from events.views.zoom import Window
from tests.given import JANUARY, MARCH, actor, made, source, timeline
from tests.recording import recorder
from tests.unit.test_views_resembling import candidate

JUNE = "2024-06-01T00:00:00.000000Z"
PLACES = {
    "announcement_now": Clocks(),
    "announcement_as_of": Clocks(as_of=9),
    "announcement_said_by": Clocks(said_by=MARCH),
    "announcement_both": Clocks(as_of=9, said_by=MARCH),
}
LARGE = ("announcement_version", "announcement_content", "announcement_facet", "fact", "bearing", "due", "cites")
"""Tables that grow with the log. What is listed as a whole (sources, actors, timelines) may be gone through by key."""


@pytest.fixture
async def plans(tmp_path: Path) -> AsyncIterator[Callable[[Callable[[Snapshot], Any]], list[str]]]:
    """Return a function that gives the steps of the plans of all that a job asks."""
    async with recorder(tmp_path, now=lambda: JUNE) as world:
        lists = (timeline("spring", topic=("trade",)), timeline("everything"))
        await world.record(source("bulletin"), actor("jp", en="Japan"), *lists)
        parts = (ActorRef(id="jp"),)
        await world.record(*(made(f"a-{n}", "2024-04-10", topics=("trade",), actors=parts) for n in range(5)))
        await world.record(f.ItemPinned(timeline="spring", announcement="a-1"))
        await world.record(actor("nippon", en="Nippon"), f.ActorMerged(actor="nippon", into="jp"))
    connection = schema.connect_reader(tmp_path / "views" / f"{schema.SCHEMA}-1.db")

    def steps(job: Callable[[Snapshot], Any]) -> list[str]:
        asked: list[str] = []
        connection.set_trace_callback(asked.append)
        job(Snapshot(connection, lambda: JUNE))
        connection.set_trace_callback(None)
        ours = [sql for sql in asked if not sql.startswith("--")]  # FTS5 says so of what it asks itself.
        return [row[3] for sql in ours for row in plan(connection, sql)]

    yield steps
    connection.close()


def plan(connection: sqlite3.Connection, sql: str) -> list[tuple[int, int, int, str]]:
    """Return the plan of a statement as it was traced, its parameters written out."""
    return connection.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()


def scans(steps: list[str]) -> list[str]:
    """Return the steps that go through a whole table rather than an index or a stretch of one."""
    aliases = ("v", "c", "found", *LARGE)
    return [
        step
        for step in steps
        if step.split()[0] == "SCAN" and step.split()[1] in aliases and "INDEX" not in step and step != "SCAN found"
    ]


@pytest.mark.parametrize("index", PLACES)
async def test_a_list_goes_through_the_index_of_its_place_in_order(plans: Any, index: str) -> None:
    steps = plans(lambda snapshot: announcements.announcements(snapshot, Filter(), PLACES[index], limit=2))

    assert scans(steps) == []
    assert [step for step in steps if f"SCAN v USING COVERING INDEX {index}" in step] != []
    assert not any("TEMP B-TREE FOR ORDER BY" in step for step in steps if "v" in step.split())


@pytest.mark.parametrize("index", PLACES)
async def test_the_next_page_begins_inside_the_index(plans: Any, index: str) -> None:
    listed = announcements.announcements
    cursors: list[str] = []
    plans(lambda snapshot: cursors.append(listed(snapshot, Filter(), PLACES[index], limit=2).next or ""))

    steps = plans(lambda snapshot: listed(snapshot, Filter(), PLACES[index], limit=2, cursor=cursors[0]))

    assert any(f"SEARCH v USING COVERING INDEX {index} ((day,last_day,announcement)>(?,?,?))" in step for step in steps)


@pytest.mark.parametrize("index", PLACES)
async def test_a_timeline_goes_from_what_it_can_hold_to_each_announcement_by_key(plans: Any, index: str) -> None:
    steps = plans(lambda snapshot: timelines.timeline(snapshot, "spring", PLACES[index], limit=200))

    assert scans(steps) == []
    assert any("SEARCH announcement_facet USING PRIMARY KEY (facet=?)" in step for step in steps)
    assert any(step.startswith("SEARCH v USING PRIMARY KEY (announcement=?") for step in steps)


@pytest.mark.parametrize("index", PLACES)
async def test_one_announcement_is_found_by_key(plans: Any, index: str) -> None:
    steps = plans(lambda snapshot: announcements.announcement(snapshot, "a-1", PLACES[index]))

    assert scans(steps) == []
    assert any(step.startswith("SEARCH v USING PRIMARY KEY (announcement=?") for step in steps)


@pytest.mark.parametrize("wanted", [{"actor": ("jp",)}, {"source": ("bulletin",)}, {"id": ("a-1",)}, {"place": ("x",)}])
@pytest.mark.parametrize("index", PLACES)
async def test_a_filter_goes_by_the_facets(plans: Any, index: str, wanted: dict[str, Any]) -> None:
    steps = plans(lambda snapshot: announcements.announcements(snapshot, Filter(**wanted), PLACES[index], limit=2))

    assert scans(steps) == []
    assert not any("SCAN v" in step for step in steps)


@pytest.mark.parametrize("index", PLACES)
async def test_sources_and_actors_are_found_by_key_and_listed_in_order(plans: Any, index: str) -> None:
    steps = plans(lambda snapshot: sources.source(snapshot, "bulletin", PLACES[index]))
    steps += plans(lambda snapshot: actors.actor(snapshot, "jp", PLACES[index]))
    assert scans(steps) == []
    assert not any("SCAN v" in step for step in steps)

    steps = plans(lambda snapshot: sources.sources(snapshot, PLACES[index], limit=2))
    steps += plans(lambda snapshot: actors.actors(snapshot, PLACES[index], limit=2))
    assert not any("TEMP B-TREE" in step for step in steps if "ORDER" in step)


@pytest.mark.parametrize("index", PLACES)
async def test_what_an_export_cites_is_found_by_key(plans: Any, index: str) -> None:
    steps = plans(lambda snapshot: sources.cited(snapshot, ["bulletin", "letter"], PLACES[index]))
    assert any(step.startswith("SEARCH v USING PRIMARY KEY (source=?") for step in steps)

    steps = plans(lambda snapshot: exported(snapshot, Filter(), PLACES[index], limit=2, cursor=None, timeline="spring"))
    assert scans(steps) == []


async def test_a_history_and_what_is_due_go_by_their_indexes(plans: Any) -> None:
    steps = plans(lambda snapshot: announcements.history(snapshot, "a-1", NOW))
    steps += plans(lambda snapshot: dues.next_due(snapshot.connection))
    steps += plans(lambda snapshot: dues.due_facts(snapshot.connection, JANUARY))

    assert scans(steps) == []
    assert any("due USING" in step and "due_next" in step for step in steps)


@pytest.mark.parametrize("index", PLACES)
async def test_what_fits_a_width_is_counted_by_the_index_of_its_place_alone(plans: Any, index: str) -> None:
    wide = Window(first=None, last=None, px=2400)
    steps = plans(lambda snapshot: zoom.view(snapshot, "everything", PLACES[index], wide))
    steps += plans(lambda snapshot: around.part(snapshot, "everything", PLACES[index], day=1, limit=2))

    assert scans(steps) == []
    assert sum(f"SCAN v USING COVERING INDEX {index}" in step for step in steps) > 1


@pytest.mark.parametrize("by", ["by_due_now", "by_overdue_now", "by_moved_now"])
async def test_what_is_counted_now_is_counted_by_indexes_that_hold_all_of_it(plans: Any, by: str) -> None:
    steps = plans(lambda snapshot: tallying.scoreboard(snapshot, Filter(), NOW, by_year=True, limit=2))
    steps += plans(lambda snapshot: tallying.slippage(snapshot, Filter(), NOW, limit=2))

    assert f"SCAN b USING COVERING INDEX {by}" in steps
    assert not any("TEMP B-TREE" in step for step in steps)


async def test_what_several_made_is_looked_through_for_actors_that_were_merged_alone(plans: Any) -> None:
    steps = plans(lambda snapshot: tallying.scoreboard(snapshot, Filter(), NOW, by_year=False, limit=2))

    assert "SEARCH b USING COVERING INDEX by_shared_now (actor=?)" in steps


@pytest.mark.parametrize("index", PLACES)
async def test_what_is_to_come_and_what_is_due_are_found_by_the_index_of_the_place_alone(
    plans: Any, index: str
) -> None:
    steps = plans(lambda snapshot: agendas.agenda(snapshot, Filter(), PLACES[index], days=30, limit=2))
    steps += plans(lambda snapshot: agendas.due(snapshot, Filter(state=("overdue",)), PLACES[index], limit=2))

    assert scans(steps) == []
    assert steps.count(f"SCAN v USING COVERING INDEX {index}") == 4


async def test_what_a_candidate_may_mean_is_found_by_indexes(plans: Any) -> None:
    steps = plans(
        lambda snapshot: resembling.resembling(snapshot, [candidate("A visit", "2024-04-10", "jp")], "bulletin")
    )

    assert scans(steps) == []
    assert [step for step in steps if "SEARCH v USING COVERING INDEX announcement_now (day" in step] != []
    assert not any("TEMP B-TREE FOR ORDER BY" in step for step in steps)
