"""What reads may ask for, and how nodes of the tree are cut out of what is stored, whatever the engine. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

from events.log.merkle import HASH_BYTES, Place, completed_by
from events.log.port import PAGE_EVENTS_MAX, ReadInvalid

COMMITS_PAGE_MAX: Final = 500
COMMITS_PAGE_BYTES: Final = 4 * 1024 * 1024
"""A page of commits ends with the one that makes it larger than this."""
HEADLESS: Final = 2**62
"""The open end for positions: beyond every position there will be."""


def require_window(*, after: int, upto: int | None, limit: int) -> None:
    """Raise `ReadInvalid` for a limit or a position that no read can have."""
    if not 0 <= limit <= PAGE_EVENTS_MAX:
        raise ReadInvalid(f"a limit is 0 to {PAGE_EVENTS_MAX}, not {limit}")
    if not 0 <= after < HEADLESS or not 0 <= (upto or 0) <= HEADLESS:
        raise ReadInvalid(f"positions are 0 and more, not after {after} up to {upto}")


def completing(places: Sequence[Place]) -> list[int]:
    """Return the positions with which nodes of the tree became complete, each once."""
    return sorted({completed_by(*place) for place in places})


def nodes_of(places: Sequence[Place], hashes: Mapping[int, bytes]) -> dict[Place, bytes]:
    """Return the hashes of nodes, of what is stored with the positions that completed them: level by level upwards.

    Raises `ReadInvalid` where the tree has no such node yet.
    """
    found: dict[Place, bytes] = {}
    for level, index in places:
        stored = hashes.get(completed_by(level, index), b"")
        found[level, index] = stored[level * HASH_BYTES : (level + 1) * HASH_BYTES]
        if len(found[level, index]) != HASH_BYTES:
            raise ReadInvalid(f"the tree has no complete node {index} at level {level} yet")
    return found
