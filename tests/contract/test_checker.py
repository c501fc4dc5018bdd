"""The checker of concurrent runs: it passes a run that kept the contract, and names what another one did wrong."""

from collections.abc import Callable, Sequence

import pytest
from msgspec.structs import replace

from events.log.port import (
    AppendCondition,
    AppendConditionFailed,
    CaughtUp,
    CommitInvalid,
    Event,
    LogUnavailable,
    NewCommit,
    NewEvent,
    OutcomeUnknown,
    Page,
    Progress,
    Query,
    Receipt,
)
from tests.contract.checker import CHECKS, first_anomaly
from tests.contract.given import NOON, query, tagged, unless
from tests.contract.history import Appended, History, LookedUp, Read, Subscribed, Word

LATER = "2024-04-10T12:00:01.000000Z"
OTHERS = query(tagged("x:other"))
UNLESS_THREE = unless(tagged("x:3"), after=1)


def stored(position: int, *tags: str, commit: tuple[int, int] | None = None, id: str = "") -> Event:
    return Event(
        position=position,
        id=id or f"id-{position}",
        type="a.a",
        v=1,
        tags=tags,
        recorded_at=NOON,
        said_at=None,
        by="ada",
        commit=commit or (position, 1),
        correlation=None,
        causation=None,
        data_hash="",
        data=b"%d" % position,
    )


def sent(key: str, *positions: int, condition: AppendCondition | None = None) -> NewCommit:
    events = [NewEvent(type="a.a", data=b"%d" % position, tags=(), id=f"id-{position}") for position in positions]
    return NewCommit(key=key, fingerprint=b"f", events=tuple(events), by="ada", condition=condition)


def receipt(position: int, size: int = 1, *, duplicate: bool = False, note: bytes = b"") -> Receipt:
    first = position - size + 1
    return Receipt(position=position, first=first, size=size, duplicate=duplicate, recorded_at=NOON, note=note)


def appended(began: int, ended: int, commit: NewCommit, answer: Receipt | BaseException) -> Appended:
    return Appended(began=began, ended=ended, commit=commit, answer=answer)


def read(
    began: int,
    head: int,
    *events: Event,
    asked: Query | None = None,
    after: int = 0,
    upto: int | None = None,
    backwards: bool = False,
    limit: int = 9,
) -> Read:
    page = Page(events=events, head=head)
    return Read(
        began=began,
        ended=began + 5,
        query=asked or Query.all(),
        after=after,
        upto=upto,
        backwards=backwards,
        limit=limit,
        page=page,
    )


def conflict(after: int, position: int) -> AppendConditionFailed:
    return AppendConditionFailed(after=after, conflict=position)


def looked_up(began: int, key: str, answer: Receipt | None) -> LookedUp:
    return LookedUp(began=began, ended=began + 5, key=key, answer=answer)


def heard(
    *words: Event | CaughtUp | Progress, after: int = 0, asked: Query | None = None, began: int = 900
) -> Subscribed:
    said = [Word(at=began + number, says=word) for number, word in enumerate(words)]
    return Subscribed(began=began, query=asked or Query.all(), after=after, words=said)


ONE, TWO, THREE = stored(1, "x:1"), stored(2, "x:2", commit=(2, 2)), stored(3, "x:3", commit=(2, 2))


def sound() -> History:
    """One event, then a commit of two, then a refusal and a retry of the first; times in steps of 100."""
    return History(
        appends=[
            appended(100, 200, sent("first", 1), receipt(1)),
            appended(300, 400, sent("second", 2, 3, condition=unless(tagged("x:2"), after=1)), receipt(3, 2)),
            appended(500, 600, sent("third", 4, condition=UNLESS_THREE), conflict(1, 3)),
            appended(700, 800, sent("first", 1), receipt(1, duplicate=True)),
        ],
        lookups=[
            looked_up(10, "first", None),
            looked_up(850, "first", receipt(1, duplicate=True)),
        ],
        reads=[
            read(50, 0),
            read(250, 1, ONE),
            read(350, 3, ONE, TWO, THREE),
            read(450, 3, THREE, backwards=True, limit=1),
            read(460, 3, ONE, TWO, upto=2),
            read(470, 3, TWO, asked=query(tagged("x:2"))),
            read(480, 3, after=7),
        ],
        subscriptions=[
            heard(ONE, TWO, THREE, CaughtUp(position=3)),
            heard(CaughtUp(position=3), after=3),
            heard(TWO, Progress(position=3), CaughtUp(position=3), asked=query(tagged("x:2"))),
        ],
        log=(ONE, TWO, THREE),
    )


