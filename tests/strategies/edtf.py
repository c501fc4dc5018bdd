"""EDTF expressions of all three levels, drawn so that each is valid.

Every date is drawn around a real day that it can mean, so masks have members, and an interval whose two
days are in order does not end before it begins.
"""

import calendar
from typing import Final

from hypothesis import strategies as st

Day = tuple[int, int, int]

YEARS_NEAR: Final = (1800, 2199)
MONTH_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
MARKS: Final = ("", "?", "~", "%")
SEASON_CODES: Final = {
    **dict.fromkeys((3, 4, 5), (21, 25, 31)),
    **dict.fromkeys((6, 7, 8), (22, 26, 32)),
    **dict.fromkeys((9, 10, 11), (23, 27, 29)),
    **dict.fromkeys((12, 1, 2), (24, 28, 30)),
}


@st.composite
def days(draw: st.DrawFn, *, near: bool = False) -> Day:
    """A day of the calendar: of any four-digit year, or of 1800 to 2199 if `near`."""
    close = st.integers(*YEARS_NEAR)
    year = draw(close if near else st.one_of(close, st.integers(-9999, 9999), st.integers(-20, 20)))
    month = draw(st.integers(1, 12))
    length = MONTH_DAYS[month - 1] + (month == 2 and calendar.isleap(year))
    return year, month, draw(st.integers(1, length))


def year_text(year: int) -> str:
    return f"-{-year:04}" if year < 0 else f"{year:04}"


@st.composite
def masks(draw: st.DrawFn, text: str) -> str:
    """`text` with some of its digits unspecified, often none and often the last ones."""
    digits = [place for place, character in enumerate(text) if character.isdigit()]
    if text.startswith("-0000"):  # Year 0 has no sign; a mask of it could mean another year, so keep it.
        return text
    kind = draw(st.sampled_from(("none", "none", "last", "any")))
    hidden = (
        digits[len(digits) - draw(st.integers(1, len(digits))) :]
        if kind == "last"
        else draw(st.sets(st.sampled_from(digits)))
        if kind == "any"
        else ()
    )
    return "".join("X" if place in hidden else character for place, character in enumerate(text))


@st.composite
def marked(draw: st.DrawFn, text: str) -> str:
    """`text` with qualifiers before or after some of its parts, often none and often one at its end."""
    kind = draw(st.sampled_from(("none", "none", "end", "any")))
    if kind == "none":
        return text
    if kind == "end":
        return f"{text}{draw(st.sampled_from(MARKS[1:]))}"
    minus, rest = ("-", text[1:]) if text.startswith("-") else ("", text)
    parts = rest.split("-") if not rest.startswith("Y") else [rest]
    parts[0] = minus + parts[0]
    return "-".join(draw(st.sampled_from(MARKS)) + part + draw(st.sampled_from(MARKS)) for part in parts)


@st.composite
def units(draw: st.DrawFn, day: Day, unit: str) -> str:
    """A date with the smallest part `unit` that can mean `day`."""
    year, month, of_month = day
    if unit == "day":
        return draw(masks(f"{year_text(year)}-{month:02}-{of_month:02}"))
    if unit == "month":
        return draw(masks(f"{year_text(year)}-{month:02}"))
    if unit == "year":
        return draw(masks(year_text(year)))
    if unit == "significant":
        return f"{year_text(year)}S{draw(st.integers(1, len(str(abs(year)))))}"
    if unit == "season":
        code = draw(st.sampled_from(SEASON_CODES[month]))
        began = year - (code in (24, 28, 30) and month < 12)
        if began < -9999:
            began = year
        return f"{draw(masks(year_text(began)))}-{code}"
    first, months = {"quarter": (33, 3), "quadrimester": (37, 4), "semester": (40, 6)}[unit]
    return f"{draw(masks(year_text(year)))}-{first + (month - 1) // months}"


UNITS: Final = ("day", "day", "month", "year", "significant", "season", "quarter", "quadrimester", "semester")


@st.composite
def long_years(draw: st.DrawFn) -> str:
    """A year after Y: of five to fifteen digits, by exponent or not, with significant digits or not."""
    digits = str(draw(st.integers(1, 10**15 - 1)))
    exponent = draw(st.integers(0, 15 - len(digits)))
    if len(digits) + exponent < 5:
        exponent = 5 - len(digits)
    significant = draw(st.integers(0, len(digits) + exponent))
    sign = draw(st.sampled_from(("", "-")))
    text = f"Y{sign}{digits}" + (f"E{exponent}" if exponent else "")
    return draw(marked(text + (f"S{significant}" if significant else "")))


@st.composite
def dates(draw: st.DrawFn, *, near: bool = False) -> str:
    """One date without a time, of any level."""
    if not near and draw(st.integers(0, 9)) == 0:
        return draw(long_years())
    return draw(marked(draw(units(draw(days(near=near)), draw(st.sampled_from(UNITS))))))


@st.composite
def date_times(draw: st.DrawFn) -> str:
    """A day with a time: local, in UTC or with an offset."""
    year, month, of_month = draw(days())
    clock = draw(st.one_of(st.times().map(lambda time: f"{time:%H:%M:%S}"), st.just("24:00:00")))
    minutes = draw(st.integers(-14 * 60, 14 * 60))
    offset = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    hours = offset[:3] if offset[:3] != "-00" else "+00"
    zone = draw(st.sampled_from(("", "Z", offset, hours)))
    return f"{year_text(year)}-{month:02}-{of_month:02}T{clock}{zone}"


@st.composite
def pairs(draw: st.DrawFn, units_of: tuple[str, str], *, near: bool) -> tuple[str, str]:
    """Two dates whose days are in order."""
    first, second = sorted((draw(days(near=near)), draw(days(near=near))))
    return draw(marked(draw(units(first, units_of[0])))), draw(marked(draw(units(second, units_of[1]))))


@st.composite
def intervals(draw: st.DrawFn, *, near: bool = False) -> str:
    """An interval: of two dates, or with an open or unknown side."""
    start, end = draw(pairs((draw(st.sampled_from(UNITS)), draw(st.sampled_from(UNITS))), near=near))
    side = draw(st.sampled_from(("", "..")))
    shapes = (f"{start}/{end}", f"{start}/{end}", f"{start}/{side}", f"{side}/{end}", "../..", "/..", "../")
    return draw(st.sampled_from(shapes))


@st.composite
def sets(draw: st.DrawFn, *, near: bool = False) -> str:
    """A set of one to four members, the first and the last of which may be open."""
    members = draw(st.lists(dates(near=near), min_size=1, max_size=3))
    if draw(st.booleans()):
        unit = draw(st.sampled_from(("day", "month", "year", "quarter")))
        members.append("..".join(draw(pairs((unit, unit), near=near))))
    if draw(st.integers(0, 3)) == 0:
        members[0] = f"..{draw(dates(near=near))}"
    if draw(st.integers(0, 3)) == 0:
        members.append(f"{draw(dates(near=near))}..")
    return draw(st.sampled_from(("[{}]", "{{{}}}"))).format(",".join(members))


def expressions(*, near: bool = False) -> st.SearchStrategy[str]:
    """Any EDTF expression; with years from 1800 to 2199 and without times if `near`."""
    kinds = [dates(near=near), intervals(near=near), sets(near=near)]
    return st.one_of(*kinds) if near else st.one_of(*kinds, date_times())
