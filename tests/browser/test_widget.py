"""The widget as readers meet it: what it adds to our pages, and to somebody else's. Answers are made here, without a
server, under the policy that our pages ask browsers to enforce.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from playwright.sync_api import Page, Route, expect

from api.pages import render
from api.pages.render import Asked, Site
from events.record import Announcement
from tests.builders import EVERY_CASE, TODAY, announcement, dates, source, timeline, when

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
HERE = "http://dateline.test"
ARTICLE = "http://article.test/"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'"
)
ELSEWHERE = (
    f"<!doctype html><title>An article</title><p>Before.</p><script type=module src={HERE}/widget/dateline.js></script>"
    f"<dateline-timeline src={HERE}/v1/timelines/spring></dateline-timeline>"
)
Answer = tuple[str, str]


class Service:
    """Answers as the service would, for one timeline whose items a test may change."""

    def __init__(self) -> None:
        self.items: tuple[Announcement, ...] = EVERY_CASE
        self.position = 57
        self.news: list[int] = []
        self.asked: list[str] = []

    def change(self, id: str, **fields: object) -> None:
        """Record something about an announcement; the feed tells of it when it is read next."""
        self.position += 1
        self.news.append(self.position)
        self.items = tuple(
            msgspec.structs.replace(item, position=self.position, **fields) if item.id == id else item
            for item in self.items
        )

    def answer(self, route: Route) -> None:
        """Answer a request of the browser."""
        url = urlsplit(route.request.url)
        self.asked.append(f"{url.path}?{url.query}")
        if route.request.url == ARTICLE:
            route.fulfill(body=ELSEWHERE, content_type="text/html; charset=utf-8")
            return
        body, content_type = self._body(url.path, {key: values[-1] for key, values in parse_qs(url.query).items()})
        headers = {"content-security-policy": POLICY, "access-control-allow-origin": "*"}
        route.fulfill(body=body, content_type=content_type, headers=headers)

    def _body(self, path: str, query: dict[str, str]) -> Answer:
        spring = timeline(*self.items, position=self.position)
        asked = Asked(first=query.get("from"), last=query.get("to"), px=int(query["px"]) if "px" in query else None)
        sources = {"bulletin": source()}
        pages: dict[str, Callable[[], str]] = {
            "/timelines/spring": lambda: render.timeline_page(
                spring, sources=sources, site=Site(), today=TODAY, asked=asked
            ),
            "/embed/spring": lambda: (
                render.drawing_fragment(spring, site=Site(), today=TODAY, asked=asked)
                if query.get("part") == "drawing"
                else render.timeline_fragment(spring, sources=sources, site=Site(), today=TODAY, asked=asked)
            ),
        }
        if path in pages:
            return pages[path](), "text/html; charset=utf-8"
        if path == "/v1/feed":
            frames = "".join(f"id: 0a0b0c0d-{n}\ndata: {json.dumps({'position': n})}\n\n" for n in self.news)
            self.news = []
            return f"retry: 400\n\nevent: caught-up\ndata: {{}}\n\n{frames}", "text/event-stream"
        files = {
            "/widget/dateline.js": (ROOT / "widget/dateline.js", "text/javascript"),
            "/static/dateline.css": (ROOT / "api/pages/static/dateline.css", "text/css"),
            "/static/icon.svg": (ROOT / "api/pages/static/icon.svg", "image/svg+xml"),
        }
        file, content_type = files.get(path, (None, "text/plain"))
        return (file.read_text(encoding="utf-8") if file else ""), content_type


@pytest.fixture
def service(page: Page) -> Iterator[Service]:
    """The service behind the page; fails its test when the browser refused or missed something."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    service = Service()
    page.route("**/*", service.answer)
    yield service
    assert said == []


def window(page: Page) -> tuple[str | None, str | None]:
    drawing = page.locator(".figure svg.drawing:not(.sample):visible")
    return drawing.get_attribute("data-from"), drawing.get_attribute("data-to")


def test_without_a_script_the_page_has_the_drawing_and_every_announcement(page: Page, service: Service) -> None:
    page.route("**/widget/dateline.js", lambda route: route.fulfill(body="", content_type="text/javascript"))

    page.goto(f"{HERE}/timelines/spring")

    expect(page.locator("tr[data-announcement]:visible")).to_have_count(len(EVERY_CASE))
    expect(page.locator(".figure svg.drawing:not(.sample):visible")).to_have_count(1)
    expect(page.locator(".tools")).to_have_count(0)


def test_screen_readers_get_the_table_and_not_the_drawing(page: Page, service: Service) -> None:
    page.goto(f"{HERE}/timelines/spring")
    expect(page.get_by_role("button", name="Zoom in")).to_be_visible()

    expect(page.get_by_role("table")).to_have_count(1)
    expect(page.get_by_role("row")).to_have_count(len(EVERY_CASE) + 2)
    expect(page.get_by_role("img")).to_have_count(0)
    drawing = page.get_by_role("group", name="Drawing of the timeline")
    expect(drawing).to_be_visible()
    for role in ("link", "list", "listitem"):
        expect(drawing.locator(f"role={role}")).to_have_count(0)


