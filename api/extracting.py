"""The routes that read a text for what it announces: one that is sent, or one of a source. They record nothing."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import sha256
from typing import Annotated, Final, TypeAlias, TypeVar

import msgspec
from litestar import Response
from litestar import post as post_route
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from api.door import Strict
from api.reading import Reader, found
from events import bodies
from events.errors import NotAllowed, TextErased, TooLong
from events.extract.article import extract
from events.extract.matching import Background, match, repeated
from events.extract.publication import publication_of
from events.extract.reading import Candidate, Extraction, Match, Profile, Publication
from events.extract.rejecting import without_rejected
from events.extract.who.gazetteer import Gazetteer, default_gazetteer
from events.handler import TEXT
from events.log.port import Query, QueryItem
from events.record import Announcement, Source
from events.times import read_time, zone
from events.views.turns import ReadTooLong, Turns

EXTRACT_S_MAX: Final = 20.0
"""How long reading a text may take, its turn not counted."""
AT_ONCE: Final = 2
WAITING_MAX: Final = 32
MATCHED_MAX: Final = 400
"""So many candidates of a text are held against the record; those after them have no `match`."""
MATCHED_AT_ONCE: Final = 20
SAME_TEXT_MAX: Final = 20
PRIVATE: Final[Mapping[str, str]] = {"Cache-Control": "private, no-store"}

T = TypeVar("T")


class NewText(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text to read. `published_at` is RFC 3339 or a day in `timezone`; `language` is English, of some country.

    The profile `timeml` also lists words that mean no days, and leaves the record out of it.
    """

    text: Annotated[str, Meta(min_length=1, pattern=bodies.SEEN, max_length=bodies.TEXT_BYTES_MAX)]
    published_at: bodies.Time
    timezone: bodies.Zone = "UTC"
    language: bodies.Language = "en"
    profile: Profile = "dates"


