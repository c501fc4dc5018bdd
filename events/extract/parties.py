"""Who has a part in two things: the same actors, or bodies of the same state."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from events import record, terms

ACTORS: Final = 15
"""For actors in common, and as much again for their share of all."""
KIN: Final = 5
"""So much less, where they are only of the same state, or organisation: its ministry, and itself."""
OTHERS: Final = -10
"""Instead, where each has one that the other lacks."""
STRANGERS: Final = -30
"""Where both have some, and none in common."""
_WORD: Final = re.compile(r"[^\W_]+")


class Party(Struct, frozen=True):
    """An actor with a part: its id or its name in that form, what it is part of in the end, and whether it is known."""

    id: str
    whole: str
    has_id: bool


def parties(
    parts: Iterable[terms.ActorRef | record.Actor], same: Mapping[str, str], wholes: Mapping[str, str]
) -> tuple[Party, ...]:
    """Return who has a part, each once. `same` names whom a merged one points on to, `wholes` what one is part of."""
    found: dict[str, Party] = {}
    for part in parts:
        if part.id is not None:
            id = same.get(part.id, part.id)
            found.setdefault(id, Party(id, wholes.get(id, id), True))
        elif part.name:
            id = "-".join(_WORD.findall(part.name.lower()))
            found.setdefault(id, Party(id, id, False))
    return tuple(found.values())


def in_common(ours: Iterable[Party], theirs: Iterable[Party]) -> tuple[int, str]:
    """Return the points of those whom two things have in common, and who they are; for none, below zero."""
    ours, theirs = _identified(ours, theirs), _identified(theirs, ours)
    our_wholes, their_wholes = ({one.whole for one in several} for several in (ours, theirs))
    shared = our_wholes & their_wholes
    if not shared:
        return (STRANGERS, "other actors") if ours and theirs else (0, "")
    only_ours = {one.whole for one in ours if one.has_id} - their_wholes
    only_theirs = {one.whole for one in theirs if one.has_id} - our_wholes
    points = OTHERS if only_ours and only_theirs else ACTORS
    points += ACTORS * len(shared) // len(our_wholes | their_wholes)
    exactly = sorted({one.id for one in ours} & {one.id for one in theirs})
    if exactly:
        return points, f"same actors: {', '.join(exactly)}"
    return points - KIN, f"actors of the same: {', '.join(sorted(shared))}"


def _identified(ours: Iterable[Party], theirs: Iterable[Party]) -> tuple[Party, ...]:
    """Return parties, those known only by name as whom the others have by that name: Congress, and us-congress."""
    known = tuple(theirs)
    return tuple(
        one if one.has_id else next((other for other in known if other.has_id and _is_named(other.id, one.id)), one)
        for one in ours
    )


def _is_named(id: str, name: str) -> bool:
    return id == name or id.endswith(f"-{name}") or id.startswith(f"{name}-")