@pytest.mark.parametrize(("width", "drawings"), [(1280, 1), (700, 1), (390, 0)])
def test_below_480_px_there_is_a_list_and_no_drawing(page: Page, service: Service, width: int, drawings: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})

    page.goto(f"{HERE}/timelines/spring")

    expect(page.locator("tr[data-announcement]:visible")).to_have_count(len(EVERY_CASE))
    expect(page.locator(".figure svg.drawing:not(.sample):visible")).to_have_count(drawings)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_keyboard_zooms_moves_chooses_and_opens(page: Page, service: Service) -> None:
    page.goto(f"{HERE}/timelines/spring")
    stage = page.locator(".stage")
    stage.focus()
    whole = window(page)

    page.keyboard.press("+")
    expect(page.locator("svg.drawing[data-from]:visible")).not_to_have_attribute("data-from", whole[0] or "")
    near = window(page)
    page.keyboard.press("ArrowRight")
    expect(page.locator("svg.drawing[data-from]:visible")).not_to_have_attribute("data-from", near[0] or "")
    page.keyboard.press("0")
    expect(page.locator("svg.drawing[data-from]:visible")).to_have_attribute("data-from", whole[0] or "")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    details = page.get_by_role("dialog")
    expect(details).to_contain_text("It will be.")
    expect(details.locator(".title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(details).to_have_count(0)
    expect(stage).to_be_focused()


def test_dragging_moves_the_window_as_far_as_the_pointer_went(page: Page, service: Service) -> None:
    page.goto(f"{HERE}/timelines/spring?from=2024-04-01&to=2024-08-31")
    page.get_by_role("button", name="Zoom in").click()
    expect(page.locator("svg.drawing[data-from]:visible")).not_to_have_attribute("data-from", "2024-04-01")
    before = window(page)
    box = page.locator(".stage").bounding_box()
    assert box

    page.mouse.move(box["x"] + 500, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 20, steps=3)
    page.mouse.up()

    expect(page.locator("svg.drawing[data-from]:visible")).not_to_have_attribute("data-from", before[0] or "")
    after = window(page)
    assert (after[0] or "") > (before[0] or "")
    assert (after[1] or "") > (before[1] or "")


def test_a_click_on_a_mark_opens_what_the_table_says_of_it(page: Page, service: Service) -> None:
    page.goto(f"{HERE}/timelines/spring")
    expect(page.locator(".stage")).to_be_visible()

    page.locator("svg:visible [data-announcement=moved] .label").click()

    expect(page.get_by_role("dialog")).to_contain_text("moved by 103 days")


def test_news_change_the_row_in_place_and_are_said_politely(page: Page, service: Service) -> None:
    page.goto(f"{HERE}/timelines/spring")
    row = page.locator("#a-exact")
    row.locator("summary").click()
    row.evaluate("row => { window.other = document.getElementById('a-month') }")

    given = dates(("2024-04-10", "first"), ("2024-04-12", "moved"))
    service.change("exact", title="The visit", when=when("2024-04-12"), dates=given, slip_days=2, state="happened")

    expect(row).to_have_attribute("data-state", "happened")
    expect(row.locator("details")).to_have_attribute("open", "")
    expect(row.locator("summary")).to_be_focused()
    expect(page.locator("tr.changed")).to_have_count(1)
    expect(page.locator("dateline-timeline > [role=status]")).to_have_text(
        "Updated: The visit, 12 April 2024, happened, moved by 2 days, first 10 April 2024"
    )
    expect(page.locator("svg:visible [data-announcement=exact]")).to_have_attribute("data-state", "happened")
    assert page.evaluate("window.other === document.getElementById('a-month')")


def test_an_announcement_that_is_new_comes_in_its_place(page: Page, service: Service) -> None:
    page.goto(f"{HERE}/timelines/spring")
    expect(page.locator(".tools")).to_be_visible()

    service.items = (EVERY_CASE[0], announcement("brand-new", "2024-04-10"), *EVERY_CASE[1:])
    service.change("brand-new")

    expect(page.locator("#a-exact + tr")).to_have_attribute("data-announcement", "brand-new")


def test_in_somebody_elses_page_it_fetches_what_it_shows_and_links_to_us(page: Page, service: Service) -> None:
    page.goto(ARTICLE)

    expect(page.locator("dateline-timeline tr[data-announcement]")).to_have_count(len(EVERY_CASE))
    expect(page.locator("dateline-timeline .title").first).to_have_attribute("href", f"{HERE}/announcements/exact")
    expect(page.locator("dateline-timeline svg.drawing:not(.sample):visible")).to_have_count(1)
    service.change("exact", state="cancelled")
    expect(page.locator("dateline-timeline #a-exact")).to_have_attribute("data-state", "cancelled")


def test_it_can_be_moved_about_in_its_page_and_taken_out(page: Page, service: Service) -> None:
    page.goto(f"{HERE}/timelines/spring")
    expect(page.locator(".tools")).to_have_count(1)

    page.evaluate("document.body.append(document.querySelector('dateline-timeline'))")
    expect(page.locator(".tools")).to_have_count(1)
    page.evaluate("document.querySelector('dateline-timeline').remove()")

    expect(page.locator(".stage")).to_have_count(0)


def test_the_widget_is_small() -> None:
    assert len(gzip.compress((ROOT / "widget/dateline.js").read_bytes())) <= 12_288
