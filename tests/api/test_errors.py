"""Every code that the program can say is explained in `docs/errors.md`, with its status, and answered as it says."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

import api
import events
from api.problems import STATUS, of_validation, problem_of
from events import bodies
from events.errors import DatelineError, Refused

ROOT = Path(__file__).parents[2]
SECTION = re.compile(r"^### (\S+)\n\n(?:\*\*(\d{3})\.\*\* )?\S", re.MULTILINE)
INSIDE = {"error", "refused"}
"""What other errors are kinds of."""


def documented() -> dict[str, int | None]:
    text = (ROOT / "docs/errors.md").read_text(encoding="utf-8")
    return {code: int(status) if status else None for code, status in SECTION.findall(text)}


def kinds(kind: type[DatelineError]) -> Iterator[type[DatelineError]]:
    for child in kind.__subclasses__():
        yield child
        yield from kinds(child)


def raised_by_name(path: Path) -> Iterator[str]:
    """Yield the codes given to `Fault` and `problem` in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Fault", "problem", "_refuse"):
            for argument in node.args:
                if isinstance(argument, ast.Constant) and re.fullmatch(r"[a-z]+(-[a-z]+)+", str(argument.value)):
                    yield str(argument.value)


def codes() -> set[str]:
    for package in (api, events):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    named = {code for path in (ROOT / "api").rglob("*.py") for code in raised_by_name(path)}
    ours = {kind.code for kind in kinds(DatelineError) if kind.__module__.startswith(("api.", "events."))}
    return (ours | named | set(STATUS)) - INSIDE


def test_every_code_has_its_section_and_every_section_its_code() -> None:
    assert set(documented()) == codes()


def test_the_documented_statuses_are_those_answered() -> None:
    answered = {code: status for code, status in documented().items() if status is not None}

    assert answered == STATUS


def test_every_refusal_of_a_command_has_a_status() -> None:
    refusals = {kind.code for kind in kinds(Refused)}

    assert refusals
    assert {STATUS[code] for code in refusals} <= {400, 404, 409, 422}


def test_an_error_of_ours_tells_nothing_of_our_insides(caplog: pytest.LogCaptureFixture) -> None:
    told = problem_of(ZeroDivisionError("the secret path /srv/x"))

    assert (told.status, told.code) == (500, "internal")
    assert "secret" not in repr(told)
    assert "secret" in caplog.text


@pytest.mark.parametrize(
    ("kind", "body", "pointer"),
    [
        (bodies.NewNames, b'{"names": {"en": 5}}', "/names"),
        (bodies.NewActor, b'{"id": "a", "names": {"en": "x"}, "kind": "planet"}', "/kind"),
        (bodies.Rejection, b'{"candidates": [{"start": 0}]}', "/candidates/0/end"),
        (bodies.NewSource, b'{"a/b~c": 1}', "/a~1b~0c"),
        (bodies.NewSource, b"5", ""),
    ],
)
def test_the_place_of_a_mismatch_is_a_json_pointer(kind: type, body: bytes, pointer: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(body, type=kind)

    assert of_validation(caught.value).pointer == pointer
