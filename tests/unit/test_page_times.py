"""Times that pages write are read as they stand, or not at all."""

import pytest

from api.page_times import Published, published


@pytest.mark.parametrize(
    ("text", "at", "day"),
    [
        ("2026-03-01", "2026-03-01", "2026-03-01"),
        ("20260301", "2026-03-01", "2026-03-01"),
        ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z", "2026-03-01"),
        ("2026-03-01t10:00z", "2026-03-01T10:00:00Z", "2026-03-01"),
        ("2026-03-01T10:00:00.123456789Z", "2026-03-01T10:00:00.123456Z", "2026-03-01"),
        ("2026-03-01T10:00:00+02:00", "2026-03-01T10:00:00+02:00", "2026-03-01"),
        ("2026-03-01T10:00:00+0200", "2026-03-01T10:00:00+02:00", "2026-03-01"),
        ("2026-03-01 10:00:00 -05", "2026-03-01T10:00:00-05:00", "2026-03-01"),
        ("2026-03-01 10:00:00 GMT", "2026-03-01T10:00:00Z", "2026-03-01"),
        ("Sun, 01 Mar 2026 10:00:00 +0000", "2026-03-01T10:00:00Z", "2026-03-01"),
        ("1 Mar 2026 10:00 GMT", "2026-03-01T10:00:00Z", "2026-03-01"),
    ],
)
def test_a_time_keeps_the_offset_it_was_written_with(text: str, at: str, day: str) -> None:
    assert published(text, "UTC") == Published(at=at, day=day)


def test_the_day_counts_in_the_zone_that_is_asked_for_and_another_day_by_its_own_offset_is_told() -> None:
    late = published("2026-03-01T23:30:00-05:00", "Asia/Tokyo")

    assert late == Published(at="2026-03-01T23:30:00-05:00", day="2026-03-02", own_day="2026-03-01")


def test_a_time_without_an_offset_is_one_of_the_zone_and_that_is_told() -> None:
    summer = published("2026-07-01T10:00", "America/New_York")

    assert summer == Published(at="2026-07-01T10:00:00-04:00", day="2026-07-01", offset_assumed=True)


def test_an_offset_with_seconds_is_written_in_utc() -> None:
    old = published("1880-07-01T00:00:00", "Europe/Amsterdam")

    assert old is not None
    assert old.at.endswith("Z")
    assert old.day == "1880-07-01"


@pytest.mark.parametrize(
    "text",
    ["", "today", "03/01/2026", "01.03.2026", "March 1, 2026", "2026-03", "2026", "2026-02-30", "2026-03-01T25:00:00Z",
     "2026-03-01T10:00:00+99:00", "1772359200", "2026-W09-7", "2026-03-01T10:00:00Z, or later", "0000-01-01",
     "9999-12-31T23:59:59-23:00", "Sun, 99 Mar 2026 10:00:00 +0000", "２０２６-03-01"],
)  # fmt: skip
def test_what_can_be_read_in_two_ways_or_names_no_day_is_not_read(text: str) -> None:
    assert published(text, "America/New_York") is None
