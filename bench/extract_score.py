"""How well dates are read: `python bench/extract_score.py CORPUS.json [--profile timeml|dates] [--misses N]`.

A corpus is `[{id, dct, text, gold: [...]}]`, where gold is `{start, end, type, value}` (TimeML's annotators) or
`{start, end, edtf, modality}` (announcements), or one of the two public sets: `{"documents": [...]}` and
`{"cases": [...]}`. Scores are those of TempEval-3: a span that overlaps one of the gold counts (strict: that is
the same), and a value counts where its span does and it is equal. Every figure comes with a 95 % interval, from a
bootstrap over documents with a fixed seed.
"""

import argparse
import io
import json
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

sys.path.insert(0, str(Path(__file__).parent.parent))  # As a script it stands beside `events`, not above it.

from events.edtf import EdtfError, parse
from events.extract.article import extract
from events.extract.dates.expressions import expressions
from events.extract.reading import Expression, Profile, Publication
from events.extract.text import sentences

ROUNDS: Final = 1000
SEED: Final = 2013
MISSES: Final = 40
CONTEXT: Final = 40

_CASE_TYPES: Final = {"date": "DATE", "daterange": "DATE", "datetime": "TIME", "time": "TIME", "timerange": "TIME",
                      "datetimerange": "TIME", "duration": "DURATION", "set": "SET"}  # fmt: skip


class Gold(Struct, frozen=True, kw_only=True):
    """An expression as annotators read it. `values` are the readings that are right; empty where it has none."""

    start: int
    end: int
    type: str | None = None
    values: tuple[str, ...] = ()
    edtf: str | None = None
    modality: str | None = None


class Document(Struct, frozen=True, kw_only=True):
    """A text, the day it appeared, and what annotators found in it."""

    id: str
    published: Publication
    text: str
    gold: tuple[Gold, ...]


class _GivenGold(Struct, frozen=True, kw_only=True):
    start: int
    end: int
    type: str | None = None
    value: str | int | None = None
    edtf: str | None = None
    modality: str | None = None


class _Given(Struct, frozen=True, kw_only=True):
    id: str | int
    dct: str
    text: str
    gold: tuple[_GivenGold, ...]
    language: str = "en"
    country: str | None = None


class _Result(Struct, frozen=True, kw_only=True):
    start: int
    end: int
    type: str | None = None
    values: list[dict[str, Any]] | None = None


class _Case(Struct, frozen=True, kw_only=True):
    input: str
    results: list[_Result]
    reference: str | None = None


class Tally(Struct, frozen=True, kw_only=True):
    """What one document adds to the figures, by the name of a count."""

    counts: dict[str, int]
    misses: list[str]


