"""Who does it, with and to whom, and where: the names of a clause by their place in it."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Final

from events.extract.clauses.forms import FORMS
from events.extract.clauses.verbs import ADVERBS, DETERMINERS
from events.extract.text import Sentence
from events.extract.who.names import Mention
from events.terms import ActorRef, Role

_WITH: Final = frozenset("with between among alongside against".split())
_TO: Final = frozenset("to for before at towards".split())
_WHERE: Final = frozenset("in at near from over off across around outside inside within on to into through".split())
_INSIDE: Final = frozenset("of on to from in about against for at by over between with near".split())
_STOP_HEADS: Final = frozenset(
    "of on to from in about against for at by over between with and or who which that will would has have is are was "
    "were said says say while but as than".split()
)
_GOVERNING: Final = frozenset(
    "leader leaders government governments minister ministers president presidents premier chancellor officials "
    "official astronaut astronauts crew "
    "representatives delegation delegations army navy military forces troops soldiers parliament lawmakers legislators "
    "senators authorities ministry companies company firm firms carmaker carmakers automaker automakers manufacturer "
    "manufacturers airline bank regulator regulators prosecutors police court heads head members member king queen "
    "ambassador envoy diplomats negotiators people voters scientists researchers engineers team cabinet administration "
    "council commission agency coastguard fleet states governors mayor mayors prime".split()
)
"""Nouns that act for what they belong to."""
_DIRECT_WITH: Final = frozenset("welcome meet host join receive marry sue face greet invite".split())
_DIRECT_TO: Final = frozenset("visit tell give offer pay grant award supply address".split())
_BUYS: Final = frozenset("buy purchase order acquire import get receive borrow procure".split())
_GOES: Final = frozenset("visit travel go arrive come fly return tour".split())


def actor(mention: Mention, role: Role) -> ActorRef:
    """Return a mention as somebody's part in an announcement: by id where the gazetteer knows it, else by name."""
    if mention.id is not None:
        return ActorRef(id=mention.id, role=role)
    return ActorRef(name=mention.name, role=role)


def is_actor(mention: Mention) -> bool:
    """Whether a mention can do something: what is only a place cannot."""
    return mention.id is not None or mention.kind != "place"


def acting(sentence: Sentence, mentions: Iterable[Mention], end: int) -> tuple[list[Mention], list[Mention]]:
    """Return who acts, of the names in a subject that ends before a word, and which of them stand by themselves.

    Who is only named in it does not act: "critics of Israel", "a former Siemens executive". Officials, companies and
    the like act for their state: "Japanese officials", "leaders of Chile".
    """
    found: list[Mention] = []
    alone: list[Mention] = []
    inside = False
    for mention in mentions:
        if not is_actor(mention) or mention.located:
            continue
        first, after = bisect_left(sentence.starts, mention.start), bisect_left(sentence.starts, mention.end)
        while first and sentence.lower[first - 1] in DETERMINERS:
            first -= 1
        before = sentence.lower[first - 1] if first else ""
        head = _head(sentence, after, end)
        # "Critics of Israel and Iran": a list goes on as it began.
        aside = before in _INSIDE and not _governs(sentence, first - 2, before)
        inside = (inside and before in ("and", ",")) or aside or _is_object(sentence, first)
        if inside or before == "former" or sentence.lower[after : after + 1] == ["-"]:
            continue
        if before == "of" and found and found[-1].end == sentence.ends[first - 2]:
            continue  # "LG Energy Solution of South Korea".
        adjective = bool(head) or mention.possessive or not _is_people(mention)
        if not adjective or head in _GOVERNING:
            found.append(mention)
        if not adjective:
            alone.append(mention)
    return found, alone


def _is_people(mention: Mention) -> bool:
    """Whether a demonym alone means all of them: "the Japanese have pledged", not "the Frenchman"."""
    return mention.how != "demonym" or mention.text.lower().endswith(("ese", "sh", "ch", "ss", "s"))


def _is_object(sentence: Sentence, first: int) -> bool:
    """Whether a name is what an infinitive is done to: "a bill to aid Ukraine"."""
    form = FORMS.get(sentence.lower[first - 1]) if first > 1 else None
    return form is not None and "b" in form[1] and sentence.lower[first - 2] == "to"


def _head(sentence: Sentence, start: int, end: int) -> str:
    """Return the last noun of what follows a name directly ("US defence officials"), or "" where nothing does."""
    head = ""
    for index in range(start, end):
        word = sentence.lower[index]
        if word in ("'s", "’s", "'"):
            continue
        if not word.isalpha() or not sentence.words[index].islower() or word in _STOP_HEADS:
            break
        head = word
    return head


