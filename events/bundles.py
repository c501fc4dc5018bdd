"""Checks what somebody who does not hold the log is shown of it: proof bundles, and keys that take over. Pure.

Nothing that a bundle says is believed: from the entry's own bytes to a signature, each step is computed anew.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Struct

from events.errors import DatelineError
from events.facts import AnyFact, LogErased, LogKeyRotated, LogRestored, read
from events.log.entry import Entry, data_hash, decode
from events.log.merkle import HASH_BYTES, leaf_hash
from events.log.notes import Checkpoint, KeyInvalid, NoteInvalid, VerifierKey, opened
from events.log.proving import ProofInvalid, root_from

BUNDLE_BYTES_MAX: Final = 4 * 1024 * 1024
TLOG_PROOF: Final = "c2sp.org/tlog-proof@v1"
PATH_HASHES_MAX: Final = 64
_INDEX: Final = re.compile(r"index (0|[1-9][0-9]{0,17})")
_RESTORED: Final = re.compile(r"(?P<base>.+)/restored-(?P<position>0|[1-9][0-9]{0,17})-[0-9]{14}")


class BundleInvalid(DatelineError):
    """A file is no proof bundle."""

    code = "bundle-invalid"


class Bundle(Struct, frozen=True, kw_only=True):
    """An entry with its path to the root that a note signs; `index` counts from 0. `data` lies under `salt`."""

    index: int
    entry: bytes
    path: tuple[bytes, ...]
    note: str
    salt: bytes | None = None
    data: bytes | None = None


class Proven(Struct, frozen=True, kw_only=True):
    """What a bundle proves: of which log, under which keys, which entry; `data` is what it was recorded with."""

    checkpoint: Checkpoint
    keys: tuple[VerifierKey, ...]
    entry: Entry
    data: bytes | None


class _Shown(Struct, frozen=True, kw_only=True):
    """The answer of `/v1/events/{position}/proof`."""

    position: int
    entry: str
    tree_size: int
    path: tuple[bytes, ...]
    checkpoint: str
    leaf_hash: bytes | None = None
    salt: bytes | None = None
    data: str | None = None


_SHOWN: Final = msgspec.json.Decoder(_Shown)


def read_bundle(content: bytes, *, entry: bytes | None = None) -> Bundle:
    """Return the bundle of a file: the answer of `/v1/events/{position}/proof`, or a C2SP tlog-proof.

    A tlog-proof holds no entry, unless its extra data are it: else `entry` is. Raises `BundleInvalid`.
    """
    if content.startswith(TLOG_PROOF.encode()):
        return _tlog_proof(content, entry)
    try:
        shown = _SHOWN.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BundleInvalid(f"the file is no proof bundle, as /v1/events/1/proof gives one: {error}") from None
    told = shown.entry.encode()
    if shown.leaf_hash not in (None, leaf_hash(told)):
        raise BundleInvalid("its `leaf_hash` is not that of its `entry`")
    if shown.checkpoint.split("\n")[1:2] != [str(shown.tree_size)]:
        raise BundleInvalid("its `tree_size` is not that of its `checkpoint`")
    return Bundle(
        index=shown.position - 1,
        entry=told,
        path=shown.path,
        note=shown.checkpoint,
        salt=shown.salt,
        data=None if shown.data is None else shown.data.encode(),
    )


def check_bundle(bundle: Bundle, keys: Sequence[VerifierKey]) -> Proven:
    """Return what a bundle proves to whoever trusts `keys`; raises `NoteInvalid` and `ProofInvalid`."""
    checkpoint = opened(bundle.note, keys)
    root = root_from(leaf_hash(bundle.entry), index=bundle.index, size=checkpoint.size, path=bundle.path)
    if root != checkpoint.root:
        raise ProofInvalid("the entry and its path do not lead to the root that the note signs")
    try:
        entry = decode(bundle.entry)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ProofInvalid(f"what is proved to be in the log is no entry: {error}") from None
    if entry.position != bundle.index + 1:
        raise ProofInvalid(f"entry {entry.position} stands where entry {bundle.index + 1} belongs")
    if bundle.data is not None and (bundle.salt is None or data_hash(bundle.salt, bundle.data) != entry.data_hash):
        raise ProofInvalid(f"the data of entry {entry.position} is not what was recorded")
    return Proven(checkpoint=checkpoint, keys=signers_of(bundle.note, keys), entry=entry, data=bundle.data)


def signers_of(note: str, keys: Sequence[VerifierKey]) -> tuple[VerifierKey, ...]:
    """Return those of the keys that signed a note."""
    return tuple(key for key in keys if _signed_by(note, key))


def successor(proven: Proven, keys: Sequence[VerifierKey]) -> VerifierKey | None:
    """Return the key that a proven entry says takes over from one of `keys`; None where it says no such thing.

    A key under another name is none: what is lost is not covered up by a change of keys.
    """
    fact = _fact(proven)
    if not isinstance(fact, LogKeyRotated):
        return None
    try:
        key = VerifierKey.parse(fact.vkey)
    except KeyInvalid:
        return None
    return key if any(str(known) == fact.replaces and known.name == key.name for known in keys) else None


def restored_at(origin: str) -> tuple[str, int] | None:
    """Return the origin before a loss and the position that the log was restored to, where an origin line tells of one.

    >>> restored_at("news.example/restored-12-20261128030000")
    ('news.example', 12)
    """
    found = _RESTORED.fullmatch(origin)
    return None if found is None else (found["base"], int(found["position"]))


def loss_in(proven: Proven) -> LogRestored | None:
    """Return the loss that a proven entry tells of."""
    fact = _fact(proven)
    return fact if isinstance(fact, LogRestored) else None


def erased_in(proven: Proven) -> tuple[int, ...]:
    """Return the positions that a proven entry says were erased."""
    fact = _fact(proven)
    return fact.positions if isinstance(fact, LogErased) else ()


def _fact(proven: Proven) -> AnyFact | None:
    try:
        return read(proven.entry.type, proven.entry.v, proven.data)
    except (msgspec.MsgspecError, UnicodeDecodeError):  # Another program's log may call other things the same.
        return None


def _signed_by(note: str, key: VerifierKey) -> bool:
    try:
        opened(note, [key])
    except NoteInvalid:
        return False
    return True


def _tlog_proof(content: bytes, entry: bytes | None) -> Bundle:
    try:
        head, separator, note = content.decode().partition("\n\n")
    except UnicodeDecodeError:
        raise BundleInvalid("the tlog-proof is not UTF-8") from None
    lines = head.split("\n")[1:]
    extra = _decoded(lines.pop(0).removeprefix("extra ")) if lines and lines[0].startswith("extra ") else None
    found = _INDEX.fullmatch(lines[0]) if lines else None
    if not separator or found is None or len(lines) > PATH_HASHES_MAX:
        raise BundleInvalid("the tlog-proof lacks a line with the index, or a note after an empty line")
    path = tuple(_decoded(line) for line in lines[1:])
    if any(len(hash) != HASH_BYTES for hash in path):
        raise BundleInvalid("a line of the tlog-proof is no hash")
    told = extra if entry is None else entry
    if told is None:
        raise BundleInvalid("a tlog-proof does not hold the entry: give its bytes by --entry FILE")
    return Bundle(index=int(found[1]), entry=told, path=path, note=note)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BundleInvalid(f"{text[:60]!r} is not base64") from None
