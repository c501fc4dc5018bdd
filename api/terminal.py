"""A timeline in the terminal: dates in words, what became of each announcement by sign and word, and what moved.

`plain` is for pipes and needs nothing; `show` is for people and needs rich.
"""

import textwrap
from collections.abc import Iterator
from itertools import zip_longest
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
STEPS: Final[dict[How, str]] = {"first": "", "moved": "moved", "narrowed": "more exact", "corrected": "corrected"}
DATE_COLUMNS: Final = 26
TEXT_COLUMNS_MIN: Final = 30
SAID_COLUMNS: Final = len("said 30 September 2024")


class Step(Struct, frozen=True, kw_only=True):
    """A date that was given: when that was said, and which it is, how it came, and why."""

    said: str
    gave: str


class Entry(Struct, frozen=True, kw_only=True):
    """An announcement as it is shown: its date and title, what became of it, and the steps of its date."""

    when: str
    title: str
    state: State
    became: str
    steps: tuple[Step, ...]


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
        lines = textwrap.wrap(entry.title, width) + textwrap.wrap(entry.became, width)
        for step in entry.steps:
            lead, indent = f"  {step.said:<{SAID_COLUMNS}} ", " " * (SAID_COLUMNS + 3)
            lines += textwrap.wrap(step.gave, width, initial_indent=lead, subsequent_indent=indent)
        yield ""
        for date, line in zip_longest(textwrap.wrap(entry.when, DATE_COLUMNS), lines, fillvalue=""):
            yield f"{date:<{DATE_COLUMNS}}  {line}".rstrip()


def show(timeline: Timeline) -> None:
    """Print a timeline to a terminal."""
    from rich.console import Console

    console = Console(highlight=False)
    console.print(drawn(timeline))


def drawn(timeline: Timeline) -> "Group":
    """Return a timeline as rich shows it."""
    from rich.console import Group, RenderableType
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    head = [Text(timeline.title, style="bold"), Text(timeline.description or ""), Text(heading(timeline), style="dim")]
    table = Table.grid(padding=(0, 2))
    table.add_column(min_width=14, max_width=DATE_COLUMNS)
    table.add_column(min_width=TEXT_COLUMNS_MIN)
    for entry in map(entry_of, timeline.items):
        lines: list[RenderableType] = [
            Text(entry.title, style="bold"),
            Text(entry.became, COLOURS.get(entry.state, "")),
        ]
        if entry.steps:
            steps = Table.grid(padding=(0, 2))
            for step in entry.steps:
                steps.add_row(Text(step.said, style="dim", no_wrap=True), Text(step.gave))
            lines.append(Padding(steps, (0, 0, 0, 2)))
        table.add_row(Text(entry.when), Group(*lines, Text()))
    return Group(*(line for line in head if line), Text(), table)


def fact_words(event: CloudEvent) -> str:
    """Say a recorded fact in one line."""
    about = event.subject.partition(":")[2] if isinstance(event.subject, str) else ""
    at = f"{event.time[:10]} {event.time[11:19]}"
    v = event.v if isinstance(event.v, int) else 1
    return f"{event.position:>6}  {at}  {about}{': ' if about else ''}{texts.entry_words(event.type, v)}"


def _step(date: GivenDate) -> Step:
    how = f", {STEPS[date.how]}" if STEPS[date.how] and date.edtf is not None else ""
    gave = f"{texts.given_words(date)}{how}"
    return Step(said=f"said {texts.instant_day(date.said_at)}", gave=f"{gave}: {date.reason}" if date.reason else gave)
