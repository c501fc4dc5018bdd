"""What a text has spoken of so far: whom "they" and "the two countries" mean, and the day that may be inherited."""

from collections.abc import Sequence

from msgspec import Struct

from events.extract.reading import Expression
from events.terms import ActorRef

_PEOPLE = frozenset("he she".split())
_MANY = frozenset("they".split())
_THING = frozenset("it".split())


class Subject(Struct, frozen=True, kw_only=True):
    """Who does it. `text` is the phrase, `short` the plain names in it, `number` of the sentence it stands in."""

    text: str
    short: str
    actors: tuple[ActorRef, ...] = ()
    plural: bool = False
    person: bool = False
    sentence: int = 0


class Dated(Struct, frozen=True, kw_only=True):
    """A date that later sentences may inherit, and whose it is."""

    expression: Expression
    subject: str
    sentence: int


class Memory:
    """What was spoken of, latest last. Made for one text."""

    def __init__(self) -> None:
        self._subjects: list[Subject] = []
        self.dated: Dated | None = None

    def note(self, subject: Subject) -> None:
        """Keep a subject that a later pronoun may mean."""
        if subject.text:
            self._subjects.append(subject)
            del self._subjects[:-12]

    def meant(self, word: str, *, sentence: int) -> Subject | None:
        """Return what a pronoun in that sentence means, or None: nothing fits within three sentences."""
        for subject in reversed(self._subjects):
            if sentence - subject.sentence > 3:
                return None
            if word in _MANY and subject.plural:
                return subject
            if word in _PEOPLE and subject.person:
                return subject
            if word in _THING and not subject.person and (not subject.plural or len(subject.actors) == 1):
                return subject
        return None

    def pair(self, *, sentence: int) -> Subject | None:
        """Return the last subject of two or more actors: "the two countries"."""
        for subject in reversed(self._subjects):
            if len(subject.actors) >= 2:
                return subject if sentence - subject.sentence < 40 else None
        return None


def joined(names: Sequence[str]) -> str:
    """Return names as a list in English."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
