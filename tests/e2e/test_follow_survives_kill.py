"""A standby that copies a log is never more, and in the end never less, than the log; whoever is killed, whenever."""

import random
import signal
import subprocess
import time
from pathlib import Path

from tests.api.served import ADMIN, Served, source
from tests.cli.commands import Command, run
from tests.cli.test_follow import stored
from tests.e2e.test_survives_kill import WAIT_S, Writers

ROUNDS = 3
MOMENT_S = 0.5


def test_a_copy_is_whole_after_both_were_killed_again_and_again(tmp_path: Path) -> None:
    draw = random.Random(4)
    notes, copy = tmp_path / "notes", tmp_path / "copy"
    with Served(tmp_path / "data") as served:
        served.post("/v1/sources", source("bulletin"))
        following = ("follow", served.url, "--notes", notes, "--adopt", "--data", copy, "--every", "0.1")
        for number in range(ROUNDS):
            follower = Command(*following, DATELINE_TOKEN=ADMIN).started()
            writers = Writers(served.url, f"round-{number}")
            assert writers.enough.wait(WAIT_S)
            time.sleep(draw.uniform(0, MOMENT_S))
            if draw.random() < 0.5:  # Else the server goes first.
                _kill(follower)
            served.kill()
            time.sleep(draw.uniform(0, MOMENT_S))
            _kill(follower)
            writers.join()
            served.start()
        done = run(*following, "--once", DATELINE_TOKEN=ADMIN)
        assert done.returncode == 0, done.stderr
        served.stop()

    assert stored(copy) == stored(served.data)
    assert [path.name for path in notes.glob("conflict-*")] == []


def _kill(process: "subprocess.Popen[str]") -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=WAIT_S)
