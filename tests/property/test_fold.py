"""Whatever was recorded, the fold reads at every place of the two clocks as the naive one does."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from events import facts as f
from events.facts import Recorded
from events.history import History
from events.instants import FOREVER, Instant, from_microseconds, to_microseconds
from events.record import Announcement
from tests.property.naive import Recording
from tests.strategies.histories import ANNOUNCEMENTS, FACTS_MIN, histories, history_of

HISTORIES = 500

Read = Callable[[int, Instant, str], Announcement | dict[str, Any] | None]


def instants(recorded: Sequence[Recorded]) -> list[Instant]:
    """Return every instant of saying at which something can change, one before the first of them, and the open end."""
    said = {c.said_at for record in recorded for c in getattr(record.fact, "citations", ())}
    said |= {r.fact.said_at for r in recorded if isinstance(r.fact, f.SourceWithdrawn) and r.fact.said_at is not None}
    before = [from_microseconds(to_microseconds(min(said)) - 1)] if said else []
    return [*before, *sorted(said), FOREVER]


def assert_reads_equal(read: Read, recorded: Sequence[Recorded], *, commits_only: bool = False) -> None:
    """Hold `read(position, instant, id)` to the naive fold at every pair of breakpoints, for both announcements.

    `commits_only` asks at the ends of commits alone, where read models know an answer.
    """
    positions = sorted({0} | {r.commit_end if commits_only else r.position for r in recorded})
    for as_of in positions:
        for announcement in ANNOUNCEMENTS:
            recording = Recording(recorded, as_of, announcement)
            for said_by in instants(recorded):
                expected = recording.at(said_by)
                answer = plain(read(as_of, said_by, announcement))
                assert answer == expected, f"{announcement} as of {as_of}, said by {said_by}"


def plain(answer: Announcement | dict[str, Any] | None) -> dict[str, Any] | None:
    """Return an answer as the naive fold gives it: plain values, `when` without its words and its precision."""
    if answer is None:
        return None
    values: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(answer))
    when = {name: value for name, value in values["when"].items() if name not in ("text", "precision")}
    return values | {"when": when}


def bearing_on(announcement: str, recorded: Sequence[Recorded]) -> list[Recorded]:
    """Return what a reader finds by tags: the announcement's facts, those it is merged with, and its sources' ends."""
    merges = [record.fact for record in recorded if isinstance(record.fact, f.Merged)]
    connected = {announcement}
    for _ in merges:
        connected |= {end for m in merges if {m.announcement, m.into} & connected for end in (m.announcement, m.into)}
    found = {r.position for r in recorded for name in connected if f"announcement:{name}" in r.tags}
    own = [r.fact for r in recorded if f"announcement:{announcement}" in r.tags]
    cited = {citation.source for fact in own for citation in getattr(fact, "citations", ())}
    found |= {r.position for r in recorded if isinstance(r.fact, f.SourceWithdrawn) and r.fact.source in cited}
    for record in recorded:
        if isinstance(record.fact, f.FactWithdrawn) and record.fact.position in found:
            found.add(record.position)
    return [record for record in recorded if record.position in found]


def folded(recorded: Sequence[Recorded], *, fold: type[History] = History, select: bool = False) -> Read:
    """Return how the fold reads: from everything recorded, or from what bears on each announcement."""
    known = {name: bearing_on(name, recorded) if select else recorded for name in ANNOUNCEMENTS}
    whole = {name: fold(name, records) for name, records in known.items()}
    return lambda as_of, said_by, announcement: whole[announcement].at(as_of, said_by)


repeatable = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@settings(repeatable, max_examples=HISTORIES)
@given(histories())
def test_the_fold_reads_at_every_place_of_the_two_clocks_as_the_naive_fold(recorded: list[Recorded]) -> None:
    assert len(recorded) >= FACTS_MIN

    assert_reads_equal(folded(recorded), recorded)


@settings(repeatable, max_examples=HISTORIES // 4)
@given(histories(facts_min=16, facts_max=24))
def test_what_bears_on_an_announcement_is_found_by_tags(recorded: list[Recorded]) -> None:
    assert_reads_equal(folded(recorded, select=True), recorded)


def test_the_histories_hold_every_type_of_fact_of_announcements_and_sources() -> None:
    held = {record.type for seed in range(50) for record in history_of(seed)}

    assert {name for name in f.TYPES if name.startswith(("announcement.", "source.", "fact."))} <= held


@pytest.mark.parametrize("seed", range(30))
def test_a_fact_whose_data_was_erased_is_passed_over(seed: int) -> None:
    recorded = history_of(seed)
    erased = seed % len(recorded)
    recorded[erased] = msgspec.structs.replace(recorded[erased], fact=None)

    assert_reads_equal(folded(recorded), recorded)
