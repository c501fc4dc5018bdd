"""The words on pages. Readers are told of entries, dates and sources, in plain English."""

from typing import Final

from events.days import civil, day_of, parse_day, weekday
from events.edtf import kind_of
from events.facts import knows
from events.instants import Instant
from events.record import GivenDate, State, reading
from events.terms import ActorKind, Amount, Result, Role
from events.words import words

STATES: Final[dict[State, str]] = {
    "announced": "announced",
    "due": "date passed, not yet checked",
    "overdue": "overdue",
    "postponed": "postponed, no new date",
    "cancelled": "cancelled",
    "happened": "happened",
    "partly": "happened in part",
    "did_not_happen": "did not happen",
    "cannot_be_judged": "cannot be judged",
    "withdrawn": "no source stands by it",
    "retracted": "our error: never announced",
    "merged": "the same as another",
}

ROLES: Final = {"by": "By", "with": "With", "to": "To", "about": "About"}
MODALITIES: Final = {
    "scheduled": "a date that was set",
    "committed": "a promise",
    "expected": "an expectation",
    "reported": "a report of what had happened",
}
UNSETTLED: Final[dict[State, str]] = {
    "announced": "Nothing has been recorded yet.",
    "due": "The date has passed, and nobody has checked yet what came of it.",
    "overdue": "It was promised by a day that has passed, and no outcome has been recorded.",
    "postponed": "It is off its date, and no new one has been given.",
    "cancelled": "It was cancelled.",
    "happened": "It was reported as having happened.",
    "partly": "It was reported as having happened in part.",
    "did_not_happen": "It was reported as not having happened.",
    "cannot_be_judged": "It cannot be judged.",
    "withdrawn": "No source stands by the announcement any more.",
    "retracted": "There was no such announcement: recording it was our error.",
    "merged": "It is the same as another announcement, where its history goes on.",
}
MEANINGS: Final[dict[State, str]] = {
    "announced": "A source has announced it, and nothing is known yet of what came of it.",
    "due": "Its last day is over, and nobody has recorded yet what came of it. It may well have happened.",
    "overdue": "It was promised by a day, and two more weeks have passed without a recorded outcome.",
    "postponed": "A source took it off its date and gave no new one.",
    "cancelled": "A source said that it will not take place.",
    "happened": "According to a source, it came about.",
    "partly": "According to a source, a part of it came about.",
    "did_not_happen": "According to a source, it did not come about.",
    "cannot_be_judged": "It was too vague, or too little is public, to tell.",
    "withdrawn": "Every source that had announced it was taken back by its publisher, or we had misread it.",
    "retracted": "There was no such announcement: recording it was our error.",
    "merged": "It turned out to be the same as another announcement, where its history goes on.",
}
RELATIONS: Final = {
    "follows": "Follows",
    "part_of": "Part of",
    "replaces": "Replaces",
    "conflicts": "Contradicts",
}
ENTRIES: Final = {
    "announcement.made": "Announced",
    "announcement.rescheduled": "Another date given",
    "announcement.postponed": "Postponed",
    "announcement.cancelled": "Cancelled",
    "announcement.corroborated": "Confirmed by another source",
    "announcement.progress_reported": "Progress reported",
    "announcement.outcome_reported": "What came of it",
    "announcement.linked": "Connected with another announcement",
    "announcement.merged": "Recognised as the same as another",
    "announcement.retracted": "Retracted: our error",
    "announcement.came_up": "Its first possible day began",
    "announcement.fell_due": "Its date passed without a recorded outcome",
    "fact.withdrawn": "An entry taken back",
    "source.recorded": "Source recorded",
    "source.corrected": "Source’s particulars corrected",
    "source.withdrawn": "A source taken back by its publisher",
    "source.candidate_rejected": "A reading of a source rejected",
    "actor.recorded": "Actor recorded",
    "actor.renamed": "Actor renamed",
    "actor.merged": "Actor recognised as the same as another",
    "rubric.published": "Rubric published",
    "timeline.created": "Timeline begun",
    "timeline.changed": "Timeline changed",
    "timeline.item_pinned": "Put on a timeline by an editor",
    "timeline.item_hidden": "Taken off a timeline by an editor",
    "timeline.item_released": "Left to a timeline’s own rules again",
    "timeline.archived": "Timeline archived",
    "log.key_rotated": "The log’s key replaced",
    "log.erased": "Contents erased",
    "log.restored": "The log restored from a backup",
}
ACTOR_KINDS: Final[dict[ActorKind, str]] = {
    "state": "State",
    "government": "Government",
    "office": "Office",
    "person": "Person in public office",
    "company": "Company",
    "organisation": "Organisation",
}
PARTS: Final[dict[Role, str]] = {
    "by": "Announced by {}",
    "with": "Announced together with {}",
    "to": "Addressed to {}",
    "about": "About {}",
}
"""The parts that an actor, called by name, has in announcements."""
RATINGS: Final[dict[Result, str]] = {
    "happened": "What was announced came about.",
    "partly": "Part of it came about, another part did not.",
    "did_not_happen": "It did not come about.",
    "cannot_be_judged": "It was too vague to tell, or too little is public.",
}
"""What the ratings mean where no rubric has been published."""
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def date_words(edtf: str | None, kind: str | None = None) -> str:
    """Say a date in English; "no date" for none."""
    if edtf is None:
        return "no date"
    read = reading(edtf)
    return words(read, kind or kind_of(read))


