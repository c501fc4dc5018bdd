"""Signs how far the record goes: notes over the whole log, keys that change by entries of the log itself.

Two notes of one origin are always consistent. So where entries that somebody may hold a note over are lost for good,
the log goes on under another origin, and says so by `log.restored`.
"""

import asyncio
from pathlib import Path
from typing import Final, Protocol

from msgspec import Struct

from events.facts import VERSIONS, AnyFact, LogKeyRotated, LogRestored, plain, read, type_of
from events.instants import Instant
from events.log.entry import canonical
from events.log.files import Disk, Files
from events.log.keyfile import KeyMissing, Keys, KeyUnreadable, new_signing, read_keys, write_keys
from events.log.loss import Loss
from events.log.notes import Checkpoint, VerifierKey, signed
from events.log.port import SYSTEM, Head, Log, NewCommit, NewEvent, Query, QueryItem, scoped_key
from events.log.state import State
from events.tags import tags_of

SEAL: Final = "seal"
"""The kind under which the state remembers which key signs, so that a missing file is noticed."""
NOWHERE: Final = "dateline.invalid"
"""Names logs without a public address; the top level domain is reserved (RFC 2606)."""
BY: Final = SYSTEM
_ROTATED: Final = Query(items=(QueryItem(types=("log.key_rotated",)),))


class Opened(Protocol):
    """What is open of a data directory."""

    @property
    def log(self) -> Log: ...  # noqa: D102

    @property
    def state(self) -> State: ...  # noqa: D102

    @property
    def loss(self) -> Loss | None: ...  # noqa: D102

    def told(self) -> None: ...  # noqa: D102


class Rotation(Struct, frozen=True, kw_only=True):
    """A change of keys: what was recorded of it, and where. `duplicate`: it had been done before."""

    fact: LogKeyRotated
    position: int
    duplicate: bool


