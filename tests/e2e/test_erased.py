"""Erased means gone: a marked sentence, put everywhere a sentence can stand, is in no file after its erasure."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from events.log.entry import entry_of
from events.log.merkle import hashes_of, inclusion, leaf_hash
from events.log.port import Query
from events.log.proving import root_from
from events.log.sqlite import open_sqlite
from tests.api.served import Served

WORDS = ("Qxalborun", "Vyzdrematik", "Zwoltepine")
MARKED = f"{' '.join(WORDS)} is to be questioned."
QUOTED = " ".join(WORDS)
TEXT = f"In other news: {MARKED} On 10 April 2024."
ENTRIES = (
    ("/v1/sources", {"id": "plain", "title": "Plain", "publisher": "P", "published_at": "2024-04-01",
                     "text": "Nothing of that kind. On 11 April 2024."}),
    ("/v1/sources", {"id": "leak", "title": f"Bulletin: {QUOTED}", "publisher": "P", "published_at": "2024-04-01",
                     "text": TEXT}),
    ("/v1/announcements", {"id": "titled", "title": f"Questioning of {QUOTED}", "when": "2024-04-10",
                           "citations": [{"source": "plain", "quote": "On 11 April 2024"}]}),
    ("/v1/announcements", {"id": "quoting", "title": "A visit", "when": "2024-04-10",
                           "citations": [{"source": "leak", "quote": MARKED}]}),
    ("/v1/announcements/quoting/reschedule", {"when": "2024-04-11", "reason": f"Because of {QUOTED}.",
                                              "citations": [{"source": "plain", "quote": "On 11 April 2024"}]}),
    ("/v1/announcements", {"id": "kept", "title": "A law", "when": "2024-04-11",
                           "citations": [{"source": "plain", "quote": "On 11 April 2024"}]}),
    ("/v1/timelines", {"slug": "all", "title": "All", "query": {"source": ["plain", "leak"]}}),
)  # fmt: skip
MARKED_ENTRIES = (2, 3, 4, 5)


class Proof(NamedTuple):
    """That an entry is one of the first `size` whose root is `root`."""

    entry: bytes
    at: int
    size: int
    root: bytes


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def holding(data: Path, words: tuple[str, ...] = (*WORDS, MARKED)) -> dict[str, set[str]]:
    """Return which files hold which of the words, whatever their letters."""
    found = {
        path.relative_to(data).as_posix(): {word for word in words if word.lower().encode() in content}
        for path in data.rglob("*")
        if path.is_file() and (content := path.read_bytes().lower())
    }
    return {name: words for name, words in found.items() if words}


def record(served: Served) -> None:
    for path, body in ENTRIES:
        assert served.post(path, body).status_code == 201


async def proofs(data: Path) -> list[Proof]:
    """Return a proof of every entry there is, as anybody could have kept it."""
    engine = await open_sqlite(data)
    head = await engine.log.head()
    events = (await engine.log.read(Query.all())).events
    await engine.close()
    return [Proof(entry_of(event), index, head.position, head.root) for index, event in enumerate(events)]


async def hold(data: Path, kept: list[Proof]) -> bool:
    """Say whether proofs hold in the log as it is now, and all of it does."""
    engine = await open_sqlite(data)
    try:
        for proof in kept:
            path = inclusion(proof.at, proof.size)
            nodes = await engine.log.nodes([place for places in path for place in places])
            found = root_from(leaf_hash(proof.entry), index=proof.at, size=proof.size, path=hashes_of(path, nodes))
            assert found == proof.root
        return (await engine.log.verify()).last == (await engine.log.head()).position
    finally:
        await engine.close()


def reads(served: Served) -> Iterator[tuple[str, str]]:
    """Yield what the public reads, wherever the words could stand."""
    for path in (
        "/v1/announcements", "/v1/announcements/quoting", "/v1/announcements/quoting/history", "/v1/sources",
        "/v1/sources/leak", "/v1/timelines/all", "/v1/timelines/all.csv", "/v1/timelines/all.atom", "/v1/events",
        f"/v1/search?q={WORDS[0]}", f"/v1/search?q={WORDS[1][:4]}*", "/v1/announcements?as_of=6",
        "/timelines/all", "/announcements/quoting", "/announcements/titled", "/log", f"/search?q={WORDS[2]}",
    ):  # fmt: skip
        yield path, served.public.get(path).text.lower().replace(f"q={WORDS[2]}".lower(), "")


def showing(served: Served) -> set[str]:
    words = [word.lower() for word in WORDS]
    return {path for path, body in reads(served) if "search?" not in path and any(word in body for word in words)}


def found(served: Served) -> int:
    total: int = served.public.get("/v1/search", params={"q": WORDS[0]}).json()["total"]
    return total


def erase(served: Served) -> list[dict[str, Any]]:
    """Erase all of it, as the dry run of the text tells what there is."""
    reason = {"reason": "A person who is not public."}
    told = served.post("/v1/sources/leak/erase?dry_run=true", reason).json()
    assert told["quoted_by"] == [{"position": 4, "announcement": "quoting"}]
    answers = [served.post("/v1/sources/leak/erase", reason)]
    answers += [served.post(f"/v1/events/{position}/erase", reason) for position in MARKED_ENTRIES]
    assert {answer.status_code for answer in answers} == {201}
    return [answer.json() for answer in answers]


def test_a_sentence_that_was_erased_is_in_no_file_found_by_no_search_and_proofs_still_hold(data: Path) -> None:
    with Served(data) as served:
        record(served)
        served.get("/v1/announcements")
        files = holding(data)
        assert found(served) == 2
        assert showing(served) >= {"/v1/announcements", "/v1/sources", "/v1/events", "/announcements/quoting"}
    views = {word for name, words in files.items() if name.startswith("views/") for word in words}
    assert {name.partition("-wal")[0] for name in files if "/" not in name} == {"log.db", "state.db"}
    assert views >= set(WORDS), "the words of the index are there to be seen"
    kept = asyncio.run(proofs(data))

    with Served(data) as served:
        list(reads(served))  # Whatever is answered from memory is in it.
        answers = erase(served)
        assert [answer["pending"] for answer in answers] == [[]] * len(answers)
        assert holding(data) == {}
        assert found(served) == 0
        assert showing(served) == set()
        assert [one["id"] for one in served.get("/v1/announcements")["items"]] == ["kept"]
        assert [one["data"] for one in served.get("/v1/announcements/quoting/history")["items"]] == [None, None]
    assert holding(data) == {}
    assert asyncio.run(hold(data, kept))

    with Served(data) as served:
        assert showing(served) == set()
        assert holding(data) == {}
