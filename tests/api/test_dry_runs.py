"""`?dry_run=true` on every write: the answer that the write would get, and nothing stored."""

import re
from pathlib import Path
from typing import Any, Final

from api.app import Service
from tests.api.inside import Answer, Route, ask, inside
from tests.api.served import ADMIN, announcement, cited, source
from tests.api.test_scopes import NEEDED

# One write for every route that writes, in an order in which each can be carried out.
WRITES: Final[list[tuple[str, str, dict[str, Any]]]] = [
    ("POST", "/v1/sources", source("a")),
    ("POST", "/v1/sources", source("b")),
    ("POST", "/v1/sources/a/correct", {"set": {"author": "Somebody"}, "reason": "It says so."}),
    ("POST", "/v1/sources/a/reject", {"candidates": [{"start": 0, "end": 6, "edtf": "2024"}]}),
    ("POST", "/v1/actors", {"id": "office", "names": {"en": "Office"}, "kind": "office"}),
    ("POST", "/v1/actors", {"id": "bureau", "names": {"en": "Bureau"}, "kind": "office"}),
    ("POST", "/v1/actors/office/rename", {"names": {"en": "The Office"}}),
    ("POST", "/v1/rubrics", {"version": "1", "text": "What it means."}),
    ("POST", "/v1/announcements", announcement("visit", "a", actors=[{"id": "office"}])),
    ("POST", "/v1/announcements", announcement("other", "a")),
    ("POST", "/v1/announcements/visit/corroborate", {"citations": cited("b")}),
    ("POST", "/v1/announcements/visit/reschedule", {"when": "2024-04-12", "citations": cited("b", "on 12 April 2024")}),
    ("POST", "/v1/announcements/visit/amend", {"set": {"kind": "visit"}, "origin": "editor", "reason": "Misread."}),
    ("POST", "/v1/announcements/visit/postpone", {"citations": cited("b", "on 13 April 2024")}),
    ("POST", "/v1/announcements/visit/cancel", {"citations": cited("b", "on 14 April 2024")}),
    ("POST", "/v1/announcements/visit/progress", {"text": "It goes on.", "citations": cited("a")}),
    ("POST", "/v1/announcements/visit/outcome", {"result": "did_not_happen", "citations": cited("b")}),
    ("POST", "/v1/announcements/visit/link", {"relation": "follows", "to": "other"}),
    ("POST", "/v1/timelines", {"slug": "all", "title": "All", "query": {"actor": "office"}}),
    ("PATCH", "/v1/timelines/all", {"title": "Everything"}),
    ("POST", "/v1/timelines/all/pin", {"announcement": "other"}),
    ("POST", "/v1/timelines/all/hide", {"announcement": "visit"}),
    ("POST", "/v1/timelines/all/release", {"announcement": "visit"}),
    ("POST", "/v1/timelines/all/archive", {"reason": "It is over."}),
    ("POST", "/v1/batch", {"commands": [{"command": "record_source", **source("c")},
                                        {"command": "make_announcement", **announcement("third", "c")}]}),
    ("POST", "/v1/events/1/withdraw", {"reason": "Never."}),  # Refused: others rest on it.
    ("POST", "/v1/events/13/withdraw", {"reason": "It was no correction."}),
    ("POST", "/v1/announcements/third/merge", {"into": "other"}),
    ("POST", "/v1/announcements/other/retract", {"reason": "There was none."}),
    ("POST", "/v1/actors/bureau/merge", {"into": "office"}),
    ("POST", "/v1/sources/b/withdraw", {"reason": "It was wrong."}),
]  # fmt: skip


async def write(service: Service, method: str, target: str, body: dict[str, Any], key: str) -> Answer:
    return await ask(service, method, target, body, {"Authorization": f"Bearer {ADMIN}", "Idempotency-Key": key})


async def kept(service: Service) -> tuple[object, ...]:
    """Return what a write could change."""
    return await service.log.head(), *[await service.state.list(kind) for kind in ("text", "token", "principal")]


def told(answer: Answer) -> tuple[int, Any, str | None, str | None]:
    return answer.status, answer.json(), answer.headers.get("location"), answer.headers.get("etag")


def route_of(method: str, path: str) -> Route:
    """Return the route of a path of the list above."""
    return next(
        route
        for route in NEEDED
        if route.method == method and re.fullmatch(re.sub(r"\{\w+\}", "[a-z0-9-]+", route.path), path)
    )


def test_every_route_that_writes_is_tried() -> None:
    writes = {route for route, needed in NEEDED.items() if needed in ("write", "publish")}

    assert {route_of(method, path) for method, path, _ in WRITES} == writes


async def test_a_dry_run_of_every_write_is_answered_like_the_write_and_stores_nothing(data: Path) -> None:
    statuses = []
    async with inside(data) as service:
        for number, (method, path, body) in enumerate(WRITES):
            key = f"write-{number}"
            before = await kept(service)

            dry = await write(service, method, f"{path}?dry_run=true", body, key)

            assert await kept(service) == before, path
            assert await service.log.outcome(f"admin/{key}") is None
            wet = await write(service, method, path, body, key)
            assert told(dry) == told(wet), path
            assert (await kept(service) != before) == (wet.status == 201)
            statuses.append(wet.status)

    assert sorted(statuses) == [201] * (len(WRITES) - 1) + [409]


async def test_a_dry_run_of_every_write_is_refused_like_the_write(data: Path) -> None:
    async with inside(data) as service:
        for number, (method, path, body) in enumerate(WRITES):
            wrong = {**body, "unknown": 1} if path.count("/") == 2 else body

            dry = await write(service, method, f"{path}?dry_run=true", wrong, f"wrong-{number}")
            wet = await write(service, method, path, wrong, f"wrong-{number}")

            assert told(dry) == told(wet), path
            assert wet.status in (400, 404)
        assert (await service.log.head()).position == 0


async def test_a_dry_run_makes_an_id_up_as_the_write_would(data: Path) -> None:
    body = source("a", title="A title of ours")
    del body["id"]
    async with inside(data) as service:
        dry = await write(service, "POST", "/v1/sources?dry_run=true", body, "k")
        wet = await write(service, "POST", "/v1/sources", body, "k")

    assert all(re.fullmatch(r"a-title-of-ours-[0-9a-f]{8}", answer.json()["id"]) for answer in (dry, wet))
    assert {**dry.json(), "id": ""} == {**wet.json(), "id": ""}
    assert dry.headers["location"] == f"/v1/sources/{dry.json()['id']}"


async def test_a_dry_run_does_not_make_its_reader_wait_for_what_is_not_there(data: Path) -> None:
    async with inside(data) as service:
        dry = await write(service, "POST", "/v1/sources?dry_run=true", source("a"), "k")
        read = await ask(service, "GET", "/v1/sources", headers={"Authorization": f"Bearer {ADMIN}"})

    assert (dry.headers["dateline-position"], read.status, read.json()["total"]) == ("0", 200, 0)
