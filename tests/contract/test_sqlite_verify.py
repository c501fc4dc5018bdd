"""Verifying a part of a log: what is not there, and what is there and should not be, is named (case 52)."""

from pathlib import Path

import pytest

from events.log.port import LogDamaged
from events.log.sqlite import open_sqlite
from events.log.sqlite_verify import VERIFY_EVENTS_MAX
from tests.contract.given import append_each, made
from tests.contract.test_sqlite import client


async def test_an_event_that_is_found_by_a_tag_it_does_not_carry_is_named(tmp_path: Path) -> None:
    engine = await open_sqlite(tmp_path / "data")
    await append_each(engine.log, made("a:0"), made("a:1", "b:1"), made("a:2"), made("a:1"))
    connection = client(tmp_path / "data")
    connection.execute("DROP TRIGGER event_tag_no_replace")
    connection.execute("INSERT INTO event_tag (tag, position) VALUES ('a:1', 3)")
    connection.close()

    with pytest.raises(LogDamaged, match="event 3 is found by the tag 'a:1', which it does not carry"):
        await engine.log.verify(first=2, last=4)
    await engine.close()


async def test_of_several_events_that_lost_a_tag_the_first_is_named(tmp_path: Path) -> None:
    engine = await open_sqlite(tmp_path / "data")
    await append_each(engine.log, made("a:0"), made("a:1", "b:1"), made("a:1"))
    connection = client(tmp_path / "data")
    connection.execute("DROP TRIGGER event_tag_no_delete")
    connection.execute("DELETE FROM event_tag WHERE tag = 'a:1'")
    connection.close()

    with pytest.raises(LogDamaged, match="event 2 is not found by its tag 'a:1'"):
        await engine.log.verify()
    await engine.close()


async def test_a_log_longer_than_one_part_is_verified_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert VERIFY_EVENTS_MAX > 3
    monkeypatch.setattr("events.log.sqlite.VERIFY_EVENTS_MAX", 3)
    engine = await open_sqlite(tmp_path / "data")
    await append_each(engine.log, *(made("a:1", f"b:{number}") for number in range(8)))

    verified = await engine.log.verify()

    assert (verified.first, verified.last) == (1, 8)
    assert verified.root == (await engine.log.head()).root
    await engine.close()
