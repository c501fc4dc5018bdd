"""The power fails at any call that changes a file, and again while the log recovers (promises 1 to 3, 5 and 9).

The disk is simulated: `disk` says how, `platters` what a cut leaves, `workload` what is under way, `oracle` what must
hold afterwards. A fault that is planted below or in the engine has to be found, or the simulator proves nothing.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from tests.torture import TORTURE, tries

ROOT: Final = Path(__file__).parents[2]
CUTS: Final = tries(1000, 100_000)

DATABASE: Final = {"create", "write", "sync", "truncate"}
JOURNAL: Final = {"create", "write", "sync", "delete"}
PUT_IN_PLACE: Final = {"create", "truncate", "write", "sync", "rename"}
REACHED: Final = {
    ".": {"sync"},
    "data": {"mkdir", "sync"},
    "lock": {"create"},
    "log.db": DATABASE,
    "log.db-journal": JOURNAL,
    "log.db-wal": JOURNAL | {"truncate"},
    "state.db": DATABASE,
    "state.db-journal": JOURNAL,
    "state.db-wal": JOURNAL | {"truncate"},
    "mark": {"write", "sync"},
    "log.db-wal.new": PUT_IN_PLACE,
    "state.db-wal.new": PUT_IN_PLACE,
    "erasures.new": PUT_IN_PLACE,
    "key.new": PUT_IN_PLACE,
    "mark.new": PUT_IN_PLACE,
}
"""Every call that changes a file of the data directory, or makes a change durable."""
PHASES: Final = {"write": ("before", "middle", "after")}


def simulated(what: str, *arguments: str) -> Any:
    """Return what the process with the simulated disk tells."""
    process = subprocess.run(
        [sys.executable, "-m", "tests.crash.simulated", what, *arguments], cwd=ROOT, stdout=subprocess.PIPE, check=True
    )
    return msgspec.json.decode(process.stdout)


@pytest.mark.torture
def test_a_power_cut_at_any_call_loses_nothing_that_was_answered(capsys: pytest.CaptureFixture[str]) -> None:
    report = simulated("cuts", "--cuts", str(CUTS))
    kinds = {(file, call, phase): count for file, call, phase, count in report.pop("kinds")}
    if TORTURE:
        with capsys.disabled():
            print(f"\npower cuts: {report}")
            print("\n".join(f"{count:8} {phase:6} {call} of {file}" for (file, call, phase), count in kinds.items()))

    assert report["violations"] == {}, report["first"]
    assert report["cuts"] == CUTS
    assert report["cuts_again"] > CUTS / 10
    expected = {
        (file, call, phase)
        for file, calls in REACHED.items()
        for call in calls
        for phase in PHASES.get(call, ("before", "after"))
    }
    assert expected == set(kinds)
    assert 0 not in kinds.values(), kinds


@pytest.mark.torture
def test_where_the_disk_refuses_a_call_what_was_answered_stays_and_the_rest_is_stored_without_a_restart(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Case 54."""
    report = simulated("errors", "--every", str(tries(3, 1)))
    if TORTURE:
        with capsys.disabled():
            print(f"\nrefused calls: {report}")

    assert report["wrong"] == []
    assert report["runs"] > 200
    assert {refused.split(" of ")[0] for refused in report["refused"]} >= {"read", "write", "sync", "rename", "create"}


def test_every_planted_fault_is_found() -> None:
    found = simulated("faults")

    assert len(found) >= 17
    assert [name for name, report in found.items() if not report["violations"]] == []
