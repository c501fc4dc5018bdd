"""Which part of the record a command is judged against, and by which module."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from events import actor, announcement, source, timeline, undo
from events import facts as f
from events.bodies import ActorIn, CitationIn, control_character
from events.commands import (
    ActorCommand,
    AnnouncementCommand,
    Command,
    CorrectSource,
    LinkTo,
    Merge,
    MergeActor,
    PublishRubric,
    RecordActor,
    RecordSource,
    ReportOutcome,
    SourceCommand,
    TimelineCommand,
    WithdrawFact,
)
from events.errors import BodyInvalid
from events.tags import url_tag
from events.world import World

RUBRICS: Final = "rubrics"
"""Wanted: every rubric there is."""


def decide(command: Command, world: World) -> tuple[f.AnyFact, ...]:
    """Return the facts that a command makes, none where it changes nothing. Pure. Raises `Refused`."""
    require_plain(msgspec.to_builtins(command), "")
    if isinstance(command, SourceCommand):
        return source.decide(command, world)
    if isinstance(command, AnnouncementCommand):
        return announcement.decide(command, world)
    if isinstance(command, TimelineCommand):
        return timeline.decide(command, world)
    if isinstance(command, WithdrawFact):
        return undo.withdraw(command, world)
    return actor.decide(command, world)


def wanted(command: Command) -> Iterator[str]:
    """Yield the tags whose facts a command is judged against; what those refer to is wanted too, see `World.missing`.

    `citing <tag>` wants every fact of the tag, not only the subject's own.
    """
    if isinstance(command, SourceCommand) and command.id is not None:
        yield f"source:{command.id}"
    if isinstance(command, RecordSource):
        yield from _identity(command.url, command.text, command.copy_of)
    if isinstance(command, CorrectSource):
        yield f"citing source:{command.id}"
        yield from _identity(command.set.url, None, command.set.copy_of)
    if isinstance(command, AnnouncementCommand) and command.id is not None:
        yield f"announcement:{command.id}"
    if isinstance(command, LinkTo):
        yield f"announcement:{command.to}"
    if isinstance(command, Merge):
        yield f"announcement:{command.into}"
    if isinstance(command, ReportOutcome):
        yield RUBRICS
    if isinstance(command, TimelineCommand):
        yield f"timeline:{command.slug}"
        if (item := getattr(command, "announcement", None)) is not None:
            yield f"announcement:{item}"
    if isinstance(command, ActorCommand):
        yield f"actor:{command.id}"
    if isinstance(command, RecordActor) and command.part_of is not None:
        yield f"actor:{command.part_of}"
    if isinstance(command, MergeActor):
        yield f"actor:{command.into}"
    if isinstance(command, PublishRubric):
        yield f"rubric:{command.version}"
    yield from _named(command)


def _identity(url: str | None, text: str | None, copy_of: str | None) -> Iterator[str]:
    if url is not None:
        yield url_tag(url)
    if text is not None:
        yield f"text:{source.text_hash(text)}"
    if copy_of is not None:
        yield f"source:{copy_of}"


def _named(command: Command) -> Iterator[str]:
    citations: Iterable[CitationIn] = getattr(command, "citations", ())
    actors: Iterable[ActorIn] = (
        getattr(command, "actors", None) or getattr(getattr(command, "set", None), "actors", None) or ()
    )
    yield from (f"source:{citation.source}" for citation in citations)
    yield from (f"actor:{part.id}" for part in actors if part.id is not None)


def require_plain(value: object, pointer: str) -> None:
    """Raise `BodyInvalid` for what is no text: control and half characters; blanks of prose are, where it is prose."""
    match value:
        case dict():
            for key, part in value.items():
                place = f"{pointer}/{key}"
                require_plain(key, place)
                require_plain(part, place)
        case list() | tuple():
            for index, part in enumerate(value):
                require_plain(part, f"{pointer}/{index}")
        case str():
            if found := control_character(pointer.rpartition("/")[2], value):
                what = f"U+{ord(found[0]):04X}, a control character, stands at {found.start()}"
                raise BodyInvalid(f"{what}; leave it out", pointer=pointer)
        case _:
            pass
