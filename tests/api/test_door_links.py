"""Under a base path, and under a public address, every link of every page and every answer leads somewhere here."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import httpx2
import pytest

from tests.api.raw import Raw, get
from tests.api.served import ADMIN, Served, announcement, cited, keys, source

BASE: Final = "/dateline"
PUBLIC: Final = "https://news.example/dateline"
FOLLOWED_MAX: Final = 1_000
SAME_PATH_MAX: Final = 2
"""Of addresses that differ in their parameters alone, so many are followed."""
LINKS: Final = frozenset({"href", "src", "action", "formaction", "poster", "cite"})
ABSOLUTE: Final = re.compile(r"https?://[^\s\"'<>\\),}]+")
FOLD: Final = re.compile(r"\r?\n[ \t]")
"""How a calendar breaks long lines."""
STARTS: Final = (
    "/", "/search", "/corrections", "/rubric", "/log", "/about", "/docs", "/openapi.json", "/v1/timelines",
    "/v1/announcements", "/v1/sources", "/v1/actors", "/v1/rubrics", "/v1/events", "/v1/log", "/v1/agenda", "/v1/due",
    "/v1/slippage", "/v1/scoreboard", "/v1/corrections", "/v1/search?q=visit", "/actors",
)  # fmt: skip
SUFFIXES: Final = ("json", "ics", "atom", "feed.json", "csv", "md", "html", "svg", "timelinejs.json")


class Links(HTMLParser):
    """The addresses in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value and (
                name in LINKS or (name.startswith("data-") and value.startswith(("/", "http://", "https://")))
            ):
                self.found.append(value)
            elif value and name in ("content", "xmlns") and tag == "meta":
                self.found += ABSOLUTE.findall(value)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)


def addresses(answer: httpx2.Response) -> list[str]:
    """Return every address that an answer names: in its headers, its markup, its JSON, its text."""
    said = [answer.headers.get("location", "")]
    said += re.findall(r"<([^>]*)>", answer.headers.get("link", ""))
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if kind == "text/html":
        said += Links(answer.text).found
    elif kind.endswith("json"):
        said += [text for text in strings(answer.json()) if text.startswith(("/", "http://", "https://"))]
    elif kind in ("text/css", "text/javascript"):
        return said
    else:
        said += ABSOLUTE.findall(FOLD.sub("", answer.text))
    return [one for one in said if one]


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


class Walk:
    """Follows everything that leads to the service, as a client who knows it by its `address`."""

    def __init__(self, client: httpx2.Client, address: str, inside: str) -> None:
        self.client = client
        self.address = address
        self.inside = inside
        self.paths: dict[str, int] = {}
        self.broken: list[tuple[str, str, object]] = []
        self.followed = 0

    def from_(self, starts: list[str], *, followed_max: int = FOLLOWED_MAX) -> None:
        waiting = [(f"{self.address}{start}", "the start") for start in starts]
        seen = {address for address, _ in waiting}
        while waiting and self.followed < followed_max:
            address, place = waiting.pop(0)
            answer = self.visit(address, place)
            for found in addresses(answer) if answer is not None else ():
                absolute = urljoin(address, found).partition("#")[0]
                if absolute not in seen and self.is_ours(absolute, found, address):
                    seen.add(absolute)
                    waiting.append((absolute, address))

    def is_ours(self, absolute: str, written: str, place: str) -> bool:
        """Say whether an address is one of the service; take note of one that ought to be and is not."""
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(self.address))
        if not absolute.startswith(origin):
            if urlsplit(absolute).hostname in ("127.0.0.1", "localhost", "x"):
                self.broken.append((place, written, "it names the inner address"))
            return False
        if not (absolute + "/").startswith(f"{self.address}/"):
            self.broken.append((place, written, "it lacks the base path"))
            return False
        if "/v1/feed" in absolute or absolute.endswith("/stream") or "{" in absolute:
            return False
        path = urlsplit(absolute).path
        self.paths[path] = self.paths.get(path, 0) + 1
        return self.paths[path] <= SAME_PATH_MAX

    def visit(self, address: str, place: str) -> httpx2.Response | None:
        self.followed += 1
        target = address.replace(self.address, self.inside, 1)
        answer = self.client.get(target, follow_redirects=False)
        if answer.status_code >= 400 and place != "the start":
            self.broken.append((place, address, answer.status_code))
        return answer if answer.status_code < 400 else None


