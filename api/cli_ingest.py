"""`dateline ingest`: an article's candidates in the terminal, and what of them is recorded."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TextIO

import click
import msgspec
from msgspec import Struct

from api.cli_accepting import Accepted, Record, commands_of
from api.cli_candidates import drawn, grouped, ordered, show, shown
from api.cli_document import UNNAMED, Document, Given, read_document
from api.cli_service import legible, reached
from api.names_file import read_names
from api.pages import texts
from events.extract.article import extract
from events.extract.reading import Candidate, Extraction, Match, Profile
from events.extract.who.gazetteer import Gazetteer, default_gazetteer
from events.record import Source

ALL: Final = "all"
_NUMBERS: Final = re.compile(r"([0-9]{1,6})(?:-([0-9]{1,6}))?")
TITLE_CHARACTERS_MAX: Final = 300
CHOICES: Final = {"a": "accept", "t": "another title", "r": "reject", "s": "skip", "q": "ask no more"}
HELP: Final = (
    "    a records it as it stands; t asks for a title first; r turns it down: it does not come back from here;\n"
    "    s leaves it for another time; q stops asking. Nothing is recorded before all was asked."
)


class Wanted(Struct, frozen=True, kw_only=True):
    """What is to be done. `accept` and `reject` are lists of numbers as they were given, None where they were not."""

    accept: str | None = None
    reject: str | None = None
    everything: bool = False
    profile: Profile = "dates"
    as_json: bool = False


class Decided(Struct, frozen=True, kw_only=True):
    """What an editor decided."""

    accepted: tuple[Accepted, ...]
    rejected: tuple[Candidate, ...]


def ingest(
    where: str,
    given: Given,
    wanted: Wanted,
    *,
    names: Path | None,
    data: Path | None,
    server: str | None,
    token: str | None,
) -> None:
    """Show what an article announces; where there is a record, also what that would change, and record what is wanted.

    Raises what `read_document`, `read_names`, `reached` and the service raise; nothing is recorded then.
    """
    document = read_document(where, given)
    published = document.publication
    gazetteer = read_names(names) or default_gazetteer()
    if data is None and server is None:
        _tell(document)
        extraction = extract(document.text, published, profile=wanted.profile, gazetteer=gazetteer)
        _show(document, None, extraction, wanted)
        if not wanted.as_json:
            _note("\nheld against no record: --data or --server names one, and --accept records what is right")
        return
    with reached(data or Path(), server, token) as api:
        record = Record(api)
        source = record.source(document)
        if source is not None and source.sha256 == document.sha256:
            document = document.as_recorded(source)
        elif source is not None:
            _note(f"{source.id} is recorded of this address with another text: quotes are cited without their places")
        _tell(document)
        extraction = record.extraction(document, wanted.profile)
        asking = wanted.accept is None and wanted.reject is None and _is_terminal() and not wanted.as_json
        if asking and wanted.profile == "dates":
            decided = _ask(document, source, extraction, wanted)
        else:
            decided = _decided(extraction, wanted)
            _show(document, source, extraction, wanted)
        _record(document, source, decided, record, gazetteer, to=sys.stderr if wanted.as_json else sys.stdout)


def numbers(given: str, ids: Sequence[str], *, option: str, everything: Sequence[int]) -> list[int]:
    """Return the numbers in a list such as `1,3,5-7,a3f09c7d21be`, or all that are shown.

    A candidate's id stays when others are turned down; numbers go up to `len(ids)`. Raises `click.BadParameter`.

    >>> numbers("1,3-4,bb", ["aa", "bb", "cc", "dd"], option="accept", everything=())
    [1, 3, 4, 2]
    """
    if given.strip() == ALL:
        return list(everything)
    found: dict[int, None] = {}
    for part in given.split(","):
        if part.strip() in ids:
            found[ids.index(part.strip()) + 1] = None
            continue
        match = _NUMBERS.fullmatch(part.strip())
        first, last = (0, 0) if match is None else (int(match[1]), int(match[2] or match[1]))
        if not 1 <= first <= last <= len(ids):
            there = f"there are 1 to {len(ids)}" if ids else "there are none"
            raise click.BadParameter(f"{part.strip()!r} is no candidate; {there}", param_hint=f"--{option}")
        found.update(dict.fromkeys(range(first, last + 1)))
    return list(found)


def _decided(extraction: Extraction, wanted: Wanted) -> Decided:
    if wanted.accept == ALL == wanted.reject:
        raise click.BadParameter("all cannot be both accepted and rejected", param_hint="--reject")
    candidates = ordered(extraction.candidates)
    there = shown(candidates, everything=wanted.everything)
    chosen = {
        option: numbers(given, [one.id for one in candidates], option=option, everything=there)
        if given is not None
        else []
        for option, given in (("accept", wanted.accept), ("reject", wanted.reject))
    }
    rejected = [number for number in chosen["reject"] if wanted.accept in (None, ALL) or number not in chosen["accept"]]
    if len(rejected) < len(chosen["reject"]) and wanted.reject != ALL:
        both = sorted(set(chosen["reject"]) & set(chosen["accept"]))
        raise click.BadParameter(f"{both[0]} cannot be both accepted and rejected", param_hint="--reject")
    accepted = [number for number in chosen["accept"] if number not in rejected]
    if wanted.accept == ALL:
        accepted = [number for number in accepted if _does_something(candidates[number - 1])]
    return Decided(
        accepted=tuple(_accepted(number, candidates[number - 1]) for number in accepted),
        rejected=tuple(candidates[number - 1] for number in rejected),
    )


def _accepted(number: int, candidate: Candidate, title: str | None = None) -> Accepted:
    return Accepted(number=number, candidate=candidate, title=title or candidate.title)


def _does_something(candidate: Candidate) -> bool:
    match = candidate.match
    if not isinstance(match, Match) or not isinstance(match.proposal, str):
        return False
    return not (match.proposal == "new" and candidate.modality == "denied")


def _ask(document: Document, source: Source | None, extraction: Extraction, wanted: Wanted) -> Decided:
    """Show candidates one by one, and ask what to do with each that would change something."""
    from rich.console import Console

    console = Console(highlight=False)
    _head(document, source, extraction, wanted)
    accepted: list[Accepted] = []
    rejected: list[Candidate] = []
    candidates = ordered(extraction.candidates)
    for group in grouped(candidates, everything=wanted.everything):
        console.print()
        console.print(group.heading, style="bold underline")
        for card in group.cards:
            candidate = candidates[card.number - 1]
            console.print()
            console.print(drawn(card))
            choice = _choice() if _does_something(candidate) else "s"
            if choice == "q":
                return Decided(accepted=tuple(accepted), rejected=tuple(rejected))
            if choice in ("a", "t"):
                title = _title(candidate) if choice == "t" else None
                accepted.append(_accepted(card.number, candidate, title))
            elif choice == "r":
                rejected.append(candidate)
    return Decided(accepted=tuple(accepted), rejected=tuple(rejected))


def _choice() -> str:
    told = ", ".join(f"{key} {words}" for key, words in CHOICES.items())
    while True:
        chosen: str = click.prompt(f"    {told}, ? help", default="s").strip().lower()
        if chosen in CHOICES:
            return chosen
        click.echo(HELP)


def _title(candidate: Candidate) -> str:
    while True:
        title: str = click.prompt("    title", default=candidate.title).strip()
        if title and len(title) <= TITLE_CHARACTERS_MAX:
            return title
        click.echo(f"    a title has 1 to {TITLE_CHARACTERS_MAX} characters")


def _show(document: Document, source: Source | None, extraction: Extraction, wanted: Wanted) -> None:
    if wanted.as_json:
        print(msgspec.json.format(msgspec.json.encode(extraction), indent=2).decode())  # noqa: T201
        return
    _head(document, source, extraction, wanted)
    if wanted.profile == "timeml":
        for read in extraction.expressions:
            said, value = legible(" ".join(read.text.split())), f"{read.timex.type} {read.timex.value}"
            print(f"{read.start:>7}  {said:<32}  {value:<28}  {read.edtf or ''}".rstrip())  # noqa: T201
        return
    show(grouped(ordered(extraction.candidates), everything=wanted.everything))
    left = len(extraction.candidates) - len(shown(extraction.candidates, everything=wanted.everything))
    if left:
        print(f"\n{left} more, which may be only background: --all shows them")  # noqa: T201


def _head(document: Document, source: Source | None, extraction: Extraction, wanted: Wanted) -> None:
    likely = len(shown(extraction.candidates, everything=False))
    what = texts.counted(likely, "announcement")
    if wanted.everything and likely < len(extraction.candidates):
        what += f", and {len(extraction.candidates) - likely} perhaps only background"
    if wanted.profile == "timeml":
        what = texts.counted(len(extraction.expressions), "expression")
    known = "" if source is None else f", recorded as {source.id}"
    lines = (
        document.title,
        f"{document.publisher}, published {document.published_at} ({document.timezone}){known}",
        what,
    )
    for line in lines:
        print(legible(line))  # noqa: T201


def _record(
    document: Document,
    source: Source | None,
    decided: Decided,
    record: Record,
    gazetteer: Gazetteer,
    *,
    to: TextIO,
) -> None:
    """Record what was decided in one commit, and say what that did."""
    if not decided.accepted and not decided.rejected:
        return
    commands, skipped = commands_of(
        document, source, decided.accepted, decided.rejected, record=record, gazetteer=gazetteer
    )
    if commands and source is None and document.publisher == UNNAMED:
        _note(f"nothing says who published it, so it is recorded of an {UNNAMED}: --publisher names one")
    for note in skipped:
        _note(note)
    if not commands:
        _note("nothing is recorded")
        return
    receipts = record.carry_out(commands)
    print(file=to)
    for command, receipt in zip(commands, receipts, strict=True):
        print(f"{receipt.position}\t{legible(receipt.id)}\t{command['command']}", file=to)
    made = texts.counted(len(decided.accepted) - len(skipped), "candidate")
    article = "the article, " if source is None else ""
    _note(f"recorded {article}{made}, rejected {len(decided.rejected)}")


def _tell(document: Document) -> None:
    for note in document.notes:
        _note(note)


def _note(text: str) -> None:
    sys.stdout.flush()
    print(legible(text), file=sys.stderr)  # noqa: T201


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()
