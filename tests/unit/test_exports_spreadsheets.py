"""Tables, as the standard library reads them and a spreadsheet would compute them."""

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import given

from api.exports.export import Export, plain
from api.exports.spreadsheets import COLUMNS, DATE_COLUMNS, announcements_csv, dates_csv, defused, undefused
from events import record as r
from events import terms
from events.views.exported import Counted
from tests.builders import announcement, citation, dates
from tests.exporting import HOME, HOSTILE, drawn, export, exports, texts

COMPUTED = tuple("=+-@\t\r\n＝＋－＠")
NUMBERS = {"slip_days", "moves", "amount", "position", "number", "entry"}


def read(table: str) -> list[dict[str, str]]:
    assert table.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"), newline=""), strict=True))


@pytest.mark.torture
@drawn
@given(exports())
def test_what_is_drawn_is_read_as_it_was_written(exported: Export) -> None:
    rows = read(announcements_csv(exported))

    assert [list(row) for row in rows] == [list(COLUMNS)] * len(exported.items)
    assert [undefused(row["title"]) for row in rows] == [plain(item.title) for item in exported.items]
    given_dates = [(item.id, date.edtf or "") for item in exported.items for date in item.dates]
    of_dates = read(dates_csv(exported))
    assert [(row["id"], undefused(row["edtf"])) for row in of_dates] == given_dates


@pytest.mark.torture
@drawn
@given(exports())
def test_no_cell_is_computed(exported: Export) -> None:
    for row in (*read(announcements_csv(exported)), *read(dates_csv(exported))):
        for name, cell in row.items():
            assert not cell.strip(" ").startswith(COMPUTED) or name in NUMBERS
            assert not re.search(r"[;\t\r\n][=+\-@＝＋－＠]", cell)
            assert name not in NUMBERS or re.fullmatch(r"(-?[0-9]+(\.[0-9]+)?)?", cell)


@pytest.mark.torture
@drawn
@given(texts)
def test_defusing_can_be_taken_back(text: str) -> None:
    assert undefused(defused(text)) == text


@pytest.mark.parametrize("text", [text for text in HOSTILE if text.strip(" '").startswith(COMPUTED)])
def test_what_begins_like_a_formula_is_defused(text: str) -> None:
    assert defused(text).startswith("'" + text[0])


@pytest.mark.torture
@drawn
@given(exports())
def test_lines_end_as_rfc_4180_says(exported: Export) -> None:
    table = announcements_csv(exported)

    outside = re.sub(r'"(?:[^"]|"")*"', "", table)
    assert outside.count("\r\n") == len(exported.items) + 1
    assert outside.count("\n") == outside.count("\r") == len(exported.items) + 1


def test_a_row_says_everything_about_an_announcement() -> None:
    outcome = r.Outcome(result="partly", on="2024-08-02", reason=None, rubric="1", citations=(citation(),), position=12)
    item = announcement(
        "visit", "2024-08-01", dates=dates(("2024-04-20", "first"), ("2024-08-01", "moved")), slip_days=-12,
        time="09:05",
        actors=(
            r.Actor(id="usa", name="USA", role="by"), r.Actor(id="japan", name="Japan", role="by"),
            r.Actor(id=None, name="NATO", role="about"),
        ),
        amount=terms.Amount(value="-14000000000.50", currency="USD"), outcomes=(outcome,), state="partly",
    )  # fmt: skip

    (row,) = read(announcements_csv(export(item)))

    assert row == {
        "id": "visit", "title": "The visit", "kind": "visit", "state": "partly", "date": "1 August 2024",
        "edtf": "2024-08-01", "earliest": "2024-08-01", "latest": "2024-08-01", "precision": "day", "time": "09:05",
        "timezone": "UTC", "slip_days": "-12", "moves": "1", "by": "USA; Japan", "with": "", "to": "", "about": "NATO",
        "places": "Washington", "topics": "diplomacy", "amount": "-14000000000.50", "currency": "USD",
        "modality": "scheduled", "said_at": "2024-04-08T11:30:00.000000Z", "updated_at": "2024-04-08T12:04:00.000000Z",
        "outcome": "partly", "outcome_on": "2024-08-02", "sources": "Washington sets the table, Dateline desk",
        "source_urls": "https://example.org/a", "quote": "It will be.",
        "permalink": f"{HOME}/announcements/visit?as_of=57", "position": "57", "license": "CC BY 4.0",
    }  # fmt: skip


def test_there_is_a_row_for_each_date_and_the_slip_stands_where_a_move_ends() -> None:
    given_dates = dates(
        ("2024-04", "first"), ("2024-04-20", "narrowed"), ("2024-11-04", "moved"), ("2024-04-11", "corrected"),
        (None, "moved"),
    )  # fmt: skip

    rows = read(dates_csv(export(announcement("visit", None, dates=given_dates))))

    assert list(rows[0]) == list(DATE_COLUMNS)
    assert [(row["number"], row["how"], row["edtf"], row["slip_days"]) for row in rows] == [
        ("1", "first", "2024-04", ""),
        ("2", "narrowed", "2024-04-20", ""),
        ("3", "moved", "2024-11-04", ""),
        ("4", "corrected", "2024-04-11", "-9"),
        ("5", "moved", "", ""),
    ]


def test_dates_that_are_not_shown_are_counted_after_the_first() -> None:
    given_dates = dates(("2024-04-10", "first"), ("2024-04-20", "moved"), ("2024-04-30", "moved"))
    exported = export(
        announcement("visit", "2024-04-30", dates=given_dates), counts={"visit": Counted(dates=90, moves=80)}
    )

    (row,) = read(announcements_csv(exported))
    of_dates = read(dates_csv(exported))

    assert row["moves"] == "80"
    assert [(one["number"], one["slip_days"]) for one in of_dates] == [("1", ""), ("89", ""), ("90", "10")]


def test_the_documentation_names_every_column_in_order() -> None:
    documented = " ".join((Path(__file__).parents[2] / "docs" / "exports.md").read_text(encoding="utf-8").split())

    assert f"`.csv`: {', '.join(COLUMNS)}." in documented
    assert f"`.dates.csv`: {', '.join(DATE_COLUMNS)}." in documented
