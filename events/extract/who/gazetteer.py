"""The gazetteer: who and what is known by name, read from lines that an editor can change.

A line is `kind  id  Name | field: value; value | field: value`. `docs/names.md` describes kinds and fields.
"""

import pkgutil
import re
import unicodedata
from datetime import date
from functools import cache
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

from msgspec import Struct

from events.errors import DatelineError
from events.extract.text import WORD
from events.extract.who.name_words import GOVERNMENTS
from events.extract.who.wording import Words

Kind: TypeAlias = Literal["state", "government", "office", "person", "company", "organisation", "place"]
Sense: TypeAlias = Literal["name", "demonym", "capital", "person", "none"]
Name: TypeAlias = tuple[str, ...]

LISTS: Final = ("states", "offices", "organisations", "companies", "places")
"""The lists that Dateline brings along, in the order they are read."""
LINE_CHARACTERS_MAX: Final = 4_000
FOREVER: Final = 2**62

_ENTRY_KINDS: Final[dict[str, Kind]] = {kind: kind for kind in get_args(Kind)} | {"none": "place"}
"""What an entry is, by the first word of its line."""
_KINDS: Final = frozenset(
    ("state", "government", "office", "company", "organisation", "place", "title", "body", "none")
)
_FIELDS: Final = frozenset(("aka", "adj", "people", "capital", "seat", "short", "part of", "as", "held"))
_ID: Final = re.compile(r"[a-z0-9-]{1,64}")
_PATTERN_ID: Final = re.compile(r"[a-z0-9-]*\{\}[a-z0-9-]*")
_LINE: Final = re.compile(r"(\S+)\s+(\S+)\s+(\S.*)")
_TERM: Final = re.compile(r"(\S.*?)\s+(\d{4}-\d\d-\d\d)/(\d{4}-\d\d-\d\d|\.\.)")
_NOT_DECOMPOSED: Final = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "ı": "i", "đ": "d", "ß": "ss"})
_SURNAME: Final = re.compile(r"\[(.+?)\]")


class GazetteerInvalid(DatelineError):
    """A line of a gazetteer cannot be read. `line` counts from 1."""

    code = "gazetteer-invalid"

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line} of the names: {reason}")
        self.line = line
        self.reason = reason


class Entry(Struct, frozen=True, kw_only=True, gc=False):
    """Something known by name. `id` is its actor's, None for a mere place and for what is to be left alone.

    `article`: English says "the Philippines". `short` is how a state begins the ids of its bodies: "us".
    """

    id: str | None
    kind: Kind
    name: str
    aliases: tuple[str, ...] = ()
    part_of: str | None = None
    article: bool = False
    short: str | None = None

    @property
    def full(self) -> str:
        """The name within a sentence: with its article."""
        return f"the {self.name}" if self.article else self.name


class Term(NamedTuple):
    """Days, inclusive, in which somebody held an office."""

    office: str
    first: int
    last: int


class Person(NamedTuple):
    """Somebody who held an office, or several."""

    name: str
    surname: Name
    terms: tuple[Term, ...]

    def office(self, day: int) -> str | None:
        """Return the id of the office held on a day: the last listed of several."""
        return next((term.office for term in reversed(self.terms) if term.first <= day <= term.last), None)


class Title(NamedTuple):
    """What every state may have: an office or a body, with `{}` in its id and name for the state."""

    id: str
    kind: Kind
    name: str


class Named(NamedTuple):
    """What a name leads to: an entry, or a person (`sense` is "person")."""

    words: Name
    sense: Sense
    entry: Entry | None
    person: str | None = None


