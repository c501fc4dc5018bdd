"""EDTF in English: what a page says instead of `../2025` or `2024-05-20~`.

`words` chooses by form and kind; below it are the names of dates, of their unspecified digits, and of years.
"""

from typing import Final

from events.dates import GROUPINGS
from events.days import civil, month_last_day
from events.edtf import Date, Edtf, Range, kind_of
from events.masks import DAYS, MONTHS, years

_MONTH_NAMES: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_SEASONS: Final = ("spring", "summer", "autumn", "winter")
_ORDINALS: Final = ("first", "second", "third", "fourth")
_LEAP_YEAR: Final = 2000
_LISTED_MAX: Final = 4
"""So many months or days are named one by one; more are named by the first and the last of them."""


def words(edtf: Edtf, kind: str | None = None) -> str:
    """Say an expression in English as a phrase for the middle of a sentence, without EDTF's punctuation.

    `kind` is what an announcement says about its date; without it the form decides, as in `kind_of`.

    >>> from events.edtf import parse
    >>> words(parse("../2025")), words(parse("../2033"), "until"), words(parse("2024-04-10/2024-04-14"))
    ('by the end of 2025', 'until the end of 2033', '10-14 April 2024')
    """
    kind = kind or kind_of(edtf)
    if edtf.is_set:
        lead = {"deadline": "by ", "until": "until ", "from": "from "}.get(kind, "")
        return lead + _set(edtf)
    only = edtf.members[0]
    if isinstance(only, Range):
        return _interval(only, kind)
    if kind in ("deadline", "until"):
        return _up_to(only, kind)
    return _marked(only, _name(only), "from " if kind == "from" else "")


def _interval(interval: Range, kind: str) -> str:
    match interval:
        case Range(start=Date() as start, end=Date() as end):
            if kind == "deadline":
                return _up_to(end, kind)
            if kind == "until":
                return f"{_marked(start, _name(start), 'from ')} {_up_to(end, kind)}"
            return _between(start, end)
        case Range(start=Date() as start, end=end):
            note = "" if end else " (end unknown)"
            return _marked(start, _name(start), "from ") + note
        case Range(start="", end=Date() as end):
            return f"{_up_to(end, 'deadline' if kind == 'deadline' else 'until')} (beginning unknown)"
        case Range(end=Date() as end):
            return _up_to(end, kind) if kind in ("deadline", "until") else _marked(end, _name(end), "up to ")
        case Range(start=start, end=end):
            return "at any time" + (" (beginning unknown)" if not start else "" if end else " (end unknown)")


def _between(start: Date, end: Date) -> str:
    if start.text == end.text:
        return _phrase(start)
    if start.unit != end.unit or not (_plain(start) and _plain(end)):
        return f"from {_phrase(start)} to {_phrase(end)}"
    first, last = _name(start), _name(end)
    if start.year == end.year and start.month in MONTHS:
        year = f" {_year(int(start.year))}"
        if start.month == end.month:
            return f"{int(start.day)}-{last}"
        return f"{first.removesuffix(year)} to {last}"
    return f"{first} to {last}"


def _set(edtf: Edtf) -> str:
    joint = "or" if edtf.form == "one of" else "and"
    said = []
    for member in edtf.members:
        match member:
            case Date():
                said.append(_phrase(member))
            case Range(start=Date() as start, end=Date() as end):
                said.append(_between(start, end))
            case Range(start=Date() as start):
                said.append(f"{_phrase(start)} {joint} later")
            case Range(end=Date() as end):
                said.append(f"{_phrase(end)} {joint} earlier")
    if len(said) == 1 and (isinstance(edtf.members[0], Date) or None in (edtf.earliest, edtf.latest)):
        return said[0]
    return f"{edtf.form} {', '.join(said)}"


def _up_to(date: Date, kind: str) -> str:
    return _marked(date, _end(date), "by " if kind == "deadline" else "until ")


def _phrase(date: Date) -> str:
    return _marked(date, _name(date))


def _marked(date: Date, name: str, lead: str = "") -> str:
    """Return `lead` and `name` with what the marks say: about the whole date in words, about parts in brackets."""
    before_year, after_year, before_month, after_month, before_day, after_day = date.marks
    parts = {"year": before_year + after_year + after_month + after_day}
    if date.month:
        label = "month" if date.day or date.month in MONTHS else date.unit
        parts[label] = before_month + after_month + after_day
    if date.day:
        parts["day"] = before_day + after_day
    notes: dict[str, str] = {}
    for word, adverb, signs in (("uncertain", "possibly ", "?%"), ("approximate", "around ", "~%")):
        marked = " and ".join(part for part, marks in parts.items() if any(mark in signs for mark in marks))
        if marked != " and ".join(parts):
            notes[marked] = f"{notes[marked]} and {word}" if marked in notes else f"{marked} {word}"
        elif word == "uncertain":
            lead = adverb + lead
        else:
            lead += adverb
    notes.pop("", None)
    return lead + name + (f" ({', '.join(notes.values())})" if notes else "")


