"""The text of a source stays behind `read:text`: nothing that is public says a word of it that was not quoted."""

import logging
import re
from collections.abc import Iterator
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote

import pytest

from api.app import Service
from tests.api.inside import Answer, Route, ask, inside, routes_of
from tests.api.served import ADMIN
from tests.api.test_scopes import NEEDED

OPERATOR: Final = {"Authorization": f"Bearer {ADMIN}"}
SENTENCES: Final = 12
WORDS: Final = 9
QUOTED: Final = (2, 5, 8)
"""The sentences of each text that are quoted somewhere."""
SOURCES: Final = ("first", "second", "withdrawn")


def sentence(source: str, number: int) -> list[str]:
    """Return words that stand nowhere else in the world."""
    digests = (sha256(f"{source} {number} {place}".encode()).hexdigest() for place in range(WORDS))
    return ["q" + re.sub(r"\d", lambda digit: "ghijklmnop"[int(digit[0])], digest[:10]) for digest in digests]


def said(source: str, number: int) -> str:
    return " ".join(sentence(source, number))


def text(source: str) -> str:
    return ". ".join(said(source, number) for number in range(SENTENCES)) + "."


def cited(source: str, which: int, **more: Any) -> list[dict[str, Any]]:
    return [{"source": source, "quote": said(source, QUOTED[which]), **more}]


# What a route needs to be answered with 200; a new route that takes parameters says them here.
WORD: Final = sentence("first", 0)[0]
"""A word that was not quoted."""
PARTS: Final = {
    "sources": {"id": ["first", "withdrawn"]},
    "announcements": {"id": ["visit"]},
    "actors": {"id": ["office"]},
    "timelines": {"slug": ["all"]},
    "embed": {"slug": ["all"]},
    "static": {"name": ["dateline.css"]},
    "widget": {"name": ["dateline.js"]},
}
PARAMETERS: Final = {
    "/search": ["", "q=visit", f"q={WORD}"],
    "/v1/search": ["q=visit", f"q={WORD}", f"q={WORD[:5]}"],
    "/v1/dates": ["text=2024"],
    "/v1/log/consistency": ["first=1"],
    "/v1/feed": ["from=start", "from=start&include=state"],
    "/v1/timelines/{slug}/stream": ["from=start", "from=start&include=state"],
    "/oembed": ["url=http%3A%2F%2Flocalhost%2Ftimelines%2Fall"],
    "/embed/{slug}": ["", "part=timeline", "part=drawing"],
}

SECRET: Final = frozenset(
    word
    for source in SOURCES
    for number in range(SENTENCES)
    if number not in QUOTED
    for word in sentence(source, number)
)


def leaked(body: str) -> set[str]:
    """Return the secret words in a body, however it breaks its lines and writes its letters."""
    plain = unquote(re.sub(r"\r?\n[ \t]", "", body))
    return set(re.findall(r"q[a-z]{10}", plain.lower())) & SECRET


keys = (str(number) for number in count())


async def write(service: Service, path: str, body: dict[str, Any]) -> Answer:
    return await ask(service, "POST", path, body, {**OPERATOR, "Idempotency-Key": next(keys)})


async def record(service: Service) -> None:
    """Record texts, and quote something of them in every way there is."""
    steps: list[tuple[str, dict[str, Any]]] = [
        ("/v1/actors", {"id": "office", "names": {"en": "The Office"}, "kind": "office"}),
        *(
            ("/v1/sources", {"id": id, "title": f"Bulletin {id}", "publisher": "P", "published_at": "2024-04-01",
                             "text": text(id)})
            for id in SOURCES
        ),
        ("/v1/rubrics", {"version": "1", "text": "What it means."}),
        ("/v1/announcements", {"id": "visit", "title": "A visit", "when": "2024-04-10", "topics": ["trade"],
                               "actors": [{"id": "office"}], "citations": cited("first", 0)}),
        ("/v1/announcements", {"id": "other", "title": "Another", "when": "2025", "citations": cited("withdrawn", 0)}),
        ("/v1/announcements/visit/reschedule", {"when": "2024-05-01", "reason": "Later.",
                                                "citations": cited("second", 0)}),
        ("/v1/announcements/visit/corroborate", {"citations": cited("withdrawn", 1)}),
        ("/v1/announcements/visit/progress", {"text": "It goes on.", "citations": cited("first", 1)}),
        ("/v1/announcements/visit/outcome", {"result": "happened", "on": "2024-05-01", "reason": "It was.",
                                             "citations": cited("second", 1, said_at="2024-05-02")}),
        ("/v1/announcements/visit/link", {"relation": "follows", "to": "other", "citations": cited("first", 2)}),
        ("/v1/announcements/visit/amend", {"set": {"title": "The visit"}, "origin": "editor", "reason": "Misread."}),
        ("/v1/sources/first/reject", {"candidates": [{"start": 0, "end": 60, "edtf": "2024"}]}),
        ("/v1/sources/first/correct", {"set": {"author": "A. Writer"}, "reason": "It says so."}),
        ("/v1/sources/withdrawn/withdraw", {"reason": "It was wrong."}),
        ("/v1/timelines", {"slug": "all", "title": "All", "query": {"source": list(SOURCES)}}),
    ]  # fmt: skip
    for path, body in steps:
        answer = await write(service, path, body)
        assert answer.status == 201, answer.json()
        assert leaked(answer.body.decode()) == set()


