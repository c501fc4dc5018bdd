"""Bytes as the text they are, whatever is said of them."""

import codecs
import re
from typing import Final

SNIFFED_BYTES: Final = 2048

_MARKS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_INSIDE: Final = re.compile(
    rb"""(?:<meta[^>]{0,200}charset|^\s*<\?xml[^>]{0,200}encoding)\s*=\s*["']?\s*([A-Za-z0-9._:-]{1,40})""",
    re.IGNORECASE,
)
_ESCAPING: Final = ("iso2022", "hz", "utf-16", "utf-32")
"""Encodings in which a text can look like UTF-8 and is not."""
_READ_WIDER: Final = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}
"""Encodings that are named where a larger one is meant."""
_NO_CHARSETS: Final = frozenset({"utf-7", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"})


def decoded(body: bytes, said: str | None, *, marked_up: bool) -> str | None:
    """Return the text; None where it is none. `said` is the charset it was served as.

    What is UTF-8 to its end is UTF-8. `marked_up`: it may say inside which charset it has.

    >>> decoded("Žilina".encode(), "iso-8859-1", marked_up=False)
    'Žilina'
    """
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body.removeprefix(mark).decode(encoding, "replace")
    if b"\x00" in body and "utf-16" not in (said or ""):
        return None
    inside = _INSIDE.search(body[:SNIFFED_BYTES]) if marked_up else None
    named = _codec(said) or _codec(inside and inside[1].decode())
    if named is None or not named.startswith(_ESCAPING):
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            pass
    return body.decode("cp1252" if named in (None, "utf-8") else _READ_WIDER.get(named, named), "replace")


def _codec(charset: str | None) -> str | None:
    """Return the codec that a charset is read with; None for none, and for what is no charset."""
    try:
        found = codecs.lookup(charset or "")
        "".encode(found.name)
    except (LookupError, ValueError):
        return None
    return None if found.name in _NO_CHARSETS else found.name
