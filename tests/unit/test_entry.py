"""The bytes an event is stored as: golden for ever, and RFC 8785 whatever the text."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from events.log.entry import Entry, NotCanonical, canonical, data_hash, decode, encode, event_of, uuid7
from events.log.merkle import leaf_hash

SALT = bytes(range(16))
DATA = '{"citations":[],"title":"State visit – 訪米"}'.encode()
FULL = Entry(
    by="admin",
    causation=3,
    commit=(6, 2),
    correlation="4bf92f3577b34da6a3ce929d0e0e4736",
    data_hash=data_hash(SALT, DATA),
    id="018ec7e1-1200-7abc-8def-0123456789ab",
    position=7,
    recorded_at="2024-04-10T12:00:00.000000Z",
    said_at="2024-04-09T08:30:00.000001Z",
    tags=("actor:Ōsaka", "announcement:visit"),
    type="announcement.made",
    v=1,
)
# Keys sorted, no blanks, UTF-8, optional keys absent: a byte changed here changes every proof ever given.
FULL_BYTES = (
    b'{"by":"admin","causation":3,"commit":[6,2],"correlation":"4bf92f3577b34da6a3ce929d0e0e4736",'
    b'"data_hash":"d0185a271ad6845fdd68e80f53893f0ef4850af81d818bddb3e5f92393aba67e",'
    b'"id":"018ec7e1-1200-7abc-8def-0123456789ab","position":7,"recorded_at":"2024-04-10T12:00:00.000000Z",'
    b'"said_at":"2024-04-09T08:30:00.000001Z","tags":["actor:\xc5\x8csaka","announcement:visit"],'
    b'"type":"announcement.made","v":1}'
)
SHORT = msgspec.structs.replace(FULL, causation=None, correlation=None, said_at=None, tags=(), commit=(7, 1))
SHORT_BYTES = (
    b'{"by":"admin","commit":[7,1],'
    b'"data_hash":"d0185a271ad6845fdd68e80f53893f0ef4850af81d818bddb3e5f92393aba67e",'
    b'"id":"018ec7e1-1200-7abc-8def-0123456789ab","position":7,"recorded_at":"2024-04-10T12:00:00.000000Z",'
    b'"tags":[],"type":"announcement.made","v":1}'
)

texts = st.text(st.characters(exclude_categories=["Cs"]))
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def by_rfc_8785(value: object) -> str:
    """Write RFC 8785 by the letter, for values without floats."""
    match value:
        case dict():
            keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
            return "{" + ",".join(f"{by_rfc_8785(key)}:{by_rfc_8785(value[key])}" for key in keys) + "}"
        case list():
            return "[" + ",".join(map(by_rfc_8785, value)) + "]"
        case _:
            return json.dumps(value, ensure_ascii=False)


def test_an_entry_has_the_golden_bytes() -> None:
    assert encode(FULL) == FULL_BYTES
    assert encode(SHORT) == SHORT_BYTES


def test_a_leaf_has_the_golden_hash() -> None:
    assert leaf_hash(FULL_BYTES).hex() == "b1fda32ecbf13793ea732bc0b7859a6cd1454d41b77ff8f7482ccbf25a8fdd11"
    assert leaf_hash(SHORT_BYTES).hex() == "145da0851f363ebc32b31bbe00be46d57466a7007793f50776fda2dad7ea8421"


def test_the_data_hash_covers_salt_and_data() -> None:
    assert data_hash(SALT, DATA) == "d0185a271ad6845fdd68e80f53893f0ef4850af81d818bddb3e5f92393aba67e"
    assert len({data_hash(SALT, DATA), data_hash(bytes(16), DATA), data_hash(SALT, DATA + b" ")}) == 3


def test_an_entry_is_read_back_whole() -> None:
    assert decode(FULL_BYTES) == FULL
    assert decode(SHORT_BYTES) == SHORT
    event = event_of(FULL_BYTES, DATA)
    assert (event.position, event.commit, event.tags, event.data) == (7, (6, 2), FULL.tags, DATA)
    assert event_of(SHORT_BYTES, None).data is None


def test_an_entry_is_rfc_8785() -> None:
    for content in (FULL_BYTES, SHORT_BYTES):
        assert by_rfc_8785(json.loads(content)).encode() == content


@given(plain)
def test_canonical_json_is_rfc_8785(value: object) -> None:
    assert canonical(value).decode() == by_rfc_8785(value)


@given(texts, texts)
def test_an_entry_is_rfc_8785_whatever_its_texts(by: str, tag: str) -> None:
    content = encode(msgspec.structs.replace(FULL, by=by, tags=(tag,)))

    assert by_rfc_8785(json.loads(content)).encode() == content


def test_keys_are_sorted_by_utf_16_units_not_by_code_points() -> None:
    """The example of RFC 8785, section 3.2.3."""
    value = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "\u00f6": 7}

    assert list(json.loads(canonical(value)).values()) == [2, 4, 6, 7, 1, 5, 3]


def test_the_escapes_are_those_of_rfc_8785() -> None:
    value = "\x00\x1f\b\t\n\f\r\"\\/\x7f\u2028\u20ac<&'"

    assert canonical(value) == '"\\u0000\\u001f\\b\\t\\n\\f\\r\\"\\\\/\x7f\u2028\u20ac<&\'"'.encode()


def test_the_fields_of_a_struct_are_sorted_and_its_absent_ones_left_out() -> None:
    class Fact(Struct, frozen=True, kw_only=True, omit_defaults=True):
        title: str
        amount: str | None = None
        citations: tuple[str, ...]

    assert canonical(Fact(title="t", citations=("c",))) == b'{"citations":["c"],"title":"t"}'


@pytest.mark.parametrize("value", [1.0, 2**53, -(2**53), {"a": [0.5]}, "\ud800", {"\udfff": 1}])
def test_what_readers_would_read_differently_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


def test_a_uuidv7_has_the_time_the_version_and_the_variant_in_place() -> None:
    assert uuid7(0x018EC7E11200, b"\xff" * 10) == "018ec7e1-1200-7fff-bfff-ffffffffffff"
    assert uuid7(0x018EC7E11200, b"\x00" * 10) == "018ec7e1-1200-7000-8000-000000000000"
