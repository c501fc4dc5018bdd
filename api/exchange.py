"""A record as JSON lines: what `dateline export` writes and `dateline import` records again, entry for entry.

The first line says which log it is and how far it goes. Every other is an entry, the CloudEvent that `GET /v1/events`
gives, or the text of a source, which only who may see texts is given. Entries keep their positions, because entries
name one another by them: a file goes into an empty log, or into one that begins as the file does.

Data is recorded in the version that the file has it in, and with every field that it has there. So what a later program
wrote is carried: of its new kinds of entries the tags are those of the file, since nothing here can tell others.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Annotated, Any, Final, TypeVar

import msgspec
from msgspec import Meta, Raw, Struct

from events import facts as f
from events.errors import DatelineError
from events.handler import TEXT
from events.instants import Instant
from events.log.entry import NotCanonical, canonical
from events.log.port import (
    COMMIT_EVENTS_MAX,
    AppendCondition,
    CommitInvalid,
    Log,
    NewCommit,
    NewEvent,
    Query,
    scoped_key,
)
from events.log.state import State
from events.tags import tags_of

T = TypeVar("T")

FORMAT: Final = 1
IMPORTER: Final = "system/import"
"""The principal that records what is imported, at the times at which it was first recorded."""


class Beginning(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first line: the format of the file, the log it is of, and the last entry in it."""

    dateline: int
    log: str
    head: int


