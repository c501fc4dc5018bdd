"""What a log answers is believed only as far as a note covers it, and what cannot be proved is not taken."""

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.served import ADMIN, Served, source
from tests.cli.commands import run
from tests.cli.test_follow import stored
from tests.lying import Answer, Change, between

ENTRIES = 300


class Again:
    """Tells the last page of commits again and again, where there is nothing more."""

    def __init__(self) -> None:
        self._last: list[Any] = []

    def __call__(self, path: str, status: int, body: bytes) -> Answer:
        if not path.startswith("/v1/log/commits"):
            return status, body
        page = json.loads(body)
        self._last = page["commits"] or self._last
        return status, json.dumps({**page, "commits": self._last}).encode()


def described(number: int) -> dict[str, Any]:
    """Return a source; the first few have a text."""
    body = source(f"s-{number}")
    return body if number < 10 else {name: value for name, value in body.items() if name != "text"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("served") / "data") as served:
        for start in range(0, ENTRIES, 100):
            commands = [{"command": "record_source", **described(n)} for n in range(start, start + 100)]
            assert served.post("/v1/batch", {"commands": commands}).status_code == 201
        yield served


def commits(change: Callable[[dict[str, Any]], object]) -> Change:
    """Return what changes each page of commits."""

    def told(path: str, status: int, body: bytes) -> Answer:
        if not path.startswith("/v1/log/commits"):
            return status, body
        page = json.loads(body)
        if page["commits"]:
            change(page)
        return status, json.dumps(page).encode()

    return told


def with_data(page: dict[str, Any]) -> None:
    """Change what a source is called, under the same hash."""
    entry = page["commits"][0]["entries"][6]
    entry["data"] = base64.b64encode(base64.b64decode(entry["data"]).replace(b"desk", b"disk")).decode()


def with_entry(page: dict[str, Any]) -> None:
    """Change an entry itself, whose data still fit it."""
    entry = page["commits"][0]["entries"][6]
    entry["entry"] = base64.b64encode(base64.b64decode(entry["entry"]).replace(b'"admin"', b'"nimda"')).decode()


def without_data(page: dict[str, Any]) -> None:
    """Keep back what an entry was recorded with, as if it had been erased."""
    page["commits"][0]["entries"][6] |= {"data": None, "salt": None}


def without_an_entry(page: dict[str, Any]) -> None:
    page["commits"][1]["entries"].pop()


def without_a_commit(page: dict[str, Any]) -> None:
    del page["commits"][1]


def without_the_last_commit(page: dict[str, Any]) -> None:
    del page["commits"][-1]


def tile_of_zeros(path: str, status: int, body: bytes) -> Answer:
    return (status, bytes(len(body))) if path.startswith("/tile/0/") else (status, body)


def short_tile(path: str, status: int, body: bytes) -> Answer:
    return (status, body[:-1]) if path.startswith("/tile/") else (status, body)


def other_note(path: str, status: int, body: bytes) -> Answer:
    return (status, body.replace(b"\n300\n", b"\n299\n")) if path == "/checkpoint" else (status, body)


def no_note(path: str, status: int, body: bytes) -> Answer:
    return (status, b"<html>\xff</html>") if path == "/checkpoint" else (status, body)


def no_answer(path: str, status: int, body: bytes) -> Answer:
    return (status, b"<html></html>") if path.startswith("/v1/log/commits") else (status, body)


def coloured_note(path: str, status: int, body: bytes) -> Answer:
    return (status, body.replace(b"dateline.invalid", b"\x1b]0;yours\x07")) if path == "/checkpoint" else (status, body)


def refusal(path: str, status: int, body: bytes) -> Answer:
    return 400, b'{"status": 400, "detail": "\\u001b[2Jgone\\u009b1m"}'


def other_id(path: str, status: int, body: bytes) -> Answer:
    return (
        (status, json.dumps({**json.loads(body), "log_id": "../copy"}).encode())
        if path == "/v1/log"
        else (status, body)
    )