def main(arguments: Sequence[str] | None = None) -> None:
    """Score a corpus and print the figures and the misses."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--profile", choices=("timeml", "dates"))
    parser.add_argument("--misses", type=int, default=MISSES, help="how many are listed; 0 for none")
    parser.add_argument("--only", help="ids of documents, or how they begin, parted by commas")
    options = parser.parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # A corpus can have what no terminal can show.
    if not options.corpus.exists():
        sys.exit(f"{options.corpus} is not there; the public sets lie beside the project's checkout, not in it")
    try:
        documents = read(json.loads(options.corpus.read_text()))
    except (ValueError, OSError, RecursionError) as error:  # Of a file that is no JSON or no text as well.
        sys.exit(f"{options.corpus}: {error}")
    if options.only:
        documents = [document for document in documents if document.id.startswith(tuple(options.only.split(",")))]
    if not documents:
        sys.exit(f"{options.corpus}: it has no documents{' of these ids' if options.only else ''}")
    profile: Profile = options.profile or profile_of(documents)
    tallies = [tally(document, profile) for document in documents]
    print(f"{options.corpus.name}: {len(documents)} documents, profile {profile}")
    for name, value, low, high in figures([entry.counts for entry in tallies]):
        print(f"  {name:<22} {value:6.1%}   [{low:.1%}, {high:.1%}]")
    misses = [miss for entry in tallies for miss in entry.misses]
    for miss in misses[: options.misses]:
        print(miss)
    if len(misses) > options.misses > 0:
        print(f"… and {len(misses) - options.misses} more misses")


class CorpusInvalid(ValueError):
    """A corpus is of none of the known shapes. The message names the document and what is wrong with it."""


def read(corpus: Any) -> list[Document]:
    """Return the documents of a corpus of any of the known shapes. Raises `CorpusInvalid`."""
    if isinstance(corpus, dict) and "cases" in corpus:
        # Some cases have no reference: they say what holds on any day.
        cases = msgspec.convert(corpus["cases"], list[_Case])
        return [_checked(_case(number, case, case.reference)) for number, case in enumerate(cases) if case.reference]
    listed = corpus.get("documents") if isinstance(corpus, dict) else corpus
    if not isinstance(listed, list):
        raise CorpusInvalid("a corpus is a list of documents, or an object with `documents` or `cases`")
    return [_checked(_document(each)) for each in msgspec.convert(listed, list[_Given])]


def _checked(document: Document) -> Document:
    for gold in document.gold:
        if not 0 <= gold.start < gold.end <= len(document.text):
            raise CorpusInvalid(f"document {document.id}: {gold.start} to {gold.end} is no part of its text")
        if gold.edtf is not None:
            try:
                parse(gold.edtf)
            except EdtfError as error:
                raise CorpusInvalid(f"document {document.id}: {error}") from None
    return document


def profile_of(documents: Sequence[Document]) -> Profile:
    """Return the profile that a corpus is annotated for."""
    dated = (gold.edtf is not None or gold.modality is not None for document in documents for gold in document.gold)
    return "dates" if any(dated) else "timeml"


def tally(document: Document, profile: Profile) -> Tally:
    """Read one document and count what is right in it."""
    found = expressions(list(sentences(document.text)), document.published, profile=profile)
    gold = list(document.gold)
    pairs = matched(gold, found)
    modalities = _modalities(document, profile)
    counts = dict.fromkeys(COUNTS, 0) | {"gold": len(gold), "found": len(found), "relaxed": len(pairs)}
    counts["modal"] = sum(each.modality is not None for each in gold)
    misses = []
    for mine, theirs in pairs:
        same = (mine.start, mine.end) == (theirs.start, theirs.end)
        right = theirs.timex.value in mine.values
        counts["strict"] += same
        counts["value"] += right
        counts["type"] += theirs.timex.type == mine.type
        counts["edtf"] += theirs.edtf == mine.edtf and mine.edtf is not None
        if mine.modality is not None:
            said = modalities.get((theirs.start, theirs.end))
            counts["modality"] += said == mine.modality
            if said != mine.modality:
                misses.append(_miss(document, "modality", mine, f"{said} for {mine.modality}"))
        if mine.edtf is not None and theirs.edtf != mine.edtf:
            misses.append(_miss(document, "edtf", mine, f"{theirs.edtf} for {mine.edtf} ({theirs.rule})"))
        elif mine.edtf is None and mine.type is not None and not right:
            wanted = " or ".join(mine.values) or "nothing"
            misses.append(_miss(document, "value", mine, f"{theirs.timex.value} for {wanted} ({theirs.rule})"))
    seen = {id(mine) for mine, _ in pairs}
    taken = {id(theirs) for _, theirs in pairs}
    misses += [
        _miss(document, "not found", each, " or ".join(each.values) or str(each.edtf))
        for each in gold
        if id(each) not in seen
    ]
    misses += [
        _miss(document, "too much", each, f"{each.edtf or each.timex.value} ({each.rule})")
        for each in found
        if id(each) not in taken
    ]
    return Tally(counts=counts, misses=misses)


def matched(gold: Sequence[Gold], found: Sequence[Expression]) -> list[tuple[Gold, Expression]]:
    """Return which expression overlaps which of the gold, each taken once, those with most in common first."""
    pairs: list[tuple[int, int, int]] = []
    first = 0
    for mine, wanted in sorted(enumerate(gold), key=lambda pair: pair[1].start):
        while first < len(found) and found[first].end <= wanted.start:
            first += 1
        for theirs in range(first, len(found)):
            if found[theirs].start >= wanted.end:
                break
            common = min(wanted.end, found[theirs].end) - max(wanted.start, found[theirs].start)
            if common > 0:
                pairs.append((-common, mine, theirs))
    taken_gold, taken_found, chosen = set[int](), set[int](), []
    for _, mine, theirs in sorted(pairs):
        if mine not in taken_gold and theirs not in taken_found:
            taken_gold.add(mine)
            taken_found.add(theirs)
            chosen.append((gold[mine], found[theirs]))
    return chosen


COUNTS: Final = ("gold", "found", "relaxed", "strict", "value", "type", "edtf", "modal", "modality")


def figures(tallies: Sequence[dict[str, int]]) -> Iterator[tuple[str, float, float, float]]:
    """Yield each figure that a corpus has, by name, with its bootstrap interval."""
    whole = _sums(tallies)
    chance = random.Random(SEED)
    samples = [_sums(chance.choices(tallies, k=len(tallies))) for _ in range(ROUNDS)] if tallies else []
    for name, needs, figure in FIGURES:
        if whole[needs]:
            drawn = sorted(figure(sample) for sample in samples)
            yield name, figure(whole), drawn[len(drawn) // 40], drawn[-1 - len(drawn) // 40]


def _f1(name: str) -> Callable[[dict[str, int]], float]:
    return lambda counts: 2 * counts[name] / max(counts["gold"] + counts["found"], 1)


def _share(name: str, of: str) -> Callable[[dict[str, int]], float]:
    return lambda counts: counts[name] / max(counts[of], 1)


FIGURES: Final[tuple[tuple[str, str, Callable[[dict[str, int]], float]], ...]] = (
    ("span F1, strict", "gold", _f1("strict")),
    ("span F1, relaxed", "gold", _f1("relaxed")),
    ("  precision", "gold", _share("relaxed", "found")),
    ("  recall", "gold", _share("relaxed", "gold")),
    ("value F1", "value", _f1("value")),
    ("type F1", "type", _f1("type")),
    ("EDTF accuracy", "edtf", _share("edtf", "gold")),
    ("EDTF F1", "edtf", _f1("edtf")),
    ("modality accuracy", "modal", _share("modality", "modal")),
)


def _sums(tallies: Sequence[dict[str, int]]) -> dict[str, int]:
    return {name: sum(counts[name] for counts in tallies) for name in COUNTS}


def _modalities(document: Document, profile: Profile) -> dict[tuple[int, int], str]:
    """Return how the clause of each expression means it, by the expression's place."""
    if profile != "dates" or not any(gold.modality for gold in document.gold):
        return {}
    found = extract(document.text, document.published).expressions
    return {(each.start, each.end): each.modality for each in found if each.modality}


