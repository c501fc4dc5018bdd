"""A name in a text: the answer of `names.mentions`."""

from typing import Literal, NamedTuple, TypeAlias

from events.extract.who.gazetteer import Kind

How: TypeAlias = Literal["name", "demonym", "capital", "title", "surname", "unknown"]


class Mention(NamedTuple):
    """A name that stands at `[start, end)` of the text, in code points.

    `id` is an actor's, None where it has none. `name` is the canonical English name of what the id means, of the
    place, or the name as it was introduced. `place` is the name of the place it may be, None where it is no place:
    "Tokyo" for the text "Tokyo", whose `id` and `name` are Japan's. `located`: it stands after a word such as "in",
    so it is the place rather than the government. `possessive`: "'s" follows. `kind` is a guess where `how` is
    "unknown".
    """

    start: int
    end: int
    text: str
    id: str | None
    name: str
    kind: Kind
    place: str | None
    located: bool
    possessive: bool
    how: How
