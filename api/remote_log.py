"""A log that somebody else keeps, asked over HTTP: its notes and tiles (C2SP tlog-tiles), and what Dateline adds.

Nothing here is believed for being answered: whoever asks checks it against a note.
"""

import re
import time
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Final, TypeVar
from urllib.parse import quote

import msgspec
from msgspec import Struct

from api.cli_service import Answer, Api, given
from events.log.merkle import Place, Tree, consistency, hashes_of
from events.log.notes import NoteInvalid
from events.log.stored import StoredCommit
from events.log.tiles import TILE_WIDTH, NotATile, Tile, entries_in, hashes_in, tile_at, tile_with

ATTEMPTS_MAX: Final = 60
BUSY: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
BUSY_S: Final = 1.0
"""A service that was asked too fast is asked again after so long, and so often."""

_LOG_ID: Final = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
T = TypeVar("T")


class Described(Struct, frozen=True):
    """What a log says of itself."""

    log_id: str
    origin: str
    vkey: str


class Commits(Struct, frozen=True):
    """A page of commits."""

    commits: tuple[StoredCommit, ...]
    next: int | None


class _Event(Struct, frozen=True):
    position: int


class _Events(Struct, frozen=True):
    events: tuple[_Event, ...]


class RemoteLog:
    """A log at the end of an `Api`. Every method raises `Unreachable` and `RefusedByService`."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def note(self) -> str:
        """Return the present note. Raises `NoteInvalid` where it is no text."""
        try:
            return self._get("/checkpoint").decode()
        except UnicodeDecodeError:
            raise NoteInvalid("what is served as /checkpoint is no text") from None

    def described(self) -> Described:
        """Return what the log says of itself. Raises `NotATile` where that is no log's."""
        described = self._decoded("/v1/log", Described)
        if not _LOG_ID.fullmatch(described.log_id):
            raise NotATile(f"what is served as /v1/log is no answer of Dateline: {described.log_id[:100]!r} is no id")
        return described

    def consistency(self, first: int, second: int) -> list[bytes]:
        """Return the proof that the tree of `first` leaves begins the one of `second`, made of tiles of the latter.

        Raises `NotATile` where a tile is none.
        """
        path = consistency(first, second)
        return hashes_of(path, self.nodes([place for places in path for place in places], second))

    def nodes(self, places: Sequence[Place], size: int) -> dict[Place, bytes]:
        """Return complete nodes of the tree of `size` leaves, computed from its tiles. Raises `NotATile`."""
        tiles: dict[Tile, list[bytes]] = {}
        found: dict[Place, bytes] = {}
        for place in places:
            tile, start, count = tile_with(place, size)
            if tile not in tiles:
                tiles[tile] = hashes_in(*self._served(tile))
            below = Tree()
            for hash in tiles[tile][start : start + count]:
                below.grow(hash)
            found[place] = below.root()
        return found

    def entries(self, after: int, size: int) -> Iterator[bytes]:
        """Yield the bytes of the entries after a position, up to `size`. Raises `NotATile`."""
        for index in range(after // TILE_WIDTH, -(-size // TILE_WIDTH)):
            tile = tile_at(None, index, size)
            bundle = entries_in(*self._served(tile))[: tile.width]
            yield from bundle[max(0, after - index * TILE_WIDTH) :]

    def bundle(self, position: int) -> bytes:
        """Return the proof bundle of an entry, as it is told."""
        return self._get(f"/v1/events/{position}/proof")

    def rotations(self) -> list[int]:
        """Return where the log says that its key changed."""
        page = self._decoded("/v1/events?types=log.key_rotated&limit=1000", _Events)
        return [event.position for event in page.events]

    def erasures(self) -> Iterator[int]:
        """Yield where the log says that entries or texts were erased."""
        after, begin = 0, "start"
        while page := self._decoded(f"/v1/events?types=log.erased&limit=1000&from={begin}", _Events).events:
            for event in page:
                if event.position <= after:
                    raise NotATile("what is served as /v1/events is in no order")
                after = event.position
                yield after
            begin = str(after)

    def commits(self, after: int) -> Commits:
        """Return a page of the commits whose number is above `after`, as they are stored."""
        return self._decoded(f"/v1/log/commits?after={after}", Commits)

    def text(self, source: str, position: int) -> bytes | None:
        """Return the text that a source was recorded with at a position; None where there is none any more."""
        answer = self._asked(f"/v1/sources/{quote(source, safe='')}/text?as_of={position}")
        return None if answer.status == HTTPStatus.NOT_FOUND else given(answer)

    def _served(self, tile: Tile) -> tuple[Tile, bytes]:
        """Return the bytes of a tile; of the one that is full by now, where the partial one is not served any more."""
        answer = self._asked(f"/{tile.path}")
        if answer.status == HTTPStatus.NOT_FOUND and tile.width < TILE_WIDTH:
            tile = Tile(tile.level, tile.index)
            answer = self._asked(f"/{tile.path}")
        return tile, given(answer)

    def _get(self, target: str) -> bytes:
        return given(self._asked(target))

    def _decoded(self, target: str, kind: type[T]) -> T:
        content = self._get(target)
        try:
            return msgspec.json.decode(content, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise NotATile(f"what is served as {target.partition('?')[0]} is no answer of Dateline: {error}") from None

    def _asked(self, target: str) -> Answer:
        for _ in range(ATTEMPTS_MAX - 1):
            answer = self._api.ask("GET", target)
            if answer.status not in BUSY:
                return answer
            time.sleep(BUSY_S)
        return self._api.ask("GET", target)
