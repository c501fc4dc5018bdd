"""Verb groups of a sentence: where they stand, in which tense, whether denied.

There is no tagger. What may be a noun as well ("plans", "visit") counts as a verb only where its neighbours leave no
other reading, and a participle after a noun ("announcements expected this week") is none that a clause hangs on.
"""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple, TypeAlias

from events.extract.clauses.forms import FORMS, NOUNS_TOO
from events.extract.text import Sentence

Tense: TypeAlias = Literal["future", "modal", "present", "progressive", "perfect", "past", "infinitive"]

MODALS: Final[dict[str, Tense]] = {
    "will": "future", "'ll": "future", "shall": "future", "won't": "future", "they'll": "future", "we'll": "future",
    "it'll": "future", "he'll": "future", "she'll": "future",
    "would": "modal", "could": "modal", "can": "modal", "may": "modal", "might": "modal", "should": "modal",
    "must": "modal", "cannot": "modal", "can't": "modal", "couldn't": "modal", "wouldn't": "modal",
    "shouldn't": "modal",
}  # fmt: skip
BE_PRESENT: Final = frozenset("is are isn't aren't it's he's she's they're we're".split())
BE_PAST: Final = frozenset("was were wasn't weren't".split())
BE: Final = BE_PRESENT | BE_PAST
HAVE: Final = frozenset("has have had hasn't haven't hadn't".split())
DO: Final = frozenset("do does did don't doesn't didn't".split())
NEGATIONS: Final = frozenset("not never neither nor hardly".split())
STANDS_FOR: Final = frozenset(
    "due likely unlikely poised able ready determined prepared bound certain keen eager willing unable sure".split()
)
"""Adjectives that carry an infinitive as verbs do: "is due to", "is likely to"."""
_AFTER_ADJECTIVE: Final = frozenset("to for in on by at not".split())
ADVERBS: Final = frozenset(
    "also already always again now then soon still yet ever even just only further once previously recently formally "
    "officially jointly publicly privately finally eventually initially largely reportedly first later currently both "
    "all each temporarily permanently unanimously narrowly widely similarly likewise instead therefore thus probably "
    "possibly definitely likely certainly almost nearly not never simultaneously together repeatedly "
    "outwardly particularly immediately subsequently effectively voluntarily".split()
)
DETERMINERS: Final = frozenset(
    "the a an this that these those its their his her our my your some any every each no another such both "
    "more most several many few new own first second next last other".split()
)
PREPOSITIONS: Final = frozenset(
    "of in on at by for with from to into onto over under about after before between among against through during "
    "without within toward towards across upon since until till via per as than like near around despite".split()
)
PRONOUNS: Final = frozenset("he she it they we i you who which that this these those".split())
_ASIDES: Final = frozenset("as after while when amid before ;".split())
_BREAKS: Final = frozenset("; : – — “ ” that which who when while if although because whose as".split())
_PARTS: Final = frozenset(", ; : – — “ ” ( ) that which who when while if although because whose".split())
_TIMES: Final = frozenset(
    "this next last today tomorrow yesterday monday tuesday wednesday thursday friday saturday sunday earlier "
    "later".split()
)
_FINITE: Final = frozenset("said told vowed warned insisted argued admitted believed thought added noted".split())
_NUMBERS: Final = frozenset("two three four five six seven eight nine ten".split())
_OWNERS: Final = frozenset("its their his her our my a an".split())
_SUBJECTS: Final = frozenset("it he she they we i".split())
_DAYS: Final = frozenset(
    "today tomorrow yesterday monday tuesday wednesday thursday friday saturday sunday january february march april "
    "may june july august september october november december week month year".split()
)
_NEVER: Final = frozenset("last spring march".split())
"""Words that stand for a time far more often than for what is done; behind "will" or "to" they are verbs."""
_REDUCED: Final = frozenset(
    "expect plan schedule propose base hold call know name slate see send locate own lead back follow accompany "
    "design link join make produce build sign organise organize sponsor host involve concern relate award grant "
    "dedicate drive raise fund use give take".split()
)
"""Verbs whose past participle often stands after a noun, in place of "that was …"."""


