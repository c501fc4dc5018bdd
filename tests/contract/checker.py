"""Whether a concurrent run kept the contract. `first_anomaly` says in a sentence where it first did not.

It knows only what callers saw. An anomaly counts from the moment at which a caller held the proof of it.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from events.errors import DatelineError
from events.log.port import (
    AppendConditionFailed,
    CaughtUp,
    Event,
    OutcomeUnknown,
    Progress,
    Query,
    Receipt,
)
from tests.contract.history import Appended, History, Read, Subscribed

AT_THE_END: Final = 2**63
"""When the whole log is read, after everything else."""


class Anomaly(NamedTuple):
    """When a caller could have noticed, and what."""

    at: int
    says: str


def first_anomaly(history: History) -> str | None:
    """Return the first anomaly of a history, None when it kept the contract."""
    found = [anomaly for check in CHECKS for anomaly in check(history)]
    return min(found, key=lambda anomaly: anomaly.at).says if found else None


def of_the_log(history: History) -> Iterator[Anomaly]:
    """Positions without gaps, ids once, times that do not decrease, commits whole."""
    ids: dict[str, int] = {}
    before: Event | None = None
    for number, event in enumerate(history.log, start=1):
        if event.position != number:
            yield Anomaly(AT_THE_END, f"position {number} is a gap: the log goes on with {event.position}")
            return
        if event.id in ids:
            yield Anomaly(AT_THE_END, f"positions {ids[event.id]} and {number} hold the same event {event.id}")
        if before is not None and event.recorded_at < before.recorded_at:
            yield Anomaly(AT_THE_END, f"position {number} was recorded before position {number - 1}")
        first, size = event.commit
        if not first <= number < first + size <= len(history.log) + 1:
            yield Anomaly(
                AT_THE_END, f"position {number} is of a commit {first} to {first + size - 1} that is not whole"
            )
        elif history.log[first - 1].commit != event.commit:
            yield Anomaly(AT_THE_END, f"the commits of positions {first} and {number} overlap")
        ids[event.id] = number
        before = event


def of_receipts(history: History) -> Iterator[Anomaly]:
    """Every receipt is for what lies at its positions, and no two keys have one position."""
    owners: dict[int, str] = {}
    for call in by_end(history.appends):
        receipt, key = call.answer, call.commit.key
        if not isinstance(receipt, Receipt):
            continue
        if receipt.first != receipt.position - receipt.size + 1:
            yield Anomaly(call.ended, f"the receipt of {key} counts wrong: {receipt}")
            continue
        for position in range(receipt.first, receipt.position + 1):
            if owners.setdefault(position, key) != key:
                yield Anomaly(call.ended, f"position {position} was given to {owners[position]} and to {key}")
        for place, event in enumerate(call.commit.events[: receipt.size]):
            stored = at(history, receipt.first + place)
            if stored is None:
                yield Anomaly(call.ended, f"{key} got position {receipt.first + place}, and the log ends before it")
            elif (stored.id, stored.data) != (event.id, event.data):
                yield Anomaly(call.ended, f"{key} got position {receipt.first + place}, and another event lies there")


def of_refusals(history: History) -> Iterator[Anomaly]:
    """Nothing of a refused request is stored, nothing that nobody sent, and a conflict is one."""
    stored = {event.id: event.position for event in history.log}
    answered = {call.commit.key for call in history.appends if not _is_refused(call)}
    for call in history.appends:
        for event in call.commit.events if _is_refused(call) and call.commit.key not in answered else ():
            if event.id in stored:
                yield Anomaly(
                    call.ended, f"{call.commit.key} was refused, and its event lies at position {stored[event.id]}"
                )
        if isinstance(call.answer, AppendConditionFailed):
            yield from _of_conflict(history, call, call.answer)
    sent = {event.id for call in history.appends for event in call.commit.events}
    for found in history.log:
        if found.id not in sent:
            yield Anomaly(AT_THE_END, f"position {found.position} holds an event that nobody sent")


def _is_refused(call: Appended) -> bool:
    """Say whether it was answered that nothing is stored; what failed in another way may be stored all the same."""
    return isinstance(call.answer, DatelineError) and not isinstance(call.answer, OutcomeUnknown)


def _of_conflict(history: History, call: Appended, refused: AppendConditionFailed) -> Iterator[Anomaly]:
    condition, conflict = call.commit.condition, at(history, refused.conflict)
    if condition is None:
        yield Anomaly(call.ended, f"{call.commit.key} has no condition, and was refused by it")
    elif conflict is None or conflict.position <= condition.after or not means(condition.fail_if_match, conflict):
        yield Anomaly(
            call.ended,
            f"{call.commit.key} was refused for position {refused.conflict}, no match after {condition.after}",
        )


def of_retries(history: History) -> Iterator[Anomaly]:
    """One key, one receipt; stored by one of its requests, and given to each that comes after an answer."""
    receipts: dict[str, tuple[int, Receipt]] = {}
    stored: set[str] = set()
    sent = Counter(call.commit.key for call in history.appends)
    for call in by_end(history.appends):
        receipt, key = call.answer, call.commit.key
        if not isinstance(receipt, Receipt):
            if _is_refused(call) and receipts.get(key, (AT_THE_END, None))[0] < call.began:
                yield Anomaly(call.ended, f"{key} was answered, and its retry refused: {call.answer}")
            continue
        _, first = receipts.setdefault(key, (call.ended, receipt))
        if _told(first) != _told(receipt):
            yield Anomaly(call.ended, f"{key} got {_told(first)} once and {_told(receipt)} another time")
        if receipt.duplicate and sent[key] == 1:
            yield Anomaly(call.ended, f"{key} was called a retry, and was sent once")
        if not receipt.duplicate and key in stored:
            yield Anomaly(call.ended, f"{key} was stored twice")
        if not receipt.duplicate:
            stored.add(key)


def of_lookups(history: History) -> Iterator[Anomaly]:
    """A key is found once it was answered, not before it was sent, and with the receipt that was given."""
    sent: dict[str, int] = {}
    answered: dict[str, tuple[int, Receipt]] = {}
    for call in reversed(by_end(history.appends)):
        key = call.commit.key
        sent[key] = min(call.began, sent.get(key, AT_THE_END))
        if isinstance(call.answer, Receipt):
            answered[key] = call.ended, call.answer
    for lookup in history.lookups:
        when, receipt = answered.get(lookup.key, (AT_THE_END, lookup.answer))
        if lookup.answer is None and when < lookup.began:
            yield Anomaly(lookup.ended, f"{lookup.key} was answered, and afterwards was not known")
        if lookup.answer is not None and lookup.ended < sent.get(lookup.key, AT_THE_END):
            yield Anomaly(lookup.ended, f"{lookup.key} was known before it was sent")
        if lookup.answer is not None and receipt is not None and _told(lookup.answer) != _told(receipt):
            yield Anomaly(lookup.ended, f"{lookup.key} got {_told(receipt)}, and {_told(lookup.answer)} was found")


def of_order(history: History) -> Iterator[Anomaly]:
    """An append that was answered before another began lies before it."""
    answered = Highest([(call.ended, _position(call)) for call in history.appends])
    for call in history.appends:
        if isinstance(call.answer, Receipt) and not call.answer.duplicate:
            before = answered.until(call.began)
            if call.answer.first <= before:
                yield Anomaly(
                    call.ended,
                    f"{call.commit.key} began after {before} was answered, and got position {call.answer.first}",
                )


def of_conditions(history: History) -> Iterator[Anomaly]:
    """At its position each stored request's condition held."""
    for call in history.appends:
        condition, receipt = call.commit.condition, call.answer
        if condition is None or not isinstance(receipt, Receipt) or receipt.duplicate:
            continue
        for event in history.log[condition.after : receipt.first - 1]:
            if means(condition.fail_if_match, event):
                yield Anomaly(
                    call.ended,
                    f"{call.commit.key} was stored at position {receipt.first}, "
                    f"and position {event.position} matches its condition after {condition.after}",
                )
                break


