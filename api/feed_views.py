"""What the feed asks of the views: whether a fact concerns a timeline, and what an announcement was and became."""

from typing import Final

from api.cloudevents import CloudEvent, cloud_event
from api.selection import Selection
from events.log.port import Event
from events.record import Announcement
from events.views.clocks import Clocks
from events.views.filters import Filter
from events.views.runner import Views

VIEW_WAIT_S: Final = 5.0
"""How long the views may take to follow the log up to a fact."""
ANNOUNCEMENT: Final = "announcement:"


class CloudEventWithState(CloudEvent, frozen=True, kw_only=True):
    """A fact, with the announcement it is about as its commit left it and as it was before; null: there was none."""

    announcement: Announcement | None
    previous: Announcement | None


class Onlooker:
    """Tells one reader of facts: those it asked for, with what it asked to be told along."""

    def __init__(self, views: Views, selection: Selection, log_id: str) -> None:
        self._views = views
        self._selection = selection
        self._log_id = log_id

    async def told(self, event: Event) -> CloudEvent | None:
        """Return what the reader is told of a fact; None where it concerns none of its timelines.

        Raises `ViewBehind`.
        """
        selection = self._selection
        if not (selection.timelines or selection.with_state):
            return cloud_event(event, self._log_id)
        last = event.commit[0] + event.commit[1] - 1
        await self._views.wait_for(last, VIEW_WAIT_S)
        before, after = Clocks(as_of=event.commit[0] - 1), Clocks(as_of=last)
        if selection.timelines and not await self._concerns(event, before, after):
            return None
        return (
            await self._with_state(event, before, after) if selection.with_state else cloud_event(event, self._log_id)
        )

    async def _concerns(self, event: Event, before: Clocks, after: Clocks) -> bool:
        """Say whether a fact is about one of the timelines, or about what was on it before or came onto it."""
        named = [tag.partition(":")[::2] for tag in event.tags]
        if any(kind == "timeline" and id in self._selection.timelines for kind, id in named):
            return True
        announcements = tuple(id for kind, id in named if kind == "announcement")
        sources = tuple(id for kind, id in named if kind == "source")
        if not announcements and not sources:
            return False
        about = Filter(id=announcements) if announcements else Filter(source=sources)
        for slug in self._selection.timelines:
            for clocks in (after, before):
                found = await self._views.read.timeline(slug, clocks, limit=1, wanted=about)
                if found is not None and found.items:
                    return True
        return False

    async def _with_state(self, event: Event, before: Clocks, after: Clocks) -> CloudEventWithState:
        plain = cloud_event(event, self._log_id)
        subject = plain.subject if isinstance(plain.subject, str) else ""
        about = {tag for tag in event.tags if tag.startswith(ANNOUNCEMENT)}
        about = about & {subject} or about  # A withdrawal is about a fact, which was about an announcement.
        id = about.pop().removeprefix(ANNOUNCEMENT) if len(about) == 1 else None
        fields = {name: getattr(plain, name) for name in plain.__struct_fields__}
        return CloudEventWithState(
            **fields,
            announcement=await self._views.read.announcement(id, after) if id else None,
            previous=await self._views.read.announcement(id, before) if id else None,
        )
