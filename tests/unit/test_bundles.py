"""What a bundle proves to whoever trusts a key, which key may take over, and what an origin tells of a loss."""

import base64
import json
from typing import Any

import msgspec
import pytest

from events.bundles import BundleInvalid, Proven, check_bundle, loss_in, read_bundle, restored_at, successor
from events.facts import LogKeyRotated, LogRestored, plain
from events.log.entry import Entry, canonical, data_hash, encode
from events.log.merkle import Tree, inclusion, leaf_hash
from events.log.notes import Checkpoint, NoteInvalid, Signer, signed
from events.log.proving import ProofInvalid

OLD = Signer("log.example", bytes(range(32)))
NEW = Signer("log.example", bytes(range(1, 33)))
OTHER = Signer("other.example", bytes(range(2, 34)))
SALT = bytes(16)


def proof(kind: str, data: bytes, *, position: int = 1, signer: Signer = OLD) -> dict[str, Any]:
    """Return a bundle of the only entry of a log."""
    entry = encode(
        Entry(
            by="system",
            commit=(position, 1),
            data_hash=data_hash(SALT, data),
            id="019b8d52-7c40-7a5e-8f21-5d0c3e9a41b7",
            position=position,
            recorded_at="2026-01-05T09:30:00.000000Z",
            tags=("log:self",),
            type=kind,
            v=1,
        )
    )
    tree = Tree()
    tree.grow(leaf_hash(entry))
    note = signed(Checkpoint(origin=signer.key.name, size=1, root=tree.root()), [signer])
    assert inclusion(0, 1) == []
    return {
        "position": 1,
        "entry": entry.decode(),
        "tree_size": 1,
        "path": [],
        "checkpoint": note,
        "salt": base64.b64encode(SALT).decode(),
        "data": data.decode(),
    }


def proven(kind: str, data: bytes, **more: Any) -> Proven:
    return check_bundle(read_bundle(json.dumps(proof(kind, data, **more)).encode()), [OLD.key, OTHER.key])


def rotation(vkey: object, replaces: object) -> bytes:
    fact = LogKeyRotated(vkey=str(vkey), replaces=None if replaces is None else str(replaces))
    return canonical(plain(fact))


def test_a_key_takes_over_from_the_one_it_says_it_replaces() -> None:
    told = proven("log.key_rotated", rotation(NEW.key, OLD.key))

    assert successor(told, [OLD.key]) == NEW.key


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("log.key_rotated", rotation(NEW.key, None)),
        ("log.key_rotated", rotation(NEW.key, NEW.key)),
        ("log.key_rotated", rotation(OTHER.key, OLD.key)),
        ("log.key_rotated", rotation("log.example+00000000+AAAA", OLD.key)),
        ("log.key_rotated", b'{"replaces":1,"vkey":2}'),
        ("log.erased", rotation(NEW.key, OLD.key)),
        ("something.else", rotation(NEW.key, OLD.key)),
    ],
    ids=["replaces-none", "replaces-itself", "another-name", "no-key", "no-fact", "another-fact", "unknown"],
)
def test_nothing_else_makes_a_key_trusted(kind: str, data: bytes) -> None:
    assert successor(proven(kind, data), [OLD.key]) is None


def test_erased_or_missing_data_make_no_key_trusted() -> None:
    bundle = read_bundle(json.dumps(proof("log.key_rotated", rotation(NEW.key, OLD.key))).encode())

    told = check_bundle(msgspec.structs.replace(bundle, data=None), [OLD.key])

    assert told.data is None
    assert successor(told, [OLD.key]) is None


def test_only_trusted_keys_prove_and_each_that_signed_is_named() -> None:
    shown = proof("log.erased", b"{}")
    text = shown["checkpoint"].rpartition("\n\n")[0] + "\n"
    both = {**shown, "checkpoint": f"{shown['checkpoint']}{NEW.line(text)}"}
    bundle = read_bundle(json.dumps(both).encode())

    assert check_bundle(bundle, [NEW.key]).keys == (NEW.key,)
    assert check_bundle(bundle, [OLD.key, OTHER.key, NEW.key]).keys == (OLD.key, NEW.key)
    with pytest.raises(NoteInvalid):
        check_bundle(bundle, [OTHER.key])
    with pytest.raises(NoteInvalid):
        check_bundle(bundle, [])


def test_an_entry_that_says_another_number_than_its_place_proves_nothing() -> None:
    with pytest.raises(ProofInvalid, match="entry 2 stands where entry 1 belongs"):
        proven("log.erased", b"{}", position=2)


def test_a_loss_is_read_from_a_proven_entry_alone() -> None:
    fact = LogRestored(position=1, root="00", lost=9, reason="Lost.")

    assert loss_in(proven("log.restored", canonical(plain(fact)))) == fact
    assert loss_in(proven("log.restored", b"{}")) is None
    assert loss_in(proven("log.erased", canonical(plain(fact)))) is None


@pytest.mark.parametrize(
    ("origin", "told"),
    [
        ("a.example/restored-0-20261128030000", ("a.example", 0)),
        ("a.example/dates/restored-12-20261128030000", ("a.example/dates", 12)),
        ("a.example", None),
        ("a.example/restored-12", None),
        ("a.example/restored-x-20261128030000", None),
        ("a.example/restored-12-20261128030000/more", None),
    ],
)
def test_an_origin_tells_of_a_loss(origin: str, told: tuple[str, int] | None) -> None:
    assert restored_at(origin) == told


def tlog_proof(shown: dict[str, Any], *lines: str) -> bytes:
    return "\n".join(["c2sp.org/tlog-proof@v1", *lines, "", shown["checkpoint"]]).encode()


def test_a_tlog_proof_is_read_with_its_entry_beside_it_or_in_its_extra_data() -> None:
    shown = proof("log.erased", b"{}")
    entry = shown["entry"].encode()
    extra = f"extra {base64.b64encode(entry).decode()}"

    beside = read_bundle(tlog_proof(shown, "index 0"), entry=entry)
    inside = read_bundle(tlog_proof(shown, extra, "index 0"))

    assert beside == inside
    assert check_bundle(beside, [OLD.key]).entry.position == 1


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{}", b"\xff", b"[]", b"c2sp.org/tlog-proof@v1", b"c2sp.org/tlog-proof@v1\nindex 0\n", b"\x00" * 100,
        b"c2sp.org/tlog-proof@v1\nindex 00\n\nnote\n", b"c2sp.org/tlog-proof@v1\nindex -1\n\nnote\n",
        b"c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nnote\n", b"c2sp.org/tlog-proof@v1\nextra !\nindex 0\n\nnote\n",
        b"c2sp.org/tlog-proof@v1\nindex 0\n\nnote\n", b"c2sp.org/tlog-proof@v1\n\xff\n\nnote\n",
        b"c2sp.org/tlog-proof@v1\nindex 0\n" + b"A" * 44 + b"\n\nnote\n",
        b"c2sp.org/tlog-proof@v1\nindex 0\n" + (b"A" * 43 + b"=\n") * 70 + b"\nnote\n",
    ],
)  # fmt: skip
def test_what_is_no_bundle_is_refused(content: bytes) -> None:
    with pytest.raises(BundleInvalid):
        read_bundle(content)
