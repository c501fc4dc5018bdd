"""Data directories of earlier versions are read by this one; those of later ones are refused, and left as they are."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from events.facts import VERSIONS
from events.log.build import sqlite3
from events.log.formats import LOG_FORMAT, STATE_FORMAT, FormatNewer
from events.log.sqlite import open_sqlite
from tests.api.served import Served, announcement
from tests.kept import FILES, UPGRADES, contents, unpack

KEPT = sorted(UPGRADES.glob("*.tar.gz"))


OF_A_READER = {"token", "text"}
LOG_NEWER = (
    "DROP TRIGGER log_meta_no_update",
    f"UPDATE log_meta SET value = '{LOG_FORMAT + 1}' WHERE name = 'format'",
)
STATE_NEWER = (f"PRAGMA user_version = {STATE_FORMAT + 1}",)


@pytest.fixture(params=KEPT, ids=[path.name.removesuffix(".tar.gz") for path in KEPT])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    return tmp_path / "data", unpack(request.param, tmp_path / "data")


async def test_everything_that_an_earlier_version_kept_is_found(kept: tuple[Path, dict[str, Any]]) -> None:
    data, expected = kept

    found = await contents(data)

    assert {name: found[name] for name in expected.keys() - OF_A_READER} == {
        name: what for name, what in expected.items() if name not in OF_A_READER
    }
    assert found["verified"] == found["head"]
    assert found["read"] + len(found["erased"]) == found["head"]


def test_every_version_of_every_type_was_kept() -> None:
    kept = [json.loads(path.read_text(encoding="utf-8")) for path in UPGRADES.glob("*.json")]

    assert {f"{name} v{v}" for name, last in VERSIONS.items() for v in range(1, last + 1)} <= {
        kind for one in kept for kind in one.get("types", ())
    }


def test_an_earlier_versions_directory_is_served_and_goes_on(kept: tuple[Path, dict[str, Any]]) -> None:
    data, expected = kept

    with Served(data) as served:
        text = served.api.get("/v1/sources/kept/text").text
        theirs = served.public.get("/v1/announcements", headers={"Authorization": f"Bearer {expected['token']}"})
        made = served.post("/v1/announcements", announcement("later", "kept"), key="of-a-later-version")

    assert text.endswith(expected["text"])
    assert theirs.status_code == 200
    assert made.json()["position"] == expected["head"] + 1


@pytest.mark.parametrize(("file", "change"), [("log.db", LOG_NEWER), ("state.db", STATE_NEWER)])
async def test_a_file_of_a_newer_format_is_refused_by_its_name(
    tmp_path: Path, file: str, change: tuple[str, ...]
) -> None:
    await make(tmp_path)
    execute(tmp_path / file, *change)
    before = bytes_of(tmp_path)

    with pytest.raises(FormatNewer, match=rf"^{file} has format \d, .* up to format \d: install the newer one"):
        await open_sqlite(tmp_path)

    assert bytes_of(tmp_path) == before


async def test_an_upgrade_saves_what_was_there_first(tmp_path: Path) -> None:
    await make(tmp_path)
    execute(tmp_path / "state.db", "PRAGMA user_version = 0")
    old = bytes_of(tmp_path)

    await make(tmp_path)

    (saved,) = saved_in(tmp_path)
    assert format_of(tmp_path / "state.db") == STATE_FORMAT
    assert format_of(saved / "state.db") == 0
    assert sorted(path.name for path in saved.iterdir()) == sorted(FILES)
    assert (saved / "mark").read_bytes() == old["mark"]
    await make(saved)  # It is a data directory like any other.


async def test_what_is_up_to_date_is_not_saved(tmp_path: Path) -> None:
    await make(tmp_path)
    await make(tmp_path)

    assert saved_in(tmp_path) == []


async def make(data: Path) -> None:
    """Open and close a directory, with something in its state."""
    engine = await open_sqlite(data)
    await engine.state.put("note", "here", b"kept", expected=None)
    await engine.close()


def execute(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def saved_in(data: Path) -> list[Path]:
    return list(data.glob("before-upgrade-*"))


def format_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def bytes_of(data: Path) -> dict[str, bytes]:
    return {name: (data / name).read_bytes() for name in FILES}
