"""What the words before a date make of it: "by", "until", "from", "around", "between"."""

from typing import Final, NamedTuple

from events import terms
from events.days import civil
from events.extract.dates.direction import is_moved
from events.extract.dates.points import Point, day_point, interval_point, month_point, neighbour, part_point
from events.extract.dates.resolved import Resolved

_FRAMES: Final = {
    "by": "by", "no later than": "by", "not later than": "by", "on or before": "by", "not after": "by",
    "by no later than": "by", "at the latest by": "by", "by or before": "by",
    "before": "before", "prior to": "before", "ahead of": "before",
    "until": "until", "till": "until", "up until": "until", "up to": "until", "through": "until", "thru": "until",
    "up to and including": "until", "up through": "until", "as late as": "until",
    "from": "from", "as of": "from", "as from": "from", "since": "from", "ever since": "from", "starting": "from",
    "starting in": "from", "starting on": "from", "starting from": "from", "beginning": "from",
    "beginning in": "from", "beginning on": "from", "effective": "from", "with effect from": "from",
    "as early as": "from", "not before": "from", "no earlier than": "from", "not earlier than": "from",
    "not until": "from", "no sooner than": "from", "not sooner than": "from", "on or after": "from",
    "onward from": "from", "onwards from": "from", "n't before": "from",
    "after": "after", "later than": "after", "any time after": "after",
    "within": "within",
    "around": "about", "about": "about", "circa": "about", "c.": "about", "ca .": "about", "approximately": "about",
    "roughly": "about", "on or about": "about", "on or around": "about", "on around": "about", "in about": "about",
    "in around": "about", "in or around": "about", "sometime in": "", "some time in": "",
    "possibly": "maybe", "possibly in": "maybe", "possibly on": "maybe", "possibly by": "by", "perhaps": "maybe",
    "perhaps in": "maybe", "perhaps on": "maybe", "maybe": "maybe", "maybe in": "maybe", "maybe on": "maybe",
    "possibly as early as": "from", "possibly as soon as": "from", "as soon as": "from", "probably in": "maybe",
    "probably on": "maybe", "by around": "by", "by about": "by",
}  # fmt: skip
_BY_WORDS: Final = {tuple(words.split()): meaning for words, meaning in _FRAMES.items() if meaning}
_WORDS_MAX: Final = max(len(words) for words in _BY_WORDS)
_LAST_WORDS: Final = frozenset(words[-1] for words in _BY_WORDS)
_NEGATION_REACH: Final = 8


class Frame(NamedTuple):
    """What stands before a date: its meaning, and the word it begins at."""

    meaning: str
    start: int


def frame(lower: list[str], start: int, end: int) -> Frame | None:
    """Return the longest preposition that ends before a date's words, and what it makes of the date."""
    if not start or lower[start - 1] not in _LAST_WORDS:
        return None
    for length in range(min(_WORDS_MAX, start), 0, -1):
        meaning = _BY_WORDS.get(tuple(lower[start - length : start]))
        if meaning is None:
            continue
        first = start - length
        if meaning in ("until", "before") and _is_negated(lower, first):
            meaning = "from"
        if length == 1 and lower[first] == "from" and (is_moved(lower, start, end) or _is_compared(lower, first)):
            return None
        return Frame(meaning, first)
    return None


def _is_compared(lower: list[str], start: int) -> bool:
    return any(word in _COMPARED for word in lower[max(0, start - _NEGATION_REACH) : start])


_COMPARED: Final = frozenset("percent % percentage changed unchanged up down rose fell points higher lower".split())


def _is_negated(lower: list[str], start: int) -> bool:
    for place in range(start - 1, max(-1, start - _NEGATION_REACH), -1):
        word = lower[place]
        if word in (",", ";", "that", "but", "and"):
            return False
        if word in ("not", "never", "cannot") or word.endswith("n't"):
            return True
    return False


def modified(resolved: Resolved, *, framed: str) -> Point | None:
    """Return the part of a date that "early", "mid", "the end of" mean; None where there is no such part.

    `framed` is the preposition's meaning: "by mid-2026" is by its middle, "by the end of March" by its last day.
    """
    point, mod = resolved.point, resolved.mod
    if mod in ("", "rest", "later", "earlier") or resolved.edtf:
        return point
    edge = framed in ("by", "before", "until", "after", "from")
    year = civil(point.first)[0]
    if point.grain == "Y":
        if mod == "mid" and edge:
            return day_point(month_point(year, 6).last)
        if mod in ("early", "mid", "late"):
            third = part_point(year, 4, {"early": 1, "mid": 2, "late": 3}[mod])
            return third if framed not in ("by", "until") else day_point(third.last)
        if mod == "end":
            return day_point(point.last) if edge else _approximate(month_point(year, 12))
        return month_point(year, 1) if edge else _approximate(month_point(year, 1))
    if point.grain in "DIKN":
        return point
    if mod == "end":
        return day_point(point.last) if edge else _approximate(day_point(point.last))
    if mod == "start":
        return day_point(point.first) if edge else _approximate(day_point(point.first))
    return _third(point, mod, edge=edge)


