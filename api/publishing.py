"""Puts the log's note where others hold it, and tells who holds which one since when.

A note that lies elsewhere is what a rewritten log is held against, so it is put there soon, and again and again.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import unquote, urlsplit

import msgspec
from litestar.di import NamedDependency, Provide
from msgspec import Struct

from api.notebook import Notebook
from api.outbound import Outbound, OutboundRefused
from api.reading import R, get
from events.instants import Instant
from events.log.files import Disk
from events.log.state import State
from events.sealing import Seal

HELD: Final = "held"
"""The kind under which the state remembers who holds which note."""
POST: Final = "post+"
NOTE: Final = "text/plain; charset=utf-8"
ID_DIGITS: Final = 16

_LOGGER: Final = logging.getLogger(__name__)


class Held(Struct, frozen=True, kw_only=True):
    """Which note lies at a place: over `size` entries with the root `root` (hexadecimal), since `since`.

    All three are null while none does. `last_error` is why the last attempt to put a newer one there failed, null when
    it did not. A `place` is an address without its parameters, or `file:` and the name of a directory or a file.
    """

    place: str
    size: int | None = None
    root: str | None = None
    since: Instant | None = None
    last_error: str | None = None


class Notes(Struct, frozen=True, kw_only=True):
    """Who holds which note of the log, as far as it was put there by the log itself."""

    notes: tuple[Held, ...]
    position: int


class Publishing:
    """Publishes the notes of one log. `places` are addresses parted by blanks; `clock` gives the present instant."""

    def __init__(self, seal: Seal, state: State, places: str, outbound: Outbound, clock: Callable[[], Instant]) -> None:
        self.places: Sequence[str] = tuple(dict.fromkeys(places.split()))
        self._seal = seal
        self._state = state
        self._outbound = outbound
        self._clock = clock

    def dependencies(self) -> dict[str, Provide]:
        """Return what the routes are given, by name."""
        return {"publishing": Provide(self._publishing)}

    async def held(self) -> tuple[Held, ...]:
        """Return what lies at each place."""
        return tuple([await self._held(place) for place in self.places])

    async def publish(self) -> None:
        """Put the present note wherever it does not lie yet; what fails is told by `held` and tried again next time."""
        head, note = await self._seal.checkpoint()
        if head.position:
            await asyncio.gather(*(self._put(place, note, head.position, head.root.hex()) for place in self.places))

    async def _put(self, place: str, note: str, size: int, root: str) -> None:
        before = await self._held(place)
        if (before.size, before.root, before.last_error) == (size, root, None):
            return
        try:
            await self._send(place, note)
        except (OSError, OutboundRefused) as error:
            reason = (error.strerror or "it cannot be written") if isinstance(error, OSError) else str(error)
            after = msgspec.structs.replace(before, last_error=reason)
            if after != before:
                _LOGGER.warning("the note could not be put to %s: %s", before.place, reason)
        else:
            after = Held(place=before.place, size=size, root=root, since=self._clock())
        if after != before:
            await self._state.put(HELD, _id(place), msgspec.json.encode(after), expected=None)

    async def _send(self, place: str, note: str) -> None:
        if place.startswith("file:"):
            await asyncio.to_thread(_write, unquote(urlsplit(place).path), note)
            return
        method = "POST" if place.startswith(POST) else "PUT"
        status = await self._outbound.send(method, place.removeprefix(POST), note.encode(), NOTE)
        if not 200 <= status < 300:
            raise OutboundRefused(f"it answered {status}")

    async def _held(self, place: str) -> Held:
        known = await self._state.get(HELD, _id(place))
        return Held(place=_named(place)) if known is None else msgspec.json.decode(known.value, type=Held)

    async def _publishing(self) -> "Publishing":
        return self


Here: TypeAlias = NamedDependency[Publishing]


@get("/log/notes")
async def log_notes(reader: R, reached: NamedDependency[None], publishing: Here) -> Notes:
    """Return who holds which note of the log since when: what a rewritten log would have to be held against."""
    return Notes(notes=await publishing.held(), position=(await reader.log.head()).position)


HANDLERS: Final = (log_notes,)


def _write(path: str, note: str) -> None:
    """Put a note into a directory (`/` at its end) beside those of before, or in the place of a file."""
    if path.endswith("/"):
        Notebook(Path(path)).keep(note)
    else:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Disk().create(Path(path), note.encode())


def _named(place: str) -> str:
    """Return how a place is called in public: without what only its operator should know.

    >>> _named("https://notes.example/put?signature=secret"), _named("file:///mnt/usb/notes/")
    ('https://notes.example/put', 'file:notes')
    """
    parts = urlsplit(place.removeprefix(POST))
    if parts.scheme == "file":
        return f"file:{Path(unquote(parts.path)).name}"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _id(place: str) -> str:
    return sha256(place.encode()).hexdigest()[:ID_DIGITS]
