"""The page of corrections: what was wrong, what it is now, and why."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from api.pages import texts
from api.pages.journal import ABOUT
from api.pages.render import NOW, Asked, Meta, Site, Way, page
from api.pages.urls import path
from events.instants import Instant
from events.views.correcting import Correction, Subject, Type
from events.views.listing import Listing

CALLED: Final[dict[Type, str]] = {
    "announcement.amended": "Corrected",
    "announcement.retracted": "Retracted: there was no such announcement",
    "announcement.merged": "The same as another, recorded twice",
    "source.corrected": "Source’s particulars corrected",
    "source.withdrawn": "Source taken back by its publisher",
    "actor.merged": "The same as another, recorded twice",
    "fact.withdrawn": "An entry of ours taken back",
}
FIELDS: Final = {
    "when": "date", "lang": "language", "refs": "see also", "merged_into": "the same as", "image": "picture",
    "modality": "kind of promise", "url": "address", "archived_url": "archived copy", "sha256": "text",
    "published_at": "published", "copy_of": "copy of", "query": "what it shows", "from": "from", "part_of": "part of",
    "pinned": "put on by an editor", "hidden": "taken off by an editor",
}  # fmt: skip
"""What fields are called on pages, where it is not their own name."""
WORDS_MAX: Final = 600


class Changed(Struct, frozen=True, kw_only=True):
    """What one field was, and what it is since; empty where there was nothing."""

    field: str
    before: str
    after: str


class Mended(Struct, frozen=True, kw_only=True):
    """A correction in words. `theirs`: a source corrected itself; otherwise we had been wrong."""

    position: int
    what: str
    theirs: bool
    title: str
    href: str
    changes: tuple[Changed, ...]
    reason: str | None
    recorded: str
    recorded_at: Instant
    corrects: int | None
    withdrawn_by: int | None


def corrections_page(listed: Listing[Correction], *, site: Site, way: Way, asked: Asked = NOW) -> str:
    """Return a page of the list of corrections."""
    meta = Meta(
        title="Corrections",
        description="What was wrong here, what it is now, and why: every correction, in the open.",
        path="/corrections",
        indexed=not asked.travelling,
    )
    shown = [_mended(one, site.base_path) for one in listed.items]
    return page("corrections.html", site, meta, corrections=shown, total=listed.total, way=way, asked=asked)


def _mended(one: Correction, base: str) -> Mended:
    return Mended(
        position=one.position,
        what="The source corrected itself" if _is_theirs(one) and one.type != "source.withdrawn" else CALLED[one.type],
        theirs=_is_theirs(one),
        title=one.subject.title or one.subject.id,
        href=_page_of(one.subject, base),
        changes=tuple(
            Changed(
                field=FIELDS.get(change.field, change.field.replace("_", " ")),
                before=value_words(change.field, change.before),
                after=value_words(change.field, change.after),
            )
            for change in one.changes
        ),
        reason=one.reason,
        recorded=texts.instant_words(one.recorded_at),
        recorded_at=one.recorded_at,
        corrects=one.corrects,
        withdrawn_by=one.withdrawn_by,
    )


def _is_theirs(one: Correction) -> bool:
    return one.origin == "source"


def _page_of(subject: Subject, base: str) -> str:
    return path(base, *ABOUT[subject.kind].split("/"), subject.id)


def value_words(field: str, value: Any) -> str:
    """Say the value of a field, as answers have it, in words; nothing for none.

    >>> value_words("state", "partly"), value_words("actors", [{"id": "jp", "name": "Japan", "role": "by"}])
    ('happened in part', 'Japan (by)')
    """
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(value_words(field, one) for one in value)[:WORDS_MAX]
    if isinstance(value, Mapping):
        return _thing_words(field, value)[:WORDS_MAX]
    if isinstance(value, bool):
        return "yes" if value else "no"
    known: dict[str, Mapping[Any, str]] = {"state": texts.STATES, "modality": texts.MODALITIES}
    text = known.get(field, {}).get(value, str(value))
    return texts.instant_words(text) if field.endswith("_at") and text.endswith("Z") else text[:WORDS_MAX]


def _thing_words(field: str, value: Mapping[str, Any]) -> str:
    match field:
        case "when":
            return str(value.get("text", ""))
        case "actors":
            return f"{value.get('name') or value.get('id')} ({value.get('role', 'by')})"
        case "amount":
            return str(value.get("text") or f"{value.get('value')} {value.get('currency')}")
        case "links":
            return f"{texts.RELATIONS[value['relation']].lower()} {value['to']}"
        case "image":
            return str(value.get("url", ""))
        case _:
            return ", ".join(f"{value_words('', one)} ({name})" for name, one in value.items() if one)
