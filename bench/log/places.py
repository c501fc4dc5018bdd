"""Where it is measured: on the disk of the checkout, and the peers in environments of their own, under `.bench/`."""

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2] / ".bench"
ROUNDS: Final = 3


@contextmanager
def directory() -> Iterator[Path]:
    """Give a directory on the disk, never in memory, and remove it afterwards."""
    ROOT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT) as path:
        yield Path(path)


class Peer:
    """Another store, from the package index; its script beside this file prints what it measured as JSON."""

    def __init__(self, name: str, release: str) -> None:
        self.release = release
        self._home = ROOT / name
        self._script = Path(__file__).with_name(f"peer_{name}.py")

    def set_up(self) -> None:
        """Install it, once."""
        done = self._home / f".{self.release}"
        if not done.exists():
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(self._home)], check=True)
            subprocess.run([self._python(), "-m", "pip", "install", "--quiet", self.release], check=True)
            done.touch()

    def measure(self, *arguments: int) -> float:
        """Return what its script measured in a new directory."""
        with directory() as path:
            command = [self._python(), str(self._script), str(path), *map(str, arguments)]
            answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        return float(json.loads(answer.stdout)["events_per_s"])

    def _python(self) -> str:
        return str(self._home / "bin" / "python")


def p50(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)
