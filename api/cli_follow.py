"""`dateline follow`: a witness of a log, which keeps its notes; and a copy of it, which keeps its entries."""

import asyncio
import fcntl
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from api.adopting import Copied, Copy
from api.cli_service import RefusedByService, Remote, Unreachable, legible
from api.cli_verify import bar, trust_of
from api.notebook import Notebook
from api.remote_log import RemoteLog
from api.witness import Rewritten, learned_keys, opened_note, require_continues, require_entries
from events.bundles import signers_of
from events.errors import DatelineError
from events.instants import Instant, from_microseconds
from events.log.notes import Checkpoint, VerifierKey, checkpoint_in, text_of
from events.log.sqlite import open_sqlite, wall_clock
from events.log.tiles import NotATile

RETRY_S_MAX: Final = 60.0
Advance = Callable[[Checkpoint | None, Checkpoint, VerifierKey], str]
"""Takes the entries between two notes; returns what there is to say of it."""


class FollowedAlready(DatelineError):
    """Another process keeps notes in the directory."""

    code = "followed-already"


def follow(
    url: str, *, notes: Path, vkeys: Sequence[str], copy: Path | None, once: bool, every_s: float, token: str | None
) -> None:
    """Keep the notes of the log at `url` as long as each goes on from the one before, with `copy` its entries too.

    Raises `Rewritten`, `LogWasRestored`, `KeyNotTrusted`, `ProofInvalid`, `HistoryDiffers`, `DataWithheld`,
    `OtherLog`, `FollowedAlready`, and with `once` `Unreachable` and `RefusedByService`.
    """
    book, remote = Notebook(notes), RemoteLog(Remote(url, token))
    with ExitStack() as stack:
        stack.enter_context(_alone(notes))
        advance = _hashing(remote) if copy is None else stack.enter_context(_copying(remote, copy))
        follower = Follower(remote, book, advance)
        waited_s = every_s
        given = trust_of(vkeys, None).keys
        while True:
            try:
                follower.begin(given)
                follower.look()
                waited_s = every_s
            except (Unreachable, RefusedByService) as error:
                if once:
                    raise
                waited_s = min(RETRY_S_MAX, 2 * waited_s)
                _say(f"{error}; asking again in {waited_s:.0f} s")
            if once:
                return
            time.sleep(waited_s)


class Follower:
    """Looks at a log again and again, and keeps what it signs."""

    def __init__(self, remote: RemoteLog, book: Notebook, advance: Advance) -> None:
        self._remote = remote
        self._book = book
        self._advance = advance
        self._seen = ""
        self._keys: tuple[VerifierKey, ...] = ()

    def begin(self, given: tuple[VerifierKey, ...]) -> None:
        """Settle which keys are trusted: those given, else those kept, else what the log says of itself, this once."""
        if self._keys:
            return
        before = self._book.retired()  # A key that is given at every start does not come back once it was replaced.
        keys = tuple(key for key in given if key not in before) or self._book.keys()
        if not keys:
            keys = (VerifierKey.parse(self._remote.described().vkey),)
            _say(
                f"No key was given, so the one is trusted that the log itself tells now:\n  {keys[0]}\nCompare it with"
                f" what its operator says elsewhere. From now on it is kept in {self._book.directory}, and no other is"
                " taken on the log's word alone."
            )
        if keys != self._book.keys():
            self._book.trust(keys)
        self._keys = keys

    def look(self) -> None:
        """Take the present note, if it goes on from the last one. Raises what `follow` raises."""
        note = self._remote.note()
        if note == self._seen:
            return
        kept = self._book.latest()
        was = None if kept is None else checkpoint_in(text_of(kept))  # It was verified when it was kept.
        now = opened_note(self._remote, note, self._keys, kept=was)
        if kept is not None and was is not None:
            try:
                require_continues(self._remote, kept, note, was, now)
            except Rewritten as rewritten:
                _say(f"Both notes are in {self._book.accuse(kept, note)}: keep them, they are the evidence.")
                raise rewritten from None
        self._learn(note)
        said = self._advance(was, now, self._keys[-1])
        self._seen = note
        if note != kept:
            since = "" if was is None else f", going on from {was.size}"
            _say(f"{now.size} entries{since}{said}: {self._book.keep(note)}")

    def _learn(self, note: str) -> None:
        """Trust keys that took over; the ones before no longer, once the last one signs by itself."""
        if self._remote_key() in (*map(str, self._keys), None):
            return
        for key, position in learned_keys(self._remote, self._keys):
            _say(f"By entry {position} another key signs, and is trusted from now on:\n  {key}")
            self._keys = (*self._keys, key)
        if len(self._keys) > 1 and signers_of(note, self._keys[-1:]):
            self._keys = self._keys[-1:]
        self._book.trust(self._keys)

    def _remote_key(self) -> str | None:
        try:
            return self._remote.described().vkey
        except (RefusedByService, NotATile):  # A log of tiles alone.
            return None


def _hashing(remote: RemoteLog) -> Advance:
    """Return what fetches and hashes the entries between two notes, and keeps none of them."""

    def advance(was: Checkpoint | None, now: Checkpoint, _: VerifierKey) -> str:
        with bar("Hashing entries") as tell:
            require_entries(remote, was, now, tell)
        return ""

    return advance


@contextmanager
def _copying(remote: RemoteLog, data: Path) -> Iterator[Advance]:
    """Yield what records the entries between two notes in a data directory, which is held until the block ends."""
    log_id = remote.described().log_id
    told: set[str] = set()
    with asyncio.Runner() as runner:
        engine = runner.run(open_sqlite(data, log_id=log_id))
        try:
            copy = Copy(engine, remote, _now)
            runner.run(copy.require_same(log_id))

            def advance(_: Checkpoint | None, now: Checkpoint, key: VerifierKey) -> str:
                with bar("Copying entries") as tell:
                    copied = runner.run(copy.adopt(now, key, tell))
                for lack in lacks_of(copied):
                    if lack not in told:
                        told.add(lack)
                        _say(lack)
                return f", copied to {data}"

            yield advance
        finally:
            runner.run(engine.close())


def lacks_of(copied: Copied) -> Iterator[str]:
    """Say what a copy has not, in words."""
    if copied.keyless:
        yield (
            "The keys of requests are not told without a token with the scope admin: whoever retries at the copy what"
            " was recorded before records it twice."
        )
    if copied.textless:
        yield "The texts of sources are not told without a token with the scope read:text; the copy goes without them."
    if copied.pending:
        yield f"{copied.pending} erased entries are not gone from every file of the copy yet; that is tried again."


@contextmanager
def _alone(notes: Path) -> Iterator[None]:
    """Hold a directory of notes for this process alone."""
    notes.mkdir(parents=True, exist_ok=True)
    lock = os.open(notes / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise FollowedAlready(f"another process keeps its notes in {notes}") from None
    finally:
        os.close(lock)


def _now() -> Instant:
    return from_microseconds(wall_clock())


def _say(words: str) -> None:
    print(legible(words), file=sys.stderr, flush=True)  # noqa: T201