def of_reads(history: History) -> Iterator[Anomaly]:
    """Every page is the log up to its head, which has all that was answered before, and never goes back."""
    answered = Highest([(call.ended, _position(call)) for call in history.appends])
    shown = Highest([(read.ended, read.page.head) for read in history.reads])
    for read in history.reads:
        head = read.page.head
        yield from _of_page(history, read)
        if head < answered.until(read.began):
            yield Anomaly(
                read.ended,
                f"a read ends at {head}, and position {answered.until(read.began)} was answered before it began",
            )
        if head < shown.until(read.began):
            yield Anomaly(read.ended, f"a read ends at {head}, and one before it at {shown.until(read.began)}")
        if head > len(history.log):
            yield Anomaly(read.ended, f"a read ends at {head}, and the log at {len(history.log)}")
        elif head and sum(history.log[head - 1].commit) != head + 1:
            yield Anomaly(read.ended, f"a read ends at {head}, inside the commit {history.log[head - 1].commit}")


def _of_page(history: History, read: Read) -> Iterator[Anomaly]:
    last = read.page.head if read.upto is None else min(read.upto, read.page.head)
    within = [event for event in history.log[read.after : last] if means(read.query, event)]
    expected = (within[::-1] if read.backwards else within)[: read.limit]
    for place, (found, meant) in enumerate(zip(read.page.events, expected, strict=False)):
        if found.position != meant.position:
            yield Anomaly(
                read.ended, f"a read has position {found.position} at place {place + 1}, where {meant.position} belongs"
            )
            return
        if found != meant:
            yield Anomaly(read.ended, f"position {found.position} was read other than it is")
            return
    if len(read.page.events) != len(expected):
        yield Anomaly(
            read.ended,
            f"a read has {len(read.page.events)} events where its head {read.page.head} needs {len(expected)}",
        )


