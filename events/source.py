"""Sources: what may be said of a document, and what it takes to quote one."""

from hashlib import sha256
from typing import Final, assert_never

from events import bodies
from events import facts as f
from events.commands import CorrectSource, RecordSource, RejectCandidates, SourceCommand, WithdrawSource
from events.edtf import EdtfError, parse
from events.errors import (
    BodyInvalid,
    DateInvalid,
    DuplicateSource,
    NotAllowed,
    NotFound,
    QuoteNotFound,
    Taken,
    TextErased,
    TimeInvalid,
    TooLong,
)
from events.instants import Instant
from events.tags import is_url, url_tag
from events.terms import Citation, SourceFields, Speaker
from events.times import later, read_time, zone
from events.world import Source, World, corrected

FUTURE_HOURS_MAX: Final = 24


def decide(command: SourceCommand, world: World) -> tuple[f.AnyFact, ...]:
    """Return the facts that a command about a source makes; none where it changes nothing. Raises `Refused`."""
    match command:
        case RecordSource():
            return _record(command, world)
        case CorrectSource():
            return _correct(command, world)
        case WithdrawSource():
            return _withdraw(command, world)
        case RejectCandidates():
            return _reject(command, world)
        case _:
            assert_never(command)


def cite(citation: bodies.CitationIn, world: World, *, pointer: str) -> Citation:
    """Return a citation whose words were found in the source's text, or marked unverified where we have no text.

    Raises `UnknownReference`, `QuoteNotFound`, `TimeInvalid`, and `NotAllowed` for what a source is to have said
    after its publisher took it back.
    """
    source = world.cited_source(citation.source, pointer=f"{pointer}/source")
    start, end = _place(citation, world.texts.get(source.id), pointer=f"{pointer}/quote")
    said_at = source.described.published_at
    if citation.said_at is not None:
        said_at = read_time(citation.said_at, source.described.timezone, pointer=f"{pointer}/said_at")
        _require_not_ahead(said_at, world.now, pointer=f"{pointer}/said_at")
    if source.withdrawn_at is not None and source.withdrawn_at <= said_at:
        raise NotAllowed(
            f"the publisher of source {source.id!r} took it back, so it says nothing at {said_at}; cite another",
            pointer=f"{pointer}/source",
        )
    speaker = citation.speaker
    return Citation(
        source=source.id,
        quote=citation.quote,
        said_at=said_at,
        start=start,
        end=end,
        speaker=None if speaker is None else Speaker(name=speaker.name, named=speaker.named),
        verified=source.id in world.texts,
        said_at_assumed=citation.said_at is None,
    )


def _place(citation: bodies.CitationIn, text: str | None, *, pointer: str) -> tuple[int | None, int | None]:
    """Return where the quote begins and ends: as given, else at the first place of the text; None without either."""
    start, quote = citation.start, citation.quote
    if start is None and citation.end is not None:
        start = citation.end - len(quote)
    if start is None and text is not None:
        start = text.find(quote)
    if start is None:
        return None, None
    end = start + len(quote)
    if start < 0 or citation.end not in (None, end) or not (text is None or text.startswith(quote, start)):
        at = "" if citation.start is None and citation.end is None else " at the place given"
        raise QuoteNotFound(
            f"the words {quote!r} do not stand in the text of source {citation.source!r}{at}", pointer=pointer
        )
    return start, end


