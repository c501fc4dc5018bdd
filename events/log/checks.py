"""Check sums of what no hash covers: rows about requests and erasures, so that a flipped bit is noticed. Pure.

They keep accidents apart from what was stored, not forgeries: those are what the tree and its signed notes are for.
"""

from typing import Final
from zlib import crc32

CHECK_BYTES: Final = 4


def check_of(*values: object) -> int:
    """Return the CRC-32 of values as they are written, texts and bytes with their lengths.

    >>> check_of(1, "key") == check_of(1, "kez")
    False
    """
    written = (value if isinstance(value, bytes) else str(value).encode() for value in values)
    return crc32(b"".join(b"%d:%b" % (len(each), each) for each in written))


def checked(fingerprint: bytes) -> bytes:
    """Return a fingerprint followed by its check, as it is stored: erased, both are gone."""
    return fingerprint + crc32(fingerprint).to_bytes(CHECK_BYTES, "big")


def unchecked(stored: bytes | None) -> bytes | None:
    """Return the fingerprint that was stored with its check."""
    return None if stored is None else stored[:-CHECK_BYTES]
