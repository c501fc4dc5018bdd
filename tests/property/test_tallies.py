"""Over a large log, at places drawn by chance: agenda, due, slippage and scoreboard are what the naive fold gives."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import cycle
from random import Random
from typing import Any

import msgspec
import pytest

from events.views.agendas import agenda, due
from events.views.clocks import Snapshot
from events.views.filters import Filter
from events.views.tallying import scoreboard, slippage
from tests.property import naive_tallies as naive
from tests.property.conftest import Large, Place
from tests.property.test_fold import plain
from tests.torture import tries

PLACES = tries(20, 200)
SEED = 20
EVERYTHING = Filter()
PAGES_MAX = 4
WHOLE = 40
"""So many announcements of a list are compared as a whole: what they are is tested elsewhere."""


@pytest.mark.torture
def test_what_is_to_come_is_what_the_naive_fold_finds_at_every_place(large: Large) -> None:
    found: Counter[int] = Counter()
    for snapshot, place, wanted, limit in asked(large):
        for days, one in ((7, EVERYTHING), (30, EVERYTHING), (90, EVERYTHING), (90, wanted)):
            expected = naive.agenda(place.shown, one, place.reference, days)
            found[days] += len(expected)
            assert_announcements(partial(agenda, snapshot, one, place.clocks, days=days), limit, expected)

    assert min(found.values()) > 20


@pytest.mark.torture
def test_what_is_due_is_what_the_naive_fold_finds_at_every_place(large: Large) -> None:
    found: Counter[str] = Counter()
    for snapshot, place, wanted, limit in asked(large):
        kept = tuple(state for state in wanted.state if state in ("due", "overdue"))
        for one in (EVERYTHING, Filter(state=("overdue",)), msgspec.structs.replace(wanted, state=kept)):
            expected = naive.due(place.shown, one)
            found.update(answer["state"] for answer in expected)
            assert_announcements(partial(due, snapshot, one, place.clocks), limit, expected)

    assert min(found["due"], found["overdue"]) > 20


@pytest.mark.torture
def test_slippage_is_what_the_naive_fold_gives_at_every_place(large: Large) -> None:
    for snapshot, place, wanted, limit in asked(large):
        for one in (EVERYTHING, wanted):
            expected = naive.slippage(place.shown, one)
            assert_rows(partial(slippage, snapshot, one, place.clocks), limit, expected)


@pytest.mark.torture
def test_the_scoreboard_is_what_the_naive_fold_gives_at_every_place(large: Large) -> None:
    chance = Random(SEED)
    for snapshot, place, wanted, limit in asked(large):
        several = Filter(actor=tuple(f"actor-{number}" for number in chance.sample(range(40), 4)))
        for one in (EVERYTHING, several, wanted):
            for by_year in (False, True):
                expected = naive.scoreboard(place.shown, one, by_year=by_year)
                assert_rows(partial(scoreboard, snapshot, one, place.clocks, by_year=by_year), limit, expected)


def test_the_large_log_has_announcements_of_two_actors_that_are_one(large: Large) -> None:
    """Otherwise nobody would notice if these were counted twice."""
    shown = large.naive.at(None, None, "2026-01-01T00:00:00.000000Z")
    twice = 0
    for answer in shown.answers:
        ends = [shown.lists.points_on(one["id"])[-1] for one in answer["actors"] if one["role"] == "by" and one["id"]]
        twice += len(ends) > len(set(ends))

    assert twice > 5


def asked(large: Large) -> Iterator[tuple[Snapshot, Place, Filter, int]]:
    """Yield places with what to ask there, all at once or in pages, of views that followed or were rebuilt."""
    turns = cycle([(views, limit) for views in large.views for limit in (1000, 7)])
    filters = naive.wanted_of(Random(SEED), large.naive.announcements)
    for place, wanted, (views, limit) in zip(large.places(SEED, PLACES), filters, turns, strict=False):
        yield place.of(views), place, wanted, limit


def assert_announcements(listed: "partial[Any]", limit: int, expected: Sequence[Any]) -> None:
    items = gathered(listed, limit, len(expected))
    assert [one.id for one in items] == [answer["id"] for answer in expected], listed
    assert [plain(one) for one in items[:WHOLE]] == list(expected[:WHOLE]), listed


def assert_rows(listed: "partial[Any]", limit: int, expected: Sequence[Any]) -> None:
    items = gathered(listed, limit, len(expected))
    assert [msgspec.to_builtins(one) for one in items] == list(expected), listed


def gathered(listed: "partial[Any]", limit: int, total: int) -> list[Any]:
    """Return all items of a list, page by page to its end."""
    limit = max(limit, total // PAGES_MAX)
    items: list[Any] = []
    cursor = None
    for _ in range(max(1, -(-total // limit))):
        found = listed(limit=limit, cursor=cursor)
        assert found.total == total, listed
        items += found.items
        cursor = found.next
    assert cursor is None, listed
    return items
