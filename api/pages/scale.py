"""The time axis: which day lies where.

One even scale from 2016 to 2031 would press a week with eight announcements into three pixels. So the overview is cut
into sections, each even in itself: crowded weeks are enlarged, long stretches without any date are cut short, and
everything else shares one scale. The drawing marks both. A window that somebody asked for is even throughout.

A day is a half-open stretch of the axis: it begins at `x(day)` and ends at `x(day + 1)`.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, Literal, TypeAlias

from msgspec import Struct

Kind: TypeAlias = Literal["even", "enlarged", "gap"]
Span: TypeAlias = tuple[int, int]
"""A first and a last day, inclusive."""

FINE_DAYS_MAX: Final = 14
"""A date of so many days or fewer asks for a scale on which days can be told apart."""

CROWD_DAYS_MIN: Final = 4
"""So many different days close together are worth enlarging."""

ENLARGED_MAX: Final = 3
DAY_PX_WANTED: Final = 22.0
DAY_PX_READABLE: Final = 12.0
GAP_PX: Final = 56.0
SECTION_PX_MIN: Final = 30.0


class Section(Struct, frozen=True, kw_only=True):
    """An even stretch of the axis, from the day `first` up to and not including the day `end`."""

    first: int
    end: int
    left: float
    right: float
    kind: Kind

    @property
    def day_px(self) -> float:
        """How wide a day is."""
        return (self.right - self.left) / (self.end - self.first)


class Scale(Struct, frozen=True, kw_only=True):
    """Sections that join without a hole, in order of time."""

    sections: tuple[Section, ...]

    @property
    def first(self) -> int:
        """The first day on the axis."""
        return self.sections[0].first

    @property
    def end(self) -> int:
        """The day after the last on the axis."""
        return self.sections[-1].end

    @property
    def left(self) -> float:
        """Where the axis begins."""
        return self.sections[0].left

    @property
    def right(self) -> float:
        """Where the axis ends."""
        return self.sections[-1].right

    def x(self, day: float) -> float:
        """Return where a day begins; days beyond the axis lie at its ends."""
        for section in self.sections:
            if day < section.end:
                return section.left + max(0.0, day - section.first) * section.day_px
        return self.right


def window(first: int, last: int, *, left: float, right: float) -> Scale:
    """Return an even scale over the days from `first` to `last`, inclusive."""
    return Scale(sections=(Section(first=first, end=max(first, last) + 1, left=left, right=right, kind="even"),))


def even(spans: Sequence[Span], *, left: float, right: float) -> Scale:
    """Return an even scale that shows every span. There must be at least one."""
    first, end = _reach(spans)
    return window(first, end - 1, left=left, right=right)


def overview(spans: Sequence[Span], *, left: float, right: float, today: int | None = None) -> Scale:
    """Return a scale that shows every span, and `today`, and keeps crowded days apart. There must be a span."""
    shown = [*spans, (today, today)] if today is not None else spans
    days = sorted({day for span in shown for day in span})
    first, end = _reach(shown)
    padding = days[0] - first
    day_px = (right - left) / (end - first)
    crowds = _crowds(spans, end - first, day_px)
    cuts = _cuts(crowds, _gaps(days, crowds, day_px, padding), first, end)
    return Scale(sections=_laid_out(cuts, left, right))


def _reach(spans: Sequence[Span]) -> tuple[int, int]:
    """Return the axis's first day and the day after its last, with a little room around the spans."""
    begin, last = min(first for first, _ in spans), max(last for _, last in spans)
    padding = max(2, (last - begin) // 50)
    return begin - padding, last + 1 + padding


def _crowds(spans: Sequence[Span], axis_days: int, day_px: float) -> list[Span]:
    """Return the stretches whose days lie too close to be told apart, at most `ENLARGED_MAX`, by time."""
    fine = sorted({day for span in spans if span[1] - span[0] < FINE_DAYS_MAX for day in span})
    reach = max(3, axis_days // 80)
    runs: list[list[int]] = []
    for day in fine:
        if runs and day - runs[-1][-1] <= reach:
            runs[-1].append(day)
        else:
            runs.append([day])
    crowded = [
        run
        for run in runs
        if len(run) >= CROWD_DAYS_MIN
        and run[-1] - run[0] < axis_days / 6
        and (run[-1] - run[0]) * day_px / len(run) < DAY_PX_READABLE
    ]
    fullest = sorted(crowded, key=len, reverse=True)[:ENLARGED_MAX]
    return sorted((run[0] - 1, run[-1] + 1) for run in fullest)


def _gaps(days: Sequence[int], crowds: Sequence[Span], day_px: float, padding: int) -> list[Span]:
    """Return the stretches of more than a quarter of the axis on which no date begins or ends."""
    long = 1 / 4
    axis_days = days[-1] - days[0] + 1
    edges = sorted({*days, *(day for crowd in crowds for day in crowd)})
    found = [(a + 1 + padding, b - 1 - padding) for a, b in pairwise(edges) if b - a > axis_days * long]
    inside = [gap for gap in found if not any(gap[0] <= crowd[1] and crowd[0] <= gap[1] for crowd in crowds)]
    return [gap for gap in inside if (gap[1] - gap[0]) * day_px > 2 * GAP_PX]


def _cuts(crowds: Sequence[Span], gaps: Sequence[Span], first: int, end: int) -> list[tuple[int, int, Kind]]:
    """Cut the axis into stretches `(first, end, kind)` that join."""
    special: list[tuple[int, int, Kind]] = [(a, b + 1, "enlarged") for a, b in crowds]
    special += [(a, b + 1, "gap") for a, b in gaps]
    cuts: list[tuple[int, int, Kind]] = []
    at = first
    for a, b, kind in sorted(special):
        if a > at:
            cuts.append((at, a, "even"))
        cuts.append((max(a, at), b, kind))
        at = b
    if at < end:
        cuts.append((at, end, "even"))
    return cuts


def _laid_out(cuts: Sequence[tuple[int, int, Kind]], left: float, right: float) -> tuple[Section, ...]:
    width = right - left
    crowds = sum(1 for *_, kind in cuts if kind == "enlarged")
    share = width * (0.36 if crowds == 1 else 0.6 / max(1, crowds))
    fixed = {
        index: GAP_PX if kind == "gap" else min(share, (end - first) * DAY_PX_WANTED)
        for index, (first, end, kind) in enumerate(cuts)
        if kind != "even"
    }
    even_days = sum(end - first for first, end, kind in cuts if kind == "even")
    rest = max(0.0, width - sum(fixed.values()))
    wide = [
        fixed[index] if index in fixed else max(SECTION_PX_MIN, rest * (end - first) / even_days)
        for index, (first, end, _) in enumerate(cuts)
    ]
    stretch = width / sum(wide)
    sections: list[Section] = []
    at = left
    for (first, end, kind), px in zip(cuts, wide, strict=True):
        sections.append(Section(first=first, end=end, left=at, right=at + px * stretch, kind=kind))
        at += px * stretch
    return tuple(sections)
