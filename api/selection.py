"""Which facts a reader of the log asks for, and from where: the parameters of the feed."""

import re
from collections.abc import Iterable
from itertools import product
from typing import Final, Literal, TypeAlias
from urllib.parse import parse_qsl

from msgspec import Struct

from api.problems import Fault
from events.errors import TimeInvalid
from events.facts import TYPES
from events.instants import Instant
from events.log.port import TAG_BYTES_MAX, Log, Query, QueryItem
from events.times import read_time

FIELDS_MAX: Final = 200
ITEMS_MAX: Final = 400
POSITION_MAX: Final = 2**53 - 1

FILTERS: Final = ("types", "tags", "announcement", "actor", "source", "timeline")
"""Repeating one means any of its values; different ones must all hold."""
KNOWN: Final = ("from", "include", *FILTERS)

Start: TypeAlias = Literal["start", "head"] | int | Instant
"""Where to begin: before everything, after the last fact, after a position, or after what a time had recorded."""

_TAG: Final = re.compile(r"[a-z][a-z_]*:[^\s\x00-\x1f\x7f-\x9f]+")
_ID: Final = re.compile(r"[a-z0-9-]{1,64}")
_SLUG: Final = re.compile(r"[a-z0-9-]{1,80}")
_DIGITS: Final = re.compile(r"[0-9]{1,19}")


class Selection(Struct, frozen=True, kw_only=True):
    """The facts that match `query` and concern one of `timelines` (none given: any fact).

    `with_state`: each is to come with what it changed, before and after.
    """

    query: Query
    start: Start
    timelines: frozenset[str] = frozenset()
    with_state: bool = False


def read_selection(query_string: str, *, start: Start) -> Selection:
    """Return what a query string asks for; `start` is where to begin when it does not say.

    Raises `Fault`.
    """
    given = _values(query_string)
    for name in given:
        if name not in KNOWN:
            raise _wrong(name, f"there is no parameter {name!r} here; known are {', '.join(KNOWN)}")
    if set(given.get("include", [])) - {"state"}:
        raise _wrong("include", "what can be included is state")
    return Selection(
        query=_query(given),
        start=_start(given.get("from", []), start),
        timelines=frozenset(_each("timeline", given, _SLUG, "a timeline's slug")),
        with_state="include" in given,
    )


async def position_of(start: Start, log: Log, *, head: int) -> int:
    """Return the position after which to begin; raises `Fault` for one beyond the head."""
    match start:
        case "start":
            return 0
        case "head":
            return head
        case int() if start > head:
            raise _wrong("from", f"position {start} lies beyond the head {head}: begin again, from=start")
        case int():
            return start
        case _:
            return min(head, await log.position_at(start))


def _values(query_string: str) -> dict[str, list[str]]:
    try:
        pairs = parse_qsl(query_string, keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX)
    except UnicodeDecodeError:
        raise _wrong("", "the query string is not UTF-8") from None
    except ValueError:
        raise _wrong("", f"the query string has over {FIELDS_MAX} fields") from None
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(value)
    return given


def _start(values: list[str], default: Start) -> Start:
    if not values:
        return default
    if len(values) > 1:
        raise _wrong("from", "`from` is given more than once")
    (text,) = values
    if text == "start" or text == "head":
        return text
    if _DIGITS.fullmatch(text):
        return min(int(text), POSITION_MAX)
    try:
        return read_time(text, "UTC", pointer="from")
    except TimeInvalid:
        raise _wrong(
            "from", f"{text!r} is none of start, head, a position, and a time like 2024-04-10T00:00:00Z"
        ) from None


def _query(given: dict[str, list[str]]) -> Query:
    """Return the filters as a query: each way of taking one tag of every filter, with any of the types."""
    types = tuple(_types(given.get("types", [])))
    choices = [[*_tags(given.get("tags", []))]] if "tags" in given else []
    for kind in ("announcement", "actor", "source"):
        if kind in given:
            choices.append([f"{kind}:{id}" for id in _each(kind, given, _ID, "an id")])
    if not types and not choices:
        return Query.all()
    count = 1
    for choice in choices:
        count *= len(choice)
    if count > ITEMS_MAX:
        raise _wrong("", f"the filters make {count} combinations; at most {ITEMS_MAX} are followed at once")
    return Query(items=tuple(QueryItem(types=types, tags=tags) for tags in product(*choices)))


def _types(values: Iterable[str]) -> Iterable[str]:
    for name in dict.fromkeys(values):
        if name not in TYPES:
            raise _wrong("types", f"this version knows no facts of type {name!r}")
        yield name


def _tags(values: Iterable[str]) -> Iterable[str]:
    for tag in dict.fromkeys(values):
        if not _TAG.fullmatch(tag) or len(tag.encode()) > TAG_BYTES_MAX:
            raise _wrong("tags", f"{tag!r} is not a tag; write kind:value, like source:white-house")
        yield tag


def _each(name: str, given: dict[str, list[str]], form: re.Pattern[str], what: str) -> Iterable[str]:
    for value in dict.fromkeys(given.get(name, [])):
        if not form.fullmatch(value):
            raise _wrong(name, f"{value!r} is not {what}")
        yield value


def _wrong(name: str, message: str) -> Fault:
    return Fault("parameter-invalid", message, pointer=f"?{name}" if name else None)
