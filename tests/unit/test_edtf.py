"""EDTF expressions: the shared vectors, refusals, precision, kinds, widening, order."""

import json
from pathlib import Path
from typing import Any

import pytest

from events.days import day_of, iso
from events.edtf import EdtfError, command_when, format, inside, kind_of, overlaps, parse

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "edtf-vectors.json").read_text())["vectors"]
VALID = [vector for vector in VECTORS if vector["valid"]]
INVALID = [vector for vector in VECTORS if not vector["valid"]]


def first_and_last(text: str) -> tuple[str | None, str | None]:
    edtf = parse(text)
    first, last = (None if day is None else iso(day) for day in (edtf.earliest, edtf.latest))
    return first, last


def day_in(bound: str) -> int | None:
    """The day of a vector's bound; its years are padded and not signed."""
    if bound in ("-inf", "+inf", "unknown"):
        return None
    sign = -1 if bound.startswith("-") else 1
    year, month, day = bound.removeprefix("-").partition("T")[0].split("-")
    return day_of(sign * int(year), int(month), int(day))


@pytest.mark.parametrize("vector", VALID, ids=lambda vector: vector["expr"])
def test_a_valid_vector_has_its_bounds(vector: dict[str, Any]) -> None:
    edtf = parse(vector["expr"])

    assert edtf.earliest == day_in(vector["earliest"])
    assert edtf.latest == day_in(vector["latest"])
    assert format(edtf) == vector["expr"]
    assert edtf.unknown_start == (vector["earliest"] == "unknown")
    assert edtf.unknown_end == (vector["latest"] == "unknown")
    assert edtf.open_start == (vector["earliest"] == "-inf")
    assert edtf.open_end == (vector["latest"] == "+inf")


@pytest.mark.parametrize("vector", INVALID, ids=lambda vector: repr(vector["expr"]))
def test_an_invalid_vector_is_refused(vector: dict[str, Any]) -> None:
    with pytest.raises(EdtfError):
        parse(vector["expr"])


@pytest.mark.parametrize(
    ("text", "offset", "reason"),
    [
        ("", 0, "ends too early"),
        ("2024-", 5, "ends too early"),
        ("2024-04-1", 9, "ends too early"),
        ("2024-04-10 ", 10, "' ' cannot stand here"),
        (" 2024", 0, "' ' cannot stand here"),
        ("19850412", 4, "'0' cannot stand here"),
        ("2024-13", 5, "13 is no month"),
        ("2024-00-01", 5, "no month 00"),
        ("2023-02-29", 8, "no day 29"),
        ("2023-02-3X", 8, "no day 3X"),
        ("XXXX-02-30", 8, "no day 30"),
        ("XXX1-02-29", 8, "no day 29"),
        ("2024-2X", 5, "no month can be 2X"),
        ("2024-04-4X", 8, "no day can be 4X"),
        ("2024-21-01", 5, "no month 21"),
        ("-0000", 0, "no sign"),
        ("Y2012", 0, "more than four digits"),
        ("Y1E3", 0, "more than four digits"),
        ("Y012345", 1, "leading zeros"),
        ("Y1234567890123456", 1, "at most 15 digits"),
        ("Y1E999999999", 1, "at most 15 digits"),
        ("Y12000-04", 6, "'-' cannot stand here"),
        ("1950S0", 5, "1 to 4 significant"),
        ("1950S5", 5, "1 to 4 significant"),
        ("19XXS2", 5, "unspecified or significant"),
        ("1950S2-04", 7, "a year alone"),
        ("2004-06-11?~", 11, "'~' cannot stand here"),
        ("2025/2024", 5, "ends before it begins"),
        ("2024/2025/2026", 9, "one slash"),
        ("/", 0, "at least one side"),
        ("unknown/2006", 0, "'u' cannot stand here"),
        ("2004-01-01/open", 11, "'o' cannot stand here"),
        ("1985-04-12T10:00:00/1985", 10, "'T' cannot stand here"),
        ("[2024,2025", 10, "']' is missing"),
        ("[2024}", 6, "']' is missing"),
        ("[]", 1, "cannot stand here"),
        ("[..]", 3, "cannot stand here"),
        ("[2024,]", 6, "cannot stand here"),
        ("[1667, 1668]", 6, "' ' cannot stand here"),
        ("[2024,..2025]", 6, "only the first"),
        ("[2024..,2025]", 5, "only the last"),
        ("[2024..2025-06]", 7, "are days, or months, or years"),
        ("[2025..2024]", 7, "ends before it begins"),
        ("1985-04T10:00:00", 7, "only after a whole day"),
        ("1985-04-12?T10:00:00", 11, "only after a whole day"),
        ("1985-04-12T10:00", 11, "written hh:mm:ss"),
        ("1985-04-12T25:00:00", 11, "no time 25:00:00"),
        ("1985-04-12T24:00:01", 11, "no time 24:00:01"),
        ("1985-04-12T23:60:00Z", 14, "no time 23:60:00"),
        ("1985-04-12T23:59:60Z", 14, "no time 23:59:60"),
        ("1985-04-12T23:20:30+14:01", 19, "an offset is"),
        ("1985-04-12T23:20:30-00:00", 19, "an offset is"),
        ("1985-04-12T23:20:30+04:60", 19, "an offset is"),
        ("٢٠٢٤", 0, "cannot stand here"),
        ("2024" * 51, 200, "longer than 200 characters"),
    ],
)
def test_a_refusal_names_the_place_and_the_reason(text: str, offset: int, reason: str) -> None:
    with pytest.raises(EdtfError) as refused:
        parse(text)

    assert refused.value.offset == offset
    assert reason in refused.value.reason
    assert f"character {offset + 1}" in str(refused.value)
    assert refused.value.text == text


