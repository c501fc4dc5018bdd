"""What the clauses of a sentence say: whose deed, which date, told by whom."""

import re
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from events.extract.candidates.memory import Memory, Subject, joined
from events.extract.candidates.named_events import Named
from events.extract.candidates.passage import Passage, is_ahead, is_beyond, is_past
from events.extract.candidates.phrases import PRONOUNS, noun_phrase, phrase
from events.extract.candidates.roles import acting, actor, is_adjective, once
from events.extract.clauses.clauses import RELATIVE, Clause
from events.extract.clauses.forms import FORMS
from events.extract.clauses.kinds import noun_kind
from events.extract.clauses.modality import (
    CALLS_OFF,
    COMMITS,
    EXPECTS,
    MOVES,
    NONE_OFF,
    POSTPONES,
    SPEECH,
    STANDS,
    TELLS,
    Meaning,
    carried,
    is_called_off,
    meaning,
)
from events.extract.clauses.verbs import ADVERBS, PREPOSITIONS
from events.extract.reading import CandidateModality, Expression
from events.extract.who.names import Mention
from events.terms import Speaker

INHERITED_SENTENCES_MAX: Final = 2
_SPOKEN: Final = SPEECH | frozenset("vow promise deny predict swear pledge".split())
_PEOPLE: Final = ("person", "office")
_COMPANIES: Final = frozenset(
    "company firm group carmaker automaker manufacturer bank airline retailer operator maker giant".split()
)
_PAIRS: Final = re.compile(
    r"(?:two|both|three|pair|four)(?: (?:countries|governments|leaders|sides|nations|companies|firms|ministers|men|"
    r"states|presidents|parties|allies|carmakers|partners|banks))?"
)


class Said(Struct, kw_only=True):
    """A clause with all that is known of it before it becomes a candidate.

    `of_carrier` are the expressions, by number, that date the promise rather than what is promised. `put_off`: it is
    taken off its date and given no other.
    """

    clause: Clause
    subject: Subject
    meaning: Meaning
    expression: Expression | None
    inherited: bool
    told_by: int | None
    moved_from: Expression | None = None
    of_carrier: frozenset[int] = frozenset()
    put_off: bool = False


def subject_of(passage: Passage, clause: Clause, before: Sequence[Subject], memory: Memory) -> Subject:
    """Return who does what a clause says: its own words, or what a pronoun in their place means."""
    sentence, (start, end) = passage.sentence, clause.subject
    if clause.shares is not None and clause.shares < len(before):
        return before[clause.shares]
    if start == end:
        return Subject(text="", short="")
    kept = noun_phrase(sentence, start, end, passage.dated)
    words = [sentence.lower[index] for index in kept]
    if len(words) <= 2 and words and words[0] in PRONOUNS:
        inside = next((s for s in reversed(before) if s.text and _fits(words[0], s)), None)
        if words[0] in ("we", "i"):
            return _quoted(passage, clause) or Subject(text="", short="")
        meant = inside or memory.meant(words[0], sentence=passage.number)
        return meant or Subject(text="", short="", person=words[0] in ("he", "she"))
    if _PAIRS.fullmatch(" ".join(words)):
        pair = memory.pair(sentence=passage.number)
        if pair is not None:
            text = joined([each.name or _spoken(each.id) for each in pair.actors])
            return Subject(text=pair.short or text, short=pair.short, actors=pair.actors, plural=True)
    mentions = passage.names(start, end)
    if len(words) <= 2 and not mentions and words and words[-1] in _COMPANIES and sentence.lower[start] == "the":
        company = memory.acting(sentence=passage.number, company=True)
        if company is not None:
            return company
    return _spoken_of(passage, start, end, kept, mentions)


def doer_of(passage: Passage, words: tuple[int, int]) -> Subject | None:
    """Return whom a subject wants to do something, as the one who is to do it; None where nobody is named."""
    start, end = words
    kept = noun_phrase(passage.sentence, start, end, passage.dated)
    found = _spoken_of(passage, start, end, kept, passage.names(start, end))
    return found if found.text else None


