"""What pages say, and that nothing in them can do anything but be read."""

import itertools
import re

import msgspec
import pytest
from msgspec import UNSET

from api.pages import entries, render
from api.pages.render import Asked, Site
from events import record as r
from events import terms
from tests.builders import EVERY_CASE, TODAY, announcement, citation, dates, entry, source, timeline
from tests.pages import Page

SITE = Site(base_path="/dl", public_url="https://example.org/dl", data_license="CC BY 4.0")
HOSTILE = "</title></textarea><script>alert('x')</script><img src=x onerror=alert(1)>\"'"


def a_timeline(*items: r.Announcement, asked: Asked = render.NOW, **fields: object) -> str:
    sources = {"bulletin": source(url="https://example.org/a")}
    return render.timeline_page(timeline(*items, **fields), sources=sources, site=SITE, today=TODAY, asked=asked)


def an_announcement(item: r.Announcement, *history: r.HistoryEntry, asked: Asked = render.NOW, **fields: str) -> str:
    return render.announcement_page(
        item,
        history=history,
        sources={"bulletin": source(**fields)},
        timelines=[timeline(item)],
        site=SITE,
        today=TODAY,
        asked=asked,
    )


def every_page() -> list[str]:
    spring = timeline(*EVERY_CASE)
    sources = {"bulletin": source()}
    pages = [an_announcement(item, entry(10, "announcement.made", {"title": item.title})) for item in EVERY_CASE]
    return [
        *pages,
        a_timeline(*EVERY_CASE),
        a_timeline(),
        render.embed_page(spring, sources=sources, site=SITE, today=TODAY),
        render.home_page([spring], SITE),
        render.home_page([], SITE),
        render.error_page(404, "", "There is no such timeline.", SITE),
    ]


@pytest.mark.parametrize("html", every_page())
def test_no_page_holds_a_script_a_style_or_anything_from_elsewhere(html: str) -> None:
    page = Page(html)

    assert not list(page.all("style", "img", "iframe", "object"))
    for script in page.all("script"):
        assert script.get("src") == "/dl/widget/dateline.js" or script == {"type": "application/ld+json"}
    assert {link["href"] for link in page.all("link") if link["rel"] == "stylesheet"} == {"/dl/static/dateline.css"}
    for tag, attributes in page.tags:
        assert not [name for name in attributes if name == "style" or name.startswith("on")], tag


@pytest.mark.parametrize("html", every_page())
def test_every_page_has_one_first_heading_no_level_left_out_and_no_id_twice(html: str) -> None:
    page = Page(html)
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert len(ids) == len(set(ids))


def test_hostile_words_are_only_ever_text() -> None:
    item = announcement(
        "visit",
        title=HOSTILE,
        kind=HOSTILE,
        places=(HOSTILE,),
        topics=(HOSTILE,),
        refs=("javascript:alert(1)", HOSTILE),
        actors=(r.Actor(id=None, name=HOSTILE, role="by"),),
        citations=(citation(HOSTILE, speaker=terms.Speaker(name=HOSTILE, named=True)),),
        image=terms.Image(url="javascript:alert(1)", alt=HOSTILE, credit=HOSTILE),
        amount=terms.Amount(value="1", currency="USD", text=HOSTILE),
        lang='"><script>',
    )
    history = entry(10, "announcement.made", {"title": HOSTILE})
    pages = [
        an_announcement(item, history, title=HOSTILE, publisher=HOSTILE),
        a_timeline(item, title=HOSTILE, description=HOSTILE),
        render.home_page([timeline(title=HOSTILE, description=HOSTILE)], Site(name=HOSTILE, contact=HOSTILE)),
        render.error_page(404, HOSTILE, HOSTILE, SITE),
    ]

    for html in pages:
        page = Page(html)
        assert "<script>" not in html
        assert not list(page.all("img"))
        assert "alert('x')" in page.text


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "//evil.example",
        " https://a.example",
        "ftp://a.example",
        "https://",
    ],
)
def test_an_address_that_is_no_web_address_is_never_linked(url: str) -> None:
    page = Page(an_announcement(announcement("visit", refs=(url,)), url=url, archived_url=url))

    assert all(link["href"].startswith(("/dl/", "#")) for link in page.all("a"))


