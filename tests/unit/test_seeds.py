"""The seed timeline, as files: what its commands say, quote and name holds together before anything is loaded."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from events.edtf import command_when
from events.instants import moment

Command: TypeAlias = dict[str, Any]

SEED: Final = Path(__file__).parents[2] / "seeds" / "us-japan-2024"
COMMANDS: Final[list[Command]] = [
    json.loads(line) for line in (SEED / "commands.jsonl").read_text(encoding="utf-8").splitlines()
]
TEXTS: Final = {path.name: path.read_text(encoding="utf-8") for path in SEED.glob("bulletins/*.txt")}

QUOTE_CHARACTERS_MAX: Final = 300
BULLETIN_WORDS: Final = range(140, 451)
ANNOUNCEMENTS_MIN: Final = 16

# Of each command the fields it needs and the further ones it may have.
FIELDS: Final[dict[str, tuple[str, str]]] = {
    "record_source": ("id title publisher published_at timezone language text_file", ""),
    "make_announcement": (
        "id title kind modality actors topics citations",
        "when places amount timezone",
    ),
    "reschedule": ("id when citations", "reason"),
    "postpone": ("id citations", "reason"),
    "cancel": ("id citations", "reason"),
    "corroborate": ("id citations", ""),
    "progress": ("id text citations", ""),
    "outcome": ("id result on rubric citations", "reason"),
    "amend": ("id set origin reason", ""),
    "link": ("id relation to", ""),
    "merge": ("id into reason", ""),
    "record_actor": ("id names kind", "aliases part_of wikidata"),
    "publish_rubric": ("version text", ""),
    "create_timeline": ("slug title description query", ""),
    "pin": ("slug announcement reason", ""),
    "hide": ("slug announcement reason", ""),
}
NEW: Final = {"record_source", "make_announcement", "record_actor", "publish_rubric", "create_timeline"}


def commands(*names: str) -> list[Command]:
    return [command for command in COMMANDS if command["command"] in names]


def text_of(source: Command) -> str:
    return TEXTS[Path(source["text_file"]).name]


def dates_given(announcement: str) -> list[str | None]:
    """Return the dates sources gave, in the order recorded, as EDTF; None for off its date or undated."""
    given = (
        command for command in commands("make_announcement", "reschedule", "postpone") if command["id"] == announcement
    )
    return [command.get("when", {}).get("edtf") for command in given]


def outcome_of(announcement: str) -> tuple[str, str]:
    (outcome,) = (command for command in commands("outcome") if command["id"] == announcement)
    return outcome["result"], outcome["on"]


def named_by(command: Command) -> Iterator[tuple[str, str]]:
    """Yield what a command rests on, as kind and id."""
    name = command["command"]
    if name not in NEW and "id" in command:
        yield "announcement", command["id"]
    if name in ("pin", "hide"):
        yield "timeline", command["slug"]
    if "rubric" in command:
        yield "rubric", command["rubric"]
    if "part_of" in command:
        yield "actor", command["part_of"]
    yield from (("announcement", command[field]) for field in ("to", "into", "announcement") if field in command)
    yield from (("source", citation["source"]) for citation in command.get("citations", ()))
    yield from (("actor", actor["id"]) for actor in command.get("actors", ()) if "id" in actor)


def given_by(command: Command) -> tuple[str, str] | None:
    match command:
        case {"command": "publish_rubric", "version": version}:
            return "rubric", version
        case {"command": "create_timeline", "slug": slug}:
            return "timeline", slug
        case {"command": "record_source" | "make_announcement" | "record_actor" as name, "id": new}:
            return name.partition("_")[2], new
        case _:
            return None


def test_every_line_is_a_command_with_the_fields_it_takes_and_no_other() -> None:
    for command in COMMANDS:
        needed, allowed = (set(fields.split()) for fields in FIELDS[command["command"]])

        fields = command.keys() - {"key", "recorded_at", "command"}

        assert needed <= fields <= needed | allowed, command["key"]


def test_keys_are_unique_and_say_whose_they_are() -> None:
    keys = [command["key"] for command in COMMANDS]

    assert len(set(keys)) == len(keys)
    assert all(key.startswith("seed:us-japan-2024:") and key.isascii() and len(key) <= 200 for key in keys)


def test_lines_stand_in_the_order_they_were_recorded() -> None:
    times = [moment(command["recorded_at"]) for command in COMMANDS]

    assert times == sorted(times)


def test_a_bulletin_is_recorded_within_hours_of_its_publication() -> None:
    for source in commands("record_source"):
        delay = moment(source["recorded_at"]) - datetime.fromisoformat(source["published_at"])

        assert timedelta() < delay < timedelta(hours=6), source["id"]
        assert source["published_at"].startswith(Path(source["text_file"]).name[:10])


def test_every_bulletin_is_the_text_of_one_source_under_its_own_title() -> None:
    sources = commands("record_source")

    assert sorted(Path(source["text_file"]).name for source in sources) == sorted(TEXTS)
    for source in sources:
        assert text_of(source).splitlines()[0] == source["title"]
        assert len(text_of(source).split()) in BULLETIN_WORDS, source["id"]


def test_every_quote_is_the_exact_words_of_its_source() -> None:
    texts = {source["id"]: text_of(source) for source in commands("record_source")}

    for command in COMMANDS:
        for citation in command.get("citations", ()):
            assert citation["quote"] in texts[citation["source"]], command["key"]
            assert 0 < len(citation["quote"]) <= QUOTE_CHARACTERS_MAX, command["key"]


def test_a_date_is_read_from_words_of_its_quote() -> None:
    for command in commands("make_announcement", "reschedule"):
        phrase = command.get("when", {}).get("phrase", "")

        assert any(phrase in citation["quote"] for citation in command["citations"]), command["key"]


def test_whatever_a_command_names_was_recorded_before_it() -> None:
    known: set[tuple[str, str]] = set()

    for command in COMMANDS:
        assert known.issuperset(named_by(command)), command["key"]
        new = given_by(command)
        assert new is None or new not in known, command["key"]
        known |= {new} if new else set()


def test_every_date_and_zone_is_one_that_a_command_may_give() -> None:
    for command in COMMANDS:
        when = command.get("when") or command.get("set", {}).get("when")
        if when:
            command_when(when["edtf"])
        if "on" in command:
            command_when(command["on"])
        if "timezone" in command:
            ZoneInfo(command["timezone"])


def test_every_announcement_is_on_the_timeline() -> None:
    (timeline,) = commands("create_timeline")
    made = commands("make_announcement")

    assert len(made) >= ANNOUNCEMENTS_MIN
    assert timeline["slug"] == "us-japan-2024"
    assert all(set(timeline["query"]["topic"]) & set(announcement["topics"]) for announcement in made)


def test_the_spring_of_2024_is_told_with_its_dates() -> None:
    assert dates_given("us-japan-state-visit-2024") == ["2024-04-10"]
    assert dates_given("us-japan-philippines-summit-2024") == ["2024-04-11"]
    assert dates_given("kishida-speech-to-congress-2024") == ["2024-04-11"]
    assert dates_given("south-china-sea-exercise-2024") == ["2024-04-07"]
    assert dates_given("japan-joint-operations-command") == ["../2025", "../2025-03-31"]
    assert dates_given("kishida-visit-to-liberty-2024") == ["2024-04-08/2024-04-14", "2024-04-12"]
    assert dates_given("air-defence-network") == dates_given("japanese-astronaut-on-the-moon") == [None]


def test_dates_that_moved_keep_every_step() -> None:
    assert dates_given("artemis-ii") == ["2025-09", "2026-04"]
    assert dates_given("artemis-first-landing") == ["2026-09", "2027-38", "2028"]
    assert dates_given("nippon-steel-us-steel") == ["2024-04/2024-09", "2024-41", "2025-33", "../2025-06-18"]
    assert dates_given("panasonic-de-soto-full-output") == ["../2027-03", None]


def test_what_came_of_it_is_told_where_it_is_known() -> None:
    assert outcome_of("us-japan-state-visit-2024") == ("happened", "2024-04-10")
    assert outcome_of("us-japan-philippines-summit-2024") == ("happened", "2024-04-11")
    assert outcome_of("japan-joint-operations-command") == ("happened", "2025-03-24")
    assert outcome_of("nippon-steel-us-steel") == ("happened", "2025-06-18")
    assert outcome_of("toyota-liberty-battery-plant") == ("partly", "2025-11-12")
