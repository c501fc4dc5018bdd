"""The shape of the code: short files, short functions, and a domain that only computes."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 60

NOT_OURS = {"build", "data", "dist", "node_modules"}

# A module of `events/` is pure unless it is named here, so a new one is held to it from its first line.
IMPURE = (
    "events/erasing.py",
    "events/handler.py",
    "events/schedule.py",
    "events/scrubbing.py",
    "events/sealing.py",
    "events/views/",
    "events/log/",
)
PURE_WITHIN_IMPURE = (
    "events/log/appending.py",
    "events/log/checking.py",
    "events/log/commit.py",
    "events/log/entry.py",
    "events/log/merkle.py",
    "events/log/reading.py",
    "events/log/proving.py",
    "events/log/records.py",
    "events/log/stored.py",
    "events/log/tiles.py",
    "events/log/sqlite_query.py",
)
# The port declares what engines do: its methods are `async`, and that is all it may be.
ASYNC_BY_CONTRACT = "events/log/port.py"

IMPURE_IMPORTS = {
    "asyncio", "concurrent", "http", "io", "logging", "multiprocessing", "os", "pathlib", "pysqlite3",
    "random", "secrets", "select", "selectors", "shutil", "signal", "socket", "sqlite3", "sqlite_utils",
    "ssl", "subprocess", "sys", "tempfile", "threading", "time", "urllib.request", "uuid",
}  # fmt: skip
IMPURE_CALLS = {"breakpoint", "input", "open", "print"}
CLOCK_METHODS = {"now", "today", "utcnow"}
CLOCKS = {"date", "datetime"}


def ours(suffix: str) -> list[Path]:
    """Return the files of the project with that suffix, and none of an environment's or a run's."""
    folders = [
        folder
        for folder in ROOT.iterdir()
        if folder.is_dir()
        and not folder.name.startswith(".")
        and folder.name not in NOT_OURS
        and not (folder / "pyvenv.cfg").exists()
    ]
    return sorted(file for folder in folders for file in folder.rglob(f"*{suffix}"))


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def is_pure(name: str) -> bool:
    return name.startswith("events/") and (name in PURE_WITHIN_IMPURE or not name.startswith(IMPURE))


def long_functions(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                yield f"line {node.lineno}: {node.name} has {lines} lines"


def impurities(source: str, *, may_be_async: bool = False) -> Iterator[str]:
    """Yield what a pure module may not hold: I/O, the clock, randomness, `async`."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                found = [alias.name for alias in names if _is_impure_module(alias.name)]
            case ast.ImportFrom(module=module, names=names):
                paths = [f"{module}.{alias.name}" for alias in names]
                found = [path for path in paths if _is_impure_module(path)]
            case ast.Call(func=ast.Name(id=name)) if name in IMPURE_CALLS:
                found = [f"{name}()"]
            case ast.Attribute(value=ast.Name(id=name) | ast.Attribute(attr=name), attr=method):
                found = [f"{name}.{method}"] if name in CLOCKS and method in CLOCK_METHODS else []
            case ast.AsyncFunctionDef() | ast.Await() | ast.AsyncFor() | ast.AsyncWith():
                found = [] if may_be_async else ["async"]
            case _:
                found = []
        yield from (f"line {getattr(node, 'lineno', 0)}: {what}" for what in found)


def _is_impure_module(path: str) -> bool:
    parts = path.split(".")
    return any(".".join(parts[:count]) in IMPURE_IMPORTS for count in range(1, len(parts) + 1))


@pytest.mark.parametrize("file", [*ours(".py"), *ours(".js")], ids=name_of)
def test_a_file_is_short_enough_to_read_at_once(file: Path) -> None:
    lines = len(file.read_text(encoding="utf-8").splitlines())

    assert lines <= FILE_LINES_MAX, f"{name_of(file)} has {lines} lines: one module, one idea"


@pytest.mark.parametrize("file", ours(".py"), ids=name_of)
def test_a_function_fits_on_a_screen(file: Path) -> None:
    assert list(long_functions(file.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("file", [file for file in ours(".py") if is_pure(name_of(file))], ids=name_of)
def test_the_domain_only_computes(file: Path) -> None:
    assert list(impurities(file.read_text(encoding="utf-8"))) == []


def test_the_port_of_the_log_only_declares() -> None:
    source = (ROOT / ASYNC_BY_CONTRACT).read_text(encoding="utf-8")

    assert list(impurities(source, may_be_async=True)) == []


@pytest.mark.parametrize(
    "source",
    [
        "import os",
        "import os.path",
        "from os import path",
        "from os.path import join",
        "import urllib.request",
        "from urllib import request",
        "from urllib.request import urlopen",
        "import random as dice",
        "import datetime, time",
        "open('x')",
        "def f():\n    print('x')",
        "from datetime import datetime\nx = datetime.now()",
        "import datetime\nx = datetime.datetime.utcnow()",
        "import datetime\nclock = datetime.date.today",
        "async def f(): pass",
        "async def f(): await g()",
    ],
)
def test_impurity_is_noticed(source: str) -> None:
    assert list(impurities(source)) != []


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import UTC, date, datetime, timedelta",
        "from urllib.parse import urlsplit",
        "from events.instants import Instant",
        "def opened(now: str) -> str: return now",
        "x = announcement.today",
    ],
)
def test_computing_with_given_times_is_pure(source: str) -> None:
    assert list(impurities(source)) == []


def test_only_async_is_excused_in_the_port() -> None:
    assert list(impurities("async def f(): await g()", may_be_async=True)) == []
    assert list(impurities("async def f(): return open('x')", may_be_async=True)) != []


def test_a_function_of_61_lines_is_noticed_and_one_of_60_is_not() -> None:
    def lines(count: int) -> str:
        return "class C:\n    def method(self):\n" + "        x = 1\n" * (count - 1)

    assert list(long_functions(lines(60))) == []
    assert list(long_functions(lines(61))) == ["line 2: method has 61 lines"]


def test_the_list_of_pure_modules_is_everything_but_what_is_named() -> None:
    assert is_pure("events/edtf.py")
    assert is_pure("events/extract/article.py")
    assert is_pure("events/log/merkle.py")
    assert not is_pure("events/log/sqlite.py")
    assert not is_pure("events/handler.py")
    assert not is_pure("api/app.py")
