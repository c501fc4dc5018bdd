"""Whatever was recorded, lists and timelines show at every place of the two clocks what the naive fold finds."""

from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, cycle
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest

from events import facts as f
from events.facts import Recorded
from events.instants import FOREVER, Instant
from events.record import Announcement, Timeline
from events.terms import TimelineQuery
from events.views import generations
from events.views.announcements import announcement, announcements, count_citing
from events.views.clocks import Clocks, Snapshot
from events.views.dump import dump
from events.views.filters import Filter
from events.views.listing import Listing
from events.views.projection import Projection
from events.views.schema import Connection, migrate
from events.views.timelines import definition, timeline, timelines
from tests.given import FEBRUARY, JANUARY, cited
from tests.property.naive import Answer
from tests.property.naive_lists import NaiveLists, Shown
from tests.property.test_fold import instants, plain
from tests.property.test_views import in_log
from tests.strategies.histories import Drawing, in_commits
from tests.strategies.timelines import FIELDS, LISTED, ONE_VALUED, SLUGS, STATES, Lists, lists_of

HISTORIES = 150
FILTERS = 12
LIMITS = (1000, 1, 1000, 2, 1000, 1, 2)
"""By turns all at once and in short pages."""
SHOWN = ("title", "description", "query")
"""What a timeline shows of its definition."""

Page = Callable[[int, str | None], Listing[Announcement] | Timeline]
"""A list, asked by limit and cursor."""


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_lists_and_timelines_show_at_every_place_what_the_naive_fold_finds(seed: int) -> None:
    drawn = lists_of(seed, filters=FILTERS)
    asked = cycle([*drawn.filters, *(Filter(state=(state,)) for state in STATES)])
    narrowing = cycle(chain.from_iterable((None, one) for one in drawn.filters))
    turns = zip(asked, narrowing, cycle(FIELDS["source"]), cycle(LIMITS), strict=False)
    with views_of(drawn.recorded) as connection:
        snapshot = Snapshot(connection, lambda: drawn.now)
        for (clocks, shown), (wanted, narrowed, source, limit) in zip(places(drawn), turns, strict=False):
            for one in (Filter(), wanted):
                assert_lists(snapshot, clocks, one, limit, shown.found(one))
            assert_timelines(snapshot, clocks, limit, shown, narrowed)
            citing = len(shown.found(TimelineQuery(source=(source,))))
            assert count_citing(snapshot, snapshot.place(clocks), [source]) == {source: citing}, clocks


def test_the_histories_give_every_state_and_something_for_every_field_to_find_and_to_leave() -> None:
    places_with: Counter[str] = Counter()
    for seed in range(40):
        for _, shown in places(lists_of(seed)):
            places_with.update({f"state {answer['state']}" for answer in shown.answers})
            everything = len(shown.found(Filter()))
            for field, values in FIELDS.items():
                numbers = [len(shown.found(asking(field, value))) for value in values]
                places_with.update({f"{field} finds": any(numbers), f"{field} leaves": min(numbers) < everything})
            steps = {len(shown.lists.points_on(actor["id"])) for one in shown.answers for actor in one["actors"]}
            places_with["actor merged twice"] += max(steps, default=0) > 2
            for known in filter(None, map(shown.lists.timeline, SLUGS)):
                shows = {"pinned": known["pinned"], "hidden": known["hidden"], "items": shown.on(known)}
                places_with.update({f"timeline {name}": bool(value) for name, value in shows.items()})
                places_with["timeline archived"] += known["archived"]

    assert len(places_with) == len(STATES) + 2 * len(FIELDS) + 5
    assert {name: times for name, times in places_with.items() if times < 10} == {}


def test_what_another_source_says_again_after_its_own_was_taken_back_stands_again() -> None:
    history = Drawing(lambda values: values[0])
    history.facts += [
        f.Made(announcement="a", title="The visit", citations=cited(source="x", said_at=JANUARY)),
        f.SourceWithdrawn(source="x", reason="An error.", said_at=JANUARY),
        f.Corroborated(announcement="a", supports=1, citations=cited(source="y", said_at=FEBRUARY)),
    ]
    recorded = in_commits(history)

    with views_of(recorded) as connection:
        found = announcement(Snapshot(connection, lambda: FEBRUARY), "a", Clocks())

    assert found is not None
    assert found.state == "announced"


