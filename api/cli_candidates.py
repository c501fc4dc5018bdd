"""Candidates in the terminal: what was read, from which words, how sure that is, and what it would change.

`plain` is for pipes; `show` is for people, and needs rich. Both say the same.
"""

import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from api.cli_service import legible
from events import record, terms
from events.extract.reading import Candidate, Expression, Match, Proposal

if TYPE_CHECKING:
    from rich.console import RenderableType

COLUMNS_MAX: Final = 110
INDENT: Final = 4
BACKGROUND: Final = 0.4
"""What is less sure than that is shown only where everything is asked for."""
DOES: Final[dict[Proposal, str]] = {
    "new": "new",
    "corroborates": "corroborates {id}",
    "moves": "moves {id}",
    "outcome": "says what came of {id}",
    "contradicts": "says that {id} will not be",
}
COLOURS: Final[dict[Proposal, str]] = {
    "new": "green",
    "corroborates": "cyan",
    "moves": "yellow",
    "outcome": "magenta",
    "contradicts": "red",
}


class Card(Struct, frozen=True, kw_only=True):
    """A candidate in words. `marked` is where in the quote the date's own words stand, None where they do not."""

    number: int
    title: str
    date: str
    about: str
    quote: str
    marked: tuple[int, int] | None
    sure: str
    does: str
    colour: str


class Group(Struct, frozen=True, kw_only=True):
    """Candidates under one heading."""

    heading: str
    cards: tuple[Card, ...]


def grouped(candidates: Sequence[Candidate], *, everything: bool) -> tuple[Group, ...]:
    """Return candidates in groups, numbered as they stand in the text: dated ones, undated ones, background."""
    numbered = list(enumerate(candidates, 1))
    likely = [(number, one) for number, one in numbered if one.confidence >= BACKGROUND]
    groups = [
        ("With a date", [(number, one) for number, one in likely if one.when.edtf is not None]),
        ("Without a date", [(number, one) for number, one in likely if one.when.edtf is None]),
    ]
    if everything:
        groups.append(("Perhaps only background", [(n, one) for n, one in numbered if one.confidence < BACKGROUND]))
    return tuple(
        Group(heading=f"{heading} ({len(cards)})", cards=tuple(card_of(number, one) for number, one in cards))
        for heading, cards in groups
        if cards
    )


def shown(candidates: Sequence[Candidate], *, everything: bool) -> list[int]:
    """Return the numbers of the candidates that are shown."""
    return [number for number, one in enumerate(candidates, 1) if everything or one.confidence >= BACKGROUND]


def card_of(number: int, one: Candidate) -> Card:
    """Return a candidate in words."""
    marked = None
    read = one.expression
    if read is not None and one.start <= read.start and read.end <= one.end:
        marked = read.start - one.start, read.end - one.start
    match = one.match if isinstance(one.match, Match) else None
    return Card(
        number=number,
        title=legible(one.title),
        date=legible(_date(one)),
        about=legible(_about(one)),
        quote=legible(one.quote.replace("\n", " ")),
        marked=marked,
        sure=legible(f"sure {one.confidence:.2f}: {', '.join((*one.reasons, one.rule))}"),
        does="" if match is None else legible(does(match)),
        colour="dim" if match is None or not isinstance(match.proposal, str) else COLOURS[match.proposal],
    )


def does(match: Match) -> str:
    """Say what a candidate would change of the record, and why."""
    why = "; ".join(match.why)
    if not isinstance(match.proposal, str):
        return f"nothing to record, {why}: {match.id}"
    what = DOES[match.proposal].format(id=match.id)
    return f"{what}: {why}" if why else what


def plain(groups: Iterable[Group], *, columns: int) -> Iterator[str]:
    """Yield the lines of candidates without colours, at most `columns` wide."""
    for group in groups:
        yield ""
        yield group.heading
        for card in group.cards:
            yield ""
            yield from _lines(card, columns)


def show(groups: Iterable[Group]) -> None:
    """Print candidates: with colours to a terminal, else as lines."""
    if not sys.stdout.isatty():
        for line in plain(groups, columns=min(COLUMNS_MAX, shutil.get_terminal_size((100, 24)).columns)):
            print(line)  # noqa: T201
        return
    from rich.console import Console

    console = Console(highlight=False)
    for group in groups:
        console.print()
        console.print(group.heading, style="bold underline")
        for card in group.cards:
            console.print()
            console.print(drawn(card))


def drawn(card: Card) -> "RenderableType":
    """Return a candidate as rich shows it."""
    from rich.console import Group as Together
    from rich.padding import Padding
    from rich.text import Text

    quote = Text(f"“{card.quote}”", style="italic")
    if card.marked is not None:
        start, end = card.marked
        quote.stylize("bold reverse", start + 1, end + 1)
    head = Text(f"{card.number:>{INDENT - 1}} ") + Text(card.title, style="bold")
    rest = [Text(card.date, style="cyan"), Text(card.about), quote, Text(card.sure, style="dim")]
    if card.does:
        rest.append(Text(f"→ {card.does}", style=card.colour))
    return Together(head, Padding(Together(*rest), (0, 0, 0, INDENT)))


def _lines(card: Card, columns: int) -> Iterator[str]:
    width = max(30, columns)
    yield from _wrapped(card.title, width, f"{card.number:>{INDENT - 1}} ")
    for text in (card.date, card.about, f"“{card.quote}”", card.sure, f"-> {card.does}" if card.does else ""):
        yield from _wrapped(text, width, " " * INDENT)


def _wrapped(text: str, width: int, lead: str) -> list[str]:
    indent = " " * INDENT
    return textwrap.wrap(text, width, initial_indent=lead, subsequent_indent=indent, break_on_hyphens=False)


def _date(one: Candidate) -> str:
    """Say a date in words and in EDTF, and from which words it was read."""
    parts = [one.when.text if one.when.edtf is None else f"{one.when.text} [{one.when.edtf}]"]
    read = one.expression
    if isinstance(read, Expression):
        if isinstance(read.time, str):
            parts.append(f"at {read.time}")
        parts.append(f"from “{' '.join(read.text.split())}”{' in an earlier sentence' if one.inherited else ''}")
        if isinstance(read.note, str):
            parts.append(read.note)
    elif one.inherited:
        parts.append("from an earlier sentence")
    if isinstance(one.moved_from, record.When):
        parts.append(f"moved from {one.moved_from.text}")
    return ", ".join(parts)


def _about(one: Candidate) -> str:
    """Say how it is meant, of which kind it is, who has which part in it, where, and how much it is."""
    parts = [one.modality, one.kind]
    for role in ("by", "with", "to", "about"):
        names = [actor.id or f"“{actor.name}”" for actor in one.actors if actor.role == role]
        if names:
            parts.append(f"{role} {', '.join(names)}")
    if one.places:
        parts.append(f"in {', '.join(one.places)}")
    if one.amount is not None:
        parts.append(_amount(one.amount))
    if one.speaker is not None:
        parts.append(f"said by {one.speaker.name}")
    return " · ".join(parts)


def _amount(amount: terms.Amount) -> str:
    said = f"{amount.value} {amount.currency}"
    return f"{amount.text} ({said})" if amount.text else said
