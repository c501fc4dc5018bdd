"""Holds answers against the description of the API: status, media type, headers and body."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import httpx2
import jsonschema_rs

METHODS = ("get", "post", "put", "patch", "delete")


class Described:
    """The description of the API, as served."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._paths = sorted(document["paths"], key=lambda path: ("{" in path, -len(path)))
        self._validator = cache(self._validator_of)

    def operations(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Yield every operation, with its method and its path; its parameters are told in full."""
        for path, methods in self.document["paths"].items():
            for method in METHODS:
                if method in methods:
                    parameters = [self.resolved(one) for one in methods[method]["parameters"]]
                    yield method.upper(), path, {**methods[method], "parameters": parameters}

    def operation(self, method: str, path: str) -> dict[str, Any] | None:
        """Return the operation that a request is one of."""
        for template in self._paths:
            pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, path) and method.lower() in self.document["paths"][template]:
                found: dict[str, Any] = self.document["paths"][template][method.lower()]
                return found
        return None

    def faults(self, answer: httpx2.Response) -> list[str]:
        """Return what is not as it is described. Streams are not read."""
        method, path = answer.request.method, answer.request.url.path
        operation = self.operation("GET" if method == "HEAD" else method, path)
        if operation is None:
            return []
        said = operation["responses"].get(str(answer.status_code))
        if said is None:
            return [f"{method} {path} answers {answer.status_code}, which is not described: {answer.text[:500]}"]
        said = self.resolved(said)
        missing = [f"{method} {path} has no {name}" for name in self._required(said) if name not in answer.headers]
        content = said.get("content", {})
        if not content or answer.status_code == 304 or method == "HEAD":
            return missing
        media_type = answer.headers.get("content-type", "").partition(";")[0]
        if media_type not in content:
            return [*missing, f"{method} {path} comes as {media_type}, not as {', '.join(content)}"]
        if media_type.endswith("json"):
            validator = self._validator(operation["operationId"], answer.status_code, media_type)
            wrong = [
                f"{method} {path} {error.instance_path}: {error}" for error in validator.iter_errors(answer.json())
            ]
            return [*missing, *wrong]
        return missing

    def _required(self, said: Mapping[str, Any]) -> Iterator[str]:
        for name, header in said.get("headers", {}).items():
            if self.resolved(header).get("required"):
                yield name

    def resolved(self, part: dict[str, Any]) -> dict[str, Any]:
        """Return a part of the document, or what it refers to."""
        if "$ref" not in part:
            return part
        found: Any = self.document
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        return dict(found)

    def _validator_of(self, operation: str, status: int, media_type: str) -> jsonschema_rs.Draft202012Validator:
        (told,) = [one for _, _, one in self.operations() if one["operationId"] == operation]
        return self.validator(self.resolved(told["responses"][str(status)])["content"][media_type]["schema"])

    def validator(self, schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
        """Return a validator for a schema of the document."""
        return jsonschema_rs.Draft202012Validator(
            {"allOf": [schema], "components": self.document["components"]}, validate_formats=True
        )