def test_a_sources_web_address_is_linked_and_passes_on_no_weight() -> None:
    page = Page(an_announcement(announcement("visit"), url="https://example.org/a?b=1&c=2"))

    links = [link for link in page.all("a") if link["href"].startswith("https:")]

    assert {link["href"] for link in links} == {"https://example.org/a?b=1&c=2"}
    assert {link["rel"] for link in links} == {"nofollow noopener"}


def test_the_table_is_what_screen_readers_get_and_the_drawing_is_hidden_from_them() -> None:
    page = Page(a_timeline(*EVERY_CASE))

    assert [box.get("aria-hidden") for box in page.all("div") if box.get("class") == "figure"] == ["true"]
    assert {svg["aria-hidden"] for svg in page.all("svg")} == {"true"}
    (table,) = page.all("table")
    assert table["role"] == "table"
    assert len(list(page.all("caption"))) == 1
    headers = list(page.all("th"))
    assert {header["scope"] for header in headers} == {"col", "row", "rowgroup"}
    assert sum(header["scope"] == "row" for header in headers) == len(EVERY_CASE)
    assert all(row["role"] == "row" for row in page.all("tr"))


def test_every_announcement_has_a_row_that_can_be_found_by_its_id() -> None:
    page = Page(a_timeline(*EVERY_CASE))
    rows = {row["data-announcement"]: row for row in page.all("tr") if "data-announcement" in row}

    assert set(rows) == {item.id for item in EVERY_CASE}
    for item in EVERY_CASE:
        assert rows[item.id]["id"] == f"a-{item.id}"
        assert rows[item.id]["data-state"] == item.state


def test_nothing_that_the_hidden_drawing_holds_takes_the_focus() -> None:
    html = a_timeline(*EVERY_CASE)
    drawing = html[html.index('<div class="figure"') : html.index("<table")]

    assert {link["tabindex"] for link in Page(drawing).all("a")} == {"-1"}


def test_a_move_says_by_how_much_and_a_correction_that_it_is_none() -> None:
    given = (*dates(("2024-08-01", "first")), *dates(("2024-08-01", "first"), ("2024-09-01", "corrected"))[1:])
    moved = dates(("2024-04-20", "first"), ("2024-08-01", "moved"), ("2024-08-02", "corrected"))
    history = entry(12, "announcement.amended", {"origin": "source", "set": {"title": "x"}, "reason": "A slip."})

    ours = an_announcement(announcement("visit", "2024-09-01", dates=given))
    theirs = an_announcement(announcement("visit", "2024-08-02", dates=moved, slip_days=104), history)

    assert "our correction, not a move" in ours
    assert "moved by" not in ours
    assert "the source corrected itself, not a move" in theirs
    assert "moved by 104 days" in theirs


def test_a_postponement_is_told_without_a_date() -> None:
    html = an_announcement(next(item for item in EVERY_CASE if item.id == "postponed"))

    assert "Off its date, without a new one" in html
    assert "It is off its date, and no new one has been given." in html


def test_an_announcements_page_tells_outcome_quote_rubric_and_entry_number() -> None:
    outcome = r.Outcome(
        result="partly",
        on="2024-04-11",
        reason="One half.",
        rubric="1",
        citations=(citation("So it was."),),
        position=31,
    )
    told = r.Progress(text="Half of it stands.", citations=(citation("Half."),), position=30)
    link = r.Link(relation="part_of", to="other", citations=(), position=20)
    item = announcement("visit", state="partly", outcomes=(outcome,), progress=(told,), links=(link,))

    page = Page(an_announcement(item, entry(31, "announcement.outcome_reported", {"result": "partly"})))

    for words in ("happened in part", "11 April 2024", "One half.", "“So it was.”", "Half of it stands.", "Part of"):
        assert words in page.text
    assert "version 1 of the rubric" in page.text
    assert [row["id"] for row in page.all("tr") if "id" in row] == ["entry-31"]
    assert "/dl/announcements/other" in {link["href"] for link in page.all("a")}


def test_an_erased_entry_and_one_that_was_taken_back_stay_in_the_record() -> None:
    page = Page(
        an_announcement(
            announcement("visit"),
            entry(10, "announcement.made", None),
            entry(11, "announcement.rescheduled", {"when": {"edtf": "2024-05", "kind": "on"}}, withdrawn_by=12),
            entry(12, "fact.withdrawn", {"position": 11, "reason": "Misread."}, said_at=None),
        )
    )

    assert "its content was erased" in page.text
    assert "taken back by entry 12" in " ".join(page.text.split())
    assert "entry 11. Misread." in page.text


