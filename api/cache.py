"""Answers kept as they went out, to be given again without asking anybody, while nothing they rest on has changed.

What is read from the views rests on three things: the position they stand at (and how often they were rebuilt: after
an erasure the same position reads otherwise), the question, and the present. Every
state that changes by itself changes at the beginning of a day somewhere, and all of today's zones are whole minutes
apart: so an answer is as good as new within its minute, until the views go on.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple, TypeAlias

BYTES_MAX: Final = 16 * 1024 * 1024
ENTRY_BYTES_MAX: Final = 2 * 1024 * 1024
ENTRIES_MAX: Final = 2_000
ENTRY_BYTES: Final = 2_000
"""What an answer takes beside its body: its headers, its question, and its place."""
MINUTE_S: Final = 60

FROM_VIEWS: Final = "from_views"
"""In the state of a request: its answer rests on the views, the question and the present alone."""

QUESTION: Final = "question"
"""In the state of a request: what it asks, if that is something that anybody might ask just so."""

Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]
Moment: TypeAlias = tuple[int, int, int]
"""A position of the views, a minute since 1970, and an edition of the views."""
Question: TypeAlias = tuple[str, bytes, bytes | None, bytes | None, str]

_ABOUT_THE_BODY: Final = frozenset({b"content-length", b"content-type"})


class Kept(NamedTuple):
    """An answer: its headers, those of its 304, its body, its tag, and the template of its route."""

    headers: Headers
    headers_304: Headers
    body: bytes
    tag: bytes
    route: str | None


class Cache:
    """The answers of one moment; those used last, up to so many and so large.

    `position` is that of the views, `edition` their number: what was made of one is not told of another.
    """

    def __init__(
        self,
        position: Callable[[], int],
        *,
        edition: Callable[[], int] = lambda: 0,
        clock: Callable[[], float] = time.time,
        bytes_max: int = BYTES_MAX,
        entries_max: int = ENTRIES_MAX,
    ) -> None:
        self.hits = 0
        self.misses = 0
        self.size = 0
        self._position = position
        self._edition = edition
        self._clock = clock
        self._bytes_max = bytes_max
        self._entries_max = entries_max
        self._moment: Moment = (-1, -1, -1)
        self._kept: OrderedDict[Question, Kept] = OrderedDict()

    def __len__(self) -> int:
        """Return how many answers are kept."""
        return len(self._kept)

    def moment(self) -> Moment:
        """Return the present moment: what is computed within one can be kept for it."""
        return self._position(), int(self._clock() // MINUTE_S), self._edition()

    def find(self, question: Question) -> Kept | None:
        """Return the answer to a question that was given at this moment; None where it was not given."""
        moment = self.moment()
        if moment != self._moment:
            self._begin(moment)
        kept = self._kept.get(question)
        if kept is None:
            self.misses += 1
            return None
        self._kept.move_to_end(question)
        self.hits += 1
        return kept

    def keep(self, question: Question, kept: Kept, moment: Moment) -> None:
        """Keep an answer that was begun at a moment, if that is not over, and it is not too large."""
        size = _size(kept)
        if moment != self.moment() or size > min(ENTRY_BYTES_MAX, self._bytes_max):
            return
        if moment != self._moment:
            self._begin(moment)
        before = self._kept.pop(question, None)
        self.size += size - (0 if before is None else _size(before))
        self._kept[question] = kept
        while self.size > self._bytes_max or len(self._kept) > self._entries_max:
            _, oldest = self._kept.popitem(last=False)
            self.size -= _size(oldest)

    def _begin(self, moment: Moment) -> None:
        self._moment = moment
        self._kept.clear()
        self.size = 0


def question_of(scope: Any, headers: dict[bytes, bytes]) -> Question | None:
    """Return what a read asks, whose headers are given once more by name; None where only its sender may ask it."""
    if b"authorization" in headers or b"cookie" in headers or len(headers) != len(scope["headers"]):
        return None
    return scope["path"], scope["query_string"], headers.get(b"host"), headers.get(b"accept"), scope["scheme"]


def kept_of(headers: Iterable[tuple[bytes, bytes]], body: bytes, *, route: str | None) -> Kept | None:
    """Return an answer with these headers as it is kept; None for one that must not be, or has no tag."""
    given = tuple(headers)
    names = dict(given)
    tag, control = names.get(b"etag"), names.get(b"cache-control", b"")
    if tag is None or b"set-cookie" in names or b"vary" in names or b"no-store" in control or b"private" in control:
        return None
    return Kept(headers=given, headers_304=without_body(given), body=body, tag=tag, route=route)


def without_body(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Return the headers of a 304 that stands for an answer."""
    return tuple(header for header in headers if header[0] not in _ABOUT_THE_BODY)


def has_already(given: bytes, tag: bytes) -> bool:
    """Say whether an `If-None-Match` names a tag, or any; they are compared weakly, as RFC 9110 has it for GET."""
    return (
        given == tag
        or given.strip() == b"*"
        or (tag in given and tag in [one.strip().removeprefix(b"W/") for one in given.split(b",")])
    )


def _size(kept: Kept) -> int:
    return len(kept.body) + ENTRY_BYTES
