"""The drawing, as SVG: an axis, lanes of marks with their labels, and a tray for what has no date.

Everything drawn is also in the table beside it, so the drawing is hidden from screen readers. It holds no style of its
own: `dateline.css` gives the classes their colours, in daylight, dark and forced ones.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from markupsafe import Markup

from api.pages import texts
from api.pages.glyphs import GLYPHS, glyph
from api.pages.layout import AXIS_PX, FOOT_PX, GLYPH_PX, LANE_PX, TRAY_HEAD_PX, TRAY_ROW_PX, Layout, Placed, shortened
from api.pages.scale import Scale, Section
from api.pages.shapes import CAP_PX, Shape
from api.pages.svg import element, number
from api.pages.ticks import gap_text, ticks
from events.days import iso
from events.record import Announcement, State

BAR_PX: Final = 15.0
TICK_PX: Final = 21.0
HOLLOW_PX: Final = 4.5


def draw(layout: Layout, *, name: str, today: str = "today") -> Markup:
    """Return the drawing. `name` keeps its ids apart from other drawings', `today` is what that day is called."""
    parts = [_definitions(name)]
    if layout.scale:
        parts += [_axis(layout, layout.scale), _today(layout, today)]
        parts += [_item(placed, name) for placed in layout.placed]
        parts += [_rest(layout, name), _outside(layout)]
    if layout.undated:
        parts.append(_tray(layout))
    scale = layout.scale
    return element(
        "svg", *parts, class_="drawing", viewBox=f"0 0 {number(layout.width)} {number(layout.height)}",
        width=layout.width, height=layout.height, aria_hidden="true", focusable="false",
        data_from=iso(scale.first) if scale else None, data_to=iso(scale.end - 1) if scale else None,
        data_knots=_knots(scale) if scale else None,
    )  # fmt: skip


def _knots(scale: Scale) -> str:
    """Write where the sections begin, as `x:day`, so that a script can tell the day at a place."""
    knots = [(section.left, section.first) for section in scale.sections] + [(scale.right, scale.end)]
    return " ".join(f"{number(x)}:{day}" for x, day in knots)


def _definitions(name: str) -> Markup:
    """Masks rather than gradients in colour: a mark keeps the colour of its state."""

    def gradient(of: str, *opacities: float) -> Markup:
        last = len(opacities) - 1
        stops = (
            element("stop", offset=f"{100 * index // last}%", stop_color="#fff", stop_opacity=str(opacity))
            for index, opacity in enumerate(opacities)
        )
        return element("linearGradient", *stops, id=f"{name}-{of}-light")

    def mask(of: str, fill: str) -> Markup:
        lit = element("rect", width=1, height=1, fill=f"url(#{fill})")
        return element("mask", lit, id=f"{name}-{of}", maskContentUnits="objectBoundingBox")

    stripes = element(
        "pattern", element("path", d="M-1 7L7-1M-1 1L1-1M5 7L7 5", stroke="#fff", stroke_width="2.2"),
        id=f"{name}-stripes", width=6, height=6, patternUnits="userSpaceOnUse",
    )  # fmt: skip
    hatched = element("rect", x=-9999, y=-9999, width=29999, height=29999, fill=f"url(#{name}-stripes)")
    return element(
        "defs",
        gradient("in", 0, 1), gradient("out", 1, 0), gradient("soft", 0, 1, 1, 0),
        mask("in", f"{name}-in-light"), mask("out", f"{name}-out-light"), mask("soft", f"{name}-soft-light"),
        stripes, element("mask", hatched, id=f"{name}-hatch", maskUnits="userSpaceOnUse",
                         x=-9999, y=-9999, width=29999, height=29999),
    )  # fmt: skip


def _axis(layout: Layout, scale: Scale) -> Markup:
    bottom = layout.lanes_bottom
    parts = []
    for section in scale.sections:
        parts.append(_backdrop(section, bottom))
    for index, section in enumerate(scale.sections):
        parts.extend(_ticks(section, bottom))
        if index and "gap" not in (section.kind, scale.sections[index - 1].kind):
            parts.append(element("path", d=f"M{number(section.left)} {AXIS_PX - 40}V{number(bottom)}", class_="seam"))
    parts.append(element("path", d=f"M{number(scale.left)} {AXIS_PX - 8}H{number(scale.right)}", class_="base"))
    return element("g", *parts, class_="axis")


