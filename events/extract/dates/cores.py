"""What words say of a date before it is known which one they mean."""

from typing import NamedTuple, TypeAlias


class Core(NamedTuple):
    """A date as it was said. `kind` says how it is found, and with that which of the other fields count.

    `how` is the word that relates it to another date ("next", "that", "ago"), `mod` the part of it that is meant
    ("early", "end"), `daypart` a TIMEX3 code such as "MO".
    """

    kind: str
    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    number: float | None = None
    unit: str = ""
    how: str = ""
    mod: str = ""
    daypart: str = ""
    value: str = ""


class Both(NamedTuple):
    """Two dates, one beginning or alternative to the other. The words are numbered within the sentence."""

    left: Core
    right: Core
    left_words: tuple[int, int]
    right_words: tuple[int, int]
    joint: str


Reading: TypeAlias = Core | Both
