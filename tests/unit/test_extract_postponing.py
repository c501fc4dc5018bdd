"""What is put off or called off: the date it had is the old one, and without a new one it has none."""

import pytest
from msgspec import UNSET

from events.days import parse_day
from events.extract.article import extract
from events.extract.matching import Background, match
from events.extract.reading import Candidate, Publication
from tests.unit.test_extract_matching import announcement

MONDAY = Publication(day=parse_day("2024-04-08"), country="GB")
SUMMIT = announcement({
    "id": "summit", "title": "Norway and Sweden to hold summit", "kind": "summit", "source": "paper", "start": 0,
    "actors": ["norway:by", "sweden:with"], "when": "2024-06-20", "said": "2024-03-01", "quote": "a summit on 20 June",
})  # fmt: skip


def only(text: str) -> Candidate:
    (found,) = extract(text, MONDAY).candidates
    return found


def dates(candidate: Candidate) -> tuple[str | None, str | None]:
    """Return the date it has now, and the one it is taken off; "?" where that is not said."""
    old = candidate.moved_from
    return candidate.when.edtf, None if old is UNSET else old.edtf or "?"


@pytest.mark.parametrize(
    ("text", "new", "old"),
    [
        ("Norway has postponed the summit with Sweden.", None, "?"),
        ("Norway has postponed the summit with Sweden, set for 20 June, indefinitely.", None, "2024-06-20"),
        ("The summit between Norway and Sweden has been postponed until further notice.", None, "?"),
        ("The visit has been postponed until further notice.", None, "?"),
        ("The vote scheduled for Tuesday has been postponed.", None, "2024-04-09"),
        ("The vote scheduled for Tuesday has been postponed to Friday.", "2024-04-12", "2024-04-09"),
        ("The summit was moved from 1 May.", None, "2024-05-01"),
        ("The summit was moved from 1 May to 3 June.", "2024-06-03", "2024-05-01"),
        ("Norway postponed the summit, which had been set for 20 June, to 4 July.", "2024-07-04", "2024-06-20"),
        ("Honda will delay its electric plant in Ontario by two years.", None, "?"),
        ("NASA pushed back its Artemis launch to 2026.", "2026", None),
        ("NATO moved its July summit to September.", "2024-09", "2024-07"),
        ("Turkey's Erdogan postponed his 9 May visit to Washington.", None, "2024-05-09"),
        ("The May 7 inauguration was postponed indefinitely.", None, "2024-05-07"),
        (
            "Officials decided to delay the referendum, initially planned for 9 June, until July.",
            "../2024-07",
            "2024-06-09",
        ),
        ("The bill passed on 3 April was delayed until 9 May.", "../2024-05-09", None),
        ("The deal signed on 3 April will be put to a vote on 20 April.", "2024-04-20", None),
        ("The autumn budget was brought forward to 30 October.", "2024-10-30", None),
        ("The vote on 25 April was moved by Labour.", "2024-04-25", None),
    ],
)
def test_the_old_date_is_told_from_the_new_one(text: str, new: str | None, old: str | None) -> None:
    found = only(text)

    assert (dates(found), found.modality) == ((new, old), "scheduled")


@pytest.mark.parametrize(
    ("text", "title", "edtf"),
    [
        ("The visit on 5 May has been called off.", "Visit called off", "2024-05-05"),
        ("The visit, planned for 5 May, has been called off.", "Visit called off", "2024-05-05"),
        ("The visit has been called off.", "Visit called off", None),
        ("The visit will not take place as planned on 5 May.", "Visit not to take place", "2024-05-05"),
        ("The 12 April summit will not now take place.", "Summit not to take place", "2024-04-12"),
        ("Norway will not host the summit with Sweden.", "Norway not to host summit with Sweden", None),
    ],
)
def test_what_will_not_be_is_denied_with_its_date_to_come(text: str, title: str, edtf: str | None) -> None:
    found = only(text)

    assert (found.modality, found.title, found.when.edtf) == ("denied", title, edtf)


@pytest.mark.parametrize(
    ("text", "edtf"),
    [
        ("The concert on 5 March was cancelled.", "2024-03-05"),
        ("Turkey cancelled a summit with Iran in March.", "2024-03"),
    ],
)
def test_what_was_called_off_was_to_be_on_the_nearest_day(text: str, edtf: str) -> None:
    found = only(text)

    assert (found.modality, found.when.edtf) == ("denied", edtf)


@pytest.mark.parametrize(
    ("text", "modality"),
    [
        ("Norway will not postpone the summit with Sweden.", "scheduled"),
        ("Norway refused to postpone the summit with Sweden.", "scheduled"),
        ("Neither the summit nor the vote on 14 April was postponed.", "scheduled"),
        ("The summit with Sweden on 20 June has not been cancelled.", "scheduled"),
        ("Norway decided to cancel the summit with Sweden on 20 June.", "denied"),
        ("Norway may cancel its summit with Sweden in June.", "expected"),
        ("Norway may postpone its summit with Sweden, set for 20 June.", "expected"),
        ("The vote on 25 April will be postponed if the talks fail.", "conditional"),
    ],
)
def test_only_what_is_called_off_is_denied(text: str, modality: str) -> None:
    (found, *_) = extract(text, MONDAY).expressions or [only(text)]

    assert (found.modality, only(text).moved_from) == (modality, UNSET)


@pytest.mark.parametrize(
    "text",
    [
        "The war delayed elections in Ukraine.",
        "A strike at the port has delayed deliveries of cars.",
        "The witness was not called to the hearing.",
        "The road will not be built, campaigners hope.",
    ],
)
def test_what_only_happens_to_be_late_is_no_announcement(text: str) -> None:
    assert extract(text, MONDAY).candidates == ()


def test_what_changed_little_from_a_day_is_not_moved() -> None:
    text = "The bank held its rate on Thursday. The krone was little changed from Wednesday."
    (_, wednesday) = extract(text, MONDAY).expressions

    assert (wednesday.edtf, wednesday.modality) == ("2024-04-03", "reported")


@pytest.mark.parametrize(
    ("text", "proposal"),
    [
        ("Norway has postponed the summit with Sweden.", "moves"),
        ("The summit between Norway and Sweden has been postponed until further notice.", "moves"),
        ("Norway will not host the summit with Sweden.", "contradicts"),
        ("Norway will not postpone the summit with Sweden.", "corroborates"),
        ("Norway may postpone the summit with Sweden on 20 June.", UNSET),
    ],
)
def test_without_a_date_it_is_held_against_what_is_recorded(text: str, proposal: object) -> None:
    told = match(only(text), (SUMMIT,), Background(published=MONDAY.day))

    assert (told.id, told.proposal) == ("summit", proposal)
