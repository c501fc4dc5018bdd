"""One date of an EDTF expression: how it is written, the days it can mean, how long it is in doubt.

`read_date` is where to begin. It reads with one anchored regular expression whose parts cannot be divided
in two ways, so it takes linear time; its groups then go to the function for the kind of date they make.
"""

import re
from typing import Final, Literal, NoReturn

import msgspec

from events.days import YEAR_DIGITS_MAX, DayError, civil, day_of, month_last_day
from events.errors import DatelineError
from events.masks import DAYS, MONTHS, first_day, last_day, years

Precision = Literal["day", "month", "season", "quarter", "quadrimester", "semester", "year", "decade", "century"]
Marks = tuple[str, str, str, str, str, str]
Bounds = tuple[int, int, Precision | None]

TEXT_CHARACTERS_MAX: Final = 200

GROUPINGS: Final[dict[str, tuple[int, int, Precision]]] = {
    **{str(code): ((3, 6, 9, 12)[(code - 21) % 4], 3, "season") for code in range(21, 29)},
    **{str(code): ((9, 12, 3, 6)[code - 29], 3, "season") for code in range(29, 33)},
    **{str(code): (1 + 3 * (code - 33), 3, "quarter") for code in range(33, 37)},
    **{str(code): (1 + 4 * (code - 37), 4, "quadrimester") for code in range(37, 40)},
    **{str(code): (1 + 6 * (code - 40), 6, "semester") for code in range(40, 42)},
}
"""First month, number of months and precision of the codes that stand for a part of a year.

21 to 24 are spring to winter, northern unless said; 25 to 28 say northern, 29 to 32 southern.
"""

_MARK: Final = "([?~%]?)"
_DATE: Final = re.compile(
    f"{_MARK}(-?[0-9X]{{4}})(?:S([0-9]+))?{_MARK}(?:-{_MARK}([0-9X]{{2}}){_MARK}(?:-{_MARK}([0-9X]{{2}}){_MARK})?)?"
)
_MONTH: Final = 6  # The group of _DATE with the month.
_DAY: Final = 9
_LONG_YEAR: Final = re.compile(f"{_MARK}(Y(-?[0-9]+)(?:E([0-9]+))?)(?:S([0-9]+))?{_MARK}")
_TIME: Final = re.compile(r"T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:(Z)|([+-])([0-9]{2})(?::([0-9]{2}))?)?")

# The longest beginning that some date has: where it ends is where reading failed.
_BEGINNING: Final = re.compile(
    "[?~%]?(?:Y-?(?:[0-9]+(?:E[0-9]*)?(?:S[0-9]*)?[?~%]?)?"
    "|-?(?:[0-9X]{4}(?:S[0-9]*)?[?~%]?(?:-[?~%]?(?:[0-9X]{2}[?~%]?(?:-[?~%]?(?:[0-9X]{2}[?~%]?|[0-9X]?))?"
    "|[0-9X]?))?|[0-9X]{0,3}))"
)

_APPROXIMATE: Final = frozenset("~%")
_UNCERTAIN: Final = frozenset("?%")
_DAY_SECONDS: Final = 86_400
_OFFSET_MINUTES_MAX: Final = 14 * 60
_YEARS_IN: Final[dict[int, Precision]] = {1: "year", 10: "decade", 100: "century"}
_MONTHS_IN: Final[dict[Precision, int]] = {
    "month": 1,
    "season": 3,
    "quarter": 3,
    "quadrimester": 4,
    "semester": 6,
    "year": 12,
    "decade": 120,
    "century": 1200,
}


class EdtfError(DatelineError):
    """A text that is no EDTF expression, or none that is allowed where it stands.

    `offset` counts characters of `text` from 0 and may be its length; `reason` says what is wrong there.
    """

    code = "edtf-invalid"

    def __init__(self, text: str, offset: int, reason: str) -> None:
        shown = text if len(text) <= TEXT_CHARACTERS_MAX else text[:TEXT_CHARACTERS_MAX] + "…"
        super().__init__(f"{shown!r} is no EDTF date: {reason} (character {offset + 1})")
        self.text = text
        self.offset = offset
        self.reason = reason


