"""A whole text: its expressions, and its candidates."""

from collections.abc import Sequence
from typing import Final

import msgspec

from events.extract.candidates.candidates import read_sentence
from events.extract.candidates.memory import Memory
from events.extract.candidates.passage import Passage, passage_of
from events.extract.dates.expressions import expressions
from events.extract.reading import Candidate, Expression, Extraction, Profile, Publication
from events.extract.text import Sentence, sentences
from events.extract.who.gazetteer import Gazetteer, default_gazetteer
from events.extract.who.mention import Mention
from events.extract.who.names import Known, mentions

HEADLINE_WORDS_MAX: Final = 24


def extract(
    text: str, published: Publication, *, profile: Profile = "dates", gazetteer: Gazetteer | None = None
) -> Extraction:
    """Return what a text announces, as of the day it was published.

    `gazetteer` says who and where names are; without one it is the one that comes with Dateline.
    """
    found = list(sentences(text))
    dates = expressions(found, published, profile=profile)
    known, memory = Known(published), Memory()
    names = gazetteer or default_gazetteer()
    named = [mentions(sentence, names, known) for sentence in found]
    candidates: list[Candidate] = []
    meant: list[Expression] = []
    for passage in _passages(text, found, dates, named):
        new, modalities = read_sentence(passage, memory, published.day)
        candidates.extend(each for each in new if not (each.rule == "named" and _is_known(each, candidates)))
        meant.extend(msgspec.structs.replace(e, modality=modalities[i]) for i, e in enumerate(passage.expressions))
    return Extraction(expressions=tuple(meant), candidates=tuple(candidates))


def _passages(
    text: str, found: Sequence[Sentence], dates: Sequence[Expression], named: Sequence[Sequence[Mention]]
) -> list[Passage]:
    """Return the sentences with what was found in each."""
    passages = []
    at = 0
    for number, sentence in enumerate(found):
        first = at
        while at < len(dates) and dates[at].start < sentence.end:
            at += 1
        headline = number == 0 and _is_headline(text, sentence)
        passages.append(passage_of(sentence, number, dates[first:at], named[number], headline=headline))
    return passages


def _is_known(named: Candidate, candidates: Sequence[Candidate]) -> bool:
    """Whether an event that is only named was read from a clause of its own: "with the visit on Wednesday"."""
    who = {actor.id or actor.name for actor in named.actors}
    return any(
        other.kind == named.kind
        and other.when.edtf == named.when.edtf
        and (not who or who & {actor.id or actor.name for actor in other.actors})
        for other in candidates
    )


def _is_headline(text: str, sentence: Sentence) -> bool:
    """Whether the first line of a text has no full stop and is followed by another."""
    ends = text[sentence.end - 1] not in ".!?”"
    return ends and len(sentence.words) <= HEADLINE_WORDS_MAX and text[sentence.end : sentence.end + 1] == "\n"
