"""Events that a noun names and no verb of theirs: "Thursday's summit", "followed by a meeting", "a vote due in May"."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from events.extract.clauses.forms import FORMS
from events.extract.clauses.kinds import EVENTS, noun_kind
from events.extract.clauses.verbs import DETERMINERS, PREPOSITIONS
from events.extract.reading import CandidateModality
from events.extract.text import Sentence

_DUE: Final = frozenset("expected planned scheduled due slated set proposed envisaged earmarked forecast".split())
_NOT_DUE: Final = frozenset("is are was were be been being not as".split())
_UNSURE: Final = frozenset("expected proposed envisaged forecast".split())
_BINDS: Final = frozenset("of between by with among in at to on for".split())
_NOUN_WORDS_MAX: Final = 5
_TAIL_WORDS_MAX: Final = 14
_ASIDES: Final = frozenset("with ahead before after during since until following despite amid".split())


class Named(NamedTuple):
    """The words `[start, end)` of a sentence that name an event with a date, its noun, and how it is meant.

    `expression` counts the sentence's expressions; `how` is None where only the day tells. `own`: whose it is is said.
    """

    start: int
    end: int
    noun: int
    kind: str
    expression: int
    how: CandidateModality | None
    own: bool


def named_events(sentence: Sentence, dates: Sequence[tuple[int, int]]) -> list[Named]:
    """Return the events that are named beside a date; `dates` are the word ranges of the sentence's expressions."""
    found = []
    for number, (start, end) in enumerate(dates):
        event = _followed(sentence.lower, start, end, number)
        event = event or _possessed(sentence, start, end, number)
        event = event or _due(sentence.lower, start, number)
        event = event or _aside(sentence.lower, start, number)
        if event is not None:
            found.append(event)
    return found


def _followed(lower: Sequence[str], start: int, end: int, number: int) -> Named | None:
    """Read "followed the next day by a summit between …"."""
    if start == 0 or lower[start - 1] != "followed" or lower[end : end + 1] != ["by"]:
        return None
    first = end + 1
    noun = _noun(lower, first, min(len(lower), first + 8))
    return None if noun is None else _named(lower, first, noun, number, own=True)


def _possessed(sentence: Sentence, start: int, end: int, number: int) -> Named | None:
    """Read "Thursday's three-way summit", "this week's visit", "the 2016 elections"."""
    lower = sentence.lower
    apostrophe = sentence.follows(end - 1, "'s")
    first = end + 1 if lower[end : end + 1] in (["'s"], ["’s"]) else end
    noun = _noun(lower, first, min(len(lower), first + _NOUN_WORDS_MAX))
    if noun is None:
        return None
    between = lower[first:noun]
    if any(word in PREPOSITIONS or word in DETERMINERS or word in (",", ".") for word in between):
        return None
    whose = start > 0 and lower[start - 1].endswith("'s")
    if not apostrophe and first == end and not whose and start > 0 and lower[start - 1] not in ("the", "a"):
        return None
    begin = start - 1 if whose else start
    return _named(
        lower, begin, noun, number, own=whose or lower[noun + 1 : noun + 2] in (["of"], ["between"], ["with"])
    )


def _due(lower: Sequence[str], start: int, number: int) -> Named | None:
    """Read "a ruling expected by June"."""
    at = start - 1
    while at >= 0 and lower[at] in ("for", "on", "in", "to", "be", "held", "at", "start", "begin", "later"):
        at -= 1
    if at < 1 or lower[at] not in _DUE or lower[at - 1] in _NOT_DUE:
        return None
    if lower[at - 1] in FORMS and lower[at - 1].endswith(("ly", "ed")):
        return None
    if lower[at - 1] == ",":
        at -= 1
    begin = at
    while begin > 0 and lower[begin - 1] not in (",", ";", ":", "and", "but", "“", "”") and at - begin < 8:
        if lower[begin - 1] in ("the", "a", "an"):
            begin -= 1
            break
        begin -= 1
    noun = next((i for i in range(at - 1, begin - 1, -1) if noun_kind(lower[i]) is not None), None)
    if noun is None:
        return None
    how: CandidateModality = "expected" if lower[at] in _UNSURE else "scheduled"
    return Named(begin, at, noun, noun_kind(lower[noun]) or "other", number, how, True)


def _aside(lower: Sequence[str], start: int, number: int) -> Named | None:
    """Read "With Kishida's visit on Wednesday, …", "ahead of the summit on 5 May"."""
    at = start - 1
    if at < 0 or lower[at] not in ("on", "in", "at", "for", "during"):
        at = start
    noun = next((i for i in range(at - 1, max(-1, at - 5), -1) if lower[i].removesuffix("'s") in EVENTS), None)
    if noun is None or any(word in (",", ".", ";") for word in lower[noun:at]):
        return None
    begin = noun
    while begin > 0 and noun - begin < 6:
        word = lower[begin - 1]
        if word in PREPOSITIONS or word in (",", "and") or (word in FORMS and not word.endswith("'s")):
            break
        begin -= 1
    lead = lower[begin - 1] if begin else ""
    if lead == "of" and begin > 1:
        lead = lower[begin - 2]
    if lead not in _ASIDES:
        return None
    return _named(lower, begin, noun, number, own=True)


def _noun(lower: Sequence[str], start: int, end: int) -> int | None:
    return next((index for index in range(start, end) if lower[index] in EVENTS), None)


def _named(lower: Sequence[str], start: int, noun: int, number: int, *, own: bool) -> Named:
    end = noun + 1
    while end < len(lower) and lower[end] in _BINDS and end - noun < _TAIL_WORDS_MAX:
        stop = end + 1
        while stop < len(lower) and stop - noun < _TAIL_WORDS_MAX and not _ends(lower, stop):
            stop += 1
        end = stop
    kind = noun_kind(lower[noun].removesuffix("'s")) or "other"
    return Named(start, end, noun, kind, number, None, own)


def _ends(lower: Sequence[str], at: int) -> bool:
    word = lower[at]
    if word == ",":
        return "and" not in lower[at + 1 : at + 6]
    if word in (".", ";", ":", "–", "—", "“", "”", "(", ")"):
        return True
    return word in ("which", "who", "that", "when", "where", "will", "would", "is", "are", "was", "were", "has", "have")