def _backdrop(section: Section, bottom: float) -> Markup:
    width, middle = section.right - section.left, (section.left + section.right) / 2
    if section.kind == "even":
        return Markup()
    box = element(
        "rect", x=section.left, y=AXIS_PX - 40, width=width, height=bottom - AXIS_PX + 40, class_=section.kind
    )
    said = "enlarged" if section.kind == "enlarged" else gap_text(section)
    return box + element("text", said, x=middle, y=AXIS_PX - 46, text_anchor="middle", class_="note")


def _ticks(section: Section, bottom: float) -> Iterator[Markup]:
    for tick in ticks(section):
        strong = bool(tick.above) or (tick.label.isdigit() and section.day_px < 1)
        if tick.begins:
            line = f"M{number(tick.x)} {number(AXIS_PX - (40 if tick.above else 8))}V{number(bottom)}"
            yield element("path", d=line, class_="grid strong" if strong else "grid")
        if tick.x + 7 * len(tick.label) <= section.right:
            yield element("text", tick.label, x=tick.x + 4, y=AXIS_PX - 13)
        if tick.above:
            yield element("text", tick.above, x=tick.x + 4, y=AXIS_PX - 29, class_="above")


def _today(layout: Layout, name: str) -> Markup:
    if layout.today is None:
        return Markup()
    line = element("path", d=f"M{number(layout.today)} {AXIS_PX - 8}V{number(layout.lanes_bottom)}")
    said = element("text", name, x=layout.today, y=layout.lanes_bottom + 14, text_anchor="middle")
    return element("g", line, said, class_="today")


def _item(placed: Placed, name: str) -> Markup:
    y = AXIS_PX + placed.lane * LANE_PX + LANE_PX / 2
    parts = [element("title", f"{placed.item.title}: {_date_text(placed.item)}")]
    hit = placed.right - placed.left
    parts.append(element("rect", x=placed.left, y=y - LANE_PX / 2, width=hit, height=LANE_PX, class_="hit"))
    parts += _journey(placed, y)
    ages = range(len(placed.earlier), 0, -1)
    parts += [_hollow(earlier.shape, y, age) for earlier, age in zip(placed.earlier, ages, strict=True)]
    state = "postponed" if placed.past else placed.item.state
    if placed.present and placed.past:
        parts.append(_hollow(placed.present, y, 0))
    elif placed.present:
        parts.append(_mark(placed.present, y, name))
        parts.append(_sign(state, placed.present.anchor, y))
    else:
        last = placed.earlier[-1].shape.right
        parts.append(element("path", d=f"M{number(last + 5)} {number(y)}h22", class_="nowhere"))
        parts.append(_sign(state, last + 27 + GLYPH_PX, y))
    note = element("tspan", placed.note, class_="note") if placed.note else Markup()
    parts.append(element(
        "text", placed.title, note, x=placed.label_x, y=y + 4.5,
        text_anchor="end" if placed.anchor == "end" else None, class_="label",
    ))  # fmt: skip
    return _linked(placed.item, parts)


def _linked(item: Announcement, parts: Sequence[Markup]) -> Markup:
    """A click leads to the announcement's row. No keyboard focus: what is hidden from readers must not take it."""
    link = element("a", *parts, href=f"#a-{item.id}", tabindex="-1", target="_self")
    return element("g", link, class_="item", data_announcement=item.id, data_state=item.state)


def _date_text(item: Announcement) -> str:
    said = [item.when.text if item.when.edtf else "no date", texts.STATES[item.state]]
    return ", ".join(said)


def _sign(state: State, x: float, y: float) -> Markup:
    return element("circle", cx=x, cy=y, r=GLYPH_PX, class_="halo") + glyph(state, x, y)