def test_a_run_that_kept_the_contract_has_no_anomaly() -> None:
    assert first_anomaly(sound()) is None
    assert first_anomaly(History()) is None


def test_what_failed_without_an_answer_may_be_stored_or_not() -> None:
    unknown = OutcomeUnknown(key="first", reason="disk")
    history = broken(
        calls={0: appended(100, 200, sent("first", 1), unknown)},
        appends=[appended(810, 820, sent("fourth", 4), TimeoutError())],
    )

    assert first_anomaly(history) is None


def test_a_refusal_of_a_request_that_was_stored_by_its_retry_is_none() -> None:
    refused = appended(30, 40, sent("first", 1), CommitInvalid("", pointer=""))

    assert first_anomaly(broken(appends=[refused])) is None


def broken(
    *,
    log: dict[int, Event | None] | None = None,
    calls: dict[int, Appended | None] | None = None,
    appends: Sequence[Appended] = (),
    lookups: Sequence[LookedUp] = (),
    reads: Sequence[Read] = (),
    subscriptions: Sequence[Subscribed] = (),
    unseen: bool = False,
) -> History:
    """Return the sound run with some things changed, by position or place, or added.

    `unseen` leaves out all reads and subscriptions, so that only what the appends say is left.
    """
    run = sound()
    entries = {event.position: event for event in run.log} | (log or {})
    answered = dict(enumerate(run.appends)) | (calls or {})
    return History(
        appends=[call for call in answered.values() if call is not None] + list(appends),
        lookups=run.lookups + list(lookups),
        reads=([] if unseen else run.reads) + list(reads),
        subscriptions=([] if unseen else run.subscriptions) + list(subscriptions),
        log=tuple(event for event in entries.values() if event is not None),
    )


SECOND = sent("second", 2, 3)
UNKNOWN = appended(300, 400, SECOND, TimeoutError())
FIRST_TOLD = (1, 1, NOON, b"")

