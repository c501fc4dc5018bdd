"""The words that tell names from other words, and what a name is from what it is made of."""

from typing import Final

GONE: Final = frozenset("ex former future incoming late onetime ousted".split())
"""Before a title: the office is not, or not yet, theirs."""

BETWEEN: Final = frozenset(
    "new acting interim current first longtime newly elected sitting ex former future incoming late onetime "
    "ousted outgoing then".split()
)
"""May stand between a state and a title."""

GOVERNMENTS: Final = frozenset("administration government cabinet".split())
"""After a state or the surname of its head: the government."""

LOCATING: Final = frozenset(
    "in at near to from outside inside around across through via into toward towards throughout within over off "
    "beyond for".split()
)
"""Before a place: it is where something is or goes."""

SKIPPED_BACK: Final = frozenset(
    "the downtown central nearby northern southern eastern western northeastern northwestern southeastern "
    "southwestern north south east west neighboring neighbouring mainland".split()
)
"""May stand between such a word and the place."""

NEEDS_INTRODUCTION: Final = frozenset(
    "may key moon park lai li lee kim wang qin ma ban brown english johnson harris bush singh khan wong costa "
    "michel martin powell bailey tai ross lew carter ryan barr marin santos conte philippe gabriel maas hunt "
    "cameron wallace reeves cooper hicks esper katz wright payne pavel morrison abbott turnbull harper austin "
    "campbell sullivan sherman sessions bolton kerry pence anand charles philip stocker".split()
)
"""Surnames that many people have, or that are words: no office is read from them until the text has said who it is."""

NOT_NAMES: Final = frozenset(
    "i jr sr former then onetime incoming outgoing january february march april may june july august september "
    "october november december jan feb mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday "
    "friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays sundays mon tue tues wed thu "
    "thur thurs fri sat sun mr mrs ms dr sir a an the it its he she they we you his her their our my your this "
    "that these those there here and or but nor so yet if as at by for from in into of on onto to up with without "
    "about after against along amid among around because before behind below beneath beside between beyond "
    "despite down during except inside near off out outside over since than through throughout till toward "
    "towards under until unlike upon via when where while who whom whose which what why how whether though "
    "although unless not no yes also both each either every few many more most much neither several some such any "
    "all another other others one two three four five six seven eight nine ten first second third last next thus "
    "however meanwhile moreover still again today tomorrow yesterday tonight now later earlier once only even "
    "just according asked following given christmas easter ramadan covid internet am is are was were be been "
    "being do does did has have had will would shall should can could might must let thanks thank".split()
)
"""Words that are no names, whatever their first letter."""

ORGANISATION_WORDS: Final = frozenset(
    "agency alliance association authority board bureau center centre chamber church club coalition college "
    "command commission committee confederation conference congress consortium convention corps council court "
    "department embassy federation force forces forum foundation front fund government group guard house "
    "initiative institute institution journal league mission movement museum news network office organisation "
    "organization parliament party police post press programme program project school senate service society "
    "times tribune union university herald observatory laboratory laboratories hospital ministry directorate "
    "administration academy army navy trust assembly partnership guardian".split()
)
"""A name with such a word is an organisation's."""

COMPANY_WORDS: Final = frozenset(
    "ab ag airlines airways aerospace aircraft ai automotive automobile bancorp bank banking bhd biotech brands "
    "brewery capital chemical chemicals co communications companies company consulting corp corporation dynamics "
    "electric electronics energy engineering entertainment financial foods gas gmbh health healthcare holding "
    "holdings inc industries insurance international kk labs llc llp logistics ltd limited machinery media metals "
    "mining mobile motor motors networks nv oil oyj partners petroleum pharma pharmaceutical pharmaceuticals plc "
    "power pte rail railway railways resources retail robotics sa sas se semiconductor semiconductors "
    "shipbuilding shipping software solar solutions spa steel stores studios systems tech technologies technology "
    "telecom telecommunications therapeutics tobacco ventures water wind works".split()
)
"""A name that ends so is a company's."""

PLACE_WORDS: Final = frozenset(
    "airport base basin bay beach bridge canal cape city coast county desert district gulf harbor harbour heights "
    "island islands isle lake mountain mountains ocean peninsula port province reef region ridge river sea shoal "
    "square strait street valley village".split()
)
"""A name that ends so is a place's."""

JOINS: Final = frozenset("of for on and the to in".split())
"""May stand inside an organisation's name."""

PARTICLES: Final = frozenset("de del della der den di da do dos das du la le el al bin ibn van von zu und y e".split())
"""May stand inside a person's name."""

HONORIFICS: Final = frozenset(
    "mr mrs ms dr sir lord lady dame prof professor sen senator rep representative congressman congresswoman gen "
    "general adm admiral col colonel capt captain maj major lt lieutenant sgt sergeant cmdr commander gov "
    "governor mayor judge justice rev reverend bishop archbishop cardinal imam ayatollah sheikh prince princess "
    "king queen emir president chairman chairwoman chair chairperson ceo cfo coo cto executive director minister "
    "secretary ambassador spokesman spokeswoman spokesperson analyst economist chief premier chancellor founder "
    "officer lawyer attorney leader administrator whip head deputy commissioner envoy mp mep governor-general".split()
)
"""A person's name follows."""

