"""Taking one entry back, and taking that back: what goes, what comes again, and what has to stay."""

import pytest

from events import facts as f
from events.errors import NotAllowed, NotFound
from events.terms import ActorRef, SourceFields
from tests.unit.given import MADE, after, asked, at, cited, given, known, made, now, on, refused, source

MOVED = f.Rescheduled(announcement="visit", when=on("2024-05-01"), citations=cited("nhk", "2024-03-10"))


def test_exactly_one_entry_is_taken_back_and_taking_that_back_restores_it() -> None:
    world = known(MOVED)

    (fact,) = asked(world, "withdraw_fact", position=MADE + 1, reason="Misread.")
    after(world, "withdraw_fact", position=MADE + 1, reason="Misread.")
    assert now(world).when.edtf == "2024-04-10"
    after(world, "withdraw_fact", position=MADE + 2, reason="It was right.")

    assert fact == f.FactWithdrawn(position=MADE + 1, reason="Misread.")
    assert now(world).when.edtf == "2024-05-01"


def test_taking_back_what_was_taken_back_changes_nothing() -> None:
    world = after(known(), "withdraw_fact", position=MADE, reason="r")

    assert asked(world, "withdraw_fact", position=MADE, reason="r") == ()


def test_an_entry_that_is_not_there_cannot_be_taken_back() -> None:
    assert isinstance(refused(known(), "withdraw_fact", position=99, reason="r"), NotFound)


@pytest.mark.parametrize(
    "fact",
    [
        f.LogKeyRotated(vkey="k"),
        f.LogErased(positions=(1,), reason="r"),
        f.LogRestored(position=1, root="00", lost=2, reason="r"),
    ],
    ids=f.type_of,
)
def test_what_the_log_says_of_itself_stays(fact: f.AnyFact) -> None:
    assert isinstance(refused(given(fact), "withdraw_fact", position=1, reason="r"), NotAllowed)


def test_a_merge_can_be_taken_back_although_commands_on_the_merged_one_are_refused() -> None:
    world = known(made("summit"))
    after(world, "merge", id="visit", into="summit")

    after(world, "withdraw_fact", position=MADE + 2, reason="They are two.")

    assert now(world).state == "announced"


def test_a_source_that_entries_rest_on_cannot_be_taken_back_and_they_are_listed() -> None:
    world = given(source(), made(), source("wire", copy_of="mofa"))

    refusal = refused(world, "withdraw_fact", position=1, reason="r")

    assert isinstance(refusal, NotAllowed)
    assert "entries 2, 3 rest on it" in str(refusal)


def test_a_source_that_nothing_rests_on_any_more_can_be_taken_back() -> None:
    world = after(given(source(), made()), "withdraw_fact", position=2, reason="r")

    assert asked(world, "withdraw_fact", position=1, reason="r")


def test_an_actor_that_entries_name_cannot_be_taken_back() -> None:
    usa = f.ActorRecorded(actor="usa", names={"en": "U"}, kind="state")
    navy = f.ActorRecorded(actor="navy", names={"en": "N"}, kind="organisation", part_of="usa")

    for fact in (made(actors=(ActorRef(id="usa"),)), navy):
        assert isinstance(refused(given(usa, source(), fact), "withdraw_fact", position=1, reason="r"), NotAllowed)


def test_restoring_a_withdrawal_cannot_take_away_what_entries_rest_on_again() -> None:
    world = given(
        source(), f.FactWithdrawn(position=1, reason="r"), f.FactWithdrawn(position=2, reason="It is one."), made()
    )

    assert isinstance(refused(world, "withdraw_fact", position=3, reason="r"), NotAllowed)


def test_taking_back_the_withdrawal_of_a_source_brings_it_back_whatever_rests_on_it() -> None:
    world = given(source(), f.FactWithdrawn(position=1, reason="r"), made())

    after(world, "withdraw_fact", position=2, reason="It is one.")

    assert world.source("mofa") is not None


def test_a_corrected_publication_that_statements_are_dated_by_stays_corrected() -> None:
    corrected = f.SourceCorrected(source="mofa", set=SourceFields(published_at=at("2024-03-05")), reason="r")
    dated = made(citations=cited(said_at="2024-03-05", said_at_assumed=True))

    assert isinstance(refused(given(source(), corrected, dated), "withdraw_fact", position=2, reason="r"), NotAllowed)
    assert asked(given(source(), corrected, made()), "withdraw_fact", position=2, reason="r")


def test_an_entry_does_not_come_back_to_a_source_that_was_withdrawn_meanwhile() -> None:
    world = given(source(), made())
    after(world, "withdraw_fact", position=2, reason="Misread.")
    after(world, "withdraw_fact", position=1, reason="A test.")

    refusal = refused(world, "withdraw_fact", position=3, reason="It was right.")

    assert isinstance(refusal, NotAllowed)
    assert "which was withdrawn" in str(refusal)


def test_an_entry_does_not_come_back_to_an_actor_that_was_withdrawn_meanwhile() -> None:
    usa = f.ActorRecorded(actor="usa", names={"en": "U"}, kind="state")
    world = given(usa, source(), made(actors=(ActorRef(id="usa"),)))
    after(world, "withdraw_fact", position=3, reason="Misread.")
    after(world, "withdraw_fact", position=1, reason="A test.")

    assert isinstance(refused(world, "withdraw_fact", position=4, reason="It was right."), NotAllowed)


def test_an_entry_does_not_come_back_to_a_publication_that_was_corrected_meanwhile() -> None:
    dated = made(citations=cited(said_at="2024-03-01", said_at_assumed=True))
    world = given(source(), dated)
    after(world, "withdraw_fact", position=2, reason="Misread.")
    after(world, "correct_source", id="mofa", set={"published_at": "2024-03-05"}, reason="A typo.")

    refusal = refused(world, "withdraw_fact", position=3, reason="It was right.")

    assert "record it anew" in str(refusal)


def test_a_source_that_was_recorded_anew_meanwhile_does_not_come_back_beside_it() -> None:
    world = given(source(), f.FactWithdrawn(position=1, reason="r"), source())

    refusal = refused(world, "withdraw_fact", position=2, reason="It was right.")

    assert "recorded anew" in str(refusal)


def test_a_published_rubric_stays() -> None:
    world = given(f.RubricPublished(version="1", text="What happened means."))

    assert "publish another version" in str(refused(world, "withdraw_fact", position=1, reason="r"))
