"""The log's key is changed over the API, and its notes lie where the operator says, which everybody is told."""

import asyncio
import time
from pathlib import Path
from typing import Any, Final

from api.app import Service
from events.log.notes import NoteInvalid, VerifierKey, opened
from tests.api.inside import Answer, ask, inside
from tests.api.served import ADMIN, source

OPERATOR: Final = {"Authorization": f"Bearer {ADMIN}"}
PATIENCE_S: Final = 20.0


async def rotate(service: Service, body: dict[str, Any], key: str, query: str = "") -> Answer:
    return await ask(service, "POST", f"/v1/log/key{query}", body, {**OPERATOR, "Idempotency-Key": key})


async def vkey(service: Service) -> str:
    told: str = (await ask(service, "GET", "/v1/log")).json()["vkey"]
    return told


async def test_a_key_is_changed_once_however_often_it_is_asked(data: Path) -> None:
    async with inside(data) as service:
        old = await vkey(service)

        tried = await rotate(service, {}, "one", "?dry_run=true")
        done = await rotate(service, {}, "one")
        new = await vkey(service)
        second = await rotate(service, {"compromised": True}, "two")
        again = await rotate(service, {}, "one")
        tried_again = await rotate(service, {}, "one", "?dry_run=true")
        other = await rotate(service, {"compromised": True}, "one")
        head = (await service.log.head()).position

    assert (tried.status, tried.json()) == (201, {"vkey": None, "replaces": old, "position": 1, "duplicate": False})
    assert (done.status, done.json()) == (201, {"vkey": new, "replaces": old, "position": 1, "duplicate": False})
    assert done.headers["location"] == "/v1/events/1"
    assert (second.status, second.json()["replaces"]) == (201, new)
    for one in (again, tried_again):
        assert (one.status, one.json()) == (200, {**done.json(), "duplicate": True})
    assert (other.status, other.json()["code"]) == (422, "commit-key-reused")
    assert head == 2
    assert new != old


async def test_the_old_key_signs_along_unless_it_is_in_wrong_hands(data: Path) -> None:
    async with inside(data) as service:
        signing = [VerifierKey.parse(await vkey(service))]
        signed = []
        for number, compromised in enumerate((False, True)):
            await rotate(service, {"compromised": compromised}, f"key-{number}")
            signing.append(VerifierKey.parse(await vkey(service)))
            note = (await ask(service, "GET", "/checkpoint")).body.decode()
            signed.append([f"— {key.name} " in note and _opens(note, key) for key in signing])

    assert signed == [[True, True], [False, False, True]]


def _opens(note: str, key: VerifierKey) -> bool:
    try:
        return opened(note, [key]).size > 0
    except NoteInvalid:
        return False


async def test_notes_are_put_where_the_operator_says_and_that_is_told(data: Path, tmp_path: Path) -> None:
    places = f"file://{tmp_path}/notes/ https://127.0.0.1:1/put?secret=s3cret"
    async with inside(data, publish=places, publish_every=1) as service:
        headers = {**OPERATOR, "Idempotency-Key": "k"}
        assert (await ask(service, "POST", "/v1/sources", source("s"), headers)).status == 201
        deadline = time.monotonic() + PATIENCE_S
        while True:
            told = (await ask(service, "GET", "/v1/log/notes")).json()
            here, there = told["notes"]
            if here["size"] == 1 and there["last_error"]:
                break
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
        log = (await ask(service, "GET", "/v1/log")).json()
        page = (await ask(service, "GET", "/log")).body.decode()

    assert (here["place"], here["root"], here["last_error"]) == ("file:notes", log["root"], None)
    assert here["since"] is not None
    assert (there["place"], there["size"], there["since"]) == ("https://127.0.0.1:1/put", None, None)
    assert "not for everybody" in there["last_error"]
    assert (tmp_path / "notes" / "latest").read_text().startswith(f"{log['origin']}\n1\n")
    assert "Who holds a seal" in page
    assert "file:notes" in page
    assert "s3cret" not in page + str(told)