GIVEN_NAMES: Final = frozenset(
    "aaron adam adrian ahmed aisha alan albert alejandro alex alexander alexandra alexei ali alice alison amanda "
    "amy ana anders andrea andreas andrei andrew angela anil anita ann anna anne anthony antonio arjun arthur "
    "ashley barbara beatriz ben benjamin bernard beth bill bob boris brad brandon brian bruce carl carla carlos "
    "carmen caroline catherine charles charlotte chris christian christina christine christopher claire claudia "
    "colin craig cristina daniel daniela david deborah dennis diana diane diego dmitri dmitry don donald donna "
    "doug douglas edward elena eli elizabeth emily emma eric erik ernesto eva evan fatima felix fernando "
    "francesca francis francisco frank fred gabriel gary george gerard giovanni giuseppe gloria grace graham greg "
    "gregory guillermo hannah hans harold harry hassan heather helen henry hiroshi hugo ian igor irina isabel "
    "ivan jack jacob jake james jamie jan jane janet jason javier jean jeff jeffrey jennifer jens jeremy jerry "
    "jessica jim joan joanna joe john johan jonathan jorge jose josé joseph joshua juan judith julia julian julie "
    "karen karl kate katherine kathleen keith kelly ken kenji kenneth kevin kim klaus kurt larry lars laura "
    "lauren lee leo leon linda lisa liz louis louise lucas lucy luis luke lynn marc marco margaret maria marie "
    "mario mark markus martha martin mary matt matthew mauricio max megan melissa michael michel michelle miguel "
    "mike mohamed mohammad mohammed monica muhammad nancy natalia natalie natasha nathan neil nicholas nick "
    "nicolas nicole nigel nikolai nina noah oliver olivia omar oscar pablo pamela patricia patrick paul paula "
    "pedro peter phil philip philippe pierre priya rachel rafael raj rajesh ralph raymond rebecca ricardo richard "
    "rick rob robert roberto robin roger ron ronald rosa ross roy russell ruth ryan sally sam samantha samuel "
    "sandra sanjay sara sarah scott sean sergei sergey sergio sharon simon sofia sophie stefan stephanie stephen "
    "steve steven stuart sunil susan suzanne takashi tamara tara ted teresa terry theresa thomas tim timothy tina "
    "tom tomas tony tracy vanessa vera victor victoria viktor vincent vladimir walter wang wendy wei will willie "
    "william xavier yasmin yoko yuki yuri zhang zoe".split()
)
"""A name of several words that begins so is a person's."""

GIVEN_AND_PLACE: Final = frozenset(
    "adelaide austin brooklyn carolina chad charlotte chelsea dakota darwin florence georgia india israel jordan "
    "kenya lima madison milan montana orlando paris perth phoenix savannah sofia sydney valencia victoria "
    "virginia".split()
)
"""Places that are given names, too."""

NOT_WHERE: Final = frozenset(
    "belief believe believes confidence faith fund funds holding holdings increase increases interest interested "
    "invest invested investing investment investments investor investors invests involved share shareholder "
    "shareholders shares stake stakes trust".split()
)
"""Before "in": what follows is no place."""

RANKS: Final = frozenset("vice majority minority assistant associate senior opposition party managing staff".split())
"""Before a word such as "Chairman": they belong to it."""

OF_PLACE: Final = frozenset(
    "airport archbishop bishop capital center centre city mayor outskirts port siege streets suburbs town".split()
)
"""Before "of": a city is a city and no government."""

SHIPS: Final = frozenset("USS HMS INS HMAS USNS HMCS".split())
"""A ship's name follows, which is nobody's."""

SAYING: Final = frozenset("said says say told tells added adds warned wrote argued noted explained".split())
"""Beside a name of two words that nobody knows: a person's."""

COMMON_NOUNS: Final = frozenset(
    "accord act agreement allied allies amendment annex appendix article battle bill budget chapter church city "
    "clergy commonwealth communist communists confederate constitution convention coronation cup day declaration "
    "democrat democratic division east eastern election empire figure games independence kingdom law liberal "
    "marathon marines nationalist nationalists north northeast northern northwest olympic pact paragraph "
    "parliamentary phase plan president prize province reign republic resolution revolution revolutionary section "
    "southeast south southern southwest special state states straits strategy summit table territory treaty union "
    "war western white year zone formation green blue red black note update correction editor photo source "
    "sources read subscribe share breaking watch exclusive opinion analysis advertisement".split()
)
"""Alone they name nobody, though they may be written with a capital."""

COMPANY_FORMS: Final = frozenset("AG AB Co Corp Corporation Group Holding Holdings Inc Ltd NV PLC SA SE plc".split())
"""After a company's name they belong to it."""

NAMES_TOO: Final = frozenset("He Jan April May June August".split())
"""Words that are given names, or surnames, behind a title and before another name."""
