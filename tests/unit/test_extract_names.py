"""Who and where: names in sentences of our own, read as of spring 2024."""

from datetime import date
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.days import day_of
from events.extract.reading import Publication
from events.extract.text import sentences
from events.extract.who.gazetteer import Gazetteer, GazetteerInvalid, default_gazetteer, read_gazetteer
from events.extract.who.names import Known, Mention, mentions

SEEDS = Path(__file__).parents[2] / "seeds" / "us-japan-2024" / "commands.jsonl"
SPRING_2024 = day_of(2024, 4, 8)


def named(text: str, *, day: int = SPRING_2024, gazetteer: Gazetteer | None = None) -> list[Mention]:
    known = Known(Publication(day=day))
    return [
        mention
        for sentence in sentences(text)
        for mention in mentions(sentence, gazetteer or default_gazetteer(), known)
    ]


def ids(text: str, *, day: int = SPRING_2024) -> list[str | None]:
    return [mention.id for mention in named(text, day=day)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "A Polish envoy met US, U.S. and USA delegates.",
            ["poland", "united-states", "united-states", "united-states"],
        ),
        ("The UK and the UAE agreed with the DPRK.", ["united-kingdom", "united-arab-emirates", "north-korea"]),
        ("They told us so, and the turkey was cold.", []),
        ("Côte d'Ivoire and Cote d'Ivoire are one.", ["ivory-coast", "ivory-coast"]),
        ("The Democratic Republic of the Congo votes.", ["democratic-republic-of-the-congo"]),
        ("US Steel, not US steel, is sold to Nippon Steel.", ["us-steel", "united-states", "nippon-steel"]),
        ("Congress asked NASA and the Pentagon.", ["us-congress", "nasa", "us-department-of-defense"]),
        ("Samsung Electronics Co Ltd and Panasonic Energy Co. hire.", ["samsung-electronics", "panasonic"]),
        ("OPEC+ and the G7 wait for AT&T.", ["opec-plus", "g7", "at-and-t"]),
        ("The EU-China summit follows the U.S.-Japan one.", ["european-union", "china", "united-states", "japan"]),
        ("Japan’s carmakers, Toyota’s rivals among them, object.", ["japan", "toyota"]),
    ],
)
def test_a_name_leads_to_its_actor(text: str, expected: list[str]) -> None:
    assert ids(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("French President Emmanuel Macron", "president-of-france"),
        ("Germany's chancellor", "chancellor-of-germany"),
        ("the Norwegian prime minister", "prime-minister-of-norway"),
        ("the president of the Dominican Republic", "president-of-the-dominican-republic"),
        ("the Polish foreign minister", "foreign-minister-of-poland"),
        ("Poland's new foreign ministry", "poland-ministry-of-foreign-affairs"),
        ("the Ministry of Defense of Japan", "japan-ministry-of-defense"),
        ("the Japanese Defense Ministry", "japan-ministry-of-defense"),
        ("the US defense secretary", "us-secretary-of-defense"),
        ("Defense Secretary Lloyd Austin", "us-secretary-of-defense"),
        ("Treasury Secretary Janet Yellen", "us-secretary-of-the-treasury"),
        ("Britain's finance minister", "chancellor-of-the-exchequer"),
        ("NATO Secretary General Jens Stoltenberg", "nato-secretary-general"),
        ("Prime Minister Narendra Modi", "prime-minister-of-india"),
        ("the foreign ministry in Beijing", "china-ministry-of-foreign-affairs"),
        ("Brazil's Senate", "brazil-senate"),
        ("Japan's Ministry of Economy, Trade and Industry", "japan-ministry-of-economy-trade-and-industry"),
        ("Estonian Finance Minister Angela Merkel", "finance-minister-of-estonia"),
    ],
)
def test_a_title_and_a_state_are_an_office(text: str, expected: str) -> None:
    found = named(f"On Monday {text} will speak.")

    assert [mention.id for mention in found] == [expected]
    assert default_gazetteer().entry(expected) is not None


def test_a_minister_whom_no_list_has_is_the_office_from_then_on() -> None:
    found = named("Estonian Defence Minister Jaan Tamm will visit. Tamm arrives on Friday.")

    assert [mention.id for mention in found] == ["defense-minister-of-estonia"] * 2


def test_who_stands_beside_an_office_between_commas_holds_it() -> None:
    assert ids("Peru's foreign minister, Ana Quispe, will speak. Quispe stays.") == ["foreign-minister-of-peru"] * 3
    assert ids("Ana Quispe, Peru's foreign minister, will speak. Quispe stays.") == ["foreign-minister-of-peru"] * 3


