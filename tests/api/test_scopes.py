"""Which scope opens which route: every route, with every scope, and with tokens that are no good."""

import re
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Final

import pytest

from api.app import Service
from api.principals import SCOPES, Principals, Scope
from events.instants import Instant
from events.log.sqlite import open_sqlite
from tests.api.inside import Route, ask, inside, routes_of
from tests.api.served import ADMIN

NOW: Final = "2024-04-01T00:00:00.000000Z"
PARTS: Final = {"id": "x", "slug": "x", "position": "1", "name": "x", "path": "0/000"}

# A route that stands in no list fails the test: say here what it needs. `<a|b>` is either.
EVERYBODY: Final = """
GET /healthz
GET /readyz
GET /<docs|openapi.json>
GET /static/{name}
GET /widget/{name}
"""
READ: Final = """
GET /
GET /metrics
GET /<about|actors|corrections|log|oembed|rubric|search>
GET /actors/{id}
GET /announcements/{id}
GET /embed/{slug}
GET /timelines/{slug}
GET /v1/<actors|announcements|sources|timelines>
GET /v1/<actors|announcements|sources>/{id}
GET /v1/announcements/{id}/history
GET /v1/<agenda|announcements|due>.<atom|csv|dates.csv|feed.json|ics|json|md|timelinejs.json>
GET /v1/<agenda|corrections|due|scoreboard|search|slippage>
GET /v1/announcements/{id}/cite.<bib|json|ris|txt>
GET /v1/timelines/{slug}
GET /v1/timelines/{slug}/<stream|view>
GET /v1/timelines/{slug}/.<atom|csv|dates.csv|feed.json|html|ics|json|md|svg|timelinejs.json>
GET /v1/timelines/{slug}/cite.<bib|json|ris|txt>
GET /v1/dates
GET /v1/events
GET /checkpoint
GET /tile/{path}
GET /v1/events/{position}
GET /v1/events/{position}/proof
GET /v1/feed
GET /v1/log
GET /v1/log/<commits|consistency|notes>
GET /v1/rubrics
"""
READ_TEXT: Final = """
GET /v1/sources/{id}/text
POST /v1/sources/{id}/extract
"""
PROPOSE: Final = """
POST /v1/extract
"""
WRITE: Final = """
POST /v1/<actors|announcements|batch|sources>
POST /v1/actors/{id}/<merge|rename>
POST /v1/announcements/{id}/<amend|cancel|corroborate|link|merge|outcome|postpone|progress|reschedule|retract>
POST /v1/events/{position}/withdraw
POST /v1/sources/{id}/<correct|reject|withdraw>
"""
PUBLISH: Final = """
POST /v1/<rubrics|timelines>
PATCH /v1/timelines/{slug}
POST /v1/timelines/{slug}/<archive|hide|pin|release>
"""
ADMINISTER: Final = """
GET /v1/tokens
POST /v1/tokens
GET /v1/tokens/{id}
DELETE /v1/tokens/{id}
GET /v1/principals/{id}
PATCH /v1/principals/{id}
DELETE /v1/principals/{id}
GET /v1/rebuild
POST /v1/rebuild
POST /v1/events/{position}/erase
POST /v1/sources/{id}/erase
POST /v1/log/key
"""


def listed(text: str) -> Iterator[Route]:
    for line in text.split("\n"):
        method, _, path = line.partition(" ")
        parts = re.split(r"<(.*?)>", path)
        for chosen in product(*(part.split("|") if place % 2 else [part] for place, part in enumerate(parts))):
            if line:
                yield Route(method, "".join(chosen))


NEEDED: Final[Mapping[Route, Scope | None]] = {
    **dict.fromkeys(listed(EVERYBODY), None),
    **dict.fromkeys(listed(READ), "read"),
    **dict.fromkeys(listed(READ_TEXT), "read:text"),
    **dict.fromkeys(listed(PROPOSE), "propose"),
    **dict.fromkeys(listed(WRITE), "write"),
    **dict.fromkeys(listed(PUBLISH), "publish"),
    **dict.fromkeys(listed(ADMINISTER), "admin"),
}


class Askers:
    """Everybody who may ask: `good` by what they may do, `bad` by what is wrong with their token."""

    def __init__(self) -> None:
        self.good: dict[str, tuple[str, frozenset[str]]] = {"the operator": (ADMIN, frozenset(SCOPES))}
        self.bad = {"malformed": "dl_", "unknown": f"dl_{'0' * 16}_{'A' * 43}"}

    @classmethod
    async def into(cls, data: Path) -> "Askers":
        """Issue their tokens into a directory."""
        askers = cls()
        engine = await open_sqlite(data)
        principals = await Principals.open(engine.state, lambda: NOW)

        async def issue(person: str, *scopes: Scope, expires_at: Instant | None = None) -> tuple[str, str]:
            token, shown = await principals.issue(person, scopes, expires_at)
            return token.id, shown

        for scope in SCOPES:
            _, shown = await issue(f"may {scope}", scope)
            askers.good[scope] = shown, frozenset(SCOPES if scope == "admin" else (scope,))
        _, askers.bad["expired"] = await issue("late", *SCOPES, expires_at="2024-05-01T00:00:00.000000Z")
        revoked, askers.bad["revoked"] = await issue("gone", *SCOPES)
        await principals.revoke(revoked)
        _, whole = await issue("cut", *SCOPES)
        askers.bad["altered"] = whole[:-1] + ("A" if whole[-1] != "A" else "B")
        await engine.close()
        return askers


