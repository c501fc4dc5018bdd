"""A timeline in the terminal: dates in words, what became of each announcement by sign and word, and what moved.

`plain` is for pipes and needs nothing; `show` is for people and needs rich.
"""

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from api.cloudevents import CloudEvent
from api.pages import texts
from events.record import Announcement, GivenDate, How, State, Timeline

if TYPE_CHECKING:
    from rich.console import Group

SIGNS: Final[dict[State, str]] = {
    "announced": "○",
    "due": "◐",
    "overdue": "▲",
    "postponed": "‖",
    "cancelled": "✕",
    "happened": "✓",
    "partly": "◩",
    "did_not_happen": "✗",
    "cannot_be_judged": "?",
    "withdrawn": "⊖",
    "retracted": "⊘",
    "merged": "→",
}
COLOURS: Final[dict[State, str]] = {
    "announced": "cyan",
    "due": "yellow",
    "overdue": "red",
    "postponed": "yellow",
    "cancelled": "red",
    "happened": "green",
    "partly": "green",
    "did_not_happen": "red",
}
STEPS: Final[dict[How, str]] = {
    "first": "first",
    "moved": "then",
    "narrowed": "narrowed to",
    "corrected": "corrected to",
}
DATE_COLUMNS: Final = 26
TEXT_COLUMNS_MIN: Final = 30


class Entry(Struct, frozen=True, kw_only=True):
    """An announcement as it is shown: its date and title, what became of it, and the steps of its date."""

    when: str
    title: str
    state: State
    became: str
    steps: tuple[str, ...]


def entry_of(item: Announcement) -> Entry:
    """Return an announcement in words."""
    became = f"{SIGNS[item.state]} {texts.STATES[item.state]}"
    outcome = item.outcomes[-1] if item.outcomes else None
    if outcome is not None and outcome.result == item.state and outcome.on and outcome.on != item.when.edtf:
        became += f", {texts.date_words(outcome.on)}"
    if moved := texts.moved_words(item.slip_days):
        became += f", {moved}"
    steps = tuple(_step(date) for date in item.dates) if len(item.dates) > 1 else ()
    return Entry(when=item.when.text, title=item.title, state=item.state, became=became, steps=steps)


def heading(timeline: Timeline) -> str:
    """Say how many announcements there are, and up to when what follows is known."""
    known = f"up to entry {timeline.position}" if timeline.as_of is None else f"up to entry {timeline.as_of}"
    said = "" if timeline.said_by is None else f", said by {texts.said_by_words(timeline.said_by)}"
    return f"{texts.counted(timeline.total, 'announcement')}, as recorded {known}{said}"


def plain(timeline: Timeline, *, columns: int = 100) -> Iterator[str]:
    """Yield the lines of a timeline without colours, at most `columns` wide."""
    yield timeline.title
    if timeline.description:
        yield from textwrap.wrap(timeline.description, columns)
    yield heading(timeline)
    width = max(TEXT_COLUMNS_MIN, columns - DATE_COLUMNS - 2)
    for entry in map(entry_of, timeline.items):
        dates = textwrap.wrap(entry.when, DATE_COLUMNS)
        lines = [part for line in (entry.title, entry.became) for part in textwrap.wrap(line, width)]
        for step in entry.steps:
            lines += textwrap.wrap(step, width, initial_indent="  ", subsequent_indent="    ")
        dates += [""] * (len(lines) - len(dates))
        lines += [""] * (len(dates) - len(lines))
        yield ""
        yield from (f"{date:<{DATE_COLUMNS}}  {line}".rstrip() for date, line in zip(dates, lines, strict=True))


def show(timeline: Timeline) -> None:
    """Print a timeline to a terminal."""
    from rich.console import Console

    console = Console(highlight=False)
    console.print(drawn(timeline))


def drawn(timeline: Timeline) -> "Group":
    """Return a timeline as rich shows it."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    head = [Text(timeline.title, style="bold")]
    if timeline.description:
        head.append(Text(timeline.description))
    head.append(Text(heading(timeline), style="dim"))
    table = Table.grid(padding=(0, 2, 1, 0))
    table.add_column(min_width=14, max_width=DATE_COLUMNS)
    table.add_column(min_width=TEXT_COLUMNS_MIN)
    for entry in map(entry_of, timeline.items):
        lines = [Text(entry.title, style="bold"), Text(entry.became, style=COLOURS.get(entry.state, ""))]
        lines += [Text(step, style="dim") for step in entry.steps]
        table.add_row(Text(entry.when), Group(lines[0], lines[1], *(Padding(line, (0, 0, 0, 2)) for line in lines[2:])))
    return Group(*head, Text(), table)


def fact_words(event: CloudEvent) -> str:
    """Say a recorded fact in one line."""
    about = event.subject if isinstance(event.subject, str) else ""
    return f"{event.position:>6}  {event.time[:19]}Z  {texts.entry_words(event.type):<40}  {about}"


def _step(date: GivenDate) -> str:
    said = f"{STEPS[date.how]} {texts.given_words(date)}, said {texts.instant_day(date.said_at)}"
    return f"{said}: {date.reason}" if date.reason else said
