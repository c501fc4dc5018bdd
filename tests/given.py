"""Facts for tests, short to write: everything that a test does not speak of is the same everywhere."""

from typing import Any

from events import facts as f
from events import terms as t
from events.edtf import kind_of, parse
from events.instants import Instant

JANUARY = "2024-01-01T00:00:00.000000Z"
FEBRUARY = "2024-02-01T00:00:00.000000Z"
MARCH = "2024-03-01T00:00:00.000000Z"
APRIL = "2024-04-01T00:00:00.000000Z"
MAY = "2024-05-01T00:00:00.000000Z"


def cited(said_at: Instant = JANUARY, source: str = "bulletin") -> tuple[t.Citation, ...]:
    return (t.Citation(source=source, quote="as they say", said_at=said_at),)


def when(edtf: str) -> t.When:
    kind = kind_of(parse(edtf))
    assert kind != "undated"
    return t.When(edtf=edtf, kind=kind)


def made(
    announcement: str, edtf: str | None = None, said_at: Instant = JANUARY, source: str = "bulletin", **fields: Any
) -> f.Made:
    return f.Made(
        announcement=announcement,
        citations=cited(said_at, source),
        when=None if edtf is None else when(edtf),
        **({"title": f"The {announcement}"} | fields),
    )


def rescheduled(announcement: str, edtf: str, said_at: Instant = FEBRUARY, source: str = "bulletin") -> f.Rescheduled:
    return f.Rescheduled(announcement=announcement, citations=cited(said_at, source), when=when(edtf))


def happened(announcement: str, said_at: Instant = MAY, source: str = "bulletin") -> f.OutcomeReported:
    return f.OutcomeReported(announcement=announcement, citations=cited(said_at, source), result="happened")


def amended(announcement: str, corrects: int, **fields: Any) -> f.Amended:
    return f.Amended(
        announcement=announcement,
        corrects=corrects,
        set=t.AnnouncementFields(**fields),
        origin="editor",
        reason="It was misread.",
    )


def source(id: str, published_at: Instant = JANUARY, **fields: Any) -> f.SourceRecorded:
    given = {"title": "Bulletin", "publisher": "The bureau", "timezone": "UTC", "language": "en"}
    return f.SourceRecorded(source=id, published_at=published_at, **(given | fields))


def actor(id: str, **names: str) -> f.ActorRecorded:
    return f.ActorRecorded(actor=id, names=names, kind="government")


def timeline(slug: str, **query: Any) -> f.TimelineCreated:
    return f.TimelineCreated(timeline=slug, title="Spring", query=t.TimelineQuery(**query))
