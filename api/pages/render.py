"""Whole pages, from what the record says: pure functions from answers to HTML.

Every value is escaped by the templates. Pages need no script and hold none, nor any style: one style sheet and one
module, both served by us (`static/dateline.css`, `widget/dateline.js`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from msgspec import Struct

from api.exports import linked_data
from api.exports.links import links_of_announcement, links_of_timeline
from api.pages import entries, texts
from api.pages.drawing import draw, legend
from api.pages.journal import LogEntry
from api.pages.layout import lay_out, lay_out_dates
from api.pages.rows import Row, by_source, outcome_rows, quote, row
from api.pages.urls import path
from events.days import parse_day
from events.instants import Instant
from events.record import Announcement, HistoryEntry, Source, Timeline

WIDE_PX: Final = 1120
NARROW_PX: Final = 640
PX_MIN: Final = 320
PX_MAX: Final = 2400
DESCRIPTION: Final = (
    "What was announced, for when, by whom, according to which source; how the date moved; what came of it."
)
_LAST_MICROSECOND: Final = "T23:59:59.999999Z"


class Site(Struct, frozen=True, kw_only=True):
    """Whose pages these are. `base_path` and `public_url` end without a slash; `public_url` includes the base path."""

    name: str = "Dateline"
    base_path: str = ""
    public_url: str = ""
    contact: str = ""
    data_license: str = ""


class Meta(Struct, frozen=True, kw_only=True):
    """What a page says of itself. `path` is its own address, without the base path; empty: it has none.

    `title` is empty for the front page. `indexed`: search engines may list it.
    """

    title: str
    description: str
    path: str = ""
    indexed: bool = True
    is_article: bool = False


class Asked(Struct, frozen=True, kw_only=True):
    """What a reader asked for, already checked. None is the default: now, the whole time, any width.

    `as_of_at` is the time that was asked for where `as_of` was found from one; links go on asking for it.
    `first` and `last` (ISO days, inclusive, both or neither) are the drawing's window and `px` its width; `previous`
    is the cursor of the page before this one, null where this is the first.
    """

    said_by: Instant | None = None
    as_of: int | None = None
    as_of_at: Instant | None = None
    first: str | None = None
    last: str | None = None
    px: int | None = None
    previous: str | None = None

    @property
    def travelling(self) -> bool:
        """Whether this is not now."""
        return self.said_by is not None or self.as_of is not None

    @property
    def said_by_day(self) -> str:
        """The day for a form's field; empty where it is none."""
        said_by = self.said_by or ""
        return said_by.removesuffix(_LAST_MICROSECOND) if said_by.endswith(_LAST_MICROSECOND) else ""

    @property
    def said_by_text(self) -> str:
        """`said_by` in words; empty for now."""
        return texts.said_by_words(self.said_by) if self.said_by else ""

    @property
    def as_of_text(self) -> str:
        """`as_of` in words; empty for now."""
        return "" if self.as_of is None else f"entry {self.as_of}"

    @property
    def clocks(self) -> dict[str, str]:
        """Where on the two clocks, as parameters; empty for now."""
        asked = {"said_by": self.said_by_day or self.said_by, "as_of": self.as_of_at or self.as_of}
        return {name: str(value) for name, value in asked.items() if value is not None}

    def query(self, **more: str | None) -> str:
        """Return these choices as a query string, with others; empty where there are none."""
        chosen = {
            **self.clocks,
            "from": self.first,
            "to": self.last,
            **more,
        }
        said = urlencode({key: value for key, value in chosen.items() if value is not None})
        return f"?{said}" if said else ""


NOW: Final = Asked()


class Way(Struct, frozen=True, kw_only=True):
    """Where a list goes on: addresses of the pages before and after this one; None where there is none."""

    previous: str | None = None
    following: str | None = None


def home_page(timelines: Sequence[Timeline], site: Site, changes: Sequence[LogEntry] = ()) -> str:
    """Return the front page: every timeline, in the order given, without its items, and what changed lately."""
    meta = Meta(title="", description=DESCRIPTION, path="/")
    return page("home.html", site, meta, timelines=timelines, changes=changes)


