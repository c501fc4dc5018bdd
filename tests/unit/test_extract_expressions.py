"""How words become dates, row by row of the table in `docs/dates.md`, and numbers that are none."""

import pytest
from msgspec import UNSET

from events.days import parse_day
from events.extract.dates.expressions import expressions
from events.extract.reading import Expression, Profile, Publication
from events.extract.text import sentences

MONDAY = "2024-04-08"


def read(
    text: str, published: str = MONDAY, *, profile: Profile = "dates", country: str | None = "US"
) -> list[Expression]:
    publication = Publication(day=parse_day(published), country=country)
    return expressions(list(sentences(text)), publication, profile=profile)


def dated(text: str, published: str = MONDAY) -> list[tuple[str, str | None, object]]:
    return [(found.text, found.edtf, found.kind) for found in read(text, published)]


def one(text: str, published: str = MONDAY) -> tuple[str, str | None, object]:
    (found,) = dated(text, published)
    return found


@pytest.mark.parametrize(
    ("text", "words", "edtf", "kind"),
    [
        ("They will meet today.", "today", "2024-04-08", "on"),
        ("They will meet tomorrow.", "tomorrow", "2024-04-09", "on"),
        ("They met yesterday.", "yesterday", "2024-04-07", "on"),
        ("The envoy will arrive on Wednesday.", "Wednesday", "2024-04-10", "on"),
        ("The envoy arrived on Wednesday.", "Wednesday", "2024-04-03", "on"),
        ("They will meet next Wednesday.", "next Wednesday", "2024-04-17", "on"),
        ("They met last Tuesday.", "last Tuesday", "2024-04-02", "on"),
        ("They will meet a week on Thursday.", "a week on Thursday", "2024-04-18", "on"),
        ("They will meet this week.", "this week", "2024-04-08/2024-04-14", "between"),
        ("They will meet next week.", "next week", "2024-04-15/2024-04-21", "between"),
        ("They met last week.", "last week", "2024-04-01/2024-04-07", "between"),
        ("They will meet this weekend.", "this weekend", "2024-04-13/2024-04-14", "between"),
        ("It will open on the 3rd.", "the 3rd", "2024-05-03", "on"),
        ("It will open on the last Friday of May.", "the last Friday of May", "2024-05-31", "on"),
        ("It will open in June.", "June", "2024-06", "on"),
        ("It opened in June.", "June", "2023-06", "on"),
        ("It will open on Wednesday, April 10.", "Wednesday, April 10", "2024-04-10", "on"),
        ("It will be ready by 2025.", "by 2025", "../2025", "deadline"),
        ("It will be ready by mid-2026.", "by mid-2026", "../2026-06-30", "deadline"),
        ("It will be ready by the end of May.", "by the end of May", "../2024-05-31", "deadline"),
        ("It will be ready before 15 May.", "before 15 May", "../2024-05-14", "deadline"),
        ("It will be paid until 2033.", "until 2033", "../2033", "until"),
        ("It will run through June.", "through June", "../2024-06", "until"),
        ("It will run up to and including 5 May.", "up to and including 5 May", "../2024-05-05", "until"),
        ("It will hold from 1 July.", "from 1 July", "2024-07-01/..", "from"),
        ("It will hold as of 1 July.", "as of 1 July", "2024-07-01/..", "from"),
        ("It has held since 2016.", "since 2016", "2016/..", "from"),
        ("It could open as early as May.", "as early as May", "2024-05/..", "from"),
        ("It will open not before 2031.", "not before 2031", "2031/..", "from"),
        ("It will open not until 2031.", "not until 2031", "2031/..", "from"),
        ("It will not open until 2031.", "until 2031", "2031/..", "from"),
        ("It will open after 3 May.", "after 3 May", "2024-05-04/..", "from"),
        ("It will open within two weeks.", "within two weeks", "2024-04-08/2024-04-22", "deadline"),
        ("It will open within a fortnight.", "within a fortnight", "2024-04-08/2024-04-22", "deadline"),
        ("It will open within three months.", "within three months", "2024-04-08/2024-07-08", "deadline"),
        ("It will open in early 2026.", "early 2026", "2026-37", "on"),
        ("It will open in mid-2026.", "mid-2026", "2026-38", "on"),
        ("It will open in late 2026.", "late 2026", "2026-39", "on"),
        ("It will open at the end of 2025.", "the end of 2025", "2025-12~", "on"),
        ("It will open later this month.", "later this month", "2024-04-08/2024-04-30", "between"),
        ("It will open in spring 2025.", "spring 2025", "2025-21", "on"),
        ("It will open in winter 2025.", "winter 2025", "2025-24", "on"),
        ("It will open in the second quarter of 2025.", "the second quarter of 2025", "2025-34", "on"),
        ("It will open in the first half of 2025.", "the first half of 2025", "2025-40", "on"),
        ("It opened in the 1990s.", "the 1990s", "199X", "on"),
        ("It opened in the 19th century.", "the 19th century", "18XX", "on"),
        ("It will open around 20 May.", "around 20 May", "2024-05-20~", "on"),
        ("It will open possibly in June.", "possibly in June", "2024-06?", "on"),
        ("It will open in 2024 or 2025.", "2024 or 2025", "[2024,2025]", "on"),
        ("It will be shown April 9 to 14.", "April 9 to 14", "2024-04-09/2024-04-14", "between"),
        ("It will be shown from 10-14 April.", "from 10-14 April", "2024-04-10/2024-04-14", "between"),
        ("It will be shown from May 3 to June 5.", "from May 3 to June 5", "2024-05-03/2024-06-05", "between"),
        ("It will be shut between 1 and 9 May.", "between 1 and 9 May", "2024-05-01/2024-05-09", "between"),
        ("It will be shut December to February.", "December to February", "2024-12/2025-02", "between"),
        ("It opened two years ago.", "two years ago", "2022", "on"),
        ("It will open five months from now.", "five months from now", "2024-09", "on"),
        ("It opened three weeks ago.", "three weeks ago", "2024-03-18", "on"),
        ("It will open in three days' time.", "in three days' time", "2024-04-11", "on"),
        ("In the past year and a half it grew.", "the past year and a half", "2022-10~/2024-04~", "between"),
        ("It will grow in the coming years.", "the coming years", "2024-04/..", "between"),
        ("It has recently grown.", "recently", "../2024-04", "between"),
        ("It has grown in recent years.", "recent years", "../2024-04", "between"),
        ("It grew last year.", "last year", "2023", "on"),
        ("It will open on 25/12/2025.", "25/12/2025", "2025-12-25", "on"),
        ("It opened on 2024-03-05.", "2024-03-05", "2024-03-05", "on"),
    ],
)  # fmt: skip
def test_words_become_dates_as_the_table_says(text: str, words: str, edtf: str, kind: str) -> None:
    assert one(text) == (words, edtf, kind)