class Gazetteer:
    """Names and what they mean. Made by `read_gazetteer`; read, and not changed, by everybody else."""

    def __init__(self) -> None:
        self.names: dict[str, tuple[Named, ...]] = {}
        """By first word: the names that begin with it, longest first."""
        self.titles: dict[str, tuple[tuple[Name, Title], ...]] = {}
        """By first word in lower case, longest first."""
        self.small: set[str] = {form for word in GOVERNMENTS for form in (word, f"{word}'s")}
        """Words in small letters that a name may begin with."""
        self.people: dict[str, Person] = {}
        self.surnames: dict[str, tuple[str, ...]] = {}
        """By first word of the surname: the people's names."""
        self.offices: dict[str, str] = {}
        """By office: the id of its title, where the line says so."""
        self._entries: dict[str, Entry] = {}
        self._titles: dict[str, Title] = {}
        self._as: dict[tuple[str, str], str] = {}

    def copy(self) -> "Gazetteer":
        """Return another with the same names, to which more can be read."""
        other = Gazetteer()
        for attribute, value in vars(self).items():
            setattr(other, attribute, value.copy())
        return other

    def entry(self, id: str) -> Entry | None:
        """Return what the id names, composed offices included ("prime-minister-of-norway"); None where nothing."""
        return self._entries.get(id) or self._composed(id)

    def find(self, words: Words, at: int) -> tuple[Named | None, int]:
        """Return the longest name that begins at a word, and where it ends; None and `at` where none does."""
        full, plain = words.full, words.plain
        second, bare = words.text(at + 1), words.bare(at + 1)
        for word in (full[at],) if full[at] == plain[at] else (full[at], plain[at]):
            for named in self.names.get(word, ()):
                name = named.words
                if len(name) == 1:
                    return named, at + 1
                if name[1] != second and name[1] != bare:
                    continue
                last = at + len(name) - 1
                ends = last < len(full) and (full[last] == name[-1] or plain[last] == name[-1])
                if ends and tuple(full[at:last]) == name[:-1]:
                    return named, last + 1
        return None, at

    def find_title(self, words: Words, at: int) -> tuple[Title, int] | None:
        """Return the longest title that begins at a word, in small letters or capitals, and where it ends."""
        plain = words.plain
        if at >= len(plain):
            return None
        for name, title in self.titles.get(plain[at].lower(), ()):
            end = at + len(name)
            if tuple(word.lower() for word in plain[at:end]) == name and (name != ("pm",) or plain[at] == "PM"):
                return title, end
        return None

    def is_listed(self, entry: Entry) -> bool:
        """Return whether a line names it; else it is made of a title and a state."""
        return entry.id in self._entries

    def current(self, named: Entry) -> Entry:
        """Return the entry in force for one that a name led to: a later line with its id replaces it."""
        return named if named.id is None else self._entries.get(named.id, named)

    def office(self, title: Title, state: str) -> Entry | None:
        """Return a state's office or body by its title; None where the id names no state."""
        known = self._as.get((title.id, state))
        if known is not None:
            return self._entries[known]
        entry = self._entries.get(state)
        return None if entry is None or entry.kind != "state" else _compose(title, entry)

    def title(self, id: str) -> Title | None:
        """Return a title by its id ("president-of-{}"); None where there is none."""
        return self._titles.get(id)

    def title_of(self, office: str) -> str | None:
        """Return the id of the title that an office is a state's form of ("president-of-{}")."""
        if office in self.offices:
            return self.offices[office]
        direct = office.partition("-of-")[0] + "-of-{}"
        if direct in self._titles:
            return direct
        return next((title.id for title in self._titles.values() if _state_part(title, office) is not None), None)

    def _composed(self, id: str) -> Entry | None:
        for title in self._titles.values():
            part = _state_part(title, id)
            if part is None:
                continue
            for state in self._entries.values():
                if state.kind == "state" and (composed := _compose(title, state)).id == id:
                    return composed
        return None

    def add(self, entry: Entry, names: dict[Sense, list[str]]) -> None:
        """Add an entry and the names that lead to it; the same name added later wins."""
        if entry.id is not None:
            self._entries[entry.id] = entry
        for sense, texts in names.items():
            for text in texts:
                for spelling in _spellings(text):
                    if words := words_of(spelling):
                        _put(self.names, words, Named(words, sense, entry))
                        if not words[0][0].isupper():
                            self.small.add(words[0].lower())

    def add_title(self, title: Title, names: list[str]) -> None:
        """Add a title that any state may have."""
        self._titles[title.id] = title
        for name in names:
            words = words_of(name.lower())
            if words:
                _put_title(self.titles, words, title)
                self.small.update((words[0], f"{words[0]}'s"))

    def add_office(self, title: str, state: str, office: str) -> None:
        """Say that `office` is what the title means in that state."""
        self._as[title, state] = office
        self.offices[office] = title

    def forget_holders(self, office: str) -> None:
        """Take back who held an office: another line says it anew."""
        for name, person in list(self.people.items()):
            terms = tuple(term for term in person.terms if term.office != office)
            if len(terms) < len(person.terms):
                self.people[name] = Person(name, person.surname, terms)

    def add_person(self, name: str, surname: str, term: Term) -> None:
        """Add that somebody held an office."""
        for spelling, last in zip(_spellings(name), _spellings(surname, all_of=name), strict=True):
            known = self.people.get(spelling)
            terms = (*(known.terms if known else ()), term)
            self.people[spelling] = Person(spelling, words_of(last), terms)
            if known is None:
                words = words_of(spelling)
                _put(self.names, words, Named(words, "person", None, spelling))
                first = words_of(last)[0]
                self.surnames[first] = (*self.surnames.get(first, ()), spelling)


