"""What else sources say of an announcement: that it is so, how it goes, what came of it; and of which they may."""

from typing import Any

import pytest

from events import facts as f
from events.errors import DateInvalid, NotAllowed, NotFound, Refused, UnknownReference
from events.judging import CopyCorroboratesNothing
from tests.unit.given import MADE, SOURCES, after, asked, at, cited, given, known, made, now, on, refused, source, words

# Support.


def test_a_corroboration_supports_the_statement_that_gave_the_date() -> None:
    world = after(known(), "reschedule", id="visit", when="2024-05-01", citations=[words("nhk")])

    (fact,) = asked(world, "corroborate", id="visit", citations=[words("kyodo")])

    assert isinstance(fact, f.Corroborated)
    assert fact.supports == MADE + 1


def test_an_older_source_supports_the_date_that_was_in_force_when_it_spoke() -> None:
    world = known(f.Rescheduled(announcement="visit", when=on("2024-05-01"), citations=cited("kyodo", "2024-03-20")))

    after(world, "corroborate", id="visit", citations=[words("nhk")])

    fact = world.recorded[MADE + 2].fact
    assert isinstance(fact, f.Corroborated)
    assert fact.supports == MADE
    assert [date.said_at for date in now(world).dates] == [at("2024-03-01"), at("2024-03-20")]


def test_a_source_from_before_the_announcement_supports_what_was_announced_first() -> None:
    first = made(citations=cited("nhk", "2024-03-10"))
    second = made(title="Official visit", when="2024-05-01", citations=cited("kyodo", "2024-03-20"))
    world = given(*SOURCES, first, second)

    after(world, "corroborate", id="visit", citations=[words("mofa")])

    assert now(world).title == "Official visit"
    assert now(world).made_at == at("2024-03-01")
    assert [(date.edtf, date.said_at) for date in now(world).dates] == [
        ("2024-04-10", at("2024-03-01")),
        ("2024-05-01", at("2024-03-20")),
    ]


def test_support_for_an_undated_announcement_is_for_its_being_made() -> None:
    (fact,) = asked(known(when=None), "corroborate", id="visit", citations=[words("nhk")])

    assert isinstance(fact, f.Corroborated)
    assert fact.supports == MADE


def test_support_for_a_corroboration_is_for_what_that_supports() -> None:
    world = after(known(), "corroborate", id="visit", citations=[words("nhk")])

    (fact,) = asked(world, "corroborate", id="visit", supports=MADE + 1, citations=[words("kyodo")])

    assert isinstance(fact, f.Corroborated)
    assert fact.supports == MADE


def test_a_sources_own_correction_can_be_supported_and_ours_cannot() -> None:
    ours = {"id": "visit", "set": {"title": "A visit"}, "origin": "editor", "reason": "r"}
    theirs = {"id": "visit", "set": {"title": "The visit"}, "origin": "source", "reason": "r", "citations": [words()]}
    world = after(after(known(), "amend", **ours), "amend", **theirs)

    assert asked(world, "corroborate", id="visit", supports=MADE + 2, citations=[words("kyodo")])
    refusal = refused(world, "corroborate", id="visit", supports=MADE + 1, citations=[words("kyodo")])
    assert isinstance(refusal, NotAllowed)
    assert refusal.pointer == "/supports"


@pytest.mark.parametrize("same", ["mofa", "wire"])
def test_neither_the_same_source_nor_a_copy_of_it_corroborates_anything(same: str) -> None:
    refusal = refused(known(), "corroborate", id="visit", citations=[words(same, quote="Other words")])

    assert isinstance(refusal, CopyCorroboratesNothing)
    assert refusal.pointer == "/citations"


def test_the_original_of_a_copy_that_supports_it_already_corroborates_nothing() -> None:
    world = known(citations=cited("wire", "2024-03-15"))

    assert isinstance(refused(world, "corroborate", id="visit", citations=[words("mofa")]), CopyCorroboratesNothing)


def test_the_very_same_citation_again_changes_nothing() -> None:
    world = after(known(), "corroborate", id="visit", citations=[words("nhk")])

    assert asked(world, "corroborate", id="visit", citations=[words("nhk")]) == ()


def test_of_a_new_source_and_a_copy_of_it_the_first_counts_with_all_its_words() -> None:
    world = given(*SOURCES, made(citations=cited("nhk", "2024-03-10")))

    (fact,) = asked(
        world,
        "corroborate",
        id="visit",
        citations=[words("mofa", quote="One"), words("wire"), words("mofa", quote="Two"), words("nhk")],
    )

    assert isinstance(fact, f.Corroborated)
    assert [(citation.source, citation.quote) for citation in fact.citations] == [("mofa", "One"), ("mofa", "Two")]


@pytest.mark.parametrize("position", [1, MADE + 1, MADE + 2, 99])
def test_only_a_standing_statement_of_the_announcement_can_be_supported(position: int) -> None:
    withdrawn = f.Postponed(announcement="visit", citations=cited("nhk", "2024-03-10"))
    world = known(withdrawn, made("summit"), f.FactWithdrawn(position=MADE + 1, reason="r"))

    refusal = refused(world, "corroborate", id="visit", supports=position, citations=[words("kyodo")])

    assert isinstance(refusal, NotAllowed)
    assert refusal.pointer == "/supports"


# Progress and outcome.