def timeline_page(
    timeline: Timeline, *, sources: Mapping[str, Source], site: Site, today: int, asked: Asked = NOW
) -> str:
    """Return a timeline's page: controls, drawing and table.

    `today` is a day. It is drawn; where something else than now was asked for, the last day of that instead.
    """
    whole = timeline.next is None and asked.previous is None
    return page(
        "timeline.html",
        site,
        meta_of(timeline, asked),
        **arranged(timeline, sources, today, asked),
        summary=_summary(timeline.items) if whole else "",
        exports=links_of_timeline(timeline.slug, site.base_path, asked.clocks),
        data=linked_data.of_timeline(
            timeline.slug,
            timeline.title,
            timeline.items,
            base=site.public_url or site.base_path,
            license=site.data_license,
        ),
        way=_way(path(site.base_path, "timelines", timeline.slug), timeline, asked),
    )


def embed_page(timeline: Timeline, *, sources: Mapping[str, Source], site: Site, today: int, asked: Asked = NOW) -> str:
    """Return a timeline for a frame in somebody else's page."""
    meta = msgspec.structs.replace(meta_of(timeline, asked), indexed=False)  # Its own page is to be found.
    way = _way(path(site.base_path, "embed", timeline.slug), timeline, asked)
    return page("embed.html", site, meta, way=way, **arranged(timeline, sources, today, asked))


def timeline_fragment(
    timeline: Timeline, *, sources: Mapping[str, Source], site: Site, today: int, asked: Asked = NOW
) -> str:
    """Return only the drawing and the table, for the widget: `/embed/{slug}?part=timeline`."""
    return page("fragment.html", site, meta_of(timeline, asked), **arranged(timeline, sources, today, asked))


def drawing_fragment(timeline: Timeline, *, site: Site, today: int, asked: Asked = NOW) -> str:
    """Return only the drawing, for panning and zooming: `/embed/{slug}?part=drawing&from=&to=&px=`."""
    return page("drawing.html", site, meta_of(timeline, asked), **_drawings(timeline.items, today, asked))


def announcement_page(
    announcement: Announcement,
    *,
    history: Sequence[HistoryEntry],
    sources: Mapping[str, Source],
    timelines: Sequence[Timeline],
    site: Site,
    today: int,
    asked: Asked = NOW,
    titles: Mapping[str, str] | None = None,
) -> str:
    """Return an announcement's whole life. `titles` are those of the announcements it is connected with, by id."""
    titles = titles or {}
    shown = row(announcement, sources, history)
    return page(
        "announcement.html",
        site,
        Meta(
            title=announcement.title,
            description=_in_short(shown),
            path=f"/announcements/{announcement.id}",
            indexed=not asked.travelling,
            is_article=True,
        ),
        row=shown,
        timelines=timelines,
        asked=asked,
        drawing=_drawn_dates(announcement, today, asked),
        facts=entries.facts(announcement, site.base_path),
        outcomes=outcome_rows(announcement, sources),
        unsettled=texts.UNSETTLED[announcement.state],
        sources=by_source(announcement.citations, sources),
        progress=[
            (told.text, [quote(citation, sources) for citation in told.citations], told.position)
            for told in announcement.progress
        ],
        links=[(texts.RELATIONS[link.relation], link.to, titles.get(link.to, link.to)) for link in announcement.links],
        entries=[entries.entry(one) for one in history],
        exports=links_of_announcement(announcement.id, announcement.state, site.base_path, asked.clocks),
        data=linked_data.of_announcement(
            announcement, base=site.public_url or site.base_path, license=site.data_license, sources=sources
        ),
    )


def error_page(status: int, title: str, detail: str, site: Site) -> str:
    """Return a page for something that went wrong; an empty `title` becomes the status's own phrase."""
    heading = title or HTTPStatus(status).phrase.capitalize()
    meta = Meta(title=heading, description=texts.sentence(detail), indexed=False)
    return page("error.html", site, meta, status=status, heading=heading, detail=texts.sentence(detail))


def page(template: str, site: Site, meta: Meta, **values: Any) -> str:
    """Return a page made of a template; `values` are what it arranges."""
    return _ENVIRONMENT.get_template(template).render(site=site, base=site.base_path, meta=meta, **values)