class Date(msgspec.Struct, frozen=True, kw_only=True):
    """One date of an expression: its parts as they are written, and the days it can mean, inclusive.

    `month` is a month, a mask of one or a code of `GROUPINGS`; `month`, `day` and `time` are empty where
    they are not written. `marks` are the qualifiers before and after year, month and day, in this order.
    """

    year: str
    significant: str = ""
    month: str = ""
    day: str = ""
    time: str = ""
    marks: Marks = ("", "", "", "", "", "")
    earliest: int
    latest: int
    precision: Precision | None

    @property
    def text(self) -> str:
        """The date as it is written."""
        marks = self.marks
        text = marks[0] + self.year + (f"S{self.significant}" if self.significant else "") + marks[1]
        if self.month:
            text += f"-{marks[2]}{self.month}{marks[3]}"
        if self.day:
            text += f"-{marks[4]}{self.day}{marks[5]}"
        return text + self.time

    @property
    def approximate(self) -> bool:
        """Whether any part is marked `~` or `%`."""
        return not _APPROXIMATE.isdisjoint(self.marks)

    @property
    def uncertain(self) -> bool:
        """Whether any part is marked `?` or `%`."""
        return not _UNCERTAIN.isdisjoint(self.marks)

    @property
    def unit(self) -> Precision:
        """The calendar unit of the smallest part that is written, whether its digits are said or not."""
        if self.day:
            return "day"
        if self.month in GROUPINGS:
            return GROUPINGS[self.month][2]
        return "month" if self.month else "year"

    @property
    def latest_widened(self) -> int:
        """`latest`, later by one unit of the precision, or of the smallest written part if there is none."""
        unit = self.precision or self.unit
        if unit == "day":
            return self.latest + 1
        year, month, _ = civil(self.latest)
        year, month_before = divmod(year * 12 + month - 1 + _MONTHS_IN[unit], 12)
        return _month_end(year, month_before + 1)

    @property
    def instant(self) -> int | None:
        """The second a date-time names: day * 86400 + second of the day, in UTC if it has a zone, else local."""
        match = _TIME.fullmatch(self.time)
        if match is None:
            return None
        return day_of(int(self.year), int(self.month), int(self.day)) * _DAY_SECONDS + _seconds(match)


def read_date(text: str, start: int, end: int) -> Date:
    """Read the date at `[start, end)` of `text`, without a time; raise `EdtfError` if there is none."""
    match = _DATE.fullmatch(text, start, end)
    if match is None:
        return _long_year(text, start, end)
    mark1, year, significant, mark2, mark3, month, mark4, mark5, day, mark6 = match.groups("")
    precision: Precision | None
    if year == "-0000":
        raise EdtfError(text, match.start(2), "year 0 has no sign")
    if significant:
        earliest, latest, precision = _significant(text, match, 3, year)
    elif "X" in year or "X" in month or "X" in day:
        earliest, latest, precision = _masked(text, match, year, month, day)
    elif day:
        earliest = latest = _plain_day(text, match, int(year), int(month), int(day))
        precision = "day"
    elif month:
        earliest, latest, precision = _plain_month(text, match, int(year), month)
    else:
        earliest, latest, precision = day_of(int(year), 1, 1), day_of(int(year), 12, 31), "year"
    return Date(
        year=year,
        significant=significant,
        month=month,
        day=day,
        marks=(mark1, mark2, mark3, mark4, mark5, mark6),
        earliest=earliest,
        latest=latest,
        precision=precision,
    )


def read_date_time(text: str) -> Date:
    """Read a text that is a whole day, T and a time; its bounds are the day in UTC if it has a zone, else local.

    Raises `EdtfError`.
    """
    at = text.index("T")
    date = read_date(text, 0, at)
    if date.precision != "day" or "X" in text or any(date.marks):
        raise EdtfError(text, at, "a time stands only after a whole day without marks")
    match = _TIME.fullmatch(text, at)
    if match is None:
        raise EdtfError(text, at + 1, "a time is written hh:mm:ss, and after it nothing, Z, ±hh or ±hh:mm")
    hour, minute, second, _, sign, zone_hour, zone_minute = match.groups("0")
    if hour > "23" and (hour, minute, second) != ("24", "00", "00"):
        raise EdtfError(text, match.start(1), f"there is no time {hour}:{minute}:{second}")
    if minute > "59" or second > "59":
        raise EdtfError(text, match.start(2), f"there is no time {hour}:{minute}:{second}")
    offset = int(zone_hour) * 60 + int(zone_minute)
    if zone_minute > "59" or offset > _OFFSET_MINUTES_MAX or (sign == "-" and offset == 0):
        raise EdtfError(text, match.start(5), "an offset is +00:00 to +14:00 or -00:01 to -14:00")
    day = date.earliest + _seconds(match) // _DAY_SECONDS
    return msgspec.structs.replace(date, time=text[at:], earliest=day, latest=day)


def _plain_day(text: str, match: re.Match[str], year: int, month: int, day: int) -> int:
    try:
        return day_of(year, month, day)
    except DayError:
        if not 1 <= month <= 12:
            raise EdtfError(text, match.start(_MONTH), f"there is no month {month:02}") from None
        raise EdtfError(text, match.start(_DAY), f"this month has no day {day:02}") from None


