"""A sentence with all that was found in it, and how its dates lie to the day of publication."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec import Struct

from events.extract.candidates.named_events import Named, named_events
from events.extract.clauses.clauses import Clause, clauses
from events.extract.reading import Expression
from events.extract.text import Sentence
from events.extract.who.amounts import amounts
from events.extract.who.names import Mention
from events.record import reading
from events.terms import Amount


class Passage(Struct, frozen=True, kw_only=True):
    """A sentence with all that was found in it.

    `dates` are the word ranges of its expressions, `dated` all their words. `amounts` have their places in the text.
    `within_names` are the commas inside a place's name: "Liberty, North Carolina".
    """

    sentence: Sentence
    number: int
    expressions: Sequence[Expression]
    dates: Sequence[tuple[int, int]]
    dated: frozenset[int]
    within_names: frozenset[int]
    mentions: Sequence[Mention]
    amounts: Sequence[tuple[int, int, Amount]]
    clauses: Sequence[Clause]
    named: Sequence[Named]
    headline: bool

    def names(self, start: int, end: int) -> list[Mention]:
        """Return the mentions in the words `[start, end)`."""
        if start >= end:
            return []
        first, last = self.sentence.starts[start], self.sentence.ends[end - 1]
        return [mention for mention in self.mentions if first <= mention.start and mention.end <= last]

    def amount(self, start: int, end: int) -> Amount | None:
        """Return the first amount in the words `[start, end)`."""
        if start >= end:
            return None
        first, last = self.sentence.starts[start], self.sentence.ends[end - 1]
        return next((amount for at, _, amount in self.amounts if first <= at < last), None)


def passage_of(
    sentence: Sentence, number: int, expressions: Sequence[Expression], mentions: Sequence[Mention], *, headline: bool
) -> Passage:
    """Return a sentence, the `number`th of its text, with its clauses, events and amounts."""
    dates = [_words(sentence, expression) for expression in expressions]
    money = [(start, end, amount) for start, end, amount, *_ in amounts(sentence)]
    if money:  # "SEK 9 billion" names nobody.
        mentions = [each for each in mentions if not any(start <= each.start < end for start, end, _ in money)]
    return Passage(
        sentence=sentence,
        number=number,
        expressions=expressions,
        dates=dates,
        dated=frozenset(index for start, end in dates for index in range(start, end)),
        within_names=frozenset(_commas(sentence, mentions)),
        mentions=mentions,
        amounts=money,
        clauses=clauses(sentence),
        named=named_events(sentence, dates),
        headline=headline,
    )


def _commas(sentence: Sentence, mentions: Sequence[Mention]) -> Iterator[int]:
    """Yield the commas that stand between two places and make one of them."""
    for before, after in pairwise(mentions):
        if before.place is not None and after.kind == "place" and sentence.between(before.end, after.start) == ", ":
            yield bisect_left(sentence.starts, before.end)


def _words(sentence: Sentence, expression: Expression) -> tuple[int, int]:
    """Return which words of a sentence an expression covers, half-open."""
    first = bisect_right(sentence.ends, expression.start)
    return first, bisect_left(sentence.starts, expression.end)


def is_ahead(expression: Expression, today: int) -> bool:
    """Whether an expression's days reach beyond the day of publication, and the words do not look back."""
    if expression.edtf is None:
        return expression.timex.value == "FUTURE_REF"
    edtf = reading(expression.edtf)
    if edtf.latest is None:
        return edtf.earliest is None or edtf.earliest >= today - 31
    if edtf.latest < today:
        return False
    return (edtf.earliest is not None and edtf.earliest >= today - 7) or expression.kind in ("deadline", "until")


def is_past(expression: Expression, today: int) -> bool:
    """Whether all of an expression's days were over before the day of publication."""
    latest = None if expression.edtf is None else reading(expression.edtf).latest
    return latest is not None and latest < today


def days_past(expression: Expression, today: int) -> int:
    """Return how many days before the day of publication an expression's last day lies; 0 where it is not past."""
    latest = None if expression.edtf is None else reading(expression.edtf).latest
    return 0 if latest is None else max(0, today - latest)


def is_beyond(expression: Expression, today: int) -> bool:
    """Whether all of an expression's days come after the day of publication."""
    earliest = None if expression.edtf is None else reading(expression.edtf).earliest
    return earliest is not None and earliest > today
