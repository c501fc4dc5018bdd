"""Actors, search, corrections, rubric, log, about and oEmbed, as a browser gets them; every link leads somewhere."""

import re
from html import unescape
from urllib.parse import urlencode, urlsplit

import pytest

from tests.api.served import Served, announcement, cited, source

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
RUBRIC = "happened: it came about.\npartly: half of it did.\nEvery rating rests on a source."
OURS = "https://record.example/dl"
PAGES = (
    "/",
    "/timelines/all",
    "/announcements/visit",
    "/actors",
    "/actors/state",
    "/search",
    "/search?q=meet",
    "/corrections",
    "/rubric",
    "/log",
    "/about",
)


@pytest.fixture(scope="module", autouse=True)
def recorded(served: Served) -> None:
    by = [{"id": "old-name"}]
    office = {"id": "office", "names": {"en": "The <office>"}, "kind": "office", "part_of": "state", "wikidata": "Q42"}
    for path, body in (
        ("/v1/rubrics", {"version": "1.0", "text": RUBRIC}),
        ("/v1/actors", {"id": "state", "names": {"en": "The state"}, "kind": "state"}),
        ("/v1/actors", office),
        ("/v1/actors", {"id": "old-name", "names": {"en": "The bureau"}, "kind": "office"}),
        ("/v1/sources", source("bulletin", published_at="2024-03-01")),
        ("/v1/announcements", announcement("visit", "bulletin", title="A <visit> to Élysée", actors=by)),
        ("/v1/announcements", announcement("deal", "bulletin", actors=[{"id": "office", "role": "to"}])),
        ("/v1/announcements", announcement("wrong", "bulletin", title="A meeting that never was")),
        (
            "/v1/announcements/deal/amend",
            {"set": {"title": "A deal"}, "origin": "editor", "reason": "A <slip> of ours."},
        ),
        ("/v1/announcements/wrong/retract", {"reason": "Misread."}),
        ("/v1/announcements/visit/outcome", {"result": "happened", "citations": cited("bulletin", "on 11 April 2024")}),
        ("/v1/actors/old-name/merge", {"into": "office"}),
        ("/v1/timelines", {"slug": "all", "title": "Every<thing>", "query": {"source": "bulletin"}}),
    ):
        answer = served.post(path, body)
        assert answer.status_code == 201, answer.text
    served.get("/v1/timelines/all")