_BEGINNINGS: Final = frozenset(FORMS) | frozenset(MODALS) | BE | HAVE | DO | {"to", "am"}
"""Words that can begin a verb group; others in -ed can too."""


class VerbGroup(NamedTuple):
    """The words `[start, end)` of a sentence that make one verb; `head` is where the verb itself stands."""

    start: int
    end: int
    head: int
    lemma: str
    tense: Tense
    modal: str
    negated: bool
    passive: bool

    @property
    def finite(self) -> bool:
        """Whether a clause hangs on it."""
        return self.tense != "infinitive"


def verb_groups(sentence: Sentence) -> list[VerbGroup]:
    """Return the verb groups of a sentence in order: finite ones, and infinitives with "to"."""
    known: list[VerbGroup] | None = sentence.kept.get("verbs")
    if known is None:
        known = sentence.kept["verbs"] = _verb_groups(sentence.words, sentence.lower)
    return known


def _verb_groups(words: Sequence[str], lower: Sequence[str]) -> list[VerbGroup]:
    groups: list[VerbGroup] = []
    doubtful: list[VerbGroup] = []
    index, count = 0, len(lower)
    while index < count:
        word = lower[index]
        if word not in _BEGINNINGS and not word.endswith("ed"):
            index += 1
            continue
        group = _group(words, lower, index)
        if group is not None:
            groups.append(group)
            index = group.end
            continue
        after_verb = bool(groups) and groups[-1].end == index
        maybe = None if after_verb else _simple(words, lower, index)
        if maybe is None:
            index += 1
            continue
        sure, simple = maybe
        (groups if sure else doubtful).append(simple)
        index = simple.end
    if groups and _is_headline_of(lower, groups, doubtful):
        groups = [_headlines(lower, groups[0]), *groups[1:]]
    for uncertain in doubtful:
        if _is_needed(lower, uncertain, groups):
            groups.append(uncertain)
    return sorted([*groups, *_joined(lower, groups)])


def _joined(lower: Sequence[str], groups: Sequence[VerbGroup]) -> list[VerbGroup]:
    """Return the verbs that share the "will" of the one before: "will start on 1 May and end on 9 July"."""
    found: list[VerbGroup] = []
    if "and" not in lower or not any(group.tense in ("future", "modal") for group in groups):
        return found
    taken = {index for group in groups for index in range(group.start, group.end)}
    for number, group in enumerate(groups):
        if group.tense not in ("future", "modal") or group.modal in ("is to", "yet", "must"):
            continue
        stop = groups[number + 1].start if number + 1 < len(groups) else len(lower)
        for at in range(group.end + 1, min(stop, group.end + 24)):
            if lower[at] in _BREAKS:
                break
            form = FORMS.get(lower[at])
            if lower[at - 1] != "and" or form is None or "b" not in form[1] or at in taken:
                continue
            after = lower[at + 1] if at + 1 < len(lower) else ""
            if after in DETERMINERS or after in PREPOSITIONS or after[:1].isdigit() or lower[at] not in NOUNS_TOO:
                found.append(group._replace(start=at, end=at + 1, head=at, lemma=form[0], passive=False))
                break
    return found


def _is_headline_of(lower: Sequence[str], groups: Sequence[VerbGroup], doubtful: Sequence[VerbGroup]) -> bool:
    """Whether the first group is the only verb of its clause: "Britain to send …", "Pool to close as …"."""
    if groups[0].finite or (doubtful and doubtful[0] < groups[0]):
        return False
    first = next((group for group in groups if group.finite), None)
    return first is None or any(word in _ASIDES for word in lower[groups[0].end : first.start])


