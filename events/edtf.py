"""EDTF (ISO 8601-2, levels 0, 1 and 2): date expressions, their bounds, order and kind.

An expression is one date, an interval or a set; `events/dates.py` reads the dates in it. What the
specification leaves open is decided in `docs/dates.md`.
"""

from typing import Final, Literal

import msgspec

from events.dates import TEXT_CHARACTERS_MAX, Date, EdtfError, Precision, read_date, read_date_time

__all__ = [
    "TEXT_CHARACTERS_MAX",
    "Date",
    "Edtf",
    "EdtfError",
    "Kind",
    "Open",
    "Precision",
    "Range",
    "bounds",
    "command_when",
    "format",
    "inside",
    "kind_of",
    "overlaps",
    "parse",
]

Form = Literal["date", "interval", "one of", "all of"]
Kind = Literal["on", "deadline", "until", "from", "between", "undated"]
Open = Literal["..", ""]
"""A side of an interval that is no date: open (`..`) or unknown (empty)."""

_SETS: Final[dict[str, tuple[Form, str]]] = {"[": ("one of", "]"), "{": ("all of", "}")}


class Range(msgspec.Struct, frozen=True, kw_only=True):
    """An interval, or consecutive members of a set: two dates, or one and an open or unknown side."""

    start: Date | Open
    end: Date | Open


class Edtf(msgspec.Struct, frozen=True, kw_only=True):
    """A date expression and what it can mean. Two are equal when they are written the same.

    `earliest` and `latest` are days, inclusive; None is an open or an unknown side. `precision` is the
    calendar unit that unspecified digits leave: `1985-04-XX` has that of its month, `201X` of its decade.
    It is None where there is no such unit (a millennium, `2024-02-2X`), for sets, and for an interval
    whose two dates differ in it.
    """

    text: str
    form: Form
    members: tuple[Date | Range, ...]
    earliest: int | None
    latest: int | None
    precision: Precision | None

    @property
    def is_interval(self) -> bool:
        """Whether this is an interval, `a/b`, with two dates or one."""
        return self.form == "interval"

    @property
    def is_set(self) -> bool:
        """Whether this is a set, `[a,b]` or `{a,b}`."""
        return self.form in ("one of", "all of")

    @property
    def unknown_start(self) -> bool:
        """Whether this is an interval that began on a day nobody has said."""
        return self.text.startswith("/")

    @property
    def unknown_end(self) -> bool:
        """Whether this is an interval that ends on a day nobody has said."""
        return self.text.endswith("/")

    @property
    def open_start(self) -> bool:
        """Whether this reaches back without a bound."""
        return self.earliest is None and not self.unknown_start

    @property
    def open_end(self) -> bool:
        """Whether this goes on without a bound."""
        return self.latest is None and not self.unknown_end

    @property
    def approximate(self) -> bool:
        """Whether anything in it is marked `~` or `%`."""
        return "~" in self.text or "%" in self.text

    @property
    def uncertain(self) -> bool:
        """Whether anything in it is marked `?` or `%`."""
        return "?" in self.text or "%" in self.text

    @property
    def instant(self) -> int | None:
        """The second a date-time names: day * 86400 + second of the day, in UTC if it has a zone, else local.

        None for everything that is not a date-time.
        """
        only = self.members[0]
        return only.instant if isinstance(only, Date) else None

    @property
    def due_latest(self) -> int | None:
        """`latest`, one unit of precision later where the date that gives it is approximate."""
        if self.latest is None or not self.approximate:
            return self.latest
        ends = (member.end if isinstance(member, Range) else member for member in self.members)
        dates = (end for end in ends if isinstance(end, Date))
        return max(date.latest_widened if date.approximate else date.latest for date in dates)

    @property
    def sort_key(self) -> tuple[bool, int, bool, int, str]:
        """A total order: by first day, those without one first; by last day, those without one last; by text."""
        return self.earliest is not None, self.earliest or 0, self.latest is None, self.latest or 0, self.text


def parse(text: str) -> Edtf:
    """Read an EDTF expression of any level; raise `EdtfError`, which says where reading ended.

    Every accepted text is in canonical form: EDTF has no optional blanks, cases or zeros, and where it has
    two ways to write a date (`2004?`, `?2004`) the one that was chosen is kept.

    >>> parse("2024-04-10/2024-04-14").precision
    'day'
    """
    if len(text) > TEXT_CHARACTERS_MAX:
        raise EdtfError(text, TEXT_CHARACTERS_MAX, f"it is longer than {TEXT_CHARACTERS_MAX} characters")
    if text[:1] in _SETS:
        return _set(text)
    if "/" in text:
        return _interval(text)
    only = read_date_time(text) if "T" in text else read_date(text, 0, len(text))
    return Edtf(
        text=text,
        form="date",
        members=(only,),
        earliest=only.earliest,
        latest=only.latest,
        precision=only.precision,
    )


def command_when(text: str) -> Edtf:
    """Read the date a command gives: EDTF of days, with at least one bound and no unknown side.

    A time of day has a field of its own: days are days in the announcement's zone, which a clock time is not.

    Raises `EdtfError`, also for what `parse` takes and a command may not say, with what to write instead.
    """
    edtf = parse(text)
    if edtf.instant is not None:
        raise EdtfError(text, text.index("T"), "a time of day cannot stand here; give the day, and the time in `time`")
    if edtf.unknown_start or edtf.unknown_end:
        meant = ".." * edtf.unknown_start + text + ".." * edtf.unknown_end
        hint = f"; for an open side write {meant!r}" if meant != "../.." else ""
        raise EdtfError(text, 0 if edtf.unknown_start else len(text), f"a side is unknown{hint}")
    if edtf.earliest is None and edtf.latest is None:
        raise EdtfError(text, 0, "it has no bound; leave the date out where there is none")
    return edtf