def _quoted(passage: Passage, clause: Clause) -> Subject | None:
    """Return who says "we": the subject of "…, the minister said", or what follows "said"."""
    after = _trails(passage, passage.clauses.index(clause))
    if after is None:
        return None
    teller = passage.clauses[after]
    start, end = teller.subject if teller.shares is None else (0, 0)
    if start == end:
        start, end = teller.verb.end, teller.end
    kept = noun_phrase(passage.sentence, start, end, passage.dated)
    found = _spoken_of(passage, start, end, kept, passage.names(start, end))
    return found if found.actors else None


def _spoken_of(passage: Passage, start: int, end: int, kept: list[int], mentions: Sequence[Mention]) -> Subject:
    """Return the subject that the words `[start, end)` name, `kept` those that a title says."""
    sentence = passage.sentence
    text = phrase(sentence, kept)
    many = " and " in text or (bool(kept) and sentence.lower[kept[-1]].endswith("s"))
    if not mentions:
        return Subject(text=text, short="", plural=many, sentence=passage.number)
    acts, alone = acting(sentence, mentions, end)
    short = joined(list(dict.fromkeys(each.name if each.how == "capital" else each.text for each in alone)))
    if len(alone) == 1 and alone[0].how == "capital" and text == alone[0].text:
        text = alone[0].name
    if acts and not alone and len(mentions) == 1 and mentions[0].text == text:
        text = mentions[0].name
    if alone and alone[0].how == "demonym" and alone[0].text == text:
        text = alone[0].name  # "The Japanese have pledged": Japan.
    return Subject(
        text=text,
        short=short,
        actors=once(actor(each, "by") for each in acts),
        plural=len(acts) > 1 or " and " in text or (many and not acts),
        person=bool(alone) and alone[0].kind in ("person", "office"),
        sentence=passage.number,
    )


def _fits(word: str, subject: Subject) -> bool:
    if word in ("they", "them"):
        return subject.plural
    if word in ("he", "she"):
        return subject.person or not subject.actors
    return word == "it" and not subject.person


def _spoken(id: str | None) -> str:
    return (id or "").replace("-", " ").title()


def said_of(
    passage: Passage, number: int, subject: Subject, owners: dict[int, int | None], memory: Memory, today: int
) -> Said:
    """Return a clause with its date and its meaning. `owners` says which clause each date of the sentence is of."""
    clause = passage.clauses[number]
    own = [i for i, owner in owners.items() if owner == number]
    if own and passage.named:
        own = _not_taken(passage, own, clause)
    if clause.verb.tense == "future":
        own = [i for i in own if not is_past(passage.expressions[i], today)]
    if not own and clause.verb.lemma in CALLS_OFF - MOVES:
        own = _planned(passage, owners, number)
    moved_from, own = _moved(passage, own, clause, _planned(passage, owners, number))
    of_carrier, own = _of_carrier(passage, clause, own)
    if clause.verb.lemma in POSTPONES and clause.verb.tense in ("past", "perfect") and not clause.verb.passive:
        # "On Wednesday postponed the vote": then it was put off.
        of_carrier |= {i for i in own if clause.subject[1] <= passage.dates[i][0] < clause.verb.start}
        own = [i for i in own if i not in of_carrier]
    expression = _best(passage, own, clause)
    told_by = _told_by(passage, number)
    ahead = None if expression is None else is_ahead(expression, today)
    teller = _teller(passage, number, told_by)
    beyond = expression is not None and is_beyond(expression, today)
    verb = None if teller is None else teller.verb
    meant = meaning(clause, passage.sentence.lower, ahead=ahead, beyond=beyond, teller=verb)
    if expression is not None and any(expression is passage.expressions[i] for i in of_carrier):
        # "Will commit this week to building": the week is that of the promise, so the title says the promise.
        meant = meant._replace(lemma=clause.verb.lemma, at=clause.verb.head, carried=False)
    if expression is not None:
        past = is_past(expression, today)
        meant = _with_date(passage, number, meant, expression, past=past)
    put_off = expression is None and (moved_from is not None or _takes_off(passage, clause, meant))
    put_off = put_off and meant.modality in ("reported", "scheduled") and meant.reason not in (STANDS, NONE_OFF)
    if put_off:
        meant = meant._replace(modality="scheduled", reason="taken off its date")
    elif moved_from is not None and expression is None:
        expression, moved_from = moved_from, None  # "May postpone the vote set for May".
    inherited = None
    if (
        expression is None
        and not put_off
        and not of_carrier
        and (meant.modality in ("scheduled", "committed") or meant.carried)
    ):
        inherited = _inherited(passage, clause, subject, memory, today)
    if meant.doer[1]:
        subject = doer_of(passage, meant.doer) or subject
    return Said(
        clause=clause,
        subject=subject,
        meaning=meant,
        expression=expression or inherited,
        inherited=inherited is not None,
        told_by=told_by,
        moved_from=moved_from,
        of_carrier=of_carrier,
        put_off=put_off,
    )


