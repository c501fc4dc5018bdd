"""Going on by one statement gives what resolving and folding everything anew gives."""

from collections import Counter
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from events import facts as f
from events.facts import Recorded, Statement
from events.history import announcement_of, course_at
from events.instants import FOREVER, Instant, from_microseconds
from events.standing import standing
from events.views.advance import Folded, advanced, unmade
from events.views.described import described
from events.views.versions import Line
from tests.strategies.histories import histories

HOUR_US = 3_600_000_000
ADVANCED_SHARE_MIN = 0.4
"""Of the statements about an announcement; what is drawn gives about 0.6."""
ADVANCED_KINDS = {f.Made, f.Rescheduled, f.Postponed, f.Cancelled, f.OutcomeReported, f.Corroborated}


@st.composite
def in_order(draw: Any) -> list[Recorded]:
    """Draw histories whose statements are mostly said in the order of recording, some at one instant."""
    hour = 0
    records = []
    for record in draw(histories()):
        fact = record.fact
        if isinstance(fact, Statement):
            hour += draw(st.sampled_from((0, 1, 1, 1, 1, 1, 1, 1, 24, -12)))
            said_at: Instant = from_microseconds(1_800_000_000_000_000 + hour * HOUR_US)
            citations = tuple(msgspec.structs.replace(citation, said_at=said_at) for citation in fact.citations)
            fact = msgspec.structs.replace(fact, citations=citations)
        alone = msgspec.structs.replace(record, fact=fact, commit_end=record.position)
        records.append(alone)
    return records


@settings(max_examples=150, derandomize=True, database=None, deadline=None)
@given(in_order())
def test_going_on_equals_resolving_and_folding_anew(recorded: list[Recorded]) -> None:
    for announcement in ("a", "b"):
        for count in range(1, len(recorded) + 1):
            before = resolved(announcement, recorded[: count - 1])
            after = advanced(before, recorded[count - 1])

            if after is not None:
                expected = resolved(announcement, recorded[:count])
                assert after.announcement == expected.announcement
                assert after.course == expected.course
                assert after.stands.stated == expected.stands.stated
                assert after.stands.exists_from == expected.stands.exists_from
                assert after.stands.gone == expected.stands.gone
                assert set(after.stands.instants) == set(expected.stands.instants)
                assert after.stands.instants[-1] == expected.stands.instants[-1]


def test_most_statements_are_gone_on_by() -> None:
    """Otherwise the test above would compare nothing."""
    told: Counter[type] = Counter()
    gone_on_by: Counter[type] = Counter()

    @settings(max_examples=150, derandomize=True, database=None, deadline=None)
    @given(in_order())
    def count(recorded: list[Recorded]) -> None:
        for announcement in ("a", "b"):
            for index, record in enumerate(recorded):
                if isinstance(record.fact, Statement) and record.fact.announcement == announcement:
                    told[type(record.fact)] += 1
                    after = advanced(resolved(announcement, recorded[:index]), record)
                    gone_on_by[type(record.fact)] += after is not None

    count()

    assert gone_on_by.total() >= ADVANCED_SHARE_MIN * told.total()
    assert {kind for kind in gone_on_by if gone_on_by[kind]} >= ADVANCED_KINDS


@settings(max_examples=150, derandomize=True, database=None, deadline=None)
@given(in_order())
def test_the_versions_of_every_commit_are_what_it_is_at_each_instant(recorded: list[Recorded]) -> None:
    for announcement in ("a", "b"):
        line = Line(announcement, recorded, ())
        for count, record in enumerate(recorded, 1):
            line.commit(record.position)

            stands = standing(announcement, recorded[:count])
            instants = [at for at in stands.instants if at >= stands.exists_from]
            assert all(version.said_from < version.said_to for version in line.open)
            assert [v.said_to for v in line.open[:-1]] == [v.said_from for v in line.open[1:]]
            assert not line.open or line.open[-1].said_to == FOREVER
            assert not line.open or line.open[0].said_from == stands.exists_from
            for at in instants:
                (version,) = [v for v in line.open if v.said_from <= at < v.said_to]
                expected = described(announcement_of(stands, course_at(stands, at), at))
                assert version.content.json == expected.json
                assert version.content.facets == expected.facets


def resolved(announcement: str, recorded: list[Recorded]) -> Folded:
    """Return what everything recorded amounts to by all that was said."""
    if not recorded:
        return unmade(announcement)
    stands = standing(announcement, recorded)
    course = course_at(stands, FOREVER)
    made = announcement_of(stands, course, FOREVER) if stands.exists_from < FOREVER else None
    return Folded(stands=stands, course=course, announcement=made)
