"""The stored form of an event: the bytes that are hashed. Final: a byte changed here changes every proof.

An entry is RFC 8785 JSON; the data lies apart, under a salt, so that erasing it leaves every proof valid.
"""

import re
from hashlib import sha256
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import force_setattr

from events.errors import DatelineError
from events.instants import Instant
from events.log.port import Event

SALT_BYTES: Final = 16
EXACT_INTEGER_MAX: Final = 2**53 - 1
"""RFC 8785 writes numbers as JavaScript does, which keeps integers up to this one apart."""


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What is hashed of an event. Fields stand in the order RFC 8785 sorts them in; do not reorder."""

    by: str
    causation: int | None = None
    commit: tuple[int, int]
    correlation: str | None = None
    data_hash: str
    id: str
    position: int
    recorded_at: Instant
    said_at: Instant | None = None
    tags: tuple[str, ...]
    type: str
    v: int


class NotCanonical(DatelineError, ValueError):
    """A value has no RFC 8785 form that every reader reads alike: a float, a huge integer, half a character."""

    code = "not-canonical"


def encode(entry: Entry) -> bytes:
    """Return the bytes of an entry."""
    return _FIELDS_IN_ORDER.encode(entry)


def decode(content: bytes) -> Entry:
    """Return the entry of its bytes; raises `msgspec.DecodeError` when they are none."""
    return _ENTRY.decode(content)


def event_of(content: bytes, data: bytes | None) -> Event:
    """Return the event of an entry's bytes and its data (None once erased)."""
    event = _EVENT.decode(content)
    force_setattr(event, "data", data)  # It was made just now, and nobody has seen it yet.
    return event


def entry_of(event: Event) -> bytes:
    """Return the bytes of the entry that an event was read from."""
    return encode(
        Entry(
            by=event.by,
            causation=event.causation,
            commit=event.commit,
            correlation=event.correlation,
            data_hash=event.data_hash,
            id=event.id,
            position=event.position,
            recorded_at=event.recorded_at,
            said_at=event.said_at,
            tags=event.tags,
            type=event.type,
            v=event.v,
        )
    )


def data_hash(salt: bytes, data: bytes) -> str:
    """Return the lowercase hex hash that an entry holds of its data."""
    return sha256(b"\x02" + salt + data).hexdigest()


def uuid7(milliseconds: int, random: bytes) -> str:
    """Return the UUIDv7 of a Unix time in milliseconds and ten random bytes.

    >>> uuid7(1712759400000, bytes(10))
    '018ec86a-6640-7000-8000-000000000000'
    """
    digits = (milliseconds.to_bytes(6) + random).hex()
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-7{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def canonical(value: object) -> bytes:
    """Return the RFC 8785 JSON of a struct or of plain values, absent optionals left out as the struct says.

    Raises `NotCanonical` for floats, integers beyond 2**53 - 1 and unpaired surrogates.

    >>> canonical({"b": 1, "a": ["é", None]}).decode()
    '{"a":["é",null],"b":1}'
    """
    plain = msgspec.to_builtins(value, str_keys=True)
    _require_exact_numbers(plain)
    try:
        encoded = _KEYS_SORTED.encode(plain)
    except UnicodeEncodeError:
        raise NotCanonical("a text holds half of a surrogate pair, which UTF-8 cannot write") from None
    # msgspec sorts keys by code point, RFC 8785 by UTF-16 unit: they differ beyond U+FFFF only.
    return _FIELDS_IN_ORDER.encode(_sorted_by_utf16(plain)) if _BEYOND_BMP.search(encoded) else encoded


def _require_exact_numbers(plain: object) -> None:
    match plain:
        case float():
            raise NotCanonical(f"{plain!r} is a float; write an integer or a text")
        case int() if abs(plain) > EXACT_INTEGER_MAX:
            raise NotCanonical(f"{plain} is beyond 2**53 - 1; write a text")
        case dict():
            for value in plain.values():
                _require_exact_numbers(value)
        case list() | tuple():
            for value in plain:
                _require_exact_numbers(value)
        case _:
            pass


def _sorted_by_utf16(plain: object) -> object:
    match plain:
        case dict():
            keys = sorted(plain, key=lambda key: key.encode("utf-16-be"))
            return {key: _sorted_by_utf16(plain[key]) for key in keys}
        case list() | tuple():
            return [_sorted_by_utf16(value) for value in plain]
        case _:
            return plain


_FIELDS_IN_ORDER: Final = msgspec.json.Encoder()
_KEYS_SORTED: Final = msgspec.json.Encoder(order="sorted")
_ENTRY: Final = msgspec.json.Decoder(Entry)
_EVENT: Final = msgspec.json.Decoder(Event)
_BEYOND_BMP: Final = re.compile(rb"[\xf0-\xf4]")