def _headlines(lower: Sequence[str], group: VerbGroup) -> VerbGroup:
    """Return "Britain to send" as the future it is, where a sentence has no other verb."""
    before = lower[group.start - 1] if group.start else ""
    if group.tense != "infinitive" or not before.isalpha() or before in PREPOSITIONS or before in DETERMINERS:
        return group
    return group._replace(tense="future", modal="is to")


def _is_needed(lower: Sequence[str], group: VerbGroup, sure: Sequence[VerbGroup]) -> bool:
    """Whether a word that may be a noun stands where a clause would have no verb without it."""
    first, last = group.start, group.end
    after = lower[last] if last < len(lower) else ""
    if after in BE or after in HAVE or after in MODALS:
        return False  # "That trial is set to begin".
    while first > 0 and lower[first - 1] not in _PARTS:
        first -= 1
    while last < len(lower) and lower[last] not in _PARTS:
        last += 1
    if first == group.start and not (first and lower[first - 1] in (",", "which", "who", "that")):
        return False
    return not any(other.finite and first <= other.start < last for other in sure)


def _group(words: Sequence[str], lower: Sequence[str], index: int) -> VerbGroup | None:
    """Return a group that begins at a word with a fixed form: an auxiliary, or "to"."""
    word = lower[index]
    if word in MODALS:
        before = lower[index - 1] if index else ""
        if (words[index][0].isupper() and index and word in ("may", "will")) or before in ("the", "a", "his", "her"):
            return None
        return _after_modal(lower, index, MODALS[word], word)
    before = lower[index - 1] if index else ""
    if word in BE or (word == "am" and before == "i"):
        return _after_be(lower, index)
    if word in HAVE:
        return _after_have(lower, index)
    if word in DO:
        at, negated = _skip(lower, index + 1)
        negated = negated or word.endswith("n't")
        if negated and at < len(lower) and lower[at].isalpha():
            tense: Tense = "past" if word.startswith("did") else "present"
            return VerbGroup(index, at + 1, at, _lemma(lower[at]), tense, "", True, False)
        return None
    if word == "to":
        return _infinitive(lower, index)
    return None


def _skip(lower: Sequence[str], index: int) -> tuple[int, bool]:
    """Pass over adverbs; return where they end and whether one of them denies."""
    negated = False
    if lower[index : index + 2] == ["no", "longer"]:
        index, negated = index + 2, True
    while index < len(lower) and (lower[index] in ADVERBS or is_adverb(lower[index])):
        negated = negated or lower[index] in NEGATIONS
        index += 1
    return index, negated


def is_adverb(word: str) -> bool:
    """Whether a word in -ly is an adverb, as far as its form tells."""
    if not word.endswith("ly") or len(word) < 5 or word in FORMS:
        return False
    return word not in ("july", "italy") and word not in STANDS_FOR


def _lemma(word: str) -> str:
    return FORMS[word][0] if word in FORMS else word


def _after_modal(lower: Sequence[str], index: int, tense: Tense, modal: str) -> VerbGroup | None:
    at, negated = _skip(lower, index + 1)
    negated = negated or modal.endswith("n't") or modal == "cannot"
    if at >= len(lower):
        return None
    if lower[at] in ("have", "be"):
        inner = at + 1
        inner, more = _skip(lower, inner)
        negated = negated or more
        if lower[at] == "have" and inner < len(lower) and lower[inner] == "been":
            inner, _ = _skip(lower, inner + 1)
        been = lower[inner - 1] in ("been", "be") or "been" in lower[at:inner]
        if lower[at] == "have":
            modal = f"{modal} have"
        if inner < len(lower):
            found = _complement(lower, inner)
            if found is not None:
                head, lemma, passive = found[0], found[1], found[2] and (been or lower[at] == "be")
                return VerbGroup(index, head + 1, head, lemma, tense, modal, negated, passive)
        return VerbGroup(index, at + 1, at, lower[at], tense, modal, negated, False)
    if not lower[at].replace("-", "").isalpha() or lower[at] in DETERMINERS or lower[at] in PREPOSITIONS:
        return None
    return VerbGroup(index, at + 1, at, _lemma(lower[at]), tense, modal, negated, False)


