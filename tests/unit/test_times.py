"""Times as people give them: RFC 3339 or a day, in zones that are the same everywhere."""

import zoneinfo
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.errors import TimeInvalid, ZoneUnknown
from events.instants import FOREVER
from events.times import last_instant, later, read_time, zone


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2024-04-10T14:30:00Z", "2024-04-10T14:30:00.000000Z"),
        ("2024-04-10t14:30:00z", "2024-04-10T14:30:00.000000Z"),
        ("2024-04-10T14:30:00.5Z", "2024-04-10T14:30:00.500000Z"),
        ("2024-04-10T14:30:00.123456789Z", "2024-04-10T14:30:00.123456Z"),
        ("2024-04-10T14:30:00+09:00", "2024-04-10T05:30:00.000000Z"),
        ("2024-04-10T14:30:00-04:00", "2024-04-10T18:30:00.000000Z"),
        ("2024-04-10T14:30:00-00:00", "2024-04-10T14:30:00.000000Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000Z"),
    ],
)
def test_an_rfc_3339_time_is_its_instant_whatever_the_zone_of_the_source(text: str, instant: str) -> None:
    assert read_time(text, "Asia/Tokyo", pointer="/published_at") == instant


@pytest.mark.parametrize(
    ("day", "zone_name", "instant"),
    [
        ("2024-04-10", "UTC", "2024-04-10T00:00:00.000000Z"),
        ("2024-04-10", "Asia/Tokyo", "2024-04-09T15:00:00.000000Z"),
        ("2024-04-10", "America/New_York", "2024-04-10T04:00:00.000000Z"),
        ("2024-01-10", "America/New_York", "2024-01-10T05:00:00.000000Z"),
    ],
)
def test_a_day_is_its_first_instant_in_the_zone_of_the_source(day: str, zone_name: str, instant: str) -> None:
    assert read_time(day, zone_name, pointer="/published_at") == instant


def test_a_day_whose_midnight_is_skipped_begins_with_the_change() -> None:
    assert read_time("2018-11-04", "America/Sao_Paulo", pointer="") == "2018-11-04T03:00:00.000000Z"
    assert read_time("1919-03-31", "America/Toronto", pointer="") == "1919-03-31T04:30:00.000000Z"


def test_a_day_whose_midnight_comes_twice_begins_at_the_first() -> None:
    assert read_time("2024-11-03", "America/Havana", pointer="") == "2024-11-03T04:00:00.000000Z"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10 April 2024",
        "2024-04",
        "2024-4-10",
        "2024-02-30",
        "2023-02-29",
        "20240410",
        "2024-W15-3",
        "2024-04-10 14:30:00Z",
        "2024-04-10T14:30Z",
        "2024-04-10T14:30:00",
        "2024-04-10T24:00:00Z",
        "2024-04-10T14:60:00Z",
        "2024-04-10T14:30:60Z",
        "2024-04-10T14:30:00+24:00",
        "2024-04-10T14:30:00,5Z",
        "2024-04-10T14:30:00.Z",
        " 2024-04-10",
        "2024-04-10\n",
        "２０２４-04-10",
        "0000-01-01",
        "0001-01-01T00:00:00+09:00",
        "9999-12-31T23:59:59-09:00",
        "-2024-04-10",
        "12024-04-10",
    ],
)
def test_anything_else_is_no_time(text: str) -> None:
    with pytest.raises(TimeInvalid, match="neither an RFC 3339 time nor a day") as refusal:
        read_time(text, "UTC", pointer="/published_at")

    assert refusal.value.pointer == "/published_at"


def test_a_day_that_begins_before_all_years_in_its_zone_is_no_time() -> None:
    with pytest.raises(TimeInvalid):
        read_time("0001-01-01", "Asia/Tokyo", pointer="")


@given(st.text(max_size=40))
def test_no_text_does_more_than_being_refused_as_a_time(text: str) -> None:
    with suppress(TimeInvalid):
        assert len(read_time(text, "UTC", pointer="")) == len(FOREVER)


def test_said_by_a_day_is_its_last_microsecond_in_utc() -> None:
    assert last_instant("2024-04-10", pointer="") == "2024-04-10T23:59:59.999999Z"
    assert last_instant("9999-12-31", pointer="") == FOREVER


@pytest.mark.parametrize("text", ["2024-04", "2024-02-30", "2024-04-10T00:00:00Z"])
def test_said_by_anything_but_a_day_is_refused(text: str) -> None:
    with pytest.raises(TimeInvalid) as refusal:
        last_instant(text, pointer="/said_by")

    assert refusal.value.pointer == "/said_by"


def test_later_stops_at_the_end_of_all_years() -> None:
    assert later("2024-12-31T23:00:00.000000Z", hours=2) == "2025-01-01T01:00:00.000000Z"
    assert later("9999-12-31T23:00:00.000000Z", hours=2) == FOREVER


@pytest.mark.parametrize(
    "name",
    [
        "Europe/Atlantis",
        "EST5EDT4",
        "America",
        "",
        "/etc/localtime",
        "../UTC",
        "__init__.py",
        "Europe/Ber\x00lin",
        "a" * 64,
    ],
)
def test_a_zone_that_is_not_there_is_refused_at_its_place(name: str) -> None:
    with pytest.raises(ZoneUnknown, match="no time zone") as refusal:
        zone(name, pointer="/set/timezone")

    assert refusal.value.pointer == "/set/timezone"


@given(st.text(max_size=64))
def test_no_text_does_more_than_being_refused_as_a_zone(text: str) -> None:
    with suppress(ZoneUnknown):
        assert zone(text).key == text


def test_zones_are_those_of_the_package_whatever_the_machine_has() -> None:
    assert zoneinfo.TZPATH == ()
