"""Tags: what queries and append conditions find a fact by. Public, so never anything personal."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

from events.facts import (
    ActorMerged,
    ActorRecorded,
    Amended,
    AnyFact,
    ItemHidden,
    ItemPinned,
    ItemReleased,
    Linked,
    LogErased,
    LogKeyRotated,
    LogRestored,
    Made,
    Merged,
    RubricPublished,
    SourceCorrected,
    SourceRecorded,
)
from events.terms import AnnouncementFields

TAGS_MAX: Final = 64
"""What a log takes of tags on one event (`events.log.port.EVENT_TAGS_MAX`, which stands above this module)."""


def tags_of(fact: AnyFact, *, named: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the fact's tags, sorted: its subject, the sources it cites, the actors it names, both ends of a link.

    `named` are the tags of the facts that it withdraws, amends or erases, which it carries too.
    """
    tags = set(named)
    for kind in ("source", "announcement", "actor", "timeline"):
        subject = getattr(fact, kind, None)
        if subject is not None and not (kind == "announcement" and isinstance(fact, _ITEM_FACTS)):
            tags.add(f"{kind}:{subject}")
    tags.update(f"source:{citation.source}" for citation in getattr(fact, "citations", ()))
    match fact:
        case Made(actors=actors) | Amended(set=AnnouncementFields(actors=tuple() as actors)):
            tags.update(f"actor:{actor.id}" for actor in actors if actor.id is not None)
        case Linked(to=other) | Merged(into=other):
            tags.add(f"announcement:{other}")
        case ActorMerged(into=other) | ActorRecorded(part_of=str() as other):
            tags.add(f"actor:{other}")
        case RubricPublished(version=version):
            tags.add(f"rubric:{version}")
        case SourceRecorded() | SourceCorrected():
            tags.update(_identity_tags(fact))
        case LogErased(sources=sources):
            tags |= {"log:self", *(f"source:{source}" for source in sources)}
        case LogKeyRotated() | LogRestored():
            tags.add("log:self")
        case _:
            pass
    return tuple(sorted(tags))


def url_tag(url: str) -> str:
    """Return the tag by which another record of the same address is found, however it is written.

    Neither the scheme counts, nor the host's case, a default port, a trailing slash or the fragment.
    """
    return f"url:{sha256(_canonical(url).encode()).hexdigest()}"


def is_url(url: str) -> bool:
    """Say whether an address has a host and, if any, a port that exists."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _canonical(url: str) -> str:
    if not is_url(url):
        return url
    parts = urlsplit(url)
    port = "" if parts.port in (None, 80, 443) else f":{parts.port}"
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.hostname}{port}{parts.path.rstrip('/')}{query}"


def _identity_tags(fact: SourceRecorded | SourceCorrected) -> Iterable[str]:
    described = fact if isinstance(fact, SourceRecorded) else fact.set
    if described.url is not None:
        yield url_tag(described.url)
    if described.copy_of is not None:
        yield f"source:{described.copy_of}"
    if isinstance(fact, SourceRecorded) and fact.sha256 is not None:
        yield f"text:{fact.sha256}"


_ITEM_FACTS: Final = (ItemPinned, ItemHidden, ItemReleased)  # Membership of a timeline is no tag.