def test_a_holder_counts_only_within_the_term() -> None:
    assert ids("Fumio Kishida will speak.") == ["prime-minister-of-japan"]
    assert ids("Fumio Kishida will speak.", day=day_of(2025, 4, 8)) == [None]
    assert ids("Boris Johnson will speak.", day=day_of(2017, 4, 8)) == ["uk-foreign-secretary"]
    assert ids("Mark Rutte will speak.", day=day_of(2025, 4, 8)) == ["nato-secretary-general"]


@pytest.mark.parametrize(
    "text",
    [
        "Former President Donald Trump will speak.",
        "The former Japanese prime minister Yoshihide Suga will speak.",
        "Ex-President Dmitry Medvedev will speak.",
        "President-elect Jane Roe will speak.",
    ],
)
def test_who_does_not_hold_the_office_is_a_person(text: str) -> None:
    [found] = named(text)

    assert (found.id, found.kind) == (None, "person")


def test_a_minister_of_whom_no_list_knows_is_of_the_state_where_the_sentence_is() -> None:
    assert ids("In Slovenia, Prime Minister Jan Breg spoke.") == ["slovenia", "prime-minister-of-slovenia"]
    assert ids("Slovenia heard that Prime Minister Jan Breg spoke.") == ["slovenia", None]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The Russian Security Council will meet.", "Security Council of Russia"),
        ("Canada's House of Commons will meet.", "House of Commons of Canada"),
        ("Japanese National Security Adviser Taro Mori will speak.", "Taro Mori"),
    ],
)
def test_a_body_of_one_state_is_not_meant_behind_another(text: str, name: str) -> None:
    state, body = named(text)

    assert state.kind == "state"
    assert (body.id, body.name) == (None, name)


@pytest.mark.parametrize(
    ("text", "office"),
    [
        ("Peru's president met his Cuban counterpart.", "president-of-cuba"),
        ("Canada put off a visit to Beijing by its trade minister.", "trade-minister-of-canada"),
        ("Bolivia objects. Its new president will speak.", "president-of-bolivia"),
        ("Finland's parliament will vote, and then the president will speak.", "president-of-finland"),
        ("Latvia's Jane Roe, the trade minister, will speak.", "trade-minister-of-latvia"),
    ],
)
def test_a_title_alone_is_of_the_state_that_the_text_is_about(text: str, office: str) -> None:
    assert ids(text)[-1] == office


@pytest.mark.parametrize(
    "text",
    [
        "Congress will vote, and the prime minister will speak.",
        "Congress will vote.\nThe president will speak.",
        "Tokyo will pay, and the president of Acme will speak.",
    ],
)
def test_a_title_alone_is_of_no_state_that_has_none_such(text: str) -> None:
    assert "title" not in [mention.how for mention in named(text)]


def test_the_town_that_a_report_is_from_does_not_act() -> None:
    assert [mention.text for mention in named("OGDENVILLE - Voters met Toyota.")] == ["Toyota"]
    assert [mention.located for mention in named("Brussels - Voters met Toyota.")] == [True, False]


def test_the_government_is_that_of_the_only_state_named() -> None:
    assert ids("The plant is in France. The government objects.") == ["france", "france"]
    assert ids("France met Spain. The government objects.") == ["france", "spain"]
    assert ids("France objects. A government may.") == ["france"]
    assert [mention.text for mention in named("The government of the Philippines will act.")] == [
        "government of the Philippines"
    ]


def test_a_surname_out_of_office_is_a_person() -> None:
    [found] = named("They met Merkel there.")

    assert (found.id, found.name, found.kind) == (None, "Angela Merkel", "person")


def test_a_surname_of_several_words_begins_a_sentence() -> None:
    assert ids("Von der Leyen and De Croo will speak.") == [
        "president-of-the-european-commission",
        "prime-minister-of-belgium",
    ]


def test_what_was_introduced_is_understood_when_it_is_named_shorter() -> None:
    text = (
        "Japanese Prime Minister Fumio Kishida will meet President Biden. Kishida will speak first, then Biden. "
        "The prime minister leaves on Friday, and the president stays. The Biden administration objects; "
        "the administration will say why."
    )

    kishida, biden = "prime-minister-of-japan", "president-of-the-united-states"
    assert ids(text) == [kishida, biden, kishida, biden, kishida, biden, "united-states", "united-states"]


def test_a_common_surname_needs_an_introduction() -> None:
    assert ids("They met Li there.") == [None]
    assert ids("Premier Li Qiang came. They met Li there.") == ["prime-minister-of-china"] * 2
    assert [mention.name for mention in named("Jane Powell, a teacher, came. They met Powell.")] == ["Jane Powell"] * 2