class Seal:
    """Signs the notes of one log."""

    def __init__(self, directory: Path, files: Files, log: Log, state: State, keys: Keys) -> None:
        self._directory = directory
        self._files = files
        self._log = log
        self._state = state
        self._keys = keys
        self._note: tuple[int, str] | None = None
        self._rotating = asyncio.Lock()

    @classmethod
    async def open(
        cls, directory: Path, engine: Opened, now: Instant, *, address: str = "", files: Files | None = None,
        lost: bool = False,
    ) -> "Seal":  # fmt: skip
        """Read the key, or make the first one; record what a restored log has lost.

        `address` is where readers find the log: the origin of a new log. `lost` says that the key is gone for good:
        then a new one takes its place.

        Raises `KeyMissing`, `KeyUnreadable`, and what `Log.append` raises.
        """
        disk = Disk() if files is None else files
        remembered = await engine.state.get(SEAL, "vkey")
        said = await _said(engine.log)
        known = said if remembered is None else remembered.value.decode()
        keys = await asyncio.to_thread(read_keys, directory, disk)
        if keys is None and known is not None and not lost:
            raise KeyMissing(known)
        if keys is None:
            log_id = (await engine.log.head()).log_id
            keys = Keys(present=new_signing(_origin(address, log_id) if known is None else known.partition("+")[0]))
            await asyncio.to_thread(write_keys, directory, disk, keys)
            if known is not None:
                fact = LogKeyRotated(vkey=str(keys.present.vkey), replaces=known)
                await engine.log.append(_commit(f"key/{keys.present.vkey.id.hex()}", fact))
        seal = cls(directory, disk, engine.log, engine.state, keys)
        await seal._settle()
        if engine.loss is not None:
            await seal._tell(engine.loss, now)
            engine.told()
        await seal._require_own()
        await seal._remember()
        return seal

    @property
    def origin(self) -> str:
        """The first line of every note."""
        return self._keys.present.origin

    @property
    def vkey(self) -> VerifierKey:
        """What verifies the notes."""
        return self._keys.present.vkey

    async def checkpoint(self) -> tuple[Head, str]:
        """Return the end of the log, and a note over all of it, signed by the present key and the one before it."""
        head = await self._log.head()
        if self._note is None or self._note[0] != head.position:
            says = Checkpoint(origin=self.origin, size=head.position, root=head.root)
            signers = [key.signer for key in (self._keys.present, self._keys.before) if key is not None]
            self._note = head.position, signed(says, signers)
        return head, self._note[1]

    async def rotate(self, *, key: str, along: bool = True) -> "Rotation":
        """Have a new key sign from now on. With `along` the old one signs too, until the next rotation.

        `key` makes it safe to retry: the same one changes nothing more, and tells of the rotation of then. Raises what
        `Log.append` raises.
        """
        async with self._rotating:
            known = await self.rotation(key=key, along=along)
            if known is not None:
                return known
            old, new = self._keys.present, new_signing(self._keys.present.origin)
            await self._write(Keys(present=old, before=self._keys.before, next=new))
            fact = LogKeyRotated(vkey=str(new.vkey), replaces=str(old.vkey))
            receipt = await self._log.append(_commit(f"key/{key}", fact, request=_asked(along)))
            await self._write(Keys(present=new, before=old if along else None))
            await self._remember()
            return Rotation(fact=fact, position=receipt.position, duplicate=False)

    async def rotation(self, *, key: str, along: bool = True) -> "Rotation | None":
        """Return what `rotate` did for a key; None where it was not asked yet. Raises `CommitKeyReused`."""
        known = await self._log.outcome(scoped_key(BY, f"key/{key}"), fingerprint=_asked(along))
        if known is None:
            return None
        page = await self._log.read(Query.all(), after=known.position - 1, limit=1)
        then = read(page.events[0].type, page.events[0].v, page.events[0].data)
        assert isinstance(then, LogKeyRotated), "the log's own entries are not erased"
        return Rotation(fact=then, position=known.position, duplicate=True)

    async def _settle(self) -> None:
        """Let the key to come take its place where the log says so, and forget it where it does not."""
        keys, coming = self._keys, self._keys.next
        if coming is None:
            return
        if await _said(self._log) != str(coming.vkey):
            await self._write(Keys(present=keys.present, before=keys.before))
        else:  # Under another origin the old one has nothing more to sign.
            along = coming.origin == keys.present.origin
            await self._write(Keys(present=coming, before=keys.present if along else None))

    async def _tell(self, loss: Loss, now: Instant) -> None:
        """Record a loss, and go on under another origin with another key."""
        old = self._keys.present
        digits = "".join(digit for digit in now[:19] if digit.isdecimal())
        base = old.origin.partition("/restored-")[0]
        new = new_signing(f"{base}/restored-{loss.position}-{digits}")
        await self._write(Keys(present=old, next=new))
        reason = "Entries that had been acknowledged are lost; the record goes on without them."
        restored = LogRestored(position=loss.position, root=loss.root, lost=loss.lost, reason=reason)
        rotated = LogKeyRotated(vkey=str(new.vkey), replaces=str(old.vkey))
        await self._log.append(_commit(f"restored/{loss.position}/{loss.lost}/{loss.root[:16]}", restored, rotated))
        await self._settle()

    async def _require_own(self) -> None:
        said = await _said(self._log)
        if said is not None and said != str(self.vkey):
            raise KeyUnreadable(
                f"the file `key` signs for {self.vkey}, and the log says that {said} does: restore the file from the"
                " same backup as log.db"
            )

    async def _write(self, keys: Keys) -> None:
        await asyncio.to_thread(write_keys, self._directory, self._files, keys)
        self._keys, self._note = keys, None

    async def _remember(self) -> None:
        await self._state.put(SEAL, "vkey", str(self.vkey).encode(), expected=None)


async def _said(log: Log) -> str | None:
    """Return the key that the log itself says signs; None where it never changed."""
    page = await log.read(_ROTATED, backwards=True, limit=1)
    fact = read(page.events[0].type, page.events[0].v, page.events[0].data) if page.events else None
    return fact.vkey if isinstance(fact, LogKeyRotated) else None


def _origin(address: str, log_id: str) -> str:
    """Return the origin of a new log: its address without the scheme (C2SP tlog-tiles), else a name of its own."""
    return address.partition("://")[2].rstrip("/") or f"{NOWHERE}/{log_id}"


def _asked(along: bool) -> str:
    return f"along {along}"


def _commit(key: str, *facts: AnyFact, request: str = "") -> NewCommit:
    events = tuple(_new_event(fact) for fact in facts)
    return NewCommit(key=scoped_key(BY, key), fingerprint=request or key, events=events, by=BY)


def _new_event(fact: AnyFact) -> NewEvent:
    kind = type_of(fact)
    return NewEvent(type=kind, v=VERSIONS[kind], data=canonical(plain(fact)), tags=tags_of(fact))
