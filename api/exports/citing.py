"""How to cite what is recorded, at an entry: as text, CSL-JSON, BibTeX and RIS.

No time of access is in it: what is cited is the record up to an entry, and stays as it was.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from api.pages import texts
from events.instants import Instant

_TEX: Final[Mapping[str, str]] = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "#$%&_"},
}
"""BibTeX counts braces even behind a backslash, so they are named."""
_TEX_SIGNS: Final = re.compile(r"[\\{}~^#$%&_]")
_LEFT_OUT_OF_KEYS: Final = re.compile(r"[^A-Za-z0-9:-]+")


class Work(Struct, frozen=True, kw_only=True):
    """What is cited: a title in a collection, as it was recorded up to `position`, at `recorded_at`."""

    id: str
    title: str
    collection: str
    position: int
    recorded_at: Instant
    permalink: str
    license: str

    @property
    def note(self) -> str:
        """Up to where it was recorded, and the licence of the data."""
        licensed = f" Data: {self.license}." if self.license else ""
        return f"As recorded up to entry {self.position}, {texts.instant_words(self.recorded_at)}.{licensed}"

    @property
    def day(self) -> tuple[int, int, int]:
        """The day it was recorded, UTC."""
        year, month, day = map(int, self.recorded_at[:10].split("-"))
        return year, month, day


def as_text(work: Work) -> str:
    """Return a line to copy."""
    return f"“{work.title}”. {work.collection}. {work.note} {work.permalink}\n"


def as_csl(work: Work) -> str:
    """Return CSL-JSON, a list with one item."""
    item: dict[str, Any] = {
        "id": work.id,
        "type": "webpage",
        "title": work.title,
        "container-title": work.collection,
        "issued": {"date-parts": [list(work.day)]},
        "version": f"entry {work.position}",
        "URL": work.permalink,
        "note": work.note,
    }
    return msgspec.json.encode([item]).decode()


def as_bibtex(work: Work) -> str:
    """Return an entry for BibTeX and biblatex, in UTF-8."""
    year, month, day = work.day
    fields = {
        "title": f"{{{_tex(work.title)}}}",
        "howpublished": _tex(work.collection),
        "year": f"{year:04}",
        "month": f"{month}",
        "day": f"{day}",
        "version": f"entry {work.position}",
        "url": work.permalink.replace("{", "%7B").replace("}", "%7D"),
        "note": _tex(work.note),
    }
    written = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@misc{{{_LEFT_OUT_OF_KEYS.sub('', work.id)},\n{written}\n}}\n"


def as_ris(work: Work) -> str:
    """Return a record of a web page, in lines of two letters, two blanks, a dash and a blank."""
    year, month, day = work.day
    lines = (
        ("TY", "ELEC"),
        ("ID", work.id),
        ("TI", work.title),
        ("T2", work.collection),
        ("PY", f"{year:04}"),
        ("DA", f"{year:04}/{month:02}/{day:02}/"),
        ("ET", f"entry {work.position}"),
        ("UR", work.permalink),
        ("N1", work.note),
        ("ER", ""),
    )
    return "".join(f"{name}  - {value}\r\n" for name, value in lines)


def _tex(text: str) -> str:
    return _TEX_SIGNS.sub(lambda sign: _TEX[sign[0]], text)


WAYS: Final[Mapping[str, tuple[str, Callable[[Work], str]]]] = {
    "txt": ("text/plain", as_text),
    "json": ("application/vnd.citationstyles.csl+json", as_csl),
    "bib": ("application/x-bibtex", as_bibtex),
    "ris": ("application/x-research-info-systems", as_ris),
}
"""Every way to cite: how the address ends, the media type, and what makes it."""
