"""The verbs that news are told with, and their forms, inflected by rule."""

from typing import Final

_IRREGULAR: Final = (
    "become became become|begin began begun|bring brought brought|build built built|buy bought bought|"
    "come came come|cost cost cost|cut cut cut|deal dealt dealt|do did done|draw drew drawn|drive drove driven|"
    "fall fell fallen|feel felt felt|fight fought fought|find found found|fly flew flown|"
    "forbid forbade forbidden|get got got|give gave given|go went gone|grow grew grown|hear heard heard|"
    "hit hit hit|hold held held|keep kept kept|know knew known|lead led led|leave left left|lend lent lent|"
    "let let let|lose lost lost|make made made|mean meant meant|meet met met|overcome overcame overcome|"
    "pay paid paid|put put put|quit quit quit|read read read|rise rose risen|run ran run|say said said|"
    "see saw seen|seek sought sought|sell sold sold|send sent sent|set set set|shrink shrank shrunk|"
    "shut shut shut|sit sat sat|speak spoke spoken|spend spent spent|spread spread spread|stand stood stood|"
    "steal stole stolen|strike struck struck|swear swore sworn|take took taken|teach taught taught|"
    "tell told told|think thought thought|throw threw thrown|undergo underwent undergone|"
    "undertake undertook undertaken|understand understood understood|win won won|withdraw withdrew withdrawn|"
    "write wrote written|lay laid laid|rebuild rebuilt rebuilt|bid bid bid|burn burnt burnt|"
    "oversee oversaw overseen|show showed shown|split split split|swim swam swum|wear wore worn|"
    "break broke broken|choose chose chosen|freeze froze frozen|broadcast broadcast broadcast|"
    "forecast forecast forecast|tear tore torn|hide hid hidden|ride rode ridden|shake shook shaken|"
    "sing sang sung|sink sank sunk|slide slid slid|stick stuck stuck|swing swung swung|dig dug dug|feed fed fed|"
    "flee fled fled|sleep slept slept|sweep swept swept|bend bent bent|hurt hurt hurt|leap leapt leapt|"
    "ring rang rung|shoot shot shot|spring sprang sprung|bear bore borne|beat beat beaten|bind bound bound|"
    "blow blew blown|breed bred bred|catch caught caught|eat ate eaten|forget forgot forgotten|"
    "uphold upheld upheld|retake retook retaken|undo undid undone|upset upset upset|foresee foresaw foreseen|"
    "arise arose arisen|awake awoke awoken|drink drank drunk|die died died|lie lay lain|tie tied tied|"
    "wake woke woken|withstand withstood withstood|outgrow outgrew outgrown|override overrode overridden|"
    "shed shed shed|thrust thrust thrust"
)
_REGULAR: Final = (
    "abandon abolish absorb accelerate accept accuse achieve acknowledge acquire activate adapt add address "
    "adjourn admit adopt advance advertise advocate afford agree aim align allocate allow alter amass amend "
    "announce answer appeal appear apply appoint appraise approve archive argue arm arrange arrest arrive ask "
    "assemble assert assess assign assist assume attach attack attend attract audit authorise authorize avert "
    "await award back backfire bail ban bar base battle beat begin believe benefit blame blast blend block board "
    "boost borrow boycott brief broaden broker bury bypass calculate call campaign cancel cap capture carry cast "
    "cause caution celebrate censor chair challenge change charge chart chase check circulate cite claim clash "
    "clean clear climb close co-host coach cohost collaborate collapse collect combat combine commemorate "
    "commence commend comment commission commit compare compensate compete compile complain complete comply "
    "compromise conceal concede conclude condemn conduct confer confirm confront congratulate connect conquer "
    "consent consider consolidate construct consult contact contest continue contract contribute control convene "
    "convert convey convict convince cooperate copy correct counter couple craft create cripple criticise "
    "criticize cross crown curb curtail damage dash debate debut decide declare decline decommission decrease "
    "decree dedicate deepen defeat defend defer defuse degrade delay delegate deliver demand demolish denounce "
    "deny depart depend deploy deprive describe design destroy detain detect deter determine develop devote "
    "diagnose dictate differ dig diminish dine direct disappear disband disclose discontinue discover discuss "
    "dismiss dispatch dispute disrupt dissent dissolve distribute diversify divert divide dock dominate donate "
    "double downgrade draft drop dry earn ease edge edit educate elect eliminate embark embed embrace emerge "
    "emphasise emphasize employ empower enable enact encourage end endorse enforce enhance enjoy enlarge enrol "
    "ensure enter entertain entitle equip erect escape escort establish estimate evacuate evolve examine exceed "
    "exchange exclude excuse execute exempt exercise exhibit exit expand expect expel experience experiment "
    "expire explain explode explore export expose express extend face facilitate fail favor favour feature fend "
    "file fill finalise finalize finance finish fire fix flag flee float flood focus follow force forge form "
    "formalise formalize formulate fortify foster found frame frustrate fulfil fund gain gather generate govern "
    "graduate grant grasp greet guarantee guard guide halt hand handle happen harvest hate haul head headquarter "
    "heal heat help hesitate highlight hike hire honor honour hope host house hunt identify ignore imagine "
    "impeach implant implement imply import impose impress imprison improve inaugurate include incorporate "
    "increase incur indicate infect inflict influence inform inherit initial initiate inject injure innovate "
    "inquire inspect install instruct insure integrate intend intensify intercept interest interfere interpret "
    "interrupt intervene interview introduce invade invent invest investigate invite involve isolate issue jail "
    "join judge jump justify kick kick-off kill land lapse last laud launch lavish lay leak leap legalise "
    "legalize legislate lessen level levy liberate license lift limit link liquidate list lobby locate lock lodge "
    "look love lower lure maintain manage mandate manufacture march mark marry master match maximise measure "
    "mediate merge merit migrate mine minimise mislead miss mix mobilise mobilize moderate modernise modernize "
    "modify monitor motivate mount mourn move mull multiply name nationalise nationalize navigate near need "
    "negotiate nominate note notify obey object oblige observe obstruct obtain occupy occur offer omit open "
    "operate oppose orbit order organise organize oust outfit outlaw outline outperform overcome overhaul "
    "overrule overturn owe own pack paint pare park participate pass patrol pause penalise perceive perform "
    "permit persuade phase pick picture pile pilot place plan plant play plead pledge plot plunge point poll post "
    "postpone pour practise praise preach predict premiere prepare present preserve preside press presume prevail "
    "prevent price print prioritise privatise privatize probe proceed process proclaim procure produce prohibit "
    "project promise promote promulgate propose prosecute protect protest prove provide publish pull punish "
    "purchase pursue push qualify quote race raise rally rank rate ratify reach reaffirm reassure rebrand rebuff "
    "recall recapture receive reckon recognise recognize recommend record recover recruit recycle redeploy "
    "redirect reduce reelect refer refill refit reflect reform refuel refurbish refuse regain register regulate "
    "reinforce reinstate reiterate reject relaunch relax relay release relinquish relocate rely remain remark "
    "remind remove renationalise render renew renounce renovate rent reopen repatriate repay repeal repeat repel "
    "replace replenish reply report represent reproduce request require reschedule rescue reserve resettle reside "
    "resign resist resolve resort respect respond restart restore restrict restructure result resume retain "
    "retire retreat retrieve retrofit return reunite reveal reverse review revise reward ring risk rival rob roll "
    "rotate ruin rule rush sack sail sample sanction satisfy save scale scan scatter schedule scrap screen "
    "scrutinise seal search seat secure seize select sentence separate serve settle shape share shed shell "
    "shelter shelve shift ship shoot shop shorten shout shrink side sign signal signify simplify sink skip slash "
    "slip slow smuggle snub soar solidify solve sort spark specify speculate speed spell sponsor spur squeeze "
    "stabilise stage stagger stall standardise start state station stave stay steer stem step stick stimulate "
    "stipulate stop store storm strengthen stress stretch struggle stuff subject submit subsidise substitute "
    "succeed succumb sue suffer suggest suit summon supply support surface surge surpass surprise surrender "
    "surround survey survive suspect suspend sustain swap switch symbolise table tackle talk tap target tax "
    "tender terminate test testify thank threaten thrive tighten tolerate topple toss total touch toughen tour "
    "trace track trade trail train transfer transform transport trap travel treat trial trigger trim triple "
    "tumble turn tweet underline undermine underscore unfold unify unite unlock unseal unveil update upgrade "
    "uphold urge use usher utilise vacate vaccinate value vanish venture verify veto view vilify violate visit "
    "volunteer vote vow wait waive walk want warm warn warrant waste watch weaken wed weigh welcome whip widen "
    "wind wipe withhold witness wonder work worry worsen wrap yield"
)
NOUNS_TOO: Final = frozenset(
    "address aim answer appeal attack award back ban base battle benefit bid blame blast board boost boycott call "
    "campaign cap cast cause chair change charge chart chase check claim clash clear close coach comment "
    "commission complete contact contest contract control copy cost counter couple craft cut damage dash deal "
    "debate debut decrease decree delay demand design divide double draft drop edge end escape exchange exercise "
    "exit experience experiment export face fall favor favour feature fight file fire fix flight flood focus "
    "force forecast form frame fund gain grant guard halt hand harvest hate haul head heat help hike hire hit "
    "hold hope host house hunt import increase influence initial inject interest interview issue jail joint judge "
    "jump land lapse last launch lead leap level lift limit link list lobby lock look love lower mandate march "
    "mark master match measure mine mix move name need note object offer open orbit order pack paint park pass "
    "patrol pause permit phase pile pilot place plan plant play pledge plot point poll post practise praise "
    "premiere present press price print probe process produce project promise protest purchase push race raise "
    "rally rank rate read record reform register release remark rent repeat reply report request rescue reserve "
    "resist resort respect result retreat return review reward ring rise risk rival roll rule run rush sail "
    "sample sanction save scale scan schedule screen seal search seat secure sentence separate set shape share "
    "shell shelter shift ship shop show side sign signal slip slow sort spark speed spell split sponsor spread "
    "stage stand start state station stay stem step stick stop store storm stretch strike stuff subject suit "
    "support surface surge surprise survey suspect swear switch table talk target tax tender test thank total "
    "touch tour trace track trade trail train transfer transport trap travel trial trigger trim triple turn "
    "update upgrade use vaccinate value venture veto view visit vote vow wait walk warrant waste watch welcome "
    "win wind witness wonder work worry wrap yield".split()
)
_DOUBLED: Final = frozenset(
    "admit ban bar begin cancel commit compel confer control cut defer dig drop enrol equip expel get hit let "
    "level occur outrun pat permit plan plot prefer put rebel refer regret rob run sag scan scrap set shed ship "
    "shop sit skip slam slip snap snub split spur stem step stop strip submit swim tap top transfer trap travel "
    "trim wed whip wrap".split()
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
    return _PASTS.get(lemma) or (lemma if lemma not in FORMS and lemma.endswith("ed") else _past(lemma))


def participle_of(lemma: str) -> str:
    """Return the past participle of a verb."""
    return _PARTICIPLES.get(lemma) or past_of(lemma)


_PASTS: Final = {triple.split()[0]: triple.split()[1] for triple in _IRREGULAR.split("|")}
_PARTICIPLES: Final = {triple.split()[0]: triple.split()[2] for triple in _IRREGULAR.split("|")}
