"""Who does what is announced: nobody is said to do what others do, or what they were only asked to."""

import pytest

from events.days import parse_day
from events.extract.article import extract
from events.extract.candidates.candidates import BACKGROUND_CONFIDENCE_MAX
from events.extract.reading import Candidate, Publication

TUESDAY = Publication(day=parse_day("2024-05-14"), country="GB")


def last(text: str) -> Candidate:
    """Return the last candidate of a text that is no background."""
    return [each for each in extract(text, TUESDAY).candidates if each.confidence > BACKGROUND_CONFIDENCE_MAX][-1]


def by(candidate: Candidate) -> list[str]:
    return [actor.id or actor.name or "" for actor in candidate.actors if actor.role == "by"]


@pytest.mark.parametrize(
    "text",
    [
        "Emmanuel Macron will visit Oslo on Friday. Production of the new jet starts in June.",
        "Siemens opened a plant in April. Elections in Brazil are to be held in October.",
        "Apple said it was disappointed. A judge is expected to rule by the end of June.",
        "NASA will land a rover in 2028. The county fair opens on June 1.",
        "“The people of Sudan have waited 17 months,” he said. He will address the assembly on Tuesday.",
    ],
)
def test_a_subject_of_its_own_borrows_no_actor_from_before(text: str) -> None:
    assert by(last(text)) == []


def test_what_belongs_to_somebody_is_theirs() -> None:
    found = last("Siemens opened a plant in April. Production is to start in June.")

    assert by(found) == ["siemens"]
    assert found.title == "Siemens: production to start"


@pytest.mark.parametrize(
    ("text", "actors"),
    [
        ("Critics of Israel will meet in Brussels on Friday.", []),
        ("A former Siemens executive will go on trial in June.", []),
        ("Boeing rival Airbus will open a plant in Alabama in June.", ["airbus"]),
        ("Russian-backed rebels will hold a referendum in June.", []),
        ("A bill to aid Ukraine could come to the floor next Tuesday.", []),
        ("LG Energy Solution of South Korea will open a plant in June.", ["lg-energy-solution"]),
        ("The leaders of Chile and Peru will meet in June.", ["chile", "peru"]),
        ("Japanese officials will meet in June.", ["japan"]),
        ("The Japanese have pledged to buy missiles in June.", ["japan"]),
    ],
)
def test_who_is_only_named_in_a_subject_does_not_act(text: str, actors: list[str]) -> None:
    assert by(last(text)) == actors


@pytest.mark.parametrize(
    ("text", "actors", "title"),
    [
        ("Russia wants Ukraine to leave Oleh by June.", ["ukraine"], "Russia wants Ukraine to leave Oleh"),
        ("The court ordered Google to sell its browser by June.", ["google"], "Court ordered Google to sell browser"),
        ("Norway asked Britain to deliver a ship in 2029.", ["united-kingdom"], "Norway asked Britain to deliver ship"),
        ("Washington ordered Boeing to mend jets by June.", ["boeing"], "Washington ordered Boeing to mend jets"),
    ],
)
def test_who_is_asked_is_who_does(text: str, actors: list[str], title: str) -> None:
    found = last(text)

    assert by(found) == actors
    assert found.title == title


@pytest.mark.parametrize(
    ("text", "title", "edtf", "modality"),
    [
        ("The petition, handed in on 9 May, will be debated on 14 November.", "Petition to be debated", "2024-11-14",
         "scheduled"),
        ("HMS Glasgow, laid down in 2017, will enter service in 2028.", "HMS Glasgow to enter service", "2028",
         "scheduled"),
        ("All ferries built before 1995 will be sold by June.", "Ferries to be sold", "../2024-06", "committed"),
        ("Siemens (XETRA: SIE) will build a plant by 2027.", "Siemens to build plant", "../2027", "committed"),
        ("Lithuania hopes to have a full brigade by 2027.", "Lithuania to have full brigade", "../2027", "expected"),
        ("A visit scheduled for Monday was called off.", "Visit called off", "2024-05-20", "denied"),
        ("Siemens no longer intends to open the plant in 2026.", "Siemens not to open plant", "2026", "denied"),
        ("Brazil suspended talks planned for Monday.", "Brazil suspended talks", "2024-05-20", "denied"),
        ("The court will rule at 11am on Friday.", "Court to rule", "2024-05-17", "scheduled"),
        ("Siemens will open a plant at 10 am on Friday.", "Siemens to open plant", "2024-05-17", "scheduled"),
        ("The hearing was put off until July.", "Hearing put off", "../2024-07", "scheduled"),
        ("Plans to charge drivers from June have been dropped.", "Plans to charge drivers dropped", "2024-06/..",
         "denied"),
        ("The governor loosened its grip on bond yields on Monday.", "Governor loosened grip on bond yields",
         "2024-05-13", "reported"),
        ("The next decision is due on Dec. 14.", "Next decision due", "2024-12-14", "scheduled"),
        ("All five ships are to be in service by 2035.", "Five ships to be in service", "../2035", "scheduled"),
        ("Pool to close in January as council backs a plan", "Pool to close", "2025-01", "scheduled"),
        ("OSLO - Norway will sign the contract in June.", "Norway to sign contract", "2024-06", "scheduled"),
    ],
)  # fmt: skip
def test_asides_clocks_and_headlines_leave_the_announcement(text: str, title: str, edtf: str, modality: str) -> None:
    found = last(text)

    assert (found.title, found.when.edtf, found.modality) == (title, edtf, modality)


