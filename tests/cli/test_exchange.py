"""`dateline export` and `dateline import`: a record goes out of one directory and into another, entry for entry."""

import json
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.api.served import ADMIN, DATELINE, ROOT, Served, announcement, cited, source
from tests.cli.commands import run as dateline

UNQUOTED = "Nobody quotes this sentence."


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory in which nearly everything happened."""
    data = tmp_path_factory.mktemp("kept") / "data"
    with Served(data, seed=True) as served:
        served.post("/v1/sources", source("own", text=f"It is on 10 April 2024. {UNQUOTED}"))
        made = served.post("/v1/announcements", announcement("ours", "own"))
        batch = [
            {"command": "amend", "id": "ours", "set": {"title": "Another"}, "origin": "editor", "reason": "wrong"},
            {"command": "cancel", "id": "ours", "citations": cited("own")},
        ]
        position = served.post("/v1/batch", {"commands": batch}).json()["position"]
        served.post(f"/v1/events/{position}/withdraw", {"reason": "not cancelled"})
        assert made.status_code == 201
    return data


@pytest.fixture(scope="module")
def exported(kept: Path) -> Path:
    file = kept.parent / "record.jsonl"
    dateline("export", file, "--texts", "--data", kept).check_returncode()
    return file


def entries(file: Path) -> list[dict[str, Any]]:
    """Return the entries of a file without what is each log's own: ids, the log's name, and who recorded them."""
    own = {"id", "source", "by"}
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()[1:]]
    return [{name: value for name, value in line.items() if name not in own} for line in lines]


def answers(data: Path) -> dict[str, Any]:
    with Served(data) as served:
        paths = ("/v1/announcements?limit=1000", "/v1/sources?limit=1000", "/v1/timelines/us-japan-2024?limit=1000")
        return {path: served.get(path) for path in (*paths, "/v1/announcements/ours/history")}


def test_an_imported_record_is_the_same_record(kept: Path, exported: Path, tmp_path: Path) -> None:
    imported = dateline("import", exported, "--data", tmp_path / "data")
    again = dateline("export", tmp_path / "again.jsonl", "--texts", "--data", tmp_path / "data")

    assert imported.stderr.splitlines()[-1] == "135 recorded, 0 known"
    assert again.returncode == 0
    assert entries(tmp_path / "again.jsonl") == entries(exported)
    theirs, ours = answers(tmp_path / "data"), answers(kept)
    for entry in [*theirs["/v1/announcements/ours/history"]["items"], *ours["/v1/announcements/ours/history"]["items"]]:
        entry.pop("by")
    assert theirs == ours


def test_importing_again_adds_nothing_and_one_that_was_cut_off_goes_on(exported: Path, tmp_path: Path) -> None:
    lines = exported.read_bytes().splitlines(keepends=True)
    (tmp_path / "part.jsonl").write_bytes(b"".join(lines[:60]))

    part = dateline("import", tmp_path / "part.jsonl", "--data", tmp_path / "data")
    whole = dateline("import", exported, "--data", tmp_path / "data")
    again = dateline("import", exported, "--data", tmp_path / "data")

    assert part.returncode == 1
    assert "it was cut off" in part.stderr
    recorded, known = (int(word) for word in whole.stderr.replace(",", "").split()[-4::2])
    assert recorded + known == 135
    assert recorded > 0
    assert known > 0
    assert again.stderr.splitlines()[-1] == "0 recorded, 135 known"


def test_a_killed_import_goes_on(exported: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with subprocess.Popen([*DATELINE, "import", str(exported), "--data", str(data)], cwd=ROOT) as importing:
        while not (data / "mark").exists() or (data / "mark").read_bytes() == bytes((data / "mark").stat().st_size):
            time.sleep(0.001)
        importing.send_signal(signal.SIGKILL)

    again = dateline("import", exported, "--data", data)

    assert again.returncode == 0, again.stderr
    assert dateline("export", tmp_path / "again.jsonl", "--texts", "--data", data).returncode == 0
    assert entries(tmp_path / "again.jsonl") == entries(exported)


@pytest.mark.parametrize(
    ("line", "old", "new", "said"),
    [
        (0, '"dateline":1', '"dateline":2', "line 1: the file has format 2, and this version reads 1"),
        (0, '{"dateline"', '{"nothing"', "line 1: this is no line of a record"),
        (1, "actor.recorded", "Actor Recorded", "line 2: 'Actor Recorded' is not an event type"),
        (1, '"data":{', '"data":null,"was":{', "line 2: its data was erased"),
        (1, '"data":{', '"data":{"aliases":null,', "line 2: this is no actor.recorded: it holds null"),
        (1, '"data":{', '"data":{"mood":0.5,', "line 2: this is no actor.recorded: 0.5 is a float"),
        (1, '"data":{', '"v":0,"data":{', "line 2: this is no line of a record"),
        (1, '"names"', '"nomen"', "line 2: this is no actor.recorded"),
        (1, "actor:japan", "actor:china", "line 2: its tags, or when it was said, are not what its data says"),
        (1, '"position":1', '"position":2', "line 2: the entry is not the next one of its commit"),
        (3, '"commit":"3-1"', '"commit":"3-0"', "line 4: '3-0' is no commit"),
        (1, '"time":"2024', '"time":"2999', "line 2: "),
    ],
)
def test_a_line_that_was_changed_is_named_and_what_came_before_it_stays(
    exported: Path, tmp_path: Path, line: int, old: str, new: str, said: str
) -> None:
    lines = exported.read_text(encoding="utf-8").splitlines(keepends=True)
    assert old in lines[line]
    lines[line] = lines[line].replace(old, new)
    (tmp_path / "changed.jsonl").write_text("".join(lines), encoding="utf-8")

    refused = dateline("import", tmp_path / "changed.jsonl", "--data", tmp_path / "data")

    assert refused.returncode == 1
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_text_that_was_changed_is_refused(exported: Path, tmp_path: Path) -> None:
    changed = exported.read_text(encoding="utf-8").replace(UNQUOTED, UNQUOTED.upper())
    (tmp_path / "changed.jsonl").write_text(changed, encoding="utf-8")

    refused = dateline("import", tmp_path / "changed.jsonl", "--data", tmp_path / "data")

    assert "the text is not the one with this SHA-256" in refused.stderr


def test_another_record_is_not_imported_over_this_one(exported: Path, tmp_path: Path) -> None:
    with Served(tmp_path / "data") as served:
        served.post("/v1/sources", source("mine"))

    refused = dateline("import", exported, "--data", tmp_path / "data")

    assert refused.returncode == 1
    assert "entry 1 is another one here than in the file" in refused.stderr


def test_a_running_server_exports_and_its_directory_takes_no_import(exported: Path, kept: Path, tmp_path: Path) -> None:
    with Served(kept):
        out = dateline("export", "-", "--texts", "--data", kept, DATELINE_TOKEN=ADMIN)
        bare = dateline("export", "-", "--data", kept)
        refused = dateline("import", exported, "--data", kept)

    assert out.stdout == exported.read_text(encoding="utf-8")
    assert bare.returncode == 0
    assert UNQUOTED in out.stdout
    assert UNQUOTED not in bare.stdout
    assert refused.returncode == 1
    assert "stop it, import, and start it again" in refused.stderr


def test_an_export_waits_for_a_service_that_it_asked_too_fast(exported: Path, kept: Path) -> None:
    with Served(kept, rate_reads="4") as served:
        out = dateline("export", "-", "--texts", "--data", kept, DATELINE_TOKEN=ADMIN)
        metrics = served.public.get("/metrics").text

    assert out.stdout == exported.read_text(encoding="utf-8")
    assert "dateline_http_rate_limited_total 0.0" not in metrics


def test_an_export_that_is_refused_leaves_no_file_and_says_what_it_needs(kept: Path, tmp_path: Path) -> None:
    with Served(kept):
        refused = dateline("export", tmp_path / "out.jsonl", "--texts", "--data", kept)

    assert refused.returncode == 1
    assert "a token with the scope read:text" in refused.stderr
    assert "--token or DATELINE_TOKEN" in refused.stderr
    assert list(tmp_path.iterdir()) == []
