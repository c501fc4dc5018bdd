"""Rules for dates that name a part of the calendar: days, months, years, seasons, quarters, decades, feasts."""

from typing import Final

from events.extract.dates.cores import Both, Core, Reading
from events.extract.dates.direction import is_moved
from events.extract.dates.grammar import Found, Rule
from events.extract.dates.lexicon import DAYPARTS, MONTHS_SHORT, ORDINALS, SEASONS, number
from events.extract.dates.naming import FEAST_NAMES, FEASTS, MOVABLE, mod, month, weekday, year

_AMBIGUOUS_MONTHS: Final = frozenset(("march", "april", "may", "june"))
_MONTH_CUES: Final = frozenset(
    "in by before until till since from through to between during of and or after around about late early mid this "
    "last next every each that for throughout beyond following previous coming past possibly perhaps - — / ( , end "
    "upcoming as into on late starting beginning".split()
)
_YEAR_CUES: Final = frozenset(
    "in by before until till since from through to between during of after around early late mid circa c. year "
    "for possibly throughout as back about / ( summer winter spring autumn fall".split()
)
_COUNTED_BEFORE: Final = frozenset(
    "over nearly some than least most only flight article resolution page paragraph section room number no nos $ € £ "
    "¥ # % all other these those route highway chapter model boeing line unit bus exactly almost roughly "
    "approximately another total".split()
)
_MEASURES: Final = frozenset(
    "people men women children soldiers troops members jobs miles mile km kilometers kilometres meters metres feet "
    "tons tonnes dollars euros pounds yen percent % votes seats units cars vehicles copies workers employees students "
    "homes houses deaths dead casualties killed wounded million billion thousand hundred bc b.c. acres barrels "
    "degrees gallons hectares horses guns ships aircraft planes tanks missiles prisoners civilians victims visitors "
    "pages points residents refugees families villages cases mm cm kg mph words hours days weeks months years minutes "
    "strong others or-so rpm hp watts mw gw rounds infantry cavalry fighters rebels officers delegates shares "
    "stores patients volts calories square".split()
)


def _date(found: Found) -> Reading | None:
    if found.group("y") and found.after in _MEASURES and found.after not in ("dead", "strong"):
        return None
    named = year(found.group("y"))
    if named is None and found.word("m").startswith("sep") and found.number("d") == 11 and found.after in _OF_2001:
        named = 2001
    return Core(
        "date",
        year=named,
        month=month(found.group("m")),
        day=found.number("d"),
        weekday=weekday(found.group("w")),
        how=found.word("r"),
        mod=mod(found.group("o")),
        daypart=_daypart(found),
    )


_OF_2001: Final = frozenset("attacks attack terrorist terror hijackings hijackers".split())
"""What has no year since everybody knows it: "the Sept. 11 attacks"."""


def _part_of_date(found: Found) -> Reading | None:
    """A part of a day: "the morning of 31 January 1965"."""
    named = found.group("m") or found.group("n")
    day = found.number("d") or found.number("e")
    return Core("date", year=year(found.group("y")), month=month(named), day=day, daypart=_daypart(found))


def _week_of(found: Found) -> Reading | None:
    named = found.group("m") or found.group("m1")
    day = found.number("d") or found.number("d1")
    return Core("date", year=year(found.group("y")), month=month(named), day=day, unit="W")


def _daypart(found: Found) -> str:
    words = found.group("p")
    return DAYPARTS[words[-1]] if words else ""


def _month_alone(found: Found) -> Reading | None:
    name = found.group("m")[0]
    if not found.group("o") and not found.group("r"):
        cue = found.before in _MONTH_CUES or (found.before in ("the", "a", "its", "their") and found.after.isalpha())
        is_short = name in MONTHS_SHORT and len(found.group("m")) == 1
        if (name in _AMBIGUOUS_MONTHS or is_short) and not cue:
            return None
        if is_short and found.before in (",", "(") and found.is_capital_after:
            return None  # "Jan Augustin" is somebody.
        if name == "march" and found.before in ("the", "a", "their", "of") and found.after in _MARCH_GOES:
            return None
    core = _date(found)
    if isinstance(core, Core) and found.before in ("the", "a", "its", "their", "of") and found.after.isalpha():
        return core._replace(value="attributive") if found.after not in _AFTER_DAY else core
    return core


_MARCH_GOES: Final = frozenset("on to from through into against toward towards past of".split())


