"""The API is held against its own description by somebody else's program.

`schemathesis.toml` says what it is told, and why a check is left out; `schemathesis_hooks.py` has one more.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.openapi.examples import read_examples
from tests.api.scenario import STREAMS, Player
from tests.api.served import ADMIN, ROOT, Served
from tests.torture import TORTURE, tries

CONFIG = Path(__file__).with_name("schemathesis.toml")
EXAMPLES_AN_OPERATION = tries(1, 200)
PHASES = "examples,coverage,fuzzing" if TORTURE else "examples,fuzzing"
PATIENCE_S = tries(300, 7200)


@pytest.fixture
def played(tmp_path: Path) -> Iterator[Served]:
    """A server on which the examples were played, so that there is something to ask for."""
    with Served(tmp_path / "data", rate_reads="0", rate_writes="0") as served:
        for _ in Player(served).play(read_examples()):
            pass
        yield served


@pytest.mark.torture
def test_every_answer_is_as_it_is_described_whatever_is_asked(played: Served, tmp_path: Path) -> None:
    st = str(Path(sys.executable).with_name("st"))
    asked = ["-n", str(EXAMPLES_AN_OPERATION), "--phases", PHASES]
    run = subprocess.run(
        [st, "--config-file", str(CONFIG), "--no-color", "run", f"{played.url}/openapi.json", *asked],
        cwd=tmp_path,  # It keeps what it found beside itself.
        env={**os.environ, "PYTHONPATH": str(ROOT), "DATELINE_ADMIN_TOKEN": ADMIN},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )

    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-5_000:]
    selected = re.search(r"Operations: +(\d+) selected / (\d+) total", run.stdout)
    assert selected is not None
    assert int(selected[2]) - int(selected[1]) == len(STREAMS), "only streams are left out"
    assert played.is_ready()
