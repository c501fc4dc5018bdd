"""Rules that only TimeML's profile has: durations, sets, and words such as "now" that name no day."""

from typing import Final

from events.extract.dates.cores import Core, Reading
from events.extract.dates.grammar import Found, Rule
from events.extract.dates.lexicon import DAYPARTS, MONTHS, SEASONS, UNITS, WEEKDAYS
from events.extract.dates.points import SEASON_NAMES
from events.extract.dates.relative_rules import count
from events.extract.reading import TimexType

_LETTERS: Final = {
    "D": "D", "W": "W", "M": "M", "Y": "Y", "Q": "Q", "E": "DE", "C": "CE", "K": "WE", "N": "D", "h": "TH", "m": "TM",
    "s": "TS", "F": "W", "L": "ML",
}  # fmt: skip
_SETS: Final = {
    "daily": "P1D", "weekly": "P1W", "monthly": "P1M", "quarterly": "P1Q", "yearly": "P1Y", "annual": "P1Y",
    "annually": "P1Y", "nightly": "P1D", "hourly": "PT1H", "everyday": "P1D", "biennial": "P2Y",
}  # fmt: skip
_NOW: Final = {
    "now": "PRESENT_REF", "right now": "PRESENT_REF", "currently": "PRESENT_REF", "current": "PRESENT_REF",
    "presently": "PRESENT_REF", "at present": "PRESENT_REF", "nowadays": "PRESENT_REF", "these days": "PRESENT_REF",
    "at the moment": "PRESENT_REF", "the moment": "PRESENT_REF", "the present": "PRESENT_REF",
    "this time": "PRESENT_REF", "the time being": "PRESENT_REF", "modern day": "PRESENT_REF",
    "recently": "PAST_REF", "more recently": "PAST_REF", "recent": "PAST_REF", "lately": "PAST_REF",
    "the past": "PAST_REF", "the recent past": "PAST_REF", "previously": "PAST_REF", "once": "PAST_REF",
    "to date": "PRESENT_REF",
    "the future": "FUTURE_REF", "the near future": "FUTURE_REF", "future": "FUTURE_REF", "soon": "FUTURE_REF",
}  # fmt: skip
_TAGGED: Final = frozenset(word for word in _NOW if word not in ("once", "previously", "the moment", "soon"))


def duration_value(core: Core) -> tuple[TimexType, str] | None:
    """Return type and value of what is no date; None for dates."""
    match core.kind:
        case "length":
            return "DURATION", _length(core.unit, core.number)
        case "span" if core.value == "recently":
            return "DATE", "PAST_REF"
        case "span":
            return "DURATION", _length(core.unit, core.number)
        case "count" if core.how in ("later", "ago", "earlier", "hence") and core.number is None:
            return "DATE", "FUTURE_REF" if core.how in ("later", "hence") else "PAST_REF"
        case "count" if core.how in ("within", "in") or core.unit in "hms":
            return "DURATION", _length(core.unit, core.number)
        case "set":
            return "SET", core.value
        case "reference":
            return "DATE", core.value
        case "time of day":
            return "TIME", core.value
        case _:
            return None


def _length(unit: str, number: float | None) -> str:
    if unit == "F":
        number = None if number is None else number * 2
    letter = _LETTERS[unit]
    period, letter = ("PT", letter[1:]) if len(letter) == 2 and letter[0] == "T" else ("P", letter)
    if number is not None and unit in "EC" and number != int(number):
        number, letter = number * (10 if unit == "E" else 100), "Y"
    if number == 0.5 and letter in ("H", "Y", "D"):  # Half an hour is said in the smaller unit.
        period, number, letter = {"H": ("PT", 30, "M"), "Y": ("P", 6, "M"), "D": ("PT", 12, "H")}[letter]
    said = "X" if number is None else f"{number:g}"
    return f"{period}{said}{letter}"


def _length_of(found: Found) -> Reading | None:
    unit = UNITS[found.group("u")[-1]]
    if unit == "Q" and found.before != "for":  # Three quarters are a share more often than a time.
        return None
    words = found.group("n") + found.group("h")
    if (words[:1] == ["many"] and found.before == "as") or (words == ["some"] and found.group("u")[-1][-1:] != "s"):
        return None
    if unit == "s" and not found.group("u")[-1].endswith("s") and words not in (["one"], ["split"]):
        return None
    return Core("length", number=count(words) if words else None, unit=unit)


def _article_length(found: Found) -> Reading | None:
    """A length, "a week", "an hour"; "$5 a week" and "twice a day" are sets."""
    unit = UNITS[found.group("u")[-1]]
    if unit in "sLNQ" or (found.after in ("-", "of", "when", "that") and unit not in "YMDWh"):
        return None
    if found.before in _SPEEDS:
        return None
    if found.before in _RATES or (found.before.endswith(("s", "m", "bn")) and found.before[:1] in "$€£"):
        return Core("set", value=_length(unit, 1))
    return Core("length", number=1, unit=unit)


