"""The `dateline` command in processes of its own."""

import os
import shlex
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PATIENCE_S: Final = 20.0


class Command:
    """A command that is not started yet."""

    def __init__(self, *arguments: str | Path, **environment: str) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
        self.environment = {**inherited, "PYTHONPATH": str(ROOT), "COLUMNS": "100", **environment}
        self.command = [sys.executable, "-c", "from api.cli import main; main()", *map(str, arguments)]

    @property
    def quoted(self) -> str:
        return shlex.join(self.command)

    def started(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.environment
        )


def run(*arguments: str | Path, stdin: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    one = Command(*arguments, **environment)
    return subprocess.run(
        one.command, input=stdin, capture_output=True, text=True, env=one.environment, timeout=PATIENCE_S
    )


class Serving:
    """`dateline serve` in a process; `said` is what it printed up to now, `url` where it is."""

    def __init__(self, *arguments: str | Path, port: int = 0, **environment: str) -> None:
        self._process = Command("serve", "--port", str(port), *arguments, **environment).started()
        self.said = ""
        self.complained = ""
        while "Ctrl+C" not in self.said:
            assert self._process.stdout is not None
            line = self._process.stdout.readline()
            assert line, self.end()
            self.said += line

    @property
    def url(self) -> str:
        return self.said.splitlines()[0].rpartition(" ")[2]

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def token(self) -> str:
        (line,) = [line for line in self.said.splitlines() if line.startswith("A token")]
        return line.rpartition(" ")[2]

    @property
    def data(self) -> Path:
        return Path(self.said.splitlines()[0].removeprefix("Dateline serves ").rpartition(" at ")[0])

    @property
    def pid(self) -> int:
        return self._process.pid

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.url + path, timeout=PATIENCE_S) as answer:
            body: bytes = answer.read()
        return body

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop, or kill it; return its exit code."""
        self._process.send_signal(how)
        _, self.complained = self._process.communicate(timeout=PATIENCE_S)
        return self._process.returncode

    def __enter__(self) -> "Serving":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._process.returncode is None:
            self.end()
