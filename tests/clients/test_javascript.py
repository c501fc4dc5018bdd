"""The JavaScript client in a real browser, on a page of another site, over connections that break."""

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.api.served import ADMIN, ROOT, Served, announcement, source
from tests.browser.conftest import browser, page
from tests.clients.cutting import Cutting

__all__ = ["browser", "page"]

FOLDER = ROOT / "clients" / "js"
BYTES_MAX = 3 * 1024
FACTS = 30

pytestmark = pytest.mark.browser


class Elsewhere(BaseHTTPRequestHandler):
    """Gives the module, in less of a hurry to wait, and an empty page."""

    def do_GET(self) -> None:
        script = self.path == "/dateline.js"
        body = (FOLDER / "dateline.js").read_text(encoding="utf-8") if script else "<!doctype html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if script else "text/html")
        self.end_headers()
        self.wfile.write(body.replace("PAUSE_MS = 500", "PAUSE_MS = 20").encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """A site that has the module, and is not the service."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("data")) as running:
        running.post("/v1/sources", source("bulletin"))
        for number in range(FACTS - 1):
            running.post("/v1/announcements", announcement(f"a{number}", "bulletin"))
        yield running


@pytest.fixture
def client(page: Page, elsewhere: str) -> Page:
    """A page on which `client(url, token)` makes a client, and `take(feed, n)` takes facts of a feed."""
    page.goto(f"{elsewhere}/")
    page.evaluate(
        """async () => {
            const { Dateline } = await import("/dateline.js");
            window.client = (url, token) => new Dateline(url, { token });
            window.take = async (feed, count) => {
                const taken = [];
                for await (const told of feed) {
                    if (told.cursor) taken.push(told);
                    if (taken.length === count) return taken;
                }
            };
        }"""
    )
    return page


def test_it_is_one_small_module() -> None:
    assert len(gzip.compress((FOLDER / "dateline.js").read_bytes(), 9)) <= BYTES_MAX
    assert "import " not in (FOLDER / "dateline.js").read_text(encoding="utf-8").split("*/", 1)[1]


def test_it_reads_one_thing_and_lists_of_many_pages(client: Page, served: Served) -> None:
    one, ids = client.evaluate(
        """async (url) => {
            const dateline = client(url), ids = [], asked = { limit: 7, state: ["announced", "due", "overdue"] };
            for await (const one of dateline.items("/v1/announcements", asked)) ids.push(one.id);
            return [await dateline.get("/v1/announcements/a1"), ids];
        }""",
        served.url,
    )

    assert one == served.get("/v1/announcements/a1")
    assert ids == [one["id"] for one in served.get("/v1/announcements", limit=1000)["items"]]


def test_it_says_what_was_refused_and_where(client: Page, served: Served) -> None:
    refused = client.evaluate(
        """async ([url, token, body]) => {
            try { await client(url, token).write("/v1/announcements", body); }
            catch (error) { return [error.name, error.status, error.code, error.errors[0].pointer]; }
        }""",
        [served.url, ADMIN, announcement("other", "nowhere")],
    )

    assert refused == ["Problem", 400, "unknown-reference", "/citations/0/source"]


def test_what_is_no_json_is_text_and_what_is_empty_nothing(client: Page, served: Served) -> None:
    table, ended = client.evaluate(
        """async ([url, token]) => {
            const dateline = client(url, token);
            const made = await dateline.write("/v1/tokens", { person: "Ada", scopes: ["read"] });
            const ended = await dateline.write(`/v1/tokens/${made.id}`, {}, { method: "DELETE" });
            return [await dateline.get("/v1/announcements.csv"), ended];
        }""",
        [served.url, ADMIN],
    )

    assert table.startswith("id,")  # A browser's text is without its byte order mark.
    assert ended is None


def test_what_cannot_be_sent_is_said_at_once(client: Page) -> None:
    said = client.evaluate(
        """async () => {
            const dateline = client("http://127.0.0.1:9"), said = [];
            const asks = [
                async () => client("http://127.0.0.1:9", "dl_…"),
                () => dateline.get("v1/log"),
                () => dateline.write("/v1/sources", {}, { key: "clé" }),
            ];
            for (const ask of asks) try { await ask(); } catch (error) { said.push(error.message); }
            return said;
        }"""
    )

    assert said == [
        "a token has visible ASCII characters, and nothing else",
        "a path begins with a slash: v1/log",
        "a key has visible ASCII characters, and nothing else",
    ]


@pytest.mark.parametrize("cut", [1, 10_000_000])
def test_a_write_whose_answer_is_lost_is_done_once(client: Page, served: Served, cut: int) -> None:
    head = served.head()

    with Cutting(served.port, [10_000_000, cut, cut]) as proxy:  # The first asks whether it may.
        receipt = client.evaluate(
            "([url, token, body]) => client(url, token).write('/v1/sources', body)",
            [proxy.url, ADMIN, source(f"js-{cut}")],
        )

    assert receipt["id"] == f"js-{cut}"
    assert receipt["position"] == served.head() == head + 1


def test_a_key_of_ones_own_is_the_same_write(client: Page, served: Served) -> None:
    receipts = client.evaluate(
        """async ([url, token, body]) => {
            const dateline = client(url, token), key = "mine-js-1";
            const write = () => dateline.write("/v1/sources", body, { key });
            const other = { command: "record_source", ...body, id: "batched-js", text: "Other words." };
            return [await write(), await write(), await dateline.batch([other])];
        }""",
        [served.url, ADMIN, source("mine-js")],
    )

    assert [receipts[0]["duplicate"], receipts[1]["duplicate"]] == [False, True]
    assert [one["id"] for one in receipts[2]["receipts"]] == ["batched-js"]


def test_the_feed_tells_every_fact_once_over_connections_that_break(client: Page, served: Served) -> None:
    with Cutting(served.port, [10_000, 300, 900, 2000, 5000]) as proxy:
        told = client.evaluate("url => take(client(url).follow({ from: 'start' }), 30)", proxy.url)

    assert [one["position"] for one in told] == list(range(1, FACTS + 1))
    assert proxy.cut >= 3


def test_the_feed_goes_on_after_a_cursor_that_was_kept_and_ends_when_told(client: Page, served: Served) -> None:
    told = client.evaluate(
        """async (url) => {
            const dateline = client(url), stop = new AbortController();
            const [, , kept] = await take(dateline.follow({ from: "start", types: "announcement.made" }), 3);
            const after = await take(dateline.follow({ cursor: kept.cursor, types: "announcement.made" }), 2);
            setTimeout(() => stop.abort(), 100);
            const none = await take(dateline.follow({ from: "head", signal: stop.signal }), 1);
            return [kept.position, after.map((one) => one.position), none ?? null];
        }""",
        served.url,
    )

    assert told == [4, [5, 6], None]


def test_a_feed_survives_the_server_being_killed(client: Page, tmp_path: Path) -> None:
    with Served(tmp_path / "data") as served:
        served.post("/v1/sources", source("bulletin"))
        client.evaluate(
            "url => { window.feed = client(url).follow({ from: 'start' }); return take({ [Symbol.asyncIterator]: () =>"
            " ({ next: () => feed.next() }) }, 1); }",
            served.url,
        )
        served.kill()
        served.start()
        served.post("/v1/announcements", announcement("a", "bulletin"))

        told = client.evaluate("() => take(feed, 1)")

    assert [one["position"] for one in told] == [2]


def test_a_cursor_of_another_history_is_said(client: Page, served: Served) -> None:
    name = client.evaluate(
        """async (url) => {
            try { await take(client(url).follow({ cursor: "00000000-3" }), 1); } catch (error) { return error.name; }
        }""",
        served.url,
    )

    assert name == "HistoryChanged"
