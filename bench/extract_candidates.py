"""How many announcements of a corpus are found, and how rightly: `python -m bench.extract_candidates FILE`."""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from events.days import parse_day
from events.extract.article import extract
from events.extract.candidates.candidates import BACKGROUND_CONFIDENCE_MAX
from events.extract.reading import Candidate, Publication


def is_it(candidate: Candidate, gold: dict[str, Any]) -> bool:
    quote = candidate.quote.lower()
    return all(word.lower() in quote for word in gold["quote_contains"])


def right(candidate: Candidate, gold: dict[str, Any]) -> dict[str, bool]:
    title = candidate.title.lower()
    by = {actor.id for actor in candidate.actors if actor.role == "by"}
    others = {actor.id for actor in candidate.actors}
    amount = candidate.amount
    return {
        "date": candidate.when.edtf == gold["edtf"],
        "modality": candidate.modality == gold["modality"],
        "kind": candidate.kind == gold["kind"],
        "by": set(gold["by"]) <= by,
        "with": set(gold["with"]) <= others,
        "amount": gold["amount"] is None or (amount is not None and amount.value == gold["amount"]["value"]),
        "title": all(word.lower() in title for word in gold["title_words"]),
    }


def count(path: Path, *, misses: bool = False) -> Counter[str]:
    """Return how many announcements of a corpus there are, were found, and have what rightly."""
    documents = json.loads(path.read_text(encoding="utf-8"))
    counts: Counter[str] = Counter()
    for document in documents:
        published = Publication(day=parse_day(document["dct"][:10]))
        candidates = [
            each
            for each in extract(document["text"], published).candidates
            if each.confidence > BACKGROUND_CONFIDENCE_MAX
        ]
        for gold in document["candidates"]:
            counts["gold"] += 1
            same = [each for each in candidates if is_it(each, gold)]
            if not same:
                if misses:
                    print(
                        f"MISSED {gold['quote_contains']} {gold['edtf']} {gold['modality']} | {document['text'][:240]}"
                    )
                continue
            best = max(same, key=lambda each: sum(right(each, gold).values()))
            counts["found"] += 1
            for name, holds in right(best, gold).items():
                counts[name] += holds
                if not holds and misses:
                    shown = {"by": best.actors, "with": best.actors, "date": best.when.edtf}.get(
                        name, getattr(best, name, None)
                    )
                    print(f"{name}: {shown} but {gold.get(name, gold.get('edtf'))} | {best.title} | {best.quote[:120]}")
        for phrase in document["none"]:
            counts["none"] += 1
            at = document["text"].find(phrase)
            taken = [each for each in candidates if each.start < at + len(phrase) and at < each.end]
            counts["none left alone"] += not taken
            if taken and misses:
                print(f"NONE but {taken[0].title!r} {taken[0].modality} {taken[0].confidence}| {phrase}")
    return counts


def main(path: Path, *, misses: bool) -> None:
    """Print the figures of a corpus."""
    counts = count(path, misses=misses)
    gold, found = counts["gold"], counts["found"]
    print(f"announcements found        {found} of {gold}  {found / gold:.1%}")
    for name in ("date", "modality", "kind", "by", "with", "amount", "title"):
        print(f"  {name:<24} {counts[name]} of {found}  {counts[name] / max(found, 1):.1%}")
    print(f"left alone that are none   {counts['none left alone']} of {counts['none']}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), misses="--misses" in sys.argv)
