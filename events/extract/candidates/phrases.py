"""Phrases of a sentence as a title says them: without dates, pronouns and asides, at most twelve words."""

import re
from collections.abc import Container, Sequence
from typing import Final

from events.extract.clauses.forms import FORMS, NOUNS_TOO, participle_of, past_of
from events.extract.clauses.modality import GIVEN_UP, MOVES, STANDS, Meaning
from events.extract.clauses.verbs import PREPOSITIONS, STANDS_FOR, VerbGroup
from events.extract.text import Sentence

TITLE_WORDS_MAX: Final = 12
ARTICLES: Final = frozenset("the a an".split())
POSSESSIVES: Final = frozenset("his her its their our my your".split())
PRONOUNS: Final = frozenset(
    "he she it they we i you him them us me himself herself itself themselves this that these those there "
    "who which whom whose ours theirs hers mine yours one so".split()
)
_ENDS: Final = frozenset([";", ":", "–", "—", "“", "”", '"', "(", ")", "…", "?", "!"])
_CUTS: Final = frozenset(
    "which who whom whose where when while although though because if unless whereas after before until as amid "
    "despite that so whether following but".split()
)
_DATE_LEADS: Final = frozenset("on in at for during by from of".split())
_OVER: Final = re.compile(r"\bmore than(?= [$€£])")
_MONEY: Final = re.compile(r"([$€£][0-9][0-9.,]*) (million|billion|trillion)\b")
_PERSONAL: Final = frozenset("he she it they we i you him them us me".split())
_NAMES: Final = frozenset(("US", "IT"))
"""What would be pronouns, were they not written large."""
_PARTICLES: Final = frozenset("through over up off out down back away".split())
_ALWAYS: Final = frozenset("as when while if because although unless amid despite who which".split())
_ANNOUNCED: Final = frozenset("expect plan schedule propose anticipate forecast".split())
_LOOSE: Final = frozenset("also meanwhile therefore however already just now soon again then currently either".split())


def phrase(sentence: Sentence, indexes: Sequence[int]) -> str:
    """Return words of a sentence as they are written, a blank where some between them were left out."""
    if not indexes:
        return ""
    first, last = indexes[0], indexes[-1]
    if last - first + 1 == len(indexes):
        return " ".join(sentence.between(sentence.starts[first], sentence.ends[last]).split()).strip(" ,.;:")
    parts: list[str] = []
    for number, index in enumerate(indexes):
        if number:
            before = indexes[number - 1]
            if index != before + 1 or sentence.starts[index] > sentence.ends[before]:
                parts.append(" ")
        parts.append(sentence.words[index])
    text = "".join(parts)
    for mark in (" ,", " .", " ;", " :"):
        text = text.replace(mark, mark.strip())
    return text.strip(" ,.;:")


def noun_phrase(sentence: Sentence, start: int, end: int, dated: Container[int]) -> list[int]:
    """Return the words of a subject: no article at the front, no date, no aside after a comma."""
    lower = sentence.lower
    kept = [index for index in without_dates(sentence, start, end, dated) if lower[index] not in _LOOSE]
    kept = [index for index in kept if lower[index] not in POSSESSIVES]
    if len(kept) > 1 and lower[kept[0]] in ("this", "that", "these", "those"):
        kept.pop(0)
    while kept and (lower[kept[0]] in ARTICLES or lower[kept[0]] in ("and", "but", "or") or _is_mark(lower[kept[0]])):
        kept.pop(0)
    return _trimmed(lower, kept)


def _is_participle(lower: Sequence[str], index: int) -> bool:
    form = FORMS.get(lower[index])
    return lower[index] == "due" or (form is not None and "n" in form[1] and "b" not in form[1])


def _is_mark(word: str) -> bool:
    return not word[0].isalnum()


def without_dates(sentence: Sentence, start: int, end: int, dated: Container[int]) -> list[int]:
    """Return the words of a stretch but for dates, and the prepositions before them."""
    lower = sentence.lower
    kept: list[int] = []
    for index in range(start, end):
        if index in dated:
            if index - 1 not in dated and kept and kept[-1] == index - 1 and lower[index - 1] in _DATE_LEADS:
                kept.pop()
            if kept and index - 1 not in dated and len(kept) > 1 and _is_participle(lower, kept[-1]):
                kept.pop()  # "Ferries built before 1995", "talks planned for Monday".
            continue
        if lower[index] in ("'s", "’s") and index - 1 in dated:
            continue
        kept.append(index)
    return kept