def addresses(route: Route, head: int) -> Iterator[str]:
    """Yield real addresses of a route."""
    parts = {
        "path": ["0/000.p/1", "entries/000.p/10"],
        "position": list(map(str, range(1, head + 1))),
        **PARTS.get(route.path.split("/")[-2], {}),
    }
    thing = next((part for part in route.path.split("/") if part in PARTS), "")
    parts.update(PARTS.get(thing, {}))
    targets = [route.path.replace("/.", ".")]
    for name, values in parts.items():
        targets = [target.replace(f"{{{name}}}", value) for target in targets for value in values]
    for target in dict.fromkeys(targets):
        for query in PARAMETERS.get(route.path, [""]):
            yield f"{target}?{query}" if query else target


async def visited(service: Service) -> dict[str, Answer]:
    """Return the answers of everything that is public."""
    head = (await service.log.head()).position
    answers = {}
    for route in sorted(routes_of(service), key=lambda route: route.path):
        if route.method != "GET" or NEEDED.get(route, "read") not in (None, "read"):
            continue
        for target in addresses(route, head):
            answers[target] = await ask(service, "GET", target, until=b"event: caught-up")
            if route.path.startswith("/v1/"):
                answers[f"{target} as a page"] = await ask(service, "GET", target, headers={"Accept": "text/html"})
    return answers


def holders(data: Path) -> set[str]:
    """Return the files of a directory that hold secret words, a database as one with its journals."""
    return {
        path.relative_to(data).as_posix().partition("-")[0]
        for path in data.rglob("*")
        if path.is_file() and leaked(path.read_bytes().decode("latin-1"))
    }


async def test_nothing_public_says_a_word_that_was_not_quoted(data: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with inside(data, log_requests="all") as service:
        await record(service)
        answers = await visited(service)
        private = await ask(service, "GET", "/v1/sources/first/text", headers=OPERATOR)
        hidden = await ask(service, "GET", "/v1/sources/first/text")

    plain = {target: answer for target, answer in answers.items() if " " not in target}
    assert {target: answer.status for target, answer in plain.items() if answer.status != 200} == {}
    told = {target: f"{answer.headers} {answer.body.decode(errors='replace')}" for target, answer in answers.items()}
    leaks = {target: leaked(body) - leaked(target) for target, body in told.items()}  # What was asked may be repeated.
    assert {target: words for target, words in leaks.items() if words} == {}
    assert leaked(caplog.text) == set()
    assert private.body.decode() == text("first")
    assert (hidden.status, leaked(hidden.body.decode())) == (401, set())


async def test_what_was_quoted_is_told_so_that_the_search_for_secrets_is_one(data: Path) -> None:
    async with inside(data) as service:
        await record(service)
        answers = await visited(service)

    quoting = {
        target for target, answer in answers.items() if said("first", QUOTED[0]) in answer.body.decode(errors="replace")
    }
    assert {"/v1/announcements/visit", "/v1/feed?from=start", "/announcements/visit", "/v1/events"} <= quoting
    assert leaked(text("first").upper()) == {word for word in SECRET if word in text("first")}


async def test_nobody_finds_out_what_stands_in_a_text_by_searching_it(data: Path) -> None:
    async with inside(data) as service:
        await record(service)
        for word in (said("first", 0), WORD, WORD[:5]):
            for path in ("/v1/announcements", "/v1/search"):
                found = await ask(service, "GET", f"{path}?q={quote(word)}")

                assert (found.status, found.json()["total"]) == (200, 0)


async def test_a_refused_quote_does_not_say_what_stands_there_instead(data: Path) -> None:
    async with inside(data) as service:
        await record(service)
        for citation in (
            {"source": "first", "quote": "no such words"},
            {"source": "first", "quote": said("first", 2), "start": 0},
            {"source": "first", "quote": said("first", 2), "start": 3, "end": 9},
            {"source": "first", "quote": said("first", 2)[:-1] + "x"},
        ):
            answer = await write(service, "/v1/announcements", {"title": "A", "citations": [citation]})

            assert answer.status in (400, 422)
            assert leaked(answer.body.decode()) == set()
        again = await write(
            service,
            "/v1/sources",
            {"title": "Again", "publisher": "P", "published_at": "2024-04-01", "text": text("first")},
        )
        assert (again.status, leaked(again.body.decode())) == (409, set())


async def test_a_text_lies_in_the_private_store_and_in_no_other_file(data: Path) -> None:
    async with inside(data) as service:
        await record(service)
        await service.views.wait_for((await service.log.head()).position, 5)
        holding = holders(data)

    assert holding == {"state.db"}