def page(served: Served, path: str) -> str:
    answer = served.public.get(path, headers=BROWSER)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return answer.text


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/", "Every&lt;thing&gt;"),
        ("/", "What came of it"),
        ("/actors", "The &lt;office&gt;"),
        ("/actors/office", "Announced by The &lt;office&gt;"),
        ("/actors/office", "Addressed to The &lt;office&gt;"),
        ("/actors/office", "Once kept as"),
        ("/actors/office", "https://www.wikidata.org/wiki/Q42"),
        ("/actors/state", "It has no part in any announcement here."),
        ("/search?q=elys", "<mark>Élysée</mark>"),
        ("/search?q=deal&state=&from=&to=", "A <mark>deal</mark>"),
        ("/search?q=visit&state=happened", "A &lt;<mark>visit</mark>&gt; to Élysée"),
        ("/search?q=zzz", "Nothing was found for “zzz”."),
        (f"/search?q={'a' * 301}", "or there are too many"),
        ("/search?q=%3C%21%3E", "There is no word to look for"),
        ("/corrections", "A &lt;slip&gt; of ours."),
        ("/corrections", "Misread."),
        ("/corrections?announcement=deal", "1 correction"),
        ("/rubric", "It came about."),
        ("/log", "Latest entries"),
        ("/log?before=4", "Rubric published"),
        ("/about", "date passed, not yet checked"),
    ],
)
def test_a_page_says_what_is_recorded(served: Served, path: str, words: str) -> None:
    html = page(served, path)

    assert words in html
    assert not re.search("<(visit|office|slip|thing)>", html)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_that_has_not_changed_is_not_sent_again(served: Served, path: str) -> None:
    first = served.public.get(path, headers=BROWSER)

    again = served.public.get(path, headers={**BROWSER, "If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert first.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")


@pytest.mark.parametrize("path", PAGES)
def test_every_link_of_a_page_leads_somewhere(served: Served, path: str) -> None:
    html = page(served, path)
    links = {unescape(link) for link in re.findall(r'(?:href|src|action)="(/[^"]*)"', html)}

    assert links > {"/docs", "/about#dates"}
    for link in sorted(links):
        answer = served.public.get(link, headers=BROWSER, follow_redirects=True)
        anchor = urlsplit(link).fragment
        assert answer.status_code == 200, link
        assert not anchor or f'id="{anchor}"' in answer.text, link


def test_an_old_id_leads_on_for_good_to_whom_it_was_merged_into(served: Served) -> None:
    answer = served.public.get("/actors/old-name?as_of=", follow_redirects=False)

    assert answer.status_code == 308
    assert answer.headers["Location"] == "/actors/office?as_of="


def test_pages_of_the_record_are_as_they_were(served: Served) -> None:
    assert served.public.get("/actors/old-name?as_of=5", follow_redirects=False).status_code == 200
    assert "Nothing has been corrected yet." in page(served, "/corrections?as_of=8")
    assert "Nothing was found" in page(served, "/search?q=visit&as_of=4")
    assert "It has no part in any announcement here." in page(served, "/actors/office?said_by=2024-01-01")


@pytest.mark.parametrize(
    "path",
    [
        "/actors/nobody",
        "/actors?cursor=x",
        "/search?q=a&state=open",
        "/search?q=a&colour=red",
        "/search?q=a&from=2024-13-01",
        "/corrections?cursor=x",
        "/log?before=0",
        "/log?before=x",
        "/rubric?version=2",
    ],
)
def test_what_cannot_be_shown_is_a_page_too(served: Served, path: str) -> None:
    answer = served.public.get(path, headers=BROWSER)

    assert answer.status_code in (400, 404)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<h1" in answer.text


def test_the_log_is_read_page_by_page_to_its_first_entry(served: Served) -> None:
    seen: list[int] = []
    path: str | None = "/log?before=9"
    while path:
        html = page(served, path)
        seen += map(int, re.findall(r'<th scope="row" role="rowheader"><a href="/v1/events/(\d+)"', html))
        following = re.search(r'<a rel="next" href="([^"]*)"', html)
        path = following.group(1) if following else None

    assert seen == list(range(8, 0, -1))


def test_a_search_goes_on_and_keeps_its_filters(served: Served) -> None:
    many = [
        {"command": "make_announcement", **announcement(f"s-{n}", "bulletin", title=f"Session {n}", kind="meeting")}
        for n in range(25)
    ]
    assert served.post("/v1/batch", {"commands": many}).status_code == 201
    served.get("/v1/timelines/all")

    first = page(served, "/search?q=session&kind=meeting&from=2024-01-01")
    following = unescape(re.findall(r'<a rel="next" href="([^"]*)"', first)[0])
    second = page(served, following)

    assert "kind=meeting&from=2024-01-01" in following or "from=2024-01-01&kind=meeting" in following
    shown = [re.findall(r'<h2><a href="/announcements/(s-\d+)"', html) for html in (first, second)]
    assert [len(one) for one in shown] == [20, 5]
    assert len({id for one in shown for id in one}) == 25
    assert unescape(re.findall(r'<a rel="prev" href="([^"]*)"', second)[0]).startswith("/search?q=session")


# Timelines in other people's pages, and on their own.


def test_oembed_gives_a_frame_for_the_address_of_a_timeline(served: Served) -> None:
    url = f"{served.url}/timelines/all?said_by=2024-05-01&x=1"
    asked: dict[str, str | int] = {"url": url, "maxwidth": 500, "format": "json"}

    answer = served.public.get("/oembed", params=asked)

    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    frame = (
        f'<iframe src="{served.url}/embed/all?said_by=2024-05-01" width="500" height="600"'
        ' title="Every&lt;thing&gt;" frameborder="0" loading="lazy"></iframe>'
    )
    assert answer.json() == {
        "version": "1.0", "type": "rich", "title": "Every<thing>", "provider_name": "Dateline",
        "provider_url": f"{served.url}/", "cache_age": 3600, "html": frame, "width": 500, "height": 600,
    }  # fmt: skip
    assert served.public.get("/embed/all?said_by=2024-05-01").status_code == 200


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 400),
        ({"url": "{ours}/timelines/all", "format": "xml"}, 501),
        ({"url": "{ours}/timelines/all", "maxwidth": "0"}, 400),
        ({"url": "{ours}/timelines/all", "colour": "red"}, 400),
        ({"url": "{ours}/timelines/none"}, 404),
        ({"url": "{ours}/announcements/visit"}, 404),
        ({"url": "{ours}/"}, 404),
        ({"url": "https://elsewhere.example/timelines/all"}, 404),
        ({"url": "javascript:alert(1)"}, 404),
        ({"url": "http://[/timelines/all"}, 404),
        ({"url": "{ours}/timelines/..%2Ftimelines%2Fall"}, 404),
        ({"url": "{ours}/timelines/all/"}, 200),
        ({"url": "{ours}/embed/all"}, 200),
    ],
)
def test_oembed_knows_our_addresses_and_no_others(served: Served, asked: dict[str, str], status: int) -> None:
    given = {name: value.replace("{ours}", served.url) for name, value in asked.items()}

    answer = served.public.get("/oembed", params=given)

    assert answer.status_code == status
    if status != 200:
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_timeline_stands_alone_as_a_page_and_as_a_drawing(served: Served) -> None:
    whole = served.public.get("/v1/timelines/all.html?all=1")
    drawn = served.public.get("/v1/timelines/all.svg?px=640&from=2024-04-01&to=2024-04-30")

    assert whole.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Every&lt;thing&gt;" in whole.text
    assert f"{served.url}/announcements/visit" in whole.text
    assert "style-src 'sha256-" in whole.headers["Content-Security-Policy"]
    assert drawn.headers["Content-Type"] == "image/svg+xml"
    assert drawn.text.startswith("<svg ")
    assert 'width="672"' in drawn.text
    for path in ("html", "svg"):
        assert served.public.get(f"/v1/timelines/none.{path}").status_code == 404
        assert served.public.get(f"/v1/timelines/all.{path}?colour=red").status_code == 400


