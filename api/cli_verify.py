"""`dateline verify`: a whole directory, a proof bundle, or a log at an address, held against what was signed before."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from msgspec import Struct

from api.cli_service import NothingThere, Remote, legible
from api.notebook import KEYS, RETIRED, keys_in, read_note
from api.remote_log import RemoteLog
from api.witness import Rewritten, learned_keys, opened_note, require_continues, require_entries
from events.bundles import BUNDLE_BYTES_MAX, Proven, check_bundle, read_bundle, successor
from events.errors import DatelineError
from events.log.notes import Checkpoint, VerifierKey, opened
from events.log.sqlite_check import LOG, check_directory

DATA_SHOWN_MAX: Final = 2000
"""So many characters of an entry's data are shown."""


class NoKey(DatelineError):
    """Nothing says which key is trusted, so no signature proves anything."""

    code = "no-key"

    def __init__(self) -> None:
        super().__init__(
            "say which key you trust: by --vkey with the log's key, or a file of keys, as /v1/log told it when you"
            " first looked or as the operator gave it to you; or by --note with a note that `dateline follow` keeps"
        )


class FileTooLarge(DatelineError):
    """A file is larger than any proof bundle."""

    code = "file-too-large"


class Trust(Struct, frozen=True, kw_only=True):
    """What is trusted: keys, and a note that was kept, which keys of `before` may have signed too."""

    keys: tuple[VerifierKey, ...]
    note: str | None
    before: tuple[VerifierKey, ...] = ()


def trust_of(vkeys: Sequence[str], note: Path | None) -> Trust:
    """Return what is trusted by options: keys or files of keys, and a note with the keys beside it.

    Raises `KeyInvalid` and `NoteUnreadable`.
    """
    keys: list[VerifierKey] = []
    for vkey in vkeys:
        keys += keys_in(Path(vkey)) if "+" not in vkey or Path(vkey).exists() else [VerifierKey.parse(vkey)]
    before: tuple[VerifierKey, ...] = ()
    if note is not None and not keys:
        keys += keys_in(note.parent / KEYS)
        before = keys_in(note.parent / RETIRED)
    return Trust(keys=tuple(dict.fromkeys(keys)), note=None if note is None else read_note(note), before=before)


def verify_directory(data: Path, trust: Trust) -> None:
    """Check everything a data directory's log holds, and print how far it goes; served meanwhile or not.

    Raises `NothingThere`, `Rewritten`, and what `check_directory` raises.
    """
    if not (data / LOG).exists():
        raise NothingThere(data)
    kept = None if trust.note is None else opened(trust.note, (*_given(trust.keys), *trust.before))
    with bar("Verifying") as tell:
        checked = check_directory(data, tell=tell, size=None if kept is None else kept.size)
    print(f"{data} holds {checked.position} entries of the log {checked.log_id}, each as it was recorded")  # noqa: T201
    print(f"root  {checked.root.hex()}")  # noqa: T201
    if kept is not None and trust.note is not None:
        if checked.kept != kept.root:
            raise Rewritten(trust.note, f"{checked.position} entries in {data}\n", _differs(kept, checked.position))
        print(f"It goes on from the note of {kept.size} entries that was kept.")  # noqa: T201


def verify_bundle(file: Path, entry: Path | None, trust: Trust) -> None:
    """Check a proof bundle and print what it proves, and what not; nothing is asked of anybody.

    Raises `NoKey`, `FileTooLarge`, `BundleInvalid`, `NoteInvalid`, `ProofInvalid`.
    """
    keys = _given(trust.keys)
    if file.stat().st_size > BUNDLE_BYTES_MAX:
        raise FileTooLarge(f"{file} has over {BUNDLE_BYTES_MAX} bytes, and is no proof bundle")
    bundle = read_bundle(file.read_bytes(), entry=None if entry is None else entry.read_bytes())
    proven = check_bundle(bundle, keys)
    print(*map(legible, _proven_in_words(proven, keys)), sep="\n")  # noqa: T201


def verify_remote(url: str, trust: Trust, *, token: str | None, whole: bool) -> None:
    """Check a log at an address: its note, that it goes on from the one that was kept, and with `whole` every entry.

    Raises `NoKey`, `Rewritten`, `LogWasRestored`, `KeyNotTrusted`, `ProofInvalid`, `Unreachable`, `RefusedByService`.
    """
    keys = _given(trust.keys)
    remote = RemoteLog(Remote(url, token))
    was = None if trust.note is None else opened(trust.note, (*keys, *trust.before))
    note = remote.note()
    now = opened_note(remote, note, keys, kept=was)
    if was is not None and trust.note is not None:
        require_continues(remote, trust.note, note, was, now)
        print(f"The first {was.size} entries are those of the note that was kept.")  # noqa: T201
    if whole:
        with bar("Hashing entries") as tell:
            require_entries(remote, None, now, tell)
        print(f"All {now.size} entries are those that the note is over.")  # noqa: T201
    for key, position in learned_keys(remote, keys):
        print(f"By entry {position} another key signs, and is to be trusted like the one before:\n{key}")  # noqa: T201
    print(f"\n{legible(note)}", end="")  # noqa: T201


@contextmanager
def bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """Yield what shows progress: a bar for a person, nothing for a pipe."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(what, total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)


def _given(keys: tuple[VerifierKey, ...]) -> tuple[VerifierKey, ...]:
    if not keys:
        raise NoKey
    return keys


def _differs(kept: Checkpoint, position: int) -> str:
    if kept.size > position:
        return f"it had {kept.size} entries, and here are {position}"
    return f"its first {kept.size} entries are others here"


def _proven_in_words(proven: Proven, keys: Sequence[VerifierKey]) -> Iterator[str]:
    entry, checkpoint = proven.entry, proven.checkpoint
    first, size = entry.commit
    yield f"Proved: entry {entry.position} of the log {checkpoint.origin}, when it had {checkpoint.size} entries."
    yield f"  signed by    {', '.join(map(str, proven.keys))}"
    yield f"  recorded at  {entry.recorded_at}, by {entry.by}"
    if entry.said_at is not None:
        yield f"  said at      {entry.said_at}"
    yield f"  what         {entry.type}"
    if size > 1:
        yield f"  together     with the entries {first} to {first + size - 1}"
    yield f"  tags         {' '.join(entry.tags)}"
    if proven.data is None:
        yield "  data         not in the bundle: erased, or left out; the entry proves only its hash"
    else:
        text = proven.data.decode(errors="replace")
        yield f"  data         {text[:DATA_SHOWN_MAX]}{' …' if len(text) > DATA_SHOWN_MAX else ''}"
    key = successor(proven, keys)
    if key is not None:
        yield f"By this entry another key signs, and is to be trusted like the one before: {key}"
    yield (
        "Not proved: that what a source said is true; that no later entry corrects this one; that the log still holds"
        " it today (dateline verify URL --note FILE), or shows everybody the same."
    )