def _complement(lower: Sequence[str], at: int) -> tuple[int, str, bool] | None:
    """Return place, lemma and voice of what follows "be" or "have": a participle, or an adjective with "to"."""
    word = lower[at]
    if word in STANDS_FOR and at + 1 < len(lower) and lower[at + 1] in _AFTER_ADJECTIVE:
        return at, word, False
    if word in FORMS:
        lemma, kinds = FORMS[word]
        if "n" in kinds:
            return at, lemma, True
        if "g" in kinds:
            return at, lemma, False
    elif word.endswith("ed") and len(word) > 4:
        return at, word, True
    elif word.endswith("ing") and len(word) > 5 and at + 1 < len(lower):
        return at, word, False
    return None


def _after_be(lower: Sequence[str], index: int) -> VerbGroup | None:
    at, negated = _skip(lower, index + 1)
    negated = negated or lower[index].endswith("n't")
    tense: Tense = "past" if lower[index] in BE_PAST else "present"
    if at >= len(lower):
        return VerbGroup(index, index + 1, index, "be", tense, "", negated, False)
    if lower[at] == "being" and at + 1 < len(lower):
        at += 1
    if lower[at : at + 2] in (["going", "to"], ["about", "to"]) and at + 2 < len(lower):
        return VerbGroup(index, at + 3, at + 2, _lemma(lower[at + 2]), "future", "going", negated, False)
    if lower[at] == "to" and at + 1 < len(lower):
        return _is_to(lower, index, at + 1, negated=negated)
    found = _complement(lower, at)
    if found is None:
        return VerbGroup(index, index + 1, index, "be", tense, "", negated, False)
    head, lemma, passive = found
    if not passive and lemma not in STANDS_FOR and tense == "present":
        tense = "progressive"
    return VerbGroup(index, head + 1, head, lemma, tense, "", negated, passive)


def _is_to(lower: Sequence[str], index: int, at: int, *, negated: bool) -> VerbGroup:
    """Read what follows "is to": a verb, "be" with a participle or anything else, or "have": then it was not."""
    if lower[at] == "have" and at + 1 < len(lower):
        found = _complement(lower, at + 1)
        if found is not None:
            passive = found[2] and lower[at + 1] == "been"
            return VerbGroup(index, found[0] + 1, found[0], found[1], "future", "was to have", True, passive)
    if lower[at] == "be" and at + 1 < len(lower):
        found = _complement(lower, at + 1)
        if found is not None:
            return VerbGroup(index, found[0] + 1, found[0], found[1], "future", "is to", negated, found[2])
    return VerbGroup(index, at + 1, at, _lemma(lower[at]), "future", "is to", negated, False)


def _after_have(lower: Sequence[str], index: int) -> VerbGroup | None:
    at, negated = _skip(lower, index + 1)
    negated = negated or lower[index].endswith("n't")
    if at >= len(lower):
        return None
    if lower[at] == "to" and at + 1 < len(lower):
        yet = "yet" in lower[index:at]
        return VerbGroup(
            index, at + 2, at + 1, _lemma(lower[at + 1]), "modal", "yet" if yet else "must", negated, False
        )
    passive = False
    if lower[at] == "been":
        at, more = _skip(lower, at + 1)
        negated, passive = negated or more, True
        if at >= len(lower):
            return None
    found = _complement(lower, at)
    if found is None:
        return VerbGroup(index, index + 1, index, "be" if passive else "have", "perfect", "", negated, False)
    head, lemma, participle = found
    return VerbGroup(index, head + 1, head, lemma, "perfect", "", negated, passive and participle)


