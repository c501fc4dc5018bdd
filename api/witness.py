"""Holds what a log tells now against a note that was kept: is it the same history, gone on with?

A log is asked for nothing but its tiles, so that any C2SP tlog-tiles log can be held to its notes.
"""

from collections.abc import Callable, Sequence
from typing import Final

from api.cli_service import RefusedByService
from api.remote_log import RemoteLog
from events.bundles import check_bundle, loss_in, read_bundle, restored_at, successor
from events.errors import DatelineError
from events.log.merkle import Tree, leaf_hash, peaks_at
from events.log.notes import Checkpoint, KeyInvalid, NoteInvalid, NotSigned, VerifierKey, checkpoint_in, opened, text_of
from events.log.proving import ProofInvalid, require_consistent
from events.log.tiles import NotATile

Tell = Callable[[int, int], None]
RESTORED: Final = "/restored-"
NEW_KEYS_MAX: Final = 1000
TELL_EVERY: Final = 256


def _nothing(done: int, total: int) -> None:
    """Tell nobody how far it is."""


class Rewritten(DatelineError):
    """The log does not go on from a note that was kept; both notes are the evidence."""

    code = "history-rewritten"

    def __init__(self, kept: str, told: str, reason: str) -> None:
        super().__init__(
            f"the record is not the one of the note that was kept: {reason}\n\nkept:\n\n{kept}\ntold now:\n\n{told}"
        )
        self.kept = kept
        self.told = told
        self.reason = reason


class LogWasRestored(DatelineError):
    """The log lost entries and said so: it goes on under another origin, which no note of before covers."""

    code = "log-was-restored"


class KeyNotTrusted(NoteInvalid):
    """A note is signed by no key that is trusted; the log names another one as its own."""

    code = "key-not-trusted"


def opened_note(remote: RemoteLog, note: str, keys: Sequence[VerifierKey], *, kept: Checkpoint | None) -> Checkpoint:
    """Return what a log's present note says, if a trusted key signed it.

    Raises `KeyNotTrusted`, `LogWasRestored` and `NoteInvalid`; the first two say what the log says of it.
    """
    try:
        return opened(note, keys)
    except NotSigned:
        told = checkpoint_in(text_of(note))
        before = restored_at(told.origin)
        if before is not None and any(key.name.partition(RESTORED)[0] == before[0] for key in keys):
            raise LogWasRestored(_loss_in_words(remote, note, told, before[1], kept)) from None
        raise _distrusted(remote, note, keys) from None


def require_continues(remote: RemoteLog, kept: str, told: str, was: Checkpoint, now: Checkpoint) -> None:
    """Raise `Rewritten` unless the log of the note `told` goes on from the one of `kept`; they say `was` and `now`."""
    if was.origin != now.origin:
        raise Rewritten(kept, told, f"they are notes of different logs, {was.origin} and {now.origin}")
    if now.size < was.size:
        raise Rewritten(kept, told, f"it had {was.size} entries, and has {now.size}: what was after them is gone")
    if now.size == was.size and now.root != was.root:
        raise Rewritten(kept, told, f"its first {was.size} entries are not those that they were")
    try:
        _require_consistent(remote, was, now)
    except (ProofInvalid, NotATile) as error:
        raise Rewritten(kept, told, str(error)) from None


def learned_keys(remote: RemoteLog, keys: Sequence[VerifierKey]) -> list[tuple[VerifierKey, int]]:
    """Return keys that took over from trusted ones by entries that are proved under these, with their positions.

    The log is asked where its key changed; what it then shows is believed only as far as a trusted key signed it.
    """
    trusted, found = list(keys), list[tuple[VerifierKey, int]]()
    try:
        positions = remote.rotations()[:NEW_KEYS_MAX]
    except (RefusedByService, NotATile):
        return []  # It is a log of tiles alone, which does not tell.
    for position in positions:
        try:
            proven = check_bundle(read_bundle(remote.bundle(position)), trusted)
        except NoteInvalid:
            return found  # Signed by keys that came later, and not by these any more.
        key = successor(proven, trusted)
        if key is not None and key not in trusted:
            trusted.append(key)
            found.append((key, position))
    return found


