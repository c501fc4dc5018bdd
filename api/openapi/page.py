"""`/docs`: the description as a page. Everything on it is read from the document, so it cannot say anything else."""

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec
from markupsafe import Markup, escape
from msgspec import Struct

from api.pages.render import Meta, Site, page

EXAMPLE_LINES_MAX: Final = 48
PATTERN_CHARACTERS_MAX: Final = 34
"""A longer pattern tells a reader less than its example does."""
_CODE: Final = re.compile(r"`([^`]+)`")


class Field(Struct, frozen=True, kw_only=True):
    """A field of a body, or a parameter: how it is written, and what it means."""

    name: str
    where: str = ""
    required: bool
    written: Markup
    words: Markup


class Answer(Struct, frozen=True, kw_only=True):
    """What can come back with a status; `codes` are those of a problem."""

    status: str
    words: Markup
    media_types: tuple[str, ...]
    shape: Markup
    codes: tuple[str, ...]


class Shape(Struct, frozen=True, kw_only=True):
    """A body or an answer, or a part of one."""

    name: str
    words: Markup
    fields: tuple[Field, ...]


class Told(Struct, frozen=True, kw_only=True):
    """One operation. `curl` and `answer` are its example, empty where it has none."""

    id: str
    method: str
    path: str
    summary: Markup
    words: Markup
    needs: str
    fields: tuple[Field, ...]
    shared: tuple[str, ...]
    body: Markup
    answers: tuple[Answer, ...]
    curl: str
    status: str
    answer: str


def docs_page(document: Mapping[str, Any], sections: Mapping[str, str], site: Site) -> str:
    """Return the page of a document; `sections` are its introduction, by heading."""
    reader = _Reader(document)
    groups = [
        (tag["name"], prose(tag["description"]), list(reader.operations(tag["name"]))) for tag in document["tags"]
    ]
    return page(
        "docs.html",
        site,
        Meta(title="API", description="Every request, every answer, every problem.", path="/docs"),
        sections=[(heading, prose(text)) for heading, text in sections.items()],
        groups=groups,
        count=sum(len(told) for _, _, told in groups),
        parameters=reader.parameters(),
        shapes=reader.shapes(),
        server=reader.server,
    )


def prose(text: str) -> Markup:
    """Return a text with its code set as code, and its paragraphs parted.

    >>> prose("Send `a<b`.")
    Markup('Send <code>a&lt;b</code>.')
    """
    parts = (_CODE.sub(r"<code>\1</code>", str(escape(part))) for part in text.split("\n\n"))
    return Markup("<br>").join(Markup(part) for part in parts)


