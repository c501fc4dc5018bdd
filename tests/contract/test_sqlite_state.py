"""What only the SQLite engine has: the state lies in a file of its own, beside the log's."""

from pathlib import Path

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