def test_two_hundred_characters_are_read_and_one_more_is_not() -> None:
    longest = "[" + ",".join(["2024"] * 38 + ["2024-0" + "4" + "~"]) + "]"

    assert len(longest) == 200
    assert first_and_last(longest) == ("2024-01-01", "2024-12-31")
    with pytest.raises(EdtfError, match="longer than 200"):
        parse(longest.replace("~", "-1"))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2025-24", "2025-12-01", "2026-02-28"),
        ("2023-24", "2023-12-01", "2024-02-29"),
        ("2001-29", "2001-09-01", "2001-11-30"),
        ("2001-31", "2001-03-01", "2001-05-31"),
        ("2001-32", "2001-06-01", "2001-08-31"),
        ("2026-38", "2026-05-01", "2026-08-31"),
        ("199X-24", "1990-12-01", "2000-02-29"),
        ("XXXX-02-29", "0000-02-29", "9996-02-29"),
        ("X1XX-02-29", "0104-02-29", "9196-02-29"),
        ("XX00-02-29", "0000-02-29", "9600-02-29"),
        ("XXXX-XX-31", "0000-01-31", "9999-12-31"),
        ("1985-0X-31", "1985-01-31", "1985-08-31"),
        ("-004X", "-49-01-01", "-40-12-31"),
        ("-000X", "-9-01-01", "-1-12-31"),
        ("-XXXX-02-29", "-9996-02-29", "-4-02-29"),
        ("Y3388E2S3", "+338000-01-01", "+338999-12-31"),
        ("Y-17E7", "-170000000-01-01", "-170000000-12-31"),
        ("0050S1", "0050-01-01", "0059-12-31"),
        ("{2024,2023-05~..2023-07}", "2023-05-01", "2024-12-31"),
        ("1985-04-12T23:20:30-04", "1985-04-13", "1985-04-13"),
        ("1985-04-12T03:20:30+04:30", "1985-04-11", "1985-04-11"),
    ],
)
def test_bounds_reach_from_the_first_to_the_last_day_that_can_be_meant(text: str, first: str, last: str) -> None:
    assert first_and_last(text) == (first, last)


@pytest.mark.parametrize(
    ("text", "utc_or_local"),
    [
        ("1985-04-12T23:20:30", (1985, 4, 12, 23, 20, 30)),
        ("1985-04-12T23:20:30Z", (1985, 4, 12, 23, 20, 30)),
        ("1985-04-12T23:20:30+04:30", (1985, 4, 12, 18, 50, 30)),
        ("1985-04-12T23:20:30-04", (1985, 4, 13, 3, 20, 30)),
        ("1985-04-12T24:00:00", (1985, 4, 13, 0, 0, 0)),
    ],
)
def test_a_date_time_is_an_instant(text: str, utc_or_local: tuple[int, int, int, int, int, int]) -> None:
    year, month, day, hour, minute, second = utc_or_local

    assert parse(text).instant == ((day_of(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
    assert parse(text).precision == "day"
    assert parse("1985-04-12").instant is None


@pytest.mark.parametrize(
    ("text", "precision"),
    [
        ("2024-04-10", "day"),
        ("2023-04-3X", "day"),
        ("2024-04", "month"),
        ("2024-04-XX", "month"),
        ("2025-24", "season"),
        ("2025-34", "quarter"),
        ("2026-37", "quadrimester"),
        ("2025-40", "semester"),
        ("2025", "year"),
        ("2025-XX-XX", "year"),
        ("Y-17E7", "year"),
        ("1985S4", "year"),
        ("199X", "decade"),
        ("1990S3", "decade"),
        ("18XX", "century"),
        ("18XX-XX", "century"),
        ("1XXX", None),
        ("1950S1", None),
        ("1X5X", None),
        ("2024-02-2X", None),
        ("15XX-12-25", None),
        ("199X-24", None),
        ("[2024,2025]", None),
        ("../2025", "year"),
        ("2024-07-01/..", "day"),
        ("2024-04-10/2024-04-14", "day"),
        ("2024-04-10/2024-05", None),
        ("2024/", "year"),
        ("../..", None),
    ],
)
def test_precision_is_the_unit_that_is_said_where_there_is_one(text: str, precision: str | None) -> None:
    assert parse(text).precision == precision


@pytest.mark.parametrize(
    ("text", "approximate", "uncertain"),
    [
        ("2024", False, False),
        ("2024~", True, False),
        ("2024?", False, True),
        ("2024%", True, True),
        ("2004-~06-11", True, False),
        ("2004?/..", False, True),
        ("[2024,2025%]", True, True),
    ],
)
def test_a_mark_anywhere_marks_the_expression(text: str, approximate: bool, uncertain: bool) -> None:
    assert (parse(text).approximate, parse(text).uncertain) == (approximate, uncertain)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("2024-04-10", "2024-04-10"),
        ("2024-04-10?", "2024-04-10"),
        ("2024-04-10~", "2024-04-11"),
        ("2024-12-31%", "2025-01-01"),
        ("2024-01~", "2024-02-29"),
        ("2025-12~", "2026-01-31"),
        ("2025-24~", "2026-05-31"),
        ("2025-33~", "2025-06-30"),
        ("2025-37~", "2025-08-31"),
        ("2025-40~", "2025-12-31"),
        ("2025~", "2026-12-31"),
        ("199X~", "2009-12-31"),
        ("18XX~", "1999-12-31"),
        ("1XXX~", "2000-12-31"),
        ("1984-1X~", "1985-01-31"),
        ("2024-02-2X~", "2024-03-01"),
        ("../2025~", "2026-12-31"),
        ("2024~/2025", "2025-12-31"),
        ("2024/2025~", "2026-12-31"),
        ("[2024~,2024-12-31]", "2025-12-31"),
        ("[2023~,2025]", "2025-12-31"),
    ],
)
def test_an_approximate_end_is_due_one_unit_later(text: str, due: str) -> None:
    day = parse(text).due_latest

    assert day is not None
    assert iso(day) == due


def test_an_open_or_unknown_end_is_never_due() -> None:
    assert [parse(text).due_latest for text in ("2024~/..", "2024~/", "[2024~..]")] == [None, None, None]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("2024-04-10", "on"),
        ("199X", "on"),
        ("../2025", "deadline"),
        ("2024-07-01/..", "from"),
        ("2024-04-10/2024-04-14", "between"),
        ("[2024,2025]", "between"),
        ("{..1984}", "between"),
        ("2024/", "between"),
        ("/2024", "between"),
        ("../..", "undated"),
    ],
)
def test_the_form_suggests_the_kind(text: str, kind: str) -> None:
    assert kind_of(parse(text)) == kind