def _unit_long(found: Found) -> Reading | None:
    """A length that describes a noun: "a decade-long war"."""
    return Core("length", number=1, unit=UNITS[found.group("u")[-1]])


_SPEEDS: Final = frozenset("miles kilometers kilometres km knots meters metres feet".split())
_RATES: Final = frozenset("once twice thrice times percent % million billion thousand trillion tons barrels".split())


def _bare_length(found: Found) -> Reading | None:
    """Units without a number: "for months", "years of war"."""
    unit = UNITS[found.group("u")[-1]]
    if unit in "smKQN":
        return None
    cue = found.before in _LENGTH_CUES or found.after in ("of", "after", "before", "since")
    return Core("length", number=None, unit=unit) if cue else None


_LENGTH_CUES: Final = frozenset("for in within after over of took take takes lasted spent through during many".split())


def _age(found: Found) -> Reading | None:
    return Core("length", number=count(found.group("n")), unit=UNITS[found.word("u")])


def _every(found: Found) -> Reading | None:
    unit = UNITS[found.group("u")[-1]]
    number = count(found.group("n")) if found.group("n") else 1
    return Core("set", value=_length(unit, number)) if unit not in "N" else None


def _every_weekday(found: Found) -> Reading | None:
    name = found.word("w")
    return Core("set", value=f"XXXX-WXX-{WEEKDAYS[name.removesuffix('s')] + 1}")


def _every_month(found: Found) -> Reading | None:
    return Core("set", value=f"XXXX-{MONTHS[found.word('m')]:02}")


def _every_season(found: Found) -> Reading | None:
    return Core("set", value=f"XXXX-{SEASON_NAMES[SEASONS[found.word('s')]]}")


def _every_daypart(found: Found) -> Reading | None:
    return Core("set", value=f"XXXX-XX-XXT{DAYPARTS[found.word('p')]}")


def _adverb(found: Found) -> Reading | None:
    return Core("set", value=_SETS[found.word("x")])


def _former(found: Found) -> Reading | None:
    return Core("reference", value="PAST_REF", how="narrative") if found.after.isalpha() else None


def _at_time(found: Found) -> Reading | None:
    if found.word("x") == "night":
        return Core("time of day", value="XXXX-XX-XXTNI")
    return Core("reference", value="PRESENT_REF")


def _reference(found: Found) -> Reading | None:
    said = found.word("x")
    if said in ("future", "current", "recent") and not found.after.isalpha():
        return None
    if said == "the past" and found.after.isalpha() and found.after in UNITS:
        return None
    return Core("reference", value=_NOW[said])


_NUMBER: Final = "n=(FEW|(half [a|an])|((a|one|WORDNUM) and a half)|COUNT|one|DECIMAL)"
_ALTERNATIVES: Final = "|".join(f"({words})" for words in sorted(_TAGGED))
_PLURALS: Final = "|".join(f"{name}s" for name in WEEKDAYS)

DURATION_RULES: Final[tuple[Rule[Reading], ...]] = (
    Rule(
        "length",
        f"[the] [first|final|previous|full|entire|same] [ROUGH] {_NUMBER} [-] [more|full|long|short|straight|"
        "consecutive|additional|further|additional] u=ANYUNIT [h=(and a half)] [- long|long]",
        _length_of,
    ),
    Rule("long-length", "[the] [ROUGH] n=(INT|WORDNUM|several) [-] OTHERWORD u=UNITS", _length_of),
    Rule("former", "former", _former),
    Rule("this-time", "at x=(this time|night)", _at_time),
    Rule(
        "article-length",
        "[ROUGH] (a|an|the (whole|entire|full)) [full|whole|single|further|entire] u=UNIT [h=(and a half)]",
        _article_length,
    ),
    Rule("unit-long", "[a|the] u=UNIT - long", _unit_long),
    Rule("half-length", "[a] n=half [-|a|an] u=UNIT", _length_of),
    Rule("bare-length", "u=UNITS", _bare_length),
    Rule("age", "[the|a] n=(INT|WORDNUM) - u=(year|month|week|day) - (old|olds)", _age),
    Rule("age-years", "n=(INT|WORDNUM|DECIMAL) u=(years|months|weeks|days) (old|(of age))", _age),
    Rule("every", "(every|each|per) [n=(INT|WORDNUM|few|other)] u=ANYUNIT", _every),
    Rule("every-month", "(every|each) m=MONTH", _every_month),
    Rule("every-season", "(every|each) s=SEASON", _every_season),
    Rule("every-weekday", f"[every|each] w=({_PLURALS}|WEEKDAY)", _every_weekday),
    Rule("every-part", "(every|each) p=DAYPART", _every_daypart),
    Rule("adverb", f"x=({'|'.join(_SETS)})", _adverb),
    Rule("reference", f"x=({_ALTERNATIVES})", _reference),
)
