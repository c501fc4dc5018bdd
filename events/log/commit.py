"""What may be recorded: sizes, tags and forms of a commit, judged before its first row. Pure."""

import re
from typing import Final

from events.instants import NotAnInstant, moment
from events.log.entry import EXACT_INTEGER_MAX
from events.log.port import (
    COMMIT_EVENTS_MAX,
    DATA_BYTES_MAX,
    ERASED_EVENTS_MAX,
    EVENT_TAGS_MAX,
    FINGERPRINT_BYTES_MAX,
    KEY_BYTES_MAX,
    NOTE_BYTES_MAX,
    SYSTEM,
    TAG_BYTES_MAX,
    CommitInvalid,
    NewCommit,
    NewEvent,
)

_UUID7: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_TRACE_ID: Final = re.compile(r"(?!0{32})[0-9a-f]{32}")
_TYPE: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_PRINCIPAL: Final = re.compile(r"[!-~]{1,200}")
_TAG: Final = re.compile(r"[a-z][a-z_]*:[^\s\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_KEY: Final = re.compile(r"[!-~]+")
_TYPE_LENGTH_MAX: Final = 100


def require_valid(commit: NewCommit, *, head: int) -> None:
    """Raise `CommitInvalid` for the first part of `commit` that cannot stand after position `head`."""
    _require_valid_frame(commit)
    if bool(commit.events) is commit.unchanged:
        raise CommitInvalid("a commit has events, or says that it is `unchanged`", pointer="/events")
    if len(commit.events) > COMMIT_EVENTS_MAX:
        raise CommitInvalid(f"{len(commit.events)} events; at most {COMMIT_EVENTS_MAX} go together", pointer="/events")
    if len(commit.erases) > ERASED_EVENTS_MAX or (commit.erases and commit.unchanged):
        raise CommitInvalid(
            f"{len(commit.erases)} positions; a commit with events erases up to {ERASED_EVENTS_MAX}", pointer="/erases"
        )
    for index, event in enumerate(commit.events):
        _require_valid_event(event, f"/events/{index}", head + index)


def stored_tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    """Return the tags as an entry holds them: each once, in the order of their bytes."""
    return tuple(sorted(set(tags)))


def stored_fingerprint(fingerprint: bytes | str) -> bytes:
    """Return the fingerprint as it is kept; a text and its UTF-8 are the same."""
    return fingerprint.encode() if isinstance(fingerprint, str) else fingerprint


def _require_valid_frame(commit: NewCommit) -> None:
    if not _PRINCIPAL.fullmatch(commit.by):
        raise CommitInvalid(f"{commit.by!r} is not a principal: 1 to 200 visible ASCII", pointer="/by")
    require_key(commit.key)
    ours = commit.by == SYSTEM or commit.by.startswith(f"{SYSTEM}/")
    if not commit.key.startswith(f"{SYSTEM}/" if ours else f"{commit.by}/"):
        raise CommitInvalid(f"the key {commit.key!r} is not one of {commit.by}'s", pointer="/key")
    require_kept(stored_fingerprint(commit.fingerprint), commit.note)
    if commit.correlation is not None and not _TRACE_ID.fullmatch(commit.correlation):
        raise CommitInvalid(f"{commit.correlation!r} is not a W3C trace id", pointer="/correlation")
    if commit.recorded_at is not None:
        require_instant(commit.recorded_at, "/recorded_at")


def _require_valid_event(event: NewEvent, pointer: str, head: int) -> None:
    if len(event.type) > _TYPE_LENGTH_MAX or not _TYPE.fullmatch(event.type):
        raise CommitInvalid(f"{event.type!r} is not an event type", pointer=f"{pointer}/type")
    if not 1 <= event.v <= EXACT_INTEGER_MAX:
        raise CommitInvalid(f"version {event.v} is not counted from 1", pointer=f"{pointer}/v")
    if len(event.data) > DATA_BYTES_MAX:
        raise CommitInvalid(f"{len(event.data)} bytes; at most {DATA_BYTES_MAX} fit", pointer=f"{pointer}/data")
    if event.id is not None and not _UUID7.fullmatch(event.id):
        raise CommitInvalid(f"{event.id!r} is not a UUIDv7 in lowercase", pointer=f"{pointer}/id")
    if event.said_at is not None:
        require_instant(event.said_at, f"{pointer}/said_at")
    if event.causation is not None and not 1 <= event.causation <= head:
        raise CommitInvalid(f"{event.causation} is not an earlier position", pointer=f"{pointer}/causation")
    _require_valid_tags(event.tags, f"{pointer}/tags")


def _require_valid_tags(tags: tuple[str, ...], pointer: str) -> None:
    if len(tags) > EVENT_TAGS_MAX:
        raise CommitInvalid(f"{len(tags)} tags; at most {EVENT_TAGS_MAX} fit", pointer=pointer)
    for index, tag in enumerate(tags):
        if not _TAG.fullmatch(tag):
            raise CommitInvalid(
                f"{tag!r} is not a tag: kind:value without white space and controls",
                pointer=f"{pointer}/{index}",
            )
        if len(tag.encode()) > TAG_BYTES_MAX:
            raise CommitInvalid(
                f"a tag has {len(tag.encode())} bytes; at most {TAG_BYTES_MAX} fit", pointer=f"{pointer}/{index}"
            )


def require_key(key: str) -> None:
    """Raise `CommitInvalid` for what is no key."""
    if len(key) > KEY_BYTES_MAX or not _KEY.fullmatch(key):
        raise CommitInvalid(f"a key is 1 to {KEY_BYTES_MAX} visible ASCII characters", pointer="/key")


def require_kept(fingerprint: bytes, note: bytes) -> None:
    """Raise `CommitInvalid` for more than is kept of a request."""
    if not 0 < len(fingerprint) <= FINGERPRINT_BYTES_MAX:
        raise CommitInvalid(f"a fingerprint is 1 to {FINGERPRINT_BYTES_MAX} bytes", pointer="/fingerprint")
    if len(note) > NOTE_BYTES_MAX:
        raise CommitInvalid(f"{len(note)} bytes; at most {NOTE_BYTES_MAX} are kept", pointer="/note")


def require_instant(text: str, pointer: str) -> None:
    """Raise `CommitInvalid` for a text that is no instant."""
    try:
        moment(text)
    except NotAnInstant as error:
        raise CommitInvalid(str(error), pointer=pointer) from None