def _mark(shape: Shape, y: float, name: str) -> Markup:
    if shape.is_tick:
        mark = element("path", d=f"M{number(shape.left)} {number(y - TICK_PX / 2)}v{number(TICK_PX)}", class_="tick")
        return _masked(mark, shape, name)
    top, bottom = y - BAR_PX / 2, y + BAR_PX / 2
    pieces = shape.parts or ((shape.left, shape.right),)
    bars = [element("rect", x=a, y=top, width=b - a, height=BAR_PX, class_="bar") for a, b in pieces]
    parts = [_masked(bar, shape, name) for bar in bars]
    if not shape.soft:
        edges = [x for a, b in pieces for x, end in ((a, shape.start), (b, shape.end)) if end == "edge"]
        parts += [element("path", d=f"M{number(x)} {number(top)}V{number(bottom)}", class_="edge") for x in edges]
    if len(pieces) > 1:
        parts += [
            element("path", d=f"M{number(a[1])} {number(y)}H{number(b[0])}", class_="either")
            for a, b in pairwise(pieces)
        ]
    if shape.end == "cap":
        x = shape.right
        parts.append(
            element("path", d=f"M{number(x - 5)} {number(y - 10)}H{number(x)}V{number(y + 10)}h-5", class_="cap")
        )
    return element("g", *parts)


def _masked(mark: Markup, shape: Shape, name: str) -> Markup:
    """Fade and hatch a mark. A line has no area for a mask of its own size, so a tick is never faded."""
    fade = "in" if shape.start == "fade" else "out" if shape.end == "fade" else None
    if shape.soft and not shape.is_tick:
        mark = element("g", mark, mask=f"url(#{name}-soft)")
    elif fade:
        mark = element("g", mark, mask=f"url(#{name}-{fade})")
    if shape.hatched:
        mark = element("g", mark, mask=f"url(#{name}-hatch)")
    return mark


def _hollow(shape: Shape, y: float, age: int) -> Markup:
    """Draw an earlier date, the thinner the longer ago: dates often overlap those before them."""
    if shape.is_tick:
        return element("circle", cx=shape.left, cy=y, r=HOLLOW_PX, class_="hollow")
    half = max(2.5, 7.5 - 2.5 * age)
    if shape.end == "cap":
        x, arm = shape.right, number(-CAP_PX)
        return element(
            "path", d=f"M{number(x - CAP_PX)} {number(y - 7)}H{number(x)}V{number(y + 7)}h{arm}", class_="hollow"
        )
    width = shape.right - shape.left
    return element("rect", x=shape.left, y=y - half, width=width, height=2 * half, rx=2, class_="hollow")


def _journey(placed: Placed, y: float) -> Iterator[Markup]:
    """Join the dates in their order; an arrow only where the date moved, not where it grew more exact."""
    shapes = [earlier.shape for earlier in placed.earlier] + ([placed.present] if placed.present else [])
    for earlier, after in zip(placed.earlier, shapes[1:], strict=False):
        room = HOLLOW_PX if earlier.shape.is_tick else 0
        a, b = earlier.shape.drawn
        left, right = (
            (after.left, max(after.right, after.anchor + GLYPH_PX)) if after is placed.present else after.drawn
        )
        if b + room + 2 < left:
            start, end, back = b + room, left - (2 if after.is_tick else 0), -5
        elif right + 2 < a - room:
            start, end, back = a - room, right + 2, 5
        else:
            continue  # One lies within the other, or they touch.
        yield element("path", d=f"M{number(start)} {number(y)}H{number(end)}", class_="way")
        if earlier.moved:
            head = f"M{number(end + back)} {number(y - 4)}L{number(end)} {number(y)}l{back} 4"
            yield element("path", d=head, class_="way head")


def _rest(layout: Layout, name: str) -> Markup:
    """Draw the marks that found no lane, close together and without labels."""
    if not layout.unplaced:
        return Markup()
    y = AXIS_PX + layout.lanes * LANE_PX + LANE_PX / 2
    marks = [
        _linked(placed.item, [element("title", placed.item.title), _mark(placed.present, y, name)])
        for placed in layout.unplaced
        if placed.present
    ]
    said = f"{len(layout.unplaced)} more: see the table, or zoom in"
    return element("g", *marks, element("text", said, x=layout.width - 4, y=y + 4, text_anchor="end"), class_="rest")


