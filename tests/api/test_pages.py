"""The pages as a browser gets them; what they look like is tested elsewhere."""

import re
from pathlib import Path

import pytest

from tests.api.served import Served, announcement, source

BROWSER = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture(scope="module", autouse=True)
def recorded(served: Served) -> None:
    for path, body in (
        ("/v1/sources", source("bulletin", published_at="2024-03-01")),
        ("/v1/announcements", announcement("visit", "bulletin", title="A <visit> & more")),
        ("/v1/announcements", announcement("twin", "bulletin")),
        ("/v1/announcements/twin/link", {"relation": "follows", "to": "visit"}),
        ("/v1/timelines", {"slug": "all", "title": "Everything", "query": {"source": "bulletin"}}),
    ):
        assert served.post(path, body).status_code == 201
    served.get("/v1/timelines/all")  # Who wrote waits for the views; then everybody sees it.


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/", "Everything"),
        ("/timelines/all", "A &lt;visit&gt; &amp; more"),
        ("/timelines/all?said_by=2024-03-02&as_of=", "A &lt;visit&gt; &amp; more"),
        ("/timelines/all?as_of=5", "A &lt;visit&gt; &amp; more"),
        ("/timelines/all?from=2024-04-01&to=2024-05-01", "A &lt;visit&gt; &amp; more"),
        ("/announcements/visit", "on 10 April 2024"),
        ("/announcements/twin", "/announcements/visit"),
        ("/embed/all", "<dateline-timeline"),
        ("/embed/all?part=timeline", "<table"),
        ("/embed/all?part=drawing&px=800&from=2024-04-01&to=2024-05-01", "<svg"),
    ],
)
def test_a_page_shows_what_is_recorded(served: Served, path: str, words: str) -> None:
    answer = served.public.get(path, headers=BROWSER)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert words in answer.text
    assert "<visit>" not in answer.text


def test_nothing_on_a_page_comes_from_elsewhere(served: Served) -> None:
    for path in ("/", "/timelines/all", "/announcements/visit", "/timelines/nothing"):
        policy = served.public.get(path, headers=BROWSER).headers["Content-Security-Policy"]

        assert policy.startswith("default-src 'none'; script-src 'self'")
        assert policy.endswith("frame-ancestors 'none'")


def test_only_the_embedded_timeline_may_be_framed(served: Served) -> None:
    assert served.public.get("/embed/all").headers["Content-Security-Policy"].endswith("frame-ancestors *")


@pytest.mark.parametrize("path", ["/timelines/nothing", "/announcements/nothing", "/nothing", "/timelines/all?px=1"])
def test_a_browser_gets_a_page_for_an_error(served: Served, path: str) -> None:
    answer = served.public.get(path, headers=BROWSER)

    assert answer.status_code in (400, 404)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<h1" in answer.text


def test_a_window_has_both_ends(served: Served) -> None:
    for window in ("from=2024-04-01", "to=2024-04-01", "from=2024-05-01&to=2024-04-01"):
        assert served.public.get(f"/embed/all?{window}").status_code == 400


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/static/dateline.css", "text/css; charset=utf-8"),
        ("/static/icon.svg", "image/svg+xml"),
        ("/widget/dateline.js", "text/javascript; charset=utf-8"),
    ],
)
def test_files_are_served_by_us_and_say_what_they_are(served: Served, path: str, media_type: str) -> None:
    answer = served.public.get(path)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == media_type
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_page_of_a_merged_announcement_leads_on(served: Served) -> None:
    for id in ("double", "single"):
        assert served.post("/v1/announcements", announcement(id, "bulletin")).status_code == 201
    assert served.post("/v1/announcements/double/merge", {"into": "single"}).status_code == 201

    answer = served.api.get("/announcements/double", follow_redirects=False)

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/announcements/single"
    at = served.api.get("/announcements/double?said_by=2024-05-01", follow_redirects=False)
    assert at.headers["Location"] == "/announcements/single?said_by=2024-05-01"


def test_behind_a_proxy_every_link_has_the_base_path(data: Path) -> None:
    with Served(data, base_path="/dateline", public_url="https://example.org/dateline") as running:
        made = running.post("/dateline/v1/sources", source("bulletin"))
        body = {"slug": "all", "title": "All", "query": {"source": "bulletin"}}
        assert running.post("/v1/timelines", body).status_code == 201

        page = running.api.get("/dateline/timelines/all")

        assert made.headers["Location"] == "https://example.org/dateline/v1/sources/bulletin"
        assert page.status_code == 200
        links = re.findall(r'(?:href|src)="(/[^"]*)"', page.text)
        assert links
        assert all(link.startswith("/dateline/") for link in links)
        assert running.api.get(f"{links[0]}").status_code == 200
