"""`timeline`, `append`, `tail`, `rebuild` and `token`, through a running server and over a directory."""

import asyncio
import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from api import cli_keep
from events.log.sqlite import open_sqlite
from tests.cli.commands import PATIENCE_S, Command, Serving, run

SOURCE = {
    "command": "record_source",
    "id": "bulletin",
    "title": "A bulletin",
    "publisher": "The desk",
    "published_at": "2026-01-02",
    "text": "The fair opens on 3 May 2027.",
}
FAIR = {
    "command": "make_announcement",
    "id": "fair",
    "title": "The fair",
    "when": "2027-05-03",
    "topics": ["trade"],
    "citations": [{"source": "bulletin", "quote": "opens on 3 May 2027"}],
}


def lines(*commands: dict[str, Any]) -> str:
    return "\n".join(map(json.dumps, commands))


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the seeds, that nobody serves."""
    data = tmp_path_factory.mktemp("seeded") / "data"
    with Serving("--seed", "--data", data):
        pass
    return data


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    """An empty record, that nobody serves."""
    engine = await open_sqlite(tmp_path / "data")
    await engine.close()
    return tmp_path / "data"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Serving]:
    with Serving("--data", tmp_path / "data") as served:
        yield served


def test_a_timeline_has_dates_in_words_what_became_of_each_and_what_moved(seeded: Path) -> None:
    shown = run("timeline", "us-japan-2024", "--data", seeded)

    assert shown.returncode == 0
    assert shown.stdout.startswith("The United States, Japan and the Philippines, spring 2024\n")
    assert (
        "by 31 March 2025            Japan sets up a Joint Operations Command\n"
        "                            ✓ happened, 24 March 2025\n"
        "                              said 8 April 2024      by the end of 2025\n"
        "                              said 10 May 2024       by 31 March 2025, more exact: The law made the\n"
        "                                                     promise more exact.\n"
    ) in shown.stdout
    assert "✓ happened, 1 April 2026, moved by 212 days" in shown.stdout
    assert "◐ date passed, not yet checked" in shown.stdout
    assert "\x1b" not in shown.stdout


def test_a_timeline_as_it_had_been_said_by_a_day_does_not_know_the_future(seeded: Path) -> None:
    shown = run("timeline", "us-japan-2024", "--said-by", "2024-04-09", "--data", seeded)

    assert "said by 9 April 2024" in shown.stdout
    assert "by the end of 2025          Japan sets up a Joint Operations Command" in shown.stdout
    assert "✓ happened, 24 March 2025" not in shown.stdout


def test_a_timeline_as_it_was_recorded_up_to_an_entry(seeded: Path) -> None:
    shown = run("timeline", "us-japan-2024", "--as-of", "60", "--data", seeded)

    assert "as recorded up to entry 60" in shown.stdout


def test_a_timeline_is_the_same_through_a_server(seeded: Path) -> None:
    alone = run("timeline", "us-japan-2024", "--data", seeded)
    with Serving("--data", seeded) as served:
        found = run("timeline", "us-japan-2024", "--data", seeded)
        named = run("timeline", "us-japan-2024", "--server", served.url)

    assert alone.stdout == found.stdout == named.stdout


def test_a_terminal_is_shown_colours(seeded: Path) -> None:
    shown = subprocess.run(
        ["script", "-qec", Command("timeline", "us-japan-2024", "--data", seeded).quoted, "/dev/null"],
        capture_output=True,
        text=True,
        env=Command().environment | {"TERM": "xterm-256color"},
        timeout=60,
    )

    assert "\x1b[1mJapan sets up a Joint Operations Command" in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("nothing",), "there is no timeline 'nothing'"),
        (("us-japan-2024", "--as-of", "yesterday"), "'yesterday' is neither an RFC 3339 time"),
        (("us-japan-2024", "--as-of", "9999"), "beyond the head"),
        (("\udcff",), "nothing is called '%FF'"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_words(seeded: Path, arguments: tuple[str, ...], reason: str) -> None:
    refused = run("timeline", *arguments, "--data", seeded)

    assert refused.returncode == 1
    assert reason in refused.stderr
    assert refused.stdout == ""


def test_a_directory_without_a_record_is_said_and_not_made(tmp_path: Path) -> None:
    for command in (["timeline", "x"], ["append", "-"], ["rebuild"], ["token", "create", "Ada"], ["tail"]):
        refused = run(*command, "--data", tmp_path / "none", stdin="")

        assert refused.returncode == 1
        assert "dateline serve --seed --data" in refused.stderr
    assert not (tmp_path / "none").exists()


def test_a_server_that_is_not_there_is_said() -> None:
    refused = run("timeline", "x", "--server", "http://127.0.0.1:1")

    assert refused.returncode == 1
    assert "nothing answers at http://127.0.0.1:1" in refused.stderr


def test_appended_commands_are_carried_out_once(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "commands.jsonl"
    file.write_text(lines(SOURCE, FAIR | {"key": "mine"}) + "\n\n")

    first = run("append", file, "--data", data)
    again = run("append", file, "--data", data)

    assert (first.stdout, first.stderr) == (
        "1\tbulletin\trecorded\n2\tfair\trecorded\n",
        "2 recorded, 0 unchanged, 0 known\n",
    )
    assert (again.stdout, again.stderr) == (
        "1\tbulletin\tknown\n2\tfair\tknown\n",
        "0 recorded, 0 unchanged, 2 known\n",
    )


def test_a_command_that_changes_nothing_is_told_apart(data: Path) -> None:
    run("append", "--data", data, stdin=lines(SOURCE, FAIR))

    again = run("append", "--data", data, stdin=lines(FAIR | {"key": "another"}))

    assert again.stdout == "2\tfair\tunchanged\n"


def test_a_mark_at_the_beginning_of_a_file_is_passed_over(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "commands.jsonl"
    file.write_text(lines(SOURCE, FAIR), encoding="utf-8-sig")

    done = run("append", file, "--data", data)

    assert done.stdout == "1\tbulletin\trecorded\n2\tfair\trecorded\n"


def test_a_text_can_lie_in_a_file_beside_the_commands(data: Path, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text(str(SOURCE["text"]))
    source = {name: value for name, value in SOURCE.items() if name != "text"}
    file = tmp_path / "commands.jsonl"
    file.write_text(lines(source | {"text_file": "text.txt"}, FAIR))

    assert run("append", file, "--data", data).returncode == 0


def test_the_line_that_is_refused_is_named_and_those_before_it_stay(data: Path) -> None:
    wrong = FAIR | {"citations": [{"source": "bulletin", "quote": "opens on 4 May 2027"}]}

    refused = run("append", "--data", data, stdin=lines(SOURCE, wrong))

    assert refused.returncode == 1
    assert refused.stdout == "1\tbulletin\trecorded\n"
    assert "standard input:2: " in refused.stderr
    assert "(at /citations/0/quote)" in refused.stderr


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "standard input:1: "),
        (json.dumps(SOURCE | {"recorded_at": "2024-01-01T00:00:00.000000Z"}), "only seeds keep their recorded_at"),
    ],
)
def test_a_line_that_is_no_command_is_named(data: Path, line: str, reason: str) -> None:
    refused = run("append", "--data", data, stdin=line)

    assert refused.returncode == 1
    assert reason in refused.stderr


def test_writing_through_a_server_needs_a_token(served: Serving) -> None:
    refused = run("append", "--data", served.data, stdin=lines(SOURCE))
    done = run("append", "--data", served.data, stdin=lines(SOURCE), DATELINE_TOKEN=served.token)

    assert refused.returncode == 1
    assert "give one by --token or DATELINE_TOKEN" in refused.stderr
    assert done.stdout == "1\tbulletin\trecorded\n"


def test_a_token_that_was_issued_may_do_what_it_says(data: Path) -> None:
    reader = run("token", "create", "Ada Lovelace", "--scope", "read", "--data", data).stdout.strip()
    writer = run("token", "create", "Ada Lovelace", "--expires", "2999-12-31", "--data", data).stdout.strip()

    with Serving("--data", data):
        codes = [
            run("append", "--data", data, "--token", token, stdin=lines(SOURCE)).returncode
            for token in (reader, writer)
        ]

    assert codes == [1, 0]


def test_a_token_that_ended_already_is_not_issued(data: Path) -> None:
    refused = run("token", "create", "Ada Lovelace", "--expires", "2020-01-01", "--data", data)

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("Error: 2020-01-01T23:59:59.999999Z is past")


@pytest.mark.parametrize("is_served", [True, False])
async def test_tokens_are_issued_listed_revoked_and_erased_with_a_server_and_without(
    data: Path, capsys: pytest.CaptureFixture[str], *, is_served: bool
) -> None:
    def listed() -> list[str]:
        cli_keep.list_tokens(**where)
        return capsys.readouterr().out.splitlines()[1:]

    def manage() -> tuple[str, str, list[str], list[str]]:
        cli_keep.create_token("Ada Lovelace", scopes=["write"], expires="2999-12-31", **where)
        issued = capsys.readouterr()
        id, principal = issued.out.split("_")[1], issued.err.split(" is ")[1].split()[0]
        cli_keep.revoke_token(id, **where)
        assert capsys.readouterr().out == f"token {id} is revoked\n"
        before = listed()
        cli_keep.erase_person(principal, **where)
        capsys.readouterr()
        return id, principal, before, listed()

    where: dict[str, Any] = {"data": data, "server": None, "token": None}
    with ExitStack() as serving:
        if is_served:
            where["token"] = serving.enter_context(Serving("--data", data)).token
        id, principal, before, after = await asyncio.to_thread(manage)

    *others, row = (line.split() for line in before)
    assert row[:5] == [id, "Ada", "Lovelace", principal, "write"]
    assert row[6] == "2999-12-31T23:59:59Z"
    assert len(row) == 8  # It was revoked, and never used.
    assert len(others) == len(after) == (1 if is_served else 0)  # The one made at the first start stays.


def test_a_server_wants_an_admin_for_tokens_and_rebuilding(served: Serving) -> None:
    editor = run("token", "create", "Ada", "--data", served.data, DATELINE_TOKEN=served.token).stdout.strip()

    for command, environment in ((["token", "list"], {}), (["rebuild"], {"DATELINE_TOKEN": editor})):
        refused = run(*command, "--data", served.data, **environment)

        assert (refused.returncode, refused.stdout) == (1, "")
        assert "the scope admin by --token or DATELINE_TOKEN" in refused.stderr


def test_a_server_rebuilds_its_views_while_it_answers(served: Serving) -> None:
    run("append", "--data", served.data, stdin=lines(SOURCE, FAIR), DATELINE_TOKEN=served.token)
    before, generations = served.get("/v1/announcements"), {path.name for path in (served.data / "views").glob("*.db")}

    rebuilt = run("rebuild", "--data", served.data, DATELINE_TOKEN=served.token)

    assert rebuilt.stdout.startswith("rebuilt from 2 entries in ")
    assert served.get("/v1/announcements") == before
    assert {path.name for path in (served.data / "views").glob("*.db")}.isdisjoint(generations)


def test_a_rebuild_leaves_what_is_read_as_it_was(data: Path) -> None:
    run("append", "--data", data, stdin=lines(SOURCE, FAIR))
    timeline = {"command": "create_timeline", "slug": "trade", "title": "Trade", "query": {"topic": ["trade"]}}
    run("append", "--data", data, stdin=lines(timeline))
    before = run("timeline", "trade", "--data", data).stdout

    rebuilt = run("rebuild", "--data", data)

    assert rebuilt.returncode == 0
    assert rebuilt.stdout.startswith("rebuilt from 3 entries in ")
    assert run("timeline", "trade", "--data", data).stdout == before


def test_tail_prints_what_is_recorded_as_it_is_recorded(served: Serving) -> None:
    run("append", "--data", served.data, stdin=lines(SOURCE), DATELINE_TOKEN=served.token)
    with Command("tail", "--from", "start", "--data", served.data).started() as tail:
        assert tail.stdout is not None
        first = json.loads(tail.stdout.readline())
        run("append", "--data", served.data, stdin=lines(FAIR), DATELINE_TOKEN=served.token)
        second = json.loads(tail.stdout.readline())
        tail.send_signal(signal.SIGINT)
        assert tail.wait(PATIENCE_S) == 0

    assert [(event["position"], event["type"]) for event in (first, second)] == [
        (1, "source.recorded"),
        (2, "announcement.made"),
    ]


def test_tail_that_does_not_follow_ends_with_the_last_entry(served: Serving) -> None:
    run("append", "--data", served.data, stdin=lines(SOURCE, FAIR), DATELINE_TOKEN=served.token)

    tail = run("tail", "--from", "1", "--no-follow", "--data", served.data)

    assert tail.returncode == 0
    assert [json.loads(line)["position"] for line in tail.stdout.splitlines()] == [2]


def test_tail_goes_on_where_it_was_when_the_server_comes_back(served: Serving) -> None:
    data, token, port = served.data, served.token, served.port
    run("append", "--data", data, stdin=lines(SOURCE), DATELINE_TOKEN=token)
    with Command("tail", "--from", "start", "--server", served.url).started() as tail:
        assert tail.stdout is not None
        assert json.loads(tail.stdout.readline())["position"] == 1

        assert served.end() == 0
        run("append", "--data", data, stdin=lines(FAIR))
        with Serving("--data", data, port=port):
            assert json.loads(tail.stdout.readline())["position"] == 2
            tail.send_signal(signal.SIGINT)


def test_tail_without_a_server_says_what_to_do(data: Path) -> None:
    refused = run("tail", "--data", data)

    assert refused.returncode == 1
    assert f"start one: dateline serve --data {data}" in refused.stderr
