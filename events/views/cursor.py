"""Cursors: where a list goes on, as an opaque text that is good for what was asked, and for nothing else."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Annotated, Final, TypeVar

import msgspec

from events.errors import DatelineError
from events.terms import TimelineQuery
from events.views.clocks import NOW, Clocks

CURSOR_CHARACTERS_MAX: Final = 1000
MARK_BYTES: Final = 6
"""A mark tells lists apart, and keeps nobody out: who makes cursors up reads nothing that is not open to him."""

_PARTS: Final = list[str | Annotated[int, msgspec.Meta(ge=-(2**62), le=2**62)]]  # What SQLite can hold.

Key = TypeVar("Key", bound=tuple[object, ...])


class BadCursor(DatelineError):
    """A cursor is none that this list gave."""

    code = "bad-cursor"

    def __init__(self, cursor: str) -> None:
        super().__init__(
            f"{cursor[:80]!r} is no cursor of this list; use `next` as it is, with the same filters and clocks,"
            " or begin again without one"
        )
        self.cursor = cursor


def mark_of(listed: str, clocks: Clocks = NOW, wanted: TimelineQuery | None = None) -> str:
    """Return the mark of a list, by its name, where it is read, and its filter: one for all pages, of whatever length.

    The values of a filter's field are alternatives: their order says nothing. Where `as_of` was asked for as a time,
    that is what is marked: its position moves on while the time is yet to come.
    """
    as_of = clocks.as_of_at or clocks.as_of
    fields = {} if wanted is None else msgspec.to_builtins(wanted)
    asked = {name: sorted(value) if isinstance(value, list | tuple) else value for name, value in fields.items()}
    content = msgspec.json.encode((listed, as_of, clocks.said_by, asked), order="sorted")
    return urlsafe_b64encode(sha256(content).digest()[:MARK_BYTES]).decode()


def cursor_of(mark: str, key: tuple[object, ...]) -> str:
    """Return the cursor with which the list with a mark goes on after `key`.

    >>> cursor_of("AbCdEfGh", ("a", 1))
    'WyJBYkNkRWZHaCIsImEiLDFd'
    """
    return urlsafe_b64encode(msgspec.json.encode((mark, *key))).rstrip(b"=").decode()


def key_of(mark: str, cursor: str, key_type: type[Key]) -> Key:
    """Return the key of a cursor that `cursor_of` made for the list with the same mark; raises `BadCursor`."""
    if len(cursor) > CURSOR_CHARACTERS_MAX:
        raise BadCursor(cursor)
    try:
        decoded = msgspec.json.decode(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=_PARTS)
        key = msgspec.convert(tuple(decoded[1:]), key_type)
    except (ValueError, msgspec.MsgspecError):
        raise BadCursor(cursor) from None
    if decoded[0] != mark or cursor_of(mark, key) != cursor:
        raise BadCursor(cursor)
    return key
