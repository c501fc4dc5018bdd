"""What a date looks like on the axis: a tick, a span, or a span that somebody has left open.

A tick is a day that is known. A span is every day a date can mean; it fades where it has no end. Nothing here knows of
announcements or of SVG.
"""

from typing import Final, Literal, TypeAlias

from msgspec import Struct

from api.pages.scale import Scale
from events.edtf import Date, Range
from events.record import reading

End: TypeAlias = Literal["edge", "cap", "fade", "cut"]
"""How a span ends: at the date's own edge, at a deadline's cap, in the open, or where the axis does."""

TAIL_PX: Final = 72.0
SPAN_PX_MIN: Final = 8.0
SOFT_PX: Final = 24.0
ANCHOR_PX: Final = 11.0
CAP_PX: Final = 5.0
PARTS_MAX: Final = 12


class Shape(Struct, frozen=True, kw_only=True):
    """A date on the axis. A tick has `left == right`; `parts` are the members of a set, within left and right.

    `anchor` is where its state is shown. `soft` is an approximate date,
    `hatched` an uncertain one.
    """

    left: float
    right: float
    anchor: float
    start: End = "edge"
    end: End = "edge"
    parts: tuple[tuple[float, float], ...] = ()
    soft: bool = False
    hatched: bool = False

    @property
    def drawn(self) -> tuple[float, float]:
        """From where to where an earlier date is drawn: of a deadline, only its cap."""
        return (self.right - CAP_PX, self.right) if self.end == "cap" else (self.left, self.right)

    @property
    def is_tick(self) -> bool:
        """Whether it is one day, and known to be."""
        return self.left == self.right


def on_axis(scale: Scale, first: int | None, last: int | None) -> bool:
    """Return whether a date can mean a day on the axis; None is open."""
    return (first is None or first < scale.end) and (last is None or last >= scale.first)


def shape_of(text: str, kind: str, scale: Scale) -> Shape:
    """Return what an EDTF expression of that kind looks like; one that lies beyond the axis, at its end.

    Raises `EdtfError`.
    """
    date = reading(text)
    first, last, soft, hatched = date.earliest, date.latest, date.approximate, date.uncertain
    if first is not None and first == last and not date.is_set:
        middle = scale.x(first + 0.5)
        if not soft:
            return Shape(left=middle, right=middle, anchor=middle + ANCHOR_PX, hatched=hatched)
        around = SOFT_PX / 2
        return Shape(left=middle - around, right=middle + around, anchor=middle, soft=True, hatched=hatched)
    start, left = _start(scale, first)
    end, right = _end(scale, last, is_limit=kind in ("deadline", "until"))
    if first is None:
        left = max(scale.left - TAIL_PX / 2, right - TAIL_PX)
    if last is None:
        right = left + TAIL_PX
    if right - left < SPAN_PX_MIN:
        middle = (left + right) / 2
        left, right = middle - SPAN_PX_MIN / 2, middle + SPAN_PX_MIN / 2
    return Shape(
        left=left,
        right=right,
        anchor=_anchor(left, right, start, end),
        start=start,
        end=end,
        parts=_parts(text, scale) if date.is_set else (),
        soft=soft,
        hatched=hatched,
    )


def _start(scale: Scale, day: int | None) -> tuple[End, float]:
    if day is None:
        return "fade", scale.left
    return ("cut" if day < scale.first else "edge"), scale.x(day)


def _end(scale: Scale, day: int | None, *, is_limit: bool) -> tuple[End, float]:
    if day is None:
        return "fade", scale.right
    if day >= scale.end:
        return "cut", scale.right
    return ("cap" if is_limit else "edge"), scale.x(day + 1)


def _anchor(left: float, right: float, start: End, end: End) -> float:
    inset = min(ANCHOR_PX, (right - left) / 2)
    return right - inset if end == "cap" or start == "fade" else left + inset


def _parts(text: str, scale: Scale) -> tuple[tuple[float, float], ...]:
    parts = []
    for member in reading(text).members[:PARTS_MAX]:
        start, end = (member.start, member.end) if isinstance(member, Range) else (member, member)
        left = scale.x(start.earliest) if isinstance(start, Date) else scale.left
        right = scale.x(end.latest + 1) if isinstance(end, Date) else scale.right
        parts.append((left, max(right, left + SPAN_PX_MIN / 2)))
    return tuple(parts)
