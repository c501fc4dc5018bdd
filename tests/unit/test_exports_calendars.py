"""Calendars, as two programs that are not ours read them."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar
import pytest
import vobject
from hypothesis import given

from api.exports.calendars import calendar
from api.exports.export import Export, one_line
from events import record as r
from events.views.exported import Counted
from tests.builders import EVERY_CASE, RECORDED_AT, announcement, dates
from tests.exporting import HOME, LOG_ID, drawn, export, exports

LINE_BYTES_MAX = 75
PUT_OFF = announcement("visit", None, state="postponed", dates=dates(("2024-06-20", "first"), (None, "moved")))


def events(exported: Export) -> list[Any]:
    return list(icalendar.Calendar.from_ical(calendar(exported)).walk("VEVENT"))


def event(item: r.Announcement) -> Any:
    (only,) = events(export(item))
    return only


def text(component: Any, name: str) -> str:
    return str(component[name])


@pytest.mark.torture
@drawn
@given(exports())
def test_what_is_drawn_is_read_as_it_was_written_by_two_programs(exported: Export) -> None:
    body = calendar(exported)

    read = icalendar.Calendar.from_ical(body)
    assert read.to_ical(sorted=False) == body
    assert read.errors == []
    found: list[Any] = list(read.walk("VEVENT"))
    assert all(one.errors == [] for one in found)
    assert re.sub(r"\\(.)", r"\1", text(read, "NAME")) == one_line(exported.title)
    assert exported.permalink in text(read, "DESCRIPTION")
    titles = {f"{item.id}@{LOG_ID}": one_line(item.title) for item in exported.items}
    for one in found:
        assert text(one, "SUMMARY").startswith(titles[text(one, "UID")])
        assert one["DTSTART"].dt <= (one["DTEND"].dt if "DTEND" in one else one["DTSTART"].dt)
    others = list(vobject.readOne(body.decode()).contents.get("vevent", []))
    assert [one.uid.value for one in others] == [text(one, "UID") for one in found]
    assert [one.summary.value for one in others] == [text(one, "SUMMARY") for one in found]
    assert [one.dtstart.value for one in others] == [one["DTSTART"].dt for one in found]


@pytest.mark.torture
@drawn
@given(exports())
def test_lines_are_folded_and_end_as_the_format_says(exported: Export) -> None:
    body = calendar(exported)

    lines = body.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= LINE_BYTES_MAX and not set(line) & set(b"\n\r\x00") for line in lines)
    body.decode()


def test_every_announcement_with_a_date_has_an_event_of_its_own() -> None:
    found = events(export(*EVERY_CASE))

    dated = [item for item in EVERY_CASE if item.dates]
    assert [text(one, "UID") for one in found] == [f"{item.id}@{LOG_ID}" for item in dated]
    assert "2 without a date" in calendar(export(*EVERY_CASE)).decode().replace("\r\n ", "")


@pytest.mark.parametrize(
    ("edtf", "kind", "first", "after", "summary"),
    [
        ("2024-04-10", "on", date(2024, 4, 10), date(2024, 4, 11), "The visit"),
        ("2024-04", "on", date(2024, 4, 1), date(2024, 5, 1), "The visit (April 2024)"),
        ("2024-05-20~", "on", date(2024, 5, 20), date(2024, 5, 21), "The visit (around 20 May 2024)"),
        ("2024-04-08/2024-04-14", "between", date(2024, 4, 8), date(2024, 4, 15), "The visit (8-14 April 2024)"),
        ("../2024-09-30", "deadline", date(2024, 9, 30), date(2024, 10, 1), "The visit (by 30 September 2024)"),
        (
            "2024-09/2024-10",
            "deadline",
            date(2024, 10, 31),
            date(2024, 11, 1),
            "The visit (by the end of October 2024)",
        ),
        ("../2033", "until", date(2033, 12, 31), date(2034, 1, 1), "The visit (until the end of 2033)"),
        ("2024-07-01/..", "from", date(2024, 7, 1), date(2024, 7, 2), "The visit (from 1 July 2024)"),
    ],
)
def test_days_are_whole_days_and_what_they_cannot_say_is_in_the_title(
    edtf: str, kind: str, first: date, after: date, summary: str
) -> None:
    one = event(announcement("visit", edtf, kind))

    assert (one["DTSTART"].dt, one["DTEND"].dt, text(one, "SUMMARY")) == (first, after, summary)


@pytest.mark.parametrize(
    ("zone", "time", "at"),
    [
        ("UTC", "09:05", datetime(2024, 4, 10, 9, 5, tzinfo=UTC)),
        ("Asia/Tokyo", "09:05", datetime(2024, 4, 10, 0, 5, tzinfo=UTC)),
        ("America/New_York", "23:30", datetime(2024, 4, 11, 3, 30, tzinfo=UTC)),
    ],
)
def test_an_exact_day_with_a_time_of_day_has_its_instant(zone: str, time: str, at: datetime) -> None:
    one = event(announcement("visit", timezone=zone, time=time))

    assert one["DTSTART"].dt == at
    assert "DTEND" not in one


def test_a_time_of_day_on_a_date_that_is_not_exact_stays_a_whole_day() -> None:
    assert event(announcement("visit", "2024-04", time="09:05"))["DTSTART"].dt == date(2024, 4, 1)


@pytest.mark.parametrize("edtf", ["-0044-03-15", "0000", "Y170000002", "9999-12-31", "../.."])
def test_what_no_calendar_can_show_is_left_out(edtf: str) -> None:
    assert events(export(announcement("visit", edtf))) == []


@pytest.mark.parametrize(
    ("item", "status"),
    [
        (announcement("visit"), "CONFIRMED"),
        (announcement("visit", modality="expected"), "TENTATIVE"),
        (announcement("visit", "2024-04"), "TENTATIVE"),
        (announcement("visit", "2024-04", state="happened"), "CONFIRMED"),
        (announcement("visit", state="cancelled"), "CANCELLED"),
        (announcement("visit", state="did_not_happen"), "CANCELLED"),
        (PUT_OFF, "CANCELLED"),
    ],
)
def test_the_status_says_how_certain_it_is(item: r.Announcement, status: str) -> None:
    assert text(event(item), "STATUS") == status


def test_what_was_put_off_stays_where_it_was() -> None:
    one = event(PUT_OFF)

    assert (one["DTSTART"].dt, text(one, "SUMMARY"), int(one["SEQUENCE"])) == (
        date(2024, 6, 20),
        "The visit (postponed)",
        1,
    )


def test_a_move_raises_the_sequence_and_keeps_the_id() -> None:
    moved = dates(("2024-04-20", "first"), ("2024-08-01", "moved"))
    before = event(announcement("visit", "2024-04-20"))

    again = event(announcement("visit", "2024-04-20"))
    after = event(announcement("visit", "2024-08-01", dates=moved, updated_at="2024-05-01T09:00:00.000000Z"))

    assert again.to_ical() == before.to_ical()
    assert before["DTSTAMP"].dt == datetime.fromisoformat(RECORDED_AT)
    assert after["DTSTAMP"].dt == datetime(2024, 5, 1, 9, tzinfo=UTC)
    assert text(after, "UID") == text(before, "UID") == f"visit@{LOG_ID}"
    assert (int(before["SEQUENCE"]), int(after["SEQUENCE"])) == (0, 1)


def test_the_sequence_counts_every_date_after_the_first() -> None:
    given_dates = dates(
        ("2024-04", "first"), ("2024-04-20", "narrowed"), ("2024-11-04", "moved"), ("2024-04-11", "corrected")
    )

    assert int(event(announcement("visit", "2024-04-11", dates=given_dates))["SEQUENCE"]) == 3


def test_the_sequence_counts_dates_that_are_not_shown_too() -> None:
    moved = announcement("visit", "2024-04-11", dates=dates(("2024-04-10", "first"), ("2024-04-11", "moved")))

    (only,) = events(export(moved, counts={"visit": Counted(dates=90, moves=80)}))

    assert int(only["SEQUENCE"]) == 89


def test_an_event_is_the_same_at_whatever_entry_it_is_asked_for() -> None:
    one, other = export(announcement("visit")), export(announcement("visit"), position=99)

    assert events(one)[0].to_ical() == events(other)[0].to_ical()


def test_the_calendar_says_where_it_is_from_and_when_to_ask_again() -> None:
    read: Any = icalendar.Calendar.from_ical(calendar(export(announcement("visit"))))

    assert text(read, "SOURCE") == f"{HOME}/v1/timelines/spring.x"
    assert text(read, "URL") == f"{HOME}/timelines/spring"
    assert read["REFRESH-INTERVAL"].dt == timedelta(hours=1)
    assert "Data: CC BY 4.0" in text(read, "DESCRIPTION")
