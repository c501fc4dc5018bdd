"""The suite sees mistakes: with each of them in the SQLite engine it turns red."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.given import HEARD_WITHIN_S
from tests.contract.mutant import Mutant, mutated, sources
from tests.contract.mutants_appending import APPENDING
from tests.contract.mutants_keeping import KEEPING

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent.relative_to(ROOT)
MUTANTS = APPENDING + KEEPING
MUTANTS_MIN = 20
ALL_PASSED, SOME_FAILED = 0, 1
HUNG = -signal.SIGALRM
IMPATIENT_S = 2.0
"""A mutant that loses a wake-up is not waited for as long as a busy machine is."""


class Nursery:
    """A process that runs tests against mutants."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.contract.nursery"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tried(self, module: str, source: str, tests: list[str], *, heard_within_s: float) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = {
            "module": f"events.log.{module}",
            "source": source,
            "tests": tests,
            "heard_within_s": heard_within_s,
        }
        self._process.stdin.write(f"{json.dumps(request)}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate(timeout=10)


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


def test_there_are_enough_of_them_and_each_is_another() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= MUTANTS_MIN
    assert len({mutant.changes for mutant in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_an_engine_with_a_mistake_is_found_out(nursery: Nursery, mutant: Mutant) -> None:
    tried = nursery.tried(*mutated(mutant), [f"{HERE}/{mutant.killed_by}"], heard_within_s=IMPATIENT_S)

    assert tried["code"] in (SOME_FAILED, HUNG), f"the mutant survived, or no test ran:\n{tried['said']}"


def test_an_engine_without_a_mistake_is_not(nursery: Nursery) -> None:
    by_file = {mutant.killed_by.partition("::")[0]: mutant.killed_by for mutant in MUTANTS}

    killers = [f"{HERE}/{killer}" for killer in by_file.values()]

    tried = nursery.tried("sqlite", sources()["sqlite"], killers, heard_within_s=HEARD_WITHIN_S)

    assert tried["code"] == ALL_PASSED, tried["said"]
