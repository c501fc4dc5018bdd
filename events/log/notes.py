"""Checkpoint notes: a tree's size and root, signed (C2SP tlog-checkpoint and signed-note, Ed25519). Pure.

A note that somebody else holds is what later proves that nothing below it was rewritten.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

from events.errors import DatelineError
from events.log.merkle import HASH_BYTES

NOTE_CHARACTERS_MAX: Final = 100_000
SIGNATURES_MAX: Final = 64
ED25519: Final = b"\x01"
"""The signature type of C2SP signed-note."""
ID_BYTES: Final = 4
_NAME: Final = re.compile(r"[^\s+\x00-\x1f\x7f]+")
_SIGNED: Final = re.compile("— ([^ +]+) ([A-Za-z0-9+/=]+)")
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")


class NoteInvalid(DatelineError):
    """A note is malformed, or nobody who is trusted signed it."""

    code = "note-invalid"


class NotSigned(NoteInvalid):
    """None of the keys that are trusted signed a note."""


class KeyInvalid(DatelineError):
    """A verifier key is malformed."""

    code = "key-invalid"


class Checkpoint(Struct, frozen=True, kw_only=True):
    """What a note says: of the log `origin`, the number of entries and the root of the tree over them."""

    origin: str
    size: int
    root: bytes


class VerifierKey(Struct, frozen=True, kw_only=True):
    """A public key under its name; `str` of it is the `vkey` that is passed around."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes by which a signature names the key."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"

    @classmethod
    def parse(cls, vkey: str) -> Self:
        """Return the key that a `vkey` writes; raises `KeyInvalid`."""
        name, _, rest = vkey.partition("+")
        key_id, _, encoded = rest.partition("+")
        try:
            content = base64.b64decode(encoded, validate=True)
            Ed25519PublicKey.from_public_bytes(content[1:])
        except ValueError:
            raise KeyInvalid(f"{vkey[:200]!r} is no verifier key: name+id+key in base64") from None
        key = cls(name=name, public=content[1:])
        if content[:1] != ED25519 or not _NAME.fullmatch(name) or key_id != key.id.hex():
            raise KeyInvalid(f"{vkey[:200]!r} is no verifier key of an Ed25519 key, or its id is not its own")
        return key


class Signer:
    """A private key under its name."""

    def __init__(self, name: str, private: bytes) -> None:
        """Take the 32 bytes of an Ed25519 private key; raises `KeyInvalid` for another name or length."""
        if not _NAME.fullmatch(name):
            raise KeyInvalid(f"{name!r} is no name of a key: no blanks, no controls, no +")
        try:
            self._private = Ed25519PrivateKey.from_private_bytes(private)
        except ValueError as error:
            raise KeyInvalid(str(error)) from None
        self.key = VerifierKey(name=name, public=self._private.public_key().public_bytes_raw())

    def line(self, text: str) -> str:
        """Return the signature line for a note's text."""
        signature = base64.b64encode(self.key.id + self._private.sign(text.encode())).decode()
        return f"— {self.key.name} {signature}\n"


def new_private() -> bytes:
    """Return a new private key from the system's randomness."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def signed(checkpoint: Checkpoint, signers: Sequence[Signer]) -> str:
    """Return a checkpoint as a note with the signatures of all signers."""
    root = base64.b64encode(checkpoint.root).decode()
    text = f"{checkpoint.origin}\n{checkpoint.size}\n{root}\n"
    return f"{text}\n{''.join(signer.line(text) for signer in signers)}"


def opened(note: str, keys: Sequence[VerifierKey]) -> Checkpoint:
    """Return what a note says, if one of the keys signed it and none of them signed it falsely.

    Raises `NoteInvalid`, and of it `NotSigned` where the note may be well, only nobody who is trusted signed it.
    """
    text, separator, signatures = note.rpartition("\n\n")
    text += "\n"
    lines = signatures.splitlines()
    if not separator or not note.endswith("\n") or len(note) > NOTE_CHARACTERS_MAX or len(lines) > SIGNATURES_MAX:
        raise NoteInvalid("this is no signed note: a text, an empty line, signatures")
    known = {(key.name, key.id): key for key in keys}
    signers: set[str] = set()
    verified = False
    for line in lines:
        found = _SIGNED.fullmatch(line)
        content = None if found is None else _decoded(found[2])
        if found is None or content is None:
            raise NoteInvalid(f"{line[:100]!r} is no signature")
        signers.add(f"{found[1]}+{content[:ID_BYTES].hex()}")
        key = known.get((found[1], content[:ID_BYTES]))
        if key is not None:
            _require_signed(key, content[ID_BYTES:], text)
            verified = True
    if not verified:
        names = ", ".join(sorted(signers)) or "nobody"
        raise NotSigned(f"no key that is trusted here signed the note; it is signed by {names[:200]}")
    return checkpoint_in(text)


def text_of(note: str) -> str:
    """Return the text of a note, without its signatures."""
    return note.rpartition("\n\n")[0] + "\n"


def checkpoint_in(text: str) -> Checkpoint:
    """Return what the text of a note says, whoever signed it; raises `NoteInvalid`."""
    lines = text.split("\n")
    origin, size, encoded = lines[:3] if len(lines) > 3 else ("", "", "")
    root = _decoded(encoded)
    if not origin or not _SIZE.fullmatch(size) or root is None or len(root) != HASH_BYTES:
        raise NoteInvalid("the note is no checkpoint: an origin, a size, a root, each on a line")
    return Checkpoint(origin=origin, size=int(size), root=root)


def _require_signed(key: VerifierKey, signature: bytes, text: str) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text.encode())
    except InvalidSignature:
        raise NoteInvalid(f"the signature of {key.name} is not of this text") from None


def _decoded(encoded: str) -> bytes | None:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
