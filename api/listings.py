"""What is gathered over all announcements: what is to come and due, whose dates hold, what is found, what was wrong."""

from typing import Annotated, Final, Literal, TypeAlias

from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from api.problems import Fault
from api.reading import At, Part, R, Several, get
from events import record
from events.tallies import Score, Slippage
from events.views.correcting import Correction, Type
from events.views.corrections import CorrectionFilter
from events.views.filters import Filter
from events.views.listing import Listing
from events.views.searching import Found, sought

AGENDA_DAYS: Final = 30
AGENDA_DAYS_MAX: Final = 366
DUE: Final = ("due", "overdue")

Types: TypeAlias = Annotated[list[Type] | None, QueryParameter(name="type")]
Days: TypeAlias = Annotated[int, QueryParameter(ge=1, le=AGENDA_DAYS_MAX)]


@get("/agenda")
async def agenda(
    reader: R, clocks: At, paging: Part, wanted: NamedDependency[Filter], days: Days = AGENDA_DAYS
) -> Listing[record.Announcement]:
    """Return what is to come within `days` days, today included, by date.

    A deadline is to come on its last day, what holds from a day on on its first. Left out is what is cancelled,
    postponed, merged, retracted or withdrawn, unless `state` asks for it.
    """
    return await reader.views.read.agenda(days, wanted, clocks, limit=paging.limit, cursor=paging.cursor)


@get("/due")
async def due(reader: R, clocks: At, paging: Part, wanted: NamedDependency[Filter]) -> Listing[record.Announcement]:
    """Return what is due or overdue, the longest past first; `state` narrows it down to one of the two."""
    require_due(wanted)
    return await reader.views.read.due(wanted, clocks, limit=paging.limit, cursor=paging.cursor)


@get("/slippage")
async def slippage(reader: R, clocks: At, paging: Part, wanted: NamedDependency[Filter]) -> Listing[Slippage]:
    """Return how far the dates of each actor's own announcements moved, the most days in all first.

    Only the role `by` counts. `actor` compares several; merged actors are one. Other filters choose announcements.
    """
    return await reader.views.read.slippage(wanted, clocks, limit=paging.limit, cursor=paging.cursor)


@get("/scoreboard")
async def scoreboard(
    reader: R,
    clocks: At,
    paging: Part,
    wanted: NamedDependency[Filter],
    by: FromQuery[Literal["year"] | None] = None,
) -> Listing[Score]:
    """Return what came of each actor's own announcements, who made most first; by year of the last day they can mean.

    Only the role `by` counts. `actor` compares several; merged actors are one. Other filters choose announcements.
    """
    return await reader.views.read.scoreboard(
        wanted, clocks, by_year=by == "year", limit=paging.limit, cursor=paging.cursor
    )


@get("/search")
async def search(reader: R, clocks: At, paging: Part, wanted: NamedDependency[Filter], q: FromQuery[str]) -> Found:
    """Return what is found by words, in titles first, then what has had its words last.

    Searched and shown are titles, their translations, quotes, and reasons. Every word has to occur, `"several words"`
    as they are; `word*` and the last word need only begin so. `total` counts up to 1,000; `complete` says whether that
    is all. So many documents are looked at for a page, and no more: it can be short while `next` goes on.
    """
    terms = sought(q, pointer="?q")
    return await reader.views.read.search(terms, wanted, clocks, limit=paging.limit, cursor=paging.cursor)


@get("/corrections")
async def corrections(
    reader: R,
    clocks: At,
    paging: Part,
    types: Types = None,
    announcement: Several = None,
    source: Several = None,
    actor: Several = None,
) -> Listing[Correction]:
    """Return what was corrected, by us or by a source, and everything that was undone, the latest first.

    With `said_by`, only of what had been said by then.
    """
    chosen = CorrectionFilter(
        type=tuple(types or ()),
        announcement=tuple(announcement or ()),
        source=tuple(source or ()),
        actor=tuple(actor or ()),
    )
    return await reader.views.read.corrections(chosen, clocks, limit=paging.limit, cursor=paging.cursor)


def require_due(wanted: Filter) -> None:
    """Refuse to look for what is due in another state. Raises `Fault`."""
    for state in wanted.state:
        if state not in DUE:
            raise Fault("parameter-invalid", f"what is due is due or overdue, never {state}", pointer="?state")


HANDLERS: Final = (agenda, due, slippage, scoreboard, search, corrections)
