"""Versions of stored facts: a newer one is made of an older, step by step, and one that is newer still is not read."""

import ast
from pathlib import Path
from typing import Final

import pytest

from events import facts as f
from events import upcasting
from events.upcasting import Data, newest, upcast
from tests.golden_facts import golden
from tests.later import CALLED_OFF, RESCHEDULED, WHY, CalledOff, learn
from tests.unit.examples import EXAMPLES

ROOT: Final = Path(__file__).parents[2]
STORED: Final = golden()[f"{RESCHEDULED} minimal"]["data"].encode()


def test_every_version_is_reached_from_the_one_before_it() -> None:
    for name, v in f.VERSIONS.items():
        assert {step for stepped, step in upcasting.UPCASTERS if stepped == name} == set(range(1, v))
    assert {name for name, _ in upcasting.UPCASTERS} <= f.TYPES.keys()
    assert f.VERSIONS.keys() == f.TYPES.keys()


def test_steps_are_taken_in_order_from_the_version_that_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    def step(number: int) -> None:
        def took(data: Data) -> Data:
            return {"took": [*data["took"], number]}

        monkeypatch.setitem(upcasting.UPCASTERS, ("some.thing", number), took)

    for number in (3, 1, 2):
        step(number)

    assert newest("some.thing") == 4
    assert upcast("some.thing", {"took": []}, v=2, to=4) == {"took": [2, 3]}
    assert upcast("some.thing", {"took": []}, v=1, to=3) == {"took": [1, 2]}
    assert upcast("some.thing", {"took": []}, v=4, to=4) == {"took": []}


def test_what_an_earlier_version_stored_is_read_as_the_present_one_says_it(monkeypatch: pytest.MonkeyPatch) -> None:
    learn(monkeypatch.setitem)

    earlier, present = f.read(RESCHEDULED, 1, STORED), f.read(RESCHEDULED, 2, STORED)

    assert isinstance(earlier, f.Rescheduled)
    assert earlier.reason == WHY
    assert present == EXAMPLES[f"{RESCHEDULED} minimal"]
    assert f.read(RESCHEDULED, 3, STORED) is None


def test_a_type_is_known_once_it_is_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    before = f.read(CALLED_OFF, 1, STORED)
    learn(monkeypatch.setitem)

    assert before is None
    assert isinstance(f.read(CALLED_OFF, 1, STORED), CalledOff)
    assert f.read(CALLED_OFF, 2, STORED) is None


@pytest.mark.parametrize("file", [*ROOT.glob("events/**/*.py"), *ROOT.glob("api/**/*.py")], ids=lambda file: file.name)
def test_whoever_records_a_fact_says_its_version(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("NewEvent"):
            assert "v" in {keyword.arg for keyword in node.keywords}, f"{file.name}:{node.lineno}"
