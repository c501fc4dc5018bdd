"""The OpenAPI 3.1 document: routes as Litestar knows them, bodies and answers as msgspec checks them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from litestar import Litestar, Response
from litestar.di import Provide
from litestar.enums import MediaType
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from api.auth import scope_of
from api.exports.routes import public_path
from api.openapi import foreign, responses
from api.openapi.examples import exemplified, first_of_each, read_examples
from api.openapi.introduction import INTRODUCTION, TAGS
from api.openapi.parameters import IF_MATCH, IF_NONE_MATCH, KEY, LAST_EVENT_ID, hoisted, of_feed, of_path, of_query
from api.openapi.schemas import components, fields_of, paragraphs
from api.principals import Scope
from api.problems import Problem

VERSION: Final = "1"
_SENTENCE_END: Final = re.compile(r"[.:;](?:\s|$)")
METHODS: Final = ("GET", "POST", "PATCH", "PUT", "DELETE")
BEARER: Final = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token. Its scopes are `read`, `read:text`, `propose`, `write`, `publish` and `admin`, which"
        " may everything; an operation names the one that it needs.",
    }
}
TAGGED: Final = {
    **dict.fromkeys(("events", "feed", "log", "checkpoint"), "log"),
    **dict.fromkeys(("agenda", "due", "slippage", "scoreboard", "search", "corrections"), "views"),
    "principals": "tokens",
}
"""The tags of what its path does not name."""
NO_SCHEMA: Final = (bytes, str, None)
STREAM: Final = "/v1/timelines/{slug}/stream"


class Operation(Struct, frozen=True, kw_only=True):
    """One method of one path. `body` and `answer` are types, None where there is none that has a schema."""

    path: str
    method: str
    handler: HTTPRouteHandler
    body: Any
    answer: Any

    @property
    def id(self) -> str:
        """What the operation is called."""
        return self.handler.handler_name

    @property
    def scope(self) -> Scope | None:
        """The scope that it needs, None where everybody may."""
        return scope_of(self.handler)

    @property
    def records(self) -> bool:
        """Whether it writes to the record, under a key."""
        return self.method != "GET" and not self.handler.opt.get("keyless", False)

    @property
    def names_announcement(self) -> bool:
        """Whether it is a command about an announcement, which can be conditional."""
        return self.records and self.path.startswith("/v1/announcements")

    @property
    def tagged(self) -> bool:
        """Whether what it reads has a tag."""
        struct = self.handler.after_request is not None and self.answer is not None
        encoded = self.handler.parsed_return_field.raw == Response[bytes] and self.scope is not None
        return self.method == "GET" and (struct or encoded) and self.handler.opt.get("tagged", True)


def described(
    handlers: Sequence[ControllerRouterHandler], dependencies: dict[str, Provide], *, server: str
) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of some handlers and the feed. `server` is where they are served."""
    app = Litestar(route_handlers=handlers, dependencies=dependencies, openapi_config=None, logging_config=None)
    operations = sorted(_operations(app), key=lambda one: (_tag(one.path), one.path, METHODS.index(one.method)))
    asked = [one.body for one in operations if one.body not in NO_SCHEMA]
    answered = [one.answer for one in operations if one.answer not in NO_SCHEMA]
    schema_of, schemas = components(asked, [*answered, Problem])
    examples = first_of_each(read_examples())
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        told = _described(one, schema_of, schemas)
        paths.setdefault(one.path, {})[one.method.lower()] = exemplified(told, examples.get(one.id))
    feed = _feed(schema_of[Problem])
    paths |= {"/v1/feed": {"get": feed}, STREAM: {"get": _stream(feed)}}
    parameters = hoisted([told for methods in paths.values() for told in methods.values()])
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {"title": "Dateline", "version": VERSION, "description": INTRODUCTION},
        "servers": [{"url": server}],
        "tags": [{"name": name, "description": words} for name, words in TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": parameters,
            "responses": responses.shared(schema_of[Problem]),
            "headers": dict(responses.HEADERS),
            "securitySchemes": BEARER,
        },
    }


def _operations(app: Litestar) -> Iterator[Operation]:
    for route in app.routes:
        for method, (handler, _) in route.route_handler_map.items() if isinstance(route, HTTPRoute) else ():
            if method in METHODS and handler.resolve_include_in_schema():
                body = None if handler.parsed_data_field is None else handler.parsed_data_field.annotation
                yield Operation(
                    path=public_path(route.path_format),
                    method=method,
                    handler=handler,
                    body=body,
                    answer=_answer_of(handler),
                )


