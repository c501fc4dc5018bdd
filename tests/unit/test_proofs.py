"""Proofs and notes, made here and checked by libraries that share no code with us, and the other way round."""

import base64
import hashlib
from typing import Any

import pytest
from tlog_scales.signing import PlainEd25519Signer, Vkey
from tlog_scales.tlog import Checkpoint as TheirCheckpoint
from tlog_scales.tlog import ConsistencyProof, InclusionProof

from events.log.merkle import Place, Tree, consistency, hashes_of, inclusion, leaf_hash
from events.log.notes import Checkpoint, KeyInvalid, NoteInvalid, Signer, VerifierKey, new_private, opened, signed
from events.log.proving import ProofInvalid, require_consistent, root_from
from events.log.tiles import NotATile, Tile, bundled, entries_in, hashes_in, tile_at, tile_of, tile_with

SIZES = 300
LEAVES = [leaf_hash(b"entry %d" % number) for number in range(SIZES)]
KEY = Signer("example.org/log", bytes(range(32)))
CHECKPOINT = Checkpoint(origin="example.org/log", size=300, root=LEAVES[0])


def grown() -> tuple[list[bytes], dict[Place, bytes]]:
    """Return the root of each size, and all complete nodes."""
    tree, nodes = Tree(), dict[Place, bytes]()
    roots = [tree.root()]
    for index, leaf in enumerate(LEAVES):
        for level, hash in enumerate(tree.grow(leaf)):
            nodes[level, index >> level] = hash
        roots.append(tree.root())
    return roots, nodes


ROOTS, NODES = grown()


def test_every_leaf_is_proved_in_every_tree_up_to_300_leaves() -> None:
    """Case 58, by an independent library."""
    independent = pytest.importorskip("metamorphic_log")
    for size in range(1, SIZES + 1):
        for index in range(size):
            path = hashes_of(inclusion(index, size), NODES)
            assert root_from(LEAVES[index], index=index, size=size, path=path) == ROOTS[size]
            if size % 20 == 0 or size > SIZES - 2:  # The other library checks all sizes by their consistency.
                independent.verify_inclusion(index, size, LEAVES[index], path, ROOTS[size])


@pytest.mark.parametrize("second", range(1, SIZES + 1, 13))
def test_every_earlier_tree_is_proved_to_begin_the_later_one(second: int) -> None:
    """Case 58, by an independent library."""
    independent = pytest.importorskip("metamorphic_log")
    for first in range(1, second + 1):
        proof = hashes_of(consistency(first, second), NODES)
        require_consistent(first=first, first_root=ROOTS[first], second=second, second_root=ROOTS[second], proof=proof)
        independent.verify_consistency(first, second, proof, ROOTS[first], ROOTS[second])


def test_proofs_between_all_pairs_of_sizes_up_to_300_hold() -> None:
    """Case 58, by another independent library."""
    for second in range(1, SIZES + 1):
        for first in range(1, second + 1):
            proof = hashes_of(consistency(first, second), NODES)
            ConsistencyProof(first, second, proof).check(ROOTS[first], ROOTS[second])


def test_an_empty_tree_begins_every_tree() -> None:
    require_consistent(first=0, first_root=ROOTS[0], second=5, second_root=ROOTS[5], proof=[])
    with pytest.raises(ProofInvalid):
        require_consistent(first=0, first_root=ROOTS[1], second=5, second_root=ROOTS[5], proof=[])


def flipped(hash: bytes) -> bytes:
    return bytes([hash[0] ^ 1]) + hash[1:]


def test_a_forged_leaf_path_size_or_root_is_refused() -> None:
    """Case 59."""
    path = hashes_of(inclusion(4, 11), NODES)

    assert root_from(flipped(LEAVES[4]), index=4, size=11, path=path) != ROOTS[11]
    for number in range(len(path)):
        forged = [*path[:number], flipped(path[number]), *path[number + 1 :]]
        assert root_from(LEAVES[4], index=4, size=11, path=forged) != ROOTS[11]
    for index, size, hashes in ((4, 11, path[:-1]), (4, 11, [*path, path[0]]), (11, 11, path), (-1, 11, path),
                                (4, 30, path), (4, 5, path), (4, 11, [*path[:-1], b"short"])):  # fmt: skip
        with pytest.raises(ProofInvalid):
            root_from(LEAVES[4], index=index, size=size, path=hashes)
    InclusionProof(4, 11, path).check(LEAVES[4], ROOTS[11])