def format(edtf: Edtf) -> str:
    """Write an expression from its parts; `parse` reads the same value from it.

    >>> format(parse("[1667,1760-12..]"))
    '[1667,1760-12..]'
    """
    if not edtf.is_set:
        return _written(edtf.members[0], "/")
    left, right = "[]" if edtf.form == "one of" else "{}"
    return left + ",".join(_written(member, "..") for member in edtf.members) + right


def bounds(edtf: Edtf) -> tuple[int | None, int | None]:
    """Return the first and the last day an expression can mean, inclusive; None is open or unknown.

    >>> bounds(parse("../0001-01"))
    (None, 31)
    """
    return edtf.earliest, edtf.latest


def overlaps(edtf: Edtf, first: int | None, last: int | None) -> bool:
    """Return whether the bounds of an expression meet `first` to `last`, inclusive; None is open."""
    begins_in_time = last is None or edtf.earliest is None or edtf.earliest <= last
    ends_in_time = first is None or edtf.latest is None or edtf.latest >= first
    return begins_in_time and ends_in_time


def inside(inner: Edtf, outer: Edtf) -> bool:
    """Return whether the bounds of `inner` lie within those of `outer`; equal bounds do."""
    after_start = outer.earliest is None or (inner.earliest is not None and inner.earliest >= outer.earliest)
    before_end = outer.latest is None or (inner.latest is not None and inner.latest <= outer.latest)
    return after_start and before_end


def kind_of(edtf: Edtf) -> Kind:
    """Return the kind that an expression's form suggests; "undated" if it has no bound at all."""
    if edtf.earliest is None and edtf.latest is None:
        return "undated"
    if edtf.is_interval and edtf.open_start:
        return "deadline"
    if edtf.is_interval and edtf.open_end:
        return "from"
    return "on" if edtf.form == "date" else "between"


def _interval(text: str) -> Edtf:
    slash = text.index("/")
    second = text.find("/", slash + 1)
    if second >= 0:
        raise EdtfError(text, second, "an interval has one slash")
    if len(text) == 1:
        raise EdtfError(text, 0, "an interval has at least one side")
    start, end = _side(text, 0, slash), _side(text, slash + 1, len(text))
    dates = [side for side in (start, end) if isinstance(side, Date)]
    if len(dates) == 2 and dates[0].earliest > dates[1].latest:
        raise EdtfError(text, slash + 1, "it ends before it begins")
    precisions = {date.precision for date in dates}
    return Edtf(
        text=text,
        form="interval",
        members=(Range(start=start, end=end),),
        earliest=start.earliest if isinstance(start, Date) else None,
        latest=end.latest if isinstance(end, Date) else None,
        precision=precisions.pop() if len(precisions) == 1 else None,
    )


def _side(text: str, start: int, end: int) -> Date | Open:
    if start == end:
        return ""
    return ".." if text[start:end] == ".." else read_date(text, start, end)


def _set(text: str) -> Edtf:
    form, closing = _SETS[text[0]]
    if not text.endswith(closing):
        raise EdtfError(text, len(text), f"{closing!r} is missing")
    members, start, last = [], 1, len(text) - 1
    while (comma := text.find(",", start, last)) >= 0:
        members.append(_member(text, start, comma))
        start = comma + 1
    members.append(_member(text, start, last))
    firsts = [member.start if isinstance(member, Range) else member for member in members]
    lasts = [member.end if isinstance(member, Range) else member for member in members]
    earliest = [date.earliest for date in firsts if isinstance(date, Date)]
    latest = [date.latest for date in lasts if isinstance(date, Date)]
    return Edtf(
        text=text,
        form=form,
        members=tuple(members),
        earliest=min(earliest) if len(earliest) == len(members) else None,
        latest=max(latest) if len(latest) == len(members) else None,
        precision=None,
    )


def _member(text: str, start: int, end: int) -> Date | Range:
    dots = text.find("..", start, end)
    if dots < 0:
        return read_date(text, start, end)
    if dots == start:
        if start > 1:
            raise EdtfError(text, dots, "only the first member of a set may be open at its start")
        return Range(start="..", end=read_date(text, dots + 2, end))
    first = read_date(text, start, dots)
    if dots + 2 == end:
        if end < len(text) - 1:
            raise EdtfError(text, dots, "only the last member of a set may be open at its end")
        return Range(start=first, end="..")
    last = read_date(text, dots + 2, end)
    if first.unit != last.unit:
        raise EdtfError(text, dots + 2, "both ends of consecutive members are days, or months, or years")
    if first.earliest > last.latest:
        raise EdtfError(text, dots + 2, "it ends before it begins")
    return Range(start=first, end=last)


def _written(member: Date | Range | Open, between: Literal["/", ".."]) -> str:
    match member:
        case Date():
            return member.text
        case Range(start=start, end=end):
            return f"{_written(start, between)}{between}{_written(end, between)}"
        case _:
            return member if between == "/" else ""  # In a set the dots themselves are what is between.
