"""What was asked of an engine and what it answered, each dated by the calls that the disk had seen by then."""

from dataclasses import dataclass, field

from msgspec import structs

from events.log.port import Event, NewCommit, Receipt
from tests.crash.disk import LiveDisk


class Violation(AssertionError):
    """A promise that did not hold; `kind` is what the report counts."""

    def __init__(self, kind: str, what: str) -> None:
        super().__init__(f"{kind}: {what}")
        self.kind = kind


@dataclass(slots=True)
class Asked:
    """An append: `sent` and `answered` count the disk's calls at these moments; a run that goes on answers all.

    Both are 0 for what was there when the run began, answered or not: it has to stay.
    """

    commit: NewCommit
    sent: int
    answered: int = 0
    receipt: Receipt | None = None
    gone: bool = False
    """What it erases was said to be gone from the files."""


@dataclass(slots=True)
class Put:
    """A value put into the mutable state, None for one that was deleted; of a put that failed the version is 0."""

    value: bytes | None
    sent: int
    answered: int = 0
    version: int = 0


@dataclass(slots=True)
class History:
    """A run from its start to its end: every stored append by its key, every value by its id, and all entries.

    The entries have their data, also where it is erased by now: `erased` has what erases a position. `marked` is the
    last position that was answered before the run began.
    """

    asked: dict[str, Asked] = field(default_factory=dict)
    puts: dict[str, list[Put]] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    erased: dict[int, Asked] = field(default_factory=dict)
    vkey: str = ""
    vkey_answered: int = 0
    marked: int = 0

    def with_data(self, event: Event) -> Event:
        """Return an entry with the data that it was recorded with."""
        if event.data is not None:
            return event
        (asked,) = (
            each
            for each in self.asked.values()
            if each.receipt and each.receipt.first <= event.position <= each.receipt.position and each.receipt.size
        )
        assert asked.receipt is not None
        return structs.replace(event, data=asked.commit.events[event.position - asked.receipt.first].data)


class Recorder:
    """Dates what is asked and answered by the disk's calls."""

    def __init__(self, disk: LiveDisk, history: History) -> None:
        self.history = history
        self._disk = disk

    def sent(self, commit: NewCommit) -> Asked:
        return Asked(commit, self._disk.now())

    def answered(self, asked: Asked, receipt: Receipt) -> None:
        asked.answered = self._disk.now()
        asked.receipt = receipt
        self.history.asked[asked.commit.key] = asked
        for position in asked.commit.erases:
            self.history.erased.setdefault(position, asked)

    def sealed(self, vkey: str) -> None:
        if not self.history.vkey:
            self.history.vkey, self.history.vkey_answered = vkey, self._disk.now()
        if vkey != self.history.vkey:
            raise Violation("key", f"the log is signed by {vkey}, it was by {self.history.vkey}")

    def put(self, record_id: str, value: bytes | None) -> Put:
        put = Put(value, self._disk.now())
        self.history.puts.setdefault(record_id, []).append(put)
        return put

    def done(self, put: Put, version: int) -> None:
        put.answered = self._disk.now()
        put.version = version
