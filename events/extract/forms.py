"""The verbs that news are told with, and their forms, inflected by rule."""

from typing import Final

_IRREGULAR: Final = (
    "become became become|begin began begun|bring brought brought|build built built|buy bought bought|come came come|"
    "cost cost cost|cut cut cut|deal dealt dealt|do did done|draw drew drawn|drive drove driven|fall fell fallen|"
    "feel felt felt|fight fought fought|find found found|fly flew flown|forbid forbade forbidden|get got got|"
    "give gave given|go went gone|grow grew grown|hear heard heard|hit hit hit|hold held held|keep kept kept|"
    "know knew known|lead led led|leave left left|lend lent lent|let let let|lose lost lost|make made made|"
    "mean meant meant|meet met met|overcome overcame overcome|pay paid paid|put put put|quit quit quit|read read read|"
    "rise rose risen|run ran run|say said said|see saw seen|seek sought sought|sell sold sold|send sent sent|"
    "set set set|shrink shrank shrunk|shut shut shut|sit sat sat|speak spoke spoken|spend spent spent|"
    "spread spread spread|stand stood stood|steal stole stolen|strike struck struck|swear swore sworn|take took taken|"
    "teach taught taught|tell told told|think thought thought|throw threw thrown|undergo underwent undergone|"
    "undertake undertook undertaken|understand understood understood|win won won|withdraw withdrew withdrawn|"
    "write wrote written|lay laid laid|rebuild rebuilt rebuilt|bid bid bid|burn burnt burnt|oversee oversaw overseen|"
    "show showed shown|split split split|swim swam swum|wear wore worn|break broke broken|choose chose chosen|"
    "freeze froze frozen|broadcast broadcast broadcast|forecast forecast forecast"
)
_REGULAR: Final = (
    "abandon abolish absorb accelerate accept accuse achieve acknowledge acquire activate add address adjourn adopt "
    "advance agree aim allocate allow amend announce appeal appear apply appoint approve argue arrange arrest "
    "arrive ask assemble assert attack attend authorise authorize award back ban base begin believe block board "
    "boost borrow call cancel capture carry celebrate challenge change charge circulate claim clear close collapse "
    "collect commemorate commence commission commit compete complete concede conclude conduct confirm connect "
    "consider consolidate construct consult continue contribute convene convert cooperate create criticise "
    "criticize cross debate debut decide declare decline decommission defeat defend defer delay deliver demand "
    "demolish deny depart depend deploy describe design destroy develop devote dine direct disband discontinue "
    "discuss dismiss dispatch dissolve distribute dock donate double draft drop earn ease elect eliminate embark "
    "employ enact enable encourage end enforce enlarge enter equip erect escort establish estimate evacuate examine "
    "exchange execute exercise exhibit exit expand expect expel expire explain explore export express extend face "
    "fail file fill finalise finalize finance finish fire flood follow force form formalise formalize formulate "
    "found fund gain gather govern grant guarantee halt hand happen head help highlight hike hire honor honour hope "
    "host house identify impeach implement import impose improve inaugurate include increase indicate inform "
    "inherit initiate inspect install instruct integrate intend intensify introduce invade invest investigate "
    "invite issue join jump kick kill land last launch leak legalise legalize level levy license lift limit link "
    "liquidate list locate lock lodge look lower maintain manage manufacture march mark marry match merge migrate "
    "mine mobilise mobilize moderate modernise modernize modify monitor mount move mull multiply name nationalise "
    "nationalize need negotiate nominate note notify observe obtain occupy offer open operate oppose order organise "
    "organize oust outlaw outline overhaul overturn own participate pass pause perform permit phase pilot place "
    "plan plant play pledge plunge point postpone predict prepare present preside press prevent print privatise "
    "privatize probe proceed process produce prohibit project promise promote propose prosecute protect protest "
    "prove provide publish pull purchase push qualify raise rally ratify reach reaffirm receive recall reckon "
    "recognise recognize recommend record recruit reduce refit refuel refurbish refuse regulate reinforce reinstate "
    "reject relaunch release relocate remain remove renew renovate reopen repay repeal repeat replace report "
    "request require reschedule resign resolve respond restart restore restrict restructure result resume retain "
    "retire return reveal reverse review revise roll rule sack sail sanction scale schedule scrap screen seal "
    "secure select separate serve settle shelve shift ship sign signal slash slow solve sponsor stage start state "
    "station stay step stop store strengthen stress struggle submit succeed suggest summon supply support suspend "
    "sustain table talk target tax tender terminate test tighten total tour track trade train transfer transform "
    "transport travel treat trigger triple trim turn unify unite unveil update upgrade urge use vacate value veto "
    "view violate visit vote vow wait want warn watch weigh welcome widen wind withhold work worsen yield broaden "
    "deepen dedicate premiere relinquish redeploy renationalise fortify tap tackle trial vaccinate underline "
    "underscore stipulate mandate oblige stall snub resist co-host cohost kick-off compromise refill guide stave "
    "frustrate determine lavish love hate align headquarter attract rebuff resettle reunite outfit retrofit "
    "float flag pare curb exempt crown swap"
)
NOUNS_TOO: Final = frozenset(
    "address aim appeal attack award back ban base bid board boost call change charge claim commission cost cut "
    "deal debate debut delay demand design draft drop end exchange exercise exit export face fall fight file fire "
    "flight flood force forecast form fund gain grant halt hand head help hike hire hit hold hope host house import "
    "increase issue joint jump land last launch lead level lift limit link list lock look mandate march mark match "
    "mine move name need note offer open order pass pause permit phase pilot place plan plant play pledge point "
    "present press print probe process produce project promise protest purchase push raise rally read record "
    "release repeat report request result return review rise roll rule run sail sanction scale schedule screen seal "
    "set shift ship show sign signal slow split sponsor stage stand start state station stay step stop store strike "
    "support swear table talk target tax tender test total tour track trade train transfer transport travel trial "
    "trigger trim turn update upgrade use value veto view visit vote vow wait watch win wind work yield premiere "
    "love hate welcome vaccinate resist spread complete close clear lower double triple secure separate".split()
)
_DOUBLED: Final = frozenset(
    "commit ban cut plan run stop trim drop scrap step ship permit submit admit transfer refer defer occur rebel "
    "set cancel travel level control expel compel begin sit get let put hit split swim tap outrun prefer snub".split()
)


