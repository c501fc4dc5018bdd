"""Whether a clause speaks of what is past or of what is to come, by the verb nearest to a place in it."""

import re
from typing import Final, Literal, TypeAlias

from events.extract.text import Sentence

Direction: TypeAlias = Literal["past", "future"]

_PLANNED: Final = frozenset(
    "followed expected planned scheduled slated set due proposed intended anticipated projected unprecedented united "
    "joined-up advanced so-called limited related needed concerned based called named aimed agreed-upon hundred need "
    "speed indeed exceed proceed succeed feed seed red bed wed shed sacred naked rugged wicked mixed fixed combined "
    "continued increased improved updated detailed designed poised bound likely prepared alleged armed".split()
)
"""Words in -ed that tell nothing of the time of a clause, or that what they say is to come."""

_TO_COME: Final = frozenset(
    "will shall 'll won't would may might could can should must expected planned scheduled slated due plans plan "
    "intends intend aims aim hopes hope expects expect promises promise pledges pledge vows vow gonna proposes "
    "proposed intended anticipated projected poised forthcoming upcoming wants want seeks seek likely shan't "
    "wouldn't".split()
)
_GONE: Final = frozenset(
    "was were had did wasn't weren't hadn't didn't became began begun broke brought built bought came caught chose "
    "cut dealt died drew drove fell felt fought found flew gave got grew heard held hit kept knew laid led left lost "
    "made meant met paid put ran rose said sat saw sent shot showed shut slid slipped sold spent spoke stood stole "
    "struck swore taken taught told took thought threw understood went won wore wrote been done gone shook sank sang "
    "fled bore beat bet bid blew cast clung crept dug fed forgot froze hung hurt leapt lent lit mistook overcame rode "
    "sought shrank spread sprang stuck swept swung tore undertook upheld withdrew withstood dropped quit reported "
    "announced called killed".split()
)
_PRESENT: Final = frozenset(
    "is are am be being isn't aren't has have begins starts opens meets visits welcomes hosts travels arrives leaves "
    "holds takes goes comes flies kicks convenes votes speaks addresses delivers launches ends closes expires returns "
    "marks faces runs joins sits continues heads gets becomes gives makes".split()
)
_NOUNS_TO_COME: Final = frozenset(
    "visit summit trip meeting talks speech address hearing vote election elections referendum deadline conference "
    "launch opening ceremony tour event session next coming later".split()
)
_PARTS: Final = frozenset(
    (",", ";", ":", "(", ")", "that", "which", "who", "when", "while", "because", "although", "though", "but",
     "“", "”", '"', "whose", "where", "after", "before", "if", "until", "since", "—")
)  # fmt: skip
_PAST_FORM: Final = re.compile(r"[a-z]{2,}(?:[^e]ed|reed)\Z")
_NOT_BASE: Final = frozenset(
    "the a an its his her their this that these those our my your any all some next last early late two three "
    "monday tuesday wednesday thursday friday saturday sunday january february march april june july august "
    "september october november december".split()
)
_NOUNS_TOO: Final = frozenset("will plan plans hope hopes promise promises pledge pledges vow aim aims may".split())
_BEFORE_NOUN: Final = frozenset("the a an its his her their this that our any no new of".split())
_REACH: Final = 30
"""A verb is looked for so many words away, so that one endless sentence stays linear."""


_SAYS: Final[dict[str, Direction]] = {"since": "past", "to": "future"}
"""Prepositions that tell by themselves: "since April" is past, what is put off "to May" is to come."""


class Directions:
    """The directions of the clauses of one sentence; each of its words is looked at once."""

    __slots__ = ("_lower", "_told")

    def __init__(self, sentence: Sentence) -> None:
        self._lower = sentence.lower
        self._told: dict[int, Direction | None] = {}

    def around(self, start: int, end: int) -> Direction | None:
        """Return the direction of the clause around the words `start` to `end` (exclusive); None where nothing tells.

        The nearest verb of the same part of the sentence counts, the one before rather than the one after; then a
        noun such as "visit"; then the verbs of the parts before and after.
        """
        lower = self._lower
        if is_moved(lower, start, end):
            return None
        if start and lower[start - 1] in _SAYS:
            return _SAYS[lower[start - 1]]
        left, right = _part(lower, start, end)
        inside = self._verb(range(start - 1, left - 1, -1)) or self._verb(range(end, right))
        if inside is not None:
            return inside
        if not _NOUNS_TO_COME.isdisjoint(lower[left:start]) or not _NOUNS_TO_COME.isdisjoint(lower[end:right]):
            return "future"
        before = self._verb(range(left - 1, max(-1, left - _REACH), -1))
        return before or self._verb(range(right, min(len(lower), right + _REACH)))

    def _verb(self, places: range) -> Direction | None:
        known = self._told
        for place in places:
            if place not in known:
                known[place] = verb_direction(self._lower, place)
            if known[place] is not None:
                return known[place]
        return None


def direction(sentence: Sentence, start: int, end: int) -> Direction | None:
    """Return the direction of one clause, as `Directions.around` does."""
    return Directions(sentence).around(start, end)


def is_moved(lower: list[str], start: int, end: int) -> bool:
    """Whether a date is moved from here to another: "postponed from 30 November to 16 December" is no interval."""
    if not start or lower[start - 1] != "from" or "to" not in lower[start : end + _TO_REACH]:
        return False
    return any(word in _MOVED for word in lower[max(0, start - _MOVED_REACH) : start])


_MOVED: Final = frozenset(
    "postponed moved slipped delayed extended pushed rescheduled shifted deferred brought put changed slid postpone "
    "move delay extend push reschedule shift defer postpones moves delays extends back forward".split()
)
_MOVED_REACH: Final = 9
_TO_REACH: Final = 4


def _part(lower: list[str], start: int, end: int) -> tuple[int, int]:
    left = start
    while left > 0 and start - left < _REACH and not (lower[left - 1] in _PARTS and left < start - 1):
        left -= 1
    right = end
    while right < len(lower) and right - end < _REACH and not (lower[right] in _PARTS and right > end):
        right += 1
    return left, right


def verb_direction(lower: list[str], place: int) -> Direction | None:
    """Return what one word tells of the time of its clause, with the words before it; None where it is no verb."""
    word = lower[place]
    if word in _TO_COME:
        noun = word in _NOUNS_TOO and place > 0 and lower[place - 1] in _BEFORE_NOUN
        return None if noun else "future"
    before = lower[max(0, place - 4) : place]
    if word in _GONE or (word not in _PLANNED and word not in _PRESENT and _PAST_FORM.match(word)):
        if any(modal in _TO_COME or modal == "to" for modal in before[-3:]):
            return "future"
        if (before and before[-1] in ("be", "being", "is", "are")) or "'ll" in before:
            return "future"
        return "past"
    if word in _PRESENT:
        if word in ("has", "have"):
            return "past" if _participle_follows(lower, place) else None
        return "future"
    if word.endswith("ing") and len(word) > 5 and any(aux in ("is", "are", "'re", "am") for aux in before[-2:]):
        return "future"
    if before and before[-1] == "to" and word.isalpha() and word not in _NOT_BASE:
        return "future"
    if before and before[-1].endswith(("'ll", "'d")):
        return "future"
    return None


def _participle_follows(lower: list[str], place: int) -> bool:
    after = lower[place + 1 : place + 4]
    return any(word in _GONE or _PAST_FORM.match(word) is not None for word in after)