def test_a_rewritten_history_is_refused() -> None:
    """Case 59."""
    proof = hashes_of(consistency(6, 11), NODES)
    whole: dict[str, Any] = {"first": 6, "first_root": ROOTS[6], "second": 11, "second_root": ROOTS[11], "proof": proof}
    forgeries: list[dict[str, Any]] = [
        {"first_root": flipped(ROOTS[6])}, {"second_root": flipped(ROOTS[11])}, {"first": 5}, {"second": 20},
        {"proof": proof[:-1]}, {"proof": [*proof, proof[0]]}, {"proof": []}, {"first": 12}, {"first": 11},
        {"proof": [flipped(proof[0]), *proof[1:]]}, {"proof": [*proof[:-1], flipped(proof[-1])]},
    ]  # fmt: skip
    require_consistent(**whole)
    for forged in forgeries:
        with pytest.raises(ProofInvalid):
            require_consistent(**{**whole, **forged})
    with pytest.raises(ProofInvalid):
        require_consistent(first=8, first_root=flipped(ROOTS[8]), second=8, second_root=ROOTS[8], proof=[])


def test_a_note_signed_here_is_read_by_other_programs() -> None:
    independent = pytest.importorskip("metamorphic_log")
    note = signed(CHECKPOINT, [KEY])

    assert independent.verify_signed_note(note, [str(KEY.key)]) == 1
    head = independent.checkpoint_verify(note, [str(KEY.key)])
    assert (head.origin, head.size) == ("example.org/log", 300)
    TheirCheckpoint.from_text(note).verify(Vkey.from_string(str(KEY.key)))
    assert opened(note, [KEY.key]) == CHECKPOINT


def test_a_note_signed_by_another_program_is_read_here() -> None:
    theirs = PlainEd25519Signer("elsewhere.example", bytes(32))
    note = TheirCheckpoint.make_signed("elsewhere.example", 7, ROOTS[7], [theirs]).serialize()

    key = VerifierKey(name="elsewhere.example", public=theirs.vkey.pubkey)

    assert opened(note, [key]) == Checkpoint(origin="elsewhere.example", size=7, root=ROOTS[7])


def test_the_note_of_the_specification_is_verified() -> None:
    """The example in C2SP signed-note, with the key that Go's `note` package publishes for its own examples."""
    vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    signature = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    note = f"{text}\n— PeterNeumann {signature}\n"

    with pytest.raises(NoteInvalid, match="no checkpoint"):  # It is signed well, and is none.
        opened(note, [VerifierKey.parse(vkey)])
    with pytest.raises(NoteInvalid, match="not of this text"):
        opened(note.replace("cryptography", "typography"), [VerifierKey.parse(vkey)])


def test_a_key_is_written_as_name_id_and_key() -> None:
    name, key_id, encoded = str(KEY.key).split("+", 2)
    public = base64.b64decode(encoded)

    assert name == "example.org/log"
    assert public[0] == 1
    assert key_id == hashlib.sha256(b"example.org/log\n" + public).hexdigest()[:8]
    assert VerifierKey.parse(str(KEY.key)) == KEY.key
    wrong = ("", "a+b", "name+00000000+AAAA", str(KEY.key).replace("example", "exemple"), f"{KEY.key}x")
    for vkey in wrong:
        with pytest.raises(KeyInvalid):
            VerifierKey.parse(vkey)
    for name in ("", "two words", "plus+plus", "line\n"):
        with pytest.raises(KeyInvalid):
            Signer(name, new_private())