def _third(point: Point, mod: str, *, edge: bool) -> Point:
    """Return the early, middle or late third of a month, week, season, decade, …: days 1 to 10, 11 to 20, the rest."""
    if point.grain == "M":
        cuts = (point.first, point.first + 10, point.first + 20, point.last + 1)
        if edge and mod == "mid":
            return day_point(point.first + 14)
    else:
        length = point.last - point.first + 1
        cuts = (point.first, point.first + length // 3, point.first + 2 * length // 3, point.last + 1)
        if point.grain in "EC":
            here = civil(point.first)[0]
            step = (civil(point.last)[0] - here + 1) / 3
            years = [here, here + round(step), here + round(2 * step), civil(point.last)[0] + 1]
            number = {"early": 0, "mid": 1, "late": 2}[mod]
            first, last = years[number], years[number + 1] - 1
            edtf = f"{first:04}/{last:04}" if first >= 0 else point.edtf
            return Point("I", point.first, point.last, edtf, point.timex)
        if point.grain in "SQHT":
            return _approximate(_month_of(point, mod))
    number = {"early": 0, "mid": 1, "late": 2}[mod]
    return interval_point(cuts[number], cuts[number + 1] - 1)


def _month_of(point: Point, mod: str) -> Point:
    year, month, _ = civil(point.first)
    months = {"S": 3, "Q": 3, "T": 4, "H": 6}[point.grain]
    return month_point(year, month + {"early": 0, "mid": months // 2, "late": months - 1}[mod])


def _approximate(point: Point) -> Point:
    return point._replace(edtf=point.edtf + "~")


def framed(resolved: Resolved, meaning: str) -> tuple[str, terms.WhenKind] | None:
    """Return the EDTF and the kind of a date with the preposition before it; None where they do not go together."""
    if resolved.edtf or resolved.kind:
        edtf = resolved.edtf or resolved.point.edtf
        return (edtf, _KINDS.get(resolved.kind, "between")) if not meaning else _framed_interval(resolved, meaning)
    point = modified(resolved, framed=meaning)
    if point is None:
        return None
    name = point.edtf.removesuffix("~")
    last = day_point(point.last).edtf if point.is_interval else name
    first = day_point(point.first).edtf if point.is_interval else name
    match meaning:
        case "by":
            return f"../{last}", "deadline"
        case "before":
            before = day_point(point.first - 1) if point.grain in "DIWK" else neighbour(point, -1)
            return f"../{before.edtf}", "deadline"
        case "until":
            return f"../{last}", "until"
        case "from":
            return f"{first}/..", "from"
        case "after":
            beyond = day_point(point.last + 1) if point.grain in "DIWK" else neighbour(point, 1)
            return f"{beyond.edtf}/..", "from"
        case "within":
            start = resolved.anchor if resolved.anchor is not None else point.first
            return f"{day_point(max(start, point.first)).edtf}/{day_point(point.last).edtf}", "deadline"
        case "about" | "maybe" if not point.is_interval:
            return name + ("~" if meaning == "about" else "?"), "on"
        case _:
            return point.edtf, "between" if point.is_interval and not _is_decade(point) else "on"


_KINDS: Final[dict[str, terms.WhenKind]] = {
    "on": "on", "deadline": "deadline", "until": "until", "from": "from", "between": "between"
}  # fmt: skip


def _framed_interval(resolved: Resolved, meaning: str) -> tuple[str, terms.WhenKind] | None:
    first, last = day_point(resolved.point.first).edtf, day_point(resolved.point.last).edtf
    if resolved.edtf.startswith("..") or resolved.edtf.endswith(".."):
        return None
    match meaning:
        case "by" | "before":
            return f"../{last}", "deadline"
        case "until":
            return f"../{last}", "until"
        case "from":
            return f"{first}/..", "from"
        case "after":
            return f"{day_point(resolved.point.last + 1).edtf}/..", "from"
        case _:
            return None


def _is_decade(point: Point) -> bool:
    return point.grain in "EC"


def joined(left: Resolved, right: Resolved, joint: str) -> tuple[str, terms.WhenKind] | None:
    """Return the EDTF of two dates: one to the other, or one of the two; None where the second is the earlier."""
    first, last = modified(left, framed=""), modified(right, framed="")
    if first is None or last is None:
        return None
    if joint in ("or", "and") and not (first.is_interval or last.is_interval):
        if first.first >= last.first:
            return None
        return (f"[{first.edtf},{last.edtf}]", "on") if joint == "or" else (f"{{{first.edtf},{last.edtf}}}", "between")
    if last.last < first.first or last.first < first.first:
        return None
    start = day_point(first.first).edtf if first.is_interval else first.edtf
    end = day_point(last.last).edtf if last.is_interval else last.edtf
    return f"{start}/{end}", "between"
