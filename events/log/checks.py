"""Check sums of what no hash covers: rows about requests and erasures, small files. So a flipped bit is noticed. Pure.

They keep accidents apart from what was stored, not forgeries: those are what the tree and its signed notes are for.
"""

from typing import Final
from zlib import crc32

from events.instants import Instant

CHECK_BYTES: Final = 4


def commit_check(number: int, key: str, position: int, size: int, recorded_at: Instant, note: bytes | None) -> int:
    """Return the CRC-32 of what is stored of a commit beside the fingerprint; no note and an empty one are the same.

    >>> commit_check(1, "ada/1", 1, 1, "", None) == commit_check(1, "ada/2", 1, 1, "", None)
    False
    """
    return crc32(note or b"", crc32(f"{number} {key} {position} {size} {recorded_at} ".encode()))


def erasure_check(position: int, erased_by: int) -> int:
    """Return the CRC-32 of what is stored of an erasure."""
    return crc32(b"%d %d" % (position, erased_by))


def checked(fingerprint: bytes) -> bytes:
    """Return a fingerprint followed by its check, as it is stored: erased, both are gone."""
    return fingerprint + crc32(fingerprint).to_bytes(CHECK_BYTES, "big")


def unchecked(stored: bytes | None) -> bytes | None:
    """Return the fingerprint that was stored with its check."""
    return None if stored is None else stored[:-CHECK_BYTES]


def framed(content: bytes) -> bytes:
    """Return a file's content under a line with its check."""
    return b"%08x\n" % crc32(content) + content


def unframed(file: bytes) -> bytes | None:
    """Return the content under the line with its check, None when it is another than was written.

    >>> unframed(framed(b"content")), unframed(framed(b"content")[:-1])
    (b'content', None)
    """
    _, _, content = file.partition(b"\n")
    return content if file == framed(content) else None
