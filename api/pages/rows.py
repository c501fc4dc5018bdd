"""An announcement in words: everything a page says about one, ready for a template to arrange."""

from collections.abc import Mapping, Sequence
from typing import Literal

from markupsafe import Markup
from msgspec import UNSET, Struct

from api.pages import texts
from api.pages.glyphs import icon
from api.pages.steps import Step, steps
from api.pages.urls import web_address
from events.instants import Instant
from events.record import Actor, Announcement, Citation, GivenDate, HistoryEntry, Source, State
from events.terms import Role


class Quote(Struct, frozen=True, kw_only=True):
    """Somebody's exact words, and where they stand. `title` is the source's id where it is not known here.

    `published` is the source's day, `said` that of the words, which it may only report.
    """

    words: str
    title: str
    publisher: str | None
    published: str
    said: str
    said_at: Instant
    speaker: str | None
    url: str | None
    archived_url: str | None
    verified: bool
    withdrawn: bool


class Date(Struct, frozen=True, kw_only=True):
    """A date it had. `what` says how it came: "first", "moved", "narrowed", "ours" or "theirs" (corrections)."""

    what: Literal["first", "moved", "narrowed", "ours", "theirs"]
    lead: str
    text: str
    moved: str
    reason: str | None
    said: str
    said_at: Instant
    recorded: str
    recorded_at: Instant
    position: int
    quote: Quote | None


class Outcome(Struct, frozen=True, kw_only=True):
    """What came of it, according to whom."""

    state: State
    text: str
    icon: Markup
    on: str | None
    reason: str | None
    rubric: str | None
    quotes: tuple[Quote, ...]
    position: int


class Row(Struct, frozen=True, kw_only=True):
    """An announcement as one line of a table, and what unfolds below it."""

    id: str
    title: str
    lang: str | None
    kind: str
    state: State
    state_text: str
    icon: Markup
    date: str
    date_note: str
    has_date: bool
    day: str | None
    moved: str
    had: str | None
    by: str
    more: tuple[str, ...]
    quote: Quote | None
    quotes: tuple[Quote, ...]
    dates: tuple[Date, ...]
    outcome: Outcome | None
    position: int


_LEADS = {
    "first": "first date given",
    "narrowed": "made more exact",
    "ours": "our correction, not a move",
    "theirs": "the source corrected itself, not a move",
}


def row(item: Announcement, sources: Mapping[str, Source], history: Sequence[HistoryEntry] = ()) -> Row:
    """Return an announcement in words. Without its history every correction is called ours if it cites nothing new."""
    quotes = tuple(quote(citation, sources) for citation in item.citations)
    dates = date_rows(item, sources, history)
    left = [step for step in steps(item.dates)[:-1] if step.holds.edtf is not None]
    return Row(
        id=item.id,
        title=item.title,
        lang=item.lang or None,
        kind=item.kind.replace("_", " "),
        state=item.state,
        state_text=texts.STATES[item.state],
        icon=icon(item.state),
        date=texts.sentence(item.when.text) if item.when.edtf else "No date",
        date_note=_date_note(item),
        has_date=item.when.edtf is not None,
        day=_day(item),
        moved=texts.moved_words(item.slip_days) or _moved_off(item),
        had=texts.given_words(left[0].holds) if left else None,
        by=actor_names(item.actors, "by"),
        more=_more(item),
        quote=quotes[0] if quotes else None,
        quotes=quotes,
        dates=dates,
        outcome=outcome_rows(item, sources)[-1] if item.outcomes else None,
        position=item.position,
    )


def quote(citation: Citation, sources: Mapping[str, Source]) -> Quote:
    """Return a citation with what is known of its source; addresses that are no web addresses are left out."""
    source = sources.get(citation.source)
    return Quote(
        words=citation.quote,
        title=source.title if source else citation.source,
        publisher=source.publisher if source else None,
        published=texts.instant_day(source.published_at) if source else "",
        said=texts.instant_day(citation.said_at),
        said_at=citation.said_at,
        speaker=citation.speaker.name if citation.speaker is not UNSET else None,
        url=web_address(source.url) if source else None,
        archived_url=web_address(source.archived_url) if source else None,
        verified=citation.verified,
        withdrawn=citation.withdrawn,
    )