def _answer_of(handler: HTTPRouteHandler) -> Any:
    """Return the type of the answer, which a handler returns as it is, in a `Response`, or encoded.

    In the last case its `opt` names it, or `foreign` does.
    """
    if "answer" in handler.opt:
        return handler.opt["answer"]
    if (ours := foreign.type_of(handler.handler_name)) is not None:
        return ours
    field = handler.parsed_return_field
    inner = [inner.raw for inner in field.inner_types]
    answer = inner[0] if field.is_subclass_of(Response) and inner else field.raw
    return None if answer in NO_SCHEMA else answer


def _described(one: Operation, schema_of: Mapping[Any, Any], schemas: Mapping[str, Any]) -> dict[str, Any]:
    words = paragraphs(one.handler.fn.__doc__ or "")
    query = of_query(one.id, one.handler)
    codes = responses.codes_of(one.method, one.path, one.scope, [parameter["name"] for parameter in query])
    told: dict[str, Any] = {
        "operationId": one.id,
        "tags": [_tag(one.path)],
        "summary": _SENTENCE_END.split(words)[0].removesuffix("."),
        "description": words,
        "parameters": [*of_path(one.path), *query, *_headers(one)],
        "security": _security(one.scope),
    }
    if one.body is not None:
        body = schema_of[one.body]
        field = one.handler.parsed_data_field
        required = field is None or field.is_required
        told["requestBody"] = {"required": required, "content": {"application/json": {"schema": body}}}
        codes |= responses.codes_of_body(body["$ref"].rpartition("/")[2], fields_of(body, schemas))
    codes |= responses.BY_OPERATION.get(one.id, frozenset())
    if one.method == "DELETE":
        codes |= responses.LOG
    if one.records:
        codes |= responses.RECORDS | ({"stale"} if one.names_announcement else set())
    told["responses"] = _answers(one, _content(one, schema_of)) | responses.problems(codes, schema_of[Problem])
    return told


def _headers(one: Operation) -> list[dict[str, Any]]:
    if one.records:
        return [KEY, IF_MATCH] if one.names_announcement else [KEY]
    return [IF_NONE_MATCH] if one.tagged else []


def _answers(one: Operation, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers of an operation, where it goes well."""
    if one.records:
        return responses.written(content, placed=one.path != "/v1/batch")
    if one.method != "GET":
        return responses.done(content, one.handler.status_code)
    if one.id == "readyz":
        return responses.read(content, tagged=one.tagged) | responses.not_ready(content)
    return responses.read(content, tagged=one.tagged)


def _content(one: Operation, schema_of: Mapping[Any, Any]) -> dict[str, Any]:
    if one.answer is not None:
        return {"application/json": {"schema": schema_of[one.answer]}}
    media_type = one.handler.media_type or MediaType.JSON
    schema = foreign.schema_of(one.id) or {"type": "string"}
    return {str(getattr(media_type, "value", media_type)): {"schema": schema}}


def _security(scope: str | None) -> list[dict[str, list[str]]]:
    """Return what a request needs: nothing, a token, or for a read a token only where reads are not public."""
    return [] if scope is None else [{}, {"bearer": [scope]}] if scope == "read" else [{"bearer": [scope]}]


def _tag(path: str) -> str:
    """Return the tag of a path, by the word after `/v1/`, or the only one."""
    parts = path.split("/")
    word = parts[2].partition(".")[0] if len(parts) > 2 else parts[1]
    named = TAGGED.get(word, word)
    return named if named in TAGS else "service"


def _feed(problem: Mapping[str, Any]) -> dict[str, Any]:
    """Return the description of the feed, which is no handler but an application of its own."""
    stream = {
        "description": "Facts as they are recorded: an event for each, `id` and `data`, which is a CloudEvent. Control"
        " frames have an `event` line: `caught-up`, `reset`, `bye`.",
        "headers": responses.headers("Dateline-Position"),
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
    codes = {
        *responses.ALWAYS, *responses.LOG, "token-invalid", "scope-missing", "not-found", "rate-limited", "feeds-full",
    }  # fmt: skip
    return {
        "operationId": "feed",
        "tags": ["log"],
        "summary": "Follow the record",
        "description": "Follow the record by server-sent events. What was missed is sent first, from `Last-Event-ID`"
        " or `from`; then every fact as it is recorded. The stream has no end.",
        "parameters": [*of_feed(), LAST_EVENT_ID],
        "security": _security("read"),
        "responses": {"200": stream, **responses.problems(codes, problem)},
    }


def _stream(feed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the description of a timeline's stream, which is the feed of that one alone."""
    return {
        **feed,
        "operationId": "timeline_stream",
        "tags": ["timelines"],
        "summary": "Follow a timeline",
        "description": "Follow what concerns a timeline by server-sent events: itself, and what was on it before or"
        " came onto it. As the feed, which takes several timelines.",
        "parameters": [*of_path(STREAM), *(one for one in feed["parameters"] if one["name"] != "timeline")],
    }
