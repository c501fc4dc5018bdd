"""Timelines: named selections, filled by a query, with announcements pinned and hidden by hand."""

from typing import Any

import pytest

from events import facts as f
from events.errors import BodyInvalid, DateInvalid, NotAllowed, NotFound, Refused, Taken, UnknownReference
from events.terms import TimelineFields, TimelineQuery
from events.world import Timeline, World
from tests.unit.given import after, asked, given, made, refused, source

CREATE: dict[str, Any] = {"slug": "spring", "title": "Spring", "query": {"topic": "defence"}}
CREATED = f.TimelineCreated(timeline="spring", title="Spring", query=TimelineQuery(topic=("defence",)))


def timeline(world: World) -> Timeline:
    found = world.timeline("spring")
    assert found is not None
    return found


def test_a_timeline_is_created_with_one_value_or_several_of_each_field() -> None:
    (fact,) = asked(
        given(),
        "create_timeline",
        slug="spring",
        title="Spring",
        description="What was\nannounced.",
        query={
            "q": "summit",
            "actor": "usa",
            "topic": ["defence", "trade"],
            "state": ["due", "overdue"],
            "kind": "summit",
            "id": ["visit"],
            "from": "2024-04-01",
            "to": "2024-06-30",
        },
    )

    assert fact == f.TimelineCreated(
        timeline="spring",
        title="Spring",
        description="What was\nannounced.",
        query=TimelineQuery(
            q="summit",
            actor=("usa",),
            topic=("defence", "trade"),
            state=("due", "overdue"),
            kind=("summit",),
            id=("visit",),
            from_="2024-04-01",
            to="2024-06-30",
        ),
    )


def test_creating_the_same_timeline_again_changes_nothing_and_another_is_refused() -> None:
    world = after(given(), "create_timeline", **CREATE)

    assert asked(world, "create_timeline", **CREATE) == ()
    refusal = refused(world, "create_timeline", **{**CREATE, "title": "Summer"})
    assert isinstance(refusal, Taken)
    assert refusal.pointer == "/slug"


@pytest.mark.parametrize(
    ("query", "error", "pointer"),
    [
        ({}, BodyInvalid, "/query"),
        ({"state": "hoped for"}, BodyInvalid, "/query/state"),
        ({"from": "April"}, DateInvalid, "/query/from"),
        ({"to": "2024-04"}, DateInvalid, "/query/to"),
        ({"from": "2024-05-01", "to": "2024-04-30"}, BodyInvalid, "/query/to"),
        ({"q": "A\x00"}, BodyInvalid, "/query/q"),
    ],
)
def test_a_query_that_cannot_be_is_refused_at_its_place(
    query: dict[str, Any], error: type[Refused], pointer: str
) -> None:
    created = refused(given(), "create_timeline", **{**CREATE, "query": query})
    changed = refused(given(CREATED), "change_timeline", slug="spring", query=query)

    assert type(created) is type(changed) is error
    assert created.pointer == changed.pointer == pointer


def test_a_query_may_be_for_one_day() -> None:
    assert asked(given(), "create_timeline", **{**CREATE, "query": {"from": "2024-04-10", "to": "2024-04-10"}})


def test_a_change_holds_what_is_other_and_nothing_changes_nothing() -> None:
    world = given(CREATED)

    assert asked(world, "change_timeline", slug="spring", title="Spring 2024") == (
        f.TimelineChanged(timeline="spring", set=TimelineFields(title="Spring 2024")),
    )
    assert asked(world, "change_timeline", slug="spring", title="Spring", query={"topic": ["defence"]}) == ()
    assert asked(world, "change_timeline", slug="spring") == ()


def test_an_item_is_pinned_hidden_and_released_each_once() -> None:
    world = given(CREATED, source(), made())
    visit = {"slug": "spring", "announcement": "visit"}

    assert asked(world, "release", **visit) == ()
    after(world, "pin", **visit, reason="It belongs here.")
    assert timeline(world).pinned == frozenset({"visit"})
    assert asked(world, "pin", **visit) == ()
    after(world, "hide", **visit)
    assert (timeline(world).pinned, timeline(world).hidden) == (frozenset(), frozenset({"visit"}))
    assert asked(world, "hide", **visit) == ()
    after(world, "release", **visit)
    assert (timeline(world).pinned, timeline(world).hidden) == (frozenset(), frozenset())


@pytest.mark.parametrize("name", ["pin", "hide", "release"])
def test_only_an_announcement_can_be_an_item(name: str) -> None:
    refusal = refused(given(CREATED), name, slug="spring", announcement="visit")

    assert isinstance(refusal, UnknownReference)
    assert refusal.pointer == "/announcement"


def test_an_archived_timeline_is_kept_as_it_is() -> None:
    world = after(given(CREATED, source(), made()), "archive", slug="spring", reason="Over.")

    assert timeline(world).archived
    assert asked(world, "archive", slug="spring") == ()
    for name, body in (("change_timeline", {"title": "T"}), ("pin", {"announcement": "visit"})):
        assert isinstance(refused(world, name, slug="spring", **body), NotAllowed)


def test_an_archived_timeline_is_back_once_that_is_taken_back() -> None:
    world = after(given(CREATED), "archive", slug="spring")

    after(world, "withdraw_fact", position=2, reason="r")

    assert not timeline(world).archived


@pytest.mark.parametrize(
    ("name", "body"), [("change_timeline", {}), ("pin", {"announcement": "visit"}), ("archive", {})]
)
def test_a_timeline_that_is_not_there_is_not_found(name: str, body: dict[str, Any]) -> None:
    assert isinstance(refused(given(source(), made()), name, slug="spring", **body), NotFound)