def _not_taken(passage: Passage, own: list[int], clause: Clause) -> list[int]:
    """Return the dates of a clause without those that date an event it names, unless it calls that off."""
    lower = passage.sentence.lower
    taken = {event.expression for event in passage.named if not _calls_off(event, clause, lower)}
    return [i for i in own if i not in taken]


def _of_carrier(passage: Passage, clause: Clause, own: list[int]) -> tuple[frozenset[int], list[int]]:
    """Return the dates on which something was promised or announced, and those that are left to date what was.

    "Agreed on Monday to buy tanks in 2026": Monday is when they agreed. A promise still to come has the date itself.
    """
    carries = carried(clause, passage.sentence.lower) if own else None
    if carries is None:
        return frozenset(), own
    told_then = clause.verb.tense in ("past", "perfect") and not clause.verb.passive
    if not (carries[1] or clause.verb.lemma in COMMITS or told_then):
        return frozenset(), own
    limits = ("until", "deadline")  # "Has until Friday to file": that is for the filing.
    before = frozenset(i for i in own if passage.dates[i][0] < carries[3] and passage.expressions[i].kind not in limits)
    behind = [i for i in own if i not in before]
    if behind or clause.verb.tense in ("past", "perfect"):
        return before, behind
    return before, own


def is_plan(clause: Clause) -> bool:
    """Whether a clause only says for when something had been planned: "a visit that had been planned for May"."""
    return (
        clause.lead in (*RELATIVE, "that") and clause.verb.passive and clause.verb.lemma in ("plan", "schedule", "set")
    )


def _takes_off(passage: Passage, clause: Clause, meant: Meaning) -> bool:
    """Whether something is put off and nothing says from when or to when: "has postponed the summit"."""
    first, last = clause.subject if meant.passive else (meant.at + 1, clause.end)
    return meant.lemma in POSTPONES and any(noun_kind(word) is not None for word in passage.sentence.lower[first:last])


def _planned(passage: Passage, owners: dict[int, int | None], number: int) -> list[int]:
    """Return the dates that the clause after one only gives as what had been planned."""
    return [i for i, owner in owners.items() if owner == number + 1 and is_plan(passage.clauses[owner])]


def _moved(
    passage: Passage, numbers: list[int], clause: Clause, planned: list[int]
) -> tuple[Expression | None, list[int]]:
    """Return the date that something is moved away from, and the expressions that are left for the new one."""
    lower = passage.sentence.lower
    carries = carried(clause, lower)
    lemma = clause.verb.lemma if carries is None else carries[2]
    if lemma not in MOVES or clause.verb.negated or lower[clause.subject[0]] in ("no", "neither", "none"):
        return None, numbers
    own = sorted({*numbers, *planned})
    before = {i: lower[passage.dates[i][0] - 1] if passage.dates[i][0] else "" for i in own}
    new = [i for i in own if before[i] == "to" or passage.expressions[i].kind == "until"]
    sure = bool(new) or lemma in POSTPONES or lower[clause.verb.end : clause.verb.end + 1] in (["off"], ["back"])
    old = [
        i
        for i in own
        if i not in new and (i in planned or before[i] == "from" or (sure and _is_old(passage, clause, i)))
    ]
    if not old:
        return None, numbers
    return passage.expressions[old[0]], [i for i in own if i not in old]


