"""Checks proofs as whoever does not hold the log does: from hashes alone. Pure.

RFC 9162 says of RFC 6962's trees how their proofs are checked (sections 2.1.3.2 and 2.1.4.2).
"""

from collections.abc import Sequence

from events.errors import DatelineError
from events.log.merkle import EMPTY_ROOT, HASH_BYTES, node_hash


class ProofInvalid(DatelineError):
    """A proof does not lead from what it is of to what it claims."""

    code = "proof-invalid"


def root_from(leaf: bytes, *, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Return the root of the tree of `size` leaves in which leaf hash `leaf` stands at `index`, counted from 0.

    Raises `ProofInvalid` when there is no such place, or the path does not fit it.
    """
    if not 0 <= index < size:
        raise ProofInvalid(f"a tree of {size} leaves has no leaf {index}")
    _require_hashes([leaf, *path])
    node, last, root = index, size - 1, leaf
    for hash in path:
        if last == 0:
            raise ProofInvalid(f"the path of leaf {index} has {len(path)} hashes, more than a tree of {size} asks for")
        if node & 1 or node == last:
            root = node_hash(hash, root)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            root = node_hash(root, hash)
        node, last = node >> 1, last >> 1
    if last:
        raise ProofInvalid(f"the path of leaf {index} has {len(path)} hashes, fewer than a tree of {size} asks for")
    return root


def require_consistent(
    *, first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]
) -> None:
    """Raise `ProofInvalid` unless the proof shows that the tree of `first` leaves begins the one of `second`."""
    _require_hashes([first_root, second_root, *proof])
    if not 0 <= first <= second:
        raise ProofInvalid(f"a tree of {first} leaves cannot begin one of {second}")
    if first in (0, second):
        known = EMPTY_ROOT if first == 0 else second_root
        if proof or first_root != known:
            raise ProofInvalid(f"the roots over the first {first} of {second} leaves are not the same")
        return
    hashes = [first_root, *proof] if first & first - 1 == 0 else list(proof)
    if not hashes:
        raise ProofInvalid("the proof is empty")
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = hashes[0]
    for hash in hashes[1:]:
        if last == 0:
            raise ProofInvalid(f"the proof has {len(proof)} hashes, more than trees of {first} and {second} ask for")
        if node & 1 or node == last:
            old, new = node_hash(hash, old), node_hash(hash, new)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, hash)
        node, last = node >> 1, last >> 1
    if last or old != first_root or new != second_root:
        raise ProofInvalid(f"the tree of {first} leaves does not begin the one of {second}: the record was rewritten")


def _require_hashes(hashes: Sequence[bytes]) -> None:
    if any(len(hash) != HASH_BYTES for hash in hashes):
        raise ProofInvalid(f"a hash has {HASH_BYTES} bytes")
