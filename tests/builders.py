"""Announcements for tests of what people see: only what a test is about is said, the rest is filled in."""

from typing import Any

from msgspec import UNSET

from events import record as r
from events import terms
from events.days import parse_day
from events.edtf import kind_of

SAID_AT = "2024-04-08T11:30:00.000000Z"
RECORDED_AT = "2024-04-08T12:04:00.000000Z"
TODAY = parse_day("2024-06-01")


def when(edtf: str | None, kind: str | None = None) -> r.When:
    """Return the answer for a date; None is no date."""
    if edtf is None:
        return r.UNDATED
    given: Any = kind or kind_of(r.reading(edtf))
    return r.when_of(terms.When(edtf=edtf, kind=given))


def citation(quote: str = "It will be.", **fields: Any) -> r.Citation:
    """Return a verified quote from the source `bulletin`."""
    given = {"source": "bulletin", "start": 0, "end": len(quote), "said_at": SAID_AT, "verified": True}
    return r.Citation(**{**given, "quote": quote, "withdrawn": False, **fields})


def date(edtf: str | None, how: r.How, position: int, **fields: Any) -> r.GivenDate:
    """Return a date that was given at a position."""
    read = r.reading(edtf) if edtf else None
    given: dict[str, Any] = {
        "edtf": edtf,
        "earliest": r.day_text(read.earliest) if read else None,
        "latest": r.day_text(read.latest) if read else None,
        "how": how,
        "said_at": SAID_AT,
        "recorded_at": RECORDED_AT,
        "reason": None,
        "citation": citation(),
        "position": position,
    }
    return r.GivenDate(**{**given, **fields})


def dates(*given: tuple[str | None, r.How]) -> tuple[r.GivenDate, ...]:
    """Return dates at positions 10, 11, …, each given as its expression and how it came."""
    return tuple(date(edtf, how, 10 + index) for index, (edtf, how) in enumerate(given))


def announcement(id: str, edtf: str | None = "2024-04-10", kind: str | None = None, **fields: Any) -> r.Announcement:
    """Return an announcement for a date, which it was given once unless `dates` says otherwise."""
    given: dict[str, Any] = {
        "id": id,
        "title": f"The {id}",
        "kind": "visit",
        "state": "announced",
        "when": when(edtf, kind),
        "dates": dates((edtf, "first")) if edtf else (),
        "slip_days": 0 if edtf else None,
        "actors": (r.Actor(id="japan", name="Japan", role="by"),),
        "places": ("Washington",),
        "topics": ("diplomacy",),
        "modality": "scheduled",
        "citations": (citation(),),
        "outcomes": (),
        "progress": (),
        "links": (),
        "refs": (),
        "timezone": "UTC",
        "position": 10,
        "made_at": SAID_AT,
        "updated_at": RECORDED_AT,
    }
    return r.Announcement(**{**given, **fields})


def source(id: str = "bulletin", **fields: Any) -> r.Source:
    """Return a recorded source."""
    given: dict[str, Any] = {
        "id": id,
        "title": "Washington sets the table",
        "publisher": "Dateline desk",
        "published_at": SAID_AT,
        "timezone": "UTC",
        "language": "en",
        "has_text": True,
        "state": "recorded",
        "announcements": 1,
        "recorded_at": RECORDED_AT,
        "position": 1,
        "url": UNSET,
    }
    return r.Source(**{**given, **fields})


def entry(position: int, type_name: str, data: dict[str, Any] | None, **fields: Any) -> r.HistoryEntry:
    """Return an entry of a history."""
    given: dict[str, Any] = {
        "recorded_at": RECORDED_AT,
        "said_at": SAID_AT,
        "by": "admin",
        "withdrawn_by": None,
        "corrected_by": (),
    }
    return r.HistoryEntry(**{**given, "position": position, "type": type_name, "data": data, **fields})


def timeline(*items: r.Announcement, **fields: Any) -> r.Timeline:
    """Return a timeline of these announcements."""
    given: dict[str, Any] = {
        "slug": "spring",
        "title": "Spring",
        "description": None,
        "query": terms.TimelineQuery(),
        "next": None,
        "total": len(items),
        "position": 57,
        "as_of": None,
        "said_by": None,
    }
    return r.Timeline(**{**given, "items": items, **fields})


EVERY_CASE: tuple[r.Announcement, ...] = (
    announcement("exact", "2024-04-10"),
    announcement("month", "2024-05"),
    announcement("season", "2024-22"),
    announcement("deadline", "../2024-09-30"),
    announcement("until", "../2025-03", "until"),
    announcement("from", "2024-07-01/.."),
    announcement("between", "2024-04-08/2024-04-14"),
    announcement("approximate", "2024-05-20~"),
    announcement("approximate-month", "2024-08~"),
    announcement("uncertain", "2024-06?"),
    announcement("uncertain-day", "2024-06-14?"),
    announcement("both", "2024-10%"),
    announcement("one-of", "[2024-06,2024-11]"),
    announcement("moved", "2024-08-01", dates=dates(("2024-04-20", "first"), ("2024-08-01", "moved")), slip_days=103),
    announcement(
        "moved-earlier", "2024-05-02", dates=dates(("2024-07-09", "first"), ("2024-05-02", "moved")), slip_days=-68
    ),
    announcement("narrowed", "2024-09-12", dates=dates(("2024-09", "first"), ("2024-09-12", "narrowed"))),
    announcement("corrected", "2024-04-11", dates=dates(("2024-11-04", "first"), ("2024-04-11", "corrected"))),
    announcement(
        "postponed", None, state="postponed", dates=dates(("2024-06-20", "first"), (None, "moved")), slip_days=None
    ),
    announcement("cancelled", "2024-06-25", state="cancelled"),
    announcement("happened", "2024-04-09", state="happened"),
    announcement("partly", "2024-04-12", state="partly"),
    announcement("did-not-happen", "2024-05-15", state="did_not_happen"),
    announcement("cannot-be-judged", "2024-05-16", state="cannot_be_judged"),
    announcement("due", "2024-05-30", state="due"),
    announcement("overdue", "../2024-05-10", state="overdue"),
    announcement("undated", None),
    announcement("undated-too", None, state="happened"),
    announcement(
        "taken-back", "2024-07-07", citations=(citation(withdrawn=True), citation("It will.", verified=False))
    ),
)