def test_two_verbs_under_one_will_are_two_announcements() -> None:
    text = "The finals will start in Oslo on 11 June and end in Bergen on 19 July."

    found = extract(text, TUESDAY).candidates

    assert [(each.title, each.when.edtf) for each in found] == [
        ("Finals to start in Oslo", "2024-06-11"),
        ("Finals to end in Bergen", "2024-07-19"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Her office did not respond to a request for comment on Tuesday.",
        "GENEVA, 20 May 2024 – The World Health Organization welcomes the agreement.",
    ],
)
def test_what_newsrooms_always_write_announces_nothing(text: str) -> None:
    assert all(each.confidence <= BACKGROUND_CONFIDENCE_MAX for each in extract(text, TUESDAY).candidates)


def test_a_clock_time_ends_a_sentence_where_another_begins() -> None:
    text = "They are to meet again on Wednesday at 10 a.m. A spokeswoman denied that workers would leave on Friday."

    found = extract(text, TUESDAY).expressions

    assert [each.modality for each in found] == ["scheduled", "denied"]


@pytest.mark.parametrize(
    ("text", "title", "edtf"),
    [
        ("Norway said on Monday it will host the summit in June.", "Norway to host summit", "2024-06"),
        ("Officials said on Monday France will host the summit in June.", "France to host summit", "2024-06"),
        ("Norway confirmed on Monday it would host the summit in June.", "Norway to host summit", "2024-06"),
        ("Toyota said on Monday it was recalling cars and would halt sales on Friday.", "Toyota to halt sales",
         "2024-05-17"),
        ("“We will not raise rates,” the bank said. It meets on June 5.", "Bank to meet", "2024-06-05"),
        ("The two sides agreed to postpone the talks to 5 June.", "Two sides to postpone talks", "2024-06-05"),
        ("Aslef announced a strike on 30 January.", "Aslef announced strike", "2025-01-30"),
        ("The visit was to take place on Friday but was called off.", "Visit not to take place", "2024-05-17"),
        ("The Commission is set to unveil its 2030 goals on June 5.", "Commission to unveil goals", "2024-06-05"),
        ("Obama will fly to Berlin, where Merkel will host a dinner on Friday.", "Merkel to host dinner", "2024-05-17"),
        ("Raytheon has until Friday to file a protest.", "Raytheon to file protest", "../2024-05-17"),
        ("The dinner, held in April, will be repeated on Friday.", "Dinner to be repeated", "2024-05-17"),
        ("The EU will discuss Monday's attack on Friday.", "EU to discuss attack", "2024-05-17"),
    ],
)  # fmt: skip
def test_who_says_so_and_when_is_told_from_what_is_announced(text: str, title: str, edtf: str) -> None:
    found = last(text)

    assert (found.title, found.when.edtf) == (title, edtf)


def test_the_day_of_saying_lies_behind() -> None:
    (said, _) = extract("The ministry said on Wednesday it would publish the report in June.", TUESDAY).expressions

    assert (said.edtf, said.modality) == ("2024-05-08", "reported")


@pytest.mark.parametrize(
    ("text", "edtf"),
    [
        ("Lebanon held a vote this spring.", "2024-21"),
        ("Net income fell 3% in the six months to March.", "2024-03"),
        ("Talks ran until Sunday.", "../2024-05-12"),
        ("Spain is in mourning after a crash in April.", "2024-04"),
        ("McDonald's opened a store in Oslo on Monday.", "2024-05-13"),
    ],
)
def test_what_is_over_is_not_read_as_to_come(text: str, edtf: str) -> None:
    (found,) = extract(text, TUESDAY).expressions

    assert (found.edtf, found.modality) == (edtf, "reported")


def test_a_person_of_a_nation_is_not_the_nation() -> None:
    assert by(last("The Frenchman will meet the press on Friday.")) == []
    assert by(last("Norway will pay NOK 9 billion in June.")) == ["norway"]
