"""`dateline key`: which key signs the notes of the log, and another one in its place."""

import asyncio
import os
import secrets
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from api.cli_keep import TOKEN_HINT
from api.cli_service import NothingThere, RefusedByService, given, reached, running_at
from api.remote_log import Described
from api.settings import load_settings
from events.errors import DatelineError
from events.instants import from_microseconds
from events.log.notes import VerifierKey
from events.log.sqlite import open_sqlite, wall_clock
from events.sealing import SEAL, Seal

KEY_BYTES: Final = 16


class KeyThere(DatelineError):
    """A key was said to be lost, and it is there."""

    code = "key-there"


class _Rotated(Struct, frozen=True):
    vkey: str
    replaces: str | None
    position: int


def show(*, data: Path, server: str | None, token: str | None) -> None:
    """Print which key signs. Raises what `reached` raises, `RefusedByService` and `Unreachable`."""
    with reached(data, server, token) as api:
        told = msgspec.json.decode(given(api.ask("GET", "/v1/log")), type=Described)
    print(told.vkey)  # noqa: T201


def rotate(*, compromised: bool, data: Path, server: str | None, token: str | None) -> None:
    """Have a new key sign. Raises what `show` raises."""
    headers = {"Idempotency-Key": secrets.token_hex(KEY_BYTES)}
    body = msgspec.json.encode({"compromised": compromised})
    with reached(data, server, token) as api:
        answer = api.ask("POST", "/v1/log/key", body, headers)
    try:
        done = msgspec.json.decode(given(answer), type=_Rotated)
    except RefusedByService as refusal:
        if refusal.problem.status not in (401, 403):
            raise
        detail = f"{refusal.problem.detail}{TOKEN_HINT}"
        raise RefusedByService(msgspec.structs.replace(refusal.problem, detail=detail)) from None
    print(_in_words(done.vkey, done.replaces, done.position))  # noqa: T201
    if compromised:
        print(  # noqa: T201
            "The old key signs nothing any more, so nobody who trusts it can tell this one from a thief's: publish it"
            " where people know that it is you."
        )
    else:
        print("The old key signs along until the next rotation, so whoever looks until then learns of it.")  # noqa: T201


def replace_lost(*, data: Path) -> None:
    """Make a new key for a directory whose key is gone.

    Raises `KeyThere`, `NothingThere` and what `Seal.open` raises.
    """
    if running_at(data) is not None:
        raise KeyThere(f"a server signs with the key of {data}, so it is not lost; to have another one: key rotate")
    if not (data / "log.db").exists():
        raise NothingThere(data)
    if (data / "key").exists():
        raise KeyThere(f"{data / 'key'} is there; move it away if it is not the one of this log, and try again")
    before, key, position = asyncio.run(_replace(data))
    print(_in_words(str(key), before, position))  # noqa: T201
    print(  # noqa: T201
        "Nobody who trusts the lost key can tell this one from a thief's: publish it where people know that it is you."
    )


async def _replace(data: Path) -> tuple[str | None, VerifierKey, int]:
    engine = await open_sqlite(data)
    try:
        remembered = await engine.state.get(SEAL, "vkey")
        address = load_settings(os.environ).public_url
        seal = await Seal.open(data, engine, from_microseconds(wall_clock()), address=address, lost=True)
        position = (await engine.log.head()).position
        return None if remembered is None else remembered.value.decode(), seal.vkey, position
    finally:
        await engine.close()


def _in_words(vkey: str, replaces: str | None, position: int) -> str:
    before = "" if replaces is None else f" in the place of\n{replaces}"
    return f"From entry {position} on this key signs:\n{vkey}{before}"
