"""The fifteen golden histories, as recorded facts, and what announcement `a` is at the corners of the two clocks."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from events import facts as f
from events.facts import Recorded, said_at_of, type_of
from events.instants import FOREVER, Instant
from events.record import Announcement
from events.tags import tags_of
from events.terms import AnnouncementFields, Citation, When

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "data/golden-history.json").read_text())["cases"]


def recorded(case: dict[str, Any]) -> list[Recorded]:
    """Return the facts of a case; each is a commit of its own."""
    return committed([_fact(given) for given in case["facts"]])


def committed(facts: Sequence[f.AnyFact]) -> list[Recorded]:
    """Return facts as they are recorded from position 1 on, a commit and a day each, with the tags they carry."""
    records: list[Recorded] = []
    for position, fact in enumerate(facts, 1):
        named = {"fact.withdrawn": "position", "announcement.amended": "corrects"}.get(type_of(fact))
        named_tags = records[getattr(fact, named) - 1].tags if named is not None else ()
        records.append(
            Recorded(
                position=position,
                type=type_of(fact),
                recorded_at=f"2025-01-{position:02d}T00:00:00.000000Z",
                by="admin",
                commit_end=position,
                tags=tags_of(fact, named=named_tags),
                fact=fact,
                said_at=said_at_of(fact),
            )
        )
    return records


def corner(text: str, head: int) -> tuple[int, Instant]:
    """Return the position and the instant that "as_of 2, said_by 2024-02-01" means; "now": the head, the open end."""
    as_of, said_by = head, FOREVER
    for part in text.split(", "):
        match part.split():
            case ["as_of", position]:
                as_of = int(position)
            case ["said_by", day]:
                said_by = f"{day}T23:59:59.999999Z"
            case words:
                assert words == ["now"], text
    return as_of, said_by


def told(read: Announcement | None) -> dict[str, Any] | None:
    """Return what the golden file says of an answer."""
    if read is None:
        return None
    answer = {
        "state": read.state,
        "when": read.when.edtf,
        "dates": [f"{date.edtf or 'none'} {date.how} #{date.position}" for date in read.dates],
        "slip_days": read.slip_days,
        "position": read.position,
    }
    return answer | ({"into": read.merged_into} if read.merged_into else {})


def _fact(given: dict[str, Any]) -> f.AnyFact:
    announcement = given.get("announcement", "a")
    reason = "We had misread it."
    cited: tuple[Citation, ...] = ()
    if "said_at" in given:
        cited = (Citation(source=given["source"], quote="as said", said_at=f"{given['said_at']}T00:00:00.000000Z"),)
    when = When(edtf=given["when"], kind="on") if "when" in given else None
    match given["type"].split():
        case ["made"]:
            return f.Made(announcement=announcement, title="The visit", when=when, citations=cited)
        case ["rescheduled"] if when is not None:
            return f.Rescheduled(announcement=announcement, when=when, citations=cited)
        case ["postponed"]:
            return f.Postponed(announcement=announcement, citations=cited)
        case ["outcome_reported"]:
            return f.OutcomeReported(announcement=announcement, result=given["result"], citations=cited)
        case ["amended", "by", ("editor" | "source") as origin]:
            # The source that corrects itself corrects what stands before.
            corrects = given.get("about", given["position"] - 1)
            fields = AnnouncementFields(when=when)
            return f.Amended(
                announcement=announcement, corrects=corrects, set=fields, origin=origin, reason=reason, citations=cited
            )
        case ["merged"]:
            return f.Merged(announcement=announcement, into=given["into"])
        case ["source.withdrawn"]:
            return f.SourceWithdrawn(source=given["source"], reason=reason)
        case ["fact.withdrawn"]:
            return f.FactWithdrawn(position=given["about"], reason=reason)
    raise AssertionError(given)
