"""Pages beside timelines and announcements: who announces, what was found, what was wrong, the rules and the log."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from markupsafe import Markup, escape
from msgspec import Struct

from api.pages import texts
from api.pages.drawing import marks_explained
from api.pages.glyphs import icon
from api.pages.journal import LogEntry
from api.pages.render import NOW, Asked, Meta, Site, Way, page
from api.pages.rows import Row, row
from api.pages.urls import path, web_address
from api.publishing import Held
from events.edtf import EdtfError
from events.instants import Instant
from events.record import ActorRecord, Announcement, State
from events.tallies import COUNTED, Score, Slippage
from events.terms import Result, Role
from events.views.actors import shown_name
from events.views.listing import Listing

WIKIDATA: Final = "https://www.wikidata.org/wiki/"


class ActorLine(Struct, frozen=True, kw_only=True):
    """An actor in a list. `part_of` and `same_as` are another one's id and name."""

    id: str
    name: str
    kind: str
    part_of: tuple[str, str] | None
    same_as: tuple[str, str] | None


class Rule(Struct, frozen=True, kw_only=True):
    """A line of a rubric: what a rating means, or just words where `state` is null."""

    state: State | None
    icon: Markup
    called: str
    text: str


class RubricVersion(Struct, frozen=True, kw_only=True):
    """A published rubric, line by line."""

    version: str
    rules: tuple[Rule, ...]
    published: str
    published_at: Instant
    position: int


class Board(Struct, frozen=True, kw_only=True):
    """What came of an actor's announcements: lines of a year, how many, and of these how many in each of the states."""

    states: tuple[tuple[State, Markup, str], ...]
    lines: tuple[tuple[str, int, tuple[int, ...]], ...]
    total: tuple[int, tuple[int, ...]]


def actors_page(
    listed: Listing[ActorRecord], names: Mapping[str, str], *, site: Site, way: Way, asked: Asked = NOW
) -> str:
    """Return a page of the list of actors. `names` are those of whom they belong to, by id."""
    meta = Meta(
        title="Actors",
        description="States, governments, offices and organisations that announce things, and what came of it.",
        path="/actors",
        indexed=not asked.travelling,
    )
    lines = [_line(actor, names) for actor in listed.items]
    return page("actors.html", site, meta, actors=lines, total=listed.total, way=way, asked=asked)


def actor_page(
    actor: ActorRecord,
    announcements: Listing[Announcement],
    *,
    ids: Iterable[str],
    names: Mapping[str, str],
    scores: Sequence[Score] = (),
    slips: Slippage | None = None,
    site: Site,
    way: Way,
    asked: Asked = NOW,
) -> str:
    """Return an actor's page. `ids` are its own and those merged into it, `names` those of whom it belongs to.

    `scores` are what came of its own announcements, by year, and `slips` how their dates moved.
    """
    name = name_of(actor)
    known = frozenset(ids)
    meta = Meta(
        title=name,
        description=f"What {name} announced, for when, and what came of it.",
        path=f"/actors/{actor.id}",
        indexed=not asked.travelling,
        is_article=True,
    )
    return page(
        "actor.html",
        site,
        meta,
        actor=_line(actor, names),
        facts=_facts(actor, sorted(known - {actor.id})),
        groups=_by_part(announcements.items, known, name),
        board=_board(scores),
        moved=_moved(slips),
        total=announcements.total,
        way=way,
        asked=asked,
    )


def rubric_page(rubrics: Sequence[tuple[str, str, Instant, int]], site: Site) -> str:
    """Return the page of the rubrics `(version, text, recorded_at, position)`, which stand in the order given."""
    versions = [
        RubricVersion(
            version=version,
            rules=tuple(_rule(line) for line in text.splitlines() if line.strip()),
            published=texts.instant_day(recorded_at),
            published_at=recorded_at,
            position=position,
        )
        for version, text, recorded_at, position in rubrics
    ]
    plain = [_rule(f"{state}: {meaning}") for state, meaning in texts.RATINGS.items()]
    meta = Meta(title="Rubric", description="What the ratings of outcomes mean, in every version.", path="/rubric")
    return page("rubric.html", site, meta, versions=versions, plain=plain)


def log_page(
    entries: Sequence[LogEntry], *, head: int, seal: str, vkey: str, log_id: str, held: Iterable[Held], site: Site,
    way: Way, latest: bool,
) -> str:  # fmt: skip
    """Return a page of the log, the newest entries first.

    `seal` is the hash over all its entries, in hexadecimal; `vkey` verifies its signature; `held` says who else has
    one.
    """
    holders = [(one, None if one.since is None else texts.instant_words(one.since)) for one in held]
    meta = Meta(
        title="The log",
        description="Every entry in the order it was recorded, and what can be checked of it.",
        path="/log",
        indexed=latest,
    )
    return page(
        "log.html", site, meta, entries=entries, head=head, seal=seal, vkey=vkey, log_id=log_id, holders=holders,
        way=way, latest=latest,
    )  # fmt: skip