def asking(field: str, value: str) -> Filter:
    return msgspec.structs.replace(Filter(), **{field: value if field in ONE_VALUED else (value,)})


def places(drawn: Lists) -> Iterator[tuple[Clocks, Shown]]:
    """Yield every place, asked for in each of the four ways, and what there was to show.

    A commit is asked for by the last position that is rounded down to its end.
    """
    recorded_at = {record.commit_end: record.recorded_at for record in drawn.recorded}
    ends = [0, *sorted(recorded_at)]
    known = {end: NaiveLists(drawn.recorded, end, LISTED) for end in ends}
    asked = {end: following - 1 for end, following in zip(ends, [*ends[1:], ends[-1] + 1], strict=True)}
    said: list[Instant | None] = [None, *(instant for instant in instants(drawn.recorded) if instant != FOREVER)]
    for end in (*ends, None):
        for said_by in said:
            clocks = Clocks(as_of=None if end is None else asked[end], said_by=said_by)
            today = min(drawn.now, said_by or drawn.now, recorded_at.get(end, drawn.now) if end else drawn.now)
            yield clocks, known[ends[-1] if end is None else end].at(said_by, today)


def assert_lists(snapshot: Snapshot, clocks: Clocks, wanted: Filter, limit: int, expected: Sequence[Answer]) -> None:
    def page(limit: int, cursor: str | None) -> Listing[Announcement]:
        return announcements(snapshot, wanted, clocks, limit=limit, cursor=cursor)

    assert_pages(page, limit, expected, f"{wanted} at {clocks} on {snapshot.now}")


def assert_timelines(snapshot: Snapshot, clocks: Clocks, limit: int, shown: Shown, wanted: Filter | None) -> None:
    defined = {slug: known for slug in SLUGS if (known := shown.lists.timeline(slug)) is not None}
    slugs = [one.slug for one in timelines(snapshot, clocks, limit=len(SLUGS)).items]
    assert slugs == [slug for slug, known in defined.items() if not known["archived"]], clocks
    for slug in SLUGS:
        found = definition(snapshot, slug, clocks)
        if slug not in defined:
            assert found is None
            assert timeline(snapshot, slug, clocks, limit=1) is None
            continue
        assert found is not None, f"{slug} at {clocks}"
        for name, value in defined[slug].items():
            has = getattr(found, name)
            assert (set(has) if isinstance(value, set) else has) == value, f"{name} of {slug} at {clocks}"

        def page(limit: int, cursor: str | None, slug: str = slug) -> Timeline:
            one = timeline(snapshot, slug, clocks, limit=limit, cursor=cursor, wanted=wanted)
            assert one is not None
            assert {name: getattr(one, name) for name in SHOWN} == {name: defined[slug][name] for name in SHOWN}
            assert (one.as_of, one.said_by) == (clocks.as_of, clocks.said_by)
            return one

        expected = shown.on(defined[slug], wanted)
        assert_pages(page, limit, expected, f"{slug}, {found.query}, {wanted} at {clocks} on {snapshot.now}")


def assert_pages(page: Page, limit: int, expected: Sequence[Answer], about: str) -> None:
    """Hold a list to what is expected, page by page, to its end."""
    items: list[Announcement] = []
    cursor = None
    for _ in range(max(1, -(-len(expected) // limit))):
        found = page(limit, cursor)
        assert found.total == len(expected), about
        items += found.items
        cursor = found.next
    assert cursor is None, about
    assert [one.id for one in items] == [answer["id"] for answer in expected], about
    assert [plain(one) for one in items] == list(expected), about


@contextmanager
def views_of(recorded: list[Recorded], erased: Container[int] = ()) -> Iterator[Connection]:
    """Open views that followed a history commit by commit, which are no others than views made all at once."""
    written = list(in_log(recorded, erased))
    with TemporaryDirectory() as directory:
        followed = generations.open_build(Path(directory) / "followed.db")
        migrate(followed)
        following = Projection(followed, "log")
        for commit in written:
            following.apply(commit)
        rebuilt = generations.open_build(Path(directory) / "rebuilt.db")
        rebuilding = Projection(rebuilt, "log")
        rebuilding.load([event for commit in written for event in commit])
        rebuilding.replay_all(lambda done, total: None)
        assert dump(followed) == dump(rebuilt)
        rebuilt.close()

        yield followed

        followed.close()
