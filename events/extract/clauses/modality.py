"""How a clause means what it says: denied, conditional, committed, scheduled, expected or reported.

The first of these that its words give. A verb that carries another ("agreed to buy", "announced plans to build", "is
expected to visit") says how, and the carried verb says what.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from events.extract.clauses.clauses import CONDITIONS, Clause
from events.extract.clauses.forms import FORMS
from events.extract.clauses.kinds import EVENTS, noun_kind
from events.extract.clauses.verbs import ADVERBS, DETERMINERS, PREPOSITIONS, STANDS_FOR, VerbGroup
from events.extract.reading import CandidateModality

SPEECH: Final = frozenset(
    "say tell announce state report add note confirm reveal declare claim warn stress insist argue explain disclose "
    "indicate suggest describe believe think know show hear predict inform write emphasise emphasize reiterate "
    "comment respond repeat recall concede acknowledge tweet post unveil underline underscore".split()
)
"""Verbs whose content clause is what matters."""
COMMITS: Final = frozenset(
    "commit pledge promise vow agree undertake guarantee swear oblige require mandate bind order instruct compel "
    "force direct".split()
)
"""Verbs of promises and of orders."""
_SCHEDULE: Final = frozenset(
    "plan schedule intend arrange set slate due book programme timetable earmark prepare bound determined certain "
    "sure decide determine".split()
)
EXPECTS: Final = frozenset(
    "expect hope aim seek want consider propose mull look likely unlikely anticipate forecast predict project estimate "
    "tip wish weigh ask urge call recommend request invite target study envisage envision keen eager willing able try "
    "attempt demand threaten warn press pressure lobby encourage believe rumour think ready prepared poised "
    "contemplate".split()
)
_DENY: Final = frozenset(
    "deny refuse reject cancel scrap abandon drop shelve decline unable fail rule-out oppose ban halt "
    "abort axe prohibit veto forbid unwilling".split()
)
_CALL_OFF: Final = frozenset("cancel deny".split())
_LET_GO: Final = frozenset("scrap abandon shelve axe drop suspend pause halt freeze".split())
"""Verbs that call off a plan, but not a ship."""
_FORESEE: Final = frozenset(
    "hope expect predict forecast fear believe think anticipate project estimate suggest see guess doubt".split()
)
_MUST: Final = frozenset("tell order ask require give instruct oblige".split())
_CONSIDER: Final = frozenset(
    "consider mull weigh contemplate propose seek expect forecast predict see think want".split()
)
_PLAN_NOUNS: Final[dict[str, CandidateModality]] = {
    "plan": "scheduled", "plans": "scheduled", "intention": "expected", "intentions": "expected",
    "decision": "scheduled", "preparations": "scheduled",
    "commitment": "committed", "commitments": "committed", "pledge": "committed", "promise": "committed",
    "agreement": "committed", "deal": "committed", "contract": "committed", "obligation": "committed",
    "proposal": "expected", "proposals": "expected", "bid": "expected", "efforts": "expected", "hopes": "expected",
    "ambition": "expected", "ambitions": "expected", "aim": "expected", "goal": "expected", "target": "expected",
}  # fmt: skip
PLANS: Final = frozenset(_PLAN_NOUNS)
_NONE: Final = frozenset("no none nobody nothing neither".split())
_INTO: Final = frozenset("to on by for into from".split())
_GIVES: Final = frozenset(
    "make have sign reach give release approve detail outline present express unveil draft enter".split()
)
_HEDGES: Final = frozenset("likely probably possibly perhaps expected tentatively potentially maybe".split())


MOVES: Final = frozenset("postpone delay defer reschedule move push slip bring put shift extend prolong".split())
"""Verbs that give an event another date."""
POSTPONES: Final = frozenset("postpone delay defer reschedule".split())
"""Verbs that take an event off its date, whether or not they give it another."""
CANCELS: Final = frozenset("cancel scrap shelve axe".split())
"""Verbs that take it off altogether."""
STANDS: Final = "not called off"
NONE_OFF: Final = "none is called off"
GIVEN_UP: Final = "to be called off"
CALLS_OFF: Final = _CALL_OFF | _LET_GO | MOVES
"""Verbs that take an event off its date."""
TELLS: Final = SPEECH | _FORESEE | frozenset("vow promise pledge deny agree swear guarantee".split())
"""Verbs with a clause of their own: "he vowed that …"."""


ASKS: Final = frozenset(
    "want ask urge order expect require tell allow force invite encourage call forbid instruct oblige permit direct "
    "compel recommend press pressure lobby persuade request beg push warn ban bar enable help".split()
)
"""Verbs whose object does what is carried: "ordered Google to sell"."""


class Meaning(NamedTuple):
    """What a clause says is done, and how it means it. `at` is the word of the verb that says what is done.

    `doer` are the words of whom the subject wants to do it, where that is somebody else; empty otherwise.
    """

    modality: CandidateModality
    lemma: str
    at: int
    passive: bool
    reason: str
    carried: bool
    doer: tuple[int, int] = (0, 0)


def meaning(
    clause: Clause, lower: Sequence[str], *, ahead: bool | None, beyond: bool, teller: VerbGroup | None
) -> Meaning:
    """Return what a clause means.

    `ahead`: whether its date lies in the future (None: it has none); `beyond`: all of it does. `teller` is the verb of
    speech that carries the clause: then "would" is a future seen from the past, what was vowed is committed, what was
    denied is denied.
    """
    verb = clause.verb
    carries = carried(clause, lower)
    lemma, at, passive = verb.lemma, verb.head, verb.passive
    modality, reason = _own(verb, ahead=ahead, told=teller is not None)
    words = " ".join(lower[verb.start : verb.end])
    if carries is not None:
        how, carrier, lemma, at = carries
        passive = False
        reason = f"“{words}” {carrier}" if carrier else f"“{words}”"
        modality = _stronger(how, modality, verb)
    elif is_called_off(clause, lower):
        modality, reason = "denied", f"“{words}”"
    elif ahead:
        modality, reason = _ahead(clause, lower, modality, reason, beyond=beyond)
    if teller is not None and modality in ("scheduled", "reported", "expected"):
        modality = _told(teller, modality)
        reason = "denied" if modality == "denied" else reason
    if lemma in CANCELS | POSTPONES:
        modality, reason = _off(clause, lower, teller, modality, reason, carries is not None, lemma in CANCELS)
    if modality == "scheduled" and _hedged(clause, lower):
        modality, reason = "expected", "hedged"
    if clause.conditional and (modality != "denied" or clause.lead in CONDITIONS):
        modality, reason = "conditional", "it hangs on a condition"
    doer = (0, 0) if carries is None else _doer(verb, lower, at)
    return Meaning(modality, lemma, at, passive, reason or f"“{words}”", carries is not None, doer)


def _off(
    clause: Clause,
    lower: Sequence[str],
    teller: VerbGroup | None,
    modality: CandidateModality,
    reason: str,
    carried: bool,
    gives_up: bool,
) -> tuple[CandidateModality, str]:
    """Return how it is meant that something is called off, or is not: who will not cancel it says that it will be."""
    denies = teller is not None and teller.lemma == "deny" and not teller.negated
    if lower[clause.subject[0]] in _NONE:
        return "scheduled", NONE_OFF
    if denies or (modality == "denied" and (clause.verb.negated or carried)):
        return "scheduled", STANDS
    if gives_up and carried and modality in ("scheduled", "committed"):
        return "denied", GIVEN_UP
    return modality, reason


def _doer(verb: VerbGroup, lower: Sequence[str], at: int) -> tuple[int, int]:
    """Return the words between "wants" and "to withdraw": who is to do it; empty where the subject is."""
    if verb.lemma not in ASKS or verb.passive:
        return 0, 0
    to = at - 1
    while to > verb.end and lower[to] != "to":
        to -= 1
    start = verb.end + (lower[verb.end : verb.end + 1] in (["on"], ["for"]))
    if to <= start or not any(word.isalpha() and word not in ADVERBS for word in lower[start:to]):
        return 0, 0
    return start, to


def _ahead(
    clause: Clause, lower: Sequence[str], modality: CandidateModality, reason: str, *, beyond: bool
) -> tuple[CandidateModality, str]:
    """Return how a clause with a date ahead is meant, where a noun rather than a verb says what will be.

    "Promised an answer by May", "is considering a ban from June", "has called a strike for Thursday".
    """
    verb = clause.verb
    if verb.lemma in COMMITS or (verb.lemma in _MUST and lower[verb.end : verb.end + 1] == ["to"]):
        return "committed", "a promise or an order"
    if verb.lemma in ("give", "have") and "until" in lower[verb.end : clause.end]:
        return "committed", "“until”"
    if verb.lemma in _CONSIDER and modality in ("scheduled", "reported") and verb.tense != "future":
        return "expected", f"“{verb.lemma}”"
    if modality == "reported" and beyond and (verb.lemma not in SPEECH or verb.lemma == "announce"):
        return "scheduled", "its date lies ahead"
    return modality, reason


def _told(teller: VerbGroup, modality: CandidateModality) -> CandidateModality:
    """Return how something is meant that somebody vowed, hoped or denied."""
    if teller.lemma in _CALL_OFF:
        return "scheduled" if teller.negated else "denied"
    if modality == "scheduled" and teller.lemma in COMMITS:
        return "committed"
    return "expected" if modality == "scheduled" and teller.lemma in _FORESEE else modality


def is_called_off(clause: Clause, lower: Sequence[str]) -> bool:
    """Whether a clause says that something will not be: "cancelled", "called off", "no trains will run"."""
    verb = clause.verb
    if verb.negated or (verb.tense == "modal" and verb.lemma in CALLS_OFF | {"rule", "call"}):
        return False  # "May cancel it".
    after = lower[verb.end : verb.end + 1]
    if verb.lemma in ("rule", "call"):
        return after == ["out" if verb.lemma == "rule" else "off"]
    if verb.lemma == "put" and lower[verb.end : verb.end + 2] == ["on", "hold"]:
        return True
    start, end = clause.subject
    none = start < end and (lower[start] in _NONE or lower[max(0, start - 1)] == "no")
    if none and verb.tense in ("future", "modal", "present", "progressive"):
        return True
    if verb.lemma in ("be", "have") and after == ["no"]:
        return True
    if verb.lemma in _LET_GO:
        around = [*lower[start:end], *lower[verb.end : clause.end]]
        return any(word in _PLAN_NOUNS or word in EVENTS or noun_kind(word) == "law" for word in around)
    return verb.lemma in _CALL_OFF


def _stronger(how: CandidateModality, own: CandidateModality, verb: VerbGroup) -> CandidateModality:
    if verb.negated:
        return "scheduled" if how == "denied" else "denied"
    return own if own in ("denied", "conditional") else how


def _own(verb: VerbGroup, *, ahead: bool | None, told: bool) -> tuple[CandidateModality, str]:
    """Return what the form of the verb alone says."""
    if verb.modal == "yet":
        return "expected", "“has yet to”"
    if verb.negated:
        return ("expected", "") if verb.lemma in _CONSIDER or verb.lemma == "rule" else ("denied", "")
    if verb.tense == "future":
        return "scheduled", ""
    if verb.modal.endswith(" have") and verb.modal != "was to have":
        return "conditional", ""
    if verb.tense == "modal":
        if verb.modal == "would":
            return ("scheduled", "") if told else ("conditional", "")
        return ("committed", "") if verb.modal == "must" else ("expected", "")
    if verb.lemma in EXPECTS and verb.passive:
        return "expected", ""
    if verb.lemma in _SCHEDULE and verb.passive and verb.lemma != "set":
        return "scheduled", ""
    if verb.tense in ("present", "progressive"):
        if ahead is None:
            return ("scheduled", "") if verb.tense == "progressive" else ("reported", "")
        return ("scheduled", "its date lies ahead") if ahead else ("reported", "")
    return "reported", ""


def carried(clause: Clause, lower: Sequence[str]) -> tuple[CandidateModality, str, str, int] | None:
    """Return how, the noun that says so, and the carried verb with its place, of "pledged to buy", "plans to build"."""
    verb = clause.verb
    how = _class(verb.lemma)
    if how is None and verb.lemma in _MUST and verb.passive and lower[verb.end : verb.end + 1] == ["to"]:
        how = "committed"
    if how is None and verb.lemma not in SPEECH and verb.lemma not in _GIVES:
        return None
    if verb.lemma in ("have", "give") and "until" in lower[verb.end : verb.end + 4]:
        how = "committed"  # "Has until Friday to file a protest".
    for at in range(verb.end, min(clause.end, verb.end + 9)):
        word = lower[at]
        if word == "whether":
            return None  # "Will decide whether to release": what is decided is open.
        if how is not None and at == verb.end and word.endswith("ing") and _verb(word, infinitive=False):
            return how, "", _verb(word, infinitive=False) or word, at
        if how is not None and word in _INTO:
            inner = _next_verb(lower, at + 1)
            found = _verb_at(lower, inner, infinitive=word == "to", asked=verb.lemma in ASKS)
            if found is not None:
                if lower[at - 1] == "not" and at > verb.end:
                    return "denied", "not to", found, inner
                return how, "", found, inner
        noun = _PLAN_NOUNS.get(word) if how is None or verb.lemma in _GIVES else None
        place = None if noun is None else _after_noun(lower, at + 1, clause.end)
        if noun is not None and place is not None:
            given_up = verb.lemma == "give" and lower[verb.end : verb.end + 1] == ["up"]
            noun = "denied" if lower[at - 1] == "no" or given_up else noun
            return noun, f"“{word}”", _verb(lower[place], infinitive=True) or lower[place], place
        if word in (",", ";", "that"):
            return None
    return None


def _next_verb(lower: Sequence[str], at: int) -> int:
    while at < len(lower) and (lower[at] in ADVERBS or lower[at] == "be"):
        at += 1
    return at


def _after_noun(lower: Sequence[str], at: int, end: int) -> int | None:
    """Return the place of the verb after "plans": "to build", "for building", or None."""
    while at < end and lower[at] not in ("to", "for", "of"):
        if lower[at] in (",", ";") or at + 1 >= end:
            return None
        at += 1
    if at + 1 >= end or _verb(lower[at + 1], infinitive=lower[at] == "to") is None:
        return None
    return at + 1


def _verb_at(lower: Sequence[str], at: int, *, infinitive: bool, asked: bool) -> str | None:
    """Return the lemma at a place; behind "to" what no list knows is a verb if an object follows it."""
    if at >= len(lower):
        return None
    found = _verb(lower[at], infinitive=infinitive)
    word = lower[at]
    follows = lower[at + 1] if at + 1 < len(lower) else ""
    unknown = found is None and infinitive and word.isalpha() and word not in FORMS
    if unknown and (follows in DETERMINERS or (asked and follows.isalpha() and follows not in PREPOSITIONS)):
        return None if word in DETERMINERS or word in PREPOSITIONS else word
    return found


def _verb(word: str, *, infinitive: bool) -> str | None:
    """Return the lemma of a form that a carrier can carry: the base after "to", or a form in -ing."""
    if infinitive and word in ("have", "be", "do"):
        return word
    found = FORMS.get(word)
    if found is not None and (("b" in found[1] and infinitive) or "g" in found[1]):
        return found[0]
    return None


def _class(lemma: str) -> CandidateModality | None:
    if lemma in COMMITS:
        return "committed"
    if lemma in _SCHEDULE:
        return "scheduled"
    if lemma in EXPECTS:
        return "expected"
    if lemma in _DENY:
        return "denied"
    return None


def _hedged(clause: Clause, lower: Sequence[str]) -> bool:
    around = lower[max(clause.start, clause.verb.start - 3) : min(clause.end, clause.verb.end + 2)]
    return any(word in _HEDGES for word in around) and clause.verb.lemma not in STANDS_FOR
