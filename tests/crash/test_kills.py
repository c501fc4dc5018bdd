"""A process that is killed loses nothing it answered (case 16, promises 1 to 3 and 5)."""

import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from tests.torture import TORTURE, tries

ROOT: Final = Path(__file__).parents[2]
KILLS: Final = tries(50, 2000)


def killed(*arguments: str) -> Any:
    """Return what the process that kills others tells."""
    process = subprocess.run(
        [sys.executable, "-m", "tests.crash.kills", *arguments], cwd=ROOT, stdout=subprocess.PIPE, check=True
    )
    return msgspec.json.decode(process.stdout)


@pytest.mark.torture
def test_a_killed_process_loses_nothing_it_answered_and_leaves_no_gap(capsys: pytest.CaptureFixture[str]) -> None:
    report = killed("--kills", str(KILLS))
    if TORTURE:
        with capsys.disabled():
            print(f"\nkills: {report}")

    assert report["wrong"] == []
    assert report["kills"] == KILLS
    assert report["answered"] > KILLS * 5
    assert report["killed_before_an_answer"] > 0


def test_an_answer_given_before_commit_is_found_by_killing() -> None:
    assert killed("--kills", "10", "--answer-before-commit")["wrong"] != []
