"""How fast news are read, and how rightly: the bulletins of the seeds, our annotated texts, a public set beside us."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

from bench.extract_candidates import count
from bench.extract_score import figures, profile_of, read, tally
from bench.rows import Row, at_least, at_most
from events.extract.article import extract
from events.extract.dates.expressions import expressions
from events.extract.reading import Publication
from events.extract.text import sentences

ROOT: Final = Path(__file__).parent.parent
BULLETINS: Final = ROOT / "seeds" / "us-japan-2024" / "bulletins"
OWN: Final = ROOT / "tests" / "data" / "extract"
WIKIWARS: Final = ROOT.parent / "shared" / "data" / "wikiwars-train.json"
ARTICLE: Final = ROOT.parent / "shared" / "articles" / "us-japan-2024.txt"
CHARACTERS: Final = 2_000
LONG_CHARACTERS: Final = 1_000_000
ROUNDS: Final = 20
PUBLISHED: Final = Publication(day=date(2024, 4, 8).toordinal(), country="US")
HOSTILE: Final = ("Jan. ", "Monday ", "from May to ", "10 April ", ".", "the second quarter of the ")

_FIRST_CALL: Final = """
import time
began = time.perf_counter()
from events.extract.article import extract
from events.extract.reading import Publication
extract("They will meet on Wednesday.", Publication(day=738984))
print(time.perf_counter() - began)
"""


def rows() -> Iterator[Row]:
    """Yield what reading is measured by."""
    whole_text = "\n\n".join(path.read_text(encoding="utf-8") for path in sorted(BULLETINS.glob("*.txt")))
    texts = _pieces(whole_text)
    whole = _best(lambda: [extract(text, PUBLISHED) for text in texts]) / len(texts)
    dates = _best(lambda: [expressions(list(sentences(text)), PUBLISHED) for text in texts]) / len(texts)
    yield at_most("an article of 2,000 characters read", 3e-3, whole, asked="3 ms", measured=f"{whole * 1000:.2f} ms")
    yield at_least("  articles a second, one core", 250, 1 / whole, asked="250/s", measured=f"{1 / whole:,.0f}/s")
    yield Row("  its dates alone", "", f"{dates * 1000:.2f} ms", None)
    if ARTICLE.exists():  # The bulletins have more than twice as many dates.
        news = _pieces(ARTICLE.read_text(encoding="utf-8"))
        one = _best(lambda: [extract(text, PUBLISHED) for text in news]) / len(news)
        yield at_most("  2,000 characters of a news article", 3e-3, one, asked="3 ms", measured=f"{one * 1000:.2f} ms")
    first = _first_call()
    yield at_most("  import and first call", 0.3, first, asked="0.3 s", measured=f"{first:.2f} s")
    yield from _long_rows(whole_text)
    yield from _accuracy_rows()


def _pieces(text: str) -> list[str]:
    return [text[at : at + CHARACTERS] for at in range(0, len(text) - CHARACTERS + 1, CHARACTERS)]


def _accuracy_rows() -> Iterator[Row]:
    for path, name in (
        (WIKIWARS, "value F1"),
        (OWN / "timeml-held.json", "value F1"),
        (OWN / "held.json", "EDTF F1"),
        (OWN / "held.json", "modality accuracy"),
    ):
        if not path.exists():
            continue
        documents = read(json.loads(path.read_text(encoding="utf-8")))
        tallies = [tally(document, profile_of(documents)).counts for document in documents]
        value, low, high = next(found for each, *found in figures(tallies) if each.strip() == name)
        measured = f"{value:.1%} [{low:.1%}, {high:.1%}]"
        what = f"{name}, {path.stem}, {len(documents)} documents"
        yield (
            at_least(what, 0.78, value, asked="78 %", measured=measured)
            if path == WIKIWARS
            else Row(what, "", measured, None)
        )
    counts = count(OWN / "candidates-held.json")
    yield Row("announcements found, candidates-held", "", f"{counts['found']} of {counts['gold']}", None)


def _long_rows(text: str) -> Iterator[Row]:
    long = (text * (LONG_CHARACTERS // len(text) + 1))[:LONG_CHARACTERS]
    short = long[: LONG_CHARACTERS // 10]
    ratio = _best(lambda: extract(long, PUBLISHED), 3) / _best(lambda: extract(short, PUBLISHED), 3) / 10
    yield at_most("1 MB against ten times 100 KB", 1.3, ratio, asked="1.3x", measured=f"{ratio:.2f}x")
    worst = max(_best(partial(extract, (words * 100_000)[:100_000], PUBLISHED), 2) for words in HOSTILE)
    yield at_most("the worst 100 KB that is known", 1, worst, asked="1 s", measured=f"{worst:.2f} s")


def _best(call: Callable[[], object], rounds: int = ROUNDS) -> float:
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return min(times)


def _first_call() -> float:
    run = [sys.executable, "-c", _FIRST_CALL]
    return min(
        float(subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True).stdout) for _ in range(3)
    )
