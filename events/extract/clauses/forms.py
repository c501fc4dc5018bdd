"""The verbs that news are told with, and their forms, inflected by rule."""

from typing import Final

_IRREGULAR: Final = (
    "have had had|become became become|begin began begun|bring brought brought|build built built|buy bought bought|"
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
    "ring rang rung|shoot shot shot|bear bore borne|beat beat beaten|bind bound bound|"
    "blow blew blown|breed bred bred|catch caught caught|eat ate eaten|forget forgot forgotten|"
    "uphold upheld upheld|retake retook retaken|undo undid undone|upset upset upset|foresee foresaw foreseen|"
    "arise arose arisen|awake awoke awoken|drink drank drunk|die died died|lie lay lain|tie tied tied|"
    "wake woke woken|withstand withstood withstood|outgrow outgrew outgrown|override overrode overridden|"
    "shed shed shed|thrust thrust thrust"
)
_REGULAR: Final = (
    "aid abandon abolish absorb accelerate accept accuse achieve acknowledge acquire act activate adapt add address "
    "adhere adjourn admit adopt advance advertise advise advocate afford aggravate agree aim air alert align "
    "allege allocate allow alter amass amend announce answer appeal appear apply appoint appraise approach "
    "approve archive argue arm arrange arrest arrive ask assemble assert assess assign assist assume assure "
    "attach attack attain attend attract audit authorise authorize avenge avert await award back backfire bail "
    "ban bar base battle beat begin believe benefit blame blast blend block board bolster boost borrow boycott "
    "brand breach bridge brief broaden broker bury bypass calculate call campaign cancel cap capture carry cast "
    "cause caution cede celebrate cement censor certify chair challenge change chant charge chart chase check "
    "circulate cite claim clash clean clear climb clinch close co-host coach cohost coincide collaborate collapse "
    "collect combat combine command commandeer commemorate commence commend comment commission commit compare "
    "compensate compete compile complain complete comply compromise conceal concede concern conclude condemn "
    "conduct confer confirm confront congratulate connect conquer consent conserve consider consist consolidate "
    "construct consult contact contend contest continue contract contribute control convene convert convey "
    "convict convince cooperate copy correct counter couple craft create cripple criticise criticize cross crown "
    "curb curtail damage dampen dash debate debut decide declare decline decommission decrease decree dedicate "
    "deem deepen defeat defend defer defuse degrade delay delegate deliver demand demolish denounce deny depart "
    "depend deplete deploy deprive descend describe design destroy detain detect deter determine develop devote "
    "diagnose dictate differ dig digitise dilute diminish dine direct disagree disappear disband discharge "
    "disclose discontinue discover discuss dismiss dispatch dispute disqualify disrupt dissent dissolve "
    "distribute diversify divert divide dock dominate donate double downgrade draft dream drop dry dub earn ease "
    "edge edit educate elaborate elect elevate eliminate embark embed embrace emerge emphasise emphasize employ "
    "empower emulate enable enact encourage end endorse enforce enhance enjoy enlarge enlist enrich enrol ensure "
    "entail enter entertain entitle envisage equip erect erode escalate escape escort establish estimate evacuate "
    "evict evolve examine exceed exchange exclude excuse execute exempt exercise exhaust exhibit exit exonerate "
    "expand expect expel experience experiment expire explain explode explore export expose express extend "
    "extradite face facilitate fade fail favor favour feature fend file fill finalise finalize finance fine "
    "finish fire fix fixate flag flee float flock flood flourish focus foil follow force forge forgo form "
    "formalise formalize formulate fortify foster found frame frustrate fuel fulfil fund gain gather gauge gear "
    "generate glean govern graduate grant grapple grasp greet guarantee guard guide halt halve hand handle happen "
    "harm harvest hasten hate haul head headline headquarter heal heat heed help hesitate highlight hike hinder "
    "hire hoist honor honour hope host house hover hunt identify ignore imagine impair impeach implant implement "
    "imply import impose impress imprison improve inaugurate incite include incorporate increase incur indicate "
    "induce infect inflate inflict influence inform inhabit inherit initial initiate inject injure innovate "
    "inquire insist inspect inspire install instil instruct insure integrate intend intensify intercept interest "
    "interfere interpret interrogate interrupt intervene interview introduce intrude invade invent invest "
    "investigate invite invoke involve irritate isolate issue jail join judge jump justify kick kick-off kill "
    "label lament land lapse last laud launch lavish lay leak lean leap legalise legalize legislate lessen level "
    "levy liberate license lift limit linger link liquidate list litigate lobby locate lock lodge look loosen "
    "love lower lure maintain manage mandate manufacture march marginalise mark marry mask massacre master match "
    "maximise measure mediate merge merit migrate mine minimise mirror mislead miss mix mobilise mobilize "
    "moderate modernise modernize modify mollify monitor motivate mount mourn move mull multiply muster name "
    "nationalise nationalize navigate near need neglect negotiate net nominate note notify nullify obey object "
    "oblige observe obstruct obtain occupy occur offer offset omit open operate oppose opt orbit order organise "
    "organize originate oust outfit outlaw outline outperform overcome overhaul overrule overtake overturn "
    "overwhelm owe own pack paint pardon pare park participate pass patrol pause penalise perceive perform permit "
    "persist persuade phase pick picture pile pilot pioneer placate place plan plant play plead pledge plot "
    "plummet plunge point poll populate portray post postpone pour practise praise preach predict prefer premiere "
    "prepare prescribe present preserve preside press presume prevail prevent preview price print prioritise "
    "privatise privatize probe proceed process proclaim procure prod produce prohibit project promise promote "
    "prompt promulgate propose prosecute prosper protect protest prove provide publish pull puncture punish "
    "purchase purge pursue push qualify quash query quiet quote race raise rally rank ratchet rate ratify reach "
    "reaffirm reassess reassure rebound rebrand rebuff recall recapture recede receive reckon reclaim recognise "
    "recognize recommend reconcile reconsider record recover recruit recycle redeploy redirect redraw reduce "
    "reelect refer refill refit reflect reform refrain refuel refurbish refuse refute regain register regulate "
    "rehearse reimburse reinforce reinstate reintroduce reiterate reject relaunch relax relay release relent "
    "relieve relinquish relocate rely remain remark remedy remind remodel remove renationalise render renew "
    "renounce renovate rent reopen repatriate repay repeal repeat repel replace replenish replicate reply report "
    "represent repress reproduce repurpose request require reschedule rescue resell reserve resettle reshape "
    "reside resign resist resolve resort respect respond restart restore restrict restructure result resume "
    "resurface retain retaliate retire retool retreat retrieve retrofit return reunite revamp reveal reverse "
    "review revise revisit revive revoke reward rework ring risk rival rob roll rotate ruin rule rush sack "
    "safeguard sail salute salvage sample sanction satisfy save scale scan scatter schedule scold score scorn "
    "scrap screen scrub scrutinise seal search seat secede seclude secure seize select sentence separate serve "
    "settle shape share shatter shed shell shelter shelve shield shift ship shoot shop shorten shout shove "
    "showcase shrink shun shuttle side sign signal signify simplify sink siphon skip skyrocket slam slash slate "
    "slip slow slump smuggle snatch snub soar soften solidify solve sort spare spark spearhead specify speculate "
    "speed spell spill spoil sponsor spur squeeze stabilise stabilize stage stagger stall standardise start state "
    "station stave stay steer stem step stick stimulate stipulate stop store storm strengthen stress stretch "
    "struggle stuff stun subdue subject submit subpoena subsidise substantiate substitute succeed succumb sue "
    "suffer suggest suit summon supervise supply support suppress surface surge surpass surprise surrender "
    "surround survey survive suspect suspend sustain swamp swap swell switch symbolise synchronise table tackle "
    "talk tap taper target tax teeter tender terminate test testify tether thank threaten thrive tighten tilt "
    "tolerate topple toss total touch toughen tour tout trace track trade trail train trample transfer transform "
    "transport trap travel treat trespass trial trick trigger trim triple trust tumble turn tweet underline "
    "undermine underscore unfold unify unite unlock unpack unseal unseat unveil update upgrade uphold urge use "
    "usher usurp utilise vacate vaccinate value vanish veer vent venture verify veto vie view vilify violate "
    "visit volunteer vote vow wait waive walk wane want warm warn warrant waste watch weaken wed weigh welcome "
    "whip widen wield wind wipe withhold witness wonder woo work worry worsen wrap yank yield zone"
)
NOUNS_TOO: Final = frozenset(
    "act address aim air alert answer appeal approach attack award back ban base battle benefit bid blame blast "
    "board boost boycott brand breach bridge call campaign cap cast cause cement chair change charge chart chase "
    "check claim clash clear close coach command comment commission complete concern contact contest contract "
    "control copy cost counter couple craft cut damage dash deal debate debut decrease decree delay demand design "
    "divide double draft dream drop edge end escape exchange exercise exit experience experiment export face fall "
    "favor favour feature fight file fine fire fix flight flood focus force forecast form frame fuel fund gain "
    "gear grant guard halt hand harm harvest hate haul head headline heat help hike hire hit hold hope host house "
    "hunt import increase influence initial inject interest interview issue jail joint judge jump label land "
    "lapse last launch lead leap level lift limit link list lobby lock look love lower mandate march mark mask "
    "master match measure mine mirror mix move name need net note object offer open orbit order pack paint pardon "
    "park pass patrol pause permit phase pile pilot place plan plant play pledge plot point poll post practise "
    "praise premiere present press preview price print probe process produce project promise protest purchase "
    "purge push query quiet race raise rally rank rate read rebound record reform register release remark remedy "
    "rent repeat reply report request rescue reserve resist resort respect result retreat return review reward "
    "ring rise risk rival roll rule run rush sail sample sanction save scale scan schedule score screen seal "
    "search seat secure sentence separate set shape share shell shelter shield shift ship shop show side sign "
    "signal slate slip slow slump sort spark speed spell split sponsor spread stage stand start state station "
    "stay stem step stick stop store storm stretch strike stuff subject suit support surface surge surprise "
    "survey suspect swear swell switch table talk target tax tender test thank total touch tour trace track trade "
    "trail train transfer transport trap travel trial trick trigger trim triple trust turn update upgrade use "
    "vaccinate value vent venture veto view visit vote vow wait walk warrant waste watch welcome win wind witness "
    "wonder work worry wrap yield zone".split()
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
    known = _PASTS.get(lemma)
    if known is not None:
        return known
    return lemma if len(lemma) < 2 or (lemma not in FORMS and lemma.endswith("ed")) else _past(lemma)


def participle_of(lemma: str) -> str:
    """Return the past participle of a verb."""
    return _PARTICIPLES.get(lemma) or past_of(lemma)


_PASTS: Final = {triple.split()[0]: triple.split()[1] for triple in _IRREGULAR.split("|")}
_PARTICIPLES: Final = {triple.split()[0]: triple.split()[2] for triple in _IRREGULAR.split("|")}