def _document(given: _Given) -> Document:
    gold = (
        Gold(
            start=each.start,
            end=each.end,
            type=each.type,
            values=(str(each.value),) if each.value not in (None, "", "null") else (),
            edtf=each.edtf,
            modality=each.modality,
        )
        for each in given.gold
    )
    published = _publication(given.dct, given.language, given.country)
    return Document(id=str(given.id), published=published, text=given.text, gold=tuple(gold))


def _case(number: int, case: _Case, reference: str) -> Document:
    """Return a case of Recognizers: its ends are inclusive, and of several values any is right."""
    gold = []
    for result in case.results:
        kind = _CASE_TYPES.get((result.type or "").partition(".")[2], "DATE")
        values = [str(value[key]) for value in result.values or () for key in ("value", "timex") if value.get(key)]
        gold.append(Gold(start=result.start, end=result.end + 1, type=kind, values=tuple(values)))
    return Document(
        id=f"case {number}", published=_publication(reference, "en", "US"), text=case.input, gold=tuple(gold)
    )


def _publication(day: str, language: str, country: str | None) -> Publication:
    try:
        ordinal = date.fromisoformat(day[:10]).toordinal()
    except ValueError:
        raise CorpusInvalid(f"{day[:10]!r} is no day that a document can have appeared on") from None
    return Publication(day=ordinal, language=language, country=country)


def _miss(document: Document, what: str, where: Gold | Expression, said: str) -> str:
    text = document.text
    before = text[max(0, where.start - CONTEXT) : where.start]
    after = text[where.end : where.end + CONTEXT]
    quote = f"{before}[{text[where.start : where.end]}]{after}".replace("\n", " ")
    return f"{document.id}: {what}: {said}: {quote}"


if __name__ == "__main__":
    main()
