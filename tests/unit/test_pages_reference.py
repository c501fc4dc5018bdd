"""What the pages beside timelines and announcements say, and that hostile words stay words there, too."""

import itertools
import re
from html import unescape
from typing import Any

import pytest
from msgspec import UNSET

from api.pages import finding, journal, mended, reference, render, standalone
from api.pages.render import Asked, Site, Way
from api.publishing import Held
from events import record as r
from events.log.port import Event
from events.tallies import Score, SlipDays, Slippage, TalliedActor
from events.views.around import Part
from events.views.correcting import Change, Correction, Subject
from events.views.filters import Filter
from events.views.listing import Listing
from events.views.searching import Found, Hit, Match
from tests.builders import EVERY_CASE, RECORDED_AT, TODAY, announcement, source, timeline
from tests.pages import Page

SITE = Site(base_path="/dl", public_url="https://example.org/dl", data_license="CC BY 4.0", contact="desk@example.org")
HOSTILE = "</title></style><script>alert('x')</script><img src=x onerror=alert(1)>\"'"
HOME = "https://example.org/dl"


def an_actor(id: str = "japan", name: str = "Japan", **fields: Any) -> r.ActorRecord:
    given: dict[str, Any] = {"names": {"en": name}, "kind": "state", "aliases": (), "position": 3}
    return r.ActorRecord(**{"id": id} | given | fields)


def listing(*items: Any, **fields: Any) -> Listing[Any]:
    return Listing(items=items, next=None, total=len(items), position=57, **fields)


def an_actor_page(actor: r.ActorRecord, *items: r.Announcement, **fields: Any) -> str:
    given: dict[str, Any] = {"ids": (actor.id,), "names": {}, "site": SITE, "way": Way()}
    return reference.actor_page(actor, listing(*items), **given | fields)


def a_correction(**fields: Any) -> Correction:
    given: dict[str, Any] = {
        "position": 12, "type": "announcement.amended", "recorded_at": RECORDED_AT, "said_at": None, "by": "admin",
        "origin": "editor", "subject": Subject(kind="announcement", id="visit", title="The visit"),
        "changes": (Change(field="title", before="The visi", after="The visit"),), "reason": "A slip.", "corrects": 10,
    }  # fmt: skip
    return Correction(**given | fields)


def a_search(*hits: Hit, q: str = "visit", wanted: Filter | None = None, total: int | None = None) -> str:
    found = Found(items=hits, next=None, total=len(hits) if total is None else total, complete=True, position=57)
    return finding.search_page(
        q, wanted or Filter(), found if q else None, sources={"bulletin": source()}, problem="", site=SITE, way=Way()
    )


def a_log(*entries: journal.LogEntry, **fields: Any) -> str:
    given: dict[str, Any] = {
        "head": 57,
        "seal": "ab" * 32,
        "vkey": "a+b+c",
        "log_id": "an-id",
        "held": (),
        "site": SITE,
        "way": Way(),
    }
    return reference.log_page(entries, **given | {"latest": True} | fields)


def an_event(type_name: str, data: bytes | None = b"{}", position: int = 7) -> Event:
    return Event(
        position=position, id="an-id", type=type_name, v=1, tags=(), recorded_at=RECORDED_AT, said_at=None, by="admin",
        commit=(position, 1), correlation=None, causation=None, data_hash="00", data=data,
    )  # fmt: skip


def rubric(*versions: tuple[str, str]) -> str:
    return reference.rubric_page([(version, text, RECORDED_AT, 19) for version, text in versions], SITE)


def said(html: str) -> str:
    """Return the words of a page, those of neighbouring cells apart."""
    return " ".join(unescape(re.sub("<[^>]+>", " ", html)).split())


