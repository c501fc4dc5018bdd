"""The date expressions of a text: found, joined, resolved in text order, and written as EDTF and TIMEX3."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from msgspec import UNSET

from events import edtf, terms
from events.days import iso
from events.extract.dates.calendar_rules import CALENDAR_RULES
from events.extract.dates.clock_rules import CLOCK_RULES
from events.extract.dates.context import Context
from events.extract.dates.cores import Both, Core, Reading
from events.extract.dates.direction import Direction, Directions, is_moved
from events.extract.dates.duration_rules import DURATION_RULES, duration_value
from events.extract.dates.framing import frame, framed, joined
from events.extract.dates.grammar import Grammar
from events.extract.dates.lexicon import can_have_dates, lex
from events.extract.dates.points import CACHED_MAX, day_point
from events.extract.dates.relative_rules import RELATIVE_RULES
from events.extract.dates.resolved import Resolved
from events.extract.dates.resolving import Resolver
from events.extract.reading import Expression, Profile, Publication, Timex
from events.extract.text import Sentence

_DATES: Final = Grammar((*CALENDAR_RULES, *RELATIVE_RULES, *CLOCK_RULES))
_TIMEML: Final = Grammar((*CALENDAR_RULES, *RELATIVE_RULES, *CLOCK_RULES, *DURATION_RULES))

_JOINTS: Final = {("to",): "to", ("through",): "to", ("until",): "to", ("till",): "to", ("-",): "to", ("—",): "to",
                  ("or",): "or", ("and",): "and", ("up", "to"): "to"}  # fmt: skip
_YEARS_MAX: Final = 9999


class _Piece(NamedTuple):
    """A reading and the words of its sentence that say it."""

    sentence: Sentence
    text: str
    start: int
    end: int
    rule: str
    reading: Reading


def expressions(
    sentences: Sequence[Sentence], published: Publication, *, profile: Profile = "dates"
) -> list[Expression]:
    """Return the expressions in the order of the text, none overlapping another.

    The profile `dates` lists what has an EDTF value and takes in the preposition that makes the meaning ("by 2025");
    `timeml` follows the annotators of TimeML, with durations, sets and "now", and without prepositions.
    """
    grammar = _TIMEML if profile == "timeml" else _DATES
    pieces = [piece for sentence in sentences for piece in _pieces(sentence, grammar)]
    context = Context(published, [piece.reading for piece in pieces])
    reader = _Timeml(context, pieces) if profile == "timeml" else _Dates(context, pieces)
    return list(reader.read())


def _pieces(sentence: Sentence, grammar: Grammar[Reading]) -> Iterator[_Piece]:
    text = sentence.text
    if not can_have_dates(sentence):
        return
    for found, rule, reading in grammar.find(lex(sentence), sentence.lower, sentence.words):
        yield _Piece(sentence, text, found.start, found.end, rule.name, reading)


class _Reader:
    """Goes through the pieces of a text with what it has named so far."""

    def __init__(self, context: Context, pieces: list[_Piece], *, timeml: bool) -> None:
        self._context = context
        self._resolver = Resolver(context, timeml=timeml)
        self._pieces = pieces
        self._weekdays = _agreed(pieces)
        self._agreements: dict[int | None, Direction | None] = {}
        self._sentence: Sentence | None = None
        self._directions: Directions | None = None

    def _told(self, piece: _Piece) -> Callable[[], Direction | None]:
        def told() -> Direction | None:
            here = self._direction(piece)
            reading = piece.reading
            if here is None and isinstance(reading, Core) and reading.kind == "weekday":
                return self._agreed_direction(reading.weekday)
            return here

        return told

    def _direction(self, piece: _Piece) -> Direction | None:
        if self._directions is None or self._sentence is not piece.sentence:
            self._sentence, self._directions = piece.sentence, Directions(piece.sentence)
        return self._directions.around(piece.start, piece.end)

    def _agreed_direction(self, weekday: int | None) -> Direction | None:
        if weekday not in self._agreements:
            told = (self._direction(piece) for piece in self._weekdays.get(weekday, ()))
            self._agreements[weekday] = next((one for one in told if one is not None), None)
        return self._agreements[weekday]

    def _resolve(self, core: Core, piece: _Piece) -> Resolved | None:
        resolved = self._resolver.resolve(core, self._told(piece))
        if resolved is None or abs(resolved.point.year) > _YEARS_MAX:
            return None
        return resolved

    def _partner(self, place: int, ahead: int) -> _Piece | None:
        if place + ahead >= len(self._pieces):
            return None
        partner = self._pieces[place + ahead]
        return partner if partner.sentence is self._pieces[place].sentence else None

    def _name(self, piece: _Piece, resolved: Resolved) -> None:
        self._context.name(resolved.point, aside=piece.start > 1)

    def _resolve_both(self, both: Both, piece: _Piece) -> tuple[Resolved, Resolved] | None:
        left, right = both.left, both.right
        if left.kind == "date" and left.year is None and right.kind == "date" and right.year is not None:
            if left.month is None:
                return None
            rolls = right.month is not None and left.month > right.month
            left = left._replace(year=right.year - rolls, how="")
        elif left.kind == "date" and left.year is None and left.month is None:
            return None
        first = self._resolve(left, piece)
        if first is None:
            return None
        second = self._resolver.after(right, first.point) or self._resolve(right, piece)
        return None if second is None else (first, second)


def _agreed(pieces: list[_Piece]) -> dict[int | None, list[_Piece]]:
    """Return the mentions of each bare weekday: one that has no verb to tell its direction goes with the others."""
    found: dict[int | None, list[_Piece]] = {}
    for piece in pieces:
        reading = piece.reading
        if isinstance(reading, Core) and reading.kind == "weekday" and not reading.how:
            mentions = found.setdefault(reading.weekday, [])
            if len(mentions) < _MENTIONS_MAX:
                mentions.append(piece)
    return found


_WITH_PREPOSITION: Final = ("in-count", "within", "this-time")
"""Rules that begin with a preposition, which is no part of a TimeML span."""

_MENTIONS_MAX: Final = 4


class _Dates(_Reader):
    """The profile `dates`."""

    def __init__(self, context: Context, pieces: list[_Piece]) -> None:
        super().__init__(context, pieces, timeml=False)

    def read(self) -> Iterator[Expression]:
        place = 0
        while place < len(self._pieces):
            found, taken = self._next(place)
            if found is not None:
                yield found
            place += taken

    def _next(self, place: int) -> tuple[Expression | None, int]:
        """Return the expression at a piece, or None, and how many pieces it takes up."""
        piece = self._pieces[place]
        partner = self._partner(place, 1)
        if partner is not None and _beside(piece, partner):
            for clock, dated in ((piece.reading, partner), (partner.reading, piece)):
                if isinstance(clock, Core) and clock.kind == "clock":
                    whole = dated._replace(start=min(piece.start, dated.start), end=partner.end)
                    return self._one(whole, clock.value), 2
        if partner is not None and (both := _together(piece, partner)) is not None:
            found = self._both(both)
            if found is not None:
                return found, 2
        return (self._both(piece) if isinstance(piece.reading, Both) else self._one(piece, "")), 1

    def _one(self, piece: _Piece, clock: str) -> Expression | None:
        assert isinstance(piece.reading, Core)
        resolved = self._resolve(piece.reading, piece)
        if resolved is None:
            return None
        self._name(piece, resolved)
        if resolved.value.endswith("_REF"):
            return None
        before = frame(piece.sentence.lower, piece.start, piece.end)
        if before is not None and _belongs_elsewhere(piece):
            before = None
        meaning = before.meaning if before is not None else ""
        said = framed(resolved, meaning)
        if said is None and before is not None:
            before, said = None, framed(resolved, "")
        if said is None:
            return None
        start = before.start if before is not None else piece.start
        return self._expression(piece, start, said, resolved, clock)

    def _both(self, piece: _Piece) -> Expression | None:
        both = piece.reading
        assert isinstance(both, Both)
        pair = self._resolve_both(both, piece)
        if pair is None:
            return None
        lower = piece.sentence.lower
        start = piece.start
        joint = both.joint
        if start and lower[start - 1] in ("from", "between"):
            joint = "to"
            start -= 1
        said = joined(*pair, "to" if joint not in ("or", "and") else joint)
        if said is None:
            return None
        for resolved in pair:
            self._name(piece, resolved)
        return self._expression(piece, start, said, pair[0], "")

    def _expression(
        self, piece: _Piece, start: int, said: tuple[str, terms.WhenKind], resolved: Resolved, clock: str
    ) -> Expression | None:
        value, kind = said
        if not _is_edtf(value):
            return None
        begin, end, text = _span(piece, start, piece.end)
        return Expression(
            text=text,
            start=begin,
            end=end,
            edtf=value,
            timex=_timex(resolved, clock, piece.reading),
            rule=piece.rule,
            confidence=round(resolved.confidence, 2),
            kind=kind,
            anchor=iso(resolved.anchor) if resolved.anchor is not None else UNSET,
            time=clock or UNSET,
            note=resolved.note or UNSET,
        )


class _Timeml(_Reader):
    """The profile `timeml`."""

    def __init__(self, context: Context, pieces: list[_Piece]) -> None:
        super().__init__(context, pieces, timeml=True)

    def read(self) -> Iterator[Expression]:
        place = 0
        while place < len(self._pieces):
            found, taken = self._next(place)
            yield from found
            place += taken

    def _next(self, place: int) -> tuple[list[Expression], int]:
        """Return the expressions at a piece, and how many pieces they take up."""
        piece = self._pieces[place]
        partner = self._partner(place, 1)
        if partner is not None and _beside(piece, partner):
            return self._clocked(piece, partner), 2
        if partner is not None and (both := _together(piece, partner)) is not None:
            assert isinstance(both.reading, Both)
            return self._both(both, both.reading), 2
        if isinstance(piece.reading, Both):
            return self._both(piece, piece.reading), 1
        return self._one(piece, piece.reading), 1

    def _both(self, piece: _Piece, both: Both) -> list[Expression]:
        pair = self._resolve_both(both, piece)
        if pair is None:
            return []
        found = []
        for resolved, (start, end) in zip(pair, (both.left_words, both.right_words), strict=True):
            self._name(piece, resolved)
            found.append(self._expression(piece, start, end, resolved))
        return found[:1] if both.left_words == both.right_words else found

    def _clocked(self, piece: _Piece, partner: _Piece) -> list[Expression]:
        """Return a clock time and its date: one expression where they stand side by side, else two."""
        first, second = piece.reading, partner.reading
        assert isinstance(first, Core)
        assert isinstance(second, Core)
        clock, dated = (first.value, partner) if first.kind == "clock" else (second.value, piece)
        assert isinstance(dated.reading, Core)
        resolved = self._resolve(dated.reading, dated)
        if resolved is None or resolved.value or resolved.point.grain != "D":
            return [*self._one(piece, first), *self._one(partner, second)]
        self._name(dated, resolved)
        timex = Timex(type="TIME", value=f"{resolved.point.timex}T{clock}")
        if piece.end == partner.start:
            return [self._tagged(piece, piece.start, partner.end, timex, resolved, resolved.confidence)]
        date = _timex(resolved, "", dated.reading)
        order = (timex, date) if first.kind == "clock" else (date, timex)
        return [
            self._tagged(each, each.start, each.end, said, resolved, resolved.confidence)
            for each, said in zip((piece, partner), order, strict=True)
        ]

    def _one(self, piece: _Piece, core: Core) -> list[Expression]:
        if core.kind == "clock":
            day = self._context.day if self._context.narrative else None
            here = day_point(self._context.published if day is None else day)
            timex = Timex(type="TIME", value=f"{here.timex}T{core.value}")
            return [self._tagged(piece, piece.start, piece.end, timex, None, 0.6)]
        fixed = duration_value(core)
        if fixed is not None and core.how == "narrative" and not self._context.narrative:
            return []
        if fixed is not None:
            kind, value = fixed
            first = piece.start + (piece.rule in _WITH_PREPOSITION)
            return [self._tagged(piece, first, piece.end, Timex(type=kind, value=value), None, 0.8)]
        resolved = self._resolve(core, piece)
        if resolved is None:
            return []
        self._name(piece, resolved)
        return [self._expression(piece, piece.start, piece.end, resolved)]

    def _expression(self, piece: _Piece, start: int, end: int, resolved: Resolved) -> Expression:
        return self._tagged(piece, start, end, _timex(resolved, "", piece.reading), resolved, resolved.confidence)

    def _tagged(
        self, piece: _Piece, start: int, end: int, timex: Timex, resolved: Resolved | None, confidence: float
    ) -> Expression:
        begin, stop, text = _span(piece, start, end)
        value = None
        if resolved is not None and not resolved.value.endswith("_REF"):
            said = framed(resolved, "")
            value = said[0] if said is not None and _is_edtf(said[0]) else None
        return Expression(
            text=text,
            start=begin,
            end=stop,
            edtf=value,
            timex=timex,
            rule=piece.rule,
            confidence=round(confidence, 2),
            anchor=iso(resolved.anchor) if resolved is not None and resolved.anchor is not None else UNSET,
            note=(resolved.note or UNSET) if resolved is not None else UNSET,
        )


def _timex(resolved: Resolved, clock: str, reading: Reading) -> Timex:
    value = resolved.value or resolved.point.timex
    if resolved.daypart or clock:
        return Timex(type="TIME", value=f"{value}T{clock or resolved.daypart}")
    if value.startswith("P") and not value.endswith("_REF"):
        return Timex(type="DURATION", value=value)
    fixed = duration_value(reading) if isinstance(reading, Core) and not value else None
    return Timex(type=fixed[0], value=fixed[1]) if fixed is not None else Timex(type="DATE", value=value)


def _span(piece: _Piece, start: int, end: int) -> tuple[int, int, str]:
    sentence = piece.sentence
    begin, stop = sentence.starts[start], sentence.ends[end - 1]
    if sentence.lower[end - 1].endswith("'s"):
        stop -= 2
    return begin, stop, piece.text[begin - sentence.start : stop - sentence.start]


@lru_cache(maxsize=CACHED_MAX)
def _is_edtf(text: str) -> bool:
    try:
        edtf.parse(text)
    except edtf.EdtfError:
        return False
    return True


def _belongs_elsewhere(piece: _Piece) -> bool:
    """Whether the preposition is of what follows: "after Wednesday's meeting" is not after Wednesday."""
    return piece.sentence.lower[piece.end - 1].endswith("'s")


def _beside(piece: _Piece, partner: _Piece) -> bool:
    """Whether a clock time and a date belong together: "10:30 a.m. on Wednesday"."""
    if isinstance(piece.reading, Both) or isinstance(partner.reading, Both):
        return False
    if (piece.reading.kind == "clock") == (partner.reading.kind == "clock"):
        return False
    between = piece.sentence.lower[piece.end : partner.start]
    return len(between) <= 2 and all(word in ("on", "at", ",", "of", "the") for word in between)


def _together(piece: _Piece, partner: _Piece) -> _Piece | None:
    """Return two dates as one expression where words join them: "from May 3 to June 5", "2024 or 2025"."""
    if isinstance(piece.reading, Both) or isinstance(partner.reading, Both):
        return None
    lower = piece.sentence.lower
    between = tuple(word for word in lower[piece.end : partner.start] if word not in ("the", "on", "in"))
    joint = _JOINTS.get(between)
    if joint is None or {piece.reading.kind, partner.reading.kind} - _JOINABLE:
        return None
    before = lower[piece.start - 1] if piece.start else ""
    if (joint == "and" and before != "between") or (before == "from" and is_moved(lower, piece.start, piece.end)):
        return None
    both = Both(piece.reading, partner.reading, (piece.start, piece.end), (partner.start, partner.end), joint)
    return _Piece(piece.sentence, piece.text, piece.start, partner.end, "from-to" if joint == "to" else joint, both)


_JOINABLE: Final = frozenset(
    ("date", "weekday", "season", "part", "decade", "near", "movable", "day of month", "slashes")
)
