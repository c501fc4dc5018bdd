"""Damages the files of a data directory, a bit, a sector or an end at a time, and tells what nobody noticed.

A damage is noticed when opening is refused, when `verify` names it, or when what is asked is refused as damaged. One
that is not has to be harmless: every answer is what it was.
"""

import os
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final
from unittest.mock import patch

import msgspec

from events.errors import DatelineError
from events.log import sqlite_writer
from events.log.port import NewCommit, NewEvent, Query, QueryItem, scoped_key
from events.log.sqlite import SqliteEngine, open_sqlite

KEYS: Final = 24
NOOP_EVERY: Final = 5
VALUES: Final = 6
SECTOR: Final = 512
CHECKPOINT_PAGES: Final = 60
RESERVED_BYTES: Final = 256 * 1024
HOT: Final = ("log.db", "log.db-wal", "state.db", "state.db-wal", "mark")
COLD: Final = ("log.db", "state.db", "mark")
TAGS: Final = ("kind:a", "kind:b", "number:7")
TYPES: Final = ("announcement.made", "announcement.amended")


@dataclass(frozen=True, slots=True)
class Directory:
    """A data directory as it was when it was copied, and every answer that it gives."""

    name: str
    files: dict[str, bytes]
    answers: list[object]


@dataclass(slots=True)
class Found:
    """How often a damage to a file was met how; `unnoticed` are those that changed an answer."""

    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    unnoticed: list[str] = field(default_factory=list)


async def directories(scratch: Path) -> list[Directory]:
    """Return a data directory copied while it was served, and one that was closed."""
    with patch.multiple(sqlite_writer, CHECKPOINT_PAGES=CHECKPOINT_PAGES, WAL_RESERVED_BYTES=RESERVED_BYTES):
        engine = await open_sqlite(scratch)
        await _recorded(engine)
        hot = {name: (scratch / name).read_bytes() for name in HOT}
        answers = await answers_of(engine)
        await engine.close()
    cold = {name: (scratch / name).read_bytes() for name in COLD}
    return [Directory("hot", hot, answers), Directory("cold", cold, answers)]


async def damaged(directory: Directory, scratch: Path, random: Random, found: Found) -> None:
    """Damage one file in one way, and note how that was met."""
    name = random.choice(sorted(directory.files))
    content = bytearray(directory.files[name])
    how, what = _damage(content, random)
    shutil.rmtree(scratch, ignore_errors=True)
    os.mkdir(scratch)
    for each, whole in directory.files.items():
        (scratch / each).write_bytes(content if each == name else whole)
    outcome = await _met(directory, scratch)
    found.counts[f"{directory.name} {name}", how, outcome.split(":")[0]] += 1
    if outcome.startswith("unnoticed"):
        found.unnoticed.append(f"{directory.name} {name}, {what}: {outcome}")


async def answers_of(engine: SqliteEngine) -> list[object]:
    """Return what is answered to everything that can be asked."""
    log, answers = engine.log, list[object]()
    queries = [Query.all(), *(Query(items=(QueryItem(tags=(tag,)),)) for tag in TAGS)]
    queries += [Query(items=(QueryItem(types=(each,)),)) for each in TYPES]
    queries.append(Query(items=(QueryItem(types=TYPES[:1], tags=TAGS[:1]), QueryItem(tags=TAGS[1:]))))
    for query in queries:
        answers += [await log.read(query, backwards=backwards) for backwards in (False, True)]
    for number in range(KEYS):
        commit = _commit(number)
        answers += [await log.outcome(commit.key, fingerprint=commit.fingerprint), await log.outcome(f"{commit.key}x")]
    answers += [await log.head(), await log.verify(), await engine.state.list("text")]
    answers += [await log.position_at(each.recorded_at) for each in (await log.read(Query.all())).events]
    answers += [await engine.state.get("text", f"value-{number}") for number in range(VALUES + 1)]
    return answers


async def _recorded(engine: SqliteEngine) -> None:
    for number in range(KEYS):
        await engine.log.append(_commit(number))
    for number in range(VALUES):
        await engine.state.put("text", f"value-{number}", b"text %d " % number * 100, expected=0)


def _commit(number: int) -> NewCommit:
    events = tuple(
        NewEvent(
            type=TYPES[index % 2],
            data=msgspec.json.encode({"number": number, "text": f"words of {number} " * 20}),
            tags=(f"number:{number}", f"index:{index}", "kind:a" if number % 3 else "kind:b"),
        )
        for index in range(number % 3 + 1)
    )
    unchanged = number % NOOP_EVERY == NOOP_EVERY - 1
    return NewCommit(
        key=scoped_key("ada", f"key-{number}"),
        fingerprint=f"request {number}",
        events=() if unchanged else events,
        by="ada",
        unchanged=unchanged,
        note=b"note %d" % number,
    )


def _damage(content: bytearray, random: Random) -> tuple[str, str]:
    """Damage a file's content; return in which way, and where."""
    match random.randrange(8):
        case 0:
            size = random.randrange(len(content)) if content else 0
            del content[size:]
            return "cut off", f"cut off at {size}"
        case 1:
            at = random.randrange(max(1, len(content))) // SECTOR * SECTOR
            content[at : at + SECTOR] = bytes(len(content[at : at + SECTOR]))
            return "sector zeroed", f"sector at {at} zeroed"
        case _ if content:
            bit = random.randrange(len(content) * 8)
            content[bit // 8] ^= 1 << bit % 8
            return "bit flipped", f"bit {bit % 8} of byte {bit // 8} flipped"
        case _:
            return "bit flipped", "empty"


async def _met(directory: Directory, scratch: Path) -> str:
    engine = None
    try:
        engine = await open_sqlite(scratch)
        answers = await answers_of(engine)
    except DatelineError:
        return "named" if engine else "refused"
    except Exception as error:  # noqa: BLE001 - whatever it is, nobody who asked is told that the log is damaged.
        return f"unnoticed: {type(error).__name__}: {error}"
    finally:
        if engine is not None:
            await engine.close()
    if answers == directory.answers:
        return "harmless"
    was, now = next(pair for pair in zip(directory.answers, answers, strict=False) if pair[0] != pair[1])
    return f"unnoticed: {str(now)[:300]} instead of {str(was)[:300]}"
