"""The profile `timeml`: spans and values as the annotators of TimeML write them."""

import pytest

from events.days import parse_day
from events.extract.dates.expressions import expressions
from events.extract.reading import Publication
from events.extract.text import sentences

FRIDAY = Publication(day=parse_day("2013-03-22"), country="US")


def tagged(text: str) -> list[tuple[str, str, str]]:
    found = expressions(list(sentences(text)), FRIDAY, profile="timeml")
    return [(each.text, each.timex.type, each.timex.value) for each in found]


@pytest.mark.parametrize(
    ("text", "words", "kind", "value"),
    [
        ("He spoke on Friday.", "Friday", "DATE", "2013-03-22"),
        ("Shares fell Wednesday.", "Wednesday", "DATE", "2013-03-20"),
        ("He will speak on Monday.", "Monday", "DATE", "2013-03-25"),
        ("He came last Friday.", "last Friday", "DATE", "2013-03-15"),
        ("It is due by the end of 2014.", "the end of 2014", "DATE", "2014"),
        ("They meet next week.", "next week", "DATE", "2013-W13"),
        ("They rested over the weekend.", "the weekend", "DATE", "2013-W11-WE"),
        ("It fell last month.", "last month", "DATE", "2013-02"),
        ("It earned less a year earlier.", "a year earlier", "DATE", "2012"),
        ("It fell in the fourth quarter.", "the fourth quarter", "DATE", "2012-Q4"),
        ("It fell in the first half of 2012.", "the first half of 2012", "DATE", "2012-H1"),
        ("They met in the summer of 2012.", "the summer of 2012", "DATE", "2012-SU"),
        ("It was so in the 1990s.", "the 1990s", "DATE", "199"),
        ("It was so in the 19th century.", "the 19th century", "DATE", "18"),
        ("It fell in 490 BC.", "490 BC", "DATE", "BC0490"),
        ("It is now shut.", "now", "DATE", "PRESENT_REF"),
        ("It was recently shut.", "recently", "DATE", "PAST_REF"),
        ("The future is open.", "The future", "DATE", "FUTURE_REF"),
        ("He came Thursday night.", "Thursday night", "TIME", "2013-03-21TNI"),
        ("He came this morning.", "this morning", "TIME", "2013-03-22TMO"),
        ("It struck at 10:30 a.m. Thursday.", "10:30 a.m. Thursday", "TIME", "2013-03-21T10:30"),
        ("He left on the morning of 31 January 1965.", "the morning of 31 January 1965", "TIME", "1965-01-31TMO"),
        ("It took three days.", "three days", "DURATION", "P3D"),
        ("It took a few days.", "a few days", "DURATION", "PXD"),
        ("It took about two hours.", "about two hours", "DURATION", "PT2H"),
        ("It took half an hour.", "half an hour", "DURATION", "PT30M"),
        ("It grew in the past three months.", "the past three months", "DURATION", "P3M"),
        ("It ends in two weeks.", "two weeks", "DURATION", "P2W"),
        ("A two-day visit followed.", "two-day", "DURATION", "P2D"),
        ("The 60-year-old resigned.", "The 60-year-old", "DURATION", "P60Y"),
        ("It went on for months.", "months", "DURATION", "PXM"),
        ("It runs daily.", "daily", "SET", "P1D"),
        ("It is held every year.", "every year", "SET", "P1Y"),
        ("They meet every Monday.", "every Monday", "SET", "XXXX-WXX-1"),
        ("It opens twice a week.", "a week", "SET", "P1W"),
    ],
)
def test_annotators_would_tag_it_so(text: str, words: str, kind: str, value: str) -> None:
    assert tagged(text) == [(words, kind, value)]


def test_the_two_ends_of_a_range_are_tagged_apart() -> None:
    assert tagged("It ran from 16 to 17 May 2012.") == [
        ("16", "DATE", "2012-05-16"),
        ("17 May 2012", "DATE", "2012-05-17"),
    ]


def test_a_clock_time_before_on_is_tagged_apart_from_its_date() -> None:
    assert tagged("It struck at 10:30 a.m. on Thursday.") == [
        ("10:30 a.m.", "TIME", "2013-03-21T10:30"),
        ("Thursday", "DATE", "2013-03-21"),
    ]
