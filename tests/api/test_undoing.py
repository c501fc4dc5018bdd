"""Every kind of entry is undone by one request and nothing else is, or it stays for a reason that is told."""

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from api.app import Service
from events import facts as f
from events.facts import TYPES
from events.tags import tags_of
from tests.api.inside import Answer, ask, inside
from tests.api.served import ADMIN, announcement, cited, source
from tests.recording import new_event, record_events

SOURCES = ("bulletin", "gazette", "unused", "copy")
Step = tuple[str, dict[str, Any]]
_KEYS = count(1)

ANNOUNCED = "/v1/announcements/visit"
FIRST = cited("bulletin")
SECOND = cited("gazette", "on 12 April 2024")
PIN: Step = ("/v1/timelines/spring/pin", {"announcement": "dinner"})

UNDONE: dict[str, tuple[Step, str]] = {
    "source.recorded": (("/v1/sources", source("fresh")), "/v1/sources/fresh"),
    "source.corrected": (
        ("/v1/sources/copy/correct", {"set": {"title": "X"}, "reason": "r"}),
        "/v1/sources/copy",
    ),
    "source.withdrawn": (("/v1/sources/bulletin/withdraw", {"reason": "r"}), ANNOUNCED),
    "announcement.rescheduled": ((f"{ANNOUNCED}/reschedule", {"when": "2024-04-12", "citations": SECOND}), ANNOUNCED),
    "announcement.postponed": ((f"{ANNOUNCED}/postpone", {"citations": SECOND}), ANNOUNCED),
    "announcement.cancelled": ((f"{ANNOUNCED}/cancel", {"citations": SECOND}), ANNOUNCED),
    "announcement.corroborated": ((f"{ANNOUNCED}/corroborate", {"citations": SECOND}), ANNOUNCED),
    "announcement.progress_reported": ((f"{ANNOUNCED}/progress", {"text": "So so.", "citations": SECOND}), ANNOUNCED),
    "announcement.outcome_reported": ((f"{ANNOUNCED}/outcome", {"result": "happened", "citations": SECOND}), ANNOUNCED),
    "announcement.amended": (
        (f"{ANNOUNCED}/amend", {"set": {"refs": ["urn:x:2"]}, "origin": "editor", "reason": "r"}),
        ANNOUNCED,
    ),
    "announcement.linked": ((f"{ANNOUNCED}/link", {"relation": "follows", "to": "dinner"}), ANNOUNCED),
    "announcement.merged": ((f"{ANNOUNCED}/merge", {"into": "dinner"}), ANNOUNCED),
    "announcement.retracted": ((f"{ANNOUNCED}/retract", {"reason": "r"}), ANNOUNCED),
    "actor.recorded": (("/v1/actors", {"id": "un", "names": {"en": "UN"}, "kind": "organisation"}), "/v1/actors/un"),
    "actor.renamed": (("/v1/actors/usa/rename", {"names": {"en": "America"}}), ANNOUNCED),
    "actor.merged": (("/v1/actors/usa/merge", {"into": "states"}), ANNOUNCED),
    "timeline.created": (
        ("/v1/timelines", {"slug": "summer", "title": "S", "query": {"topic": "x"}}),
        "/v1/timelines/summer",
    ),
    "timeline.changed": (("PATCH /v1/timelines/spring", {"title": "Summer"}), "/v1/timelines/spring"),
    "timeline.item_pinned": (PIN, "/v1/timelines/spring"),
    "timeline.item_hidden": (("/v1/timelines/spring/hide", {"announcement": "visit"}), "/v1/timelines/spring"),
    "timeline.item_released": (("/v1/timelines/spring/release", {"announcement": "lunch"}), "/v1/timelines/spring"),
    "timeline.archived": (("/v1/timelines/spring/archive", {}), "/v1/timelines"),
}
"""How each kind of entry comes about, and where it shows: undone, everything is there as it was before."""
STAYS = {
    "rubric.published": "a published rubric stays",
    "log.key_rotated": "the log's own",
    "log.erased": "the log's own",
    "log.restored": "the log's own",
}
"""What is refused, and why."""
OTHERWISE = {
    "announcement.made": "its title stays",
    "announcement.came_up": "changes nothing that is shown",
    "announcement.fell_due": "changes nothing that is shown",
    "source.candidate_rejected": "can be rejected again",
    "fact.withdrawn": "what was undone is there again",
}
"""What has a test of its own below."""


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    """A service with two announcements on a timeline, one of them pinned there."""
    async with inside(tmp_path) as running:
        for id in SOURCES:
            await post(running, "/v1/sources", source(id, text=f"{id}: on 10 April 2024, on 12 April 2024."))
        for id in ("usa", "states"):
            await post(running, "/v1/actors", {"id": id, "names": {"en": id}, "kind": "state"})
        more = {"actors": [{"id": "usa"}], "topics": ["trade"], "refs": ["urn:x:1"]}
        await post(running, "/v1/announcements", announcement("visit", "bulletin", **more))
        await post(running, "/v1/announcements", announcement("dinner", "bulletin"))
        await post(running, "/v1/announcements", announcement("lunch", "bulletin"))
        await post(running, "/v1/timelines", {"slug": "spring", "title": "Spring", "query": {"topic": "trade"}})
        await post(running, "/v1/timelines/spring/pin", {"announcement": "lunch"})
        yield running


