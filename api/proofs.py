"""What outsiders check the record with: signed notes, tiles, proofs, and the commits that another log goes on with.

`/checkpoint` and `/tile/…` are C2SP tlog-tiles: any client of it can read them. Proofs say the same in one answer.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any, Final, TypeAlias

from litestar import Request, Response
from litestar import post as post_route
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Struct

from api.answers import tag_of
from api.commands import key_of, require_unconditional
from api.door import Strict
from api.problems import Fault
from api.reading import POSITION_MAX, R, found, get
from events.log.merkle import Place, consistency, hashes_of, inclusion, leaf_hash, peaks_at, root_of
from events.log.port import Log
from events.log.stored import StoredCommit
from events.log.tiles import TILE_WIDTH, NotATile, Tile, bundled, tile_of
from events.sealing import Seal

BINARY: Final = "application/octet-stream"
FOR_EVER_S: Final = 365 * 24 * 3600
AnyRequest: TypeAlias = Request[Any, Any, Any]
Size: TypeAlias = Annotated[int, QueryParameter(ge=0, le=POSITION_MAX)]
UpTo: TypeAlias = Annotated[int | None, QueryParameter(ge=0, le=POSITION_MAX)]


class LogHead(Struct, frozen=True, kw_only=True):
    """Which log this is, its last position, and the RFC 6962 root over all its entries, in hexadecimal.

    `origin` is the first line of its notes, `vkey` verifies them.
    """

    log_id: str
    origin: str
    vkey: str
    head: int
    root: str


class Proof(Struct, frozen=True, kw_only=True):
    """That an entry is in the log: all that is needed to check it offline.

    `leaf_hash` is SHA-256 over a zero byte and the UTF-8 of `entry`; with `path` it leads to the root in `checkpoint`
    (RFC 6962, section 2.1.1). `data_hash` in the entry is SHA-256 over a byte 2, `salt` and the UTF-8 of `data`, both
    null once erased. Hashes are in base64, the entry is leaf `position - 1`.
    """

    position: int
    entry: str
    leaf_hash: bytes
    tree_size: int
    path: tuple[bytes, ...]
    checkpoint: str
    salt: bytes | None
    data: str | None


class Consistency(Struct, frozen=True, kw_only=True):
    """That the log of `first` entries begins the one of `second` (RFC 6962, section 2.1.2). Hashes are in base64."""

    first: int
    first_root: bytes
    second: int
    second_root: bytes
    path: tuple[bytes, ...]


class CommitsPage(Struct, frozen=True, kw_only=True):
    """Commits as they are stored, bytes in base64; `next` is what to ask for after it, null at the end.

    Keys, fingerprints and notes of requests are told to the scope `admin` alone.
    """

    log_id: str
    commits: tuple[StoredCommit, ...]
    next: int | None
    position: int


class NewKey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why another key is to sign. `compromised`: the old one may be in wrong hands, and signs nothing any more.

    Otherwise it signs along until the next rotation, so that whoever trusts it learns of the new one.
    """

    compromised: bool = False


class RotatedKey(Struct, frozen=True, kw_only=True):
    """The key that signs from the entry at `position` on, and the one before. `duplicate`: it had been done before.

    A key is made when it is needed, so a dry run tells of none.
    """

    vkey: str | None
    replaces: str | None
    position: int
    duplicate: bool


class Proofs:
    """What the routes of proofs stand on. `wrote` is told who wrote up to where; `base` begins every `Location`."""

    def __init__(self, log: Log, seal: Seal, wrote: Callable[[str, int], None], *, base: str) -> None:
        self.log = log
        self.seal = seal
        self.wrote = wrote
        self.base = base

    def dependencies(self) -> dict[str, Provide]:
        """Return what the routes are given, by name."""
        return {"proofs": Provide(self._proofs)}

    async def hashes(self, path: Sequence[Sequence[Place]]) -> tuple[bytes, ...]:
        """Return the hashes of a path."""
        nodes = await self.log.nodes([place for places in path for place in places])
        return tuple(hashes_of(path, nodes))

    async def root(self, size: int) -> bytes:
        """Return the root over the first `size` entries."""
        nodes = await self.log.nodes(peaks_at(size))
        return root_of([nodes[place] for place in peaks_at(size)])

    async def tile(self, tile: Tile) -> bytes | None:
        """Return the bytes of a tile or a bundle, None where the log is not that long yet."""
        if tile.size_needed() > (await self.log.head()).position:
            return None
        if tile.level is None:
            first = tile.index * TILE_WIDTH + 1
            entries = await self.log.stored(first=first, last=first + tile.width - 1)
            return bundled([each.entry for each in entries])
        nodes = await self.log.nodes(tile.places())
        return b"".join(nodes[place] for place in tile.places())

    async def _proofs(self) -> "Proofs":
        return self


P: TypeAlias = NamedDependency[Proofs]
post: Final = partial(post_route, dto=Strict, return_dto=None, opt={"scope": "admin"})


@get("/checkpoint", media_type="text/plain")
async def checkpoint(proofs: P) -> Response[bytes]:
    """Return a note over the whole log, as C2SP tlog-checkpoint writes it."""
    head, note = await proofs.seal.checkpoint()
    body = note.encode()
    return Response(body, media_type="text/plain", headers={"ETag": tag_of(head.position, body)})


