"""Markdown (CommonMark): a list by date, a footnote for each quote. What people wrote is escaped, so it is text."""

import re
from collections.abc import Iterator
from typing import Final

from api.exports.export import Export, one_by_one, one_line
from api.exports.telling import date, dates, document, outcome
from api.pages.rows import Quote, Row, row

_SIGNS: Final = re.compile(r"[\\`*_{}\[\]<>#|~&!^$@]|:(?=//)|(?<=[Ww]{3})\.")
"""What could begin something other than text inside a line, addresses without a sign included."""
_AT_START: Final = re.compile(r"^(\d{1,9})([.)])|^([-+=])")


def markdown(export: Export) -> str:
    """Return the document. What has no date stands in a list of its own, after the others."""
    return "\n".join(_lines(export)) + "\n"


def escaped(text: str) -> str:
    r"""Return a text in one line that Markdown takes for nothing else.

    >>> escaped("1. *No* <b>")
    '1\\. \\*No\\* \\<b\\>'
    """
    line = _SIGNS.sub(r"\\\g<0>", one_line(text))
    return _AT_START.sub(lambda match: f"{match[1]}\\{match[2]}" if match[1] else f"\\{match[3]}", line)


def _lines(export: Export) -> Iterator[str]:
    rows = [(row(item, export.sources), export.page_of(item)) for item in one_by_one(export.items)]
    yield f"# {escaped(export.title)}"
    yield ""
    if export.description:
        yield from (escaped(export.description), "")
    yield f"{export.counted}, {export.as_of}: {_address(export.permalink)}"
    notes: list[Quote] = []
    for heading, is_dated in (("By date", True), ("Without a date", False)):
        shown = [(told, address) for told, address in rows if told.has_date is is_dated]
        if shown:
            yield from ("", f"## {heading}", "")
        for told, address in shown:
            yield from _item(told, address, notes)
    if export.following:
        yield from ("", f"There is more: {_address(export.following)}")
    if notes:
        yield ""
    for number, quote in enumerate(notes, start=1):
        url = f" {_address(quote.url)}" if quote.url else ""
        yield f"[^{number}]: “{escaped(quote.words)}” – {escaped(document(quote))}{url}"
    if export.license:
        yield from ("", f"Data: {escaped(export.license)}")


def _item(told: Row, address: str, notes: list[Quote]) -> Iterator[str]:
    marks = ""
    for quote in told.quotes:
        notes.append(quote)
        marks += f"[^{len(notes)}]"
    by = f" By {escaped(told.by)}." if told.by else ""
    yield f"- **{escaped(date(told))}**: [{escaped(told.title)}](<{address}>) – {escaped(told.state_text)}.{by}{marks}"
    if told.outcome is not None:
        yield f"  - {escaped(outcome(told.outcome))}"
    if len(told.dates) > 1:
        yield from (f"  - {escaped(one)}" for one in dates(told))


def _address(url: str) -> str:
    """Return an address as a link to itself; what could end it is written in percent."""
    safe = url.replace("<", "%3C").replace(">", "%3E").replace("\\", "%5C")
    return f"<{safe}>"
