"""The property sees mistakes: with each of them in the fold it turns red."""

import pytest

from events.facts import Recorded
from events.history import History
from tests.property.mutants import FAITHFUL, MUTANTS, Mutant, fold_of
from tests.property.test_fold import assert_reads_equal, folded
from tests.strategies.histories import history_of

HISTORIES = 300
FAITHFUL_HISTORIES = 50


@pytest.fixture(scope="module")
def drawn() -> list[list[Recorded]]:
    """Drawn by chance from fixed seeds: which mistakes are found hangs on nothing else."""
    return [history_of(seed) for seed in range(HISTORIES)]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_fold_with_a_mistake_is_found_out(mutant: Mutant, drawn: list[list[Recorded]]) -> None:
    fold = fold_of(mutant)

    with pytest.raises(AssertionError, match="said by"):
        assert_all_read_equal(fold, drawn)


def test_a_copy_of_the_fold_without_a_mistake_is_not(drawn: list[list[Recorded]]) -> None:
    fold = fold_of(FAITHFUL)

    assert_all_read_equal(fold, drawn[:FAITHFUL_HISTORIES])


def assert_all_read_equal(fold: type[History], drawn: list[list[Recorded]]) -> None:
    for recorded in drawn:
        assert_reads_equal(folded(recorded, fold=fold), recorded)
