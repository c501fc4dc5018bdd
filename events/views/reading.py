"""What readers ask of the views: every answer is one state of them, read off the event loop."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, Protocol, TypeVar

from events.errors import DatelineError
from events.extract.reading import Candidate
from events.facts import CandidateRejected
from events.instants import Instant
from events.record import ActorRecord, Announcement, HistoryEntry, Source, Timeline
from events.tallies import Score, Slippage
from events.views import (
    actors,
    agendas,
    announcements,
    around,
    corrections,
    dues,
    resembling,
    search,
    sources,
    tallying,
    timelines,
    zoom,
)
from events.views.clocks import NOW, Clocks, Snapshot
from events.views.correcting import Correction
from events.views.corrections import CorrectionFilter
from events.views.definition import TimelineDefinition
from events.views.dump import dump
from events.views.exported import EXPORTED_MAX, Exported, exported, with_sources
from events.views.filters import Filter
from events.views.listing import LIMIT_DEFAULT, LIMIT_MAX, Listing
from events.views.searching import Found, Sought

EVERYTHING: Final = Filter()
EVERY_CORRECTION: Final = CorrectionFilter()

T = TypeVar("T")


class Run(Protocol):
    """Runs a job against a snapshot, off the event loop."""

    def __call__(self, job: Callable[[Snapshot], T], /, *, limit_s: float | None = ...) -> Coroutine[Any, Any, T]:
        """Return what the job returns; None is no limit, for what the service itself asks for."""
        ...


class LimitInvalid(DatelineError):
    """A list was asked for more items than it gives at once, or for none."""

    code = "limit-invalid"

    def __init__(self, limit: int, limit_max: int = LIMIT_MAX) -> None:
        super().__init__(f"a limit of {limit} is not between 1 and {limit_max}")
        self.limit = limit


class Reading:
    """Reads of the views. `clocks` is the place on the two clocks, now unless it is said.

    Lists raise `BadCursor` for a cursor that is not theirs, `LimitInvalid` for a limit that is not 1 to `LIMIT_MAX`
    and, where they are filtered, `DayError` for a day that is none. Every read can raise `ReadTooLong` and, where it is
    `HEAVY`, `ReadsFull`.
    """

    def __init__(self, run: Run) -> None:
        self._run = run

    async def announcement(self, id: str, clocks: Clocks = NOW) -> Announcement | None:
        """Return an announcement; None where it had not been announced."""
        return await self._run(lambda snapshot: announcements.announcement(snapshot, id, clocks))

    async def announcements(
        self,
        wanted: Filter = EVERYTHING,
        clocks: Clocks = NOW,
        *,
        limit: int = LIMIT_DEFAULT,
        cursor: str | None = None,
    ) -> Listing[Announcement]:
        """Return announcements by day, then last day, then id; those without a date last."""
        _require(limit)
        return await self._run(
            lambda snapshot: announcements.announcements(snapshot, wanted, clocks, limit=limit, cursor=cursor)
        )

    async def exported(
        self,
        wanted: Filter = EVERYTHING,
        clocks: Clocks = NOW,
        *,
        limit: int = EXPORTED_MAX,
        cursor: str | None = None,
        timeline: str | None = None,
    ) -> Exported | None:
        """Return announcements with their sources, up to `EXPORTED_MAX`; None where there was no such timeline."""
        _require(limit, EXPORTED_MAX)
        return await self._run(
            lambda snapshot: exported(snapshot, wanted, clocks, limit=limit, cursor=cursor, timeline=timeline)
        )

    async def search(
        self,
        sought: Sought,
        wanted: Filter = EVERYTHING,
        clocks: Clocks = NOW,
        *,
        limit: int = LIMIT_DEFAULT,
        cursor: str | None = None,
    ) -> Found:
        """Return what is found, in titles first, then what has had its words last; `wanted.q` is passed over."""
        _require(limit)
        return await self._run(
            lambda snapshot: search.search(snapshot, sought, wanted, clocks, limit=limit, cursor=cursor)
        )

    async def agenda(
        self,
        days: int,
        wanted: Filter = EVERYTHING,
        clocks: Clocks = NOW,
        *,
        limit: int = LIMIT_DEFAULT,
        cursor: str | None = None,
    ) -> Listing[Announcement]:
        """Return what is to come within so many days, today included, by date; see `events.views.agendas`."""
        _require(limit)
        return await self._run(
            lambda snapshot: agendas.agenda(snapshot, wanted, clocks, days=days, limit=limit, cursor=cursor)
        )

    async def due(
        self,
        wanted: Filter = EVERYTHING,
        clocks: Clocks = NOW,
        *,
        limit: int = LIMIT_DEFAULT,
        cursor: str | None = None,
    ) -> Listing[Announcement]:
        """Return what is due or overdue, the longest past first."""
        _require(limit)
        return await self._run(lambda snapshot: agendas.due(snapshot, wanted, clocks, limit=limit, cursor=cursor))

    async def slippage(
        self,
        wanted: Filter = EVERYTHING,
        clocks: Clocks = NOW,
        *,
        limit: int = LIMIT_DEFAULT,
        cursor: str | None = None,
    ) -> Listing[Slippage]:
        """Return how the dates of each actor moved, most days first."""
        _require(limit)
        return await self._run(lambda snapshot: tallying.slippage(snapshot, wanted, clocks, limit=limit, cursor=cursor))

    async def scoreboard(
        self,
        wanted: Filter = EVERYTHING,
        clocks: Clocks = NOW,
        *,
        by_year: bool = False,
        limit: int = LIMIT_DEFAULT,
        cursor: str | None = None,
    ) -> Listing[Score]:
        """Return what came of each actor's announcements, who made most first; `by_year`, for each year."""
        _require(limit)
        return await self._run(
            lambda snapshot: tallying.scoreboard(snapshot, wanted, clocks, by_year=by_year, limit=limit, cursor=cursor)
        )

    async def exported_agenda(
        self,
        days: int,
        wanted: Filter = EVERYTHING,
        clocks: Clocks = NOW,
        *,
        limit: int = EXPORTED_MAX,
        cursor: str | None = None,
    ) -> Exported:
        """Return what is to come with its sources, up to `EXPORTED_MAX`; see `agenda`."""
        _require(limit, EXPORTED_MAX)
        return await self._run(
            lambda snapshot: with_sources(
                snapshot, agendas.agenda(snapshot, wanted, clocks, days=days, limit=limit, cursor=cursor), clocks
            )
        )

    async def exported_due(
        self,
        wanted: Filter = EVERYTHING,
        clocks: Clocks = NOW,
        *,
        limit: int = EXPORTED_MAX,
        cursor: str | None = None,
    ) -> Exported:
        """Return what is due with its sources, up to `EXPORTED_MAX`; see `due`."""
        _require(limit, EXPORTED_MAX)
        return await self._run(
            lambda snapshot: with_sources(
                snapshot, agendas.due(snapshot, wanted, clocks, limit=limit, cursor=cursor), clocks
            )
        )

    async def history(self, id: str, clocks: Clocks = NOW) -> tuple[HistoryEntry, ...]:
        """Return every fact recorded about an announcement by `as_of`, by position; none where there was none."""
        return await self._run(lambda snapshot: announcements.history(snapshot, id, clocks))

    async def corrections(
        self,
        wanted: CorrectionFilter = EVERY_CORRECTION,
        clocks: Clocks = NOW,
        *,
        limit: int = LIMIT_DEFAULT,
        cursor: str | None = None,
    ) -> Listing[Correction]:
        """Return the corrections that were recorded, the latest first."""
        _require(limit)
        return await self._run(
            lambda snapshot: corrections.corrections(snapshot, wanted, clocks, limit=limit, cursor=cursor)
        )

    async def timeline(
        self,
        slug: str,
        clocks: Clocks = NOW,
        *,
        limit: int = LIMIT_DEFAULT,
        cursor: str | None = None,
        wanted: Filter = EVERYTHING,
    ) -> Timeline | None:
        """Return a timeline with a page of its announcements, narrowed down by `wanted`; None: there was none."""
        _require(limit)
        return await self._run(
            lambda snapshot: timelines.timeline(snapshot, slug, clocks, limit=limit, cursor=cursor, wanted=wanted)
        )

    async def part(
        self, slug: str, clocks: Clocks = NOW, *, day: int, limit: int = LIMIT_DEFAULT, cursor: str | None = None
    ) -> around.Part | None:
        """Return a page of a timeline: without a cursor the one around a day; None: there was none."""
        _require(limit)
        return await self._run(
            lambda snapshot: around.part(snapshot, slug, clocks, day=day, limit=limit, cursor=cursor)
        )

    async def view(self, slug: str, window: zoom.Window, clocks: Clocks = NOW) -> zoom.View | None:
        """Return what of a timeline fits a window's width: announcements or counts; None: there was none."""
        return await self._run(lambda snapshot: zoom.view(snapshot, slug, clocks, window))

    async def definition(self, slug: str, clocks: Clocks = NOW) -> TimelineDefinition | None:
        """Return how a timeline is defined, archived ones too; None: there was none."""
        return await self._run(lambda snapshot: timelines.definition(snapshot, slug, clocks))

    async def timelines(
        self, clocks: Clocks = NOW, *, limit: int = LIMIT_DEFAULT, cursor: str | None = None
    ) -> Listing[TimelineDefinition]:
        """Return the timelines that are not archived, by slug."""
        _require(limit)
        return await self._run(lambda snapshot: timelines.timelines(snapshot, clocks, limit=limit, cursor=cursor))

    async def source(self, id: str, clocks: Clocks = NOW) -> Source | None:
        """Return a source; None where it was not recorded."""
        return await self._run(lambda snapshot: sources.source(snapshot, id, clocks))

    async def rejections(self, id: str) -> tuple[CandidateRejected, ...]:
        """Return the readings of a source's text that were turned down, and stand so."""
        return await self._run(lambda snapshot: sources.rejections(snapshot, id))

    async def resembling(self, candidates: Sequence[Candidate], source: str | None) -> resembling.Resembling:
        """Return for each candidate of a text the announcements that it may mean; `source`: what the text is of."""
        return await self._run(lambda snapshot: resembling.resembling(snapshot, candidates, source))

    async def sources(
        self, clocks: Clocks = NOW, *, limit: int = LIMIT_DEFAULT, cursor: str | None = None
    ) -> Listing[Source]:
        """Return the sources, those published last first."""
        _require(limit)
        return await self._run(lambda snapshot: sources.sources(snapshot, clocks, limit=limit, cursor=cursor))

    async def actor(self, id: str, clocks: Clocks = NOW) -> ActorRecord | None:
        """Return an actor; None where it was not recorded."""
        return await self._run(lambda snapshot: actors.actor(snapshot, id, clocks))

    async def actors(
        self, clocks: Clocks = NOW, *, limit: int = LIMIT_DEFAULT, cursor: str | None = None
    ) -> Listing[ActorRecord]:
        """Return the actors, by id."""
        _require(limit)
        return await self._run(lambda snapshot: actors.actors(snapshot, clocks, limit=limit, cursor=cursor))

    async def actor_ids(self, id: str, clocks: Clocks = NOW) -> tuple[str, ...]:
        """Return an actor's id and those of all that were merged into it."""
        return await self._run(lambda snapshot: actors.stands_for(snapshot, snapshot.place(clocks), (id,))[id])

    async def actor_names(self, ids: Sequence[str], clocks: Clocks = NOW) -> dict[str, str | None]:
        """Return the names of those actors that are recorded; a merged one has that of whom it points on to."""
        return await self._run(lambda snapshot: actors.names(snapshot, snapshot.place(clocks), ids))

    async def due_facts(self, now: Instant) -> tuple[dues.DueFact, ...]:
        """Return clock facts that have to be recorded at `now`, the earliest first; ask again once they are."""
        return await self._run(lambda snapshot: dues.due_facts(snapshot.connection, now), limit_s=None)

    async def next_due(self) -> Instant | None:
        """Return when the next clock fact has to be recorded, which may be past; None while there is none to come."""
        return await self._run(lambda snapshot: dues.next_due(snapshot.connection), limit_s=None)

    async def dump(self) -> str:
        """Return the SHA-256 of everything the views hold: the same whether they followed or were rebuilt."""
        return await self._run(lambda snapshot: dump(snapshot.connection), limit_s=None)


def _require(limit: int, limit_max: int = LIMIT_MAX) -> None:
    if not 1 <= limit <= limit_max:
        raise LimitInvalid(limit, limit_max)
