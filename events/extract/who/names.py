"""Who and where: the names in a sentence, as actors' ids where they have one.

`mentions` goes through a sentence once. A name known to the gazetteer wins by length; a state with a title after it
("the Polish foreign minister") or before it ("President of France") is that state's office; a person who holds an
office on the day of publication is the office. What a document has introduced (`Known`) is understood when it is
named shorter.
"""

from events.extract.text import Sentence
from events.extract.who.gazetteer import Entry, Gazetteer, Kind, Named, words_of
from events.extract.who.mention import How
from events.extract.who.mention import Mention as Mention
from events.extract.who.name_words import (
    BETWEEN,
    COMPANY_FORMS,
    GIVEN_AND_PLACE,
    GONE,
    GOVERNMENTS,
    LOCATING,
    NEEDS_INTRODUCTION,
    NOT_WHERE,
    OF_PLACE,
    SHIPS,
    SKIPPED_BACK,
)
from events.extract.who.people import Holder, People, Who
from events.extract.who.people import Known as Known
from events.extract.who.proper import (
    is_common,
    is_company_or_organisation,
    is_honorific,
    is_name_word,
    kind_of,
    rank,
    run_end,
)
from events.extract.who.wording import Words


def mentions(sentence: Sentence, gazetteer: Gazetteer, known: Known) -> list[Mention]:
    """Return the names in a sentence, in order, none overlapping another. `known` learns from them."""
    return _Reader(sentence, gazetteer, known).read()