def complement(
    sentence: Sentence, start: int, end: int, dated: Container[int], within: Container[int], antecedent: str
) -> list[int | str]:
    """Return the words after a verb that a title can have: up to an aside or another clause, pronouns replaced.

    `within` are commas inside a name ("Liberty, North Carolina"). `antecedent` is what "them" stands for, "" where
    that is not known: then the phrase ends before it.
    """
    lower = sentence.lower
    kept: list[int | str] = []
    for index in without_dates(sentence, start, end, dated):
        word = lower[index]
        if index not in within and ends_phrase(lower, index, end) and (kept or word not in _CUTS or word in _ALWAYS):
            break
        if _aims(lower, index, len(kept)):
            break
        if word in POSSESSIVES or (word in _LOOSE and not kept):
            continue
        if word in PRONOUNS and word not in ("that", "one", "so") and sentence.words[index] != "US":
            if antecedent and word in ("them", "it"):
                kept.append(antecedent)
                continue
            follows = lower[index + 1] if index + 1 < end else ""
            if (word in ("this", "these", "those") and follows.isalpha()) or (kept == [] and follows in PREPOSITIONS):
                continue
            if word.endswith(("self", "selves")) and follows in PREPOSITIONS:
                continue
            break
        kept.append(index)
    if len(kept) == 1 and isinstance(kept[0], int) and lower[kept[0]] in _PARTICLES:
        return kept
    return _cut_tail(lower, kept)


def ends_phrase(lower: Sequence[str], index: int, end: int) -> bool:
    """Whether a title breaks off before a word: an aside or another clause begins."""
    word = lower[index]
    if word == ",":
        return not _lists(lower, index, end)
    return word in _ENDS or (word in _CUTS and not _compares(lower, index))


def _aims(lower: Sequence[str], index: int, kept: int) -> bool:
    """Whether "to" begins what something is for ("a command to guide …") behind an object of two words or more."""
    if lower[index] != "to" or kept < 2 or index + 1 >= len(lower):
        return False
    found = FORMS.get(lower[index + 1])
    return found is not None and "b" in found[1] and lower[index + 1] not in NOUNS_TOO


def _compares(lower: Sequence[str], index: int) -> bool:
    return lower[index] in ("before", "after", "following") and index + 1 < len(lower) and lower[index + 1] in ARTICLES


def _lists(lower: Sequence[str], comma: int, end: int) -> bool:
    """Whether a comma is one of a list ("Japan, Australia and …") or of a place ("Liberty, North Carolina")."""
    rest = list(lower[comma + 1 : min(end, comma + 7)])
    if not rest or rest[0] in PREPOSITIONS or rest[0] in _CUTS or rest[0] in ("and", "but"):
        return False
    stop = next((at for at, word in enumerate(rest) if word in _ENDS), len(rest))
    return "and" in rest[:stop] or "or" in rest[:stop]


def _cut_tail(lower: Sequence[str], kept: list[int | str]) -> list[int | str]:
    dangling = ARTICLES | PREPOSITIONS | {"and", "or", "but", ",", "-", "'s", "’s", "than"}
    while kept and isinstance(kept[-1], int) and lower[kept[-1]] in dangling:
        kept.pop()
    while kept and isinstance(kept[0], int) and not lower[kept[0]][0].isalnum() and lower[kept[0]][0] not in "$€£¥":
        kept.pop(0)
    return kept


def _trimmed(lower: Sequence[str], kept: list[int]) -> list[int]:
    while kept and (lower[kept[-1]] in PREPOSITIONS or lower[kept[-1]] in (",", "and", "-", ".")):
        kept.pop()
    return kept


def spelled(sentence: Sentence, parts: Sequence[int | str]) -> str:
    """Return words of a sentence and words put in their place as one text."""
    said: list[str] = []
    run: list[int] = []
    for part in parts:
        if isinstance(part, int):
            run.append(part)
            continue
        if run:
            said.append(phrase(sentence, run))
            run = []
        said.append(part)
    if run:
        said.append(phrase(sentence, run))
    return " ".join(said)


