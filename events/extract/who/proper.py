"""Proper names that no gazetteer knows: where a run of capitals begins and ends, and what it may be."""

from collections.abc import Sequence
from typing import Final

from events.extract.who.gazetteer import Kind
from events.extract.who.name_words import (
    COMMON_NOUNS,
    COMPANY_WORDS,
    GIVEN_AND_PLACE,
    GIVEN_NAMES,
    HONORIFICS,
    JOINS,
    NOT_NAMES,
    ORGANISATION_WORDS,
    PARTICLES,
    PLACE_WORDS,
    RANKS,
    SAYING,
)

RUN_WORDS_MAX: Final = 12
"""A longer run is a heading."""

_AFTER_PERSON: Final = frozenset(("who", "whose", "aged"))


def is_name_word(word: str) -> bool:
    """Return whether a word is written with a capital and is no ordinary word that may be."""
    return word[0].isupper() and word.lower() not in NOT_NAMES


def run_end(words: Sequence[str], plain: Sequence[str], start: int) -> int:
    """Return where the run of capitals that begins at `start` ends. `plain` has the words without `'s`."""
    end = start
    headed = False  # A word such as "Center" lets "for", "of" and "and" follow.
    last = min(len(words), start + RUN_WORDS_MAX)
    while end < last:
        word = words[end]
        if is_name_word(plain[end]):
            headed = headed or plain[end].lower() in ORGANISATION_WORDS
            end += 1
            if plain[end - 1] != word:
                break
        elif (joined := _joined(words, end, start, headed=headed, last=last)) > end:
            end = joined
        else:
            break
    return end


def _joined(words: Sequence[str], at: int, start: int, *, headed: bool, last: int) -> int:
    """Return where the run goes on after words that only join; `at` where it does not."""
    if at == start:
        return at
    word = words[at]
    stop = at + 1
    if word == ".":
        initial = len(words[at - 1]) == 1 or words[at - 1] in ("St", "Jr", "Sr")
        return stop if initial and stop < last and is_name_word(words[stop]) else at
    if (
        headed
        and word in JOINS
        and not (word == "and" and "of" not in words[start:at] and "for" not in words[start:at])
    ):
        while stop < last and words[stop] in ("the", "a", "an", "and"):
            stop += 1
        # "in" and "to" join names hardly ever.
        return stop if word not in ("in", "to") and stop < last and is_name_word(words[stop]) else at
    if word in PARTICLES or word in ("-", "&"):
        while stop < last and words[stop] in PARTICLES:
            stop += 1
        if word == "-" and stop < last and words[stop][0].islower() and words[at - 1].lower() not in ("al", "el"):
            return at
        return stop if stop < last and words[stop][0].isupper() and is_name_word(words[stop]) else at
    return at


def is_common(word: str) -> bool:
    """Return whether a word alone is a common noun, whatever its first letter: "Act", "Battle", "Union"."""
    lower = word.lower()
    return lower in COMMON_NOUNS or lower in PLACE_WORDS or (is_company_or_organisation(word) and not word.isupper())


def is_honorific(word: str) -> bool:
    """Return whether a person's name follows such a word."""
    return word.lower() in HONORIFICS


def is_company_or_organisation(word: str) -> bool:
    """Return whether a name that ends with the word is a company's or an organisation's."""
    return word.lower() in COMPANY_WORDS or word.lower() in ORGANISATION_WORDS


def rank(words: Sequence[str], start: int, end: int) -> tuple[int, int]:
    """Return where a rank ("Vice Chairman") begins in a run of capitals, and the name of who holds it: after it.

    Both are `start` where the run has none, or is an organisation's name.
    """
    if is_company_or_organisation(words[end - 1]):
        return start, start
    last = next((at for at in range(end - 2, start - 1, -1) if is_honorific(words[at])), None)
    if last is None:
        return start, start
    first = last
    while first > start and (is_honorific(words[first - 1]) or words[first - 1].lower() in RANKS):
        first -= 1
    after = last + 1 + (words[last + 1] == ".")
    return (first, after) if after < end else (start, start)


def kind_of(words: Sequence[str], before: str, after: Sequence[str]) -> Kind:
    """Return what a run most likely is: by its last word, its first, and the words around it."""
    last = words[-1].lower()
    lower = [word.lower() for word in words]
    if last in COMPANY_WORDS or "&" in words:
        return "company"
    if any(word in ORGANISATION_WORDS for word in lower):
        return "organisation"
    if last in PLACE_WORDS or lower[0] in ("mount", "lake", "cape", "fort", "port", "gulf", "camp"):
        return "place"
    if is_honorific(before) or (len(words) > 1 and (lower[0] in GIVEN_NAMES or lower[0] in GIVEN_AND_PLACE)):
        return "person"
    apposed = before == "," and after[:1] == [","]
    tells = apposed or before.lower() in SAYING or _tells_of_person(after)
    if tells and 2 <= len(words) <= 4 and not words[-1].isupper():
        return "person"
    return "organisation"


def _tells_of_person(after: Sequence[str]) -> bool:
    """Return whether what follows is ", who", ", a professor", ", 52,"."""
    if after and after[0] in SAYING:
        return True
    if len(after) < 2 or after[0] != ",":
        return False
    return after[1] in _AFTER_PERSON or after[1].isdigit() or any(is_honorific(word) for word in after[1:4])