def of_the_future(history: History) -> Iterator[Anomaly]:
    """Nobody sees what nobody had sent yet."""
    begins: dict[str, int] = {}
    for call in history.appends:
        for sent in call.commit.events:
            if sent.id is not None:
                begins[sent.id] = min(call.began, begins.get(sent.id, AT_THE_END))
    seen = [(event.position, read.ended) for read in history.reads for event in read.page.events]
    seen += [(read.page.head, read.ended) for read in history.reads]
    seen += [(word.says.position, word.at) for each in history.subscriptions for word in each.words]
    for position, when in seen:
        event = at(history, position)
        if event is not None and begins.get(event.id, 0) > when:
            yield Anomaly(when, f"position {position} was seen before it was sent")


def of_subscriptions(history: History) -> Iterator[Anomaly]:
    """Each match once, in order; `CaughtUp` once; nothing passed over, nothing beyond the head."""
    for subscription in history.subscriptions:
        yield from _of_words(history, subscription)


def _of_words(history: History, subscription: Subscribed) -> Iterator[Anomaly]:
    cursor, caught_up = subscription.after, False
    for word in subscription.words:
        position = word.says.position
        if isinstance(word.says, CaughtUp):
            if caught_up:
                yield Anomaly(word.at, f"a subscription caught up twice, again at {position}")
            caught_up = True
        if position < cursor or (position == cursor and not isinstance(word.says, CaughtUp)):
            yield Anomaly(word.at, f"a subscription said {position} after {cursor}")
            return
        upto = position - 1 if isinstance(word.says, Event) else position
        passed = next((event for event in history.log[cursor:upto] if means(subscription.query, event)), None)
        if passed is not None:
            yield Anomaly(word.at, f"a subscription passed over position {passed.position}")
            return
        if position > len(history.log):
            yield Anomaly(word.at, f"a subscription said {position}, beyond the end of the log")
            return
        if isinstance(word.says, Event) and word.says != history.log[position - 1]:
            yield Anomaly(word.at, f"a subscription said another event than position {position} holds")
            return
        if (
            isinstance(word.says, Progress | CaughtUp)
            and position
            and sum(history.log[position - 1].commit) != position + 1
        ):
            yield Anomaly(word.at, f"a subscription reached {position}, inside a commit")
        cursor = position


CHECKS: Final[Sequence[Callable[[History], Iterator[Anomaly]]]] = (
    of_the_log,
    of_receipts,
    of_refusals,
    of_retries,
    of_lookups,
    of_order,
    of_conditions,
    of_reads,
    of_the_future,
    of_subscriptions,
)


class Highest:
    """The highest position that was told by a moment, of (when, position) pairs."""

    def __init__(self, told: Sequence[tuple[int, int]]) -> None:
        self._times: list[int] = []
        self._highest: list[int] = []
        for when, position in sorted(told):
            self._times.append(when)
            self._highest.append(max(position, self._highest[-1] if self._highest else 0))

    def until(self, moment: int) -> int:
        """Return the highest position told strictly before a moment, 0 when there is none."""
        count = bisect_left(self._times, moment)
        return self._highest[count - 1] if count else 0


def by_end(calls: Sequence[Appended]) -> list[Appended]:
    """Return appends in the order in which they were answered."""
    return sorted(calls, key=lambda call: call.ended)


def at(history: History, position: int) -> Event | None:
    """Return the event at a position, None where there is none."""
    return history.log[position - 1] if 1 <= position <= len(history.log) else None


def means(query: Query, event: Event) -> bool:
    """Say whether a query means an event: any item, of which any type and all tags."""
    return query.everything or any(
        (event.type in item.types or not item.types) and all(tag in event.tags for tag in item.tags)
        for item in query.items
    )


def _position(call: Appended) -> int:
    return call.answer.position if isinstance(call.answer, Receipt) else 0


def _told(receipt: Receipt) -> tuple[int, int, str, bytes]:
    return receipt.first, receipt.size, receipt.recorded_at, receipt.note
