"""Loads `seeds/`: each command once, for ever, under its key.

Into an empty log the seeds go with the times at which they say they were recorded, so that both clocks have something
to show; into any other they are recorded now.
"""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from api.assets import asset
from api.command_lines import CommandLine, LineInvalid, content_of, key_of, numbered, read_line
from events.errors import DatelineError, Refused
from events.handler import Handler, Request
from events.log.port import CommitInvalid, Log, scoped_key
from events.log.state import State

SEEDS: Final = asset("seeds")
SEEDER: Final = "system/import"
"""The principal whose the seeds' keys are."""

_BEGUN: Final = ("seeding", "from-empty")
"""Says that seeding an empty log has begun and not ended: it goes on with the seeds' times after a crash."""


class Seeded(Struct, frozen=True, kw_only=True):
    """How many commands were carried out, and how many were known."""

    done: int
    known: int


class SeedsMissing(DatelineError):
    """There are no seeds where they should be."""

    code = "seeds-missing"


async def seed(handler: Handler, log: Log, state: State, *, folder: Path = SEEDS) -> Seeded:
    """Carry out every command in `folder/*/commands.jsonl` whose key is not known; what is known is not looked at.

    Raises:
        SeedsMissing: there is no such file.
        LineInvalid: a line is no command, or was refused; it names the place. Those before it are recorded.
    """
    files = sorted(folder.glob("*/commands.jsonl"))  # noqa: ASYNC240
    if not files:
        raise SeedsMissing(f"there are no seeds in {folder}: no */commands.jsonl")
    keep_times = from_empty = await _may_keep_times(log, state)
    done = known = 0
    for file in files:
        for place, line in _lines(file):
            key = _key(line, place)
            if await log.outcome(scoped_key(SEEDER, key)) is not None:
                known += 1
                continue
            command = read_line(line, place, folder=file.parent)
            keep_times = await _carry_out(command, key, handler, keep_times=keep_times)
            done += 1
    if from_empty:
        await state.delete(*_BEGUN)
    return Seeded(done=done, known=known)


async def _may_keep_times(log: Log, state: State) -> bool:
    """Say whether the log was empty when it was first seeded, and that has not ended."""
    if (await log.head()).position == 0:
        await state.put(*_BEGUN, b"", expected=None)
        return True
    return await state.get(*_BEGUN) is not None


async def _carry_out(line: CommandLine, key: str, handler: Handler, *, keep_times: bool) -> bool:
    """Carry out a line; return whether those after it may still have the times they say."""
    request = Request(commands=(line.command,), key=key, fingerprint=sha256(content_of(line)).digest(), by=SEEDER)
    try:
        if keep_times and line.recorded_at is not None:
            try:
                await handler.handle(msgspec.structs.replace(request, recorded_at=line.recorded_at))
                return True
            except CommitInvalid as error:
                if error.pointer != "/recorded_at":
                    raise
        # Somebody recorded something since, and times never go back.
        await handler.handle(request)
    except Refused as refusal:
        raise LineInvalid(line.place, f"{refusal}{f' (at {refusal.pointer})' if refusal.pointer else ''}") from None
    return False


def _lines(file: Path) -> Iterator[tuple[str, bytes]]:
    with file.open("rb") as lines:
        yield from numbered(lines, str(file))


def _key(line: bytes, place: str) -> str:
    key = key_of(line, place)
    if key is None:
        raise LineInvalid(place, "a seed needs a key, so that seeding again adds nothing")
    return key
