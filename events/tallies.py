"""What is counted of whose announcements: who moves dates by how much, and what came of what was announced. Pure.

An announcement counts for the actors with the role `by`, once for each of them; merged actors are one, under the id
they point on to. Actors that only have a name are nobody's row: two with one name need not be one.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import UNSET, Struct, UnsetType

from events.record import State

COUNTED: Final[tuple[State, ...]] = (
    *("happened", "partly", "did_not_happen", "cannot_be_judged", "cancelled", "postponed", "due", "overdue"),
    "announced",
)
"""The states that a scoreboard has a column for: all but those of what is not there any more."""


class TalliedActor(Struct, frozen=True, kw_only=True):
    """Whose announcements are counted. `name` is the actor's present name, null where nobody recorded it."""

    id: str
    name: str | None


class SlipDays(Struct, frozen=True, kw_only=True):
    """By how many days the last day moved, of what moved and has a last day before and after: `known` of them.

    Negative is earlier. The median of an even number is the lower of the two in the middle. Null where none is known.
    """

    known: int
    total: int | None
    median: int | None
    max: int | None


class Slippage(Struct, frozen=True, kw_only=True):
    """How an actor's dates moved.

    `announcements` are those that were ever given a date, `moved` those of them that moved at least once (also off
    their date, without a new one), `moves` how often they did. `later` and `earlier` count those whose last day is
    now another than it was at first. Corrections and narrowings move nothing.
    """

    actor: TalliedActor
    announcements: int
    moved: int
    moves: int
    later: int
    earlier: int
    slip_days: SlipDays


class Score(Struct, frozen=True, kw_only=True):
    """What came of an actor's announcements: `total` of them, by state, and how many `moved` at least once.

    Asked for by year, `year` is that of the last day the date can mean, null without one: open, undated or put off.
    What is `due` or `overdue` awaits an outcome; nobody has missed it. What is merged, retracted or withdrawn is
    counted in the total alone, and only where it is asked for.
    """

    actor: TalliedActor
    year: int | UnsetType | None = UNSET
    total: int
    happened: int = 0
    partly: int = 0
    did_not_happen: int = 0
    cannot_be_judged: int = 0
    cancelled: int = 0
    postponed: int = 0
    due: int = 0
    overdue: int = 0
    announced: int = 0
    moved: int


class Dated(Struct, frozen=True):
    """So many announcements that moved so often, and by so many days in all."""

    count: int
    moves: int
    slip_days: int | None


def slippage_of(actor: TalliedActor, announcements: int, moved: Sequence[Dated]) -> Slippage:
    """Return an actor's slippage, from how many announcements were given a date and those that moved.

    >>> slippage_of(TalliedActor(id="a", name=None), 8, [Dated(1, 2, 30), Dated(2, 1, -3)]).slip_days
    SlipDays(known=3, total=24, median=-3, max=30)
    """
    slips = sorted((one.slip_days, one.count) for one in moved if one.slip_days is not None)
    return Slippage(
        actor=actor,
        announcements=announcements,
        moved=sum(one.count for one in moved),
        moves=sum(one.count * one.moves for one in moved),
        later=sum(count for days, count in slips if days > 0),
        earlier=sum(count for days, count in slips if days < 0),
        slip_days=SlipDays(
            known=sum(count for _, count in slips),
            total=sum(days * count for days, count in slips) if slips else None,
            median=_median(slips),
            max=slips[-1][0] if slips else None,
        ),
    )


def score_of(
    actor: TalliedActor, year: int | UnsetType | None, states: Mapping[str, int], *, total: int, moved: int
) -> Score:
    """Return an actor's score from how many announcements have each state."""
    counts: dict[str, int] = {state: states.get(state, 0) for state in COUNTED}
    return Score(actor=actor, year=year, total=total, moved=moved, **counts)


def _median(slips: list[tuple[int, int]]) -> int | None:
    """Return the lower median of values that occur so often, in order."""
    left = (sum(count for _, count in slips) + 1) // 2
    for days, count in slips:
        left -= count
        if left <= 0:
            return days
    return None
