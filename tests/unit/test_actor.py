"""Actors and rubrics: who acts, and what the ratings mean."""

from typing import Any

import pytest

from events import facts as f
from events.errors import BodyInvalid, DateInvalid, NotAllowed, NotFound, Refused, Taken, UnknownReference
from tests.unit.given import after, asked, given, refused

USA = f.ActorRecorded(actor="usa", names={"en": "United States", "ja": "米国"}, kind="state", aliases=("US",))
NAVY = f.ActorRecorded(actor="navy", names={"en": "Navy"}, kind="organisation", part_of="usa")
RECORD: dict[str, Any] = {"id": "navy", "names": {"en": "Navy"}, "kind": "organisation", "part_of": "usa"}


def test_an_actor_is_recorded_with_its_names_and_days() -> None:
    (fact,) = asked(
        given(USA), "record_actor", **RECORD, aliases=["USN"], from_="1775-10-13", to="../2100", wikidata="Q11220"
    )

    assert fact == f.ActorRecorded(
        actor="navy",
        names={"en": "Navy"},
        kind="organisation",
        aliases=("USN",),
        part_of="usa",
        from_="1775-10-13",
        to="../2100",
        wikidata="Q11220",
    )


def test_recording_the_same_actor_again_changes_nothing_and_another_is_refused() -> None:
    world = after(given(USA), "record_actor", **RECORD)

    assert asked(world, "record_actor", **RECORD) == ()
    refusal = refused(world, "record_actor", **{**RECORD, "kind": "company"})
    assert isinstance(refusal, Taken)
    assert refusal.pointer == "/id"


@pytest.mark.parametrize(
    ("body", "error", "pointer"),
    [
        ({"part_of": "nobody"}, UnknownReference, "/part_of"),
        ({"part_of": "navy"}, UnknownReference, "/part_of"),
        ({"from_": "long ago"}, DateInvalid, "/from"),
        ({"to": "2024-13"}, DateInvalid, "/to"),
        ({"names": {"en": "N\x00"}}, BodyInvalid, "/names/en"),
        ({"aliases": ["N\n"]}, BodyInvalid, "/aliases/0"),
    ],
)
def test_an_actor_that_cannot_be_is_refused_at_its_place(
    body: dict[str, Any], error: type[Refused], pointer: str
) -> None:
    refusal = refused(given(USA), "record_actor", **{**RECORD, **body})

    assert type(refusal) is error
    assert refusal.pointer == pointer


def test_new_names_are_recorded_and_known_ones_change_nothing() -> None:
    world = given(USA)

    assert asked(world, "rename_actor", id="usa", names={"de": "USA"}, reason="r") == (
        f.ActorRenamed(actor="usa", names={"de": "USA"}, reason="r"),
    )
    assert asked(world, "rename_actor", id="usa", names={"en": "United States"}) == ()
    assert asked(world, "rename_actor", id="usa", names={"en": "United States"}, aliases=["US"]) == ()
    assert asked(world, "rename_actor", id="usa", names={"en": "United States"}, aliases=[])


def test_languages_that_are_not_named_keep_their_names() -> None:
    world = after(given(USA), "rename_actor", id="usa", names={"en": "America"})

    actor = world.actor("usa")

    assert actor is not None
    assert actor.described.names == {"en": "America", "ja": "米国"}
    assert actor.described.aliases == ("US",)


def test_a_renaming_that_is_taken_back_leaves_the_names_as_they_were() -> None:
    world = after(given(USA), "rename_actor", id="usa", names={"en": "America"})

    after(world, "withdraw_fact", position=2, reason="r")

    actor = world.actor("usa")
    assert actor is not None
    assert actor.described.names["en"] == "United States"


def test_a_merged_actor_points_on_and_can_be_neither_renamed_nor_merged_again() -> None:
    world = after(given(USA, NAVY), "merge_actor", id="navy", into="usa", reason="r")

    actor = world.actor("navy")
    assert actor is not None
    assert actor.merged_into == "usa"
    for name, body in (("rename_actor", {"names": {"en": "N"}}), ("merge_actor", {"into": "usa"})):
        refusal = refused(world, name, id="navy", **body)
        assert isinstance(refusal, NotAllowed)
        assert "'usa'" in str(refusal)


def test_a_merge_of_actors_that_would_close_a_circle_is_refused() -> None:
    third = f.ActorRecorded(actor="us", names={"en": "US"}, kind="state")
    world = after(given(USA, NAVY, third), "merge_actor", id="us", into="usa")

    for id, into in (("usa", "us"), ("navy", "navy")):
        refusal = refused(world, "merge_actor", id=id, into=into)
        assert isinstance(refusal, NotAllowed)
        assert refusal.pointer == "/into"


def test_of_two_merges_that_undoings_left_the_older_counts() -> None:
    world = given(USA, NAVY, f.ActorRecorded(actor="us", names={"en": "US"}, kind="state"))
    after(world, "merge_actor", id="us", into="usa")
    after(world, "withdraw_fact", position=4, reason="r")
    after(world, "merge_actor", id="us", into="navy")
    after(world, "withdraw_fact", position=5, reason="r")

    actor = world.actor("us")

    assert actor is not None
    assert actor.merged_into == "usa"


def test_a_circle_that_undoings_left_is_no_endless_way() -> None:
    world = given(USA, NAVY, f.ActorRecorded(actor="us", names={"en": "US"}, kind="state"))
    after(world, "merge_actor", id="usa", into="navy")
    after(world, "withdraw_fact", position=4, reason="r")
    after(world, "merge_actor", id="navy", into="usa")
    after(world, "withdraw_fact", position=5, reason="r")

    assert asked(world, "merge_actor", id="us", into="usa")


@pytest.mark.parametrize(("name", "body"), [("rename_actor", {"names": {"en": "N"}}), ("merge_actor", {"into": "usa"})])
def test_an_actor_that_is_not_there_is_not_found(name: str, body: dict[str, Any]) -> None:
    assert isinstance(refused(given(USA), name, id="nobody", **body), NotFound)


def test_an_actor_cannot_be_merged_into_nobody() -> None:
    refusal = refused(given(USA), "merge_actor", id="usa", into="nobody")

    assert isinstance(refusal, UnknownReference)
    assert refusal.pointer == "/into"


def test_a_rubric_is_published_once_and_stays_as_it_is() -> None:
    world = after(given(), "publish_rubric", version="1", text="Happened:\nit took place.")

    assert world.newest_rubric() == "1"
    assert asked(world, "publish_rubric", version="1", text="Happened:\nit took place.") == ()
    assert isinstance(refused(world, "publish_rubric", version="1", text="Other."), Taken)
    assert asked(world, "publish_rubric", version="2", text="Other.")


def test_the_newest_rubric_is_the_one_published_last() -> None:
    world = given(f.RubricPublished(version="1", text="."), f.RubricPublished(version="2", text="."))

    assert world.newest_rubric() == "2"
    assert given().newest_rubric() is None