def meta_of(timeline: Timeline, asked: Asked) -> Meta:
    """Return what a timeline's page says of itself."""
    described = timeline.description or f"{texts.counted(timeline.total, 'announcement')}, by date, with their sources."
    return Meta(
        title=timeline.title,
        description=described,
        path=f"/timelines/{timeline.slug}",
        indexed=not asked.travelling and asked.first is None,
        is_article=True,
    )


def _in_short(row: Row) -> str:
    """Say an announcement in a line, for those who only see a link to it."""
    said = f"{row.date}: {row.state_text}" if row.has_date else texts.sentence(row.state_text)
    moved = f", {row.moved}" if row.moved and row.has_date else ""
    return f"{said}{moved}. Announced by {row.by}." if row.by else f"{said}{moved}."


def arranged(
    timeline: Timeline,
    sources: Mapping[str, Source],
    today: int,
    asked: Asked,
    *,
    drawn: Sequence[Announcement] | None = None,
) -> dict[str, Any]:
    """Return what `fragment.html` arranges: the table of a timeline, and the drawing of its items, or of `drawn`."""
    rows = [row(item, sources) for item in timeline.items]
    dated, undated = [one for one in rows if one.has_date], [one for one in rows if not one.has_date]
    groups: list[tuple[str, list[Row]]] = [("", dated), ("Without a date", undated)]
    return {
        "timeline": timeline,
        "asked": asked,
        "travelling": asked.travelling,
        "rows": rows,
        "groups": [(label if dated else "", group) for label, group in groups if group],
        **_drawings(timeline.items if drawn is None else drawn, today, asked),
    }


def _way(here: str, timeline: Timeline, asked: Asked) -> Way:
    return Way(
        previous=here + asked.query(cursor=asked.previous) if asked.previous is not None else None,
        following=here + asked.query(cursor=timeline.next) if timeline.next else None,
    )


def _drawings(items: Sequence[Announcement], today: int, asked: Asked) -> dict[str, Any]:
    """Draw for the width that was asked for, or for two, of which the style sheet shows the one that fits."""
    first, last = window_of(asked)
    sizes = {"only": min(PX_MAX, max(PX_MIN, asked.px))} if asked.px else {"wide": WIDE_PX, "narrow": NARROW_PX}
    drawings: list[tuple[str, Markup]] = []
    meanings: list[tuple[Markup, str]] = []
    today_drawn, today_text = day_drawn(today, asked)
    for size, px in sizes.items() if items else ():
        layout = lay_out(items, width=px, today=today_drawn, first=first, last=last)
        drawings.append((size, draw(layout, name=f"dateline-{size}", today=today_text)))
        meanings = meanings or legend(layout)
    return {"drawings": drawings, "legend": meanings}


def window_of(asked: Asked) -> tuple[int, int] | tuple[None, None]:
    """Return the first and the last day of the window that was asked for; None for the whole time."""
    if asked.first is None or asked.last is None:
        return None, None
    return parse_day(asked.first), parse_day(asked.last)


def _drawn_dates(announcement: Announcement, today: int, asked: Asked) -> list[tuple[str, Markup]]:
    """Draw the dates it had; nothing where it had none."""
    if not announcement.dates:
        return []
    day, called = day_drawn(today, asked)
    layouts = {
        size: lay_out_dates(announcement, width=px, today=day)
        for size, px in (("wide", WIDE_PX), ("narrow", NARROW_PX))
    }
    return [(size, draw(layout, name=f"dateline-{size}", today=called)) for size, layout in layouts.items()]


def day_drawn(today: int, asked: Asked) -> tuple[int | None, str]:
    """Return the day to draw, and what to call it; of an entry asked for the day is not known here."""
    if asked.said_by is None:
        return (None if asked.travelling else today), "today"
    return min(today, parse_day(asked.said_by[:10])), "by then"


def _summary(items: Sequence[Announcement]) -> str:
    """Count states in words, in the order of the legend."""
    count = Counter(item.state for item in items)
    return " · ".join(f"{count[state]} {text}" for state, text in texts.STATES.items() if count[state])


_ENVIRONMENT: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.globals["counted"] = texts.counted
