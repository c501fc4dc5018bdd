"""What a search asks for, what is searched, and what a match shows."""

import random
import unicodedata
from collections.abc import Iterator

import msgspec
import pytest

from events.history import History
from events.log.build import sqlite3
from events.record import Announcement
from events.terms import Citation
from events.views.searching import (
    BORDER,
    SOUGHT_CHARACTERS_MAX,
    TEXT_CHARACTERS_MAX,
    TOKENIZER,
    NothingSought,
    columns_of,
    hits,
    sought,
    texts_of,
)
from tests.given import made
from tests.strategies.histories import Drawing, in_commits
from tests.torture import tries

HOSTILE = "\"“”*^:(){}[]+-,.;\\/\x00\x01\x1f\ud800\ue000 \u0301éaANDORNOTNEAR😀日́ł\u200b%_?|&~#@!<>='`"


@pytest.fixture(scope="module")
def index() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.execute(f'CREATE VIRTUAL TABLE search USING fts5(title, quote, reason, tokenize="{TOKENIZER}")')
    connection.execute("INSERT INTO search VALUES ('A visit', 'AND so on', 'NOT near')")
    yield connection
    connection.close()


def announcement(**more: object) -> Announcement:
    told = Drawing(lambda values: values[0])
    told.facts.append(made("a", title="The visit"))
    found = History("a", in_commits(told)).now
    assert found is not None
    return msgspec.structs.replace(found, **more)


def marked(q: str, **more: object) -> list[tuple[str, list[str]]]:
    """Return the fields of matches with the words that are marked in them."""
    (hit,) = hits([announcement(**more)], sought(q))
    return [(match.field, [match.text[start:end] for start, end in match.marks]) for match in hit.matches]


@pytest.mark.parametrize(
    ("q", "expression"),
    [
        ("visit", '"visit" *'),
        ("state visit", '"state" "visit" *'),
        ("sta* visit", '"sta*" * "visit" *'),
        ('"state visit"', '"state visit"'),
        ("“state visit” japan", '"state visit" "japan" *'),
        ('japan "state visit"', '"japan" "state visit"'),
        ('japan "state vis', '"japan" "state vis"'),
        ("AND OR NOT", '"AND" "OR" "NOT" *'),
        ("title:visit", '"title:visit" *'),
        ("visit - 😀", '"visit"'),
        ("visit\x00now", '"visit" "now" *'),
        ("Łódź", '"Lódź" *'),
    ],
)
def test_words_have_all_to_occur_and_the_last_one_need_only_begin_so(q: str, expression: str) -> None:
    assert sought(q).all() == expression


@pytest.mark.parametrize("q", ["", " ", '""', "*", "- – …", "😀", '"*"', BORDER, "\x00", "\u0301"])
def test_what_has_no_word_is_refused(q: str) -> None:
    with pytest.raises(NothingSought, match="no word"):
        sought(q)


def test_too_long_a_search_is_refused() -> None:
    sought("a" * SOUGHT_CHARACTERS_MAX)

    with pytest.raises(NothingSought, match="characters"):
        sought("a" * (SOUGHT_CHARACTERS_MAX + 1))


def test_a_word_that_is_asked_for_twice_is_looked_for_once() -> None:
    assert sought("a a b a").all() == '"a" "b" "a" *'


def test_nothing_that_is_typed_is_taken_for_the_language_of_the_index(index: sqlite3.Connection) -> None:
    chance = random.Random(3)
    for _ in range(tries(3_000, 100_000)):
        q = "".join(chance.choices(HOSTILE, k=chance.randrange(1, 20)))
        try:
            asked = sought(q)
        except NothingSought:
            continue
        for query in (asked.all(), asked.in_title(), asked.elsewhere(), asked.any()):
            index.execute("SELECT rowid FROM search WHERE search MATCH ?", (query,)).fetchall()


def test_titles_quotes_and_reasons_are_searched_and_nothing_else() -> None:
    one = announcement(
        translations={"fr": "La visite"}, places=("Washington",), topics=("defence",), refs=("https://example.org",)
    )

    assert [(text.field, text.text) for text in texts_of(one)] == [
        ("title", "The visit"),
        ("translation", "La visite"),
        ("quote", "as they say"),
    ]
    assert columns_of(one) == (f"La visite {BORDER} The visit", "as they say", "")


def test_marks_are_what_matched_in_code_points_of_the_text_that_is_shown() -> None:
    title = "🙂 L’Élysée dit: “visite d’État” à Łódź 🙂"

    assert marked("elysee etat LODZ", title=title) == [("title", ["Élysée", "État", "Łódź"])]
    assert marked('"dit visite" zz', title=title) == [("title", ["dit: “visite"])]
    assert marked("vis", title=title) == [("title", ["visite"])]
    assert marked(unicodedata.normalize("NFD", "Élysée"), title=title) == [("title", ["Élysée"])]


def test_a_long_text_is_cut_around_the_first_mark() -> None:
    (hit,) = hits([announcement(title="x " * 400 + "summit " + "y " * 400)], sought("summit"))
    (match,) = hit.matches
    ((start, end),) = match.marks

    assert len(match.text) == TEXT_CHARACTERS_MAX
    assert (match.text[0], match.text[start:end], match.text[-1]) == ("…", "summit", "…")


def test_the_end_of_a_long_text_is_shown_as_a_whole() -> None:
    (hit,) = hits([announcement(title="x " * 400 + "the last summit")], sought("summit"))

    assert hit.matches[0].text.endswith("x the last summit")
    assert len(hit.matches[0].text) == TEXT_CHARACTERS_MAX - 1


def test_a_phrase_does_not_reach_from_one_quote_into_the_next() -> None:
    quoted = tuple(Citation(source="s", quote=quote, said_at="") for quote in ("one two", "three four"))

    _, quotes, _ = columns_of(announcement(citations=quoted))

    assert quotes == f"one two {BORDER} three four"
    assert marked('"two three"', citations=quoted) == []


def test_signs_that_mark_matches_are_nothing_in_a_text() -> None:
    assert marked("visit", title="a \x02visit\x03 b") == [("title", ["visit"])]