def about_page(site: Site) -> str:
    """Return the page that says what this is, and how to read it."""
    meta = Meta(title="About", description="What is recorded here, and how to read it.", path="/about")
    states = [(icon(state), state, text, texts.MEANINGS[state]) for state, text in texts.STATES.items()]
    return page(
        "about.html", site, meta, marks=marks_explained(), states=states, contact=contact_link(site.contact),
        home=site.public_url or site.base_path,
    )  # fmt: skip


def contact_link(contact: str) -> str | None:
    """Return the address that a contact leads to: its own, or that of its mailbox; None where it is neither.

    >>> contact_link("desk@example.org"), contact_link("https://example.org/"), contact_link("Room 5")
    ('mailto:desk@example.org', 'https://example.org/', None)
    """
    if address := web_address(contact):
        return address
    name, at, host = contact.partition("@")
    plain = contact.isascii() and not any(sign in contact for sign in " <>\"'?&%:,;/\\")
    return f"mailto:{contact}" if name and at and "." in host and "@" not in host and plain else None


def name_of(actor: ActorRecord) -> str:
    """Return the name an actor goes by; its id where it has none."""
    return shown_name(actor) or actor.id


def _line(actor: ActorRecord, names: Mapping[str, str]) -> ActorLine:
    def other(id: object) -> tuple[str, str] | None:
        return (id, names.get(id, id)) if isinstance(id, str) else None

    return ActorLine(
        id=actor.id,
        name=name_of(actor),
        kind=texts.ACTOR_KINDS[actor.kind],
        part_of=other(actor.part_of),
        same_as=other(actor.merged_into),
    )


def _facts(actor: ActorRecord, old_ids: Sequence[str]) -> list[tuple[str, Markup]]:
    """Return what is known of an actor, each with its label."""
    name = name_of(actor)
    others = [
        Markup('<span lang="{}">{}</span> <span class="note">({})</span>').format(language, other, language)
        for language, other in actor.names.items()
        if other != name
    ]
    known = [
        ("Names", Markup(", ").join(others)),
        ("Also called", escape(", ".join(actor.aliases))),
        ("From", escape(_date(actor.from_))),
        ("To", escape(_date(actor.to))),
        ("Once kept as", escape(", ".join(old_ids))),
    ]
    if isinstance(actor.wikidata, str):
        address = path(WIKIDATA, actor.wikidata)
        link = Markup('<a href="{}" rel="nofollow noopener">{}</a>').format(address, actor.wikidata)
        known.append(("Wikidata", link))
    return [(label, value) for label, value in known if value]


def _date(edtf: object) -> str:
    if not isinstance(edtf, str):
        return ""
    try:
        return texts.sentence(texts.date_words(edtf))
    except EdtfError:
        return edtf


def _by_part(items: Iterable[Announcement], ids: frozenset[str], name: str) -> list[tuple[Role, str, list[Row]]]:
    """Return announcements by the actor's part in them: those it has two parts in stand twice."""
    grouped: dict[Role, list[Row]] = {role: [] for role in texts.PARTS}
    for item in items:
        said = row(item, {})
        for role in dict.fromkeys(actor.role for actor in item.actors if actor.id in ids):
            grouped[role].append(said)
    return [(role, texts.PARTS[role].format(name), rows) for role, rows in grouped.items() if rows]


def _board(scores: Sequence[Score]) -> Board | None:
    """Return the table of what came of it, with columns for those states alone that there are, and always for `due`."""
    if not scores:
        return None
    states = [state for state in COUNTED if state == "due" or any(getattr(one, state) for one in scores)]
    lines = [(_year(one.year), one.total, [getattr(one, state) for state in states]) for one in scores]
    total = sum(one.total for one in scores), [sum(getattr(one, state) for one in scores) for state in states]
    return Board(
        states=tuple((state, icon(state), texts.STATES[state]) for state in states),
        lines=tuple((year, made, tuple(counts)) for year, made, counts in lines),
        total=(total[0], tuple(total[1])),
    )


def _year(year: object) -> str:
    return str(year) if isinstance(year, int) else "No last day"


def _moved(slips: Slippage | None) -> str:
    """Say how dates moved, in a sentence or two; nothing where there were none."""
    if slips is None or not slips.announcements:
        return ""
    said = f"Of {texts.counted(slips.announcements, 'announcement')} with a date, "
    if not slips.moved:
        return said + "none has moved."
    said += f"{slips.moved} moved, {texts.counted(slips.moves, 'time')} in all."
    days = slips.slip_days
    if days.known and days.median is not None:
        said += f" Half of those whose last day is known moved by {texts.counted(days.median, 'day')} or less"
        said += f", one by {days.max:,}." if days.max is not None and days.max > days.median else "."
    return said


def _rule(line: str) -> Rule:
    named, colon, rest = line.partition(":")
    state = _RATED.get(named.strip()) if colon else None
    if state is None:
        return Rule(state=None, icon=Markup(), called="", text=line.strip())
    return Rule(state=state, icon=icon(state), called=texts.STATES[state], text=texts.sentence(rest.strip()))


_RATED: Final[dict[str, Result]] = {state: state for state in texts.RATINGS}