def _end(date: Date) -> str:
    """Name the last day of a date: as the end of a unit that has a name, otherwise as that day."""
    unit = date.precision
    if unit == "day" and _plain(date):
        return _name(date)
    if unit in ("day", "quadrimester", None) or date.significant:
        return _civil(date.latest)
    year = date.month in ("", "XX")
    return f"the end of {_years(date.year) if year else _month(date)}"


def _plain(date: Date) -> bool:
    return not (any(date.marks) or date.significant or date.time or "X" in date.year + date.month + date.day)


def _name(date: Date) -> str:
    if date.significant:
        first, last = _year(civil(date.earliest)[0]), _year(civil(date.latest)[0])
        return first if first == last else f"{_years(date.year)} or so, between {first} and {last}"
    if not date.month:
        return _years(date.year)
    if not date.day:
        return f"a month in {_years(date.year)}" if date.month == "XX" else _month(date)
    return f"{_day(date)}, {_time(date.time)}" if date.time else _day(date)


def _time(time: str) -> str:
    clock, zone = time[1:9], time[9:]
    if zone == "Z":
        return f"{clock} UTC"
    return f"{clock} (UTC{zone})" if zone else clock


def _day(date: Date) -> str:
    if date.month == "XX":
        month = f"a month in {_years(date.year)}"
        if date.day == "XX":
            return f"a day in {_years(date.year)}"
    else:
        month = _month(date)
        if date.day == "XX":
            return f"a day in {month}"
    length = max(_length(date.year, number) for number in MONTHS[date.month])
    days = [day for day in DAYS[date.day] if day <= length]
    if len(days) == 1 and "X" not in date.month:
        return f"{days[0]} {month}"
    return f"{_listed([_ordinal(day) for day in days], 'a day', 'the ')} of {month}"


def _length(year: str, month: int) -> int:
    return month_last_day(_LEAP_YEAR if "X" in year else int(year), month)


def _month(date: Date) -> str:
    """Name a month, several or another part of a year, together with its year."""
    year = _one_year(date.year)
    of_year = f" of {year}" if "X" in date.year else f" {year}"
    if date.month in MONTHS:
        return _listed([_MONTH_NAMES[number - 1] for number in MONTHS[date.month]], "a month") + of_year
    part = GROUPINGS[date.month][2]
    code = int(date.month)
    if part == "quarter":
        return f"the {_ORDINALS[code - 33]} quarter of {year}"
    if part == "semester":
        return f"the {_ORDINALS[code - 40]} half of {year}"
    if part == "quadrimester":
        if "X" in date.year:
            return f"the {_ORDINALS[code - 37]} four months of {year}"
        return ("early ", "mid-", "late ")[code - 37] + year
    hemisphere = "" if code < 25 else "northern " if code < 29 else "southern "
    if "X" not in date.year and civil(date.latest)[0] > int(date.year):
        of_year += f"-{_year(int(date.year) + 1)}"
    return hemisphere + _SEASONS[(code - 21) % 4] + of_year


def _one_year(year: str) -> str:
    """Name one year, which can be any of those that the mask `year` stands for."""
    name = _years(year)
    return f"a year in {name}" if name.startswith("the ") and "X" in year else name


def _years(year: str) -> str:
    """Name a year, or the span of years that a mask stands for."""
    if "X" not in year:
        base, _, exponent = year.removeprefix("Y").partition("E")
        return _year(int(base) * 10 ** int(exponent or 0))
    said = year.rstrip("X")
    if not said:
        return "an unknown year"
    if "X" not in said and len(year) - len(said) == 1 and int(said) > 0:
        return f"the {int(said)}0s" + (" CE" if int(said) < 100 else "")
    if "X" not in said and len(year) - len(said) == 2:
        number = abs(int(said)) + 1
        era = " BCE" if year.startswith("-") else " CE" if number < 10 else ""
        return f"the {_ordinal(number)} century{era}"
    first, last = next(years(year)), next(years(year, backwards=True))
    return f"a year between {_year(first)} and {_year(last)}"


def _year(year: int) -> str:
    if year <= 0:
        before = 1 - year
        return f"{before:,} BCE" if before > 9999 else f"{before} BCE"
    if year > 9999:
        return f"the year {year:,}"
    return f"{year} CE" if year < 1000 else str(year)


def _civil(day: int) -> str:
    year, month, of_month = civil(day)
    return f"{of_month} {_MONTH_NAMES[month - 1]} {_year(year)}"


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _listed(names: list[str], one: str, article: str = "") -> str:
    if len(names) > _LISTED_MAX:
        return f"{one} between {article}{names[0]} and {article}{names[-1]}"
    *others, last = names
    return article + (f"{', '.join(others)} or {last}" if others else last)