@get("/tile/{path:path}", media_type=BINARY, include_in_schema=False)  # OpenAPI has no parameter with slashes.
async def tile(path: FromPath[str], proofs: P) -> Response[bytes]:
    """Return a tile of the log's tree, or a bundle of its entries, as C2SP tlog-tiles names them. It never changes."""
    try:
        wanted = tile_of(f"tile{path}")
    except NotATile:
        wanted = None
    content = found(None if wanted is None else await proofs.tile(wanted), "tile", path)
    headers = {"ETag": tag_of(0, content), "Cache-Control": f"max-age={FOR_EVER_S}, immutable"}
    return Response(content, media_type=BINARY, headers=headers)


@get("/events/{position:str}/proof")
async def proof(position: FromPath[int], reader: R, reached: NamedDependency[None], proofs: P) -> Proof:
    """Return the proof that an entry is in the log: check it offline with `dateline verify FILE`, or by hand."""
    head, note = await proofs.seal.checkpoint()
    here = found(position if 0 < position <= head.position else None, "event", str(position))
    (stored,) = await proofs.log.stored(first=here, last=here)
    return Proof(
        position=here,
        entry=stored.entry.decode(),
        leaf_hash=leaf_hash(stored.entry),
        tree_size=head.position,
        path=await proofs.hashes(inclusion(here - 1, head.position)),
        checkpoint=note,
        salt=stored.salt,
        data=None if stored.data is None else stored.data.decode(),
    )


@get("/log/consistency")
async def log_consistency(
    reader: R, reached: NamedDependency[None], proofs: P, first: Size, second: UpTo = None
) -> Consistency:
    """Return the proof that the log of `first` entries begins the one of `second`, the whole of it if left out."""
    head = (await proofs.log.head()).position
    last = head if second is None else second
    if last > head:
        raise Fault("parameter-invalid", f"the log has {head} entries", pointer="?second")
    if first > last:
        raise Fault("parameter-invalid", f"`first` lies after `second`, {last}", pointer="?first")
    path = consistency(first, last) if first else []
    return Consistency(
        first=first,
        first_root=await proofs.root(first),
        second=last,
        second_root=await proofs.root(last),
        path=await proofs.hashes(path),
    )


@get("/log/commits")
async def log_commits(
    request: AnyRequest, reader: R, reached: NamedDependency[None], proofs: P, after: Size = 0
) -> CommitsPage:
    """Return the commits after a number as they are stored, for a log that goes on with the same history.

    Commits that changed nothing have numbers too, so `after` is no position.
    """
    head = await proofs.log.head()
    commits = await proofs.log.commits(after=after)
    if not request.state.principal.may("admin"):
        commits = tuple(_without_request(commit) for commit in commits)
    following = commits[-1].number if commits else None
    return CommitsPage(log_id=head.log_id, commits=commits, next=following, position=head.position)


@get("/log")
async def log(reader: R, reached: NamedDependency[None], proofs: P) -> LogHead:
    """Return which log this is, how far it goes, and what verifies its notes."""
    head = await proofs.log.head()
    return LogHead(
        log_id=head.log_id,
        origin=proofs.seal.origin,
        vkey=str(proofs.seal.vkey),
        head=head.position,
        root=head.root.hex(),
    )


@post("/log/key")
async def rotate_key(
    request: AnyRequest, data: JSONBody[NewKey], proofs: P, dry_run: FromQuery[bool] = False
) -> Response[RotatedKey]:
    """Have a new key sign the notes from now on. An entry of the log itself says so."""
    require_unconditional(request.scope)
    by, along = request.state.principal.id, not data.compromised
    key = f"{by}/{key_of(request.scope)}"
    done = await (proofs.seal.rotation if dry_run else proofs.seal.rotate)(key=key, along=along)
    if done is None:
        position = (await proofs.log.head()).position + 1
        tried = RotatedKey(vkey=None, replaces=str(proofs.seal.vkey), position=position, duplicate=False)
        return Response(tried, status_code=201)
    headers = {} if dry_run else {"Dateline-Position": str(done.position)}
    if not dry_run:
        proofs.wrote(by, done.position)
    if not done.duplicate:
        headers |= {"Location": f"{proofs.base}/v1/events/{done.position}", "ETag": f'"{done.position}"'}
    rotated = RotatedKey(
        vkey=done.fact.vkey, replaces=done.fact.replaces, position=done.position, duplicate=done.duplicate
    )
    return Response(rotated, status_code=200 if done.duplicate else 201, headers=headers)


HANDLERS: Final = (log, log_consistency, log_commits, proof, rotate_key)
FILES: Final = (checkpoint, tile)
"""The routes that C2SP tlog-tiles places at the top."""


def _without_request(commit: StoredCommit) -> StoredCommit:
    return StoredCommit(
        number=commit.number,
        key=None,
        fingerprint=None,
        note=b"",
        position=commit.position,
        recorded_at=commit.recorded_at,
        entries=commit.entries,
        erases=commit.erases,
    )
