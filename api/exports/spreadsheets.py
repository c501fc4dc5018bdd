"""Tables for spreadsheets: RFC 4180, UTF-8, one row for each announcement, or for each date that was given.

They begin with a byte order mark: without one a spreadsheet takes UTF-8 for something else. A text that a spreadsheet
would compute is defused by an apostrophe in front of it (`undefused` takes it away), also where one that takes
semicolons for commas would begin a cell. Whole numbers of ours and amounts are no texts: a minus there is a minus.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final, TypeAlias

from msgspec import UNSET

from api.exports.export import Export, one_by_one, plain
from api.pages import texts
from api.pages.steps import steps
from api.pages.urls import web_address
from events.record import Announcement, GivenDate
from events.terms import Role

BYTE_ORDER_MARK: Final = "\ufeff"
BETWEEN: Final = "; "
"""Stands between the values of a cell."""
ROLES: Final[tuple[Role, ...]] = ("by", "with", "to", "about")
LAST_COLUMNS: Final = ("permalink", "position", "license")
COLUMNS: Final = (
    *("id", "title", "kind", "state", "date", "edtf", "earliest", "latest", "precision", "time", "timezone"),
    *("slip_days", "moves", *ROLES, "places", "topics", "amount", "currency", "modality", "said_at", "updated_at"),
    *("outcome", "outcome_on", "sources", "source_urls", "quote", *LAST_COLUMNS),
)
DATE_COLUMNS: Final = (
    *("id", "title", "number", "how", "date", "edtf", "earliest", "latest", "slip_days", "said_at", "recorded_at"),
    *("reason", "source", "source_url", "quote", "entry", *LAST_COLUMNS),
)

_AT_START: Final = r"'*[^\S\t\r\n]*[=+\-@＝＋－＠\t\r\n]"
_AFTER_BREAK: Final = r"'*[=+\-@＝＋－＠]"
_COMPUTED: Final = re.compile(rf"\A(?={_AT_START})|(?<=[;\t\r\n])(?={_AFTER_BREAK})")
_DEFUSED: Final = re.compile(rf"\A'(?={_AT_START})|(?<=[;\t\r\n])'(?={_AFTER_BREAK})")

Cell: TypeAlias = str | int | Decimal | None


def announcements_csv(export: Export) -> str:
    """Return a row for each announcement."""
    return _table(COLUMNS, (_announcement(item, export) for item in one_by_one(export.items)))


def dates_csv(export: Export) -> str:
    """Return a row for each date that was given: first, moved, narrowed or corrected.

    `slip_days` stands where a move ends, after what corrected it: the days from the last day before to the last day
    then. A date that was put off has no `edtf`.
    """
    return _table(DATE_COLUMNS, (cells for item in one_by_one(export.items) for cells in _dates(item, export)))


def defused(text: str) -> str:
    """Return a text that no spreadsheet computes.

    >>> defused("=1+1"), defused("a;=1"), defused("a visit")
    ("'=1+1", "a;'=1", 'a visit')
    """
    return _COMPUTED.sub("'", text)


def undefused(cell: str) -> str:
    """Return the text that `defused` was given.

    >>> undefused("'=1+1"), undefused("'tis")
    ('=1+1', "'tis")
    """
    return _DEFUSED.sub("", cell)


def _table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow(_written(cell) for cell in row)
    return BYTE_ORDER_MARK + written.getvalue()


def _written(cell: Cell) -> str | int | None:
    match cell:
        case str():
            return defused(plain(cell))
        case Decimal():
            return f"{cell:f}"
        case _:
            return cell


def _announcement(item: Announcement, export: Export) -> tuple[Cell, ...]:
    known = [export.sources[id] for id in dict.fromkeys(one.source for one in item.citations) if id in export.sources]
    amount = None if item.amount is UNSET else item.amount
    outcome = item.outcomes[-1] if item.outcomes else None
    moves = export.count(item).moves
    return (
        *(item.id, item.title, item.kind, item.state, item.when.text, item.when.edtf, item.when.earliest),
        *(item.when.latest, item.when.precision, item.time or None, item.timezone, item.slip_days, moves),
        *(_names(item, role) for role in ROLES),
        *(BETWEEN.join(item.places), BETWEEN.join(item.topics)),
        *(Decimal(amount.value) if amount else None, amount.currency if amount else None),
        *(item.modality, item.made_at, item.updated_at),
        *(outcome.result if outcome else None, outcome.on if outcome else None),
        BETWEEN.join(f"{source.title}, {source.publisher}" for source in known),
        BETWEEN.join(url for source in known if (url := web_address(source.url))),
        item.citations[0].quote if item.citations else None,
        *(export.permalink_of(item), export.position, export.license),
    )


def _dates(item: Announcement, export: Export) -> Iterable[tuple[Cell, ...]]:
    number, not_shown = 0, export.count(item).dates - len(item.dates)
    for place, step in enumerate(steps(item.dates)):
        follows = place != 1 or not not_shown  # What is not shown comes after the first.
        for given in step.given:
            number += 1 if number != 1 else 1 + not_shown
            slip_days = step.moved_days if given is step.holds and follows else None
            yield _date(item, given, number, slip_days, export)


def _date(item: Announcement, given: GivenDate, number: int, slip_days: int | None, export: Export) -> tuple[Cell, ...]:
    citation = given.citation
    source = export.sources.get(citation.source) if citation else None
    is_present = item.when.edtf is not None and given is item.dates[-1]
    words = item.when.text if is_present else texts.given_words(given)
    return (
        *(item.id, item.title, number, given.how, words, given.edtf, given.earliest, given.latest),
        *(slip_days, given.said_at, given.recorded_at, given.reason),
        *(source.title if source else None, web_address(source.url) if source else None),
        *(citation.quote if citation else None, given.position),
        *(export.permalink_of(item), export.position, export.license),
    )


def _names(item: Announcement, role: Role) -> str:
    return BETWEEN.join(actor.name or actor.id or "" for actor in item.actors if actor.role == role)
