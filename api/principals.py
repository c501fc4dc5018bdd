"""Who is somebody here: principals, the names behind them, and the tokens that speak for them.

The record knows a principal by an opaque id. Whose name that is lies in the state, once, and can be erased. Of a token
only the SHA-256 of its secret is kept. All of it is in memory too, so that who asks is known without waiting; a change
is stored before it is answered, and holds at once, because one process serves a directory.
"""

import asyncio
import hmac
import re
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final, Literal, TypeAlias, TypeVar, get_args

import msgspec
from msgspec import Struct

from events.bodies import SEEN, control_character
from events.errors import NotAllowed, NotFound, Refused
from events.instants import FOREVER, Instant, moment
from events.log.port import PAGE_EVENTS_MAX, LogUnavailable
from events.log.state import State

Scope: TypeAlias = Literal["read", "read:text", "propose", "write", "publish", "admin"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
TOKEN: Final = "token"
PRINCIPAL: Final = "principal"
"""The kinds under which the state keeps tokens and principals, each by its id."""
ADMIN: Final = "admin"
"""The principal that the token from the environment is, and the one made at the first start."""
FIRST: Final = "the first operator"
PREFIX: Final = "dl_"
ID_BYTES: Final = 8
SECRET_BYTES: Final = 32
PERSON_CHARACTERS_MAX: Final = 200
TOKENS_MAX: Final = 10_000
"""So many tokens are kept; for one more, the one that ended first is forgotten."""
USES_WRITTEN_S: Final = 60.0
"""How often it is written down when tokens were last used."""
WAIT_S_MAX: Final = 3600.0
"""So long at most is waited for a token's end without looking at the clock again."""
OURS: Final = "system"
"""What the service itself records under, by this name or with a slash and more after it, is nobody's name."""

# The id comes first, so that a token is found without its secret, which is then compared in constant time.
_TOKEN: Final = re.compile(rf"{PREFIX}([0-9a-f]{{{2 * ID_BYTES}}})_([A-Za-z0-9_-]{{43}})")

T = TypeVar("T", bound=Struct)


class Principal(Struct, frozen=True, kw_only=True):
    """Who asks: an opaque id, empty for nobody in particular, and what they may do.

    No scope includes another, but `admin` all. `token` is the id of the token that was shown; empty where there was
    none, or the one from the environment.
    """

    id: str
    scopes: frozenset[Scope]
    token: str = ""

    def may(self, scope: Scope) -> bool:
        """Say whether a scope, or `admin`, is among the principal's."""
        return scope in self.scopes or "admin" in self.scopes


class Person(Struct, frozen=True, kw_only=True):
    """The person behind a principal: the only place where the name is kept."""

    person: str
    created_at: Instant


class Token(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is kept of a token. `digest` is the SHA-256 of its secret; `principal` is who it speaks for."""

    id: str
    principal: str
    scopes: tuple[Scope, ...]
    digest: str
    created_at: Instant
    expires_at: Instant | None = None
    last_used_at: Instant | None = None
    revoked_at: Instant | None = None

    @property
    def ends_at(self) -> Instant:
        """When it ended or will end; `FOREVER` where nobody says."""
        return min(self.revoked_at or FOREVER, self.expires_at or FOREVER)


class PersonInvalid(Refused):
    """A text is no name of a person."""

    code = "person-invalid"

    def __init__(self, reason: str) -> None:
        super().__init__(reason, pointer="/person")


class ExpiryPast(Refused):
    """A token would end before it began."""

    code = "expiry-past"

    def __init__(self, expires_at: Instant) -> None:
        super().__init__(
            f"{expires_at} is past: the token could never be used; choose a later day or time", pointer="/expires_at"
        )
        self.expires_at = expires_at


def require_person(person: str) -> str:
    """Return a person's name. Raises `PersonInvalid`."""
    if len(person) > PERSON_CHARACTERS_MAX:
        raise PersonInvalid(f"a person's name has up to {PERSON_CHARACTERS_MAX} characters, not {len(person)}")
    if control_character("person", person) or not re.search(SEEN, person):
        raise PersonInvalid(f"{person!r} is no name: it needs something to see, and no control characters")
    if "/" in person or person.strip().casefold() == OURS:
        raise PersonInvalid(f"{person!r} is no name of a person: {OURS!r} and names with a slash are the service's own")
    return person


class Principals:
    """The principals and tokens of one data directory. `clock` gives the present instant."""

    def __init__(self, state: State, clock: Callable[[], Instant]) -> None:
        self._state = state
        self._clock = clock
        self._people: dict[str, Person] = {}
        self._tokens: dict[str, Token] = {}
        self._used: dict[str, Instant] = {}
        self._endings: dict[str, asyncio.Event] = {}
        self._changing = asyncio.Lock()

    @classmethod
    async def open(cls, state: State, clock: Callable[[], Instant]) -> "Principals":
        """Return what the state holds."""
        principals = cls(state, clock)
        principals._people = {id: person async for id, person in _stored(state, PRINCIPAL, Person)}
        principals._tokens = {id: token async for id, token in _stored(state, TOKEN, Token)}
        return principals

    def person(self, principal: str) -> Person:
        """Return who is behind a principal; raises `NotFound`, also once the name was erased."""
        found = self._people.get(principal)
        if found is None:
            raise NotFound(f"no name is kept for a principal {principal[:100]!r}")
        return found

    def token(self, id: str) -> Token:
        """Return a token as it is by now; raises `NotFound`."""
        found = self._tokens.get(id)
        if found is None:
            raise NotFound(f"there is no token {id[:100]!r}")
        used = self._used.get(id)
        return found if used is None else msgspec.structs.replace(found, last_used_at=used)

    def tokens(self) -> tuple[Token, ...]:
        """Return all tokens, those that ended too, in the order in which they were made."""
        made = sorted(self._tokens.values(), key=lambda token: (token.created_at, token.id))
        return tuple(self.token(token.id) for token in made)

    def shown(self, bearer: str) -> Token | None:
        """Return the token that a request shows, even if it has ended; None for what is none."""
        parts = _TOKEN.fullmatch(bearer)
        kept = None if parts is None else self._tokens.get(parts[1])
        if parts is None or kept is None or not hmac.compare_digest(kept.digest, _digest(parts[2])):
            return None
        return kept

    def used(self, id: str) -> None:
        """Take note that a token is used now; it is written down later."""
        self._used[id] = self._clock()

    async def issue(self, person: str, scopes: Sequence[Scope], expires_at: Instant | None = None) -> tuple[Token, str]:
        """Make a token for a person, who is known by name; return it and what to show, which cannot be had again.

        Raises `PersonInvalid`, `ExpiryPast`, and `NotAllowed` where there are too many.
        """
        require_person(person)
        async with self._changing:
            known = next((id for id, one in self._people.items() if one.person == person), None)
            return await self._issue(known or f"p-{secrets.token_hex(ID_BYTES)}", person, scopes, expires_at)

    async def first_token(self) -> str | None:
        """Make the first token, with all scopes, where there is none yet; return what to show, else None."""
        async with self._changing:
            if self._tokens:
                return None
            _, shown = await self._issue(ADMIN, FIRST, SCOPES, None)
            return shown

    async def revoke(self, id: str) -> None:
        """Have a token end now; one that was revoked stays so. Raises `NotFound`."""
        async with self._changing:
            token = self.token(id)
            if token.revoked_at is None:
                await self._keep(msgspec.structs.replace(token, revoked_at=self._clock()))
                self._end(id)

    async def rename(self, principal: str, name: str) -> Person:
        """Give the person behind a principal another name. Raises `NotFound`, `PersonInvalid`, `NotAllowed`."""
        require_person(name)
        async with self._changing:
            person = msgspec.structs.replace(self.person(principal), person=name)
            if any(one.person == name and id != principal for id, one in self._people.items()):
                raise NotAllowed("another principal has that name; names tell people apart here", pointer="/person")
            await self._state.put(PRINCIPAL, principal, msgspec.json.encode(person), expected=None)
            self._people[principal] = person
            return person

    async def erase(self, principal: str) -> None:
        """Forget the person behind a principal, with all their tokens; the record keeps the id. Raises `NotFound`."""
        async with self._changing:
            self.person(principal)
            for token in [token for token in self._tokens.values() if token.principal == principal]:
                await self._forget(token.id)
            await self._state.delete(PRINCIPAL, principal)
            await self._state.purge()
            del self._people[principal]

    async def ended(self, id: str) -> None:
        """Return once a token has ended."""
        while id in self._tokens and (left_s := self._left_s(self._tokens[id])) > 0:
            ending = self._endings.setdefault(id, asyncio.Event())
            with suppress(TimeoutError):
                await asyncio.wait_for(ending.wait(), min(left_s, WAIT_S_MAX))

    async def follow(self) -> None:
        """Write down, now and then, when tokens were used; for as long as the service runs."""
        while True:
            await asyncio.sleep(USES_WRITTEN_S)
            await self.write_uses()

    async def write_uses(self) -> None:
        """Write down when tokens were last used; what cannot be written now, as on a full disk, is kept for later."""
        async with self._changing:
            with suppress(LogUnavailable):
                for id in list(self._used):
                    await self._keep(self.token(id))

    async def _issue(
        self, principal: str, person: str, scopes: Sequence[Scope], expires_at: Instant | None
    ) -> tuple[Token, str]:
        now = self._clock()
        if expires_at is not None and expires_at <= now:
            raise ExpiryPast(expires_at)
        await self._make_room(now)
        if principal not in self._people:
            behind = Person(person=person, created_at=now)
            await self._state.put(PRINCIPAL, principal, msgspec.json.encode(behind), expected=None)
            self._people[principal] = behind
        secret = secrets.token_urlsafe(SECRET_BYTES)
        token = Token(
            id=secrets.token_hex(ID_BYTES),
            principal=principal,
            scopes=tuple(scope for scope in SCOPES if scope in scopes),
            digest=_digest(secret),
            created_at=now,
            expires_at=expires_at,
        )
        await self._keep(token)
        return token, f"{PREFIX}{token.id}_{secret}"

    async def _make_room(self, now: Instant) -> None:
        while len(self._tokens) >= TOKENS_MAX:
            first = min(self._tokens.values(), key=lambda token: token.ends_at)
            if first.ends_at > now:
                raise NotAllowed(f"there are {TOKENS_MAX} tokens in use; revoke some of them first")
            await self._forget(first.id)

    async def _keep(self, token: Token) -> None:
        await self._state.put(TOKEN, token.id, msgspec.json.encode(token), expected=None)
        self._tokens[token.id] = token
        if self._used.get(token.id) == token.last_used_at:
            self._used.pop(token.id, None)

    async def _forget(self, id: str) -> None:
        await self._state.delete(TOKEN, id)
        del self._tokens[id]
        self._used.pop(id, None)
        self._end(id)

    def _end(self, id: str) -> None:
        self._endings.pop(id, asyncio.Event()).set()

    def _left_s(self, token: Token) -> float:
        """Return the seconds until a token ends, 0 or less where it has."""
        return (moment(token.ends_at) - moment(self._clock())) / timedelta(seconds=1)


async def _stored(state: State, kind: str, type: type[T]) -> AsyncIterator[tuple[str, T]]:
    """Yield all values of a kind with their ids."""
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(type)
    after = ""
    while True:
        page = await state.list(kind, after=after)
        for one in page:
            yield one.id, decoder.decode(one.value)
        if len(page) < PAGE_EVENTS_MAX:
            return
        after = page[-1].id


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