async def status(service: Service, route: Route, token: str | None, query: str = "") -> int:
    """Return the status of a request that would be refused for its body, or find nothing, if it were let in."""
    path = re.sub(r"\{(\w+)\}", lambda part: PARTS[part[1]], route.path).replace("/.", ".")
    body: object = {} if route.method in ("POST", "PATCH") else None
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return (await ask(service, route.method, path + query, body, headers)).status


async def test_every_route_of_the_application_says_what_it_needs(data: Path) -> None:
    async with inside(data) as service:
        routes = {route for route in routes_of(service) if route.method != "HEAD"}

    assert sorted(f"{route.method} {route.path}" for route in routes ^ NEEDED.keys()) == [], (
        "add them, or take them out"
    )


@pytest.mark.parametrize("public", [True, False])
async def test_a_route_lets_in_who_has_its_scope_and_nobody_else(data: Path, *, public: bool) -> None:
    askers = await Askers.into(data)
    wrong = []

    async with inside(data, public_read=public) as service:
        for route, needed in NEEDED.items():
            free = needed is None or (needed == "read" and public)
            told = {"nobody": await status(service, route, None)}
            expected = {"nobody": 200 if free else 401}
            for name, (token, scopes) in askers.good.items():
                told[name] = await status(service, route, token)
                may = needed in scopes or (needed == "propose" and "write" in scopes)
                expected[name] = 200 if free or may else 403
            for name, token in askers.bad.items():
                told[name] = await status(service, route, token)
                expected[name] = 200 if needed is None else 401
            let_in = {name: code if code in (401, 403) else 200 for name, code in told.items()}
            wrong += [(route.path, name, told[name]) for name in told if let_in[name] != expected[name]]
            wrong += [(route.path, name, code) for name, code in told.items() if code in (405, 429) or code >= 500]

    assert wrong == []


async def test_who_may_propose_may_try_every_write_and_carry_out_none(data: Path) -> None:
    askers = await Askers.into(data)
    token, _ = askers.good["propose"]
    writes = [route for route, needed in NEEDED.items() if needed in ("write", "publish")]
    others = [route for route, needed in NEEDED.items() if needed == "admin"]

    async with inside(data) as service:
        tried = {route: await status(service, route, token, "?dry_run=true") for route in writes}
        refused = {route: await status(service, route, token, "?dry_run=true") for route in others}

    assert {route for route, code in tried.items() if code in (401, 403)} == set()
    assert set(refused.values()) == {403}


@pytest.mark.parametrize("asked", ["dry_run=false", "dry_run=0", "dry_run=", "dry_run=no", "other=1", ""])
async def test_a_proposal_that_is_no_dry_run_stores_nothing(data: Path, asked: str) -> None:
    token, _ = (await Askers.into(data)).good["propose"]
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}
    actor = {"id": "x", "names": {"en": "X"}, "kind": "office"}
    commands = {"commands": [{"command": "record_actor", **actor}]}

    async with inside(data) as service:
        for path, body in (("/v1/actors", actor), ("/v1/batch", commands)):
            answer = await ask(service, "POST", f"{path}?{asked}", body, headers)
            proposed = await ask(service, "POST", f"{path}?dry_run=true", body, headers)

            assert answer.status in (400, 403)
            assert proposed.status == 201
        assert (await service.log.head()).position == 0


async def test_a_batch_needs_the_scope_of_every_command_in_it(data: Path) -> None:
    askers = await Askers.into(data)
    actor = {"command": "record_actor", "id": "x", "names": {"en": "X"}, "kind": "office"}
    timeline = {"command": "create_timeline", "slug": "x", "title": "X", "query": {"actor": "x"}}
    rubric = {"command": "publish_rubric", "version": "1", "text": "What it means."}

    async with inside(data) as service:
        for commands, expected in (([actor, timeline], 403), ([rubric], 403), ([actor], 201)):
            headers = {"Authorization": f"Bearer {askers.good['write'][0]}", "Idempotency-Key": "k"}
            answer = await ask(service, "POST", "/v1/batch", {"commands": commands}, headers)

            assert answer.status == expected
        assert (await service.log.head()).position == 1
