"""The picture of what was measured of the log: how each figure stands to what is asked of it, as bars in an SVG."""

import math
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Final

from bench.rows import Row

FILE: Final = Path(__file__).parents[1] / "docs" / "pictures" / "benchmarks.svg"
WIDTH: Final = 960
ROW: Final = 46
TOP: Final = 72
BOTTOM: Final = 56
LEFT: Final = 24
RIGHT: Final = 24
LABEL: Final = 16
BAR: Final = 14
SHARES: Final = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""The scale: twice as good is as far to the right as half as good is to the left."""
MET: Final = "#2f6f4f"
MISSED: Final = "#b4532a"

_STYLE: Final = """
text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #222 }
.head { font-size: 17px; font-weight: 600 } .quiet { fill: #595959 } .value { font-variant-numeric: tabular-nums }
.line { stroke: #d4d4d4 } .asked { stroke: #222; stroke-width: 1.5 }
"""


def draw(rows: Sequence[Row]) -> None:
    """Write the picture of the rows that something is asked of."""
    FILE.write_text(svg([row for row in rows if row.share is not None]), encoding="utf-8")


def svg(rows: Sequence[Row]) -> str:
    """Return the picture."""
    height = TOP + ROW * len(rows) + BOTTOM
    title = "The log, measured against what is asked of it"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{title}">',
        f"<title>{title}</title><style>{_STYLE}</style>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        _text(LEFT, 30, title, "head"),
        _text(
            LEFT,
            50,
            "Bars begin at what is asked: to the right where it is better, to the left where it is worse.",
            "quiet",
        ),
        *_scale(height),
    ]
    for number, row in enumerate(rows):
        parts += _bar(row, TOP + ROW * number)
    return "\n".join([*parts, "</svg>", ""])


def _scale(height: int) -> list[str]:
    bottom = height - BOTTOM + 8
    parts = []
    for share in SHARES:
        x = _x(share)
        kind = "asked" if share == 1 else "line"
        said = "as asked" if share == 1 else f"{share:g}×"
        parts.append(f'<line class="{kind}" x1="{x:.0f}" x2="{x:.0f}" y1="{TOP - 6}" y2="{bottom}"/>')
        parts.append(_text(x, bottom + 18, said, "" if share == 1 else "quiet", anchor="middle"))
    return parts


def _bar(row: Row, y: float) -> list[str]:
    assert row.share is not None
    colour, said = (MET, "") if row.met else (MISSED, " · not met")
    ends = sorted((_x(1), _x(min(max(row.share, SHARES[0]), SHARES[-1]))))
    return [
        _text(LEFT, y + LABEL - 3, row.what),
        _text(WIDTH - RIGHT, y + LABEL - 3, f"{row.measured}, asked {row.asked}{said}", "value quiet", anchor="end"),
        f'<rect x="{ends[0]:.1f}" y="{y + LABEL + 2}" width="{ends[1] - ends[0]:.1f}" height="{BAR}" fill="{colour}"/>',
    ]


def _x(share: float) -> float:
    first, last = math.log(SHARES[0]), math.log(SHARES[-1])
    return LEFT + (WIDTH - LEFT - RIGHT) * (math.log(share) - first) / (last - first)


def _text(x: float, y: float, said: str, kind: str = "", *, anchor: str = "start") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" class="{kind}">{escape(said)}</text>'
