"""Bounds against a naive reading that writes out every member and shares no code with the parser.

It works on (year, month, day) and on texts; where a date has unspecified digits it tries all digits.
"""

import calendar
import re
from itertools import product

from hypothesis import assume, given

from events.days import civil
from events.edtf import parse
from tests.strategies.edtf import Day, expressions

UNSPECIFIED_MAX = 3
MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
SPRING, SUMMER, AUTUMN, WINTER = (3, 4, 5), (6, 7, 8), (9, 10, 11), (12, 13, 14)  # 13 is January, a year on.
MONTHS = {
    "21": SPRING,
    "22": SUMMER,
    "23": AUTUMN,
    "24": WINTER,
    "25": SPRING,
    "26": SUMMER,
    "27": AUTUMN,
    "28": WINTER,
    "29": AUTUMN,
    "30": WINTER,
    "31": SPRING,
    "32": SUMMER,
    "33": (1, 2, 3),
    "34": (4, 5, 6),
    "35": (7, 8, 9),
    "36": (10, 11, 12),
    "37": (1, 2, 3, 4),
    "38": (5, 6, 7, 8),
    "39": (9, 10, 11, 12),
    "40": (1, 2, 3, 4, 5, 6),
    "41": (7, 8, 9, 10, 11, 12),
}


@given(expressions(near=True))
def test_bounds_are_the_first_and_the_last_of_all_members(text: str) -> None:
    assume(all(part.count("X") <= UNSPECIFIED_MAX for part in re.split(r"[/,]|\.\.", text)))

    edtf = parse(text)

    first, last = naive_bounds(text)
    assert (edtf.earliest if edtf.earliest is None else civil(edtf.earliest)) == first
    assert (edtf.latest if edtf.latest is None else civil(edtf.latest)) == last


def naive_bounds(text: str) -> tuple[Day | None, Day | None]:
    if "/" in text:
        start, end = text.split("/")
        return None if start in ("", "..") else naive_days(start)[0], (
            None if end in ("", "..") else naive_days(end)[-1]
        )
    if text[0] not in "[{":
        members = naive_days(text)
        return members[0], members[-1]
    firsts, lasts = [], []
    for member in text[1:-1].split(","):
        start, end = member.split("..") if ".." in member else (member, member)
        firsts.append(naive_days(start)[0] if start else None)
        lasts.append(naive_days(end)[-1] if end else None)
    return (
        None if None in firsts else min(day for day in firsts if day),
        None if None in lasts else max(day for day in lasts if day),
    )


def naive_days(text: str) -> list[Day]:
    """Every day a date can mean, in order; years are positive and have four digits."""
    text = re.sub("[?~%]", "", text)
    if "S" in text:
        year, significant = text.split("S")
        return [day for tail in product("0123456789", repeat=4) for day in rounded(year, int(significant), tail)]
    year, month, day = [*text.split("-"), "", ""][:3]
    return sorted(found for written in filled(year) for found in days_in(int(written), month, day))


def rounded(year: str, significant: int, tail: tuple[str, ...]) -> list[Day]:
    like = year[:significant] + "".join(tail)[significant:]
    return days_in(int(like), "", "") if year[:significant] == "".join(tail)[:significant] else []


def days_in(year: int, month: str, day: str) -> list[Day]:
    if month in MONTHS:
        months = [(year + (number > 12), (number - 1) % 12 + 1) for number in MONTHS[month]]
    else:
        months = [(year, number) for number in range(1, 13) if not month or fits(month, number)]
    return [
        (at, number, of_month)
        for at, number in months
        for of_month in range(1, MONTH_DAYS[number - 1] + (number == 2 and calendar.isleap(at)) + 1)
        if not day or fits(day, of_month)
    ]


def filled(mask: str) -> list[str]:
    return ["".join(digits) for digits in product(*("0123456789" if sign == "X" else sign for sign in mask))]


def fits(mask: str, number: int) -> bool:
    return f"{number:02}" in filled(mask)
