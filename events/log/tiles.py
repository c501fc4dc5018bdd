"""Tiles of the tree and bundles of entries, as C2SP tlog-tiles names and writes them: static files to any client. Pure.

A tile holds up to 256 hashes of one level out of eight; the n-th at level l has the nodes (8 l, 256 n) and on.
"""

import re
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from events.errors import DatelineError
from events.log.merkle import HASH_BYTES, Place

TILE_WIDTH: Final = 256
TILE_LEVELS: Final = 8
LEVEL_MAX: Final = 63
INDEX_DIGITS_MAX: Final = 18
"""Of an index in a path: positions fit 62 bits."""
_PATH: Final = re.compile(
    r"tile/(?P<level>0|[1-9][0-9]?|entries)/(?P<index>(?:x[0-9]{3}/)*[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


class NotATile(DatelineError):
    """A path or its content is none of a tile's."""

    code = "not-a-tile"


class Tile(Struct, frozen=True):
    """A tile of hashes at a level, or (`level` None) a bundle of entries; of `width` of them, 256 when it is full."""

    level: int | None
    index: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """Where it is served, after the log's address.

        >>> Tile(0, 1234067, 7).path
        'tile/0/x001/x234/067.p/7'
        """
        digits = f"{self.index:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[start : start + 3] for start in range(0, len(digits), 3)]
        index = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{'entries' if self.level is None else self.level}/{index}{partial}"

    def places(self) -> list[Place]:
        """Return the nodes of the tree that its hashes are; for a bundle, those of its entries' leaves."""
        level, first = TILE_LEVELS * (self.level or 0), self.index * TILE_WIDTH
        return [(level, first + offset) for offset in range(self.width)]

    def size_needed(self) -> int:
        """Return how many leaves a tree has that holds all of it."""
        return (self.index * TILE_WIDTH + self.width) << (TILE_LEVELS * (self.level or 0))


def tile_of(path: str) -> Tile:
    """Return the tile that a path names; raises `NotATile`.

    >>> tile_of("tile/entries/x001/000.p/12")
    Tile(level=None, index=1000, width=12)
    """
    found = _PATH.fullmatch(path)
    if found is None:
        raise NotATile(f"{path[:100]!r} names no tile")
    digits = found["index"].replace("x", "").replace("/", "")
    level, width = found["level"], int(found["width"] or TILE_WIDTH)
    tile = Tile(None if level == "entries" else int(level), int(digits[:INDEX_DIGITS_MAX]), width)
    if len(digits) > INDEX_DIGITS_MAX or (tile.level or 0) > LEVEL_MAX or tile.path != path:
        raise NotATile(f"{path[:100]!r} names no tile")
    return tile


def tile_at(level: int | None, index: int, size: int) -> Tile:
    """Return the tile at a place in a tree of `size` leaves: partial at its right edge. Raises `NotATile` beyond it."""
    width = min(TILE_WIDTH, (size >> (TILE_LEVELS * (level or 0))) - index * TILE_WIDTH)
    if width <= 0:
        raise NotATile(f"a tree of {size} leaves has no tile {index} at level {level or 0}")
    return Tile(level, index, width)


def tile_with(place: Place, size: int) -> tuple[Tile, int, int]:
    """Return the tile from which a complete node can be hashed, with the first hash below it and how many there are."""
    level, index = place
    tile_level, within = divmod(level, TILE_LEVELS)
    first, count = index << within, 1 << within
    return tile_at(tile_level, first // TILE_WIDTH, size), first % TILE_WIDTH, count


def hashes_in(tile: Tile, content: bytes) -> list[bytes]:
    """Return the hashes of a tile's bytes; raises `NotATile` when they are not as many as it is wide."""
    if len(content) != tile.width * HASH_BYTES:
        raise NotATile(f"{tile.path} has {len(content)} bytes, not {tile.width * HASH_BYTES}")
    return [content[start : start + HASH_BYTES] for start in range(0, len(content), HASH_BYTES)]


def bundled(entries: Sequence[bytes]) -> bytes:
    """Return entries as a bundle: each after its length, two bytes with the high one first."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def entries_in(tile: Tile, content: bytes) -> list[bytes]:
    """Return the entries of a bundle's bytes; raises `NotATile` when they are not as many as it is wide."""
    entries: list[bytes] = []
    start = 0
    while start < len(content):
        end = start + 2 + int.from_bytes(content[start : start + 2], "big")
        entries.append(content[start + 2 : end])
        start = end
    if start != len(content) or len(entries) != tile.width:
        raise NotATile(f"{tile.path} does not hold {tile.width} whole entries")
    return entries
