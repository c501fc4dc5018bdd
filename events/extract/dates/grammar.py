"""The language the rules are written in, and how a sentence is matched against them.

A rule's template is words and classes: `[the] d=DAYNUM of m=MONTHNAME` means an optional "the", a day, "of" and a
month; `|` parts choices, brackets are optional, `name=` keeps what stood there. Templates become regular expressions
over the alphabet of `lexicon`, without unbounded repetition, so matching is linear. The longest match wins; among
equals the first rule.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, Generic, NamedTuple, TypeVar

from events.extract.dates.lexicon import CLASSES, UNKNOWN, character, number

T = TypeVar("T")

MACROS: Final = {
    "DAYNUM": "DAY|DAY0|ORD|ORDINAL|(CARDINAL - ORDINAL)",
    "MONTHNAME": "MONTH|(MONTHSHORT [.])",
    "WEEKDAYNAME": "WEEKDAY|(WEEKDAYSHORT [.])",
    "BC": "bc|b.c.|bce|b.c.e.",
    "AD": "ad|a.d.|ce|c.e.",
    "YEARNAME": "(YEAR [BC|AD])|((DAY|TWO|THREE|FOUR) (BC|AD))|(AD (DAY|TWO|THREE|YEAR))",
    "INT": "DAY|DAY0|TWO|THREE",
    "WORDNUM": "CARDINAL [- CARDINAL]",
    "COUNT": "(INT|WORDNUM) [hundred|dozen]|((a|one) (hundred|dozen))|hundred|dozen",
    "FEW": "([a] few)|several|many|some|(a couple [of])|(a number of)|numerous|dozens of|various",
    "ANYUNIT": "UNIT|UNITS",
    "THISNEXT": "this|next|last|past|coming|following|previous|same|that|preceding|upcoming|current|prior",
    "ROUGH": (
        "about|around|roughly|nearly|almost|over|just|only|some|approximately|(more than)|(less than)|(at least)|"
        "(up to)|(at most)|(no more than)|(just over)|(just under)|under|exactly|another|"
        "(well over)|(a little (more|less) than)|(just [a] (few|bit) (over|under))"
    ),
    "EDGE": "end|close|start|beginning|middle|outset|onset|turn|(latter part)|(early part)|rest|remainder",
    "MOD": (
        "(early [in|on [in]])|(late [in])|(later in)|(earlier in)|(mid [-])|(end -)|(year - end)|"
        "(the [very] EDGE of [the])|(EDGE of [the])"
    ),
}
"""Templates by name; a name that is none of these is a class of `lexicon`."""

_TOKEN: Final = re.compile(r"\s*(?:(?P<name>[a-z]\d?)=)?(?P<item>[\[\]()|]|[A-Z][A-Z0-9]+|[^\s\[\]()|]+)")


_ARTICLES: Final = frozenset(character(word) for word in ("the", "a", "an"))


class Rule(NamedTuple, Generic[T]):
    """A template and what it means: `read` returns None where the words are no date after all."""

    name: str
    template: str
    read: Callable[["Found"], T | None]


class Found:
    """A match of a rule: the words from `start` to `end` (exclusive) of a sentence."""

    __slots__ = ("_match", "classes", "end", "lower", "start", "words")

    def __init__(self, match: re.Match[str], lower: list[str], words: list[str]) -> None:
        self._match = match
        self.start, self.end = match.span()
        self.lower = lower
        self.words = words
        self.classes = match.string

    def group(self, name: str) -> list[str]:
        """Return the words in lower case that stand for `name`, without "'s"; empty where there are none."""
        if name not in self._match.re.groupindex:
            return []
        start, end = self._match.span(name)
        if start < 0:
            return []
        return [word[:-2] if word.endswith("'s") else word for word in self.lower[start:end]]

    def word(self, name: str) -> str:
        """Return those words as one text."""
        return " ".join(self.group(name))

    def number(self, name: str) -> int | None:
        """Return the number they say."""
        return number(self.group(name))

    def place(self, name: str) -> tuple[int, int]:
        """Return where they stand, as numbers of words."""
        return self._match.span(name)

    @property
    def before(self) -> str:
        """The word before the match, in lower case; empty at the beginning of the sentence."""
        return self.lower[self.start - 1] if self.start else ""

    @property
    def is_capital_after(self) -> bool:
        """Whether the word after the match is written with a capital."""
        return self.end < len(self.words) and self.words[self.end][0].isupper()

    @property
    def after(self) -> str:
        """The word after the match, in lower case; empty at the end of the sentence."""
        return self.lower[self.end] if self.end < len(self.lower) else ""


class Grammar(Generic[T]):
    """Rules, found by the first character that they can begin with."""

    def __init__(self, rules: Iterable[Rule[T]]) -> None:
        self._by_first: dict[str, list[tuple[re.Pattern[str], Rule[T]]]] = {}
        for rule in rules:
            pattern, first, optional = _Template(rule.template).choices()
            assert not optional, rule.name
            compiled = re.compile(pattern)
            for letter in first:
                self._by_first.setdefault(letter, []).append((compiled, rule))

    def find(self, classes: str, lower: list[str], words: list[str]) -> Iterator[tuple[Found, Rule[T], T]]:
        """Yield the matches in a sentence in order, none overlapping another."""
        after = 0
        for index, letter in enumerate(classes):
            if index < after:
                continue
            rules = self._by_first.get(letter)
            if rules is None or (letter in _ARTICLES and classes[index + 1 : index + 2] in UNKNOWN):
                continue  # An article before a word that the grammar does not know begins nothing.
            best = self._best(rules, classes, index, lower, words)
            if best is not None:
                yield best
                after = best[0].end

    @staticmethod
    def _best(
        rules: Sequence[tuple[re.Pattern[str], Rule[T]]], classes: str, index: int, lower: list[str], words: list[str]
    ) -> tuple[Found, Rule[T], T] | None:
        matches = [(match, rule) for pattern, rule in rules if (match := pattern.match(classes, index)) is not None]
        if len(matches) > 1:
            matches.sort(key=lambda pair: -pair[0].end())
        for match, rule in matches:
            found = Found(match, lower, words)
            reading = rule.read(found)
            if reading is not None:
                return found, rule, reading
        return None


class _Template:
    """Reads a template; each method returns a regular expression, what it can begin with, and if it can be empty."""

    def __init__(self, template: str) -> None:
        self._tokens = list(_TOKEN.finditer(template))
        self._next = 0

    def choices(self) -> tuple[str, set[str], bool]:
        patterns, first, optional = [], set(), False
        while True:
            pattern, begins, empty = self._sequence()
            patterns.append(pattern)
            first |= begins
            optional |= empty
            if self._peek() != "|":
                return "|".join(patterns), first, optional
            self._next += 1

    def _peek(self) -> str:
        return self._tokens[self._next]["item"] if self._next < len(self._tokens) else ""

    def _sequence(self) -> tuple[str, set[str], bool]:
        pattern, first, optional = "", set[str](), True
        while self._peek() not in ("", "|", ")", "]"):
            item, begins, empty = self._item()
            pattern += item
            if optional:
                first |= begins
            optional &= empty
        return pattern, first, optional

    def _item(self) -> tuple[str, set[str], bool]:
        token = self._tokens[self._next]
        self._next += 1
        opened = f"(?P<{token['name']}>" if token["name"] else "(?:"
        item = token["item"]
        if item in "([":
            pattern, first, optional = self.choices()
            self._next += 1
            return f"{opened}{pattern})" + "?" * (item == "["), first, optional or item == "["
        if item in MACROS:
            pattern, first, optional = _Template(MACROS[item]).choices()
            return f"{opened}{pattern})", first, optional
        if item in CLASSES:
            letters = CLASSES[item]
            return f"{opened}[{_ranges(letters)}])", set(letters), False
        letter = character(item.removesuffix("'s"))
        return f"{opened}{letter})", {letter}, False


def _ranges(letters: str) -> str:
    ranges: list[str] = []
    for letter in sorted(letters):
        if ranges and ord(letter) == ord(ranges[-1][-1]) + 1:
            ranges[-1] = f"{ranges[-1][0]}-{letter}"
        else:
            ranges.append(letter)
    return "".join(ranges)