def _infinitive(lower: Sequence[str], index: int) -> VerbGroup | None:
    at, negated = _skip(lower, index + 1)
    if at < len(lower) and lower[at] == "be" and at + 1 < len(lower):
        found = _complement(lower, at + 1)
        if found is not None:
            return VerbGroup(index, found[0] + 1, found[0], found[1], "infinitive", "", negated, found[2])
    if at < len(lower) and lower[at] in ("have", "do", "be"):
        return VerbGroup(index, at + 1, at, lower[at], "infinitive", "", negated, False)
    if at >= len(lower) or lower[at] not in FORMS or "b" not in FORMS[lower[at]][1]:
        return None
    before = lower[index - 1] if index else ""
    if index and lower[at] in NOUNS_TOO and at == index + 1 and before in ("according", "due", "back", "close"):
        return None
    negated = negated or before == "not"
    return VerbGroup(index, at + 1, at, FORMS[lower[at]][0], "infinitive", "", negated, False)


def _simple(words: Sequence[str], lower: Sequence[str], index: int) -> tuple[bool, VerbGroup] | None:
    """Return a one-word verb in the past or the present, and whether nothing else is likely there."""
    word = lower[index]
    if word in _NEVER:
        return None
    unknown = (word, "dn") if word.endswith("ed") and len(word) > 4 else None
    found = FORMS.get(word, unknown)
    if found is None:
        return None
    lemma, kinds = found
    before = _before(lower, index)
    after = lower[index + 1] if index + 1 < len(lower) else ""
    owned = before.endswith("'s") and not (words[index - 1][0].isupper() and "d" in kinds and _opens(words, index + 1))
    counted = before in _NUMBERS and "d" not in kinds  # "The two sides".
    modifies = counted or before in DETERMINERS or before in PREPOSITIONS or "-" in (before, after) or owned
    if modifies and before not in PRONOUNS:
        return None
    denied = before in NEGATIONS or list(lower[max(0, index - 2) : index]) == ["no", "longer"]
    capital = words[index][0].isupper() and index and not words[index].isupper() and words[index - 1] not in "“\"'"
    if capital and not _is_headline(words):
        return None
    if "d" in kinds and "b" not in kinds:
        if _is_reduced(lower, index, lemma, kinds, before, after):
            return None
        sure = word in FORMS
        return sure, VerbGroup(index, index + 1, index, lemma, "past", "", denied, False)
    if "d" in kinds or "s" in kinds or ("b" in kinds and index):
        return _present(words, lower, index, lemma, kinds)
    return None


def _before(lower: Sequence[str], index: int) -> str:
    """Return the word before a place that is no adverb."""
    while index > 0 and (lower[index - 1] in ADVERBS - DETERMINERS or is_adverb(lower[index - 1])):
        index -= 1
    return lower[index - 1] if index else ""


def _opens(words: Sequence[str], at: int) -> bool:
    """Whether an object begins at a place: "Moody's cut Italy's rating", "McDonald's opened a store"."""
    return at < len(words) and (words[at].lower() in DETERMINERS or words[at][0].isupper() or words[at][0].isdigit())


def _is_headline(words: Sequence[str]) -> bool:
    capitals = sum(word[0].isupper() for word in words if word[0].isalpha())
    return capitals * 10 > 7 * sum(word[0].isalpha() for word in words)


def _is_reduced(lower: Sequence[str], index: int, lemma: str, kinds: str, before: str, after: str) -> bool:
    """Whether a form in -ed is a participle without its "that was"."""
    if "n" not in kinds:
        return False
    if index == 0 or (lemma == "follow" and before == ","):
        return True
    if before in PRONOUNS or before in ("and", "or", "but"):
        return False
    bound = after in PREPOSITIONS or after in _TIMES or after in ("down", "up", "out", "off", "away", "back")
    if before == ",":
        named = lemma in ("accompany", "join", "base", "back")
        return named or (bound and (lemma in _REDUCED or _closes(lower, index)))
    first = index
    while first > 0 and lower[first - 1] not in _PARTS:
        first -= 1
    if lower[first] in ("with", "amid", "despite"):
        return True  # "…, with a ruling expected in June".
    if not bound:
        return False
    if lemma not in _REDUCED and after != "by":
        return _awaits(lower, index)
    if any(word in FORMS or word in BE or word in HAVE or word in MODALS for word in lower[first:index]):
        return True
    return _awaits(lower, index)


