"""Over a large log, search and corrections are at any place what the naive fold finds, followed or rebuilt."""

from collections import Counter
from collections.abc import Iterator
from itertools import cycle

import pytest

from events.views.clocks import Clocks, Snapshot
from events.views.correcting import TYPES, Correction
from events.views.corrections import CorrectionFilter, corrections
from events.views.filters import Filter
from events.views.search import TOTAL_MAX, search
from events.views.searching import MATCHES_MAX, Hit, sought
from tests.property.conftest import Large, Place
from tests.property.naive import Answer
from tests.property.naive_search import NaiveCorrections, rank, texts, told, worded_since, words
from tests.torture import tries

PLACES = tries(20, 200)
SEED = 20
LIMITS = (1000, 7, 1000, 100)
"""By turns all at once and in pages."""
ORDERED_MAX = 80
"""So many announcements have their order looked up: that takes folding them at every commit."""
TITLES = 50
SEARCHES = (
    ("elysee", Filter()),
    ("lodz istanb", Filter()),
    ('"joint command" première', Filter()),
    ("NAVAL second vis", Filter(kind=("visit",))),
    ("tokyo große", Filter(topic=("space",), kind=("law",))),
    ("treaty", Filter(topic=("énergie",), from_="2022-01-01")),
    ("s", Filter(state=("merged", "retracted", "withdrawn"))),
    ('"second phase" lodz', Filter()),
    ("launch command", Filter(actor=("actor-35",), kind=("visit",))),
    ("zeppelin", Filter()),
)
CHOSEN = (
    CorrectionFilter(),
    CorrectionFilter(type=("fact.withdrawn", "source.withdrawn")),
    CorrectionFilter(source=("source-7",)),
    CorrectionFilter(type=("announcement.amended",), actor=("actor-30", "actor-35")),
    CorrectionFilter(announcement=("a-10", "a-11")),
)


@pytest.mark.torture
def test_search_finds_at_every_place_what_the_naive_fold_has_in_its_texts(large: Large) -> None:
    found: Counter[str] = Counter()
    for place, (q, wanted), limit in zip(large.places(SEED, PLACES), cycle(SEARCHES), cycle(LIMITS), strict=False):
        ranks = ranked(place, q, wanted)
        order = ordering(large, place, ranks) if len(ranks) <= ORDERED_MAX else None
        found.update({q: len(ranks), "titles": 0 in ranks.values(), "ordered": order is not None and len(order) > 1})
        for connection in large.views:
            hits = everything(place.of(connection), q, wanted, place.clocks, limit)
            about = f"{q!r} of {wanted} at {place.clocks} on {place.now}"
            assert sorted(hit.announcement.id for hit in hits) == sorted(ranks), about
            assert [ranks[hit.announcement.id] for hit in hits] == sorted(ranks.values()), about
            assert order is None or [hit.announcement.id for hit in hits] == order, about
            for hit in hits:
                assert_shown(place, q, hit)

    assert {q: times for q, times in found.items() if times == 0} == {"zeppelin": 0}


@pytest.mark.torture
def test_corrections_are_at_every_place_what_the_naive_fold_says_changed(large: Large) -> None:
    naive = NaiveCorrections(large.naive)
    listed: Counter[str] = Counter()
    for place, wanted, limit in zip(large.places(SEED, PLACES), cycle(CHOSEN), cycle(LIMITS), strict=False):
        expected = [one for one in naive.at(place.clocks.as_of, place.clocks.said_by) if fits(place, one, wanted)]
        listed.update(one["type"] for one in expected)
        for connection in large.views:
            found = list(pages(place.of(connection), wanted, place.clocks, limit, len(expected)))
            assert [plain(one) for one in found] == [comparable(one) for one in expected], f"{wanted} at {place.clocks}"
            for one in found[:TITLES]:
                assert one.subject.title == title(place, one), f"{one.subject} at {place.clocks}"

    assert min(listed[name] for name in TYPES) > 0


def ranked(place: Place, q: str, wanted: Filter) -> dict[str, int]:
    """By announcement, 0 where the title has all that is asked for, 1 where the texts have it between them."""
    ranks = {answer["id"]: rank(q, texts(answer)) for answer in place.shown.found(wanted)}
    return {id: found for id, found in ranks.items() if found is not None}


def ordering(large: Large, place: Place, ranks: dict[str, int]) -> list[str]:
    answers = {answer["id"]: answer for answer in place.shown.answers}
    since = {id: worded_since(large.naive, answers[id], place.clocks.as_of) for id in ranks}
    return sorted(ranks, key=lambda id: (ranks[id], -since[id], id))


def everything(snapshot: Snapshot, q: str, wanted: Filter, clocks: Clocks, limit: int) -> list[Hit]:
    """Return all that is found, page by page; one place in a thousand is enough for short pages."""
    hits: list[Hit] = []
    cursor = None
    while cursor is not None or not hits:
        page = search(snapshot, sought(q), wanted, clocks, limit=limit, cursor=cursor)
        hits += page.items
        cursor = page.next
        if cursor is None:
            assert (page.total, page.complete) == (min(len(hits), TOTAL_MAX), len(hits) <= TOTAL_MAX)
            break
    return hits


def assert_shown(place: Place, q: str, hit: Hit) -> None:
    """Hold what is shown of a match to the texts in which a word occurs."""
    answer = next(one for one in place.shown.answers if one["id"] == hit.announcement.id)
    occurs = {found for found in texts(answer) for term in q.split('"' if '"' in q else None) if occurring(found, term)}
    matched = {(match.field, match.text) for match in hit.matches}
    assert matched <= occurs if len(hit.matches) == MATCHES_MAX else matched == occurs
    for match in hit.matches:
        assert all(words(match.text[first:last]) for first, last in match.marks)


def occurring(found: tuple[str, str], term: str) -> bool:
    return bool(words(term)) and rank(f'"{term}"' if " " in term.strip() else term, (found,)) is not None


def pages(snapshot: Snapshot, wanted: CorrectionFilter, clocks: Clocks, limit: int, count: int) -> Iterator[Correction]:
    cursor = None
    while True:
        page = corrections(snapshot, wanted, clocks, limit=limit, cursor=cursor)
        assert page.total == count
        yield from page.items
        cursor = page.next
        if cursor is None:
            return


def fits(place: Place, one: Answer, wanted: CorrectionFilter) -> bool:
    actors = {tag for tag in one["tags"] if tag.startswith("actor:")}
    stands_for = {id for tag in actors for id in place.shown.lists.points_on(tag.removeprefix("actor:"))}
    return (
        (not wanted.type or one["type"] in wanted.type)
        and (not wanted.actor or bool({place.shown.lists.end(actor) for actor in wanted.actor} & stands_for))
        and (not wanted.source or any(f"source:{id}" in one["tags"] for id in wanted.source))
        and (not wanted.announcement or any(f"announcement:{id}" in one["tags"] for id in wanted.announcement))
    )


def plain(one: Correction) -> Answer:
    return {
        "position": one.position,
        "type": one.type,
        "kind": one.subject.kind,
        "id": one.subject.id,
        "changes": {change.field: (told(change.before), told(change.after)) for change in one.changes},
        "withdrawn_by": one.withdrawn_by,
    }


def comparable(one: Answer) -> Answer:
    return {name: value for name, value in one.items() if name != "tags"}


def title(place: Place, one: Correction) -> str | None:
    if one.subject.kind == "actor":
        return place.shown.lists.name(one.subject.id)
    if one.subject.kind == "announcement":
        return next((answer["title"] for answer in place.shown.answers if answer["id"] == one.subject.id), None)
    return one.subject.title