def every_page(words: str = "Spring") -> list[str]:
    """Return each of the pages, with some words wherever somebody else's words can be."""
    item = announcement("visit", title=words)
    hit = Hit(
        announcement=item,
        matches=(
            Match(field="title", text=words, marks=((0, 3),)),
            Match(field="quote", text=words, marks=((1, 2),), source="bulletin"),
            Match(field="translation", text=words, marks=(), lang=words),
            Match(field="reason", text=words, marks=()),
        ),
    )
    mending = a_correction(
        subject=Subject(kind="announcement", id="visit", title=words),
        changes=(
            Change(field=words, before=words, after=[words]),
            Change(field="names", before=None, after={"x": words}),
        ),
        reason=words,
    )
    entry = journal.log_entry(an_event("announcement.made"), "announcement:visit", {"announcement:visit": words}, "/dl")
    actor = an_actor(name=words, aliases=(words,), from_=words, wikidata="Q17", part_of="asia")
    score = Score(actor=TalliedActor(id="japan", name=words), year=2024, total=1, due=1, moved=0)
    around = Part(timeline=timeline(item, title=words, description=words), previous=None, before=2, after=3)
    return [
        reference.actors_page(listing(actor, an_actor("asia")), {"asia": words}, site=SITE, way=Way()),
        an_actor_page(actor, item, names={"asia": words}, scores=[score]),
        a_search(hit, q=words, wanted=Filter(place=(words,))),
        a_search(q=""),
        mended.corrections_page(listing(mending), site=SITE, way=Way(), asked=Asked(as_of=57)),
        rubric((words[:3], f"happened: {words}\n{words}")),
        rubric(),
        a_log(entry),
        reference.about_page(Site(name=words, contact=words, data_license=words)),
        render.home_page([timeline(title=words, description=words)], SITE, [entry]),
        standalone.timeline_html(
            around.timeline, around, sources={"bulletin": source(title=words)}, site=SITE, home=HOME, today=TODAY,
            asked=render.NOW,
        ),
    ]  # fmt: skip


@pytest.mark.parametrize("html", every_page())
def test_no_page_holds_a_script_of_its_own_or_anything_from_elsewhere(html: str) -> None:
    page = Page(html)

    assert [script["src"] for script in page.all("script")] in ([], ["/dl/static/log.js"])
    assert not list(page.all("img", "iframe", "object"))
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


@pytest.mark.parametrize("html", every_page(HOSTILE))
def test_hostile_words_are_only_ever_text(html: str) -> None:
    page = Page(html)

    assert "<script>" not in html
    assert not list(page.all("img"))


def test_pages_speak_to_readers() -> None:
    for html in every_page():
        words = set(re.findall("[a-z]+", Page(html).text.lower()))
        assert not words & {"edtf", "epoch", "leaf", "aggregate", "null", "unset"}


@pytest.mark.parametrize("html", every_page()[:-1])
def test_a_page_says_what_it_is_to_those_who_only_see_a_link(html: str) -> None:
    tags = {tag.get("property") or tag.get("name"): tag.get("content", "") for tag in Page(html).all("meta")}

    assert tags["description"]
    assert tags["og:title"]
    assert tags["og:description"] == tags["description"]


def test_the_address_of_a_page_is_canonical_whatever_was_asked_of_it() -> None:
    html = an_actor_page(an_actor(), asked=Asked(as_of=57))

    page = Page(html)

    canonical = [link["href"] for link in page.all("link") if link["rel"] == "canonical"]
    assert canonical == ["https://example.org/dl/actors/japan"]
    assert {tag["content"] for tag in page.all("meta") if tag.get("name") == "robots"} == {"noindex"}


def test_an_actor_is_shown_with_its_parts_in_announcements() -> None:
    both = (r.Actor(id="japan", name="Japan", role="by"), r.Actor(id="nippon", name="Japan", role="about"))
    items = (announcement("visit"), announcement("report", actors=both))

    html = an_actor_page(an_actor(), *items, ids=("japan", "nippon"))

    headings = re.findall(r'<h2 id="part-[a-z]+">([^<]*)', html)
    assert headings == ["Announced by Japan", "About Japan"]
    links = [link["href"] for link in Page(html).all("a") if link.get("class") == "title"]
    assert links == ["/dl/announcements/visit", "/dl/announcements/report", "/dl/announcements/report"]


def test_an_actors_names_dates_and_wikidata_are_told() -> None:
    actor = an_actor(names={"en": "Japan", "ja": "日本"}, aliases=("Nippon",), from_="1952-04-28", wikidata="Q17")

    page = Page(an_actor_page(actor, ids=("japan", "nippon")))

    for words in ("日本", "Nippon", "28 April 1952", "Once kept as"):
        assert words in page.text
    assert {"lang": "ja"} in [tag for name, tag in page.tags if name == "span" and "lang" in tag]
    links = {link["href"]: link["rel"] for link in page.all("a") if "wikidata" in link["href"]}
    assert links == {"https://www.wikidata.org/wiki/Q17": "nofollow noopener"}


