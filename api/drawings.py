"""Timelines as they are drawn: what of one fits a width, for whoever draws it themselves."""

from typing import Annotated, Final, Literal, TypeAlias

from litestar.params import FromPath, FromQuery, QueryParameter

from api.pages.render import PX_MAX, PX_MIN, WIDE_PX
from api.problems import Fault
from api.reading import At, From, R, day_of, found, get
from events.views.zoom import View, Window

Width: TypeAlias = Annotated[int, QueryParameter(ge=PX_MIN, le=PX_MAX)]


@get("/timelines/{slug:str}/view")
async def view(
    slug: FromPath[str],
    reader: R,
    clocks: At,
    from_: From = None,
    to: FromQuery[str | None] = None,
    px: Width = WIDE_PX,
    lanes: FromQuery[Literal["kind", "actor", "topic", "place"] | None] = None,
) -> View:
    """Return what of a timeline fits `px` pixels from one day to another: announcements, or counts by the calendar.

    Days are inclusive; left out, the window reaches as far as there is anything with a date. `lanes` counts apart by
    kind, actor (in any role), topic or place.
    """
    first, last = day_of("from", from_), day_of("to", to)
    if first is not None and last is not None and first > last:
        raise Fault("parameter-invalid", "`from` lies after `to`", pointer="?from")
    return found(
        await reader.views.read.view(slug, Window(first=first, last=last, px=px, lanes=lanes), clocks), "timeline", slug
    )


HANDLERS: Final = (view,)
