"""`dateline verify`: what was signed is held against what is there, and the first thing that does not fit is named."""

import asyncio
import base64
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from events.log.files import Disk
from events.log.mark import read_mark
from events.log.sqlite import open_sqlite
from tests.api.served import Served, source
from tests.cli.commands import PATIENCE_S, ROOT, run
from tests.tampering import damage, rewrite

ENTRIES = 300
TLOG_TILES = [str(Path(sys.executable).with_name("tlog-tiles"))]


class Kept:
    """What somebody kept of a log while it was served: its key, a note, and proofs; and its stopped directory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.note = folder / "note"
        self.bundle = folder / "bundle.json"
        with Served(self.data) as served:
            for start in range(0, ENTRIES, 100):
                sources = [source(f"s-{number}") for number in range(start, start + 100)]
                commands = [{"command": "record_source", **one} for one in sources]
                assert served.post("/v1/batch", {"commands": commands}).status_code == 201
            self.vkey = served.get("/v1/log")["vkey"]
            self.note.write_text(served.public.get("/checkpoint").text)
            self.bundle.write_text(served.public.get("/v1/events/7/proof").text)
            for name, arguments in (("theirs.tlog-proof", ["gen-proof"]), ("leaf", ["get-leaf"])):
                told = subprocess.run([*TLOG_TILES, *arguments, served.url, "6"], capture_output=True, check=True)
                (folder / name).write_bytes(told.stdout)

    def proof(self, **changes: Any) -> Path:
        """Return a file with the bundle, some of it changed."""
        path = self.folder / "changed.json"
        path.write_text(json.dumps({**json.loads(self.bundle.read_text()), **changes}))
        return path


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return Kept(tmp_path_factory.mktemp("kept"))


@pytest.fixture
def copied(kept: Kept, tmp_path: Path) -> Path:
    return Path(shutil.copytree(kept.data, tmp_path / "data"))


@pytest.fixture(scope="module")
def serving(kept: Kept, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The log as it goes on after the note."""
    with Served(Path(shutil.copytree(kept.data, tmp_path_factory.mktemp("serving") / "data"))) as served:
        assert served.post("/v1/sources", source("later")).status_code == 201
        yield served


async def emptied(data: Path, log_id: str) -> None:
    """Make a log without entries that says that it is another one."""
    await (await open_sqlite(data, log_id=log_id)).close()


def log_id_of(data: Path) -> str:
    mark = read_mark(data / "mark", Disk())
    assert mark is not None
    return str(mark.log_id)


def test_a_whole_directory_is_verified_and_nothing_in_it_is_touched(kept: Kept, copied: Path) -> None:
    before = {path: path.read_bytes() for path in copied.iterdir() if path.is_file()}

    done = run("verify", "--data", copied)

    assert done.returncode == 0, done.stderr
    assert f"{ENTRIES} entries" in done.stdout
    root = kept.note.read_text().split("\n")[2]
    assert done.stdout.split()[-1] == base64.b64decode(root).hex()
    assert {path: path.read_bytes() for path in before} == before


def test_the_directory_of_a_running_server_is_verified_too(kept: Kept, serving: Served) -> None:
    done = run("verify", "--data", serving.data, "--note", kept.note, "--vkey", kept.vkey)

    assert done.returncode == 0, done.stderr
    assert f"{ENTRIES + 1} entries" in done.stdout
    assert f"goes on from the note of {ENTRIES} entries" in done.stdout


def test_the_first_damage_is_named_with_its_place(copied: Path) -> None:
    damage(copied, 250)
    damage(copied, 123)

    done = run("verify", "--data", copied)

    assert done.returncode == 1
    assert "the data of event 123 is not what was recorded" in done.stderr


def test_a_log_that_ends_early_is_told_with_the_numbers(kept: Kept, copied: Path, tmp_path: Path) -> None:
    asyncio.run(emptied(tmp_path / "other", log_id_of(copied)))
    shutil.copy(tmp_path / "other" / "log.db", copied / "log.db")

    done = run("verify", "--data", copied)

    assert done.returncode == 1
    assert f"the log ends at position 0 but {ENTRIES} was acknowledged" in done.stderr


def test_a_rewritten_directory_fits_itself_and_not_the_note(kept: Kept, copied: Path) -> None:
    rewrite(copied, 7, lambda data: data.replace(b"The desk", b"The test"))

    alone = run("verify", "--data", copied)
    against = run("verify", "--data", copied, "--note", kept.note, "--vkey", kept.vkey)

    assert alone.returncode == 0, alone.stderr
    assert against.returncode == 1
    assert f"its first {ENTRIES} entries are others here" in against.stderr
    assert kept.note.read_text() in against.stderr


def test_a_bundle_is_verified_offline_and_what_it_proves_is_said(kept: Kept) -> None:
    done = run("verify", kept.bundle, "--vkey", kept.vkey)

    assert done.returncode == 0, done.stderr
    origin = kept.vkey.partition("+")[0]
    assert f"Proved: entry 7 of the log {origin}, when it had {ENTRIES} entries." in done.stdout
    assert '"title":"Bulletin s-6"' in done.stdout
    assert "Not proved: that what a source said is true" in done.stdout


