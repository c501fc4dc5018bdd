"""TimelineJS's JSON: a slide for each announcement with a date. Its texts are HTML: what people wrote is escaped."""

from typing import Any, Final

import msgspec
from markupsafe import escape

from api.exports.export import Export, image_of, is_exact, is_put_off, one_by_one, one_line, span_of
from api.exports.telling import html
from events.record import Announcement

YEAR_MIN: Final = -271_820
YEAR_MAX: Final = 275_759
"""Years that a browser's dates reach; what lies beyond is left out."""


def timelinejs(export: Export) -> bytes:
    """Return the timeline. What has no date is left out."""
    slides = [slide for item in one_by_one(export.items) if (slide := _slide(item, export)) is not None]
    left_out = len(export.items) - len(slides)
    told = [
        *([str(escape(one_line(export.description)))] if export.description else []),
        f'{escape(f"{export.counted}, {export.as_of}")} (<a href="{escape(export.permalink)}">permalink</a>).',
        *([f"Without a date: {left_out}."] if left_out else []),
        *([f"Data: {escape(one_line(export.license))}"] if export.license else []),
    ]
    title = {
        "unique_id": "title",
        "text": {"headline": _text(export.title), "text": "".join(f"<p>{part}</p>" for part in told)},
        "autolink": False,
    }
    return msgspec.json.encode({"title": title, "events": slides, "scale": "human"})


def _slide(item: Announcement, export: Export) -> dict[str, Any] | None:
    span = span_of(item)
    if span is None or span.first[0] < YEAR_MIN or span.last[0] > YEAR_MAX:
        return None
    slide: dict[str, Any] = {
        "unique_id": f"a-{item.id}",
        "start_date": _date(span.first),
        "text": {
            "headline": f'<a href="{escape(export.page_of(item))}">{_text(item.title)}</a>',
            "text": str(html(item, export.sources)),
        },
        "group": _text(item.kind.replace("_", " ")),
        "autolink": False,
    }
    if span.last != span.first:
        slide["end_date"] = _date(span.last)
    if is_put_off(item):
        slide["display_date"] = "postponed"
    elif not is_exact(item):
        slide["display_date"] = _text(item.when.text)
    if (image := image_of(item)) is not None:
        alt = _text(image.alt)
        slide["media"] = {"url": image.url, "alt": alt, "caption": alt, "credit": _text(image.credit)}
    return slide


def _date(day: tuple[int, int, int]) -> dict[str, int]:
    return dict(zip(("year", "month", "day"), day, strict=True))


def _text(text: str) -> str:
    return str(escape(one_line(text)))
