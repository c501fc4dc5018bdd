"""The door: what of a request is looked at before anything else, and why it may be turned away.

msgspec checks the shape of a body. What it lets pass is checked here first: repeated keys, NaN, numbers that programs
read differently, `null`, control characters, halves of characters, and nesting without end.
"""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Generator, Mapping
from typing import Any, Final, TypeAlias, TypeVar

import msgspec
from litestar import Litestar, Request
from litestar.dto import AbstractDTO
from litestar.dto.data_structures import DTOFieldDefinition
from litestar.enums import MediaType
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.typing import FieldDefinition

from api.problems import Fault, of_validation
from api.signatures import form_of, query_fields, written
from events.bodies import control_character
from events.errors import NotFound
from events.log.entry import EXACT_INTEGER_MAX, canonical

BODY_BYTES_MAX: Final = 2 * 1024 * 1024
BODY_BYTES_SEARCHED_MAX: Final = 32 * 1024
"""A larger body is read beside the event loop, and of what is wrong with it only its shape is told."""
NESTING_MAX: Final = 64
QUERY_BYTES_MAX: Final = 16 * 1024
PARAMETERS_MAX: Final = 500
PARAMETER_CHARACTERS_SAID: Final = 100
"""So much of a parameter that is none is repeated to whom asked for it."""
MEDIA_TYPES: Final = frozenset({"application/json", ""})


T = TypeVar("T")

_NAME: Final = re.compile(r"[a-z0-9-]{1,80}(\.[a-z.]{1,20})?")
_PARTS: Final = {"id": _NAME, "slug": _NAME, "position": re.compile(r"[1-9][0-9]{0,15}")}
"""Parts of paths that name a thing; what no thing can be called is not looked for."""
_SURROGATES: Final = "\ud800", "\udfff"
_Place: TypeAlias = "tuple[_Place, str | int] | None"
"""Where in a body: what it is inside of, and its name or number there. None is the whole."""


class _Wrong:
    """Stands in a decoded body for what may not be in one; `why` says what it is."""

    def __init__(self, why: str) -> None:
        self.why = why


