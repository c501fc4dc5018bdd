"""Atom, JSON Feed and TimelineJS, as programs that are not ours read them, or by the rules of who made the format."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import jsonschema
import pytest
from hypothesis import given

from api.exports.atom import ENTRIES_MAX, atom
from api.exports.export import Export, one_line
from api.exports.formats import FORMATS
from api.exports.json_feed import json_feed
from api.exports.timelinejs import timelinejs
from events import terms
from events.views.exported import EXPORTED_MAX
from tests.builders import EVERY_CASE, announcement, dates
from tests.exporting import HOME, drawn, export, exports

DATA = Path(__file__).parents[1] / "data"
ATOM = "{http://www.w3.org/2005/Atom}"
TAGS = {"p", "blockquote", "a"}


def schema(name: str) -> Any:
    read = json.loads((DATA / name).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(read)
    return jsonschema.Draft202012Validator(read)


class Html(HTMLParser):
    """Reads a piece of HTML; fails for what is not ours in it, or not closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        assert all(name == "href" and (value or "").startswith(("https://", "http://")) for name, value in attrs)
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.torture
@drawn
@given(exports())
def test_a_feed_reader_has_nothing_to_complain_about(exported: Export) -> None:
    read = feedparser.parse(atom(exported), sanitize_html=False)

    assert not read.bozo
    assert read.version == "atom10"
    assert {one.id for one in read.entries} == {exported.uid_of(item).urn for item in exported.items}
    assert {one.link for one in read.entries} == {exported.page_of(item) for item in exported.items}


