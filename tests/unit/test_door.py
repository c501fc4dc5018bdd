"""The door: bodies that are all right at sight are read as those that are looked through."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.door import NESTING_MAX, checked, plainly
from api.problems import Fault
from events.log.entry import EXACT_INTEGER_MAX, canonical
from tests.torture import tries

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20) | st.text('ab \\"\x7f{[null', max_size=20)
NUMBERS = st.integers(-(2**60), 2**60) | st.floats(allow_nan=True)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


LITERALS = st.sampled_from([
    "0", "-0", "1.0", "1e3", "-1E-2", "1e400", "9007199254740991", "-9007199254740991", "9007199254740992",
    "1234567890123456789012345", "true", '"123456789012345678"', '"a:b"', '"\\n"', '"\x85"', '"\U0001f600"', "[]", "{}",
])  # fmt: skip
NAMES = st.sampled_from(["a", "b", "é", "\uffee", "\U0001f600", ":", "ab"])


TEXTS_OF_VALUES = st.recursive(
    LITERALS,
    lambda inner: st.lists(st.tuples(NAMES, st.sampled_from([":", " : "]), inner), max_size=4).map(
        lambda pairs: "{" + ",".join(f'"{name}"{colon}{value}' for name, colon, value in pairs) + "}"
    ),
    max_leaves=10,
)
"""Values as they may be written: names repeat, and numbers look like anything."""


@pytest.mark.torture
@settings(max_examples=tries(300, 20_000), deadline=None)
@given(text=TEXTS_OF_VALUES)
def test_however_a_body_is_written_it_is_read_at_sight_as_with_care(text: str) -> None:
    at_sight = plainly(text.encode())

    if at_sight is not None:
        assert at_sight == canonical(checked(text.encode()))


@pytest.mark.torture
@settings(max_examples=tries(300, 20_000), deadline=None)
@given(value=VALUES, ascii=st.booleans(), indent=st.sampled_from([None, 1]))
def test_what_is_read_at_sight_is_what_is_read_with_care(value: Any, ascii: bool, indent: int | None) -> None:
    body = json.dumps(value, ensure_ascii=ascii, indent=indent).encode()

    at_sight = plainly(body)

    if at_sight is not None:
        assert at_sight == canonical(checked(body))


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": 1, "a": 1}',
        b'{"a" : 1, "a" : ":"}',
        b'{"a": 1.0}',
        '{"a": "\x85"}'.encode(),
        b'{"a": 12345678901234567890123}',
        b'{"a": 1.5}',
        b'{"a": NaN}',
        b'{"a": %d}' % (EXACT_INTEGER_MAX + 1),
        b'{"a": null}',
        b'{"a": "\\u0000"}',
        b'{"a": "\x7f"}',
        b'{"a": "\x00"}',
        b'{"a": "\\ud800"}',
        b"[" * (NESTING_MAX + 1) + b"]" * (NESTING_MAX + 1),
        b'{"a": 1} {"b": 2}',
        b"{",
    ],
)
def test_what_is_wrong_is_not_read_at_sight(body: bytes) -> None:
    assert plainly(body) is None
    with pytest.raises(Fault):
        checked(body)


def test_an_ordinary_body_is_read_at_sight() -> None:
    body = b'{\n  "title": "It is null and void",\n  "when": "2024-04-10", "list": [1, true, {"b": 1, "a": 2}]\n}'

    assert plainly(body.replace(b"null", b"nil")) == canonical(checked(body.replace(b"null", b"nil")))
    assert plainly(body) is None  # It may be one that stands alone.