def test_another_programs_proof_is_verified(kept: Kept) -> None:
    done = run("verify", kept.folder / "theirs.tlog-proof", "--entry", kept.folder / "leaf", "--vkey", kept.vkey)

    assert done.returncode == 0, done.stderr
    assert "Proved: entry 7" in done.stdout
    assert "not in the bundle" in done.stdout


def by_hand(bundle: Path, vkey: str) -> subprocess.CompletedProcess[str]:
    """Run the script of the documentation, as it stands there, without anything but Python's own library."""
    documented = (ROOT / "docs" / "proofs.md").read_text(encoding="utf-8")
    script = documented.partition("<!-- by hand -->\n```python\n")[2].partition("```")[0]
    assert 0 < script.count("\n") <= 40
    command = [sys.executable, "-I", "-S", "-c", script, str(bundle), vkey]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)


def test_a_bundle_is_checked_by_hand_as_it_is_documented(kept: Kept) -> None:
    shown = json.loads(kept.bundle.read_text())
    note = shown["checkpoint"]
    signature = note.split(" ")[-1]
    forged = signature[:20] + ("A" if signature[20] != "A" else "B") + signature[21:]
    wrong = [
        {"data": shown["data"].replace("desk", "disk")},
        {"entry": shown["entry"].replace('"by":"admin"', '"by":"nimda"')},
        {"path": shown["path"][:-1]},
        {"position": 8},
        {"tree_size": ENTRIES + 1, "checkpoint": note.replace(f"\n{ENTRIES}\n", f"\n{ENTRIES + 1}\n")},
        {"checkpoint": note.replace(signature, forged)},
    ]

    done = by_hand(kept.bundle, kept.vkey)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"entry 7 of {ENTRIES} in {kept.vkey.partition('+')[0]}, recorded at ")
    for changes in wrong:
        refused = by_hand(kept.proof(**changes), kept.vkey)
        assert (refused.returncode, refused.stdout) == (1, ""), changes


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"data": "{}"}, "the data of entry 7 is not what was recorded"),
        ({"salt": None}, "the data of entry 7 is not what was recorded"),
        ({"position": 8}, "do not lead to the root"),
        ({"leaf_hash": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}, "`leaf_hash` is not that of its `entry`"),
        ({"tree_size": 299}, "`tree_size` is not that of its `checkpoint`"),
        ({"path": []}, "fewer than a tree of 300 asks for"),
        ({"path": None}, "no proof bundle"),
    ],
)
def test_a_bundle_that_was_changed_proves_nothing(kept: Kept, changes: dict[str, Any], why: str) -> None:
    done = run("verify", kept.proof(**changes), "--vkey", kept.vkey)

    assert done.returncode == 1
    assert why in done.stderr
    assert "Proved" not in done.stdout


def test_a_changed_entry_or_note_proves_nothing(kept: Kept) -> None:
    shown = json.loads(kept.bundle.read_text())
    entry = shown["entry"].replace('"by":"admin"', '"by":"nimda"')
    note = shown["checkpoint"].replace(f"\n{ENTRIES}\n", "\n301\n")

    changed = run("verify", kept.proof(entry=entry, leaf_hash=None), "--vkey", kept.vkey)
    larger = run("verify", kept.proof(checkpoint=note, tree_size=301), "--vkey", kept.vkey)

    assert "do not lead to the root that the note signs" in changed.stderr
    assert "the signature of" in larger.stderr
    assert (changed.returncode, larger.returncode) == (1, 1)


def test_without_a_key_that_is_trusted_nothing_is_proved(kept: Kept) -> None:
    other = "example.com/log+cdbb0a2e+AXGX2Y9Gn2xCqvWBEQM0gNUvT2c9vPWlYg1aiCqBoDbd"
    nobody = run("verify", kept.bundle)
    stranger = run("verify", kept.bundle, "--vkey", other)
    (kept.folder / "vkeys").write_text(f"{kept.vkey}\n")
    beside = run("verify", kept.bundle, "--note", kept.note)

    assert (nobody.returncode, stranger.returncode) == (1, 1)
    assert "say which key you trust" in nobody.stderr
    assert beside.returncode == 0, beside.stderr


def test_a_server_that_goes_on_from_a_note_is_told_from_one_that_does_not(
    kept: Kept, serving: Served, copied: Path
) -> None:
    rewrite(copied, 7, lambda data: data.replace(b"The desk", b"The test"))

    honest = run("verify", serving.url, "--note", kept.note, "--vkey", kept.vkey, "--whole")
    with Served(copied) as rewritten:
        told = rewritten.public.get("/checkpoint").text
        rewritten_same_size = run("verify", rewritten.url, "--note", kept.note, "--vkey", kept.vkey)
        rewritten.post("/v1/sources", source("later"))
        rewritten_longer = run("verify", rewritten.url, "--note", kept.note, "--vkey", kept.vkey)

    assert honest.returncode == 0, honest.stderr
    assert f"All {ENTRIES + 1} entries are those that the note is over." in honest.stdout
    for done in (rewritten_same_size, rewritten_longer):
        assert done.returncode == 1
        assert kept.note.read_text() in done.stderr
    assert told in rewritten_same_size.stderr
    assert f"its first {ENTRIES} entries are not those that they were" in rewritten_same_size.stderr
    assert "the record was rewritten" in rewritten_longer.stderr