def text_hash(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, as lowercase hex."""
    return sha256(text.encode()).hexdigest()


def require_unused_date(source: str, world: World, *, pointer: str | None = None) -> None:
    """Statements that took their time from the publication would have been said at another: raises `NotAllowed`."""
    withdrawn = world.withdrawn()
    resting = [
        record.position
        for record in world.tagged(f"source:{source}")
        if record.position not in withdrawn
        and any(c.source == source and c.said_at_assumed for c in getattr(record.fact, "citations", ()))
    ]
    if resting:
        raise NotAllowed(
            f"entries {', '.join(map(str, resting))} were dated by the publication of source {source!r}; "
            "withdraw them and record them with a said_at of their own first",
            pointer=pointer,
        )


def _require_not_ahead(time: Instant, now: Instant, *, pointer: str) -> None:
    if time > later(now, hours=FUTURE_HOURS_MAX):
        raise TimeInvalid(f"{time} lies more than {FUTURE_HOURS_MAX} hours ahead", pointer=pointer)


def _require_url(url: str | None, *, pointer: str) -> None:
    if url is not None and not is_url(url):
        raise BodyInvalid(f"{url!r} is no address: its host or its port cannot be", pointer=pointer)


def _record(command: RecordSource, world: World) -> tuple[f.AnyFact, ...]:
    assert command.id is not None
    zone(command.timezone)
    _require_url(command.url, pointer="/url")
    _require_url(command.archived_url, pointer="/archived_url")
    if command.text is not None and len(command.text.encode()) > bodies.TEXT_BYTES_MAX:
        raise TooLong(f"the text is over {bodies.TEXT_BYTES_MAX} bytes long", pointer="/text")
    published_at = read_time(command.published_at, command.timezone, pointer="/published_at")
    _require_not_ahead(published_at, world.now, pointer="/published_at")
    fact = f.SourceRecorded(
        source=command.id,
        title=command.title,
        publisher=command.publisher,
        published_at=published_at,
        timezone=command.timezone,
        language=command.language,
        author=command.author,
        url=command.url,
        archived_url=command.archived_url,
        copy_of=command.copy_of,
        sha256=None if command.text is None else text_hash(command.text),
    )
    known = world.source(command.id)
    if known is not None:
        if known.described == fact:
            return ()
        raise Taken(f"source {command.id!r} is recorded already; correct it, or choose another id", pointer="/id")
    if command.copy_of is not None:
        world.cited_source(command.copy_of, pointer="/copy_of")
    _require_new(fact, world, pointer="")
    if fact.sha256 is not None:
        _require_not_erased(fact.sha256, world)
    return (fact,)


def _require_not_erased(sha256: str, world: World) -> None:
    """What erased a text carries the text's own tag, and nothing else of the log does."""
    for record in world.tagged(f"text:{sha256}"):
        if isinstance(record.fact, f.LogErased):
            raise TextErased(
                f"this text was erased by entry {record.position} and stays so; record the source without it",
                pointer="/text",
            )


def _require_new(fact: f.SourceRecorded, world: World, *, pointer: str) -> None:
    """The same address or text again is refused, unless it says which source it is a copy of."""
    tags = []
    if fact.url is not None:
        tags.append(("url", url_tag(fact.url)))
    if fact.sha256 is not None:
        tags.append(("text", f"text:{fact.sha256}"))
    for field, tag in tags:
        for record in world.tagged(tag):
            other = getattr(record.fact, "source", None)
            source = None if other in (None, fact.source) else world.source(other)
            if source is None or not _has(source, tag):
                continue
            if world.original(fact.copy_of or fact.source) != world.original(source.id):
                raise DuplicateSource(other=source.id, same=field, pointer=f"{pointer}/{field}")


def _has(source: Source, tag: str) -> bool:
    url, text = source.described.url, source.described.sha256
    return tag in (url and url_tag(url), text and f"text:{text}")


def _correct(command: CorrectSource, world: World) -> tuple[f.AnyFact, ...]:
    source = _known(command.id, world)
    changes = command.set
    if changes.timezone is not None:
        zone(changes.timezone, pointer="/set/timezone")
    _require_url(changes.url, pointer="/set/url")
    _require_url(changes.archived_url, pointer="/set/archived_url")
    published_at = None
    if changes.published_at is not None:
        timezone = changes.timezone or source.described.timezone
        published_at = read_time(changes.published_at, timezone, pointer="/set/published_at")
        _require_not_ahead(published_at, world.now, pointer="/set/published_at")
    if changes.copy_of is not None:
        world.cited_source(changes.copy_of, pointer="/set/copy_of")
        if world.original(changes.copy_of) == source.id:
            raise NotAllowed(f"{changes.copy_of!r} is itself a copy of {source.id!r}", pointer="/set/copy_of")
    fields = SourceFields(
        title=changes.title,
        publisher=changes.publisher,
        published_at=published_at,
        timezone=changes.timezone,
        language=changes.language,
        author=changes.author,
        url=changes.url,
        archived_url=changes.archived_url,
        copy_of=changes.copy_of,
    )
    described = corrected(source.described, fields)
    if fields == SourceFields():
        raise BodyInvalid("nothing is to be changed; give at least one field", pointer="/set")
    if described == source.described:
        return ()
    if described.published_at != source.described.published_at:
        require_unused_date(source.id, world, pointer="/set/published_at")
    _require_new(described, world, pointer="/set")
    return (f.SourceCorrected(source=source.id, set=fields, reason=command.reason),)


def _withdraw(command: WithdrawSource, world: World) -> tuple[f.AnyFact, ...]:
    """Taken back once more, it changes something only if that was earlier than we knew."""
    source = _known(command.id, world)
    said_at = world.now
    if command.said_at is not None:
        said_at = read_time(command.said_at, source.described.timezone, pointer="/said_at")
        _require_not_ahead(said_at, world.now, pointer="/said_at")
    if source.withdrawn_at is not None and source.withdrawn_at <= said_at:
        return ()
    return (f.SourceWithdrawn(source=source.id, reason=command.reason, said_at=said_at),)


def _reject(command: RejectCandidates, world: World) -> tuple[f.AnyFact, ...]:
    source = _known(command.id, world)
    text = world.texts.get(source.id)
    if text is None:
        raise NotAllowed(f"the text of source {source.id!r} is not here, so nothing in it can be turned down")
    facts = []
    known = {(fact.start, fact.end, fact.reading) for fact in source.rejected}
    for index, candidate in enumerate(command.candidates):
        if not candidate.start < candidate.end <= len(text):
            raise QuoteNotFound(
                f"the text of source {source.id!r} has no place {candidate.start} to {candidate.end}",
                pointer=f"/candidates/{index}/end",
            )
        try:
            reading = "" if candidate.edtf is None else parse(candidate.edtf).text
        except EdtfError as error:
            raise DateInvalid(str(error), pointer=f"/candidates/{index}/edtf") from None
        if (candidate.start, candidate.end, reading) not in known:
            known.add((candidate.start, candidate.end, reading))
            facts.append(
                f.CandidateRejected(
                    source=source.id,
                    start=candidate.start,
                    end=candidate.end,
                    quote_hash=text_hash(text[candidate.start : candidate.end]),
                    reading=reading,
                    reason=command.reason,
                )
            )
    return tuple(facts)


def _known(id: str, world: World) -> Source:
    source = world.source(id)
    if source is None:
        raise NotFound(f"there is no source {id!r}")
    return source
