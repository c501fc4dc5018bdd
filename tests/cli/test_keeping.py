"""What an operator does so that nothing is lost, and what the program says when something is."""

import json
import re
import shutil
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from events.log.notes import NoteInvalid, VerifierKey, opened
from tests.cli.commands import PATIENCE_S, Serving, run
from tests.contract.given import files_with

ADMIN = "the-admin-token-of-the-tests-0123456789"


def serving_on(data: Path, *flags: str, **environment: str) -> Serving:
    return Serving("--data", data, *flags, port=0, DATELINE_ADMIN_TOKEN=ADMIN, **environment)


def post(serving: Serving, id: str) -> tuple[int, Any]:
    """Record a source; return the status and the answer."""
    body = {"id": id, "title": f"Bulletin {id}", "publisher": "The desk", "published_at": "2024-04-01", "text": id * 9}
    return write(serving, "/v1/sources", body)


def write(serving: Serving, path: str, body: dict[str, str]) -> tuple[int, Any]:
    key = f"{path}/{body.get('id', '')}"
    headers = {"Authorization": f"Bearer {ADMIN}", "Idempotency-Key": key, "Content-Type": "application/json"}
    asked = urllib.request.Request(serving.url + path, json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(asked, timeout=PATIENCE_S) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def frames(serving: Serving, start: int, cursor: str | None = None) -> Iterator[dict[str, str]]:
    """Follow the feed after a position, or as a reader comes back with a cursor."""
    headers = {} if cursor is None else {"Last-Event-ID": cursor}
    asked = urllib.request.Request(f"{serving.url}/v1/feed?from={start}", headers=headers)
    with urllib.request.urlopen(asked, timeout=PATIENCE_S) as answer:
        fields: dict[str, str] = {}
        for line in answer:
            name, _, value = line.decode().strip().partition(": ")
            if name:
                fields[name] = value
            elif fields:
                yield fields
                fields = {}


def metrics(serving: Serving) -> dict[str, float]:
    lines = serving.get("/metrics").decode().splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


def metric(serving: Serving, name: str, value: float) -> None:
    """Wait until a metric has a value."""
    deadline = time.monotonic() + PATIENCE_S
    while metrics(serving).get(name) != value:
        assert time.monotonic() < deadline, metrics(serving)
        time.sleep(0.1)


def test_a_backup_of_a_running_service_becomes_another_service(tmp_path: Path) -> None:
    data, shelf, new = tmp_path / "data", tmp_path / "shelf", tmp_path / "new"
    shelf.mkdir()
    with serving_on(data) as serving:
        assert post(serving, "one")[0] == 201
        first = run("backup", shelf, "--data", data)
        assert post(serving, "two")[0] == 201
        time.sleep(1.1)  # Names tell seconds.
        second = run("backup", shelf, "--data", data, "--keep", "1")
        held = run("restore", next(shelf.iterdir()), "--data", data)
        head = serving.get("/v1/log")

    said = r"{}/dateline-\d{{8}}T\d{{6}}Z-{}\.tar: {} up to \S+Z, \d+ kB, read back and verified in \S+ s"
    assert re.fullmatch(said.format(re.escape(str(shelf)), 1, "1 entry"), first.stdout.strip()), first
    made, removed = second.stdout.splitlines()
    assert re.fullmatch(said.format(re.escape(str(shelf)), 2, "2 entries"), made)
    assert re.fullmatch(r"dateline-\S+-1\.tar is removed: one newer is kept", removed)
    assert held.returncode == 1
    assert held.stderr.startswith(f"Error: a server holds {data}; stop it, restore, and start it again")

    (file,) = shelf.iterdir()
    checked = run("restore", "--check", file)
    assert checked.stdout.splitlines()[-1] == (
        f"{file} is whole: every part is as it was written, and every entry is verified."
    )
    done = run("restore", file, "--data", new)
    assert re.match(rf"{new} holds 2 entries up to \S+Z: every one is verified\n", done.stdout), done
    assert done.stdout.endswith(f"Start it: dateline serve --data {new}\n")
    with serving_on(new) as serving:
        assert serving.get("/v1/log") == head
        assert post(serving, "two") == (200, {"id": "two", "position": 2, "duplicate": True})


def test_a_log_without_its_end_is_served_only_when_that_is_said_and_then_says_it_for_ever(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving_on(data) as serving:
        for id in ("one", "two", "three"):
            post(serving, id)
    with serving_on(data) as serving:
        for id in ("four", "five", "six"):
            post(serving, id)
        known = json.loads(serving.get("/v1/log"))
        note = serving.get("/checkpoint").decode()
        ids = [frame["id"] for frame in islice((each for each in frames(serving, 2) if "id" in each), 4)]
        serving.end(signal.SIGKILL)
    (data / "log.db-wal").unlink()
    (data / "log.db-shm").unlink()

    refused = run("serve", "--port", "0", "--data", data)

    assert refused.returncode == 1
    assert "Error: the log ends at position 3 but 6 was acknowledged" in refused.stderr
    assert "`dateline restore`" in refused.stderr
    assert "`dateline serve --accept-shorter`" in refused.stderr
    with serving_on(data, "--accept-shorter") as serving:
        restored = json.loads(serving.get("/v1/events/4"))
        assert restored["type"] == "log.restored"
        assert (restored["data"]["position"], restored["data"]["lost"]) == (3, 6)
        new = serving.get("/checkpoint").decode()
        assert new.splitlines()[0].startswith(f"{note.splitlines()[0]}/restored-3-")
        with pytest.raises(NoteInvalid):
            opened(new, [VerifierKey.parse(known["vkey"])])
        heard = [next(each for each in frames(serving, 0, cursor) if "data" in each) for cursor in ids]
        assert [each.get("event") for each in heard] == [None, "reset", "reset", "reset"]
        assert json.loads(heard[0]["data"])["type"] == "log.restored"
        assert post(serving, "four")[0] == 201
        serving.end()
        assert "the log ends at 3 where 6 was acknowledged; its next entry says so" in serving.complained
    with serving_on(data) as serving:
        assert serving.get("/checkpoint").decode().splitlines()[0] == new.splitlines()[0]


def test_restoring_an_older_backup_says_what_would_be_lost_and_brings_nothing_back_that_was_erased(
    tmp_path: Path,
) -> None:
    data, file = tmp_path / "data", tmp_path / "backup.tar"
    with serving_on(data) as serving:
        post(serving, "one")
        run("backup", file, "--data", data)
        assert write(serving, "/v1/sources/one/erase", {"reason": "asked for"})[0] == 201

    refused = run("restore", file, "--data", data)
    accepted = run("restore", file, "--data", data, "--accept-shorter")

    assert refused.returncode == 1
    assert f"Error: {data} has acknowledged entry 2 and commit 2; {file} of " in refused.stderr
    assert "ends at entry 1 and commit 1. Take a newer backup" in refused.stderr
    assert "Lost: entry 2. The next start records that" in accepted.stdout
    assert "Erasures that the backup did not know of are applied to it: 1\n" in accepted.stdout
    assert b"one" * 9 in file.read_bytes()
    assert files_with(data, b"one" * 9) == []
    assert re.search(rf"What was there before is in {data}/before-restore-\d{{8}}T\d{{6}}Z;", accepted.stdout)
    with serving_on(data) as serving:
        assert json.loads(serving.get("/v1/events/2"))["type"] == "log.restored"


def test_what_is_no_backup_is_said_and_nothing_is_made_of_it(tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear reader")

    refused = run("restore", letter, "--data", tmp_path / "data")

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == f"Error: {letter} is no backup of Dateline, or is damaged or cut off\n"
    assert not (tmp_path / "data").exists()
    assert run("backup", tmp_path / "b.tar", "--data", tmp_path / "none").returncode == 1
    assert run("backup", tmp_path / "b.tar", "--keep", "3").returncode == 2
    assert run("restore", "--check", letter, "--accept-shorter").returncode == 2


def test_a_running_service_makes_its_nightly_backup_and_makes_up_for_one_that_was_missed(tmp_path: Path) -> None:
    shelf = tmp_path / "shelf"
    with serving_on(tmp_path / "data", DATELINE_BACKUP_DIR=str(shelf)) as serving:
        metric(serving, "dateline_backup_position", 0)
        (made,) = shelf.iterdir()
        found = metrics(serving)
        assert found["dateline_backup_failed"] == 0
        assert 0 <= found["dateline_backup_age_seconds"] < 600
        assert found["dateline_backup_bytes"] == made.stat().st_size
        assert found["dateline_log_damaged"] == found["dateline_log_verified_position"] == 0
        assert abs(time.time() - found["dateline_log_verified_at_seconds"]) < 600
    assert made.stat().st_mode & 0o777 == 0o600
    assert run("restore", "--check", made).returncode == 0


def test_a_nightly_backup_that_fails_is_logged_and_counted(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with serving_on(tmp_path / "data", DATELINE_BACKUP_DIR=str(tmp_path / "file")) as serving:
        metric(serving, "dateline_backup_failed", 1)
        assert metrics(serving)["dateline_backup_age_seconds"] == float("inf")
        serving.end()

    assert f"no backup was made: {tmp_path / 'file'}: " in serving.complained


def test_a_damaged_log_is_read_and_no_longer_written_and_stays_so_after_a_restart(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving_on(data) as serving:
        for number in range(12):
            post(serving, f"source-{number}")
    content = (data / "log.db").read_bytes()
    assert content.count(b'"title":"Bulletin source-3"') == 1
    (data / "log.db").write_bytes(content.replace(b'"title":"Bulletin source-3"', b'"title":"Bulletin source-X"'))
    shutil.rmtree(data / "views")

    for _ in range(2):
        with serving_on(data) as serving:
            metric(serving, "dateline_log_damaged", 1)
            status, problem = post(serving, "more")
            assert (status, problem["code"]) == (503, "log-damaged")
            assert "the data of event 4 is not what was recorded" in problem["detail"]
            assert json.loads(serving.get("/v1/sources/source-9"))["title"] == "Bulletin source-9"
            with pytest.raises(urllib.error.HTTPError) as unready:
                serving.get("/readyz")
            assert "log-damaged" in json.load(unready.value)["waiting"]
            serving.end()
            assert "the log is damaged, and nothing more is recorded: the data of event 4" in serving.complained
        assert files_with(data, b"Bulletin source-X")
