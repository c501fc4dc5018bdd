"""What tests erase, and how."""

from itertools import count
from typing import Any

from events.erasing import EraseEntry, Eraser, EraseText, Erasure, Request, What
from events.log.sqlite import SqliteEngine
from tests.integration.desk import NOW

REASON = "It names somebody who is not public."
TEXT_OF_MOFA = EraseText(source="mofa", reason=REASON)

keys = (f"erase-{number}" for number in count())


def entry(position: int) -> EraseEntry:
    return EraseEntry(position=position, reason=REASON)


async def erase(
    engine: SqliteEngine, what: What, *, key: str = "", log: Any = None, state: Any = None, **request: Any
) -> Erasure:
    eraser = Eraser(log or engine.log, state or engine.state, engine.ledger, lambda: NOW)
    asked = {"key": key or next(keys), "fingerprint": b"asked", "by": "ada", **request}
    return await eraser.erase(Request(what=what, **asked))
