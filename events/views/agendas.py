"""What is to come and what has passed unchecked: lists of announcements that depend on the day."""

from typing import Final

import msgspec

from events.due import day_in
from events.record import Announcement
from events.views.announcements import Selection, shown
from events.views.clocks import Clocks, Condition, Place, Snapshot
from events.views.cursor import cursor_of, key_of, mark_of
from events.views.filters import Filter, all_of
from events.views.listing import Listing

_BY_AGENDA: Final = ("v.begins", "v.ends", "v.announcement")
_BY_DUE: Final = ("v.due_at", "v.announcement")
_TO_COME: Final = Condition("v.state NOT IN ('cancelled', 'postponed')")
# No zone is more than a day away from UTC: the first two find what is near, by the index alone.
_WINDOW: Final = (
    "v.ends >= ? AND v.begins <= ? AND v.ends >= day_in(v.timezone, ?) AND v.begins < day_in(v.timezone, ?) + ?"
)


def agenda(
    snapshot: Snapshot, wanted: Filter, clocks: Clocks, *, days: int, limit: int, cursor: str | None = None
) -> Listing[Announcement]:
    """Return what is to come within so many days, the reference day included, by date. Raises `BadCursor`.

    The reference day is that of the reference instant in the announcement's zone. What is on a day or between two is
    to come while any of its days is; what is to be done by a day or until it, on that day; what holds from a day on,
    on that day. Without `state`, what is cancelled or off its date is left out, too.
    """
    place = snapshot.place(clocks)
    today = day_in("UTC", place.reference)
    within = Condition(_WINDOW, (today - 1, today + days, place.reference, place.reference, days))
    also = within if wanted.state else all_of([within, _TO_COME])
    selection = Selection(snapshot, place, wanted, None)
    mark = mark_of(f"agenda:{days}", clocks, wanted)
    after = None if cursor is None else key_of(mark, cursor, tuple[int, int, str])
    return _listed(snapshot, place, selection, also, mark, after, order=_BY_AGENDA, limit=limit)


def due(
    snapshot: Snapshot, wanted: Filter, clocks: Clocks, *, limit: int, cursor: str | None = None
) -> Listing[Announcement]:
    """Return what is due or overdue, the longest past first; `state` narrows it down. Raises `BadCursor`."""
    place = snapshot.place(clocks)
    passed = Condition("v.due_at <= ?", (place.reference,))
    state = wanted.state if set(wanted.state) != {"due", "overdue"} else ()  # Both is what it is without asking.
    selection = Selection(snapshot, place, msgspec.structs.replace(wanted, state=state), None)
    mark = mark_of("due", clocks, wanted)
    after = None if cursor is None else key_of(mark, cursor, tuple[str, str])
    return _listed(snapshot, place, selection, passed, mark, after, order=_BY_DUE, limit=limit)


def _listed(
    snapshot: Snapshot,
    place: Place,
    selection: Selection,
    also: Condition,
    mark: str,
    after: tuple[object, ...] | None,
    *,
    order: tuple[str, ...],
    limit: int,
) -> Listing[Announcement]:
    rows = selection.page(after, limit + 1, order=order, also=also)
    return Listing(
        items=tuple(shown(snapshot, rows[:limit], place)),
        next=cursor_of(mark, rows[limit - 1][3]) if len(rows) > limit else None,
        total=selection.total(also),
        position=snapshot.position,
    )
