"""All the dates of whole articles, by offsets alone: one of them is not ours and lies beside some checkouts only."""

import json
from pathlib import Path
from typing import Any

import pytest

from events.days import parse_day
from events.extract.dates.expressions import expressions
from events.extract.reading import Publication
from events.extract.text import sentences

DATA = Path(__file__).parents[1] / "data"
BESIDE = Path(__file__).parents[3] / "shared" / "articles"
ARTICLES = json.loads((DATA / "article-dates.json").read_text())


def path_of(article: str) -> Path:
    ours = DATA / f"{article}.txt"
    return ours if ours.exists() else BESIDE / f"{article}.txt"


@pytest.mark.parametrize(
    "article",
    [article for article in ARTICLES if path_of(article["article"]).exists()],
    ids=lambda article: article["article"],
)
def test_every_date_of_an_article_is_read_and_nothing_else(article: dict[str, Any]) -> None:
    text = path_of(article["article"]).read_text(encoding="utf-8")
    published = Publication(day=parse_day(article["published"]), country="US")

    found = expressions(list(sentences(text)), published)

    assert len(text) == article["characters"]
    assert [[each.start, each.end, each.edtf] for each in found] == article["expressions"]
