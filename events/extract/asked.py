"""A date by itself, in words: "next Wednesday", "by the end of March", for a form that asks for one."""

import re
from contextlib import suppress
from typing import Final

from events import record, terms
from events.edtf import EdtfError, command_when, kind_of
from events.errors import DateInvalid, Refused
from events.extract.dates.expressions import expressions
from events.extract.reading import Expression, Publication
from events.extract.text import sentences

CHARACTERS_MAX: Final = 200
OTHER_DAYS: Final = 730_120, 785_043
"""Two days of other centuries, weekdays and months: what words mean on both alike does not depend on the day."""
_SAID_MAX: Final = 100
_WEEKDAY: Final = re.compile(r"(?:on\s+)?((?:mon|tues|wednes|thurs|fri|satur|sun)day)\W*", re.IGNORECASE)
_TO_COME: Final = "They will meet "
"""Said before a bare weekday, which a form asks for of what is to come; in a text, the clause says which is meant."""
_LEADS: Final = _TO_COME, f"{_TO_COME}on "
_LEAD: Final = re.compile(r"\b(?:on|in|at|for|during)(?: the)?\s*\Z", re.IGNORECASE)
"""What stands before a date and changes nothing of it."""
_AROUND: Final = " \t\r\n.,;:!?\"'“”‘’()"


class DayMissing(Refused):
    """Words mean another date by the day they were published, which is not given."""

    code = "published-at-missing"


def read_phrase(text: str, published: Publication | None) -> record.When:
    """Return what words mean that are one date and nothing else, as of the day they were published.

    Without a day they have to mean the same on every day. Raises `DayMissing`, and `DateInvalid` that names what was
    not read.
    """
    if len(text) > CHARACTERS_MAX:
        raise DateInvalid(f"over {CHARACTERS_MAX} characters are no date")
    if published is not None:
        return _when(_only(text, published))
    readings = [_only(text, Publication(day=day)) for day in OTHER_DAYS]
    if len({one.edtf for one in readings}) > 1:
        raise DayMissing(f"what {text!r} means depends on the day it was published; say which by published_at")
    return _when(readings[0], anchored=False)


def _only(text: str, published: Publication) -> Expression:
    if weekday := _WEEKDAY.fullmatch(text):
        return _read(weekday[1], published, _TO_COME)
    try:
        return _read(text, published)
    except DateInvalid:
        for lead in _LEADS:  # "in 5 years" is a date by what is said before it, as "the 3rd" is.
            with suppress(DateInvalid):
                return _read(text, published, lead)
        if text.isalpha():  # "May", "summer"; but "two weeks" is a length of time.
            with suppress(DateInvalid):
                return _read(text, published, f"{_TO_COME}in ")
        raise


def _read(text: str, published: Publication, lead: str = "") -> Expression:
    text = f"{lead}{text}"
    found = [one for one in expressions(list(sentences(text)), published) if one.edtf is not None]
    left, end = [], len(lead)
    for one in found:
        left.append(_LEAD.sub("", text[end : one.start]))
        end = one.end
    left.append(text[end:])
    unread = [words for words in (part.strip(_AROUND) for part in left) if words]
    if not found:
        raise DateInvalid(f"{text[:_SAID_MAX]!r} is no date in words that are read, and no EDTF expression")
    if unread:
        raise DateInvalid(f"not read: {', '.join(repr(words[:_SAID_MAX]) for words in unread)}; give the date alone")
    if len(found) > 1:
        raise DateInvalid(f"these are several dates: {', '.join(repr(one.text) for one in found)}; give one")
    return found[0]


def _when(read: Expression, *, anchored: bool = True) -> record.When:
    assert read.edtf is not None
    try:
        edtf = command_when(read.edtf)
    except EdtfError as error:  # What leaves both ends open says nothing that can be held against anybody.
        raise DateInvalid(str(error)) from None
    kind = read.kind or kind_of(edtf)
    assert kind != "undated"
    anchor = read.anchor if anchored and isinstance(read.anchor, str) else None
    return record.when_of(terms.When(edtf=edtf.text, kind=kind, phrase=read.text, anchor=anchor))
