"""How a timeline is defined."""

from msgspec import Struct

from events.terms import TimelineQuery


class TimelineDefinition(Struct, frozen=True, kw_only=True):
    """What a timeline shows: what its query finds and what is `pinned`, but not what is `hidden`, by id."""

    slug: str
    title: str
    description: str | None
    query: TimelineQuery
    pinned: tuple[str, ...]
    hidden: tuple[str, ...]
    archived: bool
    position: int