@pytest.mark.parametrize(
    "text",
    [
        "Today, if the bridge fell, nobody could cross.",
        "The bridge is currently shut, as it now often is.",
        "It cost $14.9 billion, 2,024 people built it, and 1,500 left.",
        "The 11 members, and the 21 who had joined, agreed.",
        "May told reporters that they would march on.",
        "The second-in-command Sat down with Sun Microsystems.",
        "Flight 2024 was late; Article 1999 applies; call 555-2024.",
        "They won 3-2, and 2000 soldiers went home.",
        "Windows 2000 still runs the lifts.",
        "The Sunday Herald reported it, and so did Black Monday, a play.",
        "The March on the capital was large.",
    ],
)
def test_numbers_and_names_that_are_no_dates_stay_untouched(text: str) -> None:
    assert dated(text) == []


def test_the_next_day_counts_from_the_day_named_before() -> None:
    text = (
        "They will meet on May 6. The next day they leave, and two days later return. The following Monday they rest."
    )

    assert [edtf for _, edtf, _ in dated(text)] == ["2024-05-06", "2024-05-07", "2024-05-09", "2024-05-13"]


def test_the_next_day_counts_from_the_publication_where_no_day_was_named() -> None:
    assert one("The next day they will leave.") == ("The next day", "2024-04-09", "on")


def test_two_mentions_of_one_weekday_agree() -> None:
    found = dated("The minister spoke on Wednesday. Wednesday: cloudy.")

    assert [edtf for _, edtf, _ in found] == ["2024-04-03", "2024-04-03"]


