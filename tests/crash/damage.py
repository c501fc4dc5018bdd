"""Damages the files of a data directory, a bit, a sector or an end at a time, and tells what nobody noticed.

A damage is noticed when opening is refused, when `verify` names it, or when what is asked is refused as damaged. One
that is not has to be harmless: every answer of the log is what it was.

The values of `state.db` have no check yet, nor is there a mark for it: how often one is another, or an older one, is
counted apart.
"""

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final
from unittest.mock import patch

import msgspec
from msgspec import structs

from events.errors import DatelineError
from events.log import sqlite_writer
from events.log.port import NewCommit, NewEvent, Query, QueryItem, scoped_key
from events.log.sqlite import SqliteEngine, open_sqlite
from events.sealing import Seal

KEYS: Final = 24
NOOP_EVERY: Final = 5
VALUES: Final = 6
SECTOR: Final = 512
CHECKPOINT_PAGES: Final = 60
RESERVED_BYTES: Final = 256 * 1024
COLD: Final = ("log.db", "state.db", "mark", "erasures", "key")
HOT: Final = (*COLD, "log.db-wal", "state.db-wal")
NOON: Final = "2024-04-10T12:00:00.000000Z"
TAGS: Final = ("kind:a", "kind:b", "number:7")
TYPES: Final = ("announcement.made", "announcement.amended")


@dataclass(frozen=True, slots=True)
class Directory:
    """A data directory as it was when it was copied, and every answer that it gives."""

    name: str
    files: dict[str, bytes]
    answers: list[object]
    values: list[object]


@dataclass(slots=True)
class Found:
    """How often a damage to a file was met how; `unnoticed` are those that changed an answer of the log."""

    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    unnoticed: list[str] = field(default_factory=list)


async def directories(scratch: Path) -> list[Directory]:
    """Return a data directory copied while it was served, and one that was closed."""
    with patch.multiple(sqlite_writer, CHECKPOINT_PAGES=CHECKPOINT_PAGES, WAL_RESERVED_BYTES=RESERVED_BYTES):
        engine = await open_sqlite(scratch)
        await Seal.open(scratch, engine, NOON)
        await _recorded(engine)
        answers, values = await answers_of(engine), await values_of(engine)
        hot = _files(scratch, HOT)
        await engine.close()
    return [Directory("hot", hot, answers, values), Directory("cold", _files(scratch, COLD), answers, values)]


def _files(directory: Path, names: Sequence[str]) -> dict[str, bytes]:
    return {name: (directory / name).read_bytes() for name in names}


async def damaged(directory: Directory, scratch: Path, random: Random, found: Found) -> None:
    """Damage one file in one way, and note how that was met."""
    name = random.choice(sorted(directory.files))
    content = bytearray(directory.files[name])
    how, what = _damage(content, random)
    _laid_out(scratch, directory.files | {name: bytes(content)})
    outcome = await _met(directory, scratch)
    found.counts[f"{directory.name} {name}", how, outcome.split(":")[0]] += 1
    if outcome.startswith("unnoticed"):
        found.unnoticed.append(f"{directory.name} {name}, {what}: {outcome}")


def _laid_out(scratch: Path, files: dict[str, bytes]) -> None:
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    for name, content in files.items():
        (scratch / name).write_bytes(content)


async def answers_of(engine: SqliteEngine) -> list[object]:
    """Return what the log answers to everything that can be asked."""
    log, answers = engine.log, list[object]()
    queries = [Query.all(), *(Query(items=(QueryItem(tags=(tag,)),)) for tag in TAGS)]
    queries += [Query(items=(QueryItem(types=(each,)),)) for each in TYPES]
    queries.append(Query(items=(QueryItem(types=TYPES[:1], tags=TAGS[:1]), QueryItem(tags=TAGS[1:]))))
    for query in queries:
        answers += [await log.read(query, backwards=backwards) for backwards in (False, True)]
    for number in range(KEYS):
        commit = _commit(number)
        answers += [await log.outcome(commit.key, fingerprint=commit.fingerprint), await log.outcome(f"{commit.key}x")]
    answers += [await log.head(), await log.verify()]
    answers += [await log.position_at(each.recorded_at) for each in (await log.read(Query.all())).events]
    return answers


async def values_of(engine: SqliteEngine) -> list[object]:
    """Return all that the state holds."""
    return [await engine.state.get("text", f"value-{number}") for number in range(VALUES)]


async def _recorded(engine: SqliteEngine) -> None:
    for number in range(KEYS):
        await engine.log.append(_commit(number))
        if number == KEYS // 2:
            await engine.log.erase(structs.replace(_commit(KEYS + 1), erases=(3, 4)))
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
        await Seal.open(scratch, engine, NOON)
        values = await values_of(engine)
    except DatelineError:
        return "named" if engine else "refused"
    except Exception as error:  # noqa: BLE001 - whatever it is, nobody who asked is told that the log is damaged.
        return f"unnoticed: {type(error).__name__}: {error}"
    finally:
        if engine is not None:
            await engine.close()
    if answers != directory.answers:
        was, now = next(pair for pair in zip(directory.answers, answers, strict=False) if pair[0] != pair[1])
        return f"unnoticed: {str(now)[:300]} instead of {str(was)[:300]}"
    return "harmless" if values == directory.values else "another value"
