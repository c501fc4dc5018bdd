"""What handlers take, by their signatures and those of what they depend on."""

from typing import Any, Final, Literal, get_args, get_origin

from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter
from litestar.typing import FieldDefinition

WHOLE_NUMBER: Final = "0|[1-9][0-9]*"
TRUTH: Final = "true|false"


def query_fields(handler: HTTPRouteHandler) -> dict[str, FieldDefinition]:
    """Return the parameters of the query that a handler takes, by the names they are given under."""
    providers = handler.resolve_dependencies()
    waiting = list(handler.parsed_fn_signature.parameters.items())
    found: dict[str, FieldDefinition] = {}
    seen: set[str] = set()
    while waiting:
        name, field = waiting.pop()
        if name in providers:
            inner = {} if name in seen else providers[name].parsed_fn_signature.parameters
            waiting += inner.items()
            seen.add(name)
        elif (said := said_of(field)) is not None and ((said.name or name) not in found or field.is_required):
            found[said.name or name] = field  # Who needs it overrules who can do without.
    return found


def said_of(field: FieldDefinition) -> QueryParameter | None:
    """Return what is said of a parameter of the query beside its type; None where it is no such parameter."""
    said: tuple[Any, ...] = (*getattr(field.raw, "__metadata__", ()), field.kwarg_definition)
    return next((one for one in said if isinstance(one, QueryParameter)), None)


def form_of(field: FieldDefinition) -> str | None:
    """Return the pattern of the only way to write a value, None where any text may be one.

    Litestar would also take `1.0` for a number, `TRUE` for true, and `null` for what may be left out.
    """
    kinds = {field.annotation, *(inner.annotation for inner in field.inner_types)}
    chosen = [value for kind in kinds if get_origin(kind) is Literal for value in get_args(kind)]
    if chosen:
        return "|".join(map(str, chosen))
    return TRUTH if bool in kinds else WHOLE_NUMBER if int in kinds else None


def written(form: str) -> str:
    """Return in words how a value of a form is written.

    >>> written(TRUTH), written(WHOLE_NUMBER)
    ('is true or false', 'is a whole number from 0, in digits')
    """
    return "is a whole number from 0, in digits" if form == WHOLE_NUMBER else f"is {form.replace('|', ' or ')}"