class Text(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The text of a source, under its SHA-256."""

    sha256: str
    text: str


class Line(Struct, frozen=True, kw_only=True):
    """An entry: of its CloudEvent what is recorded anew."""

    position: int
    type: str
    time: Instant
    tags: str
    commit: str
    data: Raw
    saidat: Instant | None = None
    v: Annotated[int, Meta(ge=1)] = 1


class FileInvalid(DatelineError):
    """A line is none of a record, or does not fit what is there; `line` counts from 1."""

    code = "file-invalid"

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line


class RecordDiffers(DatelineError):
    """The log holds something else than the file."""

    code = "record-differs"

    def __init__(self, position: int) -> None:
        super().__init__(
            f"entry {position} is another one here than in the file: a record goes into an empty log, or into one that"
            " begins as the file does; take another data directory"
        )
        self.position = position


class Imported(Struct, frozen=True, kw_only=True):
    """How many entries were recorded, and how many were there already.

    `unread` are types and versions in the file that are not known here, and how many entries are of them.
    """

    recorded: int
    known: int
    unread: Mapping[tuple[str, int], int]


async def import_lines(
    lines: Iterable[bytes], log: Log, state: State, *, tell: Callable[[int, int], None] = lambda done, total: None
) -> Imported:
    """Record the entries of a file that the log lacks; `tell(done, total)` is told how far it is.

    Whole commits are recorded, so an import that was cut off goes on where it stopped.

    Raises:
        FileInvalid: a line is none of a record, or the file ends before its last entry; what came before is recorded.
        RecordDiffers: the log holds something else.
    """
    numbered = enumerate(lines, start=1)
    beginning = _beginning(*next(numbered, (1, b"")))
    head = (await log.head()).position
    tags: dict[int, tuple[str, ...]] = {}
    done = recorded = 0
    unread: Counter[tuple[str, int]] = Counter()
    for part in _parts(numbered):
        if isinstance(part, Text):
            await state.put(TEXT, part.sha256, part.text.encode(), expected=None)
            continue
        events = tuple(_event(entry, tags) for entry in part)
        if part[0].entry.position != done + 1:
            raise FileInvalid(part[0].line, f"entry {part[0].entry.position} cannot follow entry {done}")
        if done < head:
            await _require_same(part, events, log)
        else:
            await _record(part, events, log, origin=beginning.log)
            recorded += len(part)
        done += len(part)
        unread.update((event.type, event.v) for event in events if not f.knows(event.type, event.v))
        tell(done, beginning.head)
    if done != beginning.head:
        raise FileInvalid(1, f"the file says that it has {beginning.head} entries, and has {done}: it was cut off")
    return Imported(recorded=recorded, known=done - recorded, unread=unread)


class _Entry(Struct, frozen=True, kw_only=True):
    line: int
    entry: Line


def _beginning(number: int, line: bytes) -> Beginning:
    beginning = _read(number, line, Beginning)
    if beginning.dateline > FORMAT:
        raise FileInvalid(number, f"the file has format {beginning.dateline}, and this version reads {FORMAT}")
    return beginning


def _parts(numbered: Iterable[tuple[int, bytes]]) -> Iterator[Text | list[_Entry]]:
    """Yield texts, and the entries of each commit together."""
    commit: list[_Entry] = []
    number = 0
    for number, line in numbered:
        if not line.strip():
            continue
        if _read(number, line, _Kind).text is not None:
            yield _text(number, line)
            continue
        commit.append(_Entry(line=number, entry=_read(number, line, Line)))
        first, size = _commit(commit[0])
        if _commit(commit[-1]) != (first, size) or commit[-1].entry.position != first + len(commit) - 1:
            raise FileInvalid(number, "the entry is not the next one of its commit")
        if len(commit) == size:
            yield commit
            commit = []
    if commit:
        raise FileInvalid(number, "the file ends inside a commit: it was cut off")


class _Kind(Struct, frozen=True, kw_only=True):
    text: str | None = None


def _text(number: int, line: bytes) -> Text:
    text = _read(number, line, Text)
    if sha256(text.text.encode()).hexdigest() != text.sha256:
        raise FileInvalid(number, "the text is not the one with this SHA-256")
    return text


def _commit(entry: _Entry) -> tuple[int, int]:
    first, _, size = entry.entry.commit.partition("-")
    if not (first.isdecimal() and size.isdecimal() and 0 < int(size) <= COMMIT_EVENTS_MAX):
        raise FileInvalid(entry.line, f"{entry.entry.commit[:50]!r} is no commit")
    return int(first), int(size)


def _event(given: _Entry, tags: dict[int, tuple[str, ...]]) -> NewEvent:
    """Return an entry to be recorded. `tags` are those of the entries before it, and take in its own."""
    entry = given.entry
    if bytes(entry.data) == b"null":
        raise FileInvalid(given.line, "its data was erased, and without its data an entry cannot be recorded anew")
    try:
        data = _stored(entry.data)
        fact = f.read(entry.type, entry.v, data)
    except (msgspec.MsgspecError, NotCanonical) as error:
        raise FileInvalid(given.line, f"this is no {entry.type}: {error}") from None
    if fact is None:
        return _unread(entry, data, tags)
    about = f.named_by(fact)
    if about is not None and about not in tags:
        raise FileInvalid(given.line, f"entry {about}, which it names, is not before it")
    inherited = tags[about] if about is not None and isinstance(fact, f.FactWithdrawn | f.Amended) else ()
    if isinstance(fact, f.LogErased):  # It carries what it erased is found by, and no more than that.
        inherited = tuple({tag for several in tags.values() for tag in several}.intersection(entry.tags.split()))
    tags[entry.position] = tags_of(fact, named=inherited)
    said_at = entry.saidat if isinstance(fact, f.CameUp | f.FellDue) else f.said_at_of(fact)
    if " ".join(tags[entry.position]) != entry.tags or said_at != entry.saidat:
        raise FileInvalid(given.line, "its tags, or when it was said, are not what its data says")
    return NewEvent(
        type=entry.type,
        v=entry.v,
        data=data,
        tags=tags[entry.position],
        said_at=entry.saidat,
        causation=fact.date if isinstance(fact, f.CameUp | f.FellDue) else about,
    )


def _stored(data: Raw) -> bytes:
    """Return data as it is to be stored. Raises `NotCanonical`, and `msgspec.MsgspecError` where it is none."""
    plain = msgspec.json.decode(data, type=dict[str, Any])
    if _holds_null(plain):
        raise NotCanonical("it holds null; what is not said is left out")
    return canonical(plain)


def _holds_null(value: object) -> bool:
    match value:
        case dict():
            return any(map(_holds_null, value.values()))
        case list():
            return any(map(_holds_null, value))
        case _:
            return value is None


def _unread(entry: Line, data: bytes, tags: dict[int, tuple[str, ...]]) -> NewEvent:
    """Return an entry of a kind that is not known here, to be recorded as it is."""
    tags[entry.position] = tuple(entry.tags.split())
    return NewEvent(type=entry.type, v=entry.v, data=data, tags=tags[entry.position], said_at=entry.saidat)


async def _require_same(part: Sequence[_Entry], events: Sequence[NewEvent], log: Log) -> None:
    """Raise `RecordDiffers` where the log has other entries there."""
    first, last = part[0].entry.position, part[-1].entry.position
    page = await log.read(Query.all(), after=first - 1, upto=last)
    here = {event.position: event for event in page.events}
    for given, event in zip(part, events, strict=True):
        found = here.get(given.entry.position)
        same = found is not None and (found.type, found.v, found.data, found.recorded_at, found.commit) == (
            event.type, event.v, event.data, given.entry.time, _commit(given)
        )  # fmt: skip
        if not same:
            raise RecordDiffers(given.entry.position)


async def _record(part: Sequence[_Entry], events: tuple[NewEvent, ...], log: Log, *, origin: str) -> None:
    first = part[0].entry.position
    content = b"\n".join(b"%s %d %s" % (event.type.encode(), event.v, event.data) for event in events)
    commit = NewCommit(
        key=scoped_key(IMPORTER, f"{origin}/{first}"),
        fingerprint=sha256(content).digest(),
        events=events,
        by=IMPORTER,
        condition=AppendCondition(fail_if_match=Query.all(), after=first - 1),
        recorded_at=part[0].entry.time,
    )
    try:
        await log.append(commit)
    except CommitInvalid as error:
        raise FileInvalid(part[0].line, str(error)) from None


def _read(number: int, line: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise FileInvalid(number, f"this is no line of a record: {error}") from None