def _year_alone(found: Found) -> Reading | None:
    said = found.group("y")
    if any(character.isdecimal() for character in found.after[:1]) or found.after in _MEASURES:
        return None
    if not found.group("o") and len(said) == 1 and not found.group("a"):
        if found.before in _COUNTED_BEFORE or found.before.startswith("$"):
            return None
        value = int(said[0])
        if found.before not in _YEAR_CUES and (not 1500 <= value < 2100 or _is_name_or_count(found)):
            return None
        if found.before == "-" or found.after == "-":  # Part of a longer number: a telephone's, an article's.
            return None
    return Core("date", year=year(said), mod=mod(found.group("o")))


_DETERMINERS: Final = frozenset("the a an his her its their our my this that each every".split())


def _is_name_or_count(found: Found) -> bool:
    """Whether a number is part of a name ("Windows 2000") or counts something ("needs 2040 beds")."""
    if found.before[:1].isdecimal() or found.before == "is":
        return True
    if not found.before.isalpha() or found.before in _DETERMINERS:
        return False
    if found.words[found.start - 1][0].isupper():
        return True
    return found.after.isalpha() and found.after.endswith("s")


def _short_year(found: Found) -> Reading | None:
    """A year of three digits, among years before our era."""
    if found.before not in ("in", "by", "since", "until", "of", "early", "late", "after", "before", "from", "to"):
        return None
    if found.after in _MEASURES or (found.after.isalpha() and found.after.endswith("s")):
        return None
    return Core("short year", year=int(found.group("y")[0]), mod=mod(found.group("o")))


def _iso(found: Found) -> Reading | None:
    year_, month_, day_ = (int(found.word(name)) for name in ("y", "m", "d"))
    return Core("date", year=year_, month=month_, day=day_) if 1 <= month_ <= 12 and day_ <= 31 else None


def _iso_month(found: Found) -> Reading | None:
    if found.after in ("-", "/") or found.before in ("-", "/"):
        return None
    year_, month_ = int(found.word("y")), int(found.word("m"))
    if not 1 <= month_ <= 12 or month_ == (year_ + 1) % 100:  # "2007-08" is rather two years.
        return None
    return Core("date", year=year_, month=month_)


def _slashes(found: Found) -> Reading | None:
    return Core("slashes", value=found.word("d"))


def _day_year(found: Found) -> Reading | None:
    """A day and a year that a missing blank has glued: "May 10,1940"."""
    day_, year_ = found.word("d").split(",")
    return Core("date", year=int(year_), month=month(found.group("m")), day=int(day_))


def _season(found: Found) -> Reading | None:
    name = found.group("s")[0]
    how = found.word("r")
    said = found.group("y")
    if not said and not how:
        if name == "fall" and found.before not in ("in", "by", "until", "since", "of", "this"):
            return None
        if name in ("spring", "fall", "winter", "summer") and not (
            found.group("o") or found.group("t") or found.before in _SEASON_CUES or found.after in _SEASON_NOUNS
        ):
            return None
        capital = found.words[found.end - 1][0].isupper()
        if capital and found.is_capital_after and found.after not in _SEASON_NOUNS:
            return None
        if found.after in ("of", "-") and name in ("fall", "spring"):
            return None
    return Core("season", year=year(said), number=SEASONS[name], how=how, mod=mod(found.group("o")))


_SEASON_NOUNS: Final = frozenset(
    "offensive offensives campaign campaigns fighting months semester term session break and".split()
)
_SEASON_CUES: Final = frozenset("in by until since during this last next through before after from late early".split())


_REPORTED_OF: Final = frozenset(
    "earnings results profit profits sales revenue revenues figures figure income loss losses report numbers net "
    "operating gdp growth data".split()
)
"""What is told of a quarter after its end, even where it will be told tomorrow."""


def _part(found: Found) -> Reading | None:
    words = found.group("n")
    said = found.word("u")
    value = number(words) if words[0] not in ("last", "final", "latter", "latest") else -1
    months = {"quarter": 3, "half": 6, "semester": 6, "trimester": 4, "q": 3, "h": 6}[said]
    if value is None or value > 12 // months:
        return None
    year_ = year(found.group("y"))
    if said == "half" and not (year_ is not None or found.group("r")):
        return None
    if said in ("q", "h") and (found.group("n")[0].startswith("0")):
        return None
    if words[0] == "second" and said == "quarter" and found.before.isdecimal():
        return None
    number_ = 12 // months if value == -1 else value
    reported = found.after in _REPORTED_OF
    fiscal = found.group("f") or found.group("g") or found.word("k") in ("fiscal", "business")
    value_ = "fiscal" if fiscal else "reported" if reported else ""
    return Core("part", year=year_, number=number_, unit=str(months), how=found.word("r"), value=value_)