def checked(body: bytes) -> object:
    """Return a body's JSON, which is as every program reads it. Raises `Fault`."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise Fault("body-unreadable", f"the body is not UTF-8: byte {error.start} is wrong", pointer="") from None
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_fraction, parse_int=_integer
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Fault("body-unreadable", f"the body is not JSON: {error.msg} at {where}", pointer="") from None
    except RecursionError:
        raise _too_deep() from None
    _walk(value, None, "", 0)
    return value


def read_body(body: bytes, kind: type[T]) -> tuple[T, bytes]:
    """Return a body as `kind`, and its canonical bytes, which are equal for equal requests. Raises `Fault`.

    The shape is checked first: it bounds how much there is to look through, whoever made the body.
    """
    try:
        data = msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if len(body) <= BODY_BYTES_SEARCHED_MAX:
            checked(body)
        if isinstance(error, RecursionError):
            raise _too_deep() from None
        if isinstance(error, msgspec.ValidationError):
            raise of_validation(error) from None
        raise Fault("body-unreadable", f"the body cannot be read: {error}", pointer="") from None
    return data, plainly(body) or canonical(checked(body))


def plainly(body: bytes) -> bytes | None:
    """Return the canonical bytes of a body that can be seen at once to be all right; None: it has to be looked through.

    Without escapes, a body and its canonical bytes have the same quotation marks, unless a name was given twice; and
    every control character of ASCII stands between the values, where it says nothing.
    """
    if b"\\" in body or b"\x7f" in body or b"null" in body or body.count(b"{") + body.count(b"[") > NESTING_MAX:
        return None
    try:
        if not body.isascii() and _ODD.search(body.decode()):
            return None
        said = _SORTED.encode(_PLAIN.decode(body))
    except (msgspec.MsgspecError, TypeError, ValueError):
        return None
    return said if said.count(b'"') == body.count(b'"') and _LONG not in said.translate(_ZEROS) else None


class Strict(AbstractDTO[Any]):
    """Hands bodies from the door to Litestar: `data: JSONBody[X]` of a handler with `dto=Strict`."""

    def decode_bytes(self, _: bytes) -> Any:
        """Return the body that `Door.before` read."""
        return self.asgi_connection.scope["state"]["body"]

    @classmethod
    def create_for_field_definition(cls, *_: object, **__: object) -> None:
        """Prepare nothing: bodies are decoded straight into their structs."""

    @classmethod
    def create_openapi_schema(cls, field_definition: FieldDefinition, handler_id: str, schema_creator: Any) -> Any:
        """Return the schema of the struct itself."""
        return schema_creator.for_field_definition(field_definition)

    @classmethod
    def generate_field_definitions(cls, model_type: type[Any]) -> Generator[DTOFieldDefinition, None, None]:
        """Yield nothing: no fields are renamed or left out."""
        yield from ()

    @classmethod
    def detect_nested_field(cls, field_definition: FieldDefinition) -> bool:
        """Say no: nothing is taken apart."""
        return False


class Door:
    """Knows which parameters every route takes, and turns away what does not belong. `learn` it the routes first."""

    def __init__(self) -> None:
        self._parameters: dict[HTTPRouteHandler, tuple[frozenset[str], frozenset[str]]] = {}
        self._forms: dict[HTTPRouteHandler, dict[str, str]] = {}

    def learn(self, app: Litestar) -> None:
        """Take the parameters from the signatures of all handlers."""
        for route in app.routes:
            for handler, model in route.route_handler_map.values() if isinstance(route, HTTPRoute) else ():
                names = frozenset(parameter.field_alias for parameter in model.expected_query_params)
                self._parameters[handler] = names, frozenset(model.sequence_query_parameter_names)
                forms = {name: form_of(field) for name, field in query_fields(handler).items()}
                self._forms[handler] = {name: form for name, form in forms.items() if form is not None}

    async def before(self, request: Request[Any, Any, Any]) -> None:
        """Check path, query and body, for `before_request`. Raises `Fault` and `NotFound`.

        Leaves the body and its canonical bytes in the state of the request, as `body` and `canonical`.
        """
        handler = request.route_handler
        require_names(request.path_params)
        _require_acceptable(request)
        self._require_known_parameters(request, *self._parameters.get(handler, (frozenset(), frozenset())))
        if handler.parsed_data_field is not None:
            _require_json(request)
            state, kind = request.scope["state"], handler.parsed_data_field.annotation
            body = await request.body()
            if not body and not handler.parsed_data_field.is_required:
                return
            if not body:
                raise Fault("body-unreadable", "the request has no body", pointer="")
            if len(body) <= BODY_BYTES_SEARCHED_MAX:
                state["body"], state["canonical"] = read_body(body, kind)
            else:
                state["body"], state["canonical"] = await asyncio.to_thread(read_body, body, kind)

    def _require_known_parameters(
        self, request: Request[Any, Any, Any], known: frozenset[str], repeatable: frozenset[str]
    ) -> None:
        if len(request.scope["query_string"]) > QUERY_BYTES_MAX:
            raise Fault("parameter-invalid", f"the parameters take over {QUERY_BYTES_MAX} bytes")
        if request.scope["query_string"].count(b"&") >= PARAMETERS_MAX:
            raise Fault("parameter-invalid", f"there are over {PARAMETERS_MAX} parameters")
        seen, forms = set(), self._forms.get(request.route_handler, {})
        for name, value in request.query_params.multi_items():
            if name not in known:
                takes = f"it takes {', '.join(sorted(known))}" if known else "it takes none"
                name = name[:PARAMETER_CHARACTERS_SAID]
                raise Fault("parameter-invalid", f"there is no parameter {name!r} here; {takes}", pointer=f"?{name}")
            if name in seen and name not in repeatable:
                raise Fault("parameter-invalid", f"{name} may be given once", pointer=f"?{name}")
            if control_character("", value) or "\ufffd" in value:
                raise Fault("parameter-invalid", f"{name} has characters that no text has", pointer=f"?{name}")
            if name in forms and not re.fullmatch(forms[name], value):
                raise Fault("parameter-invalid", f"{name} {written(forms[name])}", pointer=f"?{name}")
            seen.add(name)


def require_names(parts: Mapping[str, str]) -> None:
    """Refuse a path that names what cannot be. Raises `NotFound`."""
    for name, text in parts.items():
        if name in _PARTS and not _PARTS[name].fullmatch(text):
            raise NotFound(f"nothing is called {text[:100]!r}")


def _require_acceptable(request: Request[Any, Any, Any]) -> None:
    """Refuse a reader of the API who takes nothing that there is."""
    produced = _media_type(request.route_handler)
    accepted = request.headers.get("accept", "").strip()
    if accepted and request.scope["path"].startswith("/v1/") and not request.accept.best_match([produced]):
        raise Fault("not-acceptable", f"the answer is {produced}, and nothing else")


def _media_type(handler: HTTPRouteHandler) -> str:
    """Return the type of a handler's answers, which need not be one that Litestar has a name for."""
    produced = handler.media_type or MediaType.JSON
    return produced.value if isinstance(produced, MediaType) else str(produced)


