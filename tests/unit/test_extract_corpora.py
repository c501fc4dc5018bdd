"""The annotated corpora that extraction is measured on: offsets, values, sizes, and halves that stay apart."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest

from events.edtf import parse
from events.extract.reading import CandidateModality

CORPORA = Path(__file__).parents[1] / "data" / "extract"
DATES = ("tuning", "held")
TIMEML = ("timeml-tuning", "timeml-held")
CANDIDATES = ("candidates-tuning", "candidates-held")
KINDS = {
    "visit", "summit", "meeting", "speech", "agreement", "law", "election", "launch",
    "exercise", "investment", "purchase", "deployment", "deadline", "decision", "report", "other",
}  # fmt: skip
TIMEX_TYPES = {"DATE", "TIME", "DURATION", "SET"}
TIMEX_VALUE = re.compile(
    r"(PAST|PRESENT|FUTURE)_REF"
    r"|P(?:[\d.]+|X)(?:DE|CE|[YMWD])|PT(?:[\d.]+|X)[HMS]"
    r"|(?:\d{2,4}|XXXX)(?:-(?:\d\d|W\d\d(?:-WE)?|Q[1-4]|H[12]|SP|SU|FA|WI)(?:-\d\d)?|-WXX-[1-7])?"
    r"(?:T(?:MO|AF|EV|NI|\d\d:\d\d))?"
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MISNAMED = {"Thursday, 13 July 2018"}
"""A weekday that is not the date's, as news has them: the date wins."""


def documents(name: str) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads((CORPORA / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


@pytest.mark.parametrize("name", DATES + TIMEML)
def test_a_gold_span_is_the_words_it_says(name: str) -> None:
    for document in documents(name):
        for gold in document["gold"]:
            assert document["text"][gold["start"] : gold["end"]] == gold["text"] == gold["text"].strip() != "", document


@pytest.mark.parametrize("name", DATES + TIMEML)
def test_gold_spans_stand_in_order_and_apart(name: str) -> None:
    for document in documents(name):
        spans = [(gold["start"], gold["end"]) for gold in document["gold"]]
        ends = [0] + [end for _, end in spans]
        assert all(end <= start for end, (start, _) in zip(ends, spans, strict=False)), document["id"]


@pytest.mark.parametrize("name", DATES)
def test_a_gold_date_is_edtf_with_a_modality(name: str) -> None:
    for document in documents(name):
        for gold in document["gold"]:
            assert parse(gold["edtf"]).members
            assert gold["modality"] in get_args(CandidateModality)
            assert ("type" in gold) == ("value" in gold)


@pytest.mark.parametrize("name", DATES + TIMEML)
def test_gold_values_are_timex3(name: str) -> None:
    for document in documents(name):
        for gold in document["gold"]:
            if "value" in gold or name in TIMEML:
                assert gold["type"] in TIMEX_TYPES
                assert TIMEX_VALUE.fullmatch(gold["value"]), gold
                assert (gold["type"] == "DURATION") <= (gold["value"][0] == "P"), gold
                assert (gold["type"] == "TIME") <= (re.search(r"\dT", gold["value"]) is not None), gold


@pytest.mark.parametrize("name", DATES + TIMEML)
def test_a_gold_day_falls_on_the_weekday_that_names_it(name: str) -> None:
    for document in documents(name):
        for gold in document["gold"]:
            days = re.findall(r"\d{4}-\d\d-\d\d", gold.get("value", ""))
            named = [number for number, word in enumerate(WEEKDAYS) if re.search(rf"\b{word}\b", gold["text"].lower())]
            if len(days) == len(named) == 1 and gold["text"] not in MISNAMED:
                assert date.fromisoformat(days[0]).weekday() == named[0], (document["id"], gold)


@pytest.mark.parametrize(
    ("halves", "articles_min", "others_min"), [(DATES, 6, 150), (TIMEML, 15, 0), (CANDIDATES, 0, 40)], ids=str
)
def test_both_halves_are_large_enough_and_share_nothing(
    halves: tuple[str, str], articles_min: int, others_min: int
) -> None:
    tuning, held = (documents(name) for name in halves)
    for half in (tuning, held):
        articles = [document for document in half if 80 <= len(document["text"].split()) <= 350]
        assert len(articles) >= articles_min
        assert len(half) - len(articles) >= others_min
    ids = [document["id"] for document in tuning + held]
    texts = [document["text"] for document in tuning + held]
    assert len(set(ids)) == len(ids)
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("name", DATES)
def test_a_quarter_of_the_sentences_has_no_date(name: str) -> None:
    without = [document for document in documents(name) if not document["gold"]]

    assert 0.22 <= len(without) / len(documents(name)) <= 0.28


@pytest.mark.parametrize("name", DATES + TIMEML + CANDIDATES)
def test_a_document_has_a_publication_day_between_1998_and_2031(name: str) -> None:
    for document in documents(name):
        assert 1998 <= date.fromisoformat(document["dct"]).year <= 2031


@pytest.mark.parametrize("name", CANDIDATES)
def test_a_gold_candidate_can_be_found_in_its_text(name: str) -> None:
    for document in documents(name):
        for candidate in document["candidates"]:
            assert all(word in document["text"] for word in candidate["quote_contains"]), candidate
            assert candidate["modality"] in get_args(CandidateModality)
            assert candidate["kind"] in KINDS
            for when in (candidate["edtf"], candidate.get("moved_from")):
                assert when is None or parse(when).members
            for actor in candidate["by"] + candidate["with"]:
                assert re.fullmatch(r"[a-z0-9-]{1,64}", actor)
            if candidate["amount"] is not None:
                assert candidate["amount"]["value"].isdigit()
                assert re.fullmatch(r"[A-Z]{3}", candidate["amount"]["currency"])
            assert candidate["title_words"]
        assert all(phrase in document["text"] for phrase in document["none"]), document["id"]
        assert document["candidates"] or document["none"]