def predicate(verb: VerbGroup, meaning: Meaning) -> str:
    """Return the verb of a title: "to visit", "not to visit", "may visit", "visited", "expected"."""
    done = participle_of(meaning.lemma)
    base = f"be {done}" if meaning.passive else meaning.lemma
    if meaning.lemma in STANDS_FOR:
        return meaning.lemma  # "Next decision due".
    if verb.lemma == "unlikely" and meaning.carried:
        return f"unlikely to {base}"
    if meaning.reason == GIVEN_UP:
        return f"to {base}"
    if meaning.modality == "denied" and meaning.reason == "called off":
        return "called off" if meaning.lemma in _ANNOUNCED or meaning.lemma == "set" else f"not to {base}"
    denied = meaning.modality == "denied" and (verb.negated or meaning.carried or meaning.reason == "denied")
    if denied or meaning.reason == STANDS:
        if verb.tense in ("past", "perfect") and not meaning.carried:
            return f"not {done}" if meaning.passive else f"did not {meaning.lemma}"
        return f"not to {base}"
    told = meaning.lemma in MOVES or meaning.lemma == "announce" or verb.negated
    if verb.tense in ("past", "perfect") and not meaning.carried and told:
        return ("not " if verb.negated else "") + (done if meaning.passive or verb.negated else past_of(meaning.lemma))
    if meaning.passive and meaning.lemma in _ANNOUNCED and not meaning.carried:
        return done  # "Decision expected", "landing planned".
    return _not_denied(verb, meaning, base, done)


def _not_denied(verb: VerbGroup, meaning: Meaning, base: str, done: str) -> str:
    modality = meaning.modality
    if modality in ("scheduled", "committed") or (modality == "expected" and (meaning.carried or not verb.modal)):
        return f"to {base}"
    if modality == "expected":
        return f"may {base}" if verb.modal != "yet" else f"yet to {base}"
    if modality == "conditional":
        return f"{verb.modal.split()[0]} {base}" if verb.tense == "modal" else f"to {base}"
    if meaning.passive:
        return done
    return past_of(meaning.lemma) if meaning.lemma != "be" else "was"


def title(subject: str, short_subject: str, predicate: str, rest: str) -> str:
    """Return a title of at most `TITLE_WORDS_MAX` words, without articles, as headlines are.

    `short_subject` serves where the subject is long; then sums are written short ("over $4bn"), then what a
    preposition adds goes.

    >>> title("Leaders of Japan and Korea", "Japan and Korea", "to sign", "a treaty on the fish of the northern seas")
    'Japan and Korea to sign treaty on fish of northern seas'
    """
    words = _words(subject, predicate, rest)
    if len(words) > TITLE_WORDS_MAX and short_subject and len(short_subject.split()) < len(subject.split()):
        words = _words(short_subject, predicate, rest)
    if len(words) > TITLE_WORDS_MAX:
        words = _MONEY.sub(_brief, _OVER.sub("over", " ".join(words))).split()
    words = _cut(words)
    phrasal = rest.strip().lower() in _PARTICLES  # "Deal to fall through".
    while words and not phrasal and words[-1].lower().strip(",") in PREPOSITIONS | ARTICLES | {"and", "or", "to"}:
        words.pop()
    text = " ".join(words).strip(" ,;:–-")
    return text[:1].upper() + text[1:]


def _brief(sum_of: re.Match[str]) -> str:
    return sum_of[1] + {"million": "m", "billion": "bn", "trillion": "tn"}[sum_of[2]]


def _cut(words: list[str]) -> list[str]:
    while len(words) > TITLE_WORDS_MAX:
        words = _shorter(words, keep=max(4, TITLE_WORDS_MAX - 5))
    return words


def _words(subject: str, predicate: str, rest: str) -> list[str]:
    words = f"{subject} {predicate} {rest}".split()
    following = [*words[1:], ""]
    return [
        word
        for word, after in zip(words, following, strict=True)
        if (word.lower() not in ARTICLES or after == "Hague") and (word.lower() not in _PERSONAL or word in _NAMES)
    ]


def _shorter(words: list[str], *, keep: int) -> list[str]:
    """Drop the last phrase that a preposition begins; without one, what is over the limit."""
    for at in range(min(len(words) - 1, TITLE_WORDS_MAX), keep, -1):
        if words[at].lower() in PREPOSITIONS - {"of"} or words[at].lower() in ("and", "to"):
            return words[:at]
    return words[:TITLE_WORDS_MAX]