def _outside(layout: Layout) -> Markup:
    y = layout.lanes_bottom + 14
    parts = []
    if layout.before:
        parts.append(element("text", f"← {layout.before} earlier", x=4, y=y))
    if layout.after:
        parts.append(element("text", f"{layout.after} later →", x=layout.width - 4, y=y, text_anchor="end"))
    return element("g", *parts, class_="outside") if parts else Markup()


def _tray(layout: Layout) -> Markup:
    top = layout.lanes_bottom + (FOOT_PX if layout.scale else 0)
    columns, rows = layout.tray_columns, layout.tray_rows
    column_px = (layout.width - 20) / columns
    shown = layout.undated[: columns * rows]
    left_out = len(layout.undated) - len(shown)
    head = f"Without a date: {len(layout.undated)}" + (f" ({left_out} of them only in the table)" if left_out else "")
    height = layout.height - top - 4
    parts = [
        element(
            "path",
            d=f"M1 {number(top + 2)}v{number(height)}H{number(layout.width - 1)}v{number(-height)}",
            class_="tray",
        ),
        element("text", head, x=12, y=top + 20, class_="head"),
    ]
    for index, item in enumerate(shown):
        x, y = 20 + index // rows * column_px, top + TRAY_HEAD_PX + (index % rows) * TRAY_ROW_PX + 8
        title = shortened(item.title, column_px - 44)
        said = element("text", title, x=x + 15, y=y + 4.5, class_="label")
        tip = element("title", f"{item.title}: {_date_text(item)}")
        parts.append(_linked(item, [tip, glyph(item.state, x, y), said]))
    return element("g", *parts, class_="undated")


def legend(layout: Layout) -> list[tuple[Markup, str]]:
    """Return a picture and its meaning for every kind of mark and state in the drawing, and for no other."""
    shapes = [placed.present for placed in (*layout.placed, *layout.unplaced) if placed.present]
    earlier = [one for placed in layout.placed for one in placed.earlier]
    there = (
        any(shape.is_tick for shape in shapes),
        any(not s.is_tick and s.end == "edge" for s in shapes),
        any(shape.end == "cap" for shape in shapes),
        any(shape.end == "fade" for shape in shapes),
        any(one.moved for one in earlier),
    )
    found = [mark for seen, mark in zip(there, marks_explained(), strict=True) if seen]
    states = {placed.item.state for placed in (*layout.placed, *layout.unplaced)} | {i.state for i in layout.undated}
    return found + [(_sample(glyph(state), state), texts.STATES[state]) for state in GLYPHS if state in states]


def marks_explained() -> list[tuple[Markup, str]]:
    """Return a picture of every kind of mark, and what it means."""
    tick = element("path", d="M0-8V8", class_="tick")
    bar = element("rect", x=-12, y=-6, width=24, height=12, class_="bar")
    edges = element("path", d="M-12-6V6M12-6V6", class_="edge")
    start = element("path", d="M-12-6V6", class_="edge")
    cap = element("path", d="M5-8H10V8H5", class_="cap")
    hollow = element("circle", r=4.5, cx=-8, class_="hollow")
    arrow = element("path", d="M-3 0H9M5-4L9 0L5 4", class_="way head")
    known = (
        (tick, "a day"),
        (bar + edges, "some time in this span"),
        (bar + cap, "by this day at the latest"),
        (bar + start, "from this day on"),
        (hollow + arrow, "an earlier date, since moved"),
    )
    return [(_sample(drawn), said) for drawn, said in known]


def _sample(drawn: Markup, state: str = "announced") -> Markup:
    return element(
        "svg", element("g", drawn, class_="item", data_state=state), class_="drawing sample",
        viewBox="-14 -9 28 18", width=28, height=18, aria_hidden="true",
    )  # fmt: skip
