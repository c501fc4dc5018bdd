"""Where everything of a drawing lies: marks, labels, lanes, and the tray of what has no date.

A lane holds announcements side by side whose marks and labels do not touch. The order is that of time, so a crowded
week runs down the page like stairs. What finds no lane is drawn without a label, and the table has it anyway.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import zip_longest
from typing import Final, Literal
from unicodedata import east_asian_width

import msgspec
from msgspec import Struct

from api.pages import texts
from api.pages.scale import Scale, Span, even, overview, window
from api.pages.shapes import Shape, on_axis, shape_of
from api.pages.steps import steps
from events.edtf import kind_of
from events.record import Announcement, reading

LANES_MAX: Final = 24
LANE_PX: Final = 27.0
AXIS_PX: Final = 62.0
FOOT_PX: Final = 22.0
TRAY_HEAD_PX: Final = 30.0
TRAY_ROW_PX: Final = 23.0
TRAY_ROWS_MAX: Final = 8
SIDE_PX: Final = 10.0
LABEL_FONT_PX: Final = 13.0
LABEL_PX_MAX: Final = 560.0
LABEL_PX_MIN: Final = 90.0
TEXTS_MEASURED_MAX: Final = 4096
GLYPH_PX: Final = 8.0
"""Half the width that a state's sign takes."""

BETWEEN_PX: Final = 12.0

_NARROW: Final = frozenset("iljtfrI.,:;'|!()[]/ -")
_WIDE: Final = frozenset("mwMW@%—…")


class Earlier(Struct, frozen=True, kw_only=True):
    """A date the announcement had before; `moved` is false where the next one only made it more exact."""

    shape: Shape
    moved: bool


class _Given(Struct, frozen=True, kw_only=True):
    """A date the announcement had. `moved`: it was left for another day, or for none."""

    edtf: str
    kind: str
    moved: bool


class Placed(Struct, frozen=True, kw_only=True):
    """An announcement in its lane. `present` is null where it is off its date.

    `title` and `note` are the label, which begins (or ends, at `anchor` "end") at `label_x`. Everything it draws lies
    within `left` and `right`. `past`: this is not how it stands, but a date that it had.
    """

    item: Announcement
    lane: int
    past: bool = False
    present: Shape | None
    earlier: tuple[Earlier, ...]
    title: str
    note: str
    label_x: float
    label_px: float
    anchor: Literal["start", "end"]
    left: float
    right: float