def read_gazetteer(text: str, *, base: Gazetteer | None = None) -> Gazetteer:
    """Return the gazetteer of these lines, over those of `base`, which stays as it is. Raises `GazetteerInvalid`.

    >>> names = read_gazetteer("company  acme  Acme Corp | aka: Acme")
    >>> names.entry("acme").aliases
    ('Acme',)
    """
    gazetteer = Gazetteer() if base is None else base.copy()
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if line and not line.startswith("#"):
            _read_line(line, number, gazetteer)
    return gazetteer


@cache
def default_gazetteer() -> Gazetteer:
    """Return the gazetteer that Dateline brings along. Reads its package's own lists, once."""
    gazetteer = Gazetteer()
    for name in LISTS:
        # Part of the package like its code is: the same bytes for whoever has this version.
        data = pkgutil.get_data("events.extract.who", f"lists/{name}.txt")
        assert data is not None, name
        for number, line in enumerate(data.decode().splitlines(), start=1):
            if line and line[0] != "#":
                _read_line(line, number, gazetteer)
    return gazetteer


def words_of(name: str) -> Name:
    """Return the words of a name, as a sentence has them."""
    if name.isalpha():
        return (name,)
    return tuple(WORD.findall(name.replace("’", "'")))


def _spellings(text: str, *, all_of: str | None = None) -> tuple[str, ...]:
    """Return a name as it is and without its accents, where it has any, or where `all_of` has."""
    if (text if all_of is None else all_of).isascii():
        return (text,)
    bare = unicodedata.normalize("NFD", text.translate(_NOT_DECOMPOSED))
    return text, "".join(letter for letter in bare if not unicodedata.combining(letter))


def _read_line(line: str, number: int, gazetteer: Gazetteer) -> None:
    if len(line) > LINE_CHARACTERS_MAX:
        raise GazetteerInvalid(number, f"it has more than {LINE_CHARACTERS_MAX} characters")
    head, *rest = line.split("|")
    match = _LINE.fullmatch(head.strip())
    if match is None:
        raise GazetteerInvalid(number, "it is no `kind  id  Name`")
    kind, id, name = match.groups()
    fields = _fields(rest, number)
    if kind not in _KINDS:
        raise GazetteerInvalid(number, f"{kind!r} is no kind; known are {', '.join(sorted(_KINDS))}")
    if kind in ("title", "body"):
        _read_title("office" if kind == "title" else "government", id, name, fields, number, gazetteer)
    else:
        _read_entry(kind, id, name, fields, number, gazetteer)


def _fields(parts: list[str], number: int) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for part in parts:
        key, colon, values = part.partition(":")
        key = key.strip()
        if not colon or key not in _FIELDS:
            raise GazetteerInvalid(number, f"{part.strip()!r} is no field; known are {', '.join(sorted(_FIELDS))}")
        fields.setdefault(key, []).extend(stripped for value in values.split(";") if (stripped := value.strip()))
    return fields


def _read_title(
    kind: Kind, id: str, name: str, fields: dict[str, list[str]], number: int, gazetteer: Gazetteer
) -> None:
    if _PATTERN_ID.fullmatch(id) is None or name.count("{}") != 1:
        raise GazetteerInvalid(number, "a title's id and name have {} where the state's go")
    bare = name.replace(" of {}", "").replace("{}", "").strip()
    gazetteer.add_title(Title(id, kind, name), [bare, *fields.get("aka", ())])


