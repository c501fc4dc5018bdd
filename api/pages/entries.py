"""The record of an announcement in words: its entries one by one, and the plain facts about it."""

from collections.abc import Sequence
from typing import Any, Literal

from markupsafe import Markup, escape
from msgspec import UNSET, Struct

from api.pages import texts
from api.pages.urls import path, web_address
from events.instants import Instant
from events.record import Actor, Announcement, HistoryEntry
from events.terms import Role

ROLES: tuple[Role, ...] = ("by", "with", "to", "about")
OURS = frozenset({"announcement.linked", "announcement.merged", "announcement.retracted", "fact.withdrawn"})


class Entry(Struct, frozen=True, kw_only=True):
    """An entry in words. `whose` tells our own acts from what sources said; `notes` lead to later entries."""

    position: int
    recorded: str
    recorded_at: Instant
    said: str
    said_at: Instant | None
    what: str
    text: str
    whose: Literal["ours", "source"]
    withdrawn: bool
    notes: tuple[tuple[str, int], ...]


def entry(recorded: HistoryEntry) -> Entry:
    """Return an entry in words; one whose content was erased says so."""
    unread = recorded.v is not UNSET
    data = recorded.data or {}
    ours = not unread and (recorded.type in OURS or data.get("origin") == "editor")
    notes = [("taken back by", recorded.withdrawn_by)] if recorded.withdrawn_by is not None else []
    return Entry(
        position=recorded.position,
        recorded=texts.instant_words(recorded.recorded_at),
        recorded_at=recorded.recorded_at,
        said=texts.instant_day(recorded.said_at) if recorded.said_at else "",
        said_at=recorded.said_at,
        what=texts.entry_words(recorded.type, recorded.v if isinstance(recorded.v, int) else 1, ours=ours),
        text="its content was erased" if recorded.data is None else "" if unread else _content(recorded.type, data),
        whose="ours" if ours else "source",
        withdrawn=recorded.withdrawn_by is not None,
        notes=(*notes, *(("corrected by", position) for position in recorded.corrected_by)),
    )


def _content(type_name: str, data: dict[str, Any]) -> str:
    match type_name.partition(".")[2]:
        case "made":
            return f"“{data['title']}”, {_date(data)}"
        case "amended":
            changed = {**data["set"]}
            date = [f"the date is {_date(changed)}"] if changed.pop("when", None) and _date(data["set"]) else []
            return _sentences("; ".join([*date, *(f"the {name} changed" for name in changed)]), data.get("reason"))
        case "rescheduled":
            return _sentences(_date(data), data.get("reason"))
        case "outcome_reported":
            on = f", {texts.date_words(data['on'])}" if data.get("on") else ""
            return _sentences(texts.STATES[data["result"]] + on, data.get("reason"))
        case "linked":
            return f"{texts.RELATIONS[data['relation']].lower()} {data['to']}"
        case "merged":
            return _sentences(str(data["into"]), data.get("reason"))
        case "progress_reported":
            return str(data["text"])
        case "withdrawn" if "position" in data:
            return f"entry {data['position']}. {data['reason']}"
        case _:
            return str(data.get("reason") or "")


def _date(data: dict[str, Any]) -> str:
    when = data.get("when")
    return texts.date_words(when["edtf"], when["kind"]) if when else "no date"


def _sentences(first: str, reason: str | None) -> str:
    return f"{first}. {reason}" if reason and first else first or reason or ""


def facts(item: Announcement, base: str) -> list[tuple[str, Markup]]:
    """Return what is known besides date and outcome, each with its label; actors' names lead to their pages."""
    found = [(texts.ROLES[role], named) for role in ROLES if (named := _actors(item.actors, role, base))]
    known = [("Where", ", ".join(item.places)), ("Topics", ", ".join(item.topics))]
    if item.amount is not UNSET:
        known.append(("Amount", texts.amount_words(item.amount)))
    if item.time is not UNSET:
        known.append(("Time", f"{item.time}, {item.timezone}"))
    known.append(("As", texts.MODALITIES[item.modality]))
    if item.translations is not UNSET:
        known += [(f"Title ({language})", title) for language, title in sorted(item.translations.items())]
    found += [(label, escape(value)) for label, value in known if value]
    found += [("See also", _linked(ref, ref)) for ref in item.refs]
    if item.image is not UNSET:
        found.append(("Picture", _linked(item.image.url, f"{item.image.alt} ({item.image.credit})")))
    return found


def _actors(actors: Sequence[Actor], role: Role, base: str) -> Markup:
    links = []
    for actor in actors:
        name = actor.name or actor.id or ""
        if actor.role == role and actor.id is not None:
            links.append(Markup('<a href="{}">{}</a>').format(path(base, "actors", actor.id), name))
        elif actor.role == role:
            links.append(escape(name))
    return Markup(", ").join(links)


def _linked(url: str, text: str) -> Markup:
    address = web_address(url)
    if address is None:
        return escape(text)
    return Markup('<a href="{}" rel="nofollow noopener">{}</a>').format(address, text)