def _months_of_year(found: Found) -> Reading | None:
    """The first or last months of a year, "the first ten months of 1915"."""
    value = found.number("c")
    if value is None or not 2 <= value <= 11:
        return None
    how = f"{found.word('r') or 'the'} year" if not found.group("y") else ""
    side = 1 if found.word("n") == "first" else -1
    return Core("months of year", year=year(found.group("y")), number=side, month=value, how=how)


def _fiscal(found: Found) -> Reading | None:
    return Core("date", year=year(found.group("y")), mod=mod(found.group("o")), value="fiscal")


def _decade(found: Found) -> Reading | None:
    said = found.word("x")
    return Core("decade", year=int(said[:-1]), mod=mod(found.group("o")), value=found.word("b"))


_TENS: Final = {
    "twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60, "seventies": 70, "eighties": 80,
    "nineties": 90,
}  # fmt: skip


def _decade_short(found: Found) -> Reading | None:
    said = found.group("x")[-1]
    if found.before in ("his", "her", "their", "my", "your", "our"):  # An age.
        return None
    return Core("decade", year=_TENS[said] if said in _TENS else int(said[:-1]), mod=mod(found.group("o")))


def _century(found: Found) -> Reading | None:
    value = found.number("n")
    if value is None or value > 40:
        return None
    return Core("century", number=value, mod=mod(found.group("o")), value=found.word("b"))


def _numbered_weekday(found: Found) -> Reading | None:
    said = found.word("n")
    value = -1 if said in ("last", "final") else ORDINALS.get(said) or int(said[:-2])
    if value > 5:
        return None
    return Core(
        "numbered weekday",
        weekday=weekday(found.group("w")),
        number=value,
        month=month(found.group("m")) if found.group("m") else None,
        year=year(found.group("y")),
        how=found.word("r"),
    )


def _day_alone(found: Found) -> Reading | None:
    """A day alone, "the 3rd", where no noun follows that it could number."""
    if (found.before not in _DAY_CUES and not found.group("w")) or (
        found.after[:1].isalpha() and found.after not in _AFTER_DAY
    ):
        return None
    return Core("day of month", day=found.number("d"), weekday=weekday(found.group("w")))


def _day_of_this_month(found: Found) -> Reading | None:
    how = found.group("r")[0]
    return Core("day of month", day=found.number("d"), how=how)


_DAY_CUES: Final = frozenset("on by until till before after from since through of and to around between".split())
_AFTER_DAY: Final = frozenset(
    "and or to at in for with as when while but after before the a an by of that which who because until he she it "
    "they we i there this".split()
)


def _feast(found: Found) -> Reading | None:
    said = found.word("x")
    name = said.removeprefix("the ") if said != "the fourth of july" else said
    how = found.word("r") or found.word("r1")
    fixed = FEASTS.get(name)
    year_ = year(found.group("y"))
    if fixed is not None:
        return Core("date", year=year_, month=fixed[0], day=fixed[1], how=how, mod=mod(found.group("o")))
    return Core("movable", year=year_, number=MOVABLE[name], how=how)


def _days(found: Found) -> Reading | None:
    """One month for two days: "10-14 April", "April 9 to 14"."""
    if is_moved(found.lower, found.start, found.end):
        return None
    month_, year_ = month(found.group("m")), year(found.group("y"))
    left, right = found.number("d"), found.number("e")
    if left is None or right is None or left > 31 or right > 31 or found.after in _MEASURES:
        return None
    if found.word("j") in ("and", "or", "-", "—", "to", ",") and left >= right and month_ is not None:
        return None
    (_, left_end), (right_start, _) = found.place("d"), found.place("e")
    return Both(
        Core("date", year=year_, month=month_, day=left),
        Core("date", year=year_, month=month_, day=right),
        (found.start, left_end),
        (right_start, found.end),
        found.word("j"),
    )


def _months(found: Found) -> Reading | None:
    """One year for two months: "January-March 2024"."""
    if is_moved(found.lower, found.start, found.end):
        return None
    left, right, year_ = month(found.group("m")), month(found.group("n")), year(found.group("y"))
    first = year_ - (left > right) if year_ is not None else None
    if year_ is None and found.before not in _MONTH_CUES | {"the", ""} and found.group("m")[0] in _AMBIGUOUS_MONTHS:
        return None
    return Both(
        Core("date", year=first, month=left),
        Core("date", year=year_, month=right),
        (found.start, found.place("m")[1]),
        (found.place("n")[0], found.end),
        found.word("j"),
    )


