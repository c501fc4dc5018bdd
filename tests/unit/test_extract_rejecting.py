"""What was turned down in a text is left out, while the same words stand there."""

from typing import Final

import pytest

from events.days import parse_day
from events.extract.article import extract
from events.extract.reading import Extraction, Publication
from events.extract.rejecting import without_rejected
from events.facts import CandidateRejected
from events.source import text_hash

TEXT: Final = "Japan and France will hold a summit on 10 April.\nThe joint command will stand by 24 March 2025."
READ: Final = extract(TEXT, Publication(day=parse_day("2024-04-08")))


def rejected(start: int, end: int, reading: str, words: str | None = None) -> CandidateRejected:
    quoted = TEXT[start:end] if words is None else words
    return CandidateRejected(source="s", start=start, end=end, quote_hash=text_hash(quoted), reading=reading)


def left(one: CandidateRejected) -> Extraction:
    return without_rejected(READ, (one,), TEXT)


def test_a_candidate_is_left_out_with_its_place_and_date() -> None:
    summit, command = READ.candidates

    found = left(rejected(summit.start, summit.end, "2024-04-10"))

    assert found.candidates == (command,)
    assert found.expressions == READ.expressions


def test_a_date_s_own_words_are_left_out_with_all_that_rests_on_them() -> None:
    read = READ.candidates[0].expression
    assert read is not None

    found = left(rejected(read.start, read.end, "2024-04-10"))

    assert [one.when.edtf for one in found.candidates] == ["../2025-03-24"]
    assert [one.edtf for one in found.expressions] == ["../2025-03-24"]


@pytest.mark.parametrize(
    ("shift", "reading", "words"), [(1, "2024-04-10", None), (0, "2023-04-10", None), (0, "", None),
                                    (0, "2024-04-10", "other words")]
)  # fmt: skip
def test_another_place_another_date_or_other_words_are_no_rejection(
    shift: int, reading: str, words: str | None
) -> None:
    summit = READ.candidates[0]

    assert left(rejected(summit.start + shift, summit.end + shift, reading, words)) == READ
