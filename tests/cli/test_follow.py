"""`dateline follow`: a witness keeps what a log signs, a copy goes on where the log ends, and neither believes it."""

import asyncio
import fcntl
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from api.adopting import Copy
from api.cli_service import Remote
from api.remote_log import RemoteLog
from events.instants import from_microseconds
from events.log.files import Disk
from events.log.loss import Loss, accept_loss
from events.log.notes import VerifierKey, opened
from events.log.port import Query
from events.log.sqlite import SqliteEngine, open_sqlite, wall_clock
from events.log.stored import StoredCommit
from events.sealing import Seal
from tests.api.served import ADMIN, Served, announcement, source
from tests.cli.commands import run
from tests.lying import Answer, between
from tests.tampering import misspell, rewrite


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with Served(tmp_path / "data") as served:
        assert served.post("/v1/sources", source("bulletin")).status_code == 201
        yield served


class Witness:
    """Somebody who looks at a log now and then, and may copy it."""

    def __init__(self, served: Served, folder: Path, *, token: str | None = ADMIN) -> None:
        self.served = served
        self.notes = folder / "notes"
        self.copy = folder / "copy"
        self._token = {} if token is None else {"DATELINE_TOKEN": token}

    def look(self, *more: str | Path) -> Any:
        return run("follow", self.served.url, "--notes", self.notes, "--once", *more, **self._token)

    def adopt(self) -> Any:
        return self.look("--adopt", "--data", self.copy)

    def kept(self) -> list[str]:
        return sorted(path.name for path in self.notes.iterdir() if path.name.startswith(("note-", "conflict-")))


@pytest.fixture
def witness(served: Served, tmp_path: Path) -> Witness:
    return Witness(served, tmp_path)


@contextmanager
def stopped(served: Served) -> Iterator[Path]:
    """Yield the directory of a server that does not run meanwhile."""
    served.stop()
    yield served.data
    served.start()


def stored(data: Path) -> list[StoredCommit]:
    """Return everything that a log nobody serves holds."""

    async def read() -> list[StoredCommit]:
        engine = await open_sqlite(data)
        try:
            commits: list[StoredCommit] = []
            while page := await engine.log.commits(after=commits[-1].number if commits else 0):
                commits += page
            return commits
        finally:
            await engine.close()

    return asyncio.run(read())


def test_a_witness_trusts_the_key_it_first_saw_and_keeps_each_note(served: Served, witness: Witness) -> None:
    vkey = served.get("/v1/log")["vkey"]

    first = witness.look()
    served.post("/v1/sources", source("second"))
    second = witness.look()
    third = witness.look()

    assert (first.returncode, second.returncode, third.returncode) == (0, 0, 0), first.stderr + second.stderr
    assert vkey in first.stderr
    assert "on the log's word alone" in first.stderr
    assert "2 entries, going on from 1" in second.stderr
    assert witness.kept() == ["note-000000000001", "note-000000000002"]
    assert (witness.notes / "vkeys").read_text() == f"{vkey}\n"
    latest = (witness.notes / "latest").read_text()
    assert latest == served.public.get("/checkpoint").text == (witness.notes / "note-000000000002").read_text()
    assert run("verify", served.url, "--note", witness.notes / "latest").returncode == 0


def test_a_rewritten_log_is_caught_and_both_notes_are_kept(served: Served, witness: Witness) -> None:
    assert witness.adopt().returncode == 0
    kept = (witness.notes / "latest").read_text()
    before = stored(witness.copy)
    with stopped(served) as data:
        rewrite(data, 1, lambda recorded: recorded.replace(b"The desk", b"The test"))
    served.post("/v1/sources", source("second"))
    told = served.public.get("/checkpoint").text

    for _ in range(2):
        caught = witness.adopt()

        assert caught.returncode == 1
        assert "the record was rewritten" in caught.stderr
        assert kept in caught.stderr
        assert told in caught.stderr
    (conflict,) = [name for name in witness.kept() if name.startswith("conflict-1-2-")]
    assert (witness.notes / conflict / "kept").read_text() == kept
    assert (witness.notes / conflict / "told").read_text() == told
    assert (witness.notes / "latest").read_text() == kept
    assert stored(witness.copy) == before


def test_a_copy_refuses_another_history_even_without_a_note(served: Served, witness: Witness) -> None:
    assert witness.adopt().returncode == 0
    before = stored(witness.copy)
    shutil.rmtree(witness.notes)
    with stopped(served) as data:
        rewrite(data, 1, lambda recorded: recorded.replace(b"The desk", b"The test"))
    served.post("/v1/sources", source("second"))

    refused = witness.adopt()

    assert refused.returncode == 1
    assert "the record was rewritten" in refused.stderr
    assert stored(witness.copy) == before


