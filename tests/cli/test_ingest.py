"""`dateline ingest`: an article in the terminal, and in the record."""

import asyncio
import json
import os
import pty
import re
import select
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from events.log.port import Query
from events.log.sqlite import open_sqlite
from tests.cli.commands import PATIENCE_S, Command, Serving, run

ARTICLE = """\
News of the region
Japan and the Philippines will hold a summit on Wednesday.
France plans to open a battery plant in Ohio by 2026 for $4 billion.
Germany will not hold an election in 2025.
It rained.
"""
LATER = """\
More of the region
Japan and the Philippines held a summit on Wednesday.
France plans to open its battery plant in Ohio by 2027.
"""
MONDAY = ("--published", "2024-04-08", "--timezone", "America/New_York")
TITLE = "Japan and (the )?Philippines to hold (a )?summit"
SUMMIT, ELECTION, PLANT = "1", "2", "3"
"""The numbers of what the article announces: by day."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """An empty record, that nobody serves."""

    async def make() -> None:
        await (await open_sqlite(tmp_path / "data")).close()

    asyncio.run(make())
    return tmp_path / "data"


@pytest.fixture
def article(tmp_path: Path) -> Path:
    return written(tmp_path / "article.txt", ARTICLE)


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def ingest(where: str | Path, *arguments: str | Path, stdin: str | None = None, **environment: str) -> str:
    """Run it to its good end, and return what it printed."""
    done = run("ingest", where, *arguments, stdin=stdin, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def flat(shown: str) -> str:
    """Return what was printed without its line breaks."""
    return " ".join(shown.split())


def recorded(data: Path, *types: str) -> list[dict[str, Any]]:
    """Return the facts of a directory, of some types or all."""

    async def read() -> list[dict[str, Any]]:
        engine = await open_sqlite(data)
        page = await engine.log.read(Query.all(), limit=1000)
        await engine.close()
        return [{**json.loads(event.data or b"{}"), "type": event.type} for event in page.events]

    return [fact for fact in asyncio.run(read()) if not types or fact["type"] in types]


def test_an_article_is_read_where_there_is_no_record(article: Path, tmp_path: Path) -> None:
    shown = ingest(article, *MONDAY, COLUMNS="80")

    assert re.search(rf"^  1 {TITLE}$", shown, re.MULTILINE)
    assert "    10 April 2024 [2024-04-10], from “Wednesday”\n" in shown
    assert "scheduled · summit · by japan, philippines\n" in shown
    assert "“Japan and the Philippines will hold a summit on Wednesday”" in shown
    assert "by the end of 2026 [../2026]" in shown
    assert "(4,000,000,000 USD)" in shown
    assert "->" not in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert list(tmp_path.iterdir()) == [article]


def test_standard_input_is_read_too(article: Path) -> None:
    assert ingest("-", *MONDAY, stdin=ARTICLE) == ingest(article, *MONDAY)


def test_what_was_read_is_printed_as_json(article: Path, data: Path) -> None:
    alone = json.loads(ingest(article, *MONDAY, "--json"))
    held = json.loads(ingest(article, *MONDAY, "--json", "--data", data))

    assert [one["when"]["edtf"] for one in alone["candidates"]] == ["2024-04-10", "../2026", "2025"]
    for one in alone["candidates"]:
        assert ARTICLE[one["start"] : one["end"]] == one["quote"]
    assert {one.pop("match")["proposal"] for one in held["candidates"]} == {"new"}
    assert held == alone


def test_the_profile_of_the_field_lists_expressions(article: Path) -> None:
    shown = ingest(article, *MONDAY, "--profile", "timeml")

    assert re.search(r"^ +\d+  Wednesday +DATE 2024-04-10 +2024-04-10$", shown, re.MULTILINE)


def test_what_is_accepted_is_recorded_with_its_source_and_its_actors(article: Path, data: Path) -> None:
    shown = ingest(article, *MONDAY, "--publisher", "The Courier", "--data", data, "--accept", f"{SUMMIT},{PLANT}")

    facts = recorded(data)
    source, actors = facts[0], [fact for fact in facts if fact["type"] == "actor.recorded"]
    made = [fact for fact in facts if fact["type"] == "announcement.made"]
    assert (source["title"], source["publisher"]) == ("News of the region", "The Courier")
    assert source["published_at"] == "2024-04-08T04:00:00.000000Z"
    assert {fact["actor"]: (fact["names"]["en"], fact["kind"]) for fact in actors} == {
        "japan": ("Japan", "state"), "philippines": ("Philippines", "state"), "france": ("France", "state"),
    }  # fmt: skip
    assert [fact["when"]["edtf"] for fact in made] == ["2024-04-10", "../2026"]
    assert re.fullmatch(TITLE, made[0]["title"])
    assert made[0]["when"] == {"edtf": "2024-04-10", "kind": "on", "phrase": "Wednesday", "anchor": "2024-04-08"}
    (citation,) = made[0]["citations"]
    assert ARTICLE[citation["start"] : citation["end"]] == citation["quote"]
    assert (citation["source"], citation["verified"]) == (source["source"], True)
    assert made[1]["amount"]["value"] == "4000000000"
    assert f"{len(facts)}\t{made[1]['announcement']}\tmake_announcement" in shown


def test_the_same_again_stores_nothing_and_offers_nothing(article: Path, data: Path) -> None:
    ingest(article, *MONDAY, "--data", data, "--accept", "all")
    before = recorded(data)

    again = ingest(article, *MONDAY, "--data", data, "--accept", "all")
    named = run("ingest", article, *MONDAY, "--data", data, "--accept", SUMMIT)

    assert recorded(data) == before
    assert flat(again).count("-> nothing to record, recorded from this source already: ") == 2
    assert (named.returncode, "nothing is recorded" in named.stderr) == (0, True)


def test_a_later_article_moves_what_was_announced_and_says_what_came_of_it(
    article: Path, data: Path, tmp_path: Path
) -> None:
    ingest(article, *MONDAY, "--data", data, "--accept", "all")

    later = written(tmp_path / "later.txt", LATER)
    shown = ingest(later, "--published", "2024-04-12", "--data", data, "--accept", "all")

    assert "-> says what came of japan-and-" in flat(shown)
    assert "instead of by the end of 2026" in flat(shown)
    (outcome,) = recorded(data, "announcement.outcome_reported")
    (moved,) = recorded(data, "announcement.rescheduled")
    assert (outcome["result"], outcome["on"]) == ("happened", "2024-04-10")
    assert moved["when"]["edtf"] == "../2027"


def test_what_is_put_off_without_a_new_date_is_postponed(article: Path, data: Path) -> None:
    ingest(article, *MONDAY, "--data", data, "--accept", SUMMIT)
    later = ("--published", "2024-04-09", "--data", data, "--accept", "1")

    shown = ingest("-", *later, stdin="Japan has postponed the summit with the Philippines until further notice.")

    assert "no date, taken off its date" in shown
    assert [fact["type"] for fact in recorded(data)][-1] == "announcement.postponed"


def test_another_article_corroborates_once_and_a_denial_cancels(article: Path, data: Path, tmp_path: Path) -> None:
    ingest(article, *MONDAY, "--data", data, "--accept", "all")
    text = (
        "Japan and the Philippines will hold a summit on Wednesday.\n"
        "Japan and the Philippines will meet for a summit on 10 April."
    )
    denied = "There is no such plan\nFrance will not open a battery plant in Ohio by 2026."

    other = written(tmp_path / "other.txt", text)
    shown = ingest(other, *MONDAY, "--data", data, "--accept", "all")
    ingest(written(tmp_path / "denied.txt", denied), "--published", "2024-05-01", "--data", data, "--accept", "all")

    assert "-> corroborates japan-and-" in shown
    assert len(recorded(data, "announcement.corroborated")) == 1
    assert len(recorded(data, "announcement.cancelled")) == 1


def test_what_an_article_says_twice_is_recorded_once_with_both_quotes(data: Path) -> None:
    text = f"{ARTICLE}The summit of Japan and the Philippines will be held in Manila on 10 April."

    done = run("ingest", "-", *MONDAY, "--data", data, "--accept", "all", stdin=text)

    (summit,) = [fact for fact in recorded(data, "announcement.made") if "summit" in fact["title"]]
    assert [text[one["start"] : one["end"]] for one in summit["citations"]] == [
        "Japan and the Philippines will hold a summit on Wednesday",
        "The summit of Japan and the Philippines will be held in Manila on 10 April",
    ]
    assert "2: it says the same as 1, and is cited for that" in done.stderr
    again = flat(ingest("-", *MONDAY, "--data", data, "--accept", "all", stdin=text))
    assert again.count("-> nothing to record, recorded from this source already: ") == 3


def test_a_page_is_read_for_its_article_and_says_when_it_was_published(data: Path, tmp_path: Path) -> None:
    rest = "It rained all day in the capital, and the streets were as empty as they had been for most of the week."
    about = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": "Summit in April",
        "datePublished": "2024-04-08T22:00:00-04:00",
        "publisher": {"@type": "Organization", "name": "Courier"},
    }
    page = (
        "<!doctype html><html lang=en><head><title>Summit in April</title>"
        f'<script type="application/ld+json">{json.dumps(about)}</script></head><body><nav><a href="/">Home</a></nav>'
        f"<article><h1>Summit in April</h1><p>{ARTICLE.splitlines()[1]}</p><p>{rest}</p></article></body></html>"
    )  # fmt: skip
    file = written(tmp_path / "page.html", page)

    shown = ingest(file, "--timezone", "America/New_York", "--data", data, "--accept", "all")
    unread = run("ingest", written(tmp_path / "undated.html", page.replace("datePublished", "x")))

    (source,) = recorded(data, "source.recorded")
    assert (source["publisher"], source["published_at"]) == ("Courier", "2024-04-09T02:00:00.000000Z")
    assert "10 April 2024 [2024-04-10], from “Wednesday”" in shown
    assert (unread.returncode, "--published" in unread.stderr) == (1, True)


def test_what_is_rejected_is_not_offered_again(article: Path, data: Path) -> None:
    shown = ingest(article, *MONDAY, "--data", data, "--reject", SUMMIT)
    again = ingest(article, *MONDAY, "--data", data)

    assert "hold a summit" in shown
    assert "hold a summit" not in again
    assert "[" + re.findall(r"\[([0-9a-f]{12})\]", shown)[2] + "]" in again  # Its number is another, its id is not.
    assert [fact["reading"] for fact in recorded(data, "source.candidate_rejected")] == ["2024-04-10"]


def test_what_denies_something_nobody_announced_is_not_recorded(article: Path, data: Path) -> None:
    done = run("ingest", article, *MONDAY, "--data", data, "--all", "--accept", ELECTION)

    assert (done.returncode, recorded(data)) == (0, [])
    assert f"{ELECTION}: it denies what the record does not have" in done.stderr


def test_a_running_server_is_gone_through(article: Path, tmp_path: Path) -> None:
    with Serving("--data", tmp_path / "data") as served:
        by_url = ingest(article, *MONDAY, "--server", served.url, "--token", served.token, "--accept", SUMMIT)
        by_directory = ingest(article, *MONDAY, "--data", served.data, DATELINE_TOKEN=served.token)
        without = run("ingest", article, *MONDAY, "--server", served.url)
        listed = json.loads(served.get("/v1/announcements"))

    assert "make_announcement" in by_url
    assert "recorded from this source already" in by_directory
    assert [one["when"]["edtf"] for one in listed["items"]] == ["2024-04-10"]
    assert (without.returncode, "token" in without.stderr) == (1, True)


def test_a_source_that_is_recorded_already_is_used(article: Path, data: Path) -> None:
    known = {"command": "record_source", "id": "bulletin", "title": "T", "publisher": "P", "published_at": "2024-04-08"}
    other = {**known, "id": "page", "url": "https://example.org/april", "published_at": "2024-04-09"}
    lines = json.dumps({**known, "text": ARTICLE}) + "\n" + json.dumps(other)
    assert run("append", "--data", data, stdin=lines).returncode == 0

    shown = ingest(article, *MONDAY, "--data", data, "--accept", SUMMIT)
    elsewhere = ("--url", "http://EXAMPLE.org/april/", "--published", "2024-04-09", "--data", data)
    changed = ingest("-", *elsewhere, "--accept", "1", stdin="France will hold a summit on 12 May.")

    assert ", recorded as bulletin\n" in shown
    assert ", recorded as page\n" in changed
    assert [fact["source"] for fact in recorded(data, "source.recorded")] == ["bulletin", "page"]
    made = recorded(data, "announcement.made")
    assert [fact["citations"][0]["source"] for fact in made] == ["bulletin", "page"]
    assert "verified" not in made[1]["citations"][0]


def test_a_known_text_is_read_as_of_its_recorded_publication(article: Path, data: Path) -> None:
    known = {"command": "record_source", "id": "bulletin", "title": "T", "publisher": "P", "published_at": "2024-04-15"}
    assert run("append", "--data", data, stdin=json.dumps({**known, "text": ARTICLE})).returncode == 0

    done = run("ingest", article, *MONDAY, "--data", data, "--accept", SUMMIT)

    assert "read as of 2024-04-15 (UTC), as recorded with bulletin" in done.stderr
    assert [fact["when"]["edtf"] for fact in recorded(data, "announcement.made")] == ["2024-04-17"]


def test_an_address_whose_text_was_another_stores_nothing(article: Path, data: Path) -> None:
    address = ("--url", "https://example.org/april")
    ingest(article, *MONDAY, *address, "--data", data, "--accept", SUMMIT)
    before = recorded(data)

    done = run(
        "ingest", "-", *MONDAY, *address, "--data", data, "--accept", "1", stdin="France will hold a summit on 12 May."
    )

    assert (done.returncode, recorded(data)) == (1, before)
    assert "do not stand in the text of source" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 1, "--published"),
        (("--published", "soon"), 1, "neither an RFC 3339 time nor a day"),
        ((*MONDAY, "--timezone", "Nowhere"), 1, "no time zone"),
        ((*MONDAY, "--language", "de"), 1, "texts in 'de' are not read"),
        ((*MONDAY, "--accept", "all"), 1, "there is no record in data"),
        ((*MONDAY, "--data", "DATA", "--accept", "9"), 2, "'9' is no candidate; there are 1 to 3"),
        ((*MONDAY, "--data", "DATA", "--accept", "2-1"), 2, "'2-1' is no candidate"),
        ((*MONDAY, "--data", "DATA", "--accept", "1,x"), 2, "'x' is no candidate"),
        ((*MONDAY, "--data", "DATA", "--accept", "1-2", "--reject", "2"), 2, "2 cannot be both"),
        ((*MONDAY, "--data", "DATA", "--accept", "all", "--reject", "all"), 2, "all cannot be both"),
        ((*MONDAY, "--data", "DATA/none"), 1, "there is no record"),
        (("--published", "2999-01-01", "--data", "DATA", "--accept", "1"), 1, "hours ahead"),
        ((*MONDAY, "--title", "x" * 301, "--data", "DATA", "--accept", "1"), 1, "length <= 300"),
        ((*MONDAY, "--names", "/nowhere/names"), 2, "does not exist"),
    ],
)
def test_what_cannot_be_done_is_refused_and_stores_nothing(
    article: Path, data: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = run("ingest", article, *(part.replace("DATA", str(data)) for part in arguments))

    assert (done.returncode, done.stderr != "") == (code, True), done.stderr
    assert said in " ".join(done.stderr.replace("│", " ").split())
    assert "DATA" not in arguments or recorded(data) == []


def test_a_file_that_is_not_there_or_has_no_words_is_refused(tmp_path: Path) -> None:
    missing = run("ingest", tmp_path / "none.txt", *MONDAY)
    empty = run("ingest", written(tmp_path / "empty.txt", " \n"), *MONDAY)
    endless = run("ingest", "/dev/zero", *MONDAY)

    assert (missing.returncode, "none.txt cannot be used" in missing.stderr) == (1, True)
    assert (empty.returncode, "no words" in empty.stderr) == (1, True)
    assert (endless.returncode, endless.stderr) == (1, "Error: /dev/zero is larger than 8388608 bytes\n")


def test_only_addresses_of_the_web_are_fetched_and_only_where_that_is_allowed() -> None:
    other = run("ingest", "ftp://example.org/a", *MONDAY)
    here = run("ingest", "HTTP://127.0.0.1/a", *MONDAY)
    wrong = run("ingest", "http://127.0.0.1/a", *MONDAY, DATELINE_OUTBOUND_ALLOW="nowhere")

    assert (other.returncode, "no http or https address" in other.stderr) == (1, True)
    assert (here.returncode, "not for everybody" in here.stderr) == (1, True)
    assert (wrong.returncode, wrong.stderr.count("\n")) == (1, 1)
    assert "DATELINE_OUTBOUND_ALLOW must be addresses and networks" in wrong.stderr


def test_what_a_text_says_reaches_no_terminal_as_commands(data: Path) -> None:
    text = "Japan and \x1b[2JFrance will hold a summit on Wednesday.\n"

    alone = run("ingest", "-", *MONDAY, stdin=text)
    kept = run("ingest", "-", *MONDAY, "--data", data, "--accept", "all", stdin=text)

    assert (alone.returncode, kept.returncode) == (0, 0)
    assert "\x1b" not in alone.stdout + alone.stderr + kept.stdout + kept.stderr
    assert "summit" in kept.stdout


def test_an_editor_s_own_names_are_read(tmp_path: Path) -> None:
    names = written(tmp_path / "names.txt", "company  brightwater  Brightwater Dredging | aka: Brightwater\n")
    text = "Brightwater and Japan will hold a meeting on Wednesday."

    assert "by brightwater, japan" in ingest("-", *MONDAY, "--names", names, stdin=text)
    assert "by brightwater, japan" in ingest("-", *MONDAY, stdin=text, DATELINE_NAMES_FILE=str(names))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """The address of a directory that is served here."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_text_at_an_address_is_fetched_where_it_may_be(article: Path, data: Path, site: str) -> None:
    url = f"{site}/{article.name}"

    refused = run("ingest", url, *MONDAY)
    shown = ingest(url, *MONDAY, "--data", data, "--accept", SUMMIT, DATELINE_OUTBOUND_ALLOW="127.0.0.1")

    assert (refused.returncode, refused.stdout) == (1, "")
    assert re.search(TITLE, shown)
    (source,) = recorded(data, "source.recorded")
    assert (source["url"], source["publisher"]) == (url, "127.0.0.1")


