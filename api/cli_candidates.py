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
HEADINGS: Final = ("With a date", "Without a date", "Perhaps only background")
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


def ordered(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return candidates as they are numbered: dated ones by day, those without a date, and what may be background."""
    return sorted(candidates, key=lambda one: (_group(one), _day(one), one.start))


def grouped(candidates: Sequence[Candidate], *, everything: bool) -> tuple[Group, ...]:
    """Return ordered candidates under their headings; `everything` adds what may be background."""
    cards: dict[str, list[Card]] = {}
    for number in shown(candidates, everything=everything):
        one = candidates[number - 1]
        cards.setdefault(HEADINGS[_group(one)], []).append(card_of(number, one))
    return tuple(Group(heading=f"{heading} ({len(those)})", cards=tuple(those)) for heading, those in cards.items())


def shown(candidates: Sequence[Candidate], *, everything: bool) -> list[int]:
    """Return the numbers of the ordered candidates that are shown."""
    return [number for number, one in enumerate(candidates, 1) if everything or one.confidence >= BACKGROUND]


def _group(one: Candidate) -> int:
    return 2 if one.confidence < BACKGROUND else 0 if one.when.edtf is not None else 1


def _day(one: Candidate) -> str:
    return one.when.earliest or one.when.latest or ""


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
        sure=legible(f"{one.confidence:.0%} sure: {', '.join(_reasons(one))}  [{one.id}]"),
        does="" if match is None else legible(does(match)),
        colour="dim" if match is None or not isinstance(match.proposal, str) else COLOURS[match.proposal],
    )


def _reasons(one: Candidate) -> Iterator[str]:
    """Yield what decided; the heading has said already that there is no date."""
    yield from (reason for reason in one.reasons if reason != "no date")
    if one.rule in ("headline", "background"):
        yield one.rule
    if one.inherited:
        yield "the date is that of an earlier sentence"


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
    from rich.table import Table
    from rich.text import Text

    quote = Text(f"“{card.quote}”", style="italic")
    if card.marked is not None:
        start, end = card.marked
        quote.stylize("bold reverse", start + 1, end + 1)
    rest = [Text(card.title, style="bold"), Text(card.date, style="cyan"), Text(card.about), quote]
    rest.append(Text(card.sure, style="dim"))
    if card.does:
        rest.append(Text(f"→ {card.does}", style=card.colour))
    table = Table.grid(padding=(0, 1))
    table.add_column(width=INDENT - 1, justify="right")
    table.add_column(max_width=COLUMNS_MAX)
    table.add_row(str(card.number), Together(*rest))
    return table


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
        if isinstance(read.note, str):
            parts.append(read.note)
    if isinstance(one.when.phrase, str):
        parts.append(f"from “{' '.join(one.when.phrase.split())}”{' in an earlier sentence' if one.inherited else ''}")
    if isinstance(one.moved_from, record.When):
        parts.append("taken off its date" if one.moved_from.edtf is None else f"moved from {one.moved_from.text}")
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
    if one.speaker is not None and one.speaker.name.lower().replace(" ", "-") not in [each.id for each in one.actors]:
        parts.append(f"said by {one.speaker.name}")
    return " · ".join(parts)


def _amount(amount: terms.Amount) -> str:
    whole, _, rest = amount.value.partition(".")
    said = f"{int(whole):,}{'.' if rest else ''}{rest} {amount.currency}"
    return f"{amount.text} ({said})" if amount.text else said