@pytest.fixture(scope="module")
def based(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("data"), seed=True, base_path=BASE, trusted_proxies="127.0.0.1") as running:
        yield running


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("data"), seed=True, base_path=BASE, public_url=PUBLIC) as running:
        yield running


def starts(served: Served) -> list[str]:
    slugs = [one["slug"] for one in served.api.get(f"{BASE}/v1/timelines").json()["items"]]
    ids = [one["id"] for one in served.api.get(f"{BASE}/v1/announcements?limit=5").json()["items"]]
    exports = [f"/v1/timelines/{slugs[0]}.{suffix}" for suffix in SUFFIXES]
    exports += [f"/v1/announcements.{suffix}" for suffix in SUFFIXES]
    pages = [f"/timelines/{slugs[0]}", f"/embed/{slugs[0]}", f"/announcements/{ids[0]}", f"/v1/announcements/{ids[0]}"]
    more = [f"/v1/timelines/{slugs[0]}/view?px=600", f"/v1/timelines/{slugs[0]}?limit=2", "/v1/announcements?limit=2"]
    more += [f"/oembed?url={PUBLIC}/timelines/{slugs[0]}", f"/timelines/{slugs[0]}?said_by=2024-05-01"]
    return [*STARTS, *exports, *pages, *more]


def test_under_a_base_path_every_link_leads_somewhere(based: Served) -> None:
    with httpx2.Client(timeout=20) as client:
        walk = Walk(client, f"{based.url}{BASE}", f"{based.url}{BASE}")
        walk.from_(starts(based))

    assert walk.broken == []
    assert walk.followed > 100


def test_under_a_public_address_every_absolute_link_begins_with_it(public: Served) -> None:
    with httpx2.Client(timeout=20) as client:
        walk = Walk(client, PUBLIC, f"{public.url}{BASE}")
        walk.from_(starts(public))

    assert walk.broken == []
    assert walk.followed > 100


def test_behind_a_proxy_absolute_links_are_those_that_the_reader_asked_for(based: Served) -> None:
    told = {"X-Forwarded-For": "203.0.113.1", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "news.example"}
    with httpx2.Client(timeout=20, headers=told) as client:
        walk = Walk(client, PUBLIC, f"{based.url}{BASE}")
        walk.from_(starts(based), followed_max=100)

    assert walk.broken == []
    assert walk.followed == 100


def test_what_one_reader_was_told_of_the_host_no_other_reads(based: Served) -> None:
    path = f"{BASE}/v1/announcements.atom"
    bodies = []
    for host in ("one.example", "two.example", "one.example"):
        with Raw(based.port) as raw:
            bodies.append(raw.send(get(path, host=host)).answer().body)

    assert b"http://one.example/dateline/" in bodies[0]
    assert b"http://two.example/dateline/" in bodies[1]
    assert b"one.example" not in bodies[1]
    assert bodies[0] == bodies[2]


@pytest.mark.parametrize("address", ["based", "public"])
def test_what_was_made_is_said_to_be_where_it_is(address: str, request: pytest.FixtureRequest) -> None:
    served: Served = request.getfixturevalue(address)
    start = PUBLIC if address == "public" else BASE

    headers = {"Authorization": f"Bearer {ADMIN}"}
    made = [("/v1/sources", source("linked")), ("/v1/announcements", announcement("linked", "linked")),
            ("/v1/announcements/linked/cancel", {"citations": cited("linked")}),
            ("/v1/timelines", {"slug": "linked", "title": "T", "query": {"source": "linked"}})]  # fmt: skip
    for path, body in made:
        answer = served.public.post(f"{BASE}{path}", json=body, headers={**headers, "Idempotency-Key": next(keys)})
        location = answer.headers["Location"]

        assert location.startswith(f"{start}/v1/"), answer.text
        assert served.api.get(location.replace(start, BASE, 1)).status_code == 200


def test_the_base_path_itself_is_the_front_page(based: Served) -> None:
    for path in (BASE, f"{BASE}/"):
        answer = based.public.get(path, follow_redirects=True)

        assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, "text/html")
    assert json.loads(based.public.get(f"{BASE}/healthz").text)["status"] == "ok"
