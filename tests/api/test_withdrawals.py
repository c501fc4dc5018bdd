"""`POST /v1/events/{position}/withdraw` for every kind of entry: what is read is as if it had never been recorded."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, get_args

from api.app import Service
from events import facts as f
from events.log.entry import canonical
from events.log.port import NewCommit, NewEvent, Query
from events.record import State
from tests.api.inside import Answer, ask, inside
from tests.api.served import announcement
from tests.api.test_dry_runs import WRITES, write

STAYS: Final = {"rubric.published", "log.key_rotated", "log.erased", "log.restored"}
"""What cannot be taken back."""
BY_THE_CLOCK: Final = (
    (f.CameUp(announcement="visit", date=9), ("announcement:visit",)),
    (f.FellDue(announcement="visit", date=9), ("announcement:visit",)),
    (f.LogKeyRotated(vkey="k"), ("log:self",)),
    (f.LogErased(positions=(1,), reason="Asked for."), ("log:self",)),
    (f.LogRestored(position=1, root="00", lost=2, reason="A backup."), ("log:self",)),
)
READS: Final = (
    *("/v1/sources", "/v1/sources/a", "/v1/sources/b", "/v1/actors", "/v1/actors/office", "/v1/actors/bureau"),
    *("/v1/announcements/visit", "/v1/announcements/other", "/v1/announcements/third", "/v1/timelines"),
    *("/v1/timelines/all", "/v1/rubrics"),
    "/v1/announcements?" + "&".join(f"state={state}" for state in get_args(State)),
)
LAST: Final = ("position", "updated_at")
"""These say what was recorded last, which a withdrawal is."""

patience = iter(range(10**6))


def steps() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield writes of one entry each, of every kind but the service's own."""
    for method, path, body in WRITES:
        if path == "/v1/batch":
            yield "POST", "/v1/announcements", announcement("third", "a")
        elif "/events/" not in path:
            yield method, path, body


async def send(service: Service, method: str, path: str, body: dict[str, Any]) -> Answer:
    answer = await write(service, method, path, body, f"k-{next(patience)}")
    await service.views.wait_for((await service.log.head()).position, 5)
    return answer


async def withdraw(service: Service, position: int) -> Answer:
    return await send(service, "POST", f"/v1/events/{position}/withdraw", {"reason": "A test."})


async def read(service: Service) -> dict[str, Any]:
    """Return what everything reads like, None where there is nothing."""
    answers = {path: await ask(service, "GET", path) for path in READS}
    return {path: _without(answer.json(), LAST) if answer.status == 200 else None for path, answer in answers.items()}


async def newest(service: Service) -> tuple[int, str]:
    """Return the position and the type of the last entry, which is a commit of its own."""
    head = (await service.log.head()).position
    (event,) = (await service.log.read(Query.all(), after=head - 1)).events
    assert event.commit == (head, 1)
    return head, event.type


async def test_every_kind_of_entry_can_be_taken_back_and_brought_back(data: Path) -> None:
    seen = set()
    async with inside(data) as service:
        for method, path, body in steps():
            before = await read(service)
            assert (await send(service, method, path, body)).status == 201
            after = await read(service)
            position, type_name = await newest(service)
            seen.add(type_name)

            answer = await withdraw(service, position)

            if type_name in STAYS:
                assert (answer.status, answer.json()["code"]) == (409, "not-allowed")
                continue
            assert (answer.status, answer.json()["position"]) == (201, position + 1)
            taken_back = await read(service)
            if type_name == "announcement.made":
                gone = taken_back.pop(f"/v1/announcements/{body['id']}")
                assert (gone["state"], gone["title"], gone["when"]["edtf"]) == ("withdrawn", body["title"], None)
                assert before.pop(f"/v1/announcements/{body['id']}") is None
                _drop(taken_back, body["id"])
            assert taken_back == before, type_name
            assert (await withdraw(service, position)).status == 200  # It is taken back already.
            assert (await withdraw(service, position + 1)).status == 201
            assert await read(service) == after, type_name

        seen.add((await newest(service))[1])
        seen |= await by_the_clock(service)
    assert seen == f.TYPES.keys()


async def by_the_clock(service: Service) -> set[str]:
    """Take back what only the service records; return of which types that was."""
    seen = set()
    for fact, tags in BY_THE_CLOCK:
        event = NewEvent(type=f.type_of(fact), data=canonical(f.plain(fact)), tags=tags)
        key = f"system/{event.type}"
        before = await read(service)
        await service.log.append(NewCommit(key=key, fingerprint=b"f", events=(event,), by="system/due"))
        position, type_name = await newest(service)

        answer = await withdraw(service, position)

        assert answer.status == (409 if type_name in STAYS else 201)
        assert await read(service) == before
        seen.add(type_name)
    return seen


def _without(value: Any, names: tuple[str, ...]) -> Any:
    match value:
        case dict():
            return {name: _without(inner, names) for name, inner in value.items() if name not in names}
        case list():
            return [_without(inner, names) for inner in value]
    return value


def _drop(reads: dict[str, Any], id: str) -> None:
    """Take a withdrawn announcement out of the list that shows those too."""
    listed = reads[READS[-1]]
    listed["items"] = [item for item in listed["items"] if item["id"] != id]
    listed["total"] = len(listed["items"])
