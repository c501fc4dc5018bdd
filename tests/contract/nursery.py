"""Runs tests against mutants, each in a process forked from this one, which has imported all that is slow.

Each line of the input is a request, as `tested` takes it, each line of the output what became of it.
"""

import contextlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest

from tests.contract.given import IN_MEMORY

IMPORTED = ("hypothesis.stateful", "msgspec", "asyncio", "pytest_asyncio", "events.log.port")
HUNG_S = 60
BROKEN = 70
OPTIONS = (
    *("-x", "-q", "--tb=line", "-p", "no:cacheprovider", "-p", "pytest_asyncio.plugin"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # Plugins that are imported already are not ours.
)
SAID_CHARACTERS_MAX = 4000


class MutatedSource(importlib.machinery.SourceFileLoader):
    """Loads a module of ours from another source, whatever is cached for its file."""

    def __init__(self, name: str, source: str) -> None:
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        super().__init__(name, spec.origin)
        self._source = source

    def get_code(self, fullname: str) -> CodeType:
        """Return the mutated code."""
        return compile(self._source, self.path, "exec")


class Mutated(importlib.abc.MetaPathFinder):
    """Finds the mutated module instead of the real one."""

    def __init__(self, loader: MutatedSource) -> None:
        self._loader = loader

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return where the module is, when it is that one."""
        if fullname != self._loader.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self._loader.path, loader=self._loader)


def run(**request: Any) -> int:
    """Return the exit code of pytest in a process of its own: 0 when all passed, 1 when some failed."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status)
    code = BROKEN
    try:
        signal.alarm(HUNG_S)
        code = tested(**request)
    except Exception:  # noqa: BLE001 - it is told, and no mutant is killed by it.
        traceback.print_exc(file=sys.stdout)
    finally:
        sys.stdout.flush()
        os._exit(code)  # What is above this is the parent's to end.


def tested(module: str, source: str, tests: list[str], heard_within_s: float, data: str) -> int:
    """Run tests with a module mutated, for which nothing may have imported it yet.

    What is not heard of a subscription within `heard_within_s` counts as lost. The tests' files go into `data`.
    """
    assert module not in sys.modules, f"{module} is imported already; what it is mutated to would not be seen"
    sys.meta_path.insert(0, Mutated(MutatedSource(module, source)))
    vars(importlib.import_module("tests.contract.given"))["HEARD_WITHIN_S"] = heard_within_s
    return int(pytest.main([*OPTIONS, f"--basetemp={data}", *tests]))


@contextlib.contextmanager
def standard_output_in(path: Path) -> Iterator[None]:
    """Have everything that is printed meanwhile go into a file, by whatever process."""
    sys.stdout.flush()
    kept = os.dup(1)
    with path.open("wb") as file:
        os.dup2(file.fileno(), 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def main() -> None:
    """Answer until the input ends."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # Some of the plugins take a second.
    for name in IMPORTED:
        importlib.import_module(name)
    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as directory:
        said, data = Path(directory) / "said", Path(directory) / "data"
        for line in sys.stdin:
            with standard_output_in(said):
                code = run(data=str(data), **json.loads(line))
            print(json.dumps({"code": code, "said": said.read_text()[-SAID_CHARACTERS_MAX:]}), flush=True)
            shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    main()