def given_words(date: GivenDate) -> str:
    """Say a date that was given, "off its date" where it was put off without a new one."""
    return "off its date, without a new one" if date.edtf is None else date_words(date.edtf)


def day_words(day: int) -> str:
    """Say a day in English.

    >>> day_words(738986)
    '10 April 2024'
    """
    year, month, of_month = civil(day)
    return f"{of_month} {_MONTHS[month - 1]} {year}"


def weekday_words(day: str | None) -> str:
    """Say the day of the week of an ISO day; nothing for none.

    >>> weekday_words("2024-04-10")
    'Wednesday'
    """
    return _WEEKDAYS[weekday(parse_day(day))] if day else ""


def instant_day(instant: Instant) -> str:
    """Say the UTC day of an instant.

    >>> instant_day("2024-04-08T23:30:00.000000Z")
    '8 April 2024'
    """
    return day_words(day_of(int(instant[:4]), int(instant[5:7]), int(instant[8:10])))


def instant_words(instant: Instant) -> str:
    """Say an instant to the minute.

    >>> instant_words("2024-04-08T12:04:59.000000Z")
    '8 April 2024, 12:04 UTC'
    """
    return f"{instant_day(instant)}, {instant[11:16]} UTC"


def said_by_words(instant: Instant) -> str:
    """Say an instant up to which something holds: a day's last microsecond is the day.

    >>> said_by_words("2024-04-08T23:59:59.999999Z"), said_by_words("2024-04-08T12:00:00.000000Z")
    ('8 April 2024', '8 April 2024, 12:00 UTC')
    """
    return instant_day(instant) if instant.endswith("T23:59:59.999999Z") else instant_words(instant)


def moved_words(days: int | None) -> str:
    """Say by how much a date moved; nothing for None or 0.

    >>> moved_words(212), moved_words(-1), moved_words(0)
    ('moved by 212 days', 'moved 1 day earlier', '')
    """
    if not days:
        return ""
    counted = f"{abs(days):,} day" + ("" if abs(days) == 1 else "s")
    return f"moved by {counted}" if days > 0 else f"moved {counted} earlier"


def amount_words(amount: Amount) -> str:
    """Say an amount: the source's words, else the number.

    >>> amount_words(Amount(value="14000000000", currency="USD"))
    '14,000,000,000 USD'
    """
    if amount.text:
        return amount.text
    whole, dot, part = amount.value.partition(".")
    return f"{int(whole):,}{dot}{part} {amount.currency}"


def entry_words(type_name: str, v: int, *, ours: bool | None = None) -> str:
    """Name a kind of entry. `ours` tells whose correction it is: our own, or the source's.

    >>> entry_words("announcement.dreamt", 1)
    'An entry that this version of the site cannot read (announcement.dreamt)'
    """
    if not knows(type_name, v):
        kind = f"{type_name}, version {v}" if knows(type_name, 1) else type_name
        return f"An entry that this version of the site cannot read ({kind})"
    if type_name == "announcement.amended":
        return "Our correction" if ours else "The source's own correction"
    return ENTRIES[type_name]


def sentence(text: str) -> str:
    """Return a text that begins like a sentence.

    >>> sentence("by 2025")
    'By 2025'
    """
    return text[:1].upper() + text[1:]


def counted(count: int, one: str, many: str | None = None) -> str:
    """Count in words.

    >>> counted(1, "entry", "entries"), counted(0, "source")
    ('1 entry', '0 sources')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"