def _require_json(request: Request[Any, Any, Any]) -> None:
    media_type, _ = request.content_type
    if media_type not in MEDIA_TYPES:
        raise Fault("media-type-unsupported", f"the body must be application/json, not {media_type[:100]}")
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Fault("media-type-unsupported", "the body must come uncompressed")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        times = Counter(name for name, _ in pairs)
        found.update({name: _Wrong("it is given twice") for name in found if times[name] > 1})
    return found


def _constant(name: str) -> _Wrong:
    return _Wrong(f"{name} is no JSON number")


def _fraction(digits: str) -> _Wrong:
    return _Wrong(f"{digits[:40]} is not written as a whole number; amounts are text")


def _integer(digits: str) -> int | _Wrong:
    if len(digits) > len(str(-EXACT_INTEGER_MAX)) or abs(int(digits)) > EXACT_INTEGER_MAX:
        return _Wrong(f"{digits[:40]} is beyond 2^53, where programs read numbers differently")
    return int(digits)


_SORTED: Final = msgspec.json.Encoder(order="sorted")
_PLAIN: Final = msgspec.json.Decoder(float_hook=_fraction)
"""Makes what cannot be encoded again of a number that is not whole."""
_ODD: Final = re.compile("[\x7f-\x9f\U00010000-\U0010ffff]")
"""Control characters, and those by which UTF-16 sorts otherwise than UTF-8."""
_ZEROS: Final = bytes.maketrans(b"123456789", b"0" * 9)
_LONG: Final = b"0" * len(str(EXACT_INTEGER_MAX))
"""What numbers beyond 2^53 look like when all digits are made zeros; some that are all right look so too."""


def _walk(value: object, place: _Place, field: str, depth: int) -> None:
    """Refuse what may not be in a body; `field` is the name of the field that has the value, empty in a list."""
    match value:
        case str():
            _require_text(value, place, field)
        case dict() | list() if depth == NESTING_MAX:
            raise _too_deep()
        case dict():
            for name, inner in value.items():
                below = place, name
                _require_text(name, below, "")
                _walk(inner, below, name, depth + 1)
        case list():
            for index, inner in enumerate(value):
                _walk(inner, (place, index), "", depth + 1)
        case None:
            raise Fault("body-mismatch", "null is not a value here; leave the field out", pointer=_pointer(place))
        case _Wrong(why=why):
            raise Fault("body-unreadable", why, pointer=_pointer(place))


def _require_text(text: str, place: _Place, field: str) -> None:
    found = control_character(field, text)
    if found is None:
        return
    where = f"U+{ord(found[0]):04X} at character {found.start()}"
    if _SURROGATES[0] <= found[0] <= _SURROGATES[1]:
        raise Fault("body-unreadable", f"{where} is half of a character", pointer=_pointer(place))
    raise Fault("control-character", f"{where} is a control character", pointer=_pointer(place))


def _pointer(place: _Place) -> str:
    """Return a place as a JSON Pointer (RFC 6901)."""
    parts = []
    while place is not None:
        place, part = place
        parts.append(str(part).replace("~", "~0").replace("/", "~1"))
    return "".join(f"/{part}" for part in reversed(parts)).encode("utf-8", "replace").decode()


def _too_deep() -> Fault:
    return Fault("body-unreadable", f"the body is nested over {NESTING_MAX} deep", pointer="")
