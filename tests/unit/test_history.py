"""The golden histories: what one announcement is at four corners of the two clocks."""

from typing import Any

import msgspec
import pytest

from events import facts as f
from events import terms
from events.history import History
from tests.golden import CASES, committed, corner, recorded, told
from tests.property.naive import naive


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_a_history_reads_at_every_corner_as_the_golden_file_says(case: dict[str, Any]) -> None:
    records = recorded(case)
    history = History("a", records)

    read = {text: told(history.at(*corner(text, head=len(records)))) for text in case["expect"]}

    assert read == case["expect"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_the_naive_fold_reads_the_golden_histories_alike(case: dict[str, Any]) -> None:
    records = recorded(case)

    for text, expected in case["expect"].items():
        read = naive(records, *corner(text, head=len(records)), "a")

        if expected is None:
            assert read is None
        else:
            assert read is not None
            dates = [f"{date['edtf'] or 'none'} {date['how']} #{date['position']}" for date in read["dates"]]
            shown = {name: read[name] for name in ("state", "slip_days", "position")}
            into = {"into": read["merged_into"]} if "merged_into" in read else {}
            assert {**shown, "when": read["when"]["edtf"], "dates": dates, **into} == expected


# What the naive fold found.

SAID = "2024-01-25T00:00:00.000000Z"
CITED = (terms.Citation(source="x", quote="as said", said_at=SAID),)
SUPPORTED = (terms.Citation(source="y", quote="as we hear", said_at="2024-01-26T00:00:00.000000Z"),)
ON_THE_TENTH = terms.When(edtf="2024-04-10", kind="on")
MADE = f.Made(announcement="a", title="The visit", when=ON_THE_TENTH, citations=CITED)


def history(*facts: f.AnyFact) -> History:
    return History("a", committed(facts))


def test_nothing_is_read_where_nothing_was_recorded() -> None:
    assert history(MADE).at(0) is None


def test_a_correction_falls_with_its_only_source() -> None:
    amended = f.Amended(
        announcement="a",
        corrects=1,
        set=terms.AnnouncementFields(when=terms.When(edtf="2024-04-11", kind="on"), title="The other visit"),
        origin="source",
        reason="It was misprinted.",
        citations=SUPPORTED,
    )

    read = history(MADE, amended, f.SourceWithdrawn(source="y", reason="An error.")).at()

    assert read is not None
    assert (read.title, read.when.edtf, len(read.dates)) == ("The visit", "2024-04-10", 1)


def test_a_restatement_of_the_date_in_force_words_it_anew_without_an_entry() -> None:
    reworded = msgspec.structs.replace(ON_THE_TENTH, phrase="on Wednesday")

    folded = history(MADE, f.Made(announcement="a", title="The visit", when=reworded, citations=CITED))

    read, course = folded.at(), folded.course()
    assert read is not None
    assert (read.when.phrase, len(read.dates)) == ("on Wednesday", 1)
    assert (course.when_by, course.made_by) == (2, 2)


def test_a_timeline_that_pins_an_announcement_is_no_part_of_its_history() -> None:
    read = history(MADE, f.ItemPinned(timeline="spring", announcement="a")).at()

    assert read is not None
    assert read.position == 1


def test_an_outcome_keeps_the_words_of_a_source_that_was_taken_back_and_marks_them() -> None:
    read = history(
        MADE,
        f.OutcomeReported(announcement="a", result="happened", citations=CITED),
        f.Corroborated(announcement="a", supports=2, citations=SUPPORTED),
        f.SourceWithdrawn(source="x", reason="An error."),
    ).at()

    assert read is not None
    assert [(c.source, c.withdrawn) for c in read.outcomes[0].citations] == [("x", True), ("y", False)]
