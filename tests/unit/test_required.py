"""Under `DATELINE_REQUIRE_ALL=1` nothing is left out quietly."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SKIPPING = {
    "test_call.py": "import pytest\ndef test_it(): pytest.skip('no browser in a call')\n",
    "test_mark.py": "import pytest\n@pytest.mark.skip(reason='no browser by a mark')\ndef test_it(): pass\n",
    "test_file.py": "import pytest\npytest.skip('no browser for a file', allow_module_level=True)\n",
}


@pytest.fixture
def skipping(tmp_path: Path) -> Path:
    """A folder of tests that skip in every way there is."""
    for name, source in SKIPPING.items():
        (tmp_path / name).write_text(source)
    return tmp_path


def run_pytest(folder: Path, *, require_all: str) -> subprocess.CompletedProcess[str]:
    options = ["-p", "tests.conftest", "-p", "no:cacheprovider", "--continue-on-collection-errors"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, "."],
        env=os.environ | {"DATELINE_REQUIRE_ALL": require_all, "PYTHONPATH": str(ROOT)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_skipped_test_fails_with_its_reason_where_all_is_required(skipping: Path) -> None:
    run = run_pytest(skipping, require_all="1")

    assert run.returncode != 0
    assert "skipped" not in run.stdout.splitlines()[-1]
    for reason in ("in a call", "by a mark", "for a file"):
        assert f"no browser {reason}\nDATELINE_REQUIRE_ALL=1: a skipped test fails." in run.stdout


def test_a_skipped_test_is_only_reported_where_not_all_is_required(skipping: Path) -> None:
    run = run_pytest(skipping, require_all="0")

    assert "3 skipped" in run.stdout.splitlines()[-1]
    assert "failed" not in run.stdout
