"""Who asks, and what they may: bearer tokens, of which only hashes are kept."""

import hmac
import re
import secrets
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any, Final, Literal, TypeAlias, get_args

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from msgspec import Struct

from api.problems import Fault
from events.bodies import SEEN, control_character
from events.errors import DatelineError
from events.instants import Instant
from events.log.port import State

Scope: TypeAlias = Literal["read", "read:text", "propose", "write", "publish", "admin"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
TOKEN: Final = "token"
"""The kind under which the state keeps tokens, by the SHA-256 of each."""
ADMIN: Final = "admin"
"""The principal that the token from the environment is, and the one made at the first start."""
TOKEN_BYTES: Final = 32
TOKEN_CHARACTERS_MAX: Final = 200
PREFIX: Final = "dl_"
PERSON_CHARACTERS_MAX: Final = 200
OURS: Final = "system"
"""What the service itself records under, by this name or with a slash and more after it, is nobody's name."""

Connection: TypeAlias = ASGIConnection[Any, Any, Any, Any]

_BEARER: Final = re.compile(rf"[Bb]earer +([!-~]{{1,{TOKEN_CHARACTERS_MAX}}})")


class Principal(Struct, frozen=True, kw_only=True):
    """Who asks: an opaque id, empty for nobody in particular, and what they may do; `admin` may everything."""

    id: str
    scopes: frozenset[Scope]

    def may(self, scope: Scope) -> bool:
        """Say whether a scope, or `admin`, is among the principal's."""
        return scope in self.scopes or "admin" in self.scopes


class Token(Struct, frozen=True, kw_only=True):
    """What is kept of a token. `id` is the principal in the record; `person` is a name, and can be erased."""

    id: str
    person: str
    scopes: tuple[Scope, ...]
    created_at: Instant
    expires_at: Instant | None = None


_DECODER: Final = msgspec.json.Decoder(Token)


class PersonInvalid(DatelineError):
    """A text is no name of a person."""

    code = "person-invalid"


class ExpiryPast(DatelineError):
    """A token would end before it began."""

    code = "expiry-past"

    def __init__(self, expires_at: Instant) -> None:
        super().__init__(f"{expires_at} is past: the token could never be used; choose a later day or time")
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


async def issue(
    state: State,
    person: str,
    scopes: Sequence[Scope],
    expires_at: Instant | None = None,
    *,
    now: Instant,
    id: str | None = None,
) -> tuple[str, str]:
    """Make a token; return its principal's id and the token itself, which cannot be had again.

    Raises `PersonInvalid`, `ExpiryPast`.
    """
    require_person(person)
    if expires_at is not None and expires_at <= now:
        raise ExpiryPast(expires_at)
    token = PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    kept = Token(
        id=id or f"p-{secrets.token_hex(8)}", person=person, scopes=tuple(scopes), created_at=now, expires_at=expires_at
    )
    await state.put(TOKEN, _digest(token), msgspec.json.encode(kept), expected=0)
    return kept.id, token


async def first_token(state: State, *, now: Instant) -> str | None:
    """Make the first token, with all scopes, where there is none yet; return it, else None."""
    if await state.list(TOKEN, limit=1):
        return None
    _, token = await issue(state, "the first operator", SCOPES, now=now, id=ADMIN)
    return token


class Auth:
    """Tells principals by their tokens. `clock` gives the present instant."""

    def __init__(
        self, state: State, clock: Callable[[], Instant], *, admin_token: str | None, public_read: bool
    ) -> None:
        self._state = state
        self._clock = clock
        self._admin = None if admin_token is None else sha256(admin_token.encode()).digest()
        self._nobody = Principal(id="", scopes=frozenset({"read"} if public_read else ()))

    async def guard(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """Let through who has the scope in the handler's `opt`, by default `read`; None is for everybody.

        Leaves the principal in `connection.state.principal`. Raises `Fault`.
        """
        scope: Scope | None = handler.opt.get("scope", "read")
        if scope is None:
            connection.state.principal = self._nobody
            return
        principal = await self.principal(connection)
        if not principal.may(scope) and not self._nobody.may(scope):
            if not principal.id:
                raise Fault("token-invalid", f"this needs a token with the scope {scope}: Authorization: Bearer …")
            raise Fault("scope-missing", f"the token lacks the scope {scope}")
        connection.state.principal = principal

    async def principal(self, connection: Connection) -> Principal:
        """Return who sends a request; raises `Fault` for a token that is none, or no longer."""
        given = connection.headers.getall("authorization", [])
        if not given:
            return self._nobody
        bearer = _BEARER.fullmatch(given[0])
        if bearer is None or len(given) > 1:
            raise Fault("token-invalid", "the header must be: Authorization: Bearer <token>")
        token = bearer[1]
        if self._admin is not None and hmac.compare_digest(sha256(token.encode()).digest(), self._admin):
            return Principal(id=ADMIN, scopes=frozenset(SCOPES))
        kept = await self._kept(token)
        if kept is None:
            raise Fault("token-invalid", "this token is not known here")
        if kept.expires_at is not None and kept.expires_at <= self._clock():
            raise Fault("token-invalid", f"this token ended at {kept.expires_at}")
        return Principal(id=kept.id, scopes=frozenset(kept.scopes))

    async def _kept(self, token: str) -> Token | None:
        # It is found by its hash, which a guesser cannot steer; how long that takes says nothing of the token.
        found = await self._state.get(TOKEN, _digest(token))
        return None if found is None else _DECODER.decode(found.value)


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
