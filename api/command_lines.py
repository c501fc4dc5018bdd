"""Commands as JSON lines: what `seeds/` holds and `dateline append` takes.

A line is a command of `events.commands`. Beside its own fields it may have `key` (by which it is carried out once),
`recorded_at` (for seeds), and `text_file` in place of `text`: a file that holds a source's text, relative to the lines.
"""

from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from events.commands import Command
from events.errors import DatelineError
from events.instants import Instant, NotAnInstant, moment
from events.log.entry import NotCanonical, canonical

OWN_FIELDS: Final = ("key", "recorded_at", "text_file")


class CommandLine(Struct, frozen=True, kw_only=True):
    """A line: `command`, and the `body` it was read from, which the API takes. `place` names file and line."""

    place: str
    command: Command
    body: dict[str, Any]
    key: str | None
    recorded_at: Instant | None


class LineInvalid(DatelineError):
    """A line is not a command, or the command was refused; `place` names file and line."""

    code = "line-invalid"

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place


def numbered(lines: Iterable[bytes], name: str) -> Iterator[tuple[str, bytes]]:
    """Yield every line that is not blank, with its place. Some editors begin a file with a mark; it is passed over."""
    for number, line in enumerate(lines, start=1):
        content = line.removeprefix(BOM_UTF8) if number == 1 else line
        if content.strip():
            yield f"{name}:{number}", content


def key_of(line: bytes, place: str) -> str | None:
    """Return the key of a line, whatever else it says; raises `LineInvalid` where it is no JSON object."""
    try:
        return msgspec.json.decode(line, type=_Keyed).key
    except msgspec.DecodeError as error:
        raise LineInvalid(place, str(error)) from None


def read_line(line: bytes, place: str, *, folder: Path) -> CommandLine:
    """Return the command of a line, whose `text_file` is looked for in `folder`; raises `LineInvalid`."""
    try:
        body = msgspec.json.decode(line, type=dict[str, Any])
        given = {field: body.pop(field, None) for field in OWN_FIELDS}
        for field, value in given.items():
            if not isinstance(value, str | None):
                raise LineInvalid(place, f"{field} is a text")
        if given["recorded_at"] is not None:
            moment(given["recorded_at"])
        if given["text_file"] is not None:
            body["text"] = (folder / given["text_file"]).read_bytes().decode()
        command: Command = msgspec.convert(body, Command)
    except (msgspec.DecodeError, UnicodeDecodeError, OSError, NotAnInstant) as error:
        raise LineInvalid(place, str(error)) from None
    return CommandLine(place=place, command=command, body=body, key=given["key"], recorded_at=given["recorded_at"])


def content_of(line: CommandLine) -> bytes:
    """Return the bytes of a line's body, equal for equal commands; raises `LineInvalid`."""
    try:
        return canonical(line.body)
    except NotCanonical as error:
        raise LineInvalid(line.place, str(error)) from None


class _Keyed(Struct, frozen=True, kw_only=True):
    key: str | None = None
