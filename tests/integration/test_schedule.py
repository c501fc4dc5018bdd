"""The schedule on a real log and real views, with clocks that the test turns."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from events.commands import Command
from events.facts import CameUp, FellDue
from events.handler import Handler, Request, recorded
from events.instants import from_microseconds, to_microseconds
from events.log.port import Log, Query
from events.log.sqlite import open_sqlite
from events.schedule import JUMP_S, STEADY_S, Schedule
from events.views.runner import Views

SOURCE: dict[str, object] = {
    "command": "record_source",
    "id": "bulletin",
    "title": "B",
    "publisher": "P",
    "published_at": "2024-04-01",
}
CITED = [{"source": "bulletin", "quote": "on Wednesday"}]
VISIT: dict[str, object] = {
    "command": "make_announcement",
    "id": "visit",
    "title": "State visit",
    "when": "2024-04-10",
    "timezone": "America/New_York",
    "citations": CITED,
}
MIDNIGHT = "2024-04-10T04:00:00.000000Z"
NEXT_MIDNIGHT = "2024-04-11T04:00:00.000000Z"


class Clocks:
    """A wall clock and a monotonic one, turned together unless the wall clock jumps."""

    def __init__(self, wall: str) -> None:
        self._wall = to_microseconds(wall)
        self._monotonic = 0

    def wall(self) -> int:
        return self._wall

    def monotonic(self) -> int:
        return self._monotonic

    def go_to(self, wall: str) -> None:
        self._monotonic += to_microseconds(wall) - self._wall
        self._wall = to_microseconds(wall)

    def jump_to(self, wall: str) -> None:
        self._wall = to_microseconds(wall)

    def wait(self, seconds: int) -> None:
        self._wall += seconds * 1_000_000
        self._monotonic += seconds * 1_000_000


class Machine:
    """A data directory in use."""

    def __init__(self, clocks: Clocks, handler: Handler, views: Views, schedule: Schedule, log: Log) -> None:
        self.clocks, self.handler, self.views, self.schedule, self.log = clocks, handler, views, schedule, log
        self.count = 0

    async def do(self, *commands: dict[str, object]) -> int:
        for command in commands:
            self.count += 1
            key = f"{self.clocks.wall()}-{self.count}"
            decoded = msgspec.json.decode(msgspec.json.encode(command), type=Command)
            handled = await self.handler.handle(Request(commands=(decoded,), key=key, fingerprint=b"x", by="ada"))
            await self.views.wait_for(handled.position, 5)
        return handled.position

    async def clock_facts(self) -> list[tuple[str, int, str | None]]:
        page = await self.log.read(Query.all())
        records = [recorded(event) for event in page.events]
        return [(r.type, r.fact.date, r.said_at) for r in records if isinstance(r.fact, CameUp | FellDue)]


@asynccontextmanager
async def running(directory: Path, clocks: Clocks) -> AsyncIterator[Machine]:
    engine = await open_sqlite(directory, clock=clocks.wall)
    views = await Views.open(directory / "views", engine.log, now=lambda: from_microseconds(clocks.wall()))
    views.follow()
    handler = Handler(engine.log, engine.state, lambda: from_microseconds(clocks.wall()))
    schedule = Schedule(engine.log, views, clocks)
    try:
        yield Machine(clocks, handler, views, schedule, engine.log)
    finally:
        await schedule.stop()
        await views.close()
        await engine.close()


async def test_a_date_comes_up_and_falls_due_once_at_midnight_in_its_zone(tmp_path: Path) -> None:
    async with running(tmp_path, Clocks("2024-04-02T12:00:00.000000Z")) as machine:
        made = await machine.do(SOURCE, VISIT)
        machine.clocks.go_to("2024-04-10T03:59:59.000000Z")
        assert await machine.schedule.sweep() == 0

        machine.clocks.go_to(MIDNIGHT)
        await machine.schedule.sweep()
        machine.clocks.go_to(NEXT_MIDNIGHT)
        await machine.schedule.sweep()
        again = await machine.schedule.sweep()

        assert again == 0
        assert await machine.clock_facts() == [
            ("announcement.came_up", made, MIDNIGHT),
            ("announcement.fell_due", made, NEXT_MIDNIGHT),
        ]


async def test_what_was_missed_while_down_is_recorded_at_the_next_start_and_only_then(tmp_path: Path) -> None:
    clocks = Clocks("2024-04-02T12:00:00.000000Z")
    async with running(tmp_path, clocks) as machine:
        made = await machine.do(SOURCE, VISIT)
    clocks.go_to("2024-06-01T00:00:00.000000Z")

    for _ in range(2):
        async with running(tmp_path, clocks) as machine:
            await machine.schedule.start()
            assert machine.schedule.swept
            facts = await machine.clock_facts()

    assert facts == [("announcement.came_up", made, MIDNIGHT), ("announcement.fell_due", made, NEXT_MIDNIGHT)]


async def test_a_date_that_was_past_when_it_was_recorded_gets_no_entry(tmp_path: Path) -> None:
    async with running(tmp_path, Clocks("2024-05-01T00:00:00.000000Z")) as machine:
        await machine.do(SOURCE, VISIT)

        assert await machine.schedule.sweep() == 0


async def test_a_settled_date_does_not_fall_due(tmp_path: Path) -> None:
    async with running(tmp_path, Clocks("2024-04-02T12:00:00.000000Z")) as machine:
        made = await machine.do(SOURCE, VISIT)
        machine.clocks.go_to("2024-04-10T20:00:00.000000Z")
        await machine.do({"command": "outcome", "id": "visit", "result": "happened", "citations": CITED})
        machine.clocks.go_to("2024-04-20T00:00:00.000000Z")

        await machine.schedule.sweep()

        assert await machine.clock_facts() == [("announcement.came_up", made, MIDNIGHT)]


async def test_a_date_that_moved_away_in_time_is_passed_over_and_the_new_one_is_not(tmp_path: Path) -> None:
    async with running(tmp_path, Clocks("2024-04-02T12:00:00.000000Z")) as machine:
        await machine.do(SOURCE, VISIT)
        moved = await machine.do({"command": "reschedule", "id": "visit", "when": "2024-05-10", "citations": CITED})
        machine.clocks.go_to("2024-05-12T00:00:00.000000Z")

        await machine.schedule.sweep()

        assert [(type, date) for type, date, _ in await machine.clock_facts()] == [
            ("announcement.came_up", moved),
            ("announcement.fell_due", moved),
        ]


async def test_clock_entries_leave_the_announcement_as_it_is(tmp_path: Path) -> None:
    async with running(tmp_path, Clocks("2024-04-02T12:00:00.000000Z")) as machine:
        made = await machine.do(SOURCE, VISIT)
        machine.clocks.go_to("2024-04-12T00:00:00.000000Z")
        await machine.schedule.sweep()

        visit = await machine.views.read.announcement("visit")

        assert visit is not None
        assert (visit.position, visit.state) == (made, "due")


async def test_a_jump_of_the_clock_pauses_the_sweep_until_it_was_steady(tmp_path: Path) -> None:
    async with running(tmp_path, Clocks("2024-04-02T12:00:00.000000Z")) as machine:
        await machine.do(SOURCE, VISIT)
        machine.clocks.jump_to("2034-01-01T00:00:00.000000Z")
        assert await machine.schedule.sweep() == 0

        machine.clocks.wait(STEADY_S - 1)
        before = await machine.schedule.sweep()
        machine.clocks.wait(1)
        after = await machine.schedule.sweep()

        assert (before, after) == (0, 2)


async def test_a_clock_that_jumped_and_was_set_right_records_nothing_wrong(tmp_path: Path) -> None:
    async with running(tmp_path, Clocks("2024-04-02T12:00:00.000000Z")) as machine:
        await machine.do(SOURCE, VISIT)
        machine.clocks.jump_to("2034-01-01T00:00:00.000000Z")
        await machine.schedule.sweep()
        machine.clocks.jump_to("2024-04-02T12:00:10.000000Z")
        machine.clocks.wait(STEADY_S)
        await machine.schedule.sweep()
        machine.clocks.wait(STEADY_S)

        assert await machine.schedule.sweep() == 0
        assert await machine.clock_facts() == []


async def test_a_small_correction_of_the_clock_is_no_jump(tmp_path: Path) -> None:
    async with running(tmp_path, Clocks("2024-04-09T12:00:00.000000Z")) as machine:
        await machine.do(SOURCE, VISIT)
        machine.clocks.go_to("2024-04-10T03:59:30.000000Z")
        machine.clocks.jump_to(MIDNIGHT)

        assert JUMP_S > 30
        assert await machine.schedule.sweep() == 1


async def test_an_entry_that_the_views_had_not_seen_makes_the_sweep_look_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, Clocks("2024-04-02T12:00:00.000000Z")) as machine:
        await machine.do(SOURCE, VISIT)
        machine.clocks.go_to("2024-04-10T12:00:00.000000Z")
        read = machine.views.read.due_facts
        found: list[int] = []

        async def read_then_postpone(now: str) -> object:
            due = await read(now)
            found.append(len(due))
            if due and machine.count == 2:
                await machine.do({"command": "postpone", "id": "visit", "citations": CITED})
            return due

        monkeypatch.setattr(machine.views.read, "due_facts", read_then_postpone)

        recorded_now = await machine.schedule.sweep()

        assert (recorded_now, found) == (1, [1, 1, 0])  # Refused once, read again; at midnight it was in force.
