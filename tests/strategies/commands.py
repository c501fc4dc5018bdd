"""Commands that could be asked of the record: over few things, so that they meet; most valid, some refused."""

from typing import Any, Final

from hypothesis import strategies as st

Body = dict[str, Any]

SOURCES: Final = ("x", "y", "z", "copy")
ANNOUNCEMENTS: Final = ("a", "b", "c")
ACTORS: Final = ("usa", "japan")
TEXT: Final = "On 10 April, or in April, or by 2025, they said."
DAYS: Final = tuple(f"2024-0{month}-10" for month in range(1, 6))
DATES: Final[tuple[Any, ...]] = (
    "2024-04-10",
    {"edtf": "2024-04-10", "phrase": "on Wednesday"},
    {"edtf": "2024-04-10", "kind": "deadline"},
    "2024-04",
    "2024-05-01",
    "../2025",
    "2024-04-11/..",
    "[2024-04-10,2025]",
)
POSITIONS_MAX: Final = 24
COMMANDS_MAX: Final = 16

_positions = st.integers(1, POSITIONS_MAX)
_reasons = st.sampled_from(("Misread.", "It said so."))
_announcements = st.sampled_from(("a", "a", "a", "b", "c"))
_citation = st.fixed_dictionaries(
    {"source": st.sampled_from(SOURCES), "quote": st.sampled_from(("April", "10 April", "by 2025"))},
    optional={
        "said_at": st.sampled_from(DAYS),
        "speaker": st.just({"name": "an official", "named": False}),
    },
)
_citations = st.lists(_citation, min_size=1, max_size=3)
_parts = {
    "kind": st.sampled_from(("visit", "summit")),
    "actors": st.lists(
        st.sampled_from(({"id": "usa"}, {"id": "japan", "role": "with"}, {"name": "An official"})), max_size=2
    ),
    "places": st.lists(st.sampled_from(("Washington", "Tokyo")), max_size=2),
    "modality": st.sampled_from(("scheduled", "reported")),
    "amount": st.just({"value": "14", "currency": "USD"}),
    "timezone": st.sampled_from(("UTC", "Asia/Tokyo")),
    "image": st.just({"url": "https://example.org/a.png", "alt": "A", "credit": "B"}),
    "translations": st.just({"fr": "La visite"}),
}
_days = st.sampled_from(DAYS)
_actors = st.sampled_from(ACTORS)
_item: Final = {"slug": st.just("t"), "announcement": _announcements}
_titles = st.sampled_from(("The visit", "A visit"))


def _command(name: str, required: Body, optional: Body | None = None) -> st.SearchStrategy[Body]:
    parts: dict[str, st.SearchStrategy[Any]] = {"command": st.just(name), **required}
    return st.fixed_dictionaries(parts, optional=optional or {})


def _about(name: str, required: Body, optional: Body | None = None) -> st.SearchStrategy[Body]:
    return _command(name, {"id": _announcements, **required}, optional)


_cited: Final = {"citations": _citations}
_dates = st.sampled_from(DATES)
_because: Final = {"reason": _reasons}
_fields = st.fixed_dictionaries({}, optional={"title": _titles, "when": _dates, **_parts})
_commands = st.one_of(
    _about("make_announcement", {"title": _titles, **_cited}, {"when": _dates, **_parts}),
    _about("make_announcement", {"title": _titles, "when": _dates, **_cited}),
    _about("reschedule", {"when": _dates, **_cited}, _because),
    _about("postpone", _cited, _because),
    _about("cancel", _cited, _because),
    _about("corroborate", _cited, {"supports": _positions}),
    _about("progress", {"text": st.just("A place was found."), **_cited}),
    _about("outcome", {"result": st.sampled_from(("happened", "partly")), **_cited}, {"on": st.just("2024-04-10")}),
    _about("amend", {"origin": st.just("editor"), "set": _fields, **_because}, {"corrects": _positions, **_cited}),
    _about("amend", {"origin": st.just("source"), "set": _fields, **_because, **_cited}, {"corrects": _positions}),
    _about("link", {"relation": st.sampled_from(("follows", "part_of")), "to": _announcements}, _cited),
    _about("merge", {"into": _announcements}, _because),
    _about("retract", _because),
    _command("withdraw_fact", {"position": _positions, **_because}),
    _command("withdraw_fact", {"position": _positions, **_because}),
    _command("withdraw_source", {"id": st.sampled_from(SOURCES), **_because}, {"said_at": _days}),
    _command(
        "correct_source",
        {
            "id": st.sampled_from(SOURCES),
            "set": st.fixed_dictionaries(
                {}, optional={"title": _titles, "published_at": _days, "copy_of": st.sampled_from(SOURCES)}
            ),
            **_because,
        },
    ),
    _command(
        "reject_candidates",
        {
            "id": st.sampled_from(("x", "y")),
            "candidates": st.lists(st.sampled_from(({"start": 3, "end": 11, "edtf": "2024-04-10"},)), min_size=1),
        },
    ),
    _command("rename_actor", {"id": _actors, "names": st.just({"en": "Another"})}),
    _command("merge_actor", {"id": _actors, "into": _actors}),
    _command("change_timeline", {"slug": st.just("t")}, {"title": _titles}),
    _command("pin", _item),
    _command("hide", _item),
    _command("release", _item),
    _command("archive", {"slug": st.just("t")}),
)

BEGINNING: Final[tuple[Body, ...]] = (
    *(
        {"command": "record_source", "id": id, "title": id, "publisher": "P", "published_at": day, "text": TEXT + id}
        for id, day in zip(SOURCES[:2], DAYS[1:], strict=False)
    ),
    {"command": "record_source", "id": "z", "title": "z", "publisher": "P", "published_at": DAYS[3]},
    {"command": "record_source", "id": "copy", "title": "c", "publisher": "P", "published_at": DAYS[2], "copy_of": "x"},
    *({"command": "record_actor", "id": id, "names": {"en": id}, "kind": "state"} for id in ACTORS),
    {"command": "create_timeline", "slug": "t", "title": "T", "query": {"q": "visit"}},
    {
        "command": "make_announcement",
        "id": "a",
        "title": "The visit",
        "when": "2024-04",
        "citations": [{"source": "x", "quote": "April"}],
    },
)
"""What every sequence begins with: four sources, two with a text and one a copy, two actors, a timeline, `a`."""


def commands() -> st.SearchStrategy[list[Body]]:
    """Draw a sequence of commands, as JSON values, that follows `BEGINNING`."""
    return st.lists(_commands, min_size=8, max_size=COMMANDS_MAX)
