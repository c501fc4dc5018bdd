"""Rules for clock times. They are no dates: a date beside one takes it up as its time."""

from typing import Final

from events.extract.dates.cores import Core, Reading
from events.extract.dates.grammar import Found, Rule
from events.extract.dates.lexicon import WEEKDAYS

_ZONES: Final = "gmt|utc|est|edt|et|cet|cest|bst|pst|pdt|pt|ct|mst|jst|ist"


def clock(words: list[str]) -> str | None:
    """Return a clock time as "hh:mm"; None where there is no such time.

    >>> clock(["10:30", "a.m."]), clock(["9", "pm"]), clock(["25:00"])
    ('10:30', '21:00', None)
    """
    said = words[0]
    if said in ("noon", "midday", "midnight"):
        return "12:00" if said != "midnight" else "00:00"
    if len(said) == 4 and said.isdecimal():
        said = f"{said[:2]}:{said[2:]}"
    hour_text, _, rest = said.replace(".", ":").partition(":")
    if not hour_text.isdecimal():
        return None
    hour, minute = int(hour_text), rest[:2] or "00"
    half = "".join(words[1:2]).replace(".", "")
    if half == "pm" and hour < 12:
        hour += 12
    if half == "am" and hour == 12:
        hour = 0
    return f"{hour:02}:{minute}" if hour < 24 and minute < "60" else None


def _clock(found: Found) -> Reading | None:
    value = clock(found.group("t"))
    return None if value is None else Core("clock", value=value)


def _plain_clock(found: Found) -> Reading | None:
    if found.before in ("-", "/", "$", "beat", "won", "score", "for", "in") or found.after in ("-", "%"):
        return None
    return _clock(found)


def _noon(found: Found) -> Reading | None:
    cue = found.before in ("at", "by", "until", "since", "before", "after", "from", "around") or found.after in WEEKDAYS
    return _clock(found) if cue else None


CLOCK_RULES: Final[tuple[Rule[Reading], ...]] = (
    Rule("clock-half-day", f"t=((DAY|DAY0|CLOCK|CLOCKDOT) (a.m.|p.m.|am|pm)) [{_ZONES}]", _clock),
    Rule("clock", f"t=CLOCK [hrs|h|hours] [{_ZONES}]", _plain_clock),
    Rule("clock-of-zone", "t=(YEAR|FOUR) (gmt|utc|hrs)", _clock),
    Rule("noon", "t=(noon|midday|midnight)", _noon),
)