def _years(found: Found) -> Reading | None:
    """Two years: "2024-25", "2010 to 2012"; a second one of two digits is in the century of the first."""
    if is_moved(found.lower, found.start, found.end):
        return None
    left, said = int(found.word("y")), found.word("z")
    right = int(said) if len(said) > 2 else left // 100 * 100 + int(said)
    if right <= left or found.before in ("-", "$") or found.after == "-" or found.after in _MEASURES:
        return None
    if found.word("j") in ("or", "and") and len(said) < 3:
        return None
    if not 1000 <= left < 2200 or right - left > 400:
        return None
    left_words, right_words = (found.start, found.place("y")[1]), (found.place("z")[0], found.end)
    return Both(Core("date", year=left), Core("date", year=right), left_words, right_words, found.word("j"))


def _years_glued(found: Found) -> Reading | None:
    left, right = found.word("y").split("/")
    if int(right[-2:]) != (int(left) + 1) % 100:
        return None
    whole = (found.start, found.end)
    return Both(Core("date", year=int(left)), Core("date", year=int(left) + 1), whole, whole, "/")


def _years_bc(found: Found) -> Reading | None:
    left, right = int(found.word("y")), int(found.word("z"))
    if left <= right:
        return None
    words = (found.start, found.place("y")[1]), (found.place("z")[0], found.end)
    return Both(Core("date", year=1 - left), Core("date", year=1 - right), *words, found.word("j"))


def _part_of_month(found: Found) -> Reading | None:
    """Weeks and halves of a month: "the first week of May", "the last two weeks of February 1951"."""
    said = found.word("n")
    number_ = -1 if said in ("last", "final") else ORDINALS[said]
    length = {"two": 2, "few": 0}.get(found.word("c"), 1)
    unit = found.word("u")
    if unit in ("week", "half", "weekend") and length != 1:
        return None
    return Core(
        "part of month",
        year=year(found.group("y")),
        month=month(found.group("m")),
        day=length,
        number=number_,
        unit={"week": "W", "weeks": "W", "weekend": "K", "days": "D", "half": "H"}[unit],
    )


_TO: Final = "-|—|to|through|thru|until|till|and|or"
_WEEKDAY: Final = "[w=WEEKDAYNAME [,] [the]]"
_THAT_YEAR: Final = "(that|this|last|next|the|each|every) [same|following|previous|next|calendar] year"