def _plain_month(text: str, match: re.Match[str], year: int, month: str) -> tuple[int, int, Precision]:
    number = int(month)
    if 1 <= number <= 12:
        return day_of(year, number, 1), _month_end(year, number), "month"
    if month not in GROUPINGS:
        raise EdtfError(text, match.start(_MONTH), f"{month} is no month, season or other part of a year")
    first, count, precision = GROUPINGS[month]
    years_on, month_before = divmod(first + count - 2, 12)  # Winter and the southern summer end a year on.
    return day_of(year, first, 1), _month_end(year + years_on, month_before + 1), precision


def _month_end(year: int, month: int) -> int:
    return day_of(year, month, month_last_day(year, month))


def _masked(text: str, match: re.Match[str], year: str, month: str, day: str) -> Bounds:
    if month in GROUPINGS and not day:
        earliest, _, _ = _plain_month(text, match, next(years(year)), month)
        _, latest, _ = _plain_month(text, match, next(years(year, backwards=True)), month)
        return earliest, latest, None
    months, days = MONTHS.get(month or "XX"), DAYS.get(day or "XX")
    if months is None:
        raise EdtfError(text, match.start(_MONTH), f"no month can be {month}")
    if days is None:
        raise EdtfError(text, match.start(_DAY), f"no day can be {day}")
    first, last = first_day(year, months, days), last_day(year, months, days)
    if first is None or last is None:
        raise EdtfError(text, match.start(_DAY), f"these months have no day {day}")
    return first, last, "day" if first == last else _masked_precision(year, month, day)


def _masked_precision(year: str, month: str, day: str) -> Precision | None:
    whole_month = day in ("", "XX")
    if whole_month and month in ("", "XX"):
        said = year.rstrip("X")
        return _YEARS_IN.get(10 ** (len(year) - len(said))) if "X" not in said else None
    return "month" if whole_month and "X" not in year + month else None


def _long_year(text: str, start: int, end: int) -> Date:
    match = _LONG_YEAR.fullmatch(text, start, end)
    if match is None:
        _refuse(text, start, end)
    mark_before, year, number, exponent, significant, mark_after = match.groups("")
    digits = number.removeprefix("-")
    if digits.startswith("0") or exponent.startswith("0"):
        raise EdtfError(text, match.start(3), "the year after Y and its exponent have no leading zeros")
    count = len(digits) + int(exponent or 0)
    if count <= 4:
        raise EdtfError(text, match.start(2), "Y stands only before years of more than four digits")
    if count > YEAR_DIGITS_MAX:
        raise EdtfError(text, match.start(3), f"years have at most {YEAR_DIGITS_MAX} digits")
    value = number + "0" * int(exponent or 0)
    precision: Precision | None
    if significant:
        earliest, latest, precision = _significant(text, match, 5, value)
    else:
        earliest, latest, precision = day_of(int(value), 1, 1), day_of(int(value), 12, 31), "year"
    return Date(
        year=year,
        significant=significant,
        marks=(mark_before, mark_after, "", "", "", ""),
        earliest=earliest,
        latest=latest,
        precision=precision,
    )


def _significant(text: str, match: re.Match[str], group: int, year: str) -> Bounds:
    given = match[group]
    if "X" in year:
        raise EdtfError(text, match.start(group), "a year has either unspecified or significant digits")
    if match.re is _DATE and match[_MONTH]:
        raise EdtfError(text, match.start(_MONTH), "significant digits belong to a year alone")
    number = abs(int(year))
    digits = len(str(number))
    if given.startswith("0") or int(given) > digits:
        raise EdtfError(text, match.start(group), f"this year has 1 to {digits} significant digits")
    span: int = 10 ** (digits - int(given))
    low = number - number % span
    first, last = (-low - span + 1, -low) if year.startswith("-") else (low, low + span - 1)
    return day_of(first, 1, 1), day_of(last, 12, 31), _YEARS_IN.get(span)


def _seconds(match: re.Match[str]) -> int:
    """Return the seconds from the beginning of the day; negative or more than a day's if the zone shifts it."""
    hour, minute, second, _, sign, zone_hour, zone_minute = match.groups("0")
    offset = int(zone_hour) * 60 + int(zone_minute)
    ahead = -offset if sign == "-" else offset
    return (int(hour) * 60 + int(minute) - ahead) * 60 + int(second)


def _refuse(text: str, start: int, end: int) -> NoReturn:
    beginning = _BEGINNING.match(text, start, end)
    at = beginning.end() if beginning else start
    if at == len(text):
        raise EdtfError(text, at, "it ends too early")
    shape = "dates are written as in 2024, 2024-04 or 2024-04-10"
    raise EdtfError(text, at, f"{text[at]!r} cannot stand here; {shape}")