class _Reader:
    """Reads a document for its page."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._components = document["components"]
        url = str(document["servers"][0]["url"])
        self.server = url if "://" in url else "$DATELINE"

    def operations(self, tag: str) -> Iterator[Told]:
        """Yield the operations of a tag."""
        for path, methods in self._document["paths"].items():
            for method, told in methods.items():
                if tag in told["tags"]:
                    yield self._told(method.upper(), path, told)

    def parameters(self) -> tuple[tuple[str, Field], ...]:
        """Return the parameters that several operations have, by the names they refer to them with."""
        return tuple((name, self._field(one)) for name, one in sorted(self._components["parameters"].items()))

    def shapes(self) -> tuple[Shape, ...]:
        """Return every body and answer, and what they are made of."""
        return tuple(self._shape(name, schema) for name, schema in sorted(self._components["schemas"].items()))

    def _told(self, method: str, path: str, told: Mapping[str, Any]) -> Told:
        own = [one for one in told["parameters"] if "$ref" not in one]
        shared = [one["$ref"].rpartition("/")[2] for one in told["parameters"] if "$ref" in one]
        body: Mapping[str, Any] = next(iter(told.get("requestBody", {}).get("content", {}).values()), {})
        status, answer = self._example(told)
        scopes = [scope for one in told["security"] for scope in one.get("bearer", ())]
        words = told["description"].removeprefix(told["summary"]).lstrip(".:; \n")
        return Told(
            id=told["operationId"],
            method=method,
            path=path,
            summary=prose(told["summary"]),
            words=prose(words[:1].upper() + words[1:]),
            needs=_needs(scopes, optional={} in told["security"]),
            fields=tuple(self._field(one) for one in own),
            shared=tuple(shared),
            body=self.written(body["schema"]) if body else Markup(""),
            answers=tuple(self._answer(code, one) for code, one in told["responses"].items()),
            curl=self._curl(method, path, told, body.get("example")) if status else "",
            status=status,
            answer=answer,
        )

    def _answer(self, status: str, told: Mapping[str, Any]) -> Answer:
        told = self._resolved(told)
        content = told.get("content", {})
        first: Mapping[str, Any] = next(iter(content.values()), {})
        schema: Mapping[str, Any] = first.get("schema", {})
        exact: Mapping[str, Any] = schema["allOf"][1] if "allOf" in schema else {}
        codes = tuple(exact.get("properties", {}).get("code", {}).get("enum", ()))
        return Answer(
            status=status,
            words=prose(told["description"]),
            media_types=tuple(content),
            shape=self.written(schema) if schema and not codes else Markup(""),
            codes=codes,
        )

    def _field(self, told: Mapping[str, Any]) -> Field:
        return Field(
            name=told["name"],
            where=told["in"],
            required=told["required"],
            written=self.written(told["schema"]),
            words=prose(told["description"]),
        )

    def _shape(self, name: str, schema: Mapping[str, Any]) -> Shape:
        required = schema.get("required", ())
        fields = tuple(
            Field(
                name=field,
                required=field in required,
                written=self.written(part),
                words=prose(part.get("description", "")),
            )
            for field, part in schema.get("properties", {}).items()
        )
        by_need = tuple(sorted(fields, key=lambda field: not field.required))
        return Shape(name=name, words=prose(schema.get("description", "")), fields=by_need)

    def written(self, schema: Mapping[str, Any]) -> Markup:
        """Return in words how a value of a schema is written."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return Markup('<a href="#shape-{}">{}</a>').format(name, name)
        for several in ("anyOf", "oneOf"):
            if several in schema and "properties" not in schema:
                return Markup(" or ").join(dict.fromkeys(self.written(part) for part in schema[several]))
        if "enum" in schema or "const" in schema:
            values = schema.get("enum", [schema.get("const")])
            return Markup(" | ").join(Markup("<code>{}</code>").format(value) for value in values)
        if schema.get("type") == "array":
            listed = Markup("list of {}").format(self.written(schema.get("items") or {}))
            least, most = schema.get("minItems", 0), schema.get("maxItems")
            return listed if most is None else Markup("{} ({} to {:,} of them)").format(listed, least, most)
        if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
            return Markup("object of {}").format(self.written(schema["additionalProperties"]))
        return Markup(", ").join([Markup("{}").format(schema.get("type", "anything")), *_limits(schema)])

    def _example(self, told: Mapping[str, Any]) -> tuple[str, str]:
        for status, one in told["responses"].items():
            for content in self._resolved(one).get("content", {}).values():
                if "example" in content:
                    return status, _shown(content["example"])
        return ("204", "") if "204" in told["responses"] else ("", "")

    def _curl(self, method: str, path: str, told: Mapping[str, Any], body: Any) -> str:
        asked = {}
        for parameter in (self._resolved(one) for one in told["parameters"]):
            if "example" in parameter and f"{{{parameter['name']}}}" in path:
                path = path.replace(f"{{{parameter['name']}}}", quote(str(parameter["example"])))
            elif "example" in parameter and parameter["in"] == "query":
                asked[parameter["name"]] = parameter["example"]
        address = f"{self.server}{path}" + (f"?{urlencode(asked, doseq=True)}" if asked else "")
        quoted = f'"{address}"' if address.startswith("$") else shlex.quote(address)
        parts = ["curl" if method == "GET" else f"curl -X {method}", quoted]
        if {} not in told["security"] and told["security"]:
            parts.append('-H "Authorization: Bearer $TOKEN"')
        if any(one.get("$ref", "").endswith("/Idempotency-Key") for one in told["parameters"]):
            parts.append(f"-H 'Idempotency-Key: {told['operationId'].replace('_', '-')}-1'")
        if body is not None:
            parts += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(_shown(body))}"]
        return " \\\n  ".join(parts)

    def _resolved(self, part: Mapping[str, Any]) -> Mapping[str, Any]:
        found: Any = part
        if "$ref" in part:
            found = self._document
            for name in part["$ref"].removeprefix("#/").split("/"):
                found = found[name]
        return dict(found)


def _needs(scopes: list[str], *, optional: bool) -> str:
    if not scopes:
        return "Open to everybody."
    if optional:
        return "Public, or for tokens with the scope `read` where the operator says so.".replace("`", "")
    return f"Needs a token with the scope {scopes[0]}."


def _limits(schema: Mapping[str, Any]) -> Iterator[Markup]:
    """Yield what a value is bound to."""
    least, most = schema.get("minLength"), schema.get("maxLength")
    if most is not None:
        yield (
            Markup("{} to {:,} characters").format(least, most)
            if least
            else Markup("up to {:,} characters").format(most)
        )
    if "minimum" in schema or "maximum" in schema:
        yield Markup("{} to {}").format(schema.get("minimum", "…"), schema.get("maximum", "…"))
    pattern = schema.get("pattern", "")
    if pattern and len(pattern) <= PATTERN_CHARACTERS_MAX and "\\u" not in pattern:
        yield Markup("<code>{}</code>").format(pattern)
    elif schema.get("examples"):
        yield Markup("such as <code>{}</code>").format(schema["examples"][0])
    if schema.get("default") not in (None, [], ""):
        yield Markup("by default <code>{}</code>").format(msgspec.json.encode(schema["default"]).decode())


def _shown(example: Any) -> str:
    """Return an example as people read it, cut where it is long."""
    text = example if isinstance(example, str) else msgspec.json.format(msgspec.json.encode(example), indent=2).decode()
    lines = text.splitlines()
    if len(lines) <= EXAMPLE_LINES_MAX:
        return text
    return "\n".join([*lines[:EXAMPLE_LINES_MAX], f"… and {len(lines) - EXAMPLE_LINES_MAX} more lines"])
