"""Timelines as files that stand alone: a drawing for slides and print, and a page that needs nothing else.

Both hold their own style and absolute addresses. In the drawing the style is written without custom properties, which
few programs but browsers know.
"""

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec
from markupsafe import Markup, escape

from api.pages import texts
from api.pages.drawing import draw
from api.pages.layout import lay_out
from api.pages.render import PX_MAX, PX_MIN, WIDE_PX, Asked, Site, arranged, day_drawn, meta_of, page, window_of
from api.pages.svg import element
from api.pages.urls import path
from events.record import Source, Timeline
from events.views.around import Part

HEAD_PX: Final = 44
CAPTION_PX: Final = 30
MARGIN_PX: Final = 16
CAPTION_CHARACTER_PX: Final = 6.2
"""What a sign of the caption takes at most, about: it is cut to the drawing's width."""

STYLE: Final = (Path(__file__).parent / "static" / "dateline.css").read_text()
STYLE_HASH: Final = b64encode(sha256(STYLE.encode()).digest()).decode()
"""What a `Content-Security-Policy` knows the style by."""

_RULE: Final = re.compile(r"^([^@{}/][^{}]*?)\s*\{([^{}]*)\}", re.MULTILINE)
_LIGHT: Final = re.compile(r"(--[a-z]+):\s*light-dark\(([^,()]*),[^()]*\)")
_FONT: Final = re.compile(r"(--serif|--sans):\s*([^;]*);")
_SIGN: Final = re.compile(r"--sign:\s*var\((--[a-z]+)\)")
_STATE: Final = re.compile(r'\[data-state="([a-z_]+)"\]')
_DRAWN: Final = (".drawing", ".item", ".glyph")


def timeline_svg(part: Part, *, site: Site, home: str, today: int, asked: Asked) -> str:
    """Return a page of a timeline as a drawing, `px` wide if that was asked for; `home` is where the service is."""
    timeline, width = part.timeline, min(PX_MAX, max(PX_MIN, asked.px or WIDE_PX))
    first, last = window_of(asked)
    today_drawn, today_text = day_drawn(today, asked)
    if not asked.travelling:
        today_text = texts.day_words(today)  # A file is looked at on other days, too.
    layout = lay_out(timeline.items, width=width, today=today_drawn, first=first, last=last)
    layout = msgspec.structs.replace(layout, before=layout.before + part.before, after=layout.after + part.after)
    address = path(home, "timelines", timeline.slug)
    # What is hidden beside a table stands alone here: it is read, takes the focus, and leads to pages.
    drawing = str(draw(layout, name="dateline", today=today_text)).replace(' tabindex="-1" target="_self"', "")
    drawing = drawing.replace(' aria-hidden="true" focusable="false"', f' x="{MARGIN_PX}" y="{HEAD_PX}"')
    drawing = drawing.replace('href="#a-', f'href="{escape(home)}/announcements/')
    whole, height = width + 2 * MARGIN_PX, layout.height + HEAD_PX + CAPTION_PX
    said = f"{texts.counted(timeline.total, 'announcement')}, by date. As text: {address}"
    return str(
        element(
            "svg",
            element("title", timeline.title, id="title"),
            element("desc", said, id="desc"),
            element("style", Markup(DRAWING_STYLE)),
            element("rect", width=whole, height=height, class_="paper"),
            element("text", _cut(timeline.title, whole - 2 * MARGIN_PX, 9.5), x=MARGIN_PX, y=28, class_="heading"),
            Markup(drawing),
            element("text", _cut(_caption(timeline, site, address), whole - 2 * MARGIN_PX, CAPTION_CHARACTER_PX),
                    x=MARGIN_PX, y=height - 11, class_="caption"),
            xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {whole:g} {height:g}", width=whole, height=height,
            role="img", aria_labelledby="title desc", lang="en",
        )
    )  # fmt: skip


def timeline_html(
    timeline: Timeline,
    part: Part,
    *,
    sources: Mapping[str, Source],
    site: Site,
    home: str,
    today: int,
    asked: Asked,
) -> str:
    """Return a timeline as a page that needs no other file. Drawn is `part`, in the table stands all of `timeline`."""
    whole = msgspec.structs.replace(site, base_path=home)
    left_out = timeline.total - len(timeline.items)
    address = path(home, "timelines", timeline.slug)
    return page(
        "standalone.html",
        whole,
        msgspec.structs.replace(meta_of(timeline, asked), indexed=False),
        **arranged(timeline, sources, today, asked, drawn=part.timeline.items),
        style=Markup(STYLE),
        left_out=left_out,
        all_of_it=path(home, "v1", "timelines", f"{timeline.slug}.html") + asked.query(all="1"),
        permalink=f"{address}?as_of={timeline.position if asked.as_of is None else asked.as_of}",
    )


def _caption(timeline: Timeline, site: Site, address: str) -> str:
    position = timeline.position if timeline.as_of is None else timeline.as_of
    licence = f" · {site.data_license}" if site.data_license else ""
    return f"As recorded up to entry {position} · {address}?as_of={position}{licence}"


def _cut(text: str, px: float, character_px: float) -> str:
    room = int(px / character_px)
    return text if len(text) <= room else f"{text[: room - 1]}…"


def _plain_style(css: str) -> str:
    """Return the rules of the drawing with every custom property put in, as they are in daylight."""
    values = {name: value.strip() for name, value in (*_LIGHT.findall(css), *_FONT.findall(css))}
    signs = {
        state: values[sign.group(1)]
        for selector, body in _RULE.findall(css)
        if (sign := _SIGN.search(body))
        for state in _STATE.findall(selector)
    }
    rules = [f".paper {{ fill: {values['--paper']}; }}", f".heading {{ font: 700 19px {values['--serif']}; }}"]
    rules.append(f".caption {{ font: 11px {values['--sans']}; fill: {values['--soft']}; }}")
    for selector, body in _RULE.findall(css):
        kept = [one.strip() for one in selector.split(",") if one.strip().startswith(_DRAWN) and ":hover" not in one]
        if not kept or "--sign:" in body:
            continue
        rules += _signed(kept, body, signs, values["--announced"]) if "--sign" in body else [_rule(kept, body)]
    return re.sub(r"var\((--[a-z]+)\)", lambda match: values[match.group(1)], "\n".join(rules))


def _signed(selectors: list[str], body: str, signs: Mapping[str, str], default: str) -> Iterator[str]:
    """Yield a rule in the colour of the state: once as it is, and once for each state that has another."""
    yield _rule(selectors, body.replace("var(--sign)", default))
    for state, colour in signs.items():
        within = [f'[data-state="{state}"] {one.removeprefix(".item").strip()}' for one in selectors]
        yield _rule(within, body.replace("var(--sign)", colour))


def _rule(selectors: list[str], body: str) -> str:
    return f"{', '.join(selectors)} {{ {body.strip()} }}"


DRAWING_STYLE: Final = _plain_style(STYLE)
