"""A large log, its views followed and rebuilt, and the naive fold over it: made once, since it takes seconds."""

from collections.abc import Container, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from random import Random

import msgspec
import pytest
from msgspec import Struct

from events.facts import Recorded
from events.instants import Instant
from events.views import generations
from events.views.clocks import Clocks, Snapshot
from events.views.dump import dump
from events.views.projection import Projection
from events.views.schema import Connection, migrate
from tests.property.naive_lists import Shown
from tests.property.naive_log import NaiveLog
from tests.property.test_views import in_log
from tests.strategies.logs import ENDS, log_of

SEED = 2024
TODAYS = (
    *("2019-06-30T12:00:00.000000Z", "2022-03-01T04:30:00.000000Z", "2024-12-31T23:59:59.999999Z"),
    *("2025-12-31T14:00:00.000000Z", "2026-01-01T00:00:00.000000Z", "2999-01-01T00:00:00.000000Z"),
)
"""Not all of them later than what is recorded: clocks go wrong, and dates are for any time."""


class Place(Struct, frozen=True, kw_only=True):
    """Where to ask, what time it is there, what is due is judged by, and what the naive fold finds there."""

    clocks: Clocks
    now: Instant
    reference: Instant
    shown: Shown

    def of(self, connection: Connection) -> Snapshot:
        """Return views as they are read at that time."""
        return Snapshot(connection, lambda: self.now)


class Large(Struct, frozen=True, kw_only=True):
    """The log, and what is held against what: `views` are those that followed it and those that were rebuilt."""

    recorded: list[Recorded]
    naive: NaiveLog
    views: tuple[Connection, Connection]

    def places(self, seed: int, count: int = 20) -> Iterator[Place]:
        """Yield so many places with what there was to show, each drawn on both clocks.

        After every fourth comes one where a clock is open or, more often, both: for these there are shorter ways.
        """
        chance = Random(seed)
        recorded_at = {record.commit_end: record.recorded_at for record in self.recorded}
        ends = sorted(recorded_at)
        said = sorted({record.said_at for record in self.recorded if record.said_at is not None})
        open_ends = cycle([("as_of", "said_by"), ("as_of",), ("as_of", "said_by"), ("said_by",)])
        for number in range(1, 1 + count + count // 4):
            left_open = () if number % 5 else next(open_ends)
            as_of = None if "as_of" in left_open else chance.choice(ends)
            said_by = None if "said_by" in left_open else chance.choice(said)
            now = chance.choice(TODAYS)
            reference = min(now, said_by or now, now if as_of is None else recorded_at[as_of])
            shown = self.naive.at(as_of, said_by, reference)
            yield Place(clocks=Clocks(as_of=as_of, said_by=said_by), now=now, reference=reference, shown=shown)


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Large]:
    """A log of 2,000 announcements; its views followed a few commits at a time or many, or were made all at once."""
    recorded = log_of(SEED)
    assert recorded[-1].recorded_at < ENDS.isoformat()
    with large_of(recorded, tmp_path_factory.mktemp("large")) as large:
        yield large


@contextmanager
def large_of(recorded: list[Recorded], directory: Path, erased: Container[int] = ()) -> Iterator[Large]:
    """Make views of a log, of which some positions were erased, in both ways; they are equal."""
    written = list(in_log(recorded, erased))
    chance = Random(SEED)
    followed = _opened(directory / "followed.db")
    migrate(followed)
    following = Projection(followed, "log")
    after = 0
    while after < len(written):
        upto = after + chance.choice((1, 5, 100, 500))
        following.apply([event for commit in written[after:upto] for event in commit])
        after = upto
    rebuilt = _opened(directory / "rebuilt.db")
    rebuilding = Projection(rebuilt, "log")
    rebuilding.load([event for commit in written for event in commit])
    rebuilding.replay_all(lambda done, total: None)
    assert dump(followed) == dump(rebuilt)
    left = [msgspec.structs.replace(one, fact=None) if one.position in erased else one for one in recorded]

    yield Large(recorded=left, naive=NaiveLog(left), views=(followed, rebuilt))

    followed.close()
    rebuilt.close()


def _opened(path: Path) -> Connection:
    return generations.open_build(path)
