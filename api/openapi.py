"""`/openapi.json`: paths and parameters as Litestar knows them, bodies and answers as msgspec checks them."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
from litestar import Litestar, Response
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.routes import HTTPRoute
from litestar.types import ControllerRouterHandler

from api.problems import MEDIA_TYPE, Problem
from api.selection import FILTERS

REFERENCE: Final = "#/components/schemas/{name}"
KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "Makes the request safe to retry: for one key it is carried out once.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
}
IF_MATCH: Final = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of the announcement as it was seen; refused with 412 if it has changed since.",
    "schema": {"type": "string"},
}
TEXT: Final = {"type": "string"}
FILTERED: Final = {
    "from": "Where to begin: `start`, `head`, a position (what comes after it) or an RFC 3339 time.",
    "include": "`state`: with what each fact changed, before and after.",
    **dict.fromkeys(FILTERS, "Repeated: any of these. Different filters must all hold."),
}
BEARER: Final = {"bearer": {"type": "http", "scheme": "bearer"}}
NO_TYPE: Final = (bytes, str)


def described(handlers: Sequence[ControllerRouterHandler], dependencies: dict[str, Provide]) -> bytes:
    """Return the OpenAPI 3.1 document of some handlers, encoded."""
    app = Litestar(
        route_handlers=handlers,
        dependencies=dependencies,
        openapi_config=OpenAPIConfig(title="Dateline", version="1", use_handler_docstrings=True),
        logging_config=None,
    )
    document = app.openapi_schema.to_schema()
    operations = list(_operations(app, document))
    bodies = [_body_of(handler) for _, _, handler in operations]
    answers = [_answer_of(handler) for _, _, handler in operations]
    kinds = list(dict.fromkeys(kind for kind in (*bodies, *answers, Problem) if kind not in (None, *NO_TYPE)))
    schemas, components = msgspec.json.schema_components(kinds, ref_template=REFERENCE)
    schema_of = dict(zip(kinds, schemas, strict=True))
    for (path, operation, handler), body, answer in zip(operations, bodies, answers, strict=True):
        operation["operationId"] = handler.handler_name
        for parameter in operation.setdefault("parameters", []):
            parameter["schema"] = _without_null(parameter["schema"])
        if body is not None:
            operation["requestBody"] = {"required": True, "content": _content(schema_of[body])}
            conditional = path.startswith("/v1/announcements/")
            operation["parameters"].extend([KEY, *([IF_MATCH] if conditional else [])])
        operation["security"] = _security(handler)
        operation["responses"] = _responses(schema_of.get(answer), schema_of[Problem], writes=body is not None)
    document["paths"]["/v1/feed"] = {"get": _feed(schema_of[Problem])}
    taken = _names([body for body in bodies if body is not None])
    for name in components:
        if name.rpartition(".")[2] in taken:
            components[name] = _without_null(components[name])
    document["components"] = {"schemas": components, "securitySchemes": BEARER}
    return msgspec.json.encode(document)


def _operations(app: Litestar, document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], HTTPRouteHandler]]:
    """Yield every operation of the document with its path and its handler."""
    for route in app.routes:
        for method, (handler, _) in route.route_handler_map.items() if isinstance(route, HTTPRoute) else ():
            operation = document["paths"].get(route.path_format, {}).get(method.lower())
            if operation is not None:
                yield route.path_format, operation, handler


def _security(handler: HTTPRouteHandler) -> list[dict[str, list[str]]]:
    """Return what a request needs: nothing, a token, or for a read a token only where reads are not public."""
    scope = handler.opt.get("scope", "read")
    return [] if scope is None else [{}, {"bearer": []}] if scope == "read" else [{"bearer": []}]


def _feed(problem: dict[str, Any]) -> dict[str, Any]:
    """Return the description of the feed, which is no handler but an application of its own."""
    resumed = {"name": "Last-Event-ID", "in": "header", "required": False, "schema": TEXT}
    asked = [
        {"name": name, "in": "query", "required": False, "description": told, "schema": _several(name)}
        for name, told in FILTERED.items()
    ]
    stream = {
        "description": "Facts as they are recorded, as CloudEvents.",
        "content": {"text/event-stream": {"schema": TEXT}},
    }
    return {
        "operationId": "feed",
        "summary": "Feed",
        "description": "Follow the record by server-sent events.",
        "parameters": [*asked, resumed],
        "security": [{}, {"bearer": []}],
        "responses": {"200": stream, "default": _told(problem)},
    }


def _several(name: str) -> dict[str, Any]:
    return {"type": "array", "items": TEXT} if name in FILTERS else TEXT


def _body_of(handler: HTTPRouteHandler) -> Any:
    return None if handler.parsed_data_field is None else handler.parsed_data_field.annotation


def _answer_of(handler: HTTPRouteHandler) -> Any:
    """Return the struct of the answer, which a handler returns as it is or in a `Response`."""
    field = handler.parsed_return_field
    inner = [inner.raw for inner in field.inner_types]
    return inner[0] if field.is_subclass_of(Response) and inner else field.raw


def _names(kinds: Sequence[Any]) -> set[str]:
    """Return the names of the schemas that some types are made of."""
    return set(msgspec.json.schema_components(kinds, ref_template=REFERENCE)[1])


def _without_null(schema: Any) -> Any:
    """Return a schema in which what may be left out may not be null: that is refused in a request."""
    if isinstance(schema, list):
        return [_without_null(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: _without_null(part) for name, part in schema.items() if not (name == "default" and part is None)}
    for name in ("anyOf", "oneOf"):
        if name in kept:
            rest = [part for part in kept.pop(name) if part != {"type": "null"}]
            kept.update(rest[0] if len(rest) == 1 else {name: rest})
    if isinstance(kept.get("type"), list):
        kept["type"] = [kind for kind in kept["type"] if kind != "null"]
    return kept


def _content(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _responses(schema: dict[str, Any] | None, problem: dict[str, Any], *, writes: bool) -> dict[str, Any]:
    content = {"content": _content(schema)} if schema else {"content": {"text/plain": {"schema": {"type": "string"}}}}
    told = _told(problem)
    if writes:
        new = {"description": "Recorded.", **content}
        return {"201": new, "200": {"description": "Known already, or nothing changed.", **content}, "default": told}
    same = {"description": "The client has it already."}
    return {"200": {"description": "The answer.", **content}, "304": same, "default": told}


def _told(problem: dict[str, Any]) -> dict[str, Any]:
    return {"description": "A problem (RFC 9457); `code` says which.", "content": {MEDIA_TYPE: {"schema": problem}}}