def test_progress_is_words_and_the_same_words_again_change_nothing() -> None:
    body: dict[str, Any] = {"id": "visit", "text": "A date\nwas found.", "citations": [words("nhk")]}
    speaker = {"name": "An official", "named": False}
    world = known()

    (fact,) = asked(world, "progress", **body)
    after(world, "progress", **{**body, "citations": [words("nhk", speaker=speaker)]})

    assert isinstance(fact, f.ProgressReported)
    assert asked(world, "progress", **{**body, "citations": [words("nhk", speaker=speaker)]}) == ()
    assert asked(world, "progress", **{**body, "text": "More."})


def test_an_outcome_is_judged_by_the_newest_rubric() -> None:
    world = known(f.RubricPublished(version="1", text="."), f.RubricPublished(version="2", text="."))

    (fact,) = asked(
        world, "outcome", id="visit", result="happened", on="2024-04-10", reason="Seen.", citations=[words("nhk")]
    )

    assert fact == f.OutcomeReported(
        announcement="visit",
        result="happened",
        on="2024-04-10",
        reason="Seen.",
        rubric="2",
        citations=cited("nhk", "2024-03-10", said_at_assumed=True),
    )


def test_an_outcome_names_the_rubric_it_was_judged_by_or_none_where_there_is_none() -> None:
    world = known(f.RubricPublished(version="1", text="."), f.RubricPublished(version="2", text="."))

    (told,) = asked(world, "outcome", id="visit", result="partly", rubric="1", citations=[words("nhk")])
    (bare,) = asked(known(), "outcome", id="visit", result="partly", citations=[words("nhk")])

    assert isinstance(told, f.OutcomeReported)
    assert isinstance(bare, f.OutcomeReported)
    assert (told.rubric, bare.rubric) == ("1", None)


def test_the_same_outcome_from_another_source_is_corroborated_and_another_is_another() -> None:
    world = after(known(), "outcome", id="visit", result="partly", citations=[words("nhk")])

    (same,) = asked(world, "outcome", id="visit", result="partly", citations=[words("kyodo")])
    (other,) = asked(world, "outcome", id="visit", result="happened", citations=[words("kyodo")])
    (dated,) = asked(world, "outcome", id="visit", result="partly", on="2024-04-11", citations=[words("kyodo")])

    assert isinstance(same, f.Corroborated)
    assert same.supports == MADE + 1
    assert isinstance(other, f.OutcomeReported)
    assert isinstance(dated, f.OutcomeReported)
    assert asked(world, "outcome", id="visit", result="partly", citations=[words("nhk")]) == ()


@pytest.mark.parametrize(
    ("body", "error", "pointer"),
    [
        ({"rubric": "9"}, UnknownReference, "/rubric"),
        ({"on": "Wednesday"}, DateInvalid, "/on"),
        ({"on": "../.."}, DateInvalid, "/on"),
    ],
)
def test_an_outcome_that_cannot_be_is_refused_at_its_place(
    body: dict[str, Any], error: type[Refused], pointer: str
) -> None:
    refusal = refused(known(), "outcome", id="visit", result="happened", citations=[words("nhk")], **body)

    assert type(refusal) is error
    assert refusal.pointer == pointer


def test_a_later_date_reopens_what_had_an_outcome() -> None:
    world = after(known(), "outcome", id="visit", result="did_not_happen", citations=[words("nhk")])

    after(world, "reschedule", id="visit", when="2024-05-01", citations=[words("kyodo")])

    assert now(world).state == "announced"


# What can be spoken of.

STATEMENTS: dict[str, dict[str, Any]] = {
    "make_announcement": {"title": "State visit"},
    "reschedule": {"when": "2024-05-01"},
    "postpone": {},
    "cancel": {},
    "corroborate": {},
    "progress": {"text": "."},
    "outcome": {"result": "happened"},
}


@pytest.mark.parametrize("name", [name for name in STATEMENTS if name != "make_announcement"])
def test_what_was_never_announced_is_not_found(name: str) -> None:
    assert isinstance(
        refused(given(source("nhk")), name, id="visit", citations=[words("nhk")], **STATEMENTS[name]), NotFound
    )


@pytest.mark.parametrize("name", STATEMENTS)
def test_nothing_can_be_said_of_what_was_merged_and_the_refusal_names_the_other(name: str) -> None:
    world = known(made("summit"), f.Merged(announcement="visit", into="summit"))

    refusal = refused(world, name, id="visit", citations=[words("nhk")], **STATEMENTS[name])

    assert isinstance(refusal, NotAllowed)
    assert "'summit'" in str(refusal)


@pytest.mark.parametrize("name", STATEMENTS)
def test_nothing_can_be_said_of_what_was_retracted(name: str) -> None:
    world = known(f.Retracted(announcement="visit", reason="Misread."))

    refusal = refused(world, name, id="visit", citations=[words("nhk")], **STATEMENTS[name])

    assert isinstance(refusal, NotAllowed)
    assert "was retracted" in str(refusal)


def test_once_the_merge_is_undone_it_can_be_spoken_of_again() -> None:
    merged = f.Merged(announcement="visit", into="summit")
    world = known(made("summit"), merged, f.FactWithdrawn(position=MADE + 2, reason="They are two."))

    assert asked(world, "reschedule", id="visit", when="2024-05-01", citations=[words("nhk")])
