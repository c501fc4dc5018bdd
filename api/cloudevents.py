"""A recorded fact as the outside sees it: a CloudEvent, the same on the feed and in `GET /v1/events`."""

from typing import Any, Final, Literal, cast

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from events.facts import knows
from events.instants import Instant
from events.log.port import Event

_ABOUT: Final = {"rubric": "version", "fact": "position"}
"""The field that names what a fact is about, where it is not called as the first word of its type."""


class CloudEvent(Struct, frozen=True, kw_only=True):
    """A fact with its envelope, as CloudEvents 1.0 in JSON.

    `id` is the fact's own, `source` the log's: `urn:uuid:` and its id. `time` is when we recorded it, `saidat` when it
    was said. `subject` is the tag of what it is about; that of a withdrawal is `fact:` and the position it takes back.
    `tags` are parted by blanks; `commit` is `first-size`. `data` is the fact without its type, null once erased: as it
    is stored, which is what the log's hashes are of. `v` is the version of its form, left out where that is the first.
    """

    specversion: Literal["1.0"] = "1.0"
    id: str
    source: str
    type: str
    time: Instant
    datacontenttype: Literal["application/json"] = "application/json"
    data: dict[str, Any] | None
    position: int
    tags: str
    by: str
    commit: str
    subject: str | UnsetType = UNSET
    saidat: Instant | UnsetType = UNSET
    v: int | UnsetType = UNSET


class EventsPage(Struct, frozen=True, kw_only=True):
    """Facts in the order they were recorded, the head of the log, and the cursor of the next page (null: no more)."""

    events: tuple[CloudEvent, ...]
    head: int
    next: str | None


def cloud_event(event: Event, log_id: str) -> CloudEvent:
    """Return the CloudEvent of an event of the log with this id."""
    # The data is canonical JSON already, and goes out as the bytes it is stored as.
    data = None if event.data is None else cast("dict[str, Any]", Raw(event.data))
    return CloudEvent(
        id=event.id,
        source=f"urn:uuid:{log_id}",
        type=event.type,
        time=event.recorded_at,
        data=data,
        position=event.position,
        tags=" ".join(event.tags),
        by=event.by,
        commit=f"{event.commit[0]}-{event.commit[1]}",
        subject=subject_of(event) or UNSET,
        saidat=event.said_at or UNSET,
        v=UNSET if event.v == 1 else event.v,
    )


def subject_of(event: Event) -> str | None:
    """Return the tag of what an event is about; None where its data cannot be read and its tags leave it open."""
    kind = event.type.partition(".")[0]
    field = _ABOUT.get(kind, kind)
    if kind == "log":
        return "log:self"
    if event.data is not None and knows(event.type, event.v):
        named = getattr(_NAMES.decode(event.data), field, None)
        return None if named is None else f"{kind}:{named}"
    tags = [tag for tag in event.tags if tag.startswith(f"{kind}:")]
    return tags[0] if len(tags) == 1 else None


class _Names(Struct, frozen=True, kw_only=True):
    """The fields of any fact's data that can name what it is about."""

    announcement: str | None = None
    source: str | None = None
    actor: str | None = None
    timeline: str | None = None
    version: str | None = None
    position: int | None = None


_NAMES: Final = msgspec.json.Decoder(_Names)
