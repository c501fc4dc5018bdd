"""Amounts of money in sentences of our own."""

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.extract.text import sentences
from events.extract.who.amounts import Money, amounts


def found(text: str) -> list[Money]:
    return [money for sentence in sentences(text) for money in amounts(sentence)]


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("$14 billion", "14000000000", "USD"),
        ("$14.9 billion bid", "14900000000", "USD"),
        ("US$5 million", "5000000", "USD"),
        ("A$1.2 billion", "1200000000", "AUD"),
        ("C$300m", "300000000", "CAD"),
        ("£3.5m", "3500000", "GBP"),
        ("€4bn", "4000000000", "EUR"),
        ("¥500 billion", "500000000000", "JPY"),
        ("4 trillion yen", "4000000000000", "JPY"),
        ("1.5 million Swiss francs", "1500000", "CHF"),
        ("2 billion pounds", "2000000000", "GBP"),
        ("EUR 300 million", "300000000", "EUR"),
        ("300 million EUR", "300000000", "EUR"),
        ("Rs 500 crore", "5000000000", "INR"),
        ("$1,250.75", "1250.75", "USD"),
        ("$0.1 trillion", "100000000000", "USD"),
        ("a 500-million-euro plan", "500000000", "EUR"),
        ("a billion dollars", "1000000000", "USD"),
        ("two billion yen", "2000000000", "JPY"),
        ("half a million pounds", "500000", "GBP"),
        ("45 euros", "45", "EUR"),
        ("$1.23456789 million", "1234567.89", "USD"),
    ],
)
def test_an_amount_is_an_exact_decimal_and_a_currency(text: str, value: str, currency: str) -> None:
    [money] = found(f"They will pay {text} for it.")

    assert (money.amount.value, money.amount.currency) == (value, currency)


@pytest.mark.parametrize(
    ("text", "qualifier"),
    [
        ("nearly $14 billion", "nearly"),
        ("up to €4bn", "up to"),
        ("more than $4 billion", "more than"),
        ("at least 20 million pounds", "at least"),
        ("about 3 trillion yen", "about"),
    ],
)
def test_the_words_that_qualify_an_amount_belong_to_its_text(text: str, qualifier: str) -> None:
    [money] = found(f"They will pay {text} for it.")

    assert (money.amount.text, money.qualifier) == (text, qualifier)


@pytest.mark.parametrize(
    "text",
    [
        "between $2 billion and $3 billion",
        "between $2 and $3 billion",
        "between 2 and 3 billion dollars",
        "$2 billion to $3 billion",
        "$2 to $3 billion",
        "$2-3 billion",
        "$2bn-$3bn",
        "$2-$3bn",
        "2 to 3 billion dollars",
    ],
)
def test_of_a_range_both_ends_are_given(text: str) -> None:
    assert [money.amount.value for money in found(f"It costs {text}.")] == ["2000000000", "3000000000"]


def test_a_number_before_an_amount_is_no_amount() -> None:
    assert [money.amount.value for money in found("In 2024 and 2025 it made 7 and $3 billion.")] == ["3000000000"]


@pytest.mark.parametrize(
    "text",
    [
        "It has 11 members, 3 million users and 20 percent.",
        "In May 2024 the team won 3 games, and group 2 won 4.",
        "It weighs 300 pounds, said Article 5 of AUD.",
        "They meet at 5 pm on Flight 370.",
    ],
)
def test_numbers_that_are_no_money_are_left_alone(text: str) -> None:
    assert found(text) == []


PIECES = (
    "$", "€", "US$", "1", "2.5", "1,000", "١", " ", "-", "to", "and", "between", "billion", "bn", "m", "thouſand", "a",
    "half a", "euros", "pounds", "won", "EUR", "yen", ",", ".", "up to", "K", "ı",
)  # fmt: skip


@settings(deadline=None)
@given(
    st.one_of(
        st.text(), st.lists(st.sampled_from(PIECES)).map(" ".join), st.lists(st.sampled_from(PIECES)).map("".join)
    )
)
def test_whatever_is_read_an_amount_is_a_decimal_that_stands_there(text: str) -> None:
    several = found(text)

    assert all(text[money.start : money.end] == money.amount.text for money in several)
    assert all(re.fullmatch(r"[0-9]+(\.[0-9]*[1-9])?", money.amount.value) for money in several)
    assert all(before.end <= after.start for before, after in pairwise(several))