def _awaits(lower: Sequence[str], index: int) -> bool:
    """Whether the verb is still to come: "the truce signed on Monday is …"; not so in "said on Monday it is"."""
    if lower[index] in _FINITE:
        return False
    for at in range(index + 1, min(index + 13, len(lower))):
        word = lower[at]
        if word in BE or word in HAVE or word in MODALS:
            return True
        new = lower[at - 1] in _DAYS and word.isalpha() and word not in PREPOSITIONS and word not in ADVERBS
        if word in _PARTS or word in _SUBJECTS or (new and word not in ("and", "or")):
            return False
    return False


def _closes(lower: Sequence[str], index: int) -> bool:
    """Whether a comma and a verb follow: "the petition, handed in on 9 May, will be debated"."""
    for at in range(index + 1, min(index + 14, len(lower) - 1)):
        if lower[at] == ",":
            after, _ = _skip(lower, at + 1)
            word = lower[after] if after < len(lower) else ""
            return word in BE or word in HAVE or word in MODALS or "d" in FORMS.get(word, ("", ""))[1]
        if lower[at] in _PARTS:
            return False
    return False


def _is_owned(words: Sequence[str], lower: Sequence[str], index: int) -> bool:
    """Whether a name and whose it is stand before a word: "its Artemis launch"."""
    first = index
    while first > 0 and words[first - 1][0].isupper():
        first -= 1
    return 0 < first < index and lower[first - 1] in _OWNERS


def _present(
    words: Sequence[str], lower: Sequence[str], index: int, lemma: str, kinds: str
) -> tuple[bool, VerbGroup] | None:
    before = _before(lower, index)
    after = lower[index + 1] if index + 1 < len(lower) else ""
    same = "d" in kinds  # "set", "cut", "put": past and present look alike.
    denied = before in NEGATIONS or list(lower[max(0, index - 2) : index]) == ["no", "longer"]
    group = VerbGroup(index, index + 1, index, lemma, "past" if same else "present", "", denied, False)
    opens_object = after in DETERMINERS or after in ("to", "that") or (after[:1].isdigit() or after[:1] in "$€£")
    opens_object = opens_object or (index + 1 < len(words) and words[index + 1][0].isupper())
    named = index > 0 and (words[index - 1][0].isupper() or before in PRONOUNS or before.endswith("s"))
    if index and lower[index - 1] in ("already", "also", "now", "still", "never"):
        return True, group
    if lower[index] in ("last", "first", "second") and after in FORMS:
        return None
    if lower[index] == "set" and before == "," and after in ("for", "to", "in", "on"):
        return None  # "The summit, set for May".
    if lemma in NOUNS_TOO and "s" not in kinds and _is_owned(words, lower, index):
        return None
    if "s" in kinds or same:
        if lemma not in NOUNS_TOO:
            return True, group
        verb_before = before in FORMS and "b" not in FORMS[before][1]
        return named and opens_object and not verb_before, group
    if before in ("they", "we", "i", "you", "who", "that") or (lemma not in NOUNS_TOO and before.endswith("s")):
        return True, group
    if before in ("it", "he", "she"):
        return None
    if lemma in NOUNS_TOO and not (named and opens_object):
        return (False, group) if named or (before == "," and opens_object and index > 3) else None
    return named and opens_object and (before.endswith("s") or "and" in lower[:index]), group
