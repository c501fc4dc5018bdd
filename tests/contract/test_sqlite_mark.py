"""The high-water mark of the SQLite engine: what each of its slots holds, and which logs it refuses (case 53)."""

import shutil
from pathlib import Path

import pytest

from events.log.files import Disk
from events.log.mark import SLOT_BYTES, MarkFile
from events.log.port import LogDamaged, LogShortened
from events.log.sqlite import open_sqlite
from tests.contract.given import Clock, append_each, made


def marked_with_only(content: bytes, slot: int, path: Path) -> int:
    """Return the position in one slot of a mark, the other one being torn."""
    start = slot * SLOT_BYTES
    path.write_bytes(bytes(start) + content[start : start + SLOT_BYTES] + bytes(SLOT_BYTES - start))
    file = MarkFile(path, Disk())
    file.close()
    assert file.mark is not None
    return file.mark.position


async def test_a_torn_slot_leaves_the_mark_before_it_at_every_append_and_over_a_restart(tmp_path: Path) -> None:
    """Case 53: a write that is torn can hit either slot, and costs one append of what is noticed, never more."""
    for restart in range(2):
        engine = await open_sqlite(tmp_path / "data", clock=Clock())
        for number in range(1, 6):
            await append_each(engine.log, made())
            content = (tmp_path / "data" / "mark").read_bytes()
            slots = {marked_with_only(content, slot, tmp_path / "torn") for slot in (0, 1)}
            head = 5 * restart + number
            assert slots == {head - 1, head}
        await engine.close()


async def test_a_log_that_went_another_way_than_its_mark_is_refused(tmp_path: Path) -> None:
    """Case 53: as long as the mark says, of the same id, yet not what was acknowledged."""
    engine = await open_sqlite(tmp_path / "ours", clock=Clock())
    await append_each(engine.log, made(), made())
    await engine.close()
    shutil.copytree(tmp_path / "ours", tmp_path / "theirs")
    for name in ("ours", "theirs"):
        engine = await open_sqlite(tmp_path / name, clock=Clock())
        await append_each(engine.log, made(f"a:{name}"))
        await engine.close()
    shutil.copy(tmp_path / "theirs" / "log.db", tmp_path / "ours" / "log.db")

    with pytest.raises(LogDamaged, match="the entries up to 3 are not those that were acknowledged") as refusal:
        await open_sqlite(tmp_path / "ours")

    assert not isinstance(refusal.value, LogShortened)
