"""Where the drawing puts things, and what it draws."""

import re
from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.pages.drawing import draw, legend
from api.pages.layout import LANES_MAX, Layout, lay_out, lay_out_dates, shortened, text_px
from api.pages.scale import even, overview, window
from api.pages.shapes import shape_of
from api.pages.ticks import ticks
from events.days import day_of, iso, parse_day
from events.record import Announcement, GivenDate
from tests.builders import EVERY_CASE, TODAY, announcement, dates

SVG = "{http://www.w3.org/2000/svg}"
WEEK = [parse_day(f"2024-04-{day:02}") for day in (7, 8, 10, 11, 12, 14)]
YEARS = [parse_day("2016-11-08"), parse_day("2023-04-01"), parse_day("2031-12-31")]
SPREAD = [(day, day) for day in (*WEEK, *YEARS)]


def drawn(*items: Announcement, width: float = 1120, today: int = TODAY) -> tuple[Layout, ET.Element]:
    layout = lay_out(items, width=width, today=today)
    text = str(draw(layout, name="d"))
    return layout, ET.fromstring(text.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def of(root: ET.Element, id: str) -> ET.Element:
    return next(found for found in root.iter(f"{SVG}g") if found.get("data-announcement") == id)


def classes(element: ET.Element) -> list[str]:
    return [name for child in element.iter() if (name := child.get("class"))]


def test_a_later_day_lies_further_right() -> None:
    scale = overview(SPREAD, left=10, right=950)

    places = [scale.x(day) for day in range(scale.first, scale.end + 1)]

    assert all(a < b for a, b in pairwise(places))
    assert places[0] == 10
    assert places[-1] == pytest.approx(950)


def test_a_crowded_week_among_fifteen_years_is_enlarged_so_that_its_days_can_be_told_apart() -> None:
    scale = overview(SPREAD, left=10, right=950)

    assert [section.kind for section in scale.sections].count("enlarged") == 1
    assert all(scale.x(b) - scale.x(a) >= 12 for a, b in pairwise(WEEK))


def test_a_long_time_without_dates_is_cut_short() -> None:
    scale = overview(SPREAD, left=10, right=950)

    gaps = [section for section in scale.sections if section.kind == "gap"]

    assert gaps
    assert not [day for day, _ in SPREAD for gap in gaps if gap.first <= day < gap.end]


def test_dates_that_are_evenly_spread_share_one_scale() -> None:
    spans = [(day, day) for day in range(parse_day("2024-01-01"), parse_day("2026-01-01"), 9)]

    assert [section.kind for section in overview(spans, left=0, right=900).sections] == ["even"]


@given(st.lists(st.tuples(st.integers(-(10**6), 10**6), st.integers(0, 5000)), min_size=1, max_size=30))
def test_sections_join_and_fill_the_axis_whatever_the_dates(starts: list[tuple[int, int]]) -> None:
    scale = overview([(first, first + days) for first, days in starts], left=10, right=950)

    assert all(a.end == b.first and a.right == b.left and a.left < a.right for a, b in pairwise(scale.sections))
    assert scale.left == 10
    assert scale.right == pytest.approx(950)
    for section in scale.sections:
        marks = [tick.x for tick in ticks(section)]
        assert marks == sorted(marks)
        assert all(section.left <= x <= section.right for x in marks)


def test_the_axis_names_years_before_our_era_and_far_ahead() -> None:
    scale = window(day_of(-4000, 1, 1), day_of(120_000, 1, 1), left=0, right=900)

    labels = [tick.label for tick in ticks(scale.sections[0])]

    assert 2 <= len(labels) <= 20
    assert labels[-1] == "120000"


def test_a_stretch_in_which_no_quarter_begins_has_no_tick() -> None:
    scale = window(day_of(2024, 1, 20), day_of(2024, 3, 10), left=0, right=40)

    assert ticks(scale.sections[0]) == []


def test_an_exact_day_is_a_tick_in_the_middle_of_its_day_with_its_label_to_the_right() -> None:
    layout, root = drawn(announcement("visit", "2024-04-10"))
    (placed,) = layout.placed
    assert layout.scale

    assert "tick" in classes(of(root, "visit"))
    assert placed.present
    assert placed.present.left == layout.scale.x(parse_day("2024-04-10") + 0.5)
    assert placed.anchor == "start"
    assert placed.label_x > placed.present.right


def test_an_imprecise_date_is_a_bar_over_every_day_it_can_mean() -> None:
    layout, root = drawn(announcement("visit", "2024-05"), announcement("other", "2024-03-01"))
    shape = next(placed.present for placed in layout.placed if placed.item.id == "visit")
    assert layout.scale
    assert shape

    assert {"bar", "edge"} <= set(classes(of(root, "visit")))
    assert shape.left == layout.scale.x(parse_day("2024-05-01"))
    assert shape.right == layout.scale.x(parse_day("2024-06-01"))


@pytest.mark.parametrize(("edtf", "start", "end"), [("../2024-05", "fade", "cap"), ("2024-05/..", "edge", "fade")])
def test_an_open_end_fades_and_a_deadline_has_a_cap_at_its_last_day(edtf: str, start: str, end: str) -> None:
    scale = even([(parse_day("2024-01-01"), parse_day("2024-12-31"))], left=0, right=900)

    shape = shape_of(edtf, "deadline" if end == "cap" else "from", scale)

    assert (shape.start, shape.end) == (start, end)
    assert end != "cap" or shape.right == scale.x(parse_day("2024-06-01"))


def test_an_uncertain_date_is_hatched_and_has_a_question_mark_in_its_label() -> None:
    layout, root = drawn(announcement("visit", "2024-06?"))

    assert layout.placed[0].title == "The visit (?)"
    assert [group for group in of(root, "visit").iter(f"{SVG}g") if group.get("mask") == "url(#d-hatch)"]


def test_an_approximate_date_has_soft_edges() -> None:
    _, root = drawn(announcement("visit", "2024-05-20~"))

    assert [group for group in of(root, "visit").iter(f"{SVG}g") if group.get("mask") == "url(#d-soft)"]
    assert "edge" not in classes(of(root, "visit"))


def test_one_of_several_dates_is_a_bar_for_each() -> None:
    _, root = drawn(announcement("visit", "[2024-06,2024-11]"))

    assert classes(of(root, "visit")).count("bar") == 2


def test_earlier_dates_stay_as_hollow_marks_joined_to_the_present_one_by_an_arrow() -> None:
    given = dates(("2024-04-20", "first"), ("2024-06-01", "moved"), ("2024-08-01", "moved"))
    layout, root = drawn(announcement("visit", "2024-08-01", dates=given, slip_days=103))
    assert layout.scale

    hollow = [circle for circle in of(root, "visit").iter(f"{SVG}circle") if circle.get("class") == "hollow"]

    expected = [layout.scale.x(parse_day(day) + 0.5) for day in ("2024-04-20", "2024-06-01")]
    assert [float(circle.get("cx", 0)) for circle in hollow] == pytest.approx(expected, abs=0.05)
    assert classes(of(root, "visit")).count("way head") == 2
    assert layout.placed[0].note == " · moved by 103 days"


@pytest.mark.parametrize(
    "given",
    [
        dates(("2024-11-04", "first"), ("2024-04-11", "corrected")),
        dates(("2024-11-04", "first"), ("2024-12-04", "corrected"), ("2024-04-11", "corrected")),
    ],
)
def test_a_correction_is_not_drawn_as_a_move(given: tuple[GivenDate, ...]) -> None:
    layout, root = drawn(announcement("visit", "2024-04-11", dates=given))

    assert layout.placed[0].earlier == ()
    assert not {"hollow", "way", "way head"} & set(classes(of(root, "visit")))


def test_a_date_that_grew_more_exact_has_a_hollow_mark_and_no_arrow() -> None:
    given = dates(("2024-09", "first"), ("2024-09-12", "narrowed"))
    _, root = drawn(announcement("visit", "2024-09-12", dates=given), announcement("other", "2024-01"))

    assert "hollow" in classes(of(root, "visit"))
    assert "way head" not in classes(of(root, "visit"))


def test_what_is_off_its_date_shows_the_last_one_hollow_and_leads_nowhere() -> None:
    given = dates(("2024-06-20", "first"), (None, "moved"))
    layout, root = drawn(announcement("visit", None, state="postponed", dates=given, slip_days=None))

    assert layout.placed[0].present is None
    assert {"hollow", "nowhere"} <= set(classes(of(root, "visit")))
    assert layout.undated == ()


def test_the_dates_of_one_announcement_lie_below_each_other_in_the_order_said() -> None:
    given = dates(
        ("2024-09", "first"), ("2024-10", "moved"), ("2024-11", "corrected"), (None, "moved"), ("2025", "moved")
    )

    layout = lay_out_dates(announcement("visit", "2025", dates=given), width=1120, today=TODAY)

    assert [placed.lane for placed in layout.placed] == [0, 1, 2, 3]
    assert [placed.title for placed in layout.placed] == [
        "September 2024",
        "November 2024",
        "off its date, without a new one",
        "2025",
    ]
    assert [placed.past for placed in layout.placed] == [True, True, True, False]
    assert [placed.present is None for placed in layout.placed] == [False, False, True, False]
    assert str(draw(layout, name="d")).count('class="hollow"') == 3


def test_what_has_no_date_lies_in_a_tray_with_a_count() -> None:
    layout, root = drawn(announcement("visit"), *(announcement(f"idea-{n}", None) for n in range(3)))

    assert len(layout.undated) == 3
    assert "Without a date: 3" in "".join(root.itertext())


def test_a_drawing_of_nothing_but_undated_announcements_has_no_axis() -> None:
    layout, root = drawn(announcement("idea", None))

    assert layout.scale is None
    assert "axis" not in classes(root)


@pytest.mark.parametrize("width", [1120, 640, 320])
def test_no_two_announcements_of_a_lane_touch(width: float) -> None:
    layout, _ = drawn(*EVERY_CASE, width=width)

    for one, other in combinations(layout.placed, 2):
        assert one.lane != other.lane or one.right < other.left or other.right < one.left, (one.item.id, other.item.id)
    for placed in layout.placed:
        begins = placed.label_x if placed.anchor == "start" else placed.label_x - placed.label_px
        assert 0 <= begins <= width - placed.label_px, placed.item.id


@given(st.data())
def test_labels_never_overlap_whatever_the_dates(data: st.DataObject) -> None:
    days = st.integers(parse_day("2023-01-01"), parse_day("2026-12-31")).map(iso)
    forms = st.sampled_from(["{}", "../{}", "{}/..", "{}~"])
    drawn_dates = data.draw(st.lists(st.tuples(forms, days), min_size=1, max_size=40))
    items = [announcement(f"a-{n}", form.format(day)) for n, (form, day) in enumerate(drawn_dates)]

    layout = lay_out(items, width=1120, today=TODAY)

    assert len(layout.placed) + len(layout.unplaced) == len(items)
    for one, other in combinations(layout.placed, 2):
        assert one.lane != other.lane or one.right < other.left or other.right < one.left


def test_two_hundred_announcements_in_one_month_stay_a_drawing_of_bounded_height_and_size() -> None:
    items = [announcement(f"a-{n}", f"2024-04-{n % 28 + 1:02}") for n in range(200)]

    layout, root = drawn(*items)

    assert layout.lanes == LANES_MAX
    assert layout.height < 900
    shown = {element.get("data-announcement") for element in root.iter(f"{SVG}g")} - {None}
    assert len(shown) == 200
    assert len(str(draw(layout, name="d"))) < 150_000


def test_a_window_counts_what_lies_before_and_after_it() -> None:
    items = [announcement(str(n), f"2024-0{n}-15") for n in range(1, 7)]

    layout = lay_out(items, width=1120, today=TODAY, first=parse_day("2024-03-01"), last=parse_day("2024-04-30"))

    assert [placed.item.id for placed in layout.placed] == ["3", "4"]
    assert (layout.before, layout.after) == (2, 2)


def test_today_is_drawn_only_where_it_lies_on_the_axis() -> None:
    near, _ = drawn(announcement("visit", "2024-05-01"), announcement("other", "2024-06-20"))
    far, _ = drawn(announcement("visit", "1990-05-01"))

    assert near.today is not None
    assert far.today is None


def test_every_state_in_the_drawing_is_told_by_sign_and_words() -> None:
    layout, root = drawn(*EVERY_CASE)

    said = {meaning for _, meaning in legend(layout)}

    assert {"date passed, not yet checked", "overdue", "cancelled", "happened in part", "did not happen"} <= said
    signs = [element for element in root.iter(f"{SVG}g") if element.get("class") == "glyph"]
    assert len(signs) == len(EVERY_CASE)


def test_the_drawing_is_hidden_from_screen_readers_and_takes_no_focus() -> None:
    _, root = drawn(*EVERY_CASE)

    assert root.get("aria-hidden") == "true"
    assert {link.get("tabindex") for link in root.iter(f"{SVG}a")} == {"-1"}
    assert not [element for element in root.iter() if element.get("style") or element.tag == f"{SVG}style"]


def test_a_hostile_title_is_text() -> None:
    _, root = drawn(announcement("visit", title="</title><script>alert(1)</script>"))

    assert not list(root.iter(f"{SVG}script"))
    assert "</title><script>" in "".join(root.itertext())


def test_a_title_that_does_not_fit_is_cut_with_an_ellipsis() -> None:
    short = shortened("A very long title of an announcement", 100)

    assert re.fullmatch(r"A very .*\S…", short)
    assert text_px(short) <= 100
