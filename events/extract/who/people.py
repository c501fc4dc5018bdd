"""People in a text: who holds an office, whom the text has introduced, and whose name begins where."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from events.extract.reading import Publication
from events.extract.who.gazetteer import Entry, Gazetteer, Kind, Person, Title
from events.extract.who.mention import Mention
from events.extract.who.name_words import BETWEEN, NAMES_TOO, NEEDS_INTRODUCTION, PARTICLES
from events.extract.who.proper import is_company_or_organisation, is_name_word, run_end
from events.extract.who.wording import Words

MENTIONS_MAX: Final = 20
"""So many names of a sentence are looked at to see what it is about."""


class Who(NamedTuple):
    """An actor, or a name without one, that a text has introduced."""

    id: str | None
    name: str
    kind: Kind


class Known:
    """What a document has said so far about who is who. One for each document; `mentions` adds to it."""

    def __init__(self, published: Publication) -> None:
        self.day = published.day
        self.people: dict[str, dict[tuple[str, ...], Who]] = {}
        """By first word of the surname."""
        self.titles: dict[str, Entry] = {}
        """By title: the office or body last named that bears it."""
        self.title: Title | None = None
        """The title of an office that was named last: a "counterpart" has the same."""
        self.state: str | None = None
        """The first state of the last sentence that has one: "its president" is that state's."""
        self.states: set[str] = set()
        """All states that were named."""
        self.governing: tuple[str | None, int] = (None, 0)
        """The state whose body was named last, and the paragraph: there "the president" is that state's."""
        self.names: dict[str, Who] = {}
        """Short names and acronyms that were introduced."""
        self.governments: dict[str, Who] = {}
        """What "the administration" or "the government" is."""

    def introduced(self, surname: tuple[str, ...]) -> Who | None:
        """Return who the text has introduced by that surname."""
        return self.people.get(surname[0], {}).get(surname)


class Holder(NamedTuple):
    """Somebody whose name ends before the word `end`, with the office held on the day, if any."""

    end: int
    name: str
    office: str | None
    surname: tuple[str, ...]


class People:
    """The people in one sentence."""

    __slots__ = ("gazetteer", "known", "words")

    def __init__(self, words: Words, gazetteer: Gazetteer, known: Known) -> None:
        self.words = words
        self.gazetteer = gazetteer
        self.known = known

    def at(self, at: int) -> Holder | None:
        """Return the person whose name begins at a word, behind a title."""
        if at >= len(self.words.full) or not self.words.full[at][0].isupper():
            return None
        named, end = self.gazetteer.find(self.words, at)
        if named is not None and named.person is not None:
            return self.in_term(self.gazetteer.people[named.person], end)
        found = self.by_surname(at, titled=True)
        if found is not None:
            return found
        # Behind a title "He Lifeng" and "Jan Breg" are names, too.
        skipped = self.words.plain[at] in NAMES_TOO and is_name_word(self.words.bare(at + 1) or ".")
        if self.words.heading or not (skipped or is_name_word(self.words.plain[at])):
            return None
        end = run_end(self.words.full, self.words.plain, at + skipped)
        if end == at or (named is not None and end == at + 1) or is_company_or_organisation(self.words.plain[end - 1]):
            return None
        words = self.words.plain[at:end]
        return Holder(end, " ".join(words).replace(" - ", "-").replace(" .", "."), None, (words[-1],))

    def by_surname(self, at: int, *, titled: bool = False) -> Holder | None:
        """Return whose bare surname begins at a word: somebody introduced, or the one holder of an office.

        Without a title before it (`titled`) a surname that many people have means nobody yet.
        """
        first = self.words.plain[at]
        if first.lower() in PARTICLES and first not in self.gazetteer.surnames:
            first = first.lower()  # "Von der Leyen" begins a sentence.
        for surname, who in self.known.people.get(first, {}).items():
            end = at + len(surname)
            if (first, *self.words.plain[at + 1 : end]) == surname:
                end += self.words.text(end) in ("Jr", "Sr")
                person = self.gazetteer.people.get(who.name)
                office = who.id if who.kind == "office" else None
                return Holder(end, who.name, office or (person and person.office(self.known.day)), surname)
        held: dict[str, Holder] = {}
        for name in self.gazetteer.surnames.get(first, ()):
            known = self.gazetteer.people[name]
            end = at + len(known.surname)
            holder = self.in_term(known, end)
            if holder.office is not None and (first, *self.words.plain[at + 1 : end]) == known.surname:
                held.setdefault(holder.office, holder)
        if len(held) != 1:
            return None
        found = next(iter(held.values()))
        alone = titled or (first.lower() not in NEEDS_INTRODUCTION and not self.goes_on(found.end))
        return found if alone else None

    def in_term(self, person: Person, end: int) -> Holder:
        """Return a person as the holder of the office of the day."""
        return Holder(end, person.name, person.office(self.known.day), person.surname)

    def held(self, holder: Holder, office: Entry) -> bool:
        """Return whether somebody held the office on another day, as far as the lists know."""
        person = self.gazetteer.people.get(holder.name)
        return person is not None and any(term.office == office.id for term in person.terms)

    def understood(self, at: int, bare: Title, found: Sequence[Mention]) -> Entry | None:
        """Return what "the prime minister", "its new prime minister" means."""
        back = at
        while self.words.before(back) in BETWEEN:
            back -= 1
        if self.words.before(back) == "its":
            state = next((mention.id for mention in found[:MENTIONS_MAX] if mention.kind == "state"), self.known.state)
            return None if state is None else self.gazetteer.office(bare, state)
        if self.words.before(at) != "the":
            return None
        if self.words.text(at - 2) == "," and (state := self._state_of_person(found)) is not None:
            return self.gazetteer.office(bare, state)
        governing, paragraph = self.known.governing
        if bare.id in self.known.titles or governing is None or paragraph != self.words.sentence.paragraph:
            return self.known.titles.get(bare.id)
        office = self.gazetteer.office(bare, governing)
        return office if office is not None and self.gazetteer.is_listed(office) else None

    def _state_of_person(self, found: Sequence[Mention]) -> str | None:
        """Return the state in "Latvia's Jane Roe, the trade minister,"."""
        if len(found) < 2 or found[-1].kind != "person":
            return None
        state = found[-2]
        return state.id if state.kind == "state" and state.possessive else None

    def state_at_hand(self, found: Sequence[Mention]) -> str | None:
        """Return the only state named so far in the sentence, as where it is: "In Chile, Prime Minister …"."""
        states = {mention.id for mention in found[: MENTIONS_MAX + 1]}
        return found[-1].id if len(states) == 1 and found[-1].located and len(found) <= MENTIONS_MAX else None

    def goes_on(self, end: int) -> bool:
        """Return whether another word of the same name seems to follow: "Scholz Holding"."""
        if self.words.heading or end >= len(self.words.full) or self.words.full[end - 1] != self.words.plain[end - 1]:
            return False
        return is_name_word(self.words.plain[end]) and self.gazetteer.find(self.words, end)[0] is None