@pytest.mark.torture
@drawn
@given(exports())
def test_a_feed_has_what_rfc_4287_requires(exported: Export) -> None:
    feed = ET.fromstring(atom(exported))

    titles = {exported.uid_of(item).urn: one_line(item.title) for item in exported.items}
    for one in (feed, *feed.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(one.findall(ATOM + name)) == 1
    assert len(feed.findall(f"{ATOM}author/{ATOM}name")) == 1
    for one in feed.iter(f"{ATOM}entry"):
        assert one.findtext(f"{ATOM}title") == titles[one.findtext(f"{ATOM}id") or ""]
        Html(one.findtext(f"{ATOM}content") or "")


def test_a_feed_tells_whose_it_is_and_where_it_stays() -> None:
    feed = feedparser.parse(atom(export(announcement("visit")))).feed

    assert feed.rights == "CC BY 4.0"
    links = {link.rel: link.href for link in feed.links}
    assert links == {
        "self": f"{HOME}/v1/timelines/spring.x",
        "alternate": f"{HOME}/timelines/spring",
        "memento": f"{HOME}/v1/timelines/spring.x?as_of=57",
    }


def test_feeds_hold_what_changed_last_the_newest_first() -> None:
    items = [announcement(f"a-{number}", position=number) for number in range(1, ENTRIES_MAX + 50)]

    exported = export(*items)

    newest = [f"{HOME}/announcements/a-{number}" for number in range(ENTRIES_MAX + 49, 49, -1)]
    assert [one.link for one in feedparser.parse(atom(exported)).entries] == newest
    assert [one["url"] for one in json.loads(json_feed(exported))["items"]] == newest


def test_an_entry_keeps_its_id_and_is_updated_when_it_changes() -> None:
    moved = announcement("visit", "2024-08-01", updated_at="2024-05-01T09:00:00.000000Z", position=11)

    (before,) = feedparser.parse(atom(export(announcement("visit")))).entries
    (after,) = feedparser.parse(atom(export(moved))).entries

    assert before.id == after.id
    assert before.updated < after.updated


@pytest.mark.torture
@drawn
@given(exports())
def test_a_json_feed_is_one(exported: Export) -> None:
    feed = json.loads(json_feed(exported))

    schema("json-feed-1.1.schema.json").validate(feed)
    ids = [item["id"] for item in feed["items"]]
    assert len(set(ids)) == len(ids) == len(exported.items)
    for item in feed["items"]:
        Html(item["content_html"])


def test_a_json_feed_says_what_the_record_says() -> None:
    feed = json.loads(json_feed(export(announcement("visit"))))

    assert feed["_dateline"] == {
        "position": 57,
        "permalink": f"{HOME}/v1/timelines/spring.x?as_of=57",
        "license": "CC BY 4.0",
    }
    assert feed["items"][0]["_dateline"] == {
        "id": "visit", "state": "announced", "edtf": "2024-04-10", "earliest": "2024-04-10", "latest": "2024-04-10",
        "position": 10, "permalink": f"{HOME}/announcements/visit?as_of=57",
    }  # fmt: skip


@pytest.mark.torture
@drawn
@given(exports())
def test_timelinejs_can_draw_what_is_drawn(exported: Export) -> None:
    timeline = json.loads(timelinejs(exported))

    schema("timelinejs.schema.json").validate(timeline)
    ids = [slide["unique_id"] for slide in (timeline["title"], *timeline["events"])]
    assert len(set(ids)) == len(ids)
    for slide in (timeline["title"], *timeline["events"]):
        Html(slide["text"]["headline"])
        Html(slide["text"]["text"])
        Html("".join(slide.get("media", {}).get(name, "") for name in ("caption", "credit", "alt")))
        Html(slide.get("display_date", ""))


def test_timelinejs_shows_every_announcement_that_has_a_date() -> None:
    timeline = json.loads(timelinejs(export(*EVERY_CASE)))

    assert [slide["unique_id"] for slide in timeline["events"]] == [f"a-{item.id}" for item in EVERY_CASE if item.dates]
    assert "Without a date: 2." in timeline["title"]["text"]["text"]
    assert "Data: CC BY 4.0" in timeline["title"]["text"]["text"]


@pytest.mark.parametrize(
    ("edtf", "kind", "start", "end", "display"),
    [
        ("2024-04-10", "on", (2024, 4, 10), None, None),
        ("2024-04", "on", (2024, 4, 1), (2024, 4, 30), "April 2024"),
        ("../2024-09-30", "deadline", (2024, 9, 30), None, "by 30 September 2024"),
        ("-0044-03-15", "on", (-44, 3, 15), None, None),
    ],
)
def test_a_slide_stands_where_its_date_is(
    edtf: str, kind: str, start: tuple[int, int, int], end: tuple[int, int, int] | None, display: str | None
) -> None:
    (slide,) = json.loads(timelinejs(export(announcement("visit", edtf, kind))))["events"]

    assert tuple(slide["start_date"].values()) == start
    assert (tuple(slide["end_date"].values()) if "end_date" in slide else None) == end
    assert slide.get("display_date") == display


def test_a_picture_comes_with_its_credit() -> None:
    image = terms.Image(url="https://example.org/a.png", alt="Two <flags>", credit="A & B")

    (slide,) = json.loads(timelinejs(export(announcement("visit", image=image))))["events"]

    assert slide["media"] == {
        "url": "https://example.org/a.png",
        "alt": "Two &lt;flags&gt;",
        "caption": "Two &lt;flags&gt;",
        "credit": "A &amp; B",
    }


def test_what_was_put_off_is_shown_where_it_was() -> None:
    put_off = announcement("visit", None, state="postponed", dates=dates(("2024-06-20", "first"), (None, "moved")))

    (slide,) = json.loads(timelinejs(export(put_off)))["events"]

    assert (slide["start_date"]["month"], slide["display_date"]) == (6, "postponed")


def test_the_documentation_names_every_format() -> None:
    documented = (DATA.parents[1] / "docs" / "exports.md").read_text(encoding="utf-8")

    assert re.findall(r"^\| `\.([a-z.]+)`", documented, re.MULTILINE) == [format.suffix for format in FORMATS]
    assert f"the {ENTRIES_MAX} that changed last" in documented
    assert f"{EXPORTED_MAX:,} announcements" in documented