ANOMALIES: dict[str, History] = {
    "position 2 is a gap: the log goes on with 3": broken(
        log={2: None, 3: stored(3)}, calls={1: UNKNOWN, 2: None}, unseen=True
    ),
    "positions 1 and 3 hold the same event id-1": broken(
        log={3: replace(THREE, id="id-1")}, calls={1: UNKNOWN}, unseen=True
    ),
    "position 3 was recorded before position 2": broken(log={2: replace(TWO, recorded_at=LATER)}, unseen=True),
    "position 2 is of a commit 2 to 3 that is not whole": broken(
        log={3: None}, calls={1: UNKNOWN, 2: None}, unseen=True
    ),
    "the commits of positions 2 and 3 overlap": broken(
        log={3: replace(THREE, commit=(2, 3)), 4: stored(4, commit=(2, 3))},
        calls={2: appended(500, 600, sent("third", 4), TimeoutError())},
        unseen=True,
    ),
    "the receipt of first counts wrong": broken(
        calls={0: appended(100, 200, sent("first", 1), replace(receipt(1), first=2))}
    ),
    "position 1 was given to first and to second": broken(calls={1: appended(300, 400, SECOND, receipt(2, 2))}),
    "second got position 4, and the log ends before it": broken(
        calls={1: appended(300, 400, sent("second", 2, 3, 4), receipt(4, 3))}
    ),
    "second got position 2, and another event lies there": broken(log={2: replace(TWO, data=b"changed")}, unseen=True),
    "third was refused, and its event lies at position 4": broken(log={4: stored(4)}, unseen=True),
    "third was refused for position 2, no match after 1": broken(
        calls={2: appended(500, 600, sent("third", 4, condition=UNLESS_THREE), conflict(1, 2))}
    ),
    "third was refused for position 9, no match after 1": broken(
        calls={2: appended(500, 600, sent("third", 4, condition=UNLESS_THREE), conflict(1, 9))}
    ),
    "third was refused for position 3, no match after 3": broken(
        calls={2: appended(500, 600, sent("third", 4, condition=unless(tagged("x:3"), after=3)), conflict(3, 3))}
    ),
    "fourth has no condition, and was refused by it": broken(
        appends=[appended(810, 820, sent("fourth", 4), conflict(1, 3))]
    ),
    "position 4 holds an event that nobody sent": broken(log={4: stored(4, id="nobody's")}),
    f"first got {FIRST_TOLD} once and": broken(
        calls={3: appended(700, 800, sent("first", 1), receipt(1, duplicate=True, note=b"another"))}
    ),
    "first was stored twice": broken(calls={3: appended(700, 800, sent("first", 1), receipt(1))}),
    "first was answered, and its retry refused: no": broken(
        calls={3: appended(700, 800, sent("first", 1), LogUnavailable("no"))}
    ),
    "second was called a retry, and was sent once": broken(
        calls={1: appended(300, 400, SECOND, receipt(3, 2, duplicate=True))}
    ),
    "first was answered, and afterwards was not known": broken(lookups=[looked_up(870, "first", None)]),
    "second was known before it was sent": broken(lookups=[looked_up(30, "second", receipt(3, 2))]),
    f"first got {FIRST_TOLD}, and (2, 1": broken(lookups=[looked_up(870, "first", receipt(2, duplicate=True))]),
    "second began after 4 was answered, and got position 2": broken(
        log={4: stored(4)}, calls={2: appended(210, 220, sent("fourth", 4), receipt(4))}, unseen=True
    ),
    "nothing began after 3 was answered, and got position 2": broken(
        appends=[appended(810, 820, sent("nothing"), receipt(1, 0))]
    ),
    "second was stored at position 2, and position 1 matches its condition after 0": broken(
        calls={1: appended(300, 400, sent("second", 2, 3, condition=unless(tagged("x:1"))), receipt(3, 2))}
    ),
    "a read ends at 1, and position 3 was answered before it began": broken(reads=[read(650, 1, ONE)]),
    "a read ends at 1, and one before it at 3": broken(
        calls={1: appended(300, 450, SECOND, receipt(3, 2))}, reads=[read(360, 1, ONE)]
    ),
    "a read ends at 4, and the log at 3": broken(reads=[read(650, 4, ONE, TWO, THREE)]),
    "a read ends at 2, inside the commit (2, 2)": broken(reads=[read(345, 2, ONE, TWO)]),
    "a read has position 3 at place 2, where 2 belongs": broken(reads=[read(650, 3, ONE, THREE)]),
    "a read has position 1 at place 1, where 3 belongs": broken(reads=[read(650, 3, ONE, TWO, THREE, backwards=True)]),
    "position 2 was read other than it is": broken(reads=[read(650, 3, ONE, replace(TWO, data=b"another"), THREE)]),
    "a read has 2 events where its head 3 needs 3": broken(reads=[read(650, 3, ONE, TWO)]),
    "a read has 1 events where its head 3 needs 0": broken(reads=[read(650, 3, ONE, asked=OTHERS)]),
    "position 1 was seen before it was sent": broken(reads=[read(60, 1, ONE)]),
    "position 3 was seen before it was sent": broken(
        subscriptions=[heard(Progress(position=3), asked=OTHERS, began=210)]
    ),
    "a subscription caught up twice, again at 3": broken(
        subscriptions=[heard(CaughtUp(position=3), CaughtUp(position=3), after=3)]
    ),
    "a subscription said 2 after 2": broken(subscriptions=[heard(ONE, TWO, TWO)]),
    "a subscription said 1 after 3": broken(subscriptions=[heard(ONE, TWO, THREE, ONE)]),
    "a subscription said 3 after 3": broken(subscriptions=[heard(Progress(position=3), after=3)]),
    "a subscription passed over position 2": broken(subscriptions=[heard(ONE, THREE)]),
    "a subscription passed over position 3": broken(
        subscriptions=[heard(Progress(position=3), after=1, asked=query(tagged("x:3")))]
    ),
    "a subscription said 4, beyond the end of the log": broken(
        subscriptions=[heard(Progress(position=4), asked=OTHERS)]
    ),
    "a subscription said another event than position 2 holds": broken(
        subscriptions=[heard(replace(TWO, type="b.b"), after=1)]
    ),
    "a subscription reached 2, inside a commit": broken(subscriptions=[heard(Progress(position=2), asked=OTHERS)]),
}


@pytest.mark.parametrize(("says", "history"), ANOMALIES.items(), ids=ANOMALIES)
def test_an_anomaly_is_named(says: str, history: History) -> None:
    assert (first_anomaly(history) or "none").startswith(says)


def test_of_several_anomalies_the_first_is_named() -> None:
    history = broken(
        log={4: stored(4, id="nobody's")},
        appends=[appended(810, 820, sent("fourth", 4), conflict(1, 3))],
        reads=[read(60, 1, ONE)],
    )

    assert first_anomaly(history) == "position 1 was seen before it was sent"


@pytest.mark.parametrize("left_out", CHECKS, ids=lambda check: check.__name__)
def test_without_any_one_of_its_checks_some_anomaly_is_missed(
    monkeypatch: pytest.MonkeyPatch, left_out: Callable[[History], object]
) -> None:
    monkeypatch.setattr("tests.contract.checker.CHECKS", [check for check in CHECKS if check is not left_out])

    assert not all((first_anomaly(history) or "none").startswith(says) for says, history in ANOMALIES.items())
