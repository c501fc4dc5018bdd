"""A loss that was accepted: entries that had been acknowledged are gone, and the log goes on without them.

The file `lost` says so from before the mark is lowered until `log.restored` is recorded, so no crash hides a loss.
"""

from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from events.log.checks import framed, unframed
from events.log.files import Files
from events.log.port import LogDamaged

LOST: Final = "lost"


class Loss(Struct, frozen=True, kw_only=True):
    """The log ends at `position`, where the tree's root is `root` (hexadecimal); acknowledged was up to `lost`."""

    position: int
    root: str
    lost: int


_LOSS: Final = msgspec.json.Decoder(Loss)


def read_loss(directory: Path, files: Files) -> Loss | None:
    """Return the loss that is still to be recorded; raises `LogDamaged` when its file is unreadable."""
    content = files.read(directory / LOST)
    if content is None:
        return None
    unchanged = unframed(content)
    if unchanged is None:
        raise LogDamaged(f"{LOST} is not what was written: it says what a restored log lacks")
    return _LOSS.decode(unchanged)


def accept_loss(directory: Path, files: Files, loss: Loss) -> None:
    """Keep in mind what was lost; durable when it returns. Of two losses the one that reached further is told."""
    before = read_loss(directory, files)
    further = loss if before is None or loss.lost >= before.lost else msgspec.structs.replace(loss, lost=before.lost)
    files.create(directory / LOST, framed(msgspec.json.encode(further)))