def test_an_acronym_in_brackets_is_the_name_before_it() -> None:
    found = named("The Center for a New Ocean Policy (CNOP) opens. CNOP hires, and Acme Robotics Inc. pays Acme.")

    assert [mention.name for mention in found] == [*["Center for a New Ocean Policy"] * 3, *["Acme Robotics Inc"] * 2]


def test_a_capital_is_the_government_or_the_place() -> None:
    acting, place = named("Tokyo said a summit would be held in Tokyo.")

    assert (acting.id, acting.how, acting.place, acting.located) == ("japan", "capital", "Tokyo", False)
    assert (place.id, place.how, place.place, place.located) == ("japan", "capital", "Tokyo", True)


@pytest.mark.parametrize(
    ("text", "located"),
    [
        ("The plant is in Japan.", True),
        ("They met in Seoul and Tokyo.", True),
        ("They met in Hiroshima, Japan.", True),
        ("It needs Tokyo's help.", False),
        ("It is, in Tokyo's view, late.", False),
        ("The mayor of Tokyo spoke.", True),
        ("The Tokyo-based firm sells it.", True),
        ("He left for northern Japan.", True),
        ("Relations with Tokyo improve.", False),
    ],
)
def test_the_words_before_a_place_say_whether_it_is_one(text: str, located: bool) -> None:
    assert named(text)[-1].located is located


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Ships cross the South China Sea.", "South China Sea"),
        ("A plant opens in Liberty, North Carolina.", "Liberty"),
        ("A plant opens in Ogdenville.", "Ogdenville"),
        ("They met in St Petersburg.", "St. Petersburg"),
    ],
)
def test_a_place_is_known_or_seen_from_the_words_around_it(text: str, place: str) -> None:
    first = named(text)[0]

    assert (first.kind, first.place, first.id) == ("place", place, None)


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("On Monday Acme Robotics will open.", "Acme Robotics", "company"),
        ("Tokyo Harbour Logistics will open.", "Tokyo Harbour Logistics", "company"),
        ("It works at the Ogden Institute for Peace and War.", "Ogden Institute for Peace and War", "organisation"),
        ("That is so, said Willa Tarn, a professor.", "Willa Tarn", "person"),
        ("Acme Chairman Ole Brandt will resign.", "Ole Brandt", "person"),
        ("Sen. Jane Roe will resign.", "Jane Roe", "person"),
        ("Charlotte Brandt will resign.", "Charlotte Brandt", "person"),
        ("Gabon's Ada Mba will resign.", "Ada Mba", "person"),
    ],
)
def test_a_name_that_no_list_has_is_found_by_its_capitals(text: str, name: str, kind: str) -> None:
    assert (None, name, kind, "unknown") in [(m.id, m.name, m.kind, m.how) for m in named(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Officials will decide in May.",
        "Leaders Meet For Talks On Trade And Security",
        "On Monday I will go, and Easter is in April.",
        "The Patriot missiles and the Act were discussed.",
        "The USS Ogden Roe will leave at 5 pm.",
    ],
)
def test_capitals_alone_make_no_name(text: str) -> None:
    assert named(text) == []


def test_a_carmaker_at_the_beginning_of_a_sentence_is_no_part_of_the_name() -> None:
    assert [mention.text for mention in named("Carmaker Toyota will recall cars.")] == ["Toyota"]


def test_a_line_of_ones_own_wins_over_the_lists() -> None:
    own = read_gazetteer(
        """
        # Ours.
        company  toyota   Toyota of Ogdenville | aka: TMO
        company  ogden    Tokyo
        none     -        Acme Robotics
        office   mayor-of-ogden  Mayor of Ogden | held: Ole [Brandt Roe] Jr. 2024-01-01/..
        title    chief-scout-of-{}  Chief Scout of {} | aka: head scout
        """,
        base=default_gazetteer(),
    )
    text = (
        "Toyota, TMO, Tokyo and Acme Robotics meet Ole Brandt Roe Jr. and Brandt Roe. The Dutch head scout meets Peru."
    )

    found = named(text, gazetteer=own)

    assert [mention.id for mention in found] == [
        "toyota", "toyota", "ogden", "mayor-of-ogden", "mayor-of-ogden", "chief-scout-of-the-netherlands", "peru",
    ]  # fmt: skip
    assert found[0].name == "Toyota of Ogdenville"
    assert named("Toyota, Tokyo")[0].name == "Toyota", "the lists stay as they are"


