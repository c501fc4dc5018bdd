"""What kind of announcement a clause makes: by its verb, and by the nouns of what follows it."""

from collections.abc import Sequence
from typing import Final

_NOUNS: Final = {
    "summit": "summit summits",
    "visit": "visit visits trip tour pilgrimage",
    "exercise": "exercise exercises drill drills manoeuvres maneuvers wargame wargames",
    "speech": "speech speeches address remarks keynote lecture testimony statement",
    "election": "election elections vote ballot referendum poll polls by-election runoff primary primaries",
    "meeting": "meeting meetings talks conference dialogue hearing session gathering forum negotiations dinner dinners "
    "assembly convention symposium consultations",
    "agreement": "agreement agreements treaty treaties pact pacts accord accords deal deals memorandum alliance truce "
    "ceasefire armistice network partnership contract",
    "law": "law laws bill bills legislation regulation regulations directive decree ban bans levy act ordinance "
    "statute amendment tariff tariffs rule rules sanctions",
    "launch": "launch launches mission rocket satellite spacecraft lander rover opening premiere release rollout debut "
    "moon orbit telescope probe",
    "investment": "investment investments factory factories plant plants refinery railway line lines project projects "
    "reactor stadium airport bridge tunnel port mine funding fund",
    "purchase": "purchase purchases takeover acquisition merger order orders bid sale sales delivery "
    "deliveries stake",
    "deployment": "deployment deployments command troops soldiers brigade battalion destroyer destroyers frigate "
    "carrier squadron base bases garrison missiles peacekeepers",
    "decision": "decision ruling verdict judgment judgement approval sentence strategy reforms rate rates",
    "report": "report reports figures results statistics survey forecast findings budget census accounts",
    "deadline": "deadline deadlines",
}  # fmt: skip
_VERBS: Final = {
    "visit": "visit welcome host tour travel receive",
    "meeting": "meet convene discuss negotiate gather consult",
    "speech": "speak address testify lecture",
    "agreement": "sign ratify agree modernise modernize conclude",
    "law": "ban outlaw legislate legalise legalize prohibit enact repeal regulate abolish amend",
    "election": "vote elect",
    "launch": "launch unveil inaugurate premiere debut roll release open land lift introduce relaunch reopen begin "
    "start restart resume",
    "investment": "invest build construct fund finance expand spend renovate",
    "purchase": "buy purchase acquire order sell export import procure merge deliver supply ship",
    "deployment": "deploy station redeploy withdraw commission mobilise mobilize activate",
    "decision": "decide rule approve reject appoint nominate raise lower hike cut name resign dismiss sentence convict "
    "propose close shut stop end discontinue halt confirm",
    "report": "publish report issue",
    "exercise": "exercise train drill",
    "deadline": "expire",
}
_BY_NOUN: Final = {word: kind for kind, words in _NOUNS.items() for word in words.split()}
_BY_VERB: Final = {word: kind for kind, words in _VERBS.items() for word in words.split()}
_SURE_VERBS: Final = frozenset(
    "visit meet sign ban outlaw vote elect launch invest buy purchase acquire deploy station redeploy "
    "export import procure convene speak testify premiere legislate expire enact repeal".split()
)
"""Verbs that say the kind whatever is their object: to buy missiles is a purchase."""
_ENDS: Final = frozenset("end close stop shut halt finish".split())
_LEADS: Final = frozenset("in on at after with by before until for".split())
_RECEIVES: Final = frozenset("receive welcome host".split())
_GUESTS: Final = frozenset(
    "counterpart president minister king queen pope leader leaders premier chancellor delegation prince guests "
    "ministers presidents prime".split()
)
_WORKS: Final = frozenset(
    "production construction building work service services sales operations drilling deliveries shipments trials "
    "tests exports imports flights".split()
)
_STARTS: Final = frozenset("begin start restart resume open reopen".split())
_OFF: Final = frozenset("cancel postpone delay defer reschedule move push scrap shelve drop abandon".split())
_PARLIAMENTS: Final = frozenset(
    "parliament parliament's house senate congress council assembly lawmakers mps senators lords commons board "
    "committee diet bundestag legislature duma knesset".split()
)
_LIGHT: Final = frozenset(
    "hold attend have make take give deliver join begin start restart resume finish complete open host stage conduct "
    "announce schedule plan set postpone delay cancel move organise organize chair lead skip boycott go come happen "
    "establish create form set present publish issue release reach agree pass adopt pay face undergo resume "
    "follow".split()
)
EVENTS: Final = frozenset(
    word
    for kind in ("summit", "visit", "exercise", "speech", "election", "meeting", "launch", "deadline")
    for word in _NOUNS[kind].split()
) - {"moon", "orbit", "probe", "address", "line", "lines"}
"""Nouns that are themselves what happens: "Thursday's summit"."""