@pytest.mark.parametrize(
    ("text", "edtf"),
    [
        ("A visit on Wednesday, followed by talks", "2024-04-10"),
        ("The talks expected on Wednesday", "2024-04-10"),
        ("He said on Wednesday that it will open.", "2024-04-03"),
        ("It will open on Wednesday, he said.", "2024-04-10"),
        ("She is to speak on Wednesday.", "2024-04-10"),
        ("The upcoming summit on Wednesday", "2024-04-10"),
    ],
)
def test_the_nearest_verb_tells_whether_a_weekday_is_past(text: str, edtf: str) -> None:
    assert dated(text)[0][1] == edtf


def test_a_narrative_carries_the_year_it_has_reached() -> None:
    text = (
        "The war began on September 1, 1939. In 1940 it spread. In April 1940 one land fell, and on June 10 another. "
        "In December 1941 it spread again. By February the islands were lost; the plan for 1945 was shelved. "
        "In June a battle turned the war, 1942 being the worst year."
    )

    found = dated(text, "2009-12-19")

    assert ("June 10", "1940-06-10", "on") in found
    assert ("By February", "../1942-02", "deadline") in found
    assert ("June", "1942-06", "on") in found


def test_a_date_wins_over_a_weekday_that_is_not_its_own() -> None:
    (found,) = read("It will open on Tuesday, April 10, 2024.")

    assert (found.edtf, found.note) == ("2024-04-10", "the weekday is not the date's")


def test_a_clock_time_goes_beside_the_date() -> None:
    (before,) = read("It will open at 10:30 a.m. on Wednesday.")
    (after,) = read("It will open on Wednesday at 9 pm.")
    (without,) = read("It will open on Wednesday.")

    assert (before.text, before.edtf, before.time) == ("10:30 a.m. on Wednesday", "2024-04-10", "10:30")
    assert (after.edtf, after.time) == ("2024-04-10", "21:00")
    assert without.time is UNSET


@pytest.mark.parametrize(
    ("country", "language", "edtf"),
    [("US", "en", "2025-04-05"), ("GB", "en", "2025-05-04"), (None, "de", "2025-05-04"), (None, "en-US", "2025-04-05")],
)
def test_a_numeric_date_is_read_as_its_country_writes_it(country: str | None, language: str, edtf: str) -> None:
    published = Publication(day=parse_day(MONDAY), country=country, language=language)

    (found,) = expressions(list(sentences("It will open on 4/5/2025.")), published)

    assert found.edtf == edtf


def test_a_numeric_date_from_nowhere_is_left_alone() -> None:
    assert read("It will open on 4/5/2025.", country=None) == []


def test_a_date_that_is_moved_is_no_interval() -> None:
    found = dated("The opening was postponed from 30 May to 16 June.")

    assert [edtf for _, edtf, _ in found] == ["2024-05-30", "2024-06-16"]


def test_a_preposition_belongs_to_what_a_possessive_names() -> None:
    assert one("After Wednesday's visit they will talk.")[:2] == ("Wednesday", "2024-04-10")


def test_relative_words_keep_the_day_they_were_counted_from() -> None:
    (found,) = read("They met last week.")
    (dated_,) = read("They met on 3 May 2023.")

    assert found.anchor == MONDAY
    assert dated_.anchor is UNSET


@pytest.mark.parametrize(
    ("text", "edtf"),
    [
        ("It opens at Easter 2025.", "2025-04-20"),
        ("It will open by Christmas.", "../2024-12-25"),
        ("It will open on Easter Monday 2024.", "2024-04-01"),
        ("It will open on New Year's Day.", "2025-01-01"),
    ],
)
def test_feasts_are_read(text: str, edtf: str) -> None:
    assert one(text)[1] == edtf


def test_a_date_that_a_margin_broke_is_one_date() -> None:
    text = (
        "The two ministers agreed in Oslo on Monday to open the new line in\n"
        "the coming years, and said that all of it will have been built by\n2030."
    )

    found = expressions(list(sentences(text)), Publication(day=parse_day("2024-05-14")))

    assert [each.text for each in found] == ["Monday", "the coming years", "by\n2030"]


def test_headings_and_items_of_a_list_stay_apart() -> None:
    text = "Summit in May\nMonday's agenda\n- talks on Tuesday\n- dinner"

    assert [sentence.text for sentence in sentences(text)] == text.split("\n")