@pytest.mark.parametrize("lie", [coloured_note, refusal, other_id])
def test_what_a_log_says_does_not_reach_the_terminal_as_commands_and_makes_no_copy(
    served: Served, tmp_path: Path, lie: Change
) -> None:
    with between(served.url, lie) as url:
        done = run("follow", url, "--notes", tmp_path / "notes", "--once", "--adopt", "--data", tmp_path / "copy")

    assert done.returncode == 1
    assert not set(done.stderr) & {"\x1b", "\x07", "\x9b"}
    assert "Error: " in done.stderr
    if lie is other_id:
        assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize(
    ("lie", "why"),
    [
        (commits(with_data), "the data of entry 7 is another"),
        (commits(with_entry), "the roots over the first 300 of 300 leaves are not the same"),
        (commits(without_data), "entry 7 comes without what it was recorded with, and no entry of the log says"),
        (commits(without_an_entry), "entry 101 is not of this commit"),
        (commits(without_a_commit), "entry 201 does not follow 100"),
        (commits(without_the_last_commit), "the log tells 200 of them"),
        (other_note, "the signature of"),
        (no_note, "is no text"),
        (no_answer, "is no answer of Dateline"),
    ],
    ids=[
        "data",
        "entry",
        "no-data",
        "an-entry-less",
        "a-commit-less",
        "cut-off",
        "note",
        "no-note",
        "no-answer",
    ],
)
def test_nothing_is_adopted_that_no_note_covers(served: Served, tmp_path: Path, lie: Change, why: str) -> None:
    with between(served.url, lie) as url:
        done = run(
            "follow", url, "--notes", tmp_path / "notes", "--once", "--adopt", "--data", tmp_path / "copy",
            DATELINE_TOKEN=ADMIN,
        )  # fmt: skip

    assert done.returncode == 1
    assert why in done.stderr
    assert not (tmp_path / "notes" / "latest").exists()
    assert len(stored(tmp_path / "copy")) == (2 if "200 of them" in why else 0)


@pytest.mark.parametrize("lie", [tile_of_zeros, short_tile], ids=["zeros", "short"])
def test_tiles_that_prove_nothing_are_taken_for_no_proof(served: Served, tmp_path: Path, lie: Change) -> None:
    notes = tmp_path / "notes"
    assert run("follow", served.url, "--notes", notes, "--once").returncode == 0
    kept = (notes / "latest").read_text()
    served.post("/v1/sources", source(f"later-{lie.__name__}".replace("_", "-")))

    with between(served.url, lie) as url:
        done = run("follow", url, "--notes", notes, "--once")

    assert done.returncode == 1
    assert (notes / "latest").read_text() == kept
    assert len(list(notes.glob("conflict-*"))) == 1


def test_commits_that_are_told_again_and_again_come_to_an_end(served: Served, tmp_path: Path) -> None:
    with between(served.url, Again()) as url:
        done = run("follow", url, "--notes", tmp_path / "notes", "--once", "--adopt", "--data", tmp_path / "copy")

    assert done.returncode == 1
    assert "are told in no order, or again" in done.stderr


def test_a_copy_erases_what_the_entries_say_and_nothing_on_the_servers_word(served: Served, tmp_path: Path) -> None:
    def erasing(page: dict[str, Any]) -> None:
        page["commits"][1]["erases"] = [7]

    with between(served.url, commits(erasing)) as url:
        done = run("follow", url, "--notes", tmp_path / "notes", "--once", "--adopt", "--data", tmp_path / "copy")

    assert done.returncode == 0, done.stderr
    assert stored(tmp_path / "copy")[0].entries[6].data is not None


def test_a_text_is_kept_only_if_it_is_the_one_that_was_recorded(served: Served, tmp_path: Path) -> None:
    def other_text(path: str, status: int, body: bytes) -> Answer:
        return (status, body.upper()) if path.startswith("/v1/sources/s-7/") else (status, body)

    with between(served.url, other_text) as url:
        done = run(
            "follow", url, "--notes", tmp_path / "notes", "--once", "--adopt", "--data", tmp_path / "copy",
            DATELINE_TOKEN=ADMIN,
        )  # fmt: skip

    assert done.returncode == 0, done.stderr
    content = (tmp_path / "copy" / "state.db").read_bytes()
    assert b"s-8 says: The meeting" in content
    assert b"S-7 SAYS" not in content
    assert b"s-7 says: The meeting" not in content


def test_a_log_of_static_files_needs_to_keep_no_partial_tile_that_is_full_by_now(
    served: Served, tmp_path: Path
) -> None:
    asked: list[str] = []

    def full_ones(path: str, status: int, body: bytes) -> Answer:
        asked.append(path)
        if path.startswith("/tile/") and ".p/" in path:
            return 404, b""
        if path in ("/tile/0/001", "/tile/entries/001", "/tile/1/000"):  # As if it had gone on to be full.
            return padded(served, path)
        return status, body

    with between(served.url, full_ones) as url:
        vkey = served.get("/v1/log")["vkey"]
        done = run("verify", url, "--vkey", vkey, "--whole")

    assert done.returncode == 0, done.stderr
    assert "/tile/entries/001" in asked


def padded(served: Served, path: str) -> Answer:
    """Return a tile as it is when it is full, as far as anybody may believe it."""
    width = served.head() - 256
    content = served.public.get(f"{path}.p/{width}").content
    return 200, content + b"\x00\x01x" * (256 - width)
