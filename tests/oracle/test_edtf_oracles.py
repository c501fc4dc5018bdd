"""Dates against two libraries, `edtf` and `undate`: every disagreement belongs to a class in the table.

`tests/data/edtf-disagreements.json` says for each class what it is, who is right and why; `docs/dates.md`
shows the same table. A disagreement of another kind fails here and is either a bug of ours or a new row.
"""

import contextlib
import io
import json
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from events.days import civil
from events.edtf import EdtfError, parse
from tests.strategies.edtf import Day, expressions

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Their grammars warn while they are built.
    from edtf import parse_edtf
    from edtf.parser.edtf_exceptions import EDTFParseException
    from undate.converters.edtf import EDTFDateConverter

ROOT: Final = Path(__file__).parents[2]
TABLE: Final = json.loads((ROOT / "tests/data/edtf-disagreements.json").read_text())
VECTORS: Final = json.loads((ROOT / "tests/data/edtf-vectors.json").read_text())["vectors"]

# Both slow down steeply with length, to minutes for a set of two hundred characters.
ORACLE_CHARACTERS_MAX: Final = 40
GENERATED_EXAMPLES: Final = 200

Bounds = tuple[Day | None, Day | None]
Answer = Bounds | None
"""First and last day, None for an open or unknown side; None as a whole where the text is not read."""


def ours(text: str) -> Answer:
    try:
        edtf = parse(text)
    except EdtfError:
        return None
    earliest, latest = edtf.earliest, edtf.latest
    return None if earliest is None else civil(earliest), None if latest is None else civil(latest)


def of_edtf(text: str) -> Answer:
    def day(bound: Any) -> Day | None:
        return None if isinstance(bound, float) else (bound[0], bound[1], bound[2])

    try:
        read = parse_edtf(text)
    except EDTFParseException:
        return None
    return day(read.lower_strict()), day(read.upper_strict())


def of_undate(text: str) -> Answer:
    def day(bound: Any) -> Day:
        return int(bound.year), int(bound.month), int(bound.day)

    try:
        read = EDTFDateConverter().parse(text)
    except ValueError:
        return None
    if hasattr(read, "duration") and hasattr(read, "precision"):
        return day(read.earliest), day(read.latest)
    first, last = read.earliest, read.latest
    return first and day(first.earliest), last and day(last.latest)


ORACLES: Final[dict[str, Callable[[str], Answer]]] = {"edtf": of_edtf, "undate": of_undate}


def outcome(oracle: str, text: str) -> str | None:
    """Say how the oracle disagrees with us about `text`; None if it does not."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            theirs = ORACLES[oracle](text)
        except Exception:  # noqa: BLE001 - They raise anything; a text both do not read is no disagreement.
            return "crashes" if ours(text) else None
    if theirs == ours(text):
        return None
    return "refuses" if theirs is None else "reads" if ours(text) is None else "bounds"


def unlisted(text: str) -> list[str]:
    """Say which oracles disagree about `text` in a way the table does not list."""
    found = ((oracle, outcome(oracle, text)) for oracle in ORACLES)
    return [
        f"{oracle} {how} {text!r}"
        for oracle, how in found
        if how and not any(row_is_about(row, oracle, how) and re.search(row["pattern"], text) for row in TABLE)
    ]


def row_is_about(row: dict[str, str], oracle: str, how: str) -> bool:
    return row["oracle"] == oracle and how in row["how"].split(" or ")


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: repr(vector["expr"]))
def test_every_disagreement_about_a_vector_is_listed(vector: dict[str, Any]) -> None:
    assert unlisted(vector["expr"]) == []


@settings(max_examples=GENERATED_EXAMPLES, derandomize=True)
@given(expressions())
def test_every_disagreement_about_a_generated_expression_is_listed(text: str) -> None:
    assume(len(text) <= ORACLE_CHARACTERS_MAX)

    assert unlisted(text) == []


@settings(max_examples=GENERATED_EXAMPLES, derandomize=True)
@given(expressions(), st.data())
def test_every_disagreement_about_a_slightly_broken_expression_is_listed(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text)))
    broken = text[:place] + data.draw(st.sampled_from("0123456789XYES?~%-/.,[]T ")) + text[place + 1 :]
    assume(len(broken) <= ORACLE_CHARACTERS_MAX)

    assert unlisted(broken) == []


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row['oracle']} {row['example']!r}")
def test_each_listed_class_still_disagrees_as_its_example_shows(row: dict[str, str]) -> None:
    assert re.search(row["pattern"], row["example"])
    assert outcome(row["oracle"], row["example"]) in row["how"].split(" or ")


def test_the_documentation_shows_the_same_table() -> None:
    shown = (ROOT / "docs/dates.md").read_text().splitlines()

    for row in TABLE:
        cells = (row["oracle"], row["how"], row["what"], f"`{row['example']}`", row["right"], row["why"])
        assert f"| {' | '.join(cells)} |" in shown
