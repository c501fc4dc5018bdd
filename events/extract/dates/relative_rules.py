"""Rules for dates that are counted from another: today, next week, two days later, the past year and a half."""

import re
from typing import Final

from events.extract.dates.cores import Core, Reading
from events.extract.dates.grammar import Found, Rule
from events.extract.dates.lexicon import DAYPARTS, UNITS, number
from events.extract.dates.naming import mod, weekday

_NEAR: Final = {"yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1, "overnight": 0}
_PAST: Final = frozenset(("past", "last", "previous", "preceding", "prior", "recent"))
_VAGUE: Final = frozenset(
    "few several many some numerous dozens various number couple recent".split()
)  # "A couple of weeks" is no more exact than a few.

_DECIMAL: Final = re.compile(r"[0-9]{1,3}\.[0-9]{1,2}")

_IF: Final = frozenset(("if", "even", "were", "should"))


def count(words: list[str]) -> float | None:
    """Return the number that counts units, halves included; None where it is not told."""
    said = set(words)
    if said & _VAGUE:
        return None
    half = 0.5 if "half" in said else 0.0
    if len(words) == 1 and _DECIMAL.fullmatch(words[0]):
        return float(words[0])
    rest = [word for word in words if word not in ("half", "-", "and", "about", "around", "over", "nearly", "the")]
    while half and len(rest) > 1 and rest[-1] in ("a", "of"):
        rest.pop()
    if not rest or (words[0] == "half" and rest in (["a"], ["an"], ["of"])):
        return half or 1.0
    value = number(rest)
    return None if value is None else value + half


def _today(found: Found) -> Reading | None:
    word = found.word("x").replace(" - ", "")
    if word == "today" and found.after == "," and _next(found, 1) in _IF:
        return None
    if word == "overnight" and found.after.isalpha() and found.before in ("an", "the"):
        return Core("near", number=0, daypart="NI", value="overnight")
    daypart = found.group("p")
    code = DAYPARTS[daypart[-1]] if daypart else ("NI" if word in ("tonight", "overnight") else "")
    return Core("near", number=_NEAR[word], daypart=code)


def _next(found: Found, ahead: int) -> str:
    place = found.end + ahead
    return found.lower[place] if place < len(found.lower) else ""


def _beside_today(found: Found) -> Reading | None:
    return Core("near", number=2 if found.word("x") == "after" else -2)


def _daypart_of_today(found: Found) -> Reading | None:
    how = found.word("r")
    code = DAYPARTS[found.word("p")]
    if how == "this":
        return Core("near", number=0, daypart=code)
    if how == "last":
        return Core("near", number=-1, daypart=code)
    return Core("unit", unit="D", how=how, daypart=code, mod=mod(found.group("o")))


def _weekday(found: Found) -> Reading | None:
    name = found.group("w")
    if found.before in _NAMED_WEEKDAYS or (found.before == "the" and found.is_capital_after):
        return None  # "Black Monday", "the Sunday Herald".
    if len(name) == 1 and len(name[0]) < 6 and found.before not in ("on", "by", "this", "last", "next", "until", ","):
        return None  # "Sun" and "Wed" without a full stop.
    words = found.group("p")
    how = found.word("r")
    return Core("weekday", weekday=weekday(name), how=how, daypart=DAYPARTS[words[-1]] if words else "")


_NAMED_WEEKDAYS: Final = frozenset("black bloody cyber super fat shrove holy ruby casual blue giving wicked".split())


def _daypart_of_weekday(found: Found) -> Reading | None:
    return Core("weekday", weekday=weekday(found.group("w")), how="", daypart=DAYPARTS[found.word("p")])


def _week_on(found: Found) -> Reading | None:
    weeks = found.number("n") or 1
    weekdays = found.group("w")
    return Core("weekday", weekday=weekday(weekdays), how="week on", number=weeks)


def unit_is_span(how: str, unit: str) -> bool:
    """Whether "the past year" is rather the twelve months up to now than a year of the calendar."""
    return (
        how in ("the past", "this past", "the coming")
        or (how == "the last" and unit != "D")
        or (how == "the next" and unit == "E")
    )


def _side(how: str) -> str:
    return "coming" if how.endswith(("coming", "next")) else "past"


def _unit(found: Found) -> Reading | None:
    unit = UNITS[found.group("u")[-1]]
    how = found.word("r") or "the"
    if found.group("d") and how != "same":
        how = f"the {how}"
    if unit_is_span(how, unit):
        return None if found.group("o") else Core("span", number=1, unit=unit, how=_side(how), value=how)
    if unit in "hmsNL" or found.after == "-":
        return None
    if found.group("e"):  # "Later this month": not a part of the month but the days that are left.
        return Core("unit", unit=unit, how=how, mod=found.word("e"))
    return Core("unit", unit=unit, how=how, mod=mod(found.group("o")))


def _weekend(found: Found) -> Reading | None:
    return Core("unit", unit="K", how="nearest")


def _end_of_unit(found: Found) -> Reading | None:
    unit = UNITS[found.word("u")]
    return None if unit in "hmsNL" else Core("unit", unit=unit, how="the", mod=mod(found.group("o")))


def _day_beside(found: Found) -> Reading | None:
    how = "next" if found.word("x") in ("after", "following", "afterwards") else "previous"
    if found.after in ("the", "a", "his", "her", "their", "its"):
        return None  # "The day after the battle": counted from what no calendar knows.
    return Core("unit", unit="D", how=how)


def _year_ago(found: Found) -> Reading | None:
    return Core("count", number=1, unit=UNITS[found.word("u")], how="ago")


def _beside_next(found: Found) -> Reading | None:
    how = "after next" if found.word("x") == "after next" else "before last"
    return Core("unit", unit=UNITS[found.word("u")], how=how)


def _unit_beside(found: Found) -> Reading | None:
    if found.after.isalpha() and found.after not in ("it", "he", "she", "they", "we"):
        return None
    how = "the following" if found.word("x") in ("after", "following") else "the previous"
    return Core("unit", unit=UNITS[found.word("u")], how=how)


def _counted_from(found: Found) -> Reading | None:
    value, unit = count(found.group("n")), UNITS[found.group("u")[-1]]
    if value is None or unit not in "DW":
        return None
    days = int(value * (7 if unit == "W" else 1)) * (-1 if found.word("x") == "before" else 1)
    return Core("near", number=days + _NEAR[found.word("y")])


def _ago_today(found: Found) -> Reading | None:
    return Core("count", number=count(found.group("n")), unit=UNITS[found.group("u")[-1]], how="ago today")


def _counted(found: Found) -> Reading | None:
    unit = UNITS[found.group("u")[-1]]
    how = found.word("x")
    words = found.group("n") + found.group("h")
    if how in ("before", "after") and found.after.isalpha():
        return None  # Counted from what no calendar knows: "two days after the quake".
    if found.after == "than":
        return None
    if how in ("before", "after", "afterward", "afterwards", "thereafter") or how.startswith("after"):
        how = "earlier" if how == "before" else "later"
    vague = not words
    return Core("count", number=None if vague else count(words), unit=unit, how=how.replace("previously", "earlier"))


def _in_count(found: Found) -> Reading | None:
    unit = UNITS[found.group("u")[-1]]
    how = "in time" if found.group("t") else "in"
    return Core("count", number=count(found.group("n") + found.group("h")), unit=unit, how=how)


def _within(found: Found) -> Reading | None:
    value = count(found.group("n") + found.group("h"))
    if value is None or found.after == "of":
        return None
    return Core("count", number=value, unit=UNITS[found.group("u")[-1]], how="within")


def _span(found: Found) -> Reading | None:
    unit = UNITS[found.group("u")[-1]]
    words = found.group("n")
    plural = found.group("u")[-1].endswith("s")
    how = "past" if found.word("r") in _PAST else "coming"
    if not words and not found.group("h") and not plural and not found.group("t"):
        return None  # "Last year" names a year.
    value = None if plural and not words else count(words + found.group("h"))
    return Core("span", number=value, unit=unit, how=how, value=found.word("r"))


def _recently(found: Found) -> Reading | None:
    return Core("span", unit="M", how="past", value="recently")


_UNITS: Final = "u=(ANYUNIT)"
_HALF: Final = "[h=(and [a] half)]"
_NUMBER: Final = "n=(FEW|(half [a|an])|((a|one|WORDNUM) and a half)|COUNT|a|an|one|(a further)|another)"

RELATIVE_RULES: Final[tuple[Rule[Reading], ...]] = (
    Rule("today", "[early|late] x=(today|tonight|yesterday|tomorrow|overnight|(to - day)) [p=DAYPART]", _today),
    Rule("day-beside-today", "the day x=(before|after) (yesterday|tomorrow)", _beside_today),
    Rule(
        "part-of-today",
        "[o=(early|late)] r=(this|last|that|(the (next|following|same|previous))) p=DAYPART",
        _daypart_of_today,
    ),
    Rule("weekday", "[early|late] w=(WEEKDAY|WEEKDAYSHORT|(WEEKDAYSHORT [.])) [p=DAYPART]", _weekday),
    Rule("part-of-weekday", "[the] p=DAYPART of w=WEEKDAY", _daypart_of_weekday),
    Rule("this-weekday", "[the] r=(THISNEXT|(this (past|coming))) w=WEEKDAY [p=DAYPART]", _weekday),
    Rule("weekday-of-week", "w=WEEKDAY (of) r=(this|next|last) week", _weekday),
    Rule("weekday-next-week", "w=WEEKDAY r=(next|last) week", _weekday),
    Rule("week-on", "n=(a|one|two|three) (week|weeks) (on|from) w=WEEKDAY", _week_on),
    Rule(
        "this-unit",
        "[o=(MOD)|e=(later|earlier)] [d=the] r=(THISNEXT|(that same)|(this same)|(this past)|(this coming)) u=UNIT",
        _unit,
    ),
    Rule("later-in-unit", "e=(later|earlier) (in|on) r=(the|that|this|(the same)) u=UNIT", _unit),
    Rule("weekend", "the u=weekend", _weekend),
    Rule("end-of-unit", "o=(the EDGE of|(EDGE of)|mid -|early in|late in) the u=UNIT", _end_of_unit),
    Rule("end-of-unit-short", "u=(year|month|week|decade|quarter|century) [-] o=end", _end_of_unit),
    Rule("mid-unit", "o=mid [-] u=(year|month|week|decade|century)", _end_of_unit),
    Rule("year-ago", "[the|a] u=(year|month|week) - ago", _year_ago),
    Rule("beside-next", "the u=UNIT x=(after next|before last)", _beside_next),
    Rule("unit-beside", "the u=(week|month|year|decade) x=(before|after|following|prior)", _unit_beside),
    Rule("counted-from-day", f"{_NUMBER} {_UNITS} x=(from|after|before) y=(today|tomorrow|yesterday)", _counted_from),
    Rule("ago-today", "n=(a|one|WORDNUM|INT) u=ANYUNIT ago (today|(this (week|month)))", _ago_today),
    Rule("day-beside", "the day x=(before|after|following|afterwards)", _day_beside),
    Rule(
        "counted",
        f"[ROUGH] {_NUMBER} [more|full|long|short] {_UNITS} {_HALF} "
        "x=(ago|earlier|later|before|after|afterward|afterwards|thereafter|previously|hence|"
        "(from now)|(from today))",
        _counted,
    ),
    Rule("counted-vaguely", "[just|only|many] u=UNITS x=(ago|earlier|later|(from now))", _counted),
    Rule("in-count", f"in [ROUGH] {_NUMBER} u=ANYUNIT {_HALF} [t=(['] time)|(from (now|today))]", _in_count),
    Rule("within", f"(within|inside) [the next|the coming] {_NUMBER} {_UNITS} {_HALF}", _within),
    Rule(
        "span",
        "[t=(the|these|those|his|her|their|its)] r=(past|last|next|coming|upcoming|"
        "following|previous|preceding|prior) [ROUGH] [n=(FEW|COUNT|half|((a|one|WORDNUM) and a half))] "
        f"{_UNITS} {_HALF}",
        _span,
    ),
    Rule("recent", "[more|most] r=recent u=UNITS", _span),
    Rule("recently", "[more|most] (recently|lately)", _recently),
)
