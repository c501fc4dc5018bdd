"""Data directories as released versions left them: `python -m tests.kept` keeps one of this version, for good.

Each is a `.tar.gz` of the files that are backed up, and a `.json` of what every later version must find in it.
"""

import asyncio
import json
import tarfile
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from events.log.sqlite import open_sqlite
from events.views.runner import Views
from tests.api.served import Served, source

UPGRADES = Path(__file__).parent / "data" / "upgrades"
FILES = ("log.db", "state.db", "mark")
TEXT = "Only who may see texts sees this sentence."


def main() -> None:
    """Keep a data directory with the seeds, a text that is not public, and a token for a person."""
    name = version("dateline")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        with Served(data, seed=True) as served:
            served.post(
                "/v1/sources", source("kept", text=f"The meeting is on 10 April 2024. {TEXT}")
            ).raise_for_status()
            made = served.api.post("/v1/tokens", json={"person": "Ada Keeper", "scopes": ["read", "write"]})
            token = made.raise_for_status().json()["token"]
        found = {"token": token, "text": TEXT, **asyncio.run(contents(data))}
        with tarfile.open(UPGRADES / f"{name}.tar.gz", "w:gz") as archive:
            for file in FILES:
                archive.add(data / file, arcname=file)
        (UPGRADES / f"{name}.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


async def contents(data: Path) -> dict[str, Any]:
    """Return what is in a data directory: the log's id, head and root, its entries by type, and the announcements."""
    engine = await open_sqlite(data)
    try:
        views = await Views.open(data / "views", engine.log, now=lambda: "2026-01-01T00:00:00.000000Z")
        try:
            head = await engine.log.head()
            verified = await engine.log.verify()
            listed = await views.read.announcements(limit=1000)
            return {
                "log_id": str(head.log_id),
                "head": head.position,
                "root": head.root.hex(),
                "verified": verified.last,
                "announcements": {one.id: [one.title, one.state, one.when.edtf, one.slip_days] for one in listed.items},
            }
        finally:
            await views.close()
    finally:
        await engine.close()


if __name__ == "__main__":
    main()
