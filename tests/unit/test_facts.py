"""Facts as bytes: what every type looks like in the log, for ever."""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from msgspec import Struct

from events import facts as f
from events.log.entry import Entry, canonical, data_hash, decode, encode
from events.log.merkle import leaf_hash
from events.tags import tags_of
from tests.unit.examples import EXAMPLES, FULL, MINIMAL, NAMED

GOLDEN: Final[dict[str, dict[str, Any]]] = json.loads(
    (Path(__file__).parents[1] / "data" / "golden-facts.json").read_text(encoding="utf-8")
)["facts"]
SALT: Final = bytes(range(16))


def entry_of(name: str) -> bytes:
    """Return the entry of an example at position 7, recorded by the token from the environment."""
    fact = EXAMPLES[name]
    about = next((getattr(fact, name) for name in ("corrects", "supports", "position") if hasattr(fact, name)), None)
    return encode(
        Entry(
            by="admin",
            causation=about if isinstance(fact, f.Amended | f.Corroborated | f.FactWithdrawn) else None,
            commit=(6, 2),
            correlation="4bf92f3577b34da6a3ce929d0e0e4736" if name.endswith(" full") else None,
            data_hash=data_hash(SALT, canonical(f.plain(fact))),
            id="018ec86a-6640-7000-8000-000000000000",
            position=7,
            recorded_at="2024-04-11T08:00:00.000001Z",
            said_at=f.said_at_of(fact),
            tags=tags_of(fact, named=NAMED if isinstance(fact, f.Amended | f.FactWithdrawn) else ()),
            type=f.type_of(fact),
            v=1,
        )
    )


def structs_in(value: object) -> Iterator[Struct]:
    """Yield a struct and those in it."""
    if isinstance(value, Struct):
        yield value
        for name in value.__struct_fields__:
            yield from structs_in(getattr(value, name))
    elif isinstance(value, tuple):
        for part in value:
            yield from structs_in(part)


def in_canonical_form(value: object) -> bytes:
    """Write JSON as RFC 8785 does where there are no floats and no characters beyond U+FFFF in keys."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def test_every_fact_type_has_golden_bytes_for_all_it_can_say_and_for_the_least() -> None:
    assert {f.type_of(fact) for fact in FULL} == {f.type_of(fact) for fact in MINIMAL} == set(f.TYPES)
    assert set(GOLDEN) == set(EXAMPLES)
    assert len(f.TYPES) == 31


@pytest.mark.parametrize("fact", FULL, ids=f.type_of)
def test_a_full_example_leaves_no_optional_out(fact: f.AnyFact) -> None:
    said: dict[type[Struct], set[str]] = {}
    for struct in structs_in(fact):
        known = said.setdefault(type(struct), set())
        known |= {field.name for field in msgspec.structs.fields(struct) if _is_said(struct, field)}

    for kind, names in said.items():
        assert names == set(kind.__struct_fields__), kind.__name__


def _is_said(struct: Struct, field: msgspec.structs.FieldInfo) -> bool:
    return field.required or getattr(struct, field.name) != field.default


@pytest.mark.parametrize("fact", MINIMAL, ids=f.type_of)
def test_a_minimal_example_says_nothing_optional(fact: f.AnyFact) -> None:
    required = {field.encode_name for field in msgspec.structs.fields(fact) if field.required}

    assert required == set(f.plain(fact))


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_fact_has_its_golden_data(name: str) -> None:
    fact, golden = EXAMPLES[name], GOLDEN[name]

    assert canonical(f.plain(fact)).decode() == golden["data"]
    assert in_canonical_form(json.loads(golden["data"])).decode() == golden["data"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_golden_data_reads_back_as_the_fact(name: str) -> None:
    fact, golden = EXAMPLES[name], GOLDEN[name]

    assert f.read(f.type_of(fact), golden["data"].encode()) == fact


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_fact_has_its_golden_entry_and_leaf(name: str) -> None:
    golden = GOLDEN[name]

    entry = entry_of(name)

    assert entry.decode() == golden["entry"]
    assert in_canonical_form(json.loads(entry)) == entry
    assert list(decode(entry).tags) == golden["tags"] == sorted(golden["tags"])
    assert decode(entry).data_hash == sha256(b"\x02" + SALT + golden["data"].encode()).hexdigest()
    assert leaf_hash(entry).hex() == golden["leaf"] == sha256(b"\x00" + entry).hexdigest()


@pytest.mark.parametrize("fact", EXAMPLES.values(), ids=EXAMPLES)
def test_only_what_a_source_says_carries_the_time_it_was_said(fact: f.AnyFact) -> None:
    source_says = isinstance(fact, f.Statement) or (isinstance(fact, f.Amended) and fact.origin == "source")

    assert f.said_at_of(fact) == ("2024-04-09T00:00:00.000001Z" if source_says else None)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_fact_is_read_whatever_a_later_version_adds_to_it(name: str) -> None:
    fact = EXAMPLES[name]
    newer = {**json.loads(GOLDEN[name]["data"]), "mood": {"colour": ["blue", None, 1.5]}}

    assert f.read(f.type_of(fact), json.dumps(newer).encode()) == fact


def test_parts_of_a_fact_are_read_whatever_a_later_version_adds_to_them() -> None:
    citation = {"source": "s", "quote": "q", "said_at": "2024-04-09T00:00:00.000000Z", "page": 3}
    data = json.dumps({"announcement": "a", "citations": [citation], "when": {"edtf": "2024", "kind": "on", "x": 1}})

    fact = f.read("announcement.rescheduled", data.encode())

    assert isinstance(fact, f.Rescheduled)
    assert (fact.when.edtf, fact.citations[0].source) == ("2024", "s")


def test_a_type_of_a_later_version_is_no_fact_we_know() -> None:
    assert f.read("announcement.dreamt", b"{}") is None


def test_erased_data_is_no_fact_any_more() -> None:
    assert f.read("announcement.made", None) is None


def test_a_statement_is_said_at_the_earliest_of_its_citations() -> None:
    fact = EXAMPLES["announcement.made full"]

    assert isinstance(fact, f.Made)
    assert [citation.said_at for citation in fact.citations] == [
        "2024-04-10T14:30:00.000000Z",
        "2024-04-09T00:00:00.000001Z",
    ]
    assert f.said_at_of(fact) == "2024-04-09T00:00:00.000001Z"