def test_a_log_that_got_shorter_is_caught(served: Served, witness: Witness, tmp_path: Path) -> None:
    with stopped(served) as data:
        shutil.copytree(data, tmp_path / "older")
    served.post("/v1/sources", source("second"))
    assert witness.look().returncode == 0
    with stopped(served) as data:
        shutil.rmtree(data)
        shutil.copytree(tmp_path / "older", data)

    caught = witness.look()

    assert caught.returncode == 1
    assert "it had 2 entries, and has 1" in caught.stderr


def test_entries_that_do_not_lead_to_the_note_are_not_taken(served: Served, witness: Witness) -> None:
    with stopped(served) as data:
        misspell(data, 1)

    looked, adopted = witness.look(), witness.adopt()

    assert (looked.returncode, adopted.returncode) == (1, 1)
    assert "are not the 1 that its note is over" in looked.stderr
    assert witness.kept() == []
    assert stored(witness.copy) == []


def test_a_copy_takes_over_with_the_key_and_everything_goes_on(served: Served, witness: Witness) -> None:
    made = served.post("/v1/announcements", announcement("visit", "bulletin"), key="mine")
    same = {"citations": announcement("visit", "bulletin")["citations"]}
    unchanged = served.post("/v1/announcements/visit/corroborate", same, key="nothing")
    assert (made.status_code, unchanged.status_code) == (201, 200)
    log_id, head = served.get("/v1/log")["log_id"], served.head()
    events = served.get("/v1/events")["events"]
    assert witness.adopt().returncode == 0
    served.post("/v1/announcements", announcement("later", "bulletin"))
    done = witness.adopt()
    served.kill()

    assert done.returncode == 0, done.stderr
    assert stored(witness.copy) == stored(served.data)
    refused = run("key", "show", "--data", witness.copy)
    assert refused.returncode == 1
    assert "the file `key` is missing" in refused.stderr
    shutil.copy(served.data / "key", witness.copy / "key")
    with Served(witness.copy) as taken_over:
        assert taken_over.get("/v1/log")["log_id"] == log_id
        assert taken_over.get("/v1/events")["events"][:head] == events
        again = taken_over.post("/v1/announcements", announcement("visit", "bulletin"), key="mine")
        assert (again.status_code, again.json()) == (200, {**made.json(), "duplicate": True})
        assert taken_over.api.get("/v1/sources/bulletin/text").text == source("bulletin")["text"]
        cursor = feed_cursor(taken_over, head)
        fresh = taken_over.post("/v1/announcements", announcement("fresh", "bulletin"))
        assert fresh.json()["position"] == head + 2
        assert feed_positions(taken_over, cursor) == [head + 1, head + 2]
        looked = run("follow", taken_over.url, "--notes", witness.notes, "--once")
        assert looked.returncode == 0, looked.stderr


def feed_cursor(served: Served, position: int) -> str:
    """Return the id that the feed gives the entry at a position."""
    for id, at in feed(served, {}):
        if at == position:
            return id
    raise AssertionError("the feed ended")


def feed_positions(served: Served, cursor: str) -> list[int]:
    return [at for _, at in feed(served, {"Last-Event-ID": cursor})]


def feed(served: Served, headers: dict[str, str]) -> list[tuple[str, int]]:
    """Return the ids and positions that the feed tells until it has caught up."""
    told: list[tuple[str, int]] = []
    id = ""
    with served.public.stream("GET", "/v1/feed?from=start", headers=headers) as stream:
        for line in stream.iter_lines():
            if line.startswith("event: caught-up"):
                return told
            assert not line.startswith("event: reset")
            if line.startswith("id: "):
                id = line.removeprefix("id: ")
            if line.startswith("data: ") and id:
                told.append((id, json.loads(line.removeprefix("data: "))["position"]))
    raise AssertionError("the feed ended")


def test_without_a_token_a_copy_holds_what_is_public_and_says_what_it_lacks(served: Served, tmp_path: Path) -> None:
    stranger = Witness(served, tmp_path, token=None)

    done = stranger.adopt()

    assert done.returncode == 0, done.stderr
    assert "The keys of requests are not told" in done.stderr
    assert "The texts of sources are not told" in done.stderr
    with stopped(served) as data:
        (theirs,), (ours,) = stored(data), stored(stranger.copy)
        assert ours.entries == theirs.entries
        assert (ours.fingerprint, ours.note) == (None, b"")


