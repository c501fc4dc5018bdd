"""The sign of each state. Round ones are still open, square ones have been judged; none relies on its colour."""

from typing import Final

from markupsafe import Markup

from api.pages.svg import element, number
from events.record import State

_ROUND: Final = element("circle", r=5.5, class_="line")
_SQUARE: Final = element("rect", x=-6, y=-6, width=12, height=12, rx=2, class_="fill")
_OPEN_SQUARE: Final = element("rect", x=-5.5, y=-5.5, width=11, height=11, rx=2, class_="line")

GLYPHS: Final[dict[State, Markup]] = {
    "announced": element("circle", r=5, class_="fill"),
    "due": _ROUND + element("path", d="M0-5.5a5.5 5.5 0 0 1 0 11z", class_="fill"),
    "overdue": element("path", d="M0-7.5L7 5.5H-7Z", class_="fill")
    + element("path", d="M0-3V1.6M0 3.2V4", class_="cut"),
    "postponed": element("path", d="M-5-6h3.6V6H-5zM1.4-6H5V6H1.4z", class_="fill"),
    "cancelled": element("path", d="M-5-5L5 5M5-5L-5 5", class_="line"),
    "happened": _SQUARE + element("path", d="M-3.4.2L-1 2.7L3.6-2.5", class_="cut"),
    "partly": _OPEN_SQUARE + element("path", d="M-5.5 5.5V-5.5L5.5 5.5z", class_="fill"),
    "did_not_happen": _SQUARE + element("path", d="M-2.8-2.8L2.8 2.8M2.8-2.8L-2.8 2.8", class_="cut"),
    "cannot_be_judged": _OPEN_SQUARE + element("path", d="M-3 0H3", class_="line"),
    "withdrawn": _ROUND + element("path", d="M-3 0H3", class_="line"),
    "retracted": _ROUND + element("path", d="M-4 4L4-4", class_="line"),
    "merged": element("path", d="M-6 0H5M1-4L5 0L1 4", class_="line"),
}


def glyph(state: State, x: float = 0, y: float = 0) -> Markup:
    """Return a state's sign with its middle at a place of a drawing."""
    return element("g", GLYPHS[state], class_="glyph", transform=f"translate({number(x)} {number(y)})")


def icon(state: State) -> Markup:
    """Return a state's sign as a picture of its own, to stand beside the words."""
    drawn = GLYPHS[state]
    return element("svg", drawn, class_="icon glyph", viewBox="-8 -8 16 16", width=16, height=16, aria_hidden="true")
