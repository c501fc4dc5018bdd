"""Plays the examples of the API's description, in their order, and reads every page: for whole answers to compare.

`python -m tests.api.scenario` plays them against a fresh server, shows what differs from what was written down, and
writes it down: for somebody who added an example (with any answer) or a page, or who changed an answer and meant to.
"""

import difflib
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import httpx2
import msgspec

from api.openapi.examples import FILE, Example, read_examples
from tests.api.conforming import Described
from tests.api.served import ROOT, Served

_MONTH = "(January|February|March|April|May|June|July|August|September|October|November|December)"
_YEAR = r"20(2[6-9]|[3-9]\d)"
FIXED = tuple(
    (re.compile(pattern), fixed)
    for pattern, fixed in (
        (rf"{_YEAR}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{6}}Z", "2026-01-05T09:30:00.000000Z"),
        (rf"{_YEAR}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|\+00:00)", "2026-01-05T09:30:00Z"),
        (rf"{_YEAR}\d{{4}}T\d{{6}}Z", "20260105T093000Z"),
        (rf"\b\d{{1,2}} {_MONTH} {_YEAR}(?P<comma>\\*,) \d\d:\d\d UTC", r"5 January 2026\g<comma> 09:30 UTC"),
        (rf"\b\d{{1,2}} {_MONTH} {_YEAR}\b", "5 January 2026"),
        (rf"\[{_YEAR},\d+,\d+\]", "[2026,1,5]"),
        (rf"{_YEAR}/\d\d/\d\d/", "2026/01/05/"),
        (rf"(?<=PY  - ){_YEAR}", "2026"),
        (rf"year = {{{_YEAR}}},\n  month = {{\d+}},\n  day = {{\d+}}", "year = {2026},\n  month = {1},\n  day = {5}"),
        ("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "019b8d52-7c40-7a5e-8f21-5d0c3e9a41b7"),
        ('(?<="root":")[0-9a-f]{64}|(?<=<code>)[0-9a-f]{64}(?=</code>)', "c9" * 32),
        (r"\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}", "+deadbeef+" + "Ac" + "n5" * 21),
        ("[A-Za-z0-9+/]{91}=", "3q2+7" + "yc" * 43 + "="),
        ("[A-Za-z0-9+/]{43}=", "yc" * 21 + "k="),
        ("(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{22}==", "yc" * 10 + "yQ=="),
        (r'(?<=\\"data_hash\\":\\")[0-9a-f]{64}', "c9" * 32),
        ("dl_[A-Za-z0-9_-]{40,}", "dl_" + "x" * 43),
        (r"\bp-[0-9a-f]{16}\b", "p-0123456789abcdef"),
        ('(?<="id":")[0-9a-f]{16}(?=")', "89abcdef01234567"),
    )
)
"""What differs from run to run, and what stands for it. The examples themselves speak of no year after 2025."""


PAGES = {
    "home.html": "/",
    "about.html": "/about",
    "actors.html": "/actors",
    "actor.html": "/actors/japan",
    "announcement.html": "/announcements/command?said_by=2024-12-31",
    "corrections.html": "/corrections",
    "log.html": "/log",
    "rubric.html": "/rubric",
    "search.html": "/search?q=washington",
    "timeline.html": "/timelines/spring-2024?said_by=2024-12-31",
    "embed.html": "/embed/spring-2024?said_by=2024-12-31",
    "alone.html": "/v1/timelines/spring-2024.html?said_by=2024-12-31",
    "alone.svg": "/v1/timelines/spring-2024.svg?said_by=2024-12-31",
}
"""Files in `tests/data/whole-bodies/`, and what they hold. A page that draws today is asked for another day."""
STREAMS = {"feed", "timeline_stream"}
"""Operations whose answers have no end; `tests/feed` reads them."""
BODIES = ROOT / "tests" / "data" / "whole-bodies"
PUBLIC_URL = "https://dateline.example"


class Player:
    """Sends examples to a server. `described` is the description that the server gives."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.described = Described(served.get("/openapi.json"))
        self._paths = {one["operationId"]: (method, path) for method, path, one in self.described.operations()}
        self._real: dict[str, str] = {}

    def play(self, examples: Sequence[Example]) -> Iterator[httpx2.Response]:
        """Yield the answer of each example."""
        for number, example in enumerate(examples):
            yield self.send(example, key=f"example-{number}")

    def send(self, example: Example, *, key: str) -> httpx2.Response:
        """Return the answer of one example, under a key."""
        method, path = self._paths[example.operation]
        asked = {name: self._real.get(str(value), value) for name, value in example.parameters.items()}
        for name in re.findall(r"{(\w+)}", path):
            path = path.replace(f"{{{name}}}", quote(str(asked.pop(name)), safe=""))
        headers = {"Idempotency-Key": key}
        answer = self.served.api.request(method, path, params=asked, json=example.body, headers=headers)
        self.settled(answer.text)
        return answer

    def page(self, target: str) -> str:
        """Return a page, settled."""
        answer = self.served.public.get(target, headers={"Accept": "*/*"})
        assert answer.status_code == 200, answer.text
        return self.settled(answer.text)

    def settled(self, text: str) -> str:
        """Return a text with fixed values for what differs from run to run; remembers what they stand for."""
        for pattern, fixed in FIXED:
            found = pattern.search(text)
            if found:
                self._real[fixed] = found[0]
                text = pattern.sub(fixed, text)
        return text

    def answered(self, example: Example, answer: httpx2.Response) -> Example:
        """Return an example with the answer that was given to it, settled."""
        text = self.settled(answer.text.replace("\r\n ", ""))  # A calendar's lines are folded by their length.
        is_json = answer.headers.get("content-type", "").endswith("json")
        body = msgspec.json.decode(text) if is_json else text or None
        return msgspec.structs.replace(example, status=answer.status_code, answer=body)


class Played:
    """All examples, in their order, and how they were answered."""

    def __init__(self, served: Served) -> None:
        self.player = Player(served)
        self.examples = read_examples()
        self.answers = list(self.player.play(self.examples))


def readable(examples: Sequence[Any]) -> str:
    """Return examples as they are kept."""
    return msgspec.json.format(msgspec.json.encode(examples), indent=1).decode() + "\n"


def main() -> None:
    """Write what is answered now, and show in what that differs from what was written before."""
    examples = read_examples()
    with TemporaryDirectory() as folder, Served(Path(folder), public_url=PUBLIC_URL) as served:
        player = Player(served)
        now = [player.answered(one, answer) for one, answer in zip(examples, player.play(examples), strict=True)]
        _write(FILE, readable(now))
        for name, target in PAGES.items():
            _write(BODIES / name, player.page(target))


def _write(file: Path, text: str) -> None:
    """Write a file, and show in what it differs from what it was."""
    before = file.read_bytes().decode() if file.exists() else ""
    sys.stdout.writelines(difflib.unified_diff(before.splitlines(True), text.splitlines(True), str(file), "now", n=2))
    file.write_bytes(text.encode())


if __name__ == "__main__":
    main()
