"""Clauses of a sentence: each finite verb with its subject and what follows it.

A sentence is cut before the subject of each verb, before a word that begins a clause ("when", "which", "if"), and where
a relative clause between commas ends. "X has done this and will do that" is two clauses with one subject.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from events.extract.clauses.forms import FORMS
from events.extract.clauses.verbs import ADVERBS, PREPOSITIONS, VerbGroup, is_adverb, verb_groups
from events.extract.text import Sentence

RELATIVE: Final = frozenset("who which whose whom where".split())
SUBORDINATE: Final = frozenset(
    "when while although though because if unless whereas once whether that lest provided supposing so until till "
    "after before since as than even what how why".split()
)
CONDITIONS: Final = frozenset("if unless provided supposing lest should whether".split())
_CONDITION_WORDS: Final = frozenset("if unless whether provided should subject".split())
_DASHES: Final = frozenset("-–—")
_NO_CONDITIONS: Final = frozenset("needed necessary possible any required not".split())
_JOINTS: Final = frozenset("and but or then nor yet".split())
_OPENERS: Final = frozenset(["meanwhile", "however", "moreover", "separately", "earlier", ",", "-"])
_PRONOUNS: Final = frozenset("it he she they we i you".split())
_DAYS: Final = frozenset("monday tuesday wednesday thursday friday saturday sunday today yesterday tomorrow".split())
_STOPS: Final = frozenset([",", ";", ":", "–", "—", "“", "”", '"', "(", ")", "…", "but"])


class Clause(NamedTuple):
    """Words of a sentence by index, half-open: the subject (empty where it is another clause's), the verb, the end.

    `start` is where the clause begins with what leads it in: `lead` is that word in lower case, or "". `subject` is the
    noun before a relative pronoun where that is the subject. `object` is that noun where the relative clause has a
    subject of its own ("a factory, which Kishida will visit"). `shares` is the place in the list of the clause whose
    subject this one has.
    """

    start: int
    end: int
    subject: tuple[int, int]
    object: tuple[int, int]
    verb: VerbGroup
    lead: str
    shares: int | None
    conditional: bool


def clauses(sentence: Sentence) -> list[Clause]:
    """Return the clauses of a sentence in the order of their verbs."""
    known: list[Clause] | None = sentence.kept.get("clauses")
    if known is None:
        known = sentence.kept["clauses"] = _clauses(sentence)
    return known


def _clauses(sentence: Sentence) -> list[Clause]:
    words, lower = sentence.words, sentence.lower
    groups = [group for group in verb_groups(sentence) if group.finite]
    found: list[Clause] = []
    dateline = _dateline(sentence)
    for number, group in enumerate(groups):
        floor = groups[number - 1].end if number else dateline
        found.append(_clause(lower, words, group, floor, found))
    ended: list[Clause] = []
    for number, clause in enumerate(found):
        following = found[number + 1] if number + 1 < len(found) else None
        ended.append(clause._replace(end=_end(lower, clause, following)))
    at = _condition(lower)
    return ended if at is None else [clause._replace(conditional=_depends(lower, clause, at)) for clause in ended]


def _dateline(sentence: Sentence) -> int:
    """Return where the report begins behind "OSLO/LONDON, 20 May -"; 0 where there is no such line."""
    words = sentence.words
    if _DASHES.isdisjoint(words[:10]):
        return 0
    for at in range(1, min(len(words) - 1, 10)):
        apart = sentence.starts[at] > sentence.ends[at - 1] and sentence.starts[at + 1] > sentence.ends[at]
        if words[at] in _DASHES and apart:
            named = all(not word.islower() for word in words[:at])
            return at + 1 if named else 0
    return 0


def _condition(lower: Sequence[str]) -> int | None:
    """Return the place of the word that begins a condition: "if", "unless", "provided that", "should there be"."""
    if _CONDITION_WORDS.isdisjoint(lower):
        return None
    for at, word in enumerate(lower):
        after = lower[at + 1] if at + 1 < len(lower) else ""
        aside = after in _NO_CONDITIONS or (at > 0 and lower[at - 1] in ("as", "even", "what", "only"))
        if word in ("if", "unless") and not aside:
            return at
        if word == "whether":
            return at
        if word == "provided" and lower[at + 1 : at + 2] == ["that"]:
            return at
        if word == "should" and at == 0:
            return at
        if word == "subject" and lower[at + 1 : at + 2] == ["to"]:
            return at
    return None


def _depends(lower: Sequence[str], clause: Clause, condition: int) -> bool:
    """Whether what a clause says hangs on a condition: its own, or one beside it where its verb is not in the past."""
    if clause.lead in CONDITIONS or clause.start <= condition < clause.verb.start:
        return True
    if clause.verb.tense not in ("future", "modal", "present", "progressive") or clause.lead in RELATIVE:
        return False
    if lower[condition] == "whether":
        return clause.start >= condition
    return clause.end >= condition - 2 or condition < clause.start


def _clause(
    lower: Sequence[str], words: Sequence[str], group: VerbGroup, floor: int, before: Sequence[Clause]
) -> Clause:
    at = group.start
    while at > floor and (lower[at - 1] in ADVERBS or is_adverb(lower[at - 1])):
        at -= 1
    if list(lower[max(floor, at - 2) : at]) == ["no", "longer"]:
        at -= 2
    at = _before_brackets(lower, at, floor)
    if at < group.start and at > floor and lower[at - 1] in ("the", "a", "an"):
        at = group.start  # "The first is due": what looks like an adverb is the subject.
    previous = lower[at - 1] if at > floor else ""
    if previous in RELATIVE or (previous == "that" and at - 1 > 0 and _is_noun(lower, at - 2)):
        return _relative(words, lower, group, at - 1, floor)
    if previous == "," and at - 1 > 0:
        opened = _opening(lower, at - 1, before)
        if opened is not None:
            start, _ = _subject(lower, opened, _floor_of(before, opened))
            return Clause(start, group.end, (start, opened), (0, 0), group, "", None, False)
    if at == floor or previous in _JOINTS or previous in _STOPS:
        if before:
            shares = _shared(before, parted=lower[at - 2 : at - 1] == [","] and previous in _JOINTS)
            return Clause(max(floor, at - 1), group.end, (0, 0), (0, 0), group, previous, shares, False)
        return Clause(at, group.end, (at, at), (0, 0), group, "", None, False)
    start, lead_at = _subject(lower, at, floor)
    if lead_at == 0 and lower[0] == "that":
        start, lead_at = 0, None  # "That trial is set to begin": no content clause begins a sentence.
    lead = lower[lead_at] if lead_at is not None else ""
    begin = lead_at if lead_at is not None else start
    if lead in ("which", "whom") and lead_at is not None and _is_noun(lower, lead_at - 1):
        noun = _antecedent(words, lower, lead_at, floor)
        return Clause(begin, group.end, (start, at), noun, group, lead, None, False)
    return Clause(begin, group.end, (start, at), (0, 0), group, lead, None, False)


def _before_brackets(lower: Sequence[str], at: int, floor: int) -> int:
    """Pass back over "(…)" before a verb: "Siemens (XETRA: SIE) will build"."""
    if at - 1 > floor and lower[at - 1] == ")":
        for opened in range(at - 2, floor, -1):
            if lower[opened] == "(":
                return opened
    return at


def _shared(before: Sequence[Clause], *, parted: bool) -> int:
    """Return the clause whose subject a verb without one has: the last that is no relative clause.

    Behind a comma ("said that it would, and were ready") the verb goes with the clause that nothing leads in.
    """
    for number in range(len(before) - 1, -1, -1):
        clause = before[number]
        if clause.lead not in RELATIVE and not (parted and clause.lead in SUBORDINATE):
            return number if clause.shares is None else clause.shares
    return len(before) - 1


def _floor_of(before: Sequence[Clause], opened: int) -> int:
    """Return where the last verb before a place ends."""
    return max((clause.verb.end for clause in before if clause.verb.end <= opened), default=0)


def _relative(words: Sequence[str], lower: Sequence[str], group: VerbGroup, pronoun: int, floor: int) -> Clause:
    noun = _antecedent(words, lower, pronoun, floor)
    return Clause(pronoun, group.end, noun, (0, 0), group, lower[pronoun], None, False)


def _antecedent(words: Sequence[str], lower: Sequence[str], pronoun: int, floor: int) -> tuple[int, int]:
    """Return the noun before a relative pronoun, behind the last verb; "Liberty, North Carolina" is one place."""
    floor = floor if floor < pronoun - 1 else 0
    end = pronoun
    while end > 0 and lower[end - 1] in (",", "in", "for", "to", "of", "at", "on"):
        end -= 1
    start = end
    while start > floor and not _is_verb(lower, start - 1):
        if _begins_clause(lower, start - 1) and not _is_in_place(words, start, end):
            break
        start -= 1
    for at in range(end - 1, start, -1):
        if lower[at] in ("a", "an", "the", "its", "their", "his", "her") and lower[at - 1] != "of":
            return at, end
    while start < end and (lower[start] in PREPOSITIONS or lower[start] in ADVERBS or lower[start] in _JOINTS):
        start += 1
    return start, end


def _is_in_place(words: Sequence[str], start: int, end: int) -> bool:
    if words[start - 1] != "," or start < 2 or not words[start - 2][0].isupper() or end - start > 3:
        return False
    return all(word[0].isupper() for word in words[start:end])


def _opening(lower: Sequence[str], comma: int, before: Sequence[Clause]) -> int | None:
    """Return where the aside that ends at a comma begins, or None if there is none."""
    for at in range(comma - 1, 0, -1):
        if lower[at] in (";", ":", "“", "”"):
            return None
        if lower[at] == ",":
            after = lower[at + 1]
            verbs_inside = [clause for clause in before if at < clause.verb.start < comma]
            opens = after in RELATIVE or after in SUBORDINATE or after in ("a", "an", "the", "officials", "according")
            if opens or not verbs_inside:
                return at
    return None


def _subject(lower: Sequence[str], end: int, floor: int) -> tuple[int, int | None]:
    """Return where the noun phrase that ends at `end` begins, and the place of the word that leads the clause in."""
    start = end
    while start > floor:
        word = lower[start - 1]
        if word in RELATIVE or (word in SUBORDINATE and not _binds(lower, start - 1, floor)):
            return start, start - 1
        if _begins_clause(lower, start - 1):
            if word == "," and _is_list(lower, start - 1, floor, end):
                start -= 1
                continue
            break
        start -= 1
    if lower[end - 1] in _PRONOUNS and end - 1 >= floor:
        return end - 1, None
    if start == floor and floor > 0:
        start = _after_day(lower, start, end)
    if start == floor and floor > 0 and lower[start] in PREPOSITIONS and "and" in lower[start:end]:
        start = max(at for at in range(start, end) if lower[at] == "and") + 1  # "… in May and work will …"
    if list(lower[start : start + 2]) == ["all", "but"]:
        return start, None
    while start < end - 1 and (lower[start] in _JOINTS or lower[start] in ADVERBS or lower[start] in _OPENERS):
        start += 1
    return start, None


def _binds(lower: Sequence[str], at: int, floor: int) -> bool:
    """Whether "before", "after" and their like stand inside a noun phrase: "a hearing before the board was …"."""
    if lower[at] not in ("before", "after", "since", "until", "as", "than") or floor > 0 or at == 0:
        return False
    return lower[at - 1] not in _STOPS and lower[at - 1] not in _JOINTS


def _after_day(lower: Sequence[str], start: int, end: int) -> int:
    """Pass over the day of a verb of speech: "said on Monday the company will …"."""
    if lower[start] == "on" and start + 2 < end:
        return start + 2
    if lower[start] in _DAYS and start + 1 < end:
        return start + 1
    if lower[start] in ("last", "this", "next", "earlier") and start + 2 < end:
        return start + 2
    return start


def _begins_clause(lower: Sequence[str], at: int) -> bool:
    if lower[at] == "but" and at and lower[at - 1] in ("all", "nothing", "anything", "none"):
        return False  # "All but two members".
    return lower[at] in _STOPS


def _is_list(lower: Sequence[str], comma: int, floor: int, end: int) -> bool:
    """Whether a comma parts members of a list ("Japan, Australia and the Philippines will"), not clauses."""
    tail = lower[comma + 1 : end]
    if "and" not in tail or lower[comma - 1] in ADVERBS:
        return False
    head = comma
    while head > floor and lower[head - 1] not in _STOPS:
        head -= 1
    if (head == floor and floor > 0) or "g" in FORMS.get(lower[head], ("", ""))[1]:
        return False  # The object of the verb before, or an aside such as "Underscoring this point, …".
    short = comma - head <= 4 and tail.index("and") <= 5
    return short and not any(word in PREPOSITIONS and word != "of" for word in lower[head:comma])


def _is_noun(lower: Sequence[str], at: int) -> bool:
    if at < 0:
        return False
    word = lower[at]
    if word == ",":
        return at > 0
    return word.isalpha() and not _is_verb(lower, at) and word not in ADVERBS


def _is_verb(lower: Sequence[str], at: int) -> bool:
    if (at + 1 < len(lower) and lower[at + 1] == "-") or (at and lower[at - 1] == "-"):
        return False  # "The left-hander".
    found = FORMS.get(lower[at])
    return found is not None and "b" not in found[1] and "s" not in found[1] and "g" not in found[1]


def _end(lower: Sequence[str], clause: Clause, following: Clause | None) -> int:
    end = len(lower)
    if following is not None:
        end = following.start
        if following.start < clause.verb.end:  # The next verb's clause has this one inside it.
            end = following.verb.start
    for at in range(clause.verb.end, end):
        if lower[at] == ";":
            end = at
            break
    while end > clause.verb.end and lower[end - 1] in (",", "and", "but", ";", "–", "—", "."):
        end -= 1
    return max(end, clause.verb.end)
