"""Seeding: once and for ever, with their own times into an empty log, now into any other."""

import json
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from api.command_lines import LineInvalid
from api.seeding import SEEDS, Seeded, SeedsMissing, seed
from events.commands import RecordActor
from events.handler import Handler, Request
from events.instants import from_microseconds
from events.log.port import Event, Query
from events.log.sqlite import SqliteEngine, open_sqlite

LINES = (SEEDS / "us-japan-2024" / "commands.jsonl").read_bytes().splitlines()
SAID = [json.loads(line) for line in LINES]


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[SqliteEngine]:
    engine = await open_sqlite(tmp_path / "data")
    yield engine
    await engine.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the seeds, to change."""
    return Path(shutil.copytree(SEEDS, tmp_path / "seeds"))


async def seeded(engine: SqliteEngine, folder: Path = SEEDS) -> Seeded:
    return await seed(handler(engine), engine.log, engine.state, folder=folder)


def handler(engine: SqliteEngine) -> Handler:
    return Handler(engine.log, engine.state, lambda: from_microseconds(time.time_ns() // 1000))


async def recorded(engine: SqliteEngine) -> tuple[Event, ...]:
    return (await engine.log.read(Query.all())).events


async def record_something(engine: SqliteEngine) -> None:
    command = RecordActor(id="chile", names={"en": "Chile"}, kind="state")
    await handler(engine).handle(Request(commands=(command,), key="k", fingerprint=b"f", by="ada"))


def change(folder: Path, number: int, **fields: Any) -> None:
    """Change fields of a line, counted from 1."""
    file = folder / "us-japan-2024" / "commands.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines()
    lines[number - 1] = json.dumps(json.loads(lines[number - 1]) | fields)
    file.write_text("\n".join(lines), encoding="utf-8")


def keep(folder: Path, count: int) -> None:
    """Keep the first lines only."""
    (folder / "us-japan-2024" / "commands.jsonl").write_bytes(b"\n".join(LINES[:count]))


async def test_every_seed_is_recorded_in_an_empty_log_at_the_time_it_says(engine: SqliteEngine) -> None:
    assert await seeded(engine) == Seeded(done=len(LINES), known=0)

    assert {event.recorded_at for event in await recorded(engine)} == {said["recorded_at"] for said in SAID}


async def test_seeding_again_adds_nothing(engine: SqliteEngine) -> None:
    await seeded(engine)
    head = await engine.log.head()

    assert await seeded(engine) == Seeded(done=0, known=len(LINES))
    assert await engine.log.head() == head


async def test_a_known_key_is_passed_over_whatever_the_file_says_now(engine: SqliteEngine, folder: Path) -> None:
    await seeded(engine, folder)
    head = await engine.log.head()

    change(folder, 1, names={"en": "Nippon"})
    change(folder, 2, command="dream")
    shutil.rmtree(folder / "us-japan-2024" / "bulletins")

    assert await seeded(engine, folder) == Seeded(done=0, known=len(LINES))
    assert await engine.log.head() == head


async def test_a_seed_that_was_added_later_is_recorded_now(engine: SqliteEngine, folder: Path) -> None:
    keep(folder, len(LINES) - 1)
    await seeded(engine, folder)
    before = from_microseconds(time.time_ns() // 1000)

    assert await seeded(engine) == Seeded(done=1, known=len(LINES) - 1)

    assert (await recorded(engine))[-1].recorded_at >= before


async def test_into_a_log_that_has_something_the_seeds_are_recorded_now(engine: SqliteEngine) -> None:
    await record_something(engine)
    (ours,) = await recorded(engine)

    await seeded(engine)

    assert min(event.recorded_at for event in await recorded(engine)) == ours.recorded_at


async def test_a_seeding_that_was_cut_off_goes_on_with_the_times_it_says(engine: SqliteEngine, folder: Path) -> None:
    change(folder, 50, command="dream")
    with pytest.raises(LineInvalid):
        await seeded(engine, folder)

    assert await seeded(engine) == Seeded(done=len(LINES) - 49, known=49)

    assert {event.recorded_at for event in await recorded(engine)} == {said["recorded_at"] for said in SAID}


async def test_what_is_recorded_while_the_seeds_go_in_turns_no_time_back(engine: SqliteEngine, folder: Path) -> None:
    change(folder, 50, command="dream")
    with pytest.raises(LineInvalid):
        await seeded(engine, folder)
    await record_something(engine)

    await seeded(engine)

    times = [event.recorded_at for event in await recorded(engine)]
    assert times == sorted(times)


@pytest.mark.parametrize(
    ("number", "fields", "reason"),
    [
        (3, {"command": "dream"}, "Invalid value 'dream'"),
        (3, {"colour": "red"}, "unknown field `colour`"),
        (3, {"key": None}, "needs a key"),
        (3, {"key": 3}, "Expected `str | null`, got `int`"),
        (3, {"part_of": "atlantis"}, "there is no actor 'atlantis'"),
        (3, {"recorded_at": "yesterday"}, "not an instant"),
        (20, {"text_file": "bulletins/none.txt"}, "No such file"),
    ],
)
async def test_a_line_that_is_wrong_is_named(
    engine: SqliteEngine, folder: Path, number: int, fields: dict[str, Any], reason: str
) -> None:
    change(folder, number, **fields)

    with pytest.raises(LineInvalid, match=rf"commands\.jsonl:{number}: ") as refused:
        await seeded(engine, folder)

    assert reason in str(refused.value)


async def test_a_folder_without_seeds_is_said(engine: SqliteEngine, tmp_path: Path) -> None:
    with pytest.raises(SeedsMissing, match="there are no seeds in"):
        await seeded(engine, tmp_path / "nothing")
