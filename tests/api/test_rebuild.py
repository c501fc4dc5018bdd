"""`/v1/rebuild`: the views are written anew while they are read."""

import asyncio
from pathlib import Path
from typing import Any, Final

import pytest

from api.app import Service
from events.views import generations
from tests.api.inside import Answer, ask, inside
from tests.api.served import ADMIN, announcement, source

OPERATOR: Final = {"Authorization": f"Bearer {ADMIN}"}
PATIENCE_S: Final = 20.0


async def told(service: Service, method: str = "GET") -> Answer:
    return await ask(service, method, "/v1/rebuild", headers=OPERATOR)


async def finished(service: Service) -> Any:
    """Return what is told of the rebuild that is under way, once it is over."""
    async with asyncio.timeout(PATIENCE_S):
        while (answer := (await told(service)).json())["state"] == "running":  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return answer


async def record(service: Service) -> None:
    for number, (path, body) in enumerate(
        (("/v1/sources", source("a")), ("/v1/announcements", announcement("visit", "a")))
    ):
        answer = await ask(service, "POST", path, body, {**OPERATOR, "Idempotency-Key": str(number)})
        assert answer.status == 201
    await service.views.wait_for(2, PATIENCE_S)


def files(data: Path) -> set[str]:
    return {path.name for path in (data / "views").glob("*.db")}


async def test_a_rebuild_is_begun_and_told_of_and_changes_nothing_that_is_read(data: Path) -> None:
    async with inside(data) as service:
        await record(service)
        before, old = await ask(service, "GET", "/v1/announcements"), files(data)
        assert (await told(service)).json() == {"state": "none", "done": 0, "total": 0, "position": 2}

        begun = await told(service, "POST")
        again = await told(service, "POST")
        done = await finished(service)

        assert (begun.status, begun.json()) == (202, {"state": "running", "done": 0, "total": 0, "position": 2})
        assert (again.status, again.json()["state"]) == (202, "running")
        assert done == {"state": "done", "done": 4, "total": 4, "position": 2}
        assert len(files(data)) == 1
        assert files(data).isdisjoint(old)
        assert (await ask(service, "GET", "/v1/announcements")).body == before.body


async def test_what_is_recorded_meanwhile_is_not_lost(data: Path) -> None:
    async with inside(data) as service:
        await told(service, "POST")
        await record(service)

        assert (await finished(service))["position"] == 2
        assert (await ask(service, "GET", "/v1/announcements/visit")).status == 200


async def test_a_rebuild_that_fails_is_told_and_leaves_the_views_as_they_are(
    data: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    async with inside(data) as service:
        await record(service)
        with monkeypatch.context() as broken:
            broken.setattr(generations, "finish_build", full)
            await told(service, "POST")
            failed = await finished(service)
        await told(service, "POST")
        repaired = await finished(service)

        assert (failed["state"], failed["position"], repaired["state"]) == ("failed", 2, "done")
        assert "No space left on device" in caplog.text
        assert (await ask(service, "GET", "/v1/announcements/visit")).status == 200


async def test_a_service_that_ends_gives_up_a_rebuild(data: Path) -> None:
    async with inside(data) as service:
        await record(service)
        await told(service, "POST")

    async with inside(data) as service:
        assert (await ask(service, "GET", "/v1/announcements/visit")).status == 200
        assert len(files(data)) == 1