def test_a_note_of_two_keys_is_trusted_by_whoever_has_one_of_them() -> None:
    new = Signer("example.org/log", new_private())
    note = signed(CHECKPOINT, [new, KEY])

    assert opened(note, [KEY.key]) == opened(note, [new.key]) == CHECKPOINT
    with pytest.raises(NoteInvalid, match=r"signed by example\.org/log"):
        opened(note, [Signer("example.org/log", new_private()).key])


def test_one_false_signature_of_a_known_key_spoils_the_note() -> None:
    other = Signer("example.org/log", new_private())
    note = signed(CHECKPOINT, [KEY, other])
    line = note.splitlines()[-1]
    raw = base64.b64decode(line.split(" ")[2])
    false = note.replace(line.split(" ")[2], base64.b64encode(raw[:4] + bytes(64)).decode())

    assert opened(false, [KEY.key]) == CHECKPOINT
    with pytest.raises(NoteInvalid, match="not of this text"):
        opened(false, [KEY.key, other.key])


@pytest.mark.parametrize(
    "change",
    [
        ("\n300\n", "\n301\n"), ("\n300\n", "\n0300\n"), ("example.org/log\n", "example.org/log2\n"), ("— ", "- "),
        ("\n\n", "\n"), ("=\n\n", "\n\n"),
    ],
)  # fmt: skip
def test_a_changed_note_is_refused(change: tuple[str, str]) -> None:
    note = signed(CHECKPOINT, [KEY])
    assert change[0] in note

    with pytest.raises(NoteInvalid):
        opened(note.replace(*change, 1), [KEY.key])


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"), (Tile(0, 1234067), "tile/0/x001/x234/067"), (Tile(1, 999, 3), "tile/1/999.p/3"),
        (Tile(None, 1000, 255), "tile/entries/x001/000.p/255"), (Tile(63, 5, 1), "tile/63/005.p/1"),
    ],
)  # fmt: skip
def test_a_tile_has_one_path(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert tile_of(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "", "tile/0/0", "tile/0/0000", "tile/00/000", "tile/64/000", "tile/0/000.p/0", "tile/0/000.p/256",
        "tile/0/000.p/01", "tile/0/x000/000", "tile/0/001/000", "tile/0/x1234/000", "tile/-1/000", "tile/data/000",
        "tile/0/000/", "tile/0/000\n", "tile/0/٠٠٠", f"tile/0/{'x001/' * 20}001",
    ],
)  # fmt: skip
def test_nothing_else_is_a_path_of_a_tile(path: str) -> None:
    with pytest.raises(NotATile):
        tile_of(path)


def test_the_tiles_of_a_tree_of_70000_are_those_of_the_specification() -> None:
    assert tile_at(0, 273, 70_000) == Tile(0, 273, 112)
    assert tile_at(1, 0, 70_000) == Tile(1, 0)
    assert tile_at(1, 1, 70_000) == Tile(1, 1, 17)
    assert tile_at(2, 0, 70_000) == Tile(2, 0, 1)
    assert tile_at(0, 0, 256) == Tile(0, 0)
    assert tile_at(1, 0, 256) == Tile(1, 0, 1)
    for level, index in ((0, 274), (2, 1), (3, 0)):
        with pytest.raises(NotATile):
            tile_at(level, index, 70_000)


def test_every_node_is_hashed_from_the_tile_that_holds_its_level() -> None:
    for place, hash in NODES.items():
        tile, first, count = tile_with(place, SIZES)
        hashes = [NODES[at] for at in tile.places()]
        tree = Tree()
        for each in hashes[first : first + count]:
            tree.grow(each)
        assert tree.root() == hash


def test_a_bundle_gives_its_entries_back_and_a_cut_one_nothing() -> None:
    entries = [b"", b"a", b"b" * 32_768]
    content = bundled(entries)

    assert content[:5] == b"\x00\x00\x00\x01a"
    assert entries_in(Tile(None, 0, 3), content) == entries
    for broken in (content[:-1], content + b"\x00", content[:2], b""):
        with pytest.raises(NotATile):
            entries_in(Tile(None, 0, 3), broken)
    with pytest.raises(NotATile):
        hashes_in(Tile(0, 0, 2), bytes(63))
