"""What the words of a calendar date name: months, weekdays, years, parts of a date, feasts."""

from typing import Final

from events.extract.dates.lexicon import MONTHS, MONTHS_SHORT, WEEKDAYS, WEEKDAYS_SHORT

FEASTS: Final = {
    "christmas": (12, 25), "christmas day": (12, 25), "christmas eve": (12, 24), "boxing day": (12, 26),
    "new year eve": (12, 31), "new year day": (1, 1), "new years day": (1, 1), "new years eve": (12, 31),
    "valentine day": (2, 14), "halloween": (10, 31), "bastille day": (7, 14),
    "st patrick day": (3, 17), "st . patrick day": (3, 17), "all saints day": (11, 1), "armistice day": (11, 11),
    "remembrance day": (11, 11), "veterans day": (11, 11), "the fourth of july": (7, 4),
}  # fmt: skip
MOVABLE: Final = {
    "good friday": -2, "easter": 0, "easter sunday": 0, "easter monday": 1, "ascension day": 39, "whit monday": 50,
    "pentecost": 49, "palm sunday": -7, "maundy thursday": -3, "ash wednesday": -46, "thanksgiving": 1000,
    "thanksgiving day": 1000, "labor day": 1001, "memorial day": 1002, "martin luther king day": 1003,
}  # fmt: skip

FEAST_NAMES: Final = sorted((*FEASTS, *MOVABLE), key=len, reverse=True)
"""The longer ones first: Easter Monday is not Easter."""


def month(words: list[str]) -> int:
    """Return the month that a name or its abbreviation means."""
    return MONTHS.get(words[0]) or MONTHS_SHORT[words[0]]


def weekday(words: list[str]) -> int | None:
    """Return the weekday that a name or its abbreviation means, Monday = 0; None for no words."""
    return WEEKDAYS.get(words[0], WEEKDAYS_SHORT.get(words[0])) if words else None


def year(words: list[str]) -> int | None:
    """Return the year that words mean, astronomical; None for no words."""
    if not words:
        return None
    digits = next(int(word) for word in words if word.isdecimal())
    return 1 - digits if any(word.startswith("b") for word in words) else digits


def mod(words: list[str]) -> str:
    """Return which part of a date words single out: early, mid, late, start, end, rest; empty for none."""
    said = set(words)
    for name, meaning in (
        ("latter", "late"), ("early", "early"), ("late", "late"), ("mid", "mid"), ("end", "end"), ("close", "end"),
        ("start", "start"), ("beginning", "start"), ("outset", "start"), ("onset", "start"), ("turn", "start"),
        ("middle", "mid"), ("rest", "rest"), ("remainder", "rest"), ("later", "later"), ("earlier", "earlier"),
    ):  # fmt: skip
        if name in said:
            return meaning
    return ""
