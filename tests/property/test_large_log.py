"""The large log holds all that a test of it wants to find, and is the same every time."""

from collections import Counter

from events import facts as f
from events.views.announcements import announcement, announcements
from events.views.filters import Filter
from tests.property.conftest import SEED, Large
from tests.property.test_fold import plain
from tests.strategies.logs import ANNOUNCEMENTS, log_of
from tests.strategies.timelines import STATES

NOT_DRAWN = {"timeline.changed", "timeline.item_released", "timeline.archived"}


def test_a_log_is_the_same_for_the_same_seed() -> None:
    assert log_of(7, announcements=50) == log_of(7, announcements=50)
    assert log_of(7, announcements=50) != log_of(8, announcements=50)


def test_the_log_holds_every_kind_of_fact_and_withdrawals_of_each(large: Large) -> None:
    kinds = {name for name in f.TYPES if not name.startswith("log.")} - NOT_DRAWN
    withdrawn = Counter(
        large.recorded[record.fact.position - 1].type
        for record in large.recorded
        if isinstance(record.fact, f.FactWithdrawn)
    )

    assert {record.type for record in large.recorded} == kinds
    assert set(withdrawn) == kinds
    assert len(large.naive.announcements) == ANNOUNCEMENTS


def test_the_log_gives_every_state_and_actors_that_were_merged_twice(large: Large) -> None:
    shown = large.naive.at(None, None, "2026-01-01T00:00:00.000000Z")

    assert {answer["state"] for answer in shown.answers} == set(STATES)
    assert max(len(shown.lists.points_on(one["id"])) for answer in shown.answers for one in answer["actors"]) > 2
    assert max(sum(date["how"] == "moved" for date in answer["dates"]) for answer in shown.answers) > 3


def test_the_views_show_of_a_large_log_what_the_naive_fold_finds(large: Large) -> None:
    """Sampled: that every announcement is right everywhere is held by smaller histories."""
    for number, place in enumerate(large.places(SEED, 8)):
        snapshot = place.of(large.views[number % 2])
        expected = place.shown.answers[number::100]
        for answer in expected:
            found = announcement(snapshot, answer["id"], place.clocks)
            assert found is not None
            assert plain(found) == answer, place.clocks

        page = announcements(snapshot, Filter(), place.clocks, limit=1000)

        assert page.total == len(place.shown.found(Filter()))
        assert [one.id for one in page.items] == [answer["id"] for answer in place.shown.found(Filter())[:1000]]