class Layout(Struct, frozen=True, kw_only=True):
    """A whole drawing. `scale` is null where nothing has a date; `before` and `after` count what lies beyond it."""

    width: float
    height: float
    scale: Scale | None
    today: float | None
    placed: tuple[Placed, ...]
    unplaced: tuple[Placed, ...]
    undated: tuple[Announcement, ...]
    before: int
    after: int
    lanes: int

    @property
    def lanes_bottom(self) -> float:
        """Where the lanes end, the one without labels included."""
        return AXIS_PX + (self.lanes + bool(self.unplaced)) * LANE_PX + 6 if self.scale else 0.0

    @property
    def tray_columns(self) -> int:
        """How many columns the tray has."""
        return max(1, int(self.width // 420))

    @property
    def tray_rows(self) -> int:
        """How many rows the tray has."""
        return min(TRAY_ROWS_MAX, -(-len(self.undated) // self.tray_columns))


def lay_out(
    items: Sequence[Announcement],
    *,
    width: float,
    today: int | None,
    first: int | None = None,
    last: int | None = None,
) -> Layout:
    """Place announcements on a drawing that is `width` px wide.

    `first` and `last` (days, both or neither) ask for that window, otherwise every date is in sight. `today` is drawn
    where it lies on the axis or shortly after its end.
    """
    dated = [item for item in items if _given(item)]
    undated = tuple(item for item in items if not _given(item))
    if not dated:
        return _sized(Layout(
            width=width, height=0, scale=None, today=None, placed=(), unplaced=(), undated=undated,
            before=0, after=0, lanes=0,
        ))  # fmt: skip
    right = _axis_end(width)
    if first is not None and last is not None:
        scale = window(first, last, left=SIDE_PX, right=right)
    else:
        spans = _spans(dated)
        scale = overview(
            spans, left=SIDE_PX, right=right, today=today if today is not None and _is_near(today, spans) else None
        )
    drawn, before, after = [], 0, 0
    for item in dated:
        place = _beside(item, scale)
        before, after = before + (place < 0), after + (place > 0)
        if place == 0:
            drawn.append(_placed(item, scale, width))
    placed, unplaced, lanes = _in_lanes(drawn)
    return _sized(Layout(
        width=width, height=0, scale=scale, today=_today_x(today, scale),
        placed=placed, unplaced=unplaced, undated=undated, before=before, after=after, lanes=lanes,
    ))  # fmt: skip


def lay_out_dates(item: Announcement, *, width: float, today: int | None) -> Layout:
    """Place the dates that one announcement had, one below the other in the order said. It must have had one."""
    scale = even(_spans([item]), left=SIDE_PX, right=_axis_end(width))
    had = steps(item.dates)
    placed: list[Placed] = []
    before: tuple[Earlier, ...] = ()
    for step in had:
        edtf, is_last = step.holds.edtf, step is had[-1]
        kind = item.when.kind if is_last and edtf else kind_of(reading(edtf)) if edtf else ""
        shape = shape_of(edtf, kind, scale) if edtf else None
        title = item.when.text if is_last and edtf else texts.given_words(step.holds)
        note = f" · said {texts.instant_day(step.holds.said_at)}"
        one = _labelled(item, shape, () if shape else before, title, (note, ""), width)
        placed.append(msgspec.structs.replace(one, lane=len(placed), past=not is_last))
        before = (Earlier(shape=shape, moved=True),) if shape else before
    return _sized(Layout(
        width=width, height=0, scale=scale, today=_today_x(today, scale),
        placed=tuple(placed), unplaced=(), undated=(), before=0, after=0, lanes=len(placed),
    ))  # fmt: skip


def _axis_end(width: float) -> float:
    """Leave some room to the right of the axis, for the labels of its last dates."""
    return width - (170 if width > 800 else 120)


def _today_x(today: int | None, scale: Scale) -> float | None:
    return scale.x(today + 0.5) if today is not None and scale.first <= today < scale.end else None


@lru_cache(maxsize=TEXTS_MEASURED_MAX)
def text_px(text: str) -> float:
    """Estimate how wide a label's text is, generously: the reader's font is not known here."""
    return LABEL_FONT_PX * sum(map(_em, text))


def shortened(text: str, px: float) -> str:
    """Return a text that is at most so wide, cut at its end if need be."""
    if text_px(text) <= px + 0.01:  # Sums of the same widths differ in their last bits.
        return text
    room = px - text_px("…")
    for end, character in enumerate(text):
        room -= LABEL_FONT_PX * _em(character)
        if room < 0:
            return text[:end].rstrip() + "…"
    return text


@lru_cache(maxsize=TEXTS_MEASURED_MAX)
def _em(character: str) -> float:
    if east_asian_width(character) in "WF":
        return 1.05
    if character in _NARROW:
        return 0.36
    return 0.92 if character in _WIDE else 0.7 if character.isupper() else 0.58


def _given(item: Announcement) -> list[_Given]:
    """Return every date the announcement had, the one in force last."""
    had = steps(item.dates)
    given = [
        _Given(edtf=edtf, kind=kind_of(reading(edtf)), moved=following is not None and following.how == "moved")
        for step, following in zip_longest(had, had[1:])
        if (edtf := step.holds.edtf) is not None
    ]
    if item.when.edtf is None:
        return given
    return [*(given[:-1] if had else []), _Given(edtf=item.when.edtf, kind=item.when.kind, moved=False)]


def _spans(dated: Iterable[Announcement]) -> list[Span]:
    spans = []
    for item in dated:
        for given in _given(item):
            first, last = reading(given.edtf).earliest, reading(given.edtf).latest
            known = [day for day in (first, last) if day is not None]
            if known:
                spans.append((known[0], known[-1]))
    return spans


def _is_near(today: int, spans: Sequence[Span]) -> bool:
    """Return whether today lies among the dates, or so shortly after them that the axis may as well reach it."""
    begin, end = min(first for first, _ in spans), max(last for _, last in spans)
    return begin <= today <= end + max(7, (end - begin) // 6)


def _beside(item: Announcement, scale: Scale) -> int:
    """Return -1, 0 or 1: whether the date in force, or the last one there was, lies before, on or after the axis."""
    date = reading(_given(item)[-1].edtf)
    if on_axis(scale, date.earliest, date.latest):
        return 0
    return -1 if date.latest is not None and date.latest < scale.first else 1


def _placed(item: Announcement, scale: Scale, width: float) -> Placed:
    given = _given(item)
    present = shape_of(given[-1].edtf, given[-1].kind, scale) if item.when.edtf is not None else None
    earlier = _earlier(given if present is None else given[:-1], item.when.edtf, scale)
    title = item.title + (" (?)" if reading(given[-1].edtf).uncertain else "")
    return _labelled(item, present, earlier, title, _notes(item), width)


def _labelled(
    item: Announcement,
    present: Shape | None,
    earlier: tuple[Earlier, ...],
    title: str,
    notes: Sequence[str],
    width: float,
) -> Placed:
    """Place the marks and the label: with the first of the notes that fits, else with the last, the title cut."""
    shapes = [earlier.shape for earlier in earlier] + ([present] if present else [])
    left = min(min(shape.left, shape.anchor - GLYPH_PX) for shape in shapes)
    right = max(max(shape.right, shape.anchor + GLYPH_PX) for shape in shapes)
    if present is None:
        right += 2 * GLYPH_PX + 22  # The sign for "postponed", at the end of a line that leads nowhere.
    for note in notes:
        wanted = text_px(title) + text_px(note)
        label_x, anchor, px = _label_place(present, earlier, wanted, left, right, width)
        if px >= wanted:
            break
    shown = shortened(title, px - text_px(note))
    px = min(px, text_px(shown) + text_px(note))
    return Placed(
        item=item, lane=0, present=present, earlier=earlier, title=shown, note=note,
        label_x=label_x, label_px=px, anchor=anchor,
        left=min(left, label_x - px if anchor == "end" else label_x),
        right=max(right, label_x if anchor == "end" else label_x + px),
    )  # fmt: skip


def _earlier(had: Sequence[_Given], present: str | None, scale: Scale) -> tuple[Earlier, ...]:
    seen = (given for given in had if given.edtf != present)
    return tuple(
        Earlier(shape=shape_of(given.edtf, given.kind, scale), moved=given.moved)
        for given in seen
        if on_axis(scale, reading(given.edtf).earliest, reading(given.edtf).latest)
    )


def _notes(item: Announcement) -> tuple[str, ...]:
    """Return what the label says besides the title, from everything to nothing: signs and arrows say it too."""
    state = f" · {texts.STATES[item.state]}" if item.state != "announced" else ""
    moved = f" · {texts.moved_words(item.slip_days)}" if item.slip_days else ""
    return (state + moved, state, "") if state and moved else (state + moved, "")


def _label_place(
    present: Shape | None, earlier: Sequence[Earlier], wanted: float, left: float, right: float, width: float
) -> tuple[float, Literal["start", "end"], float]:
    """Return where the label begins or ends, which of the two, and how wide it may be.

    It stands to the right of everything; within the span of a date that has room for it; or to the left.
    """
    px = min(wanted, LABEL_PX_MAX)
    alone = present is not None and all(one.shape.right <= present.left for one in earlier)
    if present is not None and alone and not present.is_tick:
        inside = present.anchor + GLYPH_PX + 5
        if present.end == "fade" or (present.end != "cap" and inside + px + 8 <= present.right):
            return inside, "start", min(px, width - 4 - inside)
    if right + 6 + px <= width - 4:
        return right + 6, "start", px
    if left - 6 - px >= 4:
        return left - 6, "end", px
    room_right, room_left = width - 4 - right - 6, left - 6 - 4
    if room_right >= LABEL_PX_MIN or room_right >= room_left:
        return right + 6, "start", room_right
    return left - 6, "end", room_left


def _in_lanes(drawn: Sequence[Placed]) -> tuple[tuple[Placed, ...], tuple[Placed, ...], int]:
    lanes: list[list[Placed]] = []
    unplaced = []
    for placed in sorted(drawn, key=_when_seen):
        free = next((n for n, lane in enumerate(lanes) if all(_apart(placed, other) for other in lane)), len(lanes))
        if free == LANES_MAX:
            unplaced.append(placed)
            continue
        if free == len(lanes):
            lanes.append([])
        lanes[free].append(msgspec.structs.replace(placed, lane=free))
    found = sorted((placed for lane in lanes for placed in lane), key=_when_seen)
    return tuple(found), tuple(unplaced), len(lanes)


def _when_seen(placed: Placed) -> tuple[float, float, str]:
    shape = placed.present or placed.earlier[-1].shape
    return shape.left, shape.right, placed.item.id


def _apart(one: Placed, other: Placed) -> bool:
    return one.right + BETWEEN_PX <= other.left or other.right + BETWEEN_PX <= one.left


def _sized(layout: Layout) -> Layout:
    tray = TRAY_HEAD_PX + layout.tray_rows * TRAY_ROW_PX + 10 if layout.undated else 0
    foot = FOOT_PX if layout.scale else 0
    return msgspec.structs.replace(layout, height=layout.lanes_bottom + foot + tray)
