"""Lists and timelines a second time, from the naive fold and plain Python: nothing is shared with `events.views`.

A list is every announcement there is at a place, those left out that do not fit, in order of day.
"""

import calendar
import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from events import facts as f
from events.instants import FOREVER, Instant
from events.terms import TimelineQuery
from tests.property.naive import Answer, Recording

GRACE = timedelta(days=14)
GONE = ("merged", "retracted", "withdrawn")


class NaiveLists:
    """What had been recorded up to a position; `at` asks what had been said, and for what day it is."""

    def __init__(self, recorded: Sequence[f.Recorded], as_of: int, announcements: Sequence[str]) -> None:
        self.recordings = [Recording(recorded, as_of, name) for name in announcements]
        self.records = self.recordings[0].records
        self.standing: list[Any] = [r.fact for r in self.records if r.position in self.recordings[0].standing]

    def at(self, said_by: Instant | None, reference: Instant) -> "Shown":
        answers = [recording.at(said_by or FOREVER) for recording in self.recordings]
        return Shown(self, [self.shown(answer, reference) for answer in answers if answer is not None])

    def shown(self, answer: Answer, reference: Instant) -> Answer:
        """The announcement with its state on the day, and with its actors' names."""
        named = [{**one, "name": self.name(one["id"]) or one["name"]} for one in answer["actors"]]
        return {**answer, "state": _state(answer, reference), "actors": named}

    # Actors.

    def actor(self, id: str | None) -> dict[str, str] | None:
        """The names of an actor by language; None: nobody recorded it."""
        names = None
        for fact in self.standing:
            if isinstance(fact, f.ActorRecorded) and fact.actor == id:
                names = fact.names
            if isinstance(fact, f.ActorRenamed) and fact.actor == id and names is not None:
                names = {**names, **fact.names}
        return names

    def points_on(self, id: str | None) -> list[str | None]:
        """The actor, the one it was merged into, and so on."""
        into = [fact.into for fact in self.standing if isinstance(fact, f.ActorMerged) and fact.actor == id]
        return [id, *self.points_on(into[0])] if into and self.actor(id) else [id]

    def end(self, id: str) -> str:
        """Whom an actor points on to in the end, of those that are recorded."""
        recorded = [one for one in self.points_on(id) if one is not None and self.actor(one)]
        return recorded[-1] if recorded else id

    def name(self, id: str | None) -> str | None:
        known = [names for one in self.points_on(id) if (names := self.actor(one))]
        return known[-1].get("en") or known[-1][min(known[-1])] if known else None

    # Timelines.

    def timeline(self, slug: str) -> dict[str, Any] | None:
        """How a timeline is defined; None: there is none."""
        found: dict[str, Any] | None = None
        for fact in self.standing:
            if getattr(fact, "timeline", None) != slug:
                continue
            if isinstance(fact, f.TimelineCreated):
                found = {"title": fact.title, "description": fact.description, "query": fact.query}
                found |= {"pinned": set(), "hidden": set(), "archived": False}
            elif found is not None:
                _change(found, fact)
        return None if found is None else {**found, "position": max(self._entries(slug))}

    def _entries(self, slug: str) -> list[int]:
        """The timeline's facts, the withdrawals of them, the withdrawals of these, and so on."""
        entries: list[int] = []
        for r in self.records:
            if getattr(r.fact, "timeline", None) == slug:
                entries.append(r.position)
            if isinstance(r.fact, f.FactWithdrawn) and r.fact.position in entries:
                entries.append(r.position)
        return entries