def _is_old(passage: Passage, clause: Clause, number: int) -> bool:
    """Whether a date is that of what is moved: "the vote on 5 May", "set for May", "his 9 May visit"."""
    lower, (start, end) = passage.sentence.lower, passage.dates[number]
    at = start - 1
    while at > 0 and lower[at] in ("for", "on", "in", "at", "originally", "initially"):
        at -= 1
    if at >= 0 and lower[at] in _SET:
        return at < clause.verb.start or at >= clause.verb.end
    expression = passage.expressions[number]
    owned = passage.sentence.follows(end - 1, "'s")
    named = lower[end + owned : end + owned + 1]
    if named and noun_kind(named[0]) is not None and _SEASON.search(expression.edtf or "") is None:
        return True
    dated = clause.verb.passive and clause.subject[0] <= start < clause.subject[1]
    return dated and (
        owned
        or (end < len(lower) and lower[start - 1] not in ("on", "in") and expression.text[-1:].isdigit())
        or (at < start - 1 and lower[at] not in FORMS)
        or (at < start - 1 and noun_kind(lower[at]) is not None)
    )


_SET: Final = frozenset("set scheduled planned due slated expected".split())
_SEASON: Final = re.compile(r"-2[1-4]")


def _calls_off(event: Named, clause: Clause, lower: Sequence[str]) -> bool:
    """Whether a clause says of a named event that it will not be, or not then: "Friday's vote was postponed"."""
    start, end = clause.subject
    about = start <= event.noun < end or clause.verb.end <= event.noun < clause.end
    return about and (clause.verb.negated or clause.verb.lemma in CALLS_OFF or is_called_off(clause, lower))


def _teller(passage: Passage, number: int, told_by: int | None) -> Clause | None:
    """Return the clause that tells what a clause says, before it or after it."""
    if told_by is not None:
        return passage.clauses[told_by]
    after = _trails(passage, number)
    return None if after is None else passage.clauses[after]


def _with_date(passage: Passage, number: int, meant: Meaning, expression: Expression, *, past: bool) -> Meaning:
    """Return a meaning as the form of its date changes it."""
    clause = passage.clauses[number]
    if meant.modality == "denied" and clause.verb.negated and _opens(expression):
        how: CandidateModality = "expected" if clause.verb.lemma in EXPECTS else "scheduled"
        return meant._replace(modality=how, reason="not before then")
    if expression.text.lower().startswith("since"):
        return meant._replace(modality="reported", reason="“since”")
    if meant.lemma in MOVES and meant.modality == "reported" and not past:
        return meant._replace(modality="scheduled", reason="moved")
    off = passage.clauses[number + 1 :]
    ahead = (
        clause.verb.tense in ("future", "modal") or meant.carried or clause.verb.lemma in ("schedule", "plan", "set")
    )
    if ahead and any(other.shares == number and is_called_off(other, passage.sentence.lower) for other in off):
        return meant._replace(modality="denied", reason="called off")
    will = clause.verb.modal in ("will", "would", "shall") or clause.verb.modal.endswith("'ll")
    if meant.modality == "scheduled" and expression.kind == "deadline" and will:
        return meant._replace(modality="committed", reason=f"“{clause.verb.modal}” with a deadline")
    return meant


def _opens(expression: Expression) -> bool:
    """Whether "not" belongs to a date: "will not open until May" opens in May."""
    return expression.text.lower().startswith(("until", "before", "till")) or "until" in expression.rule


def _inherited(passage: Passage, clause: Clause, subject: Subject, memory: Memory, today: int) -> Expression | None:
    """Return the date that a clause without one has from a sentence before it, whose subject it only points to.

    "This week they will sign …. They will also visit …."; but who is named anew may act on another day.
    """
    dated = memory.dated
    while clause.shares is not None:
        clause = passage.clauses[clause.shares]
    points = passage.sentence.lower[clause.subject[0]] in PRONOUNS
    if dated is not None and dated.sentence != passage.number and not points:
        return None
    if dated is None or passage.number - dated.sentence > INHERITED_SENTENCES_MAX:
        return None
    same = bool(subject.text) and dated.subject in (subject.text, subject.short)
    fits = dated.expression.kind in ("on", "between") and is_ahead(dated.expression, today)
    return dated.expression if same and fits else None


def _best(passage: Passage, numbers: Sequence[int], clause: Clause) -> Expression | None:
    """Return the expression that dates a clause: the first after its verb, else the last before it.

    A day that owns something ("Tuesday's results") gives way to another, and "since" dates no clause about the future.
    """
    if not numbers:
        return None
    if clause.verb.tense in ("future", "modal", "present", "progressive"):
        numbers = [i for i in numbers if not passage.expressions[i].text.lower().startswith("since")]
    loose = [i for i in numbers if not _describes(passage, passage.dates[i][1])]
    numbers = loose or numbers
    after = [i for i in numbers if passage.dates[i][0] >= clause.verb.start]
    if after:
        return passage.expressions[after[0]]
    return passage.expressions[numbers[-1]] if numbers else None


