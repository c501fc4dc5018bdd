"""What only the PostgreSQL engine has: its database's settings, time and snapshots."""

from pathlib import Path

import asyncpg
import pytest

from events.instants import to_microseconds
from events.log import postgres_writer
from events.log.port import LogUnavailable, Query, ReadInvalid
from events.log.postgres import open_postgres
from tests.contract.engines import Kind, Postgres
from tests.contract.given import Clock, append_each, commit, made, positions, query, tagged
from tests.contract.test_erasure import SECRET, erasing

pytestmark = pytest.mark.parametrize("kind", ["postgres"], indirect=True)


@pytest.fixture
async def url(kind: Kind, tmp_path: Path) -> str:
    assert isinstance(kind, Postgres)
    engine = await kind.open(tmp_path, Clock())
    await engine.close()
    return kind.url(tmp_path)


@pytest.mark.parametrize("setting", ["synchronous_commit=off", "default_transaction_isolation=repeatable%20read"])
async def test_a_database_that_may_lose_or_fork_a_commit_is_refused(url: str, setting: str) -> None:
    with pytest.raises(LogUnavailable, match=setting.split("=")[0].removeprefix("default_")):
        await open_postgres(f"{url}&{setting}")


async def test_times_are_the_databases(url: str) -> None:
    engine = await open_postgres(url)
    asked = await asyncpg.connect(url)

    async def now() -> int:
        return int(await asked.fetchval("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"))

    before = await now()
    receipt = await engine.log.append(commit(made()))
    after = await now()

    assert before <= to_microseconds(receipt.recorded_at) <= after
    await asked.close()
    await engine.close()


async def test_a_connection_that_was_lost_is_replaced(url: str) -> None:
    engine = await open_postgres(url)
    await append_each(engine.log, made())
    other = await asyncpg.connect(url)
    await other.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )

    for _ in range(2):  # The first may find out that its connection is gone.
        try:
            await engine.log.append(commit(made(), key="k"))
        except LogUnavailable:
            continue

    assert await positions(engine.log) == [1, 2]
    await other.close()
    await engine.close()


async def test_what_an_older_snapshot_still_sees_is_pending(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Case 56."""
    monkeypatch.setattr(postgres_writer, "DRAINED_WITHIN_S", 0.0)
    engine = await open_postgres(url)
    await append_each(engine.log, made("a:1", data=SECRET))
    reader = await asyncpg.connect(url)
    snapshot = reader.transaction(isolation="repeatable_read")
    await snapshot.start()
    await reader.execute("SELECT FROM event")

    erased = await engine.log.erase(erasing(1))
    await snapshot.rollback()

    assert erased.pending == 1
    assert await engine.log.purge() == 0
    await reader.close()
    await engine.close()


async def test_a_text_that_the_database_cannot_hold_is_refused_and_breaks_nothing(url: str) -> None:
    engine = await open_postgres(url)

    for tag in ("a:\x00", "a:\ud800"):
        with pytest.raises(ReadInvalid):
            await engine.log.read(query(tagged(tag)))

    assert (await engine.log.read(Query.all())).head == 0
    await engine.close()
