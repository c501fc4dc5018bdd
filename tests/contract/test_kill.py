"""A process that is killed while it appends loses nothing it acknowledged (case 16, promises 1 to 3)."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from events.log.port import Log, Query, QueryItem
from events.log.sqlite import open_sqlite
from tests.contract.given import commit, made, positions
from tests.contract.killed import ANSWERED, REQUEST

ROOT = Path(__file__).parents[2]
KILLS = 5
ACKNOWLEDGED_MIN = 150


def kill_while_appending(directory: Path, begin: int) -> dict[str, tuple[int, int]]:
    """Return the (first, last) positions of each key that was acknowledged before SIGKILL."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.contract.appender", str(directory), str(begin)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout as lines:
        said = [lines.readline() for _ in range(ACKNOWLEDGED_MIN)]
        process.send_signal(signal.SIGKILL)
        said += lines.readlines()
    assert process.wait() == -signal.SIGKILL
    words = [line.split() for line in said if line.endswith("\n")]
    return {key: (int(first), int(last)) for key, first, last in words}


def killed_at(directory: Path, at: str) -> "subprocess.CompletedProcess[str]":
    """Append `REQUEST` in a process that kills itself at a step."""
    return subprocess.run(
        [sys.executable, "-m", "tests.contract.killed", str(directory), at],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
        text=True,
    )


async def all_keys(log: Log) -> dict[str, int]:
    """Return the position of the event that carries each key's tag, of every commit in the log."""
    found: dict[str, int] = {}
    page = await log.read(Query.all())
    while page.events:
        for event in page.events:
            found |= {tag.removeprefix("key:"): event.position for tag in event.tags if tag.startswith("key:")}
        page = await log.read(Query.all(), after=page.events[-1].position)
    return found


async def test_a_killed_process_loses_nothing_it_acknowledged_and_leaves_no_gap(tmp_path: Path) -> None:
    """Case 16."""
    directory, acknowledged, head = tmp_path / "data", dict[str, tuple[int, int]](), 0
    for kill in range(KILLS):
        acknowledged |= kill_while_appending(directory, kill * 1_000_000)
        engine = await open_sqlite(directory)
        stored = await all_keys(engine.log)

        assert {key: last for key, (_, last) in acknowledged.items()}.items() <= stored.items()
        page = await engine.log.read(Query.all(), after=head)
        assert [event.position for event in page.events] == list(range(head + 1, head + 1 + len(page.events)))
        assert all(event.commit[1] == 2 for event in page.events)
        head = (await engine.log.head()).position
        assert head == 2 * len(stored)
        assert (await engine.log.verify()).last == head

        for key in list(stored)[-20:]:
            receipt = await engine.log.append(commit(made(), key=key))
            assert (receipt.position, receipt.duplicate) == (stored[key], True)
            of_key = Query(items=(QueryItem(tags=(f"key:{key}",)),))
            assert await positions(engine.log, of_key) == [stored[key]]
        await engine.close()


@pytest.mark.parametrize(
    ("at", "stored"),
    [
        ("before the rows", False),
        ("before the commit", False),
        ("after the commit", True),
        ("before the mark", True),
        ("after the mark", True),
        (ANSWERED, True),
    ],
)
async def test_a_request_whose_server_was_killed_at_any_step_is_stored_once_by_its_retry(
    tmp_path: Path, at: str, stored: bool
) -> None:
    """Case 16."""
    directory = tmp_path / "data"
    died = killed_at(directory, at)
    assert (died.returncode, died.stdout.strip(), died.stderr) == (-signal.SIGKILL, ANSWERED * (at == ANSWERED), "")

    engine = await open_sqlite(directory)
    known = await engine.log.outcome(REQUEST.key)
    receipt = await engine.log.append(REQUEST)

    assert (known is not None) == stored
    assert (receipt.first, receipt.position, receipt.duplicate) == (2, 3, stored)
    assert await positions(engine.log) == [1, 2, 3]
    assert (await engine.log.append(commit(made()))).position == 4
    assert (await engine.log.verify()).last == 4
    await engine.close()