def _third(verb: str) -> str:
    if verb.endswith(("s", "sh", "ch", "x", "z", "o")):
        return verb + "es"
    return verb[:-1] + "ies" if verb[-1] == "y" and verb[-2] not in "aeiou" else verb + "s"


def _past(verb: str) -> str:
    if verb.endswith("e"):
        return verb + "d"
    if verb[-1] == "y" and verb[-2] not in "aeiou":
        return verb[:-1] + "ied"
    return verb + verb[-1] + "ed" if verb in _DOUBLED else verb + "ed"


def _ing(verb: str) -> str:
    if verb.endswith("e") and not verb.endswith(("ee", "ye")):
        return verb[:-1] + "ing"
    return verb + verb[-1] + "ing" if verb in _DOUBLED else verb + "ing"


def _forms() -> dict[str, tuple[str, str]]:
    """Return form -> (lemma, kinds), kinds of b(ase), s (third person), d (past), n (participle), g (-ing)."""
    forms: dict[str, tuple[str, str]] = {}

    def add(form: str, lemma: str, kind: str) -> None:
        known = forms.get(form)
        if known is None:
            forms[form] = lemma, kind
        elif known[0] == lemma and kind not in known[1]:
            forms[form] = lemma, known[1] + kind

    for triple in _IRREGULAR.split("|"):
        base, past, participle = triple.split()
        for form, kind in ((base, "b"), (_third(base), "s"), (past, "d"), (participle, "n"), (_ing(base), "g")):
            add(form, base, kind)
    for base in _REGULAR.split():
        for form, kind in ((base, "b"), (_third(base), "s"), (_past(base), "d"), (_past(base), "n"), (_ing(base), "g")):
            add(form, base, kind)
    for british, base in (("cancelled", "cancel"), ("travelled", "travel"), ("levelled", "level")):
        forms[british] = base, "dn"
    forms["canceled"] = "cancel", "dn"
    forms["canceling"] = "cancel", "g"
    forms["lying"] = "lie", "g"
    return forms


FORMS: Final = _forms()
"""Form -> (lemma, what it can be): b(ase), s (third person), d (past), n (past participle), g (ending in -ing)."""


def past_of(lemma: str) -> str:
    """Return the simple past of a verb: its own where it is irregular."""
    return _PASTS.get(lemma) or _past(lemma)


def participle_of(lemma: str) -> str:
    """Return the past participle of a verb."""
    return _PARTICIPLES.get(lemma) or _past(lemma)


_PASTS: Final = {triple.split()[0]: triple.split()[1] for triple in _IRREGULAR.split("|")}
_PARTICIPLES: Final = {triple.split()[0]: triple.split()[2] for triple in _IRREGULAR.split("|")}
