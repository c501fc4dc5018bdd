"""How an announcement is meant: denied, conditional, committed, scheduled, expected or reported, in this order."""

import pytest

from events.days import parse_day
from events.extract.article import extract
from events.extract.reading import Publication

MONDAY = Publication(day=parse_day("2024-05-13"))


def modality_of(text: str) -> str | None:
    found = extract(text, MONDAY).expressions

    assert len(found) == 1, found
    return found[0].modality or None


@pytest.mark.parametrize(
    ("text", "modality"),
    [
        ("The ministers will meet in Oslo on Thursday.", "scheduled"),
        ("The court rules on Thursday.", "scheduled"),
        ("The bridge is due to open on 3 June.", "scheduled"),
        ("The council plans to vote in September.", "scheduled"),
        ("The firm announced plans to close the mine in 2026.", "scheduled"),
        ("The union has called a strike for 9 June.", "scheduled"),
        ("The shop will not open until September.", "scheduled"),
        ("The company pledged to hire 300 people in 2025.", "committed"),
        ("The mayor promised an answer by June.", "committed"),
        ("Norway agreed to deliver the ferries in 2026.", "committed"),
        ("The firm will rebuild the harbour by 2027.", "committed"),
        ("“We shall open the line in June,” the mayor vowed.", "committed"),
        ("The tenants have been told to leave in June.", "committed"),
        ("The bank is expected to cut rates in June.", "expected"),
        ("The queen may visit the island in August.", "expected"),
        ("The builder hopes to finish the stadium in 2025.", "expected"),
        ("The city is considering a ban on lorries from 2026.", "expected"),
        ("Analysts forecast that prices will rise in June.", "expected"),
        ("The two sides signed the treaty on Friday.", "reported"),
        ("Exports have fallen since January.", "reported"),
        ("The museum, which opened in 1912, will be sold.", "reported"),
        ("The minister ruled out a visit in June.", "denied"),
        ("The airline will not fly to Reykjavik in June.", "denied"),
        ("No trains will run on Thursday.", "denied"),
        ("The visit planned for Friday was cancelled.", "denied"),
        ("The bank denied that it would close branches in 2025.", "denied"),
        ("The firm has no plans to return in 2025.", "denied"),
        ("The lake could freeze in November if the wind drops.", "conditional"),
        ("If the law passes, the tax will rise in January.", "conditional"),
        ("Unless the council pays, the pool will close in June.", "conditional"),
        ("If the firm does not pay in June, it will lose the licence.", "conditional"),
    ],
)
def test_a_date_is_meant_as_its_clause_means_it(text: str, modality: str) -> None:
    assert modality_of(text) == modality


def test_what_was_refused_is_denied_whatever_else_it_is() -> None:
    assert modality_of("The bank said it would not promise to cut rates in June.") == "denied"


def test_the_day_of_saying_is_reported_and_the_day_of_doing_is_not() -> None:
    found = extract("The ministry said on Monday that the port would reopen on 3 June.", MONDAY).expressions

    assert [each.modality for each in found] == ["reported", "scheduled"]


def test_both_dates_of_a_postponement_are_scheduled() -> None:
    found = extract("The vote has been moved from 20 May to 3 June.", MONDAY).expressions

    assert [each.modality for each in found] == ["scheduled", "scheduled"]
