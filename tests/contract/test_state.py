"""The mutable state beside the log: values by compare-and-set."""

import asyncio

import pytest

from events.log.sqlite import SqliteEngine
from events.log.state import STATE_VALUE_BYTES_MAX, State, StateConflict, StateRecord, StateTooLarge
from tests.contract.conftest import Served

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
"""The engines that keep the state too."""


async def state_of(served: Served) -> State:
    engine = await served.open()
    assert isinstance(engine, SqliteEngine)
    return engine.state


@pytest.fixture
async def state(served: Served) -> State:
    return await state_of(served)


async def test_a_value_is_read_as_it_was_put(state: State) -> None:
    assert await state.get("draft", "a") is None

    version = await state.put("draft", "a", b"\x00text", expected=0)

    assert await state.get("draft", "a") == StateRecord(kind="draft", id="a", value=b"\x00text", version=version)
    assert await state.get("token", "a") is None


async def test_a_value_is_replaced_only_at_the_expected_version(state: State) -> None:
    first = await state.put("draft", "a", b"1", expected=0)
    second = await state.put("draft", "a", b"2", expected=first)

    for stale in (0, first):
        with pytest.raises(StateConflict) as conflict:
            await state.put("draft", "a", b"3", expected=stale)
        assert (conflict.value.expected, conflict.value.found) == (stale, second)
    with pytest.raises(StateConflict):
        await state.put("draft", "b", b"3", expected=second)

    assert (await state.put("draft", "a", b"4", expected=None)) > second > first


async def test_a_value_put_anew_is_told_from_the_deleted_one(state: State) -> None:
    first = await state.put("draft", "a", b"1", expected=0)
    await state.delete("draft", "a", expected=first)
    assert await state.get("draft", "a") is None
    anew = await state.put("draft", "a", b"1", expected=0)

    with pytest.raises(StateConflict):
        await state.delete("draft", "a", expected=first)

    assert anew > first
    await state.delete("draft", "a")
    await state.delete("draft", "a")


async def test_of_concurrent_changes_of_one_version_one_wins(state: State) -> None:
    version = await state.put("lease", "a", b"", expected=0)

    answers = await asyncio.gather(
        *(state.put("lease", "a", b"%d" % number, expected=version) for number in range(8)), return_exceptions=True
    )

    assert [type(answer) for answer in answers].count(int) == 1


async def test_values_of_a_kind_are_listed_by_id_page_by_page(state: State) -> None:
    for record_id in ("c", "a", "b", "ä"):
        await state.put("draft", record_id, record_id.encode(), expected=None)
    await state.put("token", "a", b"", expected=None)

    first = await state.list("draft", limit=2)
    rest = await state.list("draft", after=first[-1].id)

    assert [record.id for record in first] == ["a", "b"]
    assert [record.id for record in rest] == ["c", "ä"]


async def test_a_value_that_is_too_large_is_refused(state: State) -> None:
    with pytest.raises(StateTooLarge):
        await state.put("text", "a", bytes(STATE_VALUE_BYTES_MAX + 1), expected=None)

    assert await state.get("text", "a") is None


async def test_values_survive_a_restart_and_deleted_bytes_do_not(served: Served) -> None:
    state = await state_of(served)
    await state.put("text", "kept", b"kept words", expected=None)
    await state.put("text", "gone", b"deleted words" * 1000, expected=None)
    await state.delete("text", "gone")
    await served.close()

    stored = b"".join(file.read_bytes() for file in served.directory.iterdir())
    kept = await (await state_of(served)).get("text", "kept")

    assert kept is not None
    assert kept.value == b"kept words"
    assert b"deleted words" not in stored


@pytest.mark.parametrize("how", ["delete", "replace"])
async def test_what_was_removed_is_in_no_file_while_it_is_still_served(served: Served, how: str) -> None:
    state = await state_of(served)
    await state.put("person", "a", b"a name to forget", expected=0)
    await state.put("person", "b", b"a name to keep", expected=0)

    if how == "delete":
        await state.delete("person", "a")
    else:
        await state.put("person", "a", b"another", expected=None)

    stored = b"".join(file.read_bytes() for file in served.directory.iterdir() if file.is_file())
    assert b"a name to forget" not in stored
    assert b"a name to keep" in stored