CALENDAR_RULES: Final[tuple[Rule[Reading], ...]] = (
    Rule(
        "part-of-date",
        "[o=(early [in])] [the] [o1=(early|late)] p=DAYPART [hours] of [WEEKDAYNAME [,]] "
        "((([the] d=(DAY|DAY0|ORD) [of] m=MONTHNAME)|(n=MONTHNAME e=DAYNUM)) [[,] y=YEARNAME])",
        _part_of_date,
    ),
    Rule(
        "week-of-date",
        "[the] week (of|beginning|starting|commencing|ending|ended) "
        "((m=MONTHNAME d=DAYNUM)|([the] d1=(DAY|ORD) [of] m1=MONTHNAME)) [[,] y=YEAR]",
        _week_of,
    ),
    Rule("day-month-year", f"{_WEEKDAY} [the] d=(DAY|DAY0|ORD) [of] m=MONTHNAME [[,] [of|in] y=YEARNAME]", _date),
    Rule("ordinal-month-year", f"{_WEEKDAY} [the] d=DAYNUM [day] of m=MONTHNAME [[,] y=YEARNAME]", _date),
    Rule("month-day-year", f"{_WEEKDAY} m=MONTHNAME [the] d=DAYNUM [[,] [of] y=YEARNAME]", _date),
    Rule("month-day-that-year", f"m=MONTHNAME d=DAYNUM [,] of r=({_THAT_YEAR})", _date),
    Rule("day-glued-year", "m=MONTHNAME d=DAYYEAR", _day_year),
    Rule("month-year", "[o=(MOD)] m=MONTHNAME [,|of|in] y=YEARNAME", _date),
    Rule("month-that-year", f"[o=(MOD)] m=MONTHNAME of r=({_THAT_YEAR})", _date),
    Rule("month", "[o=(MOD)] m=MONTHNAME", _month_alone),
    Rule("this-month-name", "[o=(MOD)] [the] r=(THISNEXT) m=MONTHNAME [d=DAYNUM]", _month_alone),
    Rule("year", "[o=(MOD)] [a=([the] year)] y=YEARNAME", _year_alone),
    Rule("short-year", "[o=(MOD)] y=THREE", _short_year),
    Rule("iso-date", "y=YEAR - m=(DAY0|DAY) - d=(DAY0|DAY)", _iso),
    Rule("iso-month", "y=YEAR - m=DAY0", _iso_month),
    Rule("numeric-date", "d=SLASH", _slashes),
    Rule("season-year", "[o=(MOD)] [the] s=SEASON [-] [of|,] y=YEARNAME", _season),
    Rule("year-season", "[the] y=YEAR s=SEASON", _season),
    Rule("season", "[o=(MOD)] [t=the] s=SEASON", _season),
    Rule("this-season", "[o=(MOD)] [the] r=(THISNEXT) s=SEASON", _season),
    Rule("season-that-year", f"[o=(MOD)] [the] s=SEASON of r=({_THAT_YEAR})", _season),
    Rule(
        "part-of-year",
        "[the] [f=(fiscal)] n=(ORDINAL|ORD|last|final|latter|latest) [k=(fiscal|calendar|business)] [-] "
        f"u=(quarter|half|semester|trimester) "
        f"[([of|,|in] [the] [g=(fiscal|financial)] [year] y=YEAR)|((of|in) r=({_THAT_YEAR}))]",
        _part,
    ),
    Rule("q1", "u=(q|h) n=DAY [[of|,] y=YEAR]", _part),
    Rule("year-q1", "y=YEAR [-] u=(q|h) n=DAY", _part),
    Rule("fiscal-year", "[o=(MOD)] [the] (fiscal|financial) [year] y=YEAR", _fiscal),
    Rule(
        "months-of-year",
        "[the] n=(first|last|final) c=(WORDNUM|DAY) months (of|in) ((y=YEAR)|(r=(THISNEXT) year)|(the year))",
        _months_of_year,
    ),
    Rule("decade", "[o=(MOD)] [the] x=(DECADE|DECADE3) [b=(BC)]", _decade),
    Rule("decade-short", f"[o=(MOD)] the ['|’|‘|mid -|early|late] x=(DECADE2|{'|'.join(_TENS)})", _decade_short),
    Rule("century", "[o=(MOD)] [the] n=(ORD|ORDX|ORDINAL|(CARDINAL - ORDINAL)) [-] century [b=(BC)]", _century),
    Rule(
        "numbered-weekday",
        "[the] n=(first|second|third|fourth|fifth|last|final|ORD) w=WEEKDAY (of|in) "
        "((m=MONTHNAME [[,] y=YEAR])|(r=(this|next|last|each|every) month))",
        _numbered_weekday,
    ),
    Rule("day-of-month", "the d=ORD", _day_alone),
    Rule("day-of-this-month", "[the] d=(ORD|ORDINAL) of r=(((this|next|last) month)|(the month))", _day_of_this_month),
    Rule("weekday-and-day", "w=WEEKDAYNAME [,] [the] d=ORD", _day_alone),
    Rule(
        "feast",
        f"[o=(the (end|start|eve) of)] [r=(THISNEXT)] x=({'|'.join(f'({name})' for name in FEAST_NAMES)}) "
        f"[([,|of|in] y=YEAR)|(of r1=({_THAT_YEAR}))]",
        _feast,
    ),
    Rule("days-month", f"[the] d=DAYNUM j=({_TO}) [the] e=DAYNUM [of] m=MONTHNAME [[,] y=YEARNAME]", _days),
    Rule("month-days", f"m=MONTHNAME d=DAYNUM j=({_TO}) [the] e=DAYNUM [[,] y=YEARNAME]", _days),
    Rule("months-year", f"[MOD] m=MONTHNAME j=({_TO}|/) n=MONTHNAME [[,|of] y=YEARNAME]", _months),
    Rule("years", "y=YEAR j=(-|—|to|through) z=(YEAR|TWO|DAY|DAY0)", _years),
    Rule("years-glued", "y=YEARSLASH", _years_glued),
    Rule("years-bc", "y=(THREE|TWO|YEAR) j=(-|—|to|until|and|or) z=(THREE|TWO|DAY|YEAR) b=(BC)", _years_bc),
    Rule(
        "part-of-month",
        "[the] n=(first|second|third|fourth|last|final) [c=(two|few)] u=(week|weeks|weekend|days|half) (of|in) "
        "m=MONTHNAME [[,] y=YEARNAME]",
        _part_of_month,
    ),
)