def test_a_line_of_ones_own_says_anew_who_held_an_office() -> None:
    own = read_gazetteer(
        "office  prime-minister-of-japan  Prime Minister of Japan | part of: japan | held: Ana Roe 2024-04-01/..",
        base=default_gazetteer(),
    )

    found = named("Fumio Kishida and Ana Roe will speak.", gazetteer=own)

    assert [mention.id for mention in found] == [None, "prime-minister-of-japan"]
    assert ids("Fumio Kishida will speak.") == ["prime-minister-of-japan"], "the lists stay as they are"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("company acme", "it is no `kind  id  Name`"),
        ("firm  acme  Acme", "'firm' is no kind"),
        ("company  Acme  Acme", "'Acme' is no id"),
        ("company  -  Acme", "'-' is no id"),
        ("company  acme  Acme | boss: Jane", "'boss: Jane' is no field"),
        ("company  acme  Acme | Jane", "'Jane' is no field"),
        ("office  mayor  Mayor | held: Jane Roe 2024", "'Jane Roe 2024' is no"),
        ("office  mayor  Mayor | held: Jane Roe 2024-02-30/..", "a day that the calendar does not have"),
        ("office  mayor  Mayor | held: [ ] 2024-02-01/..", "has no surname"),
        ("office  mayor  Mayor | as: president-of-{}", "`as` needs `part of`"),
        ("office  mayor  Mayor | part of: japan | as: mayor-of-{}", "'mayor-of-{}' is no title"),
        ("title  mayor  Mayor of {}", "a title's id and name have {}"),
        ("company  acme  " + "A" * 4_000, "more than 4000 characters"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(line: str, reason: str) -> None:
    with pytest.raises(GazetteerInvalid) as caught:
        read_gazetteer(f"# Ours.\n\n{line}\n")

    assert caught.value.line == 3
    assert reason in str(caught.value)


def test_what_is_named_can_be_recorded() -> None:
    gazetteer = default_gazetteer()

    minister = gazetteer.entry("foreign-minister-of-the-philippines")
    assert minister is not None
    assert (minister.name, minister.kind, minister.part_of) == (
        "Foreign Minister of the Philippines", "office", "philippines",
    )  # fmt: skip
    assert gazetteer.entry("foreign-minister-of-atlantis") is None
    assert gazetteer.entry("mars") is None


def test_every_part_of_the_lists_is_in_the_lists() -> None:
    gazetteer = default_gazetteer()

    entries = [named.entry for several in gazetteer.names.values() for named in several if named.entry is not None]
    parts = {entry.part_of for entry in entries if entry.part_of is not None}

    assert len(entries) > 2_500
    assert {part for part in parts if gazetteer.entry(part) is None} == set()


def test_every_term_of_the_lists_ends_after_it_began_and_no_two_run_at_once() -> None:
    terms: dict[str, set[tuple[int, int]]] = {}  # A holder whose name is spelled in two ways has one.
    for person in default_gazetteer().people.values():
        for office, first, last in person.terms:
            terms.setdefault(office, set()).add((first, last))

    wrong = [
        (office, date.fromordinal(first))
        for office, held in terms.items()
        for (_, last), (first, end) in pairwise([(0, 0), *sorted(held)])
        if first < last or first > end
    ]
    assert wrong == []


PIECES = (
    "Japan", "Tokyo", "US", "U.S.", "President", "Prime", "Minister", "prime", "minister", "the", "The", "of", "Biden",
    "'s", "’s", "'", "-", "elect", "former", "Acme", "Corp", "(", ")", "ACR", ",", ".", "and", "for", "Center", "Sen",
    "He", "government", "administration", "Jr", "USS", "in", "Xi", "Jinping", "pm", "&", "?", "\n", "1", "$5", "İ", "ß",
)  # fmt: skip


@settings(deadline=None)
@given(
    st.one_of(
        st.text(), st.lists(st.sampled_from(PIECES)).map(" ".join), st.lists(st.sampled_from(PIECES)).map("".join)
    )
)
def test_whatever_is_read_a_mention_is_what_stands_there(text: str) -> None:
    found = named(text)

    assert all(text[mention.start : mention.end] == mention.text != "" for mention in found)
    assert all(before.end <= after.start for before, after in pairwise(found))


def test_the_actors_of_the_seeds_are_in_the_lists_as_they_are_recorded() -> None:
    commands = [msgspec.json.decode(line) for line in SEEDS.read_bytes().splitlines()]
    recorded = [
        (command["id"], command["kind"], command["names"]["en"], command.get("part_of"))
        for command in commands
        if command["command"] == "record_actor"
    ]
    listed = [default_gazetteer().entry(id) for id, *_ in recorded]

    assert recorded
    assert [(entry.id, entry.kind, entry.name, entry.part_of) for entry in listed if entry is not None] == recorded