def kind_of(lemma: str, after: Sequence[str], subject: Sequence[str] = (), *, money: bool = False) -> str:
    """Return the kind of what a verb and the words after it (and its subject, in lower case) say; "other" if none.

    >>> kind_of("deliver", ["a", "speech", "to", "parliament"]), kind_of("be", ["glad"])
    ('speech', 'other')
    """
    noun = _nearest(after)
    if _BY_VERB.get(lemma) == "meeting" and noun == "summit":
        return "summit"
    if lemma == "ratify":
        return noun or _nearest(subject) or "agreement"
    if lemma == "vote":
        return "decision" if any(word in _PARLIAMENTS for word in subject) else "election"
    if lemma in _STARTS and noun in (None, "investment"):
        from_subject = _nearest(subject)
        if from_subject not in (None, "investment"):
            return from_subject
        works = noun or from_subject or not _WORKS.isdisjoint(subject) or not _WORKS.isdisjoint(after)
        return "launch" if works or lemma in ("open", "reopen") else "other"
    if lemma in _ENDS and (not after or after[0] in _LEADS):
        return "other"  # "The finals end in June": nobody ends them.
    if lemma in _RECEIVES and not (noun == "visit" or not _GUESTS.isdisjoint(after)):
        stays = lemma == "host" or (lemma == "receive" and noun in ("deployment", "purchase"))
        return noun if noun is not None and stays else "other"
    if lemma == "order" and noun is None:
        return "purchase" if any(word[0].isdigit() for word in after) or money else "decision"
    if lemma in _SURE_VERBS:
        return _BY_VERB[lemma]
    if lemma in _OFF:
        return noun or _nearest(subject) or "other"
    if lemma in _LIGHT or lemma not in _BY_VERB:
        if noun is not None:
            return noun
        from_subject = next((_BY_NOUN[word] for word in subject if word in _BY_NOUN), None)
        if from_subject is not None and (lemma in _LIGHT or lemma == "be"):
            return from_subject
    if lemma in _BY_VERB:
        if (
            _BY_VERB[lemma] == "investment"
            and not (money or noun == "investment")
            and lemma in ("spend", "fund", "expand")
        ):
            return noun or "other"
        return noun if noun in ("exercise", "launch") and lemma in ("begin", "join") else _BY_VERB[lemma]
    return "other"


def _nearest(words: Sequence[str]) -> str | None:
    """Return the kind of the first event noun; "visit" before "summit" counts as the first."""
    for at, word in enumerate(words):
        kind = _BY_NOUN.get(word.removesuffix("'s"))
        if kind is not None:
            # "a joint meeting of Congress" is where a speech is given; "battery plant investment" is one thing.
            following = _BY_NOUN.get(words[at + 1]) if at + 1 < len(words) else None
            return following or kind
    return None


def noun_kind(word: str) -> str | None:
    """Return the kind that a noun (lower case) names, or None."""
    return _BY_NOUN.get(word)
