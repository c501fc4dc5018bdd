"""What holds for every expression: it survives writing and reading, has an order and has words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.edtf import EdtfError, command_when, format, inside, kind_of, overlaps, parse
from events.words import words
from tests.strategies.edtf import expressions

EDTF_SIGNS = "0123456789XYSETZ?~%-+:./,[]{} "
KINDS = st.sampled_from((None, "on", "deadline", "until", "from", "between", "undated"))


@given(expressions())
def test_an_expression_that_is_written_and_read_again_is_the_same(text: str) -> None:
    edtf = parse(text)

    assert format(edtf) == text
    assert parse(format(edtf)) == edtf


@given(expressions())
def test_a_last_day_is_never_before_the_first_and_due_never_before_the_last(text: str) -> None:
    edtf = parse(text)

    if edtf.earliest is not None and edtf.latest is not None:
        assert edtf.earliest <= edtf.latest
    if edtf.latest is None or edtf.due_latest is None:
        assert edtf.latest is edtf.due_latest
    else:
        assert edtf.latest <= edtf.due_latest


@given(expressions())
def test_an_expression_lies_inside_itself_and_overlaps_its_own_bounds(text: str) -> None:
    edtf = parse(text)

    assert inside(edtf, edtf)
    assert overlaps(edtf, edtf.earliest, edtf.latest)


@given(st.lists(expressions(), min_size=2, max_size=6))
def test_the_order_of_expressions_is_total_and_follows_the_first_day(texts: list[str]) -> None:
    ordered = sorted(map(parse, texts), key=lambda edtf: edtf.sort_key)

    firsts = [float("-inf") if edtf.earliest is None else edtf.earliest for edtf in ordered]
    assert firsts == sorted(firsts)
    assert len({edtf.sort_key for edtf in ordered}) == len(set(texts))


@given(expressions(), KINDS)
def test_every_expression_has_words_without_edtf_punctuation(text: str, kind: str | None) -> None:
    said = words(parse(text), kind)

    assert said.strip() == said != ""
    assert not re.search(r"X|Y|\?|~|%|\[|\]|\{|\}|/|\.|  |--|\bNone\b", said), said


@given(expressions())
def test_what_a_command_may_say_has_a_bound_and_a_kind(text: str) -> None:
    try:
        edtf = command_when(text)
    except EdtfError:
        return

    assert (edtf.earliest, edtf.latest) != (None, None)
    assert kind_of(edtf) != "undated"


@given(st.one_of(st.text(max_size=220), st.text(EDTF_SIGNS, max_size=220)))
def test_any_text_is_read_or_refused_with_the_place(text: str) -> None:
    assert_read_or_refused(text)


@given(expressions(), st.data())
def test_an_expression_with_one_character_changed_is_read_or_refused(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text)))
    rest = text[place + data.draw(st.integers(0, 1)) :]

    assert_read_or_refused(text[:place] + data.draw(st.sampled_from(EDTF_SIGNS)) + rest)


def assert_read_or_refused(text: str) -> None:
    refused = None
    try:
        edtf = parse(text)
    except EdtfError as error:
        refused = error
    if refused is None:
        assert edtf.text == text == format(edtf)
    else:
        assert 0 <= refused.offset <= len(text)
        assert f"(character {refused.offset + 1})" in str(refused)


@pytest.mark.parametrize("text", ["X" * 200, "[" + "1," * 99 + "]", "{" + "..," * 66 + "}", "Y" + "9" * 199, "-" * 200])
def test_long_nonsense_is_refused(text: str) -> None:
    with pytest.raises(EdtfError):
        parse(text)
