"""How like a candidate is to what an announcement says: points, and the reasons for them in words.

What tells two things apart is who, what words, what kind of thing, how much and when. Points are whole numbers, so that
the same two are as like on every machine.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Final

from msgspec import Struct

from events import record
from events.edtf import Date, Range
from events.extract.parties import in_common, parties
from events.extract.reading import Candidate

WORDS_MAX: Final = 40
QUOTED_MAX: Final = 25
"""Words of the title that stand in what was quoted of the other, and not in its title, tell less."""
FEW: Final = 14
"""With fewer points for words, everything else has to speak for it: who visits twice a week makes two visits."""
KIND: Final = 12, -15
PLACES: Final = 6, -8
AMOUNT: Final = 15, -15
ABOUT: Final = Decimal("0.05")
"""Amounts are about the same that differ by no more than this part: one says nearly, the other exactly."""
QUOTE: Final = 40
SAME_DATE: Final = 20
OVERLAP: Final = 12
NEAR: Final = 5
APART: Final = -5
LATE: Final = -15
FAR: Final = -30
YEARS: Final = -45
NEAR_DAYS: Final = 31
RECURS_DAYS: Final = 60
"""What comes again and again is not the same so long after."""
FAR_DAYS: Final = 180
YEARS_DAYS: Final = 300

RECURRING: Final = frozenset({"visit", "summit", "meeting", "speech", "exercise", "election", "report", "decision"})
AKIN: Final = frozenset(
    frozenset(pair)
    for pair in (
        ("summit", "meeting"), ("visit", "meeting"), ("visit", "summit"), ("agreement", "purchase"),
        ("agreement", "investment"), ("agreement", "decision"), ("law", "decision"), ("launch", "deployment"),
    )
)  # fmt: skip
"""Kinds that one source can call so, and another otherwise."""
_WORD: Final = re.compile(r"[^\W_]+(?:[’'][^\W\d_]+)?")
_STOP: Final = frozenset(
    "a an and any are as at be been before being by can could did do does during each for from had has have he her his "
    "how if in into is it its made make may might more new next no not of off on one onto or other our over own plan "
    "planned plans said say says set shall she should so some such take takes taking than that the their them then "
    "there these they this those through to two under until up upon was we were what when where which while who whose "
    "will with would year years monday tuesday wednesday thursday friday saturday sunday january february march april "
    "may june july august september october november december today tomorrow week weeks month months day days first "
    "second third hold holds held holding begin begins start starts due expected announce announces announced "
    "million billion trillion up about nearly almost build builds built building open opens opened spend spends invest "
    "invests further notice indefinitely postpone postponed postpones reschedule rescheduled delay delayed delays "
    "cancel cancelled canceled".split()
)
_SAME: Final = {
    "speak": "speech", "speaks": "speech", "spoke": "speech", "address": "speech", "addresses": "speech",
    "buy": "purchase", "buys": "purchase", "bought": "purchase", "acquire": "purchase", "acquires": "purchase",
    "factory": "plant", "factories": "plant", "trip": "visit", "trips": "visit", "stronger": "strengthen",
    "met": "meet", "talks": "meet",
}  # fmt: skip
"""Words that stand for another in titles."""
_ENDINGS: Final = ("ments", "ment", "ations", "ation", "ingly", "ings", "ing", "edly", "ied", "ies", "ed", "es", "s")
STEM_MIN: Final = 4
WORDS_CACHED_MAX: Final = 4096

_MOVING: Final = re.compile(
    r"\b(postpon\w*|delay\w*|reschedul\w*|mov(?:ed|es|ing) (?:\w+ ){0,2}(?:to|from|up)|push(?:ed|es)? (?:\w+ )?back|"
    r"brought forward|bring forward|put off|slip(?:ped|s)?|instead|rather than|earlier than|later than|no longer|"
    r"new date|will now|is now|are now)\b",
    re.IGNORECASE,
)


class Days(Struct, frozen=True):
    """The first and the last day that a date can mean, None where it is open."""

    first: int | None
    last: int | None


class Likeness(Struct, frozen=True, kw_only=True):
    """How like two are: `points`, and why; `is_meant` says whether anything but date and kind speaks for it."""

    points: int
    why: tuple[str, ...]
    is_meant: bool


def stems(text: str) -> frozenset[str]:
    """Return the significant words of a text without their endings.

    >>> sorted(stems("The leaders’ three-way summits were repaired by 2025"))
    ['leader', 'repair', 'summit', 'thre', 'way']
    """
    return frozenset(_words_by_stem(text))


def sought(candidate: Candidate) -> tuple[str, ...]:
    """Return beginnings of words by which announcements that a candidate may mean are looked for.

    >>> _beginnings("Treaties on the high seas")
    ('treat', 'high', 'sea')
    """
    return _beginnings(candidate.title)


def days_of(edtf: str | None) -> Days | None:
    """Return the days of an expression; None for none."""
    if edtf is None:
        return None
    read = record.reading(edtf)
    return Days(read.earliest, read.latest)


def compared(one: str, other: str) -> tuple[Days, Days]:
    """Return the days of two expressions as they can be compared.

    Two that are open at the same end, as deadlines are, overlap whatever they say: of them it is the days of the other
    end, so that "by 2025" agrees with a day of 2025 and not with a later year.

    >>> compared("../2025", "../2025-03-24") == (days_of("2025"), days_of("2025-03-24"))
    True
    """
    ends = [_end(edtf) for edtf in (one, other)]
    if ends[0] is not None and ends[1] is not None and ends[0][0] == ends[1][0]:
        return ends[0][1], ends[1][1]
    first, second = days_of(one), days_of(other)
    assert first is not None
    assert second is not None
    return first, second


def _end(edtf: str) -> tuple[str, Days] | None:
    """Return the only end that an interval has, and its days; None for any other expression."""
    only, *more = record.reading(edtf).members
    match only:
        case Range(start=str(), end=Date() as end) if not more:
            return "end", Days(end.earliest, end.latest)
        case Range(start=Date() as start, end=str()) if not more:
            return "start", Days(start.earliest, start.latest)
        case _:
            return None


def overlap(one: Days, other: Days) -> bool:
    """Say whether two dates can mean the same day."""
    return not (_before(one.last, other.first) or _before(other.last, one.first))


def within(one: Days, other: Days) -> bool:
    """Say whether all days of one are days of the other."""
    begins = other.first is None or (one.first is not None and one.first >= other.first)
    ends = other.last is None or (one.last is not None and one.last <= other.last)
    return begins and ends


def apart_days(one: Days, other: Days) -> int:
    """Return how many days lie between two dates, 0 where they overlap."""
    gaps = [
        later - earlier
        for earlier, later in ((one.last, other.first), (other.last, one.first))
        if earlier is not None and later is not None
    ]
    return max(0, *gaps) if gaps else 0


def speaks_of_moving(candidate: Candidate) -> bool:
    """Say whether a clause says of a date that it is another than before."""
    return isinstance(candidate.moved_from, record.When) or _MOVING.search(candidate.quote) is not None


def likeness(
    candidate: Candidate,
    known: record.Announcement,
    date: str | None,
    same: Mapping[str, str],
    wholes: Mapping[str, str],
) -> Likeness:
    """Return how like a candidate is to an announcement, whose `date` was an expression when the text appeared.

    `same` names for actors that were merged whom they point on to, `wholes` what actors are part of in the end.
    """
    ours, theirs = parties(candidate.actors, same, wholes), parties(known.actors, same, wholes)
    points, why = _words(candidate, known, {party.id for party in (*ours, *theirs)})
    is_meant = points > 0
    if points < FEW:
        points -= FEW
    for more, reason in (
        in_common(ours, theirs),
        _kind(candidate, known),
        _places(candidate, known),
        _amount(candidate, known),
        _dates(candidate, date),
    ):
        points += more
        why += (reason,) if reason else ()
    if _quoted(candidate, known):
        points, why, is_meant = points + QUOTE, ("same quote", *why), True
    return Likeness(points=points, why=why, is_meant=is_meant)


def _words(candidate: Candidate, known: record.Announcement, actors: Iterable[str]) -> tuple[int, tuple[str, ...]]:
    """Compare titles without the names of actors, which count by themselves."""
    names = " ".join((*actors, *(actor.name or "" for actor in known.actors))).lower()
    named = frozenset(_WORD.findall(names))
    ours, theirs = _without(candidate.title, named), _without(known.title, named)
    for title in (known.translations or {}).values():
        theirs = max(theirs, _without(title, named), key=lambda words: len(ours & words))
    shared = ours & theirs
    said_as = _words_by_stem(candidate.title)
    points = WORDS_MAX * 2 * len(shared) // max(1, len(ours) + len(theirs))
    fewest = min(len(ours), len(theirs))
    if len(shared) > 1:
        points = max(points, WORDS_MAX * 4 * len(shared) // (5 * fewest))
    in_theirs = ours & frozenset().union(*(stems(citation.quote) for citation in known.citations))
    for quoted, words in ((in_theirs, ours), (theirs & stems(candidate.quote), theirs)):
        said = QUOTED_MAX * len(quoted) // max(1, len(words)) if len(quoted) > 1 else 0
        if said > points:
            points, shared = said, quoted
    said_as = {**_words_by_stem(known.title), **said_as}
    return points, (f"same words: {', '.join(sorted(said_as[stem] for stem in shared))}",) if shared else ()


def _without(title: str, named: frozenset[str]) -> frozenset[str]:
    """Return the stems of a title but for the words that names are made of, exactly so: a state is not the States."""
    return frozenset(stem for stem, word in _words_by_stem(title).items() if word not in named)


def _kind(candidate: Candidate, known: record.Announcement) -> tuple[int, str]:
    if "other" in (candidate.kind, known.kind) or frozenset((candidate.kind, known.kind)) in AKIN:
        return 0, ""
    return (KIND[0], f"same kind: {known.kind}") if candidate.kind == known.kind else (KIND[1], "")


def _places(candidate: Candidate, known: record.Announcement) -> tuple[int, str]:
    ours, theirs = (frozenset(place.casefold() for place in one.places) for one in (candidate, known))
    if ours & theirs:
        return PLACES[0], f"same places: {', '.join(sorted(ours & theirs))}"
    return (PLACES[1], "") if ours and theirs else (0, "")


def _amount(candidate: Candidate, known: record.Announcement) -> tuple[int, str]:
    ours, theirs = candidate.amount, known.amount or None
    if ours is None or theirs is None or ours.currency != theirs.currency:
        return 0, ""
    said, known_value = Decimal(ours.value), Decimal(theirs.value)
    if said == known_value:
        return AMOUNT[0], f"same amount: {ours.text or f'{ours.value} {ours.currency}'}"
    if abs(said - known_value) <= ABOUT * abs(known_value):
        return AMOUNT[0] // 2, "about the same amount"
    return AMOUNT[1], ""


def _dates(candidate: Candidate, date: str | None) -> tuple[int, str]:
    moving = speaks_of_moving(candidate)
    before = candidate.moved_from.edtf if isinstance(candidate.moved_from, record.When) else None
    if before is not None and date is not None and overlap(*compared(before, date)):
        return SAME_DATE, f"moves it from {_text(candidate.moved_from)}"
    if candidate.when.edtf is None or date is None:
        return 0, ""
    ours, theirs = compared(candidate.when.edtf, date)
    if ours == theirs:
        return SAME_DATE, "same date"
    apart = apart_days(ours, theirs)
    if apart == 0:
        return OVERLAP, "dates overlap"
    if apart <= NEAR_DAYS:
        return NEAR, ""
    if moving:
        return 0, ""
    if candidate.kind in RECURRING:
        return (YEARS if apart > YEARS_DAYS else FAR if apart > RECURS_DAYS else APART), ""
    return (LATE if apart > FAR_DAYS else APART), ""


def _quoted(candidate: Candidate, known: record.Announcement) -> bool:
    words = candidate.quote.split()
    return any(citation.quote.split() == words for citation in known.citations)


def _text(when: object) -> str:
    return when.text if isinstance(when, record.When) else ""


def _before(last: int | None, first: int | None) -> bool:
    return last is not None and first is not None and last < first


def _beginnings(title: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(stem.removesuffix("i") for stem in _words_by_stem(title)))


@lru_cache(maxsize=WORDS_CACHED_MAX)
def _words_by_stem(text: str) -> Mapping[str, str]:
    words = (re.sub(r"[’'].*", "", word) for word in _WORD.findall(text.lower()))
    told = (word for word in words if word not in _STOP and len(word) > 1 and not word.rstrip("bmnt").isdigit())
    return {_stem(_british(_SAME.get(word, word))): word for word in told}


def _british(word: str) -> str:
    """Return a word as it is spelled in Britain, as far as spellings differ by a rule."""
    return re.sub(r"(?<=[a-z]{2})iz(e|es|ed|ing|ation)\b", r"is\1", word).replace("defense", "defence")


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= STEM_MIN - (ending == "s"):
            stem = word.removesuffix(ending)
            if ending in ("ies", "ied"):
                return stem + "i"
            if ending == "s" and stem.endswith(("s", "u")):
                return word
            return stem.removesuffix("e")
    return (word[:-1] + "i") if len(word) > STEM_MIN and word.endswith("y") else word.removesuffix("e")