def test_what_came_of_an_actors_announcements_keeps_due_in_its_own_column() -> None:
    whose = TalliedActor(id="japan", name="Japan")
    scores = [
        Score(actor=whose, year=2024, total=2, happened=2, moved=1),
        Score(actor=whose, year=None, total=1, announced=1, moved=0),
    ]
    slips = Slippage(
        actor=whose, announcements=3, moved=2, moves=4, later=2, earlier=0,
        slip_days=SlipDays(known=2, total=40, median=10, max=30),
    )  # fmt: skip

    html = an_actor_page(an_actor(), scores=scores, slips=slips)

    text = said(html)
    assert "Year Announced happened date passed, not yet checked still open" in text
    assert "2024 2 2 – –" in text
    assert "No last day 1 – – 1" in text
    assert "All 3 2 – 1" in text
    assert "2 moved, 4 times in all." in text
    assert "moved by 10 days or less, one by 30." in text
    assert "/dl/rubric" in {link["href"] for link in Page(html).all("a")}


def test_who_was_merged_is_listed_with_whom_it_is_the_same_as() -> None:
    merged = an_actor("nippon", "Nippon", merged_into="japan")

    html = reference.actors_page(listing(merged), {"japan": "Japan"}, site=SITE, way=Way())

    assert "the same as Japan" in Page(html).text


def test_found_words_are_marked_and_nothing_else() -> None:
    hit = Hit(
        announcement=announcement("visit", title="A <visit>"),
        matches=(
            Match(field="title", text="A <visit>", marks=((2, 9),)),
            Match(field="quote", text="…a visit is a visit", marks=((3, 8), (14, 19)), source="bulletin"),
        ),
    )

    html = a_search(hit)

    assert re.findall("<mark>(.*?)</mark>", html) == ["&lt;visit&gt;", "visit", "visit"]
    assert "“…a " in html
    assert "Washington sets the table" in html
    assert "1 announcement with “visit”" in Page(html).text


def test_the_search_form_keeps_what_was_asked_for() -> None:
    wanted = Filter(state=("due",), from_="2024-04-01", place=("Washington",))

    page = Page(a_search(q="visit", wanted=wanted))

    fields = {field["name"]: field.get("value", "") for field in page.all("input")}
    assert fields == {"q": "visit", "from": "2024-04-01", "to": "", "place": "Washington"}
    assert [option["value"] for option in page.all("option") if "selected" in option] == ["due"]


def test_nothing_found_is_said_so() -> None:
    assert "Nothing was found for “visit”." in Page(a_search()).text


def test_a_correction_tells_what_was_wrong_what_it_is_now_and_why() -> None:
    correction = a_correction(
        changes=(
            Change(field="when", before={"edtf": "2024", "text": "2024"}, after={"edtf": "2025", "text": "2025"}),
            Change(field="state", before="announced", after="did_not_happen"),
            Change(field="amount", before=None, after={"value": "5", "currency": "USD"}),
        ),
        withdrawn_by=40,
    )

    html = mended.corrections_page(listing(correction), site=SITE, way=Way())

    text = said(html)
    assert "Date was: 2024 → is now: 2025" in text
    assert "State was: announced → is now: did not happen" in text
    assert "Amount was not given → is now: 5 USD" in text
    assert "A slip." in text
    assert "Taken back by entry 40" in text
    links = {link["href"] for link in Page(html).all("a")}
    assert {"/dl/announcements/visit", "/dl/v1/events/12", "/dl/v1/events/10", "/dl/v1/events/40"} <= links


def test_a_source_that_corrected_itself_is_not_called_our_error() -> None:
    html = mended.corrections_page(listing(a_correction(origin="source")), site=SITE, way=Way())

    assert "The source corrected itself (not our error)" in Page(html).text


def test_a_rubric_explains_each_rating_and_every_version_can_be_linked() -> None:
    html = rubric(("2", "happened: in substance.\nNothing else."), ("1.0-a", "partly: half of it."))

    assert [tag["id"] for tag in Page(html).all("h2") if tag["id"].startswith("version")] == [
        "version-2",
        "version-1.0-a",
    ]
    text = said(html)
    assert "Version 2, in force" in text
    assert "happened In substance." in text
    assert "Nothing else." in text
    assert "happened in part Half of it." in text


def test_the_log_gives_its_seal_and_its_key_and_says_how_to_check_them() -> None:
    page = Page(a_log())
    text = " ".join(page.text.split())

    assert "ab" * 32 in text
    assert "a+b+c" in text
    assert "/dl/checkpoint" in [link["href"] for link in page.all("a")]
    assert "Check an entry yourself" in text
    assert "/v1/events/NUMBER/proof" in text


def test_a_log_without_an_entry_offers_nothing_to_check() -> None:
    assert "Check an entry" not in Page(a_log(head=0)).text
    assert "Who holds a seal" not in Page(a_log(head=0)).text


