"""Whether a clause speaks of what is past or of what is to come, by its verb."""

from typing import Final, Literal, TypeAlias

from events.extract.clauses.clauses import Clause, clauses
from events.extract.clauses.forms import FORMS
from events.extract.clauses.kinds import EVENTS
from events.extract.clauses.modality import CALLS_OFF, COMMITS, MOVES, PLANS, carried
from events.extract.clauses.verbs import PREPOSITIONS
from events.extract.dates.lexicon import WEEKDAYS
from events.extract.text import Sentence

Direction: TypeAlias = Literal["past", "future"]

_PLANNED: Final = frozenset("expected planned scheduled slated set due proposed intended anticipated projected".split())
"""Participles that say of a noun that it is to come."""
_TO_COME: Final = frozenset("upcoming forthcoming next coming later likely".split())
_SPANS: Final = frozenset("months years weeks days quarter half year".split())
"""What ends behind "to": "the six months to June"."""
_AFTER: Final = frozenset("after following".split())
_LIMITS: Final = frozenset(("by", "before", "until", "within"))
_SAYS: Final[dict[str, Direction]] = {"since": "past", "to": "future"}
"""Prepositions that tell by themselves: "since April" is past, what is put off "to May" is to come."""


class Directions:
    """The directions of the clauses of one sentence."""

    __slots__ = ("_alone", "_clauses", "_lower", "_sentence")

    def __init__(self, sentence: Sentence) -> None:
        self._sentence = sentence
        self._lower = sentence.lower
        self._clauses = clauses(sentence)
        self._alone: Direction | None = None
        if not self._clauses and not (EVENTS.isdisjoint(self._lower) and _TO_COME.isdisjoint(self._lower)):
            self._alone = "future"  # "Summit in Oslo, 3 May": an event without a verb is announced.

    def around(self, start: int, end: int) -> Direction | None:
        """Return the direction around the words `start` to `end` (exclusive); None where nothing tells."""
        lower = self._lower
        if is_moved(lower, start, end):
            return None
        clause = self._clause(start)
        if start > 1 and lower[start - 1] == "to" and lower[start - 2] in _SPANS:
            return "future" if clause is not None and clause.verb.tense == "future" else "past"
        if start and lower[start - 1] in _SAYS:
            return _SAYS[lower[start - 1]]
        if self._sentence.follows(end - 1, "'s") and not self._names_event(end):
            return "past"  # "Monday's attack", "Thursday's close".
        return self._beside(start, clause) or self._told(clause, start)

    def _names_event(self, end: int) -> bool:
        """Whether an event follows a day that owns it: "Thursday's summit"."""
        return any(word in EVENTS for word in self._lower[end : end + 4])

    def _beside(self, start: int, clause: Clause | None) -> Direction | None:
        """Return what a participle just before says: "expected for", "signed", or a word like "upcoming"."""
        lower, before = self._lower, start - 1
        while before > 0 and (lower[before] in PREPOSITIONS or lower[before] == "the"):
            before -= 1
        if before > 1 and lower[before] in ("be", "held") and lower[before - 1] in ("to", "be"):
            before -= 2 if lower[before] == "be" else 3
        if before >= 0 and lower[before] in _PLANNED:
            return "future"
        if before > 1 and lower[before - 1] == "to" and (lower[before - 2] in _PLANNED or lower[before] == "be"):
            return "future"  # "Deliveries due to start in June", "a dividend to be paid in December".
        if before > 1 and lower[before - 1] == "be" and lower[before - 2] == "to":
            return "future"
        aside = before > 0 and (before == start - 1 or lower[before - 1] in (",", "and", "first"))
        if aside and self._is_participle(before):
            return "past"
        near = lower[max(0, start - 6) : start]
        if clause is not None and clause.verb.tense in ("present", "progressive") and not _AFTER.isdisjoint(near):
            return "past"  # "Is in mourning after a crash in July".
        ahead = "ahead" in lower[max(0, start - 9) : start] and "," not in lower[max(0, start - 9) : start]
        return "future" if ahead or any(word in _TO_COME for word in near[-4:]) else None

    def _is_participle(self, index: int) -> bool:
        """Whether a participle that belongs to the noun before it stands there: "the truce signed Wednesday"."""
        form = FORMS.get(self._lower[index])
        if form is None or "n" not in form[1] or "b" in form[1]:
            return False
        return not any(clause.verb.start <= index < clause.verb.end for clause in self._clauses)

    def _clause(self, start: int) -> Clause | None:
        """Return the clause that holds a word: of nested ones the inner, else the one that the words lead in."""
        inner = None
        for clause in self._clauses:
            if clause.start <= start < clause.end and (inner is None or clause.start >= inner.start):
                inner = clause
        if inner is not None:
            return inner
        after = next((clause for clause in self._clauses if start < clause.verb.start), None)
        return after or (self._clauses[-1] if self._clauses else None)

    def _announces(self, clause: Clause, start: int) -> bool:
        """Whether an event stands between "announced" and a date."""
        between = self._lower[clause.verb.end : start]
        return len(between) > 1 and any(word in EVENTS or word in _CALLED for word in between)

    def _of_plans(self, clause: Clause) -> bool:
        """Whether a clause speaks of plans: their dates are to come, whatever became of them."""
        return not PLANS.isdisjoint(self._lower[clause.subject[0] : clause.subject[1]])

    def _told(self, clause: Clause | None, start: int) -> Direction | None:
        if clause is None:
            return self._alone
        verb, lower = clause.verb, self._lower
        if verb.tense in ("future", "modal", "present", "progressive"):
            return "future"
        before = lower[start - 1] if start else ""
        if before == "for" and verb.lemma != "hold":
            return "future"
        if before == "until" and (verb.lemma in MOVES or verb.lemma in _UNTIL):
            return "future"
        off = verb.lemma in CALLS_OFF or (verb.lemma == "call" and lower[verb.end : verb.end + 1] == ["off"])
        if off and lower[start] not in WEEKDAYS and verb.tense in ("past", "perfect"):
            return None  # "The visit on 5 May was called off": on whichever day is nearest.
        if clause.conditional or (clause.subject[0] <= start < clause.subject[1] and self._of_plans(clause)):
            return "future"
        looks_back = verb.passive or verb.tense == "perfect" or lower[verb.start] in ("had", "was", "were")
        if before in _LIMITS and (verb.lemma in COMMITS or (before == "by" and not looks_back)):
            return "future"  # "Promised to leave by Monday"; but "had been finished by Monday", "ran until Sunday".
        if verb.lemma in _ANNOUNCES and lower[start] not in WEEKDAYS and self._announces(clause, start):
            return "future"  # "Announced a strike on 30 January".
        if verb.lemma == "rule" and lower[verb.end : verb.end + 1] == ["out"] and before != "on":
            return "future"
        carries = carried(clause, lower)
        if carries is None or carries[3] >= start:
            return "past"
        refused = carries[0] == "denied" and not carries[1] and verb.tense in ("past", "perfect")
        return "past" if refused and before != "in" else "future"  # "Refused to meet on Monday".


_ANNOUNCES: Final = frozenset("announce call schedule plan propose declare set".split())
_CALLED: Final = frozenset("strike strikes walkout dividend protest protests rally".split())
_UNTIL: Final = frozenset("have give adjourn suspend ban bar close remand jail put allow".split())
"""Verbs whose "until" looks ahead though they stand in the past: "was put off until June"."""


def is_moved(lower: list[str], start: int, end: int) -> bool:
    """Whether a date is moved from here to another: "postponed from 30 November to 16 December" is no interval."""
    if not start or lower[start - 1] != "from":
        return False
    if "to" not in lower[start : end + _TO_REACH]:
        return start > 1 and lower[start - 2] in _AWAY  # "Was moved from 1 May".
    return any(word in _MOVED for word in lower[max(0, start - _MOVED_REACH) : start])


_MOVED: Final = frozenset(
    "postponed moved slipped delayed extended pushed rescheduled shifted deferred brought put changed slid postpone "
    "move delay extend push reschedule shift defer postpones moves delays extends back forward".split()
)
_AWAY: Final = frozenset("postponed moved rescheduled shifted deferred delayed".split())
_MOVED_REACH: Final = 9
_TO_REACH: Final = 4
