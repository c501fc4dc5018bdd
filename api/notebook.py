"""A directory of checkpoint notes: what a witness keeps, and what a log publishes into.

`latest` is the last note, `note-<size>` each one, `vkeys` the keys that are trusted, one a line, the present one last,
`vkeys-before` those that were.
`conflict-…/` holds two notes that cannot both be true: `kept` and `told`.
"""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Final

from events.errors import DatelineError
from events.log.files import Disk, Files
from events.log.notes import NOTE_CHARACTERS_MAX, VerifierKey, checkpoint_in, text_of

LATEST: Final = "latest"
KEYS: Final = "vkeys"
RETIRED: Final = "vkeys-before"
SIZE_DIGITS: Final = 12
HASH_DIGITS: Final = 8


class NoteUnreadable(DatelineError):
    """A file of notes or keys cannot be read as one."""

    code = "note-unreadable"


class Notebook:
    """The notes of one log in a directory, which is made with the first. What is written is durable."""

    def __init__(self, directory: Path, files: Files | None = None) -> None:
        self.directory = directory
        self._files = Disk() if files is None else files

    def latest(self) -> str | None:
        """Return the last note that was kept."""
        path = self.directory / LATEST
        return read_note(path) if path.exists() else None

    def keep(self, note: str) -> Path:
        """Keep a note as the last one; return its own file, which another note of the same size takes over."""
        path = self._made() / f"note-{checkpoint_in(text_of(note)).size:0{SIZE_DIGITS}d}"
        self._files.create(path, note.encode())
        self._files.create(self.directory / LATEST, note.encode())
        return path

    def keys(self) -> tuple[VerifierKey, ...]:
        """Return the keys that are trusted, the present one last."""
        return keys_in(self.directory / KEYS)

    def retired(self) -> tuple[VerifierKey, ...]:
        """Return the keys that were trusted once, and are not any more."""
        return keys_in(self.directory / RETIRED)

    def trust(self, keys: Iterable[VerifierKey]) -> None:
        """Trust these keys from now on, and no others."""
        now = tuple(dict.fromkeys(keys))
        gone = [key for key in (*self.retired(), *self.keys()) if key not in now]
        if gone:
            self._write_keys(RETIRED, gone)
        self._write_keys(KEYS, now)

    def _write_keys(self, name: str, keys: Iterable[VerifierKey]) -> None:
        self._files.create(self._made() / name, "".join(f"{key}\n" for key in keys).encode())

    def accuse(self, kept: str, told: str) -> Path:
        """Keep two notes that cannot both be true, as evidence; return where."""
        digest = sha256(told.encode()).hexdigest()[:HASH_DIGITS]
        sizes = "-".join(str(checkpoint_in(text_of(note)).size) for note in (kept, told))
        folder = self._made() / f"conflict-{sizes}-{digest}"
        folder.mkdir(exist_ok=True)
        self._files.create(folder / "kept", kept.encode())
        self._files.create(folder / "told", told.encode())
        return folder

    def _made(self) -> Path:
        self.directory.mkdir(parents=True, exist_ok=True)
        return self.directory


def read_note(path: Path) -> str:
    """Return the note in a file; raises `NoteUnreadable`."""
    try:
        content = path.read_bytes()[: NOTE_CHARACTERS_MAX * 4]
        return content.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise NoteUnreadable(f"{path} holds no note: {error}") from None


def keys_in(path: Path) -> tuple[VerifierKey, ...]:
    """Return the keys in a file, one a line; none where there is no file. Raises `NoteUnreadable` and `KeyInvalid`."""
    if not path.exists():
        return ()
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise NoteUnreadable(f"{path} holds no keys: {error}") from None
    return tuple(VerifierKey.parse(line.strip()) for line in lines if line.strip())