def require_entries(remote: RemoteLog, was: Checkpoint | None, now: Checkpoint, tell: Tell = _nothing) -> None:
    """Hash every entry after those of `was` (None: every entry) into its tree, and see that it gives the root of `now`.

    Raises `ProofInvalid` and `NotATile`.
    """
    tree = _tree_at(remote, was, now)
    for entry in remote.entries(tree.size, now.size):
        tree.grow(leaf_hash(entry))
        if tree.size % TELL_EVERY == 0:
            tell(tree.size, now.size)
    if (tree.size, tree.root()) != (now.size, now.root):
        raise ProofInvalid(f"the entries that the log gives out are not the {now.size} that its note is over")


def _require_consistent(remote: RemoteLog, was: Checkpoint, now: Checkpoint) -> None:
    proof = remote.consistency(was.size, now.size) if 0 < was.size < now.size else []
    require_consistent(first=was.size, first_root=was.root, second=now.size, second_root=now.root, proof=proof)


def _tree_at(remote: RemoteLog, was: Checkpoint | None, now: Checkpoint) -> Tree:
    if was is None or was.size == 0:
        return Tree()
    nodes = remote.nodes(peaks_at(was.size), now.size)
    return Tree(was.size, [nodes[place] for place in peaks_at(was.size)])  # Others would lead to another root.


def _distrusted(remote: RemoteLog, note: str, keys: Sequence[VerifierKey]) -> KeyNotTrusted:
    trusted = ", ".join(map(str, keys)) or "none"
    try:
        own = remote.described().vkey
    except (DatelineError, NotATile):
        own = ""
    says = f"; the log says that its key is {own}" if own else ""
    return KeyNotTrusted(
        f"no key that is trusted here signed the note ({trusted}){says}. A key that was lost or stolen does not sign"
        f" for the one that takes over: hear of it from the operator in another way, then give it by --vkey.\n\n{note}"
    )


def _loss_in_words(remote: RemoteLog, note: str, told: Checkpoint, position: int, kept: Checkpoint | None) -> str:
    """Say what a log says of its loss, and what of the note that was kept still holds."""
    try:
        key = VerifierKey.parse(remote.described().vkey)
        proven = check_bundle(read_bundle(remote.bundle(position + 1)), [key])
        fact = loss_in(proven)
        opened(note, [key])
    except (DatelineError, KeyInvalid, NotATile) as error:
        return f"the log goes on as {told.origin}, and does not prove what became of it before: {error}"
    if fact is None:
        return f"the log goes on as {told.origin}, and its entry {position + 1} tells of no loss"
    words = [
        f"the log lost its entries {fact.position + 1} to {fact.lost}, which had been acknowledged, and says so in"
        f" entry {position + 1}, recorded at {proven.entry.recorded_at}. It goes on as {told.origin}."
        if fact.lost > fact.position
        else f"the log was restored to entry {fact.position}, and says so in entry {position + 1}, recorded at"
        f" {proven.entry.recorded_at}. It goes on as {told.origin}."
    ]
    if kept is not None:
        words.append(_still_holds(remote, told, kept, fact.position))
    words.append(f"To go on with it, trust its new key {key} in a new directory of notes.")
    return " ".join(words)


def _still_holds(remote: RemoteLog, told: Checkpoint, kept: Checkpoint, position: int) -> str:
    if kept.size > position:
        return (
            f"It is not consistent with the note that was kept: of its {kept.size} entries those after {position} are"
            " not there any more."
        )
    try:
        _require_consistent(remote, kept, told)
    except (ProofInvalid, NotATile):
        return f"It is not consistent with the note that was kept: its first {kept.size} entries are others now."
    return f"The {kept.size} entries of the note that was kept are still there, unchanged."
