"""What only the SQLite engine has: the state lies in a file of its own, beside the log's."""

from pathlib import Path
from random import Random

import pytest

from events.log.port import LogDamaged
from events.log.sqlite import open_sqlite
from tests.contract.given import append_each, made


async def test_a_state_that_is_missing_beside_entries_is_refused_and_an_empty_one_is_taken(tmp_path: Path) -> None:
    engine = await open_sqlite(tmp_path)
    await append_each(engine.log, made())
    await engine.close()
    (tmp_path / "state.db").unlink()

    with pytest.raises(LogDamaged, match=r"state\.db is missing, and with it sources' texts"):
        await open_sqlite(tmp_path)
    (tmp_path / "state.db").touch()
    again = await open_sqlite(tmp_path)

    assert (await again.log.head()).position == 1
    await again.close()


async def test_after_a_purge_no_file_holds_a_word_of_what_was_removed_or_replaced(tmp_path: Path) -> None:
    engine = await open_sqlite(tmp_path)
    chance, kept, gone = Random(3), {}, set()
    for number in range(400):  # Pages are split, and SQLite's own overwriting leaves some copies behind.
        id, word = f"{chance.getrandbits(256):064x}", f"word {number} ".encode()
        await engine.state.put("text", id, word * (chance.choice((50, 900, 5000)) // len(word)), expected=None)
        kept[id] = word
        if number % 2:
            other = chance.choice(sorted(kept))
            gone.add(kept.pop(other))
            await engine.state.delete("text", other)
    left = {word for word in gone if word in (tmp_path / "state.db").read_bytes()}
    assert left, "the case is none: draw other sizes"

    await engine.state.purge()

    files = b"".join((tmp_path / name).read_bytes() for name in ("state.db", "state.db-wal"))
    assert {word for word in gone if word in files} == set()
    assert {one.id for one in await engine.state.list("text")} == set(kept)
    await engine.close()
