"""Histories for lists: four announcements over five sources, actors with several names, and two timelines.

Two histories of `tests.strategies.histories` are told in turns, the second under other names, and between them promises
and what is recorded of actors and timelines, some of it taken back. Actors are merged in one direction only.
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Final

import msgspec
from msgspec import Struct

from events import facts as f
from events.facts import Recorded
from events.instants import Instant
from events.terms import ActorRef, TimelineFields, TimelineQuery, When
from events.views.filters import Filter
from tests.strategies.histories import Choose, Drawing, drawn, in_commits

LISTED: Final = ("a", "b", "c", "d")
SLUGS: Final = ("spring", "summer")
STATES: Final = (
    *("merged", "retracted", "withdrawn", "happened", "partly", "did_not_happen", "cannot_be_judged"),
    *("cancelled", "postponed", "overdue", "due", "announced"),
)
NOWS: Final[tuple[Instant, ...]] = (
    "2000-01-01T00:00:00.000000Z",  # Nothing is due.
    "2024-04-11T00:00:00.000000Z",  # 10 April is over in UTC, and in New York four hours later.
    "2024-04-11T03:59:59.999999Z",
    "2024-04-11T04:00:00.000000Z",
    "2024-04-24T23:59:59.999999Z",  # The last of the days of grace.
    "2024-04-25T00:00:00.000000Z",
    "2026-02-01T04:59:59.999999Z",  # "About December 2025" and one month more, in New York.
    "2026-02-01T05:00:00.000000Z",
    "2999-01-01T00:00:00.000000Z",  # Everything with an end is due, and overdue what was committed to.
)
FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "q": ("VISIT", "élysée summit", "tokyo", "ren vis", "defence washington", "It"),
    "actor": ("usa", "office", "state", "nobody"),
    "topic": ("defence", "trade", "trad"),
    "place": ("Washington", "Tōkyō", "Tokyo"),
    "kind": ("visit", "summit", "other"),
    "state": STATES,
    "source": ("x", "y", "z", "v", "w"),
    "id": (*LISTED, "nowhere"),
    "from_": ("2024-04-11", "2024-04-10", "2024-04-12", "2024-07-01", "2025-06-01"),
    "to": ("2024-04-09", "2024-04-10", "2024-04-11", "2024-04-30", "2025-12-31"),
}
"""What can be asked for, by field of a query."""
ONE_VALUED: Final = ("q", "from_", "to")

# What is told in the second history, by what it was in the first: exact values, wherever they stand.
_RENAMED: Final = {
    "a": "c",
    "b": "d",
    "c": "a",
    "y": "v",
    "z": "w",
    "usa": "office",
    "visit": "summit",
    "The visit": "L’Élysée: summit",
    "defence": "trade",
    "Washington": "Tōkyō",
}
_TARGETS: Final = ("corrects", "supports", "position", "date")
_SLUGS: Final = ("spring", "spring", "summer")
_PROMISED: Final = (
    ("2024-04-10", "deadline"),
    ("2024-04-01/2024-04-12", "deadline"),
    ("2024-04-09/2025", "deadline"),
    ("2025-12~", "deadline"),
    ("2024-04-10/2024-06", "between"),
    ("2024-04-10/2024-05", "between"),
)
_MERGES: Final = (("usa", "office"), ("office", "state"), ("usa", "state"))
_ACTORS: Final = ("usa", "office", "state")


class Lists(Struct, frozen=True, kw_only=True):
    """A history, what is asked of it, and what time it is."""

    recorded: list[Recorded]
    filters: list[Filter]
    now: Instant


def lists_of(seed: int, *, filters: int = 0) -> Lists:
    """Return a history for lists, and so many filters to ask it by: the same for the same seed.

    By chance alone: what Hypothesis draws of this length repeats itself, and finds less.
    """
    choose = Random(seed).choice
    recorded = in_commits(_woven(choose))
    return Lists(recorded=recorded, filters=[_filter(choose, len(recorded)) for _ in range(filters)], now=choose(NOWS))


def _filter(choose: Choose, head: int) -> Filter:
    asked = _asked(choose)
    if choose((False, False, False, True)):
        asked["changed_after"] = choose(range(head + 2))
    return Filter(**asked)


def _asked(choose: Choose) -> dict[str, Any]:
    asked: dict[str, Any] = {}
    for _ in range(choose((1, 1, 2, 3))):
        field = choose(tuple(FIELDS))
        values = [choose(FIELDS[field]) for _ in range(choose((1, 1, 2)))]
        asked[field] = values[0] if field in ONE_VALUED else tuple(dict.fromkeys((*asked.get(field, ()), *values)))
    return asked


def _query(h: Drawing) -> TimelineQuery:
    return TimelineQuery(**_asked(h.one))


def _woven(choose: Choose) -> Drawing:
    """Return two drawn histories and what is recorded besides, in turns; each keeps its order."""
    told = [drawn(choose, 6, 9).facts, [_renamed(fact) for fact in drawn(choose, 6, 9).facts]]
    left = [*map(len, told), choose(range(9, 14))]
    order: list[int] = []
    while any(left):
        turn = choose([turn for turn in (2, 0, 1) if left[turn]])
        left[turn] -= 1
        order.append(turn)
    h = Drawing(choose)
    places = [[at for at, turn in enumerate(order, 1) if turn == mine] for mine in (0, 1)]
    waiting = [iter(facts) for facts in told]
    merges = choose(((), (_actor, _actor, _merged_actor, _merged_actor, _promised)))
    begun = [_created, *merges]
    for turn in order:
        if turn == 2:
            h.facts.append((begun.pop(0) if begun else h.one(_WEIGHTED))(h))
        else:
            h.facts.append(_moved(next(waiting[turn]), places[turn], len(order)))
    return h


def _renamed(fact: f.AnyFact) -> f.AnyFact:
    return msgspec.convert(_with_names(f.plain(fact)), type(fact))


def _with_names(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_names(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_with_names(one) for one in value]
    return _RENAMED.get(value, value) if isinstance(value, str) else value


def _moved(fact: f.AnyFact, places: Sequence[int], head: int) -> f.AnyFact:
    """Return the fact with what it names by position where that stands now; what lay beyond the end still does."""
    given = {name: value for name in _TARGETS if isinstance(value := getattr(fact, name, None), int)}
    moved = {name: places[at - 1] if 1 <= at <= len(places) else at - len(places) + head for name, at in given.items()}
    return msgspec.structs.replace(fact, **moved)


def _created(h: Drawing) -> f.TimelineCreated:
    return f.TimelineCreated(
        timeline=h.one(_SLUGS), title="Spring", query=_query(h), description=h.one((None, "What was said."))
    )


def _changed(h: Drawing) -> f.TimelineChanged:
    fields = h.one((TimelineFields(title="Another"), TimelineFields(description="As it was."), None))
    return f.TimelineChanged(timeline=h.one(_SLUGS), set=fields or TimelineFields(query=_query(h)))


def _pinned(h: Drawing) -> f.ItemPinned:
    return f.ItemPinned(timeline=h.one(_SLUGS), announcement=h.one(LISTED))


def _hidden(h: Drawing) -> f.ItemHidden:
    return f.ItemHidden(timeline=h.one(_SLUGS), announcement=h.one(LISTED))


def _released(h: Drawing) -> f.ItemReleased:
    return f.ItemReleased(timeline=h.one(_SLUGS), announcement=h.one(LISTED))


def _archived(h: Drawing) -> f.TimelineArchived:
    return f.TimelineArchived(timeline=h.one(_SLUGS))


def _actor(h: Drawing) -> f.ActorRecorded:
    names = h.one(({"en": "The first"}, {"ja": "二", "fr": "Le deuxième"}, {"fr": "Le troisième", "en": "The third"}))
    known = {fact.actor for fact in h.facts if isinstance(fact, f.ActorRecorded)}
    new = [actor for actor in _ACTORS if actor not in known] or _ACTORS
    return f.ActorRecorded(actor=h.one(new), names=names, kind="office")


def _renamed_actor(h: Drawing) -> f.ActorRenamed:
    return f.ActorRenamed(actor=h.one(_ACTORS), names=h.one(({"en": "The next"}, {"de": "Der nächste"})))


def _merged_actor(h: Drawing) -> f.ActorMerged:
    """Mostly one that is recorded and not merged yet, so that one merge leads on to the next."""
    merged = {fact.actor for fact in h.facts if isinstance(fact, f.ActorMerged)}
    known = {fact.actor for fact in h.facts if isinstance(fact, f.ActorRecorded)} - merged
    ways = [way for way in _MERGES if way[0] in known] or _MERGES
    actor, into = h.one(ways)
    return f.ActorMerged(actor=actor, into=into)


def _promised(h: Drawing) -> f.Made:
    """What can be overdue, and what begins or ends on one day: little of what is told else does."""
    edtf, kind = h.one(_PROMISED)
    return f.Made(
        announcement=h.one(("b", "d", "b", "d", "a", "c")),
        citations=h.citations(),
        title="A promise",
        when=When(edtf=edtf, kind=kind),
        modality="committed",
        timezone=h.one(("UTC", "America/New_York")),
        actors=(ActorRef(id=h.one(("usa", *_ACTORS))),),
        topics=h.one((("defence",), ("trade", "defence"), ())),
    )


def _withdrawn(h: Drawing) -> f.FactWithdrawn:
    kinds = (f.TimelineCreated, f.TimelineChanged, f.ItemPinned, f.ItemHidden, f.TimelineArchived, f.FactWithdrawn)
    named = h.one((kinds, (f.ActorRecorded, f.ActorRenamed, f.ActorMerged, f.FactWithdrawn)))
    return f.FactWithdrawn(position=h.target(h.positions(named)), reason="Not so.")


_KINDS: Final[tuple[tuple[int, Callable[[Drawing], f.AnyFact]], ...]] = (
    (6, _actor),
    (2, _renamed_actor),
    (7, _merged_actor),
    (4, _created),
    (4, _changed),
    (4, _pinned),
    (4, _hidden),
    (4, _released),
    (1, _archived),
    (4, _withdrawn),
    (7, _promised),
)
_WEIGHTED: Final = tuple(kind for weight, kind in _KINDS for _ in range(weight))