def test_the_log_says_who_holds_which_seal_since_when() -> None:
    here = Held(place="file:notes", size=56, root="cd" * 32, since="2024-04-08T12:04:59.000000Z")
    nowhere = Held(place="https://notes.example/", last_error="it answered 503")

    text = " ".join(Page(a_log(held=(here, nowhere))).text.split())

    assert "56 8 April 2024, 12:04 UTC file:notes" in text
    assert "– https://notes.example/ the last attempt failed: it answered 503" in text


@pytest.mark.parametrize(
    ("type_name", "subject", "href", "about"),
    [
        ("announcement.made", "announcement:visit", "/dl/announcements/visit#entry-7", "visit"),
        ("announcement.fell_due", "announcement:visit", "/dl/announcements/visit#entry-7", "visit"),
        ("actor.renamed", "actor:japan", "/dl/actors/japan", "japan"),
        ("source.recorded", "source:bulletin", "/dl/v1/sources/bulletin", "bulletin"),
        ("timeline.created", "timeline:spring", "/dl/timelines/spring", "spring"),
        ("rubric.published", "rubric:1.0", "/dl/rubric#version-1.0", "version 1.0"),
        ("fact.withdrawn", "fact:5", "/dl/v1/events/5", "entry 5"),
        ("log.erased", "log:self", "", ""),
        ("something.new", None, "", ""),
    ],
)
def test_an_entry_of_the_log_leads_to_what_it_is_about(
    type_name: str, subject: str | None, href: str, about: str
) -> None:
    entry = journal.log_entry(an_event(type_name), subject, {}, "/dl")

    assert (entry.href, entry.about) == (href, about)
    assert entry.what


def test_an_erased_entry_stays_in_the_log() -> None:
    entry = journal.log_entry(an_event("announcement.made", None), "announcement:visit", {}, "/dl")

    assert "its content was erased" in Page(a_log(entry)).text


def test_the_about_page_explains_every_state_and_how_to_be_reached() -> None:
    page = Page(reference.about_page(SITE))

    assert "mailto:desk@example.org" in {link["href"] for link in page.all("a")}
    assert {tag["data-state"] for name, tag in page.tags if name == "dt"} >= {"due", "overdue", "retracted", "merged"}


@pytest.mark.parametrize(
    "contact", ["javascript:alert(1)", "a@b@c.d", "Room 5", "x@y", "a@b.c?cc=d@e.f", "<a@b.c>", "a b@c.d", ""]
)
def test_a_contact_that_is_no_address_is_not_linked(contact: str) -> None:
    assert reference.contact_link(contact) is None


def test_a_drawing_that_stands_alone_is_plain_svg_that_leads_to_pages() -> None:
    around = Part(timeline=timeline(*EVERY_CASE, title="Spring & <more>"), previous=None, before=2, after=3)

    svg = standalone.timeline_svg(around, site=SITE, home=HOME, today=TODAY, asked=render.NOW)

    page = Page(svg)
    assert svg.startswith("<svg ")
    assert 'xmlns="http://www.w3.org/2000/svg"' in svg
    assert "var(" not in svg
    assert "light-dark" not in svg
    assert "aria-hidden" not in svg.partition("</defs>")[0]
    assert {link["href"].rpartition("/")[0] for link in page.all("a")} == {"https://example.org/dl/announcements"}
    assert all("tabindex" not in link for link in page.all("a"))
    assert "← 2 earlier" in svg
    assert "3 later →" in svg
    assert "https://example.org/dl/timelines/spring?as_of=57" in svg
    assert "CC BY 4.0" in svg
    assert "Spring &amp; &lt;more&gt;" in svg


def test_every_state_has_its_colour_in_a_drawing_that_stands_alone() -> None:
    for state in ("due", "overdue", "postponed", "cancelled", "happened", "partly", "did_not_happen"):
        assert f'[data-state="{state}"] .tick' in standalone.DRAWING_STYLE


def test_a_page_that_stands_alone_has_only_absolute_addresses_and_its_own_style() -> None:
    around = Part(timeline=timeline(*EVERY_CASE[:3], total=9), previous=None, before=2, after=4)

    html = standalone.timeline_html(
        around.timeline, around, sources={}, site=SITE, home=HOME, today=TODAY, asked=render.NOW
    )

    page = Page(html)
    assert all(link["href"].startswith((f"{HOME}/", "#")) for link in page.all("a", "link"))
    assert "6 more are not on this page." in " ".join(page.text.split())
    assert f"{HOME}/v1/timelines/spring.html?all=1" in {link["href"] for link in page.all("a")}
    assert standalone.STYLE in html


def test_nothing_is_unset_on_a_page() -> None:
    assert all(str(UNSET) not in html for html in every_page())
