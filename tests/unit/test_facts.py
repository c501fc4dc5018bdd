"""Facts as bytes: what every type looks like in the log, for ever."""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Final

import msgspec
import pytest
from msgspec import Struct

from events import facts as f
from events.log.entry import canonical, decode
from events.log.merkle import leaf_hash
from tests.golden_facts import SALT, entry_of, golden, parts_of, required
from tests.unit.examples import BEFORE, EXAMPLES, FULL, MINIMAL

GOLDEN: Final = golden()
READ_AS: Final = {**BEFORE, **EXAMPLES}


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


def test_every_version_of_every_type_has_golden_bytes_for_all_it_can_say_and_for_the_least() -> None:
    assert {parts_of(name) for name in GOLDEN} == required()
    assert set(GOLDEN) == set(READ_AS)
    assert len(f.TYPES) == 31


def test_a_new_version_of_a_type_and_a_new_type_lack_golden_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(f.VERSIONS, "announcement.made", 2)
    monkeypatch.setitem(f.VERSIONS, "announcement.dreamt", 1)

    lacking = required() - {parts_of(name) for name in GOLDEN}

    assert {(name, v) for name, v, _ in lacking} == {("announcement.made", 2), ("announcement.dreamt", 1)}
    assert len(lacking) == 4


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


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_data_reads_back_as_the_fact(name: str) -> None:
    type_name, v, _ = parts_of(name)

    assert f.read(type_name, v, GOLDEN[name]["data"].encode()) == READ_AS[name]


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_fact_has_its_golden_entry(name: str) -> None:
    assert entry_of(name).decode() == GOLDEN[name]["entry"]


@pytest.mark.parametrize("name", GOLDEN)
def test_a_golden_entry_is_of_its_data_and_has_its_leaf(name: str) -> None:
    golden = GOLDEN[name]

    entry = golden["entry"].encode()

    assert in_canonical_form(json.loads(entry)) == entry
    assert (decode(entry).type, decode(entry).v) == parts_of(name)[:2]
    assert list(decode(entry).tags) == golden["tags"] == sorted(golden["tags"])
    assert decode(entry).data_hash == sha256(b"\x02" + SALT + golden["data"].encode()).hexdigest()
    assert leaf_hash(entry).hex() == golden["leaf"] == sha256(b"\x00" + entry).hexdigest()


@pytest.mark.parametrize("fact", EXAMPLES.values(), ids=EXAMPLES)
def test_only_what_a_source_says_carries_the_time_it_was_said(fact: f.AnyFact) -> None:
    source_says = isinstance(fact, f.Statement) or (isinstance(fact, f.Amended) and fact.origin == "source")

    assert f.said_at_of(fact) == ("2024-04-09T00:00:00.000001Z" if source_says else None)


@pytest.mark.parametrize("name", GOLDEN)
def test_a_fact_is_read_whatever_a_later_program_adds_to_it(name: str) -> None:
    type_name, v, _ = parts_of(name)
    newer = {**json.loads(GOLDEN[name]["data"]), "mood": {"colour": ["blue", None, 1.5]}}

    assert f.read(type_name, v, json.dumps(newer).encode()) == READ_AS[name]


def test_parts_of_a_fact_are_read_whatever_a_later_program_adds_to_them() -> None:
    citation = {"source": "s", "quote": "q", "said_at": "2024-04-09T00:00:00.000000Z", "page": 3}
    data = json.dumps({"announcement": "a", "citations": [citation], "when": {"edtf": "2024", "kind": "on", "x": 1}})

    fact = f.read("announcement.rescheduled", 1, data.encode())

    assert isinstance(fact, f.Rescheduled)
    assert (fact.when.edtf, fact.citations[0].source) == ("2024", "s")


def test_a_type_of_a_later_program_is_no_fact_we_know() -> None:
    assert f.read("announcement.dreamt", 1, b"{}") is None


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_later_version_of_a_type_is_no_fact_we_know_however_alike_it_looks(name: str) -> None:
    type_name, v, _ = parts_of(name)

    assert f.read(type_name, v + 1, GOLDEN[name]["data"].encode()) is None


def test_erased_data_is_no_fact_any_more() -> None:
    assert f.read("announcement.made", 1, None) is None


def test_a_statement_is_said_at_the_earliest_of_its_citations() -> None:
    fact = EXAMPLES["announcement.made full"]

    assert isinstance(fact, f.Made)
    assert [citation.said_at for citation in fact.citations] == [
        "2024-04-10T14:30:00.000000Z",
        "2024-04-09T00:00:00.000001Z",
    ]
    assert f.said_at_of(fact) == "2024-04-09T00:00:00.000001Z"
