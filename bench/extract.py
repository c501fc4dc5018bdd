"""How fast news are read, and how rightly: own articles, and the public sets where they lie beside the checkout."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from bench import extract_candidates, extract_score
from events.days import parse_day
from events.extract.article import extract
from events.extract.reading import Publication

ROOT: Final = Path(__file__).parents[1]
OWN: Final = ROOT / "tests" / "data" / "extract"
SEEDS: Final = ROOT / "seeds"
BESIDE: Final = ROOT.parent / "shared" / "data"
CHARACTERS: Final = 2_000
LONG_CHARACTERS: Final = 1_000_000
ROUNDS: Final = 7
FIRST_CALL: Final = """
import time
began = time.perf_counter()
from events.extract.article import extract
from events.extract.reading import Publication
extract("Norway will host the summit on Wednesday.", Publication(day=739_000))
print(time.perf_counter() - began)
"""


class Speed(NamedTuple):
    """`article_ms` is for `CHARACTERS`, the least of several rounds; `growth` what a character costs in a text of
    `LONG_CHARACTERS`, as a multiple of what it costs in a tenth of it."""

    article_ms: float
    articles_per_s: float
    first_call_s: float
    long_s: float
    growth: float


class Accuracy(NamedTuple):
    """A figure of a corpus, from 0 to 1, with its bootstrap interval."""

    corpus: str
    name: str
    value: float
    low: float
    high: float


def speed() -> Speed:
    """Read articles of `CHARACTERS`, a very long text, and once in a process of its own."""
    articles = _articles()
    published = Publication(day=parse_day("2024-05-13"))
    least = min(_seconds(articles, published) for _ in range(ROUNDS))
    text = "\n".join(articles)
    long = (text * (LONG_CHARACTERS // len(text) + 1))[:LONG_CHARACTERS]
    tenth_s = min(_seconds([long[: LONG_CHARACTERS // 10]], published) for _ in range(3))
    long_s = _seconds([long], published)
    return Speed(
        article_ms=least / len(articles) * 1000,
        articles_per_s=len(articles) / least,
        first_call_s=min(_first_call_s() for _ in range(3)),
        long_s=long_s,
        growth=long_s / 10 / tenth_s,
    )


def accuracy() -> Iterator[Accuracy]:
    """Yield the figures of the corpora that are here."""
    for path, names in (
        (BESIDE / "wikiwars-train.json", ("value F1",)),
        (OWN / "timeml-held.json", ("value F1",)),
        (OWN / "held.json", ("EDTF F1", "modality accuracy")),
    ):
        if not path.exists():
            continue
        documents = extract_score.read(json.loads(path.read_text(encoding="utf-8")))
        profile = extract_score.profile_of(documents)
        tallies = [extract_score.tally(document, profile).counts for document in documents]
        for name, value, low, high in extract_score.figures(tallies):
            if name.strip() in names:
                yield Accuracy(path.stem, name.strip(), value, low, high)


def candidates_found() -> tuple[int, int]:
    """Return how many announcements of the held half are found, and how many there are."""
    counts = extract_candidates.count(OWN / "candidates-held.json")
    return counts["found"], counts["gold"]


def _articles() -> list[str]:
    """Return texts of `CHARACTERS`, made of the bulletins of the seeds: news of an ordinary density, and our own."""
    whole = "\n\n".join(path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*/bulletins/*.txt")))
    return [whole[at : at + CHARACTERS] for at in range(0, len(whole) - CHARACTERS, CHARACTERS)]


def _seconds(texts: list[str], published: Publication) -> float:
    began = time.perf_counter()
    for text in texts:
        extract(text, published)
    return time.perf_counter() - began


def _first_call_s() -> float:
    done = subprocess.run([sys.executable, "-c", FIRST_CALL], cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout)
