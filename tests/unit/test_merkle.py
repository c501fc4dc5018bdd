"""The tree against published vectors and the recursion of RFC 6962."""

import hashlib
import json
from pathlib import Path

import pytest

from events.log.merkle import EMPTY_ROOT, Tree, completed_by, leaf_hash, node_hash, peaks_at, root_of

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "ct-vectors.json").read_text())
LEAVES = [leaf_hash(b"%d" % number) for number in range(130)]


def by_recursion(hashes: list[bytes]) -> bytes:
    if not hashes:
        return hashlib.sha256().digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + by_recursion(hashes[:split]) + by_recursion(hashes[split:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_published_for_certificate_transparency(size: int) -> None:
    tree = Tree()
    for leaf in VECTORS["leaves"][:size]:
        tree.grow(leaf_hash(bytes.fromhex(leaf)))

    assert tree.root().hex() == VECTORS["roots"][size]


def test_the_root_of_any_size_is_that_of_the_recursion() -> None:
    tree = Tree()
    for size in range(len(LEAVES)):
        assert tree.root() == by_recursion(LEAVES[:size])
        tree.grow(LEAVES[size])


def grown() -> dict[int, list[bytes]]:
    """Return what each leaf completed, by the size of the tree it made."""
    tree = Tree()
    return {size: tree.grow(leaf) for size, leaf in enumerate(LEAVES, start=1)}


def test_every_node_over_a_complete_subtree_is_there_once_with_the_leaf_that_completes_it() -> None:
    stored = grown()

    places = [(level, index) for level in range(8) for index in range(len(LEAVES) >> level)]
    assert len(places) == sum(map(len, stored.values()))
    for level, index in places:
        below = LEAVES[index << level : (index + 1) << level]
        assert stored[completed_by(level, index)][level] == by_recursion(below)


def test_a_tree_goes_on_from_its_stored_peaks() -> None:
    stored = grown()

    for size in range(len(LEAVES)):
        resumed = Tree(size, [stored[completed_by(level, index)][level] for level, index in peaks_at(size)])
        assert resumed.root() == by_recursion(LEAVES[:size])
        resumed.grow(LEAVES[size])
        assert resumed.root() == by_recursion(LEAVES[: size + 1])


def test_a_copy_grows_alone() -> None:
    tree = Tree()
    tree.grow(LEAVES[0])
    copy = tree.copy()
    copy.grow(LEAVES[1])

    assert (tree.size, tree.root()) == (1, LEAVES[0])
    assert (copy.size, copy.root()) == (2, node_hash(LEAVES[0], LEAVES[1]))


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert root_of([]) == EMPTY_ROOT == Tree().root()