class HowToRead(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the text of a source is read."""

    profile: Profile = "dates"


AS_USUAL: Final = HowToRead()


class Extractor:
    """Reads texts in threads of its own, two at a time, so that nobody else waits for one; for each up to `limit_s`.

    `gazetteer` says who and where names are; None is the one that comes with Dateline.
    """

    def __init__(self, reader: Reader, gazetteer: Gazetteer | None) -> None:
        self.limit_s = EXTRACT_S_MAX
        self._reader = reader
        self._gazetteer = gazetteer
        self._turns = Turns(AT_ONCE, WAITING_MAX)
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="extract")

    def close(self) -> None:
        """Let the threads end."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def dependencies(self) -> dict[str, Provide]:
        """Return what the routes are given, by name."""
        return {"extractor": Provide(self._extractor)}

    async def read(self, text: str, published: Publication, profile: Profile, source: str | None) -> Extraction:
        """Return what a text announces; in the profile `dates`, held against the record.

        `source` is what the text is of: what was turned down there is left out. Raises `ReadsFull`, `ReadTooLong`.
        """
        extraction = await self._run(partial(extract, text, published, profile=profile, gazetteer=self._gazetteer))
        if source is not None:
            rejected = await self._reader.views.read.rejections(source)
            extraction = without_rejected(extraction, rejected, text)
        if profile != "dates":
            return extraction
        candidates = extraction.candidates
        held = list[Candidate]()
        for first in range(0, min(len(candidates), MATCHED_MAX), MATCHED_AT_ONCE):
            some = candidates[first : min(first + MATCHED_AT_ONCE, MATCHED_MAX)]
            like = await self._reader.views.read.resembling(some, source)
            background = Background(
                published=published.day, source=source, originals=like.originals, actors=like.actors,
                wholes={**self._wholes(some), **like.wholes},
            )  # fmt: skip
            held += await self._run(partial(_matched, some, like.found, background))
        told = await self._run(
            partial(_repeating, held, Background(published=published.day, wholes=self._wholes(held)))
        )
        return msgspec.structs.replace(extraction, candidates=(*told, *candidates[len(held) :]))

    async def source_of(self, text: str) -> str | None:
        """Return the source that has this very text; None where none is recorded."""
        tag = f"text:{sha256(text.encode()).hexdigest()}"
        asked = Query(items=(QueryItem(types=("source.recorded",), tags=(tag,)),))
        page = await self._reader.log.read(asked, limit=SAME_TEXT_MAX)
        for event in page.events:
            for id in (named.partition(":")[2] for named in event.tags if named.startswith("source:")):
                known = await self._reader.views.read.source(id)
                if known is not None and known.sha256 == tag.partition(":")[2]:
                    return id
        return None

    async def stored(self, id: str) -> tuple[Source, str]:
        """Return a source and its text. Raises `NotFound`, `TextErased`, and `NotAllowed` where there never was one."""
        source = found(await self._reader.views.read.source(id), "source", id)
        if not isinstance(source.sha256, str):
            raise NotAllowed(f"source {id!r} was recorded without its text, so there is nothing to read")
        kept = await self._reader.state.get(TEXT, source.sha256)
        if kept is None:
            raise TextErased(f"the text of source {id!r} was erased, so there is nothing to read")
        return source, kept.value.decode()

    def _wholes(self, candidates: Sequence[Candidate]) -> dict[str, str]:
        """Return what the actors of candidates are part of by the names that are known, recorded or not."""
        gazetteer = self._gazetteer or default_gazetteer()
        ids = {actor.id for one in candidates for actor in one.actors if actor.id is not None}
        entries = {id: gazetteer.entry(id) for id in ids}
        return {id: entry.part_of for id, entry in entries.items() if entry is not None and entry.part_of is not None}

    async def _run(self, job: Callable[[], T]) -> T:
        async with self._turns.turn():
            future = asyncio.get_running_loop().run_in_executor(self._pool, job)
            try:
                async with asyncio.timeout(self.limit_s):
                    return await asyncio.shield(future)
            except TimeoutError:
                raise ReadTooLong(self.limit_s) from None

    async def _extractor(self) -> "Extractor":
        return self


E: TypeAlias = NamedDependency[Extractor]
post: Final = partial(post_route, dto=Strict, return_dto=None, status_code=200)


@post("/extract", opt={"scope": "propose", "keyless": True})
async def extract_text(data: JSONBody[NewText], extractor: E, reached: NamedDependency[None]) -> Response[Extraction]:
    """Read a text for what it announces, and say what that would change of the record. Nothing is recorded.

    Where it is the text of a source, what was turned down there is left out, and what was recorded from it says so.
    """
    if len(data.text.encode()) > bodies.TEXT_BYTES_MAX:
        raise TooLong(f"the text is over {bodies.TEXT_BYTES_MAX} bytes long", pointer="/text")
    zone(data.timezone)
    published_at = read_time(data.published_at, data.timezone, pointer="/published_at")
    published = publication_of(published_at, data.timezone, data.language, pointer="/language")
    source = await extractor.source_of(data.text)
    return Response(await extractor.read(data.text, published, data.profile, source), headers=dict(PRIVATE))


@post("/sources/{id:str}/extract", opt={"scope": "read:text", "keyless": True})
async def extract_source(
    id: FromPath[str], extractor: E, reached: NamedDependency[None], data: JSONBody[HowToRead] = AS_USUAL
) -> Response[Extraction]:
    """Read the text of a source for what it announces, as of its publication. Nothing is recorded.

    What was turned down of it is left out, and what was recorded from it says so. The answer quotes the text, which is
    private. The body can be left out.
    """
    source, text = await extractor.stored(id)
    published = publication_of(source.published_at, source.timezone, source.language)
    return Response(await extractor.read(text, published, data.profile, id), headers=dict(PRIVATE))


HANDLERS: Final = (extract_text, extract_source)


def _repeating(candidates: Sequence[Candidate], background: Background) -> list[Candidate]:
    """Return candidates that say of which earlier one they say the same."""
    told = list(candidates)
    for index, first in repeated(candidates, background).items():
        reason = f"candidate {candidates[first].id} of this text says the same"
        told[index] = msgspec.structs.replace(told[index], match=Match(id=None, proposal="new", why=(reason,)))
    return told


def _matched(
    candidates: Sequence[Candidate], known: Sequence[Sequence[Announcement]], background: Background
) -> list[Candidate]:
    return [
        msgspec.structs.replace(candidate, match=match(candidate, several, background))
        for candidate, several in zip(candidates, known, strict=True)
    ]