@pytest.mark.parametrize("text", ["2024-04-10", "../2025", "2024/..", "[2024,2025]", "2024-05-20~", "[..2024]"])
def test_a_command_may_say_what_has_a_bound(text: str) -> None:
    assert command_when(text) == parse(text)


@pytest.mark.parametrize(
    ("text", "offset", "hint"),
    [
        ("2024/", 5, "write '2024/..'"),
        ("2024-04-10T14:30:00Z", 10, "the time in `time`"),
        ("/2024", 0, "write '../2024'"),
        ("../", 3, "a side is unknown"),
        ("/..", 0, "a side is unknown"),
        ("../..", 0, "leave the date out"),
        (" 2024", 0, "' ' cannot stand here"),
        ("2024 ", 4, "' ' cannot stand here"),
        ("10 April 2024", 2, "' ' cannot stand here"),
    ],
)
def test_a_command_may_not_leave_a_side_unknown_or_everything_open(text: str, offset: int, hint: str) -> None:
    with pytest.raises(EdtfError) as refused:
        command_when(text)

    assert refused.value.offset == offset
    assert hint in refused.value.reason


def test_expressions_sort_by_first_day_then_last_day_then_text() -> None:
    ordered = ["../2023", "../2025", "../..", "2024-01-01", "2024-01", "2024", "2024~", "2024/..", "2024-02"]

    assert sorted(set(ordered), key=lambda text: parse(text).sort_key) == ordered


@pytest.mark.parametrize(
    ("text", "first", "last", "expected"),
    [
        ("2024-04", "2024-04-30", "2024-05-01", True),
        ("2024-04", "2024-05-01", None, False),
        ("2024-04", None, "2024-03-31", False),
        ("2024-04", None, "2024-04-01", True),
        ("../2025", "2025-12-31", None, True),
        ("../2025", "2026-01-01", None, False),
        ("2024/..", None, "2023-12-31", False),
        ("../..", "2024-01-01", "2024-01-01", True),
        ("2024-04", None, None, True),
    ],
)
def test_an_expression_overlaps_the_days_it_can_mean(
    text: str, first: str | None, last: str | None, expected: bool
) -> None:
    since, until = (None if day is None else day_in(day) for day in (first, last))
    assert overlaps(parse(text), since, until) is expected


@pytest.mark.parametrize(
    ("inner", "outer", "expected"),
    [
        ("2024-04-10", "2024-04", True),
        ("2024-04", "2024-04-10", False),
        ("2025-03-24", "../2025", True),
        ("../2024", "../2025", True),
        ("../2025", "2025", False),
        ("2024/..", "2024", False),
        ("2024", "2024", True),
        ("2024", "../..", True),
    ],
)
def test_a_date_is_inside_another_when_its_bounds_are(inner: str, outer: str, expected: bool) -> None:
    assert inside(parse(inner), parse(outer)) is expected
