"""Over a large log, at places drawn by chance: what fits a width is what counting by hand finds."""

from collections import Counter
from random import Random

import pytest

from events.days import day_of, parse_day
from events.terms import TimelineQuery
from events.views.definition import TimelineDefinition
from events.views.filters import Filter
from events.views.zoom import View, Window, view_of
from tests.property.conftest import Large
from tests.property.naive_zoom import Answer, counted, overlapping
from tests.torture import tries

PLACES = tries(4, 120)
SEED = 21
QUERIES = (TimelineQuery(), TimelineQuery(topic=("trade",)))
SPANS = (6, 25, 100, 400, 1500, 6000)
"""Days of windows: for each unit from days to decades."""


@pytest.mark.torture
def test_what_fits_a_width_is_what_counting_by_hand_finds_at_every_place(large: Large) -> None:
    chance = Random(SEED)
    seen: Counter[str] = Counter()
    for number, place in enumerate(large.places(SEED, PLACES)):
        snapshot = place.of(large.views[number % 2])
        for query in QUERIES:
            answers = place.shown.found(Filter(topic=query.topic))
            for span in SPANS:
                first = day_of(2019, 1, 1) + chance.randrange(2500)
                window = Window(first=first, last=first + span, px=chance.choice((320, 640)))

                found = view_of(snapshot, timeline(query), place.clocks, window)

                assert_is_counted(found, answers)
                seen[found.unit or found.kind] += 1

    assert {"items", "week", "month", "quarter", "year"} <= set(seen)


def timeline(query: TimelineQuery) -> TimelineDefinition:
    return TimelineDefinition(
        slug="all", title="All", description=None, query=query, pinned=(), hidden=(), archived=False, position=1
    )


def assert_is_counted(found: View, answers: list[Answer]) -> None:
    assert found.from_ is not None
    assert found.to is not None
    first, last = parse_day(found.from_), parse_day(found.to)
    within = overlapping(answers, first, last)
    outside = found.outside
    assert found.total == len(answers)
    assert outside.undated == sum(answer["when"]["edtf"] is None for answer in answers)
    assert outside.before + outside.after == len(answers) - len(within) - outside.undated
    if found.kind == "items":
        assert [item.id for item in found.items] == [answer["id"] for answer in within]
    else:
        assert found.unit is not None
        counts = {(one.start, one.state): one.count for one in found.bins}
        assert counts == counted(answers, first, last, found.unit)