def _read_entry(kind: str, id: str, name: str, fields: dict[str, list[str]], number: int, gazetteer: Gazetteer) -> None:
    if id == "-" and kind in ("place", "none"):
        actor = None
    elif id != "-" and _ID.fullmatch(id) is not None:
        actor = id
    else:
        raise GazetteerInvalid(number, f"{id!r} is no id: small letters, digits and hyphens, at most 64")
    article = name.startswith("the ")
    name = name.removeprefix("the ")
    part_of = next(iter(fields.get("part of", ())), None)
    entry = Entry(
        id=actor,
        kind=_ENTRY_KINDS[kind],
        name=name,
        aliases=tuple(fields.get("aka", ())),
        part_of=part_of,
        article=article,
        short=next(iter(fields.get("short", ())), None),
    )
    if kind == "none":
        gazetteer.add(entry, {"none": [name, *entry.aliases]})
        return
    names: dict[Sense, list[str]] = {
        "capital": [*fields.get("capital", ()), *fields.get("seat", ())],
        "demonym": [*fields.get("adj", ()), *fields.get("people", ())],
        "name": [name, *entry.aliases],  # Last: "Singapore" is the state first.
    }
    again = actor is not None and gazetteer.is_listed(entry)
    gazetteer.add(entry, names)
    for title in fields.get("as", ()):
        if part_of is None or actor is None:
            raise GazetteerInvalid(number, "`as` needs `part of`, the state whose title it is")
        if gazetteer.title(title) is None:
            raise GazetteerInvalid(number, f"{title!r} is no title")
        gazetteer.add_office(title, part_of, actor)
    if "held" in fields and actor is not None and again:
        gazetteer.forget_holders(actor)
    for held in fields.get("held", ()):
        _read_holder(held, actor, number, gazetteer)


def _read_holder(text: str, office: str | None, number: int, gazetteer: Gazetteer) -> None:
    match = _TERM.fullmatch(text)
    if match is None or office is None:
        raise GazetteerInvalid(number, f"{text!r} is no `Given [Surname] YYYY-MM-DD/YYYY-MM-DD`; an end may be `..`")
    name, first, last = match.groups()
    try:
        days = date.fromisoformat(first).toordinal(), FOREVER if last == ".." else date.fromisoformat(last).toordinal()
    except ValueError:
        raise GazetteerInvalid(number, f"{first}/{last} names a day that the calendar does not have") from None
    marked = _SURNAME.search(name)
    surname = marked[1] if marked else name.split()[-1]
    plain = name.replace("[", "").replace("]", "")
    if not words_of(surname):
        raise GazetteerInvalid(number, f"{text!r} has no surname")
    gazetteer.add_person(plain, surname, Term(office, *days))


def _put(index: dict[str, tuple[Named, ...]], words: Name, named: Named) -> None:
    others = index.get(words[0])
    if others is None:
        index[words[0]] = (named,)
        return
    kept = [other for other in others if other.words != words]
    index[words[0]] = tuple(sorted([*kept, named], key=lambda one: -len(one.words)))


def _put_title(index: dict[str, tuple[tuple[Name, Title], ...]], words: Name, title: Title) -> None:
    kept = [other for other in index.get(words[0], ()) if other[0] != words]
    index[words[0]] = tuple(sorted([*kept, (words, title)], key=lambda one: -len(one[0])))


def _compose(title: Title, state: Entry) -> Entry:
    if title.id.startswith("{}"):
        id = title.id.replace("{}", state.short or state.id or "")
    else:
        id = title.id.replace("{}", f"the-{state.id}" if state.article else state.id or "")
    return Entry(id=id[:64], kind=title.kind, name=title.name.replace("{}", state.full), part_of=state.id)


def _state_part(title: Title, id: str) -> str | None:
    before, _, after = title.id.partition("{}")
    fits = id.startswith(before) and id.endswith(after) and len(id) > len(before) + len(after)
    return id[len(before) : len(id) - len(after)] if fits else None