async def test_what_was_erased_is_gone_from_every_file_of_a_copy_while_it_is_followed(
    served: Served, tmp_path: Path
) -> None:
    remote = RemoteLog(Remote(served.url, ADMIN))
    key = VerifierKey.parse(remote.described().vkey)
    engine = await open_sqlite(tmp_path / "copy", log_id=remote.described().log_id)
    copy = Copy(engine, remote, lambda: "2026-11-28T03:00:00.000000Z")
    await copy.adopt(opened(remote.note(), [key]), key, lambda done, total: None)
    for words in (b"Bulletin bulletin", b"bulletin says: The meeting"):
        assert words in files_of(tmp_path / "copy")
    assert served.post("/v1/events/1/erase", {"reason": "It was asked for."}).status_code == 201

    copied = await copy.adopt(opened(remote.note(), [key]), key, lambda done, total: None)

    assert (copied.position, copied.pending) == (2, 0)
    for words in (b"Bulletin bulletin", b"bulletin says: The meeting"):
        assert words not in files_of(tmp_path / "copy")
    assert (await engine.log.stored(first=1, last=1))[0].data is None
    await engine.close()


def test_a_copy_that_begins_after_an_erasure_takes_it_from_the_entry_that_proves_it(
    served: Served, tmp_path: Path
) -> None:
    def one_at_a_time(path: str, status: int, body: bytes) -> Answer:
        page = json.loads(body) if path.startswith("/v1/log/commits") else {}
        return (status, json.dumps({**page, "commits": page["commits"][:1]}).encode()) if page else (status, body)

    assert served.post("/v1/events/1/erase", {"reason": "It was asked for."}).status_code == 201

    with between(served.url, one_at_a_time) as url:
        done = run("follow", url, "--notes", tmp_path / "notes", "--once", "--adopt", "--data", tmp_path / "copy")

    assert done.returncode == 0, done.stderr
    assert [commit.entries[0].data is None for commit in stored(tmp_path / "copy")] == [True, False]


def files_of(data: Path) -> bytes:
    return b"".join(path.read_bytes() for path in data.iterdir() if path.is_file())


def test_a_new_key_is_learned_from_the_old_one_and_a_thiefs_is_not(served: Served, witness: Witness) -> None:
    assert witness.look().returncode == 0
    old = (witness.notes / "vkeys").read_text()

    rotated = run("key", "rotate", "--server", served.url, DATELINE_TOKEN=ADMIN)
    learned = witness.look()

    assert rotated.returncode == 0, rotated.stderr
    assert learned.returncode == 0, learned.stderr
    new = (witness.notes / "vkeys").read_text()
    assert new != old
    assert new.strip() in rotated.stdout
    run("key", "rotate", "--server", served.url, DATELINE_TOKEN=ADMIN)
    given_again = witness.look("--vkey", old.strip())  # As whoever always starts it with the first key does.
    assert given_again.returncode == 0, given_again.stderr
    assert new != (new := (witness.notes / "vkeys").read_text()) != old
    shown = run("key", "show", "--server", served.url)
    assert shown.stdout == new
    run("key", "rotate", "--compromised", "--server", served.url, DATELINE_TOKEN=ADMIN)
    refused = witness.look()
    assert refused.returncode == 1
    assert "no key that is trusted here signed the note" in refused.stderr
    assert (witness.notes / "vkeys").read_text() == new
    told = served.get("/v1/log")["vkey"]
    assert told in refused.stderr
    first = witness.notes / witness.kept()[0]  # The first key alone signed it, and nothing that is signed now.
    assert run("verify", served.url, "--note", first).returncode == 1
    accepted = witness.look("--vkey", told)
    assert accepted.returncode == 0, accepted.stderr
    verified = run("verify", served.url, "--note", first)
    assert verified.returncode == 0, verified.stderr
    assert "The first 1 entries are those of the note that was kept." in verified.stdout


def test_a_log_that_was_restored_is_told_as_what_it_is(served: Served, witness: Witness, tmp_path: Path) -> None:
    with stopped(served) as data:
        shutil.copytree(data, tmp_path / "older")
    for name in ("second", "third"):
        served.post("/v1/sources", source(name))
    assert witness.look().returncode == 0
    with stopped(served) as data:
        shutil.rmtree(data)
        shutil.copytree(tmp_path / "older", data)
        asyncio.run(restored(data, lost=3))

    told = witness.look()

    assert told.returncode == 1
    assert "lost its entries 2 to 3" in told.stderr
    assert "of its 3 entries those after 1 are not there any more" in told.stderr
    assert served.get("/v1/log")["vkey"] in told.stderr


async def restored(data: Path, *, lost: int) -> None:
    engine = await open_sqlite(data)
    head = await engine.log.head()
    await engine.close()
    accept_loss(data, Disk(), Loss(position=head.position, root=head.root.hex(), lost=lost))
    await sealed(await open_sqlite(data), data)


async def sealed(engine: SqliteEngine, data: Path) -> None:
    await Seal.open(data, engine, from_microseconds(wall_clock()))
    assert (await engine.log.read(Query.all())).head == 3
    await engine.close()


def test_two_witnesses_do_not_share_a_directory(served: Served, witness: Witness) -> None:
    witness.notes.mkdir()
    with (witness.notes / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        refused = witness.look()

    assert refused.returncode == 1
    assert "another process keeps its notes" in refused.stderr
