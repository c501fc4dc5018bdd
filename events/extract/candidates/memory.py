"""What a text has spoken of so far: whom "they" and "the two countries" mean, and the day that may be inherited."""

from collections import deque
from collections.abc import Sequence
from typing import Final

from msgspec import Struct, structs

from events.extract.reading import Expression
from events.terms import ActorRef

REACH_SENTENCES: Final = 3
SUBJECTS_MAX: Final = 12
_PEOPLE = frozenset("he she".split())
_MANY = frozenset("they".split())
_THING = frozenset("it".split())

_BODIES: Final = frozenset(
    "bank company firm ministry government court agency party union committee council commission parliament regulator "
    "board airline carmaker club university department office group".split()
)


class Subject(Struct, frozen=True, kw_only=True):
    """Who does it. `text` is the phrase, `short` the plain names in it; `tells`: only as who says something."""

    text: str
    short: str
    actors: tuple[ActorRef, ...] = ()
    plural: bool = False
    person: bool = False
    tells: bool = False
    sentence: int = 0


class Dated(Struct, frozen=True, kw_only=True):
    """A date that later sentences may inherit, and whose it is."""

    expression: Expression
    subject: str
    sentence: int


class Memory:
    """What was spoken of, latest last. Made for one text."""

    def __init__(self) -> None:
        self._subjects: deque[Subject] = deque(maxlen=SUBJECTS_MAX)
        self.dated: Dated | None = None

    def note(self, subject: Subject, *, tells: bool, sentence: int) -> None:
        """Keep a subject that a later pronoun may mean; `tells`: there it only said something."""
        if not subject.text:
            return
        if tells != subject.tells or sentence != subject.sentence:
            subject = structs.replace(subject, tells=tells, sentence=sentence)
        self._subjects.append(subject)

    def meant(self, word: str, *, sentence: int) -> Subject | None:
        """Return what a pronoun in that sentence means: who fits, else whoever acted last; None beyond its reach."""
        near = [subject for subject in reversed(self._subjects) if sentence - subject.sentence <= REACH_SENTENCES]
        if word in _THING:
            near = [each for each in near if not each.tells or each.sentence == sentence or _is_body(each)]
        for subject in near:
            if word in _MANY and subject.plural:
                return subject
            if word in _PEOPLE and subject.person:
                return subject
            if word in _THING and not subject.person and (not subject.plural or len(subject.actors) == 1):
                return subject
        if word in _MANY:
            return next((subject for subject in near if subject.actors), None)
        return None

    def acting(self, *, sentence: int, company: bool = False) -> Subject | None:
        """Return who acted last by name, within the reach of a pronoun; with `company` no person."""
        for subject in reversed(self._subjects):
            if sentence - subject.sentence > REACH_SENTENCES:
                return None
            if subject.actors and not subject.tells and not (company and subject.person):
                return subject
        return None

    def pair(self, *, sentence: int) -> Subject | None:
        """Return the last subject of two or more actors: "the two countries"."""
        for subject in reversed(self._subjects):
            if len(subject.actors) >= 2:
                return subject if sentence - subject.sentence < 40 else None
        return None


def _is_body(subject: Subject) -> bool:
    """Whether "it" can mean who only said something: somebody with a name, or a body, but no spokesman."""
    return bool(subject.actors) or subject.text.split()[-1].lower() in _BODIES


def joined(names: Sequence[str]) -> str:
    """Return names as a list in English."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