class Terminal:
    """A command at a terminal: what it says is read up to where it asks."""

    def __init__(self, command: Command) -> None:
        ours, theirs = pty.openpty()
        self._ours = ours
        self.process = subprocess.Popen(
            command.command, stdin=theirs, stdout=theirs, stderr=theirs, env=command.environment, close_fds=True
        )
        os.close(theirs)
        self.said = ""

    def until(self, words: str) -> None:
        """Read until some words were said since the last answer."""
        deadline, heard = time.monotonic() + PATIENCE_S, ""
        while words not in heard:
            assert time.monotonic() < deadline, self.said
            ready, _, _ = select.select([self._ours], [], [], 0.1)
            if ready:
                heard += os.read(self._ours, 4096).decode(errors="replace")
        self.said += heard

    def answer(self, words: str) -> None:
        os.write(self._ours, words.encode() + b"\n")

    def end(self) -> int:
        """Read to the end, and return the exit code."""
        deadline = time.monotonic() + PATIENCE_S
        while self.process.poll() is None or select.select([self._ours], [], [], 0)[0]:
            if time.monotonic() > deadline:
                self.process.kill()
            try:
                if select.select([self._ours], [], [], 0.1)[0]:
                    self.said += os.read(self._ours, 4096).decode(errors="replace")
            except OSError:  # So ends a terminal that nobody writes to any more.
                break
        os.close(self._ours)
        return self.process.wait(PATIENCE_S)


def test_at_a_terminal_each_is_asked_for(article: Path, data: Path) -> None:
    command = Command("ingest", article, *MONDAY, "--data", data, "--publisher", "P", TERM="xterm", COLUMNS="80")
    terminal = Terminal(command)

    terminal.until("? help [s]: ")
    terminal.answer("t")
    terminal.until("title [")
    terminal.answer("Summit of two")
    terminal.until("? help [s]: ")
    terminal.answer("r")

    assert terminal.end() == 0
    assert [fact["title"] for fact in recorded(data, "announcement.made")] == ["Summit of two"]
    assert [fact["reading"] for fact in recorded(data, "source.candidate_rejected")] == ["../2026"]
    assert "\x1b[" in terminal.said


def test_at_a_terminal_nothing_is_recorded_of_what_is_skipped(article: Path, data: Path) -> None:
    terminal = Terminal(Command("ingest", article, *MONDAY, "--data", data, TERM="xterm", COLUMNS="80"))

    terminal.until("? help [s]: ")
    terminal.answer("")
    terminal.until("? help [s]: ")
    terminal.answer("q")

    assert terminal.end() == 0
    assert recorded(data) == []
