"""A real server reads a feed from another, is killed in the middle of it, and has every article once."""

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.api.served import DATELINE, Served
from tests.integration.newspaper import WORDS, meta, page, rss

ARTICLES = 6
HELD = 3
"""The article at which the server is killed."""
WAIT_S = 30.0
HERE = "127.0.0.3"


class Press(ThreadingHTTPServer):
    """Serves a feed and its articles; one of them is not answered as long as `held` says so."""

    def __init__(self) -> None:
        super().__init__((HERE, 0), _Printed)
        self.held = threading.Event()
        self.asked: list[str] = []

    @property
    def base(self) -> str:
        return f"http://{HERE}:{self.server_port}/"


class _Printed(BaseHTTPRequestHandler):
    server: Press

    def do_GET(self) -> None:
        press, name = self.server, self.path.strip("/")
        press.asked.append(name)
        if name == str(HELD):
            press.held.wait(WAIT_S)
        body = page(title=f"Port {name}", head=meta("date", f"2026-03-0{name}"), words=(f"Port {name} opens.", *WORDS))
        if name == "rss.xml":
            body = rss(*((str(number), f"Port {number}", None) for number in range(ARTICLES, 0, -1)), base=press.base)
        self.send_response(200)
        self.send_header("Content-Type", "text/xml" if name == "rss.xml" else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(BrokenPipeError):  # Who asked was killed.
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def press() -> Iterator[Press]:
    with Press() as press:
        thread = threading.Thread(target=press.serve_forever)
        thread.start()
        yield press
        press.held.set()
        press.shutdown()
        thread.join()


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_every_article_of_a_feed_is_recorded_once_although_the_server_was_killed(press: Press, tmp_path: Path) -> None:
    feeds = tmp_path / "news.toml"
    feeds.write_text(
        f'[[feed]]\nurl = "{press.base}rss.xml"\npublisher = "The Harbour Post"\ntimezone = "Asia/Tokyo"\n'
    )
    served = Served(tmp_path / "data", news=str(feeds), outbound_allow=HERE)
    with served:
        eventually(lambda: str(HELD) in press.asked)
        eventually(lambda: len(served.public.get("/v1/sources").json()["items"]) == HELD - 1)
        served.kill()
        press.held.set()

        served.start()
        eventually(lambda: len(served.public.get("/v1/sources").json()["items"]) == ARTICLES)
        eventually(lambda: 'news_polls_total{outcome="read"} 1.0' in served.public.get("/metrics").text)

        sources = served.public.get("/v1/sources").json()["items"]
        assert sorted(source["title"] for source in sources) == [f"Port {number}" for number in range(1, ARTICLES + 1)]
        assert {source["publisher"] for source in sources} == {"The Harbour Post"}
        assert press.asked.count("1") == 1
        first = next(source for source in sources if source["title"] == "Port 1")
        assert first["published_at"] == "2026-02-28T15:00:00.000000Z"
        assert WORDS[0] in served.api.get(f"/v1/sources/{first['id']}/text").text
        read = served.api.post(f"/v1/sources/{first['id']}/extract").json()
        assert "2026-05-04" in {expression["edtf"] for expression in read["expressions"]}
        left = ARTICLES - HELD + 1
        assert f'dateline_news_entries_total{{outcome="recorded"}} {left}.0' in served.public.get("/metrics").text
        entries = served.public.get("/v1/events").json()["events"]
        assert [entry["by"] for entry in entries] == ["system/news"] * ARTICLES


def test_a_list_of_feeds_that_makes_no_sense_ends_the_start(tmp_path: Path) -> None:
    feeds = tmp_path / "news.toml"
    feeds.write_text("[[feed]]\n")

    done = subprocess.run(
        [*DATELINE, "serve", "--data", tmp_path / "data", "--port", "0"],
        env={**os.environ, "DATELINE_NEWS": str(feeds)},
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=False,
    )

    assert done.returncode == 1
    assert f"{feeds}: Object missing required field" in done.stderr