def test_a_source_that_was_taken_back_is_marked() -> None:
    html = an_announcement(next(item for item in EVERY_CASE if item.id == "taken-back"))

    assert "Its publisher took this source back." in html
    assert "not checked against the source’s text" in html


def test_the_page_says_which_time_it_shows_and_leads_back_to_now() -> None:
    asked = Asked(said_by="2024-04-09T23:59:59.999999Z", as_of=57)

    page = Page(a_timeline(announcement("visit"), asked=asked))

    assert "What had been said by 9 April 2024, and what this site had recorded by entry 57." in page.text
    fields = {field["name"]: field.get("value") for field in page.all("input")}
    assert fields == {"q": None, "said_by": "2024-04-09", "as_of": "57"}
    assert "/dl/timelines/spring" in {link["href"] for link in page.all("a")}


def test_links_to_more_announcements_keep_what_was_asked_for() -> None:
    html = a_timeline(
        announcement("visit"), next="abc", asked=Asked(said_by="2024-04-09T23:59:59.999999Z", previous="x")
    )

    links = {link["rel"]: link["href"] for link in Page(html).all("a") if "rel" in link}

    assert links["next"] == "/dl/timelines/spring?said_by=2024-04-09&cursor=abc"
    assert links["prev"] == "/dl/timelines/spring?said_by=2024-04-09&cursor=x"


def test_links_go_on_asking_for_the_time_that_was_asked_for_not_for_the_entry_it_meant() -> None:
    html = a_timeline(
        announcement("visit"), next="abc", asked=Asked(as_of=57, as_of_at="2024-04-09T12:00:00.000000Z", previous="x")
    )

    links = {link["rel"]: link["href"] for link in Page(html).all("a") if "rel" in link}

    assert links["next"] == "/dl/timelines/spring?as_of=2024-04-09T12%3A00%3A00.000000Z&cursor=abc"


@pytest.mark.parametrize(
    ("asked", "drawn"),
    [
        (render.NOW, "today"),
        (Asked(said_by="2024-05-01T23:59:59.999999Z"), "by then"),
        (Asked(as_of=57), None),
    ],
)
def test_the_day_that_is_drawn_is_the_last_that_could_be_known(asked: Asked, drawn: str | None) -> None:
    html = render.drawing_fragment(timeline(*EVERY_CASE), site=SITE, today=TODAY, asked=asked)

    found = set(re.findall(r">(today|by then)<", html))

    assert found == ({drawn} if drawn else set())


def test_pages_speak_to_readers() -> None:
    for html in every_page():
        words = set(re.findall("[a-z]+", Page(html).text.lower()))
        assert not words & {"edtf", "epoch", "leaf", "aggregate", "null", "unset"}


def test_due_is_called_not_yet_checked_and_never_missed() -> None:
    html = a_timeline(*(item for item in EVERY_CASE if item.state in ("due", "overdue")))

    assert "date passed, not yet checked" in html
    assert "missed" not in html


def test_a_drawing_alone_is_made_for_the_window_and_width_that_were_asked_for() -> None:
    asked = Asked(first="2024-05-01", last="2024-05-31", px=900)

    html = render.drawing_fragment(timeline(*EVERY_CASE), site=SITE, today=TODAY, asked=asked)

    (drawing,) = [svg for svg in Page(html).all("svg") if svg["class"] == "drawing"]
    assert drawing["viewbox"].startswith("0 0 900 ")
    assert (drawing["data-from"], drawing["data-to"]) == ("2024-05-01", "2024-05-31")


def test_titles_in_another_language_say_so_and_turn_the_right_way() -> None:
    item = announcement("visit", title="زيارة", lang="ar", translations={"en": "A visit"}, amount=UNSET)

    links = [link for link in Page(a_timeline(item)).all("a") if link.get("class") == "title"]

    assert links == [{"class": "title", "href": "/dl/announcements/visit", "lang": "ar", "dir": "auto"}]


def test_nothing_is_read_into_an_entry_of_a_later_form() -> None:
    amended = entry(10, "announcement.amended", {"origin": "editor", "set": {"title": "Another"}, "reason": "A slip."})

    ours, unread = entries.entry(amended), entries.entry(msgspec.structs.replace(amended, v=2))

    assert (ours.whose, ours.text) == ("ours", "the title changed. A slip.")
    assert (unread.whose, unread.text) == ("source", "")
    assert unread.what == "An entry that this version of the site cannot read (announcement.amended, version 2)"
