"""`dateline serve`: what it prints, what it refuses, how it ends, and what it leaves."""

import json
import shutil
import signal
import subprocess
from pathlib import Path

from events.log.sqlite import open_sqlite
from tests.cli.commands import Command, Serving, run


def test_a_first_start_prints_its_address_a_timeline_and_a_token_and_a_second_one_no_token(tmp_path: Path) -> None:
    with Serving("--seed", "--data", tmp_path / "data") as first:
        assert "/timelines/us-japan-2024" in first.said
        assert first.token.startswith("dl_")
        assert b"Joint Operations Command" in first.get("/timelines/us-japan-2024")
        head = json.loads(first.get("/v1/log"))
        assert json.loads(first.get("/readyz")) == {"status": "ok", "waiting": []}
        assert first.end() == 0

    with Serving("--seed", "--data", tmp_path / "data") as second:
        assert "A token" not in second.said
        assert json.loads(second.get("/v1/log")) == head


def test_what_was_recorded_survives_a_kill(tmp_path: Path) -> None:
    with Serving("--data", tmp_path / "data") as first:
        line = json.dumps({"command": "record_actor", "id": "chile", "names": {"en": "Chile"}, "kind": "state"})
        assert run("append", "--data", tmp_path / "data", stdin=line, DATELINE_TOKEN=first.token).returncode == 0
        assert first.end(signal.SIGKILL) == -signal.SIGKILL

    with Serving("--data", tmp_path / "data") as second:
        assert json.loads(second.get("/v1/actors/chile"))["names"] == {"en": "Chile"}


def test_a_token_from_the_environment_is_taken_as_it_is_and_not_printed(tmp_path: Path) -> None:
    token = "a-token-of-at-least-32-visible-characters"
    with Serving("--data", tmp_path / "data", DATELINE_ADMIN_TOKEN=token) as served:
        assert "A token" not in served.said

        line = json.dumps({"command": "record_actor", "id": "chile", "names": {"en": "Chile"}, "kind": "state"})

        assert run("append", "--server", served.url, "--token", token, stdin=line).returncode == 0


def test_scratch_data_is_gone_at_the_end(tmp_path: Path) -> None:
    with Serving("--seed", "--scratch", TMPDIR=str(tmp_path)) as served:
        assert (served.data / "log.db").exists()
        assert served.end(signal.SIGINT) == 0

    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_said_before_anything_is_touched(tmp_path: Path) -> None:
    with Serving("--scratch", TMPDIR=str(tmp_path)) as served:
        refused = run("serve", "--port", str(served.port), "--data", tmp_path / "data")

    assert refused.returncode == 1
    assert f"127.0.0.1:{served.port} is taken by another program" in refused.stderr
    assert not (tmp_path / "data").exists()


def test_a_directory_that_is_served_is_not_served_twice(tmp_path: Path) -> None:
    with Serving("--data", tmp_path / "data"):
        refused = run("serve", "--port", "0", "--data", tmp_path / "data")

    assert refused.returncode == 1
    assert f"another process serves {tmp_path / 'data'}" in refused.stderr


def test_a_setting_that_makes_no_sense_is_named(tmp_path: Path) -> None:
    refused = run("serve", "--data", tmp_path / "data", DATELINE_ADMIN_TOKEN="short")

    assert refused.returncode == 1
    assert "DATELINE_ADMIN_TOKEN must be 32 to 200 visible ASCII characters" in refused.stderr


def test_a_directory_that_cannot_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    for data in (tmp_path / "file" / "data", Path("/proc/dateline")):
        refused = run("serve", "--port", "0", "--data", data)

        assert refused.returncode == 1
        assert refused.stderr.startswith(f"Error: {data} cannot be used: ")
        assert refused.stderr.count("\n") == 1


async def test_a_directory_whose_files_cannot_be_opened_is_said(tmp_path: Path) -> None:
    for name in ("lock", "log.db", "mark", "state.db", "views"):
        data = tmp_path / name
        await (await open_sqlite(data)).close()
        for file in data.glob(f"{name}*"):
            file.unlink()
        if name == "views":
            (data / name).touch()
        else:
            (data / name).mkdir()

        for command in (["serve", "--port", "0"], ["timeline", "x"]):
            refused = run(*command, "--data", data)

            assert refused.returncode == 1
            assert refused.stderr.startswith("Error: ")
            assert name in refused.stderr
            assert refused.stderr.count("\n") == 1


def test_a_disk_without_room_for_the_views_is_said(tmp_path: Path) -> None:
    with Serving("--data", tmp_path / "data", "--seed"):
        pass
    shutil.rmtree(tmp_path / "data" / "views")
    command = Command("serve", "--port", "0", "--data", tmp_path / "data")

    limited = ["sh", "-c", 'ulimit -f 600; exec "$@"', "sh", *command.command]  # 300 KiB a file, and views need more.
    ended = subprocess.run(limited, env=command.environment, capture_output=True, text=True, timeout=20, check=False)

    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == (
        "Error: a database cannot be read or written: disk I/O error; look at the disk"
    )
    assert "Traceback" not in ended.stderr


def test_wrong_usage_ends_with_2() -> None:
    for person in ("", "Ada\nLovelace"):
        assert run("token", "create", person).returncode == 2
    for token in ("", "a\nb", "ä"):
        assert run("append", "--token", token, stdin="").returncode == 2
    assert run("append", stdin="", DATELINE_TOKEN="bad\ntoken").returncode == 2
    for url in (
        "",
        "127.0.0.1:8470",
        "ftp://x",
        "http://[::1",
        "http://x:y",
        "http://x:99999",
        "http://a b",
        "http://.x",
    ):
        assert run("append", "--server", url, stdin="").returncode == 2
    assert run("serve", "--port", "65536").returncode == 2
    assert run("serve", "--speed", "fast").returncode == 2
    assert run("serve", "--scratch", "--data", "x").returncode == 2
    assert run("timeline").returncode == 2
    assert run("append", "no-such-file.jsonl").returncode == 2
    assert run("token", "create", "Ada", "--scope", "everything").returncode == 2


def test_a_server_that_ended_leaves_no_address_behind(tmp_path: Path) -> None:
    with Serving("--data", tmp_path / "data") as served:
        assert (tmp_path / "data" / "address").read_text() == served.url

    assert not (tmp_path / "data" / "address").exists()


def test_help_names_every_command() -> None:
    said = run("--help").stdout

    assert all(command in said for command in ("serve", "timeline", "tail", "append", "rebuild", "token"))
