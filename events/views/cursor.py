"""Cursors: where a list goes on, as an opaque text."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Final, TypeVar

import msgspec

from events.errors import DatelineError

CURSOR_CHARACTERS_MAX: Final = 1000

_PARTS: Final = list[str | Annotated[int, msgspec.Meta(ge=-(2**62), le=2**62)]]  # What SQLite can hold.

Key = TypeVar("Key", bound=tuple[object, ...])


class BadCursor(DatelineError):
    """A cursor is none that this list gave."""

    code = "bad-cursor"

    def __init__(self, cursor: str) -> None:
        super().__init__(f"{cursor[:80]!r} is no cursor of this list; begin again without one, and use `next` as it is")
        self.cursor = cursor


def cursor_of(listed: str, key: tuple[object, ...]) -> str:
    """Return the cursor of a list that goes on after `key`.

    >>> cursor_of("sources", ("a", 1))
    'WyJzb3VyY2VzIiwiYSIsMV0'
    """
    return urlsafe_b64encode(msgspec.json.encode((listed, *key))).rstrip(b"=").decode()


def key_of(listed: str, cursor: str, key_type: type[Key]) -> Key:
    """Return the key of a cursor that `cursor_of` made for the same list; raises `BadCursor`."""
    if len(cursor) > CURSOR_CHARACTERS_MAX:
        raise BadCursor(cursor)
    try:
        decoded = msgspec.json.decode(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=_PARTS)
        key = msgspec.convert(tuple(decoded[1:]), key_type)
    except (ValueError, msgspec.MsgspecError):
        raise BadCursor(cursor) from None
    if decoded[0] != listed or cursor_of(listed, key) != cursor:
        raise BadCursor(cursor)
    return key