def _governs(sentence: Sentence, index: int, preposition: str) -> bool:
    """Whether the word before "of" names those who act for what follows: "leaders of …"."""
    return preposition == "of" and index >= 0 and sentence.lower[index] in _GOVERNING


def is_adjective(mention: Mention) -> bool:
    """Whether a name only says whose something is: "Japanese officials", "Japan's economy"."""
    return mention.how == "demonym" or mention.possessive


def others(
    sentence: Sentence, mentions: Sequence[Mention], verb: int, lemma: str, *, passive: bool
) -> tuple[tuple[ActorRef, ...], tuple[str, ...]]:
    """Return the actors and the places that follow the verb at a word of the sentence."""
    actors: list[ActorRef] = []
    beside: list[ActorRef] = []
    places: list[str] = []
    last_role: Role | None = None
    for mention in mentions:
        before = _preposition(sentence, mention, verb)
        if (
            mention.place is not None
            and (mention.located or not is_actor(mention))
            and not (mention.id and before == "to")
        ):
            places.append(mention.text)
            last_role = None
            if mention.id is None or not _takes_part(before, lemma):
                continue
            actors.append(actor(mention, "to" if before != "from" else "with"))
            continue
        if not is_actor(mention) or _is_thing(sentence, mention):
            continue
        if is_adjective(mention):
            if mention.id is not None:
                beside.append(actor(mention, "about"))  # "American missiles", "NASA's mission".
            continue
        role = _role(before, lemma, passive=passive, last=last_role)
        last_role = role
        actors.append(actor(mention, role))
    return once([*actors, *beside]), tuple(dict.fromkeys(_whole_places(sentence, mentions, places)))


def _takes_part(before: str, lemma: str) -> bool:
    """Whether a state that is named as a place has a part: whoever is bought from, or visited."""
    return (before == "from" and lemma in _BUYS) or (before in ("in", "to") and lemma in _GOES)


def _role(before: str, lemma: str, *, passive: bool, last: Role | None) -> Role:
    if before == "and" and last is not None:
        return last
    if before == "by" and passive:
        return "by"
    if before in _WITH:
        return "with"
    if before in _TO:
        return "to"
    if before == "":
        return "with" if lemma in _DIRECT_WITH else "to" if lemma in _DIRECT_TO else "about"
    return "about"


def _is_thing(sentence: Sentence, mention: Mention) -> bool:
    """Whether an unknown name is rather that of a thing: "Tomahawk missiles", "a Joint Operations Command"."""
    if mention.id is not None or mention.kind in ("person", "company"):
        return False
    at = bisect_left(sentence.starts, mention.end)
    before = bisect_left(sentence.starts, mention.start) - 1
    return (at < len(sentence.lower) and sentence.words[at].islower()) or sentence.lower[before] in DETERMINERS


def _preposition(sentence: Sentence, mention: Mention, verb: int) -> str:
    """Return the preposition that a name hangs on, "and" in a list, "" for what follows the verb itself."""
    at = bisect_left(sentence.starts, mention.start)
    lower = sentence.lower
    for index in range(at - 1, max(verb, at - 7), -1):
        word = lower[index]
        if word in _WITH or word in _TO or word in _WHERE or word in ("of", "by", "about"):
            if word == "of":
                continue
            return word
        if word in ("and", ","):
            return "and"
        if word in DETERMINERS or word in ADVERBS or sentence.words[index][0].isupper() or word.isalpha():
            continue
        return ""
    return ""


def _whole_places(sentence: Sentence, mentions: Sequence[Mention], places: Sequence[str]) -> Iterable[str]:
    """Join "Liberty" and "North Carolina" where only a comma parts them."""
    joined: list[tuple[int, int, str]] = []
    for mention in mentions:
        if mention.text not in places:
            continue
        if joined and sentence.between(joined[-1][1], mention.start).strip() == ",":
            start, _, text = joined[-1]
            joined[-1] = start, mention.end, f"{text}, {mention.text}"
        else:
            joined.append((mention.start, mention.end, mention.text))
    return [text for _, _, text in joined]


def once(actors: Iterable[ActorRef]) -> tuple[ActorRef, ...]:
    """Return actors without those that are there already, whatever their role."""
    found: dict[tuple[str | None, str | None], ActorRef] = {}
    for each in actors:
        found.setdefault((each.id, each.name), each)
    return tuple(found.values())
