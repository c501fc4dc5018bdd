"""A date by itself, in words: "next Wednesday", "by the end of March", for a form that asks for one."""

import re
from contextlib import suppress
from typing import Final

import msgspec

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
_MONTH: Final = re.compile(
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|"
    r"aug|sept?|oct|nov|dec)\b"
)
_NUMBERED: Final = re.compile(r"[0-9]{1,2}(?:st|nd|rd|th)")
_BY: Final = re.compile(r"(?:by|before) ", re.IGNORECASE)
_TO_COME: Final = "They will meet "
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
    """Return what a text means that is one date; what can be past or to come is to come, as in announcements."""
    said = _MONTH.sub(lambda month: month[0].capitalize(), text)
    if _BY.match(text):  # A deadline is the nearest: it may just have passed.
        return _read(text, published, 0)
    leads = [_TO_COME, f"{_TO_COME}on ", f"{_TO_COME}the "]
    if text.isalpha():  # "May", "summer"; but "two weeks" is a length of time.
        leads.append(f"{_TO_COME}in ")
    if _NUMBERED.fullmatch(text):
        leads.append(f"{_TO_COME}on the ")
    for lead in leads:
        with suppress(DateInvalid):
            found = _read(f"{lead}{said}", published, len(lead.removesuffix("the ")))
            return msgspec.structs.replace(found, text=text[max(0, found.start - len(lead)) : found.end - len(lead)])
    return _read(text, published, 0)


def _read(text: str, published: Publication, start: int) -> Expression:
    """Return the date that a text is from a place on, behind what leads it in. Raises `DateInvalid`."""
    found = [one for one in expressions(list(sentences(text)), published) if one.edtf is not None]
    left, end = [], start
    for one in found:
        left.append(_LEAD.sub("", text[end : one.start]))
        end = one.end
    left.append(text[end:])
    unread = [words for words in (part.strip(_AROUND) for part in left) if words]
    if not found or found[0].start < start:
        raise DateInvalid(f"{text[start:][:_SAID_MAX]!r} is no date in words that are read, and no EDTF expression")
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