class _Reader:
    """One sentence being read."""

    __slots__ = ("found", "full", "gazetteer", "known", "lower", "people", "plain", "sentence", "words")

    def __init__(self, sentence: Sentence, gazetteer: Gazetteer, known: Known) -> None:
        self.sentence = sentence
        self.gazetteer = gazetteer
        self.known = known
        self.words = Words(sentence)
        self.full = self.words.full
        self.plain = self.words.plain
        self.people = People(self.words, gazetteer, known)
        self.lower = sentence.lower
        self.found: list[Mention] = []

    def read(self) -> list[Mention]:
        full, lower, small = self.full, self.lower, self.gazetteer.small
        at, count = 0, len(full)
        while at < count:
            if full[at][0].isupper() or lower[at] in small:
                end = self._at(at)
                at = end if end > at else at + 1
            else:
                at += 1
        state = next((mention.id for mention in self.found if mention.kind == "state" and not mention.located), None)
        self.known.state = state or self.known.state
        self.known.states.update(mention.id for mention in self.found if mention.kind == "state" and mention.id)
        return self.found

    def _at(self, at: int) -> int:
        """Take the mention that begins at a word; return where it ends, or `at` where none does."""
        introduced = self.known.names.get(self.plain[at])
        named, end = self.gazetteer.find(self.words, at)
        if named is not None and named.sense == "none":
            return end
        if named is not None and named.entry is not None:
            entry = self.gazetteer.current(named.entry)
            composed = self._state_then_title(at, end, entry) or self._longer_run(at, end, entry)
            if composed:
                return composed
        titled = self._titled(at, end if named is not None else at)
        if titled:
            return titled
        if introduced is not None and end <= at + 1:
            return self._add(at, at + 1, introduced.id, introduced.name, introduced.kind, "name")
        if named is not None:
            return self._take_named(at, end, named)
        if self.plain[at].lower() in GOVERNMENTS:
            return self._administration(at)
        if not self.full[at][0].isupper():
            return 0
        return self._surname(at) or self._unknown(at)

    def _state_then_title(self, at: int, end: int, entry: Entry) -> int:
        """Take "Japanese Prime Minister Fumio Kishida", "Poland's foreign ministry", "the US government"."""
        if entry.kind != "state" or entry.id is None:
            return 0
        after = end
        if self.words.text(after) == "'":
            after += 2 if self.words.text(after + 1) == "s" else 1
        gone = after > 0 and self.words.before(at) in GONE
        while self.words.text(after).lower() in BETWEEN or (
            self.words.text(after) == "-" and self.words.text(after - 1) == "ex"
        ):
            gone = gone or self.lower[after] in GONE
            after += 1
        title = self.gazetteer.find_title(self.words, after)
        if title is None and self.words.bare(after) == "counterpart" and self.known.title is not None:
            title = self.known.title, after + 1
        if title is not None:
            office = self.gazetteer.office(title[0], entry.id)
            stop, elect = self._elect(title[1])
            named, longer = self.gazetteer.find(self.words, after) if after < len(self.full) else (None, 0)
            if longer > stop and named is not None and named.entry is not None and named.entry.part_of == entry.id:
                office, stop = self.gazetteer.current(named.entry), longer  # "Japan's Ministry of Economy, Trade …".
            return 0 if office is None else self._office(at, stop, office, title[0].id, gone=gone or elect)
        if self.words.bare(after).lower() in GOVERNMENTS:
            self.known.governments[self.words.bare(after).lower()] = Who(entry.id, entry.name, "government")
            return self._add(at, after + 1, entry.id, entry.name, "government", "name")
        return 0

    def _titled(self, at: int, least: int) -> int:
        """Take what begins with a title: "President of France", "President Macron", "the prime minister"."""
        title = self.gazetteer.find_title(self.words, at)
        if title is None or title[1] < least:
            return 0
        bare, end = title
        end, elect = self._elect(end)
        gone = elect or self.words.before(at) in GONE
        if self.words.text(end) == "of" or (self.words.text(end) == "in" and bare.kind == "government"):
            after = end + 1 + (self.words.text(end + 1).lower() == "the")
            named, stop = self.gazetteer.find(self.words, after) if after < len(self.full) else (None, after)
            state = None if named is None or named.entry is None else self.gazetteer.current(named.entry)
            if state is None or state.id is None or state.kind != "state":
                return 0
            office = self.gazetteer.office(bare, state.id)
            return 0 if office is None else self._office(at, stop, office, bare.id, gone=gone)
        person = self.people.at(end) if bare.kind == "office" else None
        if person is not None:
            there = None if person.office or gone else self.people.state_at_hand(self.found)
            office = self.gazetteer.office(bare, there) if there and person.name not in self.gazetteer.people else None
            if office is not None and self.known.introduced(person.surname) is None:
                return self._office(at, end, office, bare.id, gone=False)
            return self._title_and_person(at, person, gone=gone)
        known = self.people.understood(at, bare, self.found)
        if known is None:
            return 0
        self._join_apposition(at, known)
        return self._add(at, end, known.id, known.name, known.kind, "title")

    def _elect(self, end: int) -> tuple[int, bool]:
        """Return where a title ends that may go on with "-elect", and whether it does."""
        elect = self.words.text(end) == "-" and self.words.text(end + 1) in ("elect", "designate")
        return (end + 2, True) if elect else (end, False)

    def _office(self, at: int, end: int, office: Entry, title: str | None, *, gone: bool) -> int:
        """Take an office or a state's body, with the name of its holder where it follows."""
        if office.kind == "office":
            person = self.people.at(end)
            if person is None and self.words.text(end) == "," and not gone:
                self._learn_apposition(end + 1, office)
            if person is not None and (gone or (person.office is None and self.people.held(person, office))):
                return self._learn_person(at, person, Who(None, person.name, "person"), "title")
            if person is not None:
                # The text says whose office it is; a list may be older.
                id = office.id if person.office is None else person.office
                entry = self.gazetteer.entry(id or "") or office
                self._learn_title(title, entry)
                return self._learn_person(at, person, Who(entry.id, entry.name, "office"), "title")
        if gone:
            return self._add(at, end, None, f"former {office.name}", "person", "title")
        self._learn_title(title, office)
        if office.kind != "office":
            self.known.governing = office.part_of, self.sentence.paragraph
        self._join_apposition(at, office)
        return self._add(at, end, office.id, office.name, office.kind, "title")

    def _title_and_person(self, at: int, person: Holder, *, gone: bool) -> int:
        entry = None if person.office is None or gone else self.gazetteer.entry(person.office)
        if entry is None:
            known = None if gone else self.known.introduced(person.surname)
            return self._learn_person(at, person, known or Who(None, person.name, "person"), "title")
        self._learn_title(self.gazetteer.title_of(entry.id or ""), entry)
        return self._learn_person(at, person, Who(entry.id, entry.name, "office"), "title")

    def _take_named(self, at: int, end: int, named: Named) -> int:
        if named.person is not None:
            person = self.people.in_term(self.gazetteer.people[named.person], end)
            gone = self.words.before(at) in GONE
            return self._administration_of(at, person) or self._title_and_person(at, person, gone=gone)
        assert named.entry is not None
        entry = self.gazetteer.current(named.entry)
        if entry.kind == "office":
            if self._of_another_state(at, entry, named):
                other = self.people.at(end)
                if other is not None:
                    return self._learn_person(at, other, Who(None, other.name, "person"), "title")
                return self._add(at, end, None, self._with_state(at, end), "office", "unknown")
            title = self.gazetteer.title_of(entry.id or "")
            return self._office(at, end, entry, title, gone=self.words.before(at) in GONE)
        if entry.kind == "place":
            return self._add(at, end, entry.id, entry.name, "place", "name", place=entry.name)
        place = None
        how: How = "name"
        if named.sense == "capital":
            place, how = self.words.between(self.sentence.starts[at], self.words.stop(end)), "capital"
        elif named.sense == "demonym":
            how = "demonym"
        elif entry.kind == "state":
            place = entry.name
        elif entry.kind == "company":
            while self.plain[end - 1] == self.full[end - 1] and self.words.bare(end) in COMPANY_FORMS:
                end += 1
        elif self._of_another_state(at, entry, named):
            return self._add(at, end, None, self._with_state(at, end), entry.kind, "unknown")
        if entry.kind in ("government", "organisation") and entry.part_of is not None:
            part = self.gazetteer.entry(entry.part_of)
            if part is not None and part.kind == "state":
                self.known.governing = part.id, self.sentence.paragraph
        end = self._add(at, end, entry.id, entry.name, entry.kind, how, place=place)
        self._learn_acronym(end, Who(entry.id, entry.name, entry.kind))
        return end

    def _of_another_state(self, at: int, entry: Entry, named: Named) -> bool:
        """Return whether a state before it says that "the Senate" is not the one the gazetteer means."""
        if not self.found or len(named.words) < 2 or self.found[-1].kind != "state" or entry.part_of is None:
            return False
        last = self.found[-1]
        if self.words.between(last.end, self.sentence.starts[at]) not in (" ", "'s ", "’s "):
            return False
        part = self.gazetteer.entry(entry.part_of)
        return entry.part_of != last.id and (
            (part is not None and part.kind == "state") or named.words == ("Security", "Council")
        )

    def _with_state(self, at: int, end: int) -> str:
        state = self.gazetteer.entry(self.found[-1].id or "")
        name = self.words.between(self.sentence.starts[at], self.words.stop(end))
        return name if state is None else f"{name} of {state.full}"

    def _longer_run(self, at: int, end: int, entry: Entry) -> int:
        """Take "Tokyo Electric Power", "Charlotte Smith": a place's name that begins a longer name."""
        if entry.kind not in ("state", "place") or not self.people.goes_on(end):
            return 0
        stop = run_end(self.full, self.plain, end)
        if is_company_or_organisation(self.plain[stop - 1]):
            return self._proper(at, stop)
        person = end == at + 1 and self.plain[at].lower() in GIVEN_AND_PLACE and not is_honorific(self.plain[end])
        return self._proper(at, stop) if person else 0

    def _administration(self, at: int) -> int:
        """Take "the government of Japan", and "the administration" where the text has said whose."""
        if self.words.text(at + 1) == "of":
            after = at + 2 + (self.words.text(at + 2).lower() == "the")
            named, stop = self.gazetteer.find(self.words, after) if after < len(self.full) else (None, after)
            if named is None or named.entry is None or named.entry.kind != "state":
                return 0
            return self._add(at, stop, named.entry.id, named.entry.name, "government", "name")
        word = self.plain[at].lower()
        known = self.known.governments.get(word) or (self._only_government() if word == "government" else None)
        if known is None or self.words.before(at) not in ("the", "senior"):
            return 0
        return self._add(at, at + 1, known.id, known.name, "government", "title")

    def _only_government(self) -> Who | None:
        """Return what "the government" is where the text has named one state alone."""
        states = self.known.states | {mention.id for mention in self.found if mention.kind == "state" and mention.id}
        entry = self.gazetteer.entry(next(iter(states))) if len(states) == 1 else None
        return None if entry is None else Who(entry.id, entry.name, "government")

    def _administration_of(self, at: int, person: Holder) -> int:
        """Take "the Biden administration": the state whose office the person holds."""
        if self.words.bare(person.end).lower() not in GOVERNMENTS:
            return 0
        office = self.gazetteer.entry(person.office) if person.office else None
        state = self.gazetteer.entry(office.part_of) if office is not None and office.part_of else None
        if state is None or state.kind != "state":
            name = f"{' '.join(person.surname)} {self.plain[person.end]}"
            return self._add(at, person.end + 1, None, name, "government", "name")
        self.known.governments[self.words.bare(person.end).lower()] = Who(state.id, state.name, "government")
        return self._add(at, person.end + 1, state.id, state.name, "government", "name")

    def _surname(self, at: int) -> int:
        """Take a bare surname: of somebody the text introduced, or of the one holder of an office."""
        person = self.people.by_surname(at)
        if person is None:
            return self._past_holder(at)
        taken = self._administration_of(at, person)
        if taken:
            return taken
        who = self.known.introduced(person.surname)
        if who is None:
            entry = self.gazetteer.entry(person.office or "")
            if entry is None:
                return 0
            who = Who(entry.id, entry.name, "office")
            self._learn_title(self.gazetteer.title_of(entry.id or ""), entry)
        return self._learn_person(at, person, who, "surname")

    def _past_holder(self, at: int) -> int:
        """Take the bare surname of somebody who held an office on another day: a person."""
        word = self.plain[at]
        names = self.gazetteer.surnames.get(word, ())
        if not names or word.lower() in NEEDS_INTRODUCTION or self.people.goes_on(at + 1):
            return 0
        person = self.gazetteer.people[names[0]]
        if self.words.bare(at + 1).lower() in GOVERNMENTS or person.surname != (word,):
            return 0
        return self._learn_person(
            at, Holder(at + 1, person.name, None, person.surname), Who(None, person.name, "person"), "surname"
        )

    def _unknown(self, at: int) -> int:
        """Take a run of capitals that nothing else explains."""
        word = self.plain[at]
        if self.words.heading or not is_name_word(word) or (len(word) == 1 and self.words.text(at + 1) != "."):
            return 0
        end = run_end(self.full, self.plain, at)
        if end == at or word in SHIPS or (end == at + 1 and is_honorific(word)):
            return end
        if self.words.bare(at + 1).lower() in GOVERNMENTS and word in self.gazetteer.surnames:
            return self._administration_of(at, Holder(at + 1, word, None, (word,)))
        first = self.words.begins_sentence(at)
        if first and end == at + 1 and not (word.isupper() and len(word) > 1):
            return 0
        if at == 0 and word.isupper() and self.words.text(end) in ("–", "—", ",", "("):
            return end  # The town that a report is from.
        if (
            first
            and end > at + 1
            and (
                self.gazetteer.find(self.words, at + 1)[1] >= end
                or self.gazetteer.find_title(self.words, at + 1) is not None
            )
        ):
            return 0  # "Carmaker Toyota": the name begins with the next word.
        ranks, person = rank(self.plain, at, end)
        if person > at:  # "Acme Chairman Jane Doe" is two names, and the second may be known.
            return self._proper(at, ranks) and person if ranks > at and not first else person
        if end == at + 1 and is_common(word):
            return 0
        return self._proper(at, end)

    def _proper(self, at: int, end: int) -> int:
        """Take the words as a name nobody knows, and remember the shorter forms it may come back in."""
        words = self.plain[at:end]
        before = self.full[at - 1] if at else ""
        if before == "." and at > 1:
            before = self.full[at - 2]
        kind = kind_of(words, before, self.full[end : end + 5])
        if kind == "organisation" and self._is_place(at, end):
            kind = "place"
        elif kind == "organisation" and self._is_person(at, end):
            kind = "person"
        name = self.words.between(self.sentence.starts[at], self.words.stop(end))
        joined = self.known.introduced((words[-1],)) if len(words) > 1 and self.found else None
        if joined is not None and joined.kind == "office" and self.found[-1].id == joined.id:
            return self._add(at, end, joined.id, joined.name, joined.kind, "title")
        if kind == "person":
            return self._learn_person(at, Holder(end, name, None, (words[-1],)), Who(None, name, kind), "unknown")
        who = Who(None, name, kind)
        if kind == "company" and len(words) > 1 and len(words[0]) > 2 and words[0] not in self.gazetteer.names:
            self.known.names.setdefault(words[0], who)
        end = self._add(at, end, None, name, kind, "unknown", place=name if kind == "place" else None)
        self._learn_acronym(end, who)
        return end

    def _learn_person(self, at: int, person: Holder, who: Who, how: How) -> int:
        """Take a person's name; the surname alone means the same from here on."""
        if person.surname:
            self.known.people.setdefault(person.surname[0], {})[person.surname] = who
        return self._add(at, person.end, who.id, who.name, who.kind, how)

    def _learn_title(self, title: str | None, entry: Entry) -> None:
        if title is not None:
            self.known.titles[title] = entry
            self.known.title = self.gazetteer.title(title) if entry.kind == "office" else self.known.title

    def _learn_apposition(self, at: int, office: Entry) -> None:
        """Learn from "Poland's foreign minister, Radosław Sikorski," who the surname is."""
        person = self.people.at(at)
        if person is None or person.office is not None or person.end < at + 2 or self.words.text(person.end) != ",":
            return
        who = Who(office.id, office.name, office.kind)
        self.known.people.setdefault(person.surname[0], {})[person.surname] = who

    def _join_apposition(self, at: int, office: Entry) -> None:
        """Learn from "Jane Doe, Poland's foreign minister," who Jane Doe is."""
        if not self.found:
            return
        last = self.found[-1]
        between = self.words.between(last.end, self.sentence.starts[at])
        if last.id is None and last.kind in ("person", "organisation") and between in (", ", ", the ") and office.id:
            words = words_of(last.text)
            if len(words) > 1:
                self.found[-1] = last._replace(id=office.id, name=office.name, kind="office", how="title")
                who = Who(office.id, office.name, "office")
                self.known.people.setdefault(words[-1], {})[(words[-1],)] = who

    def _learn_acronym(self, end: int, who: Who) -> None:
        """Learn from "Asian Development Forum (ADF)" what ADF is."""
        if self.words.text(end) != "(" or self.words.text(end + 2) != ")":
            return
        short = self.full[end + 1]
        if 2 <= len(short) <= 8 and sum(letter.isupper() for letter in short) >= 2 and short[0] == who.name[0]:
            self.known.names[short] = who

    def _add(
        self, at: int, end: int, id: str | None, name: str, kind: Kind, how: How, *, place: str | None = None
    ) -> int:
        start, stop = self.sentence.starts[at], self.words.stop(end)
        text = self.words.between(start, stop)
        possessive = self.full[end - 1] != self.plain[end - 1] or self.words.text(end) == "'"
        dateline = at == 0 and self.words.text(end) in ("–", "—")
        located = place is not None and not possessive and (dateline or self._located(at) or self.words.is_base(end))
        self.found.append(Mention(start, stop, text, id, name, kind, place, located, possessive, how))
        return end

    def _is_person(self, at: int, end: int) -> bool:
        """Return whether it stands like "Gabon's Ada Mba": two or three plain words behind a state."""
        words = self.plain[at:end]
        if not 2 <= len(words) <= 3 or not all(word.isalpha() and not word.isupper() for word in words):
            return False
        if any(is_common(word) for word in words) or not self.found:
            return False
        last = self.found[-1]
        return last.kind == "state" and last.possessive and self.sentence.starts[at] <= last.end + 3

    def _is_place(self, at: int, end: int) -> bool:
        """Return whether an unknown name is a place: "in Ogdenville", "Liberty, North Carolina"."""
        if any(is_company_or_organisation(word) for word in self.plain[at:end]) or self.plain[at].isupper():
            return False
        if self.words.is_base(end):
            return True
        if self.words.text(end) == "," and self.words.text(end + 1):
            named = self.gazetteer.find(self.words, end + 1)[0]
            if named is not None and named.entry is not None and named.sense == "name" and named.entry.kind == "place":
                return True
        before = self.words.before(at)
        return before.startswith("visit") or (
            before in ("in", "near", "outside") and self.words.before(at - 1) not in NOT_WHERE
        )

    def _located(self, at: int) -> bool:
        back = at - 1
        while back > 0 and self.lower[back] in SKIPPED_BACK:
            back -= 1
        if back < 0:
            return False
        if self.lower[back] in LOCATING or (self.lower[back] == "of" and self.words.before(back) in OF_PLACE):
            return True
        if self.full[back] not in (",", "and", "or") or not self.found:
            return False
        last = self.found[-1]
        near = last.end == self.sentence.ends[back - 1] if back else False
        return near and last.place is not None and (last.located or (self.full[back] == "," and last.kind == "place"))