def by_source(citations: Sequence[Citation], sources: Mapping[str, Source]) -> list[tuple[Quote, ...]]:
    """Return the quotes source by source, in the order in which the sources first said something."""
    said: dict[str, list[Quote]] = {}
    for citation in citations:
        said.setdefault(citation.source, []).append(quote(citation, sources))
    return [tuple(quotes) for quotes in said.values()]


def date_rows(
    item: Announcement, sources: Mapping[str, Source], history: Sequence[HistoryEntry] = ()
) -> tuple[Date, ...]:
    """Return every date it had, in the order said, corrections told apart from moves."""
    theirs = {entry.position for entry in history if entry.data and entry.data.get("origin") == "source"}
    return tuple(_date(step, given, sources, theirs, item) for step in steps(item.dates) for given in step.given)


def _date(step: Step, given: GivenDate, sources: Mapping[str, Source], theirs: set[int], item: Announcement) -> Date:
    corrected = given.how == "corrected"
    what = ("theirs" if given.position in theirs else "ours") if corrected else step.how
    assert what != "corrected"
    lasting = given is step.given[-1]
    moved = texts.moved_words(step.moved_days) if what == "moved" and len(step.given) == 1 else ""
    if corrected and lasting and step.how == "moved":
        moved = texts.moved_words(step.moved_days)
    is_present = item.when.edtf is not None and given is item.dates[-1]
    return Date(
        what=what,
        lead=_LEADS.get(what) or moved or ("postponed" if given.edtf is None else "another date"),
        text=texts.sentence(item.when.text if is_present else texts.given_words(given)),
        moved=moved,
        reason=given.reason,
        said=texts.instant_day(given.said_at),
        said_at=given.said_at,
        recorded=texts.instant_words(given.recorded_at),
        recorded_at=given.recorded_at,
        position=given.position,
        quote=quote(given.citation, sources) if given.citation else None,
    )


def outcome_rows(item: Announcement, sources: Mapping[str, Source]) -> tuple[Outcome, ...]:
    """Return what came of it, in the order said."""
    return tuple(
        Outcome(
            state=outcome.result,
            text=texts.STATES[outcome.result],
            icon=icon(outcome.result),
            on=texts.date_words(outcome.on) if outcome.on else None,
            reason=outcome.reason,
            rubric=outcome.rubric,
            quotes=tuple(quote(citation, sources) for citation in outcome.citations),
            position=outcome.position,
        )
        for outcome in item.outcomes
    )


def actor_names(actors: Sequence[Actor], role: Role) -> str:
    """Return the names of those who have this part, as a list in words."""
    names = [actor.name or actor.id or "" for actor in actors if actor.role == role]
    return ", ".join(names[:-1]) + (" and " if names[:-1] else "") + names[-1] if names else ""


def _more(item: Announcement) -> tuple[str, ...]:
    parts = [", ".join(item.places)] if item.places else []
    if item.amount is not UNSET:
        parts.append(texts.amount_words(item.amount))
    return tuple(parts)


def _date_note(item: Announcement) -> str:
    if item.when.edtf is None:
        return "off its date" if item.state == "postponed" else "none was given"
    if item.time is not UNSET:
        return f"{item.time}, {item.timezone}"
    if item.when.precision == "day" and item.when.kind == "on":
        return texts.weekday_words(item.when.earliest)
    return "deadline" if item.when.kind == "deadline" else ""


def _day(item: Announcement) -> str | None:
    """Return the one day the date can mean, if HTML has a way to write it."""
    day = item.when.earliest
    return day if day == item.when.latest and day is not None and len(day) == len("2024-04-10") else None


def _moved_off(item: Announcement) -> str:
    return "off its date" if item.state == "postponed" else ""
