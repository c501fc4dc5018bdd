"""The picture of what was measured of the log: how each figure stands to what is asked of it, as bars in an SVG."""

import math
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Final

from bench.rows import Row

FILE: Final = Path(__file__).parents[1] / "docs" / "pictures" / "benchmarks.svg"
WIDTH: Final = 1000
ROW: Final = 50
TOP: Final = 96
BOTTOM: Final = 64
MARGIN: Final = 24
PANEL: Final = 520
"""Where the bars begin; left of it stands what they are."""
BAR: Final = 18
SHARES: Final = (0.25, 0.5, 1.0, 2.0, 4.0)
"""The scale: twice as good is as far to the right as half as good is to the left."""
MET: Final = "#2f6f4f"
MISSED: Final = "#b4532a"

_STYLE: Final = """
text { font: 14px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f1f1f }
.head { font-size: 19px; font-weight: 600 } .quiet { font-size: 12.5px; fill: #595959 } .inside { fill: #fff }
.line { stroke: #dcdcdc } .asked { stroke: #1f1f1f; stroke-width: 1.5 }
"""


def draw(rows: Sequence[Row]) -> None:
    """Write the picture of the rows that something is asked of."""
    FILE.write_text(svg([row for row in rows if row.share is not None]), encoding="utf-8")


def svg(rows: Sequence[Row]) -> str:
    """Return the picture."""
    height = TOP + ROW * len(rows) + BOTTOM
    met = sum(row.met for row in rows)
    title = f"The log, measured: {met} of {len(rows)} figures are as asked or better"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{title}">',
        f"<title>{title}</title><style>{_STYLE}</style>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        _text(MARGIN, 36, title, "head"),
        _text(MARGIN, 60, "Bars begin at what is asked: to the right by how much it is better, else to the left."),
        *_scale(height),
    ]
    for number, row in enumerate(rows):
        parts += _row(row, TOP + ROW * number)
    return "\n".join([*parts, "</svg>", ""])


def _scale(height: int) -> list[str]:
    bottom = height - BOTTOM + 6
    parts = []
    for share in SHARES:
        x = _x(share)
        kind = "asked" if share == 1 else "line"
        parts.append(f'<line class="{kind}" x1="{x:.0f}" x2="{x:.0f}" y1="{TOP - 12}" y2="{bottom}"/>')
        said = "as asked" if share == 1 else f"{share:g} times"
        parts.append(_text(x, bottom + 20, said, "quiet", anchor="middle"))
    return parts


def _row(row: Row, y: float) -> list[str]:
    assert row.share is not None
    shown = min(max(row.share, SHARES[0]), SHARES[-1])
    begin, end = sorted((_x(1), _x(shown)))
    said = f"{row.share:.2g} times" if row.share < 10 else f"{row.share:.0f} times"
    far = row.share != shown
    beside = _text(begin - 8, y + 22, said, "quiet", anchor="end") if row.share < 1 else ""
    if row.share >= 1:
        beside = _text(end - 8, y + 22, f"{said} →", "quiet inside", anchor="end") if far else ""
        beside = beside or _text(end + 8, y + 22, said, "quiet")
    bar = f'x="{begin:.1f}" y="{y + 8:.0f}" width="{end - begin:.1f}" height="{BAR}"'
    return [
        _text(MARGIN, y + 14, row.what),
        _text(MARGIN, y + 32, f"{row.measured}; asked {_asked(row)}", "quiet"),
        f'<rect {bar} fill="{MET if row.met else MISSED}"/>',
        beside,
    ]


def _asked(row: Row) -> str:
    return row.asked.replace(">= ", "at least ").replace("<= ", "at most ")


def _x(share: float) -> float:
    first, last = math.log(SHARES[0]), math.log(SHARES[-1])
    return PANEL + 30 + (WIDTH - PANEL - 60 - MARGIN) * (math.log(share) - first) / (last - first)


def _text(x: float, y: float, said: str, kind: str = "", *, anchor: str = "start") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" class="{kind}">{escape(said)}</text>'
