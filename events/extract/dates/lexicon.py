"""The words that dates are made of, and the alphabet that the grammar is written in.

Every word of the grammar is one character of a private alphabet, so that a sentence becomes a string of as many
characters as it has words and a rule is a plain regular expression over it. Numbers get a character by their form.
"""

import re
from typing import Final

from events.extract.text import Sentence

_MONTHS: Final = "january february march april may june july august september october november december".split()
_WEEKDAYS: Final = "monday tuesday wednesday thursday friday saturday sunday".split()
_CARDINALS: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety"
).split()
_ORDINALS: Final = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split()

MONTHS: Final = {name: number for number, name in enumerate(_MONTHS, 1)}
MONTHS_SHORT: Final = {name[:3]: number for name, number in MONTHS.items() if len(name) > 3} | {"sept": 9}
WEEKDAYS: Final = {name: number for number, name in enumerate(_WEEKDAYS)}
WEEKDAYS_SHORT: Final = {name[:3]: number for name, number in WEEKDAYS.items()} | {
    "tues": 1, "wednes": 2, "thur": 3, "thurs": 3
}  # fmt: skip
SEASONS: Final = {"spring": 1, "springtime": 1, "summer": 2, "summertime": 2, "autumn": 3, "fall": 3, "winter": 4}
CARDINALS: Final = {word: number for number, word in enumerate(_CARDINALS[:21])} | {
    word: number * 10 for number, word in enumerate(_CARDINALS[20:], 2)
}
ORDINALS: Final = {word: number for number, word in enumerate(_ORDINALS, 1)} | {"thirtieth": 30}
UNITS: Final = dict.fromkeys(("day", "days"), "D") | {
    "week": "W", "weeks": "W", "fortnight": "F", "fortnights": "F", "month": "M", "months": "M", "quarter": "Q",
    "quarters": "Q", "year": "Y", "years": "Y", "decade": "E", "decades": "E", "century": "C", "centuries": "C",
    "weekend": "K", "weekends": "K", "hour": "h", "hours": "h", "hrs": "h", "minute": "m", "minutes": "m",
    "second": "s", "seconds": "s", "night": "N", "nights": "N", "millennium": "L", "millennia": "L",
    "yr": "Y", "yrs": "Y",
}  # fmt: skip
"""Units of time by the letter that the grammar counts them in; minutes, hours and seconds are small letters."""
DAYPARTS: Final = {
    "morning": "MO", "dawn": "MO", "afternoon": "AF", "evening": "EV", "night": "NI", "midnight": "NI",
    "daytime": "DT",
}  # fmt: skip

_CAPITAL_ONLY: Final = frozenset("may march mar sun sat mon wed sep dec jan".split())
"""Dates only where they are written large: the others are verbs, nouns or syllables."""

_SHAPES: Final = (
    ("DAY", r"[1-9]|[12]\d|3[01]"),
    ("DAY0", r"0\d"),
    ("TWO", r"\d\d"),
    ("THREE", r"\d{3}"),
    ("YEAR", r"1\d{3}|2[01]\d\d"),
    ("FOUR", r"\d{4}"),
    ("ORD", r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)"),
    ("ORDX", r"\d{1,3}(?:st|nd|rd|th)"),
    ("DECADE", r"[12]\d\d0s"),
    ("DECADE3", r"\d\d0s"),
    ("DECADE2", r"\d0s"),
    ("CLOCK", r"(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-5]\d)?"),
    ("CLOCKDOT", r"(?:1?\d|2[0-4])\.[0-5]\d"),
    ("SLASH", r"\d{1,4}/\d{1,2}/\d{1,4}|[0-3]?\d\.[01]?\d\.\d{4}"),
    ("SLASH2", r"\d{1,2}/\d{1,2}"),
    ("YEARSLASH", r"[12]\d{3}/\d\d(?:\d\d)?"),
    ("DAYYEAR", r"(?:[1-9]|[12]\d|3[01]),[12]\d{3}"),
    ("DECIMAL", r"\d{1,3}\.\d{1,2}"),
    ("OTHER", r".*"),
)
_SHAPE: Final = re.compile("|".join(f"(?P<{name}>(?:{pattern}))\\Z" for name, pattern in _SHAPES), re.ASCII)

_FIRST: Final = 0x100
_UNKNOWN: Final = "x"
_WORD: Final = "w"

_alphabet: dict[str, str] = {}


def character(word: str) -> str:
    """Return the character of a word of the grammar, or of a form of numbers (`YEAR`); make it where there is none."""
    return _alphabet.setdefault(word, chr(_FIRST + len(_alphabet)))


def words_known() -> list[str]:
    """Return every word that stands in the grammar, in a fixed order."""
    return sorted(word for word in _alphabet if not word.isupper())


