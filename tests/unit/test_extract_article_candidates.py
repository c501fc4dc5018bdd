"""The announcements of a whole article, by offsets alone: it is not ours and lies beside some checkouts only."""

import json
from pathlib import Path
from typing import Any

import pytest

from events.days import parse_day
from events.extract.article import extract
from events.extract.candidates.candidates import BACKGROUND_CONFIDENCE_MAX
from events.extract.reading import Candidate, Extraction, Publication

BESIDE = Path(__file__).parents[3] / "shared" / "articles"
ARTICLES = [
    article
    for article in json.loads((Path(__file__).parents[1] / "data" / "article-candidates.json").read_text())
    if (BESIDE / f"{article['article']}.txt").exists()
]
PRONOUNS = frozenset(
    ("he", "she", "it", "they", "we", "i", "him", "them", "his", "her", "its", "their", "who", "which")
)


def read(article: dict[str, Any]) -> Extraction:
    text = (BESIDE / f"{article['article']}.txt").read_text(encoding="utf-8")
    return extract(text, Publication(day=parse_day(article["published"]), country="US"))


def shown(candidate: Candidate) -> dict[str, Any]:
    return {
        "span": [candidate.start, candidate.end],
        "edtf": candidate.when.edtf,
        "modality": candidate.modality,
        "kind": candidate.kind,
        "by": [actor.id for actor in candidate.actors if actor.role == "by"],
        "others": sorted(actor.id for actor in candidate.actors if actor.role != "by" and actor.id),
        "amount": candidate.amount.value if candidate.amount else None,
        "inherited": candidate.inherited,
    }


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article["article"])
def test_every_date_is_meant_as_a_reader_takes_it(article: dict[str, Any]) -> None:
    wrong = [
        (each.start, each.modality)
        for each, (start, end, allowed) in zip(read(article).expressions, article["modality"], strict=True)
        if (each.start, each.end) != (start, end) or each.modality not in allowed
    ]

    assert wrong == []


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article["article"])
def test_every_announcement_is_a_candidate_with_its_words_kind_and_actors(article: dict[str, Any]) -> None:
    found = [each for each in read(article).candidates if each.confidence > BACKGROUND_CONFIDENCE_MAX]

    assert [each for each in article["candidates"] if each not in map(shown, found)] == []
    assert all(PRONOUNS.isdisjoint(each.title.lower().split()) for each in found)


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article["article"])
def test_opinions_and_background_are_no_candidates(article: dict[str, Any]) -> None:
    found = [each for each in read(article).candidates if each.confidence > BACKGROUND_CONFIDENCE_MAX]

    taken = [
        (each.start, each.end)
        for each in found
        for start, end in article["none"]
        if each.start < end and start < each.end
    ]
    assert taken == []
