"""The tree over the entries, as RFC 6962 hashes it: pure, growing by one leaf at a time.

Leaves are numbered from 0: the entry at position p is leaf p - 1. A node (level, index) is the hash over the
2**level leaves from index * 2**level on; only nodes over complete subtrees exist, and they never change. Each
becomes complete with one leaf, so storing with every leaf the nodes it completes only ever appends.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final, TypeAlias

Place: TypeAlias = tuple[int, int]
"""Where a node stands: its level, the leaves' being 0, and its index there."""

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Return the leaf hash of an entry's bytes."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node over two nodes."""
    return sha256(b"\x01" + left + right).digest()


def root_of(peaks: Sequence[bytes]) -> bytes:
    """Return the root over the given peaks, the largest subtree first; no peaks make the empty tree's root."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


def peaks_at(size: int) -> list[Place]:
    """Return (level, index) of the complete subtrees that make up a tree of `size` leaves, largest first.

    >>> peaks_at(6)
    [(2, 0), (1, 2)]
    """
    levels = [level for level in reversed(range(size.bit_length())) if size >> level & 1]
    return [(level, (size >> level) - 1) for level in levels]


def completed_by(level: int, index: int) -> int:
    """Return the size of the tree that first has the node: it is complete with that tree's last leaf.

    >>> [completed_by(0, 0), completed_by(0, 1), completed_by(1, 0), completed_by(1, 1)]
    [1, 2, 2, 4]
    """
    return (index + 1) << level


def inclusion(index: int, size: int) -> list[list[Place]]:
    """Return the path of leaf `index` in the tree of `size` leaves, from the leaf upwards (RFC 6962, section 2.1.1).

    Each hash of the path is the root over the complete nodes listed for it, as `root_of` makes it. Needs
    0 <= index < size.

    >>> inclusion(2, 7)
    [[(0, 3)], [(1, 0)], [(1, 2), (0, 6)]]
    """
    path: list[list[Place]] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _half(end - begin)
        if index < middle:
            path.append(_covering(middle, end))
            end = middle
        else:
            path.append(_covering(begin, middle))
            begin = middle
    return path[::-1]


def consistency(first: int, second: int) -> list[list[Place]]:
    """Return the proof that the tree of `first` leaves begins the one of `second` (RFC 6962, section 2.1.2).

    Each hash is the root over the complete nodes listed for it. Needs 0 < first <= second; equal sizes need no proof.

    >>> consistency(3, 7)
    [[(0, 2)], [(0, 3)], [(1, 0)], [(1, 2), (0, 6)]]
    """
    proof: list[list[Place]] = []
    begin, end = 0, second
    while end != first:
        middle = begin + _half(end - begin)
        if first <= middle:
            proof.append(_covering(middle, end))
            end = middle
        else:
            proof.append(_covering(begin, middle))
            begin = middle
    if begin:  # Else the old root itself is a node of the new tree, and whoever checks has it.
        proof.append(_covering(begin, end))
    return proof[::-1]


def hashes_of(path: Sequence[Sequence[Place]], nodes: Mapping[Place, bytes]) -> list[bytes]:
    """Return the hashes of a path whose complete nodes are given."""
    return [root_of([nodes[place] for place in places]) for places in path]


def _half(count: int) -> int:
    """Return the largest power of two below a count of at least two."""
    return 1 << (count - 1).bit_length() - 1


def _covering(begin: int, end: int) -> list[Place]:
    """Return the complete nodes over the leaves `begin` to `end` of one node of a tree, the largest first."""
    return [(level, index + (begin >> level)) for level, index in peaks_at(end - begin)]


class Tree:
    """The right edge of a tree: all that is needed to grow it and to know its root."""

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        self.size = size
        self._peaks = list(peaks)

    def copy(self) -> "Tree":
        """Return a tree that grows independently."""
        return Tree(self.size, self._peaks)

    def peaks(self) -> Sequence[bytes]:
        """Return the hashes of the complete subtrees that make it up, largest first: `peaks_at` says their places."""
        return tuple(self._peaks)

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        return root_of(self._peaks)

    def grow(self, leaf: bytes) -> list[bytes]:
        """Add a leaf hash and return the nodes that are complete with it: its own, then one a level upwards."""
        nodes, ones = [leaf], self.size
        while ones & 1:
            nodes.append(node_hash(self._peaks.pop(), nodes[-1]))
            ones >>= 1
        self._peaks.append(nodes[-1])
        self.size += 1
        return nodes
