"""The file `key`: what signs the notes of a log. Whoever has it can sign in the log's name, so nobody else may read it.

A new key is written as `next` before the log says so, and takes its place after: whatever comes in between, the next
start sees by the log which of the two it is. Its first line is a check of the rest.
"""

import os
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from events.errors import DatelineError
from events.log.checks import framed, unframed
from events.log.files import Files
from events.log.notes import Signer, VerifierKey, new_private

KEY: Final = "key"


class KeyMissing(DatelineError):
    """The log has signed notes, and the key is not there."""

    code = "key-missing"

    def __init__(self, vkey: str) -> None:
        super().__init__(
            f"the file `key` is missing, which signs for {vkey}: restore it from a backup, or say that it is lost by"
            " `dateline key rotate --lost`"
        )
        self.vkey = vkey


class KeyUnreadable(DatelineError):
    """The file is none, or is of another log."""

    code = "key-unreadable"


class Signing(Struct, frozen=True, kw_only=True):
    """A private key and the name it signs under, which is the log's origin line too."""

    origin: str
    private: bytes

    @property
    def signer(self) -> Signer:
        """What signs with it."""
        return Signer(self.origin, self.private)

    @property
    def vkey(self) -> VerifierKey:
        """What verifies its signatures."""
        return self.signer.key


class Keys(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The present key; the one before, where it signs along; and one to come, until the log says that it is there."""

    present: Signing
    before: Signing | None = None
    next: Signing | None = None


_KEYS: Final = msgspec.json.Decoder(Keys)


def new_signing(origin: str) -> Signing:
    """Return a new key that signs under a name."""
    return Signing(origin=origin, private=new_private())


def read_keys(directory: Path, files: Files) -> Keys | None:
    """Return the keys of a data directory, None where there is no file; raises `KeyUnreadable`."""
    content = files.read(directory / KEY)
    if content is None:
        return None
    unchanged = unframed(content)
    if unchanged is None:
        raise KeyUnreadable("the file `key` is not what was written: restore it from a backup")
    try:
        keys = _KEYS.decode(unchanged)
        for signing in (keys.present, keys.before, keys.next):
            if signing is not None:
                signing.signer  # noqa: B018 - makes sure that it can sign.
    except (msgspec.MsgspecError, UnicodeDecodeError, DatelineError) as error:
        raise KeyUnreadable(f"the file `key` holds no key ({error}): restore it from a backup") from None
    return keys


def write_keys(directory: Path, files: Files, keys: Keys) -> None:
    """Put the keys in place, for the owner's eyes alone; durable when it returns."""
    before = os.umask(0o077)
    try:
        files.create(directory / KEY, framed(msgspec.json.encode(keys)))
    finally:
        os.umask(before)
