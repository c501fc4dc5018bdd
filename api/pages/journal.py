"""Entries of the log in words, whatever they are about."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec
from msgspec import Struct

from api.pages import texts
from api.pages.urls import path
from events.facts import knows
from events.instants import Instant
from events.log.port import Event

ABOUT: Final = {
    "announcement": "announcements",
    "timeline": "timelines",
    "actor": "actors",
    "source": "v1/sources",
}
"""Where to read of what an entry is about."""
_DECODER: Final = msgspec.json.Decoder(dict[str, object])


class LogEntry(Struct, frozen=True, kw_only=True):
    """An entry in words: `what` happened to `about`, which `href` leads to. Both are empty where nothing is left of it.

    `id` is that of what it is about, where that has a page.
    """

    position: int
    recorded: str
    recorded_at: Instant
    said: str
    said_at: Instant | None
    what: str
    about: str
    href: str
    erased: bool


def log_entry(event: Event, subject: str | None, titles: Mapping[str, str], base: str) -> LogEntry:
    """Return an event in words. `subject` is the tag of what it is about, `titles` are those of subjects, by tag."""
    kind, _, id = (subject or "").partition(":")
    data = {} if event.data is None else _DECODER.decode(event.data)
    href = path(base, *ABOUT[kind].split("/"), id) if kind in ABOUT else ""
    if kind == "announcement":
        href += f"#entry-{event.position}"
    if kind == "fact":
        href = path(base, "v1", "events", id)
    if kind == "rubric":
        href = f"{path(base, 'rubric')}#version-{id}"
    if subject not in titles and not knows(event.type, event.v):
        href = ""  # It may be the only entry about a thing, which then has no page.
    return LogEntry(
        position=event.position,
        recorded=texts.instant_words(event.recorded_at),
        recorded_at=event.recorded_at,
        said=texts.instant_day(event.said_at) if event.said_at else "",
        said_at=event.said_at,
        what=texts.entry_words(event.type, event.v, ours=data.get("origin") == "editor"),
        about=titles.get(subject or "", _called(kind, id)),
        href=href,
        erased=event.data is None,
    )


def subjects_of(tags: Iterable[str | None], kind: str) -> tuple[str, ...]:
    """Return the ids of those things of a kind that some tags name, each once."""
    beginning = f"{kind}:"
    return tuple(dict.fromkeys(tag.removeprefix(beginning) for tag in tags if tag and tag.startswith(beginning)))


def _called(kind: str, id: str) -> str:
    match kind:
        case "fact":
            return f"entry {id}"
        case "rubric":
            return f"version {id}"
        case "log":
            return ""
        case _:
            return id
