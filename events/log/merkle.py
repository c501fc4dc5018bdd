"""The tree over the entries, as RFC 6962 hashes it: pure, growing by one leaf at a time.

Leaves are numbered from 0: the entry at position p is leaf p - 1. A node (level, index) is the hash over the
2**level leaves from index * 2**level on; only nodes over complete subtrees exist, and they never change. Nodes
are numbered 1, 2, 3 … in the order in which they become complete, so that storing them only ever appends.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

Node = tuple[int, bytes]
"""A node's number and its hash."""

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


def peaks_at(size: int) -> list[tuple[int, int]]:
    """Return (level, index) of the complete subtrees that make up a tree of `size` leaves, largest first.

    >>> peaks_at(6)
    [(2, 0), (1, 2)]
    """
    levels = [level for level in reversed(range(size.bit_length())) if size >> level & 1]
    return [(level, (size >> level) - 1) for level in levels]


def nodes_at(size: int) -> int:
    """Return how many nodes a tree of `size` leaves has: the leaves and the subtrees they complete.

    >>> nodes_at(6)
    10
    """
    return 2 * size - size.bit_count()


def node_number(level: int, index: int) -> int:
    """Return the number of the node at a level, counted from 1 in the order of completion.

    >>> [node_number(0, 0), node_number(0, 1), node_number(1, 0), node_number(0, 2)]
    [1, 2, 3, 4]
    """
    leaves_before = ((index + 1) << level) - 1
    return nodes_at(leaves_before) + level + 1


class Tree:
    """The right edge of a tree: all that is needed to grow it and to know its root."""

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        self.size = size
        self._peaks = list(peaks)

    def copy(self) -> "Tree":
        """Return a tree that grows independently."""
        return Tree(self.size, self._peaks)

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        return root_of(self._peaks)

    def grow(self, leaf: bytes) -> list[Node]:
        """Add a leaf hash and return the nodes that are complete with it, the leaf itself first."""
        number, digest, ones = nodes_at(self.size) + 1, leaf, self.size
        nodes = [(number, leaf)]
        while ones & 1:
            number, digest, ones = number + 1, node_hash(self._peaks.pop(), digest), ones >> 1
            nodes.append((number, digest))
        self._peaks.append(digest)
        self.size += 1
        return nodes
