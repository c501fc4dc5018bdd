"""Notes over the log, keys that change by its own entries, and what a restored log says of itself."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from itertools import combinations
from pathlib import Path

import pytest
from msgspec import structs

from events.facts import LogKeyRotated, LogRestored, read
from events.log.files import Disk
from events.log.keyfile import KeyMissing, Keys, KeyUnreadable, new_signing, read_keys, write_keys
from events.log.loss import Loss, accept_loss
from events.log.merkle import consistency, hashes_of
from events.log.notes import Checkpoint, NoteInvalid, opened
from events.log.port import CommitKeyReused, Query
from events.log.proving import require_consistent
from events.log.sqlite import SqliteEngine, open_sqlite
from events.sealing import Seal
from tests.contract.given import append_each, made

NOW = "2026-11-28T03:00:00.000000Z"


@asynccontextmanager
async def sealed(
    directory: Path, *, lost: bool = False, address: str = ""
) -> AsyncGenerator[tuple[SqliteEngine, Seal], None]:
    engine = await open_sqlite(directory)
    try:
        yield engine, await Seal.open(directory, engine, NOW, lost=lost, address=address)
    finally:
        await engine.close()


async def facts(engine: SqliteEngine) -> list[object]:
    return [read(event.type, event.v, event.data) for event in (await engine.log.read(Query.all())).events]


async def test_a_note_covers_the_head_and_verifies_by_the_key_that_is_told(tmp_path: Path) -> None:
    async with sealed(tmp_path) as (engine, seal):
        await append_each(engine.log, made("a:1", type="some.thing"), made("a:2"))

        head, note = await seal.checkpoint()

        assert opened(note, [seal.vkey]) == Checkpoint(origin=seal.origin, size=2, root=head.root)
        await append_each(engine.log, made("a:3"))
        assert opened((await seal.checkpoint())[1], [seal.vkey]).size == 3


async def test_any_two_notes_of_a_log_are_consistent(tmp_path: Path) -> None:
    """Case 60, over a restart and a rotation too."""
    notes: list[Checkpoint] = []
    for number in range(3):
        async with sealed(tmp_path) as (engine, seal):
            for _ in range(4):
                await append_each(engine.log, made("a:1", type="some.thing"))
                notes.append(opened((await seal.checkpoint())[1], [seal.vkey]))
            await seal.rotate(key=str(number))
            for first, second in combinations(notes, 2):
                path = consistency(first.size, second.size)
                nodes = await engine.log.nodes([place for places in path for place in places])
                require_consistent(
                    first=first.size, first_root=first.root, second=second.size, second_root=second.root,
                    proof=hashes_of(path, nodes),
                )  # fmt: skip


async def test_the_key_stays_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    async with sealed(tmp_path) as (_, seal):
        vkey = str(seal.vkey)

    async with sealed(tmp_path) as (_, seal):
        assert str(seal.vkey) == vkey
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


async def test_the_origin_is_where_the_log_was_first_found_and_stays(tmp_path: Path) -> None:
    async with sealed(tmp_path / "a", address="https://news.example/dateline") as (_, seal):
        assert seal.origin == "news.example/dateline"
    async with sealed(tmp_path / "a", address="https://elsewhere.example") as (_, seal):
        assert seal.origin == "news.example/dateline"
    async with sealed(tmp_path / "b") as (engine, seal):
        assert seal.origin == f"dateline.invalid/{(await engine.log.head()).log_id}"


async def test_a_new_key_is_told_by_an_entry_and_the_old_one_signs_along(tmp_path: Path) -> None:
    """Case 60."""
    async with sealed(tmp_path) as (engine, seal):
        old = seal.vkey

        done = await seal.rotate(key="once")
        again = await seal.rotate(key="once")
        new = seal.vkey
        assert done.fact == again.fact == LogKeyRotated(vkey=str(new), replaces=str(old))
        assert (done.position, done.duplicate, again.position, again.duplicate) == (1, False, 1, True)
        with pytest.raises(CommitKeyReused):
            await seal.rotate(key="once", along=False)

        assert await facts(engine) == [LogKeyRotated(vkey=str(new), replaces=str(old))]
        note = (await seal.checkpoint())[1]
        assert opened(note, [new]) == opened(note, [old])
    async with sealed(tmp_path) as (engine, seal):
        await seal.rotate(key="twice", along=False)
        note = (await seal.checkpoint())[1]
        for gone in (old, new):
            with pytest.raises(NoteInvalid):
                opened(note, [gone])


@pytest.mark.parametrize("recorded", [False, True])
async def test_a_rotation_that_was_cut_off_is_finished_or_forgotten_as_the_log_says(
    tmp_path: Path, recorded: bool
) -> None:
    async with sealed(tmp_path) as (engine, seal):
        old = read_keys(tmp_path, Disk())
        if recorded:
            await seal.rotate(key="once")
        new = seal.vkey
        after = read_keys(tmp_path, Disk())
    assert old is not None
    assert after is not None
    coming = after.present if recorded else new_signing(seal.origin)
    write_keys(tmp_path, Disk(), Keys(present=old.present, next=coming))

    async with sealed(tmp_path) as (engine, seal):
        assert seal.vkey == (new if recorded else old.present.vkey)
        assert (await engine.log.head()).position == recorded
        keys = read_keys(tmp_path, Disk())
        assert keys is not None
        assert keys.next is None


async def test_a_missing_key_is_refused_until_it_is_said_to_be_lost_and_then_replaced_by_an_entry(
    tmp_path: Path,
) -> None:
    async with sealed(tmp_path) as (_, seal):
        old = seal.vkey
    (tmp_path / "key").unlink()

    with pytest.raises(KeyMissing, match="--lost"):
        async with sealed(tmp_path):
            pass
    async with sealed(tmp_path, lost=True) as (engine, seal):
        assert await facts(engine) == [LogKeyRotated(vkey=str(seal.vkey), replaces=str(old))]
        assert seal.origin == old.name
        vkey = seal.vkey
    async with sealed(tmp_path) as (_, seal):
        assert seal.vkey == vkey


async def test_another_logs_key_is_refused(tmp_path: Path) -> None:
    async with sealed(tmp_path) as (_, seal):
        await seal.rotate(key="once")
    write_keys(tmp_path, Disk(), Keys(present=new_signing("other.example")))

    with pytest.raises(KeyUnreadable, match="the log says that"):
        async with sealed(tmp_path):
            pass
    (tmp_path / "key").write_bytes(b"{}")
    with pytest.raises(KeyUnreadable, match="is not what was written"):
        async with sealed(tmp_path):
            pass


async def test_a_restored_log_says_what_is_lost_and_goes_on_under_another_origin(tmp_path: Path) -> None:
    async with sealed(tmp_path) as (engine, seal):
        old = seal.vkey
        await append_each(engine.log, made("a:1", type="some.thing"))
        root = (await engine.log.head()).root.hex()
    loss = Loss(position=1, root=root, lost=9)
    accept_loss(tmp_path, Disk(), loss)

    for _ in range(2):  # As if the process had died before it could take note that it is told.
        async with sealed(tmp_path) as (engine, seal):
            restored, rotated = (await facts(engine))[1:]
            assert isinstance(restored, LogRestored)
            assert (restored.position, restored.root, restored.lost) == (1, root, 9)
            assert rotated == LogKeyRotated(vkey=str(seal.vkey), replaces=str(old))
            assert seal.origin == f"{old.name}/restored-1-20261128030000"
            assert engine.loss is None
            note = (await seal.checkpoint())[1]
            assert note.startswith(f"{seal.origin}\n3\n")
            with pytest.raises(NoteInvalid):
                opened(note, [old])
        accept_loss(tmp_path, Disk(), loss)


async def test_of_two_losses_the_further_one_is_told(tmp_path: Path) -> None:
    loss = Loss(position=3, root="00", lost=9)
    accept_loss(tmp_path, Disk(), loss)

    accept_loss(tmp_path, Disk(), structs.replace(loss, position=2, lost=4))

    async with sealed(tmp_path) as (engine, _):
        told = (await facts(engine))[0]
        assert isinstance(told, LogRestored)
        assert (told.position, told.lost) == (2, 9)
