"""`dateline erase`, through a running server and over a directory."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.api.served import ADMIN
from tests.cli.commands import Serving, run
from tests.cli.test_commands import FAIR, SOURCE, lines

WORDS = "3 May 2027"
REASON = ("--reason", "Somebody asked for it.")


@pytest.fixture(params=["directory", "server"])
def data(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A record with a source that is quoted, that a server serves, or nobody."""
    data = tmp_path / "data"
    with ExitStack() as stack:
        serving = Serving("--data", data, DATELINE_ADMIN_TOKEN=ADMIN)
        stack.enter_context(serving)
        run("append", "--data", data, stdin=lines(SOURCE, FAIR), DATELINE_TOKEN=ADMIN).check_returncode()
        if request.param == "directory":
            stack.close()
        yield data


def holding(data: Path) -> set[str]:
    return {path.name for path in data.rglob("*") if path.is_file() and WORDS.encode() in path.read_bytes()}


def test_a_dry_run_tells_what_quotes_a_source_and_erases_nothing(data: Path) -> None:
    tried = run("erase", "1", "--source", "bulletin", *REASON, "--dry-run", "--data", data, DATELINE_TOKEN=ADMIN)

    assert (tried.returncode, tried.stderr) == (0, "")
    quoted = "  quoted by entry 2, about fair: that quote stays until it is erased too"
    assert tried.stdout.splitlines() == [
        "the text of source bulletin would be erased", quoted,
        "entry 1, with the text of bulletin, would be erased", quoted,
    ]  # fmt: skip
    assert {"log.db", "state.db"} & {name.removesuffix("-wal") for name in holding(data)}


def test_what_is_erased_is_in_no_file_and_asked_for_again_is_told_the_same(data: Path) -> None:
    asked = ("erase", "2", "--source", "bulletin", *REASON, "--data", data)
    erased = run(*asked, DATELINE_TOKEN=ADMIN)
    again = run(*asked, DATELINE_TOKEN=ADMIN)
    other = run("erase", "2", "--reason", "Another.", "--data", data, DATELINE_TOKEN=ADMIN)

    assert (erased.returncode, erased.stderr) == (0, "")
    assert (
        erased.stdout
        == again.stdout
        == ("the text of source bulletin is erased, by entry 3\nentry 2 is erased, by entry 4\n")
    )
    assert other.stdout == "entry 2 is erased already\n"
    assert holding(data) == set()


def test_an_entry_and_the_text_of_the_source_that_it_recorded_are_erased_together(data: Path) -> None:
    asked = ("erase", "1", "2", "--source", "bulletin", *REASON, "--data", data)
    erased = run(*asked, DATELINE_TOKEN=ADMIN)
    again = run(*asked, DATELINE_TOKEN=ADMIN)

    assert (erased.returncode, erased.stderr) == (0, "")
    assert (again.returncode, again.stdout) == (0, erased.stdout)
    assert holding(data) == set()


def test_what_is_refused_is_told_before_anything_is_erased(data: Path) -> None:
    run("erase", "2", *REASON, "--data", data, DATELINE_TOKEN=ADMIN).check_returncode()

    refused = run("erase", "3", "1", *REASON, "--data", data, DATELINE_TOKEN=ADMIN)
    last = run("erase", "1", "--source", "nosuch", *REASON, "--data", data, DATELINE_TOKEN=ADMIN)
    nothing = run("erase", *REASON, "--data", data, DATELINE_TOKEN=ADMIN)
    unreasoned = run("erase", "1", "--data", data, DATELINE_TOKEN=ADMIN)

    assert (refused.returncode, refused.stdout) == (1, "")
    assert "entry 3 (log.erased) is the log's own" in refused.stderr
    assert (last.returncode, last.stdout, last.stderr) == (1, "", "Error: there is no source 'nosuch'\n")
    assert (nothing.returncode, unreasoned.returncode) == (2, 2)
    assert "say which" in nothing.stderr
    written = run("export", "-", "--data", data, DATELINE_TOKEN=ADMIN).stdout.splitlines()[1:]
    assert [json.loads(line)["data"] is None for line in written] == [False, True, False]


def test_a_server_wants_an_admin_for_it(tmp_path: Path) -> None:
    with Serving("--data", tmp_path / "data"):
        refused = run("erase", "1", *REASON, "--data", tmp_path / "data")

    assert refused.returncode == 1
    assert "give one with the scope admin by --token or DATELINE_TOKEN" in refused.stderr


def test_a_record_whose_text_was_erased_is_exported_and_imported_without_it(tmp_path: Path) -> None:
    data, copy, file = tmp_path / "data", tmp_path / "copy", tmp_path / "record.jsonl"
    with Serving("--data", data, DATELINE_ADMIN_TOKEN=ADMIN):
        run("append", "--data", data, stdin=lines(SOURCE, FAIR), DATELINE_TOKEN=ADMIN).check_returncode()
        before = tmp_path / "before.jsonl"
        run("export", before, "--texts", "--data", data, DATELINE_TOKEN=ADMIN).check_returncode()
    run("erase", "--source", "bulletin", *REASON, "--data", data).check_returncode()

    run("export", file, "--texts", "--data", data).check_returncode()
    imported = run("import", file, "--data", copy)
    back = run("import", before, "--data", data)

    assert imported.stderr.splitlines()[-1] == "3 recorded, 0 known"
    assert back.returncode == 0
    for directory in (data, copy):
        assert "state.db" not in holding(directory)
        again = run("append", "--data", directory, stdin=lines({**SOURCE, "id": "other", "copy_of": "bulletin"}))
        assert "was erased" in again.stderr
