"""Whatever is read: nothing is raised, spans are the text's own, values are EDTF, and time is linear."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.edtf import parse
from events.extract.dates.expressions import expressions
from events.extract.dates.lexicon import words_known
from events.extract.reading import Profile, Publication
from events.extract.text import sentences

DAYS = st.sampled_from([1, 2, 365, 734_000, 738_000, 739_000, 3_652_000, 3_652_059])
PUBLICATIONS = st.builds(
    Publication, day=DAYS, language=st.sampled_from(["en", "en-GB", "de"]), country=st.sampled_from([None, "US", "GB"])
)
PROFILES: st.SearchStrategy[Profile] = st.sampled_from(["dates", "timeml"])
NUMBERS = st.sampled_from(
    [
        *("0", "00", "1", "9", "31", "32", "99", "480", "999", "1939", "9999", "1,000", "1st", "38th", "9990s", "90s"),
        *("2007-08", "2024-02-30", "25/13/2025", "99/99/9999", "1/2/3", "2003/04", "9,1918", "10,1940"),
        *("10:99", "24:00", "12.30", "$5", "5%"),
    ]
)
WORDS = st.one_of(
    st.sampled_from(words_known()),
    st.sampled_from(words_known()).map(str.capitalize),
    NUMBERS,
    st.sampled_from([".", ",", "-", "–", "'", "(", "\n", "it's", "will", "said", "not", "Smith"]),
)
GRAMMATICAL = st.lists(st.tuples(WORDS, st.sampled_from([" ", " ", "", "-"])), max_size=40).map(
    lambda pairs: "".join(word + blank for word, blank in pairs)
)
TEXTS = st.one_of(GRAMMATICAL, st.text(max_size=200))
CHARACTERS = 100_000
SECONDS_MAX = 4
"""A second is promised; a machine that runs other tests meanwhile gets four. What is quadratic takes minutes."""


@given(text=TEXTS, published=PUBLICATIONS, profile=PROFILES)
def test_every_expression_is_a_part_of_the_text_with_a_value(
    text: str, published: Publication, profile: Profile
) -> None:
    found = expressions(list(sentences(text)), published, profile=profile)

    for each in found:
        assert text[each.start : each.end] == each.text
        assert each.text
        assert each.timex.value
        if each.edtf is not None:
            parse(each.edtf)
    assert all(left.end <= right.start for left, right in pairwise(found))
    assert profile == "timeml" or all(each.edtf is not None for each in found)


@given(text=TEXTS, published=PUBLICATIONS, profile=PROFILES)
def test_the_same_text_gives_the_same_answer(text: str, published: Publication, profile: Profile) -> None:
    first = expressions(list(sentences(text)), published, profile=profile)

    assert expressions(list(sentences(text)), published, profile=profile) == first


@pytest.mark.parametrize(
    "words",
    [
        "the ", "Jan. ", "Monday ", "10 April ", "from May to ", "the end of the ", "twenty-", "2024-", "1 ", "ago ",
        "at 10:30 a.m. on Wednesday ", "the second quarter of the ", ".", "nearly almost about over ", "said Monday, ",
    ],
)  # fmt: skip
def test_no_repetition_takes_more_than_its_length(words: str) -> None:
    text = (words * CHARACTERS)[:CHARACTERS]
    published = Publication(day=739_000, country="US")

    began = time.perf_counter()
    expressions(list(sentences(text)), published)

    assert time.perf_counter() - began < SECONDS_MAX