def test_a_long_timeline_begins_around_today_and_leads_both_ways(served: Served) -> None:
    days = [f"{2025 + n // 100}-{n % 12 + 1:02}-{n % 28 + 1:02}" for n in range(450)]
    many = [
        {"command": "make_announcement", **announcement(f"l-{n}", "bulletin", when=day)} for n, day in enumerate(days)
    ]
    assert served.post("/v1/batch", {"commands": many}).status_code == 201
    served.get("/v1/timelines/all")

    shown = page(served, "/timelines/all")
    earlier, later = (re.findall(rf'<a rel="{way}" href="([^"]*)"', shown) for way in ("prev", "next"))

    assert len(re.findall("<tr [^>]*data-announcement=", shown)) == 200
    assert len(re.findall("<tr [^>]*data-announcement=", page(served, unescape(earlier[0])))) == 200
    assert len(re.findall("<tr [^>]*data-announcement=", page(served, unescape(later[0])))) > 0
    assert 'rel="prev"' in page(served, "/embed/all")
    everything = served.public.get("/v1/timelines/all.html?all=1").text
    assert len(re.findall("<tr [^>]*data-announcement=", everything)) == served.get("/v1/timelines/all")["total"]


def test_behind_a_proxy_the_public_address_is_ours(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Served(tmp_path_factory.mktemp("data"), base_path="/dl", public_url=OURS) as running:
        assert running.post("/dl/v1/sources", source("bulletin")).status_code == 201
        spring = {"slug": "spring", "title": "Spring", "query": {"source": "bulletin"}}
        assert running.post("/dl/v1/timelines", spring).status_code == 201
        running.get("/v1/timelines/spring")

        told = running.public.get(f"/dl/oembed?{urlencode({'url': f'{OURS}/timelines/spring'})}").json()
        html = running.public.get("/dl/timelines/spring", headers=BROWSER).text

        assert f'src="{OURS}/embed/spring"' in told["html"]
        assert (
            running.public.get(f"/dl/oembed?{urlencode({'url': f'{running.url}/timelines/spring'})}").status_code == 404
        )
        assert f'<link rel="canonical" href="{OURS}/timelines/spring">' in html
        (discovered,) = re.findall(r'<link rel="alternate" type="application/json\+oembed"[^>]* href="([^"]*)"', html)
        asked = unescape(discovered).removeprefix(OURS)
        assert running.public.get(f"/dl{asked}").json()["title"] == "Spring"
        for path in ("/dl/actors", "/dl/search", "/dl/corrections", "/dl/rubric", "/dl/log", "/dl/about", "/dl/"):
            links = re.findall(r'(?:href|src|action)="(/[^"]*)"', running.public.get(path, headers=BROWSER).text)
            assert links
            assert all(link.startswith("/dl/") for link in links)