async def answer(service: Service, method: str, path: str, body: object = None) -> Answer:
    headers = {"authorization": f"Bearer {ADMIN}", "idempotency-key": f"undoing-{next(_KEYS)}"}
    return await ask(service, method, path, body, headers if method != "GET" else {"authorization": f"Bearer {ADMIN}"})


async def post(service: Service, path: str, body: object) -> int:
    """Record something; return its position."""
    method, _, path = path.rpartition(" ")
    found = await answer(service, method or "POST", path, body)
    assert found.status == 201, found.body
    return int(found.json()["position"])


async def undo(service: Service, position: int) -> Answer:
    return await answer(service, "POST", f"/v1/events/{position}/withdraw", {"reason": "Not so."})


async def shown(service: Service, path: str) -> Any:
    """Return what a reader sees, without how far the record goes."""
    found = await answer(service, "GET", path)
    return _without(found.json(), {"position", "updated_at"}) if found.status == 200 else found.status


def _without(value: Any, names: set[str]) -> Any:
    if isinstance(value, dict):
        return {name: _without(inner, names) for name, inner in value.items() if name not in names}
    return [_without(inner, names) for inner in value] if isinstance(value, list) else value


async def recorded(service: Service, fact: f.AnyFact) -> int:
    """Record a fact that no route records."""
    position = await record_events(service.log, [new_event(fact, tags_of(fact))])
    await service.views.wait_for(position, timeout_s=10)
    return position


def test_every_kind_of_entry_is_undone_here_or_stays() -> None:
    assert {*UNDONE, *STAYS, *OTHERWISE} == TYPES.keys()


async def test_undone_everything_is_as_it_was_before_and_with_that_undone_as_it_was_after(service: Service) -> None:
    for kind, ((path, body), where) in UNDONE.items():
        before = await shown(service, where)
        await post(service, path, body)
        with_it = await shown(service, where)
        events = (await answer(service, "GET", f"/v1/events?types={kind}&limit=1000")).json()["events"]

        first = await undo(service, events[-1]["position"])
        after = await shown(service, where)
        second = await undo(service, first.json()["position"])
        again = await shown(service, where)
        third = await undo(service, second.json()["position"])

        assert [one.status for one in (first, second, third)] == [201, 201, 201], kind
        assert with_it != before, kind
        assert after == before, kind
        assert again == with_it, kind
        assert await shown(service, where) == before, kind


async def test_what_stays_says_why(service: Service) -> None:
    own: dict[str, f.AnyFact] = {
        "rubric.published": f.RubricPublished(version="9", text="What ratings mean."),
        "log.key_rotated": f.LogKeyRotated(vkey="key"),
        "log.erased": f.LogErased(positions=(1,), reason="r"),
        "log.restored": f.LogRestored(position=1, root="0" * 64, lost=2, reason="r"),
    }
    positions = [(await recorded(service, own[kind]), why) for kind, why in STAYS.items()]

    for position, why in [*positions, (1, "rest on it"), (len(SOURCES) + 1, "rest on it")]:
        refused = await undo(service, position)

        assert (refused.status, refused.json()["code"]) == (409, "not-allowed")
        assert why in refused.json()["detail"]


async def test_of_what_was_never_announced_the_title_stays(service: Service) -> None:
    position = await post(service, "/v1/announcements", announcement("new", "bulletin", topics=["trade"]))
    listed = await shown(service, "/v1/timelines/spring")

    await undo(service, position)

    left = await shown(service, "/v1/announcements/new")
    assert (left["state"], left["title"], left["when"]["edtf"]) == ("withdrawn", "Meeting new", None)
    assert len((await shown(service, "/v1/timelines/spring"))["items"]) == len(listed["items"]) - 1


@pytest.mark.parametrize("fact", [f.CameUp, f.FellDue])
async def test_undoing_what_the_clock_recorded_changes_nothing_that_is_shown(
    service: Service, fact: type[f.CameUp] | type[f.FellDue]
) -> None:
    before = await shown(service, ANNOUNCED)
    position = await recorded(service, fact(announcement="visit", date=len(SOURCES) + 3))

    undone = await undo(service, position)

    assert undone.status == 201
    assert await shown(service, ANNOUNCED) == before
    entries = (await answer(service, "GET", f"{ANNOUNCED}/history")).json()["items"]
    assert [one["withdrawn_by"] for one in entries if one["position"] == position] == [undone.json()["position"]]


async def test_a_rejected_reading_can_be_rejected_again_once_that_is_undone(service: Service) -> None:
    reading = {"candidates": [{"start": 10, "end": 26, "edtf": "2024-04-10"}]}
    position = await post(service, "/v1/sources/bulletin/reject", reading)
    again = await answer(service, "POST", "/v1/sources/bulletin/reject", reading)

    await undo(service, position)

    assert again.status == 200
    assert await post(service, "/v1/sources/bulletin/reject", reading) > position
