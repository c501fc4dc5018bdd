"""Copies another log's history into a data directory of one's own, each part only once a signed note covers it.

Entries, data and salts are checked against the note. What stands beside the tree is the other log's word: the keys of
requests, which it tells to the scope `admin` alone, and commits that changed nothing.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from http import HTTPStatus
from itertools import pairwise
from typing import Final, Protocol

import msgspec
from msgspec import Struct

from api.cli_service import RefusedByService
from api.remote_log import RemoteLog
from events.bundles import check_bundle, erased_in, read_bundle, restored_at
from events.erasing import ERASED, Eraser
from events.errors import DatelineError
from events.facts import LogErased, SourceRecorded, read
from events.handler import TEXT
from events.instants import Instant
from events.log.entry import Entry
from events.log.ledger import Ledger
from events.log.merkle import Tree, leaf_hash, peaks_at
from events.log.notes import Checkpoint, VerifierKey
from events.log.port import HistoryDiffers, Log
from events.log.proving import ProofInvalid, require_consistent
from events.log.records import entries_of
from events.log.state import State
from events.log.stored import StoredCommit
from events.log.tiles import NotATile
from events.sealing import SEAL

FOLLOWING: Final = "following"
"""The kind under which the state remembers, for each log that is copied, the number of its last commit that is here."""
UNKNOWN: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


class OtherLog(DatelineError):
    """A data directory holds another log than the one that is to be copied into it."""

    code = "other-log"

    def __init__(self, *, here: str, there: str) -> None:
        super().__init__(f"the directory holds the log {here}, and not {there}: copy it into another directory")


class DataWithheld(DatelineError):
    """An entry comes without its data, and nothing proves that these were erased."""

    code = "data-withheld"

    def __init__(self, position: int) -> None:
        super().__init__(
            f"entry {position} comes without what it was recorded with, and no entry of the log says that it was erased"
        )
        self.position = position


class Copied(Struct, frozen=True, kw_only=True):
    """What a copy holds: entries up to `position`. `pending` erased ones are not yet gone from every file.

    `keyless` says that keys of requests were not told, so that retries of them are not recognised here; `textless` that
    texts of sources were not.
    """

    position: int
    pending: int
    keyless: bool
    textless: bool


class Opened(Protocol):
    """What is open of a data directory."""

    @property
    def log(self) -> Log: ...  # noqa: D102

    @property
    def state(self) -> State: ...  # noqa: D102

    @property
    def ledger(self) -> Ledger: ...  # noqa: D102


class Copy:
    """A log in a data directory of one's own that goes on as another one does."""

    def __init__(self, engine: Opened, remote: RemoteLog, clock: Callable[[], Instant]) -> None:
        """Take what is open of the directory, the log to copy, and what gives the present instant."""
        self._log = engine.log
        self._state = engine.state
        self._eraser = Eraser(engine.log, engine.state, engine.ledger, clock)
        self._remote = remote
        self._keyless = self._textless = False
        self._erased: set[int] = set()

    async def require_same(self, log_id: str) -> None:
        """Raise `OtherLog` unless this is a copy of the log with this id."""
        own = (await self._log.head()).log_id
        if own != log_id:
            raise OtherLog(here=own, there=log_id)

    async def adopt(self, now: Checkpoint, vkey: VerifierKey, tell: Callable[[int, int], None]) -> Copied:
        """Record everything that the log has up to a note whose signature was verified; `vkey` is its present key.

        Raises `HistoryDiffers`, `ProofInvalid`, `DataWithheld`, `CommitInvalid` and `NotATile`; what was recorded
        before stays.
        """
        head = await self._log.head()
        if head.position > now.size:
            raise HistoryDiffers(position=head.position, reason=f"is here, and the note is over {now.size} entries")
        tree = Tree(head.position, await self._peaks(head.position))
        self._require_begins(tree, now)
        await self._state.put(SEAL, "vkey", str(vkey).encode(), expected=None)
        after = await self._cursor(head.log_id)
        while True:
            commits = self._remote.commits(after).commits
            wanted = [_as_it_says(commit) for commit in commits if commit.position <= now.size]
            if wanted:
                numbers = [after, *(commit.number for commit in wanted)]
                if any(one >= other for one, other in pairwise(numbers)):
                    raise NotATile(f"the commits after {after} are told in no order, or again")
                self._require_erased(wanted, now, vkey)
                await self._adopt(wanted, tree, now)
                after = wanted[-1].number
                await self._state.put(FOLLOWING, head.log_id, str(after).encode(), expected=None)
                tell(tree.size, now.size)
            if not wanted or len(wanted) < len(commits):
                break
        if tree.size != now.size:
            raise ProofInvalid(f"the note is over {now.size} entries, and the log tells {tree.size} of them")
        pending = await self._eraser.purge()
        return Copied(position=tree.size, pending=pending, keyless=self._keyless, textless=self._textless)

    async def _adopt(self, commits: Sequence[StoredCommit], tree: Tree, now: Checkpoint) -> None:
        """Record commits whose entries lead to the note's root; `tree` grows by those that are new."""
        before = tree.size
        for commit in commits:
            for position, stored in enumerate(commit.entries, start=commit.position - len(commit.entries) + 1):
                if position == tree.size + 1:
                    tree.grow(leaf_hash(stored.entry))
        if tree.size > before:
            self._require_begins(tree, now)
        entries = {commit.number: entries_of(commit) for commit in commits}
        for commit in commits:
            await self._keep_texts(commit, entries[commit.number])
        await self._log.adopt(commits)
        if any(entry.type == ERASED for commit in commits for entry in entries[commit.number]):
            await self._eraser.complete()
        self._keyless = self._keyless or any(commit.key is None for commit in commits)

    def _require_erased(self, commits: Sequence[StoredCommit], now: Checkpoint, vkey: VerifierKey) -> None:
        """Raise `DataWithheld` unless entries of the log itself say of what comes without data that it was erased.

        A log that was restored may have lost these entries: it keeps what it erased erased.
        """
        lacking = {entry.position for commit in commits for entry in _without_data(commit)}
        lacking -= {position for commit in commits for position in commit.erases}
        if restored_at(now.origin) is None and not lacking <= self._erased:
            for position in self._remote.erasures():
                proven = check_bundle(read_bundle(self._remote.bundle(position)), [vkey])
                self._erased.update(erased_in(proven))
            if not lacking <= self._erased:
                raise DataWithheld(min(lacking - self._erased))

    def _require_begins(self, tree: Tree, now: Checkpoint) -> None:
        """Raise `ProofInvalid` unless the entries so far are those with which the note's log begins."""
        proof = self._remote.consistency(tree.size, now.size) if 0 < tree.size < now.size else []
        require_consistent(first=tree.size, first_root=tree.root(), second=now.size, second_root=now.root, proof=proof)

    async def _keep_texts(self, commit: StoredCommit, entries: Sequence[Entry]) -> None:
        """Keep the texts of the sources that a commit records, where the log gives them out."""
        for entry, stored in zip(entries, commit.entries, strict=True):
            fact = read(entry.type, entry.v, stored.data) if entry.type == "source.recorded" else None
            digest = fact.sha256 if isinstance(fact, SourceRecorded) else None
            if not isinstance(fact, SourceRecorded) or digest is None or self._textless:
                continue
            if await self._state.get(TEXT, digest) is not None:
                continue
            try:
                text = self._remote.text(fact.source, commit.position)
            except RefusedByService as refusal:
                if refusal.problem.status not in UNKNOWN:
                    raise
                self._textless = True
                return
            if text is not None and sha256(text).hexdigest() == digest:
                await self._state.put(TEXT, digest, text, expected=None)

    async def _peaks(self, size: int) -> list[bytes]:
        nodes = await self._log.nodes(peaks_at(size))
        return [nodes[place] for place in peaks_at(size)]

    async def _cursor(self, log_id: str) -> int:
        known = await self._state.get(FOLLOWING, log_id)
        return 0 if known is None else int(known.value)


def _without_data(commit: StoredCommit) -> list[Entry]:
    return [entry for entry, stored in zip(entries_of(commit), commit.entries, strict=True) if stored.data is None]


def _as_it_says(commit: StoredCommit) -> StoredCommit:
    """Return a commit that erases what its own entries say, which are under the note, and nothing else."""
    said: set[int] = set()
    for entry, stored in zip(entries_of(commit), commit.entries, strict=True):
        try:
            fact = read(entry.type, entry.v, stored.data)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            continue
        if isinstance(fact, LogErased):
            said.update(position for position in fact.positions if position < entry.position)
    return msgspec.structs.replace(commit, erases=tuple(sorted(said)))