class Shown:
    """All announcements there were at one place, as they were."""

    def __init__(self, lists: NaiveLists, answers: list[Answer]) -> None:
        self.lists = lists
        self.answers = sorted(answers, key=_order)

    def found(self, query: TimelineQuery) -> list[Answer]:
        """What a list shows."""
        return [answer for answer in self.answers if self.fits(answer, query)]

    def on(self, timeline: dict[str, Any], wanted: TimelineQuery | None = None) -> list[Answer]:
        """What a timeline shows, of it what is `wanted`."""
        return [
            answer
            for answer in self.answers
            if answer["id"] not in timeline["hidden"]
            and (
                self.fits(answer, timeline["query"])
                or (answer["id"] in timeline["pinned"] and answer["state"] not in GONE)
            )
            and (wanted is None or self.fits(answer, wanted))
        ]

    def fits(self, answer: Answer, query: TimelineQuery) -> bool:
        """Values of one field are alternatives, fields must all hold."""
        stands_for = {id for actor in answer["actors"] for id in self.lists.points_on(actor["id"])}
        has = {"actor": stands_for, "topic": answer["topics"], "place": answer["places"], "source": _sources(answer)}
        has |= {"kind": [answer["kind"]], "state": [answer["state"]], "id": [answer["id"]]}
        wanted = {field: set(getattr(query, field)) for field in has}
        wanted["actor"] = {self.lists.end(actor) for actor in query.actor}
        after = getattr(query, "changed_after", None)
        return (
            (answer["state"] not in GONE or bool(query.state))
            and all(not values or values & set(has[field]) for field, values in wanted.items())
            and _overlaps(answer["when"], query.from_, query.to)
            and _has_words(answer, query.q or "")
            and (after is None or answer["position"] > after)
        )


def _change(found: dict[str, Any], fact: Any) -> None:
    match fact:
        case f.TimelineChanged(set=fields):
            given = {"title": fields.title, "description": fields.description, "query": fields.query}
            found.update((name, value) for name, value in given.items() if value is not None)
        case f.ItemPinned(announcement=id):
            found["hidden"].discard(id)
            found["pinned"].add(id)
        case f.ItemHidden(announcement=id):
            found["pinned"].discard(id)
            found["hidden"].add(id)
        case f.ItemReleased(announcement=id):
            found["pinned"].discard(id)
            found["hidden"].discard(id)
        case f.TimelineArchived():
            found["archived"] = True


def _state(answer: Answer, reference: Instant) -> str:
    """The state on the day of the reference instant in the announcement's zone."""
    when, state = answer["when"], str(answer["state"])
    if state != "announced" or when["latest"] is None:
        return state
    today = datetime.fromisoformat(reference).astimezone(ZoneInfo(answer["timezone"])).date()
    last = _widened(when["edtf"], date.fromisoformat(when["latest"]))
    if today <= last:
        return state
    committed = when["kind"] == "deadline" and answer["modality"] == "committed"
    return "overdue" if committed and today > last + GRACE else "due"


def _widened(edtf: str, last: date) -> date:
    """The last day, one month later where the date is a month and approximate: the drawn dates have no other."""
    if not re.fullmatch(r"\d{4}-\d{2}~", edtf):
        assert "~" not in edtf
        return last
    first_of_next = last + timedelta(days=1)
    return first_of_next.replace(day=calendar.monthrange(first_of_next.year, first_of_next.month)[1])


def _order(answer: Answer) -> tuple[str, str, str]:
    """Where a date begins; a deadline, or what has no beginning, where it ends. Then by its last day, then by id.

    What has no date stands last.
    """
    when, id = answer["when"], answer["id"]
    end = when["latest"] or "9999-12-31"
    if when["edtf"] is None:
        return "9999-12-31", "9999-12-31", id
    stands_at_end = when["kind"] == "deadline" or when["earliest"] is None
    return (end if stands_at_end else when["earliest"]), end, id


def _overlaps(when: Answer, first: str | None, last: str | None) -> bool:
    if first is None and last is None:
        return True
    if when["edtf"] is None:
        return False
    ends_before = first is not None and when["latest"] is not None and when["latest"] < first
    begins_after = last is not None and when["earliest"] is not None and when["earliest"] > last
    return not ends_before and not begins_after


def _has_words(answer: Answer, words: str) -> bool:
    texts = [_plain(text) for text in (answer["title"], *answer["places"], *answer["topics"])]
    return all(any(_plain(word) in text for text in texts) for word in words.split())


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if unicodedata.category(c) != "Mn")


def _sources(answer: Answer) -> set[str]:
    """Every source it cites, whatever for."""
    citing = [answer, *answer["outcomes"], *answer["progress"], *answer["links"]]
    return {citation["source"] for one in citing for citation in one["citations"]}
