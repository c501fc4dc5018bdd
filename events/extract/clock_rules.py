"""Rules for clock times. They are no dates: a date beside one takes it up as its time."""

from typing import Final

from events.extract.cores import Core, Reading
from events.extract.grammar import Found, Rule

_ZONES: Final = "gmt|utc|est|edt|et|cet|cest|bst|pst|pdt|pt|ct|mst|jst|ist"


def clock(words: list[str]) -> str | None:
    """Return a clock time as "hh:mm"; None where there is no such time.

    >>> clock(["10:30", "a.m."]), clock(["9", "pm"]), clock(["25:00"])
    ('10:30', '21:00', None)
    """
    said = words[0]
    if said in ("noon", "midday", "midnight"):
        return "12:00" if said != "midnight" else "00:00"
    hour_text, _, rest = said.replace(".", ":").partition(":")
    if not hour_text.isdecimal():
        return None
    hour, minute = int(hour_text), rest[:2] or "00"
    half = "".join(words[1:2]).replace(".", "")
    if half == "pm" and hour < 12:
        hour += 12
    if half == "am" and hour == 12:
        hour = 0
    return f"{hour:02}:{minute}" if hour < 24 else None


def _clock(found: Found) -> Reading | None:
    value = clock(found.group("t"))
    return None if value is None else Core("clock", value=value)


def _plain_clock(found: Found) -> Reading | None:
    if found.before in ("-", "/", "$", "beat", "won", "score", "for", "in") or found.after in ("-", "%"):
        return None
    return _clock(found)


def _noon(found: Found) -> Reading | None:
    return _clock(found) if found.before in ("at", "by", "until", "before", "after", "from", "around") else None


CLOCK_RULES: Final[tuple[Rule[Reading], ...]] = (
    Rule("clock-half-day", f"t=((DAY|DAY0|CLOCK|CLOCKDOT) (a.m.|p.m.|am|pm)) [{_ZONES}]", _clock),
    Rule("clock", f"t=CLOCK [hrs|h|hours] [{_ZONES}]", _plain_clock),
    Rule("noon", "t=(noon|midday|midnight)", _noon),
)