def _describes(passage: Passage, end: int) -> bool:
    """Whether a date that ends before a word only describes a noun: "Tuesday's results", "its 2030 goals"."""
    lower = passage.sentence.lower
    if passage.sentence.follows(end - 1, "'s"):
        return True
    word = lower[end] if end < len(lower) else ""
    free = word in PREPOSITIONS or word in ADVERBS or word in ("and", "or", "but", "to", "that", "when", "while", "if")
    return word.isalpha() and not free and word not in FORMS


def _told_by(passage: Passage, number: int) -> int | None:
    """Return the clause of speech that carries a clause ("said [that] …"), or None."""
    clause, lower = passage.clauses[number], passage.sentence.lower
    if (
        clause.shares is not None
    ):  # "It said it had made an offer and would …"; "declared an emergency and sent troops".
        return _told_by(passage, clause.shares) if clause.verb.modal == "would" else None
    for before in range(number - 1, -1, -1):
        other = passage.clauses[before]
        if other.verb.lemma in TELLS and other.lead not in RELATIVE:
            parted = lower[clause.start - 1] in (",", "”", '"')
            direct = clause.lead == "that" or (clause.start <= other.end + 1 and not parted)
            return (
                before
                if direct or (before == number - 1 and "that" in lower[other.verb.end : clause.start + 1])
                else None
            )
        if other.lead == "that":
            continue
        if clause.shares != before:
            return None
    return None


def _trails(passage: Passage, number: int) -> int | None:
    """Return the clause of "…, officials said" that follows, or None."""
    lower = passage.sentence.lower
    for at in range(len(passage.clauses) - 1, number, -1):
        clause = passage.clauses[at]
        begin = min(clause.start, clause.subject[0]) if clause.subject[1] else clause.start
        parted = lower[begin] in (",", "”", '"') or (begin > 0 and lower[begin - 1] in (",", "”", '"'))
        if clause.verb.lemma in TELLS and parted and clause.lead not in RELATIVE and clause.lead != "than":
            return at
    return None


def speaker_of(passage: Passage, number: int, told_by: int | None) -> Speaker | None:
    """Return who is quoted for a clause: the subject of "said", before or after what was said."""
    at = _trails(passage, number) if told_by is None else told_by
    if at is None or passage.clauses[at].verb.tense == "future" or passage.clauses[at].verb.lemma not in _SPOKEN:
        return None
    clause, sentence = passage.clauses[at], passage.sentence
    start, end = clause.subject
    if start == end or clause.shares is not None:  # “…,” said Willie Shih, a professor
        start, end = clause.verb.end, clause.end
    names = [m for m in passage.names(start, end) if m.kind in ("person", "office", "company", "organisation", "state")]
    kept = noun_phrase(sentence, start, end, passage.dated)
    text = phrase(sentence, kept).split(",")[0]
    if not text or text.lower().startswith("to ") or (len(kept) <= 1 and text.lower() in PRONOUNS):
        return None
    end = sentence.ends[kept[-1]] if kept else 0
    proper = [
        each for each in names if not is_adjective(each) and (each.kind in ("person", "office") or each.end >= end)
    ]
    return Speaker(name=(proper[0].text if proper else text)[:100], named=bool(proper))


def owners_of(passage: Passage) -> dict[int, int | None]:
    """Return expression -> clause: the one whose words hold it, or the next after a phrase that leads it in."""
    owners: dict[int, int | None] = {}
    for number, (start, _) in enumerate(passage.dates):
        owner = None
        for index, clause in enumerate(passage.clauses):
            inside = clause.start <= start < clause.end
            if inside and (owner is None or clause.start >= passage.clauses[owner].start):
                owner = index
        if owner is None:
            owner = next((i for i, clause in enumerate(passage.clauses) if start < clause.verb.start), None)
        if owner is None and passage.clauses and ";" not in passage.sentence.lower[passage.clauses[-1].end : start]:
            owner = len(passage.clauses) - 1
        owners[number] = owner
    return owners
