"""Clauses that announce something, as candidates: what, when, by whom, how sure and why."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from msgspec import UNSET, structs

from events import record
from events.extract.candidates.memory import Dated, Memory, Subject
from events.extract.candidates.named_events import Named
from events.extract.candidates.passage import Passage, days_past, is_ahead, is_past
from events.extract.candidates.phrases import (
    TITLE_WORDS_MAX,
    complement,
    ends_phrase,
    noun_phrase,
    phrase,
    predicate,
    spelled,
    title,
)
from events.extract.candidates.roles import actor, is_actor, others
from events.extract.candidates.telling import Said, is_plan, owners_of, said_of, speaker_of, subject_of
from events.extract.clauses.clauses import CONDITIONS
from events.extract.clauses.forms import FORMS
from events.extract.clauses.kinds import kind_of
from events.extract.clauses.modality import CALLS_OFF, SPEECH, TELLS
from events.extract.reading import Candidate, CandidateModality, Expression
from events.extract.text import Sentence
from events.terms import ActorRef, Amount, Speaker, When

QUOTE_CHARACTERS_MAX: Final = 300
BACKGROUND_CONFIDENCE_MAX: Final = 0.3
"""Candidates up to this confidence announce nothing: past or vague, said in passing."""

_BELONGINGS: Final = frozenset(
    "production construction building work delivery deliveries service services operations sales shipments tests "
    "testing trials talks negotiations trip visit tour plant factory project programme program deal treaty agreement "
    "contract launch flight flights drilling manufacturing assembly exports imports opening".split()
)
_COUNTS: Final = re.compile(
    r"(?:[0-9,.]+|[a-z]+teen|two|three|four|five|six|seven|eight|nine|ten|half|most|some) of ", re.I
)
"""Begins what only counts: "four of the five dinners will be held for …"."""
_ALSO_DOING: Final = re.compile(r"(\band )(\w+ing)\b")
_STATES: Final = frozenset(
    "be have remain continue feel like love hate need know think believe mean seem understand contain include involve "
    "own want frustrate differ matter depend consist belong exist stand aid rely struggle keep help rally deepen bring "
    "claim see consider lavish accuse serve live look ease stay do respond comment".split()
)
_SHARED_CHARACTERS_MAX: Final = 110
_NEWS_DAYS: Final = 31
"""What happened longer ago than this, and is of no known kind, is no news."""
_OLD_DAYS: Final = 400


def read_sentence(passage: Passage, memory: Memory, today: int) -> tuple[list[Candidate], dict[int, CandidateModality]]:
    """Return the candidates of a sentence, and how each of its expressions (by number) is meant.

    What it speaks of goes into `memory`. `today` is the day of publication.
    """
    owners = owners_of(passage)
    found: list[Candidate] = []
    modalities: dict[int, CandidateModality] = {}
    subjects: list[Subject] = []
    said: list[Said] = []
    for number, clause in enumerate(passage.clauses):
        subject = subject_of(passage, clause, subjects, memory)
        subjects.append(subject)
        memory.note(subject, tells=clause.verb.lemma in SPEECH, sentence=passage.number)
        said.append(said_of(passage, number, subject, owners, memory, today))
    for number, owner in owners.items():
        if owner is not None:
            modalities[number] = said[owner].meaning.modality
            if said[owner].clause.verb.tense == "future" and is_past(passage.expressions[number], today):
                modalities[number] = "reported"
            if number in said[owner].of_carrier and said[owner].clause.verb.tense in ("past", "perfect"):
                modalities[number] = "reported"
    for number, each in enumerate(said):
        candidate = _candidate(passage, said, number, memory, today)
        if candidate is not None:
            found.append(candidate)
            if each.expression is not None and not each.inherited:
                memory.dated = Dated(expression=each.expression, subject=each.subject.text, sentence=passage.number)
    off = {
        id(date)
        for each in said
        if each.clause.verb.negated or each.clause.verb.lemma in CALLS_OFF
        for date in (each.expression, each.moved_from)
    }
    for event in passage.named:
        if id(passage.expressions[event.expression]) in off:
            continue
        modality = event.how or ("scheduled" if is_ahead(passage.expressions[event.expression], today) else "reported")
        modalities[event.expression] = modality
        named = _named_candidate(passage, event, modalities[event.expression])
        if named is not None:
            found.append(named)
    for number, expression in enumerate(passage.expressions):
        if expression.text.lower().startswith("since"):
            modalities[number] = "reported"
        modalities.setdefault(number, "scheduled" if is_ahead(expression, today) else "reported")
    return found, modalities


def _candidate(passage: Passage, all_said: Sequence[Said], number: int, memory: Memory, today: int) -> Candidate | None:
    said = all_said[number]
    clause, meant, sentence = said.clause, said.meaning, passage.sentence
    if said.expression is None and not said.of_carrier and meant.modality == "reported" and not passage.headline:
        return None
    if is_plan(clause) and (sentence.lower[clause.verb.start] == "had" or any(o.moved_from for o in all_said)):
        return None  # "A vote that had been set for Thursday" is told of in what became of it.
    if _only_carries(passage, all_said, number) or (not said.subject.text and not said.subject.person):
        return None
    by = said.subject.actors
    if said.told_by is not None and passage.clauses[said.told_by].verb.tense == "future":
        by = _merged(by, all_said[said.told_by].subject.actors)  # They will announce it, so it is theirs as well.
    if said.expression is None and not said.of_carrier and not _can_do_without_date(passage, said, by):
        return None
    kind, amount = _kind_and_amount(passage, said)
    known_kind = kind != "other" or amount is not None
    if said.of_carrier and not known_kind and said.expression is None:
        # "Agreed on Monday to hear a challenge": what is known is that they agreed.
        meant = meant._replace(lemma=clause.verb.lemma, at=clause.verb.head, carried=False, modality="reported")
        said = structs.replace(said, meaning=meant, expression=passage.expressions[min(said.of_carrier)])
    if said.expression is None and not (known_kind or passage.headline or said.moved_from):
        return None
    if said.expression is None and _COUNTS.match(said.subject.text):
        return None
    object_text = phrase(sentence, noun_phrase(sentence, *clause.object, passage.dated)) if clause.object[1] else ""
    antecedent = object_text or _object_before(passage, number)
    rest = complement(sentence, meant.at + 1, clause.end, passage.dated, passage.within_names, antecedent)
    said_end = max((part for part in rest if isinstance(part, int)), default=meant.at) + 1
    names = [*passage.names(meant.at + 1, said_end), *passage.names(*clause.object)]
    actors, places = others(sentence, names, meant.at, meant.lemma, passive=meant.passive)
    lead = memory.acting(sentence=passage.number) if not by and known_kind and _belongs(said.subject) else None
    if lead is not None:
        by = lead.actors
    touched = [each for each in passage.names(*said.clause.subject) if each.id is not None and not said.meaning.doer[1]]
    actors = _merged(actors, [actor(each, "about") for each in touched])  # "ESA's lander", "elections in Brazil".
    if meant.passive and any(each.role == "by" for each in actors):
        by = tuple(ActorRef(id=a.id, name=a.name, role="about") for a in by)
    text = _title(passage, said, spelled(sentence, rest), object_text, "" if lead is None else lead.short)
    if not text:
        return None  # What is left says nothing: "He is to, on Sunday".
    start, end = _quote(passage, all_said, number, said_end)
    background = _is_background(said, kind, today)
    return _made(
        passage,
        start,
        end,
        expression=said.expression,
        modality=meant.modality,
        title=text,
        kind=kind,
        actors=_merged(by, actors),
        places=places,
        amount=amount,
        speaker=speaker_of(passage, number, said.told_by),
        inherited=said.inherited,
        rule="background" if background else "headline" if passage.headline else "clause",
        moved_from=_when(said.moved_from) if said.put_off or said.moved_from is not None else None,
        reasons=(meant.reason, *(("no date",) if said.expression is None else ())),
    )


def _belongs(subject: Subject) -> bool:
    """Whether a subject is a bare noun of what belongs to somebody: "production", "the trip". "A judge" is his own."""
    words = [word for word in subject.text.lower().split() if word not in ("the", "this", "first", "new")]
    return len(words) == 1 and words[0] in _BELONGINGS


def _kind_and_amount(passage: Passage, said: Said) -> tuple[str, Amount | None]:
    clause, meant, lower = said.clause, said.meaning, passage.sentence.lower
    after = [lower[index] for index in range(meant.at + 1, clause.end) if index not in passage.dated]
    amount = passage.amount(clause.verb.start, clause.end)
    lemma = "cancel" if meant.lemma in ("rule", "call") and meant.modality == "denied" else meant.lemma
    return kind_of(lemma, after, lower[clause.subject[0] : clause.subject[1]], money=amount is not None), amount


def _title(passage: Passage, said: Said, rest: str, object_text: str, lead: str) -> str:
    """Return the title; `lead` is who acts where the subject does not name them: "Siemens: production to start"."""
    verb, meant, words = said.clause.verb, said.meaning, passage.sentence.words
    if words[meant.at].lower().endswith("ing"):
        rest = _ALSO_DOING.sub(_base_form, rest)
    if object_text and object_text not in rest:
        rest = f"{object_text} {rest}"
    if meant.doer[1]:
        asked = " ".join(words[verb.start : verb.end])
        who = phrase(passage.sentence, noun_phrase(passage.sentence, *said.clause.subject, passage.dated))
        return title(f"{who} {asked} {said.subject.text}", "", f"to {meant.lemma}", rest)
    stays = passage.headline and verb.tense == "present" and (meant.modality == "reported" or said.put_off)
    text = title(said.subject.text, said.subject.short, words[verb.head] if stays else predicate(verb, meant), rest)
    if lead and len(f"{lead} {text}".split()) <= TITLE_WORDS_MAX:
        begins = text[:1].lower() if text[1:2].islower() else text[:1]
        return f"{lead[:1].upper()}{lead[1:]}: {begins}{text[1:]}"
    return text


def _base_form(also: re.Match[str]) -> str:
    """Return "and build" for "and building": the verb before it stands in its base form."""
    form = FORMS.get(also[2].lower())
    return f"{also[1]}{form[0]}" if form is not None and "g" in form[1] else also[0]


def _merged(by: Sequence[ActorRef], others: Sequence[ActorRef]) -> tuple[ActorRef, ...]:
    known = {(each.id, each.name) for each in by}
    return (*by, *(each for each in others if (each.id, each.name) not in known))


def _only_carries(passage: Passage, all_said: Sequence[Said], number: int) -> bool:
    """Whether a clause is only "he said" for others."""
    said = all_said[number]
    if said.clause.verb.lemma not in TELLS or said.meaning.carried or said.clause.verb.tense in ("future", "modal"):
        return said.clause.verb.lemma in SPEECH and any(other.told_by == number for other in all_said)
    if any(other.told_by == number for other in all_said):
        return True
    short = said.clause.end - said.clause.verb.end < 14
    return said.clause.verb.lemma in SPEECH and number == len(all_said) - 1 and number > 0 and short


def _can_do_without_date(passage: Passage, said: Said, by: Sequence[ActorRef]) -> bool:
    """Whether a clause can be announced without a date, if its kind is known: a plan, a promise, a headline."""
    meant = said.meaning
    if passage.headline:
        return meant.modality != "conditional"
    if said.put_off:  # It may be of the record, which has its date.
        return bool(by) or meant.passive or said.moved_from is not None or meant.lemma in ("postpone", "reschedule")
    if meant.modality == "denied" and meant.passive and not said.clause.verb.negated:
        return True
    if meant.lemma in _STATES or not by:
        return False
    if meant.modality == "denied":
        return (
            said.clause.verb.tense == "future"
            or meant.reason == "denied"
            or not (said.clause.verb.negated or "not to" in meant.reason)
        )
    if meant.modality == "conditional":
        return said.clause.lead not in CONDITIONS and said.clause.verb.tense in ("modal", "future")
    return meant.modality in ("scheduled", "committed") or (meant.modality == "expected" and meant.carried)


def _is_background(said: Said, kind: str, today: int) -> bool:
    """Whether a clause only says how things are or were: it announces nothing."""
    meant, expression = said.meaning, said.expression
    if said.clause.lead == "whether" or meant.lemma in ("respond", "comment"):
        return True  # What is only asked announces nothing.
    if meant.lemma == "welcome" and kind == "other":
        return True
    if meant.modality != "reported" or expression is None:
        return expression is None and meant.lemma in _STATES
    if meant.lemma in _STATES or (meant.lemma in SPEECH and kind == "other") or _is_vague(expression):
        return True
    age = days_past(expression, today)
    return age > (_OLD_DAYS if kind != "other" else _NEWS_DAYS)


def _is_vague(expression: Expression | None) -> bool:
    edtf = "" if expression is None else expression.edtf or ""
    vague = edtf.startswith("..") or edtf.endswith("..") or "~" in edtf
    return expression is not None and expression.kind == "between" and vague


def _object_before(passage: Passage, number: int) -> str:
    """Return the plural object of the clause before, which "them" means."""
    if number == 0:
        return ""
    clause, sentence = passage.clauses[number - 1], passage.sentence
    kept: list[int] = []
    for index in range(clause.verb.end, clause.end):
        word = sentence.lower[index]
        if not word.isalpha() or word in ("under", "from", "in", "with", "for", "to", "of", "at", "on"):
            break
        kept.append(index)
    return phrase(sentence, kept) if kept and sentence.lower[kept[-1]].endswith("s") else ""


def _quote(passage: Passage, all_said: Sequence[Said], number: int, said_end: int) -> tuple[int, int]:
    """Return where the words stand that say it: with the subject, and with who tells it, as far as that fits.

    `said_end` is where the words of the title end; what comes behind them, but for the date, is an aside.
    """
    clause, sentence = passage.clauses[number], passage.sentence
    behind = (i for i in range(said_end, clause.end) if i not in passage.within_names)
    aside = next((i for i in behind if ends_phrase(sentence.lower, i, clause.end)), clause.end)
    end = sentence.ends[max(aside, clause.verb.end) - 1]
    starts = [clause.start]
    if clause.subject[1] > clause.subject[0]:
        starts.append(clause.subject[0])
    if clause.object[1]:
        starts.append(clause.object[0])
    if clause.shares is not None:
        shared = passage.clauses[clause.shares].subject[0]
        if sentence.starts[clause.verb.start] - sentence.starts[shared] <= _SHARED_CHARACTERS_MAX:
            starts.append(shared)  # Else the quote would begin with another announcement.
        elif clause.lead in ("and", "but", ",", "or"):
            starts = [clause.verb.start]
    told_by = all_said[number].told_by
    if told_by is not None:
        starts.append(min(passage.clauses[told_by].start, passage.clauses[told_by].subject[0]))
    expression = all_said[number].expression
    if expression is not None and not all_said[number].inherited:
        at = bisect_left(sentence.starts, expression.start)
        starts.append(min(at, len(sentence.starts) - 1))
        end = max(end, expression.end)
    for first in sorted(set(starts)):
        start = sentence.starts[first]
        if start < end and end - start <= QUOTE_CHARACTERS_MAX:
            return start, end
    start = sentence.starts[max(starts)]
    return start, _cut(sentence, start)


def _cut(sentence: Sentence, start: int) -> int:
    return max((end for end in sentence.ends if end - start <= QUOTE_CHARACTERS_MAX and end > start), default=start + 1)


def _named_candidate(passage: Passage, event: Named, modality: CandidateModality) -> Candidate | None:
    sentence, expression = passage.sentence, passage.expressions[event.expression]
    if not event.own:
        return None
    kept = noun_phrase(sentence, event.start, event.end, passage.dated)
    if len(kept) < 2:
        return None
    mentions = passage.names(event.start, event.end)
    named = tuple(dict.fromkeys(actor(each, "by") for each in mentions if is_actor(each) and not each.located))
    first = min(event.start, passage.dates[event.expression][0])
    if first and sentence.lower[first - 1] == "followed":
        first -= 1
    last = max(event.end, passage.dates[event.expression][1])
    text = title(phrase(sentence, kept), "", "", "")
    return _made(
        passage,
        sentence.starts[first],
        min(sentence.ends[last - 1], sentence.starts[first] + QUOTE_CHARACTERS_MAX),
        expression=expression,
        modality=modality,
        title=text,
        kind=event.kind,
        actors=named,
        places=tuple(dict.fromkeys(m.text for m in mentions if m.kind == "place")),
        amount=None,
        speaker=None,
        inherited=False,
        rule="named",
        reasons=(f"“{sentence.words[event.noun]}”",),
    )


def _made(
    passage: Passage,
    start: int,
    end: int,
    *,
    expression: Expression | None,
    modality: CandidateModality,
    title: str,
    kind: str,
    actors: tuple[ActorRef, ...],
    places: tuple[str, ...],
    amount: Amount | None,
    speaker: Speaker | None,
    inherited: bool,
    rule: str,
    reasons: tuple[str, ...],
    moved_from: record.When | None = None,
) -> Candidate:
    sentence = passage.sentence
    confidence = 0.35 + 0.2 * (expression is not None and not inherited) + 0.15 * (kind != "other")
    confidence += 0.15 * any(each.id is not None for each in actors) + 0.1 * (modality in ("scheduled", "committed"))
    confidence -= 0.15 * inherited + 0.15 * (modality == "expected") + 0.15 * _is_vague(expression)
    if rule == "background":
        confidence = min(confidence * 0.4, BACKGROUND_CONFIDENCE_MAX)
    edtf = "" if expression is None else expression.edtf or ""
    return Candidate(
        id=sha256(f"{start}:{end}:{edtf}:{title}".encode(errors="surrogatepass")).hexdigest()[:12],
        quote=sentence.between(start, end),
        start=start,
        end=end,
        expression=None if inherited else expression,
        when=_when(expression),
        modality=modality,
        title=title,
        kind=kind,
        actors=actors,
        places=places,
        topics=(),
        amount=amount,
        speaker=speaker,
        inherited=inherited,
        confidence=round(max(confidence, 0.05), 2),
        rule=rule,
        reasons=reasons,
        moved_from=UNSET if moved_from is None else moved_from,
    )


def _when(expression: Expression | None) -> record.When:
    """Return what an expression means as the date of an announcement; undated for none, and for a length of time."""
    if expression is None or expression.edtf is None or expression.kind is UNSET:
        return record.when_of(None)
    anchor = None if expression.anchor is UNSET else expression.anchor
    when = When(edtf=expression.edtf, kind=expression.kind, phrase=expression.text, anchor=anchor)
    return record.when_of(when)