CLASSES: Final[dict[str, str]] = {name: character(name) for name, _ in _SHAPES} | {
    name: "".join(character(word) for word in words)
    for name, words in (
        ("MONTH", MONTHS),
        ("MONTHSHORT", MONTHS_SHORT),
        ("WEEKDAY", WEEKDAYS),
        ("WEEKDAYSHORT", WEEKDAYS_SHORT),
        ("SEASON", SEASONS),
        ("CARDINAL", CARDINALS),
        ("ORDINAL", ORDINALS),
        ("UNIT", [unit for unit in UNITS if not unit.endswith("s") and unit != "millennia"]),
        ("UNITS", [unit for unit in UNITS if unit.endswith("s") or unit == "millennia"]),
        ("DAYPART", DAYPARTS),
    )
}
UNKNOWN: Final = _WORD + _UNKNOWN
"""Characters of what the grammar does not know: a word, or anything else."""
CLASSES["OTHERWORD"] = _WORD
"""Characters by the name of a class; a word that the grammar does not know is an `OTHERWORD`."""

_NUMBER: Final = re.compile(r"\d\d\d|\d[dnrst]|\d[-/.:]\d|\d\s*[ap]\.?m")
_TELLING: Final = (
    "overnight now nowadays half moment modern recent recently lately current currently past future present presently "
    "former daily weekly monthly quarterly yearly annual annually nightly hourly biennial everyday today tomorrow "
    "yesterday tonight being time date mid midweek midyear midsummer midwinter midday noon christmas easter "
    "thanksgiving halloween friday boxing pentecost twenties thirties forties fifties sixties seventies eighties "
    "nineties q h ad bc bce ce sundays mondays tuesdays wednesdays thursdays fridays saturdays midnight"
).split()
_TRIGGERS: Final = frozenset(
    form
    for word in (
        *MONTHS, *MONTHS_SHORT, *WEEKDAYS, *WEEKDAYS_SHORT, *SEASONS, *UNITS, *DAYPARTS, *_TELLING,
        *(f"{part}s" for part in DAYPARTS),
    )
    for form in (word, f"{word}'s")
)  # fmt: skip


def can_have_dates(sentence: Sentence) -> bool:
    """Whether a sentence has a word or a number that some date has; many sentences have none.

    It may say so of a sentence without dates, never the other way.
    """
    return not _TRIGGERS.isdisjoint(sentence.lower) or _NUMBER.search(sentence.text) is not None


def lex(sentence: Sentence) -> str:
    """Return the sentence in the alphabet of the grammar, one character for each of its words."""
    words, lower = sentence.words, sentence.lower
    known = _alphabet.get
    letters = []
    for index, word in enumerate(lower):
        letter = known(word)
        if letter is None or word in _CAREFUL:
            letter = _letter(sentence, index, word, words[index])
        letters.append(letter)
    return "".join(letters)


_CAREFUL: Final = _CAPITAL_ONLY | {"-"}


def _letter(sentence: Sentence, index: int, word: str, written: str) -> str:
    """Return the character of a word that is no plain word of the grammar."""
    first = word[0]
    if first.isdigit():
        shape = _SHAPE.match(word)
        return _alphabet.get((shape.lastgroup if shape is not None else None) or "OTHER", _UNKNOWN)
    if first in "-–—‐‑":
        starts, ends = sentence.starts, sentence.ends
        tight = 0 < index < len(starts) - 1 and starts[index] == ends[index - 1] and ends[index] == starts[index + 1]
        return _alphabet.get("-" if tight else "—", _UNKNOWN)
    if not first.isalpha():
        return _UNKNOWN
    base = word[:-2] if word.endswith("'s") else word
    if base in _CAPITAL_ONLY and written[0] == first:
        return _WORD
    return _alphabet.get(base, _WORD)


def number(words: list[str]) -> int | None:
    """Return the number that words or digits say: "31st", "twenty - one", "a", "two hundred"; None where none.

    >>> number(["twenty", "-", "one"]), number(["31st"]), number(["a", "dozen"])
    (21, 31, 12)
    """
    total = 0
    seen = False
    for word in words:
        if word in ("-", "of", "and", "the"):
            continue
        digits = word.rstrip("stndrh'").replace(",", "")
        if word in ("hundred", "dozen", "thousand"):
            total = max(total, 1) * {"hundred": 100, "dozen": 12, "thousand": 1000}[word]
        elif word in ("a", "an"):
            total += 1
        elif word == "couple":
            total = 2
        elif digits.isdecimal() and len(digits) < 10:
            total += int(digits)
        else:
            value = CARDINALS.get(word, ORDINALS.get(word))
            if value is None:
                return None
            total += value
        seen = True
    return total if seen else None
