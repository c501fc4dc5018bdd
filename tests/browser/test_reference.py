"""Search, corrections, actors and the other pages beside timelines, as a reader finds them in a browser."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.served import Served

pytestmark = pytest.mark.browser

PAGES = ("/", "/actors", "/actors/japan", "/search?q=missile", "/corrections", "/rubric", "/log", "/about", "/nothing")


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("data"), seed=True, contact="desk@example.org") as running:
        yield running


@contextmanager
def elsewhere(html: str) -> Iterator[str]:
    """Serve a page from another origin; a browser lets no page of the wide world look into this machine."""

    class Article(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Article) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_a_reader_searches_from_any_page_and_narrows_it_down(seeded: Served, page: Page) -> None:
    page.goto(f"{seeded.url}/about")
    page.get_by_role("searchbox").fill("japan")
    page.get_by_role("searchbox").press("Enter")

    expect(page).to_have_url(re.compile(r"/search\?q=japan"))
    count = page.locator(".results li").count()
    assert count > 3
    expect(page.locator(".results mark").first).to_have_text(re.compile("japan", re.IGNORECASE))

    page.get_by_label("State").select_option("happened")
    page.get_by_role("button", name="Search").click()

    expect(page).to_have_url(re.compile("state=happened"))
    assert 0 < page.locator(".results li").count() < count
    expect(page.get_by_role("searchbox")).to_have_value("japan")
    expect(page.get_by_label("State")).to_have_value("happened")
    page.locator(".results a").first.click()
    expect(page.locator("article.announcement")).to_be_visible()


def test_a_correction_is_told_with_what_was_wrong_and_leads_to_its_announcement(seeded: Served, page: Page) -> None:
    page.goto(seeded.url)
    page.get_by_role("link", name="Corrections").click()

    mended = page.locator(".corrections li", has_text="Tomahawk")
    expect(mended.locator("del")).to_contain_text("2025 to 2027")
    expect(mended.locator("ins")).to_contain_text("April 2025 to March 2028")
    expect(mended).to_contain_text("We had read fiscal years as calendar years.")
    mended.get_by_role("link", name=re.compile("Tomahawk")).click()
    expect(page.locator("#dates")).to_be_visible()


def test_an_actors_page_tells_what_came_of_what_it_announced(seeded: Served, page: Page) -> None:
    page.goto(seeded.url)
    page.get_by_role("link", name="Actors").click()
    page.get_by_role("link", name="Japan", exact=True).first.click()

    board = page.get_by_role("table").first
    expect(board.get_by_role("columnheader", name="date passed, not yet checked")).to_be_visible()
    expect(board.get_by_role("row", name=re.compile("^All "))).to_be_visible()
    page.get_by_label("What had been said by").fill("2024-04-09")
    page.get_by_role("button", name="Show").first.click()
    expect(page.get_by_role("status")).to_contain_text("What had been said by 9 April 2024")


def test_an_outcome_leads_to_the_rubric_it_was_rated_under(seeded: Served, page: Page) -> None:
    page.goto(f"{seeded.url}/announcements/us-japan-state-visit-2024")
    page.get_by_role("link", name="version 1 of the rubric").click()

    expect(page).to_have_url(re.compile(r"/rubric#version-1$"))
    expect(page.get_by_role("heading", name="Version 1")).to_be_visible()


def test_the_log_is_read_backwards_to_its_beginning(seeded: Served, page: Page) -> None:
    page.goto(f"{seeded.url}/log")
    while (link := page.get_by_role("link", name="Earlier entries →")).count():
        link.click()

    expect(page.locator("tbody tr").last).to_contain_text("Actor recorded: Japan")
    expect(page.locator("tbody tr").last.locator("th")).to_have_text("1")


def test_every_page_fits_a_telephone_and_is_read_without_script(seeded: Served, browser: Browser) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 800}, color_scheme="dark", java_script_enabled=False
    )
    page = context.new_page()
    for path in PAGES:
        page.goto(seeded.url + path)

        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        assert page.get_by_role("navigation", name="Main").is_visible()
        assert page.get_by_role("heading", level=1).is_visible()
    context.close()


def test_what_oembed_gives_shows_the_timeline_in_another_page(seeded: Served, page: Page) -> None:
    told = seeded.public.get("/oembed", params={"url": f"{seeded.url}/timelines/us-japan-2024"}).json()

    with elsewhere(f"<h1>An article</h1>{told['html']}") as article:
        page.goto(article)

        frame = page.frame_locator("iframe")
        expect(frame.get_by_role("heading", name=told["title"])).to_be_visible()
        expect(frame.locator("[data-announcement]").first).to_be_attached()


def test_a_drawing_that_stands_alone_is_shown_as_a_picture(seeded: Served, page: Page) -> None:
    page.set_content(f'<img src="{seeded.url}/v1/timelines/us-japan-2024.svg?px=800" alt="">')

    expect(page.locator("img")).to_have_js_property("naturalWidth", 832)


def test_a_page_that_stands_alone_is_styled_by_what_it_holds(seeded: Served, page: Page) -> None:
    blocked: list[str] = []
    page.on("console", lambda message: blocked.append(message.text) if message.type == "error" else None)
    page.goto(f"{seeded.url}/v1/timelines/us-japan-2024.html?all=1")

    expect(page.locator("svg.drawing").first).to_be_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).fontWeight") == "700"
    assert not [text for text in blocked if "Content Security Policy" in text]
